/**
 * DuckDB as the oracle: random expressions over random rows give its answers, through the SQL that the catalogue
 * prints. What the engine fails on is left out; what DuckDB refuses has its reason in the catalogue.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../../sdk/data/column.ts'
import { DataError } from '../../../sdk/data/errors.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { compileAccumulators } from '../../../sdk/engine/vector/accumulate.ts'
import { compileProject } from '../../../sdk/engine/vector/project.ts'
import { col, count, nodeOf } from '../../../sdk/expr/column.ts'
import { infer } from '../../../sdk/expr/infer.ts'
import { exprText } from '../../../sdk/expr/text.ts'
import { Oracle, refused, unsigned } from './oracle.ts'
import { anyExpression, columnar, COLUMNS, row } from './random-expr.ts'
import { batchOf, valuesOf } from './table.ts'

let oracle: Oracle

beforeAll(async () => {
  oracle = await Oracle.open()
})

afterAll(() => oracle.close())

test('row expressions equal those of DuckDB', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.array(anyExpression, { minLength: 6, maxLength: 6 }),
      async (rows, exprs) => {
        const batch = batchOf(COLUMNS, columnar(rows))
        await oracle.load(batch)
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
          const theirs = await oracle.rows(typed)
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
  await oracle.load(batch)
  const typed = infer(nodeOf(col('l').tryCast('int32').le(0)), batch.schema, 'derive')
  expect(await oracle.rows(typed)).toEqual([null, true])
  expect(valuesOf(compileProject([typed], batch.schema)(batch)[0]!)).toEqual([null, true])
})

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
  await oracle.load(batch)
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
  const theirs = await oracle.ask(held, 'GROUP BY n % 2 ORDER BY n % 2')
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
