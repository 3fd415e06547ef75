import { Batch } from '../../data/batch.ts'
import { concat, type Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'

/** One batch of all rows, column by column, pausing after each. */
export function* concatSlowly(schema: Schema, parts: readonly Batch[]): Generator<null, Batch> {
  if (parts.length === 0) return Batch.empty(schema)
  if (parts.length === 1) return parts[0]!
  const columns: Column[] = []
  for (let i = 0; i < schema.fields.length; i++) {
    columns.push(concat(parts.map(part => part.columns[i]!)))
    yield null
  }
  let length = 0
  for (const part of parts) length += part.length
  return new Batch(schema, length, columns)
}
