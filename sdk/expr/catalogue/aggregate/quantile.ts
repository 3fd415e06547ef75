import type { Value } from '../../../data/column.ts'
import type { Accumulator, AggregateFunction } from '../../function.ts'
import { compareValues } from '../../order.ts'
import { FLOAT64, nullable, numeric } from './result.ts'

/** Exact quantiles: all values of a group are kept. */

export const quantile: AggregateFunction = {
  name: 'quantile',
  infer: (args, { q }) => {
    const type = numeric('quantile', args, false)
    if (typeof type === 'string') return type
    if (typeof q !== 'number' || !(q >= 0 && q <= 1)) return `quantile takes a q from 0 to 1, and ${String(q)} is none`
    return { ...nullable(FLOAT64), cast: [FLOAT64] }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: (_, __, { q }) => new Quantile(q as number) },
  duckdb: ([a], _, { q }) => `quantile_cont(${a}, ${String(q)})`,
  flink: ([a], _, { q }) => `PERCENTILE(${a}, ${String(q)})`,
}

/** All values; those taken back wait in a second list until the answer is asked for. */
class Quantile implements Accumulator {
  readonly #q: number
  #values = new Growing()
  #gone = new Growing()

  constructor(q: number) {
    this.#q = q
  }

  add([x]: readonly Value[]): void {
    this.#values.push(x as number)
  }

  retract([x]: readonly Value[]): void {
    this.#gone.push(x as number)
  }

  value(): Value {
    this.#settle()
    const values = this.#values.sorted()
    if (values.length === 0) return null
    const place = (values.length - 1) * this.#q
    const below = Math.floor(place)
    const low = values[below]!
    const high = values[Math.min(below + 1, values.length - 1)]!
    const share = place - below
    if (low === high || share === 0) return low
    const step = high - low
    return Number.isFinite(step) ? low + step * share : low * (1 - share) + high * share
  }

  #settle(): void {
    if (this.#gone.length === 0) return
    const gone = this.#gone.sorted()
    const left = new Growing()
    let g = 0
    for (const value of this.#values.sorted()) {
      if (g < gone.length && compareValues(gone[g]!, value) === 0) g++
      else left.push(value)
    }
    const early = new Growing()
    for (; g < gone.length; g++) early.push(gone[g]!)
    this.#values = left
    this.#gone = early
  }

  snapshot(): unknown {
    return { values: this.#values.copy(), gone: this.#gone.copy() }
  }

  restore(state: unknown): void {
    const { values, gone } = state as { values: Float64Array; gone: Float64Array }
    this.#values = new Growing(values)
    this.#gone = new Growing(gone)
  }
}

class Growing {
  #values: Float64Array
  #length: number
  #isSorted = false

  constructor(values: Float64Array = new Float64Array(0)) {
    this.#values = values.slice()
    this.#length = values.length
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const more = new Float64Array(Math.max(8, this.#length * 2))
      more.set(this.#values)
      this.#values = more
    }
    this.#values[this.#length++] = value
    this.#isSorted = false
  }

  /** In ascending order, NaN last. */
  sorted(): Float64Array {
    const all = this.#values.subarray(0, this.#length)
    if (!this.#isSorted) all.sort()
    this.#isSorted = true
    return all
  }

  copy(): Float64Array {
    return this.#values.slice(0, this.#length)
  }
}
