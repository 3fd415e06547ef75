import { LOOP_ROWS } from './loop-rows.ts'
import type { DataType } from './type.ts'

/**
 * A column of values in typed arrays. `valid` has one byte a row, 1 where the value is present, and is null when none
 * is missing; where it is 0 the value itself is unspecified. Columns are never written after they have been handed on:
 * arrays may be shared between columns and batches.
 *
 * Physical values: bool 0 or 1 · int32, date (days since the epoch) in Int32Array · int64, float64, timestamp and
 * duration (microseconds) in Float64Array · float32 in Float32Array · bigint and decimal (unscaled) in BigInt64Array.
 */
export type Column =
  FlatColumn | TextColumn | BytesColumn | ListColumn | StructColumn | MapColumn | VectorColumn | SparseColumn

export type FlatArray = Uint8Array | Int32Array | Float32Array | Float64Array | BigInt64Array

interface Rows {
  readonly type: DataType
  readonly length: number
  readonly valid: Uint8Array | null
}

export interface FlatColumn extends Rows {
  readonly layout: 'flat'
  readonly values: FlatArray
}

/**
 * Text, in one of two forms that read alike: row i is `strings[codes[i]]`, or `strings[i]` where `codes` is null. A
 * dictionary lives as long as its batches; it may hold entries that no row uses, and equal entries twice. A source may
 * add entries at its end while it makes more batches: what is kept about a dictionary is kept with its length.
 */
export interface TextColumn extends Rows {
  readonly layout: 'text'
  readonly strings: readonly string[]
  readonly codes: Int32Array | null
}

export interface BytesColumn extends Rows {
  readonly layout: 'bytes'
  readonly values: readonly Uint8Array[]
}

/** Row i holds the items from `offsets[i]` to `offsets[i + 1]`. */
export interface ListColumn extends Rows {
  readonly layout: 'list'
  readonly offsets: Int32Array
  readonly items: Column
}

export interface StructColumn extends Rows {
  readonly layout: 'struct'
  readonly children: readonly Column[]
}

export interface MapColumn extends Rows {
  readonly layout: 'map'
  readonly offsets: Int32Array
  readonly keys: Column
  readonly items: Column
}

/** Row i holds `values[i * size … (i + 1) * size - 1]`. */
export interface VectorColumn extends Rows {
  readonly layout: 'vector'
  readonly size: number
  readonly values: Float64Array
}

/** Row i holds (index, value) pairs from `offsets[i]` to `offsets[i + 1]`, by ascending index. */
export interface SparseColumn extends Rows {
  readonly layout: 'sparse'
  readonly size: number
  readonly offsets: Int32Array
  readonly indices: Int32Array
  readonly values: Float64Array
}

/**
 * One value outside a column: bool as boolean; text as string; numbers, timestamps, durations and dates as number in
 * the physical unit; bigint and decimal (unscaled) as bigint; a list as array, a struct as array in field order, a map
 * as array of pairs; vectors as Float64Array or SparseVector.
 */
export type Value =
  null | boolean | number | bigint | string | Uint8Array | Float64Array | SparseVector | readonly Value[]

export interface SparseVector {
  readonly indices: Int32Array
  readonly values: Float64Array
}

/** An array for `length` flat values of the type, zeroed. */
export function flatArray(type: DataType, length: number): FlatArray {
  switch (type.kind) {
    case 'bool':
      return new Uint8Array(length)
    case 'int32':
    case 'date':
      return new Int32Array(length)
    case 'float32':
      return new Float32Array(length)
    case 'bigint':
    case 'decimal':
      return new BigInt64Array(length)
    default:
      return new Float64Array(length)
  }
}

/** The value of row `i`, null where it is missing. For edges and tests: loops read the arrays. */
export function valueAt(column: Column, i: number): Value {
  if (column.valid !== null && column.valid[i] === 0) return null
  switch (column.layout) {
    case 'flat':
      return column.type.kind === 'bool' ? column.values[i] === 1 : column.values[i]!
    case 'text':
      return column.strings[column.codes === null ? i : column.codes[i]!]!
    case 'bytes':
      return column.values[i]!
    case 'list':
      return range(column.offsets[i]!, column.offsets[i + 1]!, j => valueAt(column.items, j))
    case 'struct':
      return column.children.map(child => valueAt(child, i))
    case 'map':
      return range(column.offsets[i]!, column.offsets[i + 1]!, j => [valueAt(column.keys, j), valueAt(column.items, j)])
    case 'vector':
      return column.values.slice(i * column.size, (i + 1) * column.size)
    case 'sparse': {
      const [from, to] = [column.offsets[i]!, column.offsets[i + 1]!]
      return { indices: column.indices.slice(from, to), values: column.values.slice(from, to) }
    }
  }
}

function range<T>(from: number, to: number, at: (i: number) => T): T[] {
  const out: T[] = []
  for (let i = from; i < to; i++) out.push(at(i))
  return out
}

/** The rows named by the first `length` entries of `rows`, in that order. */
export function take(column: Column, rows: Int32Array, length: number = rows.length): Column {
  const valid = takeValid(column.valid, rows, length)
  switch (column.layout) {
    case 'flat':
      return { ...column, length, valid, values: takeFlat(column.values, rows, length) }
    case 'text': {
      if (column.codes !== null) return { ...column, length, valid, codes: takeInts(column.codes, rows, length) }
      const strings = new Array<string>(length)
      for (let i = 0; i < length; i++) strings[i] = column.strings[rows[i]!]!
      return { ...column, length, valid, strings, codes: null }
    }
    case 'bytes': {
      const values = new Array<Uint8Array>(length)
      for (let i = 0; i < length; i++) values[i] = column.values[rows[i]!]!
      return { ...column, length, valid, values }
    }
    case 'list': {
      const inner = takeRanges(column.offsets, rows, length)
      return { ...column, length, valid, offsets: inner.offsets, items: take(column.items, inner.rows) }
    }
    case 'struct':
      return { ...column, length, valid, children: column.children.map(child => take(child, rows, length)) }
    case 'map': {
      const inner = takeRanges(column.offsets, rows, length)
      const { offsets } = inner
      return {
        ...column,
        length,
        valid,
        offsets,
        keys: take(column.keys, inner.rows),
        items: take(column.items, inner.rows),
      }
    }
    case 'vector': {
      const { size } = column
      const values = new Float64Array(length * size)
      for (let i = 0; i < length; i++) {
        const from = rows[i]! * size
        for (let j = 0; j < size; j++) values[i * size + j] = column.values[from + j]!
      }
      return { ...column, length, valid, values }
    }
    case 'sparse': {
      const inner = takeRanges(column.offsets, rows, length)
      const indices = new Int32Array(inner.rows.length)
      const values = new Float64Array(inner.rows.length)
      for (let i = 0; i < indices.length; i++) {
        indices[i] = column.indices[inner.rows[i]!]!
        values[i] = column.values[inner.rows[i]!]!
      }
      return { ...column, length, valid, offsets: inner.offsets, indices, values }
    }
  }
}

function takeFlat(values: FlatArray, rows: Int32Array, length: number): FlatArray {
  if (values instanceof Int32Array) return takeInts(values, rows, length)
  if (values instanceof Float64Array) return takeFloats(values, rows, length)
  if (values instanceof Uint8Array) return takeBytes(values, rows, length)
  if (values instanceof Float32Array) {
    const out = new Float32Array(length)
    for (let i = 0; i < length; i++) out[i] = values[rows[i]!]!
    return out
  }
  const out = new BigInt64Array(length)
  for (let i = 0; i < length; i++) out[i] = values[rows[i]!]!
  return out
}

// A loop for each kind of array: one that has met several is compiled for none of them. Few rows are gathered where the
// cache has room for them, and then copied, because a copy is not zeroed first.

const SCRATCH = 1 << 15
const someInts = new Int32Array(SCRATCH)
const someFloats = new Float64Array(SCRATCH)
const someBytes = new Uint8Array(SCRATCH)

export function takeInts(values: Int32Array, rows: Int32Array, length: number): Int32Array {
  const out = length <= SCRATCH ? someInts : new Int32Array(length)
  for (let from = 0; from < length; from += LOOP_ROWS)
    gatherInts(values, rows, from, Math.min(length, from + LOOP_ROWS), out)
  return length <= SCRATCH ? out.slice(0, length) : out
}

function gatherInts(values: Int32Array, rows: Int32Array, from: number, to: number, out: Int32Array): void {
  let i = from
  for (; i + 4 <= to; i += 4) {
    const [a, b, c, d] = [rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!]
    out[i] = values[a]!
    out[i + 1] = values[b]!
    out[i + 2] = values[c]!
    out[i + 3] = values[d]!
  }
  for (; i < to; i++) out[i] = values[rows[i]!]!
}

function takeFloats(values: Float64Array, rows: Int32Array, length: number): Float64Array {
  const out = length <= SCRATCH ? someFloats : new Float64Array(length)
  for (let from = 0; from < length; from += LOOP_ROWS)
    gatherFloats(values, rows, from, Math.min(length, from + LOOP_ROWS), out)
  return length <= SCRATCH ? out.slice(0, length) : out
}

function gatherFloats(values: Float64Array, rows: Int32Array, from: number, to: number, out: Float64Array): void {
  let i = from
  for (; i + 4 <= to; i += 4) {
    const [a, b, c, d] = [rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!]
    out[i] = values[a]!
    out[i + 1] = values[b]!
    out[i + 2] = values[c]!
    out[i + 3] = values[d]!
  }
  for (; i < to; i++) out[i] = values[rows[i]!]!
}

function takeBytes(values: Uint8Array, rows: Int32Array, length: number): Uint8Array {
  const out = length <= SCRATCH ? someBytes : new Uint8Array(length)
  for (let from = 0; from < length; from += LOOP_ROWS)
    gatherBytes(values, rows, from, Math.min(length, from + LOOP_ROWS), out)
  return length <= SCRATCH ? out.slice(0, length) : out
}

function gatherBytes(values: Uint8Array, rows: Int32Array, from: number, to: number, out: Uint8Array): void {
  let i = from
  for (; i + 4 <= to; i += 4) {
    const [a, b, c, d] = [rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!]
    out[i] = values[a]!
    out[i + 1] = values[b]!
    out[i + 2] = values[c]!
    out[i + 3] = values[d]!
  }
  for (; i < to; i++) out[i] = values[rows[i]!]!
}

function takeValid(valid: Uint8Array | null, rows: Int32Array, length: number): Uint8Array | null {
  if (valid === null) return null
  const out = new Uint8Array(length)
  let missing = 0
  for (let i = 0; i < length; i++) {
    const v = valid[rows[i]!]!
    out[i] = v
    missing += 1 - v
  }
  return missing === 0 ? null : out
}

function takeRanges(offsets: Int32Array, rows: Int32Array, length: number): { offsets: Int32Array; rows: Int32Array } {
  const out = new Int32Array(length + 1)
  for (let i = 0; i < length; i++) out[i + 1] = out[i]! + offsets[rows[i]! + 1]! - offsets[rows[i]!]!
  const inner = new Int32Array(out[length]!)
  let at = 0
  for (let i = 0; i < length; i++) {
    for (let j = offsets[rows[i]!]!; j < offsets[rows[i]! + 1]!; j++) inner[at++] = j
  }
  return { offsets: out, rows: inner }
}

/** Rows `from` up to but not including `to`, sharing the arrays where the layout allows. */
export function slice(column: Column, from: number, to: number): Column {
  const length = to - from
  if (length === column.length) return column
  const valid = column.valid === null ? null : column.valid.subarray(from, to)
  switch (column.layout) {
    case 'flat':
      return { ...column, length, valid, values: column.values.subarray(from, to) }
    case 'text':
      return column.codes === null
        ? { ...column, length, valid, strings: column.strings.slice(from, to) }
        : { ...column, length, valid, codes: column.codes.subarray(from, to) }
    case 'vector':
      return { ...column, length, valid, values: column.values.subarray(from * column.size, to * column.size) }
    default: {
      const rows = new Int32Array(length)
      for (let i = 0; i < length; i++) rows[i] = from + i
      return take(column, rows, length)
    }
  }
}

/** One column of all rows, in order. The columns have the same type; there is at least one. */
export function concat(parts: readonly Column[]): Column {
  const columns = parts.filter(part => part.length > 0)
  const first = columns[0] ?? parts[0]!
  if (columns.length < 2) return first
  const length = columns.reduce((sum, column) => sum + column.length, 0)
  const valid = concatValid(columns, length)
  switch (first.layout) {
    case 'flat': {
      const values = flatArray(first.type, length)
      let at = 0
      for (const column of columns) {
        const part = (column as FlatColumn).values
        if (values instanceof BigInt64Array) values.set(part as BigInt64Array, at)
        else values.set(part as Float64Array, at)
        at += column.length
      }
      return { ...first, length, valid, values }
    }
    case 'text':
      return concatText(columns as readonly TextColumn[], length, valid)
    case 'bytes':
      return { ...first, length, valid, values: columns.flatMap(column => (column as BytesColumn).values) }
    case 'list': {
      const lists = columns as readonly ListColumn[]
      return { ...first, length, valid, offsets: concatOffsets(lists, length), items: concat(lists.map(trimmedItems)) }
    }
    case 'struct': {
      const children = first.children.map((_, i) =>
        concat(columns.map(column => (column as StructColumn).children[i]!)),
      )
      return { ...first, length, valid, children }
    }
    case 'map': {
      const maps = columns as readonly MapColumn[]
      const keys = concat(maps.map(map => slice(map.keys, map.offsets[0]!, map.offsets[map.length]!)))
      const items = concat(maps.map(trimmedItems))
      return { ...first, length, valid, offsets: concatOffsets(maps, length), keys, items }
    }
    case 'vector': {
      const values = new Float64Array(length * first.size)
      let at = 0
      for (const column of columns as readonly VectorColumn[]) {
        values.set(column.values.subarray(0, column.length * first.size), at)
        at += column.length * first.size
      }
      return { ...first, length, valid, values }
    }
    case 'sparse': {
      const vectors = columns as readonly SparseColumn[]
      const offsets = concatOffsets(vectors, length)
      const indices = new Int32Array(offsets[length]!)
      const values = new Float64Array(offsets[length]!)
      let at = 0
      for (const vector of vectors) {
        const [from, to] = [vector.offsets[0]!, vector.offsets[vector.length]!]
        indices.set(vector.indices.subarray(from, to), at)
        values.set(vector.values.subarray(from, to), at)
        at += to - from
      }
      return { ...first, length, valid, offsets, indices, values }
    }
  }
}

const trimmedItems = (part: ListColumn | MapColumn): Column =>
  slice(part.items, part.offsets[0]!, part.offsets[part.length]!)

/** Each dictionary comes once into that of the whole; where all of them hold more than the rows do, there is none. */
function concatText(columns: readonly TextColumn[], length: number, valid: Uint8Array | null): TextColumn {
  const first = columns[0]!
  const dictionaries = new Set(columns.map(column => column.strings))
  const coded = columns.some(column => column.codes !== null)
  let entries = 0
  for (const { length } of dictionaries) entries += length
  const codes = new Int32Array(length)
  if (columns.every(column => column.codes !== null && column.strings === first.strings)) {
    let at = 0
    for (const column of columns) {
      codes.set(column.codes!.subarray(0, column.length), at)
      at += column.length
    }
    return { ...first, length, valid, codes }
  }
  const strings: string[] = []
  if (!coded || entries > length) {
    for (const part of columns) {
      for (let i = 0; i < part.length; i++) strings.push(part.strings[part.codes === null ? i : part.codes[i]!] ?? '')
    }
    return { ...first, length, valid, strings, codes: null }
  }
  const bases = new Map<readonly string[], number>()
  let at = 0
  for (const part of columns) {
    let base = bases.get(part.strings)
    if (base === undefined) {
      base = strings.length
      bases.set(part.strings, base)
      for (const text of part.strings) strings.push(text)
    }
    for (let i = 0; i < part.length; i++) codes[at++] = base + (part.codes === null ? i : part.codes[i]!)
  }
  return { ...first, length, valid, strings, codes }
}

function concatOffsets(parts: readonly { offsets: Int32Array; length: number }[], length: number): Int32Array {
  const out = new Int32Array(length + 1)
  let row = 0
  for (const part of parts) {
    const shift = out[row]! - part.offsets[0]!
    for (let i = 0; i < part.length; i++) out[++row] = part.offsets[i + 1]! + shift
  }
  return out
}

function concatValid(columns: readonly Column[], length: number): Uint8Array | null {
  if (columns.every(column => column.valid === null)) return null
  const valid = new Uint8Array(length).fill(1)
  let at = 0
  for (const column of columns) {
    if (column.valid !== null) valid.set(column.valid.subarray(0, column.length), at)
    at += column.length
  }
  return valid
}
