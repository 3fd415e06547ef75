import { PlanError } from '../data/errors.ts'
import { defaultExecutor } from '../plan/executor.ts'
import type { Executor, Progress, RunningJob } from '../plan/port.ts'
import { refusalOf } from '../plan/refusal.ts'
import { optimise } from '../plan/rewrite.ts'
import { callSite } from './call-site.ts'
import { findHost, meetNotebook, type Host } from './host.ts'
import type { OpenPart, OutputPart } from './view.ts'

/** How far a query is. The watermark is the event time up to which all rows are thought to have come. */
export interface QueryProgress extends Omit<Progress, 'watermark'> {
  readonly watermark: Date | null
}

/** awaited: whoever started it waits for it · background: it goes on by itself. */
type Care = 'awaited' | 'background'

/**
 * A job that runs. It is not a promise itself: wait for `done`.
 *
 * In a notebook it belongs to the cell that started it: interrupting that cell or running it again ends the query as
 * interrupted, and its failure is shown in that cell. A cell that displays it shows a line that follows it. In a script `done` rejects with what failed; when nobody has asked
 * for `done`, the failure is written to stderr and the process will exit with code 1, but goes on. A query that failed or
 * was interrupted has lost its state: starting its output again begins anew.
 *
 * ```ts
 * import { read, to } from 'millrace'
 *
 * const km = to.memory()
 * const query = read.rows([{ km: 12 }, { km: 30 }]).write(km).start({ name: 'trips' })
 * const end = await query.done
 * end.state // => 'finished'
 * end.rowsIn // => 2
 * ```
 */
export class Query {
  readonly name: string
  /** True when the query ends by itself. */
  readonly bounded: boolean
  /** What its parts opened for this run. */
  readonly opened: readonly OpenPart[]
  /** The cell that it belongs to, null in a script. */
  readonly cell: string | null
  readonly #job: RunningJob
  readonly #done: Promise<QueryProgress>
  /** What cells that display the query still draw of it. */
  readonly #drawn: Promise<void>[] = []
  #asked = false

  private constructor(name: string, bounded: boolean, opened: readonly OpenPart[], job: RunningJob, host: Host | null) {
    this.name = name
    this.bounded = bounded
    this.opened = opened
    this.cell = host === null ? null : host.cell()
    this.#job = job
    const calledHere = callSite()
    const ended = job.done.then(async progress => {
      const last = forUsers(progress)
      if (host === null) for (const { view } of opened) await view?.save?.(last, name)
      return last
    })
    this.#done = ended.catch((error: unknown) => {
      throw calledHere(error)
    })
  }

  /** Starts the parts as one job, on the installed executor unless another is named. */
  static start(
    parts: readonly OutputPart[],
    name: string,
    care: Care = 'background',
    executor: Executor = defaultExecutor(),
  ): Query {
    const plans = parts.map(part => part.plan)
    checkRunnable(plans, executor)
    const host = findHost()
    const opened = parts.map(part => part.open())
    const rewritten = optimise(plans)
    const job = executor.start({
      name,
      outputs: opened.map(({ sink }, i) => ({ plan: rewritten[i]!, sink })),
      ...(host !== null && { signal: host.signal(host.cell()), critical: host.critical }),
    })
    const bounded = plans.every(plan => plan.bounded)
    const query = new Query(name, bounded, opened, job, host)
    query.#supervise(care, host)
    return query
  }

  /** Settles when the query has ended: with its last progress, or with what made it fail. */
  get done(): Promise<QueryProgress> {
    this.#asked = true
    return this.#done
  }

  /** How far it is. */
  progress(): QueryProgress {
    return forUsers(this.#job.progress())
  }

  /** Ends the query before its time: sources stop, sinks close what is complete. `done` then gives the last progress. */
  async stop(): Promise<void> {
    await this.#job.stop()
  }

  /** Stops at the end of `await using query = …`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#done.catch(() => undefined) // what failed has been told through `done`
  }

  /** Tells the host that the query goes on after its cell, until `ended` and until all that is shown of it is drawn. */
  announce(host: Host, ended: Promise<unknown>): void {
    const { name, bounded } = this
    const done = this.#untilDrawn(ended)
    const progress = (): string => progressLine(this.progress())
    host.background({ name, bounded, done, progress, stop: () => this.stop() }, this.cell ?? undefined)
  }

  static {
    meetNotebook(this.prototype, {
      // a line that follows the query, in the cell that displays it
      async display() {
        const host = findHost()
        if (host === null) return { 'text/plain': statusLine(this) }
        const { showStatus } = await import('./live.ts')
        this.#drawn.push(showStatus(this, host))
        return {}
      },
      inspect() {
        return statusLine(this)
      },
    })
  }

  async #untilDrawn(ended: Promise<unknown>): Promise<void> {
    try {
      await ended
    } finally {
      await Promise.all(this.#drawn)
    }
  }

  /** Sees to it that a failure is told once and never ends the process as an unhandled rejection. */
  #supervise(care: Care, host: Host | null): void {
    if (care === 'background' && host !== null) this.announce(host, this.#done)
    this.#done.catch((error: unknown) => {
      if (this.#asked || care === 'awaited' || host !== null) return
      console.error(`query ${this.name} failed:`, error)
      process.exitCode = 1
    })
  }
}

/** Refuses what the executor cannot run, before anything is opened. */
export function checkRunnable(plans: readonly Parameters<Executor['refuses']>[0][], executor: Executor): void {
  for (const plan of plans) {
    const refusal = refusalOf(plan, executor)
    if (refusal !== null) throw new PlanError('refused', refusal)
  }
}

function forUsers(progress: Progress): QueryProgress {
  const { watermark } = progress
  return { ...progress, watermark: watermark === null ? null : new Date(Math.floor(watermark / 1000)) }
}

/** `hourly: running, 1.2 M rows, 340 k/s, 340 rows out`. */
export function statusLine(query: Query): string {
  const progress = query.progress()
  return `${query.name}: ${progress.state}, ${progressLine(progress)}, ${rowsText(progress.rowsOut)} out`
}

/** `1.2 M rows, 340 k/s, 12 late, at 2001-05-02 13:00`. */
function progressLine(progress: QueryProgress): string {
  const { rowsIn, lateRows, rejectedRows, elapsedMs, watermark, done } = progress
  const parts = [rowsText(rowsIn)]
  if (elapsedMs > 0) parts.push(`${shortCount(Math.round((rowsIn / elapsedMs) * 1000))}/s`)
  if (lateRows > 0) parts.push(`${shortCount(lateRows)} late`)
  if (rejectedRows > 0) parts.push(`${shortCount(rejectedRows)} rejected`)
  if (watermark !== null && !Number.isNaN(watermark.getTime())) {
    parts.push(`at ${watermark.toISOString().slice(0, 16).replace('T', ' ')}`)
  }
  if (done !== null) parts.push(`${Math.round(done * 100)} %`)
  return parts.join(', ')
}

function rowsText(n: number): string {
  return `${shortCount(n)} ${n === 1 ? 'row' : 'rows'}`
}

function shortCount(n: number): string {
  if (n < 10_000) return String(n)
  return n < 1e6 ? `${Math.round(n / 1e3)} k` : `${(n / 1e6).toFixed(1)} M`
}
