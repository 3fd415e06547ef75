import { Batch } from '../data/batch.ts'
import type { Schema } from '../data/schema.ts'
import type { ReadRequest, Source, SourceReader } from './port.ts'

/**
 * Rows that are already columns in memory, as a source: what a table reads from, and rows written in a program. Batches
 * are shared, never copied or written.
 */

/** A source over batches of one schema. Its offset is the number of rows that have been read. */
export function memory(schema: Schema, batches: readonly Batch[], name: string = 'memory'): Source {
  const rows = batches.reduce((sum, batch) => sum + batch.length, 0)
  return { name, schema, bounded: true, rows, open: request => new MemoryReader(schema, batches, request) }
}

class MemoryReader implements SourceReader {
  readonly #batches: readonly Batch[]
  readonly #request: ReadRequest
  readonly #schema: Schema
  readonly #picked: readonly number[]
  #at = 0
  #row = 0
  #read = 0

  constructor(schema: Schema, batches: readonly Batch[], request: ReadRequest) {
    this.#batches = batches
    this.#request = request
    this.#schema = schema.pick(request.columns)
    this.#picked = request.columns.map(name => schema.indexOf(name))
  }

  next(): Batch | null {
    while (this.#at < this.#batches.length) {
      const batch = this.#batches[this.#at]!
      const to = Math.min(batch.length, this.#row + this.#request.batchRows)
      const part = to > this.#row ? this.#part(batch, this.#row, to) : null
      if (part !== null) this.#read += part.length
      this.#row = to
      if (to === batch.length) {
        this.#at++
        this.#row = 0
      }
      if (part !== null) return part
    }
    return null
  }

  #part(batch: Batch, from: number, to: number): Batch {
    const columns = this.#picked.map(i => batch.columns[i]!)
    return new Batch(this.#schema, batch.length, columns, batch.kinds).slice(from, to)
  }

  offset(): number {
    return this.#read
  }

  seek(offset: unknown): void {
    let rest = offset as number
    this.#read = rest
    this.#at = 0
    while (this.#at < this.#batches.length && rest >= this.#batches[this.#at]!.length) {
      rest -= this.#batches[this.#at++]!.length
    }
    this.#row = rest
  }

  close(): void {}
}
