import { availableParallelism } from 'node:os'
import type { Batch } from '../../data/batch.ts'
import { PlanError } from '../../data/errors.ts'
import { memoryBytes, type MemorySize } from '../../data/memory-size.ts'
import { checkOptions } from '../../data/options.ts'
import type { Node } from '../../plan/node.ts'
import type { Executor } from '../../plan/port.ts'
import { refusalOf } from '../../plan/refusal.ts'
import { Database, type DatabaseOptions } from './database.ts'
import { DuckdbJob } from './job.ts'
import { refusesNode } from './plan-sql.ts'

/**
 * The executor that runs bounded plans in DuckDB: on many cores, and with sorts, joins and groups larger than memory. It
 * gives the same answers as the embedded engine, or refuses the plan before it reads a row: `explain({ engine })` says
 * what it refuses and why. Integers, texts and times are equal exactly, float sums and means within rounding; rows have
 * an order only after `orderBy`. It reads through our sources, so that types and bad rows are what they always are.
 * Needs the package `@duckdb/node-api`.
 *
 * ```ts
 * import { count, duckdb, read } from 'millrace'
 *
 * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 }, { city: 'Rome', km: 50 }])
 * const cities = trips.groupBy('city').aggregate(t => ({ trips: count(), km: t.km.sum() })).orderBy('city')
 * const table = await cities.collect({ engine: duckdb({ memory: '1 GB' }) })
 * table.rows() // => [ { city: 'Oslo', trips: 1, km: 12 }, { city: 'Rome', trips: 2, km: 80 } ]
 * ```
 */
export function duckdb(options: DuckdbOptions = {}): Executor {
  checkOptions('duckdb', options, ['memory', 'threads', 'spill'])
  const { memory, threads = availableParallelism() } = options
  if (memory !== undefined) memoryBytes(memory, 'duckdb')
  if (!Number.isInteger(threads) || threads < 1) {
    const text = `duckdb: threads must be a whole number from 1 on, found ${String(threads)}`
    throw new PlanError('bad-option', text, { option: 'threads' })
  }
  const database: DatabaseOptions = { ...options, threads }
  const check = (plan: Node): void => {
    const refusal = refusalOf(plan, executor)
    if (refusal !== null) throw new PlanError('refused', refusal)
  }
  const executor: Executor = {
    name: 'duckdb',
    refuses: refusesNode,
    start: job => {
      for (const { plan } of job.outputs) check(plan)
      return new DuckdbJob(job, database)
    },
    batches: (plan, { signal } = {}) => {
      check(plan)
      return batches(database, plan, signal ?? new AbortController().signal)
    },
  }
  return executor
}

/** How DuckDB runs plans. */
export interface DuckdbOptions {
  /** What it may keep in memory, such as `'2 GB'`; the rest goes to disk. Left out, 80 % of the machine's memory. */
  readonly memory?: MemorySize
  /** Threads. Left out, one for each processor. */
  readonly threads?: number
  /** The folder for what does not fit into memory. Left out, one in the system's temporary folder. */
  readonly spill?: string
}

async function* batches(options: DatabaseOptions, plan: Node, signal: AbortSignal): AsyncGenerator<Batch, void> {
  const database = await Database.open(options, signal)
  try {
    yield* database.answer(plan)
  } finally {
    await database.close()
  }
}
