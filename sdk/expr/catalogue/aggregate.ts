import type { Value } from '../../data/column.ts'
import { isFloat, isInteger, isNumeric, scalar, type DataType, type Nullable } from '../../data/type.ts'
import {
  RowFailure,
  type Accumulator,
  type AggregateFunction,
  type GroupAccumulator,
  type LaneAccumulator,
  type ObjectAccumulator,
  type Sql,
} from '../function.ts'
import { compareValues } from '../order.ts'
import { decimal, isBig, isOrdered, scaleOf } from '../promote.ts'
import { fits, overflow } from './number.ts'

/**
 * Aggregates skip nulls, and but for counts they are null over no values. Sums of whole numbers are exact: two lanes
 * hold `hi · 2^32 + lo`, with `lo` never beyond ±(2^53 − 1). Sums of floats carry their rounding error (Neumaier), so
 * that they stay within 1e-12 of the sum of magnitudes whatever the order.
 */

const INT64 = scalar('int64')
const FLOAT64 = scalar('float64')
const HIGH = 2 ** 32
const LIMIT = Number.MAX_SAFE_INTEGER

const sqlOf =
  (sql: (...args: string[]) => string): Sql =>
  args =>
    sql(...args)

const nullable = (type: DataType): Nullable => ({ type, nullable: true })

export const count: AggregateFunction = {
  name: 'count',
  infer: () => ({ type: INT64, nullable: false }),
  nulls: 'skip',
  retractable: 'exact',
  accumulator: {
    form: 'lanes',
    init: [0],
    add: lane => `${lane(0)} += 1;`,
    retract: lane => `${lane(0)} -= 1;`,
    step: (lanes, at, _, sign) => {
      lanes[at]! += sign
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
  add: (lane, [x], types, js) => exactStep(lane, x!, '+', types, js.local),
  retract: (lane, [x], types, js) => exactStep(lane, x!, '-', types, js.local),
  step: (lanes, at, [x], sign) => addExact(lanes, at, x as number | bigint, sign),
  value: (lanes, at, _, result) => {
    if (lanes[at + 2] === 0) return null
    const sum = BigInt(lanes[at + 1]!) * BigInt(HIGH) + BigInt(lanes[at]!)
    const value = isBig(result.type) ? sum : Number(sum)
    if (!fits(isBig(result.type) ? sum : BigInt.asIntN(64, sum) === sum ? Number(sum) : NaN, result.type)) {
      throw new RowFailure(overflow(result.type))
    }
    return value
  },
}

function exactStep(
  lane: (k: number) => string,
  x: string,
  sign: '+' | '-',
  types: readonly Nullable[],
  local: (expression: string) => string,
): string {
  const [lo, hi, n] = [lane(0), lane(1), lane(2)]
  const tally = `${n} ${sign}= 1;`
  const split = (part: string, rest: string): string =>
    `${hi} = ${hi} + Math.trunc(${lo} / ${HIGH}) ${sign} ${part}; ${lo} = ${lo} % ${HIGH} ${sign} ${rest};`
  if (isBig(types[0]!.type)) {
    return `${split(`Number(${x} >> 32n)`, `Number(${x} & 4294967295n)`)} ${tally}`
  }
  const sum = local(`${lo} ${sign} ${x}`)
  const fast = `${sum} <= ${LIMIT} && ${sum} >= -${LIMIT}`
  return `if (${fast}) ${lo} = ${sum}; else { ${split(`Math.trunc(${x} / ${HIGH})`, `${x} % ${HIGH}`)} } ${tally}`
}

function addExact(lanes: Float64Array, at: number, x: number | bigint, sign: 1 | -1): void {
  const whole = BigInt(lanes[at + 1]!) * BigInt(HIGH) + BigInt(lanes[at]!) + BigInt(sign) * BigInt(x)
  lanes[at + 1] = Number(whole >> 32n)
  lanes[at] = Number(BigInt.asUintN(32, whole))
  lanes[at + 2]! += sign
}

/**
 * NaN and Infinity counted beside the finite values, for no arithmetic takes them back out of a sum: a lane of how many
 * there are, and one of how many more are Infinity than −Infinity. `value` is the result where there are any.
 */
function countingOdd(
  inner: LaneAccumulator,
  value: (odd: number, lean: number, lanes: Float64Array, at: number) => number | null,
): LaneAccumulator {
  const [odd, lean] = [inner.init.length, inner.init.length + 1]
  const snippet =
    (sign: '+' | '-'): LaneAccumulator['add'] =>
    (lane, args, types, js) => {
      const finite = args.map(x => `${x} - ${x} === 0`).join(' && ')
      const aside = `${lane(odd)} ${sign}= 1; ${lane(lean)} ${sign}= ${args[0]} > 0 ? 1 : ${args[0]} < 0 ? -1 : 0`
      const step = (sign === '+' ? inner.add : inner.retract!)(lane, args, types, js)
      return `if (${finite}) { ${step} } else { ${aside} }`
    }
  return {
    form: 'lanes',
    init: [...inner.init, 0, 0],
    add: snippet('+'),
    retract: snippet('-'),
    step: (lanes, at, args, sign, types) => {
      if (args.every(Number.isFinite)) {
        inner.step!(lanes, at, args, sign, types)
        return
      }
      lanes[at + odd]! += sign
      lanes[at + lean]! += sign * (Math.sign(args[0] as number) || 0)
    },
    value: (lanes, at, types, result, options) =>
      lanes[at + odd] === 0
        ? inner.value(lanes, at, types, result, options)
        : value(lanes[at + odd]!, lanes[at + lean]!, lanes, at),
  }
}

/** Of sums and means: Infinity while all that is not finite has one sign. */
const infiniteSum = (odd: number, lean: number): number => (odd === Math.abs(lean) ? lean * Infinity : NaN)

/** Of what is null for fewer than two values. The first lane is their number. */
const oddSpread = (odd: number, _: number, lanes: Float64Array, at: number): number | null =>
  lanes[at]! + odd < 2 ? null : NaN

/** Floats as sum and carried error. The error of an infinite sum is NaN and is left out. */
const floatSum: LaneAccumulator = {
  form: 'lanes',
  init: [0, 0, 0],
  add: (lane, [x], _, js) => floatStep(lane, x!, '+', js.local),
  retract: (lane, [x], _, js) => floatStep(lane, `(-${x})`, '-', js.local),
  step: (lanes, at, [x], sign) => addFloat(lanes, at, (x as number) * sign, sign),
  value: (lanes, at) => (lanes[at + 2] === 0 ? null : total(lanes, at)),
}

/** The sum; once it is empty again, exactly zero. */
function total(lanes: Float64Array, at: number): number {
  const [sum, carried] = [lanes[at]!, lanes[at + 1]!]
  return Number.isFinite(sum) ? sum + carried : sum
}

/** Knuth's two-sum: s + x = t + e exactly, without a branch. */
function floatStep(
  lane: (k: number) => string,
  x: string,
  tally: '+' | '-',
  local: (expression: string) => string,
): string {
  const [s, c, n] = [lane(0), lane(1), lane(2)]
  const a = local(s)
  const t = local(`${a} + ${x}`)
  const z = local(`${t} - ${a}`)
  return `${s} = ${t}; ${c} += (${a} - (${t} - ${z})) + (${x} - ${z}); ${n} ${tally}= 1;${tally === '-' ? ` if (${n} === 0) { ${s} = 0; ${c} = 0 }` : ''}`
}

function addFloat(lanes: Float64Array, at: number, x: number, tally: 1 | -1): void {
  const s = lanes[at]!
  const t = s + x
  lanes[at + 1]! += Math.abs(s) >= Math.abs(x) ? s - t + x : x - t + s
  lanes[at] = t
  lanes[at + 2]! += tally
  if (tally < 0 && lanes[at + 2] === 0) lanes.fill(0, at, at + 2)
}

function totalType(type: DataType): DataType {
  if (type.kind === 'decimal') return decimal(type.scale)
  if (type.kind === 'bigint' || type.kind === 'duration') return type
  return isFloat(type) ? FLOAT64 : INT64
}

/** A bool counts as 0 or 1. */
function numeric(name: string, [a]: readonly Nullable[], duration: boolean): string | DataType {
  if (a!.type.kind === 'bool') return scalar('int32')
  if (isNumeric(a!.type) || (duration && a!.type.kind === 'duration')) return a!.type
  return `${name} takes numbers, and $0`
}

export const sum: AggregateFunction = {
  name: 'sum',
  infer: args => {
    const type = numeric('sum', args, true)
    return typeof type === 'string' ? type : { ...nullable(totalType(type)), cast: [type] }
  },
  nulls: 'skip',
  retractable: 'approximate',
  accumulator: ([a]) =>
    isFloat(a!.type) ? { ...floatSum, overUpdates: countingOdd(floatSum, infiniteSum) } : exactSum,
  duckdb: ([a], types) => {
    const type = totalType(types[0]!.type)
    return isFloat(type) ? `sum(CAST(${a} AS DOUBLE))` : `CAST(sum(${a}) AS ${sqlTotal(type)})`
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
      const floatMean = { ...floatSum, value }
      return { ...floatMean, overUpdates: countingOdd(floatMean, infiniteSum) }
    }
    const unit = 10 ** scaleOf(a!.type)
    return {
      ...exactSum,
      value: (lanes, at) => (lanes[at + 2] === 0 ? null : (lanes[at + 1]! * HIGH + lanes[at]!) / unit / lanes[at + 2]!),
    }
  },
  duckdb: sqlOf(a => `avg(CAST(${a} AS DOUBLE))`),
  flink: sqlOf(a => `AVG(CAST(${a} AS DOUBLE))`),
}

/** Welford's recurrence, and its inverse. */
const moments = (value: (m2: number, n: number) => number): LaneAccumulator => ({
  form: 'lanes',
  init: [0, 0, 0],
  add: (lane, [x], _, js) => {
    const [n, mean, m2] = [lane(0), lane(1), lane(2)]
    const d = js.local(`${x} - ${mean}`)
    return `${n} += 1; ${mean} += ${d} / ${n}; ${m2} += ${d} * (${x} - ${mean});`
  },
  retract: (lane, [x], _, js) => {
    const [n, mean, m2] = [lane(0), lane(1), lane(2)]
    const d = js.local(`${x} - ${mean}`)
    return `if (${n} === 1) { ${n} = 0; ${mean} = 0; ${m2} = 0 } else { ${n} -= 1; ${mean} -= ${d} / ${n}; ${m2} -= ${d} * (${x} - ${mean}); if (${m2} < 0) ${m2} = 0 }`
  },
  step: (lanes, at, [value], sign) => {
    const x = value as number
    const n = lanes[at]! + sign
    if (n === 0) {
      lanes.fill(0, at, at + 3)
      return
    }
    const d = x - lanes[at + 1]!
    lanes[at] = n
    lanes[at + 1]! += (sign * d) / n
    const m2 = lanes[at + 2]! + sign * d * (x - lanes[at + 1]!)
    lanes[at + 2] = m2 < 0 ? 0 : m2
  },
  value: (lanes, at) => (lanes[at]! < 2 ? null : value(lanes[at + 2]!, lanes[at]!)),
})

function spread(name: 'stddev' | 'variance', value: (m2: number, n: number) => number): AggregateFunction {
  return {
    name,
    infer: args => {
      const type = numeric(name, args, false)
      return typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [FLOAT64] }
    },
    nulls: 'skip',
    retractable: 'approximate',
    accumulator: { ...moments(value), overUpdates: countingOdd(moments(value), oddSpread) },
    duckdb: sqlOf(a => `${name === 'stddev' ? 'stddev_samp' : 'var_samp'}(${a})`),
    flink: sqlOf(a => `${name === 'stddev' ? 'STDDEV_SAMP' : 'VAR_SAMP'}(${a})`),
  }
}

export const stddev: AggregateFunction = spread('stddev', (m2, n) => Math.sqrt(m2 / (n - 1)))
export const variance: AggregateFunction = spread('variance', (m2, n) => m2 / (n - 1))

const joint: LaneAccumulator = {
  form: 'lanes',
  init: [0, 0, 0, 0, 0, 0],
  add: (lane, [x, y], _, js) => jointStep(lane, x!, y!, '+', js.local),
  retract: (lane, [x, y], _, js) => {
    const reset = [0, 1, 2, 3, 4, 5].map(k => `${lane(k)} = 0`).join('; ')
    return `if (${lane(0)} === 1) { ${reset} } else { ${jointStep(lane, x!, y!, '-', js.local)} }`
  },
  step: (lanes, at, args, sign) => {
    const [x, y] = args as readonly number[]
    const n = lanes[at]! + sign
    if (n === 0) {
      lanes.fill(0, at, at + 6)
      return
    }
    const [dx, dy] = [x! - lanes[at + 1]!, y! - lanes[at + 2]!]
    lanes[at] = n
    lanes[at + 1]! += (sign * dx) / n
    lanes[at + 2]! += (sign * dy) / n
    lanes[at + 3]! += sign * dx * (x! - lanes[at + 1]!)
    lanes[at + 4]! += sign * dy * (y! - lanes[at + 2]!)
    lanes[at + 5]! += sign * dx * (y! - lanes[at + 2]!)
  },
  value: (lanes, at) => {
    const [xx, yy, xy] = [lanes[at + 3]!, lanes[at + 4]!, lanes[at + 5]!]
    return lanes[at]! < 2 ? null : xx === 0 || yy === 0 ? NaN : xy / Math.sqrt(xx) / Math.sqrt(yy)
  },
}

export const corr: AggregateFunction = {
  name: 'corr',
  infer: args => {
    const wrong = args.findIndex(arg => !isNumeric(arg.type))
    return wrong < 0 ? { ...nullable(FLOAT64), cast: [FLOAT64, FLOAT64] } : `corr takes numbers, and $${wrong}`
  },
  nulls: 'skip',
  retractable: 'approximate',
  accumulator: { ...joint, overUpdates: countingOdd(joint, oddSpread) },
  duckdb: sqlOf((a, b) => `corr(${b}, ${a})`),
  flink: { refused: 'Flink SQL has no correlation' },
}

function jointStep(
  lane: (k: number) => string,
  x: string,
  y: string,
  sign: '+' | '-',
  local: (expression: string) => string,
): string {
  const [n, mx, my, xx, yy, xy] = [0, 1, 2, 3, 4, 5].map(lane) as [string, string, string, string, string, string]
  const dx = local(`${x} - ${mx}`)
  const dy = local(`${y} - ${my}`)
  return [
    `${n} ${sign}= 1; ${mx} ${sign}= ${dx} / ${n}; ${my} ${sign}= ${dy} / ${n}`,
    `${xx} ${sign}= ${dx} * (${x} - ${mx}); ${yy} ${sign}= ${dy} * (${y} - ${my}); ${xy} ${sign}= ${dx} * (${y} - ${my});`,
  ].join('; ')
}

/** One value that is kept as long as a better one comes: min, max, first and last. */
function kept(
  name: string,
  ordered: boolean,
  better: { readonly code: (x: string, kept: string) => string; readonly than: (x: Value, kept: Value) => boolean },
  sql: { readonly duckdb: Sql; readonly flink: Sql },
): AggregateFunction {
  const lanes: LaneAccumulator = {
    form: 'lanes',
    init: [0, 0],
    add: (lane, [x]) => `if (${lane(1)} === 0 || ${better.code(x!, lane(0))}) ${lane(0)} = ${x}; ${lane(1)} = 1;`,
    step: (all, at, [x]) => {
      if (all[at + 1] === 0 || better.than(Number(x), all[at]!)) all[at] = Number(x)
      all[at + 1] = 1
    },
    value: (all, at, _, result) => (all[at + 1] === 0 ? null : result.type.kind === 'bool' ? all[at] === 1 : all[at]!),
  }
  const object: ObjectAccumulator = { form: 'object', create: () => new Kept(better.than) }
  return {
    name,
    infer: ([a]) =>
      ordered && !isOrdered(a!.type) ? `${name} takes values that have an order, and $0` : nullable(a!.type),
    nulls: 'skip',
    retractable: 'no',
    accumulator: ([a]): GroupAccumulator => (inLane(a!.type) ? lanes : object),
    ...sql,
  }
}

function inLane(type: DataType): boolean {
  return type.kind === 'bool' || type.kind === 'timestamp' || type.kind === 'date' || type.kind === 'duration'
    ? true
    : isFloat(type) || (isInteger(type) && !isBig(type))
}

class Kept implements Accumulator {
  readonly #better: (x: Value, kept: Value) => boolean
  #kept: Value = null

  constructor(better: (x: Value, kept: Value) => boolean) {
    this.#better = better
  }

  add([x]: readonly Value[]): void {
    if (this.#kept === null || this.#better(x!, this.#kept)) this.#kept = x!
  }

  value(): Value {
    return this.#kept
  }

  snapshot(): unknown {
    return this.#kept
  }

  restore(state: unknown): void {
    this.#kept = state as Value
  }
}

const least = {
  code: (x: string, kept: string): string => `${x} < ${kept} || ${kept} !== ${kept}`,
  than: (x: Value, kept: Value): boolean => compareValues(x, kept) < 0,
}
const greatest = {
  code: (x: string, kept: string): string => `${x} > ${kept} || ${x} !== ${x}`,
  than: (x: Value, kept: Value): boolean => compareValues(x, kept) > 0,
}

const NAN_ORDER: Sql = ([a], types) => (isFloat(types[0]!.type) ? { refused: 'Flink orders NaN otherwise' } : `${a}`)

function flinkOrdered(name: string): Sql {
  return (args, types, options) => {
    const found = typeof NAN_ORDER === 'function' ? NAN_ORDER(args, types, options) : NAN_ORDER
    return typeof found === 'string' ? `${name}(${found})` : found
  }
}

export const min: AggregateFunction = kept('min', true, least, {
  duckdb: sqlOf(a => `min(${a})`),
  flink: flinkOrdered('MIN'),
})

export const max: AggregateFunction = kept('max', true, greatest, {
  duckdb: sqlOf(a => `max(${a})`),
  flink: flinkOrdered('MAX'),
})

const ARRIVAL = { refused: 'SQL knows no order of arrival' }

export const first: AggregateFunction = kept(
  'first',
  false,
  { code: () => 'false', than: () => false },
  { duckdb: ARRIVAL, flink: ARRIVAL },
)

export const last: AggregateFunction = kept(
  'last',
  false,
  { code: () => 'true', than: () => true },
  { duckdb: ARRIVAL, flink: ARRIVAL },
)

export const countDistinct: AggregateFunction = {
  name: 'countDistinct',
  infer: ([a]) => {
    if (['list', 'struct', 'map', 'vector', 'binary'].includes(a!.type.kind)) {
      return `countDistinct does not compare such values, and $0`
    }
    return { type: INT64, nullable: false }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: () => new Distinct() },
  duckdb: sqlOf(a => `count(DISTINCT ${a})`),
  flink: sqlOf(a => `COUNT(DISTINCT ${a})`),
}

/** How often each value is there. */
class Distinct implements Accumulator {
  #counts = new Map<Value, number>()

  add([x]: readonly Value[]): void {
    this.#counts.set(x!, (this.#counts.get(x!) ?? 0) + 1)
  }

  retract([x]: readonly Value[]): void {
    const left = (this.#counts.get(x!) ?? 0) - 1
    if (left === 0) this.#counts.delete(x!)
    else this.#counts.set(x!, left)
  }

  value(): Value {
    let distinct = 0
    for (const times of this.#counts.values()) if (times > 0) distinct++
    return distinct
  }

  snapshot(): unknown {
    return [...this.#counts]
  }

  restore(state: unknown): void {
    this.#counts = new Map(state as readonly [Value, number][])
  }
}

export const quantile: AggregateFunction = {
  name: 'quantile',
  infer: (args, { q }) => {
    const type = numeric('quantile', args, false)
    if (typeof type === 'string') return type
    if (typeof q !== 'number' || !(q >= 0 && q <= 1)) return `quantile takes a q from 0 to 1, and ${String(q)} is none`
    return { ...nullable(FLOAT64), cast: [FLOAT64] }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: (_, __, { q }) => new Quantile(q as number) },
  duckdb: ([a], _, { q }) => `quantile_cont(${a}, ${String(q)})`,
  flink: ([a], _, { q }) => `PERCENTILE(${a}, ${String(q)})`,
}

/** All values; those taken back wait in a second list until the answer is asked for. */
class Quantile implements Accumulator {
  readonly #q: number
  #values = new Growing()
  #gone = new Growing()

  constructor(q: number) {
    this.#q = q
  }

  add([x]: readonly Value[]): void {
    this.#values.push(x as number)
  }

  retract([x]: readonly Value[]): void {
    this.#gone.push(x as number)
  }

  value(): Value {
    this.#settle()
    const values = this.#values.sorted()
    if (values.length === 0) return null
    const place = (values.length - 1) * this.#q
    const below = Math.floor(place)
    const low = values[below]!
    const high = values[Math.min(below + 1, values.length - 1)]!
    const share = place - below
    if (low === high || share === 0) return low
    const step = high - low
    return Number.isFinite(step) ? low + step * share : low * (1 - share) + high * share
  }

  #settle(): void {
    if (this.#gone.length === 0) return
    const gone = this.#gone.sorted()
    const left = new Growing()
    let g = 0
    for (const value of this.#values.sorted()) {
      if (g < gone.length && compareValues(gone[g]!, value) === 0) g++
      else left.push(value)
    }
    const early = new Growing()
    for (; g < gone.length; g++) early.push(gone[g]!)
    this.#values = left
    this.#gone = early
  }

  snapshot(): unknown {
    return { values: this.#values.copy(), gone: this.#gone.copy() }
  }

  restore(state: unknown): void {
    const { values, gone } = state as { values: Float64Array; gone: Float64Array }
    this.#values = new Growing(values)
    this.#gone = new Growing(gone)
  }
}

class Growing {
  #values: Float64Array
  #length: number
  #isSorted = false

  constructor(values: Float64Array = new Float64Array(0)) {
    this.#values = values.slice()
    this.#length = values.length
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const more = new Float64Array(Math.max(8, this.#length * 2))
      more.set(this.#values)
      this.#values = more
    }
    this.#values[this.#length++] = value
    this.#isSorted = false
  }

  /** In ascending order, NaN last. */
  sorted(): Float64Array {
    const all = this.#values.subarray(0, this.#length)
    if (!this.#isSorted) all.sort()
    this.#isSorted = true
    return all
  }

  copy(): Float64Array {
    return this.#values.slice(0, this.#length)
  }
}
