import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeSort } from '../../../../sdk/engine/operator/merge-sort.ts'
import { rowNumbers } from '../../../../sdk/engine/operator/radix-sort.ts'

function sorted(values: readonly number[]): { readonly rows: number[]; readonly steps: number } {
  const sort = mergeSort(rowNumbers(values.length), (a, b) => values[a]! - values[b]!)
  let steps = 0
  for (let step = sort.next(); ; step = sort.next()) {
    if (step.done === true) return { rows: [...step.value], steps }
    steps++
  }
}

test('it sorts as a stable sort does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 300 }), values => {
      const expected = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b)
      expect(sorted(values).rows).toEqual(expected)
    }),
  )
})

test('a long sort pauses often', () => {
  const values = Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200_003)
  const { rows, steps } = sorted(values)
  expect(rows.every((row, i) => i === 0 || values[rows[i - 1]!]! <= values[row]!)).toBe(true)
  expect(steps).toBeGreaterThan(30)
})
