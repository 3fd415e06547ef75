import { isNumeric } from '../../../data/type.ts'
import type { AggregateFunction, AggregateSql, FunctionOptions, LaneAccumulator } from '../../function.ts'
import { countingOdd, oddBelow } from './non-finite.ts'
import { FLOAT64, nullable } from './result.ts'

/** How two columns go together, over the rows where both are present: correlation, covariance and the straight line. */

/**
 * Six lanes, and over updates two more: the greatest sums of squares that rows were taken back from. What is left of one
 * by its rounding alone is no spread.
 */
const joint = (value: LaneAccumulator['value'], updates: boolean): LaneAccumulator => ({
  form: 'lanes',
  init: updates ? [0, 0, 0, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0],
  add: (lane, [x, y], _, js) => jointStep(lane, x!, y!, '+', js.local),
  retract: (lane, [x, y], _, js) => {
    const reset = [0, 1, 2, 3, 4, 5, 6, 7].map(k => `${lane(k)} = 0`).join('; ')
    const greatest = [6, 7].map(k => `${lane(k)} = Math.max(${lane(k)}, ${lane(k - 3)});`).join(' ')
    return `${greatest} if (${lane(0)} === 1) { ${reset} } else { ${jointStep(lane, x!, y!, '-', js.local)} }`
  },
  step: (lanes, at, args, sign) => {
    const [x, y] = args as readonly number[]
    const n = lanes[at]! + sign
    if (n === 0) {
      lanes.fill(0, at, at + (sign === 1 ? 6 : 8))
      return
    }
    if (sign === -1) {
      for (const k of [at + 6, at + 7]) lanes[k] = Math.max(lanes[k]!, lanes[k - 3]!)
    }
    const [dx, dy, part] = [x! - lanes[at + 1]!, y! - lanes[at + 2]!, 1 / n]
    lanes[at] = n
    lanes[at + 1]! += sign * dx * part
    lanes[at + 2]! += sign * dy * part
    lanes[at + 3]! += sign * dx * (x! - lanes[at + 1]!)
    lanes[at + 4]! += sign * dy * (y! - lanes[at + 2]!)
    lanes[at + 5]! += sign * dx * (y! - lanes[at + 2]!)
  },
  ...(!updates && { merge: mergeJoint }),
  value,
})

/** What taking rows back leaves, at most, of a sum of squares, relative to the greatest that it was. */
const ROUNDING = 1e-13

/** Squares and products of what is left of the means, both means, and the number of rows. */
interface Sums {
  readonly n: number
  readonly xx: number
  readonly yy: number
  readonly xy: number
  readonly mx: number
  readonly my: number
}

function pair(
  name: string,
  least: (options: FunctionOptions) => number,
  value: (sums: Sums, options: FunctionOptions) => number,
  duckdb: AggregateSql,
  flink: AggregateSql = { refused: `Flink SQL has no ${name}` },
): AggregateFunction {
  const lanes = (updates: boolean): LaneAccumulator =>
    joint((all, at, _, __, options) => {
      const [n, mx, my, xy] = [all[at]!, all[at + 1]!, all[at + 2]!, all[at + 5]!]
      const [xx, yy] = [3, 4].map(k => {
        const squares = all[at + k]!
        return updates && squares <= ROUNDING * all[at + k + 3]! ? 0 : squares
      }) as [number, number]
      if (n < least(options)) return null
      return Number.isFinite(mx) && Number.isFinite(my) ? value({ n, mx, my, xx, yy, xy }, options) : NaN
    }, updates)
  return {
    name,
    named: ['population'],
    infer: args => {
      const wrong = args.findIndex(arg => !isNumeric(arg.type))
      return wrong < 0 ? { ...nullable(FLOAT64), cast: [FLOAT64, FLOAT64] } : `${name} takes numbers, and $${wrong}`
    },
    nulls: 'skip',
    retractable: 'approximate',
    accumulator: { ...lanes(false), overUpdates: countingOdd(lanes(true), oddBelow(least)) },
    duckdb,
    flink,
  }
}

const two = (): number => 2

export const corr: AggregateFunction = pair(
  'corr',
  two,
  ({ xx, yy, xy }) => (xx === 0 || yy === 0 ? NaN : xy / Math.sqrt(xx) / Math.sqrt(yy)),
  ([a, b]) => `corr(${b}, ${a})`,
)

const covarianceSql: AggregateSql = ([a, b], _, { population }) =>
  `covar_${population === true ? 'pop' : 'samp'}(${a}, ${b})`

export const covariance: AggregateFunction = pair(
  'covariance',
  ({ population }) => (population === true ? 1 : 2),
  ({ n, xy }, { population }) => xy / (population === true ? n : n - 1),
  covarianceSql,
  ([a, b], _, { population }) => `COVAR_${population === true ? 'POP' : 'SAMP'}(${a}, ${b})`,
)

export const slope: AggregateFunction = pair(
  'slope',
  two,
  ({ xy, yy }) => (yy === 0 ? NaN : xy / yy),
  ([a, b]) => `regr_slope(${a}, ${b})`,
)

export const intercept: AggregateFunction = pair(
  'intercept',
  two,
  ({ mx, my, xy, yy }) => (yy === 0 ? NaN : mx - (xy / yy) * my),
  ([a, b]) => `regr_intercept(${a}, ${b})`,
)

export const r2: AggregateFunction = pair(
  'r2',
  two,
  ({ xx, yy, xy }) => (xx === 0 || yy === 0 ? NaN : (xy / Math.sqrt(xx) / Math.sqrt(yy)) ** 2),
  ([a, b]) => ({ call: `corr(${a}, ${b})`, around: call => `power(${call}, 2)` }),
)

function mergeJoint(lanes: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  const [a, b] = [lanes[at]!, from[fromAt]!]
  if (b === 0) return
  if (a === 0) {
    for (let k = 0; k < 6; k++) lanes[at + k] = from[fromAt + k]!
    return
  }
  const [dx, dy] = [from[fromAt + 1]! - lanes[at + 1]!, from[fromAt + 2]! - lanes[at + 2]!]
  const share = b / (a + b)
  lanes[at] = a + b
  lanes[at + 1]! += dx * share
  lanes[at + 2]! += dy * share
  lanes[at + 3]! += from[fromAt + 3]! + dx * dx * a * share
  lanes[at + 4]! += from[fromAt + 4]! + dy * dy * a * share
  lanes[at + 5]! += from[fromAt + 5]! + dx * dy * a * share
}

function jointStep(
  lane: (k: number) => string,
  x: string,
  y: string,
  sign: '+' | '-',
  local: (expression: string) => string,
): string {
  const [n, mx, my, xx, yy, xy] = [0, 1, 2, 3, 4, 5].map(lane) as [string, string, string, string, string, string]
  const rows = local(`${n} ${sign} 1`)
  const part = local(`1 / ${rows}`) // one division, for they are slow
  const [dx, dy] = [local(`${x} - ${mx}`), local(`${y} - ${my}`)]
  const [toX, toY] = [local(`${mx} ${sign} ${dx} * ${part}`), local(`${my} ${sign} ${dy} * ${part}`)]
  return [
    `${n} = ${rows}; ${mx} = ${toX}; ${my} = ${toY}`,
    `${xx} ${sign}= ${dx} * (${x} - ${toX}); ${yy} ${sign}= ${dy} * (${y} - ${toY}); ${xy} ${sign}= ${dx} * (${y} - ${toY});`,
  ].join('; ')
}
