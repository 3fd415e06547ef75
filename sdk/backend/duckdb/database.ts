import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Batch } from '../../data/batch.ts'
import { DataError, InterruptedError, StateError } from '../../data/errors.ts'
import { hop } from '../../plan/hop.ts'
import type { Node, Read } from '../../plan/node.ts'
import { batchOf, physicalColumns, RAISED } from './answer.ts'
import { loadApi, type Api } from './api.ts'
import { planSql } from './plan-sql.ts'
import { FilledTable } from './table.ts'

/**
 * A database of one job, in memory with a folder for what does not fit. It holds a table for each read of the job's
 * plans, filled once, and gives their answers batch by batch.
 */
export class Database {
  readonly #api: Api
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #folder: string
  readonly #signal: AbortSignal
  readonly #tables = new Map<Read, string>()
  readonly #interrupt: () => void
  /** Rows read from the sources so far, and those that a source left out. */
  rowsIn = 0
  rowsRejected = 0

  private constructor(
    api: Api,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    folder: string,
    signal: AbortSignal,
  ) {
    this.#api = api
    this.#instance = instance
    this.#connection = connection
    this.#folder = folder
    this.#signal = signal
    this.#interrupt = () => connection.interrupt()
    signal.addEventListener('abort', this.#interrupt)
  }

  static async open({ memory, threads, spill }: DatabaseOptions, signal: AbortSignal): Promise<Database> {
    const api = await loadApi()
    const folder = await mkdtemp(join(spill ?? tmpdir(), 'millrace-duckdb-'))
    const instance = await api.DuckDBInstance.create(':memory:', {
      threads: String(threads),
      temp_directory: folder,
      ...(memory !== undefined && { memory_limit: memory.replace(' ', '') }),
    })
    return new Database(api, instance, await instance.connect(), folder, signal)
  }

  /** The rows of a plan. Its reads are loaded first, unless another plan has done so. */
  async *answer(plan: Node): AsyncGenerator<Batch, void> {
    const { sql, reads } = planSql(plan, read => this.#nameOf(read))
    for (const read of reads) await this.#load(read)
    const result = await this.#asked(() =>
      this.#connection.stream(`SELECT ${physicalColumns(plan.schema)} FROM (${sql})`),
    )
    for (;;) {
      const chunk = await this.#asked(() => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      yield batchOf(plan.schema, chunk)
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#interrupt)
    this.#connection.closeSync()
    this.#instance.closeSync()
    await rm(this.#folder, { recursive: true, force: true })
  }

  readonly #loaded = new Set<Read>()

  #nameOf(read: Read): string {
    const known = this.#tables.get(read) ?? `source_${this.#tables.size}`
    this.#tables.set(read, known)
    return known
  }

  async #load(read: Read): Promise<void> {
    if (this.#loaded.has(read)) return
    this.#loaded.add(read)
    const { source, schema, where = [] } = read
    const table = await FilledTable.create(this.#api, this.#connection, this.#nameOf(read), schema.fields)
    const reader = source.open({ columns: schema.names, where, batchRows: BATCH_ROWS, signal: this.#signal })
    try {
      let from = performance.now()
      for (let batch = await reader.next(); batch !== null; batch = await reader.next()) {
        this.#stopIfAsked()
        await this.#asked(() => table.append(batch))
        this.rowsIn += batch.length
        if (performance.now() - from < SLICE_MS) continue
        await hop()
        from = performance.now()
      }
      await this.#asked(() => table.finish())
      this.rowsRejected += reader.skipped ?? 0
    } finally {
      await reader.close()
    }
  }

  #stopIfAsked(): void {
    if (this.#signal.aborted) throw interrupted()
  }

  /** What DuckDB gives; what it fails with as an error of ours. */
  async #asked<T>(ask: () => T | Promise<T>): Promise<T> {
    this.#stopIfAsked()
    try {
      return await ask()
    } catch (error) {
      throw this.#signal.aborted ? interrupted() : translated(error)
    }
  }
}

/** The options of `duckdb()`, checked. */
export interface DatabaseOptions {
  readonly memory?: string
  readonly threads: number
  readonly spill?: string
}

const BATCH_ROWS = 16_384
/** How long rows are loaded before others get the thread. */
const SLICE_MS = 7

function interrupted(): InterruptedError {
  return new InterruptedError('interrupted', 'the query in DuckDB was interrupted. Start it again to begin anew.')
}

function translated(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error)
  const raised = new RegExp(`${RAISED}([\\w-]+): (.*)`, 's').exec(text)
  if (raised !== null) return new DataError(raised[1]!, raised[2]!, {}, error)
  if (/^Out of Memory/i.test(text)) {
    const advice = `Give it more: duckdb({ memory: '4 GB' }), or room for what does not fit: { spill: '/a/folder' }.`
    return new StateError('memory', `DuckDB ran out of memory: ${text} ${advice}`, {}, error)
  }
  const code = /overflow|out of range/i.test(text)
    ? 'overflow'
    : /division/i.test(text)
      ? 'division-by-zero'
      : 'bad-value'
  return new DataError(code, `DuckDB: ${text}`, {}, error)
}
