/** Groups of keys that lie close together, which are found by place, against a plain map. */
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Batch } from '../../../../sdk/data/batch.ts'
import { columnOf } from '../../../../sdk/data/builder.ts'
import type { Value } from '../../../../sdk/data/column.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { ExternalAggregate } from '../../../../sdk/engine/operator/external-aggregate.ts'
import { SpillFolder } from '../../../../sdk/engine/state/spill.ts'
import { col, count, nodeOf } from '../../../../sdk/expr/column.ts'
import type { Aggregate as AggregateNode } from '../../../../sdk/plan/node.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { rowsOf } from '../../../laws/drive.ts'

const SCHEMA = Schema.of({ city: 'utf8?', day: 'int32?', v: 'int32?' })
const CITIES = ['Oslo', 'Rome', '', '\u{1f600}']
const VALUES = { n: count(), sum: col('v').sum(), most: col('v').max(), all: col('v').collect() }

const groups = (keys: readonly string[]): AggregateNode => {
  const read = plan.read(memory(SCHEMA, []))
  return plan.aggregate(
    read,
    keys.map(name => ({ name, expr: nodeOf(col(name)) })),
    Object.entries(VALUES).map(([name, expr]) => ({ name, expr: nodeOf(expr) })),
  )
}

/** More than these groups take. */
const MEMORY = { budgetBytes: 1e9, spill: new SpillFolder(tmpdir()) }

type Given = readonly [city: number | null, day: number | null, v: number | null]

function batchOf(rows: readonly Given[], strings: readonly string[]): Batch {
  const missing = rows.some(([city]) => city === null)
  const city = {
    layout: 'text',
    type: { kind: 'utf8' },
    length: rows.length,
    valid: missing ? Uint8Array.from(rows, ([code]) => (code === null ? 0 : 1)) : null,
    strings,
    codes: Int32Array.from(rows, ([code]) => code ?? 99),
  } as const
  const [day, v] = [1, 2].map(k =>
    columnOf(
      { kind: 'int32' },
      rows.map(row => row[k]!),
    ),
  )
  return new Batch(SCHEMA, rows.length, [city, day!, v!])
}

/** The groups in the order of their first rows. */
function slow(rows: readonly Given[], keys: readonly string[]): Value[][] {
  const found = new Map<string, { readonly key: Value[]; readonly rows: Given[] }>()
  for (const row of rows) {
    const all = { city: row[0] === null ? null : CITIES[row[0]]!, day: row[1] } as Record<string, Value>
    const key = keys.map(name => all[name]!)
    const text = JSON.stringify(key)
    if (!found.has(text)) found.set(text, { key, rows: [] })
    found.get(text)!.rows.push(row)
  }
  return [...found.values()].map(({ key, rows: own }) => {
    const values = own.flatMap(([, , v]) => (v === null ? [] : [v]))
    const [sum, most] = values.length === 0 ? [null, null] : [values.reduce((a, b) => a + b, 0), Math.max(...values)]
    return [...key, own.length, sum, most, values]
  })
}

test('groups are those of a plain map, whatever order, ranges, nulls and dictionaries come', () => {
  const day = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: -40, max: 40 }),
    fc.constantFrom(null, -(2 ** 31), 2 ** 31 - 1),
  )
  const row = fc.tuple(fc.option(fc.nat(CITIES.length - 1)), day, fc.option(fc.integer({ min: -9, max: 9 })))
  const near = fc.tuple(fc.nat(CITIES.length - 1), fc.nat(3), fc.nat(9))
  const batch = fc.record({
    rows: fc.oneof(fc.array(near, { minLength: 1, maxLength: 30 }), fc.array(row, { minLength: 1, maxLength: 30 })),
    again: fc.boolean(),
  })
  const keys = fc.constantFrom(['city'], ['day'], ['city', 'day'], ['day', 'city'], [])
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 8 }), keys, fc.nat(8), (given, names, copyAt) => {
      const node = groups(names)
      let operator = new ExternalAggregate(node, MEMORY)
      let strings = CITIES
      for (const [b, { rows, again }] of given.entries()) {
        if (b === copyAt) {
          const state = structuredClone(operator.snapshot())
          operator = new ExternalAggregate(node, MEMORY)
          operator.restore(state)
        }
        if (!again) strings = [...CITIES]
        Array.from(operator.process(batchOf(rows, strings)))
      }
      const found = rowsOf([...operator.end()].filter(step => step instanceof Batch))
      expect(found).toEqual(
        slow(
          given.flatMap(({ rows }) => rows as readonly Given[]),
          names,
        ),
      )
    }),
    { numRuns: 300 },
  )
})

test('a failure at the places of keys names its row', () => {
  const read = plan.read(memory(SCHEMA, []))
  const node = plan.aggregate(
    read,
    [{ name: 'city', expr: nodeOf(col('city')) }],
    [{ name: 's', expr: nodeOf(col('v').mod(col('day')).sum()) }],
  )
  const operator = new ExternalAggregate(node, MEMORY)
  Array.from(
    operator.process(
      batchOf(
        [
          [0, 1, 1],
          [1, 1, 1],
        ],
        CITIES,
      ),
    ),
  )
  const rows: Given[] = [0, 1, 0, 1, 0, 1].map((city, i) => [city, i === 4 ? 0 : 1, 7])
  expect(() => Array.from(operator.process(batchOf(rows, CITIES)))).toThrow(
    expect.objectContaining({ fields: expect.objectContaining({ row: 4 }) }),
  )
})
