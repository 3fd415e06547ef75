import type { Value } from '../data/column.ts'
import type { Nullable } from '../data/type.ts'

/**
 * The form of an entry of the function catalogue: one place that says what a function takes and gives, how nulls pass,
 * and how each executor computes it. An executor that cannot give the same answer has a reason instead of SQL.
 */

/** Options beside the arguments, fixed when the plan is built: the unit of a truncation, the q of a quantile. */
export type FunctionOptions = {
  readonly [name: string]: string | number | boolean | readonly number[] | readonly string[] | undefined
}

/** SQL of a call from the SQL of its arguments, or why an executor refuses it. */
export type Sql =
  ((args: readonly string[], types: readonly Nullable[], options: FunctionOptions) => string | Refused) | Refused

/** SQL of an aggregate: a call, which a condition can follow, or one inside of something. */
export type AggregateSql =
  | ((
      args: readonly string[],
      types: readonly Nullable[],
      options: FunctionOptions,
    ) => string | { readonly call: string; readonly around: (call: string) => string } | Refused)
  | Refused

export interface Refused {
  readonly refused: string
}

/** A function of the values of one row. */
export type RowFunction = EagerFunction | LazyFunction

interface AnyFunction {
  readonly name: string
  /** How an expression prints: `t.a.name(b)` (the default) or `name(t.a, b)`. */
  readonly form?: 'method' | 'function'
  /** How its options print, where that is no list of their values. */
  readonly written?: (options: FunctionOptions) => readonly string[]
  /** How it prints where neither form will do, from the texts of its arguments. */
  readonly text?: (args: readonly string[], options: FunctionOptions) => string
  /**
   * The result's type, and the types the arguments are cast to first (an entry of `cast` may be undefined: as it is);
   * or the sentence that refuses them, in which `$0` stands for `"origin" is utf8`, the first argument and its type.
   */
  readonly infer: (args: readonly Nullable[], options: FunctionOptions) => Inferred | string
  readonly duckdb: Sql
  readonly flink: Sql
}

/** A function whose arguments are all computed first. */
export interface EagerFunction extends AnyFunction {
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
  /**
   * The same for one row by plain JavaScript: the oracle in tests, and what runs where code may not be generated. A
   * value that cannot be is a {@link RowFailure}.
   */
  readonly evaluate: (
    args: readonly Value[],
    types: readonly Nullable[],
    result: Nullable,
    options: FunctionOptions,
  ) => Value
}

/** A function that computes an argument only where it is needed, so that a branch not taken cannot fail. Sees nulls. */
export interface LazyFunction extends AnyFunction {
  readonly nulls: 'lazy'
  readonly js: (
    args: readonly (() => JsArg)[],
    types: readonly Nullable[],
    result: Nullable,
    options: FunctionOptions,
    js: JsScope,
  ) => JsResult
  readonly evaluate: (args: readonly (() => Value)[]) => Value
}

/** Why a row has no value: an overflow, a text that is no number. The executor adds expression and row. */
export class RowFailure extends Error {
  override readonly name = 'RowFailure'
}

export interface Inferred extends Nullable {
  readonly cast?: readonly (Nullable['type'] | undefined)[]
}

export interface JsArg {
  readonly value: string
  readonly valid: string | null
  /** The physical value of a literal. */
  readonly constant?: Value
  /** Of a column of dense vectors: the array of all, and where in it the row's own starts. */
  readonly within?: { readonly values: string; readonly from: string }
}

/** A JavaScript expression for the value; `valid` is one for its validity (0 or 1), or null when it never misses. */
export interface JsResult {
  readonly value: string
  readonly valid: string | null
}

/** What generated code may reach for. Statements go where the value is computed, before it is used. */
export interface JsScope {
  /** Makes a runtime object or function visible to the code and gives its name. */
  readonly bind: (value: unknown) => string
  /** The name of a new local variable holding the JavaScript expression. */
  readonly local: (expression: string) => string
  /** The name of a new local variable that later statements may set. */
  readonly variable: (initial: string) => string
  /** Adds a statement. */
  readonly run: (statement: string) => void
  /** Adds `head { … }` around the statements that `body` adds. */
  readonly block: (head: string, body: () => void) => void
  /**
   * A JavaScript statement that fails the row, naming the expression: `fail("int32 overflow")`. `found` is code for a
   * value to be named before the reason.
   */
  readonly fail: (reason: string, found?: string) => string
}

/** How exactly an aggregate can take a row back. */
export type Retractable = 'exact' | 'approximate' | 'no'

/** A function of the values of a group. */
export interface AggregateFunction {
  readonly name: string
  /** How an expression prints: `t.a.name(b)` (the default) or `name(t.a, b)`. */
  readonly form?: 'method' | 'function'
  /** The options that are written by name behind the rest: `t.a.variance({ population: true })`. */
  readonly named?: readonly string[]
  readonly infer: (args: readonly Nullable[], options: FunctionOptions) => Inferred | string
  /** skip: rows with a null argument are left out · own: the accumulator, then an object, sees nulls. */
  readonly nulls: 'skip' | 'own'
  readonly retractable: Retractable
  /** The accumulator, or the one for types of arguments. */
  readonly accumulator: GroupAccumulator | ((types: readonly Nullable[], options: FunctionOptions) => GroupAccumulator)
  readonly duckdb: AggregateSql
  readonly flink: AggregateSql
}

export type GroupAccumulator = LaneAccumulator | ObjectAccumulator

/**
 * An accumulator of a fixed number of float64 lanes, interleaved with those of the other aggregates of a group, so
 * that adding a row touches one cache line. Snippets name lane k as `lane(k)` and arguments by their variables.
 */
export interface LaneAccumulator {
  readonly form: 'lanes'
  /** The accumulator to take instead where rows may be taken back, when that needs more lanes. */
  readonly overUpdates?: LaneAccumulator
  /** The lanes' first values: as many as there are lanes. */
  readonly init: readonly number[]
  /** Statements that add one row. */
  readonly add: (
    lane: (k: number) => string,
    args: readonly string[],
    types: readonly Nullable[],
    js: JsScope,
  ) => string
  /**
   * The lane that counts the rows added, and how a row is added without counting it: where several aggregates add the
   * same rows, one of them counts for all.
   */
  readonly counted?: { readonly lane: number; readonly add: LaneAccumulator['add'] }
  /** Lanes that adding a row rarely touches: they are kept apart, so that those it does touch lie close together. */
  readonly rare?: readonly number[]
  /** What is done to the lanes of groups whose first lane has come to ±`from`, before more than this many rows are added. */
  readonly settle?: {
    readonly rows: number
    readonly from: number
    readonly lanes: (lanes: Float64Array, at: number) => void
  }
  /** Statements that take a row back; absent when the aggregate is not retractable. */
  readonly retract?: (
    lane: (k: number) => string,
    args: readonly string[],
    types: readonly Nullable[],
    js: JsScope,
  ) => string
  /** Adds a row (sign 1) or takes it back (−1) without generated code: the oracle in tests and the fallback. */
  readonly step?: (
    lanes: Float64Array,
    at: number,
    args: readonly Value[],
    sign: 1 | -1,
    types: readonly Nullable[],
  ) => void
  /**
   * Adds what other lanes hold, as if their rows had been added here; it must not matter in which order. Absent where it
   * does, or where there is no such step.
   */
  readonly merge?: (lanes: Float64Array, at: number, from: Float64Array, fromAt: number) => void
  /** The result from the lanes; null for missing; a {@link RowFailure} where there is none. */
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
  /** Adds what another one of its kind holds, as {@link LaneAccumulator.merge} does. The other stays as it is. */
  merge?(other: this): void
  value(): Value
  /** About how many bytes it takes, itself included. Asked often: it does not look at each value. */
  readonly bytes: number
  /** The state as plain data that `structuredClone` and a snapshot can hold. */
  snapshot(): unknown
  restore(state: unknown): void
}

/** A function of a row's place among the rows of its partition. */
export interface WindowFunction {
  readonly name: string
  readonly form?: 'method' | 'function'
  readonly infer: (args: readonly Nullable[], options: FunctionOptions) => Inferred | string
  /** True where rows that no `orderBy` tells apart would make it meaningless. */
  readonly needsOrder: boolean
  /**
   * number: the value itself · row: the position in the partition of the row whose first argument is the value. Where
   * there is no such row, a second argument of the row itself stands in, or null.
   */
  readonly gives: 'number' | 'row'
  readonly at: (place: PlaceInOrder, options: FunctionOptions) => number
  readonly duckdb: Sql
  readonly flink: Sql
}

/** Where a row stands in its partition. Positions count from 0; an end is the position after the last. */
export interface PlaceInOrder {
  row: number
  rows: number
  /** The rows that the order does not tell apart from this one. */
  firstPeer: number
  peersEnd: number
  /** How many groups of peers come before its own. */
  groupsBefore: number
  /** Its frame of rows. */
  from: number
  to: number
}
