import type { Batch } from '../../data/batch.ts'
import { take, type Column } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import type { Panes } from '../time/panes.ts'
import { NUMBER, numberColumn } from './window-columns.ts'

/** Finds the windows of rows. A window of a key is a slot, with bounds by slot; a slot that is freed is given out again. */
export interface WindowSlots {
  /** Every slot is below this. */
  readonly end: number
  readonly bytes: number
  /** The bounds of each slot's window; NaN where there is none. */
  readonly starts: Float64Array
  readonly ends: Float64Array
  /** Finds the windows of rows. Those that ended at `gone` or before are no more: a row of none but these is late. */
  assign(batch: Batch, keys: readonly Column[], times: Float64Array, gone: number): Assigned
  /** The keys of some slots. */
  keys(slots: Int32Array): Column[]
  free(slots: Int32Array): void
  snapshot(): unknown
  restore(state: unknown): void
}

export interface Assigned {
  /** The rows that are in windows, one that is in several once for each, or null for all rows of the batch in turn. */
  readonly rows: Int32Array | null
  /** The slot of each of them. */
  readonly slots: Int32Array
  /** Windows that one of them made one, in the order of these rows. */
  readonly merges: readonly Merge[]
  /** The rows that are late. */
  readonly late: readonly number[]
}

/** The row with which the window of a slot becomes part of another. */
export interface Merge {
  readonly row: number
  readonly from: number
  readonly into: number
}

const NO_MERGES: readonly Merge[] = []

/** Windows of event time that are there before their rows; without panes one that holds all rows. */
export class TimeSlots implements WindowSlots {
  readonly #panes: Panes | null
  readonly #table: KeyTable
  starts: Float64Array<ArrayBuffer> = new Float64Array(0)
  ends: Float64Array<ArrayBuffer> = new Float64Array(0)

  constructor(panes: Panes | null, keys: readonly Nullable[]) {
    this.#panes = panes
    this.#table = new KeyTable([...keys, NUMBER])
  }

  get end(): number {
    return this.#table.end
  }

  get bytes(): number {
    return this.#table.bytes + 2 * this.ends.byteLength
  }

  assign(batch: Batch, keys: readonly Column[], times: Float64Array, gone: number): Assigned {
    const panes = this.#panes
    if (panes === null) return { ...this.#found(keys, null, new Float64Array(batch.length)), late: [] }
    const last = panes.at(gone)
    const [rows, numbers, late]: [number[], number[], number[]] = [[], [], []]
    let [from, to, pane] = [0, -Infinity, 0]
    for (let row = 0; row < batch.length; row++) {
      const time = times[row]!
      if (time < from || time >= to) {
        pane = panes.at(time)
        from = panes.bound(pane)
        to = panes.bound(pane + 1)
      }
      const end = panes.lastEnd(pane)
      if (end <= pane) continue
      if (end <= last) late.push(row)
      else {
        for (let each = panes.firstEnd(pane); each <= end; each += panes.every) {
          if (each <= last) continue
          rows.push(row)
          numbers.push(each)
        }
      }
    }
    const all = Int32Array.from(rows)
    return { ...this.#found(keys, all, Float64Array.from(numbers)), late }
  }

  #found(keys: readonly Column[], rows: Int32Array | null, numbers: Float64Array): Omit<Assigned, 'late'> {
    const slots = new Int32Array(numbers.length)
    const columns = rows === null ? keys : keys.map(column => take(column, rows))
    this.#table.slots([...columns, numberColumn(numbers)], numbers.length, slots)
    this.starts = withRoom(this.starts, this.end)
    this.ends = withRoom(this.ends, this.end)
    for (const [i, slot] of slots.entries()) if (Number.isNaN(this.ends[slot])) this.#bound(slot, numbers[i]!)
    return { rows, slots, merges: NO_MERGES }
  }

  #bound(slot: number, number: number): void {
    const panes = this.#panes
    this.starts[slot] = panes === null ? -Infinity : panes.bound(panes.start(number))
    this.ends[slot] = panes === null ? Infinity : panes.bound(number)
  }

  keys(slots: Int32Array): Column[] {
    return this.#table.columns(slots, slots.length).slice(0, -1)
  }

  free(slots: Int32Array): void {
    this.#table.remove(slots, slots.length)
    for (const slot of slots) this.ends[slot] = this.starts[slot] = NaN
  }

  snapshot(): TimeSlotsState {
    return { table: this.#table.snapshot(), starts: this.starts.slice(), ends: this.ends.slice() }
  }

  restore(state: unknown): void {
    const { table, starts, ends } = state as TimeSlotsState
    this.#table.restore(table)
    this.starts = starts.slice()
    this.ends = ends.slice()
  }
}

interface TimeSlotsState {
  readonly table: KeyTableState
  readonly starts: Float64Array
  readonly ends: Float64Array
}

/** A longer array whose new places are NaN. */
export function withRoom(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= array.length) return array
  const more = new Float64Array(Math.max(16, length * 2)).fill(NaN)
  more.set(array)
  return more
}
