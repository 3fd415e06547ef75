import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import { SlotRows, type SlotRowsState } from './slot-rows.ts'

/**
 * One side of a join whose rows come and go: the rows in slots, those of each key in a list from the earliest time to
 * the latest, of one time in the order they came. Links are slots, −1 where a list ends. A row that comes in order is
 * put at the end at once, and a search begins at the end that is nearer to the time it looks for.
 */
export class KeyedRows {
  readonly rows: SlotRows
  /** By slot: the row after it in the list of its key. */
  next: Int32Array = new Int32Array(0)
  times: Float64Array = new Float64Array(0)
  /** By slot: how many partners the row has found. */
  partners: Int32Array = new Int32Array(0)
  /** By key: the earliest row. */
  #first: Int32Array = new Int32Array(0)
  #last: Int32Array = new Int32Array(0)
  #previous: Int32Array = new Int32Array(0)
  /** By slot: the key in whose list the row is, −1 where it is in none. */
  #key: Int32Array = new Int32Array(0)

  constructor(schema: Schema) {
    this.rows = new SlotRows(schema)
  }

  /** About how many bytes rows and lists take. */
  get bytes(): number {
    return this.rows.bytes + 24 * this.next.length + 8 * this.#first.length
  }

  /** Keeps rows of a batch under slots, which are in no list yet. */
  put(columns: readonly Column[], rows: Int32Array, length: number, slots: Int32Array): void {
    this.rows.put(columns, rows, length, slots)
    const { end } = this.rows
    if (this.next.length < end) {
      const capacity = Math.max(64, 2 * end)
      this.next = ints(this.next, capacity)
      this.partners = ints(this.partners, capacity)
      this.#previous = ints(this.#previous, capacity)
      this.#key = ints(this.#key, capacity)
      const times = new Float64Array(capacity)
      times.set(this.times)
      this.times = times
    }
    for (let i = 0; i < length; i++) {
      this.#key[slots[i]!] = -1
      this.partners[slots[i]!] = 0
    }
  }

  /** Makes room for the lists of keys below `end`. */
  reserve(end: number): void {
    if (this.#first.length >= end) return
    this.#first = ints(this.#first, 2 * end)
    this.#last = ints(this.#last, 2 * end)
  }

  has(key: number): boolean {
    return this.#first[key]! >= 0
  }

  /** The earliest row of a key, −1 where there is none. */
  first(key: number): number {
    return this.#first[key]!
  }

  /** The latest row of a key, −1 where there is none. */
  last(key: number): number {
    return this.#last[key]!
  }

  /** Puts a row into the list of a key. */
  insert(slot: number, key: number, time: number): void {
    const { times, next } = this
    let before = this.#last[key]!
    while (before >= 0 && times[before]! > time) before = this.#previous[before]!
    const after = before < 0 ? this.#first[key]! : next[before]!
    times[slot] = time
    next[slot] = after
    this.#previous[slot] = before
    this.#key[slot] = key
    if (before < 0) this.#first[key] = slot
    else next[before] = slot
    if (after < 0) this.#last[key] = slot
    else this.#previous[after] = slot
  }

  /** Takes a row out of its list; its slot stays its own until it is freed. */
  unlink(slot: number): void {
    const key = this.#key[slot]!
    if (key < 0) return
    const [before, after] = [this.#previous[slot]!, this.next[slot]!]
    if (before < 0) this.#first[key] = after
    else this.next[before] = after
    if (after < 0) this.#last[key] = before
    else this.#previous[after] = before
    this.#key[slot] = -1
  }

  /** The key in whose list a row is, −1 where it is in none. */
  keyOf(slot: number): number {
    return this.#key[slot]!
  }

  /** True while the row is in a list. */
  listed(slot: number): boolean {
    return this.#key[slot]! >= 0
  }

  /** The first row of a key whose time is not before this one, −1 where there is none. */
  from(key: number, time: number): number {
    const { times, next } = this
    let slot = this.#last[key]!
    if (slot < 0 || times[slot]! < time) return -1
    const first = this.#first[key]!
    if (times[first]! >= time) return first
    if (time - times[first]! < times[slot]! - time) {
      slot = first
      while (times[slot]! < time) slot = next[slot]!
      return slot
    }
    // the earliest row is before the time, so that there is one to stop at
    while (times[this.#previous[slot]!]! >= time) slot = this.#previous[slot]!
    return slot
  }

  /** The last row of a key whose time is not after this one, −1 where there is none. */
  upTo(key: number, time: number): number {
    let slot = this.#last[key]!
    while (slot >= 0 && this.times[slot]! > time) slot = this.#previous[slot]!
    return slot
  }

  /** The row before one in its list, −1 where there is none. */
  before(slot: number): number {
    return this.#previous[slot]!
  }

  snapshot(): KeyedRowsState {
    const { end } = this.rows
    return {
      rows: this.rows.snapshot(),
      next: this.next.slice(0, end),
      times: this.times.slice(0, end),
      partners: this.partners.slice(0, end),
      first: this.#first.slice(),
      last: this.#last.slice(),
      previous: this.#previous.slice(0, end),
      key: this.#key.slice(0, end),
    }
  }

  restore({ rows, next, times, partners, first, last, previous, key }: KeyedRowsState): void {
    this.rows.restore(rows)
    this.next = next.slice()
    this.times = times.slice()
    this.partners = partners.slice()
    this.#first = first.slice()
    this.#last = last.slice()
    this.#previous = previous.slice()
    this.#key = key.slice()
  }
}

export interface KeyedRowsState {
  readonly rows: SlotRowsState
  readonly next: Int32Array
  readonly times: Float64Array
  readonly partners: Int32Array
  readonly first: Int32Array
  readonly last: Int32Array
  readonly previous: Int32Array
  readonly key: Int32Array
}

/** A longer copy, filled up with −1. */
function ints(from: Int32Array, length: number): Int32Array {
  const to = new Int32Array(length).fill(-1, from.length)
  to.set(from)
  return to
}
