import type { Column, FlatColumn, TextColumn } from '../../data/column.ts'
import { compareText } from '../../expr/order.ts'
import { mergeSort } from './merge-sort.ts'
import { rowNumbers } from './radix-sort.ts'

/**
 * Words by which the rows of a column sort, read as unsigned, the least significant first. Their order is that of the
 * values: NaN after every number, −0 with 0, text by code point; nulls last in either direction.
 */
export function* ordinals(column: Column, descending: boolean): Generator<null, readonly Int32Array[]> {
  const words = column.layout === 'text' ? [yield* ranks(column)] : wordsOf(column as FlatColumn)
  if (descending) for (const each of words) for (let row = 0; row < each.length; row++) each[row] = ~each[row]!
  yield null
  const { valid, length } = column
  if (valid === null) return words
  const missing = new Int32Array(length)
  for (let row = 0; row < length; row++) {
    if (valid[row] === 1) continue
    missing[row] = 1
    for (const each of words) each[row] = 0
  }
  return [...words, missing]
}

/** The words of float64 values, as {@link ordinals} has them. */
export function floatOrdinals(values: ArrayLike<number>, length: number): readonly [Int32Array, Int32Array] {
  const [low, high] = [new Int32Array(length), new Int32Array(length)]
  const float = new Float64Array(1)
  const halves = new Int32Array(float.buffer)
  for (let row = 0; row < length; row++) {
    const value = values[row]!
    float[0] = value === value ? value + 0 : NaN
    // Of negative numbers all bits are turned, of others the sign alone.
    const sign = halves[1]! >> 31
    low[row] = halves[0]! ^ sign
    high[row] = halves[1]! ^ (sign | -0x80000000)
  }
  return [low, high]
}

function wordsOf({ values, length }: FlatColumn): readonly Int32Array[] {
  if (values instanceof Float64Array || values instanceof Float32Array) return floatOrdinals(values, length)
  if (values instanceof BigInt64Array) {
    const [low, high] = [new Int32Array(length), new Int32Array(length)]
    const halves = new Int32Array(values.buffer, values.byteOffset, length * 2)
    for (let row = 0; row < length; row++) {
      low[row] = halves[2 * row]!
      high[row] = halves[2 * row + 1]! ^ -0x80000000
    }
    return [low, high]
  }
  const words = new Int32Array(length)
  for (let row = 0; row < length; row++) words[row] = values[row]! ^ -0x80000000
  return [words]
}

/** Ranks of the distinct texts. */
function* ranks(column: TextColumn): Generator<null, Int32Array> {
  const { strings, codes, length, valid } = column
  const numbers = new Map<string, number>()
  const numberOfEntry = new Int32Array(codes === null ? 0 : strings.length).fill(-1)
  const number = new Int32Array(length)
  for (let row = 0; row < length; row++) {
    if ((row & 0x7fff) === 0x7fff) yield null
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
  const rank = new Int32Array(texts.length)
  for (const [i, n] of sorted.entries()) rank[n] = i
  for (let row = 0; row < length; row++) number[row] = rank[number[row]!]!
  return number
}
