import { columnOf } from '../../data/builder.ts'
import { flatArray, valueAt, type Column, type FlatArray, type TextColumn, type Value } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import { takenOrNull } from '../../data/taken-or-null.ts'
import { isFlat, type DataType } from '../../data/type.ts'
import { SLOT_BYTES, valueBytes } from '../../data/value-bytes.ts'

/**
 * Rows that come and go, each in a slot that is given out again once the row has gone: as many arrays as there are
 * columns, as long as the most rows that were there at once. Fetching rows is what fetching rows of a batch is.
 */
export class SlotRows {
  readonly #columns: readonly SlotColumn[]
  #capacity = 0
  /** Slots from here on were never given out. */
  #end = 0
  #free: number[] = []

  constructor(schema: Schema) {
    this.#columns = schema.fields.map(({ type }) =>
      isFlat(type) ? new FlatSlots(type) : type.kind === 'utf8' ? new TextSlots(type) : new ValueSlots(type),
    )
  }

  /** Every slot is below this. */
  get end(): number {
    return this.#end
  }

  /** About how many bytes the rows take. */
  get bytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.bytes, SLOT_BYTES * this.#free.length)
  }

  /** Keeps rows of a batch; writes the slot of each into `out`. */
  put(columns: readonly Column[], rows: Int32Array, length: number, out: Int32Array): void {
    for (let i = 0; i < length; i++) out[i] = this.#free.length > 0 ? this.#free.pop()! : this.#end++
    if (this.#end > this.#capacity) {
      this.#capacity = Math.max(64, 2 * this.#capacity, this.#end)
      for (const column of this.#columns) column.grow(this.#capacity)
    }
    for (const [i, column] of this.#columns.entries()) column.put(columns[i]!, rows, length, out)
  }

  /** Gives a slot back. Its row must not be asked for any more. */
  free(slot: number): void {
    this.#free.push(slot)
    for (const column of this.#columns) column.clear?.(slot)
  }

  /** Some columns of the rows of these slots, in their order; nulls where the slot is −1. */
  take(indices: readonly number[], slots: Int32Array, length: number): Column[] {
    return indices.map(i => this.#columns[i]!.take(slots, length))
  }

  /** True where the row of a slot has the values of a row of a batch. */
  equals(slot: number, columns: readonly Column[], row: number): boolean {
    return this.#columns.every((column, i) => column.equals(slot, columns[i]!, row))
  }

  snapshot(): SlotRowsState {
    const columns = this.#columns.map(column => column.snapshot(this.#end))
    return { end: this.#end, free: [...this.#free], columns }
  }

  restore({ end, free, columns }: SlotRowsState): void {
    this.#end = end
    this.#capacity = Math.max(64, end)
    this.#free = [...free]
    for (const [i, column] of this.#columns.entries()) column.restore(columns[i]!, this.#capacity)
  }
}

export interface SlotRowsState {
  readonly end: number
  readonly free: readonly number[]
  readonly columns: readonly SlotState[]
}

type SlotState =
  | { readonly values: FlatArray; readonly valid: Uint8Array | null }
  | { readonly strings: readonly string[]; readonly valid: Uint8Array | null }
  | { readonly all: readonly Value[] }

interface SlotColumn {
  readonly bytes: number
  grow(capacity: number): void
  put(column: Column, rows: Int32Array, length: number, slots: Int32Array): void
  clear?(slot: number): void
  take(slots: Int32Array, length: number): Column
  equals(slot: number, column: Column, row: number): boolean
  snapshot(end: number): SlotState
  restore(state: SlotState, capacity: number): void
}

/** Which rows are present: nothing is kept until one is not. */
class Present {
  valid: Uint8Array | null = null
  capacity = 0

  grow(capacity: number): void {
    this.capacity = capacity
    if (this.valid !== null) this.valid = longer(this.valid, capacity)
  }

  put(from: Uint8Array | null, rows: Int32Array, length: number, slots: Int32Array): void {
    if (from === null && this.valid === null) return
    const valid = (this.valid ??= new Uint8Array(this.capacity).fill(1))
    for (let i = 0; i < length; i++) valid[slots[i]!] = from === null ? 1 : from[rows[i]!]!
  }

  has(slot: number): boolean {
    return this.valid === null || this.valid[slot] === 1
  }

  restore(valid: Uint8Array | null, capacity: number): void {
    this.capacity = capacity
    this.valid = valid === null ? null : longer(valid, capacity)
  }
}

function longer(from: Uint8Array, capacity: number): Uint8Array {
  const to = new Uint8Array(capacity).fill(1, from.length)
  to.set(from)
  return to
}

const here = (column: Column, row: number): boolean => column.valid === null || column.valid[row] === 1

class FlatSlots implements SlotColumn {
  readonly #type: DataType
  readonly #present = new Present()
  #values: FlatArray

  constructor(type: DataType) {
    this.#type = type
    this.#values = flatArray(type, 0)
  }

  get bytes(): number {
    return this.#values.byteLength + (this.#present.valid?.byteLength ?? 0)
  }

  grow(capacity: number): void {
    this.#values = copied(this.#values, flatArray(this.#type, capacity))
    this.#present.grow(capacity)
  }

  put(column: Column, rows: Int32Array, length: number, slots: Int32Array): void {
    const from = (column as Extract<Column, { layout: 'flat' }>).values
    const to = this.#values
    if (from instanceof Float64Array) scatterFloats(from, rows, length, to as Float64Array, slots)
    else if (from instanceof Int32Array) scatterInts(from, rows, length, to as Int32Array, slots)
    else if (from instanceof BigInt64Array) scatterBig(from, rows, length, to as BigInt64Array, slots)
    else for (let i = 0; i < length; i++) to[slots[i]!] = from[rows[i]!]!
    this.#present.put(column.valid, rows, length, slots)
  }

  take(slots: Int32Array, length: number): Column {
    const values = this.#values
    const { valid } = this.#present
    return takenOrNull({ layout: 'flat', type: this.#type, length: values.length, valid, values }, slots, length)
  }

  equals(slot: number, column: Column, row: number): boolean {
    const has = this.#present.has(slot)
    if (has !== here(column, row)) return false
    return !has || same(this.#values[slot]!, (column as Extract<Column, { layout: 'flat' }>).values[row]!)
  }

  snapshot(end: number): SlotState {
    return { values: this.#values.slice(0, end), valid: this.#present.valid?.slice(0, end) ?? null }
  }

  restore(state: SlotState, capacity: number): void {
    const { values, valid } = state as Extract<SlotState, { values: FlatArray }>
    this.#values = copied(values, flatArray(this.#type, capacity))
    this.#present.restore(valid, capacity)
  }
}

function copied(from: FlatArray, to: FlatArray): FlatArray {
  if (to instanceof BigInt64Array) to.set(from as BigInt64Array)
  else to.set(from as Float64Array)
  return to
}

// One loop for each kind of array, so that each is compiled for its own.

function scatterFloats(
  from: Float64Array,
  rows: Int32Array,
  length: number,
  to: Float64Array,
  slots: Int32Array,
): void {
  for (let i = 0; i < length; i++) to[slots[i]!] = from[rows[i]!]!
}

function scatterInts(from: Int32Array, rows: Int32Array, length: number, to: Int32Array, slots: Int32Array): void {
  for (let i = 0; i < length; i++) to[slots[i]!] = from[rows[i]!]!
}

function scatterBig(from: BigInt64Array, rows: Int32Array, length: number, to: BigInt64Array, slots: Int32Array): void {
  for (let i = 0; i < length; i++) to[slots[i]!] = from[rows[i]!]!
}

/** NaN is itself, and −0 is 0. */
function same(a: number | bigint, b: number | bigint): boolean {
  return a === b || (a !== a && b !== b)
}

class TextSlots implements SlotColumn {
  readonly #type: DataType
  readonly #present = new Present()
  #strings: string[] = []
  #bytes = 0

  constructor(type: DataType) {
    this.#type = type
  }

  get bytes(): number {
    return this.#bytes + SLOT_BYTES * this.#strings.length + (this.#present.valid?.byteLength ?? 0)
  }

  grow(capacity: number): void {
    while (this.#strings.length < capacity) this.#strings.push('')
    this.#present.grow(capacity)
  }

  put(column: Column, rows: Int32Array, length: number, slots: Int32Array): void {
    const { strings, codes } = column as TextColumn
    const to = this.#strings
    for (let i = 0; i < length; i++) {
      const row = rows[i]!
      const text = here(column, row) ? strings[codes === null ? row : codes[row]!]! : ''
      to[slots[i]!] = text
      this.#bytes += 2 * text.length
    }
    this.#present.put(column.valid, rows, length, slots)
  }

  clear(slot: number): void {
    this.#bytes -= 2 * this.#strings[slot]!.length
    this.#strings[slot] = ''
  }

  take(slots: Int32Array, length: number): Column {
    const strings = this.#strings
    const { valid } = this.#present
    const all: Column = { layout: 'text', type: this.#type, length: strings.length, valid, strings, codes: null }
    return takenOrNull(all, slots, length)
  }

  equals(slot: number, column: Column, row: number): boolean {
    const has = this.#present.has(slot)
    if (has !== here(column, row)) return false
    const { strings, codes } = column as TextColumn
    return !has || this.#strings[slot] === strings[codes === null ? row : codes[row]!]
  }

  snapshot(end: number): SlotState {
    return { strings: this.#strings.slice(0, end), valid: this.#present.valid?.slice(0, end) ?? null }
  }

  restore(state: SlotState, capacity: number): void {
    const { strings, valid } = state as Extract<SlotState, { strings: readonly string[] }>
    this.#strings = [...strings]
    this.#bytes = strings.reduce((sum, text) => sum + 2 * text.length, 0)
    this.#present.restore(valid, capacity)
    this.grow(capacity)
  }
}

/** Lists, structs and the like, one value for each row. */
class ValueSlots implements SlotColumn {
  readonly #type: DataType
  #values: Value[] = []
  #bytes = 0

  constructor(type: DataType) {
    this.#type = type
  }

  get bytes(): number {
    return this.#bytes + SLOT_BYTES * this.#values.length
  }

  grow(capacity: number): void {
    while (this.#values.length < capacity) this.#values.push(null)
  }

  put(column: Column, rows: Int32Array, length: number, slots: Int32Array): void {
    for (let i = 0; i < length; i++) {
      const value = valueAt(column, rows[i]!)
      this.#values[slots[i]!] = value
      this.#bytes += valueBytes(value)
    }
  }

  clear(slot: number): void {
    this.#bytes -= valueBytes(this.#values[slot]!)
    this.#values[slot] = null
  }

  take(slots: Int32Array, length: number): Column {
    const values = new Array<Value>(length)
    for (let i = 0; i < length; i++) values[i] = slots[i]! < 0 ? null : this.#values[slots[i]!]!
    return columnOf(this.#type, values)
  }

  equals(slot: number, column: Column, row: number): boolean {
    return sameValue(this.#values[slot]!, valueAt(column, row))
  }

  snapshot(end: number): SlotState {
    return { all: this.#values.slice(0, end) }
  }

  restore(state: SlotState, capacity: number): void {
    const { all } = state as Extract<SlotState, { all: readonly Value[] }>
    this.#values = [...all]
    this.#bytes = all.reduce<number>((sum, value) => sum + valueBytes(value), 0)
    this.grow(capacity)
  }
}

function sameValue(a: Value, b: Value): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return a === b || (typeof a === 'number' && typeof b === 'number' && same(a, b))
  }
  if ('indices' in a) return 'indices' in b && sameItems(a.indices, b.indices) && sameItems(a.values, b.values)
  return !('indices' in b) && sameItems(a, b)
}

function sameItems(a: ArrayLike<Value>, b: ArrayLike<Value>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!sameValue(a[i]!, b[i]!)) return false
  return true
}
