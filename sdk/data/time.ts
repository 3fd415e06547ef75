import { PlanError } from './errors.ts'

/**
 * Time as the engine counts it: microseconds since the epoch, UTC, in a float64 that holds an integer; dates as days.
 * Durations are written `'10 minutes'`.
 */

export type TimeUnit = 'microsecond' | 'millisecond' | 'second' | 'minute' | 'hour' | 'day' | 'week'

/** A length of calendar time as text: `'1 month'`, `'-2 years'`. Months differ in length. */
export type CalendarDuration =
  `${number} ${'month' | 'quarter' | 'year'}` | `${number} ${'month' | 'quarter' | 'year'}s`

/** A length of time as text: `'1 hour'`, `'250 milliseconds'`, `'1.5 days'`. */
export type Duration = `${number} ${TimeUnit}` | `${number} ${TimeUnit}s`

export const UNIT_MICROS: Readonly<Record<TimeUnit, number>> = {
  microsecond: 1,
  millisecond: 1e3,
  second: 1e6,
  minute: 60e6,
  hour: 3600e6,
  day: 86_400e6,
  week: 604_800e6,
}

/** Microseconds of a duration. `where` names the call and option for the error. */
export function durationMicros(text: string, where: string): number {
  const match = /^\s*(-?[\d.]+)\s*([a-z]+?)s?\s*$/.exec(text)
  const unit = match === null ? undefined : UNIT_MICROS[match[2] as TimeUnit]
  const micros = unit === undefined ? NaN : Number(match![1]) * unit
  if (!Number.isSafeInteger(Math.round(micros))) {
    const units = Object.keys(UNIT_MICROS).join(', ')
    const text1 = `${where}: "${text}" is not a duration. Write a number and a unit, such as '10 minutes'; units are ${units}.`
    throw new PlanError('bad-duration', text1, { found: text })
  }
  return Math.round(micros)
}

/** Reads an ISO 8601 date or date and time as microseconds; without a zone it is UTC. NaN when it is neither. */
export function parseTimestamp(text: string): number {
  const match = ISO.exec(text)
  if (match === null) return NaN
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  const midnight = hour === '24' && minute === '00' && Number(`${second}${fraction}`) === 0
  if ((Number(hour) > 23 && !midnight) || Number(minute) > 59 || Number(second) > 59) return NaN
  const days = daysFromCivil(Number(year), Number(month), Number(day))
  if (Number.isNaN(days)) return NaN
  let rest = Number(hour) * UNIT_MICROS.hour + Number(minute) * UNIT_MICROS.minute
  rest += Number(second) * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6))
  if (zone !== undefined && zone !== 'Z' && zone !== 'z') {
    const [h, m] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
    if (h > 23 || (zone.length > 3 && m > 59)) return NaN
    const offset = (h * 60 + (zone.length > 3 ? m : 0)) * UNIT_MICROS.minute
    rest += zone.startsWith('-') ? offset : -offset
  }
  return microsOf(days, rest)
}

/** Microseconds of a day and the microseconds in it; NaN where a float64 does not hold the sum exactly. */
export function microsOf(days: number, rest: number): number {
  const micros = days * UNIT_MICROS.day + rest
  if (Number.isSafeInteger(micros) || Number.isNaN(micros)) return micros
  return BigInt(micros) === BigInt(days) * BigInt(UNIT_MICROS.day) + BigInt(rest) ? micros : NaN
}

const ISO =
  /^([+-]?\d{4,7})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/

/** Days since the epoch of a date of the proleptic Gregorian calendar; NaN when there is no such day. */
export function daysFromCivil(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return NaN
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** `2001-04-01T00:00:00Z`, with as many digits of the second as are needed. */
export function formatTimestamp(micros: number): string {
  const days = Math.floor(micros / UNIT_MICROS.day)
  const rest = micros - days * UNIT_MICROS.day
  const two = (n: number): string => String(n).padStart(2, '0')
  const seconds = Math.floor(rest / 1e6)
  const fraction = rest - seconds * 1e6
  const digits =
    fraction === 0
      ? ''
      : '.' +
        String(fraction)
          .padStart(6, '0')
          .replace(/(\d{3})000$/, '$1')
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${formatDate(days)}T${clock}${digits}Z`
}

/** `2001-04-01` for days since the epoch. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days)
  const yearText =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
  return `${yearText}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** A day of the proleptic Gregorian calendar. */
interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The day that lies so many days after the epoch: the inverse of {@link daysFromCivil}, by Howard Hinnant. */
export function civilFromDays(days: number): Civil {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const m = Math.floor((5 * dayOfYear + 2) / 153)
  const month = m < 10 ? m + 3 : m - 9
  const day = dayOfYear - Math.floor((153 * m + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}
