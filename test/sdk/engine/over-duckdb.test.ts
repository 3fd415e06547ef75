/** Window functions, first rows and filled gaps against DuckDB, on random rows with nulls, NaN and equal keys. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memory } from '../../../sdk/connector/memory.ts'
import type { Batch } from '../../../sdk/data/batch.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { embedded } from '../../../sdk/engine/embedded.ts'
import { col, count, nodeOf } from '../../../sdk/expr/column.ts'
import { cumeDist, denseRank, ntile, percentRank, rank, rowNumber } from '../../../sdk/expr/over.ts'
import * as plan from '../../../sdk/plan/build.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import { optimise } from '../../../sdk/plan/rewrite.ts'
import { fill } from '../../../sdk/plan/verb/fill.ts'
import { over, type OverOptions } from '../../../sdk/plan/verb/over.ts'
import { top } from '../../../sdk/plan/verb/top.ts'
import { batchOf, cut, rowsOf, type Row } from '../../laws/drive.ts'

/** `id` numbers the rows as they come, so that every order is total where it is the last key. */
const SCHEMA = Schema.of({ id: 'int32', k: 'utf8?', i: 'int32?', v: 'float64?', big: 'bigint', ts: 'timestamp?' })
const TYPES = ['INTEGER', 'VARCHAR', 'INTEGER', 'DOUBLE', 'BIGINT', 'TIMESTAMP']

let db: DuckDBConnection

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  db = await instance.connect()
})

afterAll(() => db.closeSync())

const anyRows = fc
  .array(
    fc.tuple(
      fc.option(fc.constantFrom('a', 'b', 'Zürich', '\u{1f600}', '\uffee')),
      fc.option(fc.integer({ min: -3, max: 3 })),
      fc.option(fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.integer({ min: -9, max: 9 }))),
      fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }),
      fc.option(fc.integer({ min: -50, max: 50 })),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map(rows => rows.map((row, id): Row => [id, ...row]))

async function load(rows: readonly Row[]): Promise<void> {
  await db.run(`CREATE OR REPLACE TABLE t (${SCHEMA.names.map((name, i) => `${name} ${TYPES[i]!}`).join(', ')})`)
  const literal = (value: unknown, i: number): string => {
    if (value === null) return 'NULL'
    if (i === 1) return `'${value as string}'`
    return i === 5 ? `make_timestamp(${value as number})` : `'${shown(value)}'::${TYPES[i]!}`
  }
  await db.run(`INSERT INTO t VALUES ${rows.map(row => `(${row.map(literal).join()})`).join()}`)
}

async function asked(sql: string): Promise<string[]> {
  const reader = await db.runAndReadAll(sql)
  return reader.getRows().map(row => row.map(shown).join('|'))
}

async function given(node: Node): Promise<string[]> {
  const batches: Batch[] = []
  for await (const batch of embedded().batches(optimise([node])[0]!)) batches.push(batch)
  return rowsOf(batches).map(row => row.map(shown).join('|'))
}

/** Numbers of all widths alike, floats to nine digits, and times as their microseconds. */
function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object' && 'micros' in value) return String(value.micros)
  if (typeof value === 'number') return String(Number.isFinite(value) ? Number(value.toPrecision(9)) + 0 : value)
  if (typeof value === 'string') return value
  return typeof value === 'bigint' || typeof value === 'boolean' ? value.toString() : 'unknown'
}

const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))
const source = (rows: readonly Row[]): Node => plan.read(memory(SCHEMA, cut(batchOf(SCHEMA, rows), [13, 2])))
const by = (name: string, descending = false): plan.SortExpr => ({ expr: nodeOf(col(name)), descending })

const places = {
  number: rowNumber(),
  rank: rank(),
  dense: denseRank(),
  percent: percentRank(),
  cume: cumeDist(),
  part: ntile(3),
  before: col('v').lag(1),
  before2: col('i').lag(2, 7),
  after: col('k').lead(1),
  after0: col('big').lead(0),
  own: col('i').lag(3, col('id')),
}

test('places in an order are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.boolean(), fc.boolean(), async (rows, total, grouped) => {
      await load(rows)
      const orderBy = total ? [by('v', true), by('id')] : [by('i'), by('id')]
      const node = over(source(rows), grouped ? named({ k: col('k') }) : [], named(places), { orderBy })
      const w = `(${grouped ? 'PARTITION BY k ' : ''}ORDER BY ${total ? 'v DESC NULLS LAST' : 'i NULLS LAST'}, id)`
      const sql = `SELECT id, row_number() OVER ${w}, rank() OVER ${w}, dense_rank() OVER ${w}, percent_rank() OVER ${w},
        cume_dist() OVER ${w}, ntile(3) OVER ${w}, lag(v, 1) OVER ${w}, lag(i, 2, 7) OVER ${w}, lead(k, 1) OVER ${w},
        lead(big, 0) OVER ${w}, lag(i, 3, id) OVER ${w} FROM t ORDER BY id`
      expect(await given(plan.select(node, ['id', ...Object.keys(places)]))).toEqual(await asked(sql))
      const ties = named({ rank: rank(), dense: denseRank(), percent: percentRank(), cume: cumeDist() })
      const tied = over(source(rows), named({ k: col('k') }), ties, { orderBy: [by('v')] })
      const x = '(PARTITION BY k ORDER BY v NULLS LAST)'
      expect(await given(plan.select(tied, ['id', 'rank', 'dense', 'percent', 'cume']))).toEqual(
        await asked(
          `SELECT id, rank() OVER ${x}, dense_rank() OVER ${x}, percent_rank() OVER ${x}, cume_dist() OVER ${x} FROM t ORDER BY id`,
        ),
      )
    }),
    { numRuns: 40 },
  )
})

/** Of infinite floats DuckDB's sliding means differ from its plain ones: these are finite. */
const finite = (row: Row): Row => [...row.slice(0, 3), Number.isFinite(row[3]) ? row[3]! : null, ...row.slice(4)]

const aggregates = {
  rows: count(),
  values: col('v').count(),
  total: col('i').sum(),
  sum: col('v').sum(),
  mean: col('v').mean(),
  whole: col('i').mean(),
  big: col('big').sum(),
  least: col('v').min(),
  most: col('k').max(),
  spread: col('v').stddev(),
  kinds: col('k').countDistinct(),
  first: col('i').first(),
  last: col('k').last(),
  second: col('i').nthValue(2),
}
const SQL = [
  'count(*)',
  'count(v)',
  'sum(i)',
  'sum(v)',
  'avg(v)',
  'avg(i)',
  'sum(big)',
  'min(v)',
  'max(k)',
  'stddev_samp(v)',
  'count(DISTINCT k)',
  'first_value(i IGNORE NULLS)',
  'last_value(k IGNORE NULLS)',
  'nth_value(i, 2)',
]

interface FrameForm {
  readonly options: Omit<OverOptions, 'orderBy'>
  readonly sql: string
  readonly order: 'i' | 'ts' | 'id'
}

const reach = (n: number | 'all', side: 'PRECEDING' | 'FOLLOWING', unit = ''): string => {
  if (n === 'all') return `UNBOUNDED ${side}`
  const other = side === 'PRECEDING' ? 'FOLLOWING' : 'PRECEDING'
  const size = unit === '' ? String(Math.abs(n)) : `INTERVAL '${Math.abs(n)} ${unit}'`
  return `${size} ${n < 0 ? other : side}`
}

const some = fc.oneof(fc.constant('all' as const), fc.integer({ min: 0, max: 4 }))
const anyFrame: fc.Arbitrary<FrameForm> = fc.oneof(
  fc.constantFrom<FrameForm>({ options: {}, sql: '', order: 'i' }, { options: {}, sql: '', order: 'ts' }),
  fc.tuple(some, some).map(([a, b]): FrameForm => ({
    options: { rows: [a, b] },
    sql: `ROWS BETWEEN ${reach(a, 'PRECEDING')} AND ${reach(b, 'FOLLOWING')}`,
    order: 'id',
  })),
  fc.constantFrom<FrameForm>(
    { options: { rows: 3 }, sql: 'ROWS 2 PRECEDING', order: 'id' },
    { options: { rows: [4, -1] }, sql: 'ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING', order: 'id' },
    { options: { rows: [-2, 3] }, sql: 'ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING', order: 'id' },
  ),
  fc.tuple(some, some).map(([a, b]): FrameForm => ({
    options: { range: [a, b] },
    sql: `RANGE BETWEEN ${reach(a, 'PRECEDING')} AND ${reach(b, 'FOLLOWING')}`,
    order: 'i',
  })),
  fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })).map(([a, b]): FrameForm => ({
    options: { range: [`${a} microseconds`, `${b} microseconds`] },
    sql: `RANGE BETWEEN ${reach(a, 'PRECEDING', 'microseconds')} AND ${reach(b, 'FOLLOWING', 'microseconds')}`,
    order: 'ts',
  })),
)

test('aggregates over frames are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, anyFrame, fc.boolean(), fc.boolean(), async (all, frame, descending, grouped) => {
      const rows = all.map(finite)
      await load(rows)
      const keys = grouped ? named({ k: col('k') }) : []
      // what depends on the order of equal rows is left out where there are some
      const fixed = frame.order === 'id' ? Object.keys(aggregates) : Object.keys(aggregates).slice(0, -3)
      const items = named(aggregates).filter(item => fixed.includes(item.name))
      const node = over(source(rows), keys, items, { orderBy: [by(frame.order, descending)], ...frame.options })
      const order = `ORDER BY ${frame.order} ${descending ? 'DESC' : 'ASC'} NULLS LAST`
      const w = `(${grouped ? 'PARTITION BY k ' : ''}${order} ${frame.sql})`
      const sql = `SELECT id, ${SQL.slice(0, fixed.length)
        .map(call => `${call} OVER ${w}`)
        .join(', ')} FROM t ORDER BY id`
      expect(await given(plan.select(node, ['id', ...fixed]))).toEqual(await asked(sql))
    }),
    { numRuns: 120 },
  )
})

test('aggregates over whole partitions are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.boolean(), async (all, grouped) => {
      const rows = all.map(finite)
      await load(rows)
      const fixed = Object.keys(aggregates).slice(0, -3)
      const items = named(aggregates).filter(item => fixed.includes(item.name))
      const node = over(source(rows), grouped ? named({ k: col('k') }) : [], items, { orderBy: [] })
      const w = grouped ? '(PARTITION BY k)' : '()'
      const sql = `SELECT id, ${SQL.slice(0, -3)
        .map(call => `${call} OVER ${w}`)
        .join(', ')} FROM t ORDER BY id`
      expect(await given(plan.select(node, ['id', ...fixed]))).toEqual(await asked(sql))
    }),
    { numRuns: 30 },
  )
})

test('the first rows of an order, of all and of each group, are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows,
      fc.constantFrom('i', 'v', 'k', 'big', 'ts'),
      fc.boolean(),
      fc.nat({ max: 9 }),
      async (rows, key, descending, n) => {
        await load(rows)
        const direction = `${key} ${descending ? 'DESC' : 'ASC'} NULLS LAST`
        const orderBy = [by(key, descending)]
        const sql = `SELECT * FROM t ORDER BY ${direction}, id LIMIT ${n}`
        expect(await given(top(source(rows), [], n, orderBy))).toEqual(await asked(sql))
        expect(await given(plan.limit(plan.orderBy(source(rows), orderBy), n))).toEqual(await asked(sql))
        const grouped = top(source(rows), named({ i: col('i') }), n, orderBy)
        const first = `SELECT * EXCLUDE (g) FROM (SELECT *, min(id) OVER (PARTITION BY i) AS g FROM t)
          QUALIFY row_number() OVER (PARTITION BY i ORDER BY ${direction}, id) <= ${n} ORDER BY g, ${direction}, id`
        expect(await given(grouped)).toEqual(await asked(first))
      },
    ),
    { numRuns: 60 },
  )
})

test('filled gaps are the last value before and the first after, as DuckDB finds them', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.boolean(), async (rows, forward) => {
      await load(rows)
      const direction = forward ? ('forward' as const) : ('backward' as const)
      const node = fill(source(rows), named({ k: col('k') }), direction, ['i', 'v', 'id'], [by('ts'), by('id')])
      const frame = forward ? 'ROWS UNBOUNDED PRECEDING' : 'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'
      const w = `(PARTITION BY k ORDER BY ts NULLS LAST, id ${frame})`
      const call = forward ? 'last_value' : 'first_value'
      const sql = `SELECT id, k, ${call}(i IGNORE NULLS) OVER ${w}, ${call}(v IGNORE NULLS) OVER ${w}, big, ts FROM t ORDER BY id`
      expect(await given(node)).toEqual(await asked(sql))
    }),
    { numRuns: 30 },
  )
})
