import type { Batch } from '../data/batch.ts'
import type { Clock } from '../data/clock.ts'
import type { Column, Value } from '../data/column.ts'
import type { Schema } from '../data/schema.ts'
import type { Columns } from '../data/type.ts'
import type { ExprNode } from '../expr/node.ts'
import type { Node } from './node.ts'

/**
 * The ports of a plan: what reads, what writes, what predicts and learns, and what executes. A plan holds them as
 * values and knows nothing behind them.
 */

/** Reads rows. A source is a description; `open` starts one pass over it. */
export interface Source {
  /** For people, in plans and errors: `parquet flights-3m.parquet`. */
  readonly name: string
  readonly schema: Schema
  /** True when the rows end. */
  readonly bounded: boolean
  /** The kind of the frame that reads it: a batch when it is bounded, unless it says that its rows come as a stream. */
  readonly kind?: 'batch' | 'stream'
  /** How many parts it reads side by side, each in an order of its own; 1 unless said. */
  readonly partitions?: number
  /** False when `seek` cannot bring rows again, so that what was read is lost with the pass; true unless said. */
  readonly replayable?: boolean
  /** Rows, when known beforehand without reading. */
  readonly rows?: number
  open(request: ReadRequest): SourceReader
}

export interface ReadRequest {
  /** The columns wanted, by name, in the order the batches shall have. Never empty unless the schema is. */
  readonly columns: readonly string[]
  /** About how many rows a batch should have. */
  readonly batchRows: number
  readonly signal: AbortSignal
  /** The clock of sources that have a pace of their own: that of the system unless given. */
  readonly clock?: Clock
  /**
   * What all rows that are wanted meet. A source may leave out rows that do not, and may ignore this: a filter above it
   * decides. Columns have the names and types of the source's schema.
   */
  readonly where?: readonly Condition[]
}

/** A column against literals, which are physical and never null. A row whose value is null meets `isNull` only. */
export interface Condition {
  readonly column: string
  readonly is: Comparison
  /** None for `isNull` and `isNotNull`, one for a comparison, any number for `isIn`. */
  readonly values: readonly Value[]
}

export type Comparison = 'eq' | 'lt' | 'le' | 'gt' | 'ge' | 'isIn' | 'isNull' | 'isNotNull'

/**
 * One pass over a source. `next` gives batches with the requested columns and null at the end; it answers directly
 * when it can, so that rows in memory cost no promise.
 */
export interface SourceReader {
  next(): Batch | null | Promise<Batch | null>
  /** Rows that were refused since the last call, with the schema {@link REJECTED}; only with `onError: 'collect'`. */
  rejected?(): Batch | null
  /** Rows left out because of `onError: 'skip'`, and values nulled by `'null'`, so far. */
  readonly skipped?: number
  /** Where the pass stands: opening and seeking there continues with the next row. */
  offset(): unknown
  seek(offset: unknown): void | Promise<void>
  close(): void | Promise<void>
}

/** Writes rows. A sink is a description; `open` starts one pass of writing. */
export interface Sink {
  readonly name: string
  /** append: takes inserts only · changelog: takes every row kind. */
  readonly accepts: 'append' | 'changelog'
  open(schema: Schema, signal: AbortSignal): SinkWriter | Promise<SinkWriter>
}

export interface SinkWriter {
  /** A promise is backpressure: the next batch waits for it, and so does `close`. */
  write(batch: Batch): void | Promise<void>
  /** All rows are in: make them durable and visible. */
  close(): void | Promise<void>
  /** The query failed or was stopped: leave nothing half written behind. */
  abort(): void | Promise<void>
}

/** A fitted model in a plan: columns in, columns out. */
export interface RowModel {
  readonly kind: string
  /** Of the model's content: equal versions predict equally. */
  readonly version: number
  /** The columns it adds, in order: `prediction`, for a classifier `probability`, and `modelVersion`. */
  readonly outputs: Schema
  /** The output columns of `length` rows from the evaluated input expressions. */
  predict(inputs: readonly Column[], length: number): readonly Column[]
  /** Expressions over the inputs that give the same answers, for an executor without this process. */
  toExpr?(): readonly ExprNode[]
}

/** What `frame.predict` takes: a model and the expressions it reads, over columns by name. */
export interface Predictor {
  readonly inputs: readonly ExprNode[]
  /** The columns that the inputs read, and the types they had when the model was fitted. */
  readonly needs?: Columns
  readonly model: RowModel
}

/** What learns in a plan: gives the output columns for each batch of evaluated inputs, and changes as it goes. */
export interface Processor {
  process(inputs: readonly Column[], length: number): readonly Column[]
  snapshot(): unknown
  restore(state: unknown): void
}

/** Makes a new processor for each query that learns. */
export interface ProcessorFactory {
  readonly kind: string
  readonly inputs: readonly ExprNode[]
  /** The columns that the inputs read, and the types they had when the model was fitted. */
  readonly needs?: Columns
  /** The columns it adds, in order. */
  readonly outputs: Schema
  create(): Processor
}

/** What a user does with rows, timers and broadcast rows. The context is the engine's, with the names of the plan. */
export interface ProcessFunctions {
  readonly onRow: (row: unknown, context: unknown) => unknown
  readonly onTimer: ((time: Date, context: unknown) => unknown) | null
  readonly onBroadcast: ((row: unknown, context: unknown) => unknown) | null
}

/** Runs plans. */
export interface Executor {
  readonly name: string
  /** Reads all rows of a bounded plan, batch by batch. */
  batches(plan: Node, options?: { readonly signal?: AbortSignal; readonly critical?: Int32Array }): AsyncIterable<Batch>
  /** Starts a job in the background. */
  start(job: Job): RunningJob
  /** Why a node cannot run here, or null when it can. */
  refuses(node: Node): string | null
}

/** Several plans that run in one pass: a node that two of them share runs once. */
export interface Job {
  readonly name: string
  readonly outputs: readonly JobOutput[]
  readonly signal?: AbortSignal
  /** Shared with a controller: [0] is 1 while a slice runs, [1] is 1 when a stop is asked for. */
  readonly critical?: Int32Array
}

export interface JobOutput {
  readonly plan: Node
  readonly sink: Sink
}

export interface RunningJob {
  /** Settles when the job has ended: with its last progress, or with what failed. */
  readonly done: Promise<Progress>
  progress(): Progress
  /** Ends the job: sources stop, operators flush nothing more, sinks close what is complete. */
  stop(): Promise<void>
}

/** How far a query is. Times are in microseconds since the epoch, null before the first watermark. */
export interface Progress {
  readonly state: 'running' | 'finished' | 'stopped' | 'failed'
  readonly rowsIn: number
  readonly rowsOut: number
  readonly lateRows: number
  /** Rows whose event time led all before by more than `maxAhead`. */
  readonly clampedRows: number
  readonly rejectedRows: number
  readonly watermark: number | null
  readonly elapsedMs: number
  readonly cpuMs: number
  /** Share of the bounded input that has been read, null when unknown. */
  readonly done: number | null
}
