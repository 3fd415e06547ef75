import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch, DELETE, INSERT } from '../../../sdk/data/batch.ts'
import { ColumnBuilder, columnOf } from '../../../sdk/data/builder.ts'
import { concat, slice, take, valueAt, type Column, type TextColumn, type Value } from '../../../sdk/data/column.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { scalar, type DataType } from '../../../sdk/data/type.ts'
import { anyType, cellOf } from './random.ts'

const valuesOf = (column: Column): Value[] => Array.from({ length: column.length }, (_, i) => valueAt(column, i))

interface Sample {
  readonly type: DataType
  readonly values: Value[]
}

const sample: fc.Arbitrary<Sample> = anyType.chain(type =>
  fc.record({ type: fc.constant(type), values: fc.array(cellOf({ type, nullable: true }), { maxLength: 12 }) }),
)

/** A column that was cut and put together again, so that offsets do not begin at 0 and dictionaries differ. */
const worn = ({ type, values }: Sample, at: number): Column => {
  const cut = at % (values.length + 1)
  const first = columnOf(type, values.slice(0, cut))
  const whole = columnOf(type, [...values, ...values])
  return concat([first, slice(whole, values.length + cut, 2 * values.length)])
}

describe('a column of any type', () => {
  test('holds what was put into it, cut and put together anyhow', () => {
    fc.assert(
      fc.property(sample, fc.nat(), (of, at) => {
        expect(valuesOf(columnOf(of.type, of.values))).toEqual(of.values)
        expect(valuesOf(worn(of, at))).toEqual(of.values)
      }),
      { numRuns: 400 },
    )
  })

  test('take gives the named rows, in that order and as often as named', () => {
    fc.assert(
      fc.property(sample, fc.nat(), fc.array(fc.nat(), { maxLength: 20 }), (of, at, picks) => {
        const rows = of.values.length === 0 ? [] : picks.map(pick => pick % of.values.length)
        const column = worn(of, at)
        const expected = rows.map(row => of.values[row])
        expect(valuesOf(take(column, Int32Array.from(rows)))).toEqual(expected)
        expect(valuesOf(take(column, Int32Array.from([...rows, 0, 0]), rows.length))).toEqual(expected)
        expect(valuesOf(column)).toEqual(of.values)
      }),
      { numRuns: 400 },
    )
  })

  test('slice gives the rows between, and slices put together are the whole', () => {
    fc.assert(
      fc.property(sample, fc.nat(), fc.nat(), fc.nat(), (of, at, a, b) => {
        const column = worn(of, at)
        const [from, to] = [a % (of.values.length + 1), b % (of.values.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ]
        const middle = slice(column, from, to)
        expect(valuesOf(middle)).toEqual(of.values.slice(from, to))
        const parts = [slice(column, 0, from), middle, slice(column, to, of.values.length)]
        expect(valuesOf(concat(parts))).toEqual(of.values)
        expect(valuesOf(concat([middle, middle]))).toEqual([...of.values.slice(from, to), ...of.values.slice(from, to)])
      }),
      { numRuns: 400 },
    )
  })

  test('without a missing value has no validity', () => {
    const column = columnOf(scalar('int32'), [1, null, 3])
    expect(column.valid).toEqual(Uint8Array.of(1, 0, 1))
    expect(take(column, Int32Array.of(0, 2)).valid).toBe(null)
    expect(columnOf(scalar('int32'), [1, 2]).valid).toBe(null)
  })
})

describe('texts', () => {
  test('of one dictionary stay in it when they are put together', () => {
    const column = columnOf(scalar('utf8'), ['a', 'b', 'a', null])
    const both = concat([slice(column, 0, 2), slice(column, 2, 4)])
    expect(both.layout === 'text' && column.layout === 'text' && both.strings === column.strings).toBe(true)
    expect(valuesOf(both)).toEqual(['a', 'b', 'a', null])
  })

  test('of some dictionaries come into one that has each of them once, unless it were longer than the rows', () => {
    const text = (strings: readonly string[], ...codes: number[]): TextColumn => ({
      layout: 'text',
      type: scalar('utf8'),
      length: codes.length,
      valid: null,
      strings,
      codes: Int32Array.from(codes),
    })
    const [ab, c, none] = [['a', 'b'], ['c'], [] as string[]]
    const all = concat([text(none), text(ab, 1, 1), text(c, 0, 0), text(ab, 0)]) as TextColumn
    expect(all.strings).toEqual(['a', 'b', 'c'])
    expect(valuesOf(all)).toEqual(['b', 'b', 'c', 'c', 'a'])
    const same = concat([text(none), text(ab, 1), text(none), text(ab, 0)]) as TextColumn
    expect(same.strings).toBe(ab)
    const few = concat([text(ab, 1), text(c, 0)]) as TextColumn
    expect(few.codes).toBe(null)
    expect(few.strings).toEqual(['b', 'c'])
  })

  test('with and without codes mix', () => {
    const plain: Column = {
      layout: 'text',
      type: scalar('utf8'),
      length: 2,
      valid: null,
      strings: ['x', 'y'],
      codes: null,
    }
    const coded = columnOf(scalar('utf8'), ['y', null, 'x'])
    expect(valuesOf(concat([plain, coded]))).toEqual(['x', 'y', 'y', null, 'x'])
    expect(valuesOf(concat([plain, plain]))).toEqual(['x', 'y', 'x', 'y'])
    expect(valuesOf(take(plain, Int32Array.of(1, 1, 0)))).toEqual(['y', 'y', 'x'])
    expect(valuesOf(slice(plain, 1, 2))).toEqual(['y'])
  })
})

test('a builder grows past its first size, with its nulls', () => {
  const builder = new ColumnBuilder(scalar('float64'))
  const values = Array.from({ length: 1000 }, (_, i) => (i % 17 === 3 ? null : i / 3))
  for (const value of values) builder.push(value)
  expect(builder.length).toBe(1000)
  expect(valuesOf(builder.finish())).toEqual(values)
})

test('a sparse vector with an index beyond its size is refused', () => {
  const type: DataType = { kind: 'vector', size: 3, sparse: true }
  const outside = { indices: Int32Array.of(3), values: Float64Array.of(1) }
  expect(() => columnOf(type, [outside])).toThrow('index 3 is outside sparse(3)')
})

describe('a batch', () => {
  const schema = Schema.of({ i: 'int32', s: 'utf8?' })
  const batch = new Batch(schema, 3, [columnOf(scalar('int32'), [1, 2, 3]), columnOf(scalar('utf8'), ['a', null, 'c'])])
  const changed = new Batch(schema, 3, batch.columns, Uint8Array.of(INSERT, DELETE, INSERT))
  const rows = (of: Batch): Value[][] =>
    Array.from({ length: of.length }, (_, i) => of.columns.map(column => valueAt(column, i)))

  test('is taken, cut and put together by rows, with their kinds', () => {
    expect(rows(batch.take(Int32Array.of(2, 0)))).toEqual([
      [3, 'c'],
      [1, 'a'],
    ])
    expect(changed.take(Int32Array.of(2, 1)).kinds).toEqual(Uint8Array.of(INSERT, DELETE))
    expect(changed.slice(1, 2).kinds).toEqual(Uint8Array.of(DELETE))
    const both = Batch.concat(schema, [batch, changed])
    expect(both.kinds).toEqual(Uint8Array.of(0, 0, 0, INSERT, DELETE, INSERT))
    expect(rows(both)).toEqual([...rows(batch), ...rows(batch)])
    expect(Batch.concat(schema, [batch, batch]).kinds).toBe(null)
    expect(Batch.concat(schema, [batch])).toBe(batch)
    expect(batch.slice(0, 3)).toBe(batch)
  })

  test('may be empty, with every column', () => {
    const all = Schema.of({
      a: 'int32',
      b: 'utf8[]',
      c: 'vector(2)',
      d: { e: 'bigint?' },
      f: 'map(utf8,bool)',
      g: 'sparse(2)',
    })
    const empty = Batch.empty(all)
    expect(empty.length).toBe(0)
    expect(empty.columns.map(column => column.length)).toEqual([0, 0, 0, 0, 0, 0])
    expect(Batch.concat(all, []).columns.length).toBe(6)
    expect(Batch.concat(all, [empty, empty]).length).toBe(0)
  })

  test('keeps its rows when its columns change, and finds a column by name', () => {
    const only = changed.with(schema.pick(['s']), [changed.column('s')])
    expect(rows(only)).toEqual([['a'], [null], ['c']])
    expect(only.kinds).toBe(changed.kinds)
  })
})
