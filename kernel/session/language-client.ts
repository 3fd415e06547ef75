/** The session's side of the language process: starts it, matches answers to questions, ends it. */
import { spawn, type ChildProcess } from 'node:child_process'
import type { LanguageAnswer, LanguageCalls, LanguageSetup } from '../language/messages.ts'
import { compiled } from './installation.ts'

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

export class LanguageClient {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  /** Resolves when the process has read the libraries, or failed to. */
  readonly ready: Promise<void>
  #questions = 0
  #rest = ''
  #lost: Error | null = null

  constructor(setup: LanguageSetup, snapshot: string | null) {
    const args = snapshot ? ['--snapshot-blob', snapshot, 'language'] : [compiled('language/main')]
    this.#process = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    this.#process.stdout!.setEncoding('utf8')
    this.#process.stdout!.on('data', (chunk: string) => this.#read(chunk))
    this.#process.stdin!.on('error', error => this.#lose(error))
    this.#process.on('error', error => this.#lose(error))
    this.#process.on('exit', (code, signal) => this.#lose(new Error(`the language process ended (${signal ?? code})`)))
    this.ready = this.call('open', setup).then(() => undefined)
    // Whoever asks next is told of a failure.
    this.ready.catch(() => undefined)
  }

  call<K extends keyof LanguageCalls>(
    call: K,
    request: Parameters<LanguageCalls[K]>[0],
  ): Promise<ReturnType<LanguageCalls[K]>> {
    if (this.#lost) return Promise.reject(this.#lost)
    const id = ++this.#questions
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: never) => void, reject })
      this.#process.stdin!.write(`${JSON.stringify({ id, call, request })}\n`)
    })
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
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
