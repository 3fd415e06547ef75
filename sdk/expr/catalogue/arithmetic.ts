import { isFloat, isInteger, isNumeric, scalar, type DataType, type Nullable } from '../../data/type.ts'
import {
  RowFailure,
  type EagerFunction,
  type FunctionOptions,
  type Inferred,
  type JsScope,
  type Refused,
} from '../function.ts'
import { commonNumber, decimal, isBig, isTime, scaleOf } from '../promote.ts'
import { sqlType } from '../sql-type.ts'
import * as duration from './duration.ts'
import { anyNull, checked, checkedJs, divideAway, roundAway } from './number.ts'
import { byType } from './plain.ts'

/**
 * Arithmetic on numbers, and on times with durations. Whole numbers stay whole and are checked; `div` gives float64;
 * what mixes types is brought to their common type first.
 */

const FLOAT64 = scalar('float64')
const BY_ZERO = 'division by zero'

function numbers(name: string, args: readonly Nullable[]): string | undefined {
  const wrong = args.findIndex(arg => !isNumeric(arg.type))
  return wrong < 0 ? undefined : `${name} takes numbers, and $${wrong}`
}

function inCommon(name: string, args: readonly Nullable[]): Inferred | string {
  const problem = numbers(name, args)
  if (problem !== undefined) return problem
  const type = commonNumber(args[0]!.type, args[1]!.type)
  return { type, nullable: anyNull(args), cast: [type, type] }
}

const kindOf = (arg: Nullable): string => arg.type.kind

export const add: EagerFunction = {
  name: 'add',
  infer: args => {
    const kinds = args.map(kindOf)
    if (kinds.includes('duration') && !args.some(arg => isNumeric(arg.type))) {
      if (kinds[0] === 'duration' && kinds[1] === 'duration') return { type: args[0]!.type, nullable: anyNull(args) }
      const type = scalar('timestamp')
      const time = args.findIndex(arg => isTime(arg.type))
      if (time >= 0) return { type, nullable: anyNull(args), cast: time === 0 ? [type, undefined] : [undefined, type] }
    }
    if (args.some(arg => isTime(arg.type))) return `add takes a time and a duration such as '10 minutes', and ${both}`
    return inCommon('add', args)
  },
  nulls: 'propagate',
  js: ([a, b], _, result, __, js) => checkedJs(`${a!.value} + ${b!.value}`, result.type, js),
  evaluate: ([a, b], _, result) => checked((a as number) + (b as number), result.type),
  duckdb: ([a, b], types) => timeSql('duckdb', '+', a!, b!, types),
  flink: ([a, b], types) => timeSql('flink', '+', a!, b!, types),
}

export const sub: EagerFunction = {
  name: 'sub',
  infer: args => {
    const [a, b] = args.map(kindOf)
    const nullable = anyNull(args)
    const type = scalar('timestamp')
    if (a === 'duration' && b === 'duration') return { type: args[0]!.type, nullable }
    if (isTime(args[0]!.type) && b === 'duration') return { type, nullable, cast: [type, undefined] }
    if (isTime(args[0]!.type) && isTime(args[1]!.type)) {
      return { type: scalar('duration'), nullable, cast: [type, type] }
    }
    if (args.some(arg => isTime(arg.type))) {
      return `sub takes a time and a duration such as '10 minutes', or two times, and ${both}`
    }
    return inCommon('sub', args)
  },
  nulls: 'propagate',
  js: ([a, b], _, result, __, js) => checkedJs(`${a!.value} - ${b!.value}`, result.type, js),
  evaluate: ([a, b], _, result) => checked((a as number) - (b as number), result.type),
  duckdb: ([a, b], types) => timeSql('duckdb', '-', a!, b!, types),
  flink: ([a, b], types) => timeSql('flink', '-', a!, b!, types),
}

const both = '$0, $1'

/** In SQL a duration is a number of microseconds. */
function timeSql(dialect: 'duckdb' | 'flink', sign: string, a: string, b: string, types: readonly Nullable[]) {
  const [left, right] = types.map(kindOf)
  if (left !== 'timestamp' && right !== 'timestamp') return `(${a} ${sign} ${b})`
  if (dialect === 'flink') return { refused: 'a duration in microseconds has no SQL form in Flink' }
  if (left === right) return `(epoch_us(${a}) - epoch_us(${b}))`
  return left === 'timestamp' ? `(${a} ${sign} to_microseconds(${b}))` : `(${b} + to_microseconds(${a}))`
}

const mulNumbers: EagerFunction = {
  name: 'mul',
  infer: args => {
    const problem = numbers('mul', args)
    if (problem !== undefined) return problem
    const [a, b] = [args[0]!.type, args[1]!.type]
    const common = commonNumber(a, b)
    const nullable = anyNull(args)
    if (common.kind !== 'decimal') return { type: common, nullable, cast: [common, common] }
    const scale = scaleOf(a) + scaleOf(b)
    if (scale > 18)
      return `mul gives ${scale} digits after the point, and a decimal has at most 18; cast one side: ${both}`
    return { type: decimal(scale), nullable, cast: [decimal(scaleOf(a)), decimal(scaleOf(b))] }
  },
  nulls: 'propagate',
  // A product of int32 beyond 2^53 is rounded, but never back into the range; + 0 brings −0 to 0.
  js: ([a, b], _, result, __, js) =>
    checkedJs(
      `${a!.value} * ${b!.value}${isInteger(result.type) && !isBig(result.type) ? ' + 0' : ''}`,
      result.type,
      js,
    ),
  evaluate: ([a, b], _, result) => checked((a as number) * (b as number), result.type),
  duckdb: ([a, b]) => `(${a} * ${b})`,
  flink: ([a, b]) => `(${a} * ${b})`,
}

const divNumbers: EagerFunction = {
  name: 'div',
  infer: args => {
    const problem = numbers('div', args)
    if (problem !== undefined) return problem
    const exact = args.every(arg => !isFloat(arg.type))
    return { type: FLOAT64, nullable: anyNull(args), cast: exact ? [] : [FLOAT64, FLOAT64] }
  },
  nulls: 'propagate',
  js: ([a, b], types, _, __, js) => {
    const [x, y] = [a!, b!].map(({ value }, i) => unscaledJs(value, types[i]!.type, shiftOf(types, i)))
    if (!types.some(type => isFloat(type.type))) js.run(`if (${y} === 0) ${js.fail(BY_ZERO)}`)
    return { value: `(${x} / ${y})`, valid: null }
  },
  evaluate: ([a, b], types) => {
    const [x, y] = [unscaled(a as number, shiftOf(types, 0)), unscaled(b as number, shiftOf(types, 1))]
    if (y === 0 && !types.some(type => isFloat(type.type))) throw new RowFailure(BY_ZERO)
    return x / y
  },
  duckdb: (args, types) => {
    const [a, b] = args.map((arg, i) => unscaledSql(arg, types, i))
    const divisor = types.some(({ type }) => isFloat(type))
      ? b!
      : `CASE WHEN ${args[1]!} = 0 THEN error('${BY_ZERO}') ELSE ${b!} END`
    return `(CAST(${a} AS DOUBLE) / CAST(${divisor} AS DOUBLE))`
  },
  flink: ([a, b], types) =>
    types.some(({ type }) => type.kind === 'decimal')
      ? { refused: 'Flink divides decimals with the digits of a decimal, the engine as float64' }
      : `(CAST(${a} AS DOUBLE) / ${b})`,
}

/** How many digits bring a side of a division to the scale of both, where both are whole numbers: 0.3 / 0.1 is 3 / 1. */
function shiftOf(types: readonly Nullable[], side: number): number {
  return Math.max(...types.map(({ type }) => scaleOf(type))) - scaleOf(types[side]!.type)
}

function unscaled(value: number | bigint, shift: number): number {
  return typeof value === 'bigint' ? Number(value * 10n ** BigInt(shift)) : value * 10 ** shift
}

function unscaledJs(value: string, type: DataType, shift: number): string {
  if (isBig(type)) return `Number(${value}${shift === 0 ? '' : ` * ${10n ** BigInt(shift)}n`})`
  return shift === 0 ? value : `(${value} * ${10 ** shift})`
}

function unscaledSql(arg: string, types: readonly Nullable[], side: number): string {
  const [shift, scale] = [shiftOf(types, side), scaleOf(types[side]!.type)]
  if (shift + scale === 0) return arg
  const whole = `CAST(${arg} AS DECIMAL(38, ${scale})) * 1${'0'.repeat(shift + scale)}`
  // DuckDB rounds a BIGINT to a double as IEEE has it, but not a HUGEINT, whose digits it reads rightly.
  return shift === 0 ? `CAST(${whole} AS BIGINT)` : `CAST(CAST(${whole} AS HUGEINT) AS VARCHAR)`
}

export const mod: EagerFunction = {
  name: 'mod',
  infer: args => inCommon('mod', args),
  nulls: 'propagate',
  js: ([a, b], _, result, __, js) => {
    if (isFloat(result.type)) return checkedJs(`${a!.value} % ${b!.value}`, result.type, js)
    const zero = isBig(result.type) ? '0n' : '0'
    js.run(`if (${b!.value} === ${zero}) ${js.fail(BY_ZERO)}`)
    return { value: `(${a!.value} % ${b!.value} + ${zero})`, valid: null }
  },
  evaluate: ([a, b], _, result) => {
    if (typeof a === 'bigint') {
      if (b === 0n) throw new RowFailure(BY_ZERO)
      return a % (b as bigint)
    }
    if (!isFloat(result.type) && b === 0) throw new RowFailure(BY_ZERO)
    return checked((a as number) % (b as number), result.type)
  },
  duckdb: ([a, b], types) =>
    types.some(type => isFloat(type.type))
      ? `CASE WHEN ${b} = 0 OR isinf(${a}) THEN ${a} + ${b} - ${a} + 'NaN'::DOUBLE ELSE ${a} % ${b} END`
      : `(${a} % CASE WHEN ${b} = 0 THEN error('${BY_ZERO}') ELSE ${b} END)`,
  flink: ([a, b], types) =>
    types.some(type => isFloat(type.type)) ? { refused: 'Flink has no remainder of floats' } : `MOD(${a}, ${b})`,
}

/** A float64 function of float64 values. */
function float(
  name: string,
  arity: number,
  code: (...args: string[]) => string,
  evaluate: (a: number, b: number) => number,
  duckdb: (...args: string[]) => string,
  flink: (...args: string[]) => string,
): EagerFunction {
  return {
    name,
    infer: args =>
      numbers(name, args) ?? {
        type: FLOAT64,
        nullable: anyNull(args),
        cast: Array.from({ length: arity }, () => FLOAT64),
      },
    nulls: 'propagate',
    js: args => ({ value: code(...args.map(arg => arg.value)), valid: null }),
    evaluate: args => evaluate(args[0] as number, args[1] as number),
    duckdb: args => duckdb(...args),
    flink: args => flink(...args),
  }
}

const NAN = `'NaN'::DOUBLE`

// Java's pow(1, Infinity) and JavaScript's are NaN; C's is 1.
export const pow: EagerFunction = float(
  'pow',
  2,
  (a, b) => `(${a} ** ${b})`,
  (a, b) => a ** b,
  (a, b) => `CASE WHEN isnan(${b}) OR (abs(${a}) = 1 AND isinf(${b})) THEN ${a} * ${NAN} ELSE pow(${a}, ${b}) END`,
  (a, b) => `POWER(${a}, ${b})`,
)

export const sqrt: EagerFunction = float(
  'sqrt',
  1,
  a => `Math.sqrt(${a})`,
  a => Math.sqrt(a),
  a => `CASE WHEN ${a} < 0 THEN ${NAN} ELSE sqrt(${a}) END`,
  a => `SQRT(${a})`,
)

export const exp: EagerFunction = float(
  'exp',
  1,
  a => `Math.exp(${a})`,
  a => Math.exp(a),
  a => `exp(${a})`,
  a => `EXP(${a})`,
)

export const log: EagerFunction = float(
  'log',
  1,
  a => `Math.log(${a})`,
  a => Math.log(a),
  a => `CASE WHEN ${a} < 0 THEN ${NAN} WHEN ${a} = 0 THEN '-Infinity'::DOUBLE ELSE ln(${a}) END`,
  a => `LN(${a})`,
)

type Unary = (value: string, type: DataType, options: FunctionOptions, js: JsScope) => string

/** A function that keeps the number type. */
function keeping(
  name: string,
  code: Unary,
  evaluate: (value: number & bigint, type: DataType, options: FunctionOptions) => number | bigint,
  sql: (value: string, type: DataType, options: FunctionOptions) => string,
): EagerFunction {
  return {
    name,
    infer: args => numbers(name, args) ?? { type: args[0]!.type, nullable: args[0]!.nullable },
    nulls: 'propagate',
    js: ([a], _, result, options, js) => ({ value: code(a!.value, result.type, options, js), valid: null }),
    evaluate: ([a], _, result, options) => checked(evaluate(a as number & bigint, result.type, options), result.type),
    duckdb: ([a], types, options) => kept(sql(a!, types[0]!.type, options), types[0]!.type, 'duckdb'),
    flink: ([a], types, options) => kept(sql(a!, types[0]!.type, options), types[0]!.type, 'flink'),
  }
}

/** SQL gives some of these in a type of its own. */
function kept(sql: string, type: DataType, dialect: 'duckdb' | 'flink'): string | Refused {
  const name = sqlType(type, dialect)
  return typeof name === 'string' ? `CAST(${sql} AS ${name})` : name
}

const negNumber = keeping(
  'neg',
  (a, type, _, js) => checkedJs(isBig(type) || isFloat(type) ? `-${a}` : `0 - ${a}`, type, js).value,
  a => -a,
  a => `(-${a})`,
)

const absNumber = keeping(
  'abs',
  (a, type, _, js) => checkedJs(isBig(type) ? `(${a} < 0n ? -${a} : ${a})` : `Math.abs(${a})`, type, js).value,
  a => (a < 0 ? -a : Object.is(a, -0) ? 0 : a),
  a => `abs(${a})`,
)

export const sign: EagerFunction = keeping(
  'sign',
  (a, type) =>
    isBig(type)
      ? `(${a} > 0n ? ${unit(type)}n : ${a} < 0n ? -${unit(type)}n : 0n)`
      : `(${a} > 0 ? 1 : ${a} < 0 ? -1 : ${isFloat(type) ? `${a} !== ${a} ? NaN : 0` : '0'})`,
  (a, type) => {
    if (typeof a === 'bigint') return a > 0n ? unit(type) : a < 0n ? -unit(type) : 0n
    return Number.isNaN(a) ? NaN : a > 0 ? 1 : a < 0 ? -1 : 0
  },
  (a, type) => (isFloat(type) ? `CASE WHEN ${a} = 'NaN'::DOUBLE THEN ${a} ELSE sign(${a}) END` : `sign(${a})`),
)

/** 1 as the type holds it. */
function unit(type: DataType): bigint {
  return 10n ** BigInt(scaleOf(type))
}

export const round: EagerFunction = keeping(
  'round',
  (a, type, options, js) => rounding(a, type, options['digits'] as number, js),
  (a, type, options) => rounded(a, type, options['digits'] as number),
  (a, type, { digits }) =>
    isFloat(type) && digits !== 0
      ? `CASE WHEN isfinite(${a}) THEN round(${a}, ${String(digits)}) ELSE ${a} END`
      : `round(${a}, ${String(digits)})`,
)

function rounding(a: string, type: DataType, digits: number, js: JsScope): string {
  if (isFloat(type)) return checkedJs(`${js.bind(roundFloat)}(${a}, ${digits})`, type, js).value
  if (digits >= scaleOf(type)) return a
  const step = 10n ** BigInt(scaleOf(type) - digits)
  if (isBig(type)) return checkedJs(`${js.bind(divideAway)}(${a}, ${step}n) * ${step}n`, type, js).value
  return checkedJs(`${js.bind(roundAway)}(${a} / ${step}) * ${step} + 0`, type, js).value
}

function rounded(a: number & bigint, type: DataType, digits: number): number | bigint {
  if (isFloat(type)) return roundFloat(a, digits)
  if (digits >= scaleOf(type)) return a
  const step = 10n ** BigInt(scaleOf(type) - digits)
  const whole = divideAway(BigInt(a), step) * step
  return isBig(type) ? whole : Number(whole)
}

/** As DuckDB has it: scaled, rounded half away from zero, scaled back; unchanged where scaling leaves the range. */
function roundFloat(value: number, digits: number): number {
  if (digits === 0 || !Number.isFinite(value)) return roundAway(value)
  const scale = 10 ** Math.abs(digits)
  const scaled = digits > 0 ? roundAway(value * scale) / scale : roundAway(value / scale) * scale
  return Number.isFinite(scaled) ? scaled : value
}

/** Floor and ceil: towards −Infinity and Infinity. */
function toward(name: 'floor' | 'ceil'): EagerFunction {
  const whole = (value: bigint, step: bigint): bigint => {
    const rest = ((value % step) + step) % step
    return rest === 0n ? value : name === 'floor' ? value - rest : value - rest + step
  }
  return keeping(
    name,
    (a, type, _, js) => {
      if (isFloat(type)) return `Math.${name}(${a})`
      return type.kind === 'decimal' ? checkedJs(`${js.bind(whole)}(${a}, ${unit(type)}n)`, type, js).value : a
    },
    (a, type) => (isFloat(type) ? Math[name](a) : type.kind === 'decimal' ? whole(a, unit(type)) : a),
    (a, type) => (isFloat(type) || type.kind === 'decimal' ? `${name}(${a})` : a), // DuckDB makes it a double
  )
}

export const floor: EagerFunction = toward('floor')
export const ceil: EagerFunction = toward('ceil')

const isDuration = (type: DataType): boolean => type.kind === 'duration'

export const mul: EagerFunction = byType([[isDuration, duration.mul]], mulNumbers)
export const div: EagerFunction = byType([[isDuration, duration.div]], divNumbers)
export const neg: EagerFunction = byType([[isDuration, duration.neg]], negNumber)
export const abs: EagerFunction = byType([[isDuration, duration.abs]], absNumber)
