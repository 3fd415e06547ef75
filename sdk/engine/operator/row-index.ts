import { Batch } from '../../data/batch.ts'
import { scalar } from '../../data/type.ts'
import type { Schema } from '../../data/schema.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Adds each row's position in the order in which rows come, from 0. */
export class RowIndex implements Operator {
  readonly #schema: Schema
  #next = 0

  /** `schema` has the columns of the input, then that of the position. */
  constructor(schema: Schema) {
    this.#schema = schema
  }

  process(batch: Batch): Steps {
    const { length, columns } = batch
    const values = new Float64Array(length)
    for (let row = 0; row < length; row++) values[row] = this.#next + row
    this.#next += length
    return [new Batch(this.#schema, length, [...columns, { layout: 'flat', type: INT64, length, valid: null, values }])]
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): number {
    return this.#next
  }

  restore(state: unknown): void {
    this.#next = state as number
  }
}

const INT64 = scalar('int64')
