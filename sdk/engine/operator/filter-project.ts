import { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Filter, Project } from '../../plan/node.ts'
import { bound } from '../../plan/rewrite.ts'
import { compileFilter } from '../vector/filter.ts'
import { compileProject, type Selection } from '../vector/project.ts'
import { NOTHING, Stateless, type Steps } from './operator.ts'

/**
 * A projection of what a filter keeps, in one: the columns are computed from the kept rows where they stand, so that
 * nothing is copied that only a condition or an expression reads.
 */
export class FilterProject extends Stateless {
  readonly #schema: Schema
  readonly #select: (batch: Batch, rows: Int32Array) => number
  readonly #columns: (batch: Batch, some?: Selection) => Column[]
  #rows: Int32Array = new Int32Array(0)

  constructor(filter: Filter, project: Project) {
    super()
    const { schema } = filter.input
    this.#schema = project.schema
    this.#select = compileFilter(filter.predicate, schema)
    this.#columns = compileProject(
      project.exprs.map(expr => bound(expr, schema)),
      schema,
    )
  }

  process(batch: Batch): Steps {
    if (this.#rows.length < batch.length) this.#rows = new Int32Array(batch.length)
    const rows = this.#rows
    const count = this.#select(batch, rows)
    if (count === 0) return NOTHING
    if (count === batch.length) return [batch.with(this.#schema, this.#columns(batch))]
    const { kinds } = batch
    const kept = kinds === null ? null : Uint8Array.from({ length: count }, (_, i) => kinds[rows[i]!]!)
    return [new Batch(this.#schema, count, this.#columns(batch, { rows, count }), kept)]
  }
}
