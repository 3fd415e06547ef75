import type { Batch } from './data/batch.ts'
import type { ArrowTableLike } from './data/from-arrow.ts'
import type { TimeForm } from './data/row.ts'
import type { Columns } from './data/type.ts'
import { arrow, arrowTableSource, type ArrowOptions } from './connector/arrow.ts'
import { csv, type CsvOptions } from './connector/csv.ts'
import { behaviour, type BehaviourOptions, type ITEM, type RATING, type VIEW } from './connector/generate/behaviour.ts'
import { cards, type CardsOptions, type PAYMENT } from './connector/generate/cards.ts'
import type { GenerateOptions } from './connector/generate/events.ts'
import { nexmark, type AUCTION, type BID, type PERSON } from './connector/generate/nexmark.ts'
import { files, type FileFormat } from './connector/files.ts'
import { arqueroSource, danfoSource, type ArqueroTableLike, type DanfoFrameLike } from './connector/foreign-table.ts'
import { json, type JsonOptions } from './connector/json-array.ts'
import { jsonLines, type JsonLinesOptions } from './connector/json-lines.ts'
import { memorySink } from './connector/memory.ts'
import { callback, type Bring, type CallbackOptions } from './connector/push/callback.ts'
import { sse, type SseOptions } from './connector/push/sse.ts'
import { parquet, type ParquetOptions } from './connector/parquet.ts'
import { rows, type RowsOptions } from './connector/rows.ts'
import { toArrow, type ToArrowOptions } from './connector/to-arrow.ts'
import { toStdout, type ChangelogSink, type ToStdoutOptions } from './connector/to-stdout.ts'
import { toParquet, type ToParquetOptions } from './connector/to-parquet.ts'
import { toCsv, toJson, toJsonLines, type ToCsvOptions, type ToJsonLinesOptions } from './connector/to-text.ts'
import { duckdb, type DuckdbOptions } from './backend/duckdb/duckdb.ts'
import { embedded } from './engine/embedded.ts'
import { rowObjects, type RowIn } from './frame/action.ts'
import { PlanError } from './data/errors.ts'
import type { Dynamic, Holding } from './frame/columns.ts'
import { frameOf, type FrameOf, type SourceFrame } from './frame/frame.ts'
import type { ColumnsOfRows } from './frame/infer-rows.ts'
import { installExecutor } from './plan/executor.ts'
import type { Kind } from './plan/node.ts'
import { read as readNode, watermark } from './plan/build.ts'
import type { Sink, Source } from './plan/port.ts'

/**
 * The public door of the package, and the one place that puts its rooms together: it gives frames their sources and
 * sinks, and installs the embedded engine.
 */
installExecutor(embedded())

export { duckdb, embedded, type DuckdbOptions }
export { col, count, greatest, hash, least, lit, makeDate, makeTimestamp, udf, when } from './expr/column.ts'
export { list, mapOf, range, struct, vector } from './expr/construct.ts'
export type {
  AnyCol,
  BinaryCol,
  BoolCol,
  CalendarStep,
  CalendarUnit,
  Col,
  CollectOptions,
  Cols,
  DateCol,
  DigestOptions,
  Distance,
  DurationCol,
  EqCol,
  Expr,
  HistogramOptions,
  InZone,
  ListCol,
  MapCol,
  NumCol,
  OrdCol,
  Order,
  Population,
  QuantileOptions,
  StructCol,
  TextCol,
  TimeCol,
  VectorCol,
  ZoneChoice,
} from './expr/column.ts'
export { cumeDist, denseRank, ntile, percentRank, rank, rowNumber } from './expr/over.ts'
export { Frame, Grouped, GroupingSets, ProcessFrame, SourceFrame, Windowed, WindowedFrame } from './frame/frame.ts'
export type {
  BatchFrame,
  OrderOption,
  OverOptions,
  PredictorOf,
  RejectedColumns,
  ReplayOptions,
  SetsOptions,
  StreamFrame,
  UpsertOptions,
} from './frame/frame.ts'
export { countWindow, cumulate, globalWindow, hop, session, tumble } from './frame/window.ts'
export type {
  AnyWindow,
  CountWindow,
  CumulatingWindow,
  GlobalWindow,
  HoppingWindow,
  SessionWindow,
  TimeWindow,
  TumblingWindow,
  WindowOptions,
} from './frame/window.ts'
export type { UnnestOptions, UnpivotOptions } from './frame/reshape.ts'
export type { SampleRows, SampleShare, SplitByChance, SplitByTime } from './frame/sample.ts'
export type { Dynamic } from './frame/columns.ts'
export type { Answer, AsyncOptions, KeyOfRow, LookupOptions } from './frame/async-map.ts'
export type { AsOfOptions, CrossOptions, HalfJoinOptions, JoinOptions, Within } from './frame/join-options.ts'
export { state } from './frame/process.ts'
export type {
  AggregatingState,
  BroadcastContext,
  BroadcastRows,
  ListState,
  MapState,
  ProcessContext,
  ProcessSpec,
  ProcessTimers,
  ReducingState,
  StateOf,
  StateOptions,
  ValueState,
  WritableBroadcast,
} from './frame/process.ts'
export { Output, type StartOptions } from './frame/output.ts'
export { Query, type QueryProgress } from './frame/query.ts'
export { Table } from './frame/table.ts'
export type { WatermarkGenerator } from './data/watermark-strategy.ts'
export type { Kind } from './plan/node.ts'
export type { WatermarkOptions } from './plan/verb/watermark.ts'
export type { ExplainOptions } from './plan/explain.ts'
export type { Executor, Sink, Source } from './plan/port.ts'
export type { BehaviourOptions, CardsOptions, GenerateOptions }
export { DataError, InterruptedError, PlanError, SinkError, SourceError, StateError } from './data/errors.ts'
export type { Columns, ColumnType, TypeText } from './data/type.ts'
export type { CalendarDuration, Duration } from './data/time.ts'
export type { JsOf, RowOf } from './data/row.ts'
export type { Batch } from './data/batch.ts'

/** The columns of a schema that was declared, or `Dynamic` where none was. */
type Declared<S extends Columns> = string extends keyof S ? Dynamic : { -readonly [N in keyof S]: S[N] }

/**
 * One file, or several as one frame: a list of paths, a pattern such as `'data/*.parquet'` or `'{a,b}/**'`, or a folder
 * with the files below it. Columns are matched by name and take the widest of their types; where a file lacks one, it
 * is null. Below a folder or the fixed part of a pattern, folders such as `year=2024` add a column.
 *
 * A file may also be an `http:` or `https:` address: text is streamed and unpacked where it is gzip; of Parquet and Arrow
 * ranges are asked for, or, where a server gives none, up to 256 MB are held in memory. The schema is read when the
 * frame is made, and waits for the server. What a server refuses, and a connection that breaks, is an error.
 */
export type FilePath = string | readonly string[]

type FrameRead<C, K extends Kind = 'batch'> = C extends infer R extends Columns ? SourceFrame<R, K> : never

/** What the rows of files are read as. */
export interface KindOptions<K extends 'batch' | 'stream' = 'batch' | 'stream'> {
  /**
   * `'stream'` gives the rows once, in the order of the files, and their event time makes the watermark as they come:
   * windows are given while the files are read. `'batch'` unless given.
   */
  readonly kind?: K
}

/** A sink that takes rows once and cannot correct them. */
type AppendSink = Sink & { readonly accepts: 'append' }

/**
 * Where frames come from. A declared schema gives exact types; a file without one is looked at when the frame is made,
 * and its columns are checked by each verb as it is called.
 */
export const read: {
  /**
   * A Parquet file. Only the columns that a plan needs are read.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ city: 'Oslo', km: 12 }]).write(to.parquet('output/trips.parquet')).run()
   * const table = await read.parquet('output/trips.parquet', { schema: { city: 'utf8' } }).collect()
   * table.rows() // => [ { city: 'Oslo' } ]
   * ```
   */
  parquet<const S extends Columns = Dynamic, const K extends 'batch' | 'stream' = 'batch'>(
    path: FilePath,
    options?: ParquetOptions<S> & KindOptions<K>,
  ): FrameRead<Declared<S>, K>
  /**
   * A CSV file with a header line. Null is an empty cell, and others with `nulls: ['', 'NA']`.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ city: 'Oslo', km: 12 }]).write(to.csv('output/trips.csv')).run()
   * const table = await read.csv('output/trips.csv', { schema: { city: 'utf8', km: 'int32' } }).collect()
   * table.rows() // => [ { city: 'Oslo', km: 12 } ]
   * ```
   */
  csv<const S extends Columns = Dynamic, const K extends 'batch' | 'stream' = 'batch', const F extends boolean = false>(
    path: FilePath,
    options?: CsvOptions<S> & KindOptions<K> & { readonly follow?: F },
  ): FrameRead<Declared<S>, F extends true ? 'stream' : K>
  /**
   * A file of one JSON object a line. With `follow` files that grow are a stream without end: their lines are read as they
   * become whole, and new files of a folder or pattern as they come. A file that was truncated or replaced is an error.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ city: 'Oslo', km: 12 }]).write(to.jsonLines('output/trips.jsonl')).run()
   * const table = await read.jsonLines('output/trips.jsonl', { schema: { km: 'int32' } }).collect()
   * table.rows() // => [ { km: 12 } ]
   * ```
   */
  jsonLines<
    const S extends Columns = Dynamic,
    const K extends 'batch' | 'stream' = 'batch',
    const F extends boolean = false,
  >(
    path: FilePath,
    options?: JsonLinesOptions<S> & KindOptions<K> & { readonly follow?: F },
  ): FrameRead<Declared<S>, F extends true ? 'stream' : K>
  /**
   * A JSON array of objects, read one by one: the whole file, or with `at: '$.data.items'` an array under these keys.
   *
   * ```ts
   * import { writeFileSync } from 'node:fs'
   * import { read } from 'millrace'
   *
   * writeFileSync('output/trips.json', '{ "trips": [{ "city": "Oslo" }, { "city": "Rome" }] }')
   * const table = await read.json('output/trips.json', { at: '$.trips', schema: { city: 'utf8' } }).collect()
   * table.rows() // => [ { city: 'Oslo' }, { city: 'Rome' } ]
   * ```
   */
  json<const S extends Columns = Dynamic, const K extends 'batch' | 'stream' = 'batch'>(
    path: FilePath,
    options?: JsonOptions<S> & KindOptions<K>,
  ): FrameRead<Declared<S>, K>
  /**
   * Arrow IPC, a file or a stream, record batch by record batch; buffers may be packed with LZ4 or ZSTD. Nanoseconds are
   * cut with a warning; unions, intervals and decimals beyond 18 digits are refused by name.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ city: 'Oslo', km: 12 }]).write(to.arrow('output/trips.arrow')).run()
   * const table = await read.arrow('output/trips.arrow', { schema: { km: 'int64' } }).collect()
   * table.rows() // => [ { km: 12 } ]
   * ```
   */
  arrow<const S extends Columns = Dynamic, const K extends 'batch' | 'stream' = 'batch'>(
    path: FilePath,
    options?: ArrowOptions<S> & KindOptions<K>,
  ): FrameRead<Declared<S>, K>
  /**
   * An Arrow table in memory, as flechette makes it, or the bytes of any other: `tableToIPC(table)`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }]).collect()
   * const back = await read.arrowTable(table.toArrow(), { schema: { km: 'int64' } }).collect()
   * back.rows() // => [ { km: 12 } ]
   * ```
   */
  arrowTable<const S extends Columns = Dynamic>(
    table: ArrowTableLike | Uint8Array,
    options?: ArrowOptions<S>,
  ): FrameRead<Declared<S>>
  /**
   * A table of Arquero, as it is in view: after its filter and in its order. Types follow from the values as in
   * `read.rows`. Arquero itself is not needed here.
   *
   * ```ts
   * import * as aq from 'arquero'
   * import { read } from 'millrace'
   *
   * const far = aq.table({ km: [12, 30] }).orderby(aq.desc('km'))
   * const table = await read.arquero(far).collect()
   * table.column('km') // => [ 30, 12 ]
   * ```
   */
  arquero<const S extends Columns = Dynamic>(table: ArqueroTableLike, options?: RowsOptions<S>): FrameRead<Declared<S>>
  /**
   * A danfo frame. Types follow from the values as in `read.rows`; null and undefined are null, NaN is NaN. danfo keeps
   * times as texts: declare them, `{ schema: { at: 'timestamp' } }`.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const frame = { columns: ['km'], column: () => ({ values: [12, null] }) } // what new dfd.DataFrame(…) has
   * const table = await read.danfo(frame).collect()
   * table.column('km') // => [ 12, null ]
   * ```
   */
  danfo<const S extends Columns = Dynamic>(frame: DanfoFrameLike, options?: RowsOptions<S>): FrameRead<Declared<S>>
  /**
   * Rows written in the program. Without a schema the types follow from the values: whole numbers are int64, others
   * float64, a Date is a timestamp; a column that is null or missing in some row is nullable.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: null }]).schema // => { city: 'utf8', km: 'int64?' }
   * ```
   */
  rows<const R extends object, const S extends Columns = ColumnsOfRows<R>>(
    values: readonly R[],
    options?: RowsOptions<S>,
  ): FrameRead<Declared<S>>
  /**
   * A stream of the rows that a function pushes: from a timer, an emitter, another library. The function is called for each
   * pass with `push`, `end`, `fail` and a `signal` that is aborted at the end. It may give a function that is called then,
   * or be async: its end is that of the rows, and what it throws fails the query. `push` takes a row or several and gives a
   * promise where enough wait already: `await push(row)` keeps pace with the query. Rows that were pushed cannot be
   * replayed.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const trips = read.callback({ city: 'utf8', km: 'int32?' }, async ({ push }) => {
   *   await push({ city: 'Oslo', km: 12 })
   *   await push([{ city: 'Rome' }, { city: 'Bonn', km: 7 }])
   * })
   * const seen = []
   * for await (const row of trips) seen.push(row.km)
   * seen // => [ 12, null, 7 ]
   * ```
   */
  callback<const S extends Columns>(
    schema: S,
    bring: Bring<S>,
    options?: CallbackOptions,
  ): FrameRead<Declared<S>, 'stream'>
  /**
   * Server-sent events as a stream: each has a JSON object, from which the declared columns are taken. When the connection
   * ends it is opened again, and the server is told the id of the last event; what it answers with 204 ends the stream.
   * `event` takes only events of that name. An address that answers otherwise is an error, and so are five connections
   * in a row that fail.
   *
   * ```ts
   * import { once } from 'node:events'
   * import { createServer } from 'node:http'
   * import type { AddressInfo } from 'node:net'
   * import { read } from 'millrace'
   *
   * const server = createServer((request, answer) => {
   *   if (request.headers['last-event-id'] === '2') answer.writeHead(204).end()
   *   else answer.setHeader('content-type', 'text/event-stream').end('retry: 1\nid: 1\ndata: {"km":12}\n\nid: 2\ndata: {"km":30}\n\n')
   * })
   * await once(server.listen(0, '127.0.0.1'), 'listening')
   * const { port } = server.address() as AddressInfo
   * const seen = []
   * for await (const row of read.sse(`http://127.0.0.1:${port}/`, { schema: { km: 'int32' } })) seen.push(row.km)
   * server.close()
   * seen // => [ 12, 30 ]
   * ```
   */
  sse<const S extends Columns>(url: string, options: SseOptions<S>): FrameRead<Declared<S>, 'stream'>
} = {
  parquet: (path, { kind, ...options } = {}) => readAs(kind, files(PARQUET, path, options)),
  csv: (path, { kind, ...options } = {}) => readAs(kind, files(CSV, path, options)),
  jsonLines: (path, { kind, ...options } = {}) => readAs(kind, files(JSON_LINES, path, options)),
  json: (path, { kind, ...options } = {}) => readAs(kind, files(JSON_ARRAY, path, options)),
  arrow: (path, { kind, ...options } = {}) => readAs(kind, files(ARROW, path, options)),
  arrowTable: (table, options) => frameOf(readNode(arrowTableSource(table, options))),
  arquero: (table, options) => frameOf(readNode(arqueroSource(table, options))),
  danfo: (frame, options) => frameOf(readNode(danfoSource(frame, options))),
  rows: (values, options) => frameOf(readNode(rows(values, options))),
  callback: (schema, bring, options) => frameOf(readNode(callback(schema, bring, options))),
  sse: (url, options) => frameOf(readNode(sse(url, options))),
}

/**
 * Where frames come from without a file: events made from a seed, the same ones on every machine, as many as wanted or
 * without end. Each frame has its event time named, with a watermark that waits for its disorder. A plan makes only the
 * columns that it needs.
 */
export const generate: {
  /**
   * The auction site of the Nexmark benchmark: `persons`, `auctions` and `bids` of one run of events, of fifty of which
   * one is a new person, three are new auctions and 46 are bids. There are hot auctions, sellers and bidders, and an id
   * may come up a little before the person or auction it stands for. Event time goes at 10 000 events a second unless
   * `rate` or `perSecond` says otherwise; prices are in cents.
   *
   * ```ts
   * import { count, generate, tumble } from 'millrace'
   *
   * const { auctions, bids } = generate.nexmark({ seed: 1, events: 50_000 })
   * Object.keys(auctions.schema).slice(0, 4) // => [ 'id', 'itemName', 'description', 'initialBid' ]
   * const seen = []
   * for await (const row of bids.window(tumble('1 second')).aggregate(() => ({ bids: count() }))) seen.push(row.bids)
   * seen // => [ 9200, 9200, 9200, 9200, 9200 ]
   * ```
   */
  nexmark<const K extends 'stream' | 'batch' = 'stream'>(
    options?: GenerateOptions<K>,
  ): {
    readonly persons: FrameOf<typeof PERSON, K>
    readonly auctions: FrameOf<typeof AUCTION, K>
    readonly bids: FrameOf<typeof BID, K>
  }
  /**
   * What users do with the items of a catalogue: `views`, `clicks` on some of what was viewed, and `ratings`, 1 to 5, of
   * some of what was clicked; `items` is the catalogue, a batch. `events` counts views; a click comes within a minute of
   * its view and a rating within an hour, and `view` is the number of the view that they come of. Users like some genres
   * better, view them more often, click more on them and rate them higher. With `drift` tastes move on by a genre in
   * such a time, so that what was learnt grows stale. Event time goes at 10 views a second unless said.
   *
   * ```ts
   * import { generate } from 'millrace'
   *
   * const { views, clicks, ratings, items } = generate.behaviour({ seed: 1, events: 2000, genres: 4, kind: 'batch' })
   * const viewed = await views.collect()
   * viewed.length // => 2000
   * const [clicked, rated] = [await clicks.collect(), await ratings.collect()]
   * clicked.length > 400 && rated.length > 100 && rated.length < clicked.length // => true
   * const genres = await items.select('genre').distinct().collect()
   * genres.column('genre') // => [ 'action', 'comedy', 'drama', 'horror' ]
   * ```
   */
  behaviour<const K extends 'stream' | 'batch' = 'stream'>(
    options?: BehaviourOptions<K>,
  ): {
    readonly views: FrameOf<typeof VIEW, K>
    readonly clicks: FrameOf<typeof VIEW, K>
    readonly ratings: FrameOf<typeof RATING, K>
    readonly items: FrameOf<typeof ITEM, 'batch'>
  }
  /**
   * Payments by card. A share of them is fraud: `fraud` says so, and `pattern` what it is, null elsewhere. Each fraud is
   * five payments of one card close together: `testing`, four of less than one and then one of twenty times the usual,
   * `growing`, each larger than the one before, or `abroad`, in a far country. Event time goes at 10 payments a second
   * unless said.
   *
   * ```ts
   * import { generate } from 'millrace'
   *
   * const payments = generate.cards({ seed: 1, events: 10_000, fraud: 0.05, kind: 'batch' })
   * const kinds = await payments.filter(t => t.fraud).select('pattern').distinct().orderBy('pattern').collect()
   * kinds.column('pattern') // => [ 'abroad', 'growing', 'testing' ]
   * ```
   */
  cards<const K extends 'stream' | 'batch' = 'stream'>(options?: CardsOptions<K>): FrameOf<typeof PAYMENT, K>
} = {
  nexmark(options = {}) {
    const { persons, auctions, bids } = nexmark(options)
    return {
      persons: timed(persons, 'dateTime', options),
      auctions: timed(auctions, 'dateTime', options),
      bids: timed(bids, 'dateTime', options),
    }
  },
  behaviour(options = {}) {
    const { views, clicks, ratings, items } = behaviour(options)
    return {
      views: timed(views, 'at', options),
      clicks: timed(clicks, 'at', options),
      ratings: timed(ratings, 'at', options),
      items: frameOf(readNode(items)),
    }
  },
  cards: (options = {}) => timed(cards(options), 'at', options),
}

/** The frame of files, as what it is asked for. */
function readAs<F>(kind: 'batch' | 'stream' | undefined, source: Source): F {
  if (kind !== undefined && kind !== 'batch' && kind !== 'stream') {
    const text = `${source.name}: kind is 'batch' or 'stream', not ${JSON.stringify(kind)}`
    throw new PlanError('bad-option', text, { option: 'kind' })
  }
  return frameOf(readNode(kind === 'stream' ? { ...source, kind } : source))
}

/** A generated source with its event time. */
function timed<F>(source: Source, column: string, { disorder = '0 seconds' }: GenerateOptions): F {
  return frameOf(watermark(readNode(source), column, disorder))
}

const PARQUET: FileFormat<ParquetOptions> = { name: 'parquet', endings: ['.parquet', '.pq'], open: parquet }
const CSV: FileFormat<CsvOptions> = {
  name: 'csv',
  endings: ['.csv', '.csv.gz', '.tsv', '.tsv.gz'],
  open: csv,
  grows: true,
}
const ARROW: FileFormat<ArrowOptions> = {
  name: 'arrow',
  endings: ['.arrow', '.arrows', '.ipc', '.feather'],
  open: arrow,
}
const JSON_ARRAY: FileFormat<JsonOptions> = { name: 'json', endings: ['.json', '.json.gz'], open: json }
const JSON_LINES: FileFormat<JsonLinesOptions> = {
  name: 'jsonLines',
  endings: ['.jsonl', '.jsonl.gz', '.ndjson', '.ndjson.gz'],
  open: jsonLines,
  grows: true,
}

/** Where frames go: what `frame.write` takes. Files appear under their name once they are complete. */
export const to: {
  /**
   * A Parquet file. A duration is stored as its microseconds; `read.parquet` gives it back as a duration. With
   * `partitionBy` a folder of files, whose names hold the values of those columns: `year=2024/part-0.parquet`.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * const end = await read.rows([{ km: 12 }]).write(to.parquet('output/km.parquet')).run()
   * end.rowsOut // => 1
   * ```
   */
  parquet(path: string, options?: ToParquetOptions): AppendSink
  /**
   * A CSV file with a header line. Null is an empty cell, times are ISO 8601, a duration its number of milliseconds:
   * to read it as one, declare the column `duration`.
   *
   * ```ts
   * import { readFileSync } from 'node:fs'
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ city: 'Oslo', km: 12 }]).write(to.csv('output/km.csv')).run()
   * readFileSync('output/km.csv', 'utf8') // => 'city,km\nOslo,12\n'
   * ```
   */
  csv(path: string, options?: ToCsvOptions): AppendSink
  /**
   * A file of one JSON object a line; times are ISO 8601, a duration is its number of milliseconds. With `roll` a folder of
   * files, each of which takes its name once it is whole: `{ every: '1 hour', bytes: 64e6 }`.
   *
   * ```ts
   * import { readFileSync } from 'node:fs'
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ city: 'Oslo', km: 12 }]).write(to.jsonLines('output/km.jsonl')).run()
   * readFileSync('output/km.jsonl', 'utf8') // => '{"city":"Oslo","km":12}\n'
   * ```
   */
  jsonLines(path: string, options?: ToJsonLinesOptions): AppendSink
  /**
   * A JSON array with one object a row, a line each; values are as in `to.jsonLines`.
   *
   * ```ts
   * import { readFileSync } from 'node:fs'
   * import { read, to } from 'millrace'
   *
   * await read.rows([{ km: 12 }, { km: 30 }]).write(to.json('output/km.json')).run()
   * readFileSync('output/km.json', 'utf8') // => '[\n{"km":12},\n{"km":30}\n]\n'
   * ```
   */
  json(path: string): AppendSink
  /**
   * Arrow IPC: a file with a footer, or with `{ format: 'stream' }` a stream. `compression: 'lz4'` or `'zstd'` packs the
   * buffers of each record batch, but for those that it would not make smaller; a Node.js without ZSTD refuses it. A
   * sparse vector is refused.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * const end = await read.rows([{ km: 12 }]).write(to.arrow('output/km.arrow', { compression: 'lz4' })).run()
   * end.rowsOut // => 1
   * ```
   */
  arrow(path: string, options?: ToArrowOptions): AppendSink
  /**
   * Memory: `rows()` are what the last run wrote. The columns of a frame, as a type, give the rows theirs.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * const trips = read.rows([{ km: 12 }])
   * const kept = to.memory<typeof trips.schema>()
   * await trips.write(kept).run()
   * kept.rows() // => [ { km: 12 } ]
   * ```
   */
  memory<C extends Columns = Dynamic>(): MemoryRows<C>
  /**
   * The standard output, a line for each row as it comes: a JSON object, or with `{ format: 'text' }` the row kind and
   * `name=value` for each column. Of an updating frame it takes all changes; a JSON row that corrects has its `rowKind`.
   *
   * ```ts
   * import { read, to } from 'millrace'
   *
   * const end = await read.rows([{ km: 12 }]).write(to.stdout()).run()
   * end.rowsOut // => 1
   * ```
   */
  stdout(options?: ToStdoutOptions): ChangelogSink
} = {
  parquet: (path, options) => appending(toParquet(path, options)),
  csv: (path, options) => appending(toCsv(path, options)),
  jsonLines: (path, options) => appending(toJsonLines(path, options)),
  json: (path: string, options?: object) => appending(toJson(path, options)),
  arrow: (path, options) => appending(toArrow(path, options)),
  memory: () => memoryRows(),
  stdout: options => toStdout(options),
}

/** A sink in memory, made by `to.memory()`. */
export interface MemoryRows<C extends Columns = Dynamic> extends Sink, Holding<C> {
  readonly accepts: 'changelog'
  /**
   * The rows of the last run as objects, in the order they came; of an updating frame the new and the corrected ones.
   * Timestamps are Dates, or exact texts with `{ times: 'iso' }`.
   */
  rows<F extends TimeForm = 'date'>(options?: { readonly times?: F }): RowIn<C, F>[]
  /** The same as batches of columns, with all row kinds. */
  batches(): readonly Batch[]
}

function memoryRows<C extends Columns>(): MemoryRows<C> {
  const kept = memorySink()
  return {
    name: kept.name,
    accepts: 'changelog',
    open: (schema, signal) => kept.open(schema, signal),
    batches: () => kept.batches,
    rows: <F extends TimeForm>(options?: { readonly times?: F }) =>
      kept.batches.flatMap(batch => [...rowObjects<C, F>(batch, options?.times)]),
  }
}

/** What the connectors of files promise, as a type. */
function appending(sink: Sink): AppendSink {
  return { name: sink.name, accepts: 'append', open: (schema, signal) => sink.open(schema, signal) }
}
