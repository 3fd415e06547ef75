import { civilFromDays, daysFromCivil, UNIT_MICROS, type TimeUnit } from '../../data/time.ts'
import { scalar, type DataType } from '../../data/type.ts'
import type { EagerFunction, FunctionOptions, JsScope, Sql } from '../function.ts'
import { isTime } from '../promote.ts'

/**
 * The parts of times in UTC, by the proleptic Gregorian calendar and ISO 8601 weeks. A timestamp counts microseconds,
 * a date days; both also before 1970.
 */

const DAY = UNIT_MICROS.day
const INT32 = scalar('int32')

/** A part that dates have too: `ofDay` computes it from days since the epoch. */
function calendarPart(name: string, ofDay: (day: number) => number, duckdb: string, flink: Sql): EagerFunction {
  return {
    name,
    infer: ([a]) =>
      isTime(a!.type) ? { type: INT32, nullable: a!.nullable } : `${name} takes a time or a date, and $0`,
    nulls: 'propagate',
    js: ([a], types, _, __, js) => ({
      value: `${js.bind(ofDay)}(${types[0]!.type.kind === 'date' ? a!.value : `Math.floor(${a!.value} / ${DAY})`})`,
      valid: null,
    }),
    evaluate: ([a], types) => ofDay(types[0]!.type.kind === 'date' ? (a as number) : Math.floor((a as number) / DAY)),
    duckdb: ([a]) => `CAST(${duckdb}(${a}) AS INTEGER)`,
    flink,
  }
}

/** The first day of a month, as days since the epoch. */
const dayOf = (year: number, month: number): number => daysFromCivil(year, month, 1)

/** 1970-01-01 was a Thursday. */
const isoWeekday = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

const extract =
  (part: string): Sql =>
  ([a]) =>
    `CAST(EXTRACT(${part} FROM ${a}) AS INT)`

export const year: EagerFunction = calendarPart('year', day => civilFromDays(day).year, 'year', extract('YEAR'))
export const month: EagerFunction = calendarPart('month', day => civilFromDays(day).month, 'month', extract('MONTH'))
export const day: EagerFunction = calendarPart('day', days => civilFromDays(days).day, 'day', extract('DAY'))
export const weekday: EagerFunction = calendarPart('weekday', isoWeekday, 'isodow', ([a]) => {
  return `CAST(MOD(EXTRACT(DOW FROM ${a}) + 5, 7) + 1 AS INT)`
})
export const dayOfYear: EagerFunction = calendarPart(
  'dayOfYear',
  days => days - dayOf(civilFromDays(days).year, 1) + 1,
  'dayofyear',
  extract('DOY'),
)

/** A part of the clock, which only timestamps have. */
function clockPart(name: 'hour' | 'minute' | 'second', unit: number, whole: number): EagerFunction {
  return {
    name,
    infer: ([a]) =>
      a!.type.kind === 'timestamp' ? { type: INT32, nullable: a!.nullable } : `${name} takes a timestamp, and $0`,
    nulls: 'propagate',
    js: ([a], _, __, ___, js) => {
      const rest = js.local(`Math.floor(${a!.value} / ${unit}) % ${whole}`)
      return { value: `(${rest} < 0 ? ${rest} + ${whole} : ${rest} + 0)`, valid: null }
    },
    evaluate: ([a]) => Math.floor((((a as number) % (unit * whole)) + unit * whole) / unit) % whole,
    duckdb: ([a]) => `CAST(${name}(${a}) AS INTEGER)`,
    flink: extract(name.toUpperCase()),
  }
}

export const hour: EagerFunction = clockPart('hour', UNIT_MICROS.hour, 24)
export const minute: EagerFunction = clockPart('minute', UNIT_MICROS.minute, 60)
export const second: EagerFunction = clockPart('second', UNIT_MICROS.second, 60)

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

export const truncate: EagerFunction = {
  name: 'truncate',
  infer: ([a], { unit }) => {
    if (!isTime(a!.type)) return `truncate takes a time or a date, and $0`
    if (!UNITS.includes(unit as string))
      return `'${String(unit)}' is not a calendar unit; units are ${UNITS.join(', ')}`
    return { type: a!.type, nullable: a!.nullable }
  },
  nulls: 'propagate',
  js: ([a], types, _, { unit }, js) => ({
    value: truncateJs(a!.value, types[0]!.type, unit as string, js),
    valid: null,
  }),
  evaluate: ([a], types, _, { unit }) => {
    const value = a as number
    if (types[0]!.type.kind === 'date') return startOf(value, unit as string)
    const micros = UNIT_MICROS[unit as TimeUnit]
    if (micros < DAY) return value - (((value % micros) + micros) % micros) + 0
    return startOf(Math.floor(value / DAY), unit as string) * DAY
  },
  duckdb: ([a], types, { unit }) =>
    `CAST(date_trunc('${String(unit)}', ${a}) AS ${types[0]!.type.kind === 'date' ? 'DATE' : 'TIMESTAMP'})`,
  flink: ([a], types, { unit }) =>
    unit === 'week'
      ? { refused: 'weeks of Flink start on Sunday, those of the engine on Monday' }
      : `CAST(FLOOR(${a} TO ${String(unit).toUpperCase()}) AS ${types[0]!.type.kind === 'date' ? 'DATE' : 'TIMESTAMP(6)'})`,
}

function truncateJs(value: string, type: DataType, unit: string, js: JsScope): string {
  const micros = unit === 'month' || unit === 'quarter' || unit === 'year' ? undefined : UNIT_MICROS[unit as TimeUnit]
  if (type.kind === 'date') return micros !== undefined && micros <= DAY ? value : startJs(value, unit, js)
  if (micros !== undefined && micros <= DAY) return `(Math.floor(${value} / ${micros}) * ${micros} + 0)`
  return `(${startJs(`Math.floor(${value} / ${DAY})`, unit, js)} * ${DAY})`
}

function startJs(day: string, unit: string, js: JsScope): string {
  return `${js.bind(startOf)}(${day}, ${JSON.stringify(unit)})`
}

/** The first day of the unit that a day lies in. */
function startOf(day: number, unit: string): number {
  switch (unit) {
    case 'week':
      return day - isoWeekday(day) + 1
    case 'month': {
      const { year, month } = civilFromDays(day)
      return dayOf(year, month)
    }
    case 'quarter': {
      const { year, month } = civilFromDays(day)
      return dayOf(year, month - ((month - 1) % 3))
    }
    case 'year':
      return dayOf(civilFromDays(day).year, 1)
    default:
      return day
  }
}

export const inUnit: EagerFunction = {
  name: 'in',
  infer: ([a], { unit }) => {
    if (a!.type.kind !== 'duration') return `in takes a duration, and $0`
    if (!Object.hasOwn(UNIT_MICROS, singular(unit))) {
      return `'${String(unit)}' is not a unit of time; units are ${Object.keys(UNIT_MICROS).join(', ')}`
    }
    return { type: scalar('float64'), nullable: a!.nullable }
  },
  nulls: 'propagate',
  js: ([a], _, __, options) => ({ value: `(${a!.value} / ${micros(options)})`, valid: null }),
  evaluate: ([a], _, __, options) => (a as number) / micros(options),
  duckdb: ([a], _, options) => `(CAST(${a} AS DOUBLE) / ${micros(options)})`,
  flink: ([a], _, options) => `(CAST(${a} AS DOUBLE) / ${micros(options)})`,
}

const micros = ({ unit }: FunctionOptions): number => UNIT_MICROS[singular(unit) as TimeUnit]

const singular = (unit: unknown): string => String(unit).replace(/s$/, '')
