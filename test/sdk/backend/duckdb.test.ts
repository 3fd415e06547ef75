/** Plans in DuckDB: the embedded engine's answers, or a refusal before the first row; and what ends a query there. */
import fc from 'fast-check'
import { count, denseRank, duckdb, list, lit, rank, read, rowNumber, to, tumble, udf, type BatchFrame } from 'millrace'
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

const DIFFERING = {
  on: [
    { left: 's', right: 'text' },
    { left: 'i', right: 's' },
  ],
} as const

const renamedKeys = (t: BatchFrame<TestColumns>): BatchFrame<{ text: 'utf8?'; s: 'int32'; u: 'utf8' }> =>
  t
    .filter(r => r.y)
    .select('s', 'i', 'u')
    .rename({ s: 'text', i: 's' })

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
  'joins of every kind on a nullable key': {
    plan: t => {
      const [left, right] = [t.select('s', 'i', 'p'), t.filter(r => r.y).select('s', 'j', 'd')]
      const counted = (
        frame: { readonly plan: Node },
        name: string,
      ): BatchFrame<{ kind: 'utf8'; n: 'int64'; i: 'int64?' }> => {
        const rows: BatchFrame<{ i: 'int32?' }> = untyped(frame.plan)
        return rows
          .aggregate(r => ({ n: count(), i: r.i.cast('int64').sum() }))
          .derive(() => ({ kind: lit(name) }))
          .select('kind', 'n', 'i')
      }
      return counted(left.rightJoin(right, { on: 's' }), 'right')
        .union(counted(left.fullJoin(right, { on: 's' }), 'full'))
        .union(counted(left.semiJoin(right, { on: 's' }), 'semi'))
        .union(counted(left.antiJoin(right, { on: 's' }), 'anti'))
        .union(counted(left.crossJoin(right), 'cross'))
    },
  },
  'join by keys of differing names': { plan: t => t.select('s', 'i', 'p').join(renamedKeys(t), DIFFERING) },
  'leftJoin by keys of differing names': { plan: t => t.select('s', 'i', 'p').leftJoin(renamedKeys(t), DIFFERING) },
  'rightJoin by keys of differing names': { plan: t => t.select('s', 'i', 'p').rightJoin(renamedKeys(t), DIFFERING) },
  'fullJoin by keys of differing names': { plan: t => t.select('s', 'i', 'p').fullJoin(renamedKeys(t), DIFFERING) },
  'semiJoin by keys of differing names': { plan: t => t.select('s', 'i', 'p').semiJoin(renamedKeys(t), DIFFERING) },
  'antiJoin by keys of differing names': { plan: t => t.select('s', 'i', 'p').antiJoin(renamedKeys(t), DIFFERING) },
  'a full join, with its key from either side': {
    plan: t => t.select('e', 'i').fullJoin(t.filter(r => r.y).select('e', 'u'), { on: 'e' }),
  },
  ...Object.fromEntries(
    (['x', 'y', 'e', 'd', 'p', 'q', 'b', 'l', 'r', 'h', 'f'] as const).map(key => [
      `a join by column "${key}"`,
      {
        plan: (t: BatchFrame<TestColumns>) =>
          t
            .derive(r => ({ key: r[key] }))
            .select('key', 'i')
            .join(t.derive(r => ({ key: r[key] })).select('key', 'u'), { on: 'key' }),
      },
    ]),
  ),
  'an as-of join by keys of differing names': {
    plan: t => {
      const right = t
        .groupBy('x', 'd')
        .aggregate(r => ({ most: r.i.max() }))
        .rename({ x: 'key', d: 'since' })
      const options = { on: { left: 'x', right: 'key' }, time: { left: 'd', right: 'since' } } as const
      return t.select('x', 'd', 'u').asOfJoin(right, options)
    },
  },
  'an as-of join backward and forward': {
    plan: t => {
      const right = t
        .select('x', 'd', 'i')
        .distinct('x', 'd', 'i')
        .groupBy('x', 'd')
        .aggregate(r => ({ most: r.i.max() }))
      return t
        .select('x', 'd', 'u')
        .asOfJoin(right, { on: 'x', time: 'd' })
        .asOfJoin(right.rename({ most: 'next' }), { on: 'x', time: 'd', direction: 'forward', suffix: '_next' })
    },
  },
  'distinct rows, groups by several keys and their totals': {
    plan: t =>
      t
        .select('x', 'y', 's')
        .distinct()
        .groupBy('x', 'y')
        .rollup()
        .aggregate(r => ({ n: count(), most: r.s.max() })),
  },
  'columns to rows and back': {
    plan: t =>
      t
        .select('u', 'i', 'j')
        .unpivot(['i', 'j'])
        .groupBy('u')
        .pivot('name', ['i', 'j'], r => ({ most: r.value.max(), n: count() })),
  },
  'filled and dropped nulls, and casts': {
    plan: t =>
      t.fillNull({ j: 0, s: '?' }).dropNulls('f', 'p').cast({ i: 'int64', p: 'float64' }).select('i', 'j', 's', 'p'),
  },
  'rows that are in both, and in one': {
    plan: t =>
      t
        .select('s', 'x')
        .intersect(t.filter(r => r.y).select('s', 'x'))
        .union(t.select('s', 'x').except(t.filter(r => r.y).select('s', 'x'))),
  },
  'the first of each group': {
    plan: t =>
      t
        .select('s', 'f', 'i')
        .groupBy('s')
        .top(2, r => r.f.desc(), 'i'),
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
      { numRuns: 8 },
    )
  })
}

const NESTED = {
  id: 'int32',
  k: 'utf8?',
  list: 'int64?[]?',
  texts: 'utf8[]',
  struct: { at: 'timestamp?', day: 'date', price: 'decimal(9,2)?', deep: { on: 'bool?', took: 'duration?' } },
  map: 'map(utf8,bigint?)?',
  vector: 'vector(2)?',
  bytes: 'binary?[]',
} as const
const micros = fc.integer({ min: -(2 ** 50), max: 2 ** 50 })
const day = fc.integer({ min: -9999, max: 9999 }).map(days => new Date(days * 86_400_000))
const nestedRow = fc.record({
  k: fc.option(fc.constantFrom('a', 'b', '')),
  list: fc.option(fc.array(fc.option(fc.maxSafeInteger()), { maxLength: 4 })),
  texts: fc.array(fc.constantFrom('', 'é', '😀', "it's"), { maxLength: 3 }),
  struct: fc.record({
    at: fc.option(micros.map(n => new Date(Math.trunc(n / 1000)))),
    day,
    price: fc.option(fc.integer({ min: -999, max: 999 }).map(n => `${n}.25`)),
    deep: fc.record({ on: fc.option(fc.boolean()), took: fc.option(fc.integer()) }),
  }),
  map: fc.option(
    fc
      .uniqueArray(
        fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))),
        {
          selector: ([key]) => key,
        },
      )
      .map(pairs => new Map(pairs)),
  ),
  vector: fc.option(fc.tuple(fc.double(), fc.double({ noNaN: true }))),
  bytes: fc.array(fc.option(fc.uint8Array({ maxLength: 3 })), { maxLength: 2 }),
})
const anyNested = fc.array(nestedRow, { maxLength: 25 }).map(rows => rows.map((each, id) => ({ id, ...each })))

const nestedPlans: Readonly<
  Record<
    string,
    { readonly ordered?: boolean; readonly plan: (t: BatchFrame<typeof NESTED>) => { readonly plan: Node } }
  >
> = {
  'as they are': { plan: t => t, ordered: true },
  'filtered and ordered by what is inside': {
    plan: t =>
      t.filter(r => r.list.isNotNull().or(r.texts.contains('é'))).orderBy(r => r.struct.field('price').desc(), 'id'),
    ordered: true,
  },
  'taken out of and made anew': {
    plan: t =>
      t.derive(r => ({
        first: r.list.get(0),
        many: r.texts.size(),
        at: r.struct.field('at'),
        on: r.struct.field('deep').field('on'),
      })),
  },
  'carried through joins and unions': {
    plan: t => t.select('k', 'id', 'struct', 'map').join(t.select('k', 'list', 'vector', 'bytes'), { on: 'k' }),
  },
  'kept first of each group': { plan: t => t.groupBy('k').top(1, r => r.id.desc()) },
  'carried beside what is over the rows': {
    plan: t => t.groupBy('k').over(() => ({ n: rowNumber() }), { orderBy: 'id' }),
  },
}

for (const [name, { plan, ordered = false }] of Object.entries(nestedPlans)) {
  test(`values of several values, ${name}: DuckDB gives the rows of the embedded engine`, async () => {
    const text = (_: string, value: unknown): unknown => {
      if (value instanceof Map) return [...(value as Map<unknown, unknown>)]
      if (value instanceof Float64Array || value instanceof Uint8Array) return Array.from(value, String)
      return typeof value === 'bigint' ? `${value}n` : value
    }
    await fc.assert(
      fc.asyncProperty(anyNested, async rows => {
        const frame: BatchFrame = untyped(plan(read.rows(rows, { schema: NESTED })).plan)
        const [ours, theirs] = [await frame.collect(), await frame.collect({ engine: one })].map(table =>
          table.rows({ times: 'iso' }).map(each => JSON.stringify(each, text).replaceAll('"-0"', '"0"')),
        )
        expect(ordered ? theirs : theirs!.toSorted()).toEqual(ordered ? ours : ours!.toSorted())
      }),
      { numRuns: 10 },
    )
  })
}

test('a whole number inside of a list that no double holds is an error', async () => {
  const rows = read.rows([{ list: [2n ** 60n] }], { schema: { list: 'bigint[]' } })
  expect((await rows.collect({ engine: one })).rows()).toEqual([{ list: [2n ** 60n] }])
  const sums = read
    .rows([{ k: 1, a: 2 ** 53 - 1 }], { schema: { k: 'int32', a: 'int64' } })
    .derive(t => ({ list: list(t.a, t.a.add(1)) }))
  await expect(sums.collect({ engine: one })).rejects.toThrow(
    /column "list" has a number beyond ±\(2\^53 − 1\)|overflow/,
  )
})

const anyOver = fc.array(
  fc.record({
    k: fc.option(fc.constantFrom('a', 'b')),
    i: fc.option(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
    f: fc.option(fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.integer({ min: -9, max: 9 }))),
    at: fc.option(fc.integer({ min: -5, max: 5 }).map(n => new Date(n * 3_600_000))),
    day: fc.option(fc.integer({ min: -5, max: 5 }).map(n => new Date(n * 86_400_000))),
  }),
  { maxLength: 40 },
)
const OVER = { id: 'int32', k: 'utf8?', i: 'int32?', f: 'float64?', at: 'timestamp?', day: 'date?' } as const

const overPlans: Readonly<Record<string, (t: BatchFrame<typeof OVER>) => { readonly plan: Node }>> = {
  'places, and rows before and after': t =>
    t.groupBy('k').over(
      r => ({
        n: rowNumber(),
        rank: rank(),
        dense: denseRank(),
        before: r.f.lag(1),
        after: r.i.lead(2, 0),
        second: r.i.add(rank()),
      }),
      { orderBy: [r => r.f.desc(), 'id'] },
    ),
  'whole partitions': t =>
    t.groupBy('k').over(r => ({
      total: r.i.cast('int64').sum(),
      share: r.i.sub(r.i.mean()),
      n: count(),
      some: r.i.count().where(r.f.gt(0)),
    })),
  'running totals of equal rows together': t =>
    t.over(r => ({ total: r.i.cast('int64').sum(), most: r.f.max() }), { orderBy: 'day' }),
  'so many rows before and after': t =>
    t.groupBy('k').over(r => ({ total: r.i.cast('int64').sum(), least: r.f.min(), id: r.id.neg() }), {
      orderBy: 'at',
      rows: [2, 1],
    }),
  'a range of whole numbers to the ends of their type': t =>
    t.over(r => ({ n: count(), most: r.id.max() }), { orderBy: 'i', range: [3, 2.5] }),
  'a range of floats, NaN and infinities among them': t =>
    t.over(r => ({ n: count(), most: r.id.max() }), { orderBy: r => r.f.desc(), range: [3, -1] }),
  'a range of times and of days': t =>
    t
      .over(() => ({ n: count() }), { orderBy: 'at', range: '2 hours' })
      .over(r => ({ m: r.id.min() }), { orderBy: 'day', range: ['36 hours', 'all'] }),
}

for (const [name, plan] of Object.entries(overPlans)) {
  test(`over, ${name}: DuckDB gives the rows of the embedded engine`, async () => {
    await fc.assert(
      fc.asyncProperty(anyOver, async rows => {
        const frame = read.rows(
          rows.map((each, id) => ({ id, ...each })),
          { schema: OVER },
        )
        const [ours, theirs] = await both(plan(frame))
        expect(theirs).toEqual(ours)
      }),
      { numRuns: 12 },
    )
  })
}

test('over: sums of floats up to a row and of all rows, infinities and NaN among them', async () => {
  await fc.assert(
    fc.asyncProperty(anyOver, async rows => {
      const frame = read.rows(
        rows.map((each, id) => ({ id, ...each })),
        { schema: OVER },
      )
      for (const options of [{}, { orderBy: 'id' }, { orderBy: 'at' }] as const) {
        const sums = frame.groupBy('k').over(t => ({ sum: t.f.sum(), mean: t.f.mean(), n: t.f.count() }), options)
        const [ours, theirs] = await both(sums, { digits: 10 })
        expect(theirs).toEqual(ours)
      }
    }),
    { numRuns: 12 },
  )
})

test('over: what DuckDB would answer otherwise is refused', async () => {
  const frame = read.rows([{ id: 1, x: 0.5 }], { schema: { id: 'int32', x: 'float64' } })
  type Cols = Parameters<Parameters<typeof frame.derive>[0]>[0]
  await expect(
    frame.over(t => ({ m: t.x.mean() }), { orderBy: 'id', rows: 3 }).collect({ engine: one }),
  ).rejects.toThrow(
    'duckdb cannot run this plan, at read › over: t.x.mean() slides, and DuckDB takes floats out of a sum that are infinite or NaN',
  )
  for (const sums of [(t: Cols) => t.x.sum(), (t: Cols) => t.x.stddev(), (t: Cols) => t.x.product()]) {
    const sliding = frame.over(t => ({ m: sums(t) }), { orderBy: 'id', range: [1, 1] })
    await expect(sliding.collect({ engine: one })).rejects.toThrow('slides, and DuckDB takes floats out of a sum')
  }
  await expect(frame.over(t => ({ m: t.x.nthValue(2) }), { orderBy: 'id' }).collect({ engine: one })).rejects.toThrow(
    'which of several equal rows stands first',
  )
  await expect(frame.over(t => ({ m: t.x.first() }), { orderBy: 'id' }).collect({ engine: one })).rejects.toThrow(
    't.x.first()',
  )
})

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
