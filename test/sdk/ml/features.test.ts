import { expect, test } from 'vitest'
import { columnOf } from '../../../sdk/data/builder.ts'
import type { Column, Value } from '../../../sdk/data/column.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { parseType, type Columns, type TypeText } from '../../../sdk/data/type.ts'
import { rowMajor } from '../../../sdk/ml/design-matrix.ts'
import { oneHot, planFeatures, scaled, type Features } from '../../../sdk/ml/features.ts'
import { columnNames, designMatrix, fitFeature, type Missing } from '../../../sdk/ml/fitted-feature.ts'

const column = (type: TypeText, values: readonly Value[]): Column => columnOf(parseType(type).type, values)

/** The names and rows of features fitted on columns and applied to others. */
function fitted<const C extends Columns>(
  schema: C,
  features: Features<C>,
  training: { readonly [name in keyof C]: readonly Value[] },
  options: { readonly missing?: Missing; readonly then?: { readonly [name in keyof C]: readonly Value[] } } = {},
): { names: readonly string[]; rows: number[][] } {
  const plan = planFeatures(Schema.of(schema), features, 'fit')
  const inputs = (rows: typeof training): Column[] =>
    plan.inputs.map(node => {
      if (node.kind !== 'column') throw new Error('this test evaluates plain columns only')
      return column(schema[node.name] as TypeText, rows[node.name]!)
    })
  const learnt = plan.specs.map(spec => fitFeature(spec, inputs(training), options.missing ?? 'error'))
  const applied = inputs(options.then ?? training)
  const matrix = designMatrix(learnt, applied, applied[0]!.length)
  const flat = rowMajor(matrix)
  return {
    names: learnt.flatMap(columnNames),
    rows: Array.from({ length: matrix.rows }, (_, i) => [...flat.subarray(i * matrix.width, (i + 1) * matrix.width)]),
  }
}

test('names of columns are features as they are, bools as 0 and 1', () => {
  const found = fitted({ a: 'int32', b: 'bool' }, ['b', 'a'], { a: [3, 4], b: [true, false] })
  expect(found).toEqual({
    names: ['b', 'a'],
    rows: [
      [1, 3],
      [0, 4],
    ],
  })
})

test('scaled takes mean and population deviation from the training rows', () => {
  const found = fitted({ a: 'float64' }, t => [scaled(t.a)], { a: [1, 3] }, { then: { a: [1, 3, 7] } })
  expect(found).toEqual({ names: ['scaled(a)'], rows: [[-1], [1], [5]] })
})

test('scaled gives 0 where all training rows are equal, also for numbers that round', () => {
  const found = fitted({ a: 'float64' }, t => [scaled(t.a)], { a: [0.1, 0.1, 0.1] }, { then: { a: [0.1, 9] } })
  expect(found.rows).toEqual([[0], [0]])
})

test('oneHot orders levels by frequency, then by code point', () => {
  const values = ['b', 'a', '\u{1f600}', '\uff5e', 'b']
  const found = fitted({ s: 'utf8' }, t => [oneHot(t.s)], { s: values })
  expect(found.names).toEqual(['s=b', 's=a', 's=\uff5e', 's=\u{1f600}'])
  expect(found.rows[2]).toEqual([0, 0, 0, 1])
})

test('oneHot gives zeros for a level it has not seen, for one beyond max, and for null', () => {
  const then = { s: ['a', 'b', 'new', null] }
  const found = fitted({ s: 'utf8?' }, t => [oneHot(t.s, { max: 1 })], { s: ['a', 'b', 'a', null] }, { then })
  expect(found).toEqual({ names: ['s=a'], rows: [[1], [0], [0], [0]] })
})

test('oneHot takes whole numbers, bools and days', () => {
  const schema = { h: 'int32', b: 'bool', d: 'date', big: 'bigint' } as const
  const rows = { h: [10, 9, 9], b: [false, true, true], d: [0, 0, 31], big: [5n, 5n, 6n] }
  const found = fitted(schema, t => [oneHot(t.h), oneHot(t.b), oneHot(t.d), oneHot(t.big)], rows)
  expect(found.names).toEqual([
    'h=9', 'h=10', 'b=true', 'b=false', 'd=1970-01-01', 'd=1970-02-01', 'big=5', 'big=6',
  ]) // prettier-ignore
  expect(found.rows[0]).toEqual([0, 1, 0, 1, 1, 0, 1, 0])
})

test('text reads alike in either form of column and whatever its dictionary', () => {
  const plan = planFeatures(Schema.of({ s: 'utf8' }), (t: { s: never }) => [oneHot(t.s)], 'fit')
  const type = parseType('utf8').type
  const plain: Column = { layout: 'text', type, length: 3, valid: null, strings: ['x', 'y', 'x'], codes: null }
  const coded: Column = {
    layout: 'text',
    type,
    length: 3,
    valid: null,
    strings: ['unused', 'y', 'x', 'x', 'z'],
    codes: Int32Array.of(2, 1, 3),
  }
  const fromPlain = fitFeature(plan.specs[0]!, [plain], 'error')
  expect(fitFeature(plan.specs[0]!, [coded], 'error')).toEqual(fromPlain)
  expect([...rowMajor(designMatrix([fromPlain], [coded], 3))]).toEqual([1, 0, 0, 1, 1, 0])
  expect([...rowMajor(designMatrix([fromPlain], [plain], 3))]).toEqual([1, 0, 0, 1, 1, 0])
})

test('learnt steps nest and mix, in the order written', () => {
  const rows = { a: [1, 3, 1, 3], s: ['x', 'y', 'x', 'y'] }
  const found = fitted(
    { a: 'int32', s: 'utf8' },
    t => [scaled(oneHot(t.s)), t.a, scaled(scaled(t.a)), oneHot(t.a)],
    rows,
  )
  expect(found.names).toEqual(['scaled(s=x)', 'scaled(s=y)', 'a', 'scaled(scaled(a))', 'a=1', 'a=3'])
  expect(found.rows.slice(0, 2)).toEqual([
    [1, -1, 1, -1, 1, 0],
    [-1, 1, 3, 1, 0, 1],
  ])
})

test('a vector gives a column for each position, scaled or not', () => {
  const rows = { v: [Float64Array.of(1, 10), Float64Array.of(3, 10)] }
  const found = fitted({ v: 'vector(2)' }, t => [t.v, scaled(t.v)], rows)
  expect(found).toEqual({
    names: ['v[0]', 'v[1]', 'scaled(v[0])', 'scaled(v[1])'],
    rows: [
      [1, 10, -1, 0],
      [3, 10, 1, 0],
    ],
  })
})

test('a null is refused by name and count, or filled with the mean of the training rows or zero', () => {
  const schema = { a: 'float64?' } as const
  const training = { a: [1, null, 3] }
  expect(() => fitted(schema, ['a'], training)).toThrow(
    `feature "a" is null in 1 of 3 rows, first in row 1. Fill it with .fillNull(…), filter these rows out, or fit with missing: 'mean' or 'zero'.`,
  )
  expect(fitted(schema, ['a'], training, { missing: 'mean', then: { a: [null, 5] } }).rows).toEqual([[2], [5]])
  expect(fitted(schema, ['a'], training, { missing: 'zero', then: { a: [null, 5] } }).rows).toEqual([[0], [5]])
  const vectors = { v: [Float64Array.of(1, 10), null, Float64Array.of(3, 20)] }
  expect(fitted({ v: 'vector(2)?' }, ['v'], vectors, { missing: 'mean' }).rows[1]).toEqual([2, 15])
})

test('NaN and infinity are refused with the row', () => {
  expect(() => fitted({ a: 'float64' }, ['a'], { a: [1, 2, NaN] })).toThrow('feature "a" is NaN in row 2.')
  expect(() => fitted({ a: 'float64' }, t => [scaled(t.a)], { a: [-Infinity] })).toThrow(
    'feature "a" is -Infinity in row 0.',
  )
})

test('exact numbers of other types become float64', () => {
  const rows = { b: [5n], d: [1230n], f: [0.5], i: [2 ** 40] }
  const found = fitted({ b: 'bigint', d: 'decimal(9,2)', f: 'float32', i: 'int64' }, ['b', 'd', 'f', 'i'], rows)
  expect(found.rows).toEqual([[5, 12.3, 0.5, 2 ** 40]])
})

const schema = Schema.of({ distance: 'int32', origin: 'utf8', at: 'timestamp', tags: 'utf8[]' })

test.each([
  [['distanc'], 'fit: there is no column "distanc". Did you mean "distance"?'],
  [['origin'], 'fit: feature t.origin is utf8, and a model takes numbers, bools and vectors. Write oneHot(t.origin).'],
  [['at'], 'fit: feature t.at is timestamp, and a model takes numbers, bools and vectors.'],
  [[], 'fit: features is a list of column names, or a function such as t => [t.hour, scaled(t.distance)]'],
  [(t: { tags: never }) => [oneHot(t.tags)], 'fit: oneHot takes text, numbers, bools and dates, and "tags" is utf8[]'],
  [(t: { origin: never }) => [scaled(t.origin)], 'fit: feature t.origin is utf8'],
  [(t: { distance: { mean(): never } }) => [t.distance.mean()], 'is one value for a group of rows'],
])('features %s are refused', (features, sentence) => {
  expect(() => planFeatures(schema, features, 'fit')).toThrow(sentence)
})

test('max of oneHot is a whole number from 1 on', () => {
  const plan = (max: number): unknown =>
    planFeatures(schema, (t: { origin: never }) => [oneHot(t.origin, { max })], 'fit')
  expect(() => plan(0)).toThrow('oneHot: max must be a whole number from 1 on, not 0')
  expect(() => plan(1.5)).toThrow('oneHot: max')
})
