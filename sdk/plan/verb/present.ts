import { Schema } from '../../data/schema.ts'

/** The same columns, where those named hold no null: what a condition leaves that nulls do not meet. */
export function withoutNulls(schema: Schema, names: readonly string[]): Schema {
  const present = new Set(names)
  return new Schema(schema.fields.map(field => (present.has(field.name) ? { ...field, nullable: false } : field)))
}
