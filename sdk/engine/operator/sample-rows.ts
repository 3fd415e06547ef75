import { Batch } from '../../data/batch.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import type { SampleRows as SampleRowsNode } from '../../plan/node.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { concatSlowly } from './concat.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
import { RowHash } from './row-hash.ts'

/**
 * Gives so many rows chosen by chance, in the order they came: those with the smallest hashes of their positions, of
 * which it never holds many more than it will give; or, with replacement, as many draws among all rows, which it keeps.
 */
export class SampleRows implements Operator {
  readonly #node: SampleRowsNode
  readonly #hash: RowHash
  /** Candidates: their rows, and of each its hash. */
  readonly #meter = new MemoryMeter()
  #parts: Batch[] = []
  #hashes: number[] = []
  #position = 0
  /** No row with a larger hash can be among those chosen. */
  #bound = Infinity

  constructor(node: SampleRowsNode) {
    this.#node = node
    this.#hash = new RowHash(node.seed)
  }

  get heldBytes(): number {
    return this.#meter.bytes + this.#hashes.length * NUMBER_BYTES
  }

  process(batch: Batch): Steps {
    const { length } = batch
    const from = this.#position
    this.#position += length
    if (this.#node.replacement) {
      this.#keep(batch)
      return NOTHING
    }
    const rows = new Int32Array(length)
    let count = 0
    for (let row = 0; row < length; row++) {
      const hash = this.#hash.fraction(from + row)
      if (hash >= this.#bound) continue
      rows[count++] = row
      this.#hashes.push(hash)
    }
    if (count > 0) this.#keep(count === length ? batch : batch.take(rows, count))
    if (this.#hashes.length > 2 * this.#node.rows + OUTPUT_ROWS) this.#narrow()
    return NOTHING
  }

  #keep(rows: Batch): void {
    this.#parts.push(rows)
    this.#meter.add(rows)
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    if (this.#position === 0 || this.#node.rows === 0) return
    if (!this.#node.replacement) {
      this.#narrow()
      yield* this.#parts
      return
    }
    const all = yield* concatSlowly(this.#node.input.schema, this.#parts)
    const drawn = Int32Array.from({ length: this.#node.rows }, (_, i) =>
      Math.floor(this.#hash.fraction(i) * all.length),
    ).sort()
    for (let i = 0; i < drawn.length; i += OUTPUT_ROWS) yield all.take(drawn.subarray(i, i + OUTPUT_ROWS))
  }

  /** Keeps of the candidates only those that would be chosen now. Hashes of two rows may be equal: the first goes first. */
  #narrow(): void {
    const { rows, input } = this.#node
    const hashes = this.#hashes
    if (hashes.length <= rows || rows === 0) return
    const sorted = Float64Array.from(hashes).sort()
    const last = sorted[rows - 1]!
    let ties = rows - sorted.indexOf(last)
    const kept: number[] = []
    for (const [i, hash] of hashes.entries()) {
      if (hash < last || (hash === last && ties-- > 0)) kept.push(i)
    }
    this.#hashes = kept.map(i => hashes[i]!)
    const left = Batch.concat(input.schema, this.#parts).take(Int32Array.from(kept))
    this.#parts = []
    this.#meter.clear()
    this.#keep(left)
    this.#bound = last
  }

  snapshot(): SampleState {
    return {
      parts: this.#parts.map(packed),
      hashes: [...this.#hashes],
      position: this.#position,
      bound: this.#bound,
    }
  }

  restore(state: unknown): void {
    const { parts, hashes, position, bound } = state as SampleState
    this.#parts = []
    this.#meter.clear()
    for (const part of parts) this.#keep(unpacked(this.#node.input.schema, part))
    this.#hashes = [...hashes]
    this.#position = position
    this.#bound = bound
  }
}

const NUMBER_BYTES = 8

interface SampleState {
  readonly parts: readonly BatchState[]
  readonly hashes: readonly number[]
  readonly position: number
  readonly bound: number
}
