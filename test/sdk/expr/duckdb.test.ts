/**
 * DuckDB as the oracle: random expressions over random rows give its answers, through the SQL that the catalogue
 * prints. What the engine fails on is left out; what DuckDB refuses has its reason in the catalogue.
 */
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBConnection,
} from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Batch } from '../../../sdk/data/batch.ts'
import type { Value } from '../../../sdk/data/column.ts'
import { DataError } from '../../../sdk/data/errors.ts'
import type { Columns, Nullable } from '../../../sdk/data/type.ts'
import { compileAccumulators } from '../../../sdk/engine/vector/accumulate.ts'
import { compileProject } from '../../../sdk/engine/vector/project.ts'
import { sqlType } from '../../../sdk/expr/sql-type.ts'
import { col, count, nodeOf } from '../../../sdk/expr/column.ts'
import { infer } from '../../../sdk/expr/infer.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { exprText } from '../../../sdk/expr/text.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { anyExpression, columnar, COLUMNS, row } from './random-expr.ts'
import { batchOf, valuesOf } from './table.ts'

let db: DuckDBConnection

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  db = await instance.connect()
})

afterAll(() => db.closeSync())

function sqlOf(expr: Typed): string {
  const found = toSql(expr, 'duckdb')
  if ('refused' in found) throw new Error(found.refused)
  return found.sql
}

/** A table `t` of the batch with a row number `n`. */
async function load(batch: Batch): Promise<void> {
  const columns = batch.columns.map(valuesOf)
  const literal = (value: Value, { type }: Nullable): string =>
    sqlOf({ kind: 'literal', value, type, nullable: true, grain: 'constant' })
  const rows = Array.from({ length: batch.length }, (_, i) => {
    const values = batch.schema.fields.map((field, c) => literal(columns[c]![i]!, field))
    return `(${[i, ...values].join(', ')})`
  })
  const names = batch.schema.fields.map(({ name, type }) => `"${name}" ${sqlType(type, 'duckdb') as string}`)
  await db.run(`CREATE OR REPLACE TABLE t (n INTEGER, ${names.join(', ')})`)
  await db.run(`INSERT INTO t VALUES ${rows.join(', ')}`)
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
  if (typeof value === 'bigint' && type.kind !== 'bigint') return Number(value)
  return value as Value
}

async function ask(exprs: readonly Typed[], tail: string): Promise<Value[][]> {
  const list = exprs.map((expr, k) => `${sqlOf(expr)} AS c${k}`)
  const reader = await db.runAndReadAll(`SELECT ${list.join(', ')} FROM t ${tail}`)
  return reader.getColumns().map((column, k) => [...column].map(value => physical(value, exprs[k]!)))
}

/** DuckDB may compute a branch that is not taken, and fail there. */
async function answer(expr: Typed): Promise<Value[] | undefined> {
  try {
    const [values] = await ask([expr], 'ORDER BY n')
    return values
  } catch (error) {
    if (/division by zero|overflow|out of range|Could not cast|Failed to cast/i.test(String(error))) return undefined
    throw error
  }
}

const refused = (expr: Typed): boolean => 'refused' in toSql(expr, 'duckdb')

test('row expressions equal those of DuckDB', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.array(anyExpression, { minLength: 6, maxLength: 6 }),
      async (rows, exprs) => {
        const batch = batchOf(COLUMNS, columnar(rows))
        await load(batch)
        for (const expr of exprs) {
          const typed = infer(nodeOf(expr), batch.schema, 'derive')
          if (refused(typed)) continue
          let ours: Value[]
          try {
            ours = valuesOf(compileProject([typed], batch.schema)(batch)[0]!)
          } catch (error) {
            if (error instanceof DataError) continue
            throw error
          }
          const theirs = await answer(typed)
          if (theirs === undefined) continue
          expect({ expr: String(expr), values: ours.map(unsigned) }).toEqual({
            expr: String(expr),
            values: theirs.map(unsigned),
          })
          compared++
        }
      },
    ),
    { numRuns: 100 },
  )
  expect(compared).toBeGreaterThan(200)
})

test('DuckDB compares what tryCast gives, not what it is given', async () => {
  const columns = { l: 'int64' } as const
  const batch = batchOf(columns, { l: [Number.MAX_SAFE_INTEGER, 0] })
  await load(batch)
  const typed = infer(nodeOf(col('l').tryCast('int32').le(0)), batch.schema, 'derive')
  expect(await answer(typed)).toEqual([null, true])
  expect(valuesOf(compileProject([typed], batch.schema)(batch)[0]!)).toEqual([null, true])
})

/** DuckDB and the engine keep −0 in floats, but not always alike; no answer depends on it but 1/−0. */
function unsigned(value: Value): Value {
  return value === 0 ? 0 : value
}

/** Where the engine's aggregates are DuckDB's; sums of floats are compared over finite values, where order can matter. */
const AGGREGATES = [
  col('i').sum(),
  col('j').sum(),
  col('b').sum(),
  col('p').sum(),
  col('q').sum(),
  col('r').sum(),
  col('x').sum(),
  col('f').count(),
  count(),
  col('f').min(),
  col('f').max(),
  col('s').min(),
  col('s').max(),
  col('d').min(),
  col('e').max(),
  col('p').max(),
  col('b').min(),
  col('s').countDistinct(),
  col('f').countDistinct(),
  col('d').countDistinct(),
  col('j').quantile(0.5),
]

const APPROXIMATE = [
  col('v').sum(),
  col('v').mean(),
  col('v').stddev(),
  col('v').variance(),
  col('w').mean(),
  col('v').corr(col('w')),
  col('v').quantile(0.3),
]

async function grouped(
  columns: Columns,
  data: { readonly [name: string]: readonly unknown[] },
  aggregates: readonly unknown[],
) {
  const batch = batchOf(columns, data)
  await load(batch)
  const typed = aggregates.map(aggregate => infer(nodeOf(aggregate), batch.schema, 'aggregate'))
  const slots = compileAccumulators(typed, batch.schema)
  slots.grow(2)
  slots.add(
    batch,
    Int32Array.from({ length: batch.length }, (_, i) => i % 2),
  )
  const ours = typed.map((_, k) => {
    try {
      return [0, 1].map(slot => slots.value(k, slot))
    } catch (error) {
      if (error instanceof DataError) return undefined
      throw error
    }
  })
  const held = typed.filter((_, k) => ours[k] !== undefined)
  const theirs = await ask(held, 'GROUP BY n % 2 ORDER BY n % 2')
  return { names: held.map(exprText), ours: ours.filter(values => values !== undefined), theirs }
}

test('aggregates equal those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 20 }), async rows => {
      const { names, ours, theirs } = await grouped(COLUMNS, columnar(rows), AGGREGATES)
      for (const [k, name] of names.entries()) {
        expect({ name, values: ours[k]!.map(unsigned) }).toEqual({ name, values: theirs[k]!.map(unsigned) })
      }
    }),
    { numRuns: 60 },
  )
})

test('float aggregates are within 1e-12 of DuckDB, relative to the magnitudes', async () => {
  const value = fc.option(
    fc.double({ min: -1e3, max: 1e3, noNaN: true }).map(v => (Math.abs(v) < 1e-6 ? 0 : v)),
    { freq: 5 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, fc.integer({ min: -99, max: 99 })), { minLength: 6, maxLength: 50 }),
      async pairs => {
        const data = { v: pairs.map(([v]) => v), w: pairs.map(([, w]) => w) }
        const { names, ours, theirs } = await grouped({ v: 'float64?', w: 'int32' }, data, APPROXIMATE)
        for (const [k, name] of names.entries()) {
          for (const [slot, mine] of ours[k]!.entries()) {
            const other = theirs[k]![slot]!
            const missing = mine === null || other === null || Number.isNaN(mine) || Number.isNaN(other)
            const near = Math.abs((mine as number) - (other as number)) <= 1e-12 * 1e3 * 1e3 * 50
            expect({ name, found: missing ? (mine ?? NaN) : near }).toEqual({
              name,
              found: missing ? (other ?? NaN) : true,
            })
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})
