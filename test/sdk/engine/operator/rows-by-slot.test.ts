/** Rows by slot: the order within a slot through moves, and what is left when slots are cleared. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Schema } from '../../../../sdk/data/schema.ts'
import { valueAt } from '../../../../sdk/data/column.ts'
import { RowsBySlot } from '../../../../sdk/engine/operator/rows-by-slot.ts'
import { batchOf } from '../../../laws/drive.ts'

const schema = Schema.of({ n: 'int32' })
const SLOTS = 5

function filled(slots: readonly number[]): RowsBySlot {
  const rows = new RowsBySlot(schema)
  rows.grow(SLOTS)
  const batch = batchOf(
    schema,
    slots.map((_, n) => [n]),
  )
  rows.add(batch, Int32Array.from(slots))
  return rows
}

function numbersOf(rows: RowsBySlot, slot: number, most?: number): unknown[] {
  const { rows: batch } = rows.rowsOf(Int32Array.of(slot), most)
  return Array.from({ length: batch.length }, (_, i) => valueAt(batch.columns[0]!, i))
}

test('a slot that others were moved into keeps all rows when it is moved itself', () => {
  const rows = filled([0, 1, 0, 2, 1])
  rows.move(1, 0)
  rows.move(0, 2)
  expect(numbersOf(rows, 2)).toEqual([0, 1, 2, 3, 4])
  expect(numbersOf(rows, 2, 2)).toEqual([3, 4])
  expect([rows.has(0), rows.has(1), rows.has(2)]).toEqual([false, false, true])
})

test('what slots hold is what lists hold, through moves, clearing and a snapshot', () => {
  const slot = fc.nat({ max: SLOTS - 1 })
  const step = fc.oneof(
    fc.record({ move: fc.tuple(slot, slot) }),
    fc.record({ clear: slot, most: fc.nat({ max: 3 }) }),
    fc.record({ copy: fc.constant(true) }),
  )
  fc.assert(
    fc.property(fc.array(slot, { minLength: 1, maxLength: 40 }), fc.array(step, { maxLength: 12 }), (slots, steps) => {
      let rows = filled(slots)
      const lists = Array.from({ length: SLOTS }, (_, s) => slots.flatMap((each, n) => (each === s ? [n] : [])))
      for (const each of steps) {
        if ('move' in each) {
          const [from, into] = each.move
          if (from === into) continue
          rows.move(from, into)
          lists[into] = [...lists[into]!, ...lists[from]!].sort((a, b) => a - b)
          lists[from] = []
        } else if ('clear' in each) {
          rows.clear(Int32Array.of(each.clear), each.most)
          lists[each.clear] = each.most === 0 ? [] : lists[each.clear]!.slice(-each.most)
        } else {
          const copy = new RowsBySlot(schema)
          copy.restore(structuredClone(rows.snapshot()))
          rows = copy
        }
      }
      expect(lists.map((_, s) => numbersOf(rows, s))).toEqual(lists)
    }),
  )
})
