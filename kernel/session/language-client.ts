/** The session's side of the language process: starts it, matches answers to questions, ends it. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { LanguageAnswer, LanguageCalls, LanguageSetup } from '../language/messages.ts'
import { compiled } from './installation.ts'
import type { LanguageSnapshot, SnapshotBuild } from './language-snapshot.ts'

interface Waiting {
  readonly line: string
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export class LanguageClient {
  readonly #snapshot: LanguageSnapshot | null
  readonly #waiting = new Map<number, Waiting>()
  /** Resolves when the process has read the libraries, or failed to. */
  readonly ready: Promise<void>
  #process: ChildProcess
  #build: SnapshotBuild | null = null
  #questions = 0
  #rest = ''
  #lost: Error | null = null

  constructor(setup: LanguageSetup, snapshot: LanguageSnapshot | null) {
    this.#snapshot = snapshot
    const file = snapshot?.file() ?? null
    this.#process = this.#start(file)
    this.ready = this.call('open', setup).then(() => {
      if (snapshot && !file && !this.#lost) this.#build = snapshot.build()
    })
    // Whoever asks next is told of a failure.
    this.ready.catch(() => undefined)
  }

  #start(file: string | null): ChildProcess {
    const args = file ? ['--snapshot-blob', file, 'language'] : [compiled('language/main')]
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      stdio: ['pipe', 'pipe', file ? 'ignore' : 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    let answered = false
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk: string) => {
      answered = true
      this.#read(chunk)
    })
    // A write that meets a dead process is answered by its exit.
    child.stdin.on('error', () => undefined)
    child.on('error', error => this.#lose(error))
    child.on('exit', (code, signal) => {
      if (!file || answered || this.#lost) {
        return this.#lose(new Error(`the language process ended (${signal ?? `code ${code}`})`))
      }
      // A snapshot that does not start costs time, never the session.
      this.#snapshot?.discard()
      this.#process = this.#start(null)
      for (const { line } of this.#waiting.values()) this.#process.stdin!.write(line)
    })
    return child
  }

  call<K extends keyof LanguageCalls>(
    call: K,
    request: Parameters<LanguageCalls[K]>[0],
  ): Promise<ReturnType<LanguageCalls[K]>> {
    if (this.#lost) return Promise.reject(this.#lost)
    const id = ++this.#questions
    const line = `${JSON.stringify({ id, call, request })}\n`
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { line, resolve, reject })
      this.#process.stdin!.write(line)
    })
  }

  /** The process has ended, and with it what it knew. */
  get lost(): boolean {
    return this.#lost !== null
  }

  async close(): Promise<void> {
    this.#build?.giveUp()
    this.#lose(new Error('the session was shut down'))
    const { pid, exitCode, signalCode } = this.#process
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    const exited = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await exited
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) {
      const message = JSON.parse(line) as LanguageAnswer
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if ('failure' in message) waiting?.reject(new Error(`the language service failed: ${message.failure}`))
      else waiting?.resolve(message.answer as never)
    }
  }

  #lose(error: Error): void {
    this.#lost ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#lost)
    this.#waiting.clear()
  }
}
