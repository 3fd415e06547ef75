/** Grouping, windows, joins and order against DuckDB, on random rows with nulls, NaN and equal keys. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memory } from '../../../sdk/connector/memory.ts'
import type { Batch } from '../../../sdk/data/batch.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { embedded } from '../../../sdk/engine/embedded.ts'
import { col, count, nodeOf } from '../../../sdk/expr/column.ts'
import * as plan from '../../../sdk/plan/build.ts'
import { nodeSql } from '../../../sdk/backend/duckdb/node-sql.ts'
import { asOfJoin } from '../../../sdk/plan/verb/as-of-join.ts'
import { join } from '../../../sdk/plan/verb/join.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import { compareRows } from '../../../sdk/plan/verb/compare-rows.ts'
import { distinct } from '../../../sdk/plan/verb/distinct.ts'
import { dropNulls } from '../../../sdk/plan/verb/drop-nulls.ts'
import { fillNull } from '../../../sdk/plan/verb/fill-null.ts'
import { cube, groupingSets, rollup } from '../../../sdk/plan/verb/grouping-sets.ts'
import { pivot } from '../../../sdk/plan/verb/pivot.ts'
import { rowIndex, tail } from '../../../sdk/plan/verb/rows.ts'
import { unpivot } from '../../../sdk/plan/verb/unpivot.ts'
import { optimise } from '../../../sdk/plan/rewrite.ts'
import { batchOf, cut, rowsOf, type Row } from '../../laws/drive.ts'
import { windowAggregate, windowOf } from '../../../sdk/plan/verb/window.ts'

const SCHEMA = Schema.of({ k: 'utf8?', i: 'int32?', v: 'float64?', big: 'bigint', ts: 'timestamp' })
const TYPES = ['VARCHAR', 'INTEGER', 'DOUBLE', 'BIGINT', 'TIMESTAMP']

let db: DuckDBConnection

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  db = await instance.connect()
})

afterAll(() => db.closeSync())

const anyRows = fc.array(
  fc
    .tuple(
      fc.option(fc.constantFrom('a', 'b', 'ab', '', 'Zürich', '\u{1f600}', '\uffee')),
      fc.option(fc.integer({ min: -3, max: 3 })),
      fc.option(fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.integer({ min: -9, max: 9 }))),
      fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }),
      fc.integer({ min: -500, max: 500 }),
    )
    .map((row): Row => row),
  { maxLength: 80 },
)

async function load(table: string, rows: readonly Row[]): Promise<void> {
  await db.run(`CREATE OR REPLACE TABLE ${table} (${SCHEMA.names.map((name, i) => `${name} ${TYPES[i]!}`).join(', ')})`)
  const literal = (value: unknown, i: number): string => {
    if (value === null) return 'NULL'
    if (i === 0) return `'${value as string}'`
    return i === 4 ? `make_timestamp(${value as number})` : `'${shown(value)}'::${TYPES[i]!}`
  }
  if (rows.length > 0)
    await db.run(`INSERT INTO ${table} VALUES ${rows.map(row => `(${row.map(literal).join()})`).join()}`)
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

/** Numbers of all widths alike, and times as their microseconds. */
function shown(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object' && 'micros' in value) return String(value.micros)
  if (typeof value === 'number') return String(value + 0)
  if (typeof value === 'string') return value
  return typeof value === 'bigint' || typeof value === 'boolean' ? value.toString() : 'unknown'
}

const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))
const source = (rows: readonly Row[]): Node => plan.read(memory(SCHEMA, cut(batchOf(SCHEMA, rows), [13, 2])))
const aggregates = named({
  rows: count(),
  values: col('v').count(),
  total: col('i').sum(),
  least: col('v').min(),
  most: col('k').max(),
  big: col('big').sum(),
})
const SQL = 'count(*), count(v), sum(i)::BIGINT, min(v), max(k), sum(big)::BIGINT'

test('groups and their aggregates are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, async rows => {
      await load('t', rows)
      const read = source(rows)
      const byText = plan.aggregate(read, named({ k: col('k'), i: col('i') }), aggregates)
      expect((await given(byText)).sort()).toEqual((await asked(`SELECT k, i, ${SQL} FROM t GROUP BY k, i`)).sort())
      const byFloat = plan.aggregate(read, named({ v: col('v') }), named({ rows: count() }))
      expect((await given(byFloat)).sort()).toEqual((await asked('SELECT v, count(*) FROM t GROUP BY v')).sort())
      const whole = plan.aggregate(read, [], aggregates)
      expect(await given(whole)).toEqual(await asked(`SELECT ${SQL} FROM t`))
    }),
    { numRuns: 60 },
  )
})

test('windows are the time buckets of DuckDB, of a batch and of its replay', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows,
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 0, max: 99 }),
      async (rows, size, offset) => {
        await load('t', rows)
        const bucket = `time_bucket(INTERVAL '${size} microseconds', ts, make_timestamp(${offset}))`
        const sql = `SELECT k, ${bucket} AS w, ${bucket} + INTERVAL '${size} microseconds', ${SQL} FROM t GROUP BY k, w`
        const timed = plan.watermark(source(rows), 'ts', '5 microseconds')
        const window = windowOf({ kind: 'tumble', size: `${size} microseconds` }, { offset: `${offset} microseconds` })
        const expected = (await asked(sql)).sort()
        for (const input of [timed, plan.replay(timed, {}), plan.replay(timed, { disorder: '5 microseconds' })]) {
          const node = windowAggregate(input, named({ k: col('k') }), window, aggregates)
          expect((await given(node)).sort()).toEqual(expected)
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('sliding and growing windows are joins with a series of their bounds in DuckDB, and so are those of its backend', async () => {
  const hop = fc.record({
    kind: fc.constant('hop' as const),
    size: fc.integer({ min: 1, max: 300 }),
    n: fc.integer({ min: 30, max: 400 }),
  })
  const cumulate = fc.record({
    kind: fc.constant('cumulate' as const),
    size: fc.integer({ min: 30, max: 100 }),
    n: fc.integer({ min: 1, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(
      anyRows,
      fc.oneof(hop, cumulate),
      fc.integer({ min: -99, max: 99 }),
      async (rows, { kind, size, n }, offset) => {
        await load('t', rows)
        const text =
          kind === 'hop'
            ? { kind, size: `${size} microseconds`, every: `${n} microseconds` }
            : { kind, size: `${size * n} microseconds`, step: `${size} microseconds` }
        const every = kind === 'hop' ? n : size
        const end = `(j * ${every} + ${kind === 'hop' ? size : every} + ${offset})`
        const start =
          kind === 'hop' ? `(j * ${every} + ${offset})` : `(CAST(floor(j / ${n}) AS BIGINT) * ${size * n} + ${offset})`
        const bounds = `SELECT ${start} AS s, ${end} AS e FROM generate_series(-2000, 2000) g(j)`
        const sql = `SELECT k, make_timestamp(s), make_timestamp(e), ${SQL} FROM t JOIN (${bounds}) w
          ON epoch_us(ts) >= s AND epoch_us(ts) < e GROUP BY k, s, e`
        const timed = plan.watermark(source(rows), 'ts', '5 microseconds')
        const window = windowOf(text, { offset: `${offset} microseconds` })
        const node = windowAggregate(timed, named({ k: col('k') }), window, aggregates)
        const expected = (await asked(sql)).sort()
        expect((await given(node)).sort()).toEqual(expected)
        const printed = nodeSql(node, ['t'])
        if (typeof printed !== 'string') throw new Error(printed.refused)
        expect((await asked(printed)).sort()).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
})

test('sessions are running counts of gaps in DuckDB, of a batch and of its replay', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.integer({ min: 1, max: 60 }), async (rows, gap) => {
      await load('t', rows)
      const begins = `epoch_us(ts) - lag(epoch_us(ts)) OVER (PARTITION BY k ORDER BY ts) > ${gap}`
      const marked = `SELECT *, coalesce(CAST(${begins} AS INT), 1) AS begins FROM t`
      const counted = `SELECT *, sum(begins) OVER (PARTITION BY k ORDER BY ts ROWS UNBOUNDED PRECEDING) AS s FROM (${marked})`
      const end = `make_timestamp(max(epoch_us(ts)) + ${gap})`
      const sql = `SELECT k, min(ts), ${end}, ${SQL} FROM (${counted}) GROUP BY k, s`
      const expected = (await asked(sql)).sort()
      const timed = plan.watermark(source(rows), 'ts', '5 microseconds')
      const window = windowOf({ kind: 'session', gap: `${gap} microseconds` })
      for (const input of [timed, plan.replay(timed, {}), plan.replay(timed, { disorder: '5 microseconds' })]) {
        const node = windowAggregate(input, named({ k: col('k') }), window, aggregates)
        expect((await given(node)).sort()).toEqual(expected)
      }
    }),
    { numRuns: 40 },
  )
})

const KEYS: readonly (readonly string[])[] = [['k'], ['i'], ['v'], ['big'], ['ts'], ['k', 'i'], ['i', 'v', 'ts']]
const TYPE_SQL = { inner: 'JOIN', left: 'LEFT JOIN', right: 'RIGHT JOIN', full: 'FULL JOIN' } as const

test('joins are those of DuckDB, by keys of any type, whose names may differ', async () => {
  const types = fc.constantFrom('inner', 'left', 'right', 'full', 'semi', 'anti' as const)
  await fc.assert(
    fc.asyncProperty(
      anyRows,
      anyRows,
      types,
      fc.constantFrom(...KEYS),
      fc.boolean(),
      async (left, right, type, keys, differ) => {
        await load('l', left)
        await load('r', right)
        const others = SCHEMA.names.filter(name => !keys.includes(name))
        const apart = differ ? SCHEMA.names : others
        const renamed = plan.rename(source(right), Object.fromEntries(apart.map(name => [name, `${name}2`])))
        const node = join(source(left), renamed, {
          type,
          on: keys.map(key => ({ left: key, right: differ ? `${key}2` : key })),
          suffix: '_right',
        })
        const kept = type === 'semi' || type === 'anti' ? [] : others.map(name => `${name}2`)
        expect(node.schema.names).toEqual([...SCHEMA.names, ...kept])
        const on = keys.map(key => `l.${key} = r.${key}`).join(' AND ')
        const sql =
          type === 'semi' || type === 'anti'
            ? `SELECT * FROM l WHERE ${type === 'anti' ? 'NOT ' : ''}EXISTS (SELECT 1 FROM r WHERE ${on})`
            : `SELECT ${SCHEMA.names.map(name => (keys.includes(name) ? `coalesce(l.${name}, r.${name})` : `l.${name}`)).join()},
             ${others.map(name => `r.${name}`).join()} FROM l ${TYPE_SQL[type]} r ON ${on}`
        expect((await given(node)).sort()).toEqual((await asked(sql)).sort())
      },
    ),
    { numRuns: 120 },
  )
})

test('as-of joins are those of DuckDB where times are unique, and of the SQL that is printed where they are not', async () => {
  const unique = (rows: readonly Row[], keys: readonly number[]): Row[] => {
    const seen = new Set<string>()
    return rows.filter(row => {
      const key = keys.map(i => shown(row[i])).join('|')
      return seen.size < seen.add(key).size
    })
  }
  const times = fc.constantFrom('i', 'v', 'ts')
  const directions = fc.constantFrom('backward', 'forward')
  await fc.assert(
    fc.asyncProperty(anyRows, anyRows, times, directions, fc.boolean(), async (left, right, time, direction, keyed) => {
      const renamed = (rows: readonly Row[]): Node =>
        plan.rename(source(rows), { i: 'i2', v: 'v2', big: 'big2', ts: 'ts2', ...(!keyed && { k: 'k2' }) })
      const others = renamed([]).schema.names.filter(name => !keyed || name !== 'k')
      const node = (rows: readonly Row[]): Node =>
        asOfJoin(source(left), renamed(rows), {
          on: keyed ? [{ left: 'k', right: 'k' }] : [],
          time: { left: time, right: `${time}2` },
          direction,
          tolerance: undefined,
          suffix: '_right',
        })
      const few = unique(right, [...(keyed ? [0] : []), SCHEMA.names.indexOf(time)])
      const renames = SCHEMA.names.map(name => `${name} AS ${name}2`).join()
      const isTime = (name: string): string => (time === 'v' ? `CASE WHEN NOT isnan(${name}) THEN ${name} END` : name)
      await load('l', left)
      await load('few', few)
      const near = `${isTime(`l.${time}`)} ${direction === 'backward' ? '>=' : '<='} ${isTime(`r.${time}2`)}`
      // Where a left time is null DuckDB joins forward to a row that does not meet the condition.
      const columns = others.map(name => `CASE WHEN ${near} THEN r.${name} END`).join()
      const sql = `SELECT l.*, ${columns} FROM l ASOF LEFT JOIN (SELECT ${renames} FROM few) r
        ON ${keyed ? 'l.k = r.k2 AND ' : ''}${near}`
      expect((await given(node(few))).sort()).toEqual((await asked(sql)).sort())
      await load('r', right)
      const r = `(SELECT ${keyed ? 'k, ' : ''}${renames} FROM r)`
      const printed = nodeSql(node(right), ['l', r])
      expect((await given(node(right))).sort()).toEqual((await asked(printed as string)).sort())
    }),
    { numRuns: 80 },
  )
})

test('the order is that of DuckDB: text by code point, NaN after numbers, nulls last', async () => {
  const direction = fc.boolean()
  await fc.assert(
    fc.asyncProperty(anyRows, direction, direction, direction, async (rows, ...[k, v, big]) => {
      await load('t', rows)
      const by = ([name, descending]: readonly [string, boolean]): plan.SortExpr => ({
        expr: nodeOf(col(name)),
        descending,
      })
      const keys = [
        ['k', k],
        ['v', v],
        ['big', big],
      ] as const
      const sql = keys.map(([name, descending]) => `${name} ${descending ? 'DESC' : 'ASC'} NULLS LAST`).join(', ')
      const node = plan.select(plan.orderBy(source(rows), keys.map(by)), ['k', 'v', 'big'])
      expect(await given(node)).toEqual(await asked(`SELECT k, v, big FROM t ORDER BY ${sql}`))
    }),
    { numRuns: 60 },
  )
})

test('distinct, set operations and fills are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, anyRows, async (rows, others) => {
      await load('t', rows)
      await load('u', others)
      const [t, u] = [source(rows), source(others)]
      const three = ['k', 'i', 'v']
      const sorted = async (node: Node): Promise<string[]> => (await given(node)).sort()
      const sql = async (text: string): Promise<string[]> => (await asked(text)).sort()
      const [a, b] = [plan.select(t, three), plan.select(u, three)]
      expect(await sorted(distinct(a, []))).toEqual(await sql('SELECT DISTINCT k, i, v FROM t'))
      const firsts = distinct(rowIndex(t, 'n'), ['k', 'v'])
      const byKey = 'SELECT k, v, min(n) AS n FROM (SELECT *, row_number() OVER () - 1 AS n FROM t) GROUP BY k, v'
      expect(await sorted(plan.select(firsts, ['k', 'v', 'n']))).toEqual(await sql(byKey))
      for (const verb of ['intersect', 'except'] as const) {
        expect(await sorted(compareRows(verb, a, b))).toEqual(
          await sql(`SELECT k, i, v FROM t ${verb} SELECT k, i, v FROM u`),
        )
      }
      expect(await given(fillNull(fillNull(a, 0), '?'))).toEqual(
        await asked(`SELECT coalesce(k, '?'), coalesce(i, 0), coalesce(v, 0) FROM t`),
      )
      expect(await given(dropNulls(a, ['k', 'v']))).toEqual(
        await asked('SELECT k, i, v FROM t WHERE k IS NOT NULL AND v IS NOT NULL'),
      )
      expect(await given(tail(a, 7))).toEqual((await asked('SELECT k, i, v FROM t')).slice(-7))
    }),
    { numRuns: 40 },
  )
})

test('pivots, unpivots and grouping sets are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, async rows => {
      await load('t', rows)
      const t = source(rows)
      const long = unpivot(t, ['i', 'v'], {})
      expect((await given(plan.select(long, ['k', 'name', 'value']))).sort()).toEqual(
        (
          await asked(
            'SELECT k, name, value FROM (SELECT k, i::DOUBLE AS i, v FROM t) UNPIVOT INCLUDE NULLS (value FOR name IN (i, v))',
          )
        ).sort(),
      )
      const wide = pivot(t, named({ k: col('k') }), 'i', [1, -2, null], named({ rows: count(), most: col('v').max() }))
      const cell = (is: string): string =>
        `count(*) FILTER (i IS NOT DISTINCT FROM ${is}), max(v) FILTER (i IS NOT DISTINCT FROM ${is})`
      expect((await given(wide)).sort()).toEqual(
        (await asked(`SELECT k, ${cell('1')}, ${cell('-2')}, ${cell('NULL')} FROM t GROUP BY k`)).sort(),
      )
      const keys = named({ k: col('k'), i: col('i'), v: col('v') })
      for (const [form, sets] of [
        ['ROLLUP', rollup(['k', 'i', 'v'])],
        ['CUBE', cube(['k', 'i', 'v'])],
      ] as const) {
        expect((await given(groupingSets(t, keys, sets, 'out', aggregates))).sort()).toEqual(
          (await asked(`SELECT k, i, v, grouping(k, i, v), ${SQL} FROM t GROUP BY ${form} (k, i, v)`)).sort(),
        )
      }
    }),
    { numRuns: 40 },
  )
})
