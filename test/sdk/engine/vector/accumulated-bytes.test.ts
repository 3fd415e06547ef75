import { expect, test } from 'vitest'
import { columnOf } from '../../../../sdk/data/builder.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { KeyTable } from '../../../../sdk/engine/state/key-table.ts'
import { compileAccumulators, type Accumulators } from '../../../../sdk/engine/vector/accumulate.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import { inferGrain } from '../../../../sdk/expr/infer.ts'
import type { Typed } from '../../../../sdk/expr/node.ts'
import { batchOf } from '../../../laws/drive.ts'

const SCHEMA = Schema.of({ x: 'float64', s: 'utf8' })
const VALUES = 1000

const typed = (aggregate: unknown): Typed => inferGrain(nodeOf(aggregate), SCHEMA, 'test', 'aggregate')

/** Accumulators of one group to which a thousand different values were added. */
function filled(aggregate: unknown): Accumulators {
  const accumulators = compileAccumulators([typed(aggregate)], SCHEMA)
  accumulators.grow(1)
  const rows = Array.from({ length: VALUES }, (_, i) => [i + 0.5, `text ${i}`])
  accumulators.add(batchOf(SCHEMA, rows), new Int32Array(VALUES))
  return accumulators
}

test.each([
  ['collect', col('x').collect(), 8],
  ['collect of texts', col('s').collect(), 2 * 6],
  ['different values', col('s').collect({ distinct: true }), 2 * 6 + 8],
  ['quantile', col('x').quantile(0.5), 8],
  ['countDistinct', col('s').countDistinct(), 2 * 6 + 8],
  ['largest', col('x').largest(VALUES), 8],
] as const)('%s takes more for each value, the same after a restore', (_, aggregate, leastBytes) => {
  const accumulators = filled(aggregate)
  expect(accumulators.bytes).toBeGreaterThan(VALUES * leastBytes)
  expect(accumulators.bytes).toBeLessThan(VALUES * 150)
  expect(accumulators.bytesOf(0)).toBe(accumulators.bytes)
  const copy = filled(aggregate)
  copy.restore(structuredClone(accumulators.snapshot()))
  expect(copy.value(0, 0)).toEqual(accumulators.value(0, 0))
  expect(copy.bytes / accumulators.bytes).toBeCloseTo(1, 1)
})

test.each([
  ['sum', col('x').sum()],
  ['max of texts', col('s').max()],
  ['approxQuantile', col('x').approxQuantile(0.5)],
  ['approxCountDistinct', col('s').approxCountDistinct({ precision: 10 })],
] as const)('%s takes no more for more values', (_, aggregate) => {
  const accumulators = filled(aggregate)
  expect(accumulators.bytes).toBeLessThan(20_000)
})

test('the state of some slots restores to them in their order', () => {
  const exprs = [col('x').sum(), col('s').collect()].map(typed)
  const accumulators = compileAccumulators(exprs, SCHEMA)
  accumulators.grow(3)
  accumulators.add(
    batchOf(SCHEMA, [
      [1, 'a'],
      [2, 'b'],
      [4, 'c'],
      [8, 'd'],
    ]),
    Int32Array.of(0, 1, 2, 1),
  )
  const state = structuredClone(accumulators.snapshot(Int32Array.of(2, 1)))
  const some = compileAccumulators(exprs, SCHEMA)
  some.restore(state)
  expect([0, 1].map(slot => [some.value(0, slot), some.value(1, slot)])).toEqual([
    [4, ['c']],
    [10, ['b', 'd']],
  ])
})

test('a key table takes what its texts take', () => {
  const table = new KeyTable([{ type: { kind: 'utf8' }, nullable: false }])
  const before = table.bytes
  const texts = Array.from({ length: VALUES }, (_, i) => `${'long '.repeat(20)}${i}`)
  table.slots([columnOf({ kind: 'utf8' }, texts)], VALUES, new Int32Array(VALUES))
  expect(table.bytes - before).toBeGreaterThan(VALUES * 200)
  expect(table.bytes - before).toBeLessThan(VALUES * 400)
  const copy = new KeyTable([{ type: { kind: 'utf8' }, nullable: false }])
  copy.restore(table.snapshot())
  expect(copy.bytes).toBeGreaterThan(VALUES * 200)
  table.clear()
  expect(table.bytes).toBeLessThan(VALUES * 50)
})
