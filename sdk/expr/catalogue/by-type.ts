import type { DataType, Nullable } from '../../data/type.ts'
import type { EagerFunction } from '../function.ts'

/**
 * One name for functions of several types: `contains` of a text and of a list. Which one is meant is seen by the type
 * of the first argument; what no other takes goes to the first, whose refusal a user then reads.
 */
export function byType(
  first: EagerFunction,
  others: { readonly [K in DataType['kind']]?: EagerFunction },
): EagerFunction {
  const pick = (types: readonly Nullable[]): EagerFunction => others[types[0]!.type.kind] ?? first
  if (Object.values(others).some(other => other.nulls !== first.nulls)) {
    throw new TypeError(`${first.name}: one name has one way with nulls`)
  }
  return {
    name: first.name,
    nulls: first.nulls,
    infer: (args, options) => pick(args).infer(args, options),
    js: (args, types, result, options, js) => pick(types).js(args, types, result, options, js),
    evaluate: (args, types, result, options) => pick(types).evaluate(args, types, result, options),
    duckdb: (args, types, options) => sql(pick(types).duckdb, args, types, options),
    flink: (args, types, options) => sql(pick(types).flink, args, types, options),
  }
}

function sql(
  form: EagerFunction['duckdb'],
  ...call: Parameters<Extract<EagerFunction['duckdb'], (...args: never[]) => unknown>>
): ReturnType<Extract<EagerFunction['duckdb'], (...args: never[]) => unknown>> {
  return typeof form === 'function' ? form(...call) : form
}
