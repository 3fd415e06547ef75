import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimateLine } from '../../../sdk/plot/decimate.ts'

const all = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i)

test('a line with few points keeps them all, in order of x', () => {
  const x = Float64Array.of(3, 1, 2, NaN)
  expect([...decimateLine(x, Float64Array.of(0, 0, NaN, 0), all(4), 10)]).toEqual([1, 2, 0])
})

test('points of equal x stay as they came', () => {
  expect([...decimateLine(Float64Array.of(5, 5, 5), Float64Array.of(1, 3, 2), all(3), 10)]).toEqual([0, 1, 2])
})

test('one peak among a million points stays', () => {
  const n = 1_000_000
  const y = new Float64Array(n)
  y[123_456] = 9
  y[700_001] = NaN
  const kept = decimateLine(
    Float64Array.from(y, (_, i) => i),
    y,
    all(n),
    1000,
  )
  expect(kept.length).toBeLessThanOrEqual(1000)
  expect([...kept]).toEqual(expect.arrayContaining([0, 123_456, 700_001, n - 1]))
})

test('points that crowd in one place take no room from the others', () => {
  const x = Float64Array.from({ length: 20_000 }, (_, i) => (i < 19_900 ? i / 1e6 : i - 19_899))
  const kept = decimateLine(
    x,
    new Float64Array(20_000).map((_, i) => i % 7),
    all(20_000),
    1000,
  )
  expect([...kept].filter(row => row >= 19_900).length).toBeGreaterThanOrEqual(95)
})

const numbers = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.integer({ min: -5, max: 5 }))

test('first, last, lowest, highest and a gap stay, within the bound and in order', () => {
  const point = fc.record({
    x: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    y: numbers,
  })
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 300 }), fc.integer({ min: 5, max: 60 }), (points, most) => {
      const x = Float64Array.from(points, p => p.x)
      const y = Float64Array.from(points, p => p.y)
      const kept = [...decimateLine(x, y, all(points.length), most)]
      expect(kept.length).toBeLessThanOrEqual(Math.max(5, most))
      expect(new Set(kept).size).toBe(kept.length)
      for (let i = 1; i < kept.length; i++) {
        const [a, b] = [kept[i - 1]!, kept[i]!]
        expect(x[a]! < x[b]! || (x[a]! === x[b]! && a < b)).toBe(true)
      }
      const has = (of: (i: number) => number): Set<number> => new Set(kept.map(of))
      expect(has(i => x[i]! + 0).has(Math.min(...x) + 0)).toBe(true)
      expect(has(i => x[i]! + 0).has(Math.max(...x) + 0)).toBe(true)
      const there = [...y].filter(value => !Number.isNaN(value))
      const range = (values: readonly number[]): number[] => [Math.min(...values) + 0, Math.max(...values) + 0]
      expect(range(kept.map(i => y[i]!).filter(value => !Number.isNaN(value)))).toEqual(range(there))
      expect(kept.some(i => Number.isNaN(y[i]!))).toBe([...y].some(Number.isNaN))
    }),
  )
})
