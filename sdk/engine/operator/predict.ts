import type { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Predict as PredictNode } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'
import { Stateless, type Steps } from './operator.ts'

/** Adds the columns of a fitted model: its input expressions are computed here, the model sees columns. */
export class Predict extends Stateless {
  readonly #node: PredictNode
  readonly #inputs: (batch: Batch) => Column[]

  constructor(node: PredictNode) {
    super()
    this.#node = node
    this.#inputs = compileProject(node.inputs, node.input.schema)
  }

  process(batch: Batch): Steps {
    const { model, schema } = this.#node
    const added = model.predict(this.#inputs(batch), batch.length)
    return [batch.with(schema, [...batch.columns, ...added])]
  }
}
