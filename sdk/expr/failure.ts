import { DataError } from '../data/errors.ts'
import type { Typed } from './node.ts'
import { exprText } from './text.ts'

/** The error of a row for which an expression has no value: it names the expression, the row and a way out. */
export function failedRow(expr: Typed, reason: string, row: number, cause?: unknown): DataError {
  const advice = Object.entries(ADVICE).find(([start]) => reason.startsWith(start))?.[1] ?? ''
  const text = exprText(expr)
  return new DataError(
    codeOf(reason),
    `${text}: ${reason} in row ${row} of the batch.${advice}`,
    { expr: text, row },
    cause,
  )
}

const ADVICE: Readonly<Record<string, string>> = {
  'int32 overflow': ` Cast before: .cast('int64').`,
  'int64 overflow': ` Cast before: .cast('bigint') is exact to 64 bits, .cast('float64') rounds.`,
  'bigint overflow': ` Cast before: .cast('float64').`,
  'decimal(': ` Cast before: .cast('float64').`,
  'division by zero': ` Leave such rows out, or choose: when(divisor.ne(0)).then(…).otherwise(null).`,
}

function codeOf(reason: string): string {
  if (reason.endsWith('overflow')) return 'overflow'
  return reason === 'division by zero' ? 'division-by-zero' : 'bad-value'
}
