import { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import type { Distinct as DistinctNode } from '../../plan/node.ts'
import type { KeyTableState } from '../state/key-table.ts'
import { FirstRows } from './first-rows.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Gives the first row of each key of a stream as it comes. Its schema may lack key columns that nobody reads afterwards. */
export class Distinct implements Operator {
  readonly #schema: Schema
  readonly #kept: readonly number[]
  readonly #keys: readonly number[]
  readonly #first: FirstRows

  constructor({ schema, on, input }: DistinctNode) {
    this.#schema = schema
    this.#kept = schema.names.map(name => input.schema.indexOf(name))
    this.#keys = on.map(name => input.schema.indexOf(name))
    this.#first = new FirstRows(this.#keys.map(i => input.schema.fields[i]!))
  }

  get heldBytes(): number {
    return this.#first.bytes
  }

  process({ length, columns }: Batch): Steps {
    const rows = this.#first.take(
      this.#keys.map(i => columns[i]!),
      length,
    )
    if (rows.length === 0) return NOTHING
    const kept = this.#kept.map(i => columns[i]!)
    const narrow = new Batch(this.#schema, length, kept)
    return [rows.length === length ? narrow : narrow.take(rows)]
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): KeyTableState {
    return this.#first.snapshot()
  }

  restore(state: unknown): void {
    this.#first.restore(state as KeyTableState)
  }
}
