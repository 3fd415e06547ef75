/** The first rows of an order are those of the whole order, whatever numbers they are found by. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Batch } from '../../../../sdk/data/batch.ts'
import type { Value } from '../../../../sdk/data/column.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import type { ColumnType } from '../../../../sdk/data/type.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { top } from '../../../../sdk/plan/verb/top.ts'
import { batchOf, drive, type Row } from '../../../laws/drive.ts'

/** Types with values that stand out, and one for any whole number. */
const pools: readonly (readonly [ColumnType, readonly Value[], (n: number) => Value])[] = [
  ['float64', [NaN, Infinity, -Infinity, 0, -0, 1.5, -1.5, 1e300, -1e300, 7, 8, 9], n => n / 8],
  ['float64?', [null, NaN, Infinity, -Infinity, 0, -0, 1.5], n => n / 8],
  ['float64', [-Infinity, Infinity], n => n / 8],
  ['float64', [NaN, 1], n => n / 8],
  ['int32', [-(2 ** 31), 2 ** 31 - 1, 0, 1, -1, 2, 3], n => n],
  ['int32?', [null, 3, 4], n => n],
  ['float32', [NaN, 1, 2], n => n / 8],
  ['int64', [-(2 ** 53) + 1, 2 ** 53 - 1, 0], n => n * 2 ** 30],
  ['bigint', [2n ** 62n, 2n ** 62n + 1n, -1n], n => BigInt(n) << 32n],
  ['utf8', ['abc', 'abcd', 'abce', ''], n => n.toString(36)],
]

/** More rows than wait before the first of them are sorted. */
const ROWS = 5000

test.each(pools)('the first rows by %s are those of the whole order', (type, pool, any) => {
  const schema = Schema.of({ v: type, w: 'int32', i: 'int32' })
  const source = plan.read(memory(schema, []))
  const choices = fc.record({
    picks: fc.infiniteStream(fc.nat({ max: 2 ** 30 })),
    count: fc.nat({ max: 40 }),
    descending: fc.boolean(),
    single: fc.boolean(),
    rare: fc.boolean(),
    batchRows: fc.integer({ min: 200, max: 900 }),
  })
  fc.assert(
    fc.property(choices, ({ picks, count, descending, single, rare, batchRows }) => {
      const rows = Array.from({ length: ROWS }, (_, i): Row => {
        const pick = picks.next().value
        const stands = pool[pick % pool.length]!
        return [rare && pick % 500 !== 0 ? any(((pick >>> 9) % ROWS) - ROWS / 2) : stands, pick % 3, i]
      })
      const by = [{ expr: nodeOf(col('v')), descending }]
      if (!single) by.push({ expr: nodeOf(col('w')), descending: false })
      const fed = Array.from({ length: Math.ceil(ROWS / batchRows) }, (_, b) => ({
        input: 0,
        batch: batchOf(schema, rows.slice(b * batchRows, (b + 1) * batchRows)),
      }))
      const numbers = (node: Parameters<typeof operatorOf>[0]): unknown[] =>
        drive([() => operatorOf(node, null)], fed).rows.map(row => row.at(-1))
      expect(numbers(top(source, [], count, by))).toEqual(numbers(plan.orderBy(source, by)).slice(0, count))
    }),
    { numRuns: 30 },
  )
})

test.each(['int32', 'float64'] as const)(
  'a %s that only just comes before the last row kept is not passed over',
  type => {
    const schema = Schema.of({ v: type, i: 'int32' })
    for (const sign of [1, -1]) {
      const node = top(plan.read(memory(schema, [])), [], 2, [{ expr: nodeOf(col('v')), descending: sign < 0 }])
      const first = Array.from({ length: ROWS }, (_, i): Row => [sign * (10 + i), i])
      const then = [11, 10, 12].map((v, i): Row => [sign * v, ROWS + i])
      const fed = [first, then].map(rows => ({ input: 0, batch: batchOf(schema, rows) }))
      const rows = drive([() => operatorOf(node, null)], fed).rows.map(row => row.slice(-2))
      expect(rows).toEqual([
        [sign * 10, 0],
        [sign * 10, ROWS + 1],
      ])
    }
  },
)

test('a null text may have a code that its dictionary does not', () => {
  const schema = Schema.of({ v: 'utf8?' })
  const node = top(plan.read(memory(schema, [])), [], 1, [{ expr: nodeOf(col('v')), descending: false }])
  const text = { layout: 'text', type: { kind: 'utf8' }, length: 2, valid: Uint8Array.of(0, 1) } as const
  const batch = new Batch(schema, 2, [{ ...text, strings: ['a', 'b', 'c'], codes: Int32Array.of(99, 1) }])
  expect(drive([() => operatorOf(node, null)], [{ input: 0, batch }]).rows).toEqual([['b']])
})
