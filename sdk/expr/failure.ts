import { DataError } from '../data/errors.ts'
import { RowFailure } from './function.ts'
import type { Typed } from './node.ts'
import { exprText } from './text.ts'

/**
 * The error of a row for which an expression has no value: it names the expression and a way out. The row is counted
 * within the batch; whoever knows where the batch stands says its number. Null for what is no row of a batch.
 */
export function failedRow(expr: Typed, reason: string, row: number | null, cause?: unknown): DataError {
  const text = exprText(expr)
  const at = row === null ? {} : { row }
  return new DataError(codeOf(reason), `${text}: ${reason}.${adviceOn(expr, reason)}`, { expr: text, ...at }, cause)
}

/** `"drizzle" is no int32`: a reason with the value that it is about; of a failure that was caught, its own. */
export function reasonWith(found: unknown, reason: string): string {
  if (found instanceof RowFailure) return found.message
  if (typeof found !== 'string') return `${String(found)} ${reason}`
  return `${JSON.stringify(found.length > 60 ? `${found.slice(0, 57)}…` : found)} ${reason}`
}

function adviceOn(expr: Typed, reason: string): string {
  if (expr.kind === 'cast' && expr.arg.type.kind === 'utf8') return ` tryCast gives null for such text.`
  return Object.entries(ADVICE).find(([start]) => reason.startsWith(start))?.[1] ?? ''
}

/** The same error of a batch that is made up, such as one of groups, whose row numbers mean nothing to a user. */
export function withoutRow(error: unknown): unknown {
  if (!(error instanceof DataError)) return error
  const { row: _, ...fields } = error.fields
  return new DataError(error.code, error.message, fields, error.cause)
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
