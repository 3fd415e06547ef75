import { scalar } from '../../../data/type.ts'
import type { AggregateFunction, AggregateSql, LaneAccumulator } from '../../function.ts'
import { INT64 } from './result.ts'

/** Aggregates of conditions: a lane of how many are true, and one of how many are not null. */

function truths(
  name: 'any' | 'all' | 'countTrue',
  value: (yes: number, all: number) => boolean | number | null,
  duckdb: AggregateSql,
  flink: AggregateSql,
): AggregateFunction {
  const lanes: LaneAccumulator = {
    form: 'lanes',
    init: [0, 0],
    add: (lane, [x]) => `${lane(0)} += ${x}; ${lane(1)} += 1;`,
    retract: (lane, [x]) => `${lane(0)} -= ${x}; ${lane(1)} -= 1;`,
    step: (all, at, [x], sign) => {
      all[at]! += sign * Number(x)
      all[at + 1]! += sign
    },
    merge: (lanes, at, from, fromAt) => {
      lanes[at]! += from[fromAt]!
      lanes[at + 1]! += from[fromAt + 1]!
    },
    value: (all, at) => value(all[at]!, all[at + 1]!),
  }
  return {
    name,
    infer: ([a]) => {
      if (a!.type.kind !== 'bool') return `${name} takes a condition, and $0`
      return name === 'countTrue' ? { type: INT64, nullable: false } : { type: scalar('bool'), nullable: true }
    },
    nulls: 'skip',
    retractable: 'exact',
    accumulator: lanes,
    duckdb,
    flink,
  }
}

export const any: AggregateFunction = truths(
  'any',
  (yes, all) => (all === 0 ? null : yes > 0),
  ([a]) => `bool_or(${a})`,
  ([a]) => ({ call: `MAX(CASE WHEN ${a} THEN 1 WHEN NOT ${a} THEN 0 END)`, around: call => `(${call} = 1)` }),
)

export const all: AggregateFunction = truths(
  'all',
  (yes, count) => (count === 0 ? null : yes === count),
  ([a]) => `bool_and(${a})`,
  ([a]) => ({ call: `MIN(CASE WHEN ${a} THEN 1 WHEN NOT ${a} THEN 0 END)`, around: call => `(${call} = 1)` }),
)

export const countTrue: AggregateFunction = truths(
  'countTrue',
  yes => yes,
  ([a]) => `count(CASE WHEN ${a} THEN 1 END)`,
  ([a]) => `COUNT(CASE WHEN ${a} THEN 1 END)`,
)
