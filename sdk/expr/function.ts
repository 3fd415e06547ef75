import type { Value } from '../data/column.ts'
import type { Nullable } from '../data/type.ts'

/**
 * The form of an entry of the function catalogue: one place that says what a function takes and gives, how nulls pass,
 * and how each executor computes it. An executor that cannot give the same answer has a reason instead of SQL.
 */

/** Options beside the arguments, fixed when the plan is built: the unit of a truncation, the q of a quantile. */
export type FunctionOptions = { readonly [name: string]: string | number | boolean | readonly number[] | undefined }

/** SQL of a call from the SQL of its arguments, or why an executor refuses it. */
export type Sql = ((args: readonly string[], types: readonly Nullable[], options: FunctionOptions) => string) | Refused

export interface Refused {
  readonly refused: string
}

/** A function of the values of one row. */
export interface RowFunction {
  readonly name: string
  /**
   * The result's type, and the types the arguments are cast to first (an entry of `cast` may be undefined: as it is);
   * or the sentence that refuses them, such as `mul needs numbers, but "origin" is utf8`.
   */
  readonly infer: (args: readonly Nullable[], options: FunctionOptions) => Inferred | string
  /** propagate: null if any argument is null, and `js` sees none · own: `js` and `evaluate` see the nulls. */
  readonly nulls: 'propagate' | 'own'
  /**
   * JavaScript that computes the value for one row. Arguments are names of local variables. Physical values: bool is 0
   * or 1, text a string. With `nulls: 'own'` an argument also has `valid`, the name of a 0-or-1 variable or null when
   * it never misses, and the result says how it is valid.
   */
  readonly js: (
    args: readonly JsArg[],
    types: readonly Nullable[],
    result: Nullable,
    options: FunctionOptions,
    js: JsScope,
  ) => JsResult
  /** The same for one row by plain JavaScript: the oracle in tests, and what runs where code may not be generated. */
  readonly evaluate: (
    args: readonly Value[],
    types: readonly Nullable[],
    result: Nullable,
    options: FunctionOptions,
  ) => Value
  readonly duckdb: Sql
  readonly flink: Sql
}

export interface Inferred extends Nullable {
  readonly cast?: readonly (Nullable['type'] | undefined)[]
}

export interface JsArg {
  readonly value: string
  readonly valid: string | null
}

/** A JavaScript expression for the value; `valid` is one for its validity (0 or 1), or null when it never misses. */
export interface JsResult {
  readonly value: string
  readonly valid: string | null
}

/** What generated code may reach for. */
export interface JsScope {
  /** Makes a runtime object or function visible to the code and gives its name. */
  bind(value: unknown): string
  /** The name of a new local variable holding the JavaScript expression. */
  local(expression: string): string
  /** A JavaScript statement that fails the row, naming the expression: `fail("int32 overflow")`. */
  fail(reason: string): string
}

/** How exactly an aggregate can take a row back. */
export type Retractable = 'exact' | 'approximate' | 'no'

/** A function of the values of a group. */
export interface AggregateFunction {
  readonly name: string
  readonly infer: (args: readonly Nullable[], options: FunctionOptions) => Inferred | string
  /** skip: rows with a null argument are left out · own: the accumulator sees nulls. */
  readonly nulls: 'skip' | 'own'
  readonly retractable: Retractable
  readonly accumulator: LaneAccumulator | ObjectAccumulator
  readonly duckdb: Sql
  readonly flink: Sql
}

/**
 * An accumulator of a fixed number of float64 lanes, interleaved with those of the other aggregates of a group, so
 * that adding a row touches one cache line. Snippets name lane k as `lane(k)` and arguments by their variables.
 */
export interface LaneAccumulator {
  readonly form: 'lanes'
  /** The lanes' first values: as many as there are lanes. */
  readonly init: readonly number[]
  /** Statements that add one row. */
  readonly add: (
    lane: (k: number) => string,
    args: readonly string[],
    types: readonly Nullable[],
    js: JsScope,
  ) => string
  /** Statements that take a row back; absent when the aggregate is not retractable. */
  readonly retract?: (
    lane: (k: number) => string,
    args: readonly string[],
    types: readonly Nullable[],
    js: JsScope,
  ) => string
  /** The result from the lanes; null for missing. */
  readonly value: (
    lanes: Float64Array,
    at: number,
    types: readonly Nullable[],
    result: Nullable,
    options: FunctionOptions,
  ) => Value
}

/** An accumulator that is an object per group, for what lanes cannot hold: text, exact quantiles, 64-bit sums. */
export interface ObjectAccumulator {
  readonly form: 'object'
  readonly create: (types: readonly Nullable[], result: Nullable, options: FunctionOptions) => Accumulator
}

export interface Accumulator {
  add(args: readonly Value[]): void
  retract?(args: readonly Value[]): void
  value(): Value
  /** The state as plain data that `structuredClone` and a snapshot can hold. */
  snapshot(): unknown
  restore(state: unknown): void
}
