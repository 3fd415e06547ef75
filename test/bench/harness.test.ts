import { expect, test } from 'vitest'
import type { Case } from '../../bench/harness/bench.ts'
import { median, result } from '../../bench/harness/bench.ts'

const work = () => () => undefined
const base: Case = { name: 'c', metric: 'cpu s', floor: 0.8, ours: work, rival: { name: 'r', side: work } }

test('the ratio is above 1 where ours is better, whichever way is better', () => {
  expect(result('b', base, [1, 2, 9], [3, 4, 5])).toEqual({
    bench: 'b',
    case: 'c',
    metric: 'cpu s',
    ours: 2,
    rival: 4,
    rivalName: 'r',
    ratio: 2,
    floor: 0.8,
  })
  expect(result('b', { ...base, metric: 'rows/s', moreIsBetter: true }, [8], [4]).ratio).toBe(2)
})

test('a limit is its own rival, with the floor 1', () => {
  const found = result('b', { ...base, rival: { limit: 0.5 } }, [0.25], null)
  expect(found).toMatchObject({ rival: 0.5, rivalName: 'limit', ratio: 2, floor: 1 })
})

test('a missing rival leaves no ratio', () => {
  expect(result('b', base, [1], null)).toMatchObject({ rival: null, rivalName: 'r', ratio: null })
})

test('the median of an even count is the mean of the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5)
})
