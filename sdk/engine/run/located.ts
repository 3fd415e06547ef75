import { DataError, InterruptedError, PlanError, SinkError, SourceError, StateError } from '../../data/errors.ts'

/**
 * An error with the place in the plan where it arose: `read › filter › aggregate: …`. Its class, code and cause stay;
 * what is no error of ours, such as what a user's function threw, becomes a DataError with the thrown value as its
 * cause. A row that it names within a batch is counted from the first row of the input.
 */
export function located(error: unknown, path: string, rowsBefore: number): Error {
  const found = [DataError, SourceError, SinkError, StateError, PlanError, InterruptedError].find(
    known => error instanceof known,
  )
  if (found === undefined || !isOurs(error)) {
    const text = error instanceof Error ? error.message : String(error)
    return new DataError('failed', `${path}: ${text}`, { plan: path }, error)
  }
  const { row } = error.fields
  const at = typeof row === 'number' ? { row: rowsBefore + row } : {}
  return new found(error.code, `${path}: ${error.message}`, { ...error.fields, ...at, plan: path }, error.cause)
}

function isOurs(error: unknown): error is DataError {
  return error instanceof Error && 'code' in error && 'fields' in error
}
