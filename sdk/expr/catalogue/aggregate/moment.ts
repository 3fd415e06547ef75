import type { AggregateFunction, FunctionOptions, LaneAccumulator } from '../../function.ts'
import { countingOdd, oddBelow } from './non-finite.ts'
import { FLOAT64, nullable, numeric } from './result.ts'

/** Spread around the mean: of a sample, n − 1, unless it is that of the whole population, n. */

/** What is taken from the number of values before dividing by it. */
const less = ({ population }: FunctionOptions): 0 | 1 => (population === true ? 0 : 1)

/** Welford's recurrence, and its inverse. */
const moments = (root: boolean): LaneAccumulator => ({
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
  // Chan, Golub & LeVeque 1979
  merge: (lanes, at, from, fromAt) => {
    const [a, b] = [lanes[at]!, from[fromAt]!]
    if (b === 0) return
    if (a === 0) {
      for (let k = 0; k < 3; k++) lanes[at + k] = from[fromAt + k]!
      return
    }
    const d = from[fromAt + 1]! - lanes[at + 1]!
    const share = b / (a + b)
    lanes[at] = a + b
    lanes[at + 1]! += d * share
    lanes[at + 2]! += from[fromAt + 2]! + d * d * a * share
  },
  value: (lanes, at, _, __, options) => {
    const degrees = lanes[at]! - less(options)
    if (degrees <= 0) return null
    const spread = lanes[at + 2]! / degrees
    return root ? Math.sqrt(spread) : spread
  },
})

function spread(name: 'stddev' | 'variance', duckdb: string, root: boolean): AggregateFunction {
  const sql = (a: string | undefined, options: FunctionOptions): string =>
    `${duckdb}_${options['population'] === true ? 'pop' : 'samp'}(${a})`
  return {
    name,
    named: ['population'],
    infer: args => {
      const type = numeric(name, args, false)
      return typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [FLOAT64] }
    },
    nulls: 'skip',
    retractable: 'approximate',
    accumulator: {
      ...moments(root),
      overUpdates: countingOdd(
        moments(root),
        oddBelow(options => 1 + less(options)),
      ),
    },
    duckdb: ([a], _, options) => sql(a, options),
    flink: ([a], _, options) => sql(a, options).toUpperCase().replace(/\(.*/s, `(${a})`),
  }
}

export const stddev: AggregateFunction = spread('stddev', 'stddev', true)
export const variance: AggregateFunction = spread('variance', 'var', false)
