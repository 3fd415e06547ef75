/** Random rows and random expressions over them, by type, for laws and oracles. */
import fc from 'fast-check'
import { col, when } from '../../../sdk/expr/column.ts'

/** A column of every kind of type that expressions meet. */
export type TestColumns = {
  readonly i: 'int32'
  readonly j: 'int32?'
  readonly l: 'int64?'
  readonly b: 'bigint?'
  readonly f: 'float64?'
  readonly g: 'float64'
  readonly h: 'float32?'
  readonly p: 'decimal(10,2)?'
  readonly q: 'decimal(9,3)'
  readonly x: 'bool?'
  readonly y: 'bool'
  readonly s: 'utf8?'
  readonly u: 'utf8'
  readonly d: 'timestamp?'
  readonly e: 'date?'
  readonly r: 'duration'
}

export const COLUMNS: TestColumns = {
  i: 'int32',
  j: 'int32?',
  l: 'int64?',
  b: 'bigint?',
  f: 'float64?',
  g: 'float64',
  h: 'float32?',
  p: 'decimal(10,2)?',
  q: 'decimal(9,3)',
  x: 'bool?',
  y: 'bool',
  s: 'utf8?',
  u: 'utf8',
  d: 'timestamp?',
  e: 'date?',
  r: 'duration',
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 5 })
const words = fc.constantFrom('', 'a', 'b', 'ab', 'Abc', ' a ', 'é', '😀', 'x😀y', '\uffee', "it's", 'zzz')
const floats = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, NaN, Infinity, -Infinity, 1e300, 5e-324),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
)
const small = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))
const micros = fc.oneof(
  fc.integer({ min: -4e15, max: 4e15 }),
  fc.constantFrom(0, -1, 1, 951_782_400_000_000, -86_400_000_000, 978_307_199_999_999),
)

/** The values of a row. */
export type Row = { readonly [K in keyof TestColumns]: unknown }

/** One row of {@link COLUMNS} as values of JavaScript. */
export const row: fc.Arbitrary<Row> = fc.record({
  i: small,
  j: maybe(small),
  l: maybe(fc.oneof(small, fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1))),
  b: maybe(fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)))),
  f: maybe(floats),
  g: floats,
  h: maybe(floats.map(Math.fround)),
  p: maybe(fc.integer({ min: -99_999, max: 99_999 }).map(n => (n / 100).toFixed(2))),
  q: fc.integer({ min: -9999, max: 9999 }).map(n => (n / 1000).toFixed(3)),
  x: maybe(fc.boolean()),
  y: fc.boolean(),
  s: maybe(words),
  u: words,
  d: maybe(micros.map(n => new Date(Math.trunc(n / 1000)))),
  e: maybe(micros.map(n => new Date(Math.trunc(n / 1000)))),
  r: fc.integer({ min: -1e9, max: 1e9 }),
})

/** Rows as columns. */
export function columnar(rows: readonly Row[]): { [name: string]: unknown[] } {
  return Object.fromEntries(Object.keys(COLUMNS).map(name => [name, rows.map(each => each[name as keyof Row])]))
}

// eslint-disable-next-line typescript/no-explicit-any -- random expressions are typed by infer alone
type Any = any

const call = (receiver: fc.Arbitrary<Any>, names: readonly string[], ...args: fc.Arbitrary<Any>[]): fc.Arbitrary<Any> =>
  fc.tuple(receiver, fc.constantFrom(...names), ...args).map(([on, name, ...rest]: Any[]) => on[name](...rest))

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']
const COMPARE = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']
const column = (...names: string[]): fc.Arbitrary<Any> => fc.constantFrom(...names).map(name => col(name))

const depth = { depthSize: 'small', maxDepth: 4 } as const

/** Expressions with a value per row, each of a type that its key names. */
type Kind = 'int' | 'float' | 'decimal' | 'bool' | 'text' | 'time' | 'date' | 'duration'

export const expressions: Record<Kind, fc.Arbitrary<Any>> = fc.letrec<Record<Kind, Any>>(tie => {
  const of = (name: Kind) => tie(name)
  const choice = (value: fc.Arbitrary<Any>): fc.Arbitrary<Any> =>
    fc.tuple(of('bool'), value, value).map(([c, a, b]) => when(c).then(a).otherwise(b))
  const same = (value: fc.Arbitrary<Any>, type: string): fc.Arbitrary<Any> =>
    fc.tuple(value, value).map(([a, b]) => a.cast(type).coalesce(b.cast(type)))
  const digit = fc.integer({ min: -3, max: 3 })
  return {
    int: fc.oneof(
      depth,
      column('i', 'j', 'l', 'b'),
      call(of('int'), ['add', 'sub', 'mul'], fc.oneof(of('int'), digit)),
      call(of('int'), ['mod'], fc.oneof(of('int'), fc.constantFrom(2, 3, -5))),
      call(of('int'), ['neg', 'abs', 'sign', 'floor', 'ceil']),
      call(of('int'), ['round'], fc.constantFrom(0, 1, -1)),
      call(of('text'), ['length']),
      call(of('time'), ['hour', 'minute', 'second', 'day', 'weekday', 'month', 'year', 'dayOfYear']),
      call(of('date'), ['day', 'weekday', 'month', 'year', 'dayOfYear']),
      call(of('bool'), ['cast'], fc.constant('int32')),
      call(of('float'), ['cast'], fc.constantFrom('int32', 'int64')),
      call(of('int'), ['cast'], fc.constantFrom('int32', 'int64', 'bigint')),
      call(of('float'), ['tryCast'], fc.constant('int32')),
      call(of('int'), ['tryCast'], fc.constantFrom('int32', 'bigint')),
      choice(of('int')),
      same(of('int'), 'int64'),
    ),
    float: fc.oneof(
      depth,
      column('f', 'g', 'h'),
      call(of('float'), ['add', 'sub', 'mul', 'div'], fc.oneof(of('float'), of('int'), fc.constantFrom(0, 2, 0.1))),
      call(of('int'), ['div'], fc.oneof(of('float'), of('int'))),
      call(of('float'), ['mod'], fc.oneof(of('float'), fc.constantFrom(0.5, 3))),
      call(of('float'), ['neg', 'abs', 'sign', 'floor', 'ceil', 'sqrt']),
      call(of('float'), ['round'], fc.constantFrom(0, 2, -1)),
      call(of('int'), ['cast'], fc.constant('float64')),
      call(of('decimal'), ['cast'], fc.constant('float64')),
      call(of('duration'), ['in'], fc.constantFrom('second', 'hour')),
      choice(of('float')),
      same(of('float'), 'float64'),
    ),
    decimal: fc.oneof(
      depth,
      column('p', 'q'),
      call(of('decimal'), ['add', 'sub'], fc.oneof(of('decimal'), digit, fc.constantFrom(0.25))),
      call(of('decimal'), ['mul'], digit),
      call(of('decimal'), ['neg', 'abs']),
      call(of('int'), ['cast'], fc.constant('decimal(13,3)')),
      call(of('int'), ['tryCast'], fc.constantFrom('decimal(13,3)', 'decimal(4,2)')),
      choice(of('decimal')),
    ),
    bool: fc.oneof(
      depth,
      column('x', 'y'),
      fc.oneof(
        ...(['int', 'float', 'text', 'time', 'date', 'decimal'] as const).map(kind =>
          call(of(kind), COMPARE, of(kind)),
        ),
      ),
      call(of('int'), COMPARE, fc.oneof(of('float'), digit)),
      call(of('float'), COMPARE, fc.constantFrom(0, 0.5, NaN, Infinity)),
      call(of('time'), ['gt', 'ge', 'lt', 'le'], fc.constantFrom('2001-04-01', '1969-12-31T23:59:59.999999Z')),
      call(of('time'), COMPARE, of('date')),
      call(of('text'), COMPARE, words),
      call(of('int'), ['between'], digit, digit),
      call(of('text'), ['isIn'], fc.array(words, { minLength: 1, maxLength: 3 })),
      call(of('float'), ['isIn'], fc.array(fc.constantFrom(0, 1, NaN), { minLength: 1, maxLength: 3 })),
      call(of('int'), ['isIn'], fc.array(digit, { minLength: 1, maxLength: 3 })),
      call(of('text'), ['contains', 'startsWith', 'endsWith'], fc.oneof(of('text'), words)),
      call(of('bool'), ['and', 'or'], of('bool')),
      call(of('bool'), ['not', 'isNull', 'isNotNull']),
      fc.oneof(...(['int', 'float', 'text', 'time'] as const).map(kind => call(of(kind), ['isNull', 'isNotNull']))),
      call(of('bool'), ['fillNull'], fc.boolean()),
      choice(of('bool')),
    ),
    text: fc.oneof(
      depth,
      column('s', 'u'),
      call(of('text'), ['trim']),
      call(of('text'), ['slice'], fc.constantFrom(0, 1, 2), fc.constantFrom(undefined, 0, 1, 2)),
      call(of('text'), ['concat'], fc.oneof(of('text'), words)),
      call(of('text'), ['replace'], fc.constantFrom('', 'a', '😀'), fc.constantFrom('', 'b', "'", '$&')),
      call(of('text'), ['fillNull'], words),
      call(of('int'), ['cast'], fc.constant('utf8')),
      call(of('decimal'), ['cast'], fc.constant('utf8')),
      call(of('bool'), ['cast'], fc.constant('utf8')),
      choice(of('text')),
    ),
    time: fc.oneof(
      depth,
      column('d'),
      call(of('time'), ['add', 'sub'], fc.oneof(of('duration'), fc.constantFrom('1 day', '90 minutes'))),
      call(of('time'), ['truncate'], fc.constantFrom(...UNITS)),
      call(of('date'), ['cast'], fc.constant('timestamp')),
      call(of('time'), ['fillNull'], fc.constant('1970-01-01T00:00:01Z')),
      choice(of('time')),
    ),
    date: fc.oneof(
      depth,
      column('e'),
      call(of('date'), ['truncate'], fc.constantFrom(...UNITS)),
      call(of('time'), ['cast', 'tryCast'], fc.constant('date')),
    ),
    duration: fc.oneof(
      depth,
      column('r'),
      call(of('time'), ['sub'], of('time')),
      call(of('duration'), ['add', 'sub'], fc.oneof(of('duration'), fc.constant('2 seconds'))),
    ),
  }
})

/** An expression of any type. */
export const anyExpression: fc.Arbitrary<Any> = fc.oneof(...Object.values(expressions))
