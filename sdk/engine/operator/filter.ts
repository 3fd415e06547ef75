import { Batch } from '../../data/batch.ts'
import type { Schema } from '../../data/schema.ts'
import type { Filter as FilterNode } from '../../plan/node.ts'
import { compileFilter } from '../vector/filter.ts'
import { NOTHING, Stateless, type Steps } from './operator.ts'

/**
 * Keeps the rows for which the condition is true. Its schema may have fewer columns than its input, so that a column
 * that only the condition reads is not copied.
 */
export class Filter extends Stateless {
  readonly #schema: Schema
  readonly #kept: readonly number[]
  readonly #select: (batch: Batch, rows: Int32Array) => number
  #rows: Int32Array = new Int32Array(0)

  constructor(node: FilterNode) {
    super()
    this.#schema = node.schema
    this.#kept = node.schema.names.map(name => node.input.schema.indexOf(name))
    this.#select = compileFilter(node.predicate, node.input.schema)
  }

  process(batch: Batch): Steps {
    if (this.#rows.length < batch.length) this.#rows = new Int32Array(batch.length)
    const count = this.#select(batch, this.#rows)
    if (count === 0) return NOTHING
    const columns = this.#kept.map(i => batch.columns[i]!)
    const narrow = new Batch(this.#schema, batch.length, columns, batch.kinds)
    return [count === batch.length ? narrow : narrow.take(this.#rows, count)]
  }
}
