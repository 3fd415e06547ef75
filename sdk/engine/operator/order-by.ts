import type { Batch } from '../../data/batch.ts'
import { concat, type Column } from '../../data/column.ts'
import type { OrderBy as OrderByNode } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'
import { reordered } from './reorder.ts'
import { sortRows } from './sort-rows.ts'

/**
 * Keeps all rows, then gives them sorted: NaN after every number, nulls last in either direction, text by code point, and
 * rows with equal keys in the order they came.
 */
export class OrderBy implements Operator {
  readonly #node: OrderByNode
  readonly #keys: (batch: Batch) => Column[]
  #parts: Batch[] = []

  constructor(node: OrderByNode) {
    this.#node = node
    this.#keys = compileProject(
      node.by.map(key => key.expr),
      node.input.schema,
    )
  }

  process(batch: Batch): Steps {
    this.#parts.push(batch)
    return NOTHING
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    if (this.#parts.length === 0) return
    const keyParts: Column[][] = []
    for (const part of this.#parts) {
      keyParts.push(this.#keys(part))
      yield null
    }
    const parts = this.#parts
    this.#parts = []
    const keys: Column[] = []
    for (const k of this.#node.by.keys()) {
      keys.push(concat(keyParts.map(columns => columns[k]!)))
      yield null
    }
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const descending = this.#node.by.map(key => key.descending)
    const { order } = yield* sortRows(keys, descending, length)
    yield* reordered(this.#node.schema, parts, order)
  }

  snapshot(): readonly BatchState[] {
    return this.#parts.map(packed)
  }

  restore(state: unknown): void {
    this.#parts = (state as readonly BatchState[]).map(part => unpacked(this.#node.input.schema, part))
  }
}
