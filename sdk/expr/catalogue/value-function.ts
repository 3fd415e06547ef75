import type { Value } from '../../data/column.ts'
import { bareText, type Nullable } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type FunctionOptions, type Sql } from '../function.ts'
import { emptyJs } from '../promote.ts'

/**
 * A function given by one closure over values, which generated code calls once a row and the interpreter too: for
 * lists, structs, maps and vectors, whose own loops outweigh the call.
 */

interface ValueFunction {
  readonly name: string
  readonly form?: 'method' | 'function'
  readonly text?: EagerFunction['text']
  readonly infer: EagerFunction['infer']
  readonly nulls?: 'propagate' | 'own'
  /** The closure for types of arguments; it gives undefined where there is no value and `failure` is the reason. */
  readonly make: (
    types: readonly Nullable[],
    result: Nullable,
    options: FunctionOptions,
  ) => (...args: never[]) => Value | undefined
  readonly failure?: (result: Nullable, options: FunctionOptions) => string
  readonly duckdb: Sql
  readonly flink: Sql
}

export function valueFunction(of: ValueFunction): EagerFunction {
  const { name, infer, nulls = 'propagate', make, duckdb, flink } = of
  const failure = of.failure ?? ((result: Nullable) => `no ${bareText(result.type)}`)
  return {
    name,
    ...(of.form === undefined ? {} : { form: of.form }),
    ...(of.text === undefined ? {} : { text: of.text }),
    infer,
    nulls,
    duckdb,
    flink,
    js: (args, types, result, options, js) => {
      const given = args.map((arg, k) => {
        const value = types[k]!.type.kind === 'bool' ? `(${arg.value} === 1)` : arg.value
        return nulls === 'own' && arg.valid !== null ? `${arg.valid} === 1 ? ${value} : null` : value
      })
      const found = js.local(`${js.bind(make(types, result, options))}(${given.join(', ')})`)
      if (of.failure !== undefined) js.run(`if (${found} === undefined) ${js.fail(failure(result, options))}`)
      const value = result.type.kind === 'bool' ? `(${found} ? 1 : 0)` : found
      if (nulls === 'propagate' || !result.nullable) return { value, valid: null }
      const missing = `${found} === null`
      return { value: js.local(`${missing} ? ${emptyJs(result.type)} : ${value}`), valid: `(${missing} ? 0 : 1)` }
    },
    evaluate: (args, types, result, options) => {
      const found = (make(types, result, options) as (...args: readonly Value[]) => Value | undefined)(...args)
      if (found === undefined) throw new RowFailure(failure(result, options))
      return found
    },
  }
}
