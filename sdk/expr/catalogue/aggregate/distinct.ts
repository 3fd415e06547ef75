import { isNested, type Nullable } from '../../../data/type.ts'
import type { AggregateFunction } from '../../function.ts'
import { HyperLogLog } from './hyper-log-log.ts'
import { INT64, sqlOf } from './result.ts'
import { Tally } from './tally.ts'

/** How many different values there are: by a count for each, so that rows can be taken back, or by a sketch. */

export const countDistinct: AggregateFunction = {
  name: 'countDistinct',
  infer: ([a]) => counted('countDistinct', a!),
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: () => new Tally(counts => counts.size) },
  duckdb: sqlOf(a => `count(DISTINCT ${a})`),
  flink: sqlOf(a => `COUNT(DISTINCT ${a})`),
}

/** A count of values, or why they are not compared. */
function counted(name: string, { type }: Nullable): Nullable | string {
  if (isNested(type) || type.kind === 'binary') {
    return `${name} does not compare such values, and $0`
  }
  return { type: INT64, nullable: false }
}

export const approxCountDistinct: AggregateFunction = {
  name: 'approxCountDistinct',
  named: ['precision'],
  infer: ([a], { precision = 14 }) => {
    if (!Number.isInteger(precision) || (precision as number) < 4 || (precision as number) > 18) {
      return `the precision is a whole number from 4 to 18, and ${String(precision)} is none`
    }
    return counted('approxCountDistinct', a!)
  },
  nulls: 'skip',
  retractable: 'no',
  accumulator: { form: 'object', create: (_, __, { precision = 14 }) => new HyperLogLog(precision as number) },
  duckdb: { refused: 'another sketch gives another estimate' },
  flink: { refused: 'another sketch gives another estimate' },
}
