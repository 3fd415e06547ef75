import { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import type { Distinct as DistinctNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/**
 * Gives the first row of each key as it comes. The table gives out slots in turn and takes none back, so that a row is
 * the first of its key when its slot is the next one. Its schema may lack key columns that nobody reads afterwards.
 */
export class Distinct implements Operator {
  readonly #schema: Schema
  readonly #kept: readonly number[]
  readonly #keys: readonly number[]
  readonly #table: KeyTable
  #slots: Int32Array = new Int32Array(0)

  constructor({ schema, on, input }: DistinctNode) {
    this.#schema = schema
    this.#kept = schema.names.map(name => input.schema.indexOf(name))
    this.#keys = on.map(name => input.schema.indexOf(name))
    this.#table = new KeyTable(this.#keys.map(i => input.schema.fields[i]!))
  }

  process(batch: Batch): Steps {
    const { length, columns } = batch
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    let next = this.#table.end
    const slots = this.#slots
    this.#table.slots(
      this.#keys.map(i => columns[i]!),
      length,
      slots,
    )
    const rows = new Int32Array(this.#table.end - next)
    let count = 0
    for (let row = 0; row < length; row++) {
      if (slots[row] !== next) continue
      rows[count++] = row
      next++
    }
    if (count === 0) return NOTHING
    const kept = this.#kept.map(i => columns[i]!)
    const narrow = new Batch(this.#schema, length, kept)
    return [count === length ? narrow : narrow.take(rows)]
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): KeyTableState {
    return this.#table.snapshot()
  }

  restore(state: unknown): void {
    this.#table.restore(state as KeyTableState)
  }
}
