import { fromJs, toJs } from '../data/row.ts'
import { typeText, type DataType, type Nullable } from '../data/type.ts'
import type { Value } from '../data/column.ts'
import { failedRow } from './failure.ts'
import type { Typed } from './node.ts'

/** A user's function over physical values: values go in as row objects have them, and what comes out is checked. */
export function callUser(expr: Extract<Typed, { kind: 'udf' }>): (args: readonly Value[], row: number) => Value {
  const { udf, args: inputs } = expr
  const fn = udf.fn as (...values: unknown[]) => unknown
  const types = inputs.map(input => input.type)
  return (args, row) => {
    let result: unknown
    try {
      result = fn(...args.map((arg, i) => asJs(arg, types[i]!)))
    } catch (cause) {
      throw failedRow(expr, `${udf.name} threw ${cause instanceof Error ? cause.message : String(cause)}`, row, cause)
    }
    return resultOf(result, udf.result, problem =>
      failedRow(expr, `${udf.name} should give ${typeText(udf.result)}, but ${problem}`, row),
    )
  }
}

function asJs(value: Value, type: DataType): unknown {
  return typeof value === 'number' && type.kind !== 'timestamp' && type.kind !== 'date' && type.kind !== 'duration'
    ? value
    : toJs(value, type)
}

function resultOf(result: unknown, of: Nullable, fail: (problem: string) => Error): Value {
  if (of.type.kind === 'float64' && typeof result === 'number') return result
  const read = fromJs(result, of)
  if ('value' in read) return read.value
  throw fail(read.problem)
}
