import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros, UNIT_MICROS } from '../../data/time.ts'
import { bareText } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { inherited } from '../build.ts'
import type { AsOfJoin, EventTime, Node } from '../node.ts'
import { checkSides, joinKey, joinKeys, positions, rightSide, type KeyPair } from './join.ts'

/**
 * Makes as-of joins: each left row meets at most one right row, that of equal keys whose time is nearest in a direction.
 * Both times stay in the output, so that it shows how old the partner is.
 */

export interface AsOfOptions {
  readonly on: readonly KeyPair[]
  /** Undefined: the event times of the two sides. */
  readonly time: KeyPair | undefined
  readonly direction: string
  /** A duration of times, a number of numbers. */
  readonly tolerance: string | number | undefined
  readonly suffix: string
}

const VERB = 'asOfJoin'

export function asOfJoin(left: Node, right: Node, { on, time, direction, tolerance, suffix }: AsOfOptions): AsOfJoin {
  const isTemporal = right.frameKind === 'stream' && left.frameKind !== 'updating'
  if (!isTemporal) checkSides(left, right, VERB)
  if (direction !== 'backward' && direction !== 'forward' && direction !== 'nearest') {
    const text = `${VERB}: direction is 'backward', 'forward' or 'nearest', not '${direction}'`
    throw new PlanError('bad-option', text, { option: 'direction' })
  }
  if (isTemporal) checkTemporal(left, right, time, direction)
  const named = time ?? { left: eventTime(left, 'left'), right: eventTime(right, 'right') }
  const times = joinKey(left, right, named, `${VERB} by time`)
  if (!TIMES.has(times.left.type.kind)) {
    const text = `${VERB}: "${named.left}" is ${bareText(times.left.type)}. A time is a timestamp, a date, a duration, a whole number of int32 or int64, or a float.`
    throw new PlanError('not-time', text, { column: named.left })
  }
  if (on.some(key => key.left === named.left || key.right === named.right)) {
    const text = `${VERB}: on names the time "${named.left}", which need not be equal. Leave it out of on.`
    throw new PlanError('duplicate-column', text, { column: named.left })
  }
  const pairs = joinKeys(left, right, on, VERB)
  const { columns, fields } = rightSide(left, right, on, suffix, VERB)
  return Object.freeze({
    ...inherited(left),
    ...(isTemporal && { frameKind: 'stream', bounded: left.bounded && right.bounded, time: timeOf(left, right) }),
    kind: 'as-of-join',
    left,
    right,
    on: pairs,
    times,
    direction,
    tolerance: tolerance === undefined ? null : toleranceOf(tolerance, times.left),
    leftColumns: Object.freeze(positions(left)),
    rightColumns: Object.freeze(columns),
    schema: new Schema([...left.schema.fields, ...fields.map(field => ({ ...field, nullable: true }))]),
  })
}

/** A left row comes out once the watermark of both sides has passed its time. */
function timeOf(left: Node, right: Node): EventTime {
  return Object.freeze({ ...left.time!, boundMicros: Math.max(left.time!.boundMicros, right.time!.boundMicros) })
}

/** A right side that keeps coming is known up to its watermark: nothing is known of what comes after a time. */
function checkTemporal(left: Node, right: Node, time: KeyPair | undefined, direction: string): void {
  if (direction !== 'backward') {
    const text = `${VERB}: of a stream on the right only the last row up to a time can be known, and direction is '${direction}'. Leave it out, or join what .collect() gives.`
    throw new PlanError('bad-option', text, { option: 'direction' })
  }
  const own = { left: eventTime(left, 'left'), right: eventTime(right, 'right') }
  if (time === undefined || (time.left === own.left && time.right === own.right)) return
  const text = `${VERB}: with a stream on the right the times are the event times, "${own.left}" and "${own.right}". Leave time out.`
  throw new PlanError('bad-option', text, { option: 'time' })
}

const TIMES: ReadonlySet<string> = new Set(['timestamp', 'date', 'duration', 'int32', 'int64', 'float32', 'float64'])

function eventTime(node: Node, side: string): string {
  if (node.time !== null) return node.time.column
  const text = `${VERB}: the ${side} frame has no event time. Name the columns, { time: 'at' } or { time: { left: 'at', right: 'since' } }, or call .watermark(…) first.`
  throw new PlanError('no-event-time', text, { side })
}

/** In the unit of the values that the times have. */
function toleranceOf(tolerance: string | number, { type }: Typed): number {
  const isTime = type.kind === 'timestamp' || type.kind === 'date' || type.kind === 'duration'
  const refuse = (need: string): never => {
    const text = `${VERB}: the times are ${bareText(type)}, so tolerance is ${need}, not ${JSON.stringify(tolerance)}`
    throw new PlanError('bad-option', text, { option: 'tolerance' })
  }
  if (typeof tolerance === 'number') {
    if (isTime) return refuse("a duration such as '5 minutes'")
    return tolerance >= 0 && tolerance < Infinity ? tolerance : refuse('a number from 0 on')
  }
  if (!isTime) return refuse('a number')
  const micros = durationMicros(tolerance, `${VERB}: tolerance`)
  if (micros < 0) return refuse('a duration from 0 on')
  if (type.kind !== 'date') return micros
  return micros % UNIT_MICROS.day === 0 ? micros / UNIT_MICROS.day : refuse("a whole number of days such as '2 days'")
}
