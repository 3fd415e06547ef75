import { civilFromDays, daysFromCivil, UNIT_MICROS, type TimeUnit } from '../../data/time.ts'
import { Zone } from '../../data/zone.ts'
import type { EagerFunction, FunctionOptions, Sql } from '../function.ts'
import { isTime } from '../promote.ts'
import { writtenWith, zoneless, zoneProblem } from './time.ts'

/**
 * Times brought to multiples of a unit: down, up, or to the nearer. Multiples count from the epoch, those of weeks from
 * a Monday; in a zone they are those of the clock on the wall.
 */

const DAY = UNIT_MICROS.day
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 }
const UNITS = [...Object.keys(UNIT_MICROS), ...Object.keys(MONTHS)]

/** So many microseconds from an origin, or so many months. */
interface Step {
  readonly micros: number
  readonly origin: number
  readonly months: number
  readonly text: string
  readonly single: string | undefined
}

/** `'hour'`, `'15 minutes'`, `'3 months'`; undefined for what is no such step. */
function stepOf(text: unknown): Step | undefined {
  const match = /^(?:(\d+) )?([a-z]+?)(s?)$/.exec(String(text))
  const [count, unit] = [Number(match?.[1] ?? 1), match?.[2] ?? '']
  const plural = match?.[3] === 's'
  if (count < 1 || count > 1e9 || (plural && match?.[1] === undefined)) return undefined
  const shared = { text: `${count} ${unit}`, single: count === 1 ? unit : undefined }
  const months = Object.hasOwn(MONTHS, unit) ? MONTHS[unit]! * count : 0
  if (months > 0) return { micros: 0, origin: 0, months, ...shared }
  if (!Object.hasOwn(UNIT_MICROS, unit)) return undefined
  return { micros: UNIT_MICROS[unit as TimeUnit] * count, origin: unit === 'week' ? 4 * DAY : 0, months: 0, ...shared }
}

/** The first instant of the multiple that a wall clock time lies in. */
function down(wall: number, { micros, origin, months }: Step): number {
  if (months === 0) return Math.floor((wall - origin) / micros) * micros + origin + 0
  const { year, month } = civilFromDays(Math.floor(wall / DAY))
  return startOfMonths(Math.floor(((year - 1970) * 12 + month - 1) / months) * months) * DAY
}

function next(floor: number, { micros, months }: Step): number {
  if (months === 0) return floor + micros
  const { year, month } = civilFromDays(floor / DAY)
  return startOfMonths((year - 1970) * 12 + month - 1 + months) * DAY
}

function startOfMonths(months: number): number {
  const year = 1970 + Math.floor(months / 12)
  return daysFromCivil(year, months - (year - 1970) * 12 + 1, 1)
}

type Way = 'truncate' | 'ceil' | 'round'

function moved(value: number, way: Way, step: Step): number {
  const floor = down(value, step)
  if (way === 'truncate' || floor === value) return floor
  const up = next(floor, step)
  return way === 'ceil' || up - value <= value - floor ? up : floor
}

/** The function of a physical value: of days for a date, of microseconds for a timestamp. */
function mover(way: Way, { unit, timeZone }: FunctionOptions, date: boolean): (value: number) => number {
  const step = stepOf(unit)!
  if (date) {
    if (step.months === 0 && step.micros < DAY) return value => value
    return value => moved(value * DAY, way, step) / DAY
  }
  if (timeZone === undefined) return value => moved(value, way, step)
  const zone = Zone.of(timeZone as string)
  if (step.months === 0 && step.micros <= UNIT_MICROS.hour) {
    return value => {
      const offset = zone.offset(value)
      return moved(value + offset, way, step) - offset
    }
  }
  return value => zone.instant(moved(zone.wall(value), way, step))!
}

function stepped(way: Way): EagerFunction {
  return {
    name: way,
    written: writtenWith('unit'),
    infer: ([a], options) => {
      if (!isTime(a!.type)) return `${way} takes a time or a date, and $0`
      const step = stepOf(options['unit'])
      if (step === undefined) {
        return `'${String(options['unit'])}' is not a calendar unit such as 'hour' or '15 minutes'; units are ${UNITS.join(', ')}`
      }
      if (a!.type.kind === 'date' && step.months === 0 && step.micros > DAY && step.micros % DAY !== 0) {
        return `$0, and ${step.text} are no whole days`
      }
      return zoneProblem(options, a!) ?? { type: a!.type, nullable: a!.nullable }
    },
    nulls: 'propagate',
    js: ([a], types, _, options, js) => {
      const { micros, origin, months } = stepOf(options['unit'])!
      const date = types[0]!.type.kind === 'date'
      const inline = !date && way === 'truncate' && months === 0 && origin === 0 && options['timeZone'] === undefined
      if (inline) return { value: `(Math.floor(${a!.value} / ${micros}) * ${micros} + 0)`, valid: null }
      return { value: `${js.bind(mover(way, options, date))}(${a!.value})`, valid: null }
    },
    evaluate: ([a], types, _, options) => mover(way, options, types[0]!.type.kind === 'date')(a as number),
    duckdb: zoneless(stepSql(way)),
    flink: zoneless(([a], types, options) => {
      const { single } = stepOf(options['unit'])!
      const part = /^(?:second|minute|hour|day|month|quarter|year)$/.test(single ?? '')
      if (way !== 'truncate' || !part)
        return { refused: 'Flink brings times down to days, months and parts of them only' }
      const as = types[0]!.type.kind === 'date' ? 'DATE' : 'TIMESTAMP(6)'
      return `CAST(FLOOR(${a} TO ${single!.toUpperCase()}) AS ${as})`
    }),
  }
}

const stepSql =
  (way: Way): Sql =>
  ([a], types, { unit }) => {
    const step = stepOf(unit)!
    const date = types[0]!.type.kind === 'date'
    if (date && step.months === 0 && step.micros < DAY) return a!
    const as = date ? 'DATE' : 'TIMESTAMP'
    const origin = step.origin === 0 ? '1970-01-01' : '1970-01-05'
    const floor =
      step.single === undefined
        ? `CAST(time_bucket(INTERVAL '${step.text}', CAST(${a} AS TIMESTAMP), TIMESTAMP '${origin}') AS ${as})`
        : `CAST(date_trunc('${step.single}', ${a}) AS ${as})`
    if (way === 'truncate') return floor
    const up = `CAST(${floor} + INTERVAL '${step.text}' AS ${as})`
    if (way === 'ceil') return `CASE WHEN ${floor} = ${a} THEN ${a} ELSE ${up} END`
    const micros = (sql: string): string => `epoch_us(CAST(${sql} AS TIMESTAMP))`
    return `CASE WHEN ${floor} = ${a} OR ${micros(a!)} - ${micros(floor)} < ${micros(up)} - ${micros(a!)} THEN ${floor} ELSE ${up} END`
  }

export const truncate: EagerFunction = stepped('truncate')
export const ceil: EagerFunction = stepped('ceil')
export const round: EagerFunction = stepped('round')

/** A time by calendar months later: the day is held to the end of the month. */
export function monthsLater(micros: number, months: number): number {
  const days = Math.floor(micros / DAY)
  const { year, month, day } = civilFromDays(days)
  const index = year * 12 + month - 1 + months
  const [y, m] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1]
  let to = day
  while (Number.isNaN(daysFromCivil(y, m, to))) to--
  return daysFromCivil(y, m, to) * DAY + (micros - days * DAY)
}

/** How many times a step lies between two instants: whole ones passed, cut towards zero, or its multiples crossed. */
export function between(unit: string, boundaries: boolean): (to: number, from: number) => number {
  const step = stepOf(unit)!
  const { micros, months } = step
  if (months === 0 && !boundaries) return (to, from) => Math.trunc((to - from) / micros) + 0
  if (months === 0) return (to, from) => Math.round((down(to, step) - down(from, step)) / micros) + 0
  const index = (wall: number): number => {
    const { year, month } = civilFromDays(Math.floor(wall / DAY))
    return Math.floor((year * 12 + month - 1) / months)
  }
  if (boundaries) return (to, from) => index(to) - index(from)
  const whole = (to: number, from: number): number => {
    const [a, b] = [civilFromDays(Math.floor(to / DAY)), civilFromDays(Math.floor(from / DAY))]
    const count = (a.year - b.year) * 12 + a.month - b.month
    return Math.floor((monthsLater(from, count) > to ? count - 1 : count) / months)
  }
  return (to, from) => (to >= from ? whole(to, from) : 0 - whole(from, to)) + 0
}

export const isUnit = (unit: unknown): boolean => UNITS.includes(unit as string)
export const unitNames: string = UNITS.join(', ')
