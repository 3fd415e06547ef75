/**
 * `over` of a stream: over the rows that came in time it is the `over` of a batch, in the order of event time; which rows
 * those are, a plain count of the watermark says. Other batches and a copy made from a snapshot change nothing.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Schema } from '../../sdk/data/schema.ts'
import { memory } from '../../sdk/connector/memory.ts'
import type { Batch } from '../../sdk/data/batch.ts'
import type { Operator } from '../../sdk/engine/operator/operator.ts'
import { overGrid } from '../../sdk/engine/operator/over-stream.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import { col, count, nodeOf } from '../../sdk/expr/column.ts'
import * as plan from '../../sdk/plan/build.ts'
import { over, type OverOptions } from '../../sdk/plan/verb/over.ts'
import { batchOf, cut, drive, type Fed, type Row } from './drive.ts'

const SCHEMA = Schema.of({ k: 'utf8?', n: 'int32?', v: 'float64?', tags: 'utf8[]?', at: 'timestamp' })
const MS = 1000
const BOUND = 60 * MS

const batch = plan.watermark(plan.read(memory(SCHEMA, [])), 'at', '60 milliseconds')
const stream = plan.watermark(plan.read({ ...memory(SCHEMA, []), kind: 'stream' }), 'at', '60 milliseconds')

const anyRow = fc
  .tuple(
    fc.option(fc.constantFrom('a', 'b', 'ä')),
    fc.option(fc.integer({ min: -3, max: 3 })),
    fc.option(fc.constantFrom(0.5, -2, 3, NaN)),
    fc.option(fc.array(fc.constantFrom('p', 'q'), { maxLength: 1 })),
    fc.integer({ min: -40, max: 40 }).map(at => 25 * at * MS),
  )
  .map((row): Row => row)
/** Rows whose times rise on the whole, some of them late. */
const anyRows = fc.array(fc.tuple(anyRow, fc.integer({ min: -200, max: 200 })), { maxLength: 60 }).map(rows =>
  rows
    .map(([row, jitter], i) => ({ row, place: (row[4] as number) + jitter * MS, i }))
    .sort((a, b) => a.place - b.place || a.i - b.i)
    .map(({ row }) => row),
)
const sizes = fc.oneof(fc.constantFrom([1], [7], [4096]), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }))
const fedOf = (rows: readonly Row[], parts: readonly number[]): Fed[] =>
  cut(batchOf(SCHEMA, rows), parts).map((each: Batch) => ({ input: 0, batch: each }))

const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))
const keys = named({ k: col('k') })
const aggregates = named({
  rows: count(),
  sum: col('n').sum(),
  mean: col('v').mean(),
  most: col('v').max(),
  first: col('k').first(),
  last: col('tags').last(),
  middle: col('n').quantile(0.5),
  some: col('n').sum().where(col('v').gt(0)),
  share: col('n').mul(col('n').sum()),
})
const orderBy: OverOptions['orderBy'] = [{ expr: nodeOf(col('at')), descending: false }]

const cases: readonly (readonly [name: string, items: plan.NamedExpr[], options: OverOptions, keyed: boolean])[] = [
  ['all so far, and their equals in time', aggregates, { orderBy }, true],
  ['all so far, without a key', aggregates, { orderBy, range: 'all' }, false],
  ['all rows so far', aggregates, { orderBy, rows: 'all' }, true],
  ['three rows', aggregates, { orderBy, rows: 3 }, true],
  ['two rows before', aggregates, { orderBy, rows: [2, -1] }, true],
  ['a span of time', aggregates, { orderBy, range: '150 milliseconds' }, true],
  [
    'a span of time before, without a key',
    aggregates,
    { orderBy, range: ['300 milliseconds', '-50 milliseconds'] },
    false,
  ],
  [
    'a row before',
    named({ old: col('n').lag(2, col('n')), step: col('n').sub(col('n').lag()), rows: count() }),
    { orderBy },
    true,
  ],
  ['nothing of other rows', named({ twice: col('n').mul(2) }), { orderBy }, true],
]

describe.each(cases)('over of a stream, %s', (_, items, options, keyed) => {
  const node = over(stream, keyed ? keys : [], items, options)
  const grid = overGrid(node)
  const chain: (() => Operator)[] = [() => operatorOf(stream, grid), () => operatorOf(node, null)]
  const whole = over(batch, keyed ? keys : [], items, options)

  /** Rows by whether they came behind the watermark, which is looked at at the times of a grid. */
  function split(rows: readonly Row[]): { inTime: Row[]; late: Row[] } {
    const [inTime, late]: [Row[], Row[]] = [[], []]
    let [largest, mark] = [-Infinity, -Infinity]
    for (const row of rows) {
      const at = row[4] as number
      ;(at < mark ? late : inTime).push(row)
      largest = Math.max(largest, at)
      mark = Math.floor((largest - BOUND) / grid.stepMicros) * grid.stepMicros
    }
    return { inTime, late }
  }

  test('is that of a batch over the rows in time, in their order', () => {
    fc.assert(
      fc.property(anyRows, sizes, fc.nat({ max: 60 }), (rows, parts, copyAfter) => {
        const given = drive(chain, fedOf(rows, parts))
        const { inTime, late } = split(rows)
        const ordered = inTime
          .map((row, i) => ({ row, i }))
          .sort((a, b) => (a.row[4] as number) - (b.row[4] as number) || a.i - b.i)
        const oracle = drive(
          [() => operatorOf(whole, null)],
          fedOf(
            ordered.map(({ row }) => row),
            [Infinity],
          ),
        )
        expect(given.rows).toEqual(oracle.rows)
        expect(given.side).toEqual(late)
        expect(drive(chain, fedOf(rows, parts), { copyAfter })).toEqual(given)
      }),
      { numRuns: 100 },
    )
  })
})

test('rows that no later frame reaches are forgotten, and keys with them', () => {
  const chain = (options: OverOptions): Operator => operatorOf(over(stream, keys, aggregates, options), null)
  const bytes = (options: OverOptions, from: number, to: number): number => {
    const operator = chain(options)
    for (let i = from; i < to; i++) {
      const rows = Array.from({ length: 100 }, (_, k): Row => [`${i}-${k}`, 1, 1, null, i * 1000 * MS])
      for (const _ of operator.process(batchOf(SCHEMA, rows), 0)) continue
      for (const _ of operator.watermark(i * 1000 * MS)) continue
    }
    return operator.heldBytes!
  }
  const short: OverOptions = { orderBy, range: '3 seconds' }
  expect(bytes(short, 0, 200)).toBeLessThan(2 * bytes(short, 0, 40))
  expect(bytes({ orderBy, rows: 3 }, 0, 200)).toBeGreaterThan(3 * bytes({ orderBy, rows: 3 }, 0, 40))
})
