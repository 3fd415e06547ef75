import { inspect } from 'node:util'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { Duration } from '../data/time.ts'
import type { Columns } from '../data/type.ts'
import type { AsOfOptions as AsOfOptionsOf } from '../plan/verb/as-of-join.ts'
import { JOIN_VERBS, type JoinOptions as JoinOptionsOf, type KeyPair } from '../plan/verb/join.ts'

/** What joins are told, as a user gives it and as plans take it. */

/** How two frames are joined. */
export interface JoinOptions<N, X extends string, T = Within, W = unknown> {
  /** The key columns: names that both frames have, or pairs of names such as `{ left: 'user', right: 'id' }`. */
  readonly on: N | readonly N[]
  /** Added to the name of a right column that the left frame has too; `_right` unless given. */
  readonly suffix?: X
  /**
   * How far the event times of two rows may be apart: `'10 minutes'` to either side, or from and to of right − left,
   * `['0 seconds', '10 minutes']`. Both ends count.
   */
  readonly within?: T
  /** Windows such as `tumble('1 hour')`: rows meet whose event times are in one of them. */
  readonly window?: W
  /**
   * Of joins of streams without `within` and `window`: how long after their event time rows are kept for partners to come.
   * Unless given, for ever. What was given of a row that is forgotten stays.
   */
  readonly ttl?: Duration
}

/** How rows of two frames meet of which only those of the left frame come out. */
export type HalfJoinOptions<N, T = Within, W = unknown> = Omit<JoinOptions<N, never, T, W>, 'suffix'>

/** A span of time to either side, or from and to. */
export type Within = Duration | readonly [from: Duration, to: Duration]

/** How all rows of two frames are paired. */
export interface CrossOptions<X extends string> {
  /** Added to the name of a right column that the left frame has too; `_right` unless given. */
  readonly suffix?: X
}

/** How rows of two frames meet by their times. */
export interface AsOfOptions<C extends Columns, R extends Columns, N, X extends string> {
  /** The key columns that must be equal: names that both frames have, or pairs of names; none unless given. */
  readonly on?: N | readonly N[]
  /** The columns of the times: one name, or one for each side. The event times of the frames unless given. */
  readonly time?: (keyof C & keyof R & string) | { readonly left: keyof C & string; readonly right: keyof R & string }
  /** Where the partner's time lies; 'backward' unless given. */
  readonly direction?: 'backward' | 'forward' | 'nearest'
  /** The largest difference of the times: of timestamps, dates and durations a duration, of numbers a number. */
  readonly tolerance?: Duration | number
  /** Added to the name of a right column that the left frame has too; `_right` unless given. */
  readonly suffix?: X
}

export function joinOptions(
  type: JoinOptionsOf['type'],
  options: {
    readonly on?: unknown
    readonly suffix?: unknown
    readonly within?: unknown
    readonly window?: unknown
    readonly ttl?: unknown
  },
): JoinOptionsOf {
  const verb = JOIN_VERBS[type]
  const half = type === 'semi' || type === 'anti'
  const timed = ['on', 'within', 'window', 'ttl']
  checkOptions(verb, options, type === 'cross' ? ['suffix'] : half ? timed : [...timed, 'suffix'])
  const { on, suffix, within, window, ttl } = options
  return {
    type,
    on: pairsOf(on, verb),
    suffix: suffixOf(suffix, verb),
    within: withinOf(within, verb),
    window: window === undefined ? undefined : sizeOf(window, verb),
    ttl: ttlOf(ttl, verb),
  }
}

function ttlOf(ttl: unknown, verb: string): string | undefined {
  if (ttl === undefined || typeof ttl === 'string') return ttl
  throw new PlanError('bad-option', `${verb}: ttl is a duration such as '1 day', not ${inspect(ttl)}`, {
    option: 'ttl',
  })
}

function sizeOf(window: unknown, verb: string): string {
  if (typeof window === 'object' && window !== null && 'kind' in window && window.kind === 'tumble') {
    if ('size' in window && typeof window.size === 'string') return window.size
  }
  const text = `${verb}: window takes tumbling windows, tumble('1 hour'), not ${inspect(window)}`
  throw new PlanError('bad-option', text, { option: 'window' })
}

function withinOf(within: unknown, verb: string): JoinOptionsOf['within'] {
  if (within === undefined || typeof within === 'string') return within
  if (Array.isArray(within) && within.length === 2) {
    const [from, to]: readonly unknown[] = within
    if (typeof from === 'string' && typeof to === 'string') return [from, to]
  }
  const text = `${verb}: within takes a duration such as '10 minutes', or two, ['-5 minutes', '10 minutes'], not ${inspect(within)}`
  throw new PlanError('bad-option', text, { option: 'within' })
}

export function asOfOptions(options: {
  readonly on?: unknown
  readonly time?: unknown
  readonly direction?: unknown
  readonly tolerance?: unknown
  readonly suffix?: unknown
}): AsOfOptionsOf {
  const verb = 'asOfJoin'
  checkOptions(verb, options, ['on', 'time', 'direction', 'tolerance', 'suffix'])
  const { on, time, direction = 'backward', tolerance, suffix } = options
  const named = time === undefined ? undefined : pairOf(time)
  if (named === null) {
    const text = `${verb}: time takes the name of a column, or { left: 'at', right: 'since' }, not ${inspect(time)}`
    throw new PlanError('bad-option', text, { option: 'time' })
  }
  if (typeof direction !== 'string') {
    throw new PlanError('bad-option', `${verb}: direction must be a text, not ${inspect(direction)}`, {
      option: 'direction',
    })
  }
  if (tolerance !== undefined && typeof tolerance !== 'string' && typeof tolerance !== 'number') {
    const text = `${verb}: tolerance is a duration such as '5 minutes', or a number, not ${inspect(tolerance)}`
    throw new PlanError('bad-option', text, { option: 'tolerance' })
  }
  return { on: pairsOf(on, verb), time: named, direction, tolerance, suffix: suffixOf(suffix, verb) }
}

function suffixOf(suffix: unknown, verb: string): string {
  if (suffix === undefined) return '_right'
  if (typeof suffix === 'string') return suffix
  throw new PlanError('bad-option', `${verb}: suffix must be a text, not ${inspect(suffix)}`, { option: 'suffix' })
}

function pairsOf(on: unknown, verb: string): readonly KeyPair[] {
  const keys: readonly unknown[] = on === undefined ? [] : Array.isArray(on) ? on : [on]
  return keys.map(key => {
    const pair = pairOf(key)
    if (pair !== null) return pair
    throw new PlanError(
      'bad-option',
      `${verb}: on takes the name of a column, { left: 'user', right: 'id' }, or a list of these`,
      { option: 'on' },
    )
  })
}

/** A name that both sides have, or a name for each. */
function pairOf(key: unknown): KeyPair | null {
  if (typeof key === 'string') return { left: key, right: key }
  if (typeof key !== 'object' || key === null || !('left' in key) || !('right' in key)) return null
  const { left, right } = key
  return typeof left === 'string' && typeof right === 'string' ? { left, right } : null
}
