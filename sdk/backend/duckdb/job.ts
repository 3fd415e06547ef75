import { InterruptedError } from '../../data/errors.ts'
import type { Job, Progress, RunningJob } from '../../plan/port.ts'
import { Database, type DatabaseOptions } from './database.ts'

/** A job in DuckDB: its outputs are answered one after the other from tables that are loaded once. */
export class DuckdbJob implements RunningJob {
  readonly done: Promise<Progress>
  readonly #job: Job
  readonly #options: DatabaseOptions
  readonly #abort = new AbortController()
  readonly #startedMs = performance.now()
  readonly #cpu = process.cpuUsage()
  #database: Database | null = null
  #state: Progress['state'] = 'running'
  #rowsOut = 0
  #stopped = false
  #endedMs: number | null = null
  #cpuMs: number | null = null

  constructor(job: Job, options: DatabaseOptions) {
    this.#job = job
    this.#options = options
    this.done = this.#run()
  }

  progress(): Progress {
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      state: this.#state,
      rowsIn: this.#database?.rowsIn ?? 0,
      rowsOut: this.#rowsOut,
      lateRows: 0,
      rejectedRows: this.#database?.rowsRejected ?? 0,
      clampedRows: 0,
      watermark: null,
      elapsedMs: (this.#endedMs ?? performance.now()) - this.#startedMs,
      cpuMs: this.#cpuMs ?? (user + system) / 1000,
      done: this.#state === 'finished' ? 1 : null,
    }
  }

  async stop(): Promise<void> {
    if (this.#state === 'running') {
      this.#stopped = true
      this.#abort.abort()
    }
    await this.done.catch(() => undefined) // whoever waits for `done` is told
  }

  async #run(): Promise<Progress> {
    const { signal } = this.#job
    const abort = (): void => this.#abort.abort()
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await this.#outputs()
      this.#state = 'finished'
    } catch (error) {
      this.#state = this.#stopped && error instanceof InterruptedError ? 'stopped' : 'failed'
      if (this.#state === 'failed') throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      const { user, system } = process.cpuUsage(this.#cpu)
      this.#cpuMs = (user + system) / 1000
      this.#endedMs = performance.now()
      await this.#database?.close()
    }
    return this.progress()
  }

  async #outputs(): Promise<void> {
    const { signal } = this.#abort
    const database = (this.#database = await Database.open(this.#options, signal))
    for (const { plan, sink } of this.#job.outputs) {
      const writer = await sink.open(plan.schema, signal)
      try {
        for await (const batch of database.answer(plan)) {
          this.#rowsOut += batch.length
          await writer.write(batch)
        }
      } catch (error) {
        await writer.abort()
        throw error
      }
      await writer.close()
    }
  }
}
