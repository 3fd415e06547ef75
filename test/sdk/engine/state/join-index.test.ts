/** Rows found by key, where what is known of a dictionary must not be taken for more than it is. */
import { expect, test } from 'vitest'
import type { Column } from '../../../../sdk/data/column.ts'
import { atOnce } from '../../../../sdk/engine/operator/radix-sort.ts'
import { JoinIndex } from '../../../../sdk/engine/state/join-index.ts'

test('a dictionary that grows between two batches finds the rows of its new texts', () => {
  const type = { kind: 'utf8' } as const
  const texts = (strings: readonly string[], codes: readonly number[]): Column => ({
    layout: 'text',
    type,
    length: codes.length,
    valid: null,
    strings,
    codes: Int32Array.from(codes),
  })
  const key = { type, nullable: false }
  const index = atOnce(JoinIndex.by([{ left: key, right: key }], [texts(['a', 'c'], [0, 1])], 2))
  const found = (column: Column): number[] => {
    const rows = new Int32Array(column.length)
    index.find([column], column.length, rows)
    return [...rows]
  }
  const grows = ['x', 'a']
  expect(found(texts(grows, [1, 0]))).toEqual([0, -1])
  grows.push('b', 'c')
  expect(found(texts(grows, [2, 3, 1]))).toEqual([-1, 1, 0])
})
