/** The sketches keep the error that their docstrings state, over many sets of known size and shape. */
import { describe, expect, test } from 'vitest'
import type { Value } from '../../../sdk/data/column.ts'
import { HyperLogLog } from '../../../sdk/expr/catalogue/aggregate/hyper-log-log.ts'
import { TDigest } from '../../../sdk/expr/catalogue/aggregate/t-digest.ts'

/** Mulberry32: numbers from 0 to 1 of a seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function distinct(precision: number, n: number, value: (i: number) => Value): number {
  const sketch = new HyperLogLog(precision)
  for (let i = 0; i < n; i++) sketch.add([value(i)])
  return sketch.value() as number
}

const KINDS: Record<string, (set: number) => (i: number) => Value> = {
  'running numbers': set => i => set * 10_000_000 + i,
  fractions: set => {
    const next = random(set)
    return () => next()
  },
  texts: set => i => `user-${set}-${i}`,
  bigints: set => i => BigInt(set) * 10_000_000n + BigInt(i),
  'multiples of a power of two': set => i => (i + set * 1_000_000) * 4096,
}

describe('HyperLogLog', () => {
  test.each(Object.keys(KINDS))('is exact for few %s', kind => {
    for (const n of [0, 1, 2, 10, 500, 1000]) expect(distinct(14, n, KINDS[kind]!(n))).toBe(n)
  })

  test.each(Object.keys(KINDS))('has the stated error and no lean, over many sets of %s', kind => {
    for (const [precision, n, sets] of [
      [10, 100, 60],
      [10, 1500, 60],
      [10, 3000, 60],
      [10, 20_000, 40],
      [12, 50_000, 15],
    ] as const) {
      const bound = 1.04 / Math.sqrt(2 ** precision)
      const errors = Array.from({ length: sets }, (_, set) => distinct(precision, n, KINDS[kind]!(set)) / n - 1)
      const spread = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / sets)
      const lean = errors.reduce((sum, e) => sum + e, 0) / sets
      expect(spread, `${n} at ${precision}`).toBeLessThan(1.35 * bound)
      expect(Math.abs(lean), `${n} at ${precision}`).toBeLessThan((4 * bound) / Math.sqrt(sets))
    }
  })

  test('counts a million within four standard errors of 0.8 %', () => {
    for (const kind of Object.values(KINDS)) {
      const found = distinct(14, 1_000_000, kind(3))
      expect(Math.abs(found / 1e6 - 1)).toBeLessThan(4 * 0.0082)
    }
  })

  test('values that come again change nothing, and −0 is 0 and NaN is itself', () => {
    expect(distinct(14, 5000, i => i % 700)).toBe(700)
    expect(distinct(14, 4, i => [0, -0, NaN, 0 / 0][i]!)).toBe(2)
    expect(distinct(14, 4, i => ['', 'a', '😀', ''][i]!)).toBe(3)
    const once = distinct(14, 30_000, i => i)
    expect(distinct(14, 90_000, i => i % 30_000)).toBe(once)
  })

  test('gives the same whatever the order', () => {
    const values = Array.from({ length: 9000 }, (_, i) => `v${i}`)
    const forward = distinct(12, 9000, i => values[i]!)
    expect(distinct(12, 9000, i => values[8999 - i]!)).toBe(forward)
  })
})

const SHAPES: Record<string, (n: number) => number[]> = {
  uniform: n => filled(n, random(1)),
  normal: n => {
    const next = random(2)
    return filled(n, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()))
  },
  'heavy-tailed': n => {
    const next = random(3)
    return filled(n, () => Math.tan(Math.PI * (next() - 0.5)))
  },
  ascending: n => Array.from({ length: n }, (_, i) => i),
  descending: n => Array.from({ length: n }, (_, i) => -i),
  'of two values': n => Array.from({ length: n }, (_, i) => i % 2),
  constant: n => Array.from({ length: n }, () => 7),
}

function filled(n: number, value: () => number): number[] {
  return Array.from({ length: n }, value)
}

function digest(q: number, values: readonly number[], compression = 200): Value {
  const sketch = new TDigest(q, compression)
  for (const value of values) sketch.add([value])
  return sketch.value()
}

describe('TDigest', () => {
  test.each(Object.keys(SHAPES))('keeps the stated error over %s values', shape => {
    for (const [n, compression] of [
      [50_000, 200],
      [20_000, 50],
    ] as const) {
      const values = SHAPES[shape]!(n)
      const sorted = Float64Array.from(values).sort()
      const least = sorted[0]!
      const greatest = sorted[n - 1]!
      for (const q of [0, 0.0001, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1]) {
        const found = digest(q, values, compression) as number
        const below = sorted.filter(value => value < found - 1e-9).length / n
        const upTo = sorted.filter(value => value <= found + 1e-9).length / n
        const off = Math.max(0, below - q, q - upTo)
        const bound = ((2 * Math.PI) / compression) * Math.sqrt(q * (1 - q)) + Math.PI ** 2 / compression ** 2
        expect(off, `q = ${q}, δ = ${compression}`).toBeLessThanOrEqual(bound)
        expect(found >= least && found <= greatest).toBe(true)
      }
      expect(digest(0, values, compression)).toBe(least)
      expect(digest(1, values, compression)).toBe(greatest)
    }
  })

  test('is exact for few values', () => {
    expect(digest(0.75, [4, 1, 2])).toBe(3)
    expect(digest(0.5, [])).toBe(null)
    const values = SHAPES['normal']!(1600)
    const sorted = Float64Array.from(values).sort()
    expect(digest(0.25, values)).toBeCloseTo(sorted[399]! + 0.75 * (sorted[400]! - sorted[399]!), 12)
  })

  test('counts what is not finite beside the rest: NaN above Infinity', () => {
    expect(digest(0, [1, -Infinity, NaN, Infinity])).toBe(-Infinity)
    expect(digest(1, [1, -Infinity, NaN, Infinity])).toBeNaN()
    expect(digest(2 / 3, [1, -Infinity, NaN, Infinity])).toBe(Infinity)
    const many = [...SHAPES['ascending']!(10_000), ...filled(30_000, () => Infinity)]
    expect(digest(0.5, many)).toBe(Infinity)
    expect(digest(0.1, many)).toBeCloseTo(4000, -2)
  })

  test('takes numbers near the end of the type', () => {
    const big = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? -1.7e308 : 1.7e308))
    expect(digest(0.1, big, 20)).toBe(-1.7e308)
    expect(digest(0.9, big, 20)).toBe(1.7e308)
  })

  test('does not depend on when it is asked', () => {
    const values = SHAPES['normal']!(9000)
    const [asked, silent] = [new TDigest(0.3, 20), new TDigest(0.3, 20)]
    for (const [i, value] of values.entries()) {
      asked.add([value])
      silent.add([value])
      if (i % 37 === 0) asked.value()
    }
    expect(asked.value()).toBe(silent.value())
  })
})
