/**
 * The user process. Its main thread runs cells and nothing else; a controller thread owns the pipe to the session, so
 * that output leaves and interrupts arrive while a cell loops.
 */
import { writeSync } from 'node:fs'
import { MessageChannel, Worker } from 'node:worker_threads'
import { Background } from './background.ts'
import { CellHost, installHost } from './cell-host.ts'
import { CellRunner } from './cell-runner.ts'
import { describeError, mapStacks } from './error-lines.ts'
import { installLoad } from './load.ts'
import type { ControllerSetup, Order } from './messages.ts'
import { Reporter } from './report.ts'
import { followPromises, runOfPromise, currentRun } from './run-context.ts'
import { redirectStreams } from './streams.ts'
import { wrapTimers } from './timers.ts'

const [frontEnd, marker] = process.argv.slice(2)
if ((frontEnd !== 'jupyter' && frontEnd !== 'runner') || !marker) throw new Error('started by a session only')
process.argv.splice(2)

const setup: ControllerSetup = {
  critical: new Int32Array(new SharedArrayBuffer(8)),
  control: new Int32Array(new SharedArrayBuffer(12)).fill(1, 0, 1),
  marker,
  frontEnd,
}
const orders = new MessageChannel()
const answers = new MessageChannel()
const controller = new Worker(new URL('./controller.js', import.meta.url), {
  workerData: { setup, orders: orders.port2, answers: answers.port2 },
  transferList: [orders.port2, answers.port2],
})
controller.on('error', error => {
  writeSync(2, `${error.stack}\n`)
  process.exit(70)
})

const reporter = new Reporter(orders.port1, setup.control)
const background = new Background(reporter)
const host = new CellHost(setup, reporter, background, answers.port1)
const runner = new CellRunner(host, reporter, background)

// Errors come from deep inside libraries; the cell's own frame shall still be among those kept.
Error.stackTraceLimit = 50
mapStacks()
redirectStreams(reporter)
wrapTimers()
installHost(host, reporter)
installLoad()
process.on('SIGINT', () => undefined)
process.on('uncaughtException', error => reporter.error(currentRun().cell, describeError(error)))
process.on('unhandledRejection', (reason, promise) => {
  const run = runOfPromise(promise)
  if (!run.interrupted) reporter.error(run.cell, describeError(reason))
})
process.on('exit', () => reporter.leave())
followPromises()

orders.port1.on('message', (order: Order) => {
  switch (order.kind) {
    case 'run':
      runner.run(order)
      break
    case 'interrupt':
      runner.interrupt(order.run)
      break
    case 'ping':
      reporter.report({ kind: 'pong', run: order.run })
      break
    case 'stopBackground':
      void background.stop().then(() => reporter.report({ kind: 'stopped', id: order.id }))
      break
    case 'shutdown':
      for (const run of host.runs()) run.abort.abort()
      void background.stop().then(() => process.exit(0))
      break
  }
})
reporter.report({ kind: 'ready' })
