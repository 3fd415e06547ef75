import type { Column, FlatColumn, TextColumn } from '../../data/column.ts'
import { isFloat } from '../../data/type.ts'
import { compareText } from '../../expr/order.ts'
import { mergeSort } from './merge-sort.ts'
import { PAUSE_ROWS, rowNumbers } from './radix-sort.ts'

/**
 * Numbers by which rows sort. All are finite and none is −0, so that `<` orders them and equal ones are equal values:
 * NaN after every number, text by code point, nulls last in either direction.
 */
export interface SortNumbers {
  readonly values: Float64Array
  readonly least: number
  readonly most: number
  /** True where all are whole. */
  readonly whole: boolean
}

/** The numbers of a column, the ones that decide first in front. */
export function* sortNumbers(column: Column, descending: boolean): Generator<null, readonly SortNumbers[]> {
  const { valid, length } = column
  const parts = column.layout === 'text' ? [yield* ranks(column)] : plain(column as FlatColumn)
  yield null
  if (!isFloat(column.type)) {
    const out: SortNumbers[] = []
    for (const values of parts) {
      out.push(directed(values, descending, valid))
      yield null
    }
    return out
  }
  const [values] = parts as [Float64Array]
  const classes = classesOf(values, descending, valid)
  yield null
  if (classes === null) return [directed(values, descending, null, false)]
  for (let row = 0; row < length; row++) if (classes[row] !== NUMBER) values[row] = 0
  yield null
  return [directed(classes, false, null), directed(values, descending, null, false)]
}

/** Where numbers stand among what is no finite number, in ascending order. */
const NUMBER = 2

/** Of floats, if some are not finite: 1 and 3 are the infinities, 4 (or 0 if it comes first) NaN, 5 null. */
function classesOf(values: Float64Array, descending: boolean, valid: Uint8Array | null): Float64Array | null {
  const { length } = values
  let odd = 0
  for (let row = 0; row < length; row++) {
    const value = values[row]!
    if (value - value !== 0 || (valid !== null && valid[row] === 0)) odd++
  }
  if (odd === 0) return null
  const sign = descending ? -1 : 1
  const classes = new Float64Array(length)
  for (let row = 0; row < length; row++) {
    const value = values[row]!
    const off = value !== value ? 2 : value === Infinity ? 1 : value === -Infinity ? -1 : 0
    classes[row] = valid !== null && valid[row] === 0 ? NUMBER + 3 : NUMBER + sign * off
  }
  return classes
}

/** Turned round where they descend; a null after all others. */
function directed(
  values: Float64Array,
  descending: boolean,
  valid: Uint8Array | null,
  whole: boolean = true,
): SortNumbers {
  const { length } = values
  if (descending) for (let row = 0; row < length; row++) values[row] = 0 - values[row]!
  let [least, most] = [Infinity, -Infinity]
  for (let row = 0; row < length; row++) {
    if (valid !== null && valid[row] === 0) continue
    const value = values[row]!
    if (value < least) least = value
    if (value > most) most = value
  }
  if (valid === null) return { values, least, most, whole }
  if (most < least) least = most = 0
  let missing = 0
  for (let row = 0; row < length; row++) {
    if (valid[row] === 1) continue
    values[row] = most + 1
    missing++
  }
  return { values, least, most: missing > 0 ? most + 1 : most, whole }
}

function plain({ values, length }: FlatColumn): readonly Float64Array[] {
  if (values instanceof BigInt64Array) {
    const [high, low] = [new Float64Array(length), new Float64Array(length)]
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * length)
    for (let row = 0; row < length; row++) {
      low[row] = halves[2 * row]! >>> 0
      high[row] = halves[2 * row + 1]!
    }
    return [high, low]
  }
  const out = new Float64Array(length)
  for (let row = 0; row < length; row++) out[row] = values[row]! + 0
  return [out]
}

/** Ranks of the distinct texts. */
function* ranks(column: TextColumn): Generator<null, Float64Array> {
  const { strings, codes, length, valid } = column
  const numbers = new Map<string, number>()
  const numberOfEntry = new Int32Array(codes === null ? 0 : strings.length).fill(-1)
  const number = new Int32Array(length)
  for (let row = 0; row < length; row++) {
    if ((row & (PAUSE_ROWS - 1)) === PAUSE_ROWS - 1) yield null
    if (valid !== null && valid[row] === 0) continue
    let n = codes === null ? -1 : numberOfEntry[codes[row]!]!
    if (n < 0) {
      const text = strings[codes === null ? row : codes[row]!]!
      const found = numbers.get(text)
      n = found ?? numbers.size
      if (found === undefined) numbers.set(text, n)
      if (codes !== null) numberOfEntry[codes[row]!] = n
    }
    number[row] = n
  }
  const texts = [...numbers.keys()]
  const sorted = yield* mergeSort(rowNumbers(texts.length), (a, b) => compareText(texts[a]!, texts[b]!))
  const rank = new Float64Array(texts.length)
  for (const [i, n] of sorted.entries()) rank[n] = i
  const out = new Float64Array(length)
  for (let row = 0; row < length; row++) out[row] = rank[number[row]!] ?? 0
  return out
}

/** The same order by fewer numbers: whole ones that stand together become one while 2^53 holds them. */
export function* packedNumbers(all: readonly SortNumbers[]): Generator<null, readonly SortNumbers[]> {
  const out: SortNumbers[] = []
  for (const next of all) {
    if (next.least === next.most) continue
    const before = out.at(-1)
    const width = next.most - next.least + 1
    const both = before === undefined ? Infinity : (before.most - before.least + 1) * width
    if (before === undefined || !before.whole || !next.whole || both > Number.MAX_SAFE_INTEGER) {
      out.push(next)
      continue
    }
    const values = new Float64Array(next.values.length)
    for (let from = 0; from < values.length; from += PAUSE_ROWS) {
      const to = Math.min(values.length, from + PAUSE_ROWS)
      for (let row = from; row < to; row++) {
        values[row] = (before.values[row]! - before.least) * width + (next.values[row]! - next.least)
      }
      yield null
    }
    out[out.length - 1] = { values, least: 0, most: both - 1, whole: true }
  }
  return out
}
