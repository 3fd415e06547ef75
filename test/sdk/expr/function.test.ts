/** What each function gives for literal values, by generated code and by the interpreter. */
import { describe, expect, test } from 'vitest'
import { lit, udf, when } from '../../../sdk/expr/column.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { values } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

/** Values of an expression on columns `a` and `b`. */
function on(type: string, expr: (t: Any) => unknown, a: unknown[], b?: unknown[], typeB: string = type): unknown[] {
  const columns = (b === undefined ? { a: type } : { a: type, b: typeB }) as Columns
  return values(columns, b === undefined ? { a } : { a, b }, expr)
}

describe('arithmetic', () => {
  test.each([
    ['add', [1, null, -5], [2, 2, null], [3, null, null]],
    ['sub', [1, null, -5], [2, 2, 5], [-1, null, -10]],
    ['mul', [3, -4, 0], [2, 0, -1], [6, 0, 0]],
    ['mod', [7, -7, 7, -4], [3, 3, -3, 2], [1, -1, 1, 0]],
    ['div', [7, -7, null], [2, 2, 0], [3.5, -3.5, null]],
    ['pow', [2, -2, null], [10, 3, 1], [1024, -8, null]],
  ] as const)('%s of whole numbers', (name, a, b, expected) => {
    for (const type of ['int32?', 'int64?']) expect(on(type, t => t.a[name](t.b), [...a], [...b])).toEqual(expected)
  })

  test('what leaves the type fails and names expression and row', () => {
    expect(() => on('int32', t => t.a.add(1), [0, 2 ** 31 - 1])).toThrow(
      `t.a.add(1): int32 overflow. Cast before: .cast('int64').`,
    )
    expect(() => on('int32', t => t.a.mul(t.b), [2 ** 30], [4])).toThrow('int32 overflow')
    expect(() => on('int32', t => t.a.neg(), [-(2 ** 31)])).toThrow('int32 overflow')
    expect(() => on('int32', t => t.a.abs(), [-(2 ** 31)])).toThrow('int32 overflow')
    expect(() => on('int64', t => t.a.add(1), [2 ** 53 - 1])).toThrow('int64 overflow')
    expect(() => on('int64', t => t.a.mul(t.b), [2 ** 30], [2 ** 30])).toThrow('int64 overflow')
    expect(() => on('bigint', t => t.a.add(1), [2n ** 63n - 1n])).toThrow('bigint overflow')
    expect(() => on('decimal(18,2)', t => t.a.add(1), ['9999999999999999.99'])).toThrow('decimal(18,2) overflow')
    expect(on('int64', t => t.a.add(1), [2 ** 53 - 2])).toEqual([2 ** 53 - 1])
    expect(on('int32', t => t.a.cast('int64').add(1), [2 ** 31 - 1])).toEqual([2 ** 31])
  })

  test('a missing value never overflows', () => {
    expect(on('int32?', t => t.a.mul(t.b), [2 ** 30, null], [null, 5])).toEqual([null, null])
  })

  test('by zero: an error for integers, IEEE for floats', () => {
    for (const name of ['div', 'mod']) {
      for (const [type, zero] of [
        ['int32', 0],
        ['int64', 0],
        ['bigint', 0n],
        ['decimal(5,2)', '0'],
      ] as const) {
        expect(() => on(type, t => t.a[name](t.b), [zero], [zero])).toThrow('division by zero. Leave such rows out')
      }
    }
    expect(on('float64', t => t.a.div(0), [1, -1, 0])).toEqual([Infinity, -Infinity, NaN])
    expect(on('int32', t => t.a.div(t.b), [1], [0], 'float64')).toEqual([Infinity])
    expect(on('float64', t => t.a.mod(0), [1])).toEqual([NaN])
  })

  test('decimals are exact', () => {
    expect(on('decimal(10,2)?', t => t.a.add(t.b), ['0.10', null], ['0.20', '1.00'])).toEqual(['0.30', null])
    expect(on('decimal(10,2)', t => t.a.mul(t.b), ['1.10'], ['1.10'])).toEqual(['1.2100'])
    expect(on('decimal(10,2)', t => t.a.add(t.b), ['1.10'], ['0.005'], 'decimal(5,3)')).toEqual(['1.105'])
    expect(on('decimal(10,2)', t => t.a.mul(3), ['1.10'])).toEqual(['3.30'])
    expect(on('decimal(10,2)', t => t.a.add(0.25), ['1.10'])).toEqual(['1.35'])
    expect(on('decimal(10,2)', t => t.a.round(1), ['1.25', '-1.25', '1.24'])).toEqual(['1.30', '-1.30', '1.20'])
    expect(on('decimal(10,2)', t => t.a.floor(), ['1.25', '-1.25', '2.00'])).toEqual(['1.00', '-2.00', '2.00'])
    expect(on('decimal(10,2)', t => t.a.ceil(), ['1.25', '-1.25', '2.00'])).toEqual(['2.00', '-1.00', '2.00'])
    expect(on('decimal(10,2)', t => t.a.sign(), ['1.25', '-1.25', '0'])).toEqual(['1.00', '-1.00', '0.00'])
    expect(on('decimal(10,2)', t => t.a.eq(1.5), ['1.50', '1.51'])).toEqual([true, false])
    expect(on('decimal(10,2)', t => t.a.div(2), ['1.50'])).toEqual([0.75])
  })

  test('bigints keep all 64 bits', () => {
    expect(on('bigint?', t => t.a.add(t.b), [2n ** 62n, null], [1n, 1n])).toEqual([2n ** 62n + 1n, null])
    expect(on('bigint', t => t.a.mul(t.b), [3n], [4], 'int32')).toEqual([12n])
    expect(on('bigint', t => t.a.mod(4), [-7n])).toEqual([-3n])
  })

  test('rounding is half away from zero', () => {
    const halves = [2.5, -2.5, 0.5, -0.5, 0.49999999999999994, 1e16, NaN, Infinity]
    expect(on('float64', t => t.a.round(), halves)).toEqual([3, -3, 1, -1, 0, 1e16, NaN, Infinity])
    expect(on('float64', t => t.a.round(2), [1.005, -1.236])).toEqual([1, -1.24])
    expect(on('int32', t => t.a.round(-1), [14, 15, -15])).toEqual([10, 20, -20])
    expect(on('float64', t => t.a.floor(), [1.5, -1.5])).toEqual([1, -2])
    expect(on('float64', t => t.a.ceil(), [1.5, -1.5])).toEqual([2, -1])
  })

  test('functions of floats', () => {
    expect(on('float64?', t => t.a.sqrt(), [4, -1, null])).toEqual([2, NaN, null])
    expect(on('float64', t => t.a.log(), [1, 0, -1])).toEqual([0, -Infinity, NaN])
    expect(on('float64', t => t.a.exp(), [0, -Infinity, 1000])).toEqual([1, 0, Infinity])
    expect(on('float64', t => t.a.sign(), [3, -3, NaN])).toEqual([1, -1, NaN])
    expect(on('float32', t => t.a.add(0.1), [0.1])).toEqual([Math.fround(Math.fround(0.1) * 2)])
  })
})

describe('comparison', () => {
  const all = (type: string, a: unknown[], b: unknown[]): unknown[][] =>
    ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].map(name => on(type, t => t.a[name](t.b), a, b))

  test('NaN equals itself and is the greatest', () => {
    expect(all('float64?', [NaN, NaN, 1, 0, null], [NaN, 1, NaN, -0, 1])).toEqual([
      [true, false, false, true, null],
      [false, true, true, false, null],
      [false, false, true, false, null],
      [true, false, true, true, null],
      [false, true, false, false, null],
      [true, true, false, true, null],
    ])
    expect(on('float64', t => t.a.gt(1), [NaN, 2, 1])).toEqual([true, true, false])
    expect(on('float64', t => t.a.eq(NaN), [NaN, 2])).toEqual([true, false])
  })

  test('text orders by code point', () => {
    expect(on('utf8', t => t.a.lt(t.b), ['\uffee', 'a', '', 'b'], ['😀', 'ab', 'a', 'a'])).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('isIn finds NaN and zero of both signs', () => {
    expect(on('float64?', t => t.a.isIn([NaN, 0]), [NaN, -0, 1, null])).toEqual([true, true, false, null])
    expect(on('utf8?', t => t.a.isIn(['x']), ['x', 'y', null])).toEqual([true, false, null])
    expect(on('int32', t => t.a.isIn([]), [1])).toEqual([false])
    expect(on('bool?', t => t.a.isIn([true]), [true, false, null])).toEqual([true, false, null])
    expect(on('timestamp', t => t.a.isIn(['2001-04-01']), ['2001-04-01', '2001-04-02'])).toEqual([true, false])
  })

  test('between takes both ends', () => {
    expect(on('int32?', t => t.a.between(1, 3), [0, 1, 3, 4, null])).toEqual([false, true, true, false, null])
  })

  test('numbers of two types meet exactly', () => {
    expect(on('int64', t => t.a.gt(1.5), [1, 2])).toEqual([false, true])
    expect(on('bigint', t => t.a.eq(t.b), [5n], [5], 'int32')).toEqual([true])
    expect(on('date', t => t.a.lt(t.b), ['2001-01-01'], ['2001-01-01T00:00:01Z'], 'timestamp')).toEqual([true])
  })
})

describe('logic', () => {
  const a = [true, true, true, false, false, false, null, null, null]
  const b = [true, false, null, true, false, null, true, false, null]

  test('and, or and not are three-valued', () => {
    expect(on('bool?', t => t.a.and(t.b), a, b)).toEqual([true, false, null, false, false, false, null, false, null])
    expect(on('bool?', t => t.a.or(t.b), a, b)).toEqual([true, true, true, true, false, null, true, null, null])
    expect(on('bool?', t => t.a.not(), [true, false, null])).toEqual([false, true, null])
    expect(on('bool', t => t.a.and(t.b), [true, false], [null, null], 'bool?')).toEqual([null, false])
    expect(on('bool?', t => t.a.or(t.b), [null, null], [true, false], 'bool')).toEqual([true, null])
  })

  test('what does not matter is not computed', () => {
    expect(on('int32', t => t.b.ne(0).and(t.a.mod(t.b).eq(1)), [3, 3], [0, 2])).toEqual([false, true])
    expect(on('int32', t => t.b.eq(0).or(t.a.mod(t.b).eq(1)), [3, 3], [0, 2])).toEqual([true, true])
    expect(on('int32', t => when(t.b.ne(0)).then(t.a.mod(t.b)).otherwise(-1), [3, 3], [0, 2])).toEqual([-1, 1])
    expect(on('int32?', t => t.b.coalesce(t.a.add(1)), [2 ** 31 - 1, 1], [5, null])).toEqual([5, 2])
  })
})

describe('nulls and choices', () => {
  test('isNull, fillNull, coalesce', () => {
    expect(on('int32?', t => t.a.isNull(), [1, null])).toEqual([false, true])
    expect(on('int32?', t => t.a.isNotNull(), [1, null])).toEqual([true, false])
    expect(on('int32', t => t.a.isNull(), [1])).toEqual([false])
    expect(on('utf8?', t => t.a.fillNull('none'), ['', null])).toEqual(['', 'none'])
    expect(on('float64?', t => t.a.coalesce(t.b, 0), [1, null, null], [2, 3, null])).toEqual([1, 3, 0])
  })

  test('the first condition that is true decides, and null is not true', () => {
    const size = (t: Any): unknown => when(t.a.gt(10)).then('high').when(t.a.gt(0)).then('low').otherwise(null)
    expect(on('int32?', size, [20, 5, -1, null])).toEqual(['high', 'low', null, null])
    expect(on('int32?', t => when(t.a.isNull()).then(0.5).otherwise(t.a), [1, null])).toEqual([1, 0.5])
    expect(on('timestamp', t => when(t.a.gt('2001-01-01')).then(t.a).otherwise('1970-01-01'), ['2000-01-01'])).toEqual([
      '1970-01-01T00:00:00Z',
    ])
  })
})

describe('text', () => {
  test('case, ends and white space', () => {
    expect(on('utf8?', t => t.a.upper(), ['straße', null, ''])).toEqual(['STRASSE', null, ''])
    expect(on('utf8', t => t.a.lower(), ['ÀB'])).toEqual(['àb'])
    expect(on('utf8', t => t.a.trim(), [' \t\u00a0a b\n'])).toEqual(['a b'])
  })

  test('lengths and slices count code points', () => {
    expect(on('utf8?', t => t.a.length(), ['a😀b', '', null])).toEqual([3, 0, null])
    expect(on('utf8', t => t.a.slice(1), ['a😀b'])).toEqual(['😀b'])
    expect(on('utf8', t => t.a.slice(1, 2), ['a😀b', 'xyz', ''])).toEqual(['😀', 'y', ''])
    expect(on('utf8', t => t.a.slice(-2), ['a😀b', 'x'])).toEqual(['😀b', 'x'])
  })

  test('search, concatenation and replacement', () => {
    expect(on('utf8?', t => t.a.contains('b'), ['abc', '', null])).toEqual([true, false, null])
    expect(on('utf8', t => t.a.startsWith(t.b), ['abc', 'abc'], ['ab', 'b'])).toEqual([true, false])
    expect(on('utf8', t => t.a.endsWith(''), ['abc'])).toEqual([true])
    expect(on('utf8?', t => t.a.concat('-', t.b), ['a', null], ['b', 'b'])).toEqual(['a-b', null])
    expect(on('utf8', t => t.a.replace('a', '$&'), ['banana'])).toEqual(['b$&n$&n$&'])
    expect(on('utf8', t => t.a.replace('', 'x'), ['ab'])).toEqual(['ab'])
  })
})

describe('time', () => {
  const times = [
    '1970-01-01T00:00:00Z',
    '1969-12-31T23:59:59.999999Z',
    '2000-02-29T12:34:56Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    null,
  ]

  test.each([
    ['year', [1970, 1969, 2000, 1, 9999, null]],
    ['month', [1, 12, 2, 1, 12, null]],
    ['day', [1, 31, 29, 1, 31, null]],
    ['hour', [0, 23, 12, 0, 23, null]],
    ['minute', [0, 59, 34, 0, 59, null]],
    ['second', [0, 59, 56, 0, 59, null]],
    ['weekday', [4, 3, 2, 1, 5, null]],
    ['dayOfYear', [1, 365, 60, 1, 365, null]],
  ] as const)('%s', (name, expected) => {
    expect(on('timestamp?', t => t.a[name](), times)).toEqual(expected)
  })

  test('truncation, also before 1970', () => {
    const cut = (unit: string): unknown[] =>
      on('timestamp', t => t.a.truncate(unit), ['1969-12-31T23:59:59.5Z', '2001-08-15T13:14:15Z'])
    expect(cut('second')).toEqual(['1969-12-31T23:59:59Z', '2001-08-15T13:14:15Z'])
    expect(cut('hour')).toEqual(['1969-12-31T23:00:00Z', '2001-08-15T13:00:00Z'])
    expect(cut('day')).toEqual(['1969-12-31T00:00:00Z', '2001-08-15T00:00:00Z'])
    expect(cut('week')).toEqual(['1969-12-29T00:00:00Z', '2001-08-13T00:00:00Z'])
    expect(cut('month')).toEqual(['1969-12-01T00:00:00Z', '2001-08-01T00:00:00Z'])
    expect(cut('quarter')).toEqual(['1969-10-01T00:00:00Z', '2001-07-01T00:00:00Z'])
    expect(cut('year')).toEqual(['1969-01-01T00:00:00Z', '2001-01-01T00:00:00Z'])
    expect(on('date', t => t.a.truncate('month'), ['2001-08-15'])).toEqual(['2001-08-01'])
  })

  test('durations', () => {
    expect(on('duration', t => t.a.in('hours'), [7_200_000])).toEqual([2])
    expect(on('timestamp?', t => t.a.add('90 minutes'), ['1969-12-31T23:00:00Z', null])).toEqual([
      '1970-01-01T00:30:00Z',
      null,
    ])
    expect(on('date', t => t.a.sub('1 hour'), ['1970-01-01'])).toEqual(['1969-12-31T23:00:00Z'])
    expect(on('timestamp', t => t.a.sub(t.b).in('minute'), ['2001-01-01T01:30:00Z'], ['2001-01-01T00:00:00Z'])).toEqual(
      [90],
    )
    expect(on('timestamp', t => t.a.sub(t.b), ['2001-01-02'], ['2001-01-01'], 'date')).toEqual([86_400_000])
    expect(on('duration', t => t.a.add('1 second').gt('3 seconds'), [1000, 2001])).toEqual([false, true])
  })
})

describe('casts', () => {
  test('between numbers', () => {
    expect(on('float64?', t => t.a.cast('int32'), [2.5, -2.5, null])).toEqual([3, -3, null])
    expect(on('int64', t => t.a.cast('bigint'), [2 ** 53 - 1])).toEqual([2n ** 53n - 1n])
    expect(on('bigint', t => t.a.cast('float64'), [2n ** 62n])).toEqual([2 ** 62])
    expect(on('bool?', t => t.a.cast('float64'), [true, false, null])).toEqual([1, 0, null])
    expect(on('float64', t => t.a.cast('decimal(6,2)'), [1.236])).toEqual(['1.24'])
    expect(() => on('float64', t => t.a.cast('int32'), [NaN])).toThrow(`t.a.cast('int32'): int32 overflow.`)
    expect(() => on('int64', t => t.a.cast('int32'), [2 ** 31])).toThrow('int32 overflow')
    expect(() => on('bigint', t => t.a.cast('int64'), [2n ** 53n])).toThrow('int64 overflow')
    expect(() => on('int32', t => t.a.cast('decimal(3,2)'), [10])).toThrow('decimal(3,2) overflow')
  })

  test('from and to text', () => {
    expect(on('utf8?', t => t.a.cast('int32'), ['12', ' -3 ', null])).toEqual([12, -3, null])
    expect(on('utf8', t => t.a.cast('float64'), ['1e3', '-.5', 'NaN'])).toEqual([1000, -0.5, NaN])
    expect(on('utf8', t => t.a.cast('timestamp'), ['2001-04-01 12:00:00'])).toEqual(['2001-04-01T12:00:00Z'])
    expect(on('utf8', t => t.a.cast('bool'), ['true', 'false'])).toEqual([true, false])
    expect(on('timestamp', t => t.a.cast('utf8'), ['2001-04-01'])).toEqual(['2001-04-01T00:00:00Z'])
    expect(on('decimal(5,2)', t => t.a.cast('utf8'), ['-1.50'])).toEqual(['-1.50'])
    expect(() => on('utf8', t => t.a.cast('int32'), ['1.5'])).toThrow(`t.a.cast('int32'): "1.5" is no int32.`)
    expect(() => on('utf8', t => t.a.cast('float64'), [''])).toThrow('"" is no float64')
  })

  test('tryCast gives null for what cast fails on', () => {
    expect(on('utf8?', t => t.a.tryCast('int32'), ['12', 'x', '1e99', null])).toEqual([12, null, null, null])
    expect(on('utf8', t => t.a.tryCast('bool'), ['true', 'false', ''])).toEqual([true, false, null])
    expect(on('utf8', t => t.a.tryCast('timestamp').year(), ['2001-04-01', 'soon'])).toEqual([2001, null])
    expect(on('float64', t => t.a.tryCast('int32').add(1), [2.5, NaN, 2 ** 31])).toEqual([4, null, null])
    expect(on('bool?', t => t.a.tryCast('utf8'), [true, false, null])).toEqual(['true', 'false', null])
    expect(on('int32', t => t.a.tryCast('int32'), [1])).toEqual([1])
    expect(on('int32', t => t.a.tryCast('decimal(3,2)'), [9, 10])).toEqual(['9.00', null])
    const coded = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? '7' : 'x'))
    expect(on('utf8', t => t.a.tryCast('int32'), coded)).toEqual(coded.map(text => (text === '7' ? 7 : null)))
    expect(() => on('duration', t => t.a.tryCast('int32'), [1])).toThrow('name the unit instead')
    expect(() => on('utf8', t => t.a.tryCast('int32?'), ['1'])).toThrow('write tryCast("int32")')
  })

  test('between times', () => {
    expect(on('timestamp', t => t.a.cast('date'), ['1969-12-31T23:59:59Z'])).toEqual(['1969-12-31'])
    expect(on('date', t => t.a.cast('timestamp'), ['1969-12-31'])).toEqual(['1969-12-31T00:00:00Z'])
  })
})

test('literals that are typed', () => {
  expect(on('int32', () => lit('2001-04-01', 'timestamp'), [1])).toEqual(['2001-04-01T00:00:00Z'])
  expect(on('int32', () => lit(null, 'utf8?'), [1])).toEqual([null])
  expect(on('int32', () => lit(0.1, 'decimal(3,2)'), [1])).toEqual(['0.10'])
})

test('lists, structs and vectors', () => {
  expect(on('utf8[]', t => t.a.size(), [['x', 'y'], []])).toEqual([2, 0])
  expect(on('vector(2)', t => t.a.dot(t.b), [[1, 2]], [[3, 4]])).toEqual([11])
  expect(
    on(
      'sparse(3)',
      t => t.a.dot(t.b),
      [{ indices: Int32Array.of(0, 2), values: Float64Array.of(1, 2) }],
      [[3, 4, 5]],
      'vector(3)',
    ),
  ).toEqual([13])
  const struct = { a: { x: 'int32', y: 'bool?' } } as const
  const rows = {
    a: [
      { x: 1, y: true },
      { x: 2, y: null },
    ],
  }
  expect(values(struct, rows, t => t.a.field('x').add(1))).toEqual([2, 3])
  expect(values(struct, rows, t => t.a.field('y').fillNull(false))).toEqual([true, false])
})

describe('user functions', () => {
  test('get values as rows have them', () => {
    const kind = (t: Any): unknown =>
      udf([t.a, t.b], 'utf8?', (a: boolean | null, b: unknown) => (a === null ? null : `${a} ${typeof b}`))
    expect(on('bool?', kind, [true, null], [1, 2], 'int32')).toEqual(['true number', null])
    const year = (t: Any): unknown => udf([t.a], 'int32', (a: Date) => a.getUTCFullYear())
    expect(on('timestamp', year, ['2001-04-01'])).toEqual([2001])
  })

  test('what they throw, and what does not fit, names them', () => {
    const broken = (t: Any): unknown =>
      udf(
        [t.a],
        'int32',
        () => {
          throw new Error('no')
        },
        { name: 'broken' },
      )
    expect(() => on('int32', broken, [1])).toThrow('broken(t.a): broken threw no.')
    const half = (t: Any): unknown => udf([t.a], 'int32', () => 0.5, { name: 'half' })
    expect(() => on('int32', half, [1])).toThrow(
      'half should give int32, but 0.5 is not a whole number within ±2^31 (int32).',
    )
  })
})

test('a dictionary entry that no row uses cannot fail', () => {
  const rows = Array.from({ length: 20 }, (_, i) => String(i % 2))
  expect(on('utf8', t => t.a.cast('int32'), rows)).toEqual(rows.map(Number))
  expect(() => on('utf8', t => t.a.cast('int32'), [...rows, 'x'])).toThrow('"x" is no int32')
})
