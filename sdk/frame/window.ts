import type { Duration } from '../data/time.ts'
import type { Kind } from '../plan/node.ts'
import { windowOf, type WindowText } from '../plan/verb/window.ts'
import type { WindowBounds } from './columns.ts'

/** Windows as a user writes them. Each builder checks its lengths at once, and `window` says where the windows lie. */

/** Windows of one size, back to back; made by {@link tumble}. */
export interface TumblingWindow {
  readonly kind: 'tumble'
  readonly size: Duration
}

/** Windows of one size that begin every so often; made by {@link hop}. */
export interface HoppingWindow {
  readonly kind: 'hop'
  readonly size: Duration
  readonly every: Duration
}

/** Windows that grow by steps up to a size; made by {@link cumulate}. */
export interface CumulatingWindow {
  readonly kind: 'cumulate'
  readonly size: Duration
  readonly step: Duration
}

/** Windows of rows that are near each other; made by {@link session}. */
export interface SessionWindow {
  readonly kind: 'session'
  readonly gap: Duration
}

/** Windows of event time. */
export type TimeWindow = TumblingWindow | HoppingWindow | CumulatingWindow | SessionWindow

/** Windows of so many rows of a group; made by {@link countWindow}. */
export interface CountWindow {
  readonly kind: 'count'
  readonly rows: number
  readonly every: number
}

/** One window for all rows of a group; made by {@link globalWindow}. */
export interface GlobalWindow {
  readonly kind: 'global'
}

/** Windows of every kind. */
export type AnyWindow = TimeWindow | CountWindow | GlobalWindow

/** The columns that windows add: those of event time have bounds. */
export type BoundsOf<W> = W extends TimeWindow ? WindowBounds : {}

/** What windows may be told beside their sizes. */
export interface WindowOptions {
  /**
   * Shifts the bounds of all windows, which align to the epoch: `'1 hour'` makes days begin at one o'clock, and
   * `'4 days'` makes weeks begin on Monday.
   */
  readonly offset?: Duration
  /**
   * A time zone, such as `'Europe/Oslo'`, whose clock on the wall gives the bounds: days begin at its midnight, and last
   * 23 or 25 hours where the clock is changed. Left out, it is UTC. `windowStart` and `windowEnd` are instants either way.
   */
  readonly timeZone?: string
  /**
   * How long after its end a window is kept: a row that comes by then changes what the window has given, and only one that
   * comes later is in `.late`. Rows are corrected, and the frame of a stream is 'updating'.
   */
  readonly allowedLateness?: Duration
  /**
   * Gives a window before its end, as often as it has new rows: each time the watermark passes a multiple of a time,
   * `{ every: '10 seconds' }`, which is event time; or with so many rows of a group, `{ rows: 100 }`. Each time corrects the
   * one before, and the frame of a stream is 'updating'. Over a batch, whose rows are all there, it does nothing.
   */
  readonly early?: { readonly every: Duration } | { readonly rows: number }
  /**
   * Drops what a window has given, so that each time gives what came since: nothing is corrected, and the frame of a stream
   * stays one.
   */
  readonly purge?: boolean
}

/** A stream whose windows are given again is updating, unless what they have given is dropped. */
export type Fired<K extends Kind, W, O> = K extends 'stream'
  ? W extends CountWindow
    ? 'stream'
    : O extends { readonly purge: true }
      ? 'stream'
      : O extends { readonly allowedLateness: string } | { readonly early: object }
        ? 'updating'
        : 'stream'
  : K

/**
 * Windows of one size, back to back, aligned to the epoch in UTC, 1970-01-01, which was a Thursday: weeks begin on
 * Thursday, unless `window(tumble('1 week'), { offset: '4 days' })` makes them begin on Monday, as `truncate('week')` does.
 *
 * ```ts
 * import { tumble } from 'millrace'
 *
 * tumble('15 minutes').size // => '15 minutes'
 * ```
 */
export function tumble(size: Duration): TumblingWindow {
  return made({ kind: 'tumble', size })
}

/**
 * Windows of one size, of which one begins `every` so often, aligned to the epoch: with a shorter `every` they overlap, and
 * a row belongs to several; with a longer one there is time between them, and rows there belong to none. The size need
 * not be a multiple of `every`. Flink calls them sliding windows in its DataStream API and hopping ones in SQL.
 *
 * ```ts
 * import { count, hop, read } from 'millrace'
 *
 * const clicks = read.rows([{ at: '2024-01-01T00:10Z' }, { at: '2024-01-01T00:50Z' }], { schema: { at: 'timestamp' } })
 * const sliding = clicks.watermark('at', '5 minutes').window(hop('1 hour', '30 minutes')).aggregate(t => ({ clicks: count() }))
 * const table = await sliding.select('windowStart', 'clicks').collect()
 * table.rows({ times: 'iso' })[1] // => { windowStart: '2024-01-01T00:00:00Z', clicks: 2 }
 * ```
 */
export function hop(size: Duration, every: Duration): HoppingWindow {
  return made({ kind: 'hop', size, every })
}

/**
 * Windows that begin every `size` and grow: one ends at each `step`, up to the size, which is a whole number of steps.
 * `cumulate('1 day', '1 hour')` counts since midnight, each hour. A window is given where any step of it so far has rows.
 *
 * ```ts
 * import { count, cumulate, read } from 'millrace'
 *
 * const clicks = read.rows([{ at: '2024-01-01T00:10Z' }, { at: '2024-01-01T01:50Z' }], { schema: { at: 'timestamp' } })
 * const growing = clicks.watermark('at', '5 minutes').window(cumulate('3 hours', '1 hour')).aggregate(t => ({ clicks: count() }))
 * const table = await growing.collect()
 * table.column('clicks') // => [ 1, 2, 2 ]
 * ```
 */
export function cumulate(size: Duration, step: Duration): CumulatingWindow {
  return made({ kind: 'cumulate', size, step })
}

/**
 * Windows of the rows of a group that are at most a gap apart: one begins with its first row and ends a gap after its last.
 * A row that comes between two sessions makes them one. `offset` and `timeZone` do not apply. It looks at the watermark at
 * multiples of a time that is at most an eighth of the gap.
 *
 * ```ts
 * import { count, read, session } from 'millrace'
 *
 * const clicks = read.rows(
 *   [{ at: '2024-01-01T00:10Z' }, { at: '2024-01-01T00:30Z' }, { at: '2024-01-01T02:00Z' }],
 *   { schema: { at: 'timestamp' } },
 * )
 * const visits = clicks.watermark('at', '5 minutes').window(session('30 minutes')).aggregate(t => ({ clicks: count() }))
 * const table = await visits.collect()
 * table.rows({ times: 'iso' })[0] // => { windowStart: '2024-01-01T00:10:00Z', windowEnd: '2024-01-01T01:00:00Z', clicks: 2 }
 * ```
 */
export function session(gap: Duration): SessionWindow {
  return made({ kind: 'session', gap })
}

/**
 * Windows of so many rows of a group, in the order they come: one is given with its last row, and rows at the end that are
 * too few for one are left out. With `every`, each so many rows a window of the last `rows` ones is given, the first ones of
 * fewer. They need no event time, and their output is keys and aggregates, without bounds.
 *
 * ```ts
 * import { countWindow, read } from 'millrace'
 *
 * const trips = read.rows([{ km: 1 }, { km: 2 }, { km: 4 }, { km: 8 }, { km: 16 }])
 * const pairs = await trips.window(countWindow(2)).aggregate(t => ({ km: t.km.sum() })).collect()
 * pairs.column('km') // => [ 3, 12 ]
 * const sliding = await trips.window(countWindow(3, 2)).aggregate(t => ({ km: t.km.sum() })).collect()
 * sliding.column('km') // => [ 3, 14 ]
 * ```
 */
export function countWindow(rows: number, every: number = rows): CountWindow {
  return made({ kind: 'count', rows, every })
}

/**
 * One window for all rows of a group, given when the rows end and, over a stream, before: with each so many rows,
 * `early: { rows: 100 }`, or each time the watermark passes a multiple of a time. A stream that does not end needs one of
 * them. With `purge` each time gives what came since. The output is keys and aggregates, without bounds.
 *
 * ```ts
 * import { count, globalWindow, read } from 'millrace'
 *
 * const trips = read.rows([{ city: 'Oslo' }, { city: 'Rome' }, { city: 'Oslo' }])
 * const table = await trips.groupBy('city').window(globalWindow()).aggregate(t => ({ trips: count() })).collect()
 * table.rows() // => [ { city: 'Oslo', trips: 2 }, { city: 'Rome', trips: 1 } ]
 * ```
 */
export function globalWindow(): GlobalWindow {
  return made({ kind: 'global' })
}

function made<W extends WindowText>(window: W): W {
  windowOf(window)
  return Object.freeze(window)
}
