import type { Columns, ColumnType } from '../data/type.ts'
import type { Dynamic, Expr } from '../expr/column.ts'
import type { Bare, OrNull } from '../expr/type-rule.ts'
import type { NamedExpr } from '../plan/build.ts'
import type { Kind, Node } from '../plan/node.ts'
import type { Sink } from '../plan/port.ts'

/**
 * What the verbs do to columns and kinds, as types. Each step is resolved at once to a plain object type, so that
 * hovers are flat and long chains stay cheap. A frame whose columns are not known until run time has `Columns` itself.
 */

export type { Dynamic }

export type Flat<T> = { [K in keyof T]: T[K] } & {}

/**
 * The same columns, built anew from pairs of name and type. A mapped type remembers the types it was made of, so that
 * a hundred of them on top of each other are too deep for the compiler; pairs of literals remember nothing.
 */
export type Solid<C> = string extends keyof C ? Dynamic : OfPairs<Pairs<C>>

type Pairs<C> = { [K in keyof C]: [K, C[K]] }[keyof C]

type OfPairs<E extends [PropertyKey, unknown]> = { [P in E as P[0]]: P[1] } & {}

export type Names<C> = keyof C & string

/** The names of columns of a type; any name while the columns are not known. */
export type NamesOf<C extends Columns, T extends ColumnType> = string extends keyof C
  ? string
  : { [K in keyof C]: C[K] extends T ? K : ColumnType extends C[K] ? K : never }[keyof C] & string

/** The names of columns of a type, and where there is none a sentence in their place, which says what to do. */
export type NamesOr<C extends Columns, T extends ColumnType, Refusal extends string> = [NamesOf<C, T>] extends [never]
  ? Refusal
  : NamesOf<C, T>

export type TimestampText = 'timestamp' | 'timestamp?'

/** The column type of an expression. */
export type TypeOf<E> = 0 extends 1 & E ? ColumnType : E extends Expr<infer T> ? T : never

export type TypesOf<O> = { [K in keyof O]: TypeOf<O[K]> } & {}

/**
 * `OrNull` of what need not be shown to be a column type: to prove it of a generic type takes the compiler seconds.
 */
type Nulled<T> = ColumnType extends T ? T : T extends ColumnType ? OrNull<T> : T

type AllNullable<C> = { [K in keyof C]: Nulled<C[K]> }

/** Columns with others added, or replaced where they are there already. */
export type With<C extends Columns, O> = string extends keyof C
  ? Dynamic
  : OfPairs<{ [K in keyof C]: K extends keyof O ? never : [K, C[K]] }[keyof C] | Pairs<O>>

export type Only<C extends Columns, N extends string> = string extends keyof C
  ? Dynamic
  : { [K in N]: K extends keyof C ? C[K] : never }

export type Without<C extends Columns, N extends string> = string extends keyof C
  ? Dynamic
  : { [K in keyof C as K extends N ? never : K]: C[K] }

export type Renamed<C extends Columns, M> = string extends keyof C
  ? Dynamic
  : M extends (name: never) => string
    ? Dynamic
    : { [K in keyof C as K extends keyof M ? M[K] & string : K]: C[K] }

/** All of a union at once. */
export type UnionToIntersection<U> = [U] extends [never]
  ? unknown
  : (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void
    ? I
    : never

/** The group keys of `groupBy('a', t => ({ b: … }))`. */
export type Keys<C extends Columns, A> = Flat<
  { [K in Extract<A, string>]: K extends keyof C ? C[K] : ColumnType } & TypesOf<
    UnionToIntersection<A extends (t: never) => infer O ? O : never>
  >
>

/** Keys and bounds come first, then the aggregates. */
export type Grouping<G, O> = Flat<G & TypesOf<O>>

export interface WindowBounds {
  windowStart: 'timestamp'
  windowEnd: 'timestamp'
}

/** Refuses an aggregate with the name of a group key or a window bound, by a sentence in its place. */
export type NoClash<O, G, What extends string> = string extends keyof G
  ? unknown // a key that is refused already
  : { [K in keyof O & keyof G & string]: `'${K}' is already ${What}: choose another name` }

/** An aggregate without a window over a stream keeps changing. */
export type Running<K extends Kind> = K extends 'stream' ? 'updating' : K

/** Changes are rows that stay. */
export type Staying<K extends Kind> = K extends 'updating' ? 'stream' : K

/** The kind of the rows of two frames together. */
export type Together<A extends Kind, B extends Kind> = 'updating' extends A | B
  ? 'updating'
  : 'stream' extends A | B
    ? 'stream'
    : 'batch'

type LeftName<N> = N extends { readonly left: infer A } ? A : N

type RightName<N> = N extends { readonly right: infer B } ? B : N

/** The right name of the key of a left name. */
type PartnerOf<N, K> = N extends K ? N : N extends { readonly left: K; readonly right: infer B } ? B : never

/**
 * The kind of a join: rows of both frames as they come are a stream where they meet by their times, or are pairs of rows
 * that stay. Else rows without a partner are given and taken back.
 */
export type JoinKind<T extends 'inner' | 'left' | 'both', A extends Kind, B extends Kind, Timed> = [Timed] extends [
  never,
]
  ? 'updating' extends A | B
    ? 'updating'
    : T extends 'inner'
      ? Together<A, B>
      : B extends 'batch'
        ? A extends 'batch'
          ? 'batch'
          : T extends 'left'
            ? A
            : 'updating'
        : 'updating'
  : Together<A, B>

/** Refuses times of rows that are corrected, by a sentence. */
export type Stays<A extends Kind, B extends Kind, Timed> = [Timed] extends [never]
  ? unknown
  : 'updating' extends A | B
    ? {
        readonly on: Refused<'within and window need rows that stay as they are, and a frame here corrects rows it has given: leave them out'>
      }
    : unknown

/** A join has key columns once, under their left names; another right column that clashes takes the suffix. */
export type Joined<L, R, N, X extends string> = string extends keyof L | keyof R
  ? Dynamic
  : Flat<L & { [K in keyof R as K extends RightName<N> ? never : K extends keyof L ? `${K & string}${X}` : K]: R[K] }>

/** A join in windows has their bounds too, behind all other columns. */
export type InWindow<C, W> = [W] extends [never] ? C : string extends keyof C ? Dynamic : Flat<C & WindowBounds>

/** The right side is nullable where a row may lack a partner. */
export type LeftJoined<L, R, N, X extends string> = Joined<L, AllNullable<R>, N, X>

/** The left side is nullable but for keys, which have the right side's value. */
export type RightJoined<L, R, N, X extends string> = Joined<
  { [K in keyof L]: K extends LeftName<N> ? KeyOf<L[K], R[PartnerOf<N, K> & keyof R]> : Nulled<L[K]> },
  R,
  N,
  X
>

/** All is nullable but keys, which have the value of the side that is there. */
export type FullJoined<L, R, N, X extends string> = Joined<
  { [K in keyof L]: K extends LeftName<N> ? FullKey<L[K], R[PartnerOf<N, K> & keyof R]> : Nulled<L[K]> },
  AllNullable<R>,
  N,
  X
>

/** The type of a key with the nullability of the right side; whole numbers of two widths meet in the wider. */
type KeyOf<A, B> = Bare<A> extends 'int64' ? (B extends `${string}?` ? 'int64?' : 'int64') : B

type FullKey<A, B> = A extends `${string}?` ? Nulled<KeyOf<A, B>> : KeyOf<A, B>

/** A sentence that no value meets; beside a literal it stays to be read. */
export interface Refused<S extends string> {
  readonly refused: S
}

export type KeysMatch<L extends Columns, R extends Columns, N> = [BadKey<L, R, N>] extends [never]
  ? unknown
  : { readonly on: Refused<BadKey<L, R, N>> | readonly Refused<BadKey<L, R, N>>[] }

type Whole = 'int32' | 'int64'

type BadKey<L extends Columns, R extends Columns, N> = N extends keyof L & keyof R & string
  ? BadTypes<N, L[N], R[N]>
  : N extends { readonly left: infer A extends keyof L & string; readonly right: infer B extends keyof R & string }
    ? [Several<A> | Several<B>] extends [never]
      ? BadTypes<`${A} = ${B}`, L[A], R[B]>
      : never // a name that is refused already
    : never

type Several<T, All = T> = T extends unknown ? ([All] extends [T] ? never : T) : never

type BadTypes<Name extends string, A, B> = ColumnType extends A | B
  ? never
  : Bare<A> extends Bare<B>
    ? never
    : [Bare<A>, Bare<B>] extends [Whole, Whole]
      ? never
      : `join key '${Name}' is ${A & string} on the left and ${B & string} on the right: cast one side`

/** The columns of a union: a column is nullable where it is so in one of the frames. */
export type United<C extends Columns, D extends Columns> = string extends keyof C | keyof D
  ? Dynamic
  : { [K in keyof C]: K extends keyof D ? (D[K] extends `${string}?` ? Nulled<C[K]> : C[K]) : Nulled<C[K]> } & {
      [K in keyof D as K extends keyof C ? never : K]: Nulled<D[K]>
    }

/** Refuses a frame with other columns, or types where it may lack some, by a sentence. */
export type Unites<C extends Columns, D extends Columns, Missing = 'error'> = [BadUnion<C, D, Missing>] extends [never]
  ? unknown
  : { readonly schema: BadUnion<C, D, Missing> }

type BadUnion<C extends Columns, D extends Columns, Missing> = string extends keyof C | keyof D
  ? never
  : [Missing extends 'null' ? never : Exclude<keyof C, keyof D> | Exclude<keyof D, keyof C>] extends [never]
    ? { [K in keyof C & keyof D]: BadPair<K & string, C[K], D[K]> }[keyof C & keyof D]
    : `column '${(Exclude<keyof C, keyof D> | Exclude<keyof D, keyof C>) & string}' is in one frame only: select the same columns of both`

type BadPair<N extends string, A, B> = ColumnType extends A | B
  ? never
  : [Bare<A>, Bare<B>] extends [Bare<B>, Bare<A>]
    ? never
    : `column '${N}' is ${A & string} in one frame and ${B & string} in the other: cast one`

/** The names of a model's columns under `as`. */
export type NamedAs<O extends Columns, A extends string> = 'prediction' extends A
  ? O
  : { [K in keyof O as K extends 'prediction' ? A : `${A}${Capitalize<K & string>}`]: O[K] }

/** Refuses a frame that lacks a column of the model, by a sentence. */
export type Fits<C extends Columns, In extends Columns> = string extends keyof C | keyof In
  ? unknown
  : [Exclude<keyof In, keyof C>] extends [never]
    ? unknown
    : { readonly needs: `the model needs column '${Exclude<keyof In, keyof C> & string}', which this frame lacks` }

/** What a verb needs of its frame. The refusal stands as a sentence in the name of the type that is not met. */
export interface OnlyBatch<Refusal extends string> {
  readonly kind: 'batch'
  readonly plan: Node
  readonly refusal?: Refusal
}

export interface NotUpdating<Refusal extends string> {
  readonly kind: 'batch' | 'stream'
  readonly plan: Node
  readonly refusal?: Refusal
}

export interface NotUpdatingGroups<Refusal extends string> extends NotUpdating<Refusal> {
  readonly keys: readonly NamedExpr[]
}

export interface OnlyBatchGroups<Refusal extends string> extends OnlyBatch<Refusal> {
  readonly keys: readonly NamedExpr[]
}

/** A frame that a sink takes: one that only appends takes no frame that corrects its rows. */
export interface Writable<A extends Sink['accepts'], Refusal extends string> {
  readonly kind: [A] extends ['changelog'] ? Kind : 'batch' | 'stream'
  readonly plan: Node
  readonly refusal?: Refusal
}

/** A sink that was told the columns of its rows takes frames of these columns only. Of types alone. */
export interface Holding<C extends Columns> {
  readonly holds?: (columns: C) => void
}
