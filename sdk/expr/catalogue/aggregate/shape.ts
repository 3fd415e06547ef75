import type { AggregateFunction, LaneAccumulator } from '../../function.ts'
import { FLOAT64, nullable, numeric } from './result.ts'

/**
 * Skewness and excess kurtosis from the second to the fourth moment around the mean, in one pass (Pébay 2008). No row is
 * taken back: what an outlier leaves of its rounding in the third and fourth moment can exceed what they are without it.
 */

const shape = (value: LaneAccumulator['value']): LaneAccumulator => ({
  form: 'lanes',
  init: [0, 0, 0, 0, 0],
  add: (lane, [x], _, js) => {
    const [n, mean, m2, m3, m4] = [lane(0), lane(1), lane(2), lane(3), lane(4)]
    const [d, more] = [js.local(`${x} - ${mean}`), js.local(`${n} + 1`)]
    const part = js.local(`${d} / ${more}`)
    const t = js.local(`${d} * ${part} * ${n}`)
    return [
      `${m4} += ${t} * ${part} * ${part} * (${more} * ${more} - 3 * ${more} + 3) + 6 * ${part} * ${part} * ${m2} - 4 * ${part} * ${m3}`,
      `${m3} += ${t} * ${part} * (${more} - 2) - 3 * ${part} * ${m2}`,
      `${m2} += ${t}; ${mean} += ${part}; ${n} = ${more};`,
    ].join('; ')
  },
  step: (lanes, at, [x]) => {
    const n = lanes[at]! + 1
    const d = (x as number) - lanes[at + 1]!
    const part = d / n
    const t = d * part * (n - 1)
    const [m2, m3] = [lanes[at + 2]!, lanes[at + 3]!]
    lanes[at + 4]! += t * part * part * (n * n - 3 * n + 3) + 6 * part * part * m2 - 4 * part * m3
    lanes[at + 3]! += t * part * (n - 2) - 3 * part * m2
    lanes[at + 2]! += t
    lanes[at + 1]! += part
    lanes[at] = n
  },
  merge: (lanes, at, from, fromAt) => {
    const [a, b] = [lanes[at]!, from[fromAt]!]
    if (b === 0) return
    if (a === 0) {
      for (let k = 0; k < 5; k++) lanes[at + k] = from[fromAt + k]!
      return
    }
    const n = a + b
    const d = from[fromAt + 1]! - lanes[at + 1]!
    const part = d / n
    const [m2, m3] = [lanes[at + 2]!, lanes[at + 3]!]
    const [o2, o3, o4] = [from[fromAt + 2]!, from[fromAt + 3]!, from[fromAt + 4]!]
    const t = d * part * a * b
    lanes[at + 4]! +=
      o4 +
      t * part * part * (a * a - a * b + b * b) +
      6 * part * part * (a * a * o2 + b * b * m2) +
      4 * part * (a * o3 - b * m3)
    lanes[at + 3]! += o3 + t * part * (a - b) + 3 * part * (a * o2 - b * m2)
    lanes[at + 2]! += o2 + t
    lanes[at + 1]! += part * b
    lanes[at] = n
  },
  value,
})

function ofShape(
  name: 'skewness' | 'kurtosis',
  least: number,
  whole: (n: number, m2: number, m3: number, m4: number) => number,
  sample: (n: number, whole: number) => number,
  duckdb: AggregateFunction['duckdb'],
): AggregateFunction {
  const lanes = shape((all, at, _, __, { population }) => {
    const n = all[at]!
    if (n < (population === true ? 1 : least)) return null
    const value = whole(n, all[at + 2]!, all[at + 3]!, all[at + 4]!)
    return population === true ? value : sample(n, value)
  })
  return {
    name,
    named: ['population'],
    infer: args => {
      const type = numeric(name, args, false)
      return typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [FLOAT64] }
    },
    nulls: 'skip',
    retractable: 'no',
    accumulator: lanes,
    duckdb,
    flink: { refused: `Flink SQL has no ${name}` },
  }
}

export const skewness: AggregateFunction = ofShape(
  'skewness',
  3,
  (n, m2, m3) => (Math.sqrt(n) * m3) / m2 / Math.sqrt(m2),
  (n, whole) => (whole * Math.sqrt(n * (n - 1))) / (n - 2),
  ([a], _, { population }) =>
    population === true ? { refused: 'DuckDB has the skewness of a sample only' } : `skewness(${a})`,
)

export const kurtosis: AggregateFunction = ofShape(
  'kurtosis',
  4,
  (n, m2, _, m4) => (n * m4) / m2 / m2 - 3,
  (n, whole) => ((n - 1) * ((n + 1) * whole + 6)) / (n - 2) / (n - 3),
  ([a], _, { population }) => `kurtosis${population === true ? '_pop' : ''}(${a})`,
)
