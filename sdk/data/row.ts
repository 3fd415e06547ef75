import { valueAt, type SparseVector, type Value } from './column.ts'
import type { Batch } from './batch.ts'
import { daysFromCivil, formatDate, formatTimestamp, parseTimestamp } from './time.ts'
import type { Columns, ColumnType, DataType, Nullable } from './type.ts'

/**
 * The edge between columns and JavaScript: what a value of each type is in a row object, both ways. Nothing inside the
 * engine makes row objects.
 */

interface ScalarJs {
  bool: boolean
  int32: number
  int64: number
  bigint: bigint
  float32: number
  float64: number
  utf8: string
  binary: Uint8Array
  timestamp: Date
  date: string
  /** Milliseconds, to the microsecond up to 139 years. */
  duration: number
}

/** The JavaScript type of a column type: `JsOf<'float64?'>` is `number | null`. */
export type JsOf<T extends ColumnType> = ColumnType extends T
  ? any // eslint-disable-line typescript/no-explicit-any -- a column whose type is not known takes part in everything
  : T extends `${infer B}?`
    ? BareJs<B> | null
    : T extends Columns
      ? RowOf<T>
      : BareJs<T>

type BareJs<B> = B extends keyof ScalarJs
  ? ScalarJs[B]
  : B extends `${infer E}?[]`
    ? (BareJs<E> | null)[]
    : B extends `${infer E}[]`
      ? BareJs<E>[]
      : B extends `decimal(${string}`
        ? string
        : B extends `vector(${string}`
          ? Float64Array
          : B extends `sparse(${string}`
            ? SparseVector
            : B extends `map(${string}`
              ? ReadonlyMap<unknown, unknown>
              : unknown

/** The row object of a frame with these columns. */
export type RowOf<C extends Columns> = { [K in keyof C]: JsOf<C[K]> }

/** How times appear in row objects: as Date (cut to milliseconds) or as ISO text (exact). */
export type TimeForm = 'date' | 'iso'

/** Row `i` of a batch as an object. */
export function rowAt(batch: Batch, i: number, times: TimeForm = 'date'): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (const [c, field] of batch.schema.fields.entries())
    row[field.name] = toJs(valueAt(batch.columns[c]!, i), field.type, times)
  return row
}

/** A physical value as JavaScript sees it. */
export function toJs(value: Value, type: DataType, times: TimeForm = 'date'): unknown {
  if (value === null) return null
  switch (type.kind) {
    case 'timestamp':
      return times === 'iso' ? formatTimestamp(value as number) : new Date(Math.floor((value as number) / 1000))
    case 'date':
      return formatDate(value as number)
    case 'duration':
      return (value as number) / 1000
    case 'decimal':
      return decimalText(value as bigint, type.scale)
    case 'list':
      return (value as readonly Value[]).map(item => toJs(item, type.item.type, times))
    case 'struct': {
      const children = value as readonly Value[]
      return Object.fromEntries(type.fields.map((field, i) => [field.name, toJs(children[i]!, field.type, times)]))
    }
    case 'map': {
      const pairs = value as readonly (readonly [Value, Value])[]
      return new Map(pairs.map(([k, v]) => [toJs(k, type.key, times), toJs(v, type.value.type, times)]))
    }
    default:
      return value
  }
}

/**
 * A JavaScript value as a physical one. `null` and `undefined` are null. What the type does not hold — a fraction for
 * an int32, a number beyond ±(2^53 − 1) for an int64, a text that is no time — is a sentence that says so; the caller
 * adds column and row.
 */
export function fromJs(value: unknown, of: Nullable): { readonly value: Value } | { readonly problem: string } {
  if (value === null || value === undefined) {
    return of.nullable ? { value: null } : { problem: 'it is null, and the column is not nullable' }
  }
  const physical = physicalOf(value, of.type)
  return physical === undefined ? { problem: `${show(value)} is not a ${describe(of.type)}` } : { value: physical }
}

function physicalOf(value: unknown, type: DataType): Value | undefined {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'int32':
      return typeof value === 'number' && (value | 0) === value ? value : undefined
    case 'int64':
      if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined
      return typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : undefined // −0 is no integer
    case 'bigint':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : undefined
    case 'float32':
    case 'float64':
      return typeof value === 'number' ? value : undefined
    case 'utf8':
      return typeof value === 'string' ? value : undefined
    case 'binary':
      return value instanceof Uint8Array ? value : undefined
    case 'timestamp':
      return defined(
        value instanceof Date ? value.getTime() * 1000 : typeof value === 'string' ? parseTimestamp(value) : NaN,
      )
    case 'date':
      return defined(dateOf(value))
    case 'duration':
      return typeof value === 'number' && Number.isSafeInteger(Math.round(value * 1000))
        ? Math.round(value * 1000) + 0
        : undefined
    case 'decimal':
      return decimalOf(value, type.precision, type.scale)
    case 'list':
      return Array.isArray(value) ? every(value, item => fromJs(item, type.item)) : undefined
    case 'struct': {
      if (typeof value !== 'object' || value === null) return undefined
      const record = value as Record<string, unknown>
      return every(type.fields, field => fromJs(record[field.name], field))
    }
    case 'map': {
      const pairs = value instanceof Map ? [...value] : undefined
      return (
        pairs &&
        every(
          pairs.flat(),
          (item, i) => fromJs(item, i % 2 === 0 ? { type: type.key, nullable: false } : type.value),
          2,
        )
      )
    }
    case 'vector':
      return type.sparse ? sparseOf(value, type.size) : denseOf(value, type.size)
  }
}

function defined(n: number): number | undefined {
  return Number.isNaN(n) ? undefined : n
}

function dateOf(value: unknown): number {
  if (value instanceof Date) return Math.floor(value.getTime() / 86_400_000)
  const match = typeof value === 'string' ? /^([+-]?\d{4,7})-(\d\d)-(\d\d)$/.exec(value) : null
  return match === null ? NaN : daysFromCivil(Number(match[1]), Number(match[2]), Number(match[3]))
}

function every<T>(
  items: readonly T[],
  convert: (item: T, i: number) => ReturnType<typeof fromJs>,
  group = 1,
): Value | undefined {
  const out: Value[] = []
  for (const [i, item] of items.entries()) {
    const converted = convert(item, i)
    if ('problem' in converted) return undefined
    out.push(converted.value)
  }
  if (group === 1) return out
  return Array.from({ length: out.length / group }, (_, i) => out.slice(i * group, (i + 1) * group))
}

function denseOf(value: unknown, size: number): Float64Array | undefined {
  const array =
    value instanceof Float64Array
      ? value
      : Array.isArray(value) && value.every(x => typeof x === 'number')
        ? Float64Array.from(value)
        : undefined
  return array?.length === size ? array : undefined
}

function sparseOf(value: unknown, size: number): SparseVector | undefined {
  if (typeof value !== 'object' || value === null || !('indices' in value) || !('values' in value)) return undefined
  const { indices, values } = value
  if (!(indices instanceof Int32Array && values instanceof Float64Array) || indices.length !== values.length)
    return undefined
  const ascending = indices.every((index, i) => index >= 0 && index < size && (i === 0 || index > indices[i - 1]!))
  return ascending ? { indices, values } : undefined
}

/** The unscaled integer of a decimal written as text, number or bigint; undefined when it does not fit exactly. */
export function decimalOf(value: unknown, precision: number, scale: number): bigint | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  const match = typeof text === 'string' ? /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim()) : null
  if (match === null) return undefined
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (fraction.length > scale) return undefined
  const unscaled = BigInt(match[2]! + fraction.padEnd(scale, '0'))
  if (unscaled >= 10n ** BigInt(precision)) return undefined
  return match[1] === '-' ? -unscaled : unscaled
}

/** `-12.30` for −1230n at scale 2. */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return (unscaled < 0n ? '-' : '') + (scale === 0 ? whole : `${whole}.${digits.slice(-scale)}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? value.slice(0, 57) + '…' : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`
}

function describe(type: DataType): string {
  switch (type.kind) {
    case 'int32':
      return 'whole number within ±2^31 (int32)'
    case 'int64':
      return 'whole number within ±(2^53 − 1) (int64)'
    case 'timestamp':
      return 'time (timestamp: a Date or ISO 8601 text)'
    case 'date':
      return 'day (date: YYYY-MM-DD)'
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'vector':
      return `vector of ${type.size} numbers`
    default:
      return type.kind
  }
}
