/** Aggregates: literal groups, and the laws that every aggregate of the catalogue keeps. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch, DELETE } from '../../../sdk/data/batch.ts'
import { toJs } from '../../../sdk/data/row.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { compileAccumulators, type Accumulators } from '../../../sdk/engine/vector/accumulate.ts'
import { count, type Cols, type NumCol } from '../../../sdk/expr/column.ts'
import { interpret } from '../../../sdk/expr/interpret.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { exprText } from '../../../sdk/expr/text.ts'
import { examples, moderate } from './aggregate-examples.ts'
import { columnar, COLUMNS, row, type Row } from './random-expr.ts'
import { batchOf, typed } from './table.ts'

/** What an aggregate gives over one group in row objects, by every way there is. */
function total<const S extends Columns>(
  columns: S,
  data: { readonly [K in keyof S]: readonly unknown[] },
  aggregate: (t: Cols<S>) => unknown,
): unknown {
  const tree = typed(columns, aggregate)
  const batch = batchOf(columns, data)
  const [a, ...others] = [true, false].flatMap(generated =>
    [true, false].map(updates => {
      const slots = compileAccumulators([tree], batch.schema, generated, updates)
      slots.grow(1)
      slots.add(batch, new Int32Array(batch.length))
      return slots.value(0, 0)
    }),
  )
  for (const other of others) expect(other).toEqual(a)
  return toJs(a!, tree.type, 'iso')
}

describe('where', () => {
  const data = { a: [1, 2, 3, null], late: [true, false, null, true] }
  const columns = { a: 'int32?', late: 'bool?' } as const

  test('rows for which the condition is false or null are left out', () => {
    expect(total(columns, data, t => t.a.sum().where(t.late))).toBe(1)
    expect(total(columns, data, t => t.a.sum().where(t.late.not()))).toBe(2)
    expect(total(columns, data, t => count().where(t.late))).toBe(2)
    expect(total(columns, data, t => t.a.max().where(t.a.gt(5)))).toBe(null)
    expect(total(columns, data, t => t.a.count().where(t.a.gt(5)))).toBe(0)
  })

  test('a second condition narrows the first', () => {
    expect(total(columns, data, t => t.a.sum().where(t.a.gt(1)).where(t.late.isNotNull()))).toBe(2)
  })

  test('what is aggregated is computed for the rows that are left only', () => {
    const divided = { a: [6, 1], b: [2, 0] }
    expect(total({ a: 'int32', b: 'int32' }, divided, t => t.a.div(t.b).sum().where(t.b.ne(0)))).toBe(3)
  })

  test('two aggregates that differ in the condition alone are two', () => {
    const both = (t: Cols<typeof columns>): unknown => t.a.sum().where(t.late).sub(t.a.sum().where(t.late.not()))
    expect(exprText(typed(columns, both))).toBe('t.a.sum().where(t.late).sub(t.a.sum().where(t.late.not()))')
  })

  test('it prints as FILTER, inside of what stands around the aggregate', () => {
    const sql = (dialect: 'duckdb' | 'flink'): unknown =>
      toSql(
        typed(columns, t => t.a.sum().where(t.late)),
        dialect,
      )
    expect(sql('duckdb')).toEqual({ sql: 'CAST(sum("a") FILTER (WHERE "late") AS BIGINT)' })
    expect(sql('flink')).toEqual({ refused: 't.a.sum().where(t.late): a sum of whole numbers wraps in Flink' })
    const mean = typed(columns, t => t.a.mean().where(t.late))
    expect(toSql(mean, 'flink')).toEqual({ sql: 'AVG(CAST(`a` AS DOUBLE)) FILTER (WHERE `late`)' })
  })

  test('what is no condition per row is refused', () => {
    const one = (expr: (t: Cols<typeof columns>) => unknown) => () => typed(columns, expr)
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.a.sum().where(t.a))).toThrow('t.a.sum().where(t.a): where takes a condition, and "a" is int32?.')
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.a.sum().where(t.a.sum().gt(1)))).toThrow(
      'where takes a condition per row, and t.a.sum().gt(1) has one value per group.',
    )
    expect(one(t => t.a.sum().add(1).where(t.late))).toThrow(
      't.a.sum().add(1).where(…): where stands right behind an aggregate: t.a.sum().where(t.b.gt(0))',
    )
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.a.where(t.late))).toThrow('where stands right behind an aggregate')
  })
})

const floats = (values: readonly unknown[], aggregate: (t: Cols<{ a: 'float64?' }>) => unknown): unknown =>
  total({ a: 'float64?' }, { a: values }, aggregate)

describe('spread and shape', () => {
  test('of a population divide by n, and one value has a spread of zero', () => {
    expect(floats([2, 4, 4, 4, 5, 5, 7, 9, null], t => t.a.stddev({ population: true }))).toBe(2)
    expect(floats([3], t => t.a.variance({ population: true }))).toBe(0)
    expect(floats([3], t => t.a.variance())).toBe(null)
    expect(floats([], t => t.a.variance({ population: true }))).toBe(null)
    expect(floats([Infinity], t => t.a.variance({ population: true }))).toBeNaN()
  })

  test('a long tail to the right skews to the right', () => {
    expect(floats([1, 2, 1, 4, 9, null], t => t.a.skewness())).toBeCloseTo(1.5953462614561502, 12)
    expect(floats([1, 2, 1, 4, 9], t => t.a.kurtosis())).toBeCloseTo(2.3157647427363, 12)
    expect(floats([1, 2, 1, 4, 9], t => t.a.kurtosis({ population: true }))).toBeCloseTo(-0.42105881431592, 12)
    expect([floats([1, 2], t => t.a.skewness()), floats([1, 2, 3], t => t.a.kurtosis())]).toEqual([null, null])
    expect(floats([4, 4, 4, 4], t => t.a.skewness())).toBeNaN()
  })

  test('options are checked and printed', () => {
    expect(exprText(typed({ a: 'int32' }, t => t.a.stddev({ population: true })))).toBe(
      't.a.stddev({ population: true })',
    )
    // @ts-expect-error -- the types refuse it too
    expect(() => typed({ a: 'int32' }, t => t.a.stddev({ populaton: true }))).toThrow(
      'stddev: there is no option "populaton". Did you mean "population"? The options are population.',
    )
  })
})

describe('two columns', () => {
  const columns = { x: 'float64?', y: 'float64?' } as const
  const data = { x: [1, 2, 3, null, 4], y: [1, 3, 2, 7, null] }

  test('give a line, its quality, and covariances, over rows where both are present', () => {
    expect(total(columns, data, t => t.y.slope(t.x))).toBe(0.5)
    expect(total(columns, data, t => t.y.intercept(t.x))).toBe(1)
    expect(total(columns, data, t => t.y.r2(t.x))).toBeCloseTo(0.25, 14)
    expect(total(columns, data, t => t.y.covariance(t.x))).toBe(0.5)
    expect(total(columns, data, t => t.y.covariance(t.x, { population: true }))).toBeCloseTo(1 / 3, 14)
  })

  test('have no line where one is constant, and none for one row', () => {
    const upright = { x: [2, 2], y: [1, 5] }
    expect(total(columns, upright, t => t.y.slope(t.x))).toBeNaN()
    expect(total(columns, upright, t => t.y.r2(t.x))).toBeNaN()
    expect(total(columns, { x: [1], y: [1] }, t => t.y.slope(t.x))).toBe(null)
  })
})

describe('products and their means', () => {
  test('a product is null over no value, and follows IEEE 754', () => {
    expect(floats([2, 3, null, 4], t => t.a.product())).toBe(24)
    expect(floats([null], t => t.a.product())).toBe(null)
    expect(floats([1e300, 1e300], t => t.a.product())).toBe(Infinity)
  })

  test('a geometric mean is zero with a zero and NaN below', () => {
    expect(floats([1, 4, null], t => t.a.geometricMean())).toBeCloseTo(2, 14)
    expect(floats([0, 4], t => t.a.geometricMean())).toBe(0)
    expect(floats([-1, 4], t => t.a.geometricMean())).toBeNaN()
  })

  test('a weighted mean leaves out rows where value or weight is null', () => {
    const columns = { a: 'float64?', w: 'int32?' } as const
    const of = (a: unknown[], w: unknown[]): unknown => total(columns, { a, w }, t => t.a.weightedMean(t.w))
    expect(of([1, 5, null, 9], [3, 1, 8, null])).toBe(2)
    expect(of([1], [0])).toBeNaN()
    expect(of([null], [2])).toBe(null)
  })
})

test('bits of all, of any and of an odd number of values, by the type of whole number', () => {
  const bits = (type: 'int32?' | 'int64?' | 'bigint?', a: unknown[]): unknown[] => [
    total<Columns>({ a: type }, { a }, t => t['a']!.bitwiseAnd()),
    total<Columns>({ a: type }, { a }, t => t['a']!.bitwiseOr()),
    total<Columns>({ a: type }, { a }, t => t['a']!.bitwiseXor()),
  ]
  expect(bits('int32?', [6, null, 3, 5])).toEqual([0, 7, 0])
  expect(bits('int32?', [-1, -(2 ** 31)])).toEqual([-(2 ** 31), -1, 2 ** 31 - 1])
  expect(bits('int64?', [2 ** 40 + 5, 2 ** 40 + 6, -1])).toEqual([2 ** 40 + 4, -1, -4])
  expect(bits('int64?', [-(2 ** 52), 2 ** 32])).toEqual([0, 2 ** 32 - 2 ** 52, 2 ** 32 - 2 ** 52])
  expect(bits('bigint?', [-(2n ** 63n) + 1n, 2n ** 62n + 3n])).toEqual([1n, 3n - 2n ** 62n, 2n - 2n ** 62n])
  expect(bits('bigint?', [null])).toEqual([null, null, null])
  const least = [-(2 ** 53) + 1, -2]
  expect(() => total({ a: 'int64?' }, { a: least }, t => t.a.bitwiseAnd())).toThrow('int64 overflow')
  expect(() => total({ a: 'float64' }, { a: [1] }, t => t.a.bitwiseOr())).toThrow('bitwiseOr takes whole numbers')
})

test('any, all and countTrue skip nulls', () => {
  const bools = (values: unknown[]): unknown[] => [
    total({ a: 'bool?' }, { a: values }, t => t.a.any()),
    total({ a: 'bool?' }, { a: values }, t => t.a.all()),
    total({ a: 'bool?' }, { a: values }, t => t.a.countTrue()),
  ]
  expect(bools([true, null, false])).toEqual([true, false, 1])
  expect(bools([true, null])).toEqual([true, true, 1])
  expect(bools([false])).toEqual([false, false, 0])
  expect(bools([null])).toEqual([null, null, 0])
})

describe('quantiles', () => {
  test('between two values are what the interpolation says', () => {
    const of = (interpolation: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint', q: number): unknown =>
      floats([10, 20, 50, null], t => t.a.quantile(q, { interpolation }))
    expect((['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const).map(each => of(each, 0.4))).toEqual([
      18, 10, 20, 20, 15,
    ])
    expect(of('nearest', 0.25)).toBe(10)
    expect(of('midpoint', 0.5)).toBe(20)
  })

  test('of times are timestamps to the microsecond, of durations durations', () => {
    const days = { a: ['2001-01-01', null, '2001-01-02'] }
    expect(total({ a: 'date?' }, days, t => t.a.median())).toBe('2001-01-01T12:00:00Z')
    expect(total({ a: 'timestamp?' }, days, t => t.a.quantile(0.25))).toBe('2001-01-01T06:00:00Z')
    expect(total({ a: 'duration' }, { a: [1, 2] }, t => t.a.median())).toBe(1.5)
    expect(total({ a: 'timestamp?' }, { a: [null] }, t => t.a.median())).toBe(null)
    expect(
      total({ a: 'bool' }, { a: [true, false, true] }, t => (t.a as never as NumCol<'int32', 'row'>).median()),
    ).toBe(1)
  })

  test('refuse what is no share, no interpolation and no number', () => {
    const one = (expr: (t: Cols<{ a: 'int32'; s: 'utf8' }>) => unknown) => () => typed({ a: 'int32', s: 'utf8' }, expr)
    expect(one(t => t.a.quantile(1.5))).toThrow('quantile takes a q from 0 to 1, and 1.5 is none')
    expect(one(t => t.a.approxQuantile(-1))).toThrow('quantile takes a q from 0 to 1, and -1 is none')
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.a.quantile(0.5, { interpolation: 'spline' }))).toThrow(
      `t.a.quantile(0.5, { interpolation: 'spline' }): there is no interpolation "spline"; there are linear, lower, higher, nearest, midpoint.`,
    )
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.s.median())).toThrow('median takes numbers or times, and "s" is utf8.')
    expect(one(t => t.a.approxCountDistinct({ precision: 3 }))).toThrow(
      't.a.approxCountDistinct({ precision: 3 }): the precision is a whole number from 4 to 18, and 3 is none.',
    )
    expect(one(t => t.a.approxQuantile(0.5, { compression: 1 }))).toThrow(
      'the compression is a number from 20 to 10000',
    )
  })
})

describe('lists of values', () => {
  const texts = (values: unknown[], aggregate: (t: Cols<{ a: 'utf8?' }>) => unknown): unknown =>
    total({ a: 'utf8?' }, { a: values }, aggregate)

  test('collect keeps the order of arrival, and nulls where they are wanted', () => {
    const values = ['b', null, 'a', '', 'b', null]
    expect(texts(values, t => t.a.collect())).toEqual(['b', 'a', '', 'b'])
    expect(texts(values, t => t.a.collect({ nulls: true }))).toEqual(['b', null, 'a', '', 'b', null])
    expect(texts(values, t => t.a.collect({ nulls: true, distinct: true }))).toEqual(['b', null, 'a', ''])
    expect(texts(values, t => t.a.collect({ distinct: true, limit: 2 }))).toEqual(['b', 'a'])
    expect(texts([null], t => t.a.collect())).toEqual([])
    expect(total({ a: 'float64?' }, { a: [NaN, 0, NaN, -0] }, t => t.a.collect({ distinct: true }))).toEqual([NaN, 0])
  })

  test('joined texts are null where there is none', () => {
    expect(texts(['😀', null, '', 'x'], t => t.a.joinText('-'))).toBe('😀--x')
    expect(texts([null], t => t.a.joinText('-'))).toBe(null)
  })

  test('the smallest and the largest stand in order', () => {
    expect(floats([3, NaN, 1, null, 2, 1], t => t.a.smallest(3))).toEqual([1, 1, 2])
    expect(floats([3, NaN, 1, null, 2, 1], t => t.a.largest(2))).toEqual([NaN, 3])
    expect(floats([], t => t.a.largest(2))).toEqual([])
  })

  test('a mode of several as frequent is the least, and so ranks topK', () => {
    expect(texts(['b', 'a', 'b', 'a', 'c', null, null, null], t => t.a.mode())).toBe('a')
    expect(texts(['b', 'a', 'b', 'a', 'c'], t => t.a.topK(2))).toEqual([
      { value: 'a', count: 2 },
      { value: 'b', count: 2 },
    ])
    expect(texts([], t => t.a.mode())).toBe(null)
    expect(texts([], t => t.a.topK(2))).toEqual([])
    expect(texts(['a', 'b', 'c', 'd'], t => t.a.entropy())).toBe(2)
    expect(texts(['a', 'a'], t => t.a.entropy())).toBe(0)
  })

  test('a histogram leaves no value out', () => {
    const of = (values: readonly unknown[], options: { bins: number } | { edges: number[] }): unknown[] =>
      (floats(values, t => t.a.histogram(options)) as { from: number; to: number; count: number }[]).map(bin =>
        Object.values(bin),
      )
    expect(of([-Infinity, 0, 1, 1.5, 2, null, 2.5, NaN, Infinity], { edges: [0, 1, 2] })).toEqual([
      [null, 0, 1],
      [0, 1, 1],
      [1, 2, 3],
      [2, null, 3],
    ])
    expect(of([0, 5, 10, NaN], { bins: 2 })).toEqual([
      [null, 0, 0],
      [0, 5, 1],
      [5, 10, 2],
      [10, null, 1],
    ])
    expect(of([7, 7], { bins: 1 })).toEqual([
      [null, 6.5, 0],
      [6.5, 7.5, 2],
      [7.5, null, 0],
    ])
    expect(of([Infinity], { bins: 1 })).toEqual([
      [null, 0, 0],
      [0, 1, 0],
      [1, null, 1],
    ])
    expect(of([-1.7e308, 1.7e308], { bins: 1 })[1]).toEqual([-1.7e308, 1.7e308, 2])
  })

  test('options that say nothing are refused', () => {
    const one = (expr: (t: Cols<{ a: 'int32'; s: 'utf8' }>) => unknown) => () => typed({ a: 'int32', s: 'utf8' }, expr)
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.a.histogram({}))).toThrow('histogram takes either bins or edges')
    expect(one(t => t.a.histogram({ edges: [2, 1] }))).toThrow(
      't.a.histogram({ edges: [2, 1] }): edges are two numbers or more, each greater than the one before.',
    )
    expect(one(t => t.a.histogram({ bins: 0.5 }))).toThrow('bins is a whole number from 1 to 100000, and 0.5 is none')
    expect(one(t => t.a.collect({ limit: 0 }))).toThrow('the limit is a whole number from 1 on, and 0 is none')
    expect(one(t => t.a.smallest(0))).toThrow('smallest takes a whole number from 1 on, and 0 is none')
    expect(one(t => t.a.topK(1.5))).toThrow('topK takes a whole number from 1 on, and 1.5 is none')
    // @ts-expect-error -- the types refuse it too
    expect(one(t => t.a.joinText(','))).toThrow('joinText takes text, and "a" is int32')
  })
})

test('argMin and argMax give the value of the first row at the extreme, null where it is null', () => {
  const columns = { a: 'utf8?', d: 'float64?' } as const
  const of = (a: unknown[], d: unknown[]): unknown[] => [
    total(columns, { a, d }, t => t.a.argMin(t.d)),
    total(columns, { a, d }, t => t.a.argMax(t.d)),
  ]
  expect(of(['x', 'y', 'z', 'w'], [1, 1, 3, null])).toEqual(['x', 'z'])
  expect(of([null, 'y', 'z'], [0, 1, NaN])).toEqual([null, 'z'])
  expect(of(['x'], [null])).toEqual([null, null])
})

const rows = fc.array(row, { minLength: 1, maxLength: 20 })
const random = (each: readonly Row[]): Batch => batchOf(COLUMNS, columnar(each))

/** Some accumulators with one group of these rows. */
function over(aggregates: readonly Typed[], batch: Batch, generated: boolean, updates = true): Accumulators {
  const slots = compileAccumulators(aggregates, batch.schema, generated, updates)
  slots.grow(1)
  slots.add(batch, new Int32Array(batch.length))
  return slots
}

function outcomes(slots: Accumulators, aggregates: readonly Typed[]): unknown[] {
  return aggregates.map((aggregate, k) => {
    try {
      return { of: exprText(aggregate), value: slots.value(k, 0) }
    } catch (error) {
      return { of: exprText(aggregate), error: String(error).replace(/\.where\(t\.y\)/, '') }
    }
  })
}

describe('every aggregate', () => {
  test('with a condition is the aggregate of the rows for which it is true', () => {
    const condition = typed(COLUMNS, t => t.y)
    const filtered = examples.map(example => Object.freeze({ ...example, filter: condition }))
    const plain = (found: unknown[]): unknown[] => found.map((each, k) => ({ ...(each as object), of: k }))
    fc.assert(
      fc.property(rows, fc.boolean(), fc.boolean(), (each, generated, updates) => {
        const batch = random(each)
        const kept = each.flatMap((_, i) => (interpret(condition, batch, i) === true ? [i] : []))
        const left = batch.take(Int32Array.from(kept), kept.length)
        expect(plain(outcomes(over(filtered, batch, generated, updates), filtered))).toEqual(
          plain(outcomes(over(examples, left, generated, updates), examples)),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('gives one answer from generated and from plain code, with and without updates to come', () => {
    fc.assert(
      fc.property(rows, each => {
        const batch = random(each)
        const [a, ...others] = [true, false].flatMap(generated =>
          [true, false].map(updates => outcomes(over(examples, batch, generated, updates), examples)),
        )
        for (const other of others) expect(other).toEqual(a)
      }),
      { numRuns: 60 },
    )
  })

  test('that takes rows back exactly is as if they had never come, in any order', () => {
    const exact = examples.filter(({ fn }) => fn.retractable === 'exact')
    fc.assert(
      fc.property(mixed(row), fc.boolean(), (changes, generated) => {
        const slots = taken(exact, random(changes.rows), changes, generated)
        const left = random(changes.rows.filter((_, i) => !changes.gone[i]))
        expect(outcomes(slots, exact)).toEqual(outcomes(over(exact, left, generated), exact))
      }),
      { numRuns: 100 },
    )
  })

  test('that takes rows back approximately is near what it were if they had never come', () => {
    const near = examples.filter(({ fn }) => fn.retractable === 'approximate')
    fc.assert(
      fc.property(mixed(moderate), fc.boolean(), (changes, generated) => {
        const slots = taken(near, random(changes.rows), changes, generated)
        const left = random(changes.rows.filter((_, i) => !changes.gone[i]))
        const plain = outcomes(over(near, left, generated), near)
        for (const [k, found] of outcomes(slots, near).entries()) expectNear(found, plain[k])
      }),
      { numRuns: 100 },
    )
  })

  test('goes on from a snapshot as if nothing had been', () => {
    fc.assert(
      fc.property(rows, rows, fc.boolean(), fc.boolean(), (early, late, generated, updates) => {
        const [first, second] = [random(early), random(late)]
        const straight = over(examples, first, generated, updates)
        const state = structuredClone(straight.snapshot())
        const restored = compileAccumulators(examples, first.schema, generated, updates)
        restored.restore(state)
        for (const slots of [straight, restored]) slots.add(second, new Int32Array(second.length))
        expect(outcomes(restored, examples)).toEqual(outcomes(straight, examples))
      }),
      { numRuns: 60 },
    )
  })

  test('gives one answer however the rows are cut, and whether or not it was asked between', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 20 }), fc.boolean(), (each, cut, updates) => {
        const [whole, head, tail] = [each, each.slice(0, cut), each.slice(cut)].map(random) as [Batch, Batch, Batch]
        const slots = over(examples, head, true, updates)
        outcomes(slots, examples)
        slots.add(tail, new Int32Array(tail.length))
        expect(outcomes(slots, examples)).toEqual(outcomes(over(examples, whole, true, updates), examples))
      }),
      { numRuns: 60 },
    )
  })

  test('is empty again once it is cleared', () => {
    const batch = random(fc.sample(row, { numRuns: 9, seed: 7 }).map(each => ({ ...each, i: 1, l: 1, b: 1n, j: 1 })))
    const slots = over(examples, batch, true)
    slots.clear(0)
    expect(outcomes(slots, examples)).toEqual(
      outcomes(over(examples, batch.take(new Int32Array(0), 0), true), examples),
    )
  })
})

interface Changes {
  readonly rows: readonly Row[]
  /** Which rows are taken back. */
  readonly gone: readonly boolean[]
  /** The order in which that is done. */
  readonly order: readonly number[]
}

function mixed(each: fc.Arbitrary<Row>): fc.Arbitrary<Changes> {
  return fc
    .array(fc.tuple(each, fc.boolean(), fc.nat()), { minLength: 1, maxLength: 20 })
    .map(all => ({ rows: all.map(([r]) => r), gone: all.map(([, g]) => g), order: all.map(([, , o]) => o) }))
}

/** Accumulators after all rows were added, and some taken back. */
function taken(aggregates: readonly Typed[], batch: Batch, changes: Changes, generated: boolean): Accumulators {
  const slots = over(aggregates, batch, generated)
  const back = changes.gone
    .flatMap((gone, i) => (gone ? [i] : []))
    .sort((a, b) => changes.order[a]! - changes.order[b]!)
  const gone = batch.take(Int32Array.from(back), back.length)
  const kinds = new Uint8Array(back.length).fill(DELETE)
  slots.add(new Batch(gone.schema, back.length, gone.columns, kinds), new Int32Array(back.length))
  return slots
}

function expectNear(found: unknown, other: unknown): void {
  const [a, b] = [found, other] as { of: string; value?: unknown }[]
  const near =
    typeof a!.value === 'number' &&
    typeof b!.value === 'number' &&
    Math.abs(a!.value - b!.value) <= 1e-7 * (1 + Math.abs(b!.value))
  expect(near ? other : found).toEqual(other)
}
