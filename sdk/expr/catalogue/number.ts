import type { Value } from '../../data/column.ts'
import { bareText, type DataType, type Nullable } from '../../data/type.ts'
import { RowFailure, type JsResult, type JsScope } from '../function.ts'

/**
 * The range of each number type, held in one place: a whole number that leaves it fails the row, a float takes it as
 * IEEE has it. −0 is not an integer, so integers are brought to 0.
 */

const LIMIT = Number.MAX_SAFE_INTEGER

export function overflow(type: DataType): string {
  return `${bareText(type)} overflow`
}

/** JavaScript for a number that must fit the type. */
export function checkedJs(expression: string, type: DataType, js: JsScope): JsResult {
  const found = checkedValue(expression, type, js)
  return { value: found, valid: null }
}

function checkedValue(expression: string, type: DataType, js: JsScope): string {
  switch (type.kind) {
    case 'int32': {
      const value = js.local(`${expression}`)
      js.run(`if (${value} !== (${value} | 0)) ${js.fail(overflow(type))}`)
      return value
    }
    case 'int64':
    case 'timestamp':
    case 'duration':
    case 'date': {
      const value = js.local(`(${expression}) + 0`)
      js.run(`if (!(${value} <= ${LIMIT} && ${value} >= -${LIMIT})) ${js.fail(overflow(type))}`)
      return value
    }
    case 'bigint': {
      const value = js.local(expression)
      js.run(`if (BigInt.asIntN(64, ${value}) !== ${value}) ${js.fail(overflow(type))}`)
      return value
    }
    case 'decimal': {
      const value = js.local(expression)
      const limit = `${10n ** BigInt(type.precision)}n`
      js.run(`if (${value} >= ${limit} || ${value} <= -${limit}) ${js.fail(overflow(type))}`)
      return value
    }
    case 'float32':
      return `Math.fround(${expression})`
    default:
      return `(${expression})`
  }
}

/** A number that must fit the type. */
export function checked(value: number | bigint, type: DataType): Value {
  if (!fits(value, type)) throw new RowFailure(overflow(type))
  if (type.kind === 'float32') return Math.fround(value as number)
  return typeof value === 'number' && type.kind !== 'float64' ? value + 0 : value
}

export function fits(value: number | bigint, type: DataType): boolean {
  switch (type.kind) {
    case 'int32':
      return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
    case 'bigint':
      return value >= -(2n ** 63n) && value < 2n ** 63n
    case 'decimal':
      return value > -(10n ** BigInt(type.precision)) && value < 10n ** BigInt(type.precision)
    case 'float32':
    case 'float64':
      return true
    default:
      return Number.isSafeInteger(value)
  }
}

/** Rounds half away from zero. */
export function roundAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value)
}

/** The quotient of whole numbers, rounded half away from zero. */
export function divideAway(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n
  return (value < 0n ? value - half : value + half) / divisor
}

export function anyNull(args: readonly Nullable[]): boolean {
  return args.some(arg => arg.nullable)
}
