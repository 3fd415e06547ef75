/** Vectors, dense and sparse: literal rows, one answer in either form, and DuckDB's array functions. */
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Columns } from '../../../sdk/data/type.ts'
import { lit } from '../../../sdk/expr/column.ts'
import { vector } from '../../../sdk/expr/construct.ts'
import { typed, values } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

const columns = { a: 'vector(3)', b: 'vector(3)' } as Columns
const of = (a: number[], b: number[], expr: (t: Any) => unknown): unknown =>
  values(columns, { a: [a], b: [b] }, expr)[0]

test('vectors are measured, combined and taken apart', () => {
  const [a, b] = [
    [3, 0, 4],
    [0, 2, 4],
  ]
  const on = (expr: (t: Any) => unknown): unknown => of(a, b, expr)
  expect(on(t => t.a.norm())).toBe(5)
  expect(on(t => t.a.norm(1))).toBe(7)
  expect(on(t => t.a.norm(Infinity))).toBe(4)
  expect(on(t => t.a.distance(t.b, 'manhattan'))).toBe(5)
  expect(on(t => t.a.distance(t.b, 'squared'))).toBe(13)
  expect(on(t => t.a.distance([3, 0, 4]))).toBe(0)
  expect(on(t => t.a.at(-1))).toBe(4)
  expect(on(t => t.a.add(t.b).toList())).toEqual([3, 2, 8])
  expect(on(t => t.a.sub(t.b).toList())).toEqual([3, -2, 0])
  expect(on(t => t.a.scale(2).toList())).toEqual([6, 0, 8])
  expect(on(t => vector(t.a.at(0), 7).toList())).toEqual([3, 7])
  expect(on(t => t.a.toSparse())).toEqual({ indices: Int32Array.of(0, 2), values: Float64Array.of(3, 4) })
  expect(on(t => t.a.cosine(lit([0, 0, 0], 'vector(3)')))).toBe(NaN)
})

test('a constant vector may stand on either side', () => {
  expect(of([1, 2, 3], [0, 0, 1], () => lit([1, 2, 3], 'vector(3)').dot([0, 0, 1]))).toBe(3)
  expect(of([1, 2, 3], [0, 0, 1], t => lit([2, 0, 0], 'vector(3)').dot(t.a))).toBe(2)
  expect(of([1, 2, 3], [0, 0, 1], t => t.a.toSparse().dot([0, 0, 2]))).toBe(6)
  expect(of([1, 2, 3], [0, 0, 1], t => t.a.add([1, 1, 1]).toList())).toEqual([2, 3, 4])
})

test('a missing vector gives null, a list of another size fails, another size is refused', () => {
  const nullable = { a: 'vector(2)?', l: 'float64[]' } as Columns
  const data = {
    a: [null, [3, 4]],
    l: [
      [1, 2],
      [1, 2],
    ],
  }
  expect(values(nullable, data, (t: Any) => t.a.norm())).toEqual([null, 5])
  expect(values(nullable, data, (t: Any) => t.a.distance(t.l.toVector(2), 'manhattan'))).toEqual([null, 4])
  expect(() => values(nullable, data, (t: Any) => t.l.toVector(3))).toThrow('its list has another size than 3')
  expect(() => typed(nullable, (t: Any) => t.a.dot([1, 2, 3]))).toThrow('3 numbers stand beside a vector(2)')
  expect(() => typed(nullable, (t: Any) => t.a.at(2))).toThrow('there is no element 2: "a" is vector(2)?')
})

const number = fc.oneof(
  fc.constant(0),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }).filter(x => Math.abs(x) > 1e-6),
)
const pair = fc.tuple(...[0, 1].map(() => fc.array(number, { minLength: 3, maxLength: 3 })))
const SUMS: readonly (readonly [string, (a: Any, b: Any) => unknown, string])[] = [
  ['dot', (a, b) => a.dot(b), 'array_inner_product(a, b)'],
  ['euclidean', (a, b) => a.distance(b), 'array_distance(a, b)'],
  ['squared', (a, b) => a.distance(b, 'squared'), 'array_distance(a, b) * array_distance(a, b)'],
  ['cosine', (a, b) => a.cosine(b), 'array_cosine_similarity(a, b)'],
  ['cosine distance', (a, b) => a.distance(b, 'cosine'), 'array_cosine_distance(a, b)'],
]

test('sums are those of DuckDB, and the same dense or sparse', async () => {
  const db = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await fc.assert(
    fc.asyncProperty(pair, async ([a, b]) => {
      const literal = (x: readonly number[]): string => `[${x.map(v => `'${v}'::DOUBLE`).join(', ')}]::DOUBLE[3]`
      const query = `SELECT ${SUMS.map(([, , sql]) => sql).join(', ')} FROM (SELECT ${literal(a!)} AS a, ${literal(b!)} AS b)`
      const [theirs] = (await db.runAndReadAll(query)).getRows()
      const zero = [a!, b!].some(x => x.every(v => v === 0))
      const size = 3 * Math.max(...a!.map(Math.abs), ...b!.map(Math.abs), 1) ** 2
      for (const [k, [name, expr]] of SUMS.entries()) {
        // A vector of zeros has no direction: NaN, where DuckDB clips it to −1.
        const other = zero && name.startsWith('cosine') ? NaN : Number(theirs![k])
        for (const [form, ours] of [
          ['dense', of(a!, b!, t => expr(t.a, t.b))],
          ['mixed', of(a!, b!, t => expr(t.a.toSparse(), t.b))],
          ['sparse', of(a!, b!, t => expr(t.a.toSparse(), t.b.toSparse()))],
        ] as const) {
          const near = Number.isNaN(other) ? Number.isNaN(ours) : Math.abs((ours as number) - other) <= 1e-12 * size
          expect({ name, form, ours, other, near }).toEqual({ name, form, ours, other, near: true })
        }
      }
      for (const on of [(t: Any) => t.a.add(t.b), (t: Any) => t.a.toSparse().add(t.b.toSparse())]) {
        expect(of(a!, b!, t => on(t).toList())).toEqual(a!.map((x, i) => x + b![i]! + 0))
      }
    }),
    { numRuns: 60 },
  )
  db.closeSync()
})
