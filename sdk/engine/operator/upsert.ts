import { Batch, DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../../data/batch.ts'
import type { Column, FlatColumn } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'
import { exprText } from '../../expr/text.ts'
import type { Upsert as UpsertNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { SlotRows, type SlotRowsState } from '../state/slot-rows.ts'
import { compileFilter } from '../vector/filter.ts'
import { compileProject } from '../vector/project.ts'
import { LateRows } from './late-rows.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Keeps the latest row of each key. Over a stream each row gives its change: +I for a new key, −U and +U where it differs
 * from the row that was kept, −D where it says that the key has gone. With an order, a row before the latest one of its
 * key changes nothing and goes to the side; the place of a key that has gone is remembered then. Of a batch the rows
 * that are kept are given at its end.
 */
export class Upsert implements Operator {
  readonly #node: UpsertNode
  readonly #schema: Schema
  readonly #keys: readonly number[]
  readonly #all: readonly number[]
  readonly #table: KeyTable
  readonly #rows: SlotRows
  readonly #deleted: ((batch: Batch, rows: Int32Array) => number) | null
  readonly #order: ((batch: Batch) => Column[]) | null
  /** By key: the slot of the row that is kept, −1 where there is none. */
  #kept: Int32Array = new Int32Array(0)
  /** By key: the place of the latest row in the order. */
  #places: Float64Array = new Float64Array(0)
  readonly #older = new LateRows()

  constructor(node: UpsertNode) {
    const { schema } = node.input
    this.#node = node
    this.#schema = schema
    this.#keys = node.on.map(name => schema.indexOf(name))
    this.#all = schema.fields.map((_, i) => i)
    this.#table = new KeyTable(this.#keys.map(i => schema.fields[i]!))
    this.#rows = new SlotRows(schema)
    this.#deleted = node.deleted === null ? null : compileFilter(node.deleted, schema)
    this.#order = node.order === null ? null : compileProject([node.order], schema)
  }

  get heldBytes(): number {
    return this.#table.bytes + this.#rows.bytes + this.#kept.byteLength + this.#places.byteLength
  }

  process(batch: Batch): Steps {
    const { length, columns } = batch
    const places = this.#placesOf(batch)
    const deleted = this.#deletedOf(batch)
    const keys = this.#keysOf(columns, length)
    const slots = new Int32Array(length)
    this.#rows.put(
      columns,
      Int32Array.from({ length }, (_, row) => row),
      length,
      slots,
    )
    const [given, kinds] = [new Int32Array(2 * length), new Uint8Array(2 * length)]
    const [gone, older]: [number[], number[]] = [[], []]
    let n = 0
    for (let row = 0; row < length; row++) {
      const [key, slot] = [keys[row]!, slots[row]!]
      const old = this.#kept[key]!
      if (places !== null && places[row]! < this.#places[key]!) {
        older.push(row)
        gone.push(slot)
        continue
      }
      if (places !== null) this.#places[key] = places[row]!
      const leaves = deleted !== null && deleted[row] === 1
      if (leaves || (old >= 0 && this.#rows.equals(old, columns, row))) {
        gone.push(slot)
        if (!leaves || old < 0) continue
        kinds[n] = DELETE
        given[n++] = old
      } else {
        if (old >= 0) {
          kinds[n] = UPDATE_BEFORE
          given[n++] = old
        }
        kinds[n] = old < 0 ? INSERT : UPDATE_AFTER
        given[n++] = slot
      }
      if (old >= 0) gone.push(old)
      this.#kept[key] = leaves ? -1 : slot
    }
    this.#older.add(batch, older)
    const changed = n > 0 && this.#node.frameKind !== 'batch' ? [this.#taken(given, n, kinds.subarray(0, n))] : NOTHING
    for (const slot of gone) this.#rows.free(slot)
    this.#forget(keys)
    return changed
  }

  #keysOf(columns: readonly Column[], length: number): Int32Array {
    const keys = new Int32Array(length)
    const parts = this.#keys.map(i => columns[i]!)
    this.#table.slots(parts, length, keys)
    const { end } = this.#table
    if (this.#kept.length < end) {
      const kept = new Int32Array(2 * end).fill(-1)
      kept.set(this.#kept)
      this.#kept = kept
    }
    if (this.#order !== null && this.#places.length < end) {
      const places = new Float64Array(2 * end).fill(-Infinity)
      places.set(this.#places)
      this.#places = places
    }
    return keys
  }

  #deletedOf(batch: Batch): Uint8Array | null {
    if (this.#deleted === null) return null
    const rows = new Int32Array(batch.length)
    const count = this.#deleted(batch, rows)
    const deleted = new Uint8Array(batch.length)
    for (let i = 0; i < count; i++) deleted[rows[i]!] = 1
    return deleted
  }

  #placesOf(batch: Batch): ArrayLike<number> | null {
    if (this.#order === null) return null
    const { values, valid } = this.#order(batch)[0] as FlatColumn
    const places = values as Float64Array
    for (let row = 0; row < batch.length; row++) {
      const missing = valid !== null && valid[row] === 0
      if (!missing && !Number.isNaN(places[row])) continue
      const what = exprText(this.#node.order!)
      const text = `upsert: orderBy is ${missing ? 'null' : 'NaN'}, which has no place in an order. Leave such rows out first.`
      throw new DataError('no-order', text, { expr: what, row })
    }
    return places
  }

  /** Without an order, a key that has gone is as one that never came. */
  #forget(keys: Int32Array): void {
    if (this.#deleted === null || this.#order !== null) return
    const gone = new Set<number>()
    for (const key of keys) if (this.#kept[key]! < 0) gone.add(key)
    if (gone.size > 0) this.#table.remove(Int32Array.from(gone), gone.size)
  }

  #taken(slots: Int32Array, length: number, kinds: Uint8Array | null): Batch {
    return new Batch(this.#schema, length, this.#rows.take(this.#all, slots, length), kinds)
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    if (this.#node.frameKind !== 'batch') return
    const kept = this.#kept.filter(slot => slot >= 0)
    for (let from = 0; from < kept.length; from += OUTPUT_ROWS) {
      const slots = kept.subarray(from, from + OUTPUT_ROWS)
      yield this.#taken(slots, slots.length, null)
    }
  }

  /** The rows before the latest of their keys. */
  side(): Batch | null {
    return this.#older.take()
  }

  snapshot(): UpsertState {
    return {
      table: this.#table.snapshot(),
      rows: this.#rows.snapshot(),
      kept: this.#kept.slice(),
      places: this.#places.slice(),
    }
  }

  restore(state: unknown): void {
    const { table, rows, kept, places } = state as UpsertState
    this.#table.restore(table)
    this.#rows.restore(rows)
    this.#kept = kept.slice()
    this.#places = places.slice()
  }
}

interface UpsertState {
  readonly table: KeyTableState
  readonly rows: SlotRowsState
  readonly kept: Int32Array
  readonly places: Float64Array
}
