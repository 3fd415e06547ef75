import fc from 'fast-check'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { count, duckdb, embedded, read } from 'millrace'
import { memory } from '../../../../sdk/connector/memory.ts'
import type { Batch } from '../../../../sdk/data/batch.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { SpillFolder } from '../../../../sdk/engine/state/spill.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { batchOf, cut, drive, type Fed, type Row } from '../../../laws/drive.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-groups-'))
afterAll(() => rmSync(folder, { recursive: true }))

const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))
const fed = (batches: readonly Batch[]): Fed[] => batches.map(batch => ({ input: 0, batch }))

/** A folder that says how many files were made in it. */
class Counted extends SpillFolder {
  made = 0

  override create<T>(): ReturnType<typeof SpillFolder.prototype.create<T>> {
    this.made++
    return super.create<T>()
  }
}

const NUMBERS = Schema.of({ k: 'int32', v: 'int32' })
const numbers = plan.read(memory(NUMBERS, []))
const lists = plan.aggregate(
  numbers,
  named({ k: col('k') }),
  named({ n: count(), vs: col('v').collect(), least: col('v').min() }),
)

test('groups beyond the budget are those in memory, in the order of their first rows', () => {
  const rows: Row[] = [
    [7, 1],
    [3, 2],
    [9, 3],
    [3, 4],
    [5, 5],
    [9, 6],
    [7, 7],
    [1, 8],
    [5, 9],
  ]
  const spill = new SpillFolder(folder)
  const given = drive(
    [() => operatorOf(lists, null, { budgetBytes: 1200, spill })],
    fed(cut(batchOf(NUMBERS, rows), [2])),
  )
  expect(spill.bytes).toBeGreaterThan(0)
  spill.remove()
  expect(given.rows).toEqual([
    [7, 2, [1, 7], 1],
    [3, 2, [2, 4], 2],
    [9, 2, [3, 6], 3],
    [5, 2, [5, 9], 5],
    [1, 1, [8], 8],
  ])
})

const SCHEMA = Schema.of({
  s: 'utf8?',
  f: 'float64?',
  n: 'int32?',
  big: 'bigint?',
  v: 'float64?',
  w: 'float64?',
  tags: 'utf8?[]',
  i: 'int32',
})
const source = plan.read(memory(SCHEMA, []))

const KEYS: Record<string, Record<string, unknown>> = {
  text: { s: col('s') },
  'text and float': { s: col('s'), f: col('f') },
  'a computed number': { k: col('n').mul(3), f: col('f').neg() },
  'integers of 64 bits': { big: col('big'), n: col('n') },
  'bytes and whether': { bytes: col('s').toBytes(), yes: col('v').gt(0) },
}
const AGGREGATES: Record<string, unknown> = {
  rows: count(),
  sum: col('v').sum(),
  total: col('n').sum(),
  ratio: col('v').mean().div(count()),
  least: col('v').min(),
  first: col('i').first(),
  last: col('i').last(),
  text: col('s').first(),
  different: col('s').countDistinct(),
  floats: col('f').countDistinct(),
  middle: col('v').quantile(0.5),
  both: col('v').corr(col('w')),
  all: col('i').collect(),
  lists: col('tags').collect(),
  best: col('s').argMax(col('v')),
  where: col('v').sum().where(col('n').gt(0)),
  sumOfBig: col('big').sum(),
  digest: col('v').approxQuantile(0.3),
  about: col('s').approxCountDistinct(),
  usual: col('n').mode(),
  top: col('v').largest(2),
}

/** Few or many values of each kind, so that groups have several rows or one. */
const anyRow = (texts: number): fc.Arbitrary<Row> =>
  fc
    .tuple(
      fc.option(fc.nat({ max: texts }).map(i => ['', 'é', '\u{1f600}', '\uffee'][i] ?? `text ${i}`)),
      fc.option(fc.constantFrom(0, -0, NaN, 1.5, -1.5, Infinity, -Infinity)),
      fc.option(fc.integer({ min: -9, max: 9 })),
      fc.option(fc.bigInt({ min: -3n, max: 3n })),
      fc.option(fc.constantFrom(0, -0, NaN, 0.1, 0.2, 3, -7)),
      fc.option(fc.double({ min: -5, max: 5, noNaN: true })),
      fc.array(fc.option(fc.constantFrom('x', 'y', 'é')), { maxLength: 2 }),
      fc.constant(0),
    )
    .map((values): Row => values)
const anyRows = fc
  .constantFrom(2, 40)
  .chain(texts => fc.array(anyRow(texts), { maxLength: 90 }))
  .map(rows => rows.map((row, i): Row => [...row.slice(0, -1), i]))

test.each(Object.entries(KEYS))(
  'groups by %s are the same for any budget, any batches, and after a restore',
  (_, keys) => {
    const chosen = fc.subarray(Object.entries(AGGREGATES), { minLength: 1 })
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 })
    let [spilled, left] = [0, 0]
    fc.assert(
      fc.property(
        anyRows,
        chosen,
        sizes,
        fc.integer({ min: 7, max: 40 }),
        fc.nat({ max: 80 }),
        (rows, items, parts, share, at) => {
          const node = plan.aggregate(source, named(keys), named(Object.fromEntries(items)))
          const batches = fed(cut(batchOf(SCHEMA, rows), parts))
          const inMemory = drive([() => operatorOf(node, null)], batches).rows
          const spill = new Counted(folder)
          // some of the aggregates keep values, of which a group takes up to a few thousand bytes
          const budgetBytes = share * 100 + (items.length > 3 ? share * 1000 : 0)
          try {
            const inFiles = drive([() => operatorOf(node, null, { budgetBytes, spill })], batches, {
              copyAfter: at,
            }).rows
            expect(inFiles).toEqual(inMemory)
            if (spill.bytes > 0) spilled++
          } catch (error) {
            if (!/alone takes|one of 4096 parts/.test(String(error))) throw error
            left++
          } finally {
            spill.remove()
          }
        },
      ),
      { numRuns: 80 },
    )
    expect(spilled).toBeGreaterThan(25)
    expect(left).toBeLessThan(20)
    expect(readdirSync(folder)).toEqual([])
  },
)

/** What a chain gives for rows of keys and values, in batches of a hundred, and how many files were made for it. */
function aggregated(
  node: Parameters<typeof operatorOf>[0],
  rows: readonly Row[],
  budgetBytes: number,
): { rows: Row[]; made: number } {
  const spill = new Counted(folder)
  try {
    const batches = fed(cut(batchOf(NUMBERS, rows), [100]))
    return { rows: drive([() => operatorOf(node, null, { budgetBytes, spill })], batches).rows, made: spill.made }
  } finally {
    spill.remove()
  }
}

const sums = plan.aggregate(
  numbers,
  named({ k: col('k') }),
  named({ n: count(), sum: col('v').sum(), last: col('v').last() }),
)
/** Each of 20 000 keys twice, far apart, in no order. */
const many = Array.from({ length: 40_000 }, (_, i): Row => [Math.imul(i % 20_000, 0x9e3779b1) | 0, i])
const manySums = many.slice(0, 20_000).map(([k], i): Row => [k!, 2, 2 * i + 20_000, i + 20_000])

test('parts that do not fit are parted again by other bits of the hash', () => {
  const once = aggregated(sums, many, 400_000)
  expect(once.rows).toEqual(manySums)
  expect(once.made).toBe(32)
  const twice = aggregated(sums, many, 40_000)
  expect(twice.rows).toEqual(manySums)
  expect(twice.made).toBe(32 + 16 * 32)
})

test('groups that are too many for the deepest parts are an error that says what to do', () => {
  expect(() => aggregated(sums, many, 300)).toThrow(
    `one of 4096 parts of its groups takes 1 MB of memory, and the budget is 1 MB. Make fewer groups, raise the budget by embedded({ memory: '8 GB' }), or run it in DuckDB, which puts the rest on disk: { engine: duckdb() }.`,
  )
})

test('lists that grow beyond the budget go to files and go on there', () => {
  const rows = Array.from({ length: 6000 }, (_, i): Row => [i % 60, i])
  const expected = Array.from({ length: 60 }, (_, k): Row => [
    k,
    100,
    Array.from({ length: 100 }, (__, i) => i * 60 + k),
    k,
  ])
  const { rows: given, made } = aggregated(lists, rows, 30_000)
  expect(given).toEqual(expected)
  expect(made).toBeGreaterThan(40)
})

test('one group that outgrows the budget is an error that names it', async () => {
  const table = await read
    .rows([{}])
    .mapBatches({ k: 'utf8', x: 'int32' }, () => ({
      k: Array.from({ length: 900_000 }, (_, i) => (i % 3 === 0 ? `b${i % 7}` : 'a')),
      x: Array.from({ length: 900_000 }, (_, i) => i),
    }))
    .collect()
  const engine = embedded({ memory: '8 MB', spill: folder })
  await expect(
    table
      .groupBy('k')
      .aggregate(t => ({ all: t.x.collect() }))
      .collect({ engine }),
  ).rejects.toThrow(
    /^read › aggregate: the group of k = "a" alone takes \d+ MB of memory, more than half of the budget of 8 MB\. Keep fewer values of a group, raise the budget by embedded\(\{ memory: '8 GB' \}\), or run it in DuckDB/,
  )
  await expect(table.aggregate(t => ({ middle: t.x.median() })).collect({ engine })).rejects.toThrow(
    /^read › aggregate: what it aggregates takes 9 MB of memory, and the budget is 8 MB\. Keep fewer values of a group, /,
  )
  expect(readdirSync(folder)).toEqual([])
})

test('a budget that fits one group is enough without a key, and over no rows there is one group', () => {
  const total = plan.aggregate(numbers, [], named({ n: count(), sum: col('v').sum() }))
  expect(aggregated(total, many, 1000)).toEqual({ rows: [[40_000, 799_980_000]], made: 0 })
  expect(aggregated(total, [], 1000)).toEqual({ rows: [[0, null]], made: 0 })
  expect(aggregated(sums, [], 1000)).toEqual({ rows: [], made: 0 })
})

const RANDOM = { k: 'int32', s: 'utf8', x: 'float64' } as const
const random = read.rows([{}]).mapBatches(RANDOM, () => ({
  k: Array.from({ length: 300_000 }, (_, i) => Math.imul(i % 150_000, 0x9e3779b1) | 0),
  s: Array.from({ length: 300_000 }, (_, i) => `text ${(i * 7) % 1000}`),
  x: Array.from({ length: 300_000 }, (_, i) => ((i * 7919) % 1000) / 8),
}))

/** Files in the folder that this process holds open, where the system tells. */
function open(): string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(folder) ? [path] : []
    } catch {
      return [] // the one that lists them
    }
  })
}

test('a job groups more than its memory as DuckDB does, and leaves no file', async () => {
  const table = await random.collect()
  const grouped = table.groupBy('k', 's').aggregate(t => ({ n: count(), sum: t.x.sum(), most: t.x.max() }))
  const given = await grouped.collect({ engine: embedded({ memory: '4 MB', spill: folder }) })
  const oracle = await grouped.orderBy('k', 's').collect({ engine: duckdb() })
  expect((await given.orderBy('k', 's').collect()).rows()).toEqual(oracle.rows())
  expect(given.length).toBe(150_000)
  expect(given.column('s').slice(0, 3)).toEqual(['text 0', 'text 7', 'text 14'])
  expect(readdirSync(folder)).toEqual([])
  expect(open()).toEqual([])
})

test.each([
  ['fails while it writes them', 'before', 'fail', /^read › map-batches: .*no more/],
  ['fails while it reads them', 'behind', 'fail', /^read › aggregate › map-batches: .*no more/],
  ['is interrupted', 'behind', 'abort', /was interrupted/],
] as const)('files go when a job %s', async (_, where, what, message) => {
  const abort = new AbortController()
  let [seen, files] = [0, 0]
  const step = <T extends { readonly k: readonly number[] }>(columns: T): T => {
    seen += columns.k.length
    if (seen < 60_000) return columns
    files = Math.max(files, open().length)
    if (what === 'fail') throw new Error('no more')
    abort.abort()
    return columns
  }
  const table = await random.select('k', 'x').collect()
  const grouped = (where === 'before' ? table.mapBatches({ k: 'int32', x: 'float64' }, step) : table)
    .groupBy('k')
    .aggregate(t => ({ x: t.x.sum() }))
  const all = where === 'behind' ? grouped.mapBatches({ k: 'int32', x: 'float64?' }, step) : grouped
  const engine = embedded({ memory: '1 MB', spill: folder })
  await expect(all.collect({ engine, signal: abort.signal })).rejects.toThrow(message)
  expect(files).toBeGreaterThanOrEqual(existsSync('/proc/self/fd') ? 8 : 0)
  expect([readdirSync(folder), open()]).toEqual([[], []])
})

test('a folder that cannot be written is an error that says what to do', async () => {
  const engine = embedded({ memory: '1 MB', spill: join(folder, 'missing') })
  await expect(
    random
      .groupBy('k')
      .aggregate(() => ({ n: count() }))
      .collect({ engine }),
  ).rejects.toThrow(
    /aggregate: a file for what does not fit into memory cannot be made: .*missing.* Name a folder with room: embedded\(\{ spill: '\/a\/folder' \}\)\.$/,
  )
})
