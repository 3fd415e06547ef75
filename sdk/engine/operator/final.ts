import { inspect } from 'node:util'
import { Batch, DELETE, UPDATE_BEFORE } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import { rowAt } from '../../data/row.ts'
import type { Schema } from '../../data/schema.ts'
import type { Final as FinalNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Gives what is left when all changes have been applied. Equal rows are one key with a count, and a key without rows is
 * forgotten. Rows that are never corrected are given as they come.
 */
export class Final implements Operator {
  readonly #schema: Schema
  readonly #corrects: boolean
  readonly #table: KeyTable
  /** By slot: how many such rows there are; below 0 where more were taken back than came. */
  #counts: Float64Array = new Float64Array(0)
  #slots: Int32Array = new Int32Array(0)

  constructor({ schema, input }: FinalNode) {
    this.#schema = schema
    this.#corrects = input.frameKind === 'updating'
    this.#table = new KeyTable(schema.fields)
  }

  get heldBytes(): number {
    return this.#table.bytes + this.#counts.byteLength
  }

  process(batch: Batch): Steps {
    if (!this.#corrects) return [batch]
    const { length, columns, kinds } = batch
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    const slots = this.#slots
    this.#table.slots(columns, length, slots)
    if (this.#counts.length < this.#table.end) {
      const more = new Float64Array(2 * this.#table.end)
      more.set(this.#counts)
      this.#counts = more
    }
    const counts = this.#counts
    for (let row = 0; row < length; row++) {
      const back = kinds !== null && (kinds[row] === UPDATE_BEFORE || kinds[row] === DELETE)
      counts[slots[row]!]! += back ? -1 : 1
    }
    this.#forget(slots, length)
    return NOTHING
  }

  /** Takes out the keys of these rows that have no row left, each once. */
  #forget(slots: Int32Array, length: number): void {
    const gone = new Set<number>()
    for (let row = 0; row < length; row++) if (this.#counts[slots[row]!] === 0) gone.add(slots[row]!)
    if (gone.size > 0) this.#table.remove(Int32Array.from(gone), gone.size)
  }

  /** No row is sure before the end. */
  watermark(time: number): Steps {
    return time === Infinity ? [time] : NOTHING
  }

  *end(): Generator<Step> {
    if (!this.#corrects) return
    const slots = new Int32Array(OUTPUT_ROWS)
    let n = 0
    for (let slot = 0; slot < this.#table.end; slot++) {
      const count = this.#counts[slot]!
      if (count < 0) throw this.#neverGiven(slot)
      for (let i = 0; i < count; i++) {
        slots[n++] = slot
        if (n < OUTPUT_ROWS) continue
        yield this.#rows(slots, n)
        n = 0
      }
    }
    if (n > 0) yield this.#rows(slots, n)
  }

  #rows(slots: Int32Array, length: number): Batch {
    const columns: readonly Column[] = this.#table.columns(slots, length)
    return new Batch(this.#schema, length, columns)
  }

  #neverGiven(slot: number): DataError {
    const row = inspect(rowAt(this.#rows(Int32Array.of(slot), 1), 0, 'iso'), { breakLength: Infinity })
    const text = `final: the row ${row} was taken back more often than it was given. A source of changes must give each row before it takes it back.`
    return new DataError('not-given', text)
  }

  snapshot(): FinalState {
    return { table: this.#table.snapshot(), counts: this.#counts.slice() }
  }

  restore(state: unknown): void {
    const { table, counts } = state as FinalState
    this.#table.restore(table)
    this.#counts = counts.slice()
  }
}

interface FinalState {
  readonly table: KeyTableState
  readonly counts: Float64Array
}
