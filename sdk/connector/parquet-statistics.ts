import type { Value } from '../data/column.ts'
import type { Condition } from '../plan/port.ts'
import type { Leaf } from './parquet-schema.ts'

/**
 * Whether a row group may hold rows that meet a condition, by the least and greatest value that its footer notes for a
 * column. In doubt it may: bounds can be missing, shortened, or of another order than ours.
 */

/** What a footer says about the values of one column in one row group; `rows` counts nulls too. */
export interface ColumnStatistics {
  readonly min_value?: unknown
  readonly max_value?: unknown
  readonly null_count?: bigint
  readonly rows: bigint
}

interface Bounds {
  readonly least: Value
  /** Null where larger values are possible. */
  readonly greatest: Value
}

export function mayHold({ is, values }: Condition, of: ColumnStatistics, leaf: Leaf): boolean {
  if (of.null_count !== undefined) {
    if (is === 'isNull') return of.null_count > 0n
    if (of.null_count === of.rows) return false
  }
  if (is === 'isNull' || is === 'isNotNull') return true
  const bounds = boundsOf(of, leaf)
  if (bounds === null) return true
  const { least, greatest } = bounds
  const below = (value: Value): boolean => order(value, least) < 0
  const above = (value: Value): boolean => greatest !== null && order(value, greatest) > 0
  switch (is) {
    case 'eq':
    case 'isIn':
      return values.some(value => !below(value) && !above(value))
    case 'lt':
      return order(least, values[0]!) < 0
    case 'le':
      return order(least, values[0]!) <= 0
    case 'gt':
      return greatest === null || order(greatest, values[0]!) > 0
    case 'ge':
      return greatest === null || order(greatest, values[0]!) >= 0
  }
}

function boundsOf({ min_value: min, max_value: max }: ColumnStatistics, leaf: Leaf): Bounds | null {
  switch (leaf.reading) {
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64':
    case 'bigint':
    case 'ubigint':
      return isInteger(min) && isInteger(max) ? { least: min, greatest: max } : null
    case 'float32':
    case 'float64':
      // statistics leave NaN out, which is greater than every number
      return typeof min === 'number' && !Number.isNaN(min) ? { least: min, greatest: null } : null
    case 'date':
      return min instanceof Date && max instanceof Date
        ? { least: min.getTime() / 86_400_000, greatest: max.getTime() / 86_400_000 }
        : null
    case 'millis':
    case 'micros':
    case 'nanos':
      // dates have milliseconds, so the bounds are a millisecond wider
      if (!(min instanceof Date && max instanceof Date)) return null
      return { least: min.getTime() * 1000 - 1000, greatest: max.getTime() * 1000 + 1000 }
    case 'utf8':
      return isWhole(min) && isWhole(max) ? { least: min, greatest: max } : null
    default:
      return null
  }
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** A bound that was cut within a character is none. */
function isWhole(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\ufffd')
}

/** NaN is above all numbers; text is in the order of its UTF-8. False is below true. Values of different kinds are in no order: 0. */
export function order(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (!isInteger(a) || !isInteger(b)) return 0
  if (a < b || Number.isNaN(b)) return Number.isNaN(a) ? 0 : -1
  return a > b || Number.isNaN(a) ? 1 : 0
}
