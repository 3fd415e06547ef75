import { isFloat, isNumeric, scalar, type DataType } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type Refused, type Sql } from '../function.ts'
import { commonNumber, isBig, scaleOf } from '../promote.ts'
import { anyNull, fits, overflow } from './number.ts'
import { plain } from './plain.ts'

/**
 * Functions of numbers beside arithmetic: trigonometry and logarithms as JavaScript's `Math` has them, tests of floats,
 * and bits of whole numbers.
 */

const [FLOAT64, BOOL, INT32] = [scalar('float64'), scalar('bool'), scalar('int32')]
const NAN = `'NaN'::DOUBLE`

/** A float64 function; `guard` is SQL for where DuckDB fails instead of giving NaN or an infinity. */
function float(
  name: string,
  compute: (a: number, b: number) => number,
  sql: ((a: string, b: string) => string) | Refused,
  guard: (a: string, b: string) => string = () => '',
  flink: Sql = ([a]) => `${name.toUpperCase()}(${a})`,
): EagerFunction {
  return plain({
    name,
    takes: ['numbers'],
    result: FLOAT64,
    cast: [FLOAT64, FLOAT64],
    compute: () => compute,
    duckdb: ([a, b = '']) => {
      if (typeof sql !== 'function') return sql
      const guarded = guard(a!, b)
      return guarded === '' ? sql(a!, b) : `CASE ${guarded} ELSE ${sql(a!, b)} END`
    },
    flink,
  })
}

const call =
  (name: string) =>
  (a: string): string =>
    `${name}(${a})`
const infinite = (a: string): string => `WHEN isinf(${a}) THEN ${NAN}`
const outside = (a: string): string => `WHEN NOT isnan(${a}) AND abs(${a}) > 1 THEN ${NAN}`
const NONE = { refused: 'Flink has no such function' }
const INEXACT = { refused: 'DuckDB has no such function, and a formula in its place loses digits' }

export const sin: EagerFunction = float('sin', a => Math.sin(a), call('sin'), infinite)
export const cos: EagerFunction = float('cos', a => Math.cos(a), call('cos'), infinite)
export const tan: EagerFunction = float('tan', a => Math.tan(a), call('tan'), infinite)
export const asin: EagerFunction = float('asin', a => Math.asin(a), call('asin'), outside)
export const acos: EagerFunction = float('acos', a => Math.acos(a), call('acos'), outside)
export const atan: EagerFunction = float('atan', a => Math.atan(a), call('atan'))
export const atan2: EagerFunction = float(
  'atan2',
  (a, b) => Math.atan2(a, b),
  (a, b) => `atan2(${a}, ${b})`,
  undefined,
  ([a, b]) => `ATAN2(${a}, ${b})`,
)
export const sinh: EagerFunction = float('sinh', a => Math.sinh(a), call('sinh'))
export const cosh: EagerFunction = float('cosh', a => Math.cosh(a), call('cosh'))
export const tanh: EagerFunction = float('tanh', a => Math.tanh(a), call('tanh'))
export const degrees: EagerFunction = float('degrees', a => a * (180 / Math.PI), call('degrees'))
export const radians: EagerFunction = float('radians', a => a * (Math.PI / 180), call('radians'))

const logarithm = (a: string): string => `WHEN ${a} < 0 THEN ${NAN} WHEN ${a} = 0 THEN '-Infinity'::DOUBLE`

export const log10: EagerFunction = float('log10', a => Math.log10(a), call('log10'), logarithm)
export const log2: EagerFunction = float('log2', a => Math.log2(a), call('log2'), logarithm)
export const log1p: EagerFunction = float('log1p', a => Math.log1p(a), INEXACT, undefined, NONE)
export const expm1: EagerFunction = float('expm1', a => Math.expm1(a), INEXACT, undefined, NONE)
export const cbrt: EagerFunction = float('cbrt', a => Math.cbrt(a), call('cbrt'), undefined, NONE)
export const hypot: EagerFunction = float('hypot', (a, b) => Math.hypot(a, b), INEXACT, undefined, NONE)

/** A test of floats; whole numbers and decimals are all finite. */
function tested(name: string, test: (a: number) => boolean, sql: string): EagerFunction {
  return plain({
    name,
    takes: ['numbers'],
    result: BOOL,
    cast: [FLOAT64],
    compute: () => test,
    duckdb: ([a]) => `${sql}(${a})`,
    flink: { refused: 'Flink has no such test' },
  })
}

export const isNaN: EagerFunction = tested('isNaN', a => Number.isNaN(a), 'isnan')
export const isFinite: EagerFunction = tested('isFinite', a => Number.isFinite(a), 'isfinite')
export const isInfinite: EagerFunction = tested('isInfinite', a => a === Infinity || a === -Infinity, 'isinf')

export const trunc: EagerFunction = plain({
  name: 'trunc',
  takes: ['numbers'],
  result: ([a]) => a!.type,
  compute: (_, [of]) => {
    if (isFloat(of!.type)) return (a: number) => Math.trunc(a)
    const unit = 10n ** BigInt(scaleOf(of!.type))
    return of!.type.kind === 'decimal' ? (a: bigint) => a - (a % unit) : (a: number) => a
  },
  duckdb: ([a], [of]) => {
    const { type } = of!
    if (type.kind === 'decimal') return `CAST(trunc(${a}) AS DECIMAL(${type.precision},${type.scale}))`
    return isFloat(type) ? `CAST(trunc(${a}) AS ${type.kind === 'float32' ? 'FLOAT' : 'DOUBLE'})` : a!
  },
  flink: ([a]) => `TRUNCATE(${a}, 0)`,
})

/** The value held between two others, in their common type. NaN is above all numbers. */
export const clip: EagerFunction = {
  ...plain({
    name: 'clip',
    takes: ['numbers'],
    result: FLOAT64,
    compute: () => (a: number | bigint, low: number | bigint, high: number | bigint) => {
      const above = Number.isNaN(a) || a > high
      return above && !Number.isNaN(high) ? high : a < low || Number.isNaN(low) ? low : a
    },
    duckdb: ([a, low, high]) =>
      `CASE WHEN ${low} IS NULL OR ${high} IS NULL THEN NULL WHEN ${a} > ${high} THEN ${high} WHEN ${a} < ${low} THEN ${low} ELSE ${a} END`,
    flink: { refused: 'Flink compares NaN as IEEE has it' },
  }),
  infer: args => {
    const wrong = args.findIndex(arg => !isNumeric(arg.type))
    if (wrong >= 0) return `clip takes numbers, and $${wrong}`
    const type = args.map(arg => arg.type).reduce(commonNumber)
    return { type, nullable: anyNull(args), cast: args.map(() => type) }
  },
}

type Bits = (a: bigint, b: bigint) => bigint

/** Bits of whole numbers as 64-bit two's complement, checked to fit the type. */
function bits(
  name: string,
  compute: Bits,
  narrow: ((a: number, b: number) => number) | undefined,
  sql: Sql,
): EagerFunction {
  const shift = name.startsWith('shift')
  return {
    ...plain({
      name,
      takes: ['whole numbers'],
      result: INT32,
      fails: true,
      compute: (_, [of]) => {
        const { type } = of!
        if (isBig(type)) return (a: bigint, b: number | bigint) => inRange(compute(a, amount(b, shift)), type)
        if (type.kind === 'int32' && narrow !== undefined && !shift) return narrow
        return (a: number, b: number) => Number(inRange(compute(BigInt(a), amount(b, shift)), type))
      },
      duckdb: sql,
      flink: { refused: 'Flink has no bits of numbers' },
    }),
    infer: args => {
      const wrong = args.findIndex(arg => !['int32', 'int64', 'bigint'].includes(arg.type.kind))
      if (wrong >= 0) return `${name} takes whole numbers, and $${wrong}`
      const type = shift ? args[0]!.type : commonNumber(args[0]!.type, args[1]!.type)
      return { type, nullable: anyNull(args), cast: shift ? [type, scalar('int32')] : [type, type] }
    },
  }
}

function amount(b: number | bigint, shift: boolean): bigint {
  if (shift && (b < 0 || b > 63)) throw new RowFailure(`bits are shifted by 0 to 63, not by ${b}`)
  return BigInt(b)
}

function inRange(value: bigint, type: DataType): bigint {
  const physical = isBig(type) ? value : Number(value)
  if (!fits(physical, type)) throw new RowFailure(overflow(type))
  return value
}

export const bitAnd: EagerFunction = bits(
  'bitAnd',
  (a, b) => a & b,
  (a, b) => a & b,
  ([a, b]) => `(${a} & ${b})`,
)
export const bitOr: EagerFunction = bits(
  'bitOr',
  (a, b) => a | b,
  (a, b) => a | b,
  ([a, b]) => `(${a} | ${b})`,
)
export const bitXor: EagerFunction = bits(
  'bitXor',
  (a, b) => a ^ b,
  (a, b) => a ^ b,
  ([a, b]) => `xor(${a}, ${b})`,
)
export const shiftLeft: EagerFunction = bits('shiftLeft', (a, b) => a << b, undefined, {
  refused: 'DuckDB shifts no negative numbers to the left',
})
export const shiftRight: EagerFunction = bits(
  'shiftRight',
  (a, b) => a >> b,
  undefined,
  ([a, b]) => `(${a} >> ${b})`,
)
