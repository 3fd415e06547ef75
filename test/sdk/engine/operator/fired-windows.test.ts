import { describe, expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { formatTimestamp, parseTimestamp } from '../../../../sdk/data/time.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { windowGrid } from '../../../../sdk/engine/run/window-grid.ts'
import { col, count, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import {
  firingOf,
  ONCE,
  windowAggregate,
  windowOf,
  windowTop,
  type FiringText,
  type WindowPlacing,
  type WindowText,
} from '../../../../sdk/plan/verb/window.ts'
import { batchOf, cut, drive, type Driven, type Row } from '../../../laws/drive.ts'

const SCHEMA = Schema.of({ at: 'timestamp', key: 'utf8?', v: 'int32' })
const HOURLY: WindowText = { kind: 'tumble', size: '1 hour' }

/** Counts and sums by key, of rows written `['10:59', 'a', 1]`, one row a batch. */
function windows(
  window: WindowText,
  rows: readonly (readonly [string, string | null, number])[],
  {
    bound = '0 seconds',
    list = false,
    ...firing
  }: FiringText & { readonly bound?: string; readonly list?: boolean } = {},
): Driven {
  const input = plan.watermark(plan.read({ ...memory(SCHEMA, []), bounded: false }), 'at', bound)
  const items = [
    { name: 'rows', expr: nodeOf(count()) },
    { name: 'v', expr: nodeOf(col('v').sum()) },
  ]
  const made = windowOf(window)
  const node = windowAggregate(
    input,
    [{ name: 'key', expr: nodeOf(col('key')) }],
    made,
    list ? [...items, { name: 'list', expr: nodeOf(col('v').collect()) }] : items,
    firingOf(firing, made),
  )
  const grid = windowGrid(node)
  const driven = drive(
    [() => operatorOf(input, grid), () => operatorOf(node, grid)],
    cut(
      batchOf(
        SCHEMA,
        rows.map(([at, key, v]): Row => [time(at), key, v]),
      ),
      [1],
    ).map(batch => ({ input: 0, batch })),
  )
  const at = node.frameKind === 'updating' ? 2 : 1
  const hasBounds = node.schema.has('windowStart')
  const shown = (row: Row): Row =>
    !hasBounds ? row : row.map((value, i) => (i === at || i === at + 1 ? short(value as number) : value))
  return { rows: driven.rows.map(shown), side: driven.side.map(([when, ...rest]) => [short(when as number), ...rest]) }
}

const time = (text: string): number => parseTimestamp(`1970-01-01T${text}Z`)
const short = (micros: number): string => formatTimestamp(micros).replace(/^1970-01-01T|(:00)?Z$/g, '')

describe('sessions', () => {
  const session: WindowText = { kind: 'session', gap: '10 minutes' }

  test('rows at most a gap apart are one session, which ends a gap after the last', () => {
    const { rows } = windows(session, [
      ['00:00', 'a', 1],
      ['00:10', 'a', 2],
      ['00:20:01', 'a', 4],
    ])
    expect(rows).toEqual([
      ['a', '00:00', '00:20', 2, 3],
      ['a', '00:20:01', '00:30:01', 1, 4],
    ])
  })

  test('each key has its own, and null is a key', () => {
    const { rows } = windows(session, [
      ['00:00', 'a', 1],
      ['00:05', null, 2],
      ['00:08', 'a', 4],
      ['00:12', null, 8],
    ])
    expect(rows).toEqual([
      ['a', '00:00', '00:18', 2, 5],
      [null, '00:05', '00:22', 2, 10],
    ])
  })

  test('a row between two sessions makes them one', () => {
    const { rows } = windows(
      session,
      [
        ['00:00', 'a', 1],
        ['00:15', 'a', 2],
        ['00:07', 'a', 4],
      ],
      { bound: '30 minutes' },
    )
    expect(rows).toEqual([['a', '00:00', '00:25', 3, 7]])
  })

  test('the two that become one may have begun in any order', () => {
    const { rows } = windows(
      session,
      [
        ['00:15', 'a', 1],
        ['00:00', 'a', 2],
        ['00:07', 'a', 4],
      ],
      { bound: '30 minutes' },
    )
    expect(rows).toEqual([['a', '00:00', '00:25', 3, 7]])
  })

  test('a row that comes later begins a session from as far as a gap before it', () => {
    const { rows } = windows(
      session,
      [
        ['00:40', 'a', 1],
        ['00:30', 'a', 2],
        ['00:19:59', 'a', 4],
      ],
      { bound: '1 hour' },
    )
    expect(rows).toEqual([
      ['a', '00:19:59', '00:29:59', 1, 4],
      ['a', '00:30', '00:50', 2, 3],
    ])
  })

  test('before the epoch', () => {
    const input = [
      [-3600e6, 'a', 1],
      [-3000e6, 'a', 2],
      [-100e6, 'a', 4],
      [100e6, 'a', 8],
    ] as const
    const { rows } = windows(
      session,
      input.map(([at, key, v]) => [formatTimestamp(at + 7200e6).slice(11, -1), key, v] as const),
    )
    expect(rows).toEqual([
      ['a', '01:00', '01:20', 2, 3],
      ['a', '01:58:20', '02:11:40', 2, 12],
    ])
  })

  test('a row that no open session is near is late once its own would have ended', () => {
    const { rows, side } = windows(session, [
      ['00:00', 'a', 1],
      ['01:00', 'a', 2],
      ['00:05', 'a', 4],
      ['00:55', 'a', 8],
      ['00:46', 'a', 16],
      ['00:30', 'a', 32],
    ])
    expect(rows).toEqual([
      ['a', '00:00', '00:10', 1, 1],
      ['a', '00:46', '01:10', 3, 26],
    ])
    expect(side).toEqual([
      ['00:05', 'a', 4],
      ['00:30', 'a', 32],
    ])
  })

  test('a late row that joins two sessions that were given takes both back and gives one', () => {
    const { rows, side } = windows(
      session,
      [
        ['00:00', 'a', 1],
        ['00:15', 'a', 2],
        ['01:00', 'b', 4],
        ['00:08', 'a', 8],
        ['01:30', 'b', 16],
        ['00:08', 'a', 32],
      ],
      { allowedLateness: '1 hour' },
    )
    expect(rows).toEqual([
      ['+I', 'a', '00:00', '00:10', 1, 1],
      ['+I', 'a', '00:15', '00:25', 1, 2],
      ['-D', 'a', '00:00', '00:10', 1, 1],
      ['-D', 'a', '00:15', '00:25', 1, 2],
      ['+I', 'a', '00:00', '00:25', 3, 11],
      ['+I', 'b', '01:00', '01:10', 1, 4],
      ['+I', 'b', '01:30', '01:40', 1, 16],
    ])
    expect(side).toEqual([['00:08', 'a', 32]])
  })
})

describe('allowed lateness', () => {
  test('a row within it corrects its window at once, and one at its end is late', () => {
    const { rows, side } = windows(
      HOURLY,
      [
        ['00:30', 'a', 1],
        ['01:29:59', 'a', 2],
        ['00:59', 'a', 4],
        ['00:10', 'b', 8],
        ['01:30', 'a', 16],
        ['00:59', 'a', 32],
      ],
      { allowedLateness: '30 minutes' },
    )
    expect(rows).toEqual([
      ['+I', 'a', '00:00', '01:00', 1, 1],
      ['-U', 'a', '00:00', '01:00', 1, 1],
      ['+U', 'a', '00:00', '01:00', 2, 5],
      ['+I', 'b', '00:00', '01:00', 1, 8],
      ['+I', 'a', '01:00', '02:00', 2, 18],
    ])
    expect(side).toEqual([['00:59', 'a', 32]])
  })

  test('a window that is purged gives each late row by itself', () => {
    const { rows } = windows(
      HOURLY,
      [
        ['00:30', 'a', 1],
        ['01:00', 'a', 2],
        ['00:58', 'a', 4],
        ['00:59', 'a', 8],
      ],
      { allowedLateness: '30 minutes', purge: true },
    )
    expect(rows).toEqual([
      ['a', '00:00', '01:00', 1, 1],
      ['a', '00:00', '01:00', 1, 4],
      ['a', '00:00', '01:00', 1, 8],
      ['a', '01:00', '02:00', 1, 2],
    ])
  })
})

describe('early results', () => {
  const rows = [
    ['00:05', 'a', 1],
    ['00:25', 'a', 2],
    ['00:35', 'b', 4],
    ['00:45', 'a', 8],
    ['01:05', 'a', 16],
  ] as const

  test('come each time the watermark passes a multiple of their distance, of windows with new rows', () => {
    expect(windows(HOURLY, rows, { early: { every: '20 minutes' } }).rows).toEqual([
      ['+I', 'a', '00:00', '01:00', 1, 1],
      ['-U', 'a', '00:00', '01:00', 1, 1],
      ['+U', 'a', '00:00', '01:00', 2, 3],
      ['-U', 'a', '00:00', '01:00', 2, 3],
      ['+U', 'a', '00:00', '01:00', 3, 11],
      ['+I', 'b', '00:00', '01:00', 1, 4],
      ['+I', 'a', '01:00', '02:00', 1, 16],
    ])
  })

  test('come with each so many rows of a group', () => {
    expect(windows(HOURLY, rows, { early: { rows: 2 } }).rows).toEqual([
      ['+I', 'a', '00:00', '01:00', 2, 3],
      ['-U', 'a', '00:00', '01:00', 2, 3],
      ['+U', 'a', '00:00', '01:00', 3, 11],
      ['+I', 'b', '00:00', '01:00', 1, 4],
      ['+I', 'a', '01:00', '02:00', 1, 16],
    ])
  })

  test('that are purged are what came since', () => {
    expect(windows(HOURLY, rows, { early: { rows: 2 }, purge: true }).rows).toEqual([
      ['a', '00:00', '01:00', 2, 3],
      ['a', '00:00', '01:00', 1, 8],
      ['b', '00:00', '01:00', 1, 4],
      ['a', '01:00', '02:00', 1, 16],
    ])
  })

  test('of a batch are none: each window is given once', () => {
    const batch = plan.watermark(plan.read(memory(SCHEMA, [])), 'at', '0 seconds')
    const firing = firingOf({ early: { rows: 1 } })
    const node = windowAggregate(batch, [], windowOf(HOURLY), [{ name: 'rows', expr: nodeOf(count()) }], firing)
    expect([node.frameKind, node.firing]).toEqual(['batch', ONCE])
  })
})

describe('windows of so many rows', () => {
  const rows = [
    ['00:00', 'a', 1],
    ['00:00', 'b', 2],
    ['00:00', 'a', 4],
    ['00:00', 'a', 8],
    ['00:00', 'a', 16],
    ['00:00', 'b', 32],
    ['00:00', 'a', 64],
  ] as const

  test('are given with the last of them; the rows that are left at the end are in none', () => {
    expect(windows({ kind: 'count', rows: 2, every: 2 }, rows, { list: true }).rows).toEqual([
      ['a', 2, 5, [1, 4]],
      ['a', 2, 24, [8, 16]],
      ['b', 2, 34, [2, 32]],
    ])
  })

  test('that slide hold the last rows, the first ones fewer', () => {
    expect(windows({ kind: 'count', rows: 3, every: 2 }, rows, { list: true }).rows).toEqual([
      ['a', 2, 5, [1, 4]],
      ['a', 3, 28, [4, 8, 16]],
      ['b', 2, 34, [2, 32]],
    ])
    expect(windows({ kind: 'count', rows: 1, every: 3 }, rows, { list: true }).rows).toEqual([['a', 1, 8, [8]]])
  })
})

describe('a window of all rows', () => {
  const rows = [
    ['00:00', 'a', 1],
    ['00:01', null, 2],
    ['00:02', 'a', 4],
    ['00:03', 'a', 8],
  ] as const

  test('is given when they end, or early', () => {
    expect(windows({ kind: 'global' }, rows, { early: { rows: 2 } }).rows).toEqual([
      ['+I', 'a', 2, 5],
      ['-U', 'a', 2, 5],
      ['+U', 'a', 3, 13],
      ['+I', null, 1, 2],
    ])
    expect(windows({ kind: 'global' }, rows, { early: { every: '2 minutes' }, purge: true }).rows).toEqual([
      ['a', 1, 1],
      ['a', 1, 4],
      [null, 1, 2],
      ['a', 1, 8],
    ])
  })

  test('of a stream that does not end is refused unless it is given early', () => {
    expect(() => windows({ kind: 'global' }, rows)).toThrow(
      'globalWindow is given when the rows end, and these do not. Let it be given before: { early: { rows: 100 } }',
    )
  })
})

describe('the first rows of each window', () => {
  const top = (window: WindowText, count: number, firing: FiringText = {}): readonly Row[] => {
    const input = plan.watermark(plan.read({ ...memory(SCHEMA, []), bounded: false }), 'at', '0 seconds')
    const made = windowOf(window)
    const by = [{ expr: nodeOf(col('v')), descending: true }]
    const node = windowTop(input, [{ name: 'key', expr: nodeOf(col('key')) }], made, count, by, firingOf(firing, made))
    const grid = windowGrid(node)
    const rows = [
      ['00:05', 'a', 1],
      ['00:10', 'a', 8],
      ['00:15', null, 2],
      ['00:20', 'a', 8],
      ['01:00', 'a', 4],
      ['00:30', 'a', 16],
    ] as const
    const fed = batchOf(
      SCHEMA,
      rows.map(([at, key, v]): Row => [time(at), key, v]),
    )
    const chain = [() => operatorOf(input, grid), () => operatorOf(node, grid)]
    const whole = drive(chain, [{ input: 0, batch: fed }])
    for (let copyAfter = 0; copyAfter < 6; copyAfter++) {
      const parts = cut(fed, [1]).map(batch => ({ input: 0, batch }))
      expect(drive(chain, parts, { copyAfter })).toEqual(whole)
    }
    return whole.rows.map(row => row.map(value => (typeof value === 'number' && value >= 60e6 ? short(value) : value)))
  }

  test('are its rows with the bounds of the window, in order; of equal ones the first to come', () => {
    expect(top(HOURLY, 2)).toEqual([
      [0, '01:00', '00:10', 'a', 8],
      [0, '01:00', '00:20', 'a', 8],
      [0, '01:00', '00:15', null, 2],
      ['01:00', '02:00', '01:00', 'a', 4],
    ])
  })

  test('are taken back for a row that comes within the lateness', () => {
    expect(top(HOURLY, 1, { allowedLateness: '1 hour' })).toEqual([
      ['+I', 0, '01:00', '00:10', 'a', 8],
      ['+I', 0, '01:00', '00:15', null, 2],
      ['-U', 0, '01:00', '00:10', 'a', 8],
      ['+U', 0, '01:00', '00:30', 'a', 16],
      ['+I', '01:00', '02:00', '01:00', 'a', 4],
    ])
  })

  test('may be those of each so many rows, without bounds', () => {
    expect(top({ kind: 'count', rows: 2, every: 2 }, 1)).toEqual([
      ['00:10', 'a', 8],
      ['00:20', 'a', 8],
    ])
  })

  test('are refused where a column has the name of a bound, and for no rows', () => {
    const input = plan.watermark(plan.read(memory(Schema.of({ windowEnd: 'timestamp' }), [])), 'windowEnd', '0 seconds')
    expect(() => windowTop(input, [], windowOf(HOURLY), 1, [])).toThrow(
      'top: the column "windowEnd" has the name of a bound of the window. Rename it: .rename({ windowEnd: \'windowEnd1\' }).',
    )
    expect(() => windowTop(input, [], windowOf(HOURLY), 0, [])).toThrow(
      'top needs a whole number of rows from 1 on, found 0',
    )
  })
})

const refused: readonly (readonly [WindowText, FiringText & WindowPlacing, string])[] = [
  [{ kind: 'count', rows: 0, every: 1 }, {}, 'countWindow takes whole numbers of rows from 1 on, found 0'],
  [{ kind: 'count', rows: 5, every: NaN }, {}, 'countWindow takes whole numbers of rows from 1 on, found NaN'],
  [
    { kind: 'count', rows: 5, every: 5 },
    { early: { rows: 1 } },
    'window: a window of so many rows is given with the last of them, without early',
  ],
  [
    { kind: 'global' },
    { allowedLateness: '1 hour' },
    'window: allowedLateness is of windows that end in time, and these do not',
  ],
  [
    { kind: 'global' },
    { offset: '1 hour' },
    'window: these windows have no bounds in time, so that offset cannot place them',
  ],
]

test.each(refused)('%j with %j is refused', (text, options, message) => {
  expect(() => firingOf(options, windowOf(text, options))).toThrow(message)
})

test.each([
  ['window: allowedLateness cannot be less than nothing, found "-1 hour"', { allowedLateness: '-1 hour' }],
  ['window: purge drops what a window has given before, so that it needs early or allowedLateness', { purge: true }],
  ["window: early takes either { every: '10 seconds' } or { rows: 100 }", { early: {} as { rows: number } }],
  ['window: early takes a whole number of rows from 1 on, found 0.5', { early: { rows: 0.5 } }],
  ['window: early every must be longer than nothing, found "0 seconds"', { early: { every: '0 seconds' } }],
] as const)('%s', (text, options) => {
  expect(() => firingOf(options)).toThrow(text)
})

test('sessions take neither offset nor zone', () => {
  expect(() => windowOf({ kind: 'session', gap: '1 hour' }, { timeZone: 'Europe/Oslo' })).toThrow(
    'window: sessions begin with their rows, so that timeZone cannot place them',
  )
})
