import { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import type { Sample as SampleNode } from '../../plan/node.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'
import { RowHash } from './row-hash.ts'

/**
 * Gives the rows whose hash, as a number in [0, 1), is in the range. Two samples of one seed and one input whose ranges
 * touch, such as the parts of a split, share no row and leave none out.
 */
export class Sample implements Operator {
  readonly #schema: Schema
  readonly #kept: readonly number[]
  readonly #by: number
  readonly #hash: RowHash
  /** The range in 32-bit words. */
  readonly #from: number
  readonly #to: number
  #position = 0
  #words: Int32Array = new Int32Array(0)

  constructor({ schema, input, from, to, seed, by }: SampleNode) {
    this.#schema = schema
    this.#kept = schema.names.map(name => input.schema.indexOf(name))
    this.#by = by === null ? -1 : input.schema.indexOf(by)
    this.#hash = new RowHash(seed)
    this.#from = Math.round(from * WORDS)
    this.#to = Math.round(to * WORDS)
  }

  process(batch: Batch): Steps {
    const { length, columns } = batch
    if (this.#words.length < length) this.#words = new Int32Array(length)
    const words = this.#words
    if (this.#by >= 0) this.#hash.values(columns[this.#by]!, words)
    else for (let row = 0; row < length; row++) words[row] = this.#hash.position(this.#position + row)
    this.#position += length
    const [from, to] = [this.#from, this.#to]
    const rows = new Int32Array(length)
    let count = 0
    for (let row = 0; row < length; row++) {
      const word = words[row]! >>> 0
      if (word >= from && word < to) rows[count++] = row
    }
    if (count === 0) return NOTHING
    const narrow = new Batch(
      this.#schema,
      length,
      this.#kept.map(i => columns[i]!),
    )
    return [count === length ? narrow : narrow.take(rows, count)]
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): number {
    return this.#position
  }

  restore(state: unknown): void {
    this.#position = state as number
  }
}

const WORDS = 0x1_0000_0000
