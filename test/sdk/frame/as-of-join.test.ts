/** As-of joins: every option, and what is refused. */
import { expect, test } from 'vitest'
import { embedded, read } from '../../../sdk/index.ts'

const left = read.rows(
  [
    { at: '2024-01-01T00:05:00', k: 'a' },
    { at: '2024-01-01T00:02:00', k: 'b' },
    { at: null, k: 'a' },
    { at: '2024-01-01T00:00:00', k: null },
  ],
  { schema: { at: 'timestamp?', k: 'utf8?' } },
)
const right = read.rows(
  [
    { at: '2024-01-01T00:06:00', k: 'a', n: 1 },
    { at: '2024-01-01T00:03:00', k: 'a', n: 2 },
    { at: '2024-01-01T00:03:00', k: 'a', n: 3 },
    { at: '2024-01-01T00:02:00', k: 'b', n: 4 },
    { at: null, k: 'a', n: 5 },
    { at: '2024-01-01T00:00:00', k: null, n: 6 },
  ],
  { schema: { at: 'timestamp?', k: 'utf8?', n: 'int32' } },
)
const on = 'k'
const time = 'at'

test('backward takes the last right row up to the time, of one time the last that came', async () => {
  const table = await left.asOfJoin(right, { on, time }).collect()
  expect(table.column('n')).toEqual([3, 4, null, null])
  expect(left.asOfJoin(right, { on, time }).schema).toEqual({
    at: 'timestamp?',
    k: 'utf8?',
    at_right: 'timestamp?',
    n: 'int32?',
  })
})

test('forward takes the first right row from the time on, nearest either', async () => {
  expect((await left.asOfJoin(right, { on, time, direction: 'forward' }).collect()).column('n')).toEqual([
    1,
    4,
    null,
    null,
  ])
  expect((await left.asOfJoin(right, { on, time, direction: 'nearest' }).collect()).column('n')).toEqual([
    1,
    4,
    null,
    null,
  ])
})

test('of two right times equally near the earlier is nearest', async () => {
  const table = await read
    .rows([{ x: 2 }])
    .asOfJoin(
      read.rows([
        { x: 3, n: 1 },
        { x: 1, n: 2 },
      ]),
      { time: 'x', direction: 'nearest' },
    )
    .collect()
  expect(table.column('n')).toEqual([2])
})

test('a tolerance is inclusive', async () => {
  const within = async (tolerance: '2 minutes' | '119 seconds'): Promise<unknown> =>
    (await left.asOfJoin(right, { on, time, tolerance }).collect()).column('n')
  expect(await within('2 minutes')).toEqual([3, 4, null, null])
  expect(await within('119 seconds')).toEqual([null, 4, null, null])
})

test('a tolerance of dates is in whole days, of numbers a number', async () => {
  const days = read.rows([{ day: '2024-01-10' }], { schema: { day: 'date' } })
  const set = read.rows([{ day: '2024-01-08', n: 1 }], { schema: { day: 'date', n: 'int32' } })
  expect((await days.asOfJoin(set, { time: 'day', tolerance: '2 days' }).collect()).column('n')).toEqual([1])
  expect((await days.asOfJoin(set, { time: 'day', tolerance: '1 day' }).collect()).column('n')).toEqual([null])
  const held = read.rows([{ x: 7.5, n: 1 }])
  for (const [tolerance, n] of [
    [2.5, 1],
    [2.4, null],
  ] as const) {
    const numbers = read.rows([{ x: 10.0 }], { schema: { x: 'float64' } }).asOfJoin(held, { time: 'x', tolerance })
    expect((await numbers.collect()).column('n')).toEqual([n])
  }
})

test('without on every row may be the partner, and the right side may be empty', async () => {
  const table = await left.asOfJoin(right.drop('k'), { time }).collect()
  expect(table.column('n')).toEqual([3, 4, null, 6])
  const none = await left
    .asOfJoin(
      right.filter(t => t.n.gt(9)),
      { on, time },
    )
    .collect()
  expect(none.column('n')).toEqual([null, null, null, null])
})

test('NaN is near nothing, infinities are near each other', async () => {
  const values = [NaN, Infinity, -Infinity, 5]
  const rows = read.rows(values.map((x, n) => ({ x, n })))
  for (const direction of ['backward', 'forward', 'nearest'] as const) {
    const table = await rows.asOfJoin(rows, { time: 'x', direction }).collect()
    expect(table.column('n_right')).toEqual([null, 1, 2, 3])
  }
})

test('the times are the event times unless named, and the names may differ', async () => {
  const since = right.rename({ at: 'since' })
  const marked = left.filter(t => t.at.isNotNull()).watermark('at', '0 seconds')
  const table = await marked.asOfJoin(since.watermark('since', '0 seconds'), { on, suffix: '2' }).collect()
  expect(table.column('n')).toEqual([3, 4, null])
  const named = await left.asOfJoin(since, { on, time: { left: 'at', right: 'since' } }).collect()
  expect(named.column('n')).toEqual([3, 4, null, null])
})

test('a stream meets a batch, and keeps its event time', async () => {
  const stream = left
    .filter(t => t.at.isNotNull())
    .watermark('at', '0 seconds')
    .replay()
  const joined = stream.asOfJoin(right, { on, time })
  expect([joined.kind, joined.plan.time?.column]).toEqual(['stream', 'at'])
  const found: unknown[] = []
  for await (const row of joined) found.push(row.n)
  expect(found).toEqual([null, 4, 3])
})

test('only the columns that are needed are read, the times among them', () => {
  expect(left.asOfJoin(right, { on, time, tolerance: '90 seconds' }).select('n').explain()).toContain(
    'asOfJoin backward t.at ~ t.at within 90 seconds and t.k = t.k',
  )
})

const refusals: readonly [string, () => unknown, string][] = [
  [
    'no event time',
    () => left.asOfJoin(right, { on }),
    "asOfJoin: the left frame has no event time. Name the columns, { time: 'at' } or { time: { left: 'at', right: 'since' } }, or call .watermark(…) first.",
  ],
  [
    'a text as time',
    () => left.asOfJoin(right, { time: 'k' }),
    'asOfJoin: "k" is utf8. A time is a timestamp, a date, a duration, a whole number of int32 or int64, or a float.',
  ],
  [
    'times of two types',
    () => left.asOfJoin(right, { time: { left: 'at', right: 'n' } }),
    'asOfJoin by time on "at = n": left is timestamp, right is int32. Cast one side first: .derive(t => ({ at: t.at.cast(\'int32\') })).',
  ],
  [
    'the time as a key',
    () => left.asOfJoin(right, { on: ['k', 'at'], time }),
    'asOfJoin: on names the time "at", which need not be equal. Leave it out of on.',
  ],
  [
    'a number as tolerance of times',
    () => left.asOfJoin(right, { on, time, tolerance: 5 }),
    "asOfJoin: the times are timestamp, so tolerance is a duration such as '5 minutes', not 5",
  ],
  [
    'a negative tolerance',
    () => left.asOfJoin(right, { on, time, tolerance: '-5 minutes' }),
    'asOfJoin: the times are timestamp, so tolerance is a duration from 0 on, not "-5 minutes"',
  ],
  [
    'a duration as tolerance of numbers',
    () => right.asOfJoin(right, { time: 'n', tolerance: '5 minutes' }),
    'asOfJoin: the times are int32, so tolerance is a number, not "5 minutes"',
  ],
  [
    'a negative tolerance of numbers',
    () => right.asOfJoin(right, { time: 'n', tolerance: -1 }),
    'asOfJoin: the times are int32, so tolerance is a number from 0 on, not -1',
  ],
  [
    'half a day as tolerance of dates',
    () => {
      const days = read.rows([], { schema: { day: 'date' } })
      return days.asOfJoin(days, { time: 'day', tolerance: '12 hours' })
    },
    'asOfJoin: the times are date, so tolerance is a whole number of days such as \'2 days\', not "12 hours"',
  ],
  [
    'another direction',
    () => left.asOfJoin(right, { on, time, direction: 'back' as 'backward' }),
    "asOfJoin: direction is 'backward', 'forward' or 'nearest', not 'back'",
  ],
]

test.each(refusals)('%s is refused', (_, make, message) => {
  expect(make).toThrow(message)
})

test('a join whose right rows outgrow the memory budget says so', async () => {
  const many = read.rows(Array.from({ length: 20_000 }, (_, x) => ({ x })))
  const engine = embedded({ memory: '0.1 MB' })
  const told = /what it holds takes .* of memory, and the budget is/
  await expect(many.join(many, { on: 'x' }).collect({ engine })).rejects.toThrow(told)
  await expect(many.asOfJoin(many, { time: 'x' }).collect({ engine })).rejects.toThrow(told)
})
