import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { checkOptions } from '../../data/options.ts'
import { durationMicros } from '../../data/time.ts'
import { scalar, type Field } from '../../data/type.ts'
import { Zone } from '../../data/zone.ts'
import {
  aggregatesOf,
  fieldOf,
  keysOf,
  needsTime,
  sortKeysOf,
  updatingBy,
  type NamedExpr,
  type SortExpr,
} from '../build.ts'
import type { Firing, Kind, Named, Node, Window, WindowAggregate, WindowTop } from '../node.ts'

/** Windows of event time: what a user writes of them is checked and counted in microseconds, and aggregates fill them. */

/** Windows as they are written. */
export type WindowText =
  | { readonly kind: 'tumble'; readonly size: string }
  | { readonly kind: 'hop'; readonly size: string; readonly every: string }
  | { readonly kind: 'cumulate'; readonly size: string; readonly step: string }
  | { readonly kind: 'session'; readonly gap: string }
  | { readonly kind: 'count'; readonly rows: number; readonly every: number }
  | { readonly kind: 'global' }

export interface WindowPlacing {
  readonly offset?: string | undefined
  readonly timeZone?: string | undefined
}

/** The windows of a text, shifted by an offset, by the clock of a zone. */
export function windowOf(text: WindowText, { offset, timeZone }: WindowPlacing = {}): Window {
  if (text.kind === 'session' || text.kind === 'count' || text.kind === 'global') {
    const given = offset !== undefined ? 'offset' : timeZone !== undefined ? 'timeZone' : null
    if (given !== null) {
      const which = text.kind === 'session' ? 'sessions begin with their rows' : 'these windows have no bounds in time'
      throw new PlanError('bad-option', `window: ${which}, so that ${given} cannot place them`)
    }
    if (text.kind === 'global') return Object.freeze({ kind: 'global' })
    if (text.kind === 'session') {
      return Object.freeze({ kind: 'session', gapMicros: length(text.gap, 'session: the gap') })
    }
    return Object.freeze({ kind: 'count', rows: rowsOf(text.rows), every: rowsOf(text.every) })
  }
  const sizeMicros = length(text.size, `${text.kind}: the size`)
  const offsetMicros = offset === undefined ? 0 : durationMicros(offset, 'window: offset')
  const zone = timeZone === undefined ? null : Zone.of(timeZone).name
  return Object.freeze({ kind: text.kind, sizeMicros, everyMicros: everyOf(text, sizeMicros), offsetMicros, zone })
}

function rowsOf(rows: number): number {
  if (Number.isSafeInteger(rows) && rows > 0) return rows
  throw new PlanError('bad-window', `countWindow takes whole numbers of rows from 1 on, found ${String(rows)}`)
}

function everyOf(text: Extract<WindowText, { size: string }>, sizeMicros: number): number {
  switch (text.kind) {
    case 'tumble':
      return sizeMicros
    case 'hop':
      return length(text.every, 'hop: the time from one window to the next')
    case 'cumulate': {
      const stepMicros = length(text.step, 'cumulate: the step')
      if (sizeMicros % stepMicros === 0) return stepMicros
      const found = `found a size of "${text.size}" and a step of "${text.step}"`
      throw new PlanError('bad-window', `cumulate: the size must be a whole number of steps, ${found}`)
    }
  }
}

/** When windows are given, as it is written. */
export interface FiringText {
  readonly allowedLateness?: string | undefined
  readonly early?: { readonly every: string } | { readonly rows: number } | undefined
  readonly purge?: boolean | undefined
}

/** A window is given once, at its end. */
export const ONCE: Firing = Object.freeze({ latenessMicros: 0, early: null, purge: false })

export function firingOf({ allowedLateness, early, purge = false }: FiringText, window?: Window): Firing {
  const hasTime = window?.kind !== 'count' && window?.kind !== 'global'
  if (!hasTime && allowedLateness !== undefined) {
    throw new PlanError('bad-option', 'window: allowedLateness is of windows that end in time, and these do not')
  }
  if (window?.kind === 'count') {
    const given = early !== undefined ? 'early' : purge ? 'purge' : null
    if (given === null) {
      const counted = { kind: 'rows' as const, rows: window.every }
      return Object.freeze({ latenessMicros: 0, early: counted, purge: window.every === window.rows })
    }
    throw new PlanError(
      'bad-option',
      `window: a window of so many rows is given with the last of them, without ${given}`,
    )
  }
  const latenessMicros = allowedLateness === undefined ? 0 : durationMicros(allowedLateness, 'window: allowedLateness')
  if (latenessMicros < 0) {
    const text = `window: allowedLateness cannot be less than nothing, found "${String(allowedLateness)}"`
    throw new PlanError('bad-duration', text, { found: allowedLateness })
  }
  if (purge && latenessMicros === 0 && early === undefined) {
    const text = 'window: purge drops what a window has given before, so that it needs early or allowedLateness'
    throw new PlanError('bad-option', text)
  }
  return Object.freeze({ latenessMicros, early: early === undefined ? null : earlyOf(early), purge })
}

function earlyOf(early: NonNullable<FiringText['early']>): NonNullable<Firing['early']> {
  checkOptions('window: early', early, ['every', 'rows'])
  if ('every' in early === 'rows' in early) {
    throw new PlanError('bad-option', `window: early takes either { every: '10 seconds' } or { rows: 100 }`)
  }
  if ('every' in early) return { kind: 'every', everyMicros: length(early.every, 'window: early every') }
  const { rows } = early
  if (Number.isSafeInteger(rows) && rows > 0) return { kind: 'rows', rows }
  throw new PlanError('bad-option', `window: early takes a whole number of rows from 1 on, found ${String(rows)}`)
}

/** A length that windows may have. */
function length(text: string, what: string): number {
  if (typeof text === 'string' && /month|quarter|year/.test(text)) {
    const way = `Take days, and put them together by .groupBy(t => ({ month: t.windowStart.truncate('month') }))`
    throw new PlanError('bad-duration', `${what} must be of one length, and "${text}" is not. ${way}.`, { found: text })
  }
  const micros = durationMicros(String(text), what)
  if (micros > 0) return micros
  throw new PlanError('bad-duration', `${what} must be longer than nothing, found "${text}"`, { found: text })
}

/** Aggregates by group and window. The output is keys, the bounds of windows of event time, then aggregates. */
export function windowAggregate(
  input: Node,
  keys: readonly NamedExpr[],
  window: Window,
  items: readonly NamedExpr[],
  firing: Firing = ONCE,
): WindowAggregate {
  const windowed = windowedBy(input, keys, window, firing)
  const { bounds } = windowed
  for (const { name } of bounds) {
    if (!windowed.keys.some(key => key.name === name)) continue
    const text = `window: the group key "${name}" has the name of a bound of the window. Rename it: t => ({ ${name}1: t.${name} }).`
    throw new PlanError('duplicate-column', text, { column: name })
  }
  const names = bounds.map(({ name }) => name)
  const aggregates = aggregatesOf(input, windowed.keys, names, items)
  const schema = new Schema([...windowed.keys.map(fieldOf), ...bounds, ...aggregates.map(fieldOf)])
  return Object.freeze({ ...windowed.node, kind: 'window-aggregate', input, window, aggregates, schema })
}

/** The first rows of each group and window. The output is the bounds of windows of event time, then the input's columns. */
export function windowTop(
  input: Node,
  keys: readonly NamedExpr[],
  window: Window,
  count: number,
  by: readonly SortExpr[],
  firing: Firing = ONCE,
): WindowTop {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new PlanError('bad-count', `top needs a whole number of rows from 1 on, found ${String(count)}`)
  }
  const { bounds, node } = windowedBy(input, keys, window, firing)
  const clash = bounds.find(({ name }) => input.schema.has(name))
  if (clash !== undefined) {
    const { name } = clash
    const text = `top: the column "${name}" has the name of a bound of the window. Rename it: .rename({ ${name}: '${name}1' }).`
    throw new PlanError('duplicate-column', text, { column: name })
  }
  const schema = new Schema([...bounds, ...input.schema.fields])
  return Object.freeze({ ...node, kind: 'window-top', input, window, by: sortKeysOf(input, by, 'top'), count, schema })
}

/** What all nodes of windows have in common, once it is checked. */
function windowedBy(
  input: Node,
  keys: readonly NamedExpr[],
  window: Window,
  firing: Firing,
): {
  readonly keys: readonly Named[]
  readonly bounds: readonly Field[]
  readonly node: Pick<WindowAggregate, 'keys' | 'firing' | 'frameKind' | 'time' | 'bounded'>
} {
  checkWindow(input, window)
  checkGlobal(input, window, firing)
  const typedKeys = keysOf(input, keys)
  const isCounted = window.kind === 'count'
  const names = isCounted || window.kind === 'global' ? [] : ['windowStart', 'windowEnd']
  const frameKind = isCounted ? input.frameKind : kindOf(input.frameKind, firing)
  const hasTime = frameKind !== 'updating' && names.length > 0
  return {
    keys: typedKeys,
    bounds: names.map(name => ({ name, type: scalar('timestamp'), nullable: false })),
    node: {
      keys: typedKeys,
      // of a batch all rows are there: each window is given once
      firing: input.frameKind === 'batch' && !isCounted ? ONCE : firing,
      frameKind,
      time: hasTime ? Object.freeze({ column: 'windowEnd', boundMicros: 0, shiftMicros: -1 }) : null,
      bounded: input.bounded,
    },
  }
}

function kindOf(input: Kind, { latenessMicros, early, purge }: Firing): Kind {
  return input === 'stream' && !purge && (early !== null || latenessMicros > 0) ? 'updating' : input
}

/** Refuses a window over a frame that has none to offer: no event time, or rows that are corrected later. */
export function checkWindow(input: Node, window: Window): void {
  if (input.frameKind === 'updating') {
    const text = `window needs rows that stay as they are, but ${updatingBy(input)} corrects rows it has given`
    throw new PlanError('updating', text)
  }
  if (input.time === null && window.kind !== 'count' && window.kind !== 'global') throw needsTime('window', input)
}

/** A window of all rows is given at their end, or early. */
function checkGlobal(input: Node, { kind }: Window, { early }: Firing): void {
  if (kind !== 'global' || input.frameKind === 'batch') return
  if (early === null && !input.bounded) {
    const text =
      'globalWindow is given when the rows end, and these do not. Let it be given before: { early: { rows: 100 } }'
    throw new PlanError('no-end', text)
  }
  if (early?.kind === 'every' && input.time === null) throw needsTime('globalWindow with early results by time', input)
}
