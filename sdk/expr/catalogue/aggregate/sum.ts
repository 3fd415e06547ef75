import { isFloat, type DataType, type Nullable } from '../../../data/type.ts'
import { RowFailure, type AggregateFunction, type LaneAccumulator } from '../../function.ts'
import { decimal, isBig, scaleOf } from '../../promote.ts'
import { fits, overflow } from '../number.ts'
import { countingOdd, infiniteSum } from './non-finite.ts'
import { FLOAT64, INT64, nullable, numeric, sqlOf } from './result.ts'

/**
 * Counts, sums and means. Sums of whole numbers are exact: two lanes hold `hi · 2^32 + lo`, with `lo` never beyond
 * ±(2^53 − 1). Sums of floats carry their rounding error (Neumaier), so that they stay within 1e-12 of the sum of
 * magnitudes whatever the order.
 */

const HIGH = 2 ** 32
const LIMIT = Number.MAX_SAFE_INTEGER

export const count: AggregateFunction = {
  name: 'count',
  infer: () => ({ type: INT64, nullable: false }),
  nulls: 'skip',
  retractable: 'exact',
  accumulator: {
    form: 'lanes',
    init: [0],
    add: lane => `${lane(0)} += 1;`,
    counted: { lane: 0, add: () => '' },
    retract: lane => `${lane(0)} -= 1;`,
    step: (lanes, at, _, sign) => {
      lanes[at]! += sign
    },
    merge: (lanes, at, from, fromAt) => {
      lanes[at]! += from[fromAt]!
    },
    value: (lanes, at) => lanes[at]!,
  },
  duckdb: ([a]) => `count(${a ?? '*'})`,
  flink: ([a]) => `COUNT(${a ?? '*'})`,
}

/** Whole numbers as hi · 2^32 + lo. */
const exactSum: LaneAccumulator = {
  form: 'lanes',
  init: [0, 0, 0],
  add: (lane, [x], types, js) => `${exactStep(lane, x!, '+', types, js.local)} ${lane(2)} += 1;`,
  rare: [1],
  counted: { lane: 2, add: (lane, [x], types, js) => exactStep(lane, x!, '+', types, js.local) },
  retract: (lane, [x], types, js) => `${exactStep(lane, x!, '-', types, js.local)} ${lane(2)} -= 1;`,
  step: (lanes, at, [x], sign) => addExact(lanes, at, x as number | bigint, sign),
  merge: (lanes, at, from, fromAt) => {
    mergeExact(lanes, at, from, fromAt)
    lanes[at + 2]! += from[fromAt + 2]!
  },
  value: (lanes, at, _, result) => {
    if (lanes[at + 2] === 0) return null
    if (lanes[at + 1] === 0 && result.type.kind === 'int64' && Math.abs(lanes[at]!) <= LIMIT) return lanes[at]!
    const sum = BigInt(lanes[at + 1]!) * BigInt(HIGH) + BigInt(lanes[at]!)
    const value = isBig(result.type) ? sum : Number(sum)
    if (!fits(isBig(result.type) ? sum : BigInt.asIntN(64, sum) === sum ? Number(sum) : NaN, result.type)) {
      throw new RowFailure(overflow(result.type))
    }
    return value
  },
}

/** Rows of 32-bit values that a sum within ±2^32 takes without passing 2^53: looked at once in two million rows, not at each. */
const UNCHECKED = 2 ** 21

const smallSum: LaneAccumulator = {
  ...exactSum,
  add: (lane, [x]) => `${lane(0)} += ${x}; ${lane(2)} += 1;`,
  counted: { lane: 2, add: (lane, [x]) => `${lane(0)} += ${x};` },
  retract: (lane, [x]) => `${lane(0)} -= ${x}; ${lane(2)} -= 1;`,
  settle: {
    rows: UNCHECKED,
    from: HIGH,
    lanes: (lanes, at) => {
      lanes[at + 1]! += Math.trunc(lanes[at]! / HIGH)
      lanes[at]! %= HIGH
    },
  },
}

/** Of 32-bit values that are never taken back: no row leaves the first −0 as it is, so that no rows are counted. */
const uncountedSum: LaneAccumulator = {
  form: 'lanes',
  init: [-0, 0],
  add: (lane, [x]) => `${lane(0)} += ${x} + 0;`,
  rare: [1],
  settle: {
    rows: UNCHECKED,
    from: HIGH,
    lanes: (lanes, at) => {
      lanes[at + 1]! += Math.trunc(lanes[at]! / HIGH)
      lanes[at] = (lanes[at]! % HIGH) + 0
    },
  },
  step: (lanes, at, [x]) => {
    lanes[at]! += Number(x) + 0
  },
  merge: (lanes, at, from, fromAt) => {
    if (!Object.is(from[fromAt], -0)) mergeExact(lanes, at, from, fromAt)
  },
  value: (lanes, at) => {
    if (Object.is(lanes[at], -0)) return null
    const sum = lanes[at + 1]! * HIGH + lanes[at]!
    if (Math.abs(sum) > LIMIT) throw new RowFailure(overflow(INT64))
    return sum
  },
  overUpdates: smallSum,
}

const isSmall = ({ kind }: DataType): boolean => kind === 'int32' || kind === 'bool'

function exactStep(
  lane: (k: number) => string,
  x: string,
  sign: '+' | '-',
  types: readonly Nullable[],
  local: (expression: string) => string,
): string {
  const [lo, hi] = [lane(0), lane(1)]
  const split = (part: string, rest: string): string =>
    `${hi} = ${hi} + Math.trunc(${lo} / ${HIGH}) ${sign} ${part}; ${lo} = ${lo} % ${HIGH} ${sign} ${rest};`
  if (isBig(types[0]!.type)) {
    return split(`Number(${x} >> 32n)`, `Number(${x} & 4294967295n)`)
  }
  const sum = local(`${lo} ${sign} ${x}`)
  const fast = `${sum} <= ${LIMIT} && ${sum} >= -${LIMIT}`
  return `if (${fast}) ${lo} = ${sum}; else { ${split(`Math.trunc(${x} / ${HIGH})`, `${x} % ${HIGH}`)} }`
}

function addExact(lanes: Float64Array, at: number, x: number | bigint, sign: 1 | -1): void {
  const whole = BigInt(lanes[at + 1]!) * BigInt(HIGH) + BigInt(lanes[at]!) + BigInt(sign) * BigInt(x)
  lanes[at + 1] = Number(whole >> 32n)
  lanes[at] = Number(BigInt.asUintN(32, whole))
  lanes[at + 2]! += sign
}

/** Adds hi · 2^32 + lo; both sums are settled first, so that neither `lo` is near its limit. */
function mergeExact(lanes: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  const [lo, more] = [lanes[at]!, from[fromAt]!]
  lanes[at + 1]! += from[fromAt + 1]! + Math.trunc(lo / HIGH) + Math.trunc(more / HIGH)
  lanes[at] = (lo % HIGH) + (more % HIGH) + 0
}

/** Floats as sum and carried error. The error of an infinite sum is NaN and is left out. */
export const floatSum: LaneAccumulator = {
  form: 'lanes',
  init: [0, 0, 0],
  add: (lane, [x], _, js) => floatStep(lane, x!, '+', js.local),
  retract: (lane, [x], _, js) => floatStep(lane, `(-${x})`, '-', js.local),
  step: (lanes, at, [x], sign) => addFloat(lanes, at, (x as number) * sign, sign),
  merge: mergeFloat,
  value: (lanes, at) => (lanes[at + 2] === 0 ? null : total(lanes, at)),
}

/** The sum; once it is empty again, exactly zero. */
export function total(lanes: Float64Array, at: number): number {
  const [sum, carried] = [lanes[at]!, lanes[at + 1]!]
  return Number.isFinite(sum) ? sum + carried : sum
}

const countedFloatSum: LaneAccumulator = {
  ...floatSum,
  counted: { lane: 2, add: (lane, [x], _, js) => twoSum(lane, x!, js.local) },
}

/** Floats that are never taken back: no row leaves the first error of −0 as it is, so that no rows are counted. */
const uncountedFloatSum: LaneAccumulator = {
  form: 'lanes',
  init: [0, -0],
  add: (lane, [x], _, js) => twoSum(lane, x!, js.local),
  step: (lanes, at, [x]) => carry(lanes, at, x as number),
  merge: (lanes, at, from, fromAt) => {
    if (Object.is(from[fromAt + 1], -0)) return
    carry(lanes, at, from[fromAt]!)
    lanes[at + 1]! += from[fromAt + 1]!
  },
  value: (lanes, at) => (Object.is(lanes[at + 1], -0) ? null : total(lanes, at)),
  overUpdates: countingOdd(floatSum, infiniteSum),
}

/** A step of a sum and of the number of rows in the lane behind its error. */
export function floatStep(
  lane: (k: number) => string,
  x: string,
  tally: '+' | '-',
  local: (expression: string) => string,
): string {
  const [s, c, n] = [lane(0), lane(1), lane(2)]
  return `${twoSum(lane, x, local)} ${n} ${tally}= 1;${tally === '-' ? ` if (${n} === 0) { ${s} = 0; ${c} = 0 }` : ''}`
}

/** Knuth's two-sum: s + x = t + e exactly, without a branch. */
function twoSum(lane: (k: number) => string, x: string, local: (expression: string) => string): string {
  const [s, c] = [lane(0), lane(1)]
  const a = local(s)
  const t = local(`${a} + ${x}`)
  const z = local(`${t} - ${a}`)
  return `${s} = ${t}; ${c} += (${a} - (${t} - ${z})) + (${x} - ${z});`
}

function carry(lanes: Float64Array, at: number, x: number): void {
  const s = lanes[at]!
  const t = s + x
  lanes[at + 1]! += Math.abs(s) >= Math.abs(x) ? s - t + x : x - t + s
  lanes[at] = t
}

/** A sum, its error and its number of rows added to another such. */
export function mergeFloat(lanes: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  carry(lanes, at, from[fromAt]!)
  lanes[at + 1]! += from[fromAt + 1]!
  lanes[at + 2]! += from[fromAt + 2]!
}

export function addFloat(lanes: Float64Array, at: number, x: number, tally: 1 | -1): void {
  carry(lanes, at, x)
  lanes[at + 2]! += tally
  if (tally < 0 && lanes[at + 2] === 0) lanes.fill(0, at, at + 2)
}

function totalType(type: DataType): DataType {
  if (type.kind === 'decimal') return decimal(type.scale)
  if (type.kind === 'bigint' || type.kind === 'duration') return type
  return isFloat(type) ? FLOAT64 : INT64
}

export const sum: AggregateFunction = {
  name: 'sum',
  infer: args => {
    const type = numeric('sum', args, true)
    return typeof type === 'string' ? type : { ...nullable(totalType(type)), cast: [type] }
  },
  nulls: 'skip',
  retractable: 'approximate',
  accumulator: ([a]) => (isFloat(a!.type) ? uncountedFloatSum : isSmall(a!.type) ? uncountedSum : exactSum),
  duckdb: ([a], types) => {
    const type = totalType(types[0]!.type)
    if (isFloat(type)) return `sum(CAST(${a} AS DOUBLE))`
    return { call: `sum(${a})`, around: call => `CAST(${call} AS ${sqlTotal(type)})` }
  },
  flink: ([a], types) => {
    const type = totalType(types[0]!.type)
    return isFloat(type) ? `SUM(CAST(${a} AS DOUBLE))` : { refused: 'a sum of whole numbers wraps in Flink' }
  },
}

function sqlTotal(type: DataType): string {
  return type.kind === 'decimal' ? `DECIMAL(18,${type.scale})` : 'BIGINT'
}

export const mean: AggregateFunction = {
  name: 'mean',
  infer: args => {
    const type = numeric('mean', args, false)
    return typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [type] }
  },
  nulls: 'skip',
  retractable: 'approximate',
  accumulator: ([a]) => {
    if (isFloat(a!.type)) {
      const value: LaneAccumulator['value'] = (lanes, at) =>
        lanes[at + 2] === 0 ? null : total(lanes, at) / lanes[at + 2]!
      const floatMean = { ...countedFloatSum, value }
      return { ...floatMean, overUpdates: countingOdd(floatMean, infiniteSum) }
    }
    const unit = 10 ** scaleOf(a!.type)
    return {
      ...(isSmall(a!.type) ? smallSum : exactSum),
      value: (lanes, at) => (lanes[at + 2] === 0 ? null : (lanes[at + 1]! * HIGH + lanes[at]!) / unit / lanes[at + 2]!),
    }
  },
  duckdb: sqlOf(a => `avg(CAST(${a} AS DOUBLE))`),
  flink: sqlOf(a => `AVG(CAST(${a} AS DOUBLE))`),
}
