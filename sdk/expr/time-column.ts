import type { CalendarDuration, Duration, TimeUnit } from '../data/time.ts'
import type { ColumnType } from '../data/type.ts'
import type { BoolCol, CalendarUnit, Col, Expr, NumCol, OrdCol, QuantileOptions } from './column-type.ts'
import type { TextCol } from './text-column.ts'
import type { AnyDuration, AnyNum, AnyTime, Beside, Both, Grain, Like, Mixed } from './type-rule.ts'

/** The methods of columns of days, times and durations. */

/** A unit that times are brought to, or a multiple of one: `'hour'`, `'15 minutes'`, `'3 months'`. */
export type CalendarStep =
  | CalendarUnit
  | 'microsecond'
  | 'millisecond'
  | `${number} ${TimeUnit | CalendarUnit}`
  | `${number} ${TimeUnit | CalendarUnit}s`

/** By the clock of which time zone, an IANA name such as `'Europe/Oslo'`; UTC unless given. Dates have none. */
export type InZone<T> = { readonly timeZone?: T extends 'date' | 'date?' ? never : string }

/** Which instant a wall clock time stands for that comes twice, or never. */
export interface ZoneChoice {
  /** As clocks go back: the first of the two (the default), the second, or an error. */
  readonly overlap?: 'earlier' | 'later' | 'error'
  /** As clocks go forward: that much later (the default), that much earlier, or an error. */
  readonly gap?: 'earlier' | 'later' | 'error'
}

/** A column of days. */
export interface DateCol<T extends ColumnType, G extends Grain> extends OrdCol<T, G> {
  /**
   * The year. With `{ timeZone: 'Europe/Oslo' }` by the clock there, as with all parts.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.year() })).select('b').collect()
   * table.rows() // => [ { b: 2001 } ]
   * ```
   */
  year(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The month, 1 to 12.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.month() })).select('b').collect()
   * table.rows() // => [ { b: 8 } ]
   * ```
   */
  month(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The day of the month, 1 to 31.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.day() })).select('b').collect()
   * table.rows() // => [ { b: 15 } ]
   * ```
   */
  day(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The day of the week by ISO 8601: 1 is Monday, 7 is Sunday.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.weekday() })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  weekday(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The day of the year, 1 to 366.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.dayOfYear() })).select('b').collect()
   * table.rows() // => [ { b: 227 } ]
   * ```
   */
  dayOfYear(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The start of the unit, or multiple of one, that the value lies in: `'month'`, `'15 minutes'`. Weeks start on Monday;
   * multiples count from 1970-01-01, those of weeks from a Monday. In UTC, or by the clock of `{ timeZone }`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.truncate('month') })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-01T00:00:00.000Z } ]
   * ```
   */
  truncate(unit: CalendarStep, options?: InZone<T>): Col<T, G>
  /**
   * Later by a duration, as a timestamp; by calendar months or years, `'1 month'`, in the column's own type, with the day
   * held to the end of the month.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.add('90 minutes') })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-15T14:44:15.000Z } ]
   * ```
   */
  add<O extends Duration | CalendarDuration | Expr<AnyDuration, Beside<G>>>(
    duration: O,
  ): Col<O extends CalendarDuration ? T : Both<T, O, 'timestamp'>, Mixed<G, O>>
  /**
   * Earlier by a duration, as a timestamp, or by calendar months; or the duration since another time.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.sub('1 day') })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-14T13:14:15.000Z } ]
   * ```
   */
  sub<O extends Duration | CalendarDuration | Date | Expr<AnyDuration | AnyTime, Beside<G>>>(
    other: O,
  ): Col<O extends CalendarDuration ? T : Both<T, O, Difference<O>>, Mixed<G, O>>
  /**
   * The exact q-quantile (0 ≤ q ≤ 1) as a timestamp, interpolated between neighbours to the microsecond; null when
   * there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-01-01T00:00:00Z' }, { at: '2001-01-02T00:00:00Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.aggregate(t => ({ b: t.at.quantile(0.25) })).collect()
   * table.rows() // => [ { b: 2001-01-01T06:00:00.000Z } ]
   * ```
   */
  quantile(this: Expr<T, 'row'>, q: number, options?: QuantileOptions): TimeCol<'timestamp?', 'agg'>
  /**
   * The time in the middle, or half way between the two there, as a timestamp; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-01-01T00:00:00Z' }, { at: '2001-01-02T00:00:00Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.aggregate(t => ({ b: t.at.median() })).collect()
   * table.rows() // => [ { b: 2001-01-01T12:00:00.000Z } ]
   * ```
   */
  median(this: Expr<T, 'row'>): TimeCol<'timestamp?', 'agg'>
  /**
   * The quarter of the year, 1 to 4. With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only timestamps
   * have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.quarter() })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  quarter(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The week of the year by ISO 8601, 1 to 53: weeks start on Monday, and the first has the year's first Thursday.
   * With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only timestamps have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.week() })).select('b').collect()
   * table.rows() // => [ { b: 33 } ]
   * ```
   */
  week(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The year that the ISO 8601 week belongs to. With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only
   * timestamps have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.isoYear() })).select('b').collect()
   * table.rows() // => [ { b: 2001 } ]
   * ```
   */
  isoYear(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * How many days the month has. With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only timestamps have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.daysInMonth() })).select('b').collect()
   * table.rows() // => [ { b: 31 } ]
   * ```
   */
  daysInMonth(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * True in a year of 366 days. With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only timestamps have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.isLeapYear() })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  isLeapYear(options?: InZone<T>): BoolCol<Like<T, 'bool'>, G>
  /**
   * The whole units since 1970-01-01T00:00Z, rounded down: `'second'`, `'millisecond'`, `'day'`. Null where it is
   * missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.epoch('second') })).select('b').collect()
   * table.rows() // => [ { b: 997881255 } ]
   * ```
   */
  epoch(unit: TimeUnit): NumCol<Like<T, 'int64'>, G>
  /**
   * The next multiple of a unit as `truncate` has them, or the time itself where it is one.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.ceil('15 minutes') })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-15T13:15:00.000Z } ]
   * ```
   */
  ceil(unit: CalendarStep, options?: InZone<T>): Col<T, G>
  /**
   * The nearer multiple of a unit as `truncate` has them; half way, the later one.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.round('hour') })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-15T13:00:00.000Z } ]
   * ```
   */
  round(unit: CalendarStep, options?: InZone<T>): Col<T, G>
  /**
   * Later by so many calendar months, earlier where negative. The day is held to the end of the month: 31 January and
   * a month is 28 or 29 February. A date stays a date; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.addMonths(6) })).select('b').collect()
   * table.rows() // => [ { b: 2002-02-15T13:14:15.250Z } ]
   * ```
   */
  addMonths<O extends number | Expr<'int32' | 'int32?' | 'int64' | 'int64?', Beside<G>>>(
    months: O,
  ): Col<T extends 'date' | 'date?' ? Both<T, O, 'date'> : Both<T, O, 'timestamp'>, Mixed<G, O>>
  /**
   * How many whole units have passed since another time, cut towards zero, negative where the other is later; with `{
   * boundaries: true }` how many starts of a unit lie between them. A month has passed on the same day and time of a
   * later month, or at its end.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.diff('2001-07-31', 'month', { boundaries: true }) })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  diff<O extends string | Date | Expr<AnyTime, Beside<G>>>(
    other: O,
    unit: TimeUnit | CalendarUnit,
    options?: { readonly boundaries?: boolean },
  ): NumCol<Both<T, O, 'int64'>, Mixed<G, O>>
  /**
   * As text by directives of strftime: `%Y-%m-%d %H:%M:%S`, `%f` microseconds, `%g` milliseconds, `%j` day of the
   * year, `%a %A %b %B` English names, `%I %p` twelve hours, `%G %V %u` ISO week, `%z` offset; `%-d` without zeros.
   * Another directive is refused. With `{ timeZone: 'Europe/Oslo' }` by the clock there.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.format('%d %b %Y, %H:%M', { timeZone: 'Europe/Oslo' }) })).select('b').collect()
   * table.rows() // => [ { b: '15 Aug 2001, 15:14' } ]
   * ```
   */
  format(format: string, options?: InZone<T>): TextCol<Like<T, 'utf8'>, G>
}

/** A column of times: microseconds since the epoch, UTC. */
export interface TimeCol<T extends ColumnType, G extends Grain> extends DateCol<T, G> {
  /**
   * The hour of the day in UTC, 0 to 23.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.hour() })).select('b').collect()
   * table.rows() // => [ { b: 13 } ]
   * ```
   */
  hour(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The minute of the hour, 0 to 59.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.minute() })).select('b').collect()
   * table.rows() // => [ { b: 14 } ]
   * ```
   */
  minute(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The whole second of the minute, 0 to 59.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.second() })).select('b').collect()
   * table.rows() // => [ { b: 15 } ]
   * ```
   */
  second(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The whole millisecond of the second, 0 to 999.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.millisecond() })).select('b').collect()
   * table.rows() // => [ { b: 250 } ]
   * ```
   */
  millisecond(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The microsecond of the second, 0 to 999999.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.microsecond() })).select('b').collect()
   * table.rows() // => [ { b: 250125 } ]
   * ```
   */
  microsecond(options?: InZone<T>): NumCol<Like<T, 'int32'>, G>
  /**
   * The day, as a date. With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only timestamps have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.date() })).select('b').collect()
   * table.rows() // => [ { b: '2001-08-15' } ]
   * ```
   */
  date(options?: InZone<T>): DateCol<Like<T, 'date'>, G>
  /**
   * The time since midnight, as a duration. With `{ timeZone: 'Europe/Oslo' }` by the clock there, which only
   * timestamps have.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.timeOfDay().in('hour').floor() })).select('b').collect()
   * table.rows() // => [ { b: 13 } ]
   * ```
   */
  timeOfDay(options?: InZone<T>): DurationCol<Like<T, 'duration'>, G>
  /**
   * What the clock on the wall shows in a zone, as a timestamp. An unknown zone is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.toZone('Europe/Oslo') })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-15T15:14:15.250Z } ]
   * ```
   */
  toZone(timeZone: string): TimeCol<T, G>
  /**
   * The instant at which the clock on the wall of a zone shows this time: the inverse of `toZone`. A time that comes
   * twice, as clocks go back, is the earlier one, and one that never comes, as they go forward, is that much later; `{
   * overlap, gap }` says otherwise, `'earlier'`, `'later'` or `'error'`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ at: '2001-08-15T13:14:15.250125Z' }], { schema: { at: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.at.fromZone('Europe/Oslo', { gap: 'error' }) })).select('b').collect()
   * table.rows() // => [ { b: 2001-08-15T11:14:15.250Z } ]
   * ```
   */
  fromZone(timeZone: string, options?: ZoneChoice): TimeCol<T, G>
}

type Difference<O> = O extends Date | Expr<AnyTime> ? 'duration' : 'timestamp'

/** A column of lengths of time. In rows they are milliseconds. */
export interface DurationCol<T extends ColumnType, G extends Grain> extends OrdCol<T, G> {
  /**
   * The sum of two durations.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.to.sub(t.from).add('5 minutes').in('minute') })).select('b').collect()
   * table.rows() // => [ { b: 95 } ]
   * ```
   */
  add<O extends Duration | Expr<AnyDuration, Beside<G>>>(other: O): DurationCol<Both<T, O, 'duration'>, Mixed<G, O>>
  /**
   * The difference of two durations.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.to.sub(t.from).sub('5 minutes').in('minute') })).select('b').collect()
   * table.rows() // => [ { b: 85 } ]
   * ```
   */
  sub<O extends Duration | Expr<AnyDuration, Beside<G>>>(other: O): DurationCol<Both<T, O, 'duration'>, Mixed<G, O>>
  /**
   * The duration as a number of units.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.to.sub(t.from).in('minute') })).select('b').collect()
   * table.rows() // => [ { b: 90 } ]
   * ```
   */
  in(unit: TimeUnit | `${TimeUnit}s`): NumCol<Like<T, 'float64'>, G>
  /**
   * The sum, exact; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.aggregate(t => ({ b: t.to.sub(t.from).sum() })).collect()
   * table.rows() // => [ { b: 5400000 } ]
   * ```
   */
  sum(this: Expr<T, 'row'>): DurationCol<'duration?', 'agg'>
  /**
   * The exact q-quantile (0 ≤ q ≤ 1), interpolated between neighbours to the microsecond; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.aggregate(t => ({ b: t.to.sub(t.from).quantile(0.9) })).collect()
   * table.rows() // => [ { b: 5400000 } ]
   * ```
   */
  quantile(this: Expr<T, 'row'>, q: number, options?: QuantileOptions): DurationCol<'duration?', 'agg'>
  /**
   * The duration in the middle, or half way between the two there; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.aggregate(t => ({ b: t.to.sub(t.from).median() })).collect()
   * table.rows() // => [ { b: 5400000 } ]
   * ```
   */
  median(this: Expr<T, 'row'>): DurationCol<'duration?', 'agg'>
  /**
   * The duration so many times, rounded to a microsecond half away from zero. One that does not fit fails the query.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.to.sub(t.from).mul(2).in('minute') })).select('b').collect()
   * table.rows() // => [ { b: 180 } ]
   * ```
   */
  mul<O extends number | Expr<AnyNum, Beside<G>>>(times: O): DurationCol<Both<T, O, 'duration'>, Mixed<G, O>>
  /**
   * The duration over a number, as a duration; over another duration, as the number of times that one goes in. Over
   * zero is an error.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.to.sub(t.from).div('1 hour') })).select('b').collect()
   * table.rows() // => [ { b: 1.5 } ]
   * ```
   */
  div<O extends number | Duration | Expr<AnyNum | AnyDuration, Beside<G>>>(
    by: O,
  ): Col<Both<T, O, O extends number | Expr<AnyNum> ? 'duration' : 'float64'>, Mixed<G, O>>
  /**
   * The duration the other way.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.to.sub(t.from).neg().in('minute') })).select('b').collect()
   * table.rows() // => [ { b: -90 } ]
   * ```
   */
  neg(): DurationCol<T, G>
  /**
   * The duration without its sign.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ from: '2001-01-01T00:00:00Z', to: '2001-01-01T01:30:00Z' }], { schema: { from: 'timestamp', to: 'timestamp' } })
   * const table = await frame.derive(t => ({ b: t.from.sub(t.to).abs().in('minute') })).select('b').collect()
   * table.rows() // => [ { b: 90 } ]
   * ```
   */
  abs(): DurationCol<T, G>
}
