/** The greatest and least of a row, null for a value, values by a table: literal rows, and DuckDB on random ones. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { col, greatest, least } from '../../../sdk/expr/column.ts'
import { agreesWithDuckDB, Oracle } from './oracle.ts'
import { typed, values } from './table.ts'

let oracle: Oracle
beforeAll(async () => {
  oracle = await Oracle.open()
})
afterAll(() => oracle.close())

test('greatest and least pass over nulls, and NaN is the greatest', () => {
  const columns = { a: 'float64?', b: 'float64?', i: 'int32' } as const
  const data = { a: [1, NaN, null, null], b: [2, 5, 3, null], i: [0, 0, 9, 0] }
  expect(values(columns, data, t => greatest(t.a, t.b))).toEqual([2, NaN, 3, null])
  expect(values(columns, data, t => least(t.a, t.b))).toEqual([1, 5, 3, null])
  expect(values(columns, data, t => least(t.a, t.b, t.i))).toEqual([0, 0, 3, 0])
  expect(typed(columns, t => greatest(t.a, t.i))).toMatchObject({ type: { kind: 'float64' }, nullable: false })
  expect(typed(columns, t => greatest(t.a, t.b))).toMatchObject({ nullable: true })
})

test('greatest goes by code point, and widens decimals and times', () => {
  expect(values({ a: 'utf8' }, { a: ['\u{1F600}', 'a'] }, t => greatest(t.a, '\uFF61'))).toEqual([
    '\u{1F600}',
    '\uFF61',
  ])
  expect(values({ a: 'decimal(5,2)' }, { a: ['1.50', '3.00'] }, t => least(t.a, 2))).toEqual(['1.50', '2.00'])
  expect(values({ a: 'date' }, { a: ['2001-01-02'] }, t => greatest(t.a, '2001-01-01'))).toEqual(['2001-01-02'])
  expect(values({ a: 'bigint?' }, { a: [2n ** 62n, null] }, t => greatest(t.a, 7n))).toEqual([2n ** 62n, 7n])
})

test('nullIf makes null of a value, NaN too, and keeps nulls', () => {
  expect(values({ a: 'int32?' }, { a: [5, -99, null] }, t => t.a.nullIf(-99))).toEqual([5, null, null])
  expect(values({ a: 'float64' }, { a: [NaN, 1] }, t => t.a.nullIf(NaN))).toEqual([null, 1])
  expect(values({ a: 'utf8', b: 'utf8?' }, { a: ['', 'x'], b: ['', null] }, t => t.a.nullIf(t.b))).toEqual([null, 'x'])
  expect(values({ a: 'int32[]?' }, { a: [[1], [2], null] }, () => col('a').nullIf([1]))).toEqual([null, [2], null])
  expect(() => typed({ a: 'int32' }, () => col('a').nullIf('x'))).toThrow('nullIf takes a value of the same type')
})

test('mapValues looks values up; what is not listed is otherwise, and null is null', () => {
  const texts = { a: ['OSL', 'ZZZ', null, 'constructor'] }
  expect(values({ a: 'utf8?' }, texts, t => t.a.mapValues({ OSL: 'Oslo' }))).toEqual(['Oslo', null, null, null])
  expect(values({ a: 'utf8?' }, texts, t => t.a.mapValues({ OSL: 1, ZZZ: 0 }, -1))).toEqual([1, 0, null, -1])
  expect(values({ a: 'int64' }, { a: [1, -2, 3] }, t => t.a.mapValues({ 1: 'a', [-2]: 'b' }, ''))).toEqual([
    'a',
    'b',
    '',
  ])
  expect(values({ a: 'bigint' }, { a: [1n] }, t => t.a.mapValues({ 1: 0.5 }))).toEqual([0.5])
  const text = 't.a.mapValues({ 1: 1.5 }, 2)'
  expect(typed({ a: 'int32' }, t => t.a.mapValues({ 1: 1.5 }, 2))).toMatchObject({
    type: { kind: 'float64' },
    nullable: false,
  })
  expect(String(col('a').mapValues({ 1: 1.5 }, 2))).toBe(text)
})

test('a table that does not fit the column is refused', () => {
  const refused = (table: object, type: 'int32' | 'utf8' | 'bool' = 'int32'): (() => unknown) => {
    return () => typed({ a: type }, () => col('a').mapValues(table))
  }
  expect(refused({})).toThrow('mapValues takes values by what they stand for')
  expect(refused({ x: 1 })).toThrow(`"a" is int32, which has no value 'x'`)
  expect(refused({ 3000000000: 1 })).toThrow(`"a" is int32, which has no value '3000000000'`)
  expect(refused({ 1: 'a', 2: 2 })).toThrow('all of one kind')
  expect(refused({ 1: true })).toThrow('all of one kind')
  expect(refused({ 1: 1 }, 'bool')).toThrow('mapValues takes text or whole numbers')
})

test('choices are those of DuckDB', async () => {
  const float = fc.option(fc.constantFrom(0, 1, -1.5, NaN, Infinity, -Infinity, 1e300))
  const int = fc.option(fc.constantFrom(-(2 ** 31), -1, 0, 1, 2 ** 31 - 1))
  const text = fc.option(fc.constantFrom('', 'a', 'b', `it's`, '\u{1F600}', '\uFF61'))
  const rows = fc.array(fc.tuple(float, float, int, text, text), { minLength: 1, maxLength: 30 })
  const [f, g, i, s, u] = ['f', 'g', 'i', 's', 'u'].map(col)
  const exprs = [
    greatest(f, g),
    least(f, g, i),
    greatest(i, 0),
    least(s, u),
    greatest(s, u, 'a'),
    f.nullIf(g),
    i.nullIf(-1),
    s.nullIf(u),
    s.mapValues({ a: 1, [`it's`]: 2 }),
    s.mapValues({ a: `it's`, '': 'none' }, '-'),
    i.mapValues({ 0: 0.5, [-1]: NaN }, Infinity),
    i.mapValues({ 0: 3e9, 1: -1 }),
  ]
  await fc.assert(
    fc.asyncProperty(rows, async found => {
      const column = (k: 0 | 1 | 2 | 3 | 4): unknown[] => found.map(row => row[k])
      const data = { f: column(0), g: column(1), i: column(2), s: column(3), u: column(4) }
      const columns = { f: 'float64?', g: 'float64?', i: 'int32?', s: 'utf8?', u: 'utf8?' } as const
      expect(await agreesWithDuckDB(oracle, columns, data, exprs, Object.is)).toBe(exprs.length)
    }),
    { numRuns: 15 },
  )
})
