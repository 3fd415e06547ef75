import type { BareText, Columns, ColumnType, TypeText } from '../data/type.ts'
import type { AnyCol, BoolCol, Col, Expr, MayMiss, NumCol, TextCol } from './column-type.ts'
import type {
  AnyNum,
  AsText,
  AsType,
  Bare,
  Beside,
  Both,
  Comparable,
  Grain,
  Like,
  Literal,
  Mixed,
  Num,
  OrNull,
  Total,
  ValueType,
} from './type-rule.ts'

/**
 * Columns of lists, structs, maps and vectors as a program sees them. Equality looks inside: a null in a value equals a
 * null, NaN equals itself.
 */

/** The type of an item of lists of the type T. */
type Item<T> = Bare<T> extends `${infer I extends TypeText}[]` ? I : ColumnType

/** The text of a list of items, where it is one that can be written. */
type ListText<I> = AsText<I extends TypeText ? `${I}[]` : never>

/** Lists of the items of T, whether or not they or their items may be null. */
type Lists<T> =
  Item<T> extends infer I
    ? Bare<I> extends infer B extends BareText
      ? AsType<`${B}[]` | `${B}[]?` | `${B}?[]` | `${B}?[]?`>
      : ColumnType
    : never
type AnyList<I extends string> = `${I}[]` | `${I}[]?` | `${I}?[]` | `${I}?[]?`

/** The items of another list: a constant, or a column. */
type OtherList<T extends ColumnType, G extends Grain> = readonly Literal<Item<T>>[] | Expr<Lists<T>, Beside<G>>
type AnItem<T extends ColumnType, G extends Grain> = Literal<Item<T>> | Expr<Comparable<Item<T>>, Beside<G>>

/** Lists of T with items of O among them. */
type Joined<T, O> = Both<
  T,
  O,
  AsText<true extends HasNulls<T> | HasNulls<O> ? `${Bare<Item<T>> & string}?[]` : Bare<T>>
>
type HasNulls<O> =
  O extends Expr<infer U> ? HasNulls<U> : O extends string ? (Bare<O> extends `${string}?[]` ? true : never) : never

/** The inner lists of T. */
type Flat<T> = AsType<Like<T, AsText<Bare<Item<T>>>>>

/** Lists of T with one item of O more. */
type Appended<T, O> = Like<
  T,
  AsText<[Extract<O, MayMiss | null>] extends [never] ? Bare<T> : `${Bare<Item<T>> & string}?[]`>
>

/** A column of lists. Positions count from 0, negative ones from the end. */
export interface ListCol<T extends ColumnType, G extends Grain> extends AnyCol<T, G> {
  /**
   * True where both have equal items in one order; a null item equals a null item. Null where a list is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.eq([3, 1, 3]) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  eq<O extends OtherList<T, G>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * True where `eq` is false. Null where a list is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.ne([3, 1]) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  ne<O extends OtherList<T, G>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * The number of items, nulls among them.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: ['x', 'y'] }], { schema: { a: 'utf8[]' } })
   * const table = await frame.derive(t => ({ b: t.a.size() })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  size(): NumCol<Like<T, 'int32'>, G>
  /**
   * The item at a position, from 0 on, or from the end: `get(-1)` is the last. Null where there is none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.get(-1) })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  get<O extends number | Expr<'int32' | 'int32?' | 'int64' | 'int64?', Beside<G>>>(
    position: O,
  ): Col<OrNull<Item<T>>, Mixed<G, O>>
  /**
   * The items from `start` up to but not including `end`; negative counts from the end. What is not there is left out.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.slice(0, -1) })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 1 ] } ]
   * ```
   */
  slice(start: number, end?: number): ListCol<T, G>
  /**
   * True where an item equals the value. Null where list or value is; a null item equals nothing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.contains(1) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  contains<O extends AnItem<T, G>>(value: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * The position of the first item that equals the value, from 0 on, −1 where none does. Null where list or
   * value is.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.indexOf(1) })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  indexOf<O extends AnItem<T, G>>(value: O): NumCol<Both<T, O, 'int32'>, Mixed<G, O>>
  /**
   * The items of this list and behind them those of the others. Null where a list is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.concat([7], t.a.slice(0, 1)) })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 1, 3, 7, 3 ] } ]
   * ```
   */
  concat<O extends readonly OtherList<T, G>[]>(...others: O): ListCol<Joined<T, O[number]>, Mixed<G, O[number]>>
  /**
   * The list with the value as its last item, which may be null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.append(null) })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 1, 3, null ] } ]
   * ```
   */
  append<O extends null | AnItem<T, G>>(value: O): ListCol<Appended<T, O>, Mixed<G, O>>
  /**
   * The first of equal items, in their order; null is one value, NaN too.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.distinct() })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 1 ] } ]
   * ```
   */
  distinct(): ListCol<T, G>
  /**
   * The items in order, nulls last in both directions. Items must have an order.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.sort({ descending: true }) })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 3, 1 ] } ]
   * ```
   */
  sort(options?: { readonly descending?: boolean }): ListCol<T, G>
  /**
   * The items from the last to the first.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.reverse() })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 1, 3 ] } ]
   * ```
   */
  reverse(): ListCol<T, G>
  /**
   * The texts in one, with the separator between them; nulls are left out.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: ['x', 'y'] }], { schema: { a: 'utf8[]' } })
   * const table = await frame.derive(t => ({ b: t.a.join('-') })).select('b').collect()
   * table.rows() // => [ { b: 'x-y' } ]
   * ```
   */
  join(this: Expr<AnyList<'utf8'>, Grain>, separator: string): TextCol<Like<T, 'utf8'>, G>
  /**
   * The items of all inner lists in one list; a null inner list gives none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [[1], [], [2, 3]] }], { schema: { a: 'int32[][]' } })
   * const table = await frame.derive(t => ({ b: t.a.flatten() })).select('b').collect()
   * table.rows() // => [ { b: [ 1, 2, 3 ] } ]
   * ```
   */
  flatten(): Item<T> extends `${string}]` | `${string}]?` ? ListCol<Flat<T>, G> : never
  /**
   * True where an item of one is an item of the other; null items match nothing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.overlaps([1, 2]) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  overlaps<O extends OtherList<T, G>>(other: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * The distinct items that the other has too, in their order here; null items match nothing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.intersect([1, 2]) })).select('b').collect()
   * table.rows() // => [ { b: [ 1 ] } ]
   * ```
   */
  intersect<O extends OtherList<T, G>>(other: O): ListCol<Joined<T, O>, Mixed<G, O>>
  /**
   * The distinct items that the other does not have, in their order; a null item stays.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.except([1, 2]) })).select('b').collect()
   * table.rows() // => [ { b: [ 3 ] } ]
   * ```
   */
  except<O extends OtherList<T, G>>(other: O): ListCol<Joined<T, O>, Mixed<G, O>>
  /**
   * Structs of the items at one position, `{ first, second }`; the shorter list is filled with null.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.zip(t.a.reverse()).get(1).field('second') })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  zip<U extends ColumnType>(other: Expr<U, Beside<G>>): Col<ColumnType, G>
  /**
   * Each item as the function has it: an expression of the item and of constants alone.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.mapItems(x => x.mul(2)) })).select('b').collect()
   * table.rows() // => [ { b: [ 6, 2, 6 ] } ]
   * ```
   */
  mapItems<U extends ColumnType>(
    of: (item: Col<Item<T>>) => Expr<U>,
  ): Col<ColumnType extends U ? ColumnType : U extends TypeText ? Like<T, ListText<U>> : ColumnType, G>
  /**
   * The items for which the condition is true: an expression of the item and of constants alone.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.filterItems(x => x.gt(2)) })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 3 ] } ]
   * ```
   */
  filterItems(condition: (item: Col<Item<T>>) => Expr<'bool' | 'bool?'>): ListCol<T, G>
  /**
   * The sum of the items, exact for whole numbers and decimals; null of none. What leaves the type fails.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.itemSum() })).select('b').collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  itemSum(this: Expr<AnyList<Num>, Grain>): NumCol<Total<Item<T>>, G>
  /**
   * The mean of the items; null of none.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [1, 2] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.itemMean() })).select('b').collect()
   * table.rows() // => [ { b: 1.5 } ]
   * ```
   */
  itemMean(this: Expr<AnyList<Num>, Grain>): NumCol<'float64?', G>
  /**
   * The least item; null of none. NaN is above every number.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.itemMin() })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  itemMin(): Col<OrNull<Item<T>>, G>
  /**
   * The greatest item; null of none. NaN is above every number.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 1, 3] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.itemMax() })).select('b').collect()
   * table.rows() // => [ { b: 3 } ]
   * ```
   */
  itemMax(): Col<OrNull<Item<T>>, G>
  /**
   * True where an item is; null of no items. Nulls are skipped.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [true, false] }], { schema: { a: 'bool[]' } })
   * const table = await frame.derive(t => ({ b: t.a.itemAny() })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  itemAny(this: Expr<AnyList<'bool'>, Grain>): BoolCol<'bool?', G>
  /**
   * True where all items are; null of no items. Nulls are skipped.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [true, false] }], { schema: { a: 'bool[]' } })
   * const table = await frame.derive(t => ({ b: t.a.itemAll() })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  itemAll(this: Expr<AnyList<'bool'>, Grain>): BoolCol<'bool?', G>
  /**
   * The numbers as a vector. A list of another size, or with a null in it, fails the query.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'int32[]' } })
   * const table = await frame.derive(t => ({ b: t.a.toVector(2).norm() })).select('b').collect()
   * table.rows() // => [ { b: 5 } ]
   * ```
   */
  toVector<N extends number>(this: Expr<AnyList<Num>, Grain>, size: N): VectorCol<Like<T, `vector(${N})`>, G>
}

/** The types of fields that are given as columns or constants. */
export type FieldTypes<F> = { readonly [K in keyof F]: F[K] extends Expr<infer U> ? U : ValueType<F[K]> }

/** A field that may be given: a column, or a constant. */
export type FieldValue<G extends Grain> = string | number | bigint | boolean | Date | Expr<ColumnType, Beside<G>>

/** A column of structs. */
export interface StructCol<T extends ColumnType, G extends Grain> extends AnyCol<T, G> {
  /**
   * True where all fields are equal; a null field equals a null field. Null where a struct is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: { x: 1 } }], { schema: { a: { x: 'int32' } } })
   * const table = await frame.derive(t => ({ b: t.a.eq(t.a) })).select('b').collect()
   * table.rows() // => [ { b: true } ]
   * ```
   */
  eq<O extends Expr<T, Beside<G>>>(other: O): BoolCol<'bool', G>
  /**
   * True where `eq` is false.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: { x: 1 } }], { schema: { a: { x: 'int32' } } })
   * const table = await frame.derive(t => ({ b: t.a.ne(t.a) })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  ne<O extends Expr<T, Beside<G>>>(other: O): BoolCol<'bool', G>
  /**
   * A field of the struct; null where the struct is missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: { x: 1 } }], { schema: { a: { x: 'int32' } } })
   * const table = await frame.derive(t => ({ b: t.a.field('x') })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  field<N extends keyof T & string>(name: N): T extends Columns ? Col<T[N], G> : never
  /**
   * The struct with fields added, or set to another value and type. A missing struct stays missing.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: { x: 1 } }], { schema: { a: { x: 'int32' } } })
   * const table = await frame.derive(t => ({ b: t.a.withFields({ y: 'new' }) })).select('b').collect()
   * table.rows() // => [ { b: { x: 1, y: 'new' } } ]
   * ```
   */
  withFields<const F extends { readonly [name: string]: FieldValue<G> }>(
    fields: F,
  ): T extends Columns ? StructCol<Omit<T, keyof F> & FieldTypes<F>, G> : never
}

type Key<T> = Bare<T> extends `map(${infer K extends BareText},${string})` ? K : ColumnType
type Entry<T> = Bare<T> extends `map(${string},${infer V extends TypeText})` ? V : ColumnType
type AKey<T extends ColumnType, G extends Grain> = Literal<Key<T>> | Expr<Comparable<Key<T>>, Beside<G>>

/** A column of maps. */
export interface MapCol<T extends ColumnType, G extends Grain> extends AnyCol<T, G> {
  /**
   * The number of keys.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: new Map([['x', 1], ['y', 2]]) }], { schema: { a: 'map(utf8,int32)' } })
   * const table = await frame.derive(t => ({ b: t.a.size() })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  size(): NumCol<Like<T, 'int32'>, G>
  /**
   * The value of a key; null where the map does not have it.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: new Map([['x', 1], ['y', 2]]) }], { schema: { a: 'map(utf8,int32)' } })
   * const table = await frame.derive(t => ({ b: t.a.get('y') })).select('b').collect()
   * table.rows() // => [ { b: 2 } ]
   * ```
   */
  get<O extends AKey<T, G>>(key: O): Col<OrNull<Entry<T>>, Mixed<G, O>>
  /**
   * True where the map has the key, whatever its value.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: new Map([['x', 1], ['y', 2]]) }], { schema: { a: 'map(utf8,int32)' } })
   * const table = await frame.derive(t => ({ b: t.a.hasKey('z') })).select('b').collect()
   * table.rows() // => [ { b: false } ]
   * ```
   */
  hasKey<O extends AKey<T, G>>(key: O): BoolCol<Both<T, O, 'bool'>, Mixed<G, O>>
  /**
   * The keys, in the order of the map.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: new Map([['x', 1], ['y', 2]]) }], { schema: { a: 'map(utf8,int32)' } })
   * const table = await frame.derive(t => ({ b: t.a.keys() })).select('b').collect()
   * table.rows() // => [ { b: [ 'x', 'y' ] } ]
   * ```
   */
  keys(): ListCol<Like<T, ListText<Key<T>>>, G>
  /**
   * The values, in the order of the keys.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: new Map([['x', 1], ['y', 2]]) }], { schema: { a: 'map(utf8,int32)' } })
   * const table = await frame.derive(t => ({ b: t.a.values() })).select('b').collect()
   * table.rows() // => [ { b: [ 1, 2 ] } ]
   * ```
   */
  values(): ListCol<Like<T, ListText<Entry<T>>>, G>
  /**
   * Structs `{ key, value }`, in the order of the map.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: new Map([['x', 1], ['y', 2]]) }], { schema: { a: 'map(utf8,int32)' } })
   * const table = await frame.derive(t => ({ b: t.a.entries().get(0) })).select('b').collect()
   * table.rows() // => [ { b: { key: 'x', value: 1 } } ]
   * ```
   */
  entries(): Col<ColumnType, G>
}

type Size<T> = Bare<T> extends `${string}(${infer N extends number})` ? N : number
type Vectors<T> = `${'vector' | 'sparse'}(${Size<T>})` | `${'vector' | 'sparse'}(${Size<T>})?`
type OtherVector<T, G extends Grain> = readonly number[] | Expr<Vectors<T>, Beside<G>>
type IsSparse<T> = Bare<T> extends `sparse(${string}` ? true : false

/** Sparse only where both are. */
type Elementwise<T, O> =
  O extends Expr<infer U>
    ? IsSparse<T> | IsSparse<U> extends true
      ? Bare<T>
      : `vector(${Size<T>})`
    : `vector(${Size<T>})`

/** How far vectors are apart: by `squared` the Euclidean distance is not rooted, `cosine` is 1 less the similarity. */
export type Distance = 'euclidean' | 'squared' | 'manhattan' | 'cosine'

/**
 * A column of vectors of float64, dense `vector(n)` or sparse `sparse(n)`. Another vector is a column of the same size,
 * dense or sparse, or an array of so many numbers. A missing vector gives null.
 */
export interface VectorCol<T extends ColumnType, G extends Grain> extends AnyCol<T, G> {
  /**
   * The scalar product with another vector of the same size.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [1, 2] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.dot(t.a) })).select('b').collect()
   * table.rows() // => [ { b: 5 } ]
   * ```
   */
  dot<O extends OtherVector<T, G>>(other: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The cosine of the angle to another vector, −1 to 1; NaN beside a vector of zeros.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.cosine([6, 8]) })).select('b').collect()
   * table.rows() // => [ { b: 1 } ]
   * ```
   */
  cosine<O extends OtherVector<T, G>>(other: O): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * How far the other vector is; Euclidean unless another kind is named.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.distance([0, 0], 'manhattan') })).select('b').collect()
   * table.rows() // => [ { b: 7 } ]
   * ```
   */
  distance<O extends OtherVector<T, G>>(other: O, kind?: Distance): NumCol<Both<T, O, 'float64'>, Mixed<G, O>>
  /**
   * The length by the norm of order 2, or of order 1 or Infinity.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.norm() })).select('b').collect()
   * table.rows() // => [ { b: 5 } ]
   * ```
   */
  norm(order?: number): NumCol<Like<T, 'float64'>, G>
  /**
   * The sum element by element; sparse where both are.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.add([1, 1]).toList() })).select('b').collect()
   * table.rows() // => [ { b: [ 4, 5 ] } ]
   * ```
   */
  add<O extends OtherVector<T, G>>(other: O): VectorCol<Both<T, O, AsText<Elementwise<T, O>>>, Mixed<G, O>>
  /**
   * The difference element by element; sparse where both are.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.sub([1, 1]).toList() })).select('b').collect()
   * table.rows() // => [ { b: [ 2, 3 ] } ]
   * ```
   */
  sub<O extends OtherVector<T, G>>(other: O): VectorCol<Both<T, O, AsText<Elementwise<T, O>>>, Mixed<G, O>>
  /**
   * Each element times a number.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.scale(2).toList() })).select('b').collect()
   * table.rows() // => [ { b: [ 6, 8 ] } ]
   * ```
   */
  scale<O extends number | Expr<AnyNum, Beside<G>>>(factor: O): VectorCol<Both<T, O, AsText<Bare<T>>>, Mixed<G, O>>
  /**
   * The element at a position, from 0 on, or from the end. One that the vector does not have is refused.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.at(-1) })).select('b').collect()
   * table.rows() // => [ { b: 4 } ]
   * ```
   */
  at(position: number): NumCol<Like<T, 'float64'>, G>
  /**
   * The elements as a list, zeros of a sparse vector among them.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.toList() })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 4 ] } ]
   * ```
   */
  toList(): ListCol<Like<T, 'float64[]'>, G>
  /**
   * The same vector with all elements written.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [3, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.toSparse().toDense().toList() })).select('b').collect()
   * table.rows() // => [ { b: [ 3, 4 ] } ]
   * ```
   */
  toDense(): VectorCol<Like<T, `vector(${Size<T>})`>, G>
  /**
   * The same vector with zeros left out.
   *
   * ```ts
   * import { read } from 'millrace'
   * const frame = read.rows([{ a: [0, 4] }], { schema: { a: 'vector(2)' } })
   * const table = await frame.derive(t => ({ b: t.a.toSparse().toList() })).select('b').collect()
   * table.rows() // => [ { b: [ 0, 4 ] } ]
   * ```
   */
  toSparse(): VectorCol<Like<T, `sparse(${Size<T>})`>, G>
}
