import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch } from '../../../sdk/data/batch.ts'
import { columnOf } from '../../../sdk/data/builder.ts'
import { decimalOf, decimalText, fromJs, rowAt, toJs } from '../../../sdk/data/row.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { parseType, scalar, type DataType, type TypeText } from '../../../sdk/data/type.ts'
import { anyType, cellOf } from './random.ts'

/** Dates hold milliseconds, and maps one value a key: what does not go there and back by its nature. */
function plain(type: DataType): boolean {
  if (type.kind === 'list') return plain(type.item.type)
  if (type.kind === 'struct') return type.fields.every(field => plain(field.type))
  return type.kind !== 'map'
}

describe('a value', () => {
  test('goes to JavaScript and back, times as ISO text', () => {
    const typed = anyType.filter(plain).chain(type => fc.tuple(fc.constant(type), cellOf({ type, nullable: true })))
    fc.assert(
      fc.property(typed, ([type, value]) => {
        expect(fromJs(toJs(value, type, 'iso'), { type, nullable: true })).toEqual({ value })
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['timestamp', 1_500, new Date(1)],
    ['timestamp', -1, new Date(-1)],
    ['date', -1, '1969-12-31'],
    ['duration', 1_500, 1.5],
    ['decimal(5,2)', -1230n, '-12.30'],
    ['decimal(2,2)', -5n, '-0.05'],
    ['decimal(3,0)', 7n, '7'],
    ['map(utf8,int32?)', [['a', null]], new Map([['a', null]])],
    ['bigint', 2n ** 62n, 2n ** 62n],
  ] as const)('of type %s, %s, is %s', (text, value, js) => {
    expect(toJs(value, parseType(text as TypeText).type)).toEqual(js)
  })

  test.each([
    ['timestamp', new Date(1), 1000],
    ['timestamp', '2001-04-01', 986_083_200e6],
    ['date', new Date('2001-04-01T23:00:00Z'), 11_413],
    ['int64', 5n, 5],
    ['int64', -0, 0],
    ['duration', -0.0001, 0],
    ['bigint', 5, 5n],
    ['decimal(5,2)', 12.3, 1230n],
    ['decimal(5,2)', '+1.50', 150n],
    ['vector(2)', [1, 2], Float64Array.of(1, 2)],
    ['map(utf8,int32)', new Map([['a', 1]]), [['a', 1]]],
  ] as const)('of type %s may be written %s', (text, js, value) => {
    expect(fromJs(js, parseType(text))).toEqual({ value })
  })
})

test.each([
  ['int32', 1.5, '1.5 is not a whole number within ±2^31 (int32)'],
  ['int32', 2 ** 31, '2147483648 is not a whole number within ±2^31 (int32)'],
  ['int64', 2 ** 53, '9007199254740992 is not a whole number within ±(2^53 − 1) (int64)'],
  ['int64', 2n ** 53n, '9007199254740992n is not a whole number within ±(2^53 − 1) (int64)'],
  ['bigint', 2n ** 63n, '9223372036854775808n is not a bigint'],
  ['bool', 1, '1 is not a bool'],
  ['utf8', 1, '1 is not a utf8'],
  ['float64', '1', '"1" is not a float64'],
  ['binary', [1], 'an array is not a binary'],
  ['timestamp', 'soon', '"soon" is not a time (timestamp: a Date or ISO 8601 text)'],
  ['timestamp', new Date(NaN), 'an object is not a time'],
  ['date', '2001-02-29', '"2001-02-29" is not a day (date: YYYY-MM-DD)'],
  ['decimal(4,2)', '100', '"100" is not a decimal(4,2)'],
  ['decimal(4,2)', '1.001', '"1.001" is not a decimal(4,2)'],
  ['vector(2)', [1], 'an array is not a vector of 2 numbers'],
  [
    'sparse(2)',
    { indices: Int32Array.of(1, 0), values: Float64Array.of(1, 2) },
    'an object is not a vector of 2 numbers',
  ],
  ['utf8[]', ['a', null], 'an array is not a list'],
  ['int32', null, 'it is null, and the column is not nullable'],
  ['int32', undefined, 'it is null, and the column is not nullable'],
] as const)('for %s, %s is refused with a sentence', (text, value, problem) => {
  const converted = fromJs(value, parseType(text))
  expect('problem' in converted ? converted.problem.slice(0, problem.length) : converted).toBe(problem)
})

test('a decimal text and its unscaled integer are inverse', () => {
  const decimal = fc
    .nat(18)
    .chain(scale => fc.tuple(fc.constant(scale), fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })))
  fc.assert(
    fc.property(decimal, ([scale, unscaled]) => {
      expect(decimalOf(decimalText(unscaled, scale), 18, scale)).toBe(unscaled)
    }),
  )
})

test('a row has its columns by name, times in the form asked for', () => {
  const schema = Schema.of({ at: 'timestamp', n: 'int32?' })
  const batch = new Batch(schema, 1, [columnOf(scalar('timestamp'), [1_234_567]), columnOf(scalar('int32'), [null])])
  expect(rowAt(batch, 0)).toEqual({ at: new Date(1234), n: null })
  expect(rowAt(batch, 0, 'iso')).toEqual({ at: '1970-01-01T00:00:01.234567Z', n: null })
})
