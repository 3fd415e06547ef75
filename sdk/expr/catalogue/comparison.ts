import type { Value } from '../../data/column.ts'
import { isNested, isFloat, scalar, type DataType, type Nullable } from '../../data/type.ts'
import type { EagerFunction, Inferred, JsArg, JsScope } from '../function.ts'
import { compareText, compareValues, equalValues } from '../order.ts'
import { commonType, comparedType, isOrdered } from '../promote.ts'
import { anyNull } from './number.ts'

/**
 * Comparison of two values of one type. NaN equals itself and is greater than every number; text compares by code
 * point; null with anything is null.
 */

const BOOL = scalar('bool')

function alike(name: string, args: readonly Nullable[], ordered: boolean): Inferred | string {
  const type = comparedType(args.map(arg => arg.type))
  if (type === undefined) return `$0, $1; ${name} compares values of one type, so cast one side`
  if (ordered && !isOrdered(type)) return `$0, and its values have no order`
  if (type.kind === 'map' || type.kind === 'vector') return `$0, and ${name} does not compare such values`
  return { type: BOOL, nullable: anyNull(args), cast: args.map(() => type) }
}

const nested = (type: DataType): boolean => type.kind === 'list' || type.kind === 'struct'

type Sign = '===' | '!==' | '<' | '<=' | '>' | '>='

function comparison(name: string, sign: Sign, sql: string, holds: (a: Value, b: Value) => boolean): EagerFunction {
  const ordered = sign !== '===' && sign !== '!=='
  return {
    name,
    infer: args => alike(name, args, ordered),
    nulls: 'propagate',
    js: ([a, b], types, _, __, js) => ({ value: compareJs(a!, b!, types[0]!.type, sign, js), valid: null }),
    evaluate: ([a, b]) => holds(a!, b!),
    duckdb: ([a, b]) => `(${a} ${sql} ${b})`,
    flink: ([a, b], types) =>
      isFloat(types[0]!.type)
        ? { refused: `Flink compares NaN as IEEE has it (NaN ${sql} NaN differs)` }
        : `(${a} ${sql} ${b})`,
  }
}

export const eq: EagerFunction = comparison('eq', '===', '=', equalValues)
export const ne: EagerFunction = comparison('ne', '!==', '<>', (a, b) => !equalValues(a, b))
export const gt: EagerFunction = comparison('gt', '>', '>', (a, b) => compareValues(a, b) > 0)
export const ge: EagerFunction = comparison('ge', '>=', '>=', (a, b) => compareValues(a, b) >= 0)
export const lt: EagerFunction = comparison('lt', '<', '<', (a, b) => compareValues(a, b) < 0)
export const le: EagerFunction = comparison('le', '<=', '<=', (a, b) => compareValues(a, b) <= 0)

/** JavaScript that is 1 where a comparison of two present values of a type holds, else 0. */
export function compareJs(a: JsArg, b: JsArg, type: DataType, sign: Sign, js: JsScope): string {
  const [x, y] = [a.value, b.value]
  const equality = sign === '===' || sign === '!=='
  if (type.kind === 'binary' || nested(type))
    return `(${js.bind(equalValues)}(${x}, ${y}) ${sign === '===' ? '? 1 : 0' : '? 0 : 1'})`
  if (type.kind === 'utf8' && !equality) return `(${js.bind(compareText)}(${x}, ${y}) ${sign} 0 ? 1 : 0)`
  // `| 0` takes no branch, which on random rows is foretold wrongly half the time.
  return isFloat(type) ? `((${floatJs(x, y, a, b, sign)}) | 0)` : `((${x} ${sign} ${y}) | 0)`
}

/** Only NaN differs from itself; beside a literal that is none, one test is enough. */
function floatJs(x: string, y: string, a: JsArg, b: JsArg, sign: Sign): string {
  const xNaN = isNumber(a) ? 'false' : `${x} !== ${x}`
  const yNaN = isNumber(b) ? 'false' : `${y} !== ${y}`
  const both = xNaN === 'false' || yNaN === 'false' ? 'false' : `(${xNaN} && ${yNaN})`
  const or = (left: string, right: string): string => (right === 'false' ? left : `(${left} || ${right})`)
  switch (sign) {
    case '===':
      return or(`${x} === ${y}`, both)
    case '!==':
      return `!(${or(`${x} === ${y}`, both)})`
    case '>=':
      return or(`${x} >= ${y}`, xNaN)
    case '<=':
      return or(`${x} <= ${y}`, yNaN)
    case '>':
      return `!(${or(`${x} <= ${y}`, yNaN)})`
    case '<':
      return `!(${or(`${x} >= ${y}`, xNaN)})`
  }
}

const isNumber = (arg: JsArg): boolean => typeof arg.constant === 'number' && !Number.isNaN(arg.constant)

export const isIn: EagerFunction = {
  name: 'isIn',
  infer: args => {
    const type = comparedType(args.map(arg => arg.type))
    const wrong = args.findIndex(arg => commonType([args[0]!.type, arg.type]) === undefined)
    if (type === undefined) return `$0, $${Math.max(wrong, 1)}; isIn takes literals of the column's type`
    if (isNested(type) || type.kind === 'binary') return `$0, and isIn does not compare such values`
    if (args.slice(1).some(arg => arg.nullable)) return `isIn takes no null; add .or(….isNull())`
    return { type: BOOL, nullable: args[0]!.nullable, cast: args.map(() => type) }
  },
  nulls: 'propagate',
  js: (args, types, _, __, js) => {
    const values = args.slice(1).map(arg => arg.constant)
    const set = js.bind(new Set(types[0]!.type.kind === 'bool' ? values.map(Number) : values))
    return { value: `(${set}.has(${args[0]!.value}) ? 1 : 0)`, valid: null }
  },
  evaluate: ([value, ...set]) => set.some(other => equalValues(value!, other)),
  duckdb: ([a, ...set]) =>
    set.length === 0 ? `(CASE WHEN ${a} IS NULL THEN NULL ELSE FALSE END)` : `(${a} IN (${set.join(', ')}))`,
  flink: ([a, ...set], types) =>
    isFloat(types[0]!.type)
      ? { refused: 'Flink compares NaN as IEEE has it' }
      : set.length === 0
        ? `(CASE WHEN ${a} IS NULL THEN CAST(NULL AS BOOLEAN) ELSE FALSE END)`
        : `(${a} IN (${set.join(', ')}))`,
}
