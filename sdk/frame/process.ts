import { checkOptions } from '../data/options.ts'
import type { JsOf, RowOf } from '../data/row.ts'
import type { Duration } from '../data/time.ts'
import type { Columns, ColumnType } from '../data/type.ts'
import type { Kind, Node } from '../plan/node.ts'
import {
  DeclaredState,
  initialValue,
  lifetimeOf,
  stateKeyType,
  stateType,
  type ProcessOptions,
} from '../plan/verb/process.ts'
import type { Frame } from './frame.ts'

/**
 * What a user writes to keep state by key: the declarations of state, and the types of the contexts that the functions
 * of `process` get, which follow from them.
 */

/** How long state lives. */
export interface StateOptions {
  /**
   * It is gone this long after it was written, by event time: for a row that comes at that time or later, and for all
   * rows once the watermark is there. Items of a list and entries of a map live each by itself.
   */
  readonly ttl?: Duration
  /** Whether the time begins anew when it is written, which is the default, or when it is read too. */
  readonly refresh?: 'write' | 'read-and-write'
}

declare const HANDLE: unique symbol

/** A declaration of state; a function sees it as `H`. Made by {@link state}. */
export interface StateOf<H> {
  readonly [HANDLE]?: H
}

/** One value for each key. */
export interface ValueState<T, Empty = null> {
  /** The value; where there is none the initial one, or null. */
  get(): T | Empty
  set(value: T): void
  clear(): void
}

/** A list for each key. */
export interface ListState<T> {
  /** The items in the order they were added. */
  get(): T[]
  add(item: T): void
  /** Puts these items in the place of all that are there. */
  set(items: readonly T[]): void
  readonly length: number
  clear(): void
}

/** A map for each key. */
export interface MapState<K, V> {
  /** The value under a key, null where there is none. */
  get(key: K): V | null
  has(key: K): boolean
  set(key: K, value: V): void
  /** False where there was none. */
  delete(key: K): boolean
  readonly size: number
  entries(): [K, V][]
  keys(): K[]
  values(): V[]
  clear(): void
}

/** Values put together into one for each key. */
export interface ReducingState<T> {
  /** What they came to, null before the first. */
  get(): T | null
  add(value: T): void
  clear(): void
}

/** An accumulator of your own for each key. */
export interface AggregatingState<In, Out> {
  /** The result of what was added, null before the first. */
  get(): Out | null
  add(value: In): void
  clear(): void
}

/** The rows of a broadcast stream under keys of your choice, as all keys of a group read them. */
export interface BroadcastRows<C extends Columns> {
  get(key: string | number | bigint | boolean): Readonly<RowOf<C>> | null
  has(key: string | number | bigint | boolean): boolean
  readonly size: number
  keys(): (string | number | bigint | boolean)[]
  values(): Readonly<RowOf<C>>[]
  entries(): [string | number | bigint | boolean, Readonly<RowOf<C>>][]
}

/** The same where its rows come. */
export interface WritableBroadcast<C extends Columns> extends BroadcastRows<C> {
  set(key: string | number | bigint | boolean, row: RowOf<C>): void
  delete(key: string | number | bigint | boolean): boolean
  clear(): void
}

/**
 * Declares what `process` keeps for each key. Types are texts as in schemas, an object for a struct; a value that does
 * not fit its type is an error that names state and key. What `get` gives is a copy: only `set`, `add`, `delete` and
 * `clear` change state.
 *
 * ```ts
 * import { read, state } from 'millrace'
 *
 * const payments = read.rows([{ card: 'a', amount: 5 }, { card: 'b', amount: 7 }, { card: 'a', amount: 6 }])
 * const totals = payments.groupBy('card').process({
 *   state: { total: state.value('float64', 0) },
 *   output: { card: 'utf8', total: 'float64' },
 *   onRow(row, { state, emit }) {
 *     state.total.set(state.total.get() + row.amount)
 *     emit({ card: row.card, total: state.total.get() })
 *   },
 * })
 * const table = await totals.collect()
 * table.column('total') // => [ 5, 7, 11 ]
 * ```
 */
export const state: {
  /**
   * One value for each key, in the beginning the initial one, or null where there is none.
   *
   * ```ts
   * import { read, state } from 'millrace'
   *
   * const readings = read.rows([{ id: 'a', x: 5 }, { id: 'a', x: 7 }])
   * const steps = readings.groupBy('id').process({
   *   state: { last: state.value('float64') },
   *   output: { step: 'float64?' },
   *   onRow(row, { state, emit }) {
   *     const last = state.last.get()
   *     emit({ step: last === null ? null : row.x - last })
   *     state.last.set(row.x)
   *   },
   * })
   * const table = await steps.collect()
   * table.column('step') // => [ null, 2 ]
   * ```
   */
  value<const T extends ColumnType, const I extends JsOf<T> | null = null>(
    type: T,
    initial?: I,
    options?: StateOptions,
  ): StateOf<ValueState<JsOf<T>, I extends null ? null : never>>
  /**
   * A list of items for each key.
   *
   * ```ts
   * import { read, state } from 'millrace'
   *
   * const words = read.rows([{ id: 'a', word: 'to' }, { id: 'a', word: 'be' }])
   * const texts = words.groupBy('id').process({
   *   state: { words: state.list('utf8') },
   *   output: { text: 'utf8' },
   *   onRow(row, { state, emit }) {
   *     state.words.add(row.word)
   *     emit({ text: state.words.get().join(' ') })
   *   },
   * })
   * const table = await texts.collect()
   * table.column('text') // => [ 'to', 'to be' ]
   * ```
   */
  list<const T extends ColumnType>(type: T, options?: StateOptions): StateOf<ListState<JsOf<T>>>
  /**
   * A map for each key. Its own keys are scalars that are never null.
   *
   * ```ts
   * import { read, state } from 'millrace'
   *
   * const visits = read.rows([{ user: 'a', page: 'x' }, { user: 'a', page: 'y' }, { user: 'a', page: 'x' }])
   * const counts = visits.groupBy('user').process({
   *   state: { pages: state.map('utf8', 'int32') },
   *   output: { pages: 'int32', times: 'int32' },
   *   onRow(row, { state, emit }) {
   *     state.pages.set(row.page, (state.pages.get(row.page) ?? 0) + 1)
   *     emit({ pages: state.pages.size, times: state.pages.get(row.page)! })
   *   },
   * })
   * const table = await counts.collect()
   * table.column('times') // => [ 1, 1, 2 ]
   * ```
   */
  map<const K extends ColumnType, const V extends ColumnType>(
    key: K,
    value: V,
    options?: StateOptions,
  ): StateOf<MapState<JsOf<K>, JsOf<V>>>
  /**
   * Values put together by a function of two into one, such as their sum or the largest.
   *
   * ```ts
   * import { read, state } from 'millrace'
   *
   * const bids = read.rows([{ item: 1, price: 5 }, { item: 1, price: 9 }, { item: 1, price: 7 }])
   * const highest = bids.groupBy('item').process({
   *   state: { most: state.reducing('float64', Math.max) },
   *   output: { most: 'float64' },
   *   onRow(row, { state, emit }) {
   *     state.most.add(row.price)
   *     emit({ most: state.most.get()! })
   *   },
   * })
   * const table = await highest.collect()
   * table.column('most') // => [ 5, 9, 9 ]
   * ```
   */
  reducing<const T extends ColumnType>(
    type: T,
    reduce: (a: JsOf<T>, b: JsOf<T>) => JsOf<T>,
    options?: StateOptions,
  ): StateOf<ReducingState<JsOf<T>>>
  /**
   * An accumulator of your own: `add` gives the one that goes on, or changes the one it is given and gives nothing. It
   * must be plain data, for checkpoints copy it.
   *
   * ```ts
   * import { read, state } from 'millrace'
   *
   * const readings = read.rows([{ id: 'a', x: 4 }, { id: 'a', x: 8 }])
   * const means = readings.groupBy('id').process({
   *   state: {
   *     mean: state.aggregating({
   *       create: () => ({ sum: 0, count: 0 }),
   *       add: (mean, x: number) => ({ sum: mean.sum + x, count: mean.count + 1 }),
   *       result: mean => mean.sum / mean.count,
   *     }),
   *   },
   *   output: { mean: 'float64' },
   *   onRow(row, { state, emit }) {
   *     state.mean.add(row.x)
   *     emit({ mean: state.mean.get()! })
   *   },
   * })
   * const table = await means.collect()
   * table.column('mean') // => [ 4, 6 ]
   * ```
   */
  aggregating<Acc, In, Out>(
    functions: {
      readonly create: () => Acc
      readonly add: (accumulator: Acc, value: In) => Acc | void
      readonly result: (accumulator: Acc) => Out
    },
    options?: StateOptions,
  ): StateOf<AggregatingState<In, Out>>
} = {
  value(type, initial, options = {}) {
    const lifetime = lifetimeIn(options, 'state.value')
    const kept = stateType(type, 'state.value')
    const { value } = initialValue(initial, kept, 'state.value')
    return declared(name => ({ kind: 'value', name, type: kept, initial: value, lifetime }))
  },
  list(type, options = {}) {
    const lifetime = lifetimeIn(options, 'state.list')
    const item = stateType(type, 'state.list')
    return declared(name => ({ kind: 'list', name, type: item, lifetime }))
  },
  map(key, value, options = {}) {
    const lifetime = lifetimeIn(options, 'state.map')
    const [k, v] = [stateKeyType(key, 'state.map'), stateType(value, 'state.map')]
    return declared(name => ({ kind: 'map', name, key: k, type: v, lifetime }))
  },
  reducing(type, reduce, options = {}) {
    const lifetime = lifetimeIn(options, 'state.reducing')
    const kept = stateType(type, 'state.reducing')
    return declared(name => ({ kind: 'reducing', name, type: kept, reduce: reduce as Reduce, lifetime }))
  },
  aggregating(functions, options = {}) {
    const lifetime = lifetimeIn(options, 'state.aggregating')
    const { create, add, result } = functions as Accumulating
    return declared(name => ({ kind: 'aggregating', name, create, add, result, lifetime }))
  },
}

type Reduce = (a: unknown, b: unknown) => unknown

interface Accumulating {
  readonly create: () => unknown
  readonly add: (accumulator: unknown, value: unknown) => unknown
  readonly result: (accumulator: unknown) => unknown
}

function lifetimeIn(options: StateOptions, where: string): ReturnType<typeof lifetimeOf> {
  checkOptions(where, options, ['ttl', 'refresh'])
  return lifetimeOf(options, where)
}

function declared<H>(declare: ConstructorParameters<typeof DeclaredState>[0]): StateOf<H> {
  return new DeclaredState(declare) as StateOf<H>
}

/** State by name. */
export type States = { readonly [name: string]: StateOf<unknown> }

/** What functions see of declared state. */
export type Handles<S> = { readonly [N in keyof S]: S[N] extends StateOf<infer H> ? H : never }

/** The columns of side outputs by name. */
export type Sides = { readonly [name: string]: Columns }

/** Frames whose rows are broadcast, by name. */
export type Broadcasts = { readonly [name: string]: { readonly kind: 'batch' | 'stream'; readonly plan: Node } }

type ColumnsOf<F> = F extends Frame<infer C, Kind> ? C : never

/** What all functions of a process may do. */
interface Emitting<O extends Columns, D> {
  /** Gives a row with the declared columns; a column that is nullable may be left out. */
  readonly emit: (row: Emitted<O>) => void
  /** The side outputs: `ctx.side.late.emit(row)`. */
  readonly side: { readonly [N in keyof D]: { readonly emit: (row: Emitted<D[N]>) => void } }
}

type Emitted<O> = O extends Columns
  ? { readonly [N in keyof O as O[N] extends `${string}?` ? never : N]: JsOf<O[N]> } & {
      readonly [N in keyof O as O[N] extends `${string}?` ? N : never]?: JsOf<O[N]>
    }
  : never

/** What `onRow` and `onTimer` get. */
export interface ProcessContext<G, S, O extends Columns, D, B> extends Emitting<O, D> {
  /** The keys of the group by name. */
  readonly key: { readonly [N in keyof G]: G[N] extends ColumnType ? JsOf<G[N]> : never }
  /** The event time of the row, or the time of the timer. */
  readonly time: Date
  /** Null before the first; once all rows have come, the last Date there is. */
  readonly watermark: Date | null
  readonly state: Handles<S>
  /** What has been broadcast, to be read. */
  readonly broadcast: { readonly [N in keyof B]: BroadcastRows<ColumnsOf<B[N]>> }
  readonly timers: ProcessTimers
  /** Whether event time or the clock made a timer fire. */
  readonly domain: 'event' | 'processing'
}

/** The timers of the key. There is one for a time, however often it is set. */
export interface ProcessTimers {
  /** Calls `onTimer` once the watermark is later than a time; a number is milliseconds since 1970. */
  readonly at: (time: Date | number) => void
  /** Takes back what `at` set. */
  readonly delete: (time: Date | number) => void
  /** Calls `onTimer` after a time on the clock. What has not fired when all rows have come does not. */
  readonly after: (duration: Duration) => void
}

/** What `onBroadcast` gets. */
export interface BroadcastContext<O extends Columns, D, B> extends Emitting<O, D> {
  /** Which of the broadcast frames the row is of. */
  readonly source: keyof B & string
  /** What has been broadcast, to be written. */
  readonly broadcast: { readonly [N in keyof B]: WritableBroadcast<ColumnsOf<B[N]>> }
}

/** What `process` does with rows and timers. */
export interface ProcessSpec<C extends Columns, G, S, O extends Columns, D, B> {
  /** What is kept for each key: `{ total: state.value('float64', 0) }`. */
  readonly state?: S
  /** The columns of the rows that `emit` gives. */
  readonly output: O
  /** The columns of other outputs, `frame.side.name`. */
  readonly side?: D
  /** Frames whose rows all keys see. Batches among them are read before the first row. */
  readonly broadcast?: B
  /** Called for each row, in the order they come. */
  onRow(row: RowOf<C>, ctx: ProcessContext<G, S, O, D, B>): void
  /** Called for each timer of a key, by their times. */
  onTimer?(time: Date, ctx: ProcessContext<G, S, O, D, B>): void
  /** Called for each row that is broadcast; it writes `ctx.broadcast.name` for all keys. */
  onBroadcast?(row: RowOf<ColumnsOf<B[keyof B]>>, ctx: BroadcastContext<O, D, B>): void
}

export function processOptions(spec: object): ProcessOptions {
  checkOptions('process', spec, ['state', 'output', 'side', 'broadcast', 'onRow', 'onTimer', 'onBroadcast'])
  const given = spec as {
    readonly state?: ProcessOptions['state']
    readonly output: Columns
    readonly side?: ProcessOptions['side']
    readonly broadcast?: Broadcasts
    readonly onRow?: unknown
    readonly onTimer?: unknown
    readonly onBroadcast?: unknown
  }
  const frames = Object.entries(given.broadcast ?? {})
  return {
    state: given.state ?? {},
    output: given.output,
    side: given.side ?? {},
    broadcast: Object.fromEntries(frames.map(([name, frame]) => [name, frame.plan])),
    onRow: given.onRow,
    onTimer: given.onTimer,
    onBroadcast: given.onBroadcast,
  }
}
