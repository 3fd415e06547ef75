import type { Batch } from '../data/batch.ts'
import { valueAt, type Value } from '../data/column.ts'
import { castValue } from './cast.ts'
import { failedRow } from './failure.ts'
import { RowFailure } from './function.ts'
import type { Typed } from './node.ts'
import { callUser } from './user-function.ts'

/**
 * The value of an expression for one row, computed from the tree: the plain definition that generated code is tested
 * against, and what runs where code may not be generated.
 */
export function interpret(expr: Typed, batch: Batch, row: number): Value {
  switch (expr.kind) {
    case 'column':
      return valueAt(batch.columns[expr.index]!, row)
    case 'literal':
      return expr.value
    case 'cast': {
      const value = interpret(expr.arg, batch, row)
      return named(expr, row, () => castValue(value, expr.arg.type, expr.type))
    }
    case 'call': {
      const { fn, args, options } = expr
      if (fn.nulls === 'lazy') return fn.evaluate(args.map(arg => () => interpret(arg, batch, row)))
      const values = args.map(arg => interpret(arg, batch, row))
      if (fn.nulls === 'propagate' && values.includes(null)) return null
      return named(expr, row, () => fn.evaluate(values, args, expr, options))
    }
    case 'udf':
      return callUser(expr)(
        expr.args.map(arg => interpret(arg, batch, row)),
        row,
      )
    case 'aggregate':
    case 'window':
    case 'learnt':
      throw new TypeError(`${expr.kind} has no value per row`)
  }
}

function named(expr: Typed, row: number, compute: () => Value): Value {
  try {
    return compute()
  } catch (error) {
    throw error instanceof RowFailure ? failedRow(expr, error.message, row) : error
  }
}
