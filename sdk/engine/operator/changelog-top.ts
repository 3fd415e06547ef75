import { Batch, DELETE, INSERT, UPDATE_BEFORE } from '../../data/batch.ts'
import { valueAt, type Column, type Value } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import { SLOT_BYTES } from '../../data/value-bytes.ts'
import { compareValues } from '../../expr/order.ts'
import type { Top as TopNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { SlotRows, type SlotRowsState } from '../state/slot-rows.ts'
import { compileProject } from '../vector/project.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/**
 * The first rows of an order, of each group, where rows may be taken back: then the next one moves up, so that all rows
 * are kept, those of a group in a sorted list. Rows that the order does not tell apart stand as they came; of equal rows
 * the last that came is taken back. Each batch that changes the first rows of a group gives the difference: −D for rows
 * that leave, +I for those that enter.
 */
export class ChangelogTop implements Operator {
  readonly #node: TopNode
  readonly #keys: (batch: Batch) => Column[]
  readonly #by: (batch: Batch) => Column[]
  readonly #descending: readonly boolean[]
  readonly #all: readonly number[]
  readonly #table: KeyTable
  readonly #rows: SlotRows
  /** By key of the order, then by slot. */
  #values: readonly Value[][]
  /** By group: the slots of its rows in order. */
  #lists: number[][] = []

  constructor(node: TopNode) {
    const { schema } = node.input
    const keys = node.keys.map(key => key.expr)
    this.#node = node
    this.#keys = compileProject(keys, schema)
    this.#by = compileProject(
      node.by.map(key => key.expr),
      schema,
    )
    this.#descending = node.by.map(key => key.descending)
    this.#all = schema.fields.map((_, i) => i)
    this.#table = new KeyTable(keys)
    this.#rows = new SlotRows(schema)
    this.#values = node.by.map(() => [])
  }

  get heldBytes(): number {
    return this.#table.bytes + this.#rows.bytes + SLOT_BYTES * this.#rows.end * (1 + this.#values.length)
  }

  process(batch: Batch): Steps {
    const { count } = this.#node
    if (count === 0) return NOTHING
    const { length, columns, kinds } = batch
    const [groups, slots] = [new Int32Array(length), new Int32Array(length)]
    this.#table.slots(this.#keys(batch), length, groups)
    while (this.#lists.length < this.#table.end) this.#lists.push([])
    this.#put(batch, slots)
    const before = new Map<number, readonly number[]>()
    const gone: number[] = []
    for (let row = 0; row < length; row++) {
      const [group, slot] = [groups[row]!, slots[row]!]
      const list = this.#lists[group]!
      if (!before.has(group)) before.set(group, list.slice(0, count))
      const place = this.#placeOf(list, slot)
      if (kinds === null || !(kinds[row] === UPDATE_BEFORE || kinds[row] === DELETE)) {
        list.splice(place, 0, slot)
        continue
      }
      gone.push(slot)
      let at = place - 1
      while (at >= 0 && !this.#rows.equals(list[at]!, columns, row)) {
        at = this.#compare(list[at]!, slot) === 0 ? at - 1 : -1
      }
      if (at < 0) throw this.#neverGiven(row)
      gone.push(list.splice(at, 1)[0]!)
    }
    const changed = this.#changed(before)
    for (const slot of gone) this.#rows.free(slot)
    const empty = [...before.keys()].filter(group => this.#lists[group]!.length === 0)
    if (empty.length > 0) this.#table.remove(Int32Array.from(empty), empty.length)
    return changed
  }

  /** Keeps rows and their values of the order; a row that is taken back is kept only while it is looked for. */
  #put(batch: Batch, slots: Int32Array): void {
    const { length, columns } = batch
    this.#rows.put(
      columns,
      Int32Array.from({ length }, (_, row) => row),
      length,
      slots,
    )
    for (const [k, column] of this.#by(batch).entries()) {
      const values = this.#values[k]!
      while (values.length < this.#rows.end) values.push(null)
      for (let row = 0; row < length; row++) values[slots[row]!] = valueAt(column, row)
    }
  }

  /** Behind all rows of a list that do not come after this one in the order. */
  #placeOf(list: readonly number[], slot: number): number {
    let [from, to] = [0, list.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#compare(list[middle]!, slot) > 0) to = middle
      else from = middle + 1
    }
    return from
  }

  #compare(a: number, b: number): number {
    for (const [k, values] of this.#values.entries()) {
      const [x, y] = [values[a]!, values[b]!]
      if (x === null || y === null) {
        if (x !== y) return x === null ? 1 : -1
        continue
      }
      const order = compareValues(x, y)
      if (order !== 0) return this.#descending[k]! ? -order : order
    }
    return 0
  }

  #changed(before: ReadonlyMap<number, readonly number[]>): Steps {
    const [given, kinds]: [number[], number[]] = [[], []]
    const add = (slot: number, kind: number): void => {
      given.push(slot)
      kinds.push(kind)
    }
    for (const [group, old] of before) {
      const now = this.#lists[group]!.slice(0, this.#node.count)
      const [was, is] = [new Set(old), new Set(now)]
      for (const slot of old) if (!is.has(slot)) add(slot, DELETE)
      for (const slot of now) if (!was.has(slot)) add(slot, INSERT)
    }
    if (given.length === 0) return NOTHING
    const columns = this.#rows.take(this.#all, Int32Array.from(given), given.length)
    return [new Batch(this.#node.schema, given.length, columns, Uint8Array.from(kinds))]
  }

  #neverGiven(row: number): DataError {
    const text = `${this.#node.by.length === 0 ? 'distinct' : 'top'}: a row is taken back that did not come before, or was taken back already. A source of changes must give each row before it takes it back.`
    return new DataError('not-given', text, { row })
  }

  watermark(time: number): Steps {
    return time === Infinity ? [time] : NOTHING
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): ChangelogTopState {
    return {
      table: this.#table.snapshot(),
      rows: this.#rows.snapshot(),
      values: this.#values.map(values => [...values]),
      lists: this.#lists.map(list => [...list]),
    }
  }

  restore(state: unknown): void {
    const { table, rows, values, lists } = state as ChangelogTopState
    this.#table.restore(table)
    this.#rows.restore(rows)
    this.#values = values.map(list => [...list])
    this.#lists = lists.map(list => [...list])
  }
}

interface ChangelogTopState {
  readonly table: KeyTableState
  readonly rows: SlotRowsState
  readonly values: readonly (readonly Value[])[]
  readonly lists: readonly (readonly number[])[]
}
