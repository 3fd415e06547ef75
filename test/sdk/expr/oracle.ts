/**
 * DuckDB as an oracle for expressions: a table of a batch, and the answers to expressions over it through the SQL that
 * the catalogue prints, as physical values.
 */
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBTimestampValue,
  type DuckDBConnection,
} from '@duckdb/node-api'
import type { Batch } from '../../../sdk/data/batch.ts'
import type { Value } from '../../../sdk/data/column.ts'
import type { Nullable } from '../../../sdk/data/type.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { sqlType } from '../../../sdk/expr/sql-type.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { valuesOf } from './table.ts'

export class Oracle {
  readonly #db: DuckDBConnection

  private constructor(db: DuckDBConnection) {
    this.#db = db
  }

  static async open(): Promise<Oracle> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    return new Oracle(await instance.connect())
  }

  close(): void {
    this.#db.closeSync()
  }

  /** Makes a table `t` of the batch with a row number `n`. */
  async load(batch: Batch): Promise<void> {
    const columns = batch.columns.map(valuesOf)
    const literal = (value: Value, { type }: Nullable): string =>
      sqlOf({ kind: 'literal', value, type, nullable: true, grain: 'constant' })
    const rows = Array.from({ length: batch.length }, (_, i) => {
      const values = batch.schema.fields.map((field, c) => literal(columns[c]![i]!, field))
      return `(${[i, ...values].join(', ')})`
    })
    const names = batch.schema.fields.map(({ name, type }) => `"${name}" ${sqlType(type, 'duckdb') as string}`)
    await this.#db.run(`CREATE OR REPLACE TABLE t (n INTEGER, ${names.join(', ')})`)
    await this.#db.run(`INSERT INTO t VALUES ${rows.join(', ')}`)
  }

  /** One array for each expression, from the rows that the rest of the query gives. */
  async ask(exprs: readonly Typed[], tail: string): Promise<Value[][]> {
    const list = exprs.map((expr, k) => `${sqlOf(expr)} AS c${k}`)
    const reader = await this.#db.runAndReadAll(`SELECT ${list.join(', ')} FROM t ${tail}`)
    return reader.getColumns().map((column, k) => [...column].map(value => physical(value, exprs[k]!)))
  }

  /** The values of an expression row by row; undefined where DuckDB fails, as in a branch that is not taken. */
  async rows(expr: Typed): Promise<Value[] | undefined> {
    try {
      const [values] = await this.ask([expr], 'ORDER BY n')
      return values
    } catch (error) {
      if (/division by zero|overflow|out of range|Could not cast|Failed to cast/i.test(String(error))) return undefined
      throw error
    }
  }
}

export const refused = (expr: Typed): boolean => 'refused' in toSql(expr, 'duckdb')

function sqlOf(expr: Typed): string {
  const found = toSql(expr, 'duckdb')
  if ('refused' in found) throw new Error(found.refused)
  return found.sql
}

/** A value of DuckDB as a physical one. */
function physical(value: unknown, { type }: Nullable): Value {
  if (value === null) return null
  if (value instanceof DuckDBListValue && type.kind === 'list')
    return value.items.map(each => physical(each, type.item))
  if (value instanceof DuckDBTimestampValue) return Number(value.micros)
  if (value instanceof DuckDBDateValue) return value.days
  if (value instanceof DuckDBDecimalValue) {
    const scale = type.kind === 'decimal' ? type.scale : 0
    return value.value * 10n ** BigInt(scale - value.scale)
  }
  if (typeof value === 'bigint' && type.kind !== 'bigint') return Number(value)
  return value as Value
}

/** DuckDB and the engine keep −0 in floats, but not always alike; no answer depends on it but 1/−0. */
export function unsigned(value: Value): Value {
  if (Array.isArray(value)) return value.map(unsigned)
  return value === 0 ? 0 : value
}
