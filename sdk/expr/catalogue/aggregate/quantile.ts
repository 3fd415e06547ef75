import type { Value } from '../../../data/column.ts'
import { arrayBytes, OBJECT_BYTES } from '../../../data/value-bytes.ts'
import { isFloat, scalar, type Nullable } from '../../../data/type.ts'
import type { Accumulator, AggregateFunction, Inferred, ObjectAccumulator, Refused } from '../../function.ts'
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
  accumulator: (_, { q, interpolation = 'linear' }) => quantiles(q as number, interpolation as Interpolation),
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
  accumulator: () => quantiles(0.5, 'linear'),
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

function quantiles(q: number, interpolation: Interpolation): ObjectAccumulator {
  const waiting = new Waiting()
  return { form: 'object', create: (_, { type }) => new Quantile(q, interpolation, !isFloat(type), waiting) }
}

/** All values; those taken back wait in a second list until the answer is asked for. */
class Quantile implements Accumulator {
  readonly #q: number
  readonly #interpolation: Interpolation
  readonly #whole: boolean
  readonly #waiting: Waiting
  #values = new Growing()
  #gone: Growing | null = null
  /** Its number among those that values wait for, how many, and in which turn that is so. */
  #place = 0
  #count = 0
  #turn = -1

  /** `whole` where the result is in whole microseconds. */
  constructor(q: number, interpolation: Interpolation, whole: boolean, waiting: Waiting) {
    this.#q = q
    this.#interpolation = interpolation
    this.#whole = whole
    this.#waiting = waiting
  }

  add([x]: readonly Value[]): void {
    const waiting = this.#waiting
    if (this.#turn !== waiting.turn) {
      this.#place = waiting.enter(this.#values)
      this.#turn = waiting.turn
      this.#count = 0
    }
    this.#count++
    waiting.push(this.#place, x as number)
  }

  retract([x]: readonly Value[]): void {
    this.#gone ??= new Growing()
    this.#gone.push(x as number)
  }

  merge(other: this): void {
    other.#settle()
    this.#settle()
    const values = other.#values.copy()
    this.#values.append(values, 0, values.length)
    for (const value of other.#gone?.copy() ?? []) this.retract([value])
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
    this.#waiting.flush()
    if (this.#gone === null) return
    const gone = this.#gone.sorted()
    const [left, early] = [new Growing(), new Growing()]
    let g = 0
    for (const value of this.#values.sorted()) {
      // what is less than all that are left has not come yet, which must not hide what has
      while (g < gone.length && compareValues(gone[g]!, value) < 0) early.push(gone[g++]!)
      if (g < gone.length && compareValues(gone[g]!, value) === 0) g++
      else left.push(value)
    }
    for (; g < gone.length; g++) early.push(gone[g]!)
    this.#values = left
    this.#gone = early.length === 0 ? null : early
  }

  get bytes(): number {
    const waiting = this.#turn === this.#waiting.turn ? this.#count * WAITING_BYTES : 0
    return 2 * OBJECT_BYTES + this.#values.bytes + (this.#gone?.bytes ?? 0) + waiting
  }

  snapshot(): unknown {
    this.#waiting.flush()
    return { values: this.#values.copy(), gone: this.#gone?.copy() ?? new Float64Array(0) }
  }

  restore(state: unknown): void {
    const { values, gone } = state as { values: Float64Array; gone: Float64Array }
    this.#values = new Growing(values.slice())
    this.#gone = gone.length === 0 ? null : new Growing(gone.slice())
    this.#turn = -1
  }
}

/** Values that wait, at most, each with the number of its group. */
const MOST_WAITING = 1 << 20
const WAITING_BYTES = 12

/**
 * The last values of all groups, in the order they came, so that adding one writes where the one before was written. Once
 * there are many, or when an answer is asked for, they are ordered by group and given to the groups, in one turn.
 */
class Waiting {
  #places = new Int32Array(64)
  #values = new Float64Array(64)
  #count = 0
  #groups: Growing[] = []
  /** Counts the times that no value waited any more. */
  turn = 0

  /** The number of a group in this turn. */
  enter(group: Growing): number {
    return this.#groups.push(group) - 1
  }

  push(place: number, value: number): void {
    this.#places[this.#count] = place
    this.#values[this.#count++] = value
    if (this.#count === this.#values.length) this.#makeRoom()
  }

  #makeRoom(): void {
    const { length } = this.#values
    if (length >= MOST_WAITING) {
      this.flush()
      return
    }
    const [places, values] = [new Int32Array(length * 2), new Float64Array(length * 2)]
    places.set(this.#places)
    values.set(this.#values)
    this.#places = places
    this.#values = values
  }

  flush(): void {
    const [count, groups, places, values] = [this.#count, this.#groups, this.#places, this.#values]
    if (count === 0) return
    const ends = new Int32Array(groups.length + 1)
    for (let i = 0; i < count; i++) ends[places[i]! + 1]!++
    for (let g = 1; g <= groups.length; g++) ends[g]! += ends[g - 1]!
    const ordered = new Float64Array(count)
    for (let i = 0; i < count; i++) ordered[ends[places[i]!]!++] = values[i]!
    for (let g = 0, from = 0; g < groups.length; g++) {
      groups[g]!.append(ordered, from, ends[g]!)
      from = ends[g]!
    }
    this.#count = 0
    this.#groups = []
    this.turn++
  }
}

/** Numbers that come one by one or some at a time: a plain array while they are few, which costs nothing to begin. */
class Growing {
  #few: number[] = []
  #many: Float64Array | null
  #length: number
  #isSorted = false

  /** Takes the array over. */
  constructor(values: Float64Array | null = null) {
    this.#many = values
    this.#length = values?.length ?? 0
  }

  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return OBJECT_BYTES + (this.#many === null ? OBJECT_BYTES + this.#few.length * 8 : arrayBytes(this.#many))
  }

  push(value: number): void {
    this.#isSorted = false
    if (this.#many === null && this.#length < FEW) {
      this.#length = this.#few.push(value)
      return
    }
    this.#room(this.#length + 1)[this.#length++] = value
  }

  /** Adds the numbers of `all` from `from` up to `to`; that part of it may be kept and written. */
  append(all: Float64Array, from: number, to: number): void {
    if (this.#many === null && this.#length + to - from <= FEW) {
      for (let i = from; i < to; i++) this.push(all[i]!)
      return
    }
    this.#isSorted = false
    if (this.#length === 0) {
      this.#many = all.subarray(from, to)
      this.#length = to - from
      return
    }
    const many = this.#room(this.#length + to - from)
    for (let i = from; i < to; i++) many[this.#length++] = all[i]!
  }

  #room(length: number): Float64Array {
    if (this.#many !== null && length <= this.#many.length) return this.#many
    const more = new Float64Array(Math.max(length, this.#length * 2))
    more.set(this.#many?.subarray(0, this.#length) ?? this.#few)
    this.#many = more
    this.#few = []
    return more
  }

  /** In ascending order, NaN last. */
  sorted(): Float64Array {
    const all = this.#many === null ? new Float64Array(this.#few) : this.#many.subarray(0, this.#length)
    if (this.#isSorted) return all
    all.sort()
    this.#isSorted = true
    if (this.#many === null) for (let i = 0; i < all.length; i++) this.#few[i] = all[i]!
    return all
  }

  copy(): Float64Array {
    return this.#many === null ? new Float64Array(this.#few) : this.#many.slice(0, this.#length)
  }
}

/** Numbers that stand in a plain array. */
const FEW = 32
