import { ColumnBuilder } from '../../data/builder.ts'
import { concat, flatArray, valueAt, type Column, type FlatColumn, type Value } from '../../data/column.ts'
import { isFloat } from '../../data/type.ts'
import { count, first, last, max, mean, min, sum } from '../../expr/catalogue/aggregate/index.ts'
import { when } from '../../expr/catalogue/conditional.ts'
import { failedRow } from '../../expr/failure.ts'
import { RowFailure, type AggregateFunction, type PlaceInOrder } from '../../expr/function.ts'
import type { Typed } from '../../expr/node.ts'
import { compareValues } from '../../expr/order.ts'
import { isBig } from '../../expr/promote.ts'
import { frameState } from './frame-state.ts'
import { peerEnds, type Frames, type Ordered } from './over-frame.ts'
import { slidingSums } from './sliding-sum.ts'
import { taken } from './taken.ts'

/**
 * The values of one call of `over` for all rows, as they came. First, last, least and greatest, and the functions of a
 * place, are found as positions: their values are fetched once at the end. Counts and sums have loops of their own;
 * every other aggregate is added to row by row, and what leaves its frame is taken back where that is exact.
 */

export type Call = Extract<Typed, { kind: 'aggregate' | 'window' }>
type AggregateCall = Extract<Typed, { kind: 'aggregate' }>

/** What a call computes on: the arguments, then the condition of an aggregate. */
export interface Operands {
  readonly exprs: readonly Typed[]
  readonly filtered: boolean
}

/** The arguments of a filtered aggregate are not computed where the condition is not true. */
export function operandsOfCall(call: Call): Operands {
  const filter = call.kind === 'aggregate' ? call.filter : undefined
  if (filter === undefined) return { exprs: call.args, filtered: false }
  const args = call.args.map((arg): Typed => {
    const { type } = arg
    const none: Typed = { kind: 'literal', value: null, type, nullable: true, grain: 'constant' }
    return { kind: 'call', fn: when, args: [filter, arg, none], options: {}, type, nullable: true, grain: 'row' }
  })
  return { exprs: [...args, filter], filtered: true }
}

/** `columns` are the operands for all rows as they came. */
export function* callOf(
  call: Call,
  operands: Operands,
  columns: readonly Column[],
  ordered: Ordered,
  frames: Frames,
): Generator<null, Column> {
  if (call.kind === 'window') {
    return call.fn.gives === 'number'
      ? yield* numbered(call, ordered, frames)
      : yield* fetched(yield* positions(call, ordered, frames), columns[0]!, columns[1], ordered)
  }
  const args = operands.filtered ? columns.slice(0, -1) : columns
  const present = presence(call.fn, args, operands.filtered ? columns.at(-1)! : null, ordered.order)
  yield null
  const { fn } = call
  if (fn === first || fn === last) {
    return yield* fetched(ends(fn === first, present, ordered, frames), args[0]!, undefined, ordered)
  }
  if (fn === min || fn === max) {
    return yield* fetched(yield* extremes(fn === max, args[0]!, present, ordered, frames), args[0]!, undefined, ordered)
  }
  if (fn === count) return counts(call, present, ordered, frames)
  const total = fn === sum || fn === mean
  if (total && args[0]!.layout === 'flat' && !isBig(args[0]!.type)) {
    const sums = yield* slidingSums(args[0]!, present, ordered, frames)
    if (sums !== null) return averaged(call, sums, present, ordered, frames)
  }
  const exact = fn.retractable === 'exact' || (total && !isFloat(args[0]!.type))
  return yield* general(call, args, present, exact, ordered, frames)
}

const PAUSE_ROWS = 1 << 15

/** By position: 1 where the row takes part; null where all do. */
function presence(
  { nulls }: AggregateFunction,
  args: readonly Column[],
  filter: Column | null,
  order: Int32Array,
): Uint8Array | null {
  const masks: Uint8Array[] = []
  if (nulls === 'skip') for (const { valid } of args) if (valid !== null) masks.push(valid)
  if (filter !== null) {
    masks.push((filter as FlatColumn).values as Uint8Array)
    if (filter.valid !== null) masks.push(filter.valid)
  }
  if (masks.length === 0) return null
  const out = new Uint8Array(order.length).fill(1)
  for (const mask of masks) for (let i = 0; i < out.length; i++) out[i]! &= mask[order[i]!]!
  return out
}

function* places(
  { order, bounds, ties }: Ordered,
  frames: Frames,
  see: (place: PlaceInOrder, position: number, start: number) => void,
): Generator<null> {
  const place: PlaceInOrder = { row: 0, rows: 0, firstPeer: 0, peersEnd: 0, groupsBefore: 0, from: 0, to: 0 }
  const peersEnd = new Int32Array(order.length)
  for (let p = 0; p + 1 < bounds.length; p++) peerEnds(ties, bounds[p]!, bounds[p + 1]!, peersEnd)
  yield null
  for (let p = 0; p + 1 < bounds.length; p++) {
    const [start, end] = [bounds[p]!, bounds[p + 1]!]
    place.rows = end - start
    place.groupsBefore = -1
    for (let i = start; i < end; i++) {
      if (i === start || ties[i] === 0) {
        place.firstPeer = i - start
        place.groupsBefore++
      }
      place.row = i - start
      place.peersEnd = peersEnd[i]! - start
      place.from = frames.from[i]! - start
      place.to = frames.to[i]! - start
      see(place, i, start)
      if ((i & (PAUSE_ROWS - 1)) === 0) yield null
    }
  }
}

function* numbered(call: Extract<Call, { kind: 'window' }>, ordered: Ordered, frames: Frames): Generator<null, Column> {
  const { order } = ordered
  const { type, fn, options } = call
  const values = new Float64Array(order.length)
  yield* places(ordered, frames, (place, i) => {
    values[order[i]!] = fn.at(place, options)
  })
  return { layout: 'flat', type, length: order.length, valid: null, values }
}

/** By position: the position of the row whose value it is, −1 for none. */
function* positions(
  { fn, options }: Extract<Call, { kind: 'window' }>,
  ordered: Ordered,
  frames: Frames,
): Generator<null, Int32Array> {
  const out = new Int32Array(ordered.order.length)
  yield* places(ordered, frames, (place, i, start) => {
    const at = fn.at(place, options)
    out[i] = at >= 0 && at < place.rows ? start + at : -1
  })
  return out
}

/** The value at another position for each row as it came; where there is none the row's own fallback, or null. */
function* fetched(
  positions: Int32Array,
  column: Column,
  fallback: Column | undefined,
  { order }: Ordered,
): Generator<null, Column> {
  const { length } = order
  const rows = new Int32Array(length)
  let missing = 0
  for (let i = 0; i < length; i++) {
    const [row, at] = [order[i]!, positions[i]!]
    rows[row] = at < 0 ? (fallback === undefined ? -1 : length + row) : order[at]!
    if (at < 0) missing++
  }
  yield null
  if (missing === 0) return yield* taken(column, rows)
  if (fallback !== undefined) return yield* taken(concat([column, fallback]), rows)
  const valid = new Uint8Array(length).fill(1)
  for (let row = 0; row < length; row++) {
    if (rows[row]! >= 0) {
      if (column.valid !== null) valid[row] = column.valid[rows[row]!]!
      continue
    }
    rows[row] = 0
    valid[row] = 0
  }
  yield null
  return { ...(yield* taken(column, rows)), valid }
}

/** The nearest present row within each frame, seen from its start or its end. */
function ends(fromStart: boolean, present: Uint8Array | null, { order }: Ordered, { from, to }: Frames): Int32Array {
  const { length } = order
  const out = new Int32Array(length)
  if (present === null) {
    for (let i = 0; i < length; i++) out[i] = from[i]! < to[i]! ? (fromStart ? from[i]! : to[i]! - 1) : -1
    return out
  }
  const nearest = new Int32Array(length)
  if (fromStart) {
    for (let i = length - 1, at = length; i >= 0; i--) nearest[i] = at = present[i] === 1 ? i : at
    for (let i = 0; i < length; i++) {
      const at = from[i]! < to[i]! ? nearest[from[i]!]! : length
      out[i] = at < to[i]! ? at : -1
    }
  } else {
    for (let i = 0, at = -1; i < length; i++) nearest[i] = at = present[i] === 1 ? i : at
    for (let i = 0; i < length; i++) {
      const at = from[i]! < to[i]! ? nearest[to[i]! - 1]! : -1
      out[i] = at >= from[i]! ? at : -1
    }
  }
  return out
}

/** A queue of positions whose values fall (or rise): its head is the greatest (or least) of the frame. */
function* extremes(
  greatest: boolean,
  column: Column,
  present: Uint8Array | null,
  { order, bounds }: Ordered,
  { from, to }: Frames,
): Generator<null, Int32Array> {
  const outdone = outdoing(greatest, column, order)
  const out = new Int32Array(order.length)
  const queue = new Int32Array(order.length)
  for (let p = 0; p + 1 < bounds.length; p++) {
    const [start, end] = [bounds[p]!, bounds[p + 1]!]
    let [head, tail, next] = [0, 0, start]
    for (let i = start; i < end; i++) {
      for (; next < to[i]!; next++) {
        if (present !== null && present[next] === 0) continue
        while (tail > head && outdone(queue[tail - 1]!, next)) tail--
        queue[tail++] = next
      }
      while (head < tail && queue[head]! < from[i]!) head++
      out[i] = head < tail && from[i]! < to[i]! ? queue[head]! : -1
      if ((i & (PAUSE_ROWS - 1)) === 0) yield null
    }
  }
  return out
}

/** Whether a later row at a position outdoes one at another, by the order of values. */
function outdoing(greatest: boolean, column: Column, order: Int32Array): (a: number, later: number) => boolean {
  if (column.layout === 'flat' && !(column.values instanceof BigInt64Array)) {
    const sorted = new Float64Array(order.length)
    for (let i = 0; i < sorted.length; i++) sorted[i] = column.values[order[i]!] as number
    return greatest
      ? (a, later) => sorted[later]! > sorted[a]! || sorted[later] !== sorted[later]
      : (a, later) => sorted[later]! < sorted[a]! || sorted[a] !== sorted[a]
  }
  const sign = greatest ? 1 : -1
  return (a, later) => sign * compareValues(valueAt(column, order[later]!), valueAt(column, order[a]!)) > 0
}

/** How many rows before each position take part, so that a frame's number is a difference. */
function presentBefore(present: Uint8Array, length: number): Int32Array {
  const before = new Int32Array(length + 1)
  for (let i = 0; i < length; i++) before[i + 1] = before[i]! + present[i]!
  return before
}

function counts({ type }: AggregateCall, present: Uint8Array | null, { order }: Ordered, { from, to }: Frames): Column {
  const { length } = order
  const values = new Float64Array(length)
  if (present === null) for (let i = 0; i < length; i++) values[order[i]!] = to[i]! - from[i]!
  else {
    const before = presentBefore(present, length)
    for (let i = 0; i < length; i++) values[order[i]!] = before[to[i]!]! - before[from[i]!]!
  }
  return { layout: 'flat', type, length, valid: null, values }
}

/** Sums by position as sums or means for the rows as they came; null where nothing took part. */
function averaged(
  { fn, type }: AggregateCall,
  sums: Float64Array,
  present: Uint8Array | null,
  { order }: Ordered,
  { from, to }: Frames,
): Column {
  const { length } = order
  const values = flatArray(type, length) as Float64Array
  const valid = new Uint8Array(length)
  const before = present === null ? null : presentBefore(present, length)
  let missing = 0
  for (let i = 0; i < length; i++) {
    const n = before === null ? to[i]! - from[i]! : before[to[i]!]! - before[from[i]!]!
    const row = order[i]!
    if (n === 0) missing++
    else {
      valid[row] = 1
      values[row] = fn === mean ? sums[i]! / n : sums[i]!
    }
  }
  return { layout: 'flat', type, length, valid: missing === 0 ? null : valid, values }
}

/** Any aggregate: rows are added as the frame takes them in; where one leaves it is taken back, or all is added anew. */
function* general(
  call: AggregateCall,
  args: readonly Column[],
  present: Uint8Array | null,
  exact: boolean,
  { order, bounds }: Ordered,
  { from, to }: Frames,
): Generator<null, Column> {
  const state = frameState(call, exact)
  const values = new Array<Value>(order.length)
  const rowAt = (i: number): Value[] => args.map(column => valueAt(column, order[i]!))
  let steps = 0
  for (let p = 0; p + 1 < bounds.length; p++) {
    const [start, end] = [bounds[p]!, bounds[p + 1]!]
    state.clear()
    let [low, high] = [start, start]
    let value: Value = null
    for (let i = start; i < end; i++) {
      const [least, most] = [from[i]!, to[i]!]
      const same = i > start && least === low && most === high
      if (least > low) {
        if (exact) {
          for (; low < Math.min(least, high); low++) {
            if (present === null || present[low] === 1) state.retract(rowAt(low))
            if (++steps % STEPS === 0) yield null
          }
        } else {
          state.clear()
          high = least
        }
        low = least
        if (high < low) high = low
      }
      for (; high < most; high++) {
        if (present === null || present[high] === 1) state.add(rowAt(high))
        if (++steps % STEPS === 0) yield null
      }
      if (!same) {
        try {
          value = state.value()
        } catch (error) {
          throw error instanceof RowFailure ? failedRow(call, error.message, null) : error
        }
      }
      values[order[i]!] = value
      if (++steps % STEPS === 0) yield null
    }
  }
  const builder = new ColumnBuilder(call.type)
  for (const [row, value] of values.entries()) {
    builder.push(value)
    if (row % PAUSE_ROWS === 0) yield null
  }
  return builder.finish()
}

const STEPS = 1 << 12
