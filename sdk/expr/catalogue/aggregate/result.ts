import { isNumeric, scalar, type DataType, type Nullable } from '../../../data/type.ts'
import type { Sql } from '../../function.ts'

/** What aggregates give and take: types of results and of arguments, and SQL that is one call. */

export const INT64: DataType = scalar('int64')
export const FLOAT64: DataType = scalar('float64')

export const sqlOf =
  (sql: (...args: string[]) => string): Sql =>
  args =>
    sql(...args)

export const nullable = (type: DataType): Nullable => ({ type, nullable: true })

/** A bool counts as 0 or 1. */
export function numeric(name: string, [a]: readonly Nullable[], duration: boolean): string | DataType {
  if (a!.type.kind === 'bool') return scalar('int32')
  if (isNumeric(a!.type) || (duration && a!.type.kind === 'duration')) return a!.type
  return `${name} takes numbers, and $0`
}
