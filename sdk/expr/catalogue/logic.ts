import type { Value } from '../../data/column.ts'
import { scalar, type Nullable } from '../../data/type.ts'
import type { EagerFunction, Inferred, JsArg, JsScope, LazyFunction } from '../function.ts'
import { anyNull } from './number.ts'

/**
 * Three-valued logic: null is unknown. `and` and `or` compute their second operand only where the first does not
 * settle the answer.
 */

const BOOL = scalar('bool')

function bools(name: string, args: readonly Nullable[]): Inferred | string {
  const wrong = args.findIndex(arg => arg.type.kind !== 'bool')
  if (wrong >= 0) return `${name} takes conditions, and $${wrong}`
  return { type: BOOL, nullable: anyNull(args), cast: [] }
}

/** `and` is settled by false, `or` by true. */
function connective(name: 'and' | 'or', settled: 0 | 1): LazyFunction {
  return {
    name,
    infer: args => bools(name, args),
    nulls: 'lazy',
    js: ([first, second], _, result, __, js) => {
      const a = first!()
      const value = js.variable(a.value)
      const valid = result.nullable ? js.variable(a.valid ?? '1') : null
      const open = a.valid === null ? `${value} !== ${settled}` : `${value} !== ${settled} || ${valid} === 0`
      js.block(`if (${open})`, () => settle(second!(), value, valid, a, settled, js))
      return { value, valid }
    },
    evaluate: ([first, second]) => {
      const a = first!()
      if (a === (settled === 1)) return a
      const b = second!()
      return b === (settled === 1) ? b : a === null ? null : b
    },
    duckdb: ([a, b]) => `(${a} ${name.toUpperCase()} ${b})`,
    flink: ([a, b]) => `(${a} ${name.toUpperCase()} ${b})`,
  }
}

/** The second settles by itself; otherwise the answer is known only where both are. */
function settle(b: JsArg, value: string, valid: string | null, a: JsArg, settled: 0 | 1, js: JsScope): void {
  js.run(`${value} = ${b.value}`)
  if (valid === null) return
  const known = b.valid ?? '1'
  const first = a.valid === null ? '1' : valid
  js.run(`${valid} = ${known} === 1 && ${b.value} === ${settled} ? 1 : ${first} & ${known}`)
}

export const and: LazyFunction = connective('and', 0)
export const or: LazyFunction = connective('or', 1)

export const not: EagerFunction = {
  name: 'not',
  infer: args => bools('not', args),
  nulls: 'propagate',
  js: ([a]) => ({ value: `(1 - ${a!.value})`, valid: null }),
  evaluate: ([a]): Value => a !== true,
  duckdb: ([a]) => `(NOT ${a})`,
  flink: ([a]) => `(NOT ${a})`,
}
