import { Batch } from '../../data/batch.ts'
import { compact } from '../../data/compact.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import type { Schema } from '../../data/schema.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { grown } from './grown.ts'

/**
 * Rows by slot, each slot's in the order they came. The rows of all slots lie in common columns; those of a slot are a list
 * threaded through an array by row. What is cleared is left where it is until that is more than half.
 */
export class RowsBySlot {
  readonly #schema: Schema
  #parts: Batch[] = []
  #meter = new MemoryMeter()
  #length = 0
  #live = 0
  /** By row: its slot, −1 once it is cleared, and the row before it in that slot, −1 for none. */
  #owner: Int32Array = new Int32Array(0)
  #previous: Int32Array = new Int32Array(0)
  /** By slot: its last row and its first, −1 for none. */
  #last: Int32Array = new Int32Array(0)
  #first: Int32Array = new Int32Array(0)

  constructor(schema: Schema) {
    this.#schema = schema
  }

  get bytes(): number {
    return this.#meter.bytes + this.#owner.byteLength + this.#previous.byteLength + 2 * this.#last.byteLength
  }

  grow(end: number): void {
    this.#last = grown(this.#last, end, -1)
    this.#first = grown(this.#first, end, -1)
  }

  /** Adds each row to its slot; kinds are left out. */
  add(batch: Batch, slots: Int32Array): void {
    const { length } = batch
    this.#meter.add(batch)
    this.#parts.push(batch.kinds === null ? batch : new Batch(this.#schema, length, batch.columns))
    this.#owner = grown(this.#owner, this.#length + length, -1)
    this.#previous = grown(this.#previous, this.#length + length, -1)
    for (let row = 0; row < length; row++) this.#append(slots[row]!, this.#length + row)
    this.#length += length
    this.#live += length
  }

  #append(slot: number, row: number): void {
    this.#owner[row] = slot
    this.#previous[row] = this.#last[slot]!
    this.#last[slot] = row
    if (this.#first[slot] === -1) this.#first[slot] = row
  }

  /** The rows of some slots, one slot after another, and how many each has; of each at most the last `most`. */
  rowsOf(slots: Int32Array, most: number = Infinity): { readonly rows: Batch; readonly counts: Int32Array } {
    const numbers: number[] = []
    const counts = new Int32Array(slots.length)
    for (const [i, slot] of slots.entries()) {
      const own = this.#numbers(slot)
      if (own.length > most) own.splice(0, own.length - most)
      counts[i] = own.length
      for (const row of own) numbers.push(row)
    }
    return { rows: this.#all().take(Int32Array.from(numbers)), counts }
  }

  has(slot: number): boolean {
    return this.#last[slot] !== -1
  }

  #numbers(slot: number): number[] {
    const own: number[] = []
    let isOrdered = true
    for (let row = this.#last[slot]!; row >= 0; row = this.#previous[row]!) {
      if (own.length > 0 && row > own[own.length - 1]!) isOrdered = false
      own.push(row)
    }
    return isOrdered ? own.reverse() : own.sort((a, b) => a - b)
  }

  #all(): Batch {
    const all = Batch.concat(this.#schema, this.#parts)
    this.#parts = [all]
    return all
  }

  /** Gives the rows of one slot to another. */
  move(from: number, into: number): void {
    const last = this.#last[from]!
    if (last === -1) return
    for (let row = last; row >= 0; row = this.#previous[row]!) this.#owner[row] = into
    this.#previous[this.#first[from]!] = this.#last[into]!
    this.#last[into] = last
    if (this.#first[into] === -1) this.#first[into] = this.#first[from]!
    this.#last[from] = this.#first[from] = -1
  }

  /** Takes out the rows of some slots, or of each all but the last `most`. */
  clear(slots: Int32Array, most = 0): void {
    for (const slot of slots) {
      const own = this.#numbers(slot)
      if (own.length <= most) continue
      const kept = most === 0 ? [] : own.splice(-most)
      for (const row of own) this.#owner[row] = -1
      this.#live -= own.length
      this.#last[slot] = this.#first[slot] = -1
      for (const row of kept) this.#append(slot, row)
    }
    if (this.#length > 2 * this.#live + 1024) this.#compact()
  }

  #compact(): void {
    const kept = new Int32Array(this.#live)
    let n = 0
    for (let row = 0; row < this.#length; row++) if (this.#owner[row]! >= 0) kept[n++] = row
    const all = this.#all().take(kept)
    this.#hold(
      new Batch(this.#schema, n, all.columns.map(compact)),
      kept.map(row => this.#owner[row]!),
    )
  }

  #hold(all: Batch, owner: Int32Array): void {
    this.#parts = [all]
    this.#meter = new MemoryMeter()
    this.#meter.add(all)
    this.#length = this.#live = all.length
    this.#owner = new Int32Array(all.length)
    this.#previous = new Int32Array(all.length)
    this.#last.fill(-1)
    this.#first.fill(-1)
    for (let row = 0; row < all.length; row++) this.#append(owner[row]!, row)
  }

  snapshot(): RowsBySlotState {
    this.#compact()
    return { slots: this.#last.length, all: packed(this.#all()), owner: this.#owner.slice(0, this.#length) }
  }

  restore(state: unknown): void {
    const { slots, all, owner } = state as RowsBySlotState
    this.grow(slots)
    this.#hold(unpacked(this.#schema, all), owner)
  }
}

interface RowsBySlotState {
  readonly slots: number
  readonly all: BatchState
  readonly owner: Int32Array
}
