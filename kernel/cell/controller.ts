/**
 * The controller thread of a user process. It alone talks to the session, so output leaves and an interrupt arrives
 * whatever the main thread does. When the session goes away it kills the process and its children.
 */
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import type { CellEvent } from '../session/contract.ts'
import { FrameReader, encodeFrame } from './frame.ts'
import {
  interruption,
  type Command,
  type ControllerSetup,
  type Order,
  type Report,
  type RunOutcome,
} from './messages.ts'

const STREAM_MS = 20
const STREAM_CHARACTERS = 64 * 1024
const PING_MS = 40
const SLICE_MS = 1000
const TURN_MS = 100
const NATIVE_MS = 400

const { setup, orders, answers } = workerData as {
  setup: ControllerSetup
  orders: MessagePort
  answers: MessagePort
}
const pipe = new Socket({ fd: 3, readable: true, writable: true })

interface ActiveRun {
  readonly number: number
  interrupted: boolean
}
let active: ActiveRun | null = null
/** The interrupted run after which the main thread came round last. */
let pong = 0
/** Open while a run is being ended by force: an open one would make a process that exits wait for a debugger. */
let inspector: Session | null = null

// ---- to the session

type StreamEvent = Extract<CellEvent, { kind: 'stream' }>
let pending: StreamEvent | null = null
let parts: string[] = []
let characters = 0
let flushTimer: NodeJS.Timeout | null = null

function send(report: Report): void {
  pipe.write(encodeFrame(report))
}

function addStream(event: StreamEvent): void {
  if (pending && (pending.name !== event.name || pending.cell !== event.cell)) flush()
  pending = event
  parts.push(event.text)
  characters += event.text.length
  if (characters > STREAM_CHARACTERS) flush()
  else flushTimer ??= setTimeout(flush, STREAM_MS)
}

function flush(): void {
  if (flushTimer) clearTimeout(flushTimer)
  flushTimer = null
  if (!pending) return
  const leaving = characters
  const event = { ...pending, text: parts.join('') }
  pending = null
  parts = []
  characters = 0
  pipe.write(encodeFrame({ kind: 'event', event } satisfies Report), () => {
    Atomics.sub(setup.control, 1, leaving)
    Atomics.notify(setup.control, 1)
  })
}

function onReport(report: Report): void {
  switch (report.kind) {
    case 'event':
      if (report.event.kind === 'stream') return addStream(report.event)
      flush()
      return send(report)
    case 'pong':
      pong = report.run
      return
    case 'terminated':
      if (active?.number !== report.run) return
      // Ended by something else than an interrupt of ours, such as a debugger.
      if (!active.interrupted) finish(active, { error: interruption(), types: {} })
      return
    case 'done':
      if (active?.number === report.run) finish(active, report.outcome)
      return
    case 'leaving':
      disconnect()
      flush()
      pipe.write(encodeFrame(report), () => {
        Atomics.store(setup.control, 2, 1)
        Atomics.notify(setup.control, 2)
      })
      return
    default:
      flush()
      send(report)
  }
}

function finish(run: ActiveRun, outcome: RunOutcome): void {
  if (active !== run) return
  active = null
  Atomics.store(setup.critical, 1, 0)
  for (let next = receiveMessageOnPort(orders); next; next = receiveMessageOnPort(orders)) onReport(next.message)
  flush()
  const marked = [1, 2].filter(mark)
  const settled = run.interrupted ? { error: interruption(), types: outcome.types } : outcome
  send({ kind: 'done', run: run.number, outcome: settled, marked })
}

/** Leaves the marker behind all that native code and child processes have written so far. */
function mark(fd: number): boolean {
  const bytes = Buffer.from(setup.marker)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written)
    } catch (error) {
      // A full pipe empties as the session reads; a closed one has nothing more to say.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false
    }
  }
  return true
}

// ---- from the session

const reader = new FrameReader<Command>(({ header }) => onCommand(header))
pipe.on('data', chunk => reader.push(chunk))
pipe.on('error', () => undefined)
pipe.on('close', killAll)
pipe.on('end', killAll)
orders.on('message', onReport)

function killAll(): void {
  try {
    process.kill(-process.pid, 'SIGKILL')
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}

function onCommand(command: Command): void {
  switch (command.kind) {
    case 'run':
      active = { number: command.run, interrupted: false }
      return order(command)
    case 'interrupt':
      if (active && !active.interrupted) void interrupt(active)
      return
    case 'answer':
      return giveAnswer(command.text)
    case 'stopBackground':
    case 'shutdown':
      return order(command)
  }
}

function order(message: Order): void {
  orders.postMessage(message)
}

function giveAnswer(text: string | null): void {
  if (Atomics.load(setup.control, 0) !== 0) return
  answers.postMessage(text)
  Atomics.store(setup.control, 0, 1)
  Atomics.notify(setup.control, 0)
}

// ---- interrupts

/**
 * Ends a run: an engine's slice is asked first, a main thread that still reaches its event loop only gives the run
 * up, and V8 ends what does neither. A main thread held by native code is freed by a signal to its children.
 */
async function interrupt(run: ActiveRun): Promise<void> {
  run.interrupted = true
  giveAnswer(null)
  order({ kind: 'interrupt', run: run.number })
  order({ kind: 'ping', run: run.number })
  if (!(await comesRound(run, PING_MS))) {
    Atomics.store(setup.critical, 1, 1)
    const until = performance.now() + SLICE_MS
    // A slice that ends when asked is followed by a turn of the event loop. To end it by force meanwhile could hit
    // the query of another cell.
    const turnMs = Atomics.load(setup.critical, 0) === 1 ? TURN_MS : 0
    while (Atomics.load(setup.critical, 0) === 1 && performance.now() < until && !ended(run)) await wait(2)
    if (!(await comesRound(run, turnMs))) {
      inspector = new Session()
      inspector.connectToMainThread()
      terminate()
      if (!(await comesRound(run, NATIVE_MS))) {
        process.kill(-process.pid, 'SIGINT')
        while (!(await comesRound(run, NATIVE_MS))) terminate()
      }
      disconnect()
    }
  }
  finish(run, { error: interruption(), types: {} })
}

function terminate(): void {
  inspector?.post('Runtime.terminateExecution')
}

function disconnect(): void {
  inspector?.disconnect()
  inspector = null
}

function ended(run: ActiveRun): boolean {
  return pong === run.number || active !== run
}

async function comesRound(run: ActiveRun, ms: number): Promise<boolean> {
  for (const until = performance.now() + ms; performance.now() < until && !ended(run);) await wait(2)
  return ended(run)
}
