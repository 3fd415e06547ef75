import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { valueAt, type Column, type Value } from '../../data/column.ts'
import type { Batch } from '../../data/batch.ts'
import type { DataType, Field } from '../../data/type.ts'
import { quoted, sqlType } from '../../expr/sql-type.ts'
import type { Api } from './api.ts'

/**
 * A table of DuckDB filled from batches. Numbers go in as they stand in our columns, counts of microseconds and days
 * among them, and a view gives them their types: that costs no object for each value.
 */
export class FilledTable {
  readonly #api: Api
  readonly #fields: readonly Field[]
  readonly #types: readonly DuckDBType[]
  readonly #appender: DuckDBAppender

  private constructor(api: Api, fields: readonly Field[], appender: DuckDBAppender) {
    this.#api = api
    this.#fields = fields
    this.#types = Array.from({ length: fields.length }, (_, i) => appender.columnType(i))
    this.#appender = appender
  }

  /** Makes the view `name` over an empty table. */
  static async create(
    api: Api,
    connection: DuckDBConnection,
    name: string,
    fields: readonly Field[],
  ): Promise<FilledTable> {
    const stored = fields.map(field => `${quoted(field.name)} ${storedType(field.type)}`)
    await connection.run(`CREATE TABLE stored_${name} (${stored.join(', ')})`)
    const typed = fields.map(field => `${typedSql(quoted(field.name), field.type)} AS ${quoted(field.name)}`)
    await connection.run(`CREATE VIEW ${name} AS SELECT ${typed.join(', ')} FROM stored_${name}`)
    return new FilledTable(api, fields, await connection.createAppender(`stored_${name}`))
  }

  append(batch: Batch): void {
    for (let from = 0; from < batch.length; from += CHUNK_ROWS) {
      const rows = Math.min(CHUNK_ROWS, batch.length - from)
      const chunk = this.#api.DuckDBDataChunk.create(this.#types, rows)
      for (const [c, column] of batch.columns.entries()) {
        fill(this.#api, chunk, c, column, this.#fields[c]!.type, from, rows)
      }
      this.#appender.appendDataChunk(chunk)
    }
  }

  /** All rows are in. */
  finish(): void {
    this.#appender.flushSync()
    this.#appender.closeSync()
  }
}

/** The size of DuckDB's vectors. */
const CHUNK_ROWS = 2048

function storedType(type: DataType): string {
  switch (type.kind) {
    case 'int64':
    case 'duration':
    case 'timestamp':
      return 'DOUBLE'
    case 'date':
      return 'INTEGER'
    default:
      return sqlType(type, 'duckdb') as string // reads whose columns have none are refused
  }
}

function typedSql(name: string, type: DataType): string {
  switch (type.kind) {
    case 'int64':
    case 'duration':
      return `CAST(${name} AS BIGINT)`
    case 'timestamp':
      return `make_timestamp(CAST(${name} AS BIGINT))`
    case 'date':
      return `(DATE '1970-01-01' + ${name})`
    default:
      return name
  }
}

function fill(
  api: Api,
  chunk: DuckDBDataChunk,
  c: number,
  column: Column,
  type: DataType,
  from: number,
  rows: number,
): void {
  const vector = chunk.getColumnVector(c)
  if (column.layout === 'flat' && type.kind !== 'bool' && type.kind !== 'decimal') {
    const { values, valid } = column
    for (let i = 0; i < rows; i++) {
      vector.setItem(i, valid !== null && valid[from + i] === 0 ? null : values[from + i]!)
    }
  } else {
    for (let i = 0; i < rows; i++) vector.setItem(i, asDuckdb(api, valueAt(column, from + i), type))
  }
  vector.flush()
}

/** A value as DuckDB's own, for what is no plain number; what is inside of a value is typed as it stands. */
function asDuckdb(api: Api, value: Value, type: DataType): DuckDBValue {
  if (value === null) return null
  switch (type.kind) {
    case 'decimal':
      return new api.DuckDBDecimalValue(value as bigint, type.precision, type.scale)
    case 'binary':
      return new api.DuckDBBlobValue(value as Uint8Array)
    case 'int64':
    case 'duration':
      return BigInt(value as number)
    case 'timestamp':
      return new api.DuckDBTimestampValue(BigInt(value as number))
    case 'date':
      return new api.DuckDBDateValue(value as number)
    case 'list':
      return new api.DuckDBListValue((value as readonly Value[]).map(item => asDuckdb(api, item, type.item.type)))
    case 'struct': {
      const items = value as readonly Value[]
      const entries = type.fields.map((field, i) => [field.name, asDuckdb(api, items[i]!, field.type)] as const)
      return new api.DuckDBStructValue(Object.fromEntries(entries))
    }
    case 'map': {
      const pairs = value as readonly (readonly [Value, Value])[]
      return new api.DuckDBMapValue(
        pairs.map(([k, v]) => ({ key: asDuckdb(api, k, type.key), value: asDuckdb(api, v, type.value.type) })),
      )
    }
    case 'vector':
      return new api.DuckDBArrayValue([...(value as Float64Array)])
    default:
      return value as boolean | number | bigint | string
  }
}
