import { describe, expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import type { Batch } from '../../../../sdk/data/batch.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { formatTimestamp, parseTimestamp } from '../../../../sdk/data/time.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { windowGrid } from '../../../../sdk/engine/run/window-grid.ts'
import { col, count, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { batchOf, cut, drive, rowsOf, type Driven, type Row } from '../../../laws/drive.ts'
import { windowAggregate, windowOf, type WindowText } from '../../../../sdk/plan/verb/window.ts'

const SCHEMA = Schema.of({ at: 'timestamp?', key: 'utf8?', v: 'int32' })
const source = { ...memory(SCHEMA, []), bounded: false }

interface Options {
  readonly window?: WindowText
  readonly offset?: string
  readonly timeZone?: string
  readonly bound?: string
  readonly keys?: readonly string[]
  readonly batch?: number
}

/** Hourly counts and sums by key, of rows written `['10:59:59', 'a', 1]` or with a whole date. */
function windows(
  rows: readonly (readonly [string | null, string | null, number])[],
  {
    window = { kind: 'tumble', size: '1 hour' },
    offset,
    timeZone,
    bound = '0 seconds',
    keys = ['key'],
    batch = 1,
  }: Options = {},
): Driven {
  const input = plan.watermark(plan.read(source), 'at', bound)
  const node = windowAggregate(
    input,
    keys.map(name => ({ name, expr: nodeOf(col(name)) })),
    windowOf(window, { offset, timeZone }),
    [
      { name: 'rows', expr: nodeOf(count()) },
      { name: 'v', expr: nodeOf(col('v').sum()) },
    ],
  )
  const grid = windowGrid(node)
  const physical = rows.map(([at, key, v]): Row => [at === null ? null : time(at), key, v])
  const driven = drive(
    [() => operatorOf(input, grid), () => operatorOf(node, grid)],
    cut(batchOf(SCHEMA, physical), [batch]).map(each => ({ input: 0, batch: each })),
  )
  const at = keys.length
  const shown = (row: Row): Row => row.map((value, i) => (i === at || i === at + 1 ? short(value as number) : value))
  return { rows: driven.rows.map(shown), side: driven.side.map(row => [short(row[0] as number), ...row.slice(1)]) }
}

const time = (text: string): number => parseTimestamp(text.includes('-') ? text : `1970-01-01T${text}Z`)
const short = (micros: number): string => formatTimestamp(micros).replace(/^1970-01-01T|Z$/g, '')

test('a row at the bound of two windows belongs to the later one', () => {
  const { rows } = windows([
    ['00:59:59', 'a', 1],
    ['01:00:00', 'a', 2],
    ['01:59:59', 'a', 3],
  ])
  expect(rows).toEqual([
    ['a', '00:00:00', '01:00:00', 1, 1],
    ['a', '01:00:00', '02:00:00', 2, 5],
  ])
})

test('windows before the epoch align as those after it', () => {
  const { rows } = windows([
    ['1969-12-31T22:59:59Z', 'a', 1],
    ['1969-12-31T23:00:00Z', 'a', 2],
    ['1969-12-31T23:59:59Z', 'a', 3],
    ['1970-01-01T00:00:00Z', 'a', 4],
  ])
  expect(rows).toEqual([
    ['a', '1969-12-31T22:00:00', '1969-12-31T23:00:00', 1, 1],
    ['a', '1969-12-31T23:00:00', '00:00:00', 2, 5],
    ['a', '00:00:00', '01:00:00', 1, 4],
  ])
})

test('an offset moves the bounds', () => {
  const { rows } = windows(
    [
      ['00:14:59', 'a', 1],
      ['00:15:00', 'a', 2],
    ],
    { offset: '15 minutes' },
  )
  expect(rows).toEqual([
    ['a', '1969-12-31T23:15:00', '00:15:00', 1, 1],
    ['a', '00:15:00', '01:15:00', 1, 2],
  ])
})

test('null keys are one group, and each key has windows of its own', () => {
  const { rows } = windows([
    ['00:10:00', null, 1],
    ['00:20:00', 'a', 2],
    ['00:30:00', null, 4],
    ['01:30:00', 'a', 8],
  ])
  expect(rows).toEqual([
    [null, '00:00:00', '01:00:00', 2, 5],
    ['a', '00:00:00', '01:00:00', 1, 2],
    ['a', '01:00:00', '02:00:00', 1, 8],
  ])
})

test('without a key all rows of a window are one group', () => {
  const { rows } = windows(
    [
      ['00:10:00', 'a', 1],
      ['00:20:00', 'b', 2],
    ],
    { keys: [] },
  )
  expect(rows).toEqual([['00:00:00', '01:00:00', 2, 3]])
})

test('a row is in each sliding window that holds it', () => {
  const { rows } = windows(
    [
      ['00:00:00', 'a', 1],
      ['00:20:00', 'a', 2],
      ['01:00:00', 'a', 4],
    ],
    { window: { kind: 'hop', size: '1 hour', every: '30 minutes' } },
  )
  expect(rows).toEqual([
    ['a', '1969-12-31T23:30:00', '00:30:00', 2, 3],
    ['a', '00:00:00', '01:00:00', 2, 3],
    ['a', '00:30:00', '01:30:00', 1, 4],
    ['a', '01:00:00', '02:00:00', 1, 4],
  ])
})

test('the size of sliding windows need not be a multiple of their distance', () => {
  const { rows } = windows(
    [
      ['00:02:59', 'a', 1],
      ['00:03:00', 'a', 2],
      ['00:04:59', 'a', 4],
    ],
    { window: { kind: 'hop', size: '5 minutes', every: '3 minutes' } },
  )
  expect(rows).toEqual([
    ['a', '00:00:00', '00:05:00', 3, 7],
    ['a', '00:03:00', '00:08:00', 2, 6],
  ])
})

test('rows between windows belong to none, and are not late', () => {
  const { rows, side } = windows(
    [
      ['00:00:00', 'a', 1],
      ['00:10:00', 'a', 2],
      ['01:05:00', 'a', 4],
      ['00:20:00', 'a', 8],
      ['00:05:00', 'a', 16],
    ],
    { window: { kind: 'hop', size: '10 minutes', every: '1 hour' } },
  )
  expect(rows).toEqual([
    ['a', '00:00:00', '00:10:00', 1, 1],
    ['a', '01:00:00', '01:10:00', 1, 4],
  ])
  expect(side).toEqual([['00:05:00', 'a', 16]])
})

test('a growing window gives what has come since its start at each step, also at one without rows', () => {
  const { rows } = windows(
    [
      ['00:10:00', 'a', 1],
      ['00:50:00', 'b', 2],
      ['02:59:59', 'a', 4],
      ['03:00:00', 'a', 8],
    ],
    { window: { kind: 'cumulate', size: '3 hours', step: '1 hour' } },
  )
  expect(rows).toEqual([
    ['a', '00:00:00', '01:00:00', 1, 1],
    ['b', '00:00:00', '01:00:00', 1, 2],
    ['a', '00:00:00', '02:00:00', 1, 1],
    ['b', '00:00:00', '02:00:00', 1, 2],
    ['a', '00:00:00', '03:00:00', 2, 5],
    ['b', '00:00:00', '03:00:00', 1, 2],
    ['a', '03:00:00', '04:00:00', 1, 8],
    ['a', '03:00:00', '05:00:00', 1, 8],
    ['a', '03:00:00', '06:00:00', 1, 8],
  ])
})

test('a row that is late for some of its windows counts in the others', () => {
  const { rows, side } = windows(
    [
      ['00:10:00', 'a', 1],
      ['01:00:00', 'a', 2],
      ['00:40:00', 'a', 4],
      ['00:20:00', 'a', 8],
    ],
    { window: { kind: 'hop', size: '1 hour', every: '30 minutes' } },
  )
  expect(rows.slice(0, 3)).toEqual([
    ['a', '1969-12-31T23:30:00', '00:30:00', 1, 1],
    ['a', '00:00:00', '01:00:00', 1, 1],
    ['a', '00:30:00', '01:30:00', 2, 6],
  ])
  expect(side).toEqual([['00:20:00', 'a', 8]])
})

test('days of a zone are those of its clock', () => {
  const { rows } = windows(
    [
      ['2024-03-30T23:00:00Z', 'a', 1],
      ['2024-03-31T21:59:59Z', 'a', 2],
      ['2024-03-31T22:00:00Z', 'a', 4],
    ],
    { window: { kind: 'tumble', size: '1 day' }, timeZone: 'Europe/Oslo' },
  )
  expect(rows).toEqual([
    ['a', '2024-03-30T23:00:00', '2024-03-31T22:00:00', 2, 3],
    ['a', '2024-03-31T22:00:00', '2024-04-01T22:00:00', 1, 4],
  ])
})

describe('late rows', () => {
  test('a row is late once the watermark has reached the end of its window, and not before', () => {
    const late = windows(
      [
        ['00:30:00', 'a', 1],
        ['01:09:59.999999', 'a', 2],
        ['00:59:59', 'a', 4],
        ['01:10:00', 'a', 8],
        ['00:59:58', 'a', 16],
        ['01:00:00', 'a', 32],
      ].map(([at, key, v]) => [at as string, key as string, v as number] as const),
      { bound: '10 minutes' },
    )
    expect(late.rows).toEqual([
      ['a', '00:00:00', '01:00:00', 2, 5],
      ['a', '01:00:00', '02:00:00', 3, 42],
    ])
    expect(late.side).toEqual([['00:59:58', 'a', 16]])
  })

  test('a row exactly at the bound is in time', () => {
    const { rows, side } = windows(
      [
        ['01:10:00', 'a', 1],
        ['01:00:00', 'a', 2],
      ],
      { bound: '10 minutes' },
    )
    expect(side).toEqual([])
    expect(rows).toEqual([['a', '01:00:00', '02:00:00', 2, 3]])
  })

  test('what is late does not depend on the batches', () => {
    const rows = [
      ['00:10:00', 'a', 1],
      ['02:00:00', 'a', 2],
      ['00:20:00', 'a', 4],
      ['01:59:59', 'a', 8],
      ['05:00:00', 'a', 16],
      ['04:00:00', 'a', 32],
    ] as const
    const single = windows(rows)
    expect(single.side).toEqual([
      ['00:20:00', 'a', 4],
      ['01:59:59', 'a', 8],
      ['04:00:00', 'a', 32],
    ])
    for (const batch of [2, 3, 100]) expect(windows(rows, { batch })).toEqual(single)
  })
})

test('a row without an event time is refused with what to do', () => {
  expect(() =>
    windows(
      [
        ['00:10:00', 'a', 1],
        [null, 'a', 2],
      ],
      { batch: 10 },
    ),
  ).toThrow('the event time "at" is null. Leave such rows out: .filter(t => t.at.isNotNull())')
})

test('a window is given when the watermark reaches its end, not a microsecond before', () => {
  const input = plan.watermark(plan.read(source), 'at', '0 seconds')
  const node = windowAggregate(input, [], windowOf({ kind: 'tumble', size: '1 hour' }), [
    { name: 'rows', expr: nodeOf(count()) },
  ])
  const operator = operatorOf(node, null)
  expect([...operator.process(batchOf(SCHEMA, [[0, 'a', 1]]), 0)]).toEqual([])
  expect([...operator.watermark(3600e6 - 1)]).toEqual([3600e6 - 1])
  const [given, watermark] = [...operator.watermark(3600e6)]
  expect(rowsOf([given as Batch])).toEqual([[0, 3600e6, 1]])
  expect(watermark).toBe(3600e6)
})

test('windows nest: the time of a window is the last microsecond in it', () => {
  const hourly = windowAggregate(
    plan.watermark(plan.read(source), 'at', '0 seconds'),
    [],
    windowOf({ kind: 'tumble', size: '1 hour' }),
    [{ name: 'rows', expr: nodeOf(count()) }],
  )
  const daily = windowAggregate(hourly, [], windowOf({ kind: 'tumble', size: '2 hours' }), [
    { name: 'hours', expr: nodeOf(count()) },
    { name: 'rows', expr: nodeOf(col('rows').sum()) },
  ])
  const grid = { stepMicros: 3600e6, originMicros: 0 }
  const chain = [hourly.input, hourly, daily].map(
    node => () => operatorOf(node as Parameters<typeof operatorOf>[0], grid),
  )
  const times = ['00:10:00', '00:20:00', '01:10:00', '01:59:59', '02:00:00', '05:00:00'].map(time)
  const fed = times.map((at): Row => [at, 'a', 1])
  expect(drive(chain, [{ input: 0, batch: batchOf(SCHEMA, fed) }]).rows).toEqual([
    [0, 2 * 3600e6, 2, 4],
    [2 * 3600e6, 4 * 3600e6, 1, 1],
    [4 * 3600e6, 6 * 3600e6, 1, 1],
  ])
})

test('what is kept of sliding windows does not grow with the hours that have gone by', () => {
  const input = plan.watermark(plan.read(source), 'at', '0 seconds')
  const key = { name: 'key', expr: nodeOf(col('key')) }
  const sliding = windowOf({ kind: 'hop', size: '2 hours', every: '1 hour' })
  const node = windowAggregate(input, [key], sliding, [{ name: 'rows', expr: nodeOf(count()) }])
  const operator = operatorOf(node, null)
  let held = 0
  for (let hour = 0; hour < 2000; hour++) {
    for (const _ of operator.process(batchOf(SCHEMA, [[hour * 3600e6, `key ${hour % 10}`, 1]]), 0));
    for (const _ of operator.watermark(hour * 3600e6));
    if (hour === 200) held = operator.heldBytes!
  }
  expect(held).toBeGreaterThan(0)
  expect(operator.heldBytes).toBe(held)
})
