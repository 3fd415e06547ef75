/** Functions of numbers: literal values, and DuckDB on random ones, floats within 1e-12. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../../sdk/data/column.ts'
import { col } from '../../../sdk/expr/column.ts'
import { agreesWithDuckDB, Oracle } from './oracle.ts'
import { values } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

const on = (expr: (t: Any) => unknown, a: unknown[], type: string): unknown[] =>
  values({ a: type } as Any, { a } as Any, expr)

test('trunc keeps the type, and tests look at floats', () => {
  expect(on(t => t.a.trunc(), ['1.99', '-1.99', null], 'decimal(5,2)?')).toEqual(['1.00', '-1.00', null])
  expect(on(t => t.a.trunc(), [2.7, -2.7, NaN, Infinity], 'float64')).toEqual([2, -2, NaN, Infinity])
  expect(on(t => t.a.isNaN(), [NaN, 1, null], 'float64?')).toEqual([true, false, null])
  expect(on(t => t.a.isFinite(), [5], 'int32')).toEqual([true])
  expect(on(t => t.a.isInfinite(), [-Infinity, NaN], 'float64')).toEqual([true, false])
})

test('clip holds a value between two, NaN above all', () => {
  expect(on(t => t.a.clip(0, 10), [-5, 5, 15, null], 'int32?')).toEqual([0, 5, 10, null])
  expect(on(t => t.a.clip(0.5, 10), [NaN, 0, -Infinity], 'float64')).toEqual([10, 0.5, 0.5])
  expect(on(t => t.a.clip(1, 2), ['0.50', '1.50'], 'decimal(5,2)')).toEqual(['1.00', '1.50'])
})

test('bits are those of two’s complement, and what does not fit fails', () => {
  expect(on(t => t.a.bitAnd(-2), [5, -1], 'int32')).toEqual([4, -2])
  expect(on(t => t.a.bitXor(2 ** 40), [1, -1], 'int64')).toEqual([2 ** 40 + 1, -(2 ** 40) - 1])
  expect(on(t => t.a.bitOr(1n), [2n ** 62n], 'bigint')).toEqual([2n ** 62n + 1n])
  expect(on(t => t.a.shiftLeft(4), [3, -3], 'int32')).toEqual([48, -48])
  expect(on(t => t.a.shiftRight(1), [-5, 5], 'int64')).toEqual([-3, 2])
  expect(() => on(t => t.a.shiftLeft(31), [1], 'int32')).toThrow('int32 overflow')
  expect(() => on(t => t.a.shiftRight(-1), [1], 'int32')).toThrow('bits are shifted by 0 to 63, not by -1')
  expect(() => on(t => t.a.bitAnd(1), [1], 'float64')).toThrow('bitAnd takes whole numbers')
})

test('notIn is the opposite of isIn', () => {
  expect(on(t => t.a.notIn([1, 2]), [1, 3, null], 'int32?')).toEqual([false, true, null])
})

let oracle: Oracle
beforeAll(async () => {
  oracle = await Oracle.open()
})
afterAll(() => oracle.close())

const float = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, NaN, Infinity, -Infinity, 1e300, 5e-324, -1e-10),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
)
const int = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))

const near = (a: Value, b: Value): boolean => {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))
}

const NAMES = [
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'degrees',
  'radians',
  'log10',
  'log2',
  'cbrt',
  'trunc',
  'isNaN',
  'isFinite',
  'isInfinite',
]

test('numbers are those of DuckDB', async () => {
  const row = fc.record({ f: fc.option(float, { freq: 8 }), g: float, i: fc.option(int, { freq: 8 }), j: int })
  const exprs: Any[] = NAMES.flatMap(name => [col('f')[name](), col('i')[name]()])
  const [f, i]: Any[] = [col('f'), col('i')]
  exprs.push(
    f.atan2(col('g')),
    f.clip(-1, 1),
    i.clip(-3, 3),
    i.clip(-0.5, 3),
    f.clip(col('i'), 100),
    i.bitAnd(col('j')),
    i.bitOr(col('j')),
    i.bitXor(col('j')),
    i.shiftRight(3),
    i.cast('int64').bitXor(col('j')),
    i.cast('bigint').bitAnd(7n),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 40, maxLength: 40 }), async rows => {
      const data = { f: rows.map(r => r.f), g: rows.map(r => r.g), i: rows.map(r => r.i), j: rows.map(r => r.j) }
      await agreesWithDuckDB(oracle, { f: 'float64?', g: 'float64', i: 'int32?', j: 'int32' }, data, exprs, near)
    }),
    { numRuns: 10, endOnFailure: true },
  )
})
