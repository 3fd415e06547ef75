import type { WatermarkStrategy } from '../data/watermark-strategy.ts'
import type { Batch } from '../data/batch.ts'
import type { Value } from '../data/column.ts'
import type { Schema } from '../data/schema.ts'
import type { Nullable } from '../data/type.ts'
import type { Typed } from '../expr/node.ts'
import type { Condition, ProcessorFactory, ProcessFunctions, RowModel, Source } from './port.ts'

/**
 * Logical plans: frozen nodes, each with its output schema and derived properties. Two frames that share a node share
 * its work when they run in one job. Nodes are made by the functions of `build.ts`, which check what they are given.
 */
export type Node =
  | Read
  | Project
  | Filter
  | Aggregate
  | WindowAggregate
  | WindowTop
  | OrderBy
  | Limit
  | Top
  | Over
  | Skip
  | Tail
  | RowIndex
  | Distinct
  | Sample
  | SampleRows
  | Unnest
  | Unpivot
  | Join
  | AsOfJoin
  | Union
  | Watermark
  | Replay
  | MapBatches
  | AsyncMap
  | Predict
  | Learn
  | Process
  | ProcessSide
  | ChangeRows
  | FromChanges
  | Final
  | Upsert
  | Late
  | Rejected

/** batch: all rows are there · stream: rows are only added · updating: rows that were given are corrected later. */
export type Kind = 'batch' | 'stream' | 'updating'

interface Base {
  readonly schema: Schema
  readonly frameKind: Kind
  /** The event time: a column and how late its rows may come (microseconds); null until `watermark` names it. */
  readonly time: EventTime | null
  /** True when the rows end. */
  readonly bounded: boolean
  /** A name the user gave, the uid of its state. */
  readonly uid?: string
}

/**
 * The time of a row is the value of the column plus the shift. The shift is −1 for windowed output, whose time is the
 * last microsecond of its window, so that windows nest; it is 0 otherwise.
 */
export interface EventTime {
  readonly column: string
  readonly boundMicros: number
  readonly shiftMicros: number
  /** How the watermark is made, where it is not the largest time seen less the bound. */
  readonly strategy?: WatermarkStrategy
}

/** Reads the columns of its schema, which after a rewrite are only those of the source that are needed. */
export interface Read extends Base {
  readonly kind: 'read'
  readonly source: Source
  /** What filters above say about the rows that are wanted; a rewrite puts it here. */
  readonly where?: readonly Condition[]
}

/** Computes the output columns from the input's: select, derive, rename and drop are all this. */
export interface Project extends Base {
  readonly kind: 'project'
  readonly input: Node
  /** One expression for each field of the schema; a plain column is passed on by reference. */
  readonly exprs: readonly Typed[]
}

export interface Filter extends Base {
  readonly kind: 'filter'
  readonly input: Node
  readonly predicate: Typed
  /** Columns in which the condition leaves no null, so that the output's are not nullable. */
  readonly present?: readonly string[]
}

/** Groups by key expressions. Without a key there is one group, also of no rows. The output is keys, then aggregates. */
export interface Aggregate extends Base {
  readonly kind: 'aggregate'
  readonly input: Node
  readonly keys: readonly Named[]
  /** Each may compute on aggregates: `sum(x) / count()`. */
  readonly aggregates: readonly Named[]
}

/**
 * The same within windows. The output is keys, then `windowStart` and `windowEnd` where windows are of event time, then
 * aggregates.
 */
export interface WindowAggregate extends Base {
  readonly kind: 'window-aggregate'
  readonly input: Node
  readonly keys: readonly Named[]
  readonly aggregates: readonly Named[]
  readonly window: Window
  readonly firing: Firing
}

/** The first rows of an order, of each group and window. The output is the bounds of windows of event time, then the rows. */
export interface WindowTop extends Base {
  readonly kind: 'window-top'
  readonly input: Node
  readonly keys: readonly Named[]
  readonly window: Window
  readonly firing: Firing
  readonly by: readonly SortKey[]
  readonly count: number
}

/** When a window is given beside its end. */
export interface Firing {
  /** How long after its end a window is kept, and given again with each row that comes. */
  readonly latenessMicros: number
  /** Before its end: each time the watermark passes a multiple of a time, or with so many rows. */
  readonly early:
    { readonly kind: 'every'; readonly everyMicros: number } | { readonly kind: 'rows'; readonly rows: number } | null
  /** Whether what has been given is dropped, so that each time only what came since is given. */
  readonly purge: boolean
}

/** How rows are put into windows. */
export type Window = TimeWindow | SessionWindow | CountWindow | GlobalWindow

/** Each so many rows of a group a window of the last ones; where it is given as often as it is long, each row is in one. */
export interface CountWindow {
  readonly kind: 'count'
  readonly rows: number
  readonly every: number
}

/** One window for all rows of a group. */
export interface GlobalWindow {
  readonly kind: 'global'
}

/** Rows of a group that are at most a gap apart. A window ends a gap after its last row. */
export interface SessionWindow {
  readonly kind: 'session'
  readonly gapMicros: number
}

/**
 * Windows that are there before their rows, aligned to the epoch plus the offset. tumble: of one size, back to back · hop:
 * of one size, one beginning every so often · cumulate: within each size, one that ends at each step of it.
 */
export interface TimeWindow {
  readonly kind: 'tumble' | 'hop' | 'cumulate'
  readonly sizeMicros: number
  /** From the end of a window to that of the next; of tumbling windows the size. */
  readonly everyMicros: number
  readonly offsetMicros: number
  /** The time zone whose clock on the wall gives the bounds; null is UTC. */
  readonly zone: string | null
}

export interface Named {
  readonly name: string
  readonly expr: Typed
}

export interface OrderBy extends Base {
  readonly kind: 'order-by'
  readonly input: Node
  readonly by: readonly SortKey[]
}

export interface SortKey {
  readonly expr: Typed
  readonly descending: boolean
}

export interface Limit extends Base {
  readonly kind: 'limit'
  readonly input: Node
  readonly count: number
}

/** All rows but the first ones that come. */
export interface Skip extends Base {
  readonly kind: 'skip'
  readonly input: Node
  readonly count: number
}

/** The last rows that come. */
export interface Tail extends Base {
  readonly kind: 'tail'
  readonly input: Node
  readonly count: number
}

/** Adds the position of each row in the order in which rows come, from 0, as the last column. */
export interface RowIndex extends Base {
  readonly kind: 'row-index'
  readonly input: Node
  readonly name: string
}

/** The first row of each key; null is a key, NaN equals itself. */
export interface Distinct extends Base {
  readonly kind: 'distinct'
  readonly input: Node
  /** The columns whose values make a key. */
  readonly on: readonly string[]
}

/** The rows whose number in [0, 1), which hashes their position or a column, is in a range. Disjoint ranges share no row. */
export interface Sample extends Base {
  readonly kind: 'sample'
  readonly input: Node
  readonly from: number
  readonly to: number
  readonly seed: number
  /** The column whose values are hashed; null hashes the position of the row. */
  readonly by: string | null
}

/** So many rows, chosen by a hash of their positions. */
export interface SampleRows extends Base {
  readonly kind: 'sample-rows'
  readonly input: Node
  readonly rows: number
  readonly seed: number
  /** True where a row may be drawn more than once. */
  readonly replacement: boolean
}

/** One row for each item of the list columns, which stand in the output as their items; of a map, its keys and values. */
export interface Unnest extends Base {
  readonly kind: 'unnest'
  readonly input: Node
  readonly columns: readonly UnnestColumn[]
  /** Whether a row without items gives one row of nulls, or none. */
  readonly keepEmpty: boolean
  /** The column of the item's index, which is the last one. */
  readonly position: string | null
}

/** A list or map column, and the names of what it becomes: its items, or its keys and values. */
export interface UnnestColumn {
  readonly name: string
  readonly into: readonly string[]
}

/** For each row one row a variant: the kept columns, the variant's label, then the variant's values. */
export interface Unpivot extends Base {
  readonly kind: 'unpivot'
  readonly input: Node
  readonly kept: readonly string[]
  /** The column of labels. */
  readonly name: string
  readonly variants: readonly UnpivotVariant[]
}

/** A label and an expression for each value column. */
export interface UnpivotVariant {
  readonly label: string
  readonly exprs: readonly Typed[]
}

/** The first rows of an order, without keys of arrival, of each group or of all rows. Groups come in the order of their first rows. */
export interface Top extends Base {
  readonly kind: 'top'
  readonly input: Node
  readonly keys: readonly Named[]
  readonly by: readonly SortKey[]
  readonly count: number
}

/**
 * Adds columns that depend on the rows around each row. All rows stay, in the order they came; of a stream they come in
 * the order of their event time once the watermark has passed it, and late rows do not.
 */
export interface Over extends Base {
  readonly kind: 'over'
  readonly input: Node
  /** Rows of equal keys are a partition. */
  readonly keys: readonly Named[]
  /** The order of a partition; rows that it does not tell apart stand as they came. */
  readonly order: readonly SortKey[]
  readonly frame: OverFrame
  /** Aggregates over the frame and functions of the place, under names that the input does not have. */
  readonly calls: readonly Named[]
  /** The added columns, computed from those of the input followed by the calls. */
  readonly items: readonly Named[]
}

/**
 * The rows that an aggregate of `over` takes in for a row: the whole partition; those from its start to the row and the
 * rows equal to it in the order; or those at most so far before and after, counted in rows or by the value they are
 * ordered by. Infinity is all there are, a negative number the other side.
 */
export type OverFrame =
  | { readonly unit: 'partition' | 'running' }
  | { readonly unit: 'rows' | 'range'; readonly before: number; readonly after: number }

/**
 * Pairs of rows with equal keys, or all pairs without one. Output: left columns, then right ones that are no keys, renamed
 * where they clash.
 */
export interface Join extends Base {
  readonly kind: 'join'
  /** semi, anti: the left rows that have, or have no, partner; a row counts once. cross: there are no keys. */
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross'
  readonly left: Node
  readonly right: Node
  /** Pairs of columns, cast where they need it, that must be equal; null equals nothing. Both of a pair have one type. */
  readonly on: readonly { readonly left: Typed; readonly right: Typed }[]
  readonly meets: Meets
  /** Positions of the left input's columns in the output; a key has the right one's value where there is no left row. */
  readonly leftColumns: readonly number[]
  /** Positions of the right input's columns in the output, after the left ones. */
  readonly rightColumns: readonly number[]
}

/** Which rows of equal keys meet, and when: all of them, once the right input, a batch, has been read; or others. */
export type Meets = { readonly kind: 'whole' } | Interval | JoinWindow | Changes

/** Those whose event times, right − left, differ by at least and at most so much. Microseconds, both ends included. */
export interface Interval {
  readonly kind: 'interval'
  readonly lowerMicros: number
  readonly upperMicros: number
}

/** Those whose tumbling windows are equal. The output has `windowStart` and `windowEnd` after all other columns. */
export interface JoinWindow {
  readonly kind: 'window'
  readonly sizeMicros: number
  readonly offsetMicros: number
}

/** All of them, as rows of both sides come and are taken back; rows are forgotten so long after their event time. */
export interface Changes {
  readonly kind: 'changes'
  /** Null is never. */
  readonly ttlMicros: number | null
}

/**
 * Each left row with the right row of equal keys whose time is nearest in a direction, or with nulls. Where the right input
 * is a stream the times are the event times and the direction is backward. Output: as of a {@link Join}; the times of both
 * sides stay.
 */
export interface AsOfJoin extends Base {
  readonly kind: 'as-of-join'
  readonly left: Node
  readonly right: Node
  /** As in {@link Join}; none: all rows have one key. */
  readonly on: Join['on']
  /** The columns of the times, cast where they need it, of one type; null and NaN are near nothing. */
  readonly times: { readonly left: Typed; readonly right: Typed }
  /** backward: the last right time up to the left one · forward: the first from it on · nearest: either, or the earlier. */
  readonly direction: 'backward' | 'forward' | 'nearest'
  /** The largest difference of two times, in the unit of their values; null is any. */
  readonly tolerance: number | null
  readonly leftColumns: readonly number[]
  readonly rightColumns: readonly number[]
}

export interface Union extends Base {
  readonly kind: 'union'
  readonly inputs: readonly Node[]
}

/** Names the event time. Watermark = largest time seen − bound. */
export interface Watermark extends Base {
  readonly kind: 'watermark'
  readonly input: Node
}

/** Bounded history as a stream, in the order of its event time, each row held back by a seeded 0 … disorder. */
export interface Replay extends Base {
  readonly kind: 'replay'
  readonly input: Node
  /** Event seconds per wall second; null is as fast as possible. */
  readonly speed: number | null
  readonly disorderMicros: number
  readonly seed: number
}

/** A user's function from batch to batch. */
export interface MapBatches extends Base {
  readonly kind: 'map-batches'
  readonly input: Node
  readonly name: string
  readonly fn: (batch: Batch) => Batch
}

/** Each row as a user's asynchronous function answers it, behind the columns that are kept. */
export interface AsyncMap extends Base {
  readonly kind: 'async-map'
  readonly input: Node
  readonly verb: 'mapAsync' | 'lookupJoin'
  readonly name: string
  /** From the values of the asked columns to a row, rows or null. */
  readonly fn: (row: Record<string, unknown>) => unknown
  readonly asked: readonly string[]
  /** Columns of the input that come first in the output. Where there are some, a row without an answer stays, with nulls. */
  readonly kept: readonly string[]
  /** What the function answers. */
  readonly output: Schema
  readonly calls: AsyncCalls
}

export interface AsyncCalls {
  /** Calls under way at once. */
  readonly concurrency: number
  readonly ordered: boolean
  /** Of one attempt. */
  readonly timeoutMs: number
  /** Attempts after the first, so long after one that failed. */
  readonly retries: number
  readonly delayMs: number
  /** null takes null for the answer. */
  readonly onError: 'fail' | 'null'
  readonly cache: { readonly size: number; readonly ttlMs: number } | null
}

/** Adds a fitted model's columns. */
export interface Predict extends Base {
  readonly kind: 'predict'
  readonly input: Node
  /** The model's input expressions, typed against the input. */
  readonly inputs: readonly Typed[]
  readonly model: RowModel
}

/** Adds a live model's columns: predicts each row, then learns from it. */
export interface Learn extends Base {
  readonly kind: 'learn'
  readonly input: Node
  readonly inputs: readonly Typed[]
  readonly factory: ProcessorFactory
}

/**
 * A user's functions of each row and timer, with state by key. The first input gives the rows; what the others give
 * fills maps that every key reads.
 */
export interface Process extends Base {
  readonly kind: 'process'
  readonly input: Node
  readonly broadcasts: readonly { readonly name: string; readonly input: Node }[]
  readonly keys: readonly Named[]
  readonly states: readonly StateDeclaration[]
  readonly sides: readonly { readonly name: string; readonly schema: Schema }[]
  readonly functions: ProcessFunctions
}

/** What a keyed function keeps for each key, under a name. */
export type StateDeclaration = {
  readonly name: string
  /** How long it lives by event time, counted from when it was written, or from when it was read too; null for ever. */
  readonly lifetime: { readonly ttlMicros: number; readonly onRead: boolean } | null
} & (
  | { readonly kind: 'value'; readonly type: Nullable; readonly initial: Value }
  | { readonly kind: 'list'; readonly type: Nullable }
  | { readonly kind: 'map'; readonly key: Nullable; readonly type: Nullable }
  | {
      readonly kind: 'reducing'
      readonly type: Nullable
      readonly reduce: (a: unknown, b: unknown) => unknown
    }
  | {
      readonly kind: 'aggregating'
      readonly create: () => unknown
      readonly add: (accumulator: unknown, value: unknown) => unknown
      readonly result: (accumulator: unknown) => unknown
    }
)

/** The rows that a process gives to one of its side outputs. */
export interface ProcessSide extends Base {
  readonly kind: 'process-side'
  readonly of: Process
  /** Which of the sides. */
  readonly side: number
}

/** Each change as a row that stays, its kind in a column, which is the first one. */
export interface ChangeRows extends Base {
  readonly kind: 'changes'
  readonly input: Node
  readonly name: string
}

/** The table whose changes the rows are; the column of kinds goes. */
export interface FromChanges extends Base {
  readonly kind: 'from-changes'
  readonly input: Node
  readonly name: string
}

/** What is left at the end of the rows, which there is. */
export interface Final extends Base {
  readonly kind: 'final'
  readonly input: Node
}

/** The latest row of each key; null is a key, NaN equals itself. */
export interface Upsert extends Base {
  readonly kind: 'upsert'
  readonly input: Node
  /** The columns whose values make a key. */
  readonly on: readonly string[]
  /** True of a row that says that its key has gone. */
  readonly deleted: Typed | null
  /** A time or number: a row below that of the latest one of its key changes nothing. */
  readonly order: Typed | null
}

/** The rows that came after their window had closed, or behind the watermark, with the columns of that node's input. */
export interface Late extends Base {
  readonly kind: 'late'
  readonly of: WindowAggregate | WindowTop | Over
}

/** The rows that a source refused with `onError: 'collect'`. */
export interface Rejected extends Base {
  readonly kind: 'rejected'
  readonly of: Read
}
