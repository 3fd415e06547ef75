import { expect, test } from 'vitest'
import { columnOf } from '../../../../sdk/data/builder.ts'
import type { Column } from '../../../../sdk/data/column.ts'
import { scalar, type DataType } from '../../../../sdk/data/type.ts'
import { DEEPEST, PARTITIONS, partitions, rowsByPart } from '../../../../sdk/engine/state/partition.ts'

const depths = Array.from({ length: DEEPEST }, (_, depth) => depth)
const partsOf = (column: Column, depth: number): number[] => [...partitions([column], column.length, depth)]

/** Another NaN than JavaScript makes. */
const NANS = new Float64Array(2).fill(NaN)
new Uint32Array(NANS.buffer).set([1, 0xfff80001])

const text = scalar('utf8')
const list: DataType = { kind: 'list', item: { type: scalar('float64'), nullable: true } }
const flat = (values: Float64Array | Int32Array, valid: number[] | null = null): Column => ({
  layout: 'flat',
  type: scalar(values instanceof Int32Array ? 'int32' : 'float64'),
  length: values.length,
  valid: valid === null ? null : Uint8Array.from(valid),
  values,
})

test.each<[string, Column, Column]>([
  ['zeros', flat(Float64Array.of(0)), flat(Float64Array.of(-0))],
  ['NaN of other bits', flat(NANS.subarray(0, 1)), flat(NANS.subarray(1))],
  ['nulls over other numbers', flat(Float64Array.of(1), [0]), flat(Float64Array.of(7), [0])],
  ['nulls over other integers', flat(Int32Array.of(1), [0]), flat(Int32Array.of(7), [0])],
  [
    'texts of other codes',
    { layout: 'text', type: text, length: 1, valid: null, strings: ['b', 'é'], codes: Int32Array.of(1) },
    { layout: 'text', type: text, length: 1, valid: null, strings: ['é'], codes: Int32Array.of(0) },
  ],
  [
    'a text with and without a dictionary',
    { layout: 'text', type: text, length: 1, valid: null, strings: ['é'], codes: Int32Array.of(0) },
    { layout: 'text', type: text, length: 1, valid: null, strings: ['é'], codes: null },
  ],
  [
    'nulls over other texts',
    { layout: 'text', type: text, length: 1, valid: Uint8Array.of(0), strings: ['b'], codes: Int32Array.of(0) },
    { layout: 'text', type: text, length: 1, valid: Uint8Array.of(0), strings: ['é'], codes: null },
  ],
  ['lists', columnOf(list, [[0, NaN, null]]), columnOf(list, [[-0, NANS[1]!, null]])],
])('%s are in one part', (_, a, b) => {
  for (const depth of depths) expect(partsOf(a, depth)).toEqual(partsOf(b, depth))
})

const COUNT = 16_384

test.each<[string, Column]>([
  [
    'integers',
    columnOf(
      scalar('int32'),
      Array.from({ length: COUNT }, (_, i) => i),
    ),
  ],
  [
    'multiples',
    columnOf(
      scalar('float64'),
      Array.from({ length: COUNT }, (_, i) => i * 4096),
    ),
  ],
  [
    'texts',
    columnOf(
      text,
      Array.from({ length: COUNT }, (_, i) => `key ${i}`),
    ),
  ],
  [
    'bigints',
    columnOf(
      scalar('bigint'),
      Array.from({ length: COUNT }, (_, i) => BigInt(i) << 32n),
    ),
  ],
  [
    'lists',
    columnOf(
      list,
      Array.from({ length: COUNT }, (_, i) => [i, null]),
    ),
  ],
])('%s spread over all parts, and those of a part over the parts below', (_, column) => {
  const counts = (parts: readonly number[]): number[] =>
    Array.from({ length: PARTITIONS }, (__, part) => parts.filter(each => each === part).length)
  const [first, second] = [partsOf(column, 0), partsOf(column, 1)]
  for (const count of counts(first)) expect(Math.abs(count / (COUNT / PARTITIONS) - 1)).toBeLessThan(0.25)
  const below = counts(second.filter((__, row) => first[row] === 3))
  expect(Math.min(...below)).toBeGreaterThan(COUNT / PARTITIONS / PARTITIONS / 3)
})

test('the rows of a part are in their order', () => {
  const rows = rowsByPart(Uint8Array.of(3, 0, 3, 15, 0))
  expect(rows.length).toBe(16)
  expect([0, 1, 3, 15].map(part => [...rows[part]!])).toEqual([[1, 4], [], [0, 2], [3]])
})
