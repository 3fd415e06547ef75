/** Plans in DuckDB: the embedded engine's answers, or a refusal before the first row; and what ends a query there. */
import fc from 'fast-check'
import { count, duckdb, lit, read, to, tumble, udf, type BatchFrame } from 'millrace'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Node } from '../../../sdk/plan/node.ts'
import { frameOf as untyped } from '../../../sdk/frame/frame.ts'
import { DataError } from '../../../sdk/data/errors.ts'
import { COLUMNS, row, type TestColumns } from '../expr/random-expr.ts'

const one = duckdb({ threads: 1 })

/** Rows as texts in an order of their own, −0 as 0; floats to twelve digits where they are sums. */
function shown(rows: readonly object[], digits?: number): string[] {
  const text = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value !== 'number') return value
    if (!Number.isFinite(value)) return String(value)
    return value === 0 ? 0 : digits === undefined ? value : Number(value.toPrecision(digits))
  }
  return rows.map(each => JSON.stringify(each, text))
}

/** Both engines' rows, sorted as texts unless their order is part of the answer. */
async function both(
  { plan }: { readonly plan: Node },
  { ordered = false, digits = 0 } = {},
): Promise<[string[], string[]]> {
  const frame: BatchFrame = untyped(plan)
  const [ours, theirs] = [await frame.collect(), await frame.collect({ engine: one })]
  const [a, b] = [ours, theirs].map(table => shown(table.rows({ times: 'iso' }), digits || undefined))
  return ordered ? [a!, b!] : [a!.sort(), b!.sort()]
}

const anyRows = fc.array(row, { maxLength: 40 })
type Rows = typeof anyRows extends fc.Arbitrary<infer R> ? R : never
const frameOf = (rows: Rows): BatchFrame<TestColumns> => read.rows(rows, { schema: COLUMNS })

const plans: Readonly<
  Record<string, { readonly ordered?: boolean; readonly plan: (t: BatchFrame<TestColumns>) => { readonly plan: Node } }>
> = {
  'all columns as they are': { plan: t => t, ordered: true },
  'filters and projections': {
    plan: t =>
      t
        .filter(r => r.j.gt(0).or(r.f.isNull()))
        .derive(r => ({ twice: r.g.mul(2), text: r.u.concat('!') }))
        .select('i', 'twice', 'text', 'd', 'e', 'r'),
    ordered: true,
  },
  'groups by text and number': {
    plan: t =>
      t.groupBy('s', 'x').aggregate(r => ({
        rows: count(),
        total: r.i.cast('int64').sum(),
        least: r.f.min(),
        most: r.u.max(),
        kinds: r.j.countDistinct(),
        first: r.d.min(),
        decimal: r.p.sum(),
      })),
  },
  'groups by a float, NaN and null among them': {
    plan: t => t.groupBy('f').aggregate(() => ({ rows: count() })),
  },
  'one group of no key': {
    plan: t => t.aggregate(r => ({ rows: count(), most: r.e.max(), span: r.r.max() })),
  },
  'an order with nulls, NaN and equal keys': {
    plan: t => t.orderBy(r => r.f.desc(), 's').select('f', 's', 'u', 'g'),
    ordered: true,
  },
  'the first of an order': {
    plan: t => t.orderBy('x').limit(5).select('x', 'u'),
    ordered: true,
  },
  'a join with itself': {
    plan: t => t.select('j', 's', 'u').join(t.select('j', 'e', 'u'), { on: 'j' }),
  },
  'a left join on two keys': {
    plan: t => t.select('x', 's', 'i').leftJoin(t.select('x', 's', 'l'), { on: ['x', 's'] }),
  },
  'a union': { plan: t => t.select('i', 's').union(t.select('s', 'i')) },
  'windows of event time, also before 1970': {
    plan: t =>
      t
        .filter(r => r.d.isNotNull())
        .watermark('d', '0 seconds')
        .groupBy('y')
        .window(tumble('7 days'), { offset: '4 days' })
        .aggregate(() => ({ rows: count() })),
  },
}

for (const [name, { plan, ordered = false }] of Object.entries(plans)) {
  test(`${name}: DuckDB gives the rows of the embedded engine`, async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, async rows => {
        const [ours, theirs] = await both(plan(frameOf(rows)), { ordered })
        expect(theirs).toEqual(ours)
      }),
      { numRuns: 15 },
    )
  })
}

test('float sums and means are those of the embedded engine within rounding', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => ({ k: i % 7, x: Math.sin(i) * 100 }))
  const sums = read
    .rows(rows)
    .groupBy('k')
    .aggregate(t => ({ sum: t.x.sum(), mean: t.x.mean(), sd: t.x.stddev() }))
  const [ours, theirs] = await both(sums, { digits: 10 })
  expect(theirs).toEqual(ours)
})

test('a plan with a function of this program is refused before a row is read, and explain says where', async () => {
  const trips = read.rows([{ km: 1 }]).derive(t => ({ far: udf([t.km], 'float64', km => Math.sqrt(km)) }))
  await expect(trips.limit(1).collect({ engine: one })).rejects.toThrow(
    /duckdb cannot run this plan, at read › project: .* is a function of this program/,
  )
  expect(trips.limit(1).explain({ engine: one })).toMatch(/limit 1\n.*\n.*runs on duckdb[^]*refused by duckdb: /)
})

test('a stream is refused', () => {
  const frame = read
    .rows([{ at: '2024-01-01' }], { schema: { at: 'timestamp' } })
    .watermark('at', '0 seconds')
    .replay()
  expect(() => frame.write(to.memory()).start({ engine: one })).toThrow(/duckdb cannot run this plan, at .*replay/)
})

test('two outputs of one job are written from one reading', async () => {
  const trips = read.rows([{ km: 1 }, { km: 2 }, { km: 30 }])
  const [far, near] = [to.memory(), to.memory()]
  const job = trips
    .filter(t => t.km.gt(20))
    .write(far)
    .and(trips.filter(t => t.km.le(20)).write(near))
  const end = await job.run({ engine: one })
  expect({ state: end.state, rowsIn: end.rowsIn, rowsOut: end.rowsOut }).toEqual({
    state: 'finished',
    rowsIn: 3,
    rowsOut: 3,
  })
  expect(far.rows()).toEqual([{ km: 30 }])
  expect(near.rows()).toEqual([{ km: 1 }, { km: 2 }])
})

test('an overflow is an error of the same class and code', async () => {
  const top = read.rows([{ a: 2147483647 }], { schema: { a: 'int32' } })
  const error: unknown = await top
    .derive(t => ({ b: t.a.add(lit(1)) }))
    .collect({ engine: one })
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(DataError)
  expect((error as DataError).code).toBe('overflow')
  const wide = read.rows([{ a: 2 ** 53 - 1 }, { a: 2 ** 53 - 1 }], { schema: { a: 'int64' } })
  await expect(wide.aggregate(t => ({ b: t.a.sum() })).collect({ engine: one })).rejects.toThrow(
    /beyond ±\(2\^53 − 1\)/,
  )
})

test('a row without an event time is an error that names the column', async () => {
  const rows = read.rows([{ at: null }, { at: '2024-01-01' }], { schema: { at: 'timestamp?' } })
  const windows = rows
    .watermark('at', '0 seconds')
    .window(tumble('1 day'))
    .aggregate(() => ({ n: count() }))
  await expect(windows.collect({ engine: one })).rejects.toThrow(/no event time: "at" is null/)
})

test('an abort ends the query, and its folder is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-spill-'))
  const rows = read.rows(Array.from({ length: 3000 }, (_, i) => ({ k: 1, i })))
  const crossed = rows.join(rows, { on: 'k' }).join(rows.select('k'), { on: 'k' })
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 100)
  const engine = duckdb({ threads: 1, spill: folder })
  await expect(crossed.aggregate(t => ({ n: t.i.max() })).collect({ engine, signal: abort.signal })).rejects.toThrow(
    /interrupted/,
  )
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

test('a sort larger than its memory gives all rows in order', async () => {
  const schema = { k: 'int32', x: 'float64' } as const
  const rows = 400_000
  const random = (i: number): number => Math.imul(i ^ 0x5bd1e995, 0x9e3779b1) | 0
  const frame = read.rows([{}]).mapBatches(schema, () => ({
    k: Int32Array.from({ length: rows }, (_, i) => random(i)),
    x: Float64Array.from({ length: rows }, (_, i) => i),
  }))
  const table = await (await frame.collect()).orderBy('k').collect({ engine: duckdb({ threads: 1, memory: '24 MB' }) })
  const keys = table.column('k')
  expect(keys.length).toBe(rows)
  expect(keys.every((key, i) => i === 0 || keys[i - 1]! <= key)).toBe(true)
})

test('options are checked by name and by value', () => {
  expect(() => duckdb({ memory: '2GB' as '2 GB' })).toThrow(
    /memory is an amount such as '500 MB' or '2 GB', found "2GB"/,
  )
  expect(() => duckdb({ threads: 0 })).toThrow(/threads must be a whole number from 1 on, found 0/)
  expect(() => duckdb({ thread: 1 } as object)).toThrow(/no option "thread". Did you mean "threads"/)
})
