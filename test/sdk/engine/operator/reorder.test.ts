/** Rows in another order are the rows that came, whatever their types, dictionaries and nulls. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batch } from '../../../../sdk/data/batch.ts'
import { columnOf } from '../../../../sdk/data/builder.ts'
import { valueAt, type TextColumn, type Value } from '../../../../sdk/data/column.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { scalar, type Field } from '../../../../sdk/data/type.ts'
import { reordered } from '../../../../sdk/engine/operator/reorder.ts'
import { anyType, cellOf } from '../../data/random.ts'

const rowsOf = (batch: Batch): Value[][] =>
  Array.from({ length: batch.length }, (_, i) => batch.columns.map(column => valueAt(column, i)))

const given = (schema: Schema, parts: readonly Batch[], order: readonly number[]): Batch[] =>
  [...reordered(schema, parts, Int32Array.from(order))].filter(step => step !== null)

const fields: fc.Arbitrary<Field[]> = fc
  .array(fc.record({ type: anyType, nullable: fc.boolean() }), { maxLength: 6 })
  .map(types => types.map((type, i) => ({ name: `c${i}`, ...type })))

test('in any order, rows are those that came', () => {
  const cases = fields.chain(all =>
    fc.record({
      all: fc.constant(all),
      rows: fc.array(fc.tuple(...all.map(cellOf)), { minLength: 1, maxLength: 20 }),
      cuts: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 20 }),
      keys: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    }),
  )
  fc.assert(
    fc.property(cases, ({ all, rows, cuts, keys }) => {
      const schema = new Schema(all)
      const parts: Batch[] = []
      for (let from = 0, cut = 0; from < rows.length; cut++) {
        const some = rows.slice(from, (from += cuts[cut % cuts.length]!))
        const columns = all.map((field, i) =>
          columnOf(
            field.type,
            some.map(row => row[i]!),
          ),
        )
        parts.push(new Batch(schema, some.length, columns))
      }
      const order = [...rows.keys()].toSorted((a, b) => keys[a]! - keys[b]!)
      expect(given(schema, parts, order).flatMap(rowsOf)).toEqual(order.map(row => rows[row]))
    }),
    { numRuns: 300 },
  )
})

test('many rows of each width go to their places, backwards and dealt out', () => {
  const schema = Schema.of({ i: 'int32', f: 'float64?', b: 'bool', n: 'bigint' })
  const length = 70_001
  const rows = Array.from({ length }, (_, i): Value[] => [i, i % 7 === 0 ? null : i / 3, i % 3 === 0, BigInt(i) << 33n])
  const columns = schema.fields.map(({ type }, c) =>
    columnOf(
      type,
      rows.map(row => row[c]!),
    ),
  )
  const all = new Batch(schema, length, columns)
  const parts = [all.slice(0, 20_000), all.slice(20_000, 20_001), all.slice(20_001, length)]
  for (const order of [rows.map((_, i) => length - 1 - i), rows.map((_, i) => (i * 33_331) % length)]) {
    expect(given(schema, parts, order).flatMap(rowsOf)).toEqual(order.map(row => rows[row]))
  }
})

test('texts stay in the dictionary that their batches share, and a column without a null has no validity', () => {
  const schema = Schema.of({ t: 'utf8?', i: 'int32?' })
  const all = new Batch(schema, 3, [columnOf(scalar('utf8'), ['a', null, 'b']), columnOf(scalar('int32'), [1, 2, 3])])
  const [batch] = given(schema, [all.slice(0, 2), all.slice(2, 3)], [2, 0, 1])
  const [text, int] = batch!.columns
  expect((text as TextColumn).strings).toBe((all.columns[0] as TextColumn).strings)
  expect(int!.valid).toBe(null)
  expect(rowsOf(batch!)).toEqual([
    ['b', 3],
    ['a', 1],
    [null, 2],
  ])
})
