import { civilFromDays, daysFromCivil, daysInMonth as monthDays, UNIT_MICROS, type TimeUnit } from '../../data/time.ts'
import { scalar, type Nullable } from '../../data/type.ts'
import { Zone } from '../../data/zone.ts'
import type { EagerFunction, FunctionOptions, JsScope, Sql } from '../function.ts'
import { isTime } from '../promote.ts'
import { isoWeek, isoWeekday } from '../time-format.ts'

/**
 * The parts of times in UTC or a zone, by the proleptic Gregorian calendar and ISO 8601 weeks. A timestamp counts microseconds,
 * a date days; both also before 1970.
 */

const DAY = UNIT_MICROS.day
const INT32 = scalar('int32')

/** The zone of a call is written by name: `hour({ timeZone: 'Europe/Oslo' })`. */
export const writtenWith =
  (...plain: readonly string[]) =>
  (options: FunctionOptions): readonly string[] => {
    const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))
    const first = plain.map(name => options[name]).filter(value => value !== undefined)
    const named = Object.entries(options).filter(([name, value]) => !plain.includes(name) && value !== undefined)
    const rest = named.map(([name, value]) => `${name}: ${shown(value)}`)
    return [...first.map(shown), ...(rest.length === 0 ? [] : [`{ ${rest.join(', ')} }`])]
  }

/** Why a zone is refused; undefined when it is not. A name that is none throws at once. */
export function zoneProblem({ timeZone }: FunctionOptions, { type }: Nullable): string | undefined {
  if (timeZone === undefined) return undefined
  Zone.of(timeZone as string)
  return type.kind === 'date' ? 'a date is a day in every zone, so it takes no timeZone' : undefined
}

const ZONES = 'zones are of the data of each machine'

/** SQL, refused where there is a zone. */
export const zoneless =
  (sql: Sql): Sql =>
  (args, types, options) => {
    if (options['timeZone'] !== undefined) return { refused: ZONES }
    return typeof sql === 'function' ? sql(args, types, options) : sql
  }

/** Code for what the clock on the wall shows in the zone of a call. */
function wallJs(value: string, { timeZone }: FunctionOptions, js: JsScope): string {
  if (timeZone === undefined) return value
  const zone = Zone.of(timeZone as string)
  return js.local(`${js.bind((micros: number) => zone.wall(micros))}(${value})`)
}

/** What the clock on the wall shows in the zone of a call. */
export function wallOf(value: number, { timeZone }: FunctionOptions): number {
  return timeZone === undefined ? value : Zone.of(timeZone as string).wall(value)
}

/** A part that dates have too: `ofDay` computes it from days since the epoch. */
function calendarPart(name: string, ofDay: (day: number) => number, duckdb: string, flink: Sql): EagerFunction {
  return {
    name,
    written: writtenWith(),
    infer: ([a], options) => {
      if (!isTime(a!.type)) return `${name} takes a time or a date, and $0`
      return zoneProblem(options, a!) ?? { type: INT32, nullable: a!.nullable }
    },
    nulls: 'propagate',
    js: ([a], types, _, options, js) => ({
      value: `${js.bind(ofDay)}(${types[0]!.type.kind === 'date' ? a!.value : `Math.floor(${wallJs(a!.value, options, js)} / ${DAY})`})`,
      valid: null,
    }),
    evaluate: ([a], types, _, options) =>
      ofDay(types[0]!.type.kind === 'date' ? (a as number) : Math.floor(wallOf(a as number, options) / DAY)),
    duckdb: zoneless(([a]) => `CAST(${duckdb}(${a})${duckdb.includes('(') ? ')' : ''} AS INTEGER)`),
    flink: zoneless(flink),
  }
}

/** The first day of a month, as days since the epoch. */
const dayOf = (year: number, month: number): number => daysFromCivil(year, month, 1)

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

export const quarter: EagerFunction = calendarPart(
  'quarter',
  days => Math.ceil(civilFromDays(days).month / 3),
  'quarter',
  extract('QUARTER'),
)
export const week: EagerFunction = calendarPart('week', days => isoWeek(days).week, 'week', extract('WEEK'))
export const isoYear: EagerFunction = calendarPart('isoYear', days => isoWeek(days).year, 'isoyear', {
  refused: 'Flink has no year of ISO weeks',
})
export const daysInMonth: EagerFunction = calendarPart(
  'daysInMonth',
  days => {
    const { year, month } = civilFromDays(days)
    return monthDays(year, month)
  },
  'day(last_day',
  { refused: 'Flink has no last day of a month' },
)

/** A part of the clock, which only timestamps have. */
function clockPart(
  name: 'hour' | 'minute' | 'second' | 'millisecond' | 'microsecond',
  unit: number,
  whole: number,
  sql: Sql,
): EagerFunction {
  return {
    name,
    written: writtenWith(),
    infer: ([a], options) => {
      if (a!.type.kind !== 'timestamp') return `${name} takes a timestamp, and $0`
      return zoneProblem(options, a!) ?? { type: INT32, nullable: a!.nullable }
    },
    nulls: 'propagate',
    js: ([a], _, __, options, js) => {
      const rest = js.local(`Math.floor(${wallJs(a!.value, options, js)} / ${unit}) % ${whole}`)
      return { value: `(${rest} < 0 ? ${rest} + ${whole} : ${rest} + 0)`, valid: null }
    },
    evaluate: ([a], _, __, options) =>
      Math.floor(((wallOf(a as number, options) % (unit * whole)) + unit * whole) / unit) % whole,
    duckdb: zoneless(([a]) => `CAST(${name}(${a}) % ${whole} AS INTEGER)`),
    flink: zoneless(sql),
  }
}

export const hour: EagerFunction = clockPart('hour', UNIT_MICROS.hour, 24, extract('HOUR'))
export const minute: EagerFunction = clockPart('minute', UNIT_MICROS.minute, 60, extract('MINUTE'))
export const second: EagerFunction = clockPart('second', UNIT_MICROS.second, 60, extract('SECOND'))

const FINE = { refused: 'times of Flink have milliseconds' }
export const millisecond: EagerFunction = clockPart('millisecond', 1000, 1000, FINE)
export const microsecond: EagerFunction = clockPart('microsecond', 1, 1e6, FINE)

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
