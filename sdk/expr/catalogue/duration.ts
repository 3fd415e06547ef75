import { isNumeric, scalar, type Nullable } from '../../data/type.ts'
import { RowFailure, type EagerFunction } from '../function.ts'
import { anyNull, overflow, roundAway } from './number.ts'
import { plain } from './plain.ts'

/** Durations times and over numbers, rounded to a microsecond half away from zero, and over each other. */

const [DURATION, FLOAT64] = [scalar('duration'), scalar('float64')]
const NONE = { refused: 'a duration in microseconds has no SQL form in Flink' }

function within(micros: number): number {
  const whole = roundAway(micros) + 0
  if (!Number.isSafeInteger(whole)) throw new RowFailure(overflow(DURATION))
  return whole
}

export const mul: EagerFunction = {
  ...plain({
    name: 'mul',
    takes: ['a duration', 'numbers'],
    result: DURATION,
    cast: [undefined, FLOAT64],
    fails: true,
    compute: () => (micros: number, times: number) => within(micros * times),
    duckdb: ([a, b]) => `CAST(round(${a} * ${b}) AS BIGINT)`,
    flink: NONE,
  }),
}

const overNumber = plain({
  name: 'div',
  takes: ['a duration', 'numbers'],
  result: DURATION,
  cast: [undefined, FLOAT64],
  fails: true,
  compute: () => (micros: number, by: number) => {
    if (by === 0) throw new RowFailure('division by zero')
    return within(micros / by)
  },
  duckdb: ([a, b]) => `CAST(round(${a} / CASE WHEN ${b} = 0 THEN error('division by zero') ELSE ${b} END) AS BIGINT)`,
  flink: NONE,
})

const overDuration = plain({
  name: 'div',
  takes: ['a duration'],
  result: FLOAT64,
  fails: true,
  compute: () => (a: number, b: number) => {
    if (b === 0) throw new RowFailure('division by zero')
    return a / b
  },
  duckdb: ([a, b]) => `(${a} / CAST(CASE WHEN ${b} = 0 THEN error('division by zero') ELSE ${b} END AS DOUBLE))`,
  flink: NONE,
})

/** Over a number, a duration; over a duration, how often it goes in. */
const divisor = (args: readonly Nullable[]): EagerFunction =>
  args[1]?.type.kind === 'duration' ? overDuration : overNumber

export const div: EagerFunction = {
  ...overNumber,
  infer: (args, options) => {
    const by = args[1]!.type
    if (by.kind !== 'duration' && !isNumeric(by)) return 'div takes a number or a duration behind a duration, and $1'
    return divisor(args).infer(args, options)
  },
  js: (args, types, result, options, js) => divisor(types).js(args, types, result, options, js),
  evaluate: (args, types, result, options) => divisor(types).evaluate(args, types, result, options),
  duckdb: (args, types, options) => {
    const sql = divisor(types).duckdb
    return typeof sql === 'function' ? sql(args, types, options) : sql
  },
}

function unary(name: 'neg' | 'abs', compute: (micros: number) => number, sql: string): EagerFunction {
  return {
    name,
    infer: args => ({ type: DURATION, nullable: anyNull(args) }),
    nulls: 'propagate',
    js: ([a], _, __, ___, js) => ({ value: `${js.bind(compute)}(${a!.value})`, valid: null }),
    evaluate: ([a]) => compute(a as number),
    duckdb: ([a]) => `${sql}(${a})`,
    flink: NONE,
  }
}

export const neg: EagerFunction = unary('neg', micros => 0 - micros, '-')
export const abs: EagerFunction = unary('abs', micros => Math.abs(micros), 'abs')
