import type {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampValue,
  DuckDBValue,
  DuckDBVector,
} from '@duckdb/node-api'
import { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { flatArray, type Column, type Value } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'
import { isFlat, type DataType, type Field } from '../../data/type.ts'
import { quoted } from '../../expr/sql-type.ts'

/**
 * Answers of DuckDB as batches. The query gives what our columns hold, doubles for whole numbers and for microseconds,
 * so that no object is made for each value; a whole number that a double cannot hold is an error.
 */

/** The columns of a query, in the form that {@link batchOf} reads. */
export function physicalColumns(schema: Schema): string {
  return schema.fields.map(field => `${physicalSql(field)} AS ${quoted(field.name)}`).join(', ')
}

/** How an error that we raise within DuckDB begins; what follows is the code, a colon, and the text. */
export const RAISED = 'millrace '

function physicalSql({ name, type }: Field): string {
  const column = quoted(name)
  switch (type.kind) {
    case 'int64':
    case 'duration': {
      const text = `${RAISED}overflow: ${beyond(name)}`
      const exact = `${column} BETWEEN -9007199254740991 AND 9007199254740991`
      return `CASE WHEN ${exact} OR ${column} IS NULL THEN CAST(${column} AS DOUBLE) ELSE CAST(error('${text.replaceAll(`'`, `''`)}') AS DOUBLE) END`
    }
    case 'timestamp':
      return `CAST(epoch_us(${column}) AS DOUBLE)`
    case 'date':
      return `CAST(${column} - DATE '1970-01-01' AS INTEGER)`
    case 'decimal':
      return `CAST(${column} * CAST(1${'0'.repeat(type.scale)} AS DECIMAL(38,0)) AS BIGINT)`
    default:
      return column
  }
}

/** The rows of a chunk. */
export function batchOf(schema: Schema, chunk: DuckDBDataChunk): Batch {
  const length = chunk.rowCount
  const columns = schema.fields.map((field, c) => columnOf(field, chunk.getColumnVector(c), length))
  return new Batch(schema, length, columns)
}

function columnOf({ name, type }: Field, vector: DuckDBVector, length: number): Column {
  if (!isFlat(type)) {
    const builder = new ColumnBuilder(type)
    for (let i = 0; i < length; i++) builder.push(valueOf(vector.getItem(i), type, name))
    return builder.finish()
  }
  const values = flatArray(type, length)
  let valid: Uint8Array | null = null
  for (let i = 0; i < length; i++) {
    const value = vector.getItem(i)
    if (value === null) {
      valid ??= new Uint8Array(length).fill(1)
      valid[i] = 0
    } else if (values instanceof BigInt64Array) values[i] = value as bigint
    else values[i] = Number(value)
  }
  return { layout: 'flat', type, length, valid, values }
}

/** A value of DuckDB as ours. `name` is the column of a whole number that no double holds. */
function valueOf(value: DuckDBValue, type: DataType, name: string): Value {
  if (value === null) return null
  switch (type.kind) {
    case 'binary':
      return Uint8Array.from((value as DuckDBBlobValue).bytes)
    case 'int64':
    case 'duration': {
      const number = Number(value)
      if (!Number.isSafeInteger(number)) throw new DataError('overflow', beyond(name), { column: name })
      return number
    }
    case 'timestamp':
      return Number((value as DuckDBTimestampValue).micros)
    case 'date':
      return (value as DuckDBDateValue).days
    case 'decimal':
      return (value as DuckDBDecimalValue).value
    case 'list':
      return (value as DuckDBListValue).items.map(item => valueOf(item, type.item.type, name))
    case 'struct': {
      const { entries } = value as DuckDBStructValue
      return type.fields.map(field => valueOf(entries[field.name]!, field.type, name))
    }
    case 'map':
      return (value as DuckDBMapValue).entries.map(pair => [
        valueOf(pair.key, type.key, name),
        valueOf(pair.value, type.value.type, name),
      ])
    case 'vector':
      return Float64Array.from((value as DuckDBArrayValue).items as number[])
    default:
      return value as boolean | number | bigint | string
  }
}

const beyond = (name: string): string =>
  `column "${name}" has a number beyond ±(2^53 − 1). Cast before: .cast('bigint') is exact to 64 bits.`
