/** Rows kept side by side are the rows that came, whatever their types, dictionaries and nulls. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batch } from '../../../../sdk/data/batch.ts'
import { columnOf } from '../../../../sdk/data/builder.ts'
import { valueAt, type TextColumn, type Value } from '../../../../sdk/data/column.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { scalar, type Field } from '../../../../sdk/data/type.ts'
import { RowStore } from '../../../../sdk/engine/operator/row-store.ts'
import { atOnce } from '../../../../sdk/engine/operator/radix-sort.ts'
import { anyType, cellOf } from '../../data/random.ts'

const rowsOf = (batch: Batch): Value[][] =>
  Array.from({ length: batch.length }, (_, i) => batch.columns.map(column => valueAt(column, i)))

const fields: fc.Arbitrary<Field[]> = fc
  .array(fc.record({ type: anyType, nullable: fc.boolean() }), { maxLength: 6 })
  .map(types => types.map((type, i) => ({ name: `c${i}`, ...type })))

test('taken in any order, rows are those that came', () => {
  const cases = fields.chain(all =>
    fc.record({
      all: fc.constant(all),
      rows: fc.array(fc.tuple(...all.map(cellOf)), { minLength: 1, maxLength: 20 }),
      cuts: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 20 }),
      picks: fc.array(fc.nat(), { maxLength: 40 }),
    }),
  )
  fc.assert(
    fc.property(cases, ({ all, rows, cuts, picks }) => {
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
      const order = picks.map(pick => pick % rows.length)
      const store = atOnce(RowStore.of(schema, parts))
      expect(rowsOf(store.take(Int32Array.from(order)))).toEqual(order.map(row => rows[row]))
    }),
    { numRuns: 300 },
  )
})

test('texts stay in the dictionary that their batches share, and a column without a null has no validity', () => {
  const schema = Schema.of({ t: 'utf8?' })
  const all = new Batch(schema, 4, [columnOf(scalar('utf8'), ['a', null, 'b', 'a'])])
  const [column] = atOnce(RowStore.of(schema, [all.slice(0, 2), all.slice(2, 4)])).take(Int32Array.of(3, 2)).columns
  expect((column as TextColumn).strings).toBe((all.columns[0] as TextColumn).strings)
  expect(column!.valid).toBe(null)
  expect([valueAt(column!, 0), valueAt(column!, 1)]).toEqual(['a', 'b'])
})
