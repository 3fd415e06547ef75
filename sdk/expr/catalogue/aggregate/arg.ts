import type { Value } from '../../../data/column.ts'
import { OBJECT_BYTES, valueBytes } from '../../../data/value-bytes.ts'
import type { Accumulator, AggregateFunction } from '../../function.ts'
import { compareValues } from '../../order.ts'
import { isOrdered } from '../../promote.ts'
import { nullable } from './result.ts'

/** The value of one column in the row where another is least or greatest: of equal ones the first row. */

function arg(name: 'argMin' | 'argMax', sign: 1 | -1): AggregateFunction {
  return {
    name,
    infer: ([value, by]) =>
      isOrdered(by!.type) ? nullable(value!.type) : `${name} takes values that have an order, and $1`,
    nulls: 'own',
    retractable: 'no',
    accumulator: { form: 'object', create: () => new Extreme(sign) },
    duckdb: { refused: 'of several rows with the same extreme, SQL knows no first' },
    flink: { refused: `Flink SQL has no ${name}` },
  }
}

export const argMin: AggregateFunction = arg('argMin', 1)
export const argMax: AggregateFunction = arg('argMax', -1)

class Extreme implements Accumulator {
  readonly #sign: 1 | -1
  /** Null before there is one. */
  #by: Value = null
  #value: Value = null

  constructor(sign: 1 | -1) {
    this.#sign = sign
  }

  add([value, by]: readonly Value[]): void {
    if (by === null || (this.#by !== null && compareValues(by!, this.#by) * this.#sign >= 0)) return
    this.#by = by!
    this.#value = value!
  }

  value(): Value {
    return this.#value
  }

  get bytes(): number {
    return OBJECT_BYTES + valueBytes(this.#by) + valueBytes(this.#value)
  }

  snapshot(): unknown {
    return { by: this.#by, value: this.#value }
  }

  restore(state: unknown): void {
    const { by, value } = state as { by: Value; value: Value }
    this.#by = by
    this.#value = value
  }
}
