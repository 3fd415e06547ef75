/** Generated code gives what the interpreter gives, for random expressions over random rows in any shape of batch. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../../../sdk/data/batch.ts'
import { DataError } from '../../../../sdk/data/errors.ts'
import type { Value } from '../../../../sdk/data/column.ts'
import { compileFilter } from '../../../../sdk/engine/vector/filter.ts'
import { compileProject } from '../../../../sdk/engine/vector/project.ts'
import { nodeOf } from '../../../../sdk/expr/column.ts'
import { infer } from '../../../../sdk/expr/infer.ts'
import type { Typed } from '../../../../sdk/expr/node.ts'
import { anyExpression, columnar, COLUMNS, expressions, row } from '../../expr/random-expr.ts'
import { batchOf, valuesOf } from '../../expr/table.ts'

type Outcome = readonly Value[][] | { readonly failed: string }

function outcome(exprs: readonly Typed[], batch: Batch, generated: boolean): Outcome {
  try {
    return compileProject(exprs, batch.schema, generated)(batch).map(valuesOf)
  } catch (error) {
    if (error instanceof DataError) return { failed: error.message.replace(/: .*/s, '') }
    throw error
  }
}

test('generated code equals the interpreter', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), anyExpression, (rows, expr) => {
      const batch = batchOf(COLUMNS, columnar(rows))
      const typed = infer(nodeOf(expr), batch.schema, 'derive')
      expect(outcome([typed], batch, true)).toEqual(outcome([typed], batch, false))
    }),
    { numRuns: 700 },
  )
})

test('a slice of a batch, and the same texts without a dictionary, give the same rows', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 2, maxLength: 20 }),
      expressions.text,
      expressions.bool,
      (rows, text, bool) => {
        const batch = batchOf(COLUMNS, columnar([...rows, ...rows, ...rows, ...rows, ...rows, ...rows]))
        const exprs = [text, bool].map(expr => infer(nodeOf(expr), batch.schema, 'derive'))
        const whole = outcome(exprs, batch, true)
        if ('failed' in whole) return
        const columns = batch.columns.map(column =>
          column.layout === 'text' && column.codes !== null
            ? { ...column, strings: Array.from(column.codes, code => column.strings[code]!), codes: null }
            : column,
        )
        expect(outcome(exprs, batch.with(batch.schema, columns), true)).toEqual(whole)
        const part = outcome(exprs, batch.slice(1, batch.length), true)
        expect(part).toEqual(whole.map(column => column.slice(1)))
      },
    ),
    { numRuns: 250 },
  )
})

test('a filter keeps the rows for which the predicate is true', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), expressions.bool, (rows, expr) => {
      const batch = batchOf(COLUMNS, columnar(rows))
      const typed = infer(nodeOf(expr), batch.schema, 'filter')
      const found = outcome([typed], batch, false)
      if ('failed' in found) return
      const kept = new Int32Array(batch.length)
      const count = compileFilter(typed, batch.schema)(batch, kept)
      expect([...kept.subarray(0, count)]).toEqual(found[0]!.flatMap((value, i) => (value === true ? [i] : [])))
    }),
    { numRuns: 250 },
  )
})
