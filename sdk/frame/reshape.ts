import type { BareText, Columns, ColumnType } from '../data/type.ts'
import type { AnyNum, AsType, Bare, Like, Literal, OrNull } from '../expr/type-rule.ts'
import type { Dynamic, Flat, Refused, TypeOf, TypesOf, UnionToIntersection } from './columns.ts'

/** What the verbs that give columns other types, names or places do to them, as types. */

/** Columns under other types; a null stays one. */
export type CastTo<C extends Columns, M> = string extends keyof C
  ? Dynamic
  : { [K in keyof C]: K extends keyof M ? AsType<M[K] extends BareText ? Like<C[K], M[K]> : C[K]> : C[K] }

/** Columns without nulls: those named, or all where none is. */
export type Present<C extends Columns, N extends string> = string extends keyof C
  ? Dynamic
  : { [K in keyof C]: AsType<[N] extends [never] ? BareOf<C[K]> : K extends N ? BareOf<C[K]> : C[K]> }

type BareOf<T> = T extends `${infer B extends BareText}?` ? B : T

/** What may stand in the place of nulls: a value by column, or one for all columns that it fits. */
export type Fill = Given | { readonly [name: string]: Given }

/** Refuses values for columns that are not there, by a sentence, and values of other types. */
export type Fills<C extends Columns, V> = V extends Given
  ? unknown
  : {
      readonly [K in keyof V]: K extends keyof C
        ? ColumnType extends C[K]
          ? Given
          : V[K] extends Literal<C[K]>
            ? unknown
            : Refused<`column '${K & string}' is ${C[K] & string}: fill it with a value of that type`>
        : Refused<`there is no column '${K & string}'`>
    }

type Given = number | string | boolean | bigint | Date

/** Columns of which nulls were filled. */
export type FilledBy<C extends Columns, V> = string extends keyof C
  ? Dynamic
  : { [K in keyof C]: AsType<IsFilled<C[K], K, V> extends true ? BareOf<C[K]> : C[K]> }

type IsFilled<T, K, V> = V extends Given ? (T extends FittedBy<V> ? true : false) : K extends keyof V ? true : false

type FittedBy<V> = V extends number
  ? AnyNum
  : V extends bigint
    ? 'bigint' | 'bigint?'
    : V extends string
      ? 'utf8' | 'utf8?'
      : V extends boolean
        ? 'bool' | 'bool?'
        : 'timestamp' | 'timestamp?' | 'date' | 'date?'

/** The names of columns of lists, maps or structs. */
export type NestedNames<C extends Columns> = string extends keyof C
  ? string
  : {
      [K in keyof C]: C[K] extends `${string}[]` | `${string}[]?` | `map(${string}` | object ? K : never
    }[keyof C] &
      string

/** The columns of `unnest`: items in the place of lists, keys and values in that of maps, fields in that of structs. */
export type Unnested<
  C extends Columns,
  N extends string,
  E extends boolean,
  P extends string,
  X extends string,
> = string extends keyof C
  ? Dynamic
  : {
      [K in keyof C as K extends N ? (C[K] extends `${string}[]` | `${string}[]?` ? K : never) : K]: K extends N
        ? Kept<ItemOf<C[K]>, E>
        : C[K]
    } & InnerColumns<C[N & keyof C], E, X> & { [K in P]: Kept<'int32', E> }

type Kept<T, E extends boolean> = E extends true ? (T extends ColumnType ? OrNull<T> : T) : T

type ItemOf<T> = T extends `${infer I}[]?` ? I : T extends `${infer I}[]` ? I : never

type InnerColumns<T, E extends boolean, X extends string> = UnionToIntersection<
  T extends `map(${infer K},${infer V})` | `map(${infer K},${infer V})?`
    ? { [N in `${X}key`]: Kept<K, E> } & { [N in `${X}value`]: Kept<V, E> }
    : T extends object
      ? { [F in keyof T as `${X}${F & string}`]: T[F] }
      : never
>

/** The columns of `unpivot`: those that stay, one of names, one of values. */
export type Unpivoted<C extends Columns, N extends string, A extends string, V extends string> = string extends keyof C
  ? Dynamic
  : { [K in keyof C as K extends N ? never : K]: C[K] } & { [K in A]: 'utf8' } & {
      [K in V]: CommonOf<C[N & keyof C]>
    }

/** The type that values of several types meet in, nullable where one of them is. */
type CommonOf<T> = [T] extends [`${string}?`]
  ? OrNull<Meeting<Bare<T>>>
  : [Extract<T, `${string}?`>] extends [never]
    ? Meeting<T>
    : OrNull<Meeting<Bare<T>>>

type Meeting<T> = IsOne<T> extends true ? Extract<T, ColumnType> : Wider<T>

type Wider<T> = [T] extends ['int32' | 'int64']
  ? 'int64'
  : [T] extends ['int32' | 'int64' | 'bigint']
    ? 'bigint'
    : [T] extends ['date' | 'timestamp']
      ? 'timestamp'
      : [T] extends ['int32' | 'int64' | 'bigint' | 'float32' | 'float64']
        ? 'float64'
        : ColumnType

/** True where a union has one member. */
type IsOne<T, U = T> = T extends unknown ? ([U] extends [T] ? true : false) : never

/** The columns of `pivot`: keys, then the aggregates of each value. */
export type Pivoted<G, V extends PivotValue, O> = Flat<
  G & { [K in keyof O as PivotName<K & string, V, IsOne<keyof O>>]: TypeOf<O[K]> }
>

export type PivotValue = string | number | boolean | null

type PivotName<N extends string, V extends PivotValue, One> = true extends One ? `${V}` : `${V}_${N}`

/** The columns of grouping sets: keys may be left out, and so null. */
export type GroupingSet<G, L extends string, O> = Flat<
  { [K in keyof G]: G[K] extends ColumnType ? OrNull<G[K]> : G[K] } & { [K in L]: 'int32' } & TypesOf<O>
>

/** How lists, maps and structs become rows and columns. */
export interface UnnestOptions<E extends boolean, P extends string, X extends string> {
  /** A row whose list or map is null or empty gives one row with nulls instead of none. */
  readonly keepEmpty?: E
  /** The name of a column for the index of the item, from 0. */
  readonly position?: P
  /** Stands before the names of a struct's fields, and before `key` and `value` of a map. */
  readonly prefix?: X
}

/** The names of the two columns that columns become. */
export interface UnpivotOptions<A extends string, V extends string> {
  /** The column of the names of columns; `name` unless given. */
  readonly name?: A
  /** The column of their values; `value` unless given. */
  readonly value?: V
}
