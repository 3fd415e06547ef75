/**
 * The session's side of one user process: sends commands, reads reports, and gathers what native code and child
 * processes print. It lives until the process ends, by itself or killed; a new process is a new object.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { FrameReader, encodeFrame } from '../cell/frame.ts'
import type { Command, Report, RunOutcome, RunRequest } from '../cell/messages.ts'
import type { CellEvent } from './contract.ts'
import { compiled } from './installation.ts'
import { killGroup } from './kill-group.ts'
import { MarkedStream } from './marked-stream.ts'

export interface UserProcessOptions {
  readonly cwd: string
  readonly frontEnd: 'jupyter' | 'runner'
  readonly env: Readonly<Record<string, string>>
  readonly listen: (event: CellEvent) => void
  readonly ask: (prompt: string, password: boolean) => Promise<string>
}

const SHUTDOWN_MS = 1000

export class UserProcess {
  readonly #process: ChildProcess
  readonly #pipe: Duplex
  readonly #options: UserProcessOptions
  readonly #streams: readonly MarkedStream[]
  readonly #stopped = new Map<number, () => void>()
  /** Resolves when the process can run cells. Rejects if it ends before. */
  readonly ready: Promise<void>
  /** Resolves with a sentence when the process has ended and all it said was heard. */
  readonly ended: Promise<string>
  #run: { readonly number: number; readonly resolve: (outcome: RunOutcome | null) => void } | null = null
  /** The cell that runs now, or ran last. */
  cell = ''
  /** Why the session ended the process; null where it ended by itself. */
  #endedBecause: string | null = null
  #stops = 0
  #hasStarted = false
  #hasEnded = false

  constructor(options: UserProcessOptions) {
    this.#options = options
    const marker = `\u0001${randomUUID()}\u0002`
    this.#process = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', compiled('cell/main'), options.frontEnd, marker],
      {
        cwd: options.cwd,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        env: { ...process.env, ...options.env },
      },
    )
    const print =
      (name: 'stdout' | 'stderr') =>
      (text: string): void =>
        options.listen({ kind: 'stream', cell: this.cell, name, text })
    this.#streams = [
      new MarkedStream(this.#process.stdio[1] as Readable, marker, print('stdout')),
      new MarkedStream(this.#process.stdio[2] as Readable, marker, print('stderr')),
    ]
    this.#pipe = this.#process.stdio[3] as Duplex
    // A write that meets a dead process is answered by `ended`.
    this.#pipe.on('error', () => undefined)
    this.ended = new Promise(resolve => {
      this.#process.on('error', error => resolve(`the user process could not be started: ${error.message}`))
      this.#process.on('exit', () => this.#killGroup())
      this.#process.on('close', (code, signal) => {
        resolve(`the user process ended (${this.#endedBecause ?? signal ?? `code ${code}`})`)
      })
    })
    void this.ended.then(() => {
      this.#hasEnded = true
      this.#run?.resolve(null)
      for (const resolve of this.#stopped.values()) resolve()
    })
    this.ready = new Promise((resolve, reject) => {
      const reader = new FrameReader<Report>(({ header }) => {
        if (header.kind !== 'ready') return this.#onReport(header)
        this.#hasStarted = true
        resolve()
      })
      this.#pipe.on('data', (chunk: Buffer) => reader.push(chunk))
      void this.ended.then(reason => reject(new Error(reason)))
    })
  }

  /** Runs a cell; null when the process ended instead. */
  run(request: RunRequest): Promise<RunOutcome | null> {
    if (this.#hasEnded) return Promise.resolve(null)
    this.cell = request.cell
    return new Promise(resolve => {
      this.#run = { number: request.run, resolve }
      this.#send(request)
    })
  }

  get hasStarted(): boolean {
    return this.#hasStarted
  }

  interrupt(): void {
    this.#send({ kind: 'interrupt' })
  }

  /** Work that does not stop in time is ended with the whole process. */
  async stopBackground(limitMs: number): Promise<void> {
    if (this.#hasEnded) return
    const id = ++this.#stops
    const end = setTimeout(() => {
      this.#endedBecause = `background work did not stop within ${limitMs / 1000} s`
      this.#killGroup()
    }, limitMs)
    await new Promise<void>(resolve => {
      this.#stopped.set(id, resolve)
      this.#send({ kind: 'stopBackground', id })
    })
    clearTimeout(end)
  }

  /** Lets background work end within a second, then kills what is left, children too. */
  async close(): Promise<void> {
    this.#send({ kind: 'shutdown' })
    const kill = setTimeout(() => this.#killGroup(), this.#run ? 0 : SHUTDOWN_MS)
    await this.ended
    clearTimeout(kill)
  }

  #onReport(report: Report): void {
    switch (report.kind) {
      case 'event':
        return this.#options.listen(report.event)
      case 'question':
        return this.#answer(report.prompt, report.password)
      case 'stopped':
        this.#stopped.get(report.id)?.()
        this.#stopped.delete(report.id)
        return
      case 'ready':
      case 'leaving':
      case 'pong':
      case 'terminated':
        return
      case 'done':
        void Promise.all((report.marked ?? []).map(fd => this.#streams[fd - 1]!.passed())).then(() => {
          if (this.#run?.number !== report.run) return
          this.#run.resolve(report.outcome)
          this.#run = null
        })
    }
  }

  #answer(prompt: string, password: boolean): void {
    this.#options.ask(prompt, password).then(
      text => this.#send({ kind: 'answer', text }),
      () => this.#send({ kind: 'answer', text: null }),
    )
  }

  #send(command: Command): void {
    this.#pipe.write(encodeFrame(command))
  }

  #killGroup(): void {
    const { pid } = this.#process
    if (pid !== undefined) killGroup(pid)
  }
}
