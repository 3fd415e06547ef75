import { Batch } from '../../data/batch.ts'
import { concat, flatArray, take, type Column, type FlatArray, type TextColumn } from '../../data/column.ts'
import { LOOP_ROWS } from '../../data/loop-rows.ts'
import type { Schema } from '../../data/schema.ts'

/**
 * Rows kept side by side, so that fetching them in another order touches one place in memory for each row and not one for
 * each of its values. Numbers, codes of texts and validity are copied into words; columns of other layouts stay columns.
 */
export class RowStore {
  readonly #schema: Schema
  readonly #slots: readonly Slot[]
  /** Of 32 bits, `width` for each row; seen as floats they hold half as many. */
  readonly #words: Int32Array
  readonly #floats: Float64Array
  readonly #width: number
  /** What was read only to have it in the cache goes here, so that it is read. */
  readonly #touched = new Int32Array(1)

  private constructor(schema: Schema, slots: readonly Slot[], length: number, width: number) {
    this.#schema = schema
    this.#slots = slots
    this.#words = new Int32Array(length * width)
    this.#floats = new Float64Array(this.#words.buffer)
    this.#width = width
  }

  /** Copies the rows of some batches, of which there is one at least, in order. */
  static *of(schema: Schema, parts: readonly Batch[]): Generator<null, RowStore> {
    const slots: Slot[] = []
    let width = 0
    // floats come first, so that each lies on a boundary of eight bytes
    const laid = schema.fields.map((_, i) => sourceOf(parts.map(part => part.columns[i]!)))
    for (const words of [2, 1]) {
      for (const [column, source] of laid.entries()) {
        if (source.form === 'whole') continue
        if (wordsOf(source.form) === words) {
          slots.push({ column, source, at: width })
          width += words
        }
        if (words === 1 && source.valid) {
          slots.push({ column, source: validityOf(source), at: width })
          width += 1
        }
      }
    }
    for (const [column, source] of laid.entries()) if (source.form === 'whole') slots.push({ column, source, at: -1 })
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const store = new RowStore(schema, slots, length, width + (width & 1))
    let row = 0
    for (const [p, part] of parts.entries()) {
      for (let from = 0; from < part.length; from += LOOP_ROWS) {
        store.#put(p, from, Math.min(part.length, from + LOOP_ROWS), row)
        row += Math.min(LOOP_ROWS, part.length - from)
      }
      yield null
    }
    return store
  }

  /** Copies some rows of a part to where row number `row` and those after it stand. */
  #put(part: number, from: number, to: number, row: number): void {
    const width = this.#width
    for (const { source, at } of this.#slots) {
      if (source.form === 'whole') continue
      const values = source.parts[part]
      const first = row * width + at
      if (values === null || values === undefined) fillWords(1, from, to, this.#words, first, width)
      else if (values instanceof Float64Array) putFloats(values, from, to, this.#floats, first / 2, width / 2)
      else if (values instanceof Uint8Array) putBytes(values, from, to, this.#words, first, width)
      else if (source.form === 'halves') putHalves(values, from, to, this.#words, first, width)
      else putInts(values, from, to, this.#words, first, width)
    }
  }

  /** The rows of these numbers, in their order. */
  take(rows: Int32Array): Batch {
    const { length } = rows
    const values: (FlatArray | Column)[] = []
    const valid: Uint8Array[] = []
    const targets = this.#slots.map(({ column, source }): FlatArray | null => {
      if (source.form === 'whole') {
        values[column] = take(source.column, rows)
        return null
      }
      if (source.form === 'valid') return (valid[column] = new Uint8Array(length))
      const array = source.sample.layout === 'flat' ? flatArray(source.sample.type, length) : new Int32Array(length)
      return (values[column] = array)
    })
    const words = targets.map(target => (target === null ? null : wordsIn(target)))
    for (let from = 0; from < length; from += FETCHED) {
      const to = Math.min(length, from + FETCHED)
      if (this.#width > 0) this.#touched[0]! |= touch(this.#words, rows, from, to, this.#width)
      for (const [s, { source, at }] of this.#slots.entries()) {
        const out = words[s]!
        if (out === null) continue
        if (out instanceof Float64Array) getFloats(this.#floats, rows, from, to, at / 2, this.#width / 2, out)
        else if (out instanceof Uint8Array) getBytes(this.#words, rows, from, to, at, this.#width, out)
        else if (source.form === 'halves') getHalves(this.#words, rows, from, to, at, this.#width, out)
        else getInts(this.#words, rows, from, to, at, this.#width, out)
      }
    }
    const columns: Column[] = []
    for (const { column, source } of this.#slots) {
      if (source.form === 'valid') continue
      const found = values[column]!
      if (source.form === 'whole') columns[column] = found as Column
      else {
        const present = valid[column]
        const own = { length, valid: present === undefined || present.indexOf(0) < 0 ? null : present }
        const { sample } = source
        columns[column] =
          sample.layout === 'flat'
            ? { ...sample, ...own, values: found as FlatArray }
            : { ...(sample as TextColumn), ...own, codes: found as Int32Array }
      }
    }
    return new Batch(this.#schema, length, columns)
  }
}

/** Rows that come into the cache together before their values are copied one column after another. */
const FETCHED = 256

/** Reads both ends of rows, many at once as nothing waits for what is read. */
function touch(words: Int32Array, rows: Int32Array, from: number, to: number, width: number): number {
  let all = 0
  for (let i = from; i < to; i++) {
    const at = rows[i]! * width
    all |= words[at]! | words[at + width - 1]!
  }
  return all
}

/** What stands in a row from the word `at` on: the values of a column or their validity. */
interface Slot {
  readonly column: number
  readonly source: Source | Validity
  readonly at: number
}

type Words = Int32Array | Float64Array | Uint8Array

/** The values of a column by part. Halves are those of 64-bit integers. */
type Source =
  | { readonly form: 'whole'; readonly column: Column }
  | {
      readonly form: 'float' | 'word' | 'halves'
      readonly parts: readonly Words[]
      readonly sample: Column
      readonly valid: boolean
      readonly columns: readonly Column[]
    }

interface Validity {
  readonly form: 'valid'
  /** null where all are present. */
  readonly parts: readonly (Uint8Array | null)[]
}

const wordsOf = (form: 'float' | 'word' | 'halves'): number => (form === 'word' ? 1 : 2)

function sourceOf(columns: readonly Column[]): Source {
  const sample = columns[0]!
  const valid = columns.some(column => column.valid !== null)
  if (sample.layout === 'flat') {
    const parts = columns.map(column => wordsIn((column as typeof sample).values))
    const form = parts[0] instanceof Float64Array ? 'float' : sample.values instanceof BigInt64Array ? 'halves' : 'word'
    return { form, parts, sample, valid, columns }
  }
  const texts = columns as readonly TextColumn[]
  if (sample.layout !== 'text' || texts.every(column => column.codes === null)) {
    return { form: 'whole', column: concat(columns) }
  }
  if (texts.every(column => column.codes !== null && column.strings === sample.strings)) {
    return { form: 'word', parts: texts.map(column => column.codes!), sample, valid, columns }
  }
  const all = concat(texts) as TextColumn
  const { codes } = all
  if (codes === null) return { form: 'whole', column: all }
  let from = 0
  const parts = columns.map(({ length }) => codes.subarray(from, (from += length)))
  return { form: 'word', parts, sample: all, valid, columns }
}

function validityOf(source: Exclude<Source, { form: 'whole' }>): Validity {
  return { form: 'valid', parts: source.columns.map(column => column.valid) }
}

/** The same memory, as what it is copied by. */
function wordsIn(values: FlatArray): Words {
  if (values instanceof BigInt64Array) return new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  if (values instanceof Float32Array) return new Int32Array(values.buffer, values.byteOffset, values.length)
  return values
}

function fillWords(value: number, from: number, to: number, words: Int32Array, first: number, width: number): void {
  for (let i = from, at = first; i < to; i++, at += width) words[at] = value
}

function putInts(v: Int32Array, from: number, to: number, words: Int32Array, first: number, width: number): void {
  for (let i = from, at = first; i < to; i++, at += width) words[at] = v[i]!
}

function putBytes(v: Uint8Array, from: number, to: number, words: Int32Array, first: number, width: number): void {
  for (let i = from, at = first; i < to; i++, at += width) words[at] = v[i]!
}

function putFloats(
  v: Float64Array,
  from: number,
  to: number,
  floats: Float64Array,
  first: number,
  width: number,
): void {
  for (let i = from, at = first; i < to; i++, at += width) floats[at] = v[i]!
}

function putHalves(v: Int32Array, from: number, to: number, words: Int32Array, first: number, width: number): void {
  for (let i = from, at = first; i < to; i++, at += width) {
    words[at] = v[2 * i]!
    words[at + 1] = v[2 * i + 1]!
  }
}

type Get<T> = (words: Int32Array, rows: Int32Array, from: number, to: number, at: number, width: number, out: T) => void

const getInts: Get<Int32Array> = (words, rows, from, to, at, width, out) => {
  for (let i = from; i < to; i++) out[i] = words[rows[i]! * width + at]!
}

const getBytes: Get<Uint8Array> = (words, rows, from, to, at, width, out) => {
  for (let i = from; i < to; i++) out[i] = words[rows[i]! * width + at]!
}

const getHalves: Get<Int32Array> = (words, rows, from, to, at, width, out) => {
  for (let i = from; i < to; i++) {
    const place = rows[i]! * width + at
    out[2 * i] = words[place]!
    out[2 * i + 1] = words[place + 1]!
  }
}

function getFloats(
  floats: Float64Array,
  rows: Int32Array,
  from: number,
  to: number,
  at: number,
  width: number,
  out: Float64Array,
): void {
  for (let i = from; i < to; i++) out[i] = floats[rows[i]! * width + at]!
}
