import { slice, type Column, type FlatColumn, type TextColumn } from '../../data/column.ts'
import { LOOP_ROWS } from '../../data/loop-rows.ts'
import type { Nullable } from '../../data/type.ts'
import { KeyTable } from './key-table.ts'

/**
 * The rows of one side of a join by key. It is made once, when all rows are there, so that it can be made to their
 * measure: whole numbers of a small range address an array, a text is looked up once for each entry of a dictionary,
 * all else is hashed. Keys are numbered; where no two rows share a key its number leads to the row itself, else to a
 * range of rows in the order they came. A row with a null in its key is not found.
 */
export class JoinIndex {
  /** True when no two rows have one key. Then `find` gives rows, else key numbers. */
  readonly unique: boolean
  /** By key number, where keys are not unique: its rows stand in `rows` from `offsets[key]` to `offsets[key + 1]`. */
  readonly offsets: Int32Array
  readonly rows: Int32Array
  readonly #keys: Numbered
  /** By key number, where keys are unique: its row, −1 for none; null where they are the same. */
  readonly #row: Int32Array | null

  private constructor(keys: Numbered, row: Int32Array | null, offsets: Int32Array | null, rows: Int32Array) {
    this.#keys = keys
    this.#row = row
    this.unique = offsets === null
    this.offsets = offsets ?? NONE
    this.rows = rows
  }

  /** The index of rows by their sides of pairs of keys; without a pair every row has one key. Pauses now and then. */
  static *by(on: readonly KeyPair[], columns: readonly Column[], length: number): Generator<null, JoinIndex> {
    if (on.length === 0) return JoinIndex.#all(length)
    const types = on.map(({ left, right }) => ({ type: left.type, nullable: left.nullable || right.nullable }))
    return yield* JoinIndex.#of(types, columns, length)
  }

  /** The types are those of keys of both sides. */
  static *#of(types: readonly Nullable[], columns: readonly Column[], length: number): Generator<null, JoinIndex> {
    const keys = (yield* rangeOf(types, columns, length)) ?? (yield* numbered(types, columns, length))
    const row = new Int32Array(keys.end).fill(-1)
    let unique = true
    let same = keys.end === length
    for (const [from, to] of parts(length)) {
      yield null
      for (let i = from; i < to; i++) {
        const key = keys.numbers[i]!
        if (key !== i) same = false
        if (key < 0) continue
        if (row[key] !== -1) unique = false
        row[key] = i
      }
      if (!unique) break
    }
    if (unique) return new JoinIndex(keys, same ? null : row, null, NONE)
    const offsets = new Int32Array(keys.end + 1)
    for (const [from, to] of parts(length)) {
      yield null
      for (let i = from; i < to; i++) if (keys.numbers[i]! >= 0) offsets[keys.numbers[i]! + 1]!++
    }
    for (let key = 0; key < keys.end; key++) offsets[key + 1]! += offsets[key]!
    row.set(offsets.subarray(0, keys.end))
    const rows = new Int32Array(offsets[keys.end]!)
    for (const [from, to] of parts(length)) {
      yield null
      for (let i = from; i < to; i++) {
        const key = keys.numbers[i]!
        if (key >= 0) rows[row[key]!++] = i
      }
    }
    return new JoinIndex(keys, null, offsets, rows)
  }

  /** One key that every row has: all rows are partners of any. */
  static #all(length: number): JoinIndex {
    const keys: Numbered = { numbers: NONE, end: 1, find: (_, count, out) => out.fill(0, 0, count) }
    return new JoinIndex(
      keys,
      null,
      Int32Array.of(0, length),
      Int32Array.from({ length }, (_, i) => i),
    )
  }

  /** About what it takes, in bytes. */
  get bytes(): number {
    return 4 * (this.#keys.end + this.#keys.numbers.length + this.offsets.length + this.rows.length)
  }

  /** For each row of the other side its partner, or the number of its key where keys are not unique; −1 for none. */
  find(columns: readonly Column[], length: number, out: Int32Array): void {
    this.#keys.find(columns, length, out)
    const [row, offsets] = [this.#row, this.offsets]
    for (let from = 0; from < length; from += LOOP_ROWS) {
      const to = Math.min(length, from + LOOP_ROWS)
      if (row !== null) toRows(row, from, to, out)
      if (!this.unique) withoutEmpty(offsets, from, to, out)
    }
  }
}

function toRows(row: Int32Array, from: number, to: number, out: Int32Array): void {
  for (let i = from; i < to; i++) {
    const key = out[i]!
    out[i] = key < 0 ? -1 : row[key]!
  }
}

function withoutEmpty(offsets: Int32Array, from: number, to: number, out: Int32Array): void {
  for (let i = from; i < to; i++) {
    const key = out[i]!
    if (key >= 0 && offsets[key] === offsets[key + 1]) out[i] = -1
  }
}

const NONE = new Int32Array(0)
/** Rows between two pauses. */
const PART = 65_536

/** The key of the left and the right side, which have one type. */
interface KeyPair {
  readonly left: Nullable
  readonly right: Nullable
}

function* parts(length: number): Generator<readonly [number, number]> {
  for (let from = 0; from < length; from += PART) yield [from, Math.min(length, from + PART)]
}

/** Keys under numbers. */
interface Numbered {
  /** The numbers of the keys that it was made of, −1 where a part is null. */
  readonly numbers: Int32Array
  /** Every number is below this. */
  readonly end: number
  find(columns: readonly Column[], length: number, out: Int32Array): void
}

function* rangeOf(
  types: readonly Nullable[],
  columns: readonly Column[],
  length: number,
): Generator<null, Numbered | null> {
  const [type, column] = [types[0]!.type.kind, columns[0]!]
  if (types.length > 1 || column.layout !== 'flat' || length === 0) return null
  if (type !== 'int32' && type !== 'date' && type !== 'int64') return null
  const { values, valid } = column
  let [least, most] = [Infinity, -Infinity]
  for (const [from, to] of parts(length)) {
    yield null
    for (let i = from; i < to; i++) {
      if (valid !== null && valid[i] === 0) continue
      const value = values[i]! as number
      if (value < least) least = value
      if (value > most) most = value
    }
  }
  if (most < least) [least, most] = [0, -1] // there are only nulls
  const width = most - least + 1
  if (!(width <= Math.max(SPARE * length, PART))) return null
  const find = type === 'int64' ? findFloats(least, width) : findInts(least, width)
  const numbers = new Int32Array(length)
  find(column, length, numbers)
  return { numbers, end: width, find: ([keys], count, out) => find(keys as FlatColumn, count, out) }
}

/** Places for each key that an array by value may have. */
const SPARE = 8

type FindIn = (column: FlatColumn, length: number, out: Int32Array) => void

const findInts = (least: number, width: number): FindIn => {
  return (column, length, out) => {
    const values = column.values as Int32Array
    for (let from = 0; from < length; from += LOOP_ROWS) {
      placeInts(values, least, width, from, Math.min(length, from + LOOP_ROWS), out)
    }
    leaveOut(column.valid, length, out)
  }
}

function placeInts(v: Int32Array, least: number, width: number, from: number, to: number, out: Int32Array): void {
  for (let i = from; i < to; i++) {
    const key = v[i]! - least
    out[i] = key >= 0 && key < width ? key : -1
  }
}

const findFloats = (least: number, width: number): FindIn => {
  return (column, length, out) => {
    const values = column.values as Float64Array
    for (let from = 0; from < length; from += LOOP_ROWS) {
      placeFloats(values, least, width, from, Math.min(length, from + LOOP_ROWS), out)
    }
    leaveOut(column.valid, length, out)
  }
}

function placeFloats(v: Float64Array, least: number, width: number, from: number, to: number, out: Int32Array): void {
  for (let i = from; i < to; i++) {
    const key = v[i]! - least
    out[i] = key >= 0 && key < width ? key : -1
  }
}

function leaveOut(valid: Uint8Array | null, length: number, out: Int32Array): void {
  if (valid !== null) for (let i = 0; i < length; i++) if (valid[i] === 0) out[i] = -1
}

function* numbered(types: readonly Nullable[], columns: readonly Column[], length: number): Generator<null, Numbered> {
  const isText = types.length === 1 && types[0]!.type.kind === 'utf8'
  const table = isText ? new Texts() : new KeyTable(types)
  const numbers = new Int32Array(length)
  for (const [from, to] of parts(length)) {
    yield null
    const some = columns.map(column => slice(column, from, to))
    const out = numbers.subarray(from, to)
    table.slots(some, to - from, out)
    for (const { valid } of some) leaveOut(valid, to - from, out)
  }
  return { numbers, end: table.end, find: (keys, count, out) => table.find(keys, count, out) }
}

/** Texts under numbers, each looked up once for an entry of a dictionary. */
class Texts {
  readonly #numbers = new Map<string, number>()
  /** The numbers of a dictionary's entries + 2; 1 for one that has none, 0 for one that was not looked up. */
  readonly #known = new WeakMap<readonly string[], Int32Array>()

  get end(): number {
    return this.#numbers.size
  }

  slots([column]: readonly Column[], length: number, out: Int32Array): void {
    const { strings, codes, valid } = column as TextColumn
    const numbers = this.#numbers
    const known = codes === null ? null : new Int32Array(strings.length).fill(-1)
    for (let i = 0; i < length; i++) {
      if (valid !== null && valid[i] === 0) continue
      const entry = codes === null ? i : codes[i]!
      let number = known === null ? -1 : known[entry]!
      if (number < 0) {
        const text = strings[entry]!
        number = numbers.get(text) ?? numbers.size
        if (number === numbers.size) numbers.set(text, number)
        if (known !== null) known[entry] = number
      }
      out[i] = number
    }
  }

  find([column]: readonly Column[], length: number, out: Int32Array): void {
    const { strings, codes, valid } = column as TextColumn
    const numbers = this.#numbers
    if (codes === null) {
      for (let i = 0; i < length; i++) out[i] = numbers.get(strings[i]!) ?? -1
    } else {
      let known = this.#known.get(strings)
      if (known === undefined || known.length < strings.length) {
        const more = new Int32Array(strings.length)
        if (known !== undefined) more.set(known)
        this.#known.set(strings, (known = more))
      }
      for (let from = 0; from < length; from += LOOP_ROWS) {
        findCodes(numbers, strings, codes, known, from, Math.min(length, from + LOOP_ROWS), out)
      }
    }
    leaveOut(valid, length, out)
  }
}

function findCodes(
  numbers: ReadonlyMap<string, number>,
  strings: readonly string[],
  codes: Int32Array,
  known: Int32Array,
  from: number,
  to: number,
  out: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const entry = codes[i]!
    if (known[entry] === 0) known[entry] = (numbers.get(strings[entry]!) ?? -1) + 2
    out[i] = known[entry]! - 2
  }
}
