import { expect, test } from 'vitest'
import { Random } from '../../../sdk/ml/random.ts'

const draw = (seed: number, n: number): number[] => {
  const random = new Random(seed)
  return Array.from({ length: n }, () => random.next())
}

test('a seed gives the same numbers on every platform', () => {
  expect(draw(1, 3)).toEqual([0.5636717720710586, 0.8959073941886353, 0.2723428182814803])
})

test('numbers are even in [0, 1) and differ by seed', () => {
  const numbers = draw(42, 100_000)
  expect(numbers.every(x => x >= 0 && x < 1)).toBe(true)
  expect(numbers.reduce((sum, x) => sum + x, 0) / numbers.length).toBeCloseTo(0.5, 2)
  const tenths = new Array<number>(10).fill(0)
  for (const x of numbers) tenths[Math.floor(x * 10)]!++
  expect(tenths.every(count => Math.abs(count - 10_000) < 500)).toBe(true)
  expect(draw(43, 3)).not.toEqual(draw(42, 3))
  expect(draw(2 ** 40 + 42, 3)).not.toEqual(draw(42, 3))
})
