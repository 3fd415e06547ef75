import { isNumeric } from '../../../data/type.ts'
import type { AggregateFunction, LaneAccumulator } from '../../function.ts'
import { countingOdd, oddSpread } from './non-finite.ts'
import { FLOAT64, nullable, numeric, sqlOf } from './result.ts'

/** Moments around the mean, by Welford's recurrence and its inverse. */

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
