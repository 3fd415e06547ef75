import { Batch } from '../../data/batch.ts'
import { concat, take, type Column } from '../../data/column.ts'
import type { OrderBy as OrderByNode } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { concatSlowly } from './concat.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
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
    const all = yield* concatSlowly(this.#node.input.schema, parts)
    const keys: Column[] = []
    for (const k of this.#node.by.keys()) {
      keys.push(concat(keyParts.map(columns => columns[k]!)))
      yield null
    }
    const descending = this.#node.by.map(key => key.descending)
    const { order } = yield* sortRows(keys, descending, all.length)
    // column by column, so that the rows fetched at random stay in the cache
    const slices = slicesOf(order)
    const gathered: Column[][] = []
    for (const column of all.columns) {
      const pieces: Column[] = []
      for (const slice of slices) {
        pieces.push(take(column, slice))
        yield null
      }
      gathered.push(pieces)
    }
    for (const [i, slice] of slices.entries()) {
      yield new Batch(
        this.#node.schema,
        slice.length,
        gathered.map(pieces => pieces[i]!),
      )
    }
  }

  snapshot(): readonly BatchState[] {
    return this.#parts.map(packed)
  }

  restore(state: unknown): void {
    this.#parts = (state as readonly BatchState[]).map(part => unpacked(this.#node.input.schema, part))
  }
}

function slicesOf(order: Int32Array): readonly Int32Array[] {
  const slices: Int32Array[] = []
  for (let from = 0; from < order.length; from += OUTPUT_ROWS) slices.push(order.subarray(from, from + OUTPUT_ROWS))
  return slices
}
