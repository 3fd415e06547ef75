import { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'

/** A batch as plain data for a snapshot. Its columns are never written, so they are shared, not copied. */
export interface BatchState {
  readonly length: number
  readonly columns: readonly Column[]
  readonly kinds: Uint8Array | null
}

export function packed({ length, columns, kinds }: Batch): BatchState {
  return { length, columns, kinds }
}

export function unpacked(schema: Schema, { length, columns, kinds }: BatchState): Batch {
  return new Batch(schema, length, columns, kinds)
}
