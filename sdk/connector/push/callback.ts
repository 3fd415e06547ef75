import { ColumnBuilder } from '../../data/builder.ts'
import type { Column } from '../../data/column.ts'
import { DataError, PlanError, SourceError } from '../../data/errors.ts'
import { checkOptions } from '../../data/options.ts'
import { fromJs, type JsOf } from '../../data/row.ts'
import { Schema } from '../../data/schema.ts'
import { typeText, type Columns } from '../../data/type.ts'
import type { ReadRequest, Source, SourceReader } from '../../plan/port.ts'
import { Inbox, type RowHolder } from './inbox.ts'

/**
 * Rows that a function of the program brings: it is called for each pass and pushes rows until it is told to stop. What
 * it has pushed before cannot be had again.
 */

/** What the function is given. */
export interface Emitter<C extends Columns> {
  /**
   * Adds a row, or several. Gives a promise where enough rows wait already: wait for it before the next. A value that
   * its column does not hold is an error, here and at once.
   */
  readonly push: (rows: RowGiven<C> | readonly RowGiven<C>[]) => void | Promise<void>
  /** No more rows come; what is pushed afterwards is left out. */
  readonly end: () => void
  /** Ends the query with an error, after the rows before it. */
  readonly fail: (error: Error) => void
  /** Aborted when the query ends. */
  readonly signal: AbortSignal
}

/** A row of typed columns as it is given: a time may be an ISO text, and a column that may be null left out. */
export type RowGiven<C extends Columns> = {
  readonly [N in keyof C as null extends JsOf<C[N]> ? never : N]: ValueGiven<C[N]>
} & { readonly [N in keyof C as null extends JsOf<C[N]> ? N : never]?: ValueGiven<C[N]> | undefined }

type ValueGiven<T extends Columns[string]> = T extends `timestamp${string}` | `date${string}`
  ? JsOf<T> | string
  : JsOf<T>

/** Brings rows. It may give a function that is called at the end of a pass, or a promise, whose end is that of the rows. */
export type Bring<C extends Columns> = (emitter: Emitter<C>) => void | (() => void) | Promise<void>

export interface CallbackOptions {
  /** Rows that may wait before `push` gives a promise: 10 000 unless given. A hundred times as many end the query. */
  readonly buffer?: number
}

const BUFFER = 10_000
/** One that pushes without ever waiting must not fill the memory. */
const OVERRUN = 100

export function callback<C extends Columns>(columns: C, bring: Bring<C>, options: CallbackOptions = {}): Source {
  checkOptions('callback', options, ['buffer'])
  const { buffer = BUFFER } = options
  if (typeof bring !== 'function') {
    throw new PlanError('bad-option', 'callback: after the columns comes a function that pushes rows: ({ push }) => …')
  }
  if (!(Number.isSafeInteger(buffer) && buffer > 0)) {
    throw new PlanError('bad-option', `callback: buffer is a number of rows from 1 on, not ${buffer}`, {
      option: 'buffer',
    })
  }
  const name = bring.name === '' ? 'callback' : `callback ${bring.name}`
  const schema = Schema.of(columns)
  return {
    name,
    schema,
    bounded: false,
    replayable: false,
    open: request => new CallbackReader(name, schema.pick(request.columns), bring, buffer, request),
  }
}

class CallbackReader<C extends Columns> implements SourceReader {
  readonly #name: string
  readonly #bring: Bring<C>
  readonly #buffer: number
  readonly #signal: AbortSignal
  readonly #rows: GivenRows
  readonly #inbox: Inbox
  readonly #stop = new AbortController()
  #started = false
  #leave: () => void = () => undefined

  constructor(name: string, schema: Schema, bring: Bring<C>, buffer: number, request: ReadRequest) {
    this.#name = name
    this.#bring = bring
    this.#buffer = buffer
    this.#signal = request.signal
    this.#rows = new GivenRows(name, schema)
    this.#inbox = new Inbox(schema, this.#rows, request.batchRows, buffer)
  }

  next(): ReturnType<Inbox['next']> {
    if (!this.#started) this.#start()
    return this.#inbox.next()
  }

  #start(): void {
    this.#started = true
    const inbox = this.#inbox
    const end = (): void => inbox.end()
    this.#signal.addEventListener('abort', end, { once: true })
    const brought = this.#bring({
      push: rows => this.#push(rows),
      end,
      fail: error => inbox.fail(this.#failed(error)),
      signal: this.#stop.signal,
    })
    if (typeof brought === 'function') this.#leave = brought
    else if (brought instanceof Promise) brought.then(end, (error: unknown) => inbox.fail(this.#failed(error)))
  }

  #push(given: object | readonly object[]): void | Promise<void> {
    const inbox = this.#inbox
    if (inbox.ended) return
    for (const row of Array.isArray(given) ? (given as readonly object[]) : [given]) this.#rows.add(row)
    const wait = inbox.added()
    if (inbox.waiting > this.#buffer * OVERRUN) {
      const text = `${this.#name}: ${inbox.waiting} rows wait to be taken. Wait for the promise that push gives, or push fewer.`
      inbox.fail(new SourceError('overrun', text))
    }
    return wait
  }

  #failed(error: unknown): unknown {
    if (error instanceof DataError || error instanceof SourceError) return error
    return new SourceError(
      'failed',
      `${this.#name}: ${error instanceof Error ? error.message : String(error)}`,
      {},
      error,
    )
  }

  offset(): number {
    return this.#rows.taken
  }

  seek(): never {
    throw new SourceError('not-replayable', `${this.#name}: rows that were pushed before cannot be had again`)
  }

  close(): void {
    this.#inbox.end()
    this.#stop.abort()
    const leave = this.#leave
    this.#leave = () => undefined
    leave()
  }
}

/** Row objects as columns. */
class GivenRows implements RowHolder {
  readonly #name: string
  readonly #schema: Schema
  #builders: ColumnBuilder[]
  rows = 0
  taken = 0

  constructor(name: string, schema: Schema) {
    this.#name = name
    this.#schema = schema
    this.#builders = schema.fields.map(field => new ColumnBuilder(field.type))
  }

  add(row: object): void {
    const values = this.#schema.fields.map(field => {
      const converted = fromJs((row as Readonly<Record<string, unknown>>)[field.name], field)
      if ('value' in converted) return converted.value
      const text = `${this.#name}: column "${field.name}" (${typeText(field)}), row ${this.taken + this.rows}: ${converted.problem}`
      throw new DataError('bad-value', text, { column: field.name, row: this.taken + this.rows })
    })
    for (const [i, value] of values.entries()) this.#builders[i]!.push(value)
    this.rows++
  }

  finish(): readonly Column[] {
    const columns = this.#builders.map(builder => builder.finish())
    this.#builders = this.#schema.fields.map(field => new ColumnBuilder(field.type))
    this.taken += this.rows
    this.rows = 0
    return columns
  }
}
