import type { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { grown } from './grown.ts'
import { withRoom, type Assigned, type Merge, type WindowSlots } from './window-slots.ts'

/**
 * Sessions: rows of a key that are at most a gap apart. A session begins with its first row and ends a gap after its last.
 * A row that is within the gap of two sessions makes them one. The sessions of a key are a list threaded through an array
 * by slot, the one that had a row last in front; there are few, for those that have ended long ago are freed.
 */
export class SessionSlots implements WindowSlots {
  readonly #gap: number
  readonly #ids: KeyTable
  /** By the number of a key: the slot of its first session, −1 for none. */
  #head: Int32Array = new Int32Array(0)
  /** By slot: the next session of the key, −1 for none, and the number of the key. */
  #next: Int32Array = new Int32Array(0)
  #idOf: Int32Array = new Int32Array(0)
  #free: number[] = []
  end = 0
  starts: Float64Array<ArrayBuffer> = new Float64Array(0)
  ends: Float64Array<ArrayBuffer> = new Float64Array(0)

  constructor(gapMicros: number, keys: readonly Nullable[]) {
    this.#gap = gapMicros
    this.#ids = new KeyTable(keys)
  }

  get bytes(): number {
    return this.#ids.bytes + this.#head.byteLength + 2 * this.#next.byteLength + 2 * this.ends.byteLength
  }

  assign(batch: Batch, keys: readonly Column[], times: Float64Array, gone: number): Assigned {
    const { length } = batch
    const ids = new Int32Array(length)
    this.#ids.slots(keys, length, ids)
    this.#head = grown(this.#head, this.#ids.end, -1)
    const slots = new Int32Array(length)
    const [late, merges]: [number[], Merge[]] = [[], []]
    for (let row = 0; row < length; row++) {
      const [id, time] = [ids[row]!, times[row]!]
      const slot = this.#sessionOf(id, time)
      if (slot >= 0) {
        this.#extend(slot, time)
        const other = this.#sessionOf(id, time, slot)
        if (other >= 0) {
          this.#join(other, slot)
          merges.push({ row: row - late.length, from: other, into: slot })
        }
        slots[row - late.length] = slot
      } else if (time + this.#gap <= gone) late.push(row)
      else slots[row - late.length] = this.#begin(id, time)
    }
    this.#forget(ids)
    if (late.length === 0) return { rows: null, slots, merges, late }
    const isLate = new Set(late)
    const rows = Int32Array.from({ length }, (_, row) => row).filter(row => !isLate.has(row))
    return { rows, slots: slots.subarray(0, rows.length), merges, late }
  }

  /** A session of a key that a time is within the gap of, but for one of them; −1 where there is none. */
  #sessionOf(id: number, time: number, but = -1): number {
    for (let slot = this.#head[id]!; slot >= 0; slot = this.#next[slot]!) {
      if (slot !== but && time <= this.ends[slot]! && time + this.#gap >= this.starts[slot]!) return slot
    }
    return -1
  }

  #extend(slot: number, time: number): void {
    if (time < this.starts[slot]!) this.starts[slot] = time
    if (time + this.#gap > this.ends[slot]!) this.ends[slot] = time + this.#gap
  }

  #begin(id: number, time: number): number {
    const slot = this.#free.pop() ?? this.end++
    if (this.#next.length < this.end) {
      this.#next = grown(this.#next, this.end, -1)
      this.#idOf = grown(this.#idOf, this.end, -1)
      this.starts = withRoom(this.starts, this.end)
      this.ends = withRoom(this.ends, this.end)
    }
    this.starts[slot] = time
    this.ends[slot] = time + this.#gap
    this.#idOf[slot] = id
    this.#next[slot] = this.#head[id]!
    this.#head[id] = slot
    return slot
  }

  /** The bounds of one session grow to those of two; the other has none until it is freed. */
  #join(from: number, into: number): void {
    this.starts[into] = Math.min(this.starts[into]!, this.starts[from]!)
    this.ends[into] = Math.max(this.ends[into]!, this.ends[from]!)
    this.#unlink(from)
    this.starts[from] = this.ends[from] = NaN
  }

  #unlink(slot: number): void {
    const id = this.#idOf[slot]!
    if (this.#head[id] === slot) {
      this.#head[id] = this.#next[slot]!
      return
    }
    let before = this.#head[id]!
    while (this.#next[before] !== slot) before = this.#next[before]!
    this.#next[before] = this.#next[slot]!
  }

  /** Keys that have only had rows that are late are no more. */
  #forget(ids: Int32Array): void {
    const gone = [...new Set(ids.filter(id => this.#head[id] === -1))]
    if (gone.length > 0) this.#ids.remove(Int32Array.from(gone), gone.length)
  }

  keys(slots: Int32Array): Column[] {
    const ids = slots.map(slot => this.#idOf[slot]!)
    return this.#ids.columns(ids, ids.length)
  }

  free(slots: Int32Array): void {
    const ids = slots.map(slot => this.#idOf[slot]!)
    for (const slot of slots) {
      // one that became part of another is out of its list
      if (!Number.isNaN(this.ends[slot])) this.#unlink(slot)
      this.starts[slot] = this.ends[slot] = NaN
      this.#idOf[slot] = -1
      this.#free.push(slot)
    }
    this.#forget(ids)
  }

  snapshot(): SessionState {
    return {
      ids: this.#ids.snapshot(),
      head: this.#head.slice(),
      next: this.#next.slice(),
      idOf: this.#idOf.slice(),
      free: [...this.#free],
      end: this.end,
      starts: this.starts.slice(),
      ends: this.ends.slice(),
    }
  }

  restore(state: unknown): void {
    const { ids, head, next, idOf, free, end, starts, ends } = state as SessionState
    this.#ids.restore(ids)
    this.#head = head.slice()
    this.#next = next.slice()
    this.#idOf = idOf.slice()
    this.#free = [...free]
    this.end = end
    this.starts = starts.slice()
    this.ends = ends.slice()
  }
}

interface SessionState {
  readonly ids: KeyTableState
  readonly head: Int32Array
  readonly next: Int32Array
  readonly idOf: Int32Array
  readonly free: readonly number[]
  readonly end: number
  readonly starts: Float64Array
  readonly ends: Float64Array
}
