import type { Duration } from '../data/time.ts'
import type { BareText, Columns, ColumnType, Scalar } from '../data/type.ts'
import type { Expr, MayMiss } from './column-type.ts'

/**
 * The rules of `promote.ts` and of nulls again, on type texts, so that an editor knows what an expression gives. They
 * are resolved at once to a text such as `'float64?'`, which is what hovers show.
 */

/**
 * row: one value a row · agg: one value a group · over: one value a row that depends on rows around it · learnt: a step
 * that a model learns when it is fitted.
 */
export type Grain = 'row' | 'agg' | 'over' | 'learnt'

declare const IN_OVER: unique symbol

/** Marks the columns of the callback of `over`, which know the rows around. */
export interface InOver {
  readonly [IN_OVER]: true
}

/** The grain of a column in the callback of `over`: a value a row, beside which any value of `over` may stand. */
export type Placed = 'row' & InOver

export type Int = 'int32' | 'int64' | 'bigint'
export type Decimal = `decimal(${number},${number})`
export type Num = Int | 'float32' | 'float64' | Decimal
export type AnyNum = Num | `${Num}?`
export type AnyWhole = Int | `${Int}?`
export type AnyBool = 'bool' | 'bool?'
export type AnyText = 'utf8' | 'utf8?'
export type AnyTime = 'timestamp' | 'timestamp?' | 'date' | 'date?'
export type AnyDuration = 'duration' | 'duration?'
export type AnyOrdered = AnyNum | AnyText | AnyTime | AnyDuration

/** The type without its `?`. */
export type Bare<T> = T extends `${infer B}?` ? B : T

/**
 * X, which is the text of a type; never where it is none. The compiler sees so by the constraint of what it infers; to
 * prove it of a generic type it goes through all texts, which takes it seconds.
 */
export type AsText<X> = [X] extends [infer B extends BareText] ? B : never

/** X, which is a type; never where it is none. */
export type AsType<X> = [X] extends [infer T extends ColumnType] ? T : never

/** The type with a `?`; of a type that is not known, itself. */
export type OrNull<T> = AsType<ColumnType extends T ? T : T extends `${string}?` ? T : T extends BareText ? `${T}?` : T>

/** A list of values of T; not known where no text says it. */
export type ListOf<T> = T extends Scalar | `${Scalar}?` ? `${T}[]` : ColumnType

/** R, nullable where T is. */
export type Like<T, R extends BareText> = T extends `${string}?` ? `${R}?` : R

/** R, nullable where T is or the other operand O. */
export type Both<T, O, R extends BareText> = T extends `${string}?`
  ? `${R}?`
  : [Extract<O, MayMiss>] extends [never]
    ? R
    : `${R}?`

/** A literal that may stand beside a column of the type. */
export type Literal<T> =
  Bare<T> extends 'bigint'
    ? number | bigint
    : Bare<T> extends Decimal
      ? number | bigint | string
      : Bare<T> extends Num
        ? number
        : Bare<T> extends 'utf8'
          ? string
          : Bare<T> extends 'bool'
            ? boolean
            : Bare<T> extends 'timestamp' | 'date'
              ? string | Date
              : Bare<T> extends 'duration'
                ? Duration
                : Bare<T> extends 'binary'
                  ? Uint8Array
                  : never

/** The types whose values can be compared with those of T. */
export type Comparable<T> = AsType<
  T extends AnyNum
    ? AnyNum
    : T extends AnyTime
      ? AnyTime
      : T extends `${infer B extends BareText}?`
        ? B | `${B}?`
        : T extends BareText
          ? T | `${T}?`
          : T
>

/** The grains that may stand beside G: a constant, which has none, stands beside all. */
export type Beside<G extends Grain> = [G] extends [never]
  ? Grain
  : [G] extends [Placed | 'over']
    ? 'row' | 'agg' | 'over'
    : G

/** The grain of an expression of a grain G and an operand. */
export type Mixed<G extends Grain, O> = [G] extends [never] ? (O extends Expr<ColumnType, infer H> ? H : never) : G

/** A value of exactly the type, or null. */
export type SameOperand<T extends ColumnType, G extends Grain> = Literal<T> | Expr<Same<T>, Beside<G>>
type Same<T> = AsType<T extends `${infer B extends BareText}?` ? B | T : T extends BareText ? T | `${T}?` : T>

/** The type of T with fallbacks O: it misses only where all of them do too. */
export type Filled<T extends ColumnType, O> = [Exclude<O, MayMiss>] extends [never]
  ? T
  : T extends `${infer B extends BareText}?`
    ? B
    : T

/** The type of `T + O`, `T - O`. */
export type Sum<T, O> = Typed<T, O, Promote<Bare<T>, Bare<TypeOf<T, O>>>>

/** The type of `T * O`. */
export type Product<T, O> = Typed<T, O, Multiply<Bare<T>, Bare<TypeOf<T, O>>>>

type Typed<T, O, R> = [R] extends [infer B extends BareText]
  ? Both<T, O, B> extends infer X extends ColumnType
    ? X
    : never
  : never

/** The type of an operand beside T. */
type TypeOf<T, O> = 0 extends 1 & O
  ? 'float64?'
  : O extends Expr<infer U>
    ? U
    : O extends bigint
      ? 'bigint'
      : Bare<T> extends 'bigint' | 'float32' | 'float64'
        ? Bare<T>
        : O extends number
          ? WholeType<O, Bare<T> extends Decimal ? Bare<T> : 'float64'>
          : never

/** The type of a number that stands for itself; F when it has a fraction or is only known as a number. */
export type WholeType<O extends number, F> = `${O}` extends `${bigint}`
  ? Long<`${O}` extends `-${infer Digits}` ? Digits : `${O}`> extends true
    ? 'int64'
    : 'int32'
  : F

/** True for ten digits and more. */
type Long<S extends string> =
  S extends `${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer _9}${infer Rest}`
    ? Rest extends ''
      ? false
      : true
    : false

type Promote<A, B> = 'float64' extends A | B
  ? 'float64'
  : 'float32' extends A | B
    ? [A | B] extends ['float32']
      ? 'float32'
      : 'float64'
    : [A | B] extends [Int]
      ? 'bigint' extends A | B
        ? 'bigint'
        : 'int64' extends A | B
          ? 'int64'
          : 'int32'
      : `decimal(18,${Larger<Scale<A>, Scale<B>>})`

type Multiply<A, B> = [A | B] extends [Int | 'float32' | 'float64']
  ? Promote<A, B>
  : [A | B] extends [Int | Decimal]
    ? `decimal(18,${[...Tuple<Scale<A>>, ...Tuple<Scale<B>>]['length'] & number})`
    : 'float64'

type Scale<T> = T extends `decimal(${number},${infer S extends number})` ? S : 0
/** A scale as so many zeros, to add and compare it. */
type Tuple<N extends number> = N extends keyof Zeros ? Zeros[N] : []
interface Zeros {
  0: []
  1: [0]
  2: [0, 0]
  3: [0, 0, 0]
  4: [0, 0, 0, 0]
  5: [0, 0, 0, 0, 0]
  6: [0, 0, 0, 0, 0, 0]
  7: [0, 0, 0, 0, 0, 0, 0]
  8: [0, 0, 0, 0, 0, 0, 0, 0]
  9: [0, 0, 0, 0, 0, 0, 0, 0, 0]
  10: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  11: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  12: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  13: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  14: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  15: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  16: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  17: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  18: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
type Larger<A extends number, B extends number> = Tuple<A> extends [...Tuple<B>, ...0[]] ? A : B

/** The type of the sum of a column. */
export type Total<T> =
  Bare<T> extends 'int32' | 'int64'
    ? 'int64?'
    : Bare<T> extends 'bigint'
      ? 'bigint?'
      : Bare<T> extends Decimal
        ? `decimal(18,${Scale<Bare<T>>})?`
        : 'float64?'

/** The type of a value given to `when`: that of a column, or that of a literal that stands for itself. */
export type ValueType<V> = 0 extends 1 & V
  ? ColumnType
  : V extends Expr<infer T>
    ? T
    : V extends string
      ? 'utf8'
      : V extends boolean
        ? 'bool'
        : V extends bigint
          ? 'bigint'
          : V extends Date
            ? 'timestamp'
            : V extends number
              ? WholeType<V, 'float64'>
              : never

/** The type of a choice between values of T and V. */
export type Either<T, V> = AsType<
  ColumnType extends T
    ? ColumnType
    : V extends null
      ? OrNull<T>
      : T extends AnyNum
        ? Sum<T, V>
        : Bare<T> extends BareText
          ? Both<T, V, Bare<T>>
          : T
>

/** What `greatest` and `least` take beside a value of T: any number beside a number, else a value of its type. */
export type Rival<T extends ColumnType, G extends Grain> = T extends AnyNum
  ? Literal<T> | Expr<AnyNum, Beside<G>>
  : SameOperand<T, G>

/** The type of the greatest of T and the others O: it misses only where all of them do. */
export type Rivalled<T extends ColumnType, O extends readonly unknown[]> = number extends O['length']
  ? ColumnType
  : Met<T, O> extends infer B extends BareText
    ? [Exclude<O[number], MayMiss>] extends [never]
      ? Like<T, B>
      : B
    : never

/** The type in which T and the others meet, without its `?`. */
type Met<T extends ColumnType, O extends readonly unknown[]> = O extends readonly [infer V, ...infer R]
  ? Bare<Either<T, V>> extends infer B extends BareText
    ? Met<B, R>
    : never
  : Bare<T>

/** The type of what a table of values gives. */
export type Given<V extends string | number> = [V] extends [string]
  ? 'utf8'
  : [V] extends [number]
    ? WholeType<V, 'float64'> extends infer W
      ? 'float64' extends W
        ? 'float64'
        : 'int64' extends W
          ? 'int64'
          : 'int32'
      : never
    : never

/** What else a choice may give. */
export type Branch<T extends ColumnType, G extends Grain> = ColumnType extends T
  ? unknown
  : null | Literal<T> | Expr<Comparable<T>, Beside<G>>

/** The columns of a frame whose columns are not known: every name is one, and everything is checked at run time. */
export type Dynamic = Columns
