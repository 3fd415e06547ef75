/** Aggregates: literal groups, and the laws that every aggregate of the catalogue keeps. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Batch } from '../../../sdk/data/batch.ts'
import { toJs } from '../../../sdk/data/row.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { compileAccumulators, type Accumulators } from '../../../sdk/engine/vector/accumulate.ts'
import { count, type Cols } from '../../../sdk/expr/column.ts'
import { interpret } from '../../../sdk/expr/interpret.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { toSql } from '../../../sdk/expr/sql.ts'
import { exprText } from '../../../sdk/expr/text.ts'
import { examples } from './aggregate-examples.ts'
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
})
