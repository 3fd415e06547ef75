import { take, type Column } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { KeyTable } from '../state/key-table.ts'
import type { GroupValues } from './group-values.ts'
import { OUTPUT_ROWS } from './operator.ts'
import { grown } from './grown.ts'

/**
 * Puts the groups of panes together into those of a window. Each key has a number as long as a pane has it, which is
 * looked up once, when a group begins: after that the groups of a window meet by numbers alone.
 */
export class PaneSums {
  readonly #ids: KeyTable
  readonly #sums: GroupValues
  /** By slot of a pane: the number of its key. */
  #idOf: Int32Array = new Int32Array(0)
  /** By the number of a key: groups that have it, and its place in the window, −1 where it has none. */
  #uses: Int32Array = new Int32Array(0)
  #place: Int32Array = new Int32Array(0)
  /** By place: the number of the key. */
  #members: Int32Array = new Int32Array(0)
  #length = 0

  constructor(keys: readonly Nullable[], sums: GroupValues) {
    this.#ids = new KeyTable(keys)
    this.#sums = sums
  }

  get bytes(): number {
    return this.#ids.bytes + this.#sums.bytes
  }

  /** Takes in groups that begin with these rows, of batches with these keys; all slots are below `end`. */
  note(keys: readonly Column[], rows: Int32Array, slots: Int32Array, end: number): void {
    const { length } = rows
    const ids = new Int32Array(length)
    this.#ids.slots(
      keys.map(column => take(column, rows)),
      length,
      ids,
    )
    this.#idOf = grown(this.#idOf, end)
    this.#uses = grown(this.#uses, this.#ids.end)
    this.#place = grown(this.#place, this.#ids.end, -1)
    for (let i = 0; i < length; i++) {
      this.#idOf[slots[rows[i]!]!] = ids[i]!
      this.#uses[ids[i]!]!++
    }
  }

  /** Adds groups to the window. */
  add(slots: Int32Array, from: GroupValues): void {
    const { length } = slots
    const targets = new Int32Array(length)
    this.#members = grown(this.#members, this.#length + length)
    const [place, idOf] = [this.#place, this.#idOf]
    for (let i = 0; i < length; i++) {
      const id = idOf[slots[i]!]!
      let target = place[id]!
      if (target < 0) {
        target = place[id] = this.#length++
        this.#members[target] = id
      }
      targets[i] = target
    }
    this.#sums.grow(this.#length)
    this.#sums.merge(targets, from, slots, length)
  }

  /** The keys and values of the window's groups, some at a time; after that it is empty again. */
  *take(): Generator<{ readonly length: number; readonly keys: Column[]; readonly values: Column[] }> {
    const all = new Int32Array(this.#length)
    for (let place = 0; place < all.length; place++) all[place] = place
    for (let from = 0; from < this.#length; from += OUTPUT_ROWS) {
      const places = all.subarray(from, from + OUTPUT_ROWS)
      const ids = this.#members.subarray(from, from + places.length)
      yield { length: ids.length, keys: this.#ids.columns(ids, ids.length), values: this.#sums.columns(places) }
    }
    for (let i = 0; i < this.#length; i++) this.#place[this.#members[i]!] = -1
    this.#sums.clear(all)
    this.#length = 0
  }

  /** The groups of a pane are no more. */
  drop(slots: Int32Array): void {
    const gone = slots.map(slot => this.#idOf[slot]!).filter(id => --this.#uses[id]! === 0)
    this.#ids.remove(gone, gone.length)
  }
}
