import type { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Learn as LearnNode } from '../../plan/node.ts'
import type { Processor } from '../../plan/port.ts'
import { compileProject } from '../vector/project.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Adds the columns of a model that learns: each row is predicted, then learnt from, in the order they come. */
export class Learn implements Operator {
  readonly #schema: Schema
  readonly #inputs: (batch: Batch) => Column[]
  readonly #processor: Processor

  constructor(node: LearnNode) {
    this.#schema = node.schema
    this.#inputs = compileProject(node.inputs, node.input.schema)
    this.#processor = node.factory.create()
  }

  process(batch: Batch): Steps {
    const added = this.#processor.process(this.#inputs(batch), batch.length)
    return [batch.with(this.#schema, [...batch.columns, ...added])]
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): unknown {
    return this.#processor.snapshot()
  }

  restore(state: unknown): void {
    this.#processor.restore(state)
  }
}
