import { inspect } from 'node:util'
import type { RowOf } from '../data/row.ts'
import type { Batch } from '../data/batch.ts'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { Schema } from '../data/schema.ts'
import type { Duration } from '../data/time.ts'
import type { BareText, Columns, ColumnType } from '../data/type.ts'
import { columnsOf, conditionOf, isExpr, nodeOf, type Cols, type Expr, type Order } from '../expr/column.ts'
import type { Placed } from '../expr/type-rule.ts'
import * as plan from '../plan/build.ts'
import { explain, type ExplainOptions } from '../plan/explain.ts'
import { fill } from '../plan/verb/fill.ts'
import { over, type OverOptions as OverPlanOptions } from '../plan/verb/over.ts'
import { top } from '../plan/verb/top.ts'
import { cast } from '../plan/verb/cast.ts'
import { changes, fromChanges } from '../plan/verb/changes.ts'
import { compareRows } from '../plan/verb/compare-rows.ts'
import { countBy } from '../plan/verb/count-by.ts'
import { describe, type DESCRIBED } from '../plan/verb/describe.ts'
import { distinct } from '../plan/verb/distinct.ts'
import { dropNulls } from '../plan/verb/drop-nulls.ts'
import { final } from '../plan/verb/final.ts'
import { fillNull } from '../plan/verb/fill-null.ts'
import { cube, groupingSets, rollup } from '../plan/verb/grouping-sets.ts'
import { pivot } from '../plan/verb/pivot.ts'
import { process, processSide } from '../plan/verb/process.ts'
import { rowIndex, skip, tail } from '../plan/verb/rows.ts'
import { sample } from '../plan/verb/sample.ts'
import { unionWithNulls } from '../plan/verb/union-lenient.ts'
import { unnest } from '../plan/verb/unnest.ts'
import { unpivot } from '../plan/verb/unpivot.ts'
import { checkWindow, firingOf, windowAggregate, windowOf, windowTop } from '../plan/verb/window.ts'
import type { Firing, Kind, Node, Over, Process, Read, Window, WindowAggregate, WindowTop } from '../plan/node.ts'
import { upsert } from '../plan/verb/upsert.ts'
import type { Predictor, Sink } from '../plan/port.ts'
import { asOfJoin } from '../plan/verb/as-of-join.ts'
import { lookupJoin, mapAsync } from '../plan/verb/async-map.ts'
import { join, type KeyPair } from '../plan/verb/join.ts'
import type { WatermarkOptions } from '../plan/verb/watermark.ts'
import {
  asyncOptions,
  lookupOptions,
  nameOf,
  type Answer,
  type AsyncOptions,
  type KeyOfRow,
  type LookupOptions,
} from './async-map.ts'
import { readBatches, rowObjects, type ReadOptions } from './action.ts'
import type {
  Dynamic,
  Fits,
  Flat,
  Grouping,
  Holding,
  InWindow,
  JoinKind,
  FullJoined,
  Joined,
  Keys,
  KeysMatch,
  LeftJoined,
  RightJoined,
  NamedAs,
  NamesOf,
  NamesOr,
  NoClash,
  NotUpdating,
  NotUpdatingGroups,
  Only,
  OnlyBatch,
  OnlyBatchGroups,
  Renamed,
  Running,
  Solid,
  Stays,
  Staying,
  TimestampText,
  Together,
  TypesOf,
  United,
  Unites,
  With,
  Without,
  Writable,
} from './columns.ts'
import { meetNotebook } from './host.ts'
import {
  asOfOptions,
  joinOptions,
  type AsOfOptions,
  type CrossOptions,
  type HalfJoinOptions,
  type JoinOptions,
  type Within,
} from './join-options.ts'
import { mapper, type ColumnArrays, type ComputedArrays } from './map-batches.ts'
import { outputTo, type Output } from './output.ts'
import type {
  CastTo,
  Fill,
  FilledBy,
  Fills,
  GroupingSet,
  NestedNames,
  Pivoted,
  PivotValue,
  Present,
  Unnested,
  UnnestOptions,
  Unpivoted,
  UnpivotOptions,
} from './reshape.ts'
import { splitOf, type SampleRows, type SampleShare, type SplitByChance, type SplitByTime } from './sample.ts'
import { processOptions, type Broadcasts, type ProcessSpec, type Sides, type States } from './process.ts'
import type { Table } from './table.ts'
import type { AnyWindow, BoundsOf, Fired, TumblingWindow, WindowOptions } from './window.ts'

// Frames say how they vary with their columns and kind (`in out C`, `out K`): to find it out, the compiler would relate
// every method of every column type, which took a cell two seconds.

/** A frame of columns that are resolved at once, so that hovers are flat and chains stay cheap. */
export type FrameOf<C, K extends Kind> = Solid<C> extends infer R extends Columns ? Frame<R, K> : never

/** A frame whose rows are all there; without columns, one whose columns are not known before it runs. */
export type BatchFrame<C extends Columns = Dynamic> = Frame<C, 'batch'>

/** A frame whose rows keep coming, each once; without columns, one whose columns are not known before it runs. */
export type StreamFrame<C extends Columns = Dynamic> = Frame<C, 'stream'>

/** A row expression for each new column. */
type RowExprs = { readonly [name: string]: Expr<ColumnType, 'row'> }

/** An aggregate for each new column. */
type AggregateExprs = { readonly [name: string]: Expr<ColumnType, 'agg'> }

/** What `over` adds: values that depend on rows around, aggregates of them, and what is computed from both. */
type OverExprs = { readonly [name: string]: Expr<ColumnType, 'row' | 'agg' | 'over'> }

/** The same columns, as they are written in a frame. */
type Mutable<C extends Columns> = { -readonly [N in keyof C]: C[N] }

/** The order of a step that looks at the rows around. */
export interface OrderOption<By> {
  /** A column, a direction such as `t => t.at.desc()`, or a list of them. Left out, the rows stand as they come. */
  readonly orderBy?: By | readonly By[]
}

/** The columns to fill, and the order. */
type Filled<Name, By> = readonly Name[] | readonly [...columns: Name[], options: OrderOption<By>]

/** What `over` gives; of a stream with the late rows beside it. */
type Overed<C extends Columns, K extends Kind, O> =
  Solid<With<C, TypesOf<O>>> extends infer R extends Columns
    ? K extends 'batch'
      ? Frame<R, K>
      : WindowedFrame<R, K, C>
    : never

/**
 * The order of `over`, and the rows that its aggregates take in for each row. Without an order that is the whole group.
 * With one it is all from the first row up to the row and the rows that the order does not tell apart from it, as in
 * SQL; `rows` or `range` say otherwise.
 */
export interface OverOptions<By> extends OrderOption<By> {
  /**
   * So many rows: the row and those before it; or how many rows before and after it, `[3, 3]`, where a negative number
   * lies on the other side, `[7, -1]`, and `'all'` is all there are.
   */
  readonly rows?: number | 'all' | readonly [before: number | 'all', after: number | 'all']
  /**
   * The rows at most so far by the value they are ordered by: `'7 days'` back, or how far back and on, `['7 days', '0 days']`,
   * of numbers a number. Both ends count, and so do rows of an equal value. Of a null or NaN these are its equals.
   */
  readonly range?:
    Duration | number | 'all' | readonly [before: Duration | number | 'all', after: Duration | number | 'all']
}

/** A model that `predict` takes: the columns it needs, by name and type, and the ones it adds. */
export interface PredictorOf<In extends Columns, Out extends Columns> extends Predictor {
  readonly needs: In
  readonly adds: Out
}

/** What the table of the latest rows is told. */
export interface UpsertOptions<C extends Columns> {
  /** True of a row that says that its key has gone. */
  readonly deleted?: (t: Cols<C>) => Expr<'bool' | 'bool?', 'row'>
  /** A time or a number: a row below that of the latest one of its key came late and changes nothing. */
  readonly orderBy?: (keyof C & string) | ((t: Cols<C>) => Expr<ColumnType, 'row'>)
}

/** How history is played again. */
export interface ReplayOptions {
  /** Event seconds per second on the clock; left out, as fast as possible. */
  readonly speed?: number
  /** Holds each row back by a random time of at most this, so that rows come out of order. */
  readonly disorder?: Duration
  /** Of the disorder: the same seed gives the same order. 0 unless given. */
  readonly seed?: number
}

/**
 * Rows of typed columns that a plan describes: nothing is read until an action such as `collect`. Each verb gives a new
 * frame, and checks at once what it is given: an unknown column is refused on the line that names it.
 *
 * `K` is the kind: the rows of a 'batch' are all there, a 'stream' only adds rows, an 'updating' frame corrects rows
 * that it has given.
 *
 * ```ts
 * import { count, read } from 'millrace'
 *
 * const trips = read.rows([
 *   { city: 'Oslo', km: 12 },
 *   { city: 'Rome', km: 30 },
 *   { city: 'Rome', km: 50 },
 * ])
 * const cities = await trips.groupBy('city').aggregate(t => ({ trips: count(), km: t.km.mean() })).orderBy('city').collect()
 * cities.rows() // => [ { city: 'Oslo', trips: 1, km: 12 }, { city: 'Rome', trips: 2, km: 40 } ]
 * ```
 */
export class Frame<in out C extends Columns, out K extends Kind> {
  /** The plan that the frame stands for, for executors and libraries. */
  readonly plan: Node

  /** Made by `read` and by the verbs. */
  constructor(plan: Node) {
    this.plan = plan
  }

  /**
   * 'batch', 'stream' or 'updating'.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * read.rows([{ km: 12 }]).kind // => 'batch'
   * ```
   */
  get kind(): K {
    return this.plan.frameKind as K
  }

  /**
   * The columns and their types as text; a trailing `?` means nullable.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * read.rows([{ city: 'Oslo', km: 12 }], { schema: { city: 'utf8', km: 'int32?' } }).schema // => { city: 'utf8', km: 'int32?' }
   * ```
   */
  get schema(): C {
    return this.plan.schema.toObject() as C
  }

  /**
   * Only the named columns, in the order given.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ a: 1, b: 2, c: 3 }]).select('c', 'a').collect()
   * table.rows() // => [ { c: 3, a: 1 } ]
   * ```
   */
  select<const N extends readonly (keyof C & string)[]>(...names: N): FrameOf<Only<C, N[number]>, K> {
    return frameOf(plan.select(this.plan, names))
  }

  /**
   * All columns but the named ones.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ a: 1, b: 2, c: 3 }]).drop('b').collect()
   * table.rows() // => [ { a: 1, c: 3 } ]
   * ```
   */
  drop<const N extends readonly (keyof C & string)[]>(...names: N): FrameOf<Without<C, N[number]>, K> {
    return frameOf(plan.drop(this.plan, names))
  }

  /**
   * The same columns under new names: an object from old names to new ones, or a function of each name, after which
   * the columns are known at run time only. Fails where two columns would have one name.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ iata: 'OSL' }]).rename({ iata: 'origin' }).collect()
   * table.rows() // => [ { origin: 'OSL' } ]
   * read.rows([{ IATA: 'OSL', Km: 12 }]).rename(name => name.toLowerCase()).schema // => { iata: 'utf8', km: 'int64' }
   * ```
   */
  rename<const M extends { readonly [P in keyof C & string]?: string } | ((name: string) => string)>(
    names: M,
  ): FrameOf<Renamed<C, M>, K> {
    return frameOf(plan.rename(this.plan, names as Readonly<Record<string, string>>))
  }

  /**
   * Adds computed columns; a column of the same name is replaced where it stands. The expressions see the columns of the
   * input, not each other.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12, hours: 2 }]).derive(t => ({ speed: t.km.div(t.hours) })).collect()
   * table.rows() // => [ { km: 12, hours: 2, speed: 6 } ]
   * ```
   */
  derive<O extends RowExprs>(columns: (t: Cols<C>) => O): FrameOf<With<C, TypesOf<O>>, K> {
    return frameOf(plan.derive(this.plan, computed(this.plan, columns, 'derive')))
  }

  /**
   * The rows for which the condition is true; rows for which it is null are left out. Conditions are joined by `.and(…)`
   * and `.or(…)`: of `a && b` JavaScript gives `b` alone, so a part that is made and not used is an error.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 30 }, { km: null }]).filter(t => t.km.gt(20)).collect()
   * table.rows() // => [ { km: 30 } ]
   * ```
   */
  filter(condition: (t: Cols<C>) => Expr<'bool' | 'bool?', 'row'>): Frame<C, K> {
    const columns = columnsOf<C>(this.plan.schema, 'filter')
    return frameOf(
      plan.filter(
        this.plan,
        conditionOf('filter', () => condition(columns)),
      ),
    )
  }

  /**
   * Groups rows by columns, or by computed ones. `aggregate` and `window` follow; null keys form one group.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Oslo', km: 30 }])
   * const table = await trips.groupBy('city', t => ({ far: t.km.gt(20) })).aggregate(t => ({ trips: count() })).orderBy('far').collect()
   * table.rows() // => [ { city: 'Oslo', far: false, trips: 1 }, { city: 'Oslo', far: true, trips: 1 } ]
   * ```
   */
  groupBy<const A extends readonly ((keyof C & string) | ((t: Cols<C>) => RowExprs))[]>(
    ...keys: A
  ): Grouped<C, K, Keys<C, A[number]>> {
    return new Grouped(this.plan, keyExprs(this.plan, keys))
  }

  /**
   * One row of aggregates over all rows: also over none, where counts are 0 and other aggregates null. Over a stream the
   * answer keeps changing, and the frame is 'updating'.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 30 }]).aggregate(t => ({ trips: count(), km: t.km.sum() })).collect()
   * table.rows() // => [ { trips: 2, km: 42 } ]
   * ```
   */
  aggregate<O extends AggregateExprs>(columns: (t: Cols<C>) => O): FrameOf<TypesOf<O>, Running<K>> {
    return frameOf(plan.aggregate(this.plan, [], computed(this.plan, columns, 'aggregate')))
  }

  /**
   * Puts rows into windows of event time, {@link tumble}, {@link hop}, {@link cumulate} or {@link session}, or into ones
   * of so many rows, {@link countWindow}, or of all, {@link globalWindow}; `aggregate` follows.
   * A window gives its row once the watermark has passed its end, and at other times too if the options say so. Needs `watermark` first.
   *
   * ```ts
   * import { count, read, tumble } from 'millrace'
   *
   * const clicks = read.rows([{ at: '2024-01-01T00:10Z' }, { at: '2024-01-01T00:50Z' }, { at: '2024-01-01T01:10Z' }], { schema: { at: 'timestamp' } })
   * const hourly = clicks.watermark('at', '5 minutes').window(tumble('1 hour')).aggregate(t => ({ clicks: count() }))
   * const table = await hourly.select('windowStart', 'clicks').collect()
   * table.rows({ times: 'iso' })[0] // => { windowStart: '2024-01-01T00:00:00Z', clicks: 2 }
   *
   * const live = clicks.watermark('at', '5 minutes').replay()
   * live.window(tumble('1 hour'), { early: { every: '10 minutes' } }).aggregate(t => ({ clicks: count() })).kind // => 'updating'
   * ```
   */
  window<W extends AnyWindow, const O extends WindowOptions = {}>(
    this: NotUpdating<'a window needs rows that stay: aggregate after the window, not before it'>,
    window: W,
    options?: O,
  ): Windowed<C, Fired<K, W, O>, {}, BoundsOf<W>> {
    return new Windowed(this.plan, [], window, options)
  }

  /**
   * Sorts by columns, the first one first; descending by `t => t.delay.desc()`. Nulls come last either way.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }, { km: 30 }]).orderBy(t => t.km.desc()).collect()
   * table.column('km') // => [ 50, 30, 12 ]
   * ```
   */
  orderBy(
    this: OnlyBatch<'orderBy needs all rows, and a stream has no end: aggregate in windows instead'>,
    ...by: ((keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>))[]
  ): Frame<C, K> {
    return frameOf(plan.orderBy(this.plan, sortExprs(this.plan, by, 'orderBy')))
  }

  /**
   * The first `count` rows of an order, in that order: what `orderBy` and `limit` give, without sorting the rest. Of rows
   * that the order does not tell apart the first to come are taken; nulls come last. Over a stream the first rows change,
   * and the frame is 'updating'; over an updating frame all rows are kept, since the next one moves up for one that goes.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }, { km: 30 }]).top(2, t => t.km.desc()).collect()
   * table.column('km') // => [ 50, 30 ]
   * ```
   */
  top(
    count: number,
    ...by: ((keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>))[]
  ): K extends 'batch' ? Frame<C, 'batch'> : Frame<C, 'updating'> {
    return frameOf(top(this.plan, [], count, sortExprs(this.plan, by, 'top')))
  }

  /**
   * Adds columns that depend on other rows; all rows stay, in the order they came. Aggregates take in all rows, with
   * `orderBy` those up to the row, with `rows` or `range` those near it: see {@link OverOptions}. `rank()`, `rowNumber()`,
   * `t.km.lag()` and others tell the row's place. A column of the same name is replaced where it stands.
   *
   * An aggregate of a value per row stands to the right of it: `t.km.div(t.km.sum())`. Nulls come last in the order, and
   * aggregates skip them. An aggregate without its rows is null, a count 0. A sum of integers that does not fit fails.
   *
   * Of a stream the order is its event time alone, and a frame ends at the row or before it: `{ orderBy: 'at', range: '1 hour' }`.
   * Rows come in that order once the watermark has passed their time; those behind it are late and in `.late`. Beside
   * aggregates there is `lag`.
   *
   * ```ts
   * import { rank, read } from 'millrace'
   *
   * const trips = read.rows([{ km: 30 }, { km: 12 }, { km: 50 }])
   * const table = await trips.over(t => ({ place: rank(), so: t.km.sum(), more: t.km.sub(t.km.lag()) }), { orderBy: 'km' }).collect()
   * table.rows()[0] // => { km: 30, place: 2, so: 42, more: 18 }
   * ```
   */
  over<O extends OverExprs>(
    this: NotUpdating<'over needs rows that stay: aggregate in a window'>,
    columns: (t: Cols<C, Placed>) => O,
    options: OverOptions<(keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>)> = {},
  ): Overed<C, K, O> {
    return frameOf(overOf(this.plan, [], columns, options))
  }

  /**
   * Puts the last value that is not null before each null in its place, column by column, in the order of arrival or in
   * the one that `{ orderBy }` gives. Nulls before the first value stay.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: null }, { km: 12 }, { km: null }]).fillForward('km').collect()
   * table.column('km') // => [ null, 12, 12 ]
   * ```
   */
  fillForward(
    this: OnlyBatch<'fillForward needs all rows, and a stream has no order and no end'>,
    ...columns: Filled<keyof C & string, (keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>)>
  ): Frame<C, K> {
    return frameOf(filled(this.plan, [], 'forward', columns))
  }

  /**
   * Puts the first value that is not null after each null in its place, column by column, in the order of arrival or in
   * the one that `{ orderBy }` gives. Nulls after the last value stay.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: null }, { km: 12 }, { km: null }]).fillBackward('km').collect()
   * table.column('km') // => [ 12, 12, null ]
   * ```
   */
  fillBackward(
    this: OnlyBatch<'fillBackward needs all rows, and a stream has no order and no end'>,
    ...columns: Filled<keyof C & string, (keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>)>
  ): Frame<C, K> {
    return frameOf(filled(this.plan, [], 'backward', columns))
  }

  /**
   * At most the first rows that come: after `orderBy` the first of that order, else of no defined one.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }, { km: 30 }]).limit(2).collect()
   * table.column('km') // => [ 12, 50 ]
   * ```
   */
  limit(
    this: NotUpdating<'limit cannot choose among rows that are corrected later: aggregate in a window'>,
    count: number,
  ): Frame<C, K> {
    return frameOf(plan.limit(this.plan, count))
  }

  /**
   * The first rows that come, 5 unless said: a short `limit`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }, { km: 30 }]).head(2).collect()
   * table.column('km') // => [ 12, 50 ]
   * ```
   */
  head(
    this: NotUpdating<'head cannot choose among rows that are corrected later: aggregate in a window'>,
    count: number = 5,
  ): Frame<C, K> {
    return frameOf(plan.limit(this.plan, count))
  }

  /**
   * The last rows that come, 5 unless said, in the order they came. Fails on a stream, which has no end.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }, { km: 30 }]).tail(2).collect()
   * table.column('km') // => [ 50, 30 ]
   * ```
   */
  tail(this: OnlyBatch<'tail needs all rows, and a stream has no end'>, count: number = 5): Frame<C, K> {
    return frameOf(tail(this.plan, count))
  }

  /**
   * All rows but the first ones that come: `skip(20).limit(10)` is the third ten.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }, { km: 30 }]).skip(1).collect()
   * table.column('km') // => [ 50, 30 ]
   * ```
   */
  skip(
    this: NotUpdating<'skip cannot choose among rows that are corrected later: aggregate in a window'>,
    count: number,
  ): Frame<C, K> {
    return frameOf(skip(this.plan, count))
  }

  /**
   * Adds the position of each row in the order in which rows come, from 0, under the name given, `index` unless said.
   * Fails where there is a column of that name. The numbers by another order are `orderBy(…).rowIndex()`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 50 }]).rowIndex('i').collect()
   * table.rows() // => [ { km: 12, i: 0 }, { km: 50, i: 1 } ]
   * ```
   */
  rowIndex<const N extends string = 'index'>(
    this: NotUpdating<'rowIndex numbers rows that stay, and these are corrected later: aggregate in a window'>,
    name: N = 'index' as N,
  ): FrameOf<With<C, { [P in N]: 'int64' }>, K> {
    return frameOf(rowIndex(this.plan, name))
  }

  /**
   * Each row once; with names, the first row that comes of each combination of their values, with all columns. Null
   * equals null and NaN equals NaN. On a stream each first row is given as it comes, and the keys are remembered.
   * On an updating frame a row goes when its last copy does, and by names the next row of the key takes its place.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 }, { city: 'Oslo', km: 50 }])
   * const cities = await trips.distinct('city').collect()
   * cities.rows() // => [ { city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 } ]
   * const names = await trips.select('city').distinct().collect()
   * names.column('city') // => [ 'Oslo', 'Rome' ]
   * ```
   */
  distinct(...names: (keyof C & string)[]): Frame<C, K> {
    return frameOf(distinct(this.plan, names))
  }

  /**
   * Rows by chance, in the order they came: a share of them, each row by itself, or with `rows` exactly so many. The
   * same seed gives the same rows, however they are read. With `replacement` a row may be drawn more than once.
   * A number of rows needs all of them, so on a stream only a share can be taken.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows(Array.from({ length: 1000 }, (_, km) => ({ km })))
   * const some = await trips.sample({ rows: 10, seed: 1 }).collect()
   * some.length // => 10
   * const again = await trips.sample({ rows: 10, seed: 1 }).collect()
   * String(again.column('km')) === String(some.column('km')) // => true
   * ```
   */
  sample(
    this: NotUpdating<'sample cannot choose among rows that are corrected later: aggregate in a window'>,
    options: SampleShare | (K extends 'batch' ? SampleRows : never),
  ): Frame<C, K> {
    checkOptions('sample', options, ['fraction', 'rows', 'seed', 'replacement'])
    return frameOf(sample(this.plan, options))
  }

  /**
   * The rows in two parts, `train` and `test`, of which every row is in one. By chance with `test`, the share of the
   * test part: the same seed gives the same parts, and with `by` rows with equal values in that column stand on one
   * side. By time with `at`: `train` has what is before, `test` the rest; a row without a time is in `train`. The time
   * is that of `column`, or the event time that `watermark` named.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ day: '2024-03-31' }, { day: '2024-04-01' }], { schema: { day: 'date' } })
   * const { train, test } = trips.split({ at: '2024-04-01', column: 'day' })
   * const [before, after] = [await train.collect(), await test.collect()]
   * before.length + after.length // => 2
   * after.rows({ times: 'iso' }) // => [ { day: '2024-04-01' } ]
   * ```
   */
  split(
    this: NotUpdating<'split cannot divide rows that are corrected later: aggregate in a window'>,
    options: SplitByChance<keyof C & string> | SplitByTime<keyof C & string>,
  ): { readonly train: Frame<C, K>; readonly test: Frame<C, K> } {
    const { train, test } = splitOf(this.plan, options)
    return { train: frameOf(train), test: frameOf(test) }
  }

  /**
   * Values in the place of nulls: by column, `{ km: 0, city: '?' }`, or one value for all columns that it fits, a
   * number for those of numbers and a text for those of texts. NaN is no null and stays. Fails where a value is not one
   * of its column's type, such as a fraction in a column of whole numbers.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: null, km: 12 }, { city: 'Rome', km: null }])
   * const table = await trips.fillNull({ city: '?', km: 0 }).collect()
   * table.rows() // => [ { city: '?', km: 12 }, { city: 'Rome', km: 0 } ]
   * ```
   */
  fillNull<const V extends Fill>(values: V & Fills<C, V>): FrameOf<FilledBy<C, V>, K> {
    return frameOf(fillNull(this.plan, values))
  }

  /**
   * The rows without a null in the named columns, or in any column; the columns are not nullable afterwards. NaN is no
   * null.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: null, km: 12 }, { city: 'Rome', km: 30 }, { city: 'Oslo', km: null }])
   * const table = await trips.dropNulls('km').collect()
   * table.column('km') // => [ 12, 30 ]
   * table.schema // => { city: 'utf8?', km: 'int64' }
   * ```
   */
  dropNulls<const N extends readonly (keyof C & string)[]>(...names: N): FrameOf<Present<C, N[number]>, K> {
    return frameOf(dropNulls(this.plan, names))
  }

  /**
   * The same columns, some of them under other types, by the rules of a column's `cast`: a null stays one, and a value
   * that does not fit ends the query with an error that names it.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: '12', city: 'Oslo' }]).cast({ km: 'int32' }).collect()
   * table.rows() // => [ { km: 12, city: 'Oslo' } ]
   * ```
   */
  cast<const M extends { readonly [P in keyof C & string]?: BareText }>(types: M): FrameOf<CastTo<C, M>, K> {
    return frameOf(cast(this.plan, types as Readonly<Record<string, string>>))
  }

  /**
   * What is nested, as rows and columns: of a list one row for each item, which stands in the list's place; of a map one
   * row for each entry, with columns `key` and `value`; of a struct its fields as columns. Lists that are named together
   * go side by side and must be of one length. A null or empty list gives no row, or with `keepEmpty` one with null.
   * `position` names a column for the item's index, `prefix` stands before the names of fields, keys and values. Fails
   * where two columns would have one name.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const posts = read.rows([{ id: 1, tags: ['a', 'b'] }, { id: 2, tags: [] }], { schema: { id: 'int32', tags: 'utf8[]' } })
   * const table = await posts.unnest('tags', { keepEmpty: true, position: 'i' }).collect()
   * table.rows() // => [ { id: 1, tags: 'a', i: 0 }, { id: 1, tags: 'b', i: 1 }, { id: 2, tags: null, i: null } ]
   * ```
   */
  unnest<
    const N extends NestedNames<C>,
    const E extends boolean = false,
    const P extends string = never,
    const X extends string = '',
  >(names: N | readonly N[], options: UnnestOptions<E, P, X> = {}): FrameOf<Unnested<C, N, E, P, X>, K> {
    checkOptions('unnest', options, ['keepEmpty', 'position', 'prefix'])
    return frameOf(unnest(this.plan, typeof names === 'string' ? [names] : names, options))
  }

  /**
   * Columns as rows: for each row one row for each named column, with its name in the column `name` and its value,
   * null or not, in the column `value`; other columns are repeated. Numbers of several types meet in the wider one, other
   * types must be equal.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const sales = read.rows([{ city: 'Oslo', jan: 3, feb: null }], { schema: { city: 'utf8', jan: 'int32', feb: 'int32?' } })
   * const table = await sales.unpivot(['jan', 'feb'], { name: 'month', value: 'km' }).collect()
   * table.rows() // => [ { city: 'Oslo', month: 'jan', km: 3 }, { city: 'Oslo', month: 'feb', km: null } ]
   * ```
   */
  unpivot<const N extends keyof C & string, const A extends string = 'name', const V extends string = 'value'>(
    names: readonly N[],
    options: UnpivotOptions<A, V> = {},
  ): FrameOf<Unpivoted<C, N, A, V>, K> {
    checkOptions('unpivot', options, ['name', 'value'])
    return frameOf(unpivot(this.plan, names, options))
  }

  /**
   * Values of a column as columns, over all rows; by keys it is `groupBy(…).pivot(…)`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const sales = read.rows([{ month: 'jan', km: 3 }, { month: 'feb', km: 4 }, { month: 'jan', km: 5 }])
   * const table = await sales.pivot('month', ['jan', 'feb'], t => ({ km: t.km.sum() })).collect()
   * table.rows() // => [ { jan: 8, feb: 4 } ]
   * ```
   */
  pivot<const V extends PivotValue, O extends AggregateExprs>(
    on: keyof C & string,
    values: readonly V[],
    columns: (t: Cols<C>) => O,
  ): FrameOf<Pivoted<{}, V, O>, Running<K>> {
    return frameOf(pivot(this.plan, [], on, values, computed(this.plan, columns, 'pivot')))
  }

  /**
   * How many rows each value or combination of values has, in a column `count`, the most frequent first.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo' }, { city: 'Rome' }, { city: 'Rome' }])
   * const table = await trips.countBy('city').collect()
   * table.rows() // => [ { city: 'Rome', count: 2 }, { city: 'Oslo', count: 1 } ]
   * ```
   */
  countBy<const N extends readonly (keyof C & string)[]>(
    this: OnlyBatch<'countBy needs all rows, and a stream has no end: aggregate in windows instead'>,
    ...names: N
  ): FrameOf<Only<C, N[number]> & { count: 'int64' }, K> {
    return frameOf(countBy(this.plan, keyExprs(this.plan, names)))
  }

  /**
   * A summary, one row a column: its name and type, how many values and nulls, of numbers mean, standard deviation and
   * quartiles, of all that has an order the least and the greatest value as text. All is computed in one pass.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: null, km: 30 }])
   * const table = await trips.describe().select('column', 'count', 'nulls', 'mean', 'min').collect()
   * table.rows()[0] // => { column: 'city', count: 1, nulls: 1, mean: null, min: 'Oslo' }
   * table.rows()[1] // => { column: 'km', count: 2, nulls: 0, mean: 21, min: '12' }
   * ```
   */
  describe(
    this: OnlyBatch<'describe needs all rows, and a stream has no end: aggregate in windows instead'>,
  ): FrameOf<{ column: 'utf8' } & typeof DESCRIBED, K> {
    return frameOf(describe(this.plan))
  }

  /**
   * Pairs of rows whose keys are equal; null equals nothing, and NaN equals itself. A key is a name that both frames have,
   * or a pair of names, `{ left: 'user', right: 'id' }`, and several stand in a list. Each key column appears once, under
   * its left name; another column of the right frame that this one has too takes the suffix. An `int32` meets an `int64`;
   * other keys of two types are refused, as is a name that a frame does not have.
   *
   * A right frame that is a batch is read whole before the first pair. With `within` both may be streams: their event times,
   * right − left, differ by at most that, `'10 minutes'` to either side or from and to, `['0 seconds', '10 minutes']`, both
   * ends included. Pairs are given as they are found, and rows are forgotten once the watermark has passed their last partner.
   * With `window` rows meet whose event times are in one window, which is given when the watermark reaches its end, with its
   * bounds in `windowStart` and `windowEnd`. A row that comes too late for these is counted and joins nothing.
   *
   * Without both, all rows of streams and of updating frames are kept and meet whenever they come: of streams pairs are a
   * stream, else the join corrects what it has given as rows are taken back. Such a join has no event time. It warns of a
   * stream without an end, unless `ttl` says how long after their event time rows are kept.
   *
   * ```ts
   * import { read, tumble } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Bonn', km: 7 }])
   * const cities = read.rows([{ city: 'Oslo', country: 'NO' }])
   * const table = await trips.join(cities, { on: 'city' }).collect()
   * table.rows() // => [ { city: 'Oslo', km: 12, country: 'NO' } ]
   *
   * const orders = read.rows([{ user: 7, total: 30 }])
   * const users = read.rows([{ id: 7, name: 'Ada' }])
   * const named = await orders.join(users, { on: { left: 'user', right: 'id' } }).collect()
   * named.rows() // => [ { user: 7, total: 30, name: 'Ada' } ]
   *
   * const schema = { id: 'int32', at: 'timestamp' } as const
   * const views = read.rows([{ id: 7, at: '2024-01-01T10:00Z' }], { schema }).watermark('at', '1 minute').replay()
   * const clicks = read.rows([{ id: 7, at: '2024-01-01T10:02Z' }, { id: 7, at: '2024-01-01T10:30Z' }], { schema }).watermark('at', '1 minute').replay()
   * const seen = views.join(clicks, { on: 'id', within: ['0 seconds', '5 minutes'] }).select('id')
   * const rows: unknown[] = []
   * for await (const row of seen) rows.push(row)
   * rows // => [ { id: 7 } ]
   * const hourly = views.join(clicks, { on: 'id', window: tumble('1 hour') })
   * Object.keys(hourly.schema) // => [ 'id', 'at', 'at_right', 'windowStart', 'windowEnd' ]
   * ```
   */
  join<
    R extends Columns,
    L extends Kind,
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string>,
    const X extends string = '_right',
    const T extends Within = never,
    W extends TumblingWindow = never,
  >(
    right: Frame<R, L>,
    options: JoinOptions<N, X, T, W> & KeysMatch<C, R, N> & Stays<K, L, T | W>,
  ): FrameOf<InWindow<Joined<C, R, N, X>, W>, JoinKind<'inner', K, L, T | W>> {
    return frameOf(join(this.plan, right.plan, joinOptions('inner', options)))
  }

  /**
   * Like `join`, and rows of this frame without a partner stay, with nulls in the right frame's columns. With `within`
   * or `window` they come once the watermark says that no partner can; else, where the right frame is not a batch, at once,
   * and they are taken back when a partner comes.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Bonn', km: 7 }])
   * const cities = read.rows([{ city: 'Oslo', country: 'NO' }])
   * const table = await trips.leftJoin(cities, { on: 'city' }).collect()
   * table.rows() // => [ { city: 'Bonn', km: 7, country: null } ]
   * ```
   */
  leftJoin<
    R extends Columns,
    L extends Kind,
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string>,
    const X extends string = '_right',
    const T extends Within = never,
    W extends TumblingWindow = never,
  >(
    right: Frame<R, L>,
    options: JoinOptions<N, X, T, W> & KeysMatch<C, R, N> & Stays<K, L, T | W>,
  ): FrameOf<InWindow<LeftJoined<C, R, N, X>, W>, JoinKind<'left', K, L, T | W>> {
    return frameOf(join(this.plan, right.plan, joinOptions('left', options)))
  }

  /**
   * Like `join`, and rows of the right frame without a partner stay, with nulls in this frame's columns
   * but for the keys, which have the right frame's values. Of two batches they come after the pairs; as of `leftJoin`
   * otherwise. With `within` the event time is that of the right frame, else there is none.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Bonn', km: 7 }])
   * const cities = read.rows([{ city: 'Oslo', country: 'NO' }])
   * const table = await trips.rightJoin(cities, { on: 'city' }).collect()
   * table.rows() // => [ { city: 'Oslo', km: null, country: 'NO' } ]
   * ```
   */
  rightJoin<
    R extends Columns,
    L extends Kind,
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string>,
    const X extends string = '_right',
    const T extends Within = never,
    W extends TumblingWindow = never,
  >(
    right: Frame<R, L>,
    options: JoinOptions<N, X, T, W> & KeysMatch<C, R, N> & Stays<K, L, T | W>,
  ): FrameOf<InWindow<RightJoined<C, R, N, X>, W>, JoinKind<'both', K, L, T | W>> {
    return frameOf(join(this.plan, right.plan, joinOptions('right', options)))
  }

  /**
   * Like `join`, and rows of either frame without a partner stay, with nulls in the other frame's columns. A key has the
   * value of the frame that has the row, and there is no event time but with `window`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Bonn', km: 7 }])
   * const cities = read.rows([{ city: 'Oslo', country: 'NO' }])
   * const table = await trips.fullJoin(cities, { on: 'city' }).orderBy('city').collect()
   * table.rows() // => [ { city: 'Bonn', km: 7, country: null }, { city: 'Oslo', km: null, country: 'NO' } ]
   * ```
   */
  fullJoin<
    R extends Columns,
    L extends Kind,
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string>,
    const X extends string = '_right',
    const T extends Within = never,
    W extends TumblingWindow = never,
  >(
    right: Frame<R, L>,
    options: JoinOptions<N, X, T, W> & KeysMatch<C, R, N> & Stays<K, L, T | W>,
  ): FrameOf<InWindow<FullJoined<C, R, N, X>, W>, JoinKind<'both', K, L, T | W>> {
    return frameOf(join(this.plan, right.plan, joinOptions('full', options)))
  }

  /**
   * Each row with the right row whose time is nearest before its own: a trade with the last quote, a reading with the
   * setting that held. Rows without such a partner stay, with nulls in the right frame's columns; of right rows of one
   * time the last that came is taken. Both times stay, so that the answer shows how old the partner is.
   *
   * The times are the event times of the two frames, or the columns of `time`: timestamps, dates, durations, whole numbers
   * or floats, of one type. With `on`, only rows of equal keys meet. `direction` 'forward' takes the first right time from
   * its own on, 'nearest' either, and of two equally near the earlier. `tolerance` is the largest difference. A time that
   * is null or NaN, or a null in a key, meets nothing.
   *
   * The right frame may be a stream: the versions of a table, such as rates, each of which holds from its event time on. Then
   * the times are the event times, the direction is 'backward', and a row is answered once the watermark of both has passed
   * its time. The last version of each key is kept, and those that the watermark has not passed. A row of either frame that
   * comes behind the watermark is counted as late and dropped.
   *
   * Refuses times or keys of two types, a frame without an event time where `time` is not given, a tolerance that does
   * not fit the times, and of streams times and directions other than these.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trades = read.rows([{ share: 'EQNR', second: 7, count: 100 }, { share: 'EQNR', second: 2, count: 50 }])
   * const quotes = read.rows([{ share: 'EQNR', second: 3, price: 310 }, { share: 'EQNR', second: 6, price: 312 }])
   * const table = await trades.asOfJoin(quotes, { on: 'share', time: 'second', tolerance: 5 }).select('second', 'price').collect()
   * table.rows() // => [ { second: 7, price: 312 }, { second: 2, price: null } ]
   *
   * const orders = read.rows([{ at: '2024-01-01T10:05Z', cur: 'NOK' }], { schema: { at: 'timestamp', cur: 'utf8' } })
   * const rates = read.rows([{ at: '2024-01-01T10:00Z', cur: 'NOK', rate: 0.1 }], { schema: { at: 'timestamp', cur: 'utf8', rate: 'float64' } })
   * const live = rates.watermark('at', '1 minute').replay()
   * const priced = orders.watermark('at', '1 minute').replay().asOfJoin(live, { on: 'cur' }).select('cur', 'rate')
   * const rows: unknown[] = []
   * for await (const row of priced) rows.push(row)
   * rows // => [ { cur: 'NOK', rate: 0.1 } ]
   * ```
   */
  asOfJoin<
    R extends Columns,
    L extends 'batch' | 'stream',
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string> = never,
    const X extends string = '_right',
  >(
    this: NotUpdating<'asOfJoin needs rows that stay as they are: aggregate in a window'>,
    right: Frame<R, L>,
    options?: AsOfOptions<C, R, N, X> & KeysMatch<C, R, N>,
  ): FrameOf<LeftJoined<C, R, N, X>, Together<K, L>> {
    return frameOf(asOfJoin(this.plan, right.plan, asOfOptions(options ?? {})))
  }

  /**
   * The rows that have a partner in the right frame, each once and with the columns of this frame alone. A row with a null
   * in its key has none. Where the right frame is not a
   * batch, and neither `within` nor `window` is given, a row is taken back once its last partner is.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Bonn', km: 7 }])
   * const visits = read.rows([{ city: 'Oslo' }, { city: 'Oslo' }])
   * const table = await trips.semiJoin(visits, { on: 'city' }).collect()
   * table.rows() // => [ { city: 'Oslo', km: 12 } ]
   * ```
   */
  semiJoin<
    R extends Columns,
    L extends Kind,
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string>,
    const T extends Within = never,
    W extends TumblingWindow = never,
  >(
    right: Frame<R, L>,
    options: HalfJoinOptions<N, T, W> & KeysMatch<C, R, N> & Stays<K, L, T | W>,
  ): FrameOf<InWindow<C, W>, JoinKind<'left', K, L, T | W>> {
    return frameOf(join(this.plan, right.plan, joinOptions('semi', options)))
  }

  /**
   * The rows that have no partner in the right frame, with the columns of this frame alone. A row with a null in its key
   * has none and stays, as with `NOT EXISTS` of SQL. With `within` or `window` a row is given once
   * the watermark says that no partner can come; else, where the right frame is not a batch, at once, and it is taken back
   * when a partner comes.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: null, km: 7 }])
   * const visits = read.rows([{ city: 'Oslo' }])
   * const table = await trips.antiJoin(visits, { on: 'city' }).collect()
   * table.rows() // => [ { city: null, km: 7 } ]
   * ```
   */
  antiJoin<
    R extends Columns,
    L extends Kind,
    const N extends (keyof C & keyof R & string) | KeyPair<keyof C & string, keyof R & string>,
    const T extends Within = never,
    W extends TumblingWindow = never,
  >(
    right: Frame<R, L>,
    options: HalfJoinOptions<N, T, W> & KeysMatch<C, R, N> & Stays<K, L, T | W>,
  ): FrameOf<InWindow<C, W>, JoinKind<'left', K, L, T | W>> {
    return frameOf(join(this.plan, right.plan, joinOptions('anti', options)))
  }

  /**
   * Each row with each row of the right frame, which is a batch: a thousand rows with a thousand make a million, so
   * filter or aggregate first. A right column that this frame has too takes the suffix. Pairs that meet a condition are
   * those of a `filter` behind it.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const sizes = read.rows([{ size: 'S' }, { size: 'L' }])
   * const table = await sizes.crossJoin(read.rows([{ color: 'red' }, { color: 'blue' }])).filter(t => t.size.eq('L')).collect()
   * table.rows() // => [ { size: 'L', color: 'red' }, { size: 'L', color: 'blue' } ]
   * ```
   */
  crossJoin<R extends Columns, const X extends string = '_right'>(
    this: NotUpdating<'crossJoin needs rows that stay as they are: aggregate in a window'>,
    right: Frame<R, 'batch'>,
    options: CrossOptions<X> = {},
  ): FrameOf<Joined<C, R, never, X>, K> {
    return frameOf(join(this.plan, right.plan, joinOptions('cross', options)))
  }

  /**
   * The rows of both frames, which have the same columns in any order; one is nullable where it is so in either. With
   * `{ missing: 'null' }` a column may be in one of them only, and is null in the rows of the other.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }]).union(read.rows([{ km: 30 }])).orderBy('km').collect()
   * table.column('km') // => [ 12, 30 ]
   * const wide = await read.rows([{ km: 12 }]).union(read.rows([{ city: 'Rome' }]), { missing: 'null' }).collect()
   * wide.rows() // => [ { km: 12, city: null }, { km: null, city: 'Rome' } ]
   * ```
   */
  union<D extends Columns, Q extends Kind, const M extends 'error' | 'null' = 'error'>(
    other: Frame<D, Q> & Unites<C, D, M>,
    options: { readonly missing?: M } = {},
  ): FrameOf<United<C, D>, Together<K, Q>> {
    checkOptions('union', options, ['missing'])
    const { missing = 'error' } = options
    if (missing === 'null') return frameOf(unionWithNulls(this.plan, other.plan))
    if (missing === 'error') return frameOf(plan.union([this.plan, other.plan]))
    throw new PlanError('bad-option', `union: missing is 'null' or 'error', not ${inspect(missing)}`, {
      option: 'missing',
    })
  }

  /**
   * The rows that are in both frames, each once. Null equals null. The frames have the same columns, in any order.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 30 }]).intersect(read.rows([{ km: 30 }, { km: 50 }])).collect()
   * table.rows() // => [ { km: 30 } ]
   * ```
   */
  intersect<D extends Columns>(
    this: OnlyBatch<'intersect needs all rows of two batch frames, and this one is no batch'>,
    other: Frame<D, 'batch'> & Unites<C, D>,
  ): FrameOf<United<C, D>, K> {
    return frameOf(compareRows('intersect', this.plan, other.plan))
  }

  /**
   * The rows that the other frame lacks, each once. Null equals null. The frames have the same columns, in any order.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 30 }]).except(read.rows([{ km: 30 }])).collect()
   * table.rows() // => [ { km: 12 } ]
   * ```
   */
  except<D extends Columns>(
    this: OnlyBatch<'except needs all rows of two batch frames, and this one is no batch'>,
    other: Frame<D, 'batch'> & Unites<C, D>,
  ): FrameOf<United<C, D>, K> {
    return frameOf(compareRows('except', this.plan, other.plan))
  }

  /**
   * Names the event time and how much later than the latest row seen a row may come. A row that is later still is late:
   * windows count it and give it in `.late`.
   *
   * With options, `monotonous: true` says that times never go back, `maxAhead` that a row which leads all before it by more
   * raises the watermark by so much only, so that one wrong time in the future does not close all windows; `custom` makes the
   * watermark itself, from the times in microseconds and in the order of the rows. With `idle` an input that gives no rows for
   * so long holds back a union or join no longer; inputs with `align` are read side by side. Fails when a row's time is null.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * const rows = read.rows([{ at: '2024-01-01' }], { schema: { at: 'timestamp' } })
   * rows.watermark('at', '5 seconds').plan.time?.column // => 'at'
   *
   * const believed = rows.watermark('at', { bound: '5 seconds', maxAhead: '1 hour' }).replay()
   * const hourOnHour = () => {
   *   let last = -Infinity
   *   return { onRow: (micros: number) => { last = Math.max(last, micros) }, watermark: () => Math.floor(last / 3600e6) * 3600e6 }
   * }
   * const full = rows.watermark('at', { custom: hourOnHour }).replay()
   * const query = believed.write(to.memory()).and(full.write(to.memory())).start()
   * const end = await query.done
   * end.clampedRows // => 0
   * ```
   */
  watermark(
    this: NotUpdating<'a watermark needs rows that stay: name the event time before the aggregate'>,
    column: NamesOr<
      C,
      TimestampText,
      'watermark needs a timestamp column, and there is none: derive one by .cast("timestamp")'
    >,
    bound: Duration | WatermarkOptions,
  ): Frame<C, K> {
    return frameOf(plan.watermark(this.plan, column, bound))
  }

  /**
   * History as a stream: the rows in the order of their event time, at a speed or as fast as possible, with seeded
   * disorder. The stream ends with the history. Needs `watermark` first.
   *
   * The rows are sorted first, so all of them, with the columns that the plan needs, are in memory until the replay has
   * ended: filter and select before it. Two plots or sinks of one replay share it when they are one job, `a.and(b)`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const history = read.rows([{ at: '2024-01-02' }, { at: '2024-01-01' }], { schema: { at: 'timestamp' } })
   * const days = []
   * for await (const row of history.watermark('at', '0 seconds').replay()) days.push(row.at.getUTCDate())
   * days // => [ 1, 2 ]
   * ```
   */
  replay(
    this: OnlyBatch<'replay turns history into a stream, and this frame is no history'>,
    options: ReplayOptions = {},
  ): Frame<C, 'stream'> {
    checkOptions('replay', options, ['speed', 'disorder', 'seed'])
    return frameOf(plan.replay(this.plan, options))
  }

  /**
   * The table of the latest row of each key: over a stream an updating frame, in which a row takes the place of the one
   * before it; over a batch the rows that came last. A row that equals the one that is kept changes nothing. `deleted` is
   * true of a row that says that its key has gone. With `orderBy`, a time or a number, a row before the latest one of its
   * key changes nothing and is counted as late; a null or NaN there fails. The first row of each key is `distinct('id')`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const log = read.rows([{ id: 1, km: 12, gone: false }, { id: 2, km: 7, gone: false }, { id: 1, km: 30, gone: false }, { id: 2, km: 7, gone: true }])
   * const table = await log.upsert('id', { deleted: t => t.gone }).select('id', 'km').collect()
   * table.rows() // => [ { id: 1, km: 30 } ]
   * ```
   */
  upsert(
    this: NotUpdating<'upsert keeps the latest of rows that stay, and these are corrected later'>,
    key: (keyof C & string) | readonly (keyof C & string)[],
    options: UpsertOptions<C> = {},
  ): K extends 'batch' ? Frame<C, 'batch'> : Frame<C, 'updating'> {
    checkOptions('upsert', options, ['deleted', 'orderBy'])
    const columns = columnsOf<C>(this.plan.schema, 'upsert')
    const { deleted, orderBy } = options
    const names = typeof key === 'string' ? [key] : key
    return frameOf(
      upsert(this.plan, names, {
        deleted: deleted === undefined ? undefined : conditionOf('upsert: deleted', () => deleted(columns)),
        orderBy:
          typeof orderBy === 'function' ? nodeOf(orderBy(columns)) : orderBy && { kind: 'column', name: orderBy },
      }),
    )
  }

  /**
   * The changes of a table as rows that stay, with the kind of each in the first column, `rowKind` unless named: '+I' for
   * a new row, '-U' for a row before it is corrected and '+U' after, '-D' for one that goes. Rows that are never corrected
   * are all '+I'. Changes of an updating frame have no event time. Fails where there is a column of that name.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * const clicks = read.rows([{ page: 'a', at: '2024-01-01' }, { page: 'a', at: '2024-01-02' }], { schema: { page: 'utf8', at: 'timestamp' } })
   * const counts = clicks.watermark('at', '0 seconds').replay().groupBy('page').aggregate(() => ({ clicks: count() }))
   * counts.kind // => 'updating'
   * counts.changes().kind // => 'stream'
   * Object.keys(counts.changes('op').schema) // => [ 'op', 'page', 'clicks' ]
   * ```
   */
  changes<const N extends string = 'rowKind'>(
    name: N = 'rowKind' as N,
  ): FrameOf<With<C, { [P in N]: 'utf8' }>, Staying<K>> {
    return frameOf(changes(this.plan, name))
  }

  /**
   * The table whose changes the rows are: `kind` names the column that says what each row does, '+I', '-U', '+U' or '-D',
   * as `changes` has it; the column goes. Any other kind, or a null, fails with the row. A row that is taken back must have
   * come before with the same values.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const log = read.rows([{ op: '+I', id: 1, km: 12 }, { op: '-U', id: 1, km: 12 }, { op: '+U', id: 1, km: 30 }])
   * const table = await log.fromChanges({ kind: 'op' }).final().collect()
   * table.rows() // => [ { id: 1, km: 30 } ]
   * ```
   */
  fromChanges<const N extends NamesOf<C, 'utf8' | 'utf8?'>>(
    this: NotUpdating<'fromChanges reads rows that stay, each with its kind in a column'>,
    options: { readonly kind: N },
  ): FrameOf<Without<C, N>, 'updating'> {
    checkOptions('fromChanges', options, ['kind'])
    return frameOf(fromChanges(this.plan, options.kind))
  }

  /**
   * What is left at the end of the rows, when all corrections have been made, as a batch: of a stream all its rows. Equal
   * rows are held once, with a count; nothing is given before the end. Fails when the plan is built where the rows do not
   * end, and at the end where a row was taken back that never came.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * const clicks = read.rows([{ page: 'a', at: '2024-01-01' }, { page: 'a', at: '2024-01-02' }], { schema: { page: 'utf8', at: 'timestamp' } })
   * const counts = clicks.watermark('at', '0 seconds').replay().groupBy('page').aggregate(() => ({ clicks: count() }))
   * const table = await counts.final().collect()
   * table.rows() // => [ { page: 'a', clicks: 2 } ]
   * ```
   */
  final(): Frame<C, 'batch'> {
    return frameOf(final(this.plan))
  }

  /**
   * A function of yours from the columns of some rows to new columns. `schema` declares what it gives; each column comes
   * as an array of JavaScript values and goes back as one. How rows are cut into batches is not defined, so the result
   * must not depend on it. What the function throws, or a value that its column does not hold, fails the query.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const words = read.rows([{ text: 'to be or not' }])
   * const table = await words.mapBatches({ word: 'utf8' }, t => ({ word: t.text.flatMap(text => text.split(' ')) })).collect()
   * table.column('word') // => [ 'to', 'be', 'or', 'not' ]
   * ```
   */
  mapBatches<const O extends Columns>(
    this: NotUpdating<'mapBatches needs rows that stay: aggregate in a window'>,
    schema: O,
    compute: (columns: ColumnArrays<C>) => ComputedArrays<O>,
  ): FrameOf<{ -readonly [N in keyof O]: O[N] }, K> {
    const out = Schema.of(schema)
    const name = compute.name === '' ? 'function' : compute.name
    return frameOf(plan.mapBatches(this.plan, name, out, mapper<C, O>(name, out, compute)))
  }

  /**
   * Each row as an asynchronous function of yours makes of it: a row of the declared columns, a list of rows, or null for
   * none. Calls are made at once up to `concurrency`; answers come in the order of the rows, or with `ordered: false` as
   * they are there, but never past a watermark. No more rows are read while some wait to be asked about. An attempt that
   * fails, or takes longer than `timeout`, is made again `retry` times; then the query fails with an error that names the
   * row and the attempt, or with `onError: 'null'` the answer is null. After a restart from a snapshot rows without an
   * answer are asked again, so that the function may see a row twice.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const pages = read.rows([{ url: 'a' }, { url: 'bb' }])
   * const sizes = pages.mapAsync({ url: 'utf8', size: 'int32' }, async ({ url }) => ({ url, size: url.length }), { concurrency: 4 })
   * const table = await sizes.collect()
   * table.column('size') // => [ 1, 2 ]
   * ```
   */
  mapAsync<const O extends Columns>(
    this: NotUpdating<'mapAsync needs rows that stay: aggregate in a window'>,
    schema: O,
    fn: (row: RowOf<C>) => Answer<O>,
    options: AsyncOptions = {},
  ): FrameOf<{ -readonly [N in keyof O]: O[N] }, K> {
    const name = nameOf(fn, 'mapAsync')
    return frameOf(mapAsync(this.plan, Schema.of(schema), name, row => fn(row as RowOf<C>), asyncOptions(options)))
  }

  /**
   * Each row with what an asynchronous function of yours knows of its key: a service, a database, a store of features.
   * `schema` declares the columns of its answers, a row, a list of rows, or null; a row without an answer, or with a null in its key, stays
   * with nulls. What the function is asked is an object of the key columns. `cache` keeps answers, null among them, so that
   * a key is asked about once, also by rows that come before its answer. The other options are those of `mapAsync`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const names = new Map([[7, 'Ada']])
   * const orders = read.rows([{ user: 7, total: 30 }, { user: 8, total: 5 }, { user: 7, total: 2 }])
   * const named = orders.lookupJoin({ name: 'utf8' }, async ({ user }) => (names.has(user) ? { name: names.get(user)! } : null), { on: 'user', cache: { size: 1000, ttl: '1 hour' }, retry: 2, timeout: '5 seconds' })
   * const table = await named.collect()
   * table.column('name') // => [ 'Ada', null, 'Ada' ]
   * ```
   */
  lookupJoin<const O extends Columns, const N extends keyof C & string, const X extends string = '_right'>(
    this: NotUpdating<'lookupJoin needs rows that stay: aggregate in a window'>,
    schema: O,
    fn: (key: KeyOfRow<C, N>) => Answer<O>,
    options: LookupOptions<N, X>,
  ): FrameOf<LeftJoined<C, { -readonly [P in keyof O]: O[P] }, never, X>, K> {
    const name = nameOf(fn, 'lookupJoin')
    const ask = (key: Record<string, unknown>): unknown => fn(key as KeyOfRow<C, N>)
    return frameOf(lookupJoin(this.plan, Schema.of(schema), name, ask, lookupOptions(options)))
  }

  /**
   * Adds a fitted model's columns: `prediction`, for a classifier `probability`, and `modelVersion`. `{ as: 'frozen' }`
   * names them `frozen`, `frozenProbability` and `frozenModelVersion`.
   *
   * ```ts
   * import { read } from 'millrace'
   * import { KMeans } from 'millrace/ml'
   *
   * const points = read.rows([{ x: 0 }, { x: 1 }, { x: 10 }, { x: 11 }])
   * const model = await new KMeans({ k: 2, seed: 1 }).fit(points, { features: ['x'] })
   * const table = await points.predict(model, { as: 'cluster' }).collect()
   * new Set(table.column('cluster').slice(0, 2)).size // => 1
   * ```
   */
  predict<In extends Columns, Out extends Columns, const A extends string = 'prediction'>(
    model: PredictorOf<In, Out> & Fits<C, In>,
    options: { readonly as?: A } = {},
  ): FrameOf<With<C, NamedAs<Out, A>>, K> {
    checkOptions('predict', options, ['as'])
    return frameOf(plan.predict(this.plan, model, options.as))
  }

  /**
   * Names the last step, so that its state is found again when a plan changes around it.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * read.rows([{ km: 12 }]).aggregate(t => ({ trips: count() })).named('totals').plan.uid // => 'totals'
   * ```
   */
  named(name: string): this {
    return frameOf(plan.withUid(this.plan, name))
  }

  /**
   * The plan as an indented tree: for each step its kind, event time and columns. With an engine it also says of each
   * step whether that engine runs it, or why it refuses.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * read.rows([{ km: 12 }]).limit(3).explain().split('\n')[0] // => 'limit 3'
   * ```
   */
  explain(options: ExplainOptions = {}): string {
    checkOptions('explain', options, ['engine'])
    return explain(this.plan, options.engine)
  }

  /**
   * What `explain` gives; of a table its rows.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * String(read.rows([{ km: 12 }]).limit(3)).split('\n')[0] // => 'limit 3'
   * ```
   */
  toString(): string {
    return this.explain()
  }

  /**
   * Reads all rows into a table in memory. In a notebook, interrupting the cell ends it.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: 30 }]).collect()
   * table.length // => 2
   * ```
   */
  async collect(
    this: OnlyBatch<'collect needs the end of the rows: on a stream use for await, or write(…).start()'>,
    options: ReadOptions = {},
  ): Promise<Table<C>> {
    checkOptions('collect', options, ['signal', 'engine'])
    if (this.plan.frameKind !== 'batch') {
      const text = `collect needs the end of the rows, but this frame is ${this.plan.frameKind === 'stream' ? 'a stream' : 'updating'}. Use for await, or write(…).start().`
      throw new PlanError('not-batch', text)
    }
    const batches: Batch[] = []
    for await (const batch of readBatches(this.plan, options)) batches.push(batch)
    const { Table } = await import('./table.ts')
    return new Table<C>(this.plan.schema, batches)
  }

  /**
   * The rows as they come, in batches of columns: the fast way to all rows. Ending the loop ends the reading.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * let rows = 0
   * for await (const batch of read.rows([{ km: 12 }, { km: 30 }]).batches()) rows += batch.length
   * rows // => 2
   * ```
   */
  batches(options: ReadOptions = {}): AsyncIterable<Batch> {
    checkOptions('batches', options, ['signal', 'engine'])
    return readBatches(this.plan, options)
  }

  /**
   * The rows as they come, as objects. Of an updating frame these are its new and its corrected rows; which ones they
   * replace, and which are taken back, is in the row kinds of `batches()`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const seen = []
   * for await (const row of read.rows([{ km: 12 }, { km: 30 }])) seen.push(row.km)
   * seen // => [ 12, 30 ]
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<RowOf<C>, void, undefined> {
    for await (const batch of readBatches(this.plan, {})) for (const row of rowObjects<C>(batch)) yield row
  }

  /**
   * Where the rows shall go: `to.parquet('daily.parquet')`. Nothing runs until the output is started. A sink that only
   * appends refuses an updating frame.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * const memory = to.memory()
   * await read.rows([{ km: 12 }]).write(memory).run()
   * memory.rows() // => [ { km: 12 } ]
   * ```
   */
  write<A extends Sink['accepts']>(
    this: Writable<A, 'this sink only appends, and the frame corrects rows it has given: aggregate in a window'>,
    sink: Sink & { readonly accepts: A } & Holding<C>,
  ): Output {
    return outputTo(this.plan, sink)
  }

  static {
    meetNotebook(this.prototype, {
      // of a batch the first rows, of a stream its plan
      async display() {
        if (this.plan.frameKind !== 'batch') return { 'text/plain': this.explain() }
        const { previewOf } = await import('./table.ts')
        return previewOf(this.plan)
      },
      // from the columns that it turned out to have
      type() {
        return `import('millrace').Frame<${this.plan.schema.toString()}, '${this.plan.frameKind}'>`
      },
      inspect() {
        return this.explain()
      },
    })
  }
}

/** A frame read from a source, with the rows that the source refused beside it. */
export class SourceFrame<in out C extends Columns, out K extends Kind> extends Frame<C, K> {
  /**
   * The rows that were refused with `onError: 'collect'`: where each stood, what was found, and why.
   *
   * ```ts
   * import { writeFileSync } from 'node:fs'
   * import { read } from 'millrace'
   *
   * writeFileSync('trips.csv', 'city,km\nOslo,12\nRome,far\n')
   * const trips = read.csv('trips.csv', { schema: { city: 'utf8', km: 'int32' }, onError: 'collect' })
   * const refused = await trips.rejected.select('line', 'column', 'value').collect()
   * refused.rows() // => [ { line: 3, column: 'km', value: 'far' } ]
   * ```
   */
  get rejected(): Frame<RejectedColumns, K> {
    return frameOf(plan.rejected(this.plan as Read))
  }

  static {
    meetNotebook(this.prototype, {
      type() {
        return `import('millrace').SourceFrame<${this.plan.schema.toString()}, '${this.plan.frameKind}'>`
      },
    })
  }
}

/** The columns of `rejected`. */
export type RejectedColumns = {
  readonly source: 'utf8'
  readonly line: 'int64?'
  readonly column: 'utf8?'
  readonly value: 'utf8?'
  readonly reason: 'utf8'
  readonly row: 'utf8?'
}

/**
 * Windowed aggregates: keys, `windowStart`, `windowEnd`, aggregates; their event time is the end of the window. Also what
 * `over` gives of a stream.
 */
export class WindowedFrame<in out C extends Columns, out K extends Kind, in out L extends Columns> extends Frame<C, K> {
  /**
   * The rows that came after their window had closed and its allowed lateness was over, or for `over` behind the
   * watermark, with the columns of the frame before it.
   *
   * ```ts
   * import { count, read, tumble } from 'millrace'
   *
   * const clicks = read.rows([{ at: '2024-01-01T05:00Z' }, { at: '2024-01-01T00:10Z' }], { schema: { at: 'timestamp' } })
   * const hourly = clicks.watermark('at', '5 minutes').window(tumble('1 hour')).aggregate(t => ({ clicks: count() }))
   * hourly.late.schema // => { at: 'timestamp' }
   * ```
   */
  get late(): Frame<L, K extends 'updating' ? 'stream' : K> {
    return frameOf(plan.late(this.plan as WindowAggregate | WindowTop | Over))
  }

  static {
    meetNotebook(this.prototype, {
      type() {
        const { schema, frameKind, input } = this.plan as WindowAggregate | WindowTop | Over
        return `import('millrace').WindowedFrame<${schema.toString()}, '${frameKind}', ${input.schema.toString()}>`
      },
    })
  }
}

/** What `process` gives: the rows of `emit`, and beside them those of its side outputs. */
export class ProcessFrame<in out C extends Columns, out K extends Kind, in out D extends Sides> extends Frame<C, K> {
  /**
   * The side outputs by name, frames of their own. Outputs of one job share the process: `a.and(b)`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const payments = read.rows([{ card: 'a', amount: 5 }, { card: 'b', amount: 700 }])
   * const checked = payments.groupBy('card').process({
   *   output: { card: 'utf8' },
   *   side: { big: { card: 'utf8', amount: 'float64' } },
   *   onRow: (row, ctx) => (row.amount > 100 ? ctx.side.big.emit(row) : ctx.emit({ card: row.card })),
   * })
   * const big = await checked.side.big.collect()
   * big.rows() // => [ { card: 'b', amount: 700 } ]
   * ```
   */
  get side(): { readonly [N in keyof D]: Frame<D[N], K> } {
    const node = this.plan as Process
    const sides: Record<string, unknown> = {}
    for (const [i, { name }] of node.sides.entries()) sides[name] = frameOf(processSide(node, i))
    return sides as { [N in keyof D]: Frame<D[N], K> }
  }

  static {
    meetNotebook(this.prototype, {
      type() {
        const { schema, frameKind, sides } = this.plan as Process
        const named = sides.map(side => `${JSON.stringify(side.name)}: ${side.schema.toString()}`).join('; ')
        return `import('millrace').ProcessFrame<${schema.toString()}, '${frameKind}', { ${named} }>`
      },
    })
  }
}

/** Rows in groups; made by `groupBy`. */
export class Grouped<in out C extends Columns, out K extends Kind, in out G> {
  /** The plan of the frame that is grouped. */
  readonly plan: Node
  /** The keys by name. */
  readonly keys: readonly plan.NamedExpr[]

  /** Made by `groupBy`. */
  constructor(input: Node, keys: readonly plan.NamedExpr[]) {
    plan.checkKeys(input, keys)
    this.plan = input
    this.keys = keys
  }

  /** The kind of the frame that is grouped. */
  get kind(): K {
    return this.plan.frameKind as K
  }

  /**
   * One row for each group: the keys, then the aggregates. Over a stream the answers keep changing, and the frame is
   * 'updating'.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Oslo', km: 30 }])
   * const table = await trips.groupBy('city').aggregate(t => ({ longest: t.km.max() })).collect()
   * table.rows() // => [ { city: 'Oslo', longest: 30 } ]
   * ```
   */
  aggregate<O extends AggregateExprs>(
    columns: (t: Cols<C>) => O & NoClash<O, G, 'a group key'>,
  ): FrameOf<Grouping<G, O>, Running<K>> {
    return frameOf(plan.aggregate(this.plan, this.keys, computed(this.plan, columns, 'aggregate')))
  }

  /**
   * The first `count` rows of each group by an order; the groups come in the order of their first rows. Of rows that the
   * order does not tell apart the first to come are taken; nulls come last. Over a stream the first rows change, and the
   * frame is 'updating'.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 7 }, { city: 'Oslo', km: 30 }])
   * const table = await trips.groupBy('city').top(1, t => t.km.desc()).collect()
   * table.rows() // => [ { city: 'Oslo', km: 30 }, { city: 'Rome', km: 7 } ]
   * ```
   */
  top(
    count: number,
    ...by: ((keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>))[]
  ): K extends 'batch' ? Frame<C, 'batch'> : Frame<C, 'updating'> {
    return frameOf(top(this.plan, this.keys, count, sortExprs(this.plan, by, 'top')))
  }

  /**
   * Adds columns that depend on the other rows of the group; all rows and columns stay, in the order they came. What
   * `over` of a frame does over all rows, this does within each group; null keys are one group.
   *
   * ```ts
   * import { rank, read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 30 }, { city: 'Rome', km: 50 }, { city: 'Oslo', km: 12 }])
   * const table = await trips.groupBy('city').over(t => ({ place: rank(), before: t.km.lag() }), { orderBy: 'km' }).collect()
   * table.rows()[0] // => { city: 'Oslo', km: 30, place: 2, before: 12 }
   * ```
   */
  over<O extends OverExprs>(
    this: NotUpdatingGroups<'over needs rows that stay: aggregate in a window'>,
    columns: (t: Cols<C, Placed>) => O,
    options: OverOptions<(keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>)> = {},
  ): Overed<C, K, O> {
    return frameOf(overOf(this.plan, this.keys, columns, options))
  }

  /**
   * Puts the last value that is not null before each null of the group in its place, in the order of arrival or in the
   * one that `{ orderBy }` gives. Nulls before the group's first value stay.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ card: 1, km: 12 }, { card: 2, km: null }, { card: 1, km: null }])
   * const table = await trips.groupBy('card').fillForward('km').collect()
   * table.column('km') // => [ 12, null, 12 ]
   * ```
   */
  fillForward(
    this: OnlyBatchGroups<'fillForward needs all rows, and a stream has no order and no end'>,
    ...columns: Filled<keyof C & string, (keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>)>
  ): Frame<C, K> {
    return frameOf(filled(this.plan, this.keys, 'forward', columns))
  }

  /**
   * Puts the first value that is not null after each null of the group in its place, in the order of arrival or in the
   * one that `{ orderBy }` gives. Nulls after the group's last value stay.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ card: 1, km: null }, { card: 2, km: null }, { card: 1, km: 12 }])
   * const table = await trips.groupBy('card').fillBackward('km', { orderBy: 'card' }).collect()
   * table.column('km') // => [ 12, null, 12 ]
   * ```
   */
  fillBackward(
    this: OnlyBatchGroups<'fillBackward needs all rows, and a stream has no order and no end'>,
    ...columns: Filled<keyof C & string, (keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>)>
  ): Frame<C, K> {
    return frameOf(filled(this.plan, this.keys, 'backward', columns))
  }

  /**
   * Values of a column as columns: one row for each group, and for each listed value a column of the aggregate over the
   * rows that have it. Of one aggregate the columns have the names of the values, of several `value_name`. Rows with
   * other values count for no column, and a group without a value has null there, or a count of 0. A plan knows its
   * columns before it runs, so the values are given; `select(…).distinct()` finds them.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * const sales = read.rows([{ city: 'Oslo', month: 'jan', km: 3 }, { city: 'Oslo', month: 'feb', km: 4 }, { city: 'Rome', month: 'jan', km: 5 }])
   * const table = await sales.groupBy('city').pivot('month', ['jan', 'feb'], t => ({ km: t.km.sum() })).collect()
   * table.rows() // => [ { city: 'Oslo', jan: 3, feb: 4 }, { city: 'Rome', jan: 5, feb: null } ]
   * const both = sales.groupBy('city').pivot('month', ['jan'], t => ({ km: t.km.sum(), n: count() }))
   * Object.keys(both.schema) // => [ 'city', 'jan_km', 'jan_n' ]
   * ```
   */
  pivot<const V extends PivotValue, O extends AggregateExprs>(
    on: keyof C & string,
    values: readonly V[],
    columns: (t: Cols<C>) => O,
  ): FrameOf<Pivoted<G, V, O>, Running<K>> {
    return frameOf(pivot(this.plan, this.keys, on, values, computed(this.plan, columns, 'pivot')))
  }

  /**
   * Several groupings at once, each by some of the keys: `aggregate` follows. Keys that a grouping leaves out are null
   * in its rows. `level` names a column that tells the groupings apart: a number with a bit for each key, the last
   * key's being 1, which is set where the key is left out.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', year: 1, km: 12 }, { city: 'Rome', year: 1, km: 30 }])
   * const table = await trips.groupBy('city', 'year').sets([['year'], []], { level: 'out' }).aggregate(t => ({ km: t.km.sum() })).collect()
   * table.rows() // => [ { city: null, year: 1, out: 2, km: 42 }, { city: null, year: null, out: 3, km: 42 } ]
   * ```
   */
  sets<const L extends string = never>(
    sets: readonly (readonly (keyof G & string)[])[],
    options: SetsOptions<L> = {},
  ): GroupingSets<C, K, G, L> {
    return new GroupingSets(this.plan, this.keys, sets, options)
  }

  /**
   * Groups by all keys, by all but the last, and so on to one of all rows: totals and the totals of totals.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 }])
   * const table = await trips.groupBy('city').rollup().aggregate(t => ({ km: t.km.sum() })).orderBy('km').collect()
   * table.rows() // => [ { city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 }, { city: null, km: 42 } ]
   * ```
   */
  rollup<const L extends string = never>(options: SetsOptions<L> = {}): GroupingSets<C, K, G, L> {
    return new GroupingSets(this.plan, this.keys, rollup(this.keys.map(key => key.name)), options)
  }

  /**
   * Groups by every choice of the keys, from all of them to none.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo', year: 1, km: 12 }, { city: 'Rome', year: 1, km: 30 }])
   * const table = await trips.groupBy('city', 'year').cube().aggregate(t => ({ km: t.km.sum() })).collect()
   * table.length // => 6
   * ```
   */
  cube<const L extends string = never>(options: SetsOptions<L> = {}): GroupingSets<C, K, G, L> {
    return new GroupingSets(this.plan, this.keys, cube(this.keys.map(key => key.name)), options)
  }

  /**
   * Puts the rows of each group into windows of event time, {@link tumble}, {@link hop}, {@link cumulate} or
   * {@link session}; `aggregate` follows.
   *
   * ```ts
   * import { count, read, tumble } from 'millrace'
   *
   * const clicks = read.rows([{ page: 'a', at: '2024-01-01T00:10Z' }], { schema: { page: 'utf8', at: 'timestamp' } })
   * const hourly = clicks.watermark('at', '5 minutes').groupBy('page').window(tumble('1 hour')).aggregate(t => ({ clicks: count() }))
   * Object.keys(hourly.schema) // => [ 'page', 'windowStart', 'windowEnd', 'clicks' ]
   * ```
   */
  window<W extends AnyWindow, const O extends WindowOptions = {}>(
    this: NotUpdatingGroups<'a window needs rows that stay: aggregate after the window, not before it'>,
    window: W,
    options?: O,
  ): Windowed<C, Fired<K, W, O>, G, BoundsOf<W>> {
    return new Windowed(this.plan, this.keys, window, options)
  }

  /**
   * Your own functions of each row and timer, with state by key: `onRow` sees the rows in the order they come, reads and
   * writes what `state` declares for the key of the row, sets timers, and gives rows of `output` by `ctx.emit`. Before a
   * row is handled, `onTimer` is called for the timers that its time makes due. A key whose state is empty and that has no
   * timer is forgotten.
   *
   * ```ts
   * import { read, state } from 'millrace'
   *
   * const clicks = read.rows(
   *   [{ user: 'a', at: '2024-01-01T00:00Z' }, { user: 'a', at: '2024-01-01T00:01Z' }, { user: 'a', at: '2024-01-01T01:00Z' }],
   *   { schema: { user: 'utf8', at: 'timestamp' } },
   * )
   * const visits = clicks.watermark('at', '0 seconds').replay().groupBy('user').process({
   *   state: { clicks: state.value('int32', 0), until: state.value('timestamp') },
   *   output: { user: 'utf8', clicks: 'int32' },
   *   onRow(row, { state, timers, time }) {
   *     const until = state.until.get()
   *     if (until !== null) timers.delete(until) // the visit goes on
   *     state.until.set(new Date(time.getTime() + 30 * 60_000))
   *     timers.at(state.until.get()!)
   *     state.clicks.set(state.clicks.get() + 1)
   *   },
   *   onTimer(time, { key, state, emit }) {
   *     emit({ user: key.user, clicks: state.clicks.get() })
   *     state.clicks.clear()
   *     state.until.clear()
   *   },
   * })
   * const seen = []
   * for await (const visit of visits) seen.push(visit.clicks)
   * seen // => [ 2, 1 ]
   * ```
   */
  process<
    const O extends Columns,
    const S extends States = {},
    const D extends Sides = {},
    const B extends Broadcasts = {},
  >(
    this: NotUpdatingGroups<'process needs rows that stay: aggregate in a window before it'>,
    spec: ProcessSpec<C, G, S, O, D, B>,
  ): Solid<{ -readonly [N in keyof O]: O[N] }> extends infer R extends Columns
    ? ProcessFrame<R, K, { -readonly [N in keyof D]: Mutable<D[N]> }>
    : never {
    return frameOf(process(this.plan, this.keys, processOptions(spec)))
  }
}

/** Rows in windows, and in groups if there are keys; made by `window`. */
export class Windowed<in out C extends Columns, out K extends Kind, in out G, in out B> {
  readonly #input: Node
  readonly #keys: readonly plan.NamedExpr[]
  readonly #window: Window
  readonly #firing: Firing

  /** Made by `window`. */
  constructor(input: Node, keys: readonly plan.NamedExpr[], window: AnyWindow, options: WindowOptions = {}) {
    checkOptions('window', options, ['offset', 'timeZone', 'allowedLateness', 'early', 'purge'])
    this.#input = input
    this.#keys = keys
    this.#window = windowOf(window, options)
    this.#firing = firingOf(options, this.#window)
    checkWindow(input, this.#window)
  }

  /**
   * One row for each group and window that has rows: keys, `windowStart` and `windowEnd` of windows of event time,
   * aggregates.
   *
   * ```ts
   * import { count, read, tumble } from 'millrace'
   *
   * const clicks = read.rows([{ at: '2024-01-01T00:10Z' }, { at: '2024-01-01T00:50Z' }], { schema: { at: 'timestamp' } })
   * const hourly = clicks.watermark('at', '5 minutes').window(tumble('1 hour')).aggregate(t => ({ clicks: count() }))
   * const table = await hourly.collect()
   * table.column('clicks') // => [ 2 ]
   * ```
   */
  aggregate<O extends AggregateExprs>(
    columns: (t: Cols<C>) => O & NoClash<O, G & B, 'a group key or window bound'>,
  ): Solid<Grouping<G & B, O>> extends infer R extends Columns ? WindowedFrame<R, K, C> : never {
    const items = computed(this.#input, columns, 'aggregate')
    return frameOf(windowAggregate(this.#input, this.#keys, this.#window, items, this.#firing))
  }

  /**
   * The first `count` rows of each group and window by an order: `windowStart` and `windowEnd` of windows of event time, then
   * the columns of the rows, in order. Of rows that the order does not tell apart the first to come are taken; nulls come
   * last.
   *
   * ```ts
   * import { read, tumble } from 'millrace'
   *
   * const bids = read.rows(
   *   [{ at: '2024-01-01T00:10Z', euros: 3 }, { at: '2024-01-01T00:20Z', euros: 8 }, { at: '2024-01-01T01:00Z', euros: 5 }],
   *   { schema: { at: 'timestamp', euros: 'int32' } },
   * )
   * const best = await bids.watermark('at', '5 minutes').window(tumble('1 hour')).top(1, t => t.euros.desc()).collect()
   * best.column('euros') // => [ 8, 5 ]
   * ```
   */
  top(
    count: number,
    ...by: ((keyof C & string) | ((t: Cols<C>) => Order | Expr<ColumnType, 'row'>))[]
  ): Solid<Flat<B & C>> extends infer R extends Columns ? WindowedFrame<R, K, C> : never {
    const order = sortExprs(this.#input, by, 'top')
    return frameOf(windowTop(this.#input, this.#keys, this.#window, count, order, this.#firing))
  }
}

/** What several groupings may be told. */
export interface SetsOptions<L extends string = string> {
  /** The name of a column with a bit for each key, set where the key is left out. */
  readonly level?: L
}

/** Rows in several groupings; made by `sets`, `rollup` and `cube`. */
export class GroupingSets<in out C extends Columns, out K extends Kind, in out G, in out L extends string> {
  readonly #input: Node
  readonly #keys: readonly plan.NamedExpr[]
  readonly #sets: readonly (readonly string[])[]
  readonly #level: string | null

  /** Made by `sets`, `rollup` and `cube`. */
  constructor(
    input: Node,
    keys: readonly plan.NamedExpr[],
    sets: readonly (readonly string[])[],
    options: SetsOptions = {},
  ) {
    checkOptions('sets', options, ['level'])
    this.#input = input
    this.#keys = keys
    this.#sets = sets
    this.#level = options.level ?? null
  }

  /**
   * One row for each group of each grouping: the keys, null where they are left out, then the aggregates. The rows are
   * read once for all groupings.
   *
   * ```ts
   * import { count, read } from 'millrace'
   *
   * const trips = read.rows([{ city: 'Oslo' }, { city: 'Rome' }])
   * const table = await trips.groupBy('city').rollup().aggregate(t => ({ trips: count() })).collect()
   * table.column('trips') // => [ 1, 1, 2 ]
   * ```
   */
  aggregate<O extends AggregateExprs>(
    columns: (t: Cols<C>) => O & NoClash<O, G, 'a group key'>,
  ): FrameOf<GroupingSet<G, L, O>, Running<K>> {
    const items = computed(this.#input, columns, 'aggregate')
    return frameOf(groupingSets(this.#input, this.#keys, this.#sets, this.#level, items))
  }
}

/** The frame of a plan. What type it has is known to the caller, from the verb or the declared schema. */
export function frameOf<F>(node: Node): F {
  switch (node.kind) {
    case 'read':
      return new SourceFrame(node) as F
    case 'window-aggregate':
    case 'window-top':
      return new WindowedFrame(node) as F
    case 'over':
      return (node.frameKind === 'batch' ? new Frame(node) : new WindowedFrame(node)) as F
    case 'process':
      return new ProcessFrame(node) as F
    default:
      return new Frame(node) as F
  }
}

/** Calls a user's function of columns and checks the form of what it gives. */
function computed(input: Node, columns: (t: never) => unknown, verb: string): readonly plan.NamedExpr[] {
  const given: unknown = columns(columnsOf(input.schema, verb) as never)
  if (
    typeof given !== 'object' ||
    given === null ||
    Array.isArray(given) ||
    Object.getPrototypeOf(given) !== Object.prototype
  ) {
    throw new PlanError(
      'bad-columns',
      `${verb}: the function must give an object of columns, such as t => ({ total: … })`,
    )
  }
  return Object.entries(given).map(([name, value]) => ({ name, expr: nodeOf(value) }))
}

function keyExprs(input: Node, keys: readonly unknown[]): readonly plan.NamedExpr[] {
  if (keys.length === 0) {
    throw new PlanError('no-columns', 'groupBy needs at least one key; without one call aggregate on the frame itself')
  }
  return keys.flatMap(key => {
    if (typeof key === 'function') return computed(input, key as (t: never) => unknown, 'groupBy')
    const name = input.schema.field(String(key), 'groupBy').name
    return [{ name, expr: { kind: 'column', name } as const }]
  })
}

function sortExprs(input: Node, by: readonly unknown[], verb: string): readonly plan.SortExpr[] {
  return by.map(key => {
    if (typeof key !== 'function') {
      const name = input.schema.field(String(key), verb).name
      return { expr: { kind: 'column', name }, descending: false }
    }
    const order: unknown = key(columnsOf(input.schema, verb))
    if (isExpr(order)) return { expr: nodeOf(order), descending: false }
    if (isOrder(order)) return { expr: order.by, descending: order.descending }
    throw new PlanError('bad-columns', `${verb}: the function must give a direction, such as t => t.delay.desc()`)
  })
}

function overOf(
  input: Node,
  keys: readonly plan.NamedExpr[],
  columns: (t: never) => unknown,
  options: { readonly orderBy?: unknown; readonly rows?: unknown; readonly range?: unknown },
): Node {
  checkOptions('over', options, ['orderBy', 'rows', 'range'])
  const { rows, range } = options as Pick<OverPlanOptions, 'rows' | 'range'>
  const orderBy = sortExprs(input, listed(options.orderBy), 'over: orderBy')
  return over(input, keys, computed(input, columns, 'over'), { orderBy, rows, range })
}

function filled(
  input: Node,
  keys: readonly plan.NamedExpr[],
  direction: 'forward' | 'backward',
  columns: readonly unknown[],
): Node {
  const verb = direction === 'forward' ? 'fillForward' : 'fillBackward'
  const last = columns.at(-1)
  const options = typeof last === 'object' && last !== null ? last : {}
  checkOptions(verb, options, ['orderBy'])
  const names = columns.filter(column => column !== options).map(String)
  const orderBy = 'orderBy' in options ? sortExprs(input, listed(options.orderBy), `${verb}: orderBy`) : []
  return fill(input, keys, direction, names, orderBy)
}

const listed = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

function isOrder(value: unknown): value is Order {
  return typeof value === 'object' && value !== null && 'by' in value && 'descending' in value
}
