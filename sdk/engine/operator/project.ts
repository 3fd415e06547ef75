import type { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Project as ProjectNode } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'
import { Stateless, type Steps } from './operator.ts'

/** Computes the columns of the output from each batch. Rows keep their kinds. */
export class Project extends Stateless {
  readonly #schema: Schema
  readonly #columns: (batch: Batch) => Column[]

  constructor(node: ProjectNode) {
    super()
    this.#schema = node.schema
    this.#columns = compileProject(node.exprs, node.input.schema)
  }

  process(batch: Batch): Steps {
    return [batch.with(this.#schema, this.#columns(batch))]
  }
}
