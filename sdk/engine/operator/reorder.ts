import { Batch } from '../../data/batch.ts'
import { concat, flatArray, slice, take, type Column, type FlatArray, type TextColumn } from '../../data/column.ts'
import { LOOP_ROWS } from '../../data/loop-rows.ts'
import type { Schema } from '../../data/schema.ts'
import { OUTPUT_ROWS } from './operator.ts'
import { PAUSE_ROWS } from './radix-sort.ts'

/**
 * Rows in another order, without fetching each from anywhere in memory. Column by column, the values first land in the
 * stretch of the answer to which they belong: there are so few stretches that the cache holds the ends of all. Then they
 * go to their places within it, all of which the cache holds too. Columns that are no arrays of numbers are fetched.
 */

/** The rows of some batches, of which there is one at least; `order` holds the number of each row once. */
export function* reordered(schema: Schema, parts: readonly Batch[], order: Int32Array): Generator<Batch | null> {
  const routes = yield* routesOf(order)
  const ordered: (Column | null)[] = []
  const fetched: (Column | null)[] = []
  for (const i of schema.fields.keys()) {
    const columns = inOneDictionary(parts.map(part => part.columns[i]!))
    const arrays = arrayOf(columns[0]!) !== null
    ordered.push(arrays ? yield* settled(columns, routes) : null)
    fetched.push(arrays ? null : concat(columns))
  }
  for (let from = 0; from < order.length; from += OUTPUT_ROWS) {
    const to = Math.min(order.length, from + OUTPUT_ROWS)
    const columns = ordered.map((column, i) =>
      column === null ? take(fetched[i]!, order.subarray(from, to)) : slice(column, from, to),
    )
    yield new Batch(schema, to - from, columns)
  }
}

/** Rows of a stretch. No power of two, or the ends of all stretches would want the same few places in the cache. */
const STRETCH = 15_000

interface Routes {
  /** By row: where its values land in its stretch. */
  readonly landings: Int32Array
  /** By landing: the place within the stretch to which they go from there. */
  readonly offsets: Uint16Array
  /** What has landed, of one column at a time, as words of 32 bits. */
  readonly landed: Int32Array
}

function* routesOf(order: Int32Array): Generator<null, Routes> {
  const { length } = order
  const [landings, offsets] = [new Int32Array(length), new Uint16Array(length)]
  for (let from = 0; from < length; from += PAUSE_ROWS) {
    const to = Math.min(length, from + PAUSE_ROWS)
    for (let place = from; place < to; place++) landings[order[place]!] = place
    yield null
  }
  const free = Int32Array.from({ length: Math.ceil(length / STRETCH) }, (_, stretch) => stretch * STRETCH)
  for (let from = 0; from < length; from += PAUSE_ROWS) {
    const to = Math.min(length, from + PAUSE_ROWS)
    for (let row = from; row < to; row++) {
      const place = landings[row]!
      const landing = free[(place / STRETCH) | 0]!++
      landings[row] = landing
      offsets[landing] = place % STRETCH
    }
    yield null
  }
  return { landings, offsets, landed: new Int32Array(2 * length) }
}

/** Codes of texts mean the same in all parts. */
function inOneDictionary(columns: readonly Column[]): readonly Column[] {
  const [first] = columns
  if (first?.layout !== 'text') return columns
  const texts = columns as readonly TextColumn[]
  return texts.every(({ codes, strings }) => codes !== null && strings === first.strings) ? columns : [concat(columns)]
}

function arrayOf(column: Column): FlatArray | null {
  return column.layout === 'flat' ? column.values : column.layout === 'text' ? column.codes : null
}

function* settled(columns: readonly Column[], routes: Routes): Generator<null, Column> {
  const { length } = routes.landings
  const first = columns[0] as Extract<Column, { layout: 'flat' | 'text' }>
  let valid: Uint8Array | null = null
  if (columns.some(column => column.valid !== null)) {
    valid = new Uint8Array(length)
    yield* moved(
      columns.map(column => column.valid ?? new Uint8Array(column.length).fill(1)),
      routes,
      valid,
    )
  }
  const arrays = columns.map(column => arrayOf(column)!)
  if (first.layout === 'text') {
    const codes = new Int32Array(length)
    yield* moved(arrays, routes, codes)
    return { ...first, length, valid, codes }
  }
  const values = flatArray(first.type, length)
  yield* moved(arrays, routes, values)
  return { ...first, length, valid, values }
}

/** Moves the values of all rows, which come in parts, to their places. */
function* moved(parts: readonly FlatArray[], routes: Routes, out: FlatArray): Generator<null> {
  const { landings, offsets } = routes
  const to = wordsIn(out)
  const landed = to instanceof Uint8Array ? new Uint8Array(routes.landed.buffer) : routes.landed
  let row = 0
  for (const part of parts) {
    const words = wordsIn(part)
    for (let from = 0; from < part.length; from += LOOP_ROWS) {
      const end = Math.min(part.length, from + LOOP_ROWS)
      if (words instanceof Uint8Array) landBytes(words, from, end, landings, row, landed as Uint8Array)
      else if (part.BYTES_PER_ELEMENT === 8) landPairs(words, from, end, landings, row, landed as Int32Array)
      else landWords(words, from, end, landings, row, landed as Int32Array)
      row += end - from
    }
    yield null
  }
  for (let start = 0; start < out.length; start += STRETCH) {
    const last = Math.min(out.length, start + STRETCH)
    for (let from = start; from < last; from += LOOP_ROWS) {
      const end = Math.min(last, from + LOOP_ROWS)
      if (to instanceof Uint8Array) settleBytes(landed as Uint8Array, from, end, offsets, start, to)
      else if (out.BYTES_PER_ELEMENT === 8) settlePairs(landed as Int32Array, from, end, offsets, start, to)
      else settleWords(landed as Int32Array, from, end, offsets, start, to)
    }
    yield null
  }
}

/** The same memory as words of 32 bits, or as bytes: a loop over one kind of array is compiled for it. */
function wordsIn(values: FlatArray): Int32Array | Uint8Array {
  const { buffer, byteOffset, byteLength } = values
  return values instanceof Uint8Array ? values : new Int32Array(buffer, byteOffset, byteLength / 4)
}

type Land<T> = (values: T, from: number, to: number, landings: Int32Array, row: number, out: T) => void

const landWords: Land<Int32Array> = (values, from, to, landings, row, out) => {
  for (let i = from, r = row; i < to; i++, r++) out[landings[r]!] = values[i]!
}

const landBytes: Land<Uint8Array> = (values, from, to, landings, row, out) => {
  for (let i = from, r = row; i < to; i++, r++) out[landings[r]!] = values[i]!
}

const landPairs: Land<Int32Array> = (values, from, to, landings, row, out) => {
  for (let i = from, r = row; i < to; i++, r++) {
    const at = 2 * landings[r]!
    out[at] = values[2 * i]!
    out[at + 1] = values[2 * i + 1]!
  }
}

type Settle<T> = (values: T, from: number, to: number, offsets: Uint16Array, start: number, out: T) => void

const settleWords: Settle<Int32Array> = (values, from, to, offsets, start, out) => {
  for (let i = from; i < to; i++) out[start + offsets[i]!] = values[i]!
}

const settleBytes: Settle<Uint8Array> = (values, from, to, offsets, start, out) => {
  for (let i = from; i < to; i++) out[start + offsets[i]!] = values[i]!
}

const settlePairs: Settle<Int32Array> = (values, from, to, offsets, start, out) => {
  for (let i = from; i < to; i++) {
    const at = 2 * (start + offsets[i]!)
    out[at] = values[2 * i]!
    out[at + 1] = values[2 * i + 1]!
  }
}
