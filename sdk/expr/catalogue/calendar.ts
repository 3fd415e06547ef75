import { daysFromCivil, microsOf, UNIT_MICROS, type TimeUnit } from '../../data/time.ts'
import { scalar, type DataType } from '../../data/type.ts'
import { Zone, type Choice } from '../../data/zone.ts'
import { RowFailure, type EagerFunction, type FunctionOptions } from '../function.ts'
import { expanded, DIRECTIVES, formatter, parser, unknownDirective, unreadable } from '../time-format.ts'
import { anyNull, overflow } from './number.ts'
import { plain, quoted } from './plain.ts'
import { between, isUnit, monthsLater, unitNames } from './step.ts'
import { wallOf, writtenWith, zoneless, zoneProblem } from './time.ts'

/** Calendar arithmetic, zones, and times from and to their parts and text. */

const DAY = UNIT_MICROS.day
const [INT64, UTF8, BOOL] = [scalar('int64'), scalar('utf8'), scalar('bool')]
const [TIMESTAMP, DATE, DURATION] = [scalar('timestamp'), scalar('date'), scalar('duration')]
const NONE = { refused: 'Flink has no such function' }
const isDate = (of: { readonly type: DataType } | undefined): boolean => of?.type.kind === 'date'

function within(micros: number): number {
  if (!Number.isSafeInteger(micros)) throw new RowFailure(overflow(TIMESTAMP))
  return micros
}

export const addMonths: EagerFunction = {
  ...plain({
    name: 'addMonths',
    takes: ['a time or a date', 'whole numbers'],
    result: ([a]) => a!.type,
    fails: true,
    compute: (_, types) =>
      isDate(types[0])
        ? (days: number, months: number) => within(monthsLater(days * DAY, months)) / DAY
        : (micros: number, months: number) => within(monthsLater(micros, months)),
    duckdb: ([a, n], types) =>
      `CAST(${a} + to_months(CAST(${n} AS INTEGER)) AS ${isDate(types[0]) ? 'DATE' : 'TIMESTAMP'})`,
    flink: ([a, n]) => `TIMESTAMPADD(MONTH, CAST(${n} AS INT), ${a})`,
  }),
  infer: args => {
    if (args[0]!.type.kind !== 'timestamp' && !isDate(args[0]))
      return `a calendar time is added to a time or a date, and $0`
    if (!['int32', 'int64'].includes(args[1]!.type.kind)) return `addMonths takes a whole number of months, and $1`
    return { type: args[0]!.type, nullable: anyNull(args) }
  },
}

export const diff: EagerFunction = plain({
  name: 'diff',
  takes: ['a time or a date'],
  result: INT64,
  cast: [TIMESTAMP, TIMESTAMP],
  written: writtenWith('unit'),
  refuses: ({ unit }) => (isUnit(unit) ? undefined : `'${String(unit)}' is no unit; units are ${unitNames}`),
  compute: ({ unit, boundaries }) => between(unit as string, boundaries === true),
  duckdb: ([a, b], _, { unit, boundaries }) => {
    if (boundaries !== true) return `date_sub('${String(unit)}', ${b}, ${a})`
    if (!Object.hasOwn(UNIT_MICROS, String(unit))) return `date_diff('${String(unit)}', ${b}, ${a})`
    // DuckDB's date_diff cuts weeks and clock units towards the epoch, so that before it a boundary is lost.
    const start = (sql: string): string => `epoch_us(date_trunc('${String(unit)}', ${sql}))`
    return `((${start(a!)} - ${start(b!)}) // ${UNIT_MICROS[unit as TimeUnit]})`
  },
  flink: { refused: 'Flink counts whole units in other ways' },
})

export const epoch: EagerFunction = plain({
  name: 'epoch',
  takes: ['a time or a date'],
  result: INT64,
  cast: [TIMESTAMP],
  refuses: ({ unit }) =>
    Object.hasOwn(UNIT_MICROS, String(unit))
      ? undefined
      : `'${String(unit)}' is no unit; units are ${Object.keys(UNIT_MICROS).join(', ')}`,
  compute: ({ unit }) => {
    const micros = UNIT_MICROS[unit as TimeUnit]
    return (value: number) => Math.floor(value / micros)
  },
  duckdb: ([a], _, { unit }) => {
    const [us, micros] = [`epoch_us(${a})`, UNIT_MICROS[unit as TimeUnit]]
    return `((${us} - ((${us} % ${micros}) + ${micros}) % ${micros}) // ${micros})`
  },
  flink: NONE,
})

const leap = (year: number): boolean => !Number.isNaN(daysFromCivil(year, 2, 29))

export const isLeapYear: EagerFunction = plain({
  name: 'isLeapYear',
  takes: ['a time or a date'],
  result: BOOL,
  written: writtenWith(),
  refuses: (options, [a]) => zoneProblem(options, a!),
  compute: (options, types) => {
    const yearOf = (days: number): number => new Date(days * 86_400_000).getUTCFullYear()
    if (isDate(types[0])) return (days: number) => leap(yearOf(days))
    return (micros: number) => leap(yearOf(Math.floor(wallOf(micros, options) / DAY)))
  },
  duckdb: zoneless(([a]) => `(year(${a}) % 4 = 0 AND (year(${a}) % 100 <> 0 OR year(${a}) % 400 = 0))`),
  flink: NONE,
})

export const date: EagerFunction = plain({
  name: 'date',
  takes: ['a time or a date'],
  result: DATE,
  written: writtenWith(),
  refuses: (options, [a]) => zoneProblem(options, a!),
  compute: (options, types) =>
    isDate(types[0]) ? (days: number) => days : (micros: number) => Math.floor(wallOf(micros, options) / DAY),
  duckdb: zoneless(([a]) => `CAST(${a} AS DATE)`),
  flink: zoneless(([a]) => `CAST(${a} AS DATE)`),
})

export const timeOfDay: EagerFunction = plain({
  name: 'timeOfDay',
  takes: ['a timestamp'],
  result: DURATION,
  written: writtenWith(),
  refuses: (options, [a]) => zoneProblem(options, a!),
  compute: options => (micros: number) => {
    const wall = wallOf(micros, options)
    return wall - Math.floor(wall / DAY) * DAY
  },
  duckdb: zoneless(([a]) => `(((epoch_us(${a}) % ${DAY}) + ${DAY}) % ${DAY})`),
  flink: { refused: 'a duration in microseconds has no SQL form in Flink' },
})

export const toZone: EagerFunction = plain({
  name: 'toZone',
  takes: ['a timestamp'],
  result: TIMESTAMP,
  refuses: (options, [a]) => zoneProblem(options, a!),
  compute: ({ timeZone }) => {
    const zone = Zone.of(timeZone as string)
    return (micros: number) => zone.wall(micros)
  },
  duckdb: { refused: 'zones are of the data of each machine' },
  flink: { refused: 'zones are of the data of each machine' },
})

const CHOICES = ['earlier', 'later', 'error']

export const fromZone: EagerFunction = plain({
  name: 'fromZone',
  takes: ['a timestamp'],
  result: TIMESTAMP,
  fails: true,
  written: writtenWith('timeZone'),
  refuses: (options, [a]) => {
    const { overlap = 'earlier', gap = 'later' } = options
    const wrong = [overlap, gap].find(choice => !CHOICES.includes(choice as string))
    return wrong === undefined ? zoneProblem(options, a!) : `'${String(wrong)}' is none of ${CHOICES.join(', ')}`
  },
  compute: ({ timeZone, overlap, gap }) => {
    const zone = Zone.of(timeZone as string)
    return (wall: number) => {
      const found = zone.instant(wall, overlap as Choice | undefined, gap as Choice | undefined)
      if (found !== undefined) return found
      const shown = formatter('%Y-%m-%d %H:%M:%S')(wall, 0)
      throw new RowFailure(
        `clocks in ${zone.name} show ${shown} twice or never; say which by { overlap: 'earlier', gap: 'later' }`,
      )
    }
  },
  duckdb: { refused: 'zones are of the data of each machine' },
  flink: { refused: 'zones are of the data of each machine' },
})

export const format: EagerFunction = plain({
  name: 'format',
  takes: ['a time or a date'],
  result: UTF8,
  written: writtenWith('format'),
  refuses: (options, [a]) => {
    const unknown = unknownDirective(options['format'] as string)
    return unknown === undefined
      ? zoneProblem(options, a!)
      : `'${unknown}' is no directive; directives are ${DIRECTIVES}`
  },
  compute: (options, types) => {
    const write = formatter(options['format'] as string)
    if (isDate(types[0])) return (days: number) => write(days * DAY, 0)
    if (options['timeZone'] === undefined) return (micros: number) => write(micros, 0)
    const zone = Zone.of(options['timeZone'] as string)
    return (micros: number) => {
      const offset = zone.offset(micros)
      return write(micros + offset, offset)
    }
  },
  duckdb: zoneless(([a], _, options) => {
    const text = expanded(options['format'] as string)
    return text.includes('%z') ? { refused: 'DuckDB writes +00 for +00:00' } : `strftime(${a}, ${quoted(text)})`
  }),
  flink: { refused: 'Flink has formats of Java' },
})

const READS = { refused: 'other executors read other texts by such a format' }
const readType = ({ type }: FunctionOptions): DataType => (type === 'date' ? DATE : TIMESTAMP)

function parsing(name: 'parse' | 'tryParse'): EagerFunction {
  const tolerant = name === 'tryParse'
  return plain({
    name,
    takes: ['text'],
    result: (_, options) => readType(options),
    nullable: tolerant,
    fails: !tolerant,
    refuses: ({ format, type }) => {
      if (type !== 'timestamp' && type !== 'date')
        return `${name} gives a 'timestamp' or a 'date', no '${String(type)}'`
      const wrong = unreadable(format as string)
      return wrong === undefined
        ? undefined
        : `'${wrong}' is no directive that is read; such are %Y %y %m %b %B %d %j %H %I %p %M %S %f %g %a %A %z %F %T %D %R`
    },
    compute: options => {
      const read = parser(options['format'] as string)
      const date = options['type'] === 'date'
      return (text: string) => {
        const micros = read(text)
        if (!Number.isNaN(micros)) return date ? Math.floor(micros / DAY) : micros
        if (tolerant) return null
        const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)
        throw new RowFailure(`${shown} does not fit '${String(options['format'])}'; tryParse gives null for such`)
      }
    },
    duckdb: READS,
    flink: READS,
  })
}

export const parse: EagerFunction = parsing('parse')
export const tryParse: EagerFunction = parsing('tryParse')

function dayOf(year: number, month: number, day: number): number {
  const days = daysFromCivil(year, month, day)
  if (Number.isNaN(days)) throw new RowFailure(`there is no day ${day} of month ${month} in the year ${year}`)
  return days
}

const INT32 = scalar('int32')

export const makeDate: EagerFunction = plain({
  name: 'makeDate',
  form: 'function',
  takes: ['whole numbers'],
  result: DATE,
  cast: [INT32, INT32, INT32],
  fails: true,
  compute: () => dayOf,
  duckdb: args => `make_date(${args.join(', ')})`,
  flink: NONE,
})

export const makeTimestamp: EagerFunction = plain({
  name: 'makeTimestamp',
  form: 'function',
  takes: ['whole numbers', 'whole numbers', 'whole numbers', 'whole numbers', 'whole numbers', 'numbers'],
  result: TIMESTAMP,
  cast: [INT32, INT32, INT32, INT32, INT32, scalar('float64')],
  fails: true,
  compute: () => (year: number, month: number, day: number, hour: number, minute: number, second: number) => {
    const rest = hour * UNIT_MICROS.hour + minute * UNIT_MICROS.minute + Math.round(second * 1e6)
    if (!(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60)) {
      throw new RowFailure(`there is no time of day ${hour}:${minute}:${second}`)
    }
    return within(microsOf(dayOf(year, month, day), rest))
  },
  duckdb: args => `make_timestamp(${args.join(', ')})`,
  flink: NONE,
})
