/** Slots of keys in small ranges: the same as those of a table that hashes, whatever order and ranges come. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnOf } from '../../../../sdk/data/builder.ts'
import type { Column, Value } from '../../../../sdk/data/column.ts'
import { parseType } from '../../../../sdk/data/type.ts'
import { KeyTable } from '../../../../sdk/engine/state/key-table.ts'

const INT = parseType('int32?')
const TEXT = parseType('utf8?')

const words = ['', 'a', 'b', '😀', 'a'] // equal entries may stand twice

function text(codes: readonly (number | null)[], strings: readonly string[]): Column {
  const missing = codes.includes(null)
  return {
    layout: 'text',
    type: TEXT.type,
    length: codes.length,
    valid: missing ? Uint8Array.from(codes, code => (code === null ? 0 : 1)) : null,
    strings,
    codes: Int32Array.from(codes, code => code ?? 99),
  }
}

const ints = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -300, max: 300 }),
  fc.constantFrom(null, -(2 ** 31), 2 ** 31 - 1),
)
const rows = fc.array(fc.tuple(ints, fc.option(fc.nat(words.length - 1))), { minLength: 1, maxLength: 20 })

const close = fc.array(fc.tuple(fc.option(fc.integer({ min: 0, max: 9 })), fc.option(fc.nat(words.length - 1))), {
  minLength: 1,
  maxLength: 20,
})

test('equal keys have one slot through any batches, and keys come back', () => {
  const batches = fc.array(fc.record({ rows: fc.oneof(rows, close), again: fc.boolean() }), { maxLength: 8 })
  const act = fc.constantFrom('nothing', 'restore', 'remove')
  fc.assert(
    fc.property(batches, fc.nat(8), act, (given, at, what) => {
      let table = new KeyTable([INT, TEXT])
      const known = new Map<string, number>()
      let strings: readonly string[] = words
      for (const [b, batch] of given.entries()) {
        if (b === at && what === 'restore') {
          const state = structuredClone(table.snapshot())
          table = new KeyTable([INT, TEXT])
          table.restore(state)
        }
        if (b === at && what === 'remove' && known.size > 0) {
          const [key, slot] = [...known][0]!
          table.remove(Int32Array.of(slot), 1)
          known.delete(key)
        }
        if (!batch.again) strings = [...words]
        const keys: (readonly [Value, string | null])[] = batch.rows.map(([i, c]) => [i, c === null ? null : words[c]!])
        const columns = [
          columnOf(
            INT.type,
            keys.map(([i]) => i),
          ),
          text(
            batch.rows.map(([, c]) => c),
            strings,
          ),
        ]
        const slots = new Int32Array(keys.length)
        table.slots(columns, keys.length, slots)
        const texts = keys.map(key => JSON.stringify(key))
        for (const [row, key] of texts.entries()) {
          const slot = known.get(key)
          const taken = [...known.values()].includes(slots[row]!)
          expect(slot === undefined ? !taken : slots[row] === slot).toBe(true)
          known.set(key, slots[row]!)
        }
        expect(table.size).toBe(known.size)
      }
    }),
    { numRuns: 300 },
  )
})

test('an integer far outside of the range before is found all the same', () => {
  const table = new KeyTable([parseType('int32')])
  const slots = (...values: number[]): number[] => {
    const out = new Int32Array(values.length)
    table.slots([columnOf({ kind: 'int32' }, values)], values.length, out)
    return [...out]
  }
  expect(slots(1, 2, 1)).toEqual([0, 1, 0])
  expect(slots(2, 2 ** 31 - 1, -(2 ** 31))).toEqual([1, 2, 3])
  expect(slots(-(2 ** 31), 1, 3)).toEqual([3, 0, 4])
})
