import { ColumnBuilder } from './builder.ts'
import { concat, slice, take, type Column } from './column.ts'
import type { Schema } from './schema.ts'
import type { Field } from './type.ts'

/** What a row does to the table that a frame stands for: +I, −U, +U, −D. */
export const INSERT = 0
export const UPDATE_BEFORE = 1
export const UPDATE_AFTER = 2
export const DELETE = 3

/** The kinds as texts. */
export const ROW_KINDS: readonly string[] = ['+I', '-U', '+U', '-D']

/**
 * Some rows of a frame, as columns in the order of the schema: what flows between operators. `kinds` has one row kind
 * a row and is null when all are inserts. A batch is never written after it has been handed on.
 */
export class Batch {
  readonly schema: Schema
  readonly length: number
  readonly columns: readonly Column[]
  readonly kinds: Uint8Array | null

  constructor(schema: Schema, length: number, columns: readonly Column[], kinds: Uint8Array | null = null) {
    this.schema = schema
    this.length = length
    this.columns = columns
    this.kinds = kinds
  }

  /** The column of a name that the schema has. */
  column(name: string): Column {
    return this.columns[this.schema.indexOf(name)]!
  }

  /** The same rows with other columns. */
  with(schema: Schema, columns: readonly Column[]): Batch {
    return new Batch(schema, this.length, columns, this.kinds)
  }

  /** The rows at the first `length` of these positions, in their order. */
  take(rows: Int32Array, length: number = rows.length): Batch {
    const kinds = this.kinds === null ? null : Uint8Array.from({ length }, (_, i) => this.kinds![rows[i]!]!)
    return new Batch(
      this.schema,
      length,
      this.columns.map(column => take(column, rows, length)),
      kinds,
    )
  }

  /** The rows from `from` up to but not including `to`; values are shared, not copied. */
  slice(from: number, to: number): Batch {
    if (from === 0 && to === this.length) return this
    const kinds = this.kinds === null ? null : this.kinds.subarray(from, to)
    return new Batch(
      this.schema,
      to - from,
      this.columns.map(column => slice(column, from, to)),
      kinds,
    )
  }

  /** One batch of all rows, in order. */
  static concat(schema: Schema, batches: readonly Batch[]): Batch {
    if (batches.length === 1) return batches[0]!
    const length = batches.reduce((sum, batch) => sum + batch.length, 0)
    const columns = schema.fields.map((field, i) =>
      batches.length === 0 ? emptyColumn(field) : concat(batches.map(batch => batch.columns[i]!)),
    )
    return new Batch(schema, length, columns, concatKinds(batches, length))
  }

  static empty(schema: Schema): Batch {
    return new Batch(schema, 0, schema.fields.map(emptyColumn))
  }
}

function concatKinds(batches: readonly Batch[], length: number): Uint8Array | null {
  if (batches.every(batch => batch.kinds === null)) return null
  const kinds = new Uint8Array(length)
  let at = 0
  for (const batch of batches) {
    if (batch.kinds !== null) kinds.set(batch.kinds, at)
    at += batch.length
  }
  return kinds
}

function emptyColumn(field: Field): Column {
  return new ColumnBuilder(field.type).finish()
}
