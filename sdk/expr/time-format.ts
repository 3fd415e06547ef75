import { civilFromDays, daysFromCivil, microsOf, UNIT_MICROS } from '../data/time.ts'

/**
 * Times as text by directives of strftime: `%Y-%m-%d %H:%M:%S`. Names are English. A format is read once into parts.
 */

const DAY = UNIT_MICROS.day
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] // prettier-ignore

/** The fields of a wall clock time, and what it is ahead of UTC, in microseconds. */
interface Fields {
  readonly days: number
  readonly year: number
  readonly month: number
  readonly day: number
  /** Microseconds of the day. */
  readonly rest: number
  readonly offset: number
}

/** 1970-01-01 was a Thursday. */
export const isoWeekday = (days: number): number => ((((days + 3) % 7) + 7) % 7) + 1

/** The year and week by ISO 8601: those of the Thursday of the same week. */
export function isoWeek(days: number): { readonly year: number; readonly week: number } {
  const thursday = days - isoWeekday(days) + 4
  const { year } = civilFromDays(thursday)
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 }
}

const dayOfYear = ({ days, year }: Fields): number => days - daysFromCivil(year, 1, 1) + 1
const hour = ({ rest }: Fields): number => Math.floor(rest / UNIT_MICROS.hour)
const minute = ({ rest }: Fields): number => Math.floor(rest / UNIT_MICROS.minute) % 60
const second = ({ rest }: Fields): number => Math.floor(rest / 1e6) % 60
const twelve = (fields: Fields): number => hour(fields) % 12 || 12
const year4 = (year: number): string =>
  year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')

type Write = (fields: Fields) => string

const padded =
  (of: (fields: Fields) => number, width: number): Write =>
  fields =>
    String(of(fields)).padStart(width, '0')

const WRITE: Readonly<Record<string, Write>> = {
  Y: ({ year }) => year4(year),
  y: padded(({ year }) => ((year % 100) + 100) % 100, 2),
  m: padded(({ month }) => month, 2),
  d: padded(({ day }) => day, 2),
  H: padded(hour, 2),
  I: padded(twelve, 2),
  M: padded(minute, 2),
  S: padded(second, 2),
  f: padded(({ rest }) => rest % 1e6, 6),
  g: padded(({ rest }) => Math.floor((rest % 1e6) / 1000), 3),
  j: padded(dayOfYear, 3),
  p: fields => (hour(fields) < 12 ? 'AM' : 'PM'),
  a: ({ days }) => DAYS[isoWeekday(days) - 1]!.slice(0, 3),
  A: ({ days }) => DAYS[isoWeekday(days) - 1]!,
  b: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  B: ({ month }) => MONTHS[month - 1]!,
  u: ({ days }) => String(isoWeekday(days)),
  w: ({ days }) => String(isoWeekday(days) % 7),
  V: padded(({ days }) => isoWeek(days).week, 2),
  G: ({ days }) => year4(isoWeek(days).year),
  z: ({ offset }) => {
    const minutes = Math.floor(Math.abs(offset) / UNIT_MICROS.minute)
    const [h, m] = [Math.floor(minutes / 60), minutes % 60].map(n => String(n).padStart(2, '0'))
    return `${offset < 0 ? '-' : '+'}${h}:${m}`
  },
  '%': () => '%',
}

const SHORT: Readonly<Record<string, string>> = { F: '%Y-%m-%d', T: '%H:%M:%S', D: '%m/%d/%y', R: '%H:%M' }
const UNPADDED = 'mdHIMSjy'

/** With `%F`, `%T`, `%D` and `%R` written out. */
export function expanded(format: string): string {
  return format.replace(/%(.)/gs, (whole, letter: string) => SHORT[letter] ?? whole)
}

/** The directive that is none; undefined where all are. */
export function unknownDirective(format: string): string | undefined {
  for (const [whole, dash, letter] of expanded(format).matchAll(/%(-?)(.?)/gs)) {
    if (!Object.hasOwn(WRITE, letter!) || (dash === '-' && !UNPADDED.includes(letter!))) return whole
  }
  return undefined
}

export const DIRECTIVES: string = [...Object.keys(WRITE), ...Object.keys(SHORT)].map(letter => `%${letter}`).join(' ')

/** A function from a wall clock time, and what it is ahead of UTC, to text. */
export function formatter(format: string): (wall: number, offset: number) => string {
  const parts: (string | Write)[] = []
  for (const [whole, dash, letter] of expanded(format).matchAll(/%(-?)(.)|[^%]+/gs)) {
    if (letter === undefined) parts.push(whole)
    else if (dash === '-') parts.push(fields => String(Number(WRITE[letter]!(fields))))
    else parts.push(WRITE[letter]!)
  }
  return (wall, offset) => {
    const days = Math.floor(wall / DAY)
    const fields = { days, ...civilFromDays(days), rest: wall - days * DAY, offset }
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : part(fields)
    return text
  }
}

/** What is read for a directive; digits up to a width. */
const READ: Readonly<Record<string, string>> = {
  Y: '([+-]?\\d{4,6})', y: '(\\d{2})', m: '(\\d{1,2})', d: '(\\d{1,2})', H: '(\\d{1,2})', I: '(\\d{1,2})', M: '(\\d{1,2})',
  S: '(\\d{1,2})', f: '(\\d{1,9})', g: '(\\d{1,3})', j: '(\\d{1,3})', p: '([AaPp][Mm])', z: '(Z|[+-]\\d{2}(?::?\\d{2})?)',
  b: `(${MONTHS.map(name => name.slice(0, 3)).join('|')})`, B: `(${MONTHS.join('|')})`,
  a: `(${DAYS.map(name => name.slice(0, 3)).join('|')})`, A: `(${DAYS.join('|')})`,
} // prettier-ignore

/** The directive that text cannot be read by; undefined where all can. */
export function unreadable(format: string): string | undefined {
  const unknown = unknownDirective(format)
  if (unknown !== undefined) return unknown
  const letters = [...expanded(format).matchAll(/%-?(.)/gs)].map(([, letter]) => letter!)
  const wrong = letters.find(letter => letter !== '%' && !Object.hasOwn(READ, letter))
  return wrong === undefined ? undefined : `%${wrong}`
}

/**
 * A function from text to microseconds, NaN where the text does not fit as a whole or names no time. Fields that the
 * format lacks are those of 1970-01-01 at midnight.
 */
export function parser(format: string): (text: string) => number {
  const letters: string[] = []
  let source = ''
  for (const [whole, letter] of expanded(format).matchAll(/%-?(.)|[^%]+/gs)) {
    if (letter !== undefined && letter !== '%') {
      letters.push(letter)
      source += READ[letter]!
    } else source += (letter ?? whole).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  }
  const regex = new RegExp(`^${source}$`, 'i')
  return text => {
    const match = regex.exec(text)
    return match === null ? NaN : microsOfFields(letters, match)
  }
}

function microsOfFields(letters: readonly string[], match: RegExpExecArray): number {
  let [year, month, day, hours, minutes, seconds, micros, offset] = [1970, 1, 1, 0, 0, 0, 0, 0]
  let [afternoon, ordinal, weekday] = [-1, 0, 0]
  for (const [k, letter] of letters.entries()) {
    const text = match[k + 1]!
    const number = Number(text)
    if (letter === 'Y') year = number
    else if (letter === 'y') year = number + (number < 69 ? 2000 : 1900)
    else if (letter === 'm') month = number
    else if (letter === 'b' || letter === 'B') month = indexIn(MONTHS, text) + 1
    else if (letter === 'd') day = number
    else if (letter === 'H') hours = number
    else if (letter === 'I') {
      if (number < 1 || number > 12) return NaN
      hours = number
      afternoon = Math.max(afternoon, 0)
    } else if (letter === 'p') afternoon = /p/i.test(text) ? 1 : 0
    else if (letter === 'M') minutes = number
    else if (letter === 'S') seconds = number
    else if (letter === 'f') micros = Number(text.padEnd(6, '0').slice(0, 6))
    else if (letter === 'g') micros = Number(text.padEnd(3, '0')) * 1000
    else if (letter === 'j') ordinal = number
    else if (letter === 'z') offset = offsetOf(text)
    else weekday = indexIn(DAYS, text) + 1
  }
  if (afternoon >= 0) hours = (hours % 12) + 12 * afternoon
  if (hours > 23 || minutes > 59 || seconds > 59) return NaN
  const leap = Number.isNaN(daysFromCivil(year, 2, 29)) ? 0 : 1
  if (letters.includes('j') && (ordinal < 1 || ordinal > 365 + leap)) return NaN
  const days = letters.includes('j') ? daysFromCivil(year, 1, 1) + ordinal - 1 : daysFromCivil(year, month, day)
  if (weekday > 0 && isoWeekday(days) !== weekday) return NaN
  return microsOf(days, hours * UNIT_MICROS.hour + minutes * UNIT_MICROS.minute + seconds * 1e6 + micros - offset)
}

const indexIn = (names: readonly string[], text: string): number =>
  names.findIndex(name => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase())

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0
  const minutes = Number(text.slice(1, 3)) * 60 + (text.length > 3 ? Number(text.slice(-2)) : 0)
  return (text.startsWith('-') ? -minutes : minutes) * UNIT_MICROS.minute
}
