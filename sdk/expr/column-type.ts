import type { BareText, Columns, ColumnType } from '../data/type.ts'
import type { ListCol, MapCol, StructCol, VectorCol } from './nested-type.ts'
import type { ExprNode } from './node.ts'
import type { MathCol } from './math-column.ts'
import type { BinaryCol, TextCol } from './text-column.ts'
import type { DateCol, DurationCol, TimeCol } from './time-column.ts'
import type {
  AnyBool,
  AnyDuration,
  AnyNum,
  AnyOrdered,
  AnyText,
  AnyWhole,
  Bare,
  Beside,
  Both,
  Comparable,
  Filled,
  Given,
  Grain,
  Like,
  ListOf,
  Literal,
  Mixed,
  OrNull,
  Placed,
  Product,
  SameOperand,
  Sum,
  Total,
} from './type-rule.ts'

/**
 * Columns as a program sees them: the methods that each type of column has, with the type and grain of what they give.
 * One class stands behind all of these, see `column.ts`.
 */

declare const TYPE: unique symbol
declare const GRAIN: unique symbol

/**
 * An expression over columns: its type as in a schema, such as `'float64?'`, and whether it has one value a row
 * (`'row'`), one a group (`'agg'`), or is learnt when a model is fitted (`'learnt'`).
 */
export interface Expr<T extends ColumnType = ColumnType, G extends Grain = Grain> {
  readonly [TYPE]: T
  readonly [GRAIN]: G
  /** The expression as it is written: `t.delay.gt(15)`. */
  toString(): string
}

/** An expression whose value may be null. */
export interface MayMiss {
  readonly [TYPE]: `${string}?`
}

/** A column that knows the rows around it. The refusal stands as a sentence in the name of the type that is not met. */
export interface OnlyInOver<T extends ColumnType, Refusal extends string> extends Expr<T, Placed> {
  readonly refusal?: Refusal
}

/** A direction to sort by. */
export interface Order {
  readonly by: ExprNode
  readonly descending: boolean
}

/** The calendar units that times are cut to. A week starts on Monday. */
export type CalendarUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

/** Of what a spread is told. */
export interface Population {
  /** The values are all there are, not a sample of them: divide by n rather than n − 1. */
  readonly population?: boolean
}

/** What a quantile is between two values. */
export interface QuantileOptions {
  /** In a line between them (the default), one of them, the nearer one (the lower of two as near), or half way. */
  readonly interpolation?: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint'
}

/** How fine an approximate quantile is. */
export interface DigestOptions {
  /** About how many clusters are kept, 20 to 10000; 200 unless given. */
  readonly compression?: number
}
export type { BinaryCol, TextCol } from './text-column.ts'
export type { CalendarStep, DateCol, DurationCol, InZone, TimeCol, ZoneChoice } from './time-column.ts'

/** Which values are put together. */
export interface CollectOptions {
  /** Each value once, where it came first. */
  readonly distinct?: boolean
  /** At most so many, the first to arrive. */
  readonly limit?: number
}

/** The bins of a histogram: so many of one width, or between edges that ascend. */
export type HistogramOptions =
  { readonly bins: number; readonly edges?: never } | { readonly edges: readonly number[]; readonly bins?: never }

/** What columns of every type have. */
export interface AnyCol<T extends ColumnType, G extends Grain> extends Expr<T, G> {
  /**
   * True where the value is missing. Never null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: null }])
   * const table = await frame.derive(t => ({ b: t.a.isNull() })).select('b').collect()
   * table.rows() // => [ { b: false }, { b: true } ]
   * ```
   */
  isNull(): BoolCol<'bool', G>
  /**
   * True where there is a value. Never null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: null }])
   * const table = await frame.derive(t => ({ b: t.a.isNotNull() })).select('b').collect()
   * table.rows() // => [ { b: true }, { b: false } ]
   * ```
   */
  isNotNull(): BoolCol<'bool', G>
  /**
   * The value, or the given one where it is missing. Both have one type.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: null }])
   * const table = await frame.derive(t => ({ b: t.a.fillNull(0) })).select('b').collect()
   * table.rows() // => [ { b: 1 }, { b: 0 } ]
   * ```
   */
  fillNull<O extends SameOperand<T, G>>(value: O): Col<Filled<T, O>, G>
  /**
   * The first that is not missing: of the value, then of the others. All have one type.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: null, b: 5 }, { a: 2, b: 6 }])
   * const table = await frame.derive(t => ({ b: t.a.coalesce(t.b) })).select('b').collect()
   * table.rows() // => [ { b: 5 }, { b: 2 } ]
   * ```
   */
  coalesce<O extends readonly SameOperand<T, G>[]>(...others: O): Col<Filled<T, O[number]>, G>
  /**
   * Null where the value equals the given one, for what stands for a missing value; else the value. Both have one type;
   * NaN equals NaN.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 5 }, { a: -99 }])
   * const table = await frame.derive(t => ({ b: t.a.nullIf(-99) })).select('b').collect()
   * table.rows() // => [ { b: 5 }, { b: null } ]
   * ```
   */
  nullIf<O extends SameOperand<T, G>>(value: O): Col<OrNull<T>, Mixed<G, O>>
  /**
   * The value in another type. Numbers round half away from zero; what does not fit — a text that is no number, a
   * number beyond the type — fails the query with an error that names the expression; see `tryCast`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2.5 }, { a: -2.5 }])
   * const table = await frame.derive(t => ({ b: t.a.cast('int32') })).select('b').collect()
   * table.rows() // => [ { b: 3 }, { b: -3 } ]
   * ```
   */
  cast<U extends BareText>(to: U): Col<Like<T, U>, G>
  /**
   * The value in another type as `cast` gives it, or null for what does not fit.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: '12' }, { a: 'drizzle' }])
   * const table = await frame.derive(t => ({ b: t.a.tryCast('int32') })).select('b').collect()
   * table.rows() // => [ { b: 12 }, { b: null } ]
   * ```
   */
  tryCast<U extends BareText>(to: U): Col<OrNull<U>, G>
  /**
   * How many values are not null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.count() })).collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  count(this: Expr<T, 'row'>): NumCol<'int64', 'agg'>
  /**
   * The first value that is not null, in the order of arrival; null when there is none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 7 }, { a: 8 }])
   * const table = await frame.aggregate(t => ({ b: t.a.first() })).collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  first(this: Expr<T, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The last value that is not null, in the order of arrival; null when there is none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 7 }, { a: 8 }])
   * const table = await frame.aggregate(t => ({ b: t.a.last() })).collect()
   * table.rows() // => [ { b: 8 } ]
   * ```
   */
  last(this: Expr<T, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The value in the row where `by` is least; of several such rows the first to arrive. Rows where `by` is null are
   * left out; a value that is null is given as null. It cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x', d: 3 }, { a: 'y', d: 1 }, { a: 'z', d: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.argMin(t.d) })).collect()
   * table.rows() // => [ { b: 'y' } ]
   * ```
   */
  argMin(this: Expr<T, 'row'>, by: Expr<AnyOrdered, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The value in the row where `by` is greatest, NaN above every number; of several such rows the first to arrive. Rows
   * where `by` is null are left out; a value that is null is given as null. It cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x', d: 3 }, { a: 'y', d: 1 }, { a: 'z', d: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.argMax(t.d) })).collect()
   * table.rows() // => [ { b: 'x' } ]
   * ```
   */
  argMax(this: Expr<T, 'row'>, by: Expr<AnyOrdered, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The values as a list in the order of arrival, nulls left out; an empty list when there is none. With `{ nulls: true
   * }` nulls are kept, with `{ distinct: true }` each value stands once, and `{ limit: n }` keeps the first n. It
   * cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: null }, { a: 'y' }, { a: 'x' }])
   * const table = await frame.aggregate(t => ({ b: t.a.collect() })).collect()
   * table.rows() // => [ { b: [ 'x', 'y', 'x' ] } ]
   * ```
   */
  collect(this: Expr<T, 'row'>, options: CollectOptions & { readonly nulls: true }): Col<ListOf<T>, 'agg'>
  collect(this: Expr<T, 'row'>, options?: CollectOptions & { readonly nulls?: false }): Col<ListOf<Bare<T>>, 'agg'>
  /**
   * The aggregate over the rows for which the condition is true; where it is false or null, a row is left out and the
   * values of the aggregate are not computed. It stands right behind the aggregate; a second one narrows the first.
   *
   * ```ts
   * import { count, read } from 'millrace'
   * const frame = read.rows([{ a: 1, late: true }, { a: 2, late: false }, { a: 3, late: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.sum().where(t.late), n: count().where(t.a.gt(1)) })).collect()
   * table.rows() // => [ { b: 1, n: 2 } ]
   * ```
   */
  where(this: Expr<T, 'agg'>, condition: Expr<AnyBool, 'row'>): Col<T, 'agg'>
  /**
   * The value of the row `n` rows before in the order of its partition, null ones too. Where there is none: the
   * fallback, a value or a column of the row itself, or null. In `over` only; `n` is a whole number from 0 on.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 7 }, { a: 8 }, { a: 9 }])
   * const table = await frame.over(t => ({ b: t.a.lag(), c: t.a.lag(2, 0) }), { orderBy: 'a' }).collect()
   * table.rows() // => [ { a: 7, b: null, c: 0 }, { a: 8, b: 7, c: 0 }, { a: 9, b: 8, c: 7 } ]
   * ```
   */
  lag(
    this: OnlyInOver<T, 'lag looks at the rows around: it stands in over(t => …)'>,
    n?: number,
  ): Col<OrNull<T>, 'over'>
  lag<O extends SameOperand<T, Placed>>(
    this: OnlyInOver<T, 'lag looks at the rows around: it stands in over(t => …)'>,
    n: number,
    fallback: O,
  ): Col<T, 'over'>
  /**
   * The value of the row `n` rows after in the order of its partition, null ones too. Where there is none: the fallback,
   * a value or a column of the row itself, or null. In `over` only; `n` is a whole number from 0 on.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 7 }, { a: 8 }, { a: 9 }])
   * const table = await frame.over(t => ({ b: t.a.lead(), c: t.a.lead(2, 0) }), { orderBy: 'a' }).collect()
   * table.rows() // => [ { a: 7, b: 8, c: 9 }, { a: 8, b: 9, c: 0 }, { a: 9, b: null, c: 0 } ]
   * ```
   */
  lead(
    this: OnlyInOver<T, 'lead looks at the rows around: it stands in over(t => …)'>,
    n?: number,
  ): Col<OrNull<T>, 'over'>
  lead<O extends SameOperand<T, Placed>>(
    this: OnlyInOver<T, 'lead looks at the rows around: it stands in over(t => …)'>,
    n: number,
    fallback: O,
  ): Col<T, 'over'>
  /**
   * The value of the n-th row of the frame of rows, counted from 1; rows with null count. Null where the frame has fewer
   * rows. In `over` only.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 7 }, { a: 8 }, { a: 9 }])
   * const table = await frame.over(t => ({ b: t.a.nthValue(2) }), { orderBy: 'a' }).select('b').collect()
   * table.rows() // => [ { b: null }, { b: 8 }, { b: 8 } ]
   * ```
   */
  nthValue(
    this: OnlyInOver<T, 'nthValue looks at the rows around: it stands in over(t => …)'>,
    n: number,
  ): Col<OrNull<T>, 'over'>
}

/** Columns whose values can be equal. NaN equals itself. */
export interface EqCol<T extends ColumnType, G extends Grain> extends AnyCol<T, G> {
  /**
   * True where both are equal; null where one is missing. NaN equals NaN.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }])
   * const table = await frame.derive(t => ({ b: t.a.eq('x') })).select('b').collect()
   * table.rows() // => [ { b: true }, { b: false } ]
   * ```
   */
  eq<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where both differ; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }])
   * const table = await frame.derive(t => ({ b: t.a.ne('x') })).select('b').collect()
   * table.rows() // => [ { b: false }, { b: true } ]
   * ```
   */
  ne<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where the value is one of these literals; null where it is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }])
   * const table = await frame.derive(t => ({ b: t.a.isIn(['y', 'z']) })).select('b').collect()
   * table.rows() // => [ { b: false }, { b: true } ]
   * ```
   */
  isIn(values: readonly Literal<T>[]): BoolCol<Like<T, 'bool'>, G>
  /**
   * True where the value is none of these literals; null where it is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }])
   * const table = await frame.derive(t => ({ b: t.a.notIn(['y', 'z']) })).select('b').collect()
   * table.rows() // => [ { b: true }, { b: false } ]
   * ```
   */
  notIn(values: readonly Literal<T>[]): BoolCol<Like<T, 'bool'>, G>
  /**
   * A hash that is the same on every machine and in every version, for sampling and for dividing rows, not for
   * secrets: MurmurHash3 (x86, 32 bits) of the bytes of the value with the seeds 0 and 1, h₀ · 2²¹ + (h₁ >>> 11), so
   * 53 bits. Equal values hash alike: whole numbers of any type, floats of either size, NaN, zeros of either sign.
   * Null hashes to 0. Lists, structs, maps and vectors are refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'SFO' }])
   * const table = await frame.derive(t => ({ b: t.a.hash().mod(10) })).select('b').collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  hash(): NumCol<'int64', G>
  /**
   * The most frequent value; of several as frequent the least. Null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }, { a: 'y' }])
   * const table = await frame.aggregate(t => ({ b: t.a.mode() })).collect()
   * table.rows() // => [ { b: 'y' } ]
   * ```
   */
  mode(this: Expr<T, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The k most frequent values with their counts, the most frequent first, of several as frequent the least; an empty
   * list when there is no value. Exact: it keeps a count for each value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }, { a: 'y' }])
   * const table = await frame.aggregate(t => ({ b: t.a.topK(1) })).collect()
   * table.rows() // => [ { b: [ { value: 'y', count: 2 } ] } ]
   * ```
   */
  topK(this: Expr<T, 'row'>, k: number): Col<ColumnType, 'agg'>
  /**
   * The entropy of the values in bits: 0 where all are equal, log₂ n where n values are as frequent. Null when there is
   * no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }])
   * const table = await frame.aggregate(t => ({ b: t.a.entropy() })).collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  entropy(this: Expr<T, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * How many different values there are, nulls left out.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }, { a: 'x' }])
   * const table = await frame.aggregate(t => ({ b: t.a.countDistinct() })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  countDistinct(this: Expr<T, 'row'>): NumCol<'int64', 'agg'>
  /**
   * About how many different values there are, nulls left out, by HyperLogLog with 2^`precision` bytes a group, 2^14
   * unless given. The standard error is 1.04 / √(2^precision), 0.8 % by default; few values (up to 2^precision / 16)
   * are counted exactly. The answer depends on no order; it cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 'x' }, { a: 'y' }, { a: 'x' }])
   * const table = await frame.aggregate(t => ({ b: t.a.approxCountDistinct() })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  approxCountDistinct(this: Expr<T, 'row'>, options?: { readonly precision?: number }): NumCol<'int64', 'agg'>
  /**
   * The order from the least value up, nulls last.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2 }, { a: 1 }])
   * const table = await frame.orderBy(t => t.a.asc()).collect()
   * table.rows() // => [ { a: 1 }, { a: 2 } ]
   * ```
   */
  asc(): Order
  /**
   * The order from the greatest value down, nulls last.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.orderBy(t => t.a.desc()).collect()
   * table.rows() // => [ { a: 2 }, { a: 1 } ]
   * ```
   */
  desc(): Order
}

/** Columns whose values have an order: numbers (NaN is the greatest), times, and text by code point. */
export interface OrdCol<T extends ColumnType, G extends Grain> extends EqCol<T, G> {
  /**
   * True where the value is greater; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.gt(1) })).select('b').collect()
   * table.rows() // => [ { b: false }, { b: true } ]
   * ```
   */
  gt<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where the value is greater or equal; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.ge(2) })).select('b').collect()
   * table.rows() // => [ { b: false }, { b: true } ]
   * ```
   */
  ge<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where the value is less; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.lt(2) })).select('b').collect()
   * table.rows() // => [ { b: true }, { b: false } ]
   * ```
   */
  lt<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where the value is less or equal; null where one is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.le(1) })).select('b').collect()
   * table.rows() // => [ { b: true }, { b: false } ]
   * ```
   */
  le<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True from `low` to `high`, both included.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 5 }])
   * const table = await frame.derive(t => ({ b: t.a.between(1, 4) })).select('b').collect()
   * table.rows() // => [ { b: true }, { b: false } ]
   * ```
   */
  between<O extends Literal<T> | Expr<Comparable<T>, Beside<G>>, P extends Literal<T> | Expr<Comparable<T>, Beside<G>>>(
    low: O,
    high: P,
  ): BoolCol<Both<T, O | P, 'bool'>, Mixed<G, O | P>>
  /**
   * The least value; null when there is none. NaN only when there is nothing else.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }, { a: 1 }])
   * const table = await frame.aggregate(t => ({ b: t.a.min() })).collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  min(this: Expr<T, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The greatest value; null when there is none. NaN is greater than all numbers.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }, { a: 1 }])
   * const table = await frame.aggregate(t => ({ b: t.a.max() })).collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  max(this: Expr<T, 'row'>): Col<OrNull<T>, 'agg'>
  /**
   * The n least values, the least first, nulls left out; fewer when there are fewer. It cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }, { a: 1 }, { a: 2 }])
   * const table = await frame.aggregate(t => ({ b: t.a.smallest(2) })).collect()
   * table.rows() // => [ { b: [ 1, 2 ] } ]
   * ```
   */
  smallest(this: Expr<T, 'row'>, n: number): Col<ListOf<Bare<T>>, 'agg'>
  /**
   * The n greatest values, the greatest first, nulls left out; fewer when there are fewer. NaN is greater than all
   * numbers. It cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }, { a: 1 }, { a: 2 }])
   * const table = await frame.aggregate(t => ({ b: t.a.largest(2) })).collect()
   * table.rows() // => [ { b: [ 3, 2 ] } ]
   * ```
   */
  largest(this: Expr<T, 'row'>, n: number): Col<ListOf<Bare<T>>, 'agg'>
}

/** A column of numbers. A null operand gives null. */
export interface NumCol<T extends ColumnType, G extends Grain> extends MathCol<T, G> {
  /**
   * The text or number that a table has for a whole number. What the table does not list gives `otherwise`, or null
   * where there is none; null stays null. A table that is empty, or that gives both texts and numbers, is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 3 }])
   * const table = await frame.derive(t => ({ b: t.a.mapValues({ 1: 'low', 2: 'high' }, 'other') })).select('b').collect()
   * table.rows() // => [ { b: 'low' }, { b: 'other' } ]
   * ```
   */
  mapValues<const V extends string | number>(
    this: Expr<T & AnyWhole, G>,
    table: { readonly [value: number]: V },
  ): Col<`${Given<V>}?`, G>
  mapValues<const V extends string | number, const E extends string | number>(
    this: Expr<T & AnyWhole, G>,
    table: { readonly [value: number]: V },
    otherwise: E,
  ): Col<Like<T, Given<V | E>>, G>
  /**
   * The sum. Integers stay integers, and one that does not fit its type fails the query.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.add(1) })).select('b').collect()
   * table.rows() // => [ { b: 2 }, { b: 3 } ]
   * ```
   */
  add<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * The difference. Integers stay integers, and one that does not fit its type fails the query.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.sub(1) })).select('b').collect()
   * table.rows() // => [ { b: 0 }, { b: 1 } ]
   * ```
   */
  sub<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * The product. Integers stay integers, and one that does not fit its type fails the query.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.mul(3) })).select('b').collect()
   * table.rows() // => [ { b: 3 }, { b: 6 } ]
   * ```
   */
  mul<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Product<T, O>, Mixed<G, O>>
  /**
   * The quotient as float64. By zero: an error for two integers or decimals, ±Infinity or NaN as soon as one is a
   * float. Decimals are brought to one scale before, so that 0.3 / 0.1 is 3.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.derive(t => ({ b: t.a.div(2) })).select('b').collect()
   * table.rows() // => [ { b: 0.5 }, { b: 1 } ]
   * ```
   */
  div<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The remainder, with the sign of the dividend. By zero: an error for integers, NaN for floats.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 7 }, { a: -7 }])
   * const table = await frame.derive(t => ({ b: t.a.mod(3) })).select('b').collect()
   * table.rows() // => [ { b: 1 }, { b: -1 } ]
   * ```
   */
  mod<O extends number | bigint | Expr<AnyNum, Beside<G>>>(other: O): NumCol<Sum<T, O>, Mixed<G, O>>
  /**
   * To the power, as float64.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 3 }, { a: 4 }])
   * const table = await frame.derive(t => ({ b: t.a.pow(2) })).select('b').collect()
   * table.rows() // => [ { b: 9 }, { b: 16 } ]
   * ```
   */
  pow<O extends number | bigint | Expr<AnyNum, Beside<G>>>(exponent: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The negated value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: -2 }])
   * const table = await frame.derive(t => ({ b: t.a.neg() })).select('b').collect()
   * table.rows() // => [ { b: -1 }, { b: 2 } ]
   * ```
   */
  neg(): NumCol<T, G>
  /**
   * The value without its sign.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: -2 }])
   * const table = await frame.derive(t => ({ b: t.a.abs() })).select('b').collect()
   * table.rows() // => [ { b: 1 }, { b: 2 } ]
   * ```
   */
  abs(): NumCol<T, G>
  /**
   * −1, 0 or 1, in the type of the column; NaN for NaN.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 5 }, { a: -2 }])
   * const table = await frame.derive(t => ({ b: t.a.sign() })).select('b').collect()
   * table.rows() // => [ { b: 1 }, { b: -1 } ]
   * ```
   */
  sign(): NumCol<T, G>
  /**
   * Rounded half away from zero, to so many digits after the point; negative digits round before it.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2.5 }, { a: -2.5 }])
   * const table = await frame.derive(t => ({ b: t.a.round() })).select('b').collect()
   * table.rows() // => [ { b: 3 }, { b: -3 } ]
   * ```
   */
  round(digits?: number): NumCol<T, G>
  /**
   * The greatest whole number that is not greater.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2.5 }, { a: -2.5 }])
   * const table = await frame.derive(t => ({ b: t.a.floor() })).select('b').collect()
   * table.rows() // => [ { b: 2 }, { b: -3 } ]
   * ```
   */
  floor(): NumCol<T, G>
  /**
   * The least whole number that is not less.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2.5 }, { a: -2.5 }])
   * const table = await frame.derive(t => ({ b: t.a.ceil() })).select('b').collect()
   * table.rows() // => [ { b: 3 }, { b: -2 } ]
   * ```
   */
  ceil(): NumCol<T, G>
  /**
   * The square root, NaN below zero.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 4 }, { a: -1 }])
   * const table = await frame.derive(t => ({ b: t.a.sqrt() })).select('b').collect()
   * table.rows() // => [ { b: 2 }, { b: NaN } ]
   * ```
   */
  sqrt(): NumCol<Like<T, 'float64'>, G>
  /**
   * e to the power of the value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.exp() })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  exp(): NumCol<Like<T, 'float64'>, G>
  /**
   * The natural logarithm: −Infinity of zero, NaN below.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 0 }])
   * const table = await frame.derive(t => ({ b: t.a.log() })).select('b').collect()
   * table.rows() // => [ { b: 0 }, { b: -Infinity } ]
   * ```
   */
  log(): NumCol<Like<T, 'float64'>, G>
  /**
   * The sum: integers exactly or an error, floats within 1e-12 of the sum of magnitudes. Null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.aggregate(t => ({ b: t.a.sum() })).collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  sum(this: Expr<T, 'row'>): NumCol<Total<T>, 'agg'>
  /**
   * The mean; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }])
   * const table = await frame.aggregate(t => ({ b: t.a.mean() })).collect()
   * table.rows() // => [ { b: 1.5 } ]
   * ```
   */
  mean(this: Expr<T, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * The sample standard deviation (n − 1); null for fewer than two values. Of the whole population (n) with `{
   * population: true }`, which is null only when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 3 }, { a: 5 }])
   * const table = await frame.aggregate(t => ({ b: t.a.stddev() })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  stddev(this: Expr<T, 'row'>, options?: Population): NumCol<'float64?', 'agg'>
  /**
   * The sample variance (n − 1); null for fewer than two values. Of the whole population (n) with `{ population: true
   * }`, which is null only when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 3 }, { a: 5 }])
   * const table = await frame.aggregate(t => ({ b: t.a.variance() })).collect()
   * table.rows() // => [ { b: 4 } ]
   * ```
   */
  variance(this: Expr<T, 'row'>, options?: Population): NumCol<'float64?', 'agg'>
  /**
   * The skewness: 0 where both sides of the mean are alike, above 0 with a long tail of great values. That of a sample
   * is adjusted by √(n(n − 1)) / (n − 2) and null for fewer than three values; with `{ population: true }` it is not.
   * NaN where all values are equal.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 1 }, { a: 4 }])
   * const table = await frame.aggregate(t => ({ b: t.a.skewness({ population: true }).round(6) })).collect()
   * table.rows() // => [ { b: 0.707107 } ]
   * ```
   */
  skewness(this: Expr<T, 'row'>, options?: Population): NumCol<'float64?', 'agg'>
  /**
   * The excess kurtosis: 0 for the normal distribution, above 0 with heavier tails. That of a sample is corrected for
   * its size and null for fewer than four values; with `{ population: true }` it is not. NaN where all values are
   * equal.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }])
   * const table = await frame.aggregate(t => ({ b: t.a.kurtosis().round(6) })).collect()
   * table.rows() // => [ { b: -1.2 } ]
   * ```
   */
  kurtosis(this: Expr<T, 'row'>, options?: Population): NumCol<'float64?', 'agg'>
  /**
   * The product as float64, null when there is no value. It cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 2 }, { a: 3 }, { a: 4 }])
   * const table = await frame.aggregate(t => ({ b: t.a.product() })).collect()
   * table.rows() // => [ { b: 24 } ]
   * ```
   */
  product(this: Expr<T, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * The n-th root of the product; null when there is no value, NaN where one is negative.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 4 }])
   * const table = await frame.aggregate(t => ({ b: t.a.geometricMean().round(6) })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  geometricMean(this: Expr<T, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * The bits that all of the whole numbers have, as 64-bit two's complement and in the column's type. Null when there is
   * no value; floats and decimals are refused. It cannot take rows back. Of two columns it is `bitAnd`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 6 }, { a: 3 }, { a: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.bitwiseAnd() })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  bitwiseAnd(this: Expr<T, 'row'>): NumCol<OrNull<T>, 'agg'>
  /**
   * The bits that any of the whole numbers has, as 64-bit two's complement and in the column's type. Null when there is
   * no value; floats and decimals are refused. It cannot take rows back. Of two columns it is `bitOr`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 6 }, { a: 3 }, { a: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.bitwiseOr() })).collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  bitwiseOr(this: Expr<T, 'row'>): NumCol<OrNull<T>, 'agg'>
  /**
   * The bits that an odd number of the whole numbers have, as 64-bit two's complement and in the column's type. Null when there is
   * no value; floats and decimals are refused. It takes rows back exactly. Of two columns it is `bitXor`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 6 }, { a: 3 }, { a: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.bitwiseXor() })).collect()
   * table.rows() // => [ { b: 5 } ]
   * ```
   */
  bitwiseXor(this: Expr<T, 'row'>): NumCol<OrNull<T>, 'agg'>
  /**
   * The mean in which each value counts as much as its weight. Rows where value or weight is null are left out; null
   * when none is left, NaN where the weights sum to zero or anything is not finite.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1, w: 3 }, { a: 5, w: 1 }])
   * const table = await frame.aggregate(t => ({ b: t.a.weightedMean(t.w) })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  weightedMean(this: Expr<T, 'row'>, weight: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * How many values lie in each bin, as a list of `{ from, to, count }`: between `edges`, or in so many `bins` of one
   * width from the least finite value to the greatest. A bin holds its lower edge, the last one its upper edge too. The
   * first entry, from null, counts what is below the bins, the last one, to null, what is above, NaN among it; nulls
   * are left out.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }, { a: 4 }, { a: 9 }])
   * const table = await frame.aggregate(t => ({ b: t.a.histogram({ edges: [0, 2, 4] }) })).collect()
   * table.rows() // => [ { b: [ { from: null, to: 0, count: 0 }, { from: 0, to: 2, count: 1 }, { from: 2, to: 4, count: 2 }, { from: 4, to: null, count: 1 } ] } ]
   * ```
   */
  histogram(this: Expr<T, 'row'>, options: HistogramOptions): Col<ColumnType, 'agg'>
  /**
   * The exact q-quantile (0 ≤ q ≤ 1) as float64; null when there is no value. Between two values it is interpolated in
   * a line, or as `interpolation` says. NaN is above every number. It keeps every value, 8 bytes each; `approxQuantile`
   * does not.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }, { a: 4 }])
   * const table = await frame.aggregate(t => ({ b: t.a.quantile(0.75) })).collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  quantile(this: Expr<T, 'row'>, q: number, options?: QuantileOptions): NumCol<'float64?', 'agg'>
  /**
   * The value in the middle, or the mean of the two there: `quantile(0.5)`. Null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }, { a: 4 }, { a: null }])
   * const table = await frame.aggregate(t => ({ b: t.a.median() })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  median(this: Expr<T, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * The q-quantile by a t-digest, in room that does not grow with the values; null when there is no value. Up to 8 ·
   * `compression` finite values it is exact; beyond, the share of values below it differs from q by at most 2π /
   * `compression` · √(q(1 − q)), and less near both ends. The compression is 200 unless given. ±Infinity and NaN, which
   * is above every number, are exact. It depends a little on the order of the rows, and cannot take rows back.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1 }, { a: 2 }, { a: 4 }])
   * const table = await frame.aggregate(t => ({ b: t.a.approxQuantile(0.75) })).collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  approxQuantile(this: Expr<T, 'row'>, q: number, options?: DigestOptions): NumCol<'float64?', 'agg'>
  /**
   * The Pearson correlation with another column over the rows where both are present; null for fewer than two.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1, b: 3 }, { a: 2, b: 5 }])
   * const table = await frame.aggregate(t => ({ b: t.a.corr(t.b) })).collect()
   * table.rows() // => [ { b: 0.9999999999999999 } ]
   * ```
   */
  corr(this: Expr<T, 'row'>, other: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * The covariance with another column over the rows where both are present: of a sample (n − 1) and null for fewer
   * than two; of the whole population (n) with `{ population: true }`.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: 1, b: 3 }, { a: 2, b: 5 }])
   * const table = await frame.aggregate(t => ({ b: t.a.covariance(t.b) })).collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  covariance(this: Expr<T, 'row'>, other: Expr<AnyNum, 'row'>, options?: Population): NumCol<'float64?', 'agg'>
  /**
   * The slope of the least-squares line that gives this column from the other one, over the rows where both are
   * present; null for fewer than two, NaN where the other column is constant.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ x: 1, y: 3 }, { x: 2, y: 5 }])
   * const table = await frame.aggregate(t => ({ b: t.y.slope(t.x) })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  slope(this: Expr<T, 'row'>, x: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * Where the line of `slope` is at x = 0; null for fewer than two rows, NaN where the other column is constant.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ x: 1, y: 3 }, { x: 2, y: 5 }])
   * const table = await frame.aggregate(t => ({ b: t.y.intercept(t.x) })).collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  intercept(this: Expr<T, 'row'>, x: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * The share of this column's variance that the line of `slope` explains, 0 to 1: the square of `corr`. Null for fewer
   * than two rows, NaN where either column is constant.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ x: 1, y: 1 }, { x: 2, y: 3 }, { x: 3, y: 2 }])
   * const table = await frame.aggregate(t => ({ b: t.y.r2(t.x).round(6) })).collect()
   * table.rows() // => [ { b: 0.25 } ]
   * ```
   */
  r2(this: Expr<T, 'row'>, x: Expr<AnyNum, 'row'>): NumCol<'float64?', 'agg'>
}

/** A column of true and false. Logic is three-valued: null means unknown. */
export interface BoolCol<T extends ColumnType, G extends Grain> extends EqCol<T, G> {
  /**
   * True where both are; false where one is false, even beside null. The other is computed only where it matters.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true, b: false }])
   * const table = await frame.derive(t => ({ b: t.a.and(t.b) })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  and<O extends Expr<AnyBool, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where one is, even beside null; false where both are false. The other is computed only where it matters.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true, b: false }])
   * const table = await frame.derive(t => ({ b: t.a.or(t.b) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  or<O extends Expr<AnyBool, Beside<G>>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where it is false, null where it is null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true }])
   * const table = await frame.derive(t => ({ b: t.a.not() })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  not(): BoolCol<T, G>
  /**
   * How many are true; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true }, { a: false }, { a: true }])
   * const table = await frame.aggregate(t => ({ b: t.a.sum() })).collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  sum(this: Expr<T, 'row'>): NumCol<'int64?', 'agg'>
  /**
   * The share that is true; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true }, { a: false }])
   * const table = await frame.aggregate(t => ({ b: t.a.mean() })).collect()
   * table.rows() // => [ { b: 0.5 } ]
   * ```
   */
  mean(this: Expr<T, 'row'>): NumCol<'float64?', 'agg'>
  /**
   * True where at least one value is true; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true }, { a: null }, { a: false }])
   * const table = await frame.aggregate(t => ({ b: t.a.any() })).collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  any(this: Expr<T, 'row'>): BoolCol<'bool?', 'agg'>
  /**
   * True where no value is false; null when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true }, { a: null }, { a: false }])
   * const table = await frame.aggregate(t => ({ b: t.a.all() })).collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  all(this: Expr<T, 'row'>): BoolCol<'bool?', 'agg'>
  /**
   * How many are true: 0, where `sum` is null, when there is no value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: true }, { a: null }, { a: false }])
   * const table = await frame.aggregate(t => ({ b: t.a.countTrue() })).collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  countTrue(this: Expr<T, 'row'>): NumCol<'int64', 'agg'>
}

/** The column of a type: `Col<'float64?'>` is a {@link NumCol}. Of an unknown type it has every method. */
export type Col<T extends ColumnType, G extends Grain = 'row'> = ColumnType extends T
  ? any // eslint-disable-line typescript/no-explicit-any -- a column whose type is not known takes part in everything
  : T extends AnyNum
    ? NumCol<T, G>
    : T extends AnyText
      ? TextCol<T, G>
      : T extends AnyBool
        ? BoolCol<T, G>
        : T extends 'binary' | 'binary?'
          ? BinaryCol<T, G>
          : T extends 'timestamp' | 'timestamp?'
            ? TimeCol<T, G>
            : T extends 'date' | 'date?'
              ? DateCol<T, G>
              : T extends AnyDuration
                ? DurationCol<T, G>
                : T extends Columns
                  ? StructCol<T, G>
                  : Bare<T> extends `${'vector' | 'sparse'}(${string}`
                    ? VectorCol<T, G>
                    : Bare<T> extends `${string}[]`
                      ? ListCol<T, G>
                      : Bare<T> extends `map(${string}`
                        ? MapCol<T, G>
                        : EqCol<T, G>

/** The columns of a frame inside a callback. */
export type Cols<S extends Columns, G extends Grain = 'row'> = string extends keyof S
  ? any // eslint-disable-line typescript/no-explicit-any -- the names are not known, so every name is a column
  : { readonly [K in keyof S]: Col<S[K], G> }
