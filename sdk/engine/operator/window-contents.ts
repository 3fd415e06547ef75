import type { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { GroupValues } from './group-values.ts'
import { RowsBySlot } from './rows-by-slot.ts'

/** What windows hold, by slot, and what is made of it when they are given. */
export interface WindowContents {
  /** Makes the slots below `end` exist. */
  grow(end: number): void
  add(batch: Batch, slots: Int32Array): void
  /** The columns behind keys and bounds, and how many rows each slot gives; null where each gives one. */
  given(slots: Int32Array): { readonly columns: readonly Column[]; readonly counts: Int32Array | null }
  /** Puts what one slot holds into another and leaves it empty. */
  merge(from: number, into: number): void
  clear(slots: Int32Array): void
  readonly bytes: number
  snapshot(): unknown
  restore(state: unknown): void
}

/** Aggregates, which are merged when windows are. */
export class AggregateContents implements WindowContents {
  readonly #values: GroupValues

  constructor(values: GroupValues) {
    this.#values = values
  }

  get bytes(): number {
    return this.#values.bytes
  }

  grow(end: number): void {
    this.#values.grow(end)
  }

  add(batch: Batch, slots: Int32Array): void {
    this.#values.add(batch, slots)
  }

  given(slots: Int32Array): { readonly columns: readonly Column[]; readonly counts: null } {
    return { columns: this.#values.columns(slots), counts: null }
  }

  merge(from: number, into: number): void {
    const source = Int32Array.of(from)
    this.#values.merge(Int32Array.of(into), this.#values, source, 1)
    this.#values.clear(source)
  }

  clear(slots: Int32Array): void {
    this.#values.clear(slots)
  }

  snapshot(): unknown {
    return this.#values.snapshot()
  }

  restore(state: unknown): void {
    this.#values.restore(state)
  }
}

/** Rows in the order they came, of which something is made each time they are given. */
export class RowContents implements WindowContents {
  readonly #rows: RowsBySlot
  readonly #made: Made
  /** Rows of a window, at most: the last ones stay. */
  readonly #most: number

  constructor(schema: Schema, made: Made, most: number = Infinity) {
    this.#rows = new RowsBySlot(schema)
    this.#made = made
    this.#most = most
  }

  get bytes(): number {
    return this.#rows.bytes
  }

  grow(end: number): void {
    this.#rows.grow(end)
  }

  add(batch: Batch, slots: Int32Array): void {
    this.#rows.add(batch, slots)
  }

  given(slots: Int32Array): { readonly columns: readonly Column[]; readonly counts: Int32Array | null } {
    if (this.#most !== Infinity) this.#rows.clear(slots, this.#most)
    const { rows, counts } = this.#rows.rowsOf(slots)
    return this.#made(rows, counts)
  }

  merge(from: number, into: number): void {
    this.#rows.move(from, into)
  }

  clear(slots: Int32Array): void {
    this.#rows.clear(slots)
  }

  snapshot(): unknown {
    return this.#rows.snapshot()
  }

  restore(state: unknown): void {
    this.#rows.restore(state)
  }
}

/** Makes of the rows of windows, one window after another, what they give. `counts` are the rows of each. */
export type Made = (
  rows: Batch,
  counts: Int32Array,
) => { readonly columns: readonly Column[]; readonly counts: Int32Array | null }

/** Aggregates of rows that are kept. */
export function aggregating(make: () => GroupValues): Made {
  return (rows, counts) => {
    const values = make()
    values.grow(counts.length)
    const slots = new Int32Array(rows.length)
    for (let i = 0, row = 0; i < counts.length; i++) for (let n = counts[i]!; n > 0; n--) slots[row++] = i
    values.add(rows, slots)
    return { columns: values.columns(Int32Array.from(counts, (_, i) => i)), counts: null }
  }
}
