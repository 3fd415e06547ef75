import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bins, type BinCounts, type BinKind } from '../../../sdk/plot/bins.ts'

const binned = (kind: BinKind, values: readonly number[], wanted: number, most?: number): BinCounts => {
  const bins = new Bins(kind, most)
  for (const value of values) bins.add(value)
  return bins.result(wanted)
}

const DAY = 86_400_000

test('whole numbers get a bin each while there is room', () => {
  expect(binned('whole', [3, 1, 3, 5], 10)).toEqual({ width: 1, edges: [1, 2, 3, 4, 5, 6], counts: [1, 0, 2, 0, 1] })
})

test('bounds are round numbers', () => {
  expect(binned('whole', [-7, 0, 12, 93], 10)).toMatchObject({ width: 20, edges: [-20, 0, 20, 40, 60, 80, 100] })
  expect(binned('real', [0.13, 0.9], 10).edges).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
})

test('a value on a bound belongs to the bin that begins there, whatever its last bit', () => {
  const { edges, counts } = binned('real', [0, 0.1, 0.2, 0.1 + 0.2, 0.7, 0.6], 10)
  expect(edges.slice(0, -1).filter((_, i) => counts[i]! > 0)).toEqual([0, 0.1, 0.2, 0.3, 0.6, 0.7])
})

test('weeks begin on Monday, and days at midnight UTC', () => {
  const start = Date.UTC(2001, 0, 1) // a Monday
  const days = Array.from({ length: 140 }, (_, i) => start + i * DAY + 5)
  const { width, edges, counts } = binned('time', days, 25)
  expect([width, edges[0], counts.every(count => count === 7)]).toEqual([7 * DAY, start, true])
  expect(binned('time', days.slice(0, 10), 20)).toMatchObject({ width: 12 * 3_600_000 })
})

test.each([
  ['equal values', [5, 5, 5]],
  ['zero', [0, -0]],
  ['the largest numbers', [-1e300, 1e300, 0]],
  ['the smallest numbers', [5e-324, 1e-310, 0]],
  ['small differences of large numbers', [1e15, 1e15 + 0.5]],
])('%s have bins', (_, values) => {
  const { edges, counts } = binned('real', values, 10)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
  expect(counts.length).toBeLessThanOrEqual(10)
  expect(edges.every(Number.isFinite)).toBe(true)
})

test('what is no number is missing, and counted', () => {
  const bins = new Bins('real')
  for (const value of [NaN, Infinity, -Infinity, 1]) bins.add(value)
  expect([bins.missing, bins.total, bins.result(5).counts]).toEqual([3, 1, [1]])
})

test('one bin that would cross zero becomes two', () => {
  expect(binned('whole', [-3, 4], 1)).toEqual({ width: 5, edges: [-5, 0, 5], counts: [1, 1] })
  expect(binned('whole', [3, 4], 1)).toEqual({ width: 5, edges: [0, 5], counts: [2] })
})

test('nothing gives no bins', () => {
  expect(binned('whole', [], 10)).toEqual({ width: 1, edges: [], counts: [] })
})

const values: Readonly<Record<BinKind, fc.Arbitrary<number>>> = {
  whole: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.maxSafeInteger()),
  time: fc.oneof(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 978307200000, max: 978393600000 })),
  real: fc.oneof(fc.double({ min: -1e300, max: 1e300, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
}

describe.each(['whole', 'time', 'real'] as const)('%s values', kind => {
  const lists = fc.array(values[kind], { minLength: 1, maxLength: 120 })
  const wanted = fc.integer({ min: 2, max: 80 })

  test('any order gives the same bins, also when values no longer fit one by one', () => {
    fc.assert(
      fc.property(lists, wanted, fc.constantFrom(4, 16, 1000), fc.infiniteStream(fc.nat()), (list, n, most, random) => {
        const keys = new Map(list.map((_, i) => [i, random.next().value as number]))
        const shuffled = list.map((value, i) => ({ value, key: keys.get(i)! })).sort((a, b) => a.key - b.key)
        expect(
          binned(
            kind,
            shuffled.map(each => each.value),
            n,
            most,
          ),
        ).toEqual(binned(kind, list, n, most))
      }),
    )
  })

  test('every value is counted once, in at most as many bins as wanted', () => {
    fc.assert(
      fc.property(lists, wanted, fc.constantFrom(4, 1000), (list, n, most) => {
        const { counts } = binned(kind, list, n, most)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(list.length)
        expect(counts.length).toBeLessThanOrEqual(n)
      }),
    )
  })

  test('a count is that of the values between its bounds', () => {
    fc.assert(
      fc.property(lists, wanted, fc.constantFrom(4, 1000), (list, n, most) => {
        const { width, edges, counts } = binned(kind, list, n, most)
        const slack = kind === 'real' ? width * 1e-8 : 0
        for (const [i, count] of counts.entries()) {
          const [from, to] = [edges[i]!, edges[i + 1]!]
          const inside = list.filter(value => value >= from + slack && value < to - slack).length
          const near = list.filter(value => value >= from - slack && value < to + slack).length
          expect(count).toBeGreaterThanOrEqual(inside)
          expect(count).toBeLessThanOrEqual(near)
        }
      }),
    )
  })
})
