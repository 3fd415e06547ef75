import { expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import type { Value } from '../../../../sdk/data/column.ts'
import type { ColumnType } from '../../../../sdk/data/type.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { batchOf, drive, type Row } from '../../../laws/drive.ts'

/** The values in order, each with the place where it stood. */
function ordered(type: ColumnType, values: readonly Value[], descending = false): string {
  const schema = Schema.of({ v: type, i: 'int32' })
  const by = [{ expr: nodeOf(col('v')), descending }]
  const node = plan.orderBy(plan.read(memory(schema, [])), by)
  const batch = batchOf(
    schema,
    values.map((value, i): Row => [value, i]),
  )
  const { rows } = drive([() => operatorOf(node, null)], [{ input: 0, batch }])
  return rows.map(row => row[1] as number).join(' ')
}

const strange = new Float64Array(BigUint64Array.of(0xfff8_0000_0000_0001n).buffer)[0]!

test('NaN of any form comes after every number, −0 is 0, and equal values stay as they stood', () => {
  expect(ordered('float64', [NaN, 0, -0, Infinity, strange, -Infinity, -1, 0])).toBe('5 6 1 2 7 3 0 4')
  expect(ordered('float64', [NaN, 0, -0, Infinity, strange, -Infinity, -1, 0], true)).toBe('0 4 3 1 2 7 6 5')
})

test('nulls are last in either direction', () => {
  expect(ordered('int32?', [null, 2, -1, null, 0])).toBe('2 4 1 0 3')
  expect(ordered('int32?', [null, 2, -1, null, 0], true)).toBe('1 4 2 0 3')
  expect(ordered('utf8?', [null, 'b', 'a'], true)).toBe('1 2 0')
})

test('64-bit integers, booleans and text by code point have their order', () => {
  expect(ordered('bigint', [1n, -1n, 2n ** 33n, -(2n ** 33n), 0n])).toBe('3 1 4 0 2')
  expect(ordered('bool', [true, false, true])).toBe('1 0 2')
  expect(ordered('utf8', ['\u{1f600}', '\uffee', 'z', ''])).toBe('3 2 1 0')
})
