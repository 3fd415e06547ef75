/**
 * DuckDB as an oracle for expressions: a table of a batch, and the answers to expressions over it through the SQL that
 * the catalogue prints, as physical values.
 */
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampValue,
  type DuckDBConnection,
} from '@duckdb/node-api'
import { expect } from 'vitest'
import type { Batch } from '../../../sdk/data/batch.ts'
import type { Value } from '../../../sdk/data/column.ts'
import type { Columns, Nullable } from '../../../sdk/data/type.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { sqlType } from '../../../sdk/expr/sql-type.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { compileProject } from '../../../sdk/engine/vector/project.ts'
import { nodeOf } from '../../../sdk/expr/column.ts'
import { infer } from '../../../sdk/expr/infer.ts'
import { exprText } from '../../../sdk/expr/text.ts'
import { batchOf, valuesOf } from './table.ts'

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

  /** The one column that a query gives, as DuckDB's client has it. */
  async sql(query: string): Promise<unknown[]> {
    const reader = await this.#db.runAndReadAll(query)
    return [...reader.getColumns()[0]!]
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

/**
 * Compares each expression over the rows with DuckDB, generated and interpreted, and says how many were compared: those
 * that the catalogue does not refuse. `near` decides where floats are equal.
 */
export async function agreesWithDuckDB(
  oracle: Oracle,
  columns: Columns,
  data: { readonly [name: string]: readonly unknown[] },
  exprs: readonly unknown[],
  near: (a: Value, b: Value) => boolean = (a, b) => a === b,
): Promise<number> {
  const batch = batchOf(columns, data)
  await oracle.load(batch)
  let compared = 0
  for (const expr of exprs) {
    const typed = infer(nodeOf(expr), batch.schema, 'derive')
    if (refused(typed)) continue
    const theirs = await oracle.rows(typed)
    if (theirs === undefined) continue
    for (const generated of [true, false]) {
      const ours = valuesOf(compileProject([typed], batch.schema, generated)(batch)[0]!)
      for (const [i, value] of ours.entries()) {
        if (near(value, theirs[i]!)) continue
        const row = batch.columns.map(column => valuesOf(column)[i])
        const of = { expr: exprText(typed), row, generated }
        expect(
          { ...of, value: unsigned(value) },
          JSON.stringify(of, (_, x: unknown) => (typeof x === 'bigint' ? `${x}n` : x)),
        ).toEqual({ ...of, value: unsigned(theirs[i]!) })
      }
    }
    compared++
  }
  return compared
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
  if (value instanceof DuckDBTimestampValue) return Number(value.micros)
  if (value instanceof DuckDBDateValue) return value.days
  if (value instanceof DuckDBDecimalValue) {
    const scale = type.kind === 'decimal' ? type.scale : 0
    return value.value * 10n ** BigInt(scale - value.scale)
  }
  if (value instanceof DuckDBBlobValue) return Uint8Array.from(value.bytes)
  if (value instanceof DuckDBListValue && type.kind === 'list') {
    return value.items.map(item => physical(item, type.item))
  }
  if (value instanceof DuckDBArrayValue) return Float64Array.from(value.items as number[])
  if (value instanceof DuckDBStructValue && type.kind === 'struct') {
    return type.fields.map(field => physical(value.entries[field.name], field))
  }
  if (value instanceof DuckDBMapValue && type.kind === 'map') {
    const key = { type: type.key, nullable: false }
    return value.entries.map(pair => [physical(pair.key, key), physical(pair.value, type.value)])
  }
  if (typeof value === 'bigint' && type.kind !== 'bigint') return Number(value)
  return value as Value
}

/** DuckDB and the engine keep −0 in floats, but not always alike; no answer depends on it but 1/−0. */
export function unsigned(value: Value): Value {
  if (Array.isArray(value)) return value.map(unsigned)
  return value === 0 ? 0 : value
}
