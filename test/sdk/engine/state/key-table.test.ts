import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnOf } from '../../../../sdk/data/builder.ts'
import { valueAt, type Column, type TextColumn, type Value } from '../../../../sdk/data/column.ts'
import { parseType, type TypeText } from '../../../../sdk/data/type.ts'
import { KeyTable } from '../../../../sdk/engine/state/key-table.ts'

const column = (type: TypeText, values: readonly Value[]): Column => columnOf(parseType(type).type, values)
const table = (...types: TypeText[]): KeyTable => new KeyTable(types.map(parseType))

function slots(keys: KeyTable, columns: readonly Column[]): number[] {
  const length = columns[0]?.length ?? 0
  const out = new Int32Array(length)
  keys.slots(columns, length, out)
  return [...out]
}

function keysOf(keys: KeyTable, slots: readonly number[]): Value[][] {
  const columns = keys.columns(Int32Array.from(slots), slots.length)
  return slots.map((_, row) => columns.map(column => valueAt(column, row)))
}

describe('equal keys have one slot', () => {
  test('null is a group of its own, in every type', () => {
    expect(slots(table('int32?'), [column('int32?', [0, null, 0, null])])).toEqual([0, 1, 0, 1])
    expect(slots(table('float64?'), [column('float64?', [0, null, 0, null])])).toEqual([0, 1, 0, 1])
    expect(slots(table('utf8?'), [column('utf8?', ['', null, '', null])])).toEqual([0, 1, 0, 1])
    expect(slots(table('bigint?'), [column('bigint?', [0n, null, 0n, null])])).toEqual([0, 1, 0, 1])
    expect(slots(table('binary?'), [column('binary?', [new Uint8Array(0), null])])).toEqual([0, 1])
  })

  test('NaN equals NaN, and −0 equals 0', () => {
    expect(slots(table('float64'), [column('float64', [NaN, 0, -0, NaN, 1])])).toEqual([0, 1, 1, 0, 2])
  })

  test('which column is null matters', () => {
    const [a, b] = [column('int32?', [null, 0, null]), column('int32?', [0, null, null])]
    expect(slots(table('int32?', 'int32?'), [a, b])).toEqual([0, 1, 2])
  })

  test('whole 64-bit integers and binary values are compared', () => {
    expect(slots(table('bigint'), [column('bigint', [1n, 1n + 2n ** 32n, 1n])])).toEqual([0, 1, 0])
    const bytes = [Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2)]
    expect(slots(table('binary'), [column('binary', bytes)])).toEqual([0, 1, 0])
  })

  test('text has one slot across dictionaries and plain strings', () => {
    const keys = table('utf8')
    expect(slots(keys, [column('utf8', ['OSL', 'FCO', 'OSL'])])).toEqual([0, 1, 0])
    const type = parseType('utf8').type
    const other: TextColumn = {
      layout: 'text',
      type,
      length: 3,
      valid: null,
      strings: ['unused', 'FCO', 'TRD', 'FCO'],
      codes: Int32Array.of(3, 2, 1),
    }
    expect(slots(keys, [other])).toEqual([1, 2, 1])
    const plain: TextColumn = { layout: 'text', type, length: 2, valid: null, strings: ['TRD', 'BGO'], codes: null }
    expect(slots(keys, [plain])).toEqual([2, 3])
  })

  test('a table without columns has one key', () => {
    const out = new Int32Array(3)
    const keys = new KeyTable([])
    keys.slots([], 3, out)
    expect([...out]).toEqual([0, 0, 0])
  })
})

test('find gives −1 for unknown keys and for keys with a null part', () => {
  const keys = table('utf8?', 'int32?')
  slots(keys, [column('utf8?', ['a', null]), column('int32?', [1, 2])])
  const out = new Int32Array(4)
  keys.find([column('utf8?', ['a', 'a', null, 'z']), column('int32?', [1, 2, 2, 1])], 4, out)
  expect([...out]).toEqual([0, -1, -1, -1])
  expect(keys.size).toBe(2)
})

test('find takes null for a value like others where it is told so', () => {
  const [n, i] = [column('utf8?', ['a', null, null]), column('int32?', [null, 2, null])]
  const keys = table('utf8?', 'int32?')
  slots(keys, [n, i])
  const out = new Int32Array(5)
  const looked = [column('utf8?', [null, null, 'a', 'a', 'z']), column('int32?', [null, 2, null, 2, null])]
  keys.find(looked, 5, out, { nulls: true })
  expect([...out]).toEqual([2, 1, 0, -1, -1])
  expect(keys.size).toBe(3)
})

test('a removed slot is given to the next new key', () => {
  const keys = table('int32')
  slots(keys, [column('int32', [10, 20, 30])])
  keys.remove(Int32Array.of(1), 1)
  expect(keys.size).toBe(2)
  expect(slots(keys, [column('int32', [30, 40, 10, 20])])).toEqual([2, 1, 0, 3])
})

test('keys keep their slots while others are removed, one by one', () => {
  const values = Array.from({ length: 500 }, (_, i) => i * 7919)
  const keys = table('int32')
  expect(slots(keys, [column('int32', values)])).toEqual(values.map((_, i) => i))
  for (let gone = 0; gone < 400; gone += 3) {
    keys.remove(Int32Array.of(gone), 1)
    const left = values.flatMap((value, i) => (i % 3 === 0 && i <= gone ? [] : [{ value, i }]))
    const found = slots(keys, [
      column(
        'int32',
        left.map(each => each.value),
      ),
    ])
    expect(found).toEqual(left.map(each => each.i))
  }
})

test('keys keep their slots when the texts of others are forgotten', () => {
  const keys = table('utf8', 'int32')
  const values = Array.from({ length: 3000 }, (_, i) => i)
  const of = (from: number): Column[] => [
    column(
      'utf8',
      values.slice(from).map(i => `text ${i}`),
    ),
    column('int32', values.slice(from)),
  ]
  slots(keys, of(0))
  keys.remove(Int32Array.from(values.slice(0, 2990)), 2990)
  expect(slots(keys, of(2990))).toEqual(values.slice(2990))
  expect(keysOf(keys, [2995])).toEqual([['text 2995', 2995]])
})

test('texts of removed keys are forgotten in time', () => {
  const keys = table('utf8')
  for (let round = 0; round < 20; round++) {
    const mine = slots(keys, [
      column(
        'utf8',
        Array.from({ length: 500 }, (_, i) => `${round}/${i}`),
      ),
    ])
    keys.remove(Int32Array.from(mine), 500)
  }
  const left = slots(keys, [column('utf8', ['stays'])])
  expect(keysOf(keys, left)).toEqual([['stays']])
  expect(keys.snapshot().values[0]!.length).toBeLessThan(2000)
})

test('keys keep their slots while the ranges of their parts grow, on either side and to all there is', () => {
  const ends = [0, 1, -1, 100, -100, 65_535, 2 ** 31 - 1, -(2 ** 31)]
  const rows = ends.flatMap((wide, i) => [null, -1 - i, i].map((narrow): Value[] => [narrow, wide, i % 3 === 0]))
  const columns = (some: readonly Value[][]): Column[] =>
    (['int32?', 'int32', 'bool'] as const).map((type, k) =>
      column(
        type,
        some.map(row => row[k]!),
      ),
    )
  const keys = table('int32?', 'int32', 'bool')
  const known = new Map<string, number>()
  for (let most = 1; most <= rows.length; most++) {
    const some = rows.slice(0, most)
    const next = new Int32Array(1)
    keys.find(columns(rows.slice(most - 1, most)), 1, next, { nulls: true })
    expect(next[0]).toBe(known.get(JSON.stringify(rows[most - 1])) ?? -1)
    const found = slots(keys, columns(some))
    for (const [i, row] of some.entries()) {
      const slot = known.get(JSON.stringify(row)) ?? known.size
      known.set(JSON.stringify(row), slot)
      expect(found[i]).toBe(slot)
    }
    expect(keysOf(keys, found)).toEqual(some)
  }
})

const keyRow = fc.tuple(
  fc.option(fc.constantFrom('a', 'b', 'ab', '', 'ä')),
  fc.option(fc.oneof(fc.constantFrom(NaN, 0, -0, 0.5, 2 ** 40), fc.integer({ min: -3, max: 3 }))),
  fc.option(fc.integer({ min: -2, max: 2 })),
)

test('slots agree with a map of texts, through removals and a snapshot', () => {
  const step = fc.record({ rows: fc.array(keyRow, { maxLength: 30 }), remove: fc.array(fc.nat()), copy: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), steps => {
      let keys = table('utf8?', 'float64?', 'int32?')
      const model = new Map<string, number>()
      const textOf = (row: readonly Value[]): string =>
        JSON.stringify(row.map(v => (typeof v === 'number' ? String(v + 0) : v)))
      for (const { rows, remove, copy } of steps) {
        const columns = [
          column(
            'utf8?',
            rows.map(row => row[0]),
          ),
          column(
            'float64?',
            rows.map(row => row[1]),
          ),
          column(
            'int32?',
            rows.map(row => row[2]),
          ),
        ]
        for (const [i, slot] of slots(keys, columns).entries()) {
          const text = textOf(rows[i]!)
          const taken = [...model].find(([, other]) => other === slot)?.[0] ?? text
          expect([taken, model.get(text) ?? slot]).toEqual([text, slot])
          model.set(text, slot)
          expect(textOf(keysOf(keys, [slot])[0]!)).toBe(text)
        }
        for (const pick of remove) {
          const gone = [...model][pick % Math.max(1, model.size)]
          if (gone === undefined) continue
          model.delete(gone[0])
          keys.remove(Int32Array.of(gone[1]), 1)
        }
        expect(keys.size).toBe(model.size)
        if (!copy) continue
        const state = structuredClone(keys.snapshot())
        keys = table('utf8?', 'float64?', 'int32?')
        keys.restore(state)
      }
    }),
  )
})

test('keys of seventy parts are told apart by any of them, null or not, through a snapshot', () => {
  const wide = Array.from({ length: 70 }, (_, i) => (['int32?', 'float64?', 'bigint?', 'utf8?'] as const)[i % 4]!)
  const values = [
    [0, 1],
    [0, 0.5],
    [0n, 1n],
    ['', 'a'],
  ] as const
  const plain = wide.map((_, i): Value => values[i % 4]![0])
  const changed = (part: number, value: Value): Value[] => plain.map((old, i) => (i === part ? value : old))
  const rows = [plain, ...wide.flatMap((_, i) => [changed(i, null), changed(i, values[i % 4]![1])])]
  const columns = wide.map((type, i) =>
    column(
      type,
      rows.map(row => row[i]!),
    ),
  )
  const keys = table(...wide)
  const all = rows.map((_, i) => i)
  expect(slots(keys, columns)).toEqual(all)
  expect(slots(keys, columns)).toEqual(all)
  expect(keysOf(keys, all)).toEqual(rows)
  const copy = table(...wide)
  copy.restore(structuredClone(keys.snapshot()))
  expect(slots(copy, columns)).toEqual(all)
  const found = new Int32Array(rows.length)
  copy.find(columns, rows.length, found)
  expect([...found]).toEqual(rows.map((row, i) => (row.includes(null) ? -1 : i)))
})

test('keys keep the dictionary that all rows had, until another comes or it grows', () => {
  const coded = (strings: readonly string[], codes: readonly number[]): Column => ({
    layout: 'text',
    type: { kind: 'utf8' },
    length: codes.length,
    valid: null,
    strings,
    codes: Int32Array.from(codes),
  })
  const cities = ['Oslo', 'Rome', 'Bern']
  const keys = table('utf8?')
  expect(slots(keys, [coded(cities, [2, 0, 2])])).toEqual([0, 1, 0])
  expect((keys.columns(Int32Array.of(0, 1), 2)[0] as TextColumn).strings).toBe(cities)
  expect(slots(keys, [coded(['Bern', 'Kyiv', 'Kyiv'], [2, 0, 1])])).toEqual([2, 0, 2])
  expect(keysOf(keys, [0, 1, 2])).toEqual([['Bern'], ['Oslo'], ['Kyiv']])
  keys.clear()
  expect(slots(keys, [coded(cities, [1, 1, 2])])).toEqual([0, 0, 1])
  cities.push('Rome', 'Lima')
  expect(slots(keys, [coded(cities, [3, 1, 4])])).toEqual([0, 0, 2])
  expect(keysOf(keys, [0, 1, 2])).toEqual([['Rome'], ['Bern'], ['Lima']])
})
