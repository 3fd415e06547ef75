import type { Value } from '../../../data/column.ts'
import { arrayBytes, OBJECT_BYTES } from '../../../data/value-bytes.ts'
import { isFloat, scalar, type Nullable } from '../../../data/type.ts'
import type { Accumulator, AggregateFunction, Inferred, Refused } from '../../function.ts'
import { compareValues } from '../../order.ts'
import { interpolated, INTERPOLATIONS, type Interpolation } from './interpolate.ts'
import { FLOAT64, nullable, numeric } from './result.ts'
import { TDigest } from './t-digest.ts'

/** Quantiles: exact ones keep all values of a group, approximate ones a sketch of them. */

const PLACES: Refused = { refused: 'only the linear interpolation is that of SQL' }

/** Of numbers a float64; of times a timestamp, since what lies between two days is none; of durations a duration. */
function placed(name: string, args: readonly Nullable[]): Inferred | string {
  const { kind } = args[0]!.type
  if (kind === 'timestamp' || kind === 'date') return { ...nullable(scalar('timestamp')), cast: [scalar('timestamp')] }
  if (kind === 'duration') return { ...nullable(args[0]!.type), cast: [undefined] }
  const type = numeric(name, args, false)
  return typeof type === 'string' ? `${name} takes numbers or times, and $0` : { ...nullable(FLOAT64), cast: [FLOAT64] }
}

function badShare(q: unknown): string | undefined {
  return typeof q === 'number' && q >= 0 && q <= 1
    ? undefined
    : `quantile takes a q from 0 to 1, and ${String(q)} is none`
}

export const quantile: AggregateFunction = {
  name: 'quantile',
  named: ['interpolation'],
  infer: (args, { q, interpolation = 'linear' }) => {
    if (!INTERPOLATIONS.includes(interpolation as Interpolation)) {
      return `there is no interpolation ${JSON.stringify(interpolation)}; there are ${INTERPOLATIONS.join(', ')}`
    }
    return badShare(q) ?? placed('quantile', args)
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: {
    form: 'object',
    create: (_, { type }, { q, interpolation = 'linear' }) =>
      new Quantile(q as number, interpolation as Interpolation, !isFloat(type)),
  },
  duckdb: ([a], types, { q, interpolation = 'linear' }) =>
    interpolation === 'linear' && isFloat(types[0]!.type) ? `quantile_cont(${a}, ${String(q)})` : PLACES,
  flink: ([a], types, { q, interpolation = 'linear' }) =>
    interpolation === 'linear' && isFloat(types[0]!.type) ? `PERCENTILE(${a}, ${String(q)})` : PLACES,
}

export const median: AggregateFunction = {
  name: 'median',
  infer: args => placed('median', args),
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: (_, { type }) => new Quantile(0.5, 'linear', !isFloat(type)) },
  duckdb: ([a], types) => (isFloat(types[0]!.type) ? `quantile_cont(${a}, 0.5)` : PLACES),
  flink: ([a], types) => (isFloat(types[0]!.type) ? `PERCENTILE(${a}, 0.5)` : PLACES),
}

export const approxQuantile: AggregateFunction = {
  name: 'approxQuantile',
  named: ['compression'],
  infer: (args, { q, compression = 200 }) => {
    if (typeof compression !== 'number' || !(compression >= 20 && compression <= 10_000)) {
      return `the compression is a number from 20 to 10000, and ${String(compression)} is none`
    }
    const type = numeric('approxQuantile', args, false)
    return badShare(q) ?? (typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [FLOAT64] })
  },
  nulls: 'skip',
  retractable: 'no',
  accumulator: {
    form: 'object',
    create: (_, __, { q, compression = 200 }) => new TDigest(q as number, compression as number),
  },
  duckdb: { refused: 'another sketch gives another estimate' },
  flink: { refused: 'another sketch gives another estimate' },
}

/** All values; those taken back wait in a second list until the answer is asked for. */
class Quantile implements Accumulator {
  readonly #q: number
  readonly #interpolation: Interpolation
  readonly #whole: boolean
  #values = new Growing()
  #gone = new Growing()

  /** `whole` where the result is in whole microseconds. */
  constructor(q: number, interpolation: Interpolation, whole: boolean) {
    this.#q = q
    this.#interpolation = interpolation
    this.#whole = whole
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
    const found = interpolated(
      values[below]!,
      values[Math.min(below + 1, values.length - 1)]!,
      place - below,
      this.#interpolation,
    )
    return this.#whole ? Math.sign(found) * Math.round(Math.abs(found)) : found
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

  get bytes(): number {
    return 2 * OBJECT_BYTES + this.#values.bytes + this.#gone.bytes
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

  get bytes(): number {
    return OBJECT_BYTES + arrayBytes(this.#values)
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
