/** Decimals: literal rows, and DuckDB on random ones and on the ends of the type. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnsOf } from '../../../sdk/expr/column.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { agreesWithDuckDB, Oracle } from './oracle.ts'
import { typed, values } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

const on = (expr: (t: Any) => unknown, a: unknown[], type = 'decimal(9,2)', b?: unknown[], typeB = type): unknown[] =>
  values(
    (b === undefined ? { a: type } : { a: type, b: typeB }) as Any,
    (b === undefined ? { a } : { a, b }) as Any,
    expr,
  )
const END = '9999999999999999.99'

describe('decimals', () => {
  test('text literals', () => {
    expect(on(t => t.a.add('0.10'), ['1.25'])).toEqual(['1.35'])
    expect(on(t => t.a.eq('1.25'), ['1.25'])).toEqual([true])
    expect(on(t => t.a.gt('1.2'), ['1.25'])).toEqual([true])
  })
  test('a literal of more digits is compared exactly', () => {
    expect(on(t => t.a.gt(1.255), ['1.25', '1.26'])).toEqual([false, true])
    expect(on(t => t.a.eq('1.250'), ['1.25'])).toEqual([true])
    expect(on(t => t.a.lt('1.2500000000001'), ['9999999999999999.99', '1.25'], 'decimal(18,2)')).toEqual([false, true])
    expect(on(t => t.a.isIn([0.125, 1.25]), ['0.12', '1.25'])).toEqual([false, true])
  })
  test('a literal of more digits is no term of a sum', () => {
    const message =
      ".add('0.105'): 0.105 has more digits than decimal(9,2) holds. Cast the column first: .cast('decimal(18,3)')"
    expect(() => on(t => t.a.add('0.105'), ['1.25'])).toThrow(message)
    expect(() => on(t => t.a.gt('0.1234567890123456789'), ['1.25'])).toThrow('more than the 18 digits')
    expect(() => on(t => t.a.gt('much'), ['1.25'])).toThrow("'much' is text")
  })
  test('with ints and floats', () => {
    expect(on(t => t.a.add(t.b), ['1.25'], 'decimal(9,2)', [2], 'int32')).toEqual(['3.25'])
    expect(on(t => t.a.mul(t.b), ['1.25'], 'decimal(9,2)', [0.5], 'float64')).toEqual([0.625])
    expect(on(t => t.a.eq(t.b), ['1.25'], 'decimal(9,2)', [1.25], 'float64')).toEqual([true])
    expect(on(t => t.a.lt(t.b), ['1.25'], 'decimal(9,2)', [2n], 'bigint')).toEqual([true])
  })
  test('int64 beyond', () => {
    expect(() => on(t => t.a.add(t.b), ['1.25'], 'decimal(18,9)', [2 ** 52], 'int64')).toThrow(
      't.b: decimal(18,9) overflow',
    )
  })
  test('comparison with a bigint beyond', () => {
    expect(on(t => t.a.lt(t.b), ['1.25'], 'decimal(9,2)', [2n ** 62n], 'bigint')).toEqual([true])
    expect(on(t => t.a.gt(t.b), ['9'], 'decimal(18,0)', ['0.5'], 'decimal(18,18)')).toEqual([true])
  })
  test('round to negative digits', () => {
    expect(on(t => t.a.round(-1), ['15.00', '-15.00', '14.99'])).toEqual(['20.00', '-20.00', '10.00'])
    expect(on(t => t.a.round(1), ['0.05', '-0.05'])).toEqual(['0.10', '-0.10'])
  })
  test('overflow', () => {
    expect(() => on(t => t.a.add(t.a), [END], 'decimal(18,2)')).toThrow('t.a.add(t.a)')
    expect(() => on(t => t.a.mul(t.a), [END], 'decimal(18,2)')).toThrow('t.a.mul(t.a)')
    expect(() => on(t => t.a.round(-2), [END], 'decimal(18,2)')).toThrow('overflow')
    expect(() => on(t => t.a.add(t.b), ['1.00'], 'decimal(18,0)', ['0.5'], 'decimal(18,18)')).toThrow('overflow')
  })
  test('mod', () => {
    expect(on(t => t.a.mod(t.b), ['-7.50'], 'decimal(9,2)', ['2.000'], 'decimal(9,3)')).toEqual(['-1.500'])
    expect(() => on(t => t.a.mod(0), ['1.00'])).toThrow('division by zero')
  })
  test('div brings both to one scale, and divides those as float64', () => {
    expect(on(t => t.a.div(t.b), ['0.3'], 'decimal(18,1)', ['0.1'])).toEqual([3])
    expect(on(t => t.a.div(t.b), ['0.30'], 'decimal(18,2)', ['0.1'], 'decimal(18,1)')).toEqual([3])
    expect(on(t => t.a.div(0.1), ['0.7'], 'decimal(18,1)')).toEqual([7])
    expect(on(t => t.a.div(3), ['999999999999999999'], 'decimal(18,0)')).toEqual([1e18 / 3])
    expect(on(t => t.a.div(t.b), [7], 'int32', ['0.7'], 'decimal(18,1)')).toEqual([10])
    expect(on(t => t.a.div(t.b), [2n ** 62n], 'bigint', ['0.5'], 'decimal(18,1)')).toEqual([2 ** 63])
    expect(() => on(t => t.a.div(t.b), ['1.0'], 'decimal(9,1)', ['0.0'])).toThrow('division by zero')
  })
  test('types', () => {
    const columns = { a: 'decimal(9,2)', b: 'decimal(5,3)' } as const
    expect(typed(columns, t => t.a.add(t.b)).type).toEqual({ kind: 'decimal', precision: 18, scale: 3 })
    expect(typed(columns, t => t.a.mul(t.b)).type).toEqual({ kind: 'decimal', precision: 18, scale: 5 })
    expect(typed(columns, t => t.a.mod(t.b)).type).toEqual({ kind: 'decimal', precision: 18, scale: 3 })
  })
})

describe('beside DuckDB', () => {
  let oracle: Oracle
  beforeAll(async () => {
    oracle = await Oracle.open()
  })
  afterAll(() => oracle.close())

  const columns = { a: 'decimal(18,2)?', b: 'decimal(18,9)?', c: 'decimal(5,3)', i: 'int32', j: 'bigint?' } as const
  const t: Any = columnsOf(Schema.of(columns), 'derive')
  const decimalOf = (digits: number, scale: number): fc.Arbitrary<string> => {
    const end = 10n ** BigInt(digits) - 1n
    const unscaled = fc.oneof(
      fc.bigInt({ min: -999n, max: 999n }),
      fc.bigInt({ min: -end, max: end }),
      fc.constantFrom(end, -end),
    )
    return unscaled.map(value => {
      const text = String(value < 0n ? -value : value).padStart(scale + 1, '0')
      return `${value < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`
    })
  }
  const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 6 })
  const rowOf = {
    a: orNull(decimalOf(18, 2)),
    b: orNull(decimalOf(18, 9)),
    c: decimalOf(5, 3),
    i: fc.oneof(fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31))),
    j: orNull(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }))),
  }
  const row = fc.record(rowOf)

  test('comparison, division, signs and whole parts at the ends of the type', async () => {
    const pairs = [
      [t.a, t.b],
      [t.b, t.c],
      [t.c, t.i],
      [t.a, t.j],
      [t.j, t.b],
    ] as const
    const exprs = [
      ...pairs.flatMap(([x, y]) => [x.lt(y), x.ge(y), x.eq(y), x.ne(y)]),
      ...pairs.map(([x, y]) => x.eq(y).or(x.eq(0)).or(y.eq(0))),
      ...[t.a, t.b, t.c].flatMap(x => [x.neg(), x.abs(), x.sign(), x.isIn([0.5, 999]), x.gt(0.123456)]),
      t.a.div(8),
      t.b.div(3),
      t.c.div(0.125),
      t.c.add(t.i),
      t.c.sub(t.c),
      t.c.mul(t.c),
      t.c.mul(t.i),
      t.c.round(1),
      t.c.floor(),
      t.c.ceil(),
      t.b.round(3),
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async rows => {
        const data = Object.fromEntries(Object.keys(columns).map(name => [name, rows.map(each => each[name as 'a'])]))
        expect(await agreesWithDuckDB(oracle, columns, data, exprs)).toBeGreaterThanOrEqual(exprs.length - 4) // rounding may leave the type
      }),
      { numRuns: 30 },
    )
  })

  test('quotients of decimals', async () => {
    const some = fc.record({ ...rowOf, c: decimalOf(5, 3).filter(text => Number(text) !== 0) })
    const exprs = [t.a.div(t.c), t.b.div(t.c), t.i.div(t.c), t.c.div(t.c), t.j.div(t.c), t.b.mod(t.c)]
    await fc.assert(
      fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 40 }), async rows => {
        const data = Object.fromEntries(Object.keys(columns).map(name => [name, rows.map(each => each[name as 'a'])]))
        expect(await agreesWithDuckDB(oracle, columns, data, exprs)).toBe(exprs.length)
      }),
      { numRuns: 30 },
    )
  })
})
