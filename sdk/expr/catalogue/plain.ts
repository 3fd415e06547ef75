import type { Value } from '../../data/column.ts'
import { isInteger, isNumeric, type DataType, type Nullable } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type FunctionOptions, type JsScope, type Sql } from '../function.ts'
import { emptyJs, isTime } from '../promote.ts'
import { anyNull } from './number.ts'

/**
 * Functions whose values are computed by a function of JavaScript that generated code calls: it is made once for a call
 * of a plan, from the options, so that a pattern is compiled and a zone is found before the first row.
 */

/** What an argument must be, in the words of a refusal. */
export type Kind =
  | 'text'
  | 'binary'
  | 'text or binary'
  | 'a time or a date'
  | 'a timestamp'
  | 'a duration'
  | 'numbers'
  | 'whole numbers'
  | 'text or whole numbers'

const KINDS: Readonly<Record<Kind, (type: DataType) => boolean>> = {
  text: type => type.kind === 'utf8',
  binary: type => type.kind === 'binary',
  'text or binary': type => type.kind === 'utf8' || type.kind === 'binary',
  'a time or a date': isTime,
  'a timestamp': type => type.kind === 'timestamp',
  'a duration': type => type.kind === 'duration',
  numbers: isNumeric,
  'whole numbers': isInteger,
  'text or whole numbers': type => type.kind === 'utf8' || isInteger(type),
}

type Compute = (...args: never[]) => Value | undefined

export interface Plain {
  readonly name: string
  readonly form?: 'method' | 'function'
  /** What each argument must be; the last stands for the rest. */
  readonly takes: readonly Kind[]
  readonly result: DataType | ((args: readonly Nullable[], options: FunctionOptions) => DataType)
  /** The types that arguments are cast to first. */
  readonly cast?: readonly (DataType | undefined)[]
  /** True where null may come of present values: `compute` then gives null. */
  readonly nullable?: boolean
  /** True where `compute` may throw a {@link RowFailure}. */
  readonly fails?: boolean
  /** Why the options are refused; undefined when they are not. */
  readonly refuses?: (options: FunctionOptions, args: readonly Nullable[]) => string | undefined
  /** The function of the physical values of one row, where none is null. */
  readonly compute: (options: FunctionOptions, types: readonly Nullable[]) => Compute
  /** How the options are written, where they are not a list of values. */
  readonly written?: (options: FunctionOptions) => readonly string[]
  readonly duckdb: Sql
  readonly flink: Sql
}

/** A function of the catalogue that is null where an argument is. */
export function plain(of: Plain): EagerFunction {
  const { name, takes, result, compute } = of
  const made = new WeakMap<Nullable, Compute>()
  return {
    name,
    ...(of.form === undefined ? {} : { form: of.form }),
    ...(of.written === undefined ? {} : { written: of.written }),
    infer: (args, options) => {
      const wrong = args.findIndex((arg, i) => !KINDS[takes[Math.min(i, takes.length - 1)]!](arg.type))
      if (wrong >= 0) return `${name} takes ${takes[Math.min(wrong, takes.length - 1)]!}, and $${wrong}`
      const refused = of.refuses?.(options, args)
      if (refused !== undefined) return refused
      const type = typeof result === 'function' ? result(args, options) : result
      const nullable = of.nullable === true || anyNull(args)
      return { type, nullable, ...(of.cast === undefined ? {} : { cast: of.cast }) }
    },
    nulls: of.nullable === true ? 'own' : 'propagate',
    js: (args, types, to, options, js) => {
      const called = `${js.bind(compute(options, types))}(${args.map(arg => arg.value).join(', ')})`
      const valid = of.nullable === true ? args.flatMap(arg => arg.valid ?? []) : []
      const guarded = valid.length === 0 ? called : `${valid.join(' & ')} ? ${called} : null`
      const found = of.fails === true ? attempted(guarded, js) : guarded
      const bool = to.type.kind === 'bool'
      if (of.nullable !== true) return { value: bool ? `(${found} ? 1 : 0)` : found, valid: null }
      const value = js.local(found)
      const shown = bool ? `(${value} ? 1 : 0)` : `(${value} === null ? ${emptyJs(to.type)} : ${value})`
      return { value: shown, valid: `(${value} === null ? 0 : 1)` }
    },
    evaluate: (args, types, to, options) => {
      if (args.includes(null)) return null
      let run = made.get(to)
      if (run === undefined) made.set(to, (run = compute(options, types)))
      return (run as (...args: readonly Value[]) => Value)(...args)
    },
    duckdb: of.duckdb,
    flink: of.flink,
  }
}

/** The name of a variable that holds a value whose computing may fail the row. */
function attempted(code: string, js: JsScope): string {
  const value = js.variable('null')
  const failure = js.bind(RowFailure)
  js.run(
    `try { ${value} = ${code} } catch (error) { if (error instanceof ${failure}) ${js.fail('', 'error')}; throw error }`,
  )
  return value
}

/** One name for functions of several types: the first whose test the first argument passes, or else the last. */
export function byType(
  choices: readonly (readonly [(type: DataType) => boolean, EagerFunction])[],
  otherwise: EagerFunction,
): EagerFunction {
  const of = ([first]: readonly Nullable[]): EagerFunction =>
    choices.find(([test]) => first !== undefined && test(first.type))?.[1] ?? otherwise
  const sql =
    (dialect: 'duckdb' | 'flink'): Sql =>
    (args, types, options) => {
      const form = of(types)[dialect]
      return typeof form === 'function' ? form(args, types, options) : form
    }
  return {
    ...otherwise,
    infer: (args, options) => of(args).infer(args, options),
    js: (args, types, result, options, js) => of(types).js(args, types, result, options, js),
    evaluate: (args, types, result, options) => of(types).evaluate(args, types, result, options),
    duckdb: sql('duckdb'),
    flink: sql('flink'),
  }
}

/** A text as a literal of SQL. */
export const quoted = (text: unknown): string => `'${String(text).replaceAll(`'`, `''`)}'`
