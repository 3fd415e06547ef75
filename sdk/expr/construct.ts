import type { BareText, ColumnType } from '../data/type.ts'
import * as lists from './catalogue/list.ts'
import * as structMap from './catalogue/struct-map.ts'
import * as vectors from './catalogue/vector.ts'
import { callOf } from './column.ts'
import type { Col, Expr, MayMiss } from './column-type.ts'
import type { FieldTypes, FieldValue, ListCol, MapCol, StructCol, VectorCol } from './nested-type.ts'
import type { AnyNum, AsText, Bare, Grain, ValueType } from './type-rule.ts'

/** Functions that make lists, structs, maps and vectors of several columns. */

type GrainOf<V> = V extends Expr<ColumnType, infer G> ? G : never
type Bares<V> = Bare<ValueType<V>>

/** `B[]`, with null items where one of V may be null. */
type ListOf<B, V> = AsText<
  B extends BareText ? ([Extract<V, MayMiss | null>] extends [never] ? `${B}[]` : `${B}?[]`) : never
>

/**
 * A list of one value of each column, which have one type. It is never null; a missing value is a null item.
 *
 * ```ts
 * import { list, read } from 'millrace'
 * const frame = read.rows([{ a: 1, b: 2 }])
 * const table = await frame.derive(t => ({ c: list(t.a, t.b, 7) })).select('c').collect()
 * table.rows() // => [ { c: [ 1, 2, 7 ] } ]
 * ```
 */
export function list<const V extends readonly FieldValue<Grain>[]>(
  ...items: V
): Col<ListOf<Bares<V[0]>, V[number]>, GrainOf<V[number]>> {
  return callOf(lists.list, items)
}

type Whole = number | Expr<'int32' | 'int32?' | 'int64' | 'int64?'>
type Widest<V> = 'int64' extends Bares<V> ? 'int64[]' : 'int32[]'

/**
 * The whole numbers from `from` up to, but not including, `to`, by a step, which is 1 unless given. Null where one of
 * them is; a step of 0 fails the query, and so does a list of more than ten million.
 *
 * ```ts
 * import { range, read } from 'millrace'
 * const frame = read.rows([{ a: 3 }])
 * const table = await frame.derive(t => ({ b: range(0, t.a) })).select('b').collect()
 * table.rows() // => [ { b: [ 0, 1, 2 ] } ]
 * ```
 */
export function range<const F extends Whole, const T extends Whole, const S extends Whole = 1>(
  from: F,
  to: T,
  step?: S,
): ListCol<
  [Extract<F | T | S, MayMiss>] extends [never] ? Widest<F | T | S> : `${Widest<F | T | S>}?`,
  GrainOf<F | T | S>
>
export function range(from: unknown, to: unknown, step: unknown = 1): unknown {
  return callOf(lists.range, [from, to, step])
}

/**
 * A struct of columns and constants by name. It is never null; its fields may be.
 *
 * ```ts
 * import { read, struct } from 'millrace'
 * const frame = read.rows([{ a: 1 }])
 * const table = await frame.derive(t => ({ b: struct({ x: t.a, y: t.a.add(1) }) })).select('b').collect()
 * table.rows() // => [ { b: { x: 1, y: 2 } } ]
 * ```
 */
export function struct<const F extends { readonly [name: string]: FieldValue<Grain> }>(
  fields: F,
): StructCol<FieldTypes<F>, GrainOf<F[keyof F]>>
export function struct(fields: { readonly [name: string]: unknown }): unknown {
  return callOf(structMap.struct, Object.values(fields), { names: Object.keys(fields) })
}

type Items<T> = Bare<T> extends `${infer I}[]` ? I : never

/**
 * A map from a list of keys and a list of as many values. Null where a list is; a null key, a key that comes twice, or
 * lists of two sizes fail the query.
 *
 * ```ts
 * import { list, mapOf, read } from 'millrace'
 * const frame = read.rows([{ a: 1, b: 2 }])
 * const table = await frame.derive(t => ({ c: mapOf(list('x', 'y'), list(t.a, t.b)).get('y') })).select('c').collect()
 * table.rows() // => [ { c: 2 } ]
 * ```
 */
export function mapOf<K extends ColumnType, V extends ColumnType, G extends Grain, H extends Grain>(
  keys: Expr<K, G>,
  values: Expr<V, H>,
): MapCol<
  [Extract<K | V, `${string}?`>] extends [never]
    ? `map(${Bare<Items<K>> & string},${Items<V>})`
    : `map(${Bare<Items<K>> & string},${Items<V>})?`,
  G | H
>
export function mapOf(keys: unknown, values: unknown): unknown {
  return callOf(structMap.mapOf, [keys, values])
}

/**
 * A vector of float64 of numbers, one from each column. Null where one of them is.
 *
 * ```ts
 * import { read, vector } from 'millrace'
 * const frame = read.rows([{ a: 3, b: 4 }])
 * const table = await frame.derive(t => ({ c: vector(t.a, t.b).norm() })).select('c').collect()
 * table.rows() // => [ { c: 5 } ]
 * ```
 */
export function vector<const V extends readonly (number | Expr<AnyNum>)[]>(
  ...numbers: V
): VectorCol<
  [Extract<V[number], MayMiss>] extends [never] ? `vector(${V['length']})` : `vector(${V['length']})?`,
  GrainOf<V[number]>
>
export function vector(...numbers: readonly unknown[]): unknown {
  return callOf(vectors.vector, numbers)
}
