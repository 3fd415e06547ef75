import type { Value } from '../data/column.ts'
import { decimalOf, decimalText } from '../data/row.ts'
import { formatDate, formatTimestamp, parseTimestamp, UNIT_MICROS } from '../data/time.ts'
import { bareText, isFloat, isInteger, isNumeric, sameType, type DataType } from '../data/type.ts'
import { divideAway, fits, overflow, roundAway } from './catalogue/number.ts'
import { reasonWith } from './failure.ts'
import { RowFailure, type JsScope, type Refused } from './function.ts'
import { isBig, scaleOf, widest } from './promote.ts'
import { sqlType } from './sql-type.ts'

/**
 * Casts: between numbers (rounding half away from zero, refusing what does not fit), between times and dates, and from
 * and to text. Null stays null.
 */

const DAY = UNIT_MICROS.day

/** Why values of one type cannot be cast to another; undefined when they can. */
export function castProblem(from: DataType, to: DataType): string | undefined {
  if (isWider(from, to)) return undefined
  const plain = (type: DataType): boolean => isNumeric(type) || type.kind === 'bool'
  if (isNumeric(from) && to.kind === 'bool') return 'compare instead: .ne(0)'
  if (plain(from) && (plain(to) || to.kind === 'utf8')) return undefined
  if (from.kind === 'utf8' && (plain(to) || to.kind === 'timestamp' || to.kind === 'date')) return undefined
  if (from.kind === 'timestamp' && (to.kind === 'date' || to.kind === 'utf8')) return undefined
  if (from.kind === 'date' && (to.kind === 'timestamp' || to.kind === 'utf8')) return undefined
  if (from.kind === 'duration' && isNumeric(to)) return `name the unit instead: .in('second')`
  return `there is no cast from ${bareText(from)} to ${bareText(to)}`
}

/** True where values of one type are values of the other as they are. */
function isWider(from: DataType, to: DataType): boolean {
  if (sameType(from, to)) return true
  const wider = widest(from, to)
  return wider !== undefined && sameType(wider, to)
}

/** A value in another type, by plain JavaScript. */
export function castValue(value: Value, from: DataType, to: DataType): Value {
  if (value === null || isWider(from, to)) return value
  const found = convert(value, from, to)
  if (found === undefined) {
    throw new RowFailure(from.kind === 'utf8' ? reasonWith(value, `is no ${bareText(to)}`) : overflow(to))
  }
  return found
}

/** The same, and null for what has no value in the other type. */
export function castOrNull(value: Value, from: DataType, to: DataType): Value {
  if (value === null || isWider(from, to)) return value
  return convert(value, from, to) ?? null
}

function convert(value: Value, from: DataType, to: DataType): Value | undefined {
  if (from.kind === 'utf8') return parse(value as string, to)
  if (to.kind === 'utf8') return show(value, from)
  if (to.kind === 'date') return Math.floor((value as number) / DAY)
  if (to.kind === 'timestamp') return inRange((value as number) * DAY, to)
  return number(typeof value === 'boolean' ? Number(value) : (value as number | bigint), from, to)
}

function inRange(value: number | bigint, to: DataType): number | bigint | undefined {
  return fits(value, to) ? value : undefined
}

function number(value: number | bigint, from: DataType, to: DataType): number | bigint | undefined {
  if (isFloat(to)) {
    const float = from.kind === 'decimal' ? Number(value) / 10 ** from.scale : Number(value)
    return to.kind === 'float32' ? Math.fround(float) : float
  }
  if (to.kind === 'decimal' || from.kind === 'decimal') return rescaled(value, from, to)
  const whole = typeof value === 'number' ? roundAway(value) + 0 : value
  if (typeof whole === 'number' && !Number.isFinite(whole)) return undefined
  return inRange(to.kind === 'bigint' ? BigInt(whole) : Number(whole), to)
}

/** To or from a decimal, in whole numbers. */
function rescaled(value: number | bigint, from: DataType, to: DataType): number | bigint | undefined {
  if (isFloat(from)) {
    if (!Number.isFinite(value)) return undefined
    return inRange(BigInt(roundAway((value as number) * 10 ** scaleOf(to))), to)
  }
  const shift = scaleOf(to) - scaleOf(from)
  const whole = BigInt(value)
  const moved = shift >= 0 ? whole * 10n ** BigInt(shift) : divideAway(whole, 10n ** BigInt(-shift))
  if (isBig(to)) return inRange(moved, to)
  return moved >= -(2n ** 53n) && moved <= 2n ** 53n ? inRange(Number(moved), to) : undefined
}

const WHOLE = /^\s*[+-]?\d+\s*$/
const FLOAT = /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN)\s*$/

function parse(text: string, to: DataType): Value | undefined {
  switch (to.kind) {
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'timestamp':
      return defined(parseTimestamp(text.trim()))
    case 'date':
      return /[T ]/.test(text.trim()) ? undefined : defined(parseTimestamp(text.trim()) / DAY)
    case 'decimal':
      return decimalOf(text, to.precision, to.scale)
    case 'float32':
      return FLOAT.test(text) ? Math.fround(Number(text)) : undefined
    case 'float64':
      return FLOAT.test(text) ? Number(text) : undefined
    case 'bigint':
      return WHOLE.test(text) ? inRange(BigInt(text.trim().replace(/^\+/, '')), to) : undefined
    default:
      return WHOLE.test(text) ? inRange(Number(text) + 0, to) : undefined
  }
}

function defined(n: number): number | undefined {
  return Number.isNaN(n) ? undefined : n
}

function show(value: Value, from: DataType): string {
  if (from.kind === 'timestamp') return formatTimestamp(value as number)
  if (from.kind === 'date') return formatDate(value as number)
  return from.kind === 'decimal' ? decimalText(value as bigint, from.scale) : `${value as boolean | number | bigint}`
}

/** JavaScript for a cast of a physical value. Its statements may fail the row, so they stand behind a test for null. */
export function castJs(value: string, from: DataType, to: DataType, js: JsScope): string {
  if (isWider(from, to)) return value
  const [narrow, whole] = [from.kind, to.kind]
  if (whole === 'float64' && (isInteger(from) || narrow === 'float32' || narrow === 'bool')) {
    return narrow === 'bigint' ? `Number(${value})` : value
  }
  if (whole === 'float64' && from.kind === 'decimal') return `(Number(${value}) / ${10 ** from.scale})`
  if (whole === 'int64' && (narrow === 'int32' || narrow === 'bool')) return value
  if (whole === 'int32' && narrow === 'bool') return value
  if (whole === 'int32' && narrow === 'int64') {
    js.run(`if (${value} !== (${value} | 0)) ${js.fail(overflow(to))}`)
    return value
  }
  if ((whole === 'int32' || whole === 'int64') && isFloat(from)) {
    const rounded = js.local(`(${value} < 0 ? -Math.round(-${value}) : Math.round(${value})) + 0`)
    const outside = whole === 'int32' ? `${rounded} !== (${rounded} | 0)` : `!Number.isSafeInteger(${rounded})`
    js.run(`if (${outside}) ${js.fail(overflow(to))}`)
    return rounded
  }
  if (whole === 'bigint' && (narrow === 'int32' || narrow === 'int64')) return `BigInt(${value})`
  const bool = narrow === 'bool' ? `${value} === 1` : value
  const found = js.local(`${js.bind((x: Value) => physical(convert(x, from, to)))}(${bool})`)
  const failed = from.kind === 'utf8' ? js.fail(`is no ${bareText(to)}`, value) : js.fail(overflow(to))
  js.run(`if (${found} === undefined) ${failed}`)
  return found
}

function physical(value: Value | undefined): Value | undefined {
  return typeof value === 'boolean' ? Number(value) : value
}

/** SQL of a cast, or why an executor would answer otherwise. */
export function castSql(sql: string, from: DataType, to: DataType, dialect: 'duckdb' | 'flink'): string | Refused {
  if (isWider(from, to)) return sql
  const name = sqlType(to, dialect)
  if (typeof name !== 'string') return name
  if (to.kind === 'utf8' && (isFloat(from) || from.kind === 'timestamp')) {
    return { refused: `${dialect} writes a ${bareText(from)} as text in another form` }
  }
  if (from.kind === 'utf8') return { refused: `${dialect} reads other texts as ${bareText(to)} than the engine does` }
  if (isFloat(from) && isInteger(to)) {
    if (dialect === 'flink') return { refused: 'Flink cuts a fraction off, the engine rounds' }
    return `CAST(round(${sql}) AS ${name})`
  }
  return `CAST(${sql} AS ${name})`
}
