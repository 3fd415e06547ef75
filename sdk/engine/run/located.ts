import { DataError, InterruptedError, PlanError, SinkError, SourceError, StateError } from '../../data/errors.ts'

/**
 * An error with the place in the plan where it arose: `read › filter › aggregate: …`. Its class, code and cause stay;
 * what is no error of ours, such as what a user's function threw, becomes a DataError with the thrown value as its
 * cause. A row that an operator names within its batch is counted from the first row of its input, from 0 as arrays are,
 * and left out where it is not known how many came before.
 */
export function located(error: unknown, path: string, rowsBefore: number | null = null): Error {
  const found = [DataError, SourceError, SinkError, StateError, PlanError, InterruptedError].find(
    known => error instanceof known,
  )
  if (found === undefined || !isOurs(error)) {
    const text = error instanceof Error ? error.message : String(error)
    return new DataError('failed', `${path}: ${text}`, { plan: path }, error)
  }
  const { row, ...fields } = error.fields
  const known = typeof row === 'number' && rowsBefore !== null ? rowsBefore + row : undefined
  const place = known === undefined || fields['expr'] === undefined ? path : `${path}, input row ${known} (from 0)`
  const at = known === undefined ? {} : { row: known }
  return new found(error.code, `${place}: ${error.message}`, { ...fields, ...at, plan: path }, error.cause)
}

function isOurs(error: unknown): error is DataError {
  return error instanceof Error && 'code' in error && 'fields' in error
}
