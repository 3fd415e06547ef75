import { Batch } from '../../data/batch.ts'
import { compact } from '../../data/compact.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Nullable } from '../../data/type.ts'
import type { Aggregate as AggregateNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { GroupValues } from './group-values.ts'
import type { Rows } from './merge-runs.ts'
import { withNumbers, type Numbers } from './parted-rows.ts'

/**
 * Groups in memory: their keys, the values of their aggregates, and of each the number of its first row. Where the numbers
 * of rows count from 0 the slots stand for those numbers: they have the same order, and none is greater than its row's.
 */
export class Groups {
  readonly #input: Schema
  readonly #keyTypes: readonly Nullable[]
  readonly #keyPlaces: readonly number[]
  readonly #values: GroupValues
  readonly #none: unknown
  #table: KeyTable
  /** Null as long as the slots stand for them. */
  #firsts: Float64Array | null = null
  #slots = new Int32Array(0)

  /** `keyPlaces` are those of the keys among the columns of rows. */
  constructor({ keys, aggregates, input }: AggregateNode, keyPlaces: readonly number[]) {
    this.#input = input.schema
    this.#keyTypes = keys.map(key => key.expr)
    this.#keyPlaces = keyPlaces
    this.#values = new GroupValues(aggregates, input.schema, false)
    this.#none = this.#values.snapshot()
    this.#table = new KeyTable(this.#keyTypes)
  }

  get length(): number {
    return this.#table.end
  }

  /** About how many bytes they take. */
  get bytes(): number {
    return this.#table.bytes + (this.#firsts?.byteLength ?? 0) + this.#values.bytes
  }

  /** Adds rows, at the places of keys that have been met; from the first other key on, of which some begin groups. */
  add(rows: Rows, numbers: Numbers): void {
    const [batch, keys] = [this.#batch(rows), this.#keysOf(rows)]
    const places = this.#table.places(keys)
    const added = places === null ? 0 : this.#values.addAt(batch, places)
    if (added === rows.length) return
    const from = this.#table.end
    const slots = this.#slotsOf(keys, rows.length)
    if (this.#table.end > from) {
      this.#values.grow(this.#table.end)
      if (typeof numbers !== 'number') this.#note(slots, numbers, from)
    }
    this.#values.add(batch, slots.fill(-1, 0, added))
  }

  /** Adds the rows whose groups are there, and gives the places of the others. */
  addKnown(rows: Rows): Int32Array {
    const { length } = rows
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    const slots = this.#slots
    this.#table.find(this.#keysOf(rows), length, slots, { nulls: true })
    this.#values.add(this.#batch(rows), slots)
    const others = new Int32Array(length)
    let n = 0
    for (let row = 0; row < length; row++) if (slots[row]! < 0) others[n++] = row
    return others.subarray(0, n)
  }

  /** Begins the one group that there is without a key and without rows. */
  addEmpty(): void {
    this.#slotsOf([], 1)
    this.#values.grow(1)
  }

  /** Keys, aggregates and numbers, at most `most` rows at once, in the order of the first rows. */
  *rows(most: number): Generator<Rows> {
    const { length } = this
    for (let from = 0; from < length; from += most) {
      const slots = new Int32Array(Math.min(most, length - from))
      for (let i = 0; i < slots.length; i++) slots[i] = from + i
      const columns = [...this.keys(slots), ...this.#values.columns(slots)]
      yield withNumbers({ length: slots.length, columns }, this.#numbers(slots))
    }
  }

  /** How many rows of groups take about so many bytes. */
  rowsWithin(bytes: number): number {
    return Math.max(16, Math.min(RECORD_ROWS, Math.floor(bytes / (this.bytes / this.length))))
  }

  /** The keys of some groups. */
  keys(slots: Int32Array): readonly Column[] {
    return this.#table.columns(slots, slots.length)
  }

  /** The group that takes most beside plain numbers. */
  largest(): { readonly slot: number; readonly bytes: number } {
    let [slot, bytes] = [0, 0]
    for (let each = 0; each < this.length; each++) {
      const its = this.#values.bytesOf(each)
      if (its > bytes) [slot, bytes] = [each, its]
    }
    return { slot, bytes }
  }

  /** Groups as plain data that {@link load} takes, of which a record is few more bytes than `most`. */
  *packed(slots: Int32Array, most: number): Generator<PackedGroups> {
    let from = 0
    for (let [to, bytes] = [0, 0]; to < slots.length;) {
      bytes += this.#values.bytesOf(slots[to++]!)
      if (to < slots.length && to - from < RECORD_ROWS && bytes < Math.min(most, RECORD_BYTES)) continue
      const some = slots.subarray(from, to)
      yield { keys: this.keys(some).map(compact), numbers: this.#numbers(some), values: this.#values.snapshot(some) }
      from = to
      bytes = 0
    }
  }

  /** Adds groups that are not there. */
  load({ keys, numbers, values }: PackedGroups): void {
    const from = this.#table.end
    this.#slotsOf(keys, numbers.length)
    this.#values.restore(values, from)
    this.#values.grow(this.#table.end)
    this.#room(from).set(numbers, from)
  }

  clear(): void {
    this.#table = new KeyTable(this.#keyTypes)
    this.#values.restore(this.#none)
    this.#firsts = null
  }

  snapshot(): GroupsState {
    return {
      table: this.#table.snapshot(),
      firsts: this.#firsts?.slice(0, this.length) ?? null,
      values: this.#values.snapshot(),
    }
  }

  restore({ table, firsts, values }: GroupsState): void {
    this.#table.restore(table)
    this.#firsts = firsts?.slice() ?? null
    this.#values.restore(values)
    this.#values.grow(this.length)
  }

  #keysOf({ columns }: Rows): readonly Column[] {
    return this.#keyPlaces.map(place => columns[place]!)
  }

  #batch({ length, columns }: Rows): Batch {
    const { length: width } = this.#input.fields
    return new Batch(this.#input, length, columns.length === width ? columns : columns.slice(0, width))
  }

  #slotsOf(keys: readonly Column[], length: number): Int32Array {
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    this.#table.slots(keys, length, this.#slots)
    return this.#slots
  }

  #numbers(slots: Int32Array): Float64Array {
    const firsts = this.#firsts
    return firsts === null ? Float64Array.from(slots) : Float64Array.from(slots, slot => firsts[slot]!)
  }

  /** Keeps the numbers of the rows that began groups. The slots of new keys are given out in turn. */
  #note(slots: Int32Array, numbers: Float64Array, from: number): void {
    const firsts = this.#room(from)
    for (let row = 0, next = from; next < this.#table.end; row++) {
      if (slots[row] === next) firsts[next++] = numbers[row]!
    }
  }

  /** Room for the numbers of all groups, of which those before `from` are there. */
  #room(from: number): Float64Array {
    const known = this.#firsts ?? new Float64Array(0)
    const { end } = this.#table
    if (known.length < end) {
      this.#firsts = new Float64Array(Math.max(16, 2 * end))
      this.#firsts.set(known.subarray(0, from))
    }
    return this.#firsts!
  }
}

/** Some groups as plain data. */
export interface PackedGroups {
  readonly keys: readonly Column[]
  readonly numbers: Float64Array
  readonly values: unknown
}

/** What a snapshot of groups holds. */
export interface GroupsState {
  readonly table: KeyTableState
  readonly firsts: Float64Array | null
  readonly values: unknown
}

/** A record in a file holds so many groups and bytes at most. */
const RECORD_ROWS = 4096
const RECORD_BYTES = 1 << 24
