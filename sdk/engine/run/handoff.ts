import type { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import type { Sink, SinkWriter } from '../../plan/port.ts'

/** Batches that are written but not taken yet; more than this and the writer waits. */
const READY = 2

/** A sink whose batches someone takes one by one: the job waits when it is ahead. */
export class Handoff implements Sink, SinkWriter {
  readonly name = 'collect'
  readonly accepts = 'changelog'
  readonly #ready: Batch[] = []
  #ended = false
  #taken: () => void = () => undefined
  #given: () => void = () => undefined

  /** When the job is to end, its writer waits for no one. */
  open(_: Schema, signal: AbortSignal): SinkWriter {
    signal.addEventListener('abort', () => this.#taken(), { once: true })
    return this
  }

  write(batch: Batch): void | Promise<void> {
    this.#ready.push(batch)
    this.#given()
    if (this.#ready.length > READY) return new Promise(resolve => (this.#taken = resolve))
  }

  close(): void {
    this.#ended = true
    this.#given()
  }

  abort(): void {
    this.close()
  }

  /** The next batch, or null when no more come. */
  async take(): Promise<Batch | null> {
    while (this.#ready.length === 0 && !this.#ended) await new Promise<void>(resolve => (this.#given = resolve))
    const batch = this.#ready.shift() ?? null
    this.#taken()
    return batch
  }
}
