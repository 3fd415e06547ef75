import type { Batch } from '../../data/batch.ts'
import type { Column, Value } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Typed } from '../../expr/node.ts'

/**
 * The accumulators of some aggregates for many groups at once. A group is a slot; adding a row touches the lanes of its
 * slot, which lie together.
 */
export interface Accumulators {
  /** Makes the slots from 0 to `groups` − 1 exist; new ones are empty. */
  grow(groups: number): void
  /** Adds row i to slot `slots[i]`, or takes it back where the batch says −U or −D. A negative slot leaves the row out. */
  add(batch: Batch, slots: Int32Array): void
  /** The value of aggregate `k`. */
  value(k: number, slot: number): Value
  /** The values of aggregate `k` for the first `length` of these slots. */
  column(k: number, slots: Int32Array, length: number): Column
  /** Makes a slot empty again. */
  clear(slot: number): void
  /** The state of all slots as plain data. */
  snapshot(): unknown
  restore(state: unknown): void
}

/** Accumulators of typed nodes of kind `aggregate` over batches of a schema. */
export function compileAccumulators(aggregates: readonly Typed[], input: Schema): Accumulators {
  throw new Error(`${aggregates.length} ${input.names.length}`)
}
