import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros, UNIT_MICROS } from '../../data/time.ts'
import { bareText } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { inherited } from '../build.ts'
import type { AsOfJoin, Node } from '../node.ts'
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
  checkSides(left, right, VERB)
  if (direction !== 'backward' && direction !== 'forward' && direction !== 'nearest') {
    const text = `${VERB}: direction is 'backward', 'forward' or 'nearest', not '${direction}'`
    throw new PlanError('bad-option', text, { option: 'direction' })
  }
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
