import { isNumeric } from '../../../data/type.ts'
import type { AggregateFunction, LaneAccumulator } from '../../function.ts'
import { countingOdd, infiniteSum } from './non-finite.ts'
import { FLOAT64, nullable, numeric, sqlOf } from './result.ts'
import { addFloat, floatStep, floatSum, mergeFloat, total } from './sum.ts'

/** Products, and the means that rest on them: weighted by another column, and geometric. */

export const product: AggregateFunction = {
  name: 'product',
  infer: args => {
    const type = numeric('product', args, false)
    return typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [FLOAT64] }
  },
  nulls: 'skip',
  retractable: 'no',
  accumulator: {
    form: 'lanes',
    init: [1, 0],
    add: (lane, [x]) => `${lane(0)} *= ${x}; ${lane(1)} = 1;`,
    step: (lanes, at, [x]) => {
      lanes[at]! *= x as number
      lanes[at + 1] = 1
    },
    merge: (lanes, at, from, fromAt) => {
      lanes[at]! *= from[fromAt]!
      if (from[fromAt + 1] === 1) lanes[at + 1] = 1
    },
    value: (lanes, at) => (lanes[at + 1] === 0 ? null : lanes[at]!),
  },
  duckdb: sqlOf(a => `product(${a})`),
  flink: { refused: 'Flink SQL has no product' },
}

/** Sums of x·w and of w with their carried errors, and the number of rows. */
const weighted: LaneAccumulator = {
  form: 'lanes',
  init: [0, 0, 0, 0, 0, 0],
  add: (lane, [p, w], _, js) =>
    `${floatStep(lane, p!, '+', js.local)}; ${floatStep(k => lane(k + 3), w!, '+', js.local)}`,
  retract: (lane, [p, w], _, js) =>
    `${floatStep(lane, `(-${p})`, '-', js.local)}; ${floatStep(k => lane(k + 3), `(-${w})`, '-', js.local)}`,
  step: (lanes, at, [p, w], sign) => {
    addFloat(lanes, at, (p as number) * sign, sign)
    addFloat(lanes, at + 3, (w as number) * sign, sign)
  },
  merge: (lanes, at, from, fromAt) => {
    mergeFloat(lanes, at, from, fromAt)
    mergeFloat(lanes, at + 3, from, fromAt + 3)
  },
  value: (lanes, at) => (lanes[at + 2] === 0 ? null : total(lanes, at) / total(lanes, at + 3)),
}

/** The values taken times their weights. */
function timesWeight(inner: LaneAccumulator): LaneAccumulator {
  return {
    ...inner,
    add: (lane, [x, w], types, js) => inner.add(lane, [js.local(`${x} * ${w}`), w!], types, js),
    retract: (lane, [x, w], types, js) => inner.retract!(lane, [js.local(`${x} * ${w}`), w!], types, js),
    step: (lanes, at, args, sign, types) => {
      const [x, w] = args as readonly number[]
      inner.step!(lanes, at, [x! * w!, w!], sign, types)
    },
  }
}

export const weightedMean: AggregateFunction = {
  name: 'weightedMean',
  infer: args => {
    const wrong = args.findIndex(arg => !isNumeric(arg.type))
    return wrong < 0 ? { ...nullable(FLOAT64), cast: [FLOAT64, FLOAT64] } : `weightedMean takes numbers, and $${wrong}`
  },
  nulls: 'skip',
  retractable: 'approximate',
  accumulator: timesWeight(countingOdd(weighted, () => NaN)),
  duckdb: { refused: 'DuckDB sums the weights of rows whose value is null too' },
  flink: { refused: 'Flink SQL has no weighted mean' },
}

/** The mean of logarithms, of which the power of e is taken. */
function logarithms(inner: LaneAccumulator): LaneAccumulator {
  return {
    ...inner,
    add: (lane, [x], types, js) => inner.add(lane, [js.local(`Math.log(${x})`)], types, js),
    retract: (lane, [x], types, js) => inner.retract!(lane, [js.local(`Math.log(${x})`)], types, js),
    step: (lanes, at, [x], sign, types) => inner.step!(lanes, at, [Math.log(x as number)], sign, types),
  }
}

const meanLog: LaneAccumulator = {
  ...floatSum,
  value: (lanes, at) => (lanes[at + 2] === 0 ? null : Math.exp(total(lanes, at) / lanes[at + 2]!)),
}

export const geometricMean: AggregateFunction = {
  name: 'geometricMean',
  infer: args => {
    const type = numeric('geometricMean', args, false)
    return typeof type === 'string' ? type : { ...nullable(FLOAT64), cast: [FLOAT64] }
  },
  nulls: 'skip',
  retractable: 'approximate',
  accumulator: {
    ...logarithms(meanLog),
    overUpdates: logarithms(countingOdd(meanLog, (odd, lean) => Math.exp(infiniteSum(odd, lean)))),
  },
  duckdb: { refused: 'DuckDB fails on zero and on what is below' },
  flink: { refused: 'Flink SQL has no geometric mean' },
}
