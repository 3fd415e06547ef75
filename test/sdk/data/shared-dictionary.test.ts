/** One dictionary for the texts of many batches: the rows stay what they were, and unique texts stay as they are. */
import { expect, test } from 'vitest'
import { Batch } from '../../../sdk/data/batch.ts'
import { valueAt, type TextColumn } from '../../../sdk/data/column.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { withSharedDictionaries } from '../../../sdk/data/shared-dictionary.ts'

const schema = Schema.of({ t: 'utf8?' })

function batch(strings: readonly string[], codes: readonly number[] | null, missing: readonly number[] = []): Batch {
  const length = codes?.length ?? strings.length
  const valid = missing.length === 0 ? null : Uint8Array.from({ length }, (_, i) => (missing.includes(i) ? 0 : 1))
  const column: TextColumn = {
    layout: 'text',
    type: { kind: 'utf8' },
    length,
    valid,
    strings,
    codes: codes === null ? null : Int32Array.from(codes),
  }
  return new Batch(schema, length, [column])
}

const values = (batches: readonly Batch[]): unknown[] =>
  batches.flatMap(({ columns, length }) => Array.from({ length }, (_, i) => valueAt(columns[0]!, i)))

test('batches with dictionaries of their own, and with none, come to share one', () => {
  const given = [
    batch(['b', 'a', 'unused'], [0, 1, 0, 1, 0], [4]),
    batch(['a', 'c', 'a', 'a', ''], null, [4]),
    batch(['c', 'c'], [0, 1, 1, 0]),
    batch(['a', 'b', 'c'], [2, 1, 0, 0, 0, 0]),
  ]
  const shared = withSharedDictionaries(schema, given)
  expect(values(shared)).toEqual(values(given))
  const dictionaries = new Set(shared.map(({ columns }) => (columns[0] as TextColumn).strings))
  expect([...dictionaries]).toEqual([['b', 'a', 'unused', 'c']])
})

test('rows that are all missing share a dictionary too', () => {
  const given = [batch([''], [0, 0], [0, 1]), batch(['', '', ''], null, [0, 1, 2])]
  expect(values(withSharedDictionaries(schema, given))).toEqual([null, null, null, null, null])
})

test('texts that hardly repeat stay as they are', () => {
  const part = (from: number): Batch =>
    batch(
      Array.from({ length: 40_000 }, (_, i) => `text ${from + i}`),
      null,
    )
  const given = [part(0), part(40_000), part(80_000)]
  expect(withSharedDictionaries(schema, given)).toBe(given)
  const few = [batch(['a', 'b'], null), batch(['c', 'd'], null)]
  expect(withSharedDictionaries(schema, few)).toBe(few)
})
