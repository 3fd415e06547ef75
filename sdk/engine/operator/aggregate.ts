import { Batch, DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Aggregate as AggregateNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { compileProject } from '../vector/project.ts'
import { GroupValues } from './group-values.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/**
 * Groups the rows of a stream by key and aggregates each group. For each batch it gives what that batch changed: −U and
 * +U for a group that was there, +I for a new one, −D for one whose rows have all been taken back. Without a key there
 * is always one group.
 */
export class Aggregate implements Operator {
  readonly #schema: Schema
  readonly #keyless: boolean
  readonly #keys: (batch: Batch) => Column[]
  readonly #table: KeyTable
  readonly #values: GroupValues
  #slots: Int32Array = new Int32Array(0)
  /** By slot: rows in the group, whether the group was given, and a mark for the groups of one batch. */
  #rows: Float64Array = new Float64Array(0)
  #given: Uint8Array = new Uint8Array(0)
  #mark: Int32Array = new Int32Array(0)
  #turn = 0

  constructor(node: AggregateNode) {
    const input = node.input.schema
    this.#schema = node.schema
    this.#keyless = node.keys.length === 0
    const keys = node.keys.map(key => key.expr)
    this.#keys = compileProject(keys, input)
    this.#table = new KeyTable(keys)
    this.#values = new GroupValues(node.aggregates, input, node.input.frameKind === 'updating')
  }

  process(batch: Batch): Steps {
    const slots = this.#slotsOf(this.#keys(batch), batch.length)
    const touched = this.#touched(slots, batch.length)
    const before = touched.filter(slot => this.#given[slot] === 1)
    const old = this.#groups(before)
    this.#values.add(batch, slots)
    this.#countRows(slots, batch)
    return this.#changed(touched, before, old)
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    if (!this.#keyless || this.#table.size > 0) return NOTHING
    const slots = this.#slotsOf([], 1)
    this.#given[slots[0]!] = 1
    return [this.#groups(slots.slice(0, 1))]
  }

  get heldBytes(): number {
    return this.#table.bytes + this.#values.bytes
  }

  #slotsOf(keys: readonly Column[], length: number): Int32Array {
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    this.#table.slots(keys, length, this.#slots)
    const { end } = this.#table
    this.#values.grow(end)
    if (this.#rows.length < end) {
      const places = Math.max(16, end * 2)
      const [rows, given, mark] = [new Float64Array(places), new Uint8Array(places), new Int32Array(places)]
      rows.set(this.#rows)
      given.set(this.#given)
      mark.set(this.#mark)
      this.#rows = rows
      this.#given = given
      this.#mark = mark
    }
    return this.#slots
  }

  /** The groups of a batch, in the order of their first rows. */
  #touched(slots: Int32Array, length: number): Int32Array {
    const turn = ++this.#turn
    const out = new Int32Array(length)
    let n = 0
    for (let row = 0; row < length; row++) {
      const slot = slots[row]!
      if (this.#mark[slot] === turn) continue
      this.#mark[slot] = turn
      out[n++] = slot
    }
    return out.subarray(0, n)
  }

  #countRows(slots: Int32Array, { length, kinds }: Batch): void {
    const rows = this.#rows
    for (let row = 0; row < length; row++) {
      const back = kinds !== null && (kinds[row] === UPDATE_BEFORE || kinds[row] === DELETE)
      rows[slots[row]!]! += back ? -1 : 1
    }
  }

  #changed(touched: Int32Array, before: Int32Array, old: Batch): Steps {
    const after = touched.filter(slot => this.#keyless || this.#rows[slot]! > 0)
    const both = Batch.concat(this.#schema, [old, this.#groups(after)])
    const [order, kinds] = [new Int32Array(both.length), new Uint8Array(both.length)]
    let [n, i, j] = [0, 0, before.length]
    for (const slot of touched) {
      const stays = this.#keyless || this.#rows[slot]! > 0
      if (this.#given[slot] === 1) {
        kinds[n] = stays ? UPDATE_BEFORE : DELETE
        order[n++] = i++
      }
      if (stays) {
        kinds[n] = this.#given[slot] === 1 ? UPDATE_AFTER : INSERT
        order[n++] = j++
      }
      this.#given[slot] = stays ? 1 : 0
    }
    const gone = touched.filter(slot => this.#given[slot] === 0)
    if (gone.length > 0) {
      this.#table.remove(gone, gone.length)
      this.#values.clear(gone)
      for (const slot of gone) this.#rows[slot] = 0
    }
    if (n === 0) return NOTHING
    const rows = both.take(order, n)
    return [new Batch(this.#schema, n, rows.columns, kinds)]
  }

  #groups(slots: Int32Array): Batch {
    const { length } = slots
    const columns = [...this.#table.columns(slots, length), ...this.#values.columns(slots)]
    return new Batch(this.#schema, length, columns)
  }

  snapshot(): AggregateState {
    return {
      table: this.#table.snapshot(),
      values: this.#values.snapshot(),
      rows: this.#rows.slice(),
      given: this.#given.slice(),
    }
  }

  restore(state: unknown): void {
    const { table, values, rows, given } = state as AggregateState
    this.#table.restore(table)
    this.#values.restore(values)
    this.#rows = rows.slice()
    this.#given = given.slice()
    this.#mark = new Int32Array(rows.length)
    this.#turn = 0
  }
}

interface AggregateState {
  readonly table: KeyTableState
  readonly values: unknown
  readonly rows: Float64Array
  readonly given: Uint8Array
}
