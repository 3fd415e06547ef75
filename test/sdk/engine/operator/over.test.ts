import { describe, expect, test } from 'vitest'
import { count, rank, read, rowNumber, type BatchFrame } from 'millrace'
import { col } from '../../../../sdk/expr/column.ts'

type Trips = BatchFrame<{ city: 'utf8?'; km: 'float64?' }>

const trips: Trips = read.rows(
  [
    { city: 'Oslo', km: 30 },
    { city: 'Rome', km: 50 },
    { city: 'Oslo', km: null },
    { city: null, km: 1 },
    { city: 'Oslo', km: 12 },
    { city: null, km: NaN },
  ],
  { schema: { city: 'utf8?', km: 'float64?' } },
)

test('rows stay where they are, null keys are one group, and nulls come last', async () => {
  const table = await trips
    .groupBy('city')
    .over(t => ({ n: rowNumber(), before: t.km.lag(), of: count() }), { orderBy: 'km' })
    .collect()
  expect(table.rows()).toEqual([
    { city: 'Oslo', km: 30, n: 2, before: 12, of: 2 },
    { city: 'Rome', km: 50, n: 1, before: null, of: 1 },
    { city: 'Oslo', km: null, n: 3, before: 30, of: 3 },
    { city: null, km: 1, n: 1, before: null, of: 1 },
    { city: 'Oslo', km: 12, n: 1, before: null, of: 1 },
    { city: null, km: NaN, n: 2, before: 1, of: 2 },
  ])
})

test('values of a row, of its frame and of its place meet in one expression, and a column is replaced where it stands', async () => {
  const table = await trips
    .filter(t => t.km.gt(0).and(t.city.isNotNull()))
    .over(t => ({ km: t.km.div(t.km.sum()).add(rank().mul(100)) }), { orderBy: t => t.km.desc(), rows: ['all', 'all'] })
    .collect()
  expect(table.rows()).toEqual([
    { city: 'Oslo', km: 200 + 30 / 92 },
    { city: 'Rome', km: 100 + 50 / 92 },
    { city: 'Oslo', km: 300 + 12 / 92 },
  ])
})

test('a NaN, an Infinity or a huge number that has left the frame leaves nothing behind', async () => {
  const values = [1, NaN, 2, Infinity, 3, -Infinity, 4, 1e300, 0.1, 0.2]
  const wide = [...Array.from({ length: 60 }, () => 1e300), ...values, ...Array.from({ length: 60 }, () => 0.5)]
  for (const [given, rows] of [
    [values, 2],
    [wide, 50],
  ] as const) {
    const frame = read.rows(
      given.map(v => ({ v })),
      { schema: { v: 'float64' } },
    )
    const table = await frame.over(t => ({ sum: t.v.sum(), mean: t.v.mean() }), { rows }).collect()
    const plain = given.map((_, i) => given.slice(Math.max(0, i - rows + 1), i + 1).reduce((a, b) => a + b, 0))
    for (const [i, sum] of table.column('sum').entries()) expect(close(sum!, plain[i]!)).toBe(true)
    const means = plain.map((sum, i) => sum / Math.min(rows, i + 1))
    for (const [i, mean] of table.column('mean').entries()) expect(close(mean!, means[i]!)).toBe(true)
  }
})

const close = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-12 * Math.abs(b)

test('sums of whole numbers are exact where running totals are not, and fail where they do not fit', async () => {
  const big = Number.MAX_SAFE_INTEGER
  const frame = read.rows(
    [big, 1, -big, 5, big].map(v => ({ v })),
    { schema: { v: 'int64' } },
  )
  const table = await frame.over(t => ({ sum: t.v.sum() }), { rows: 1 }).collect()
  expect(table.column('sum')).toEqual([big, 1, -big, 5, big])
  await expect(frame.over(t => ({ sum: t.v.sum() }), { rows: 2 }).collect()).rejects.toThrow('t.v.sum()')
})

test('the frame of a value without a number is its peers, in either direction', async () => {
  const frame = read.rows(
    [1, null, NaN, 2, NaN, null, Infinity].map(v => ({ v })),
    { schema: { v: 'float64?' } },
  )
  const rows = async (descending: boolean): Promise<unknown> => {
    const orderBy = (t: { v: { asc(): never; desc(): never } }): never => (descending ? t.v.desc() : t.v.asc())
    const table = await frame.over(() => ({ n: count() }), { orderBy: orderBy as never, range: [1, 1] }).collect()
    return table.column('n')
  }
  expect(await rows(false)).toEqual([2, 2, 2, 2, 2, 2, 1])
  expect(await rows(true)).toEqual([2, 2, 2, 2, 2, 2, 1])
})

test('a lone duration reaches back from the row', async () => {
  const at = ['00:00', '01:00', '02:30', '02:30'].map(time => `2024-01-01T${time}Z`)
  const frame = read.rows(
    at.map(each => ({ at: each })),
    { schema: { at: 'timestamp' } },
  )
  const table = await frame.over(() => ({ n: count() }), { orderBy: 'at', range: '90 minutes' }).collect()
  expect(table.column('n')).toEqual([1, 2, 3, 3])
})

test('an aggregate with a condition takes in the rows of its frame for which it is true', async () => {
  const frame = read.rows([1, 2, 0, 4].map(v => ({ v })))
  const table = await frame
    .over(t => ({ n: count().where(t.v.gt(1)), last: t.v.last().where(t.v.gt(1)), sum: t.v.sum().where(t.v.gt(1)) }), {
      rows: 2,
    })
    .collect()
  expect(table.column('n')).toEqual([0, 1, 1, 1])
  expect(table.column('last')).toEqual([null, 2, 2, 4])
  expect(table.column('sum')).toEqual([null, 2, 2, 4])
})

test('columns that nobody reads are not computed, and the order of columns stays', async () => {
  const frame = trips.over(t => ({ km: t.km.lag(), n: rowNumber() }))
  expect((await frame.select('n').collect()).column('n')).toEqual([1, 2, 3, 4, 5, 6])
  expect((await frame.collect()).rows()[1]).toEqual({ city: 'Rome', km: 30, n: 2 })
  expect((await frame.select('city').limit(1).collect()).rows()).toEqual([{ city: 'Oslo' }])
})

describe('over refuses', () => {
  const refused = (make: () => unknown, text: string): void => expect(make).toThrow(text)

  test('a rank without an order, and places outside of it', () => {
    refused(() => trips.over(() => ({ n: rank() })), 'rank() needs an order')
    refused(() => trips.derive(() => ({ n: col('km').lag(1) })), 'it stands in over(t => …)')
    refused(() => trips.derive(() => ({ n: col('km').sub(col('km').lag(1)) })), 'it stands in over(t => …)')
    refused(() => trips.aggregate(() => ({ n: col('km').lag(1).sum() })), 'add it by over first')
    refused(() => trips.over(() => ({ n: col('km').lag(1).lag(1) })), 'an over of its own first')
  })

  test('frames that cannot be', () => {
    const n = { n: count() }
    refused(() => trips.over(() => n, { rows: 0 }), 'ends before it begins')
    refused(() => trips.over(() => n, { rows: 1.5 }), 'takes whole numbers')
    refused(() => trips.over(() => n, { orderBy: 'km', range: '1 day' }), 'takes numbers')
    refused(() => trips.over(() => n, { orderBy: 'city', range: 1 }), 'by a time or a number')
    refused(() => trips.over(() => n, { range: 1 }), 'the value of one column')
    refused(() => trips.over(() => n, { orderBy: 'km', rows: 1, range: 1 }), 'not by both')
    refused(() => trips.over(t => ({ n: t.km.lag(-1) })), 'whole number of rows')
  })
})
