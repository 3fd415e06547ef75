import { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import { Stateless, type Steps } from './operator.ts'

/** Gives rows as they come, under its own schema: a union of inputs, a side output, the event time of a batch. */
export class Pass extends Stateless {
  readonly #schema: Schema
  readonly #kept: readonly number[]

  /** Takes the columns of `schema` from batches that have those of `from`. */
  constructor(schema: Schema, from: Schema) {
    super()
    this.#schema = schema
    this.#kept = schema.names.map(name => from.indexOf(name))
  }

  process(batch: Batch): Steps {
    const columns = this.#kept.map(i => batch.columns[i]!)
    return [new Batch(this.#schema, batch.length, columns, batch.kinds)]
  }
}
