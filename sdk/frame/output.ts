import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { updatingBy } from '../plan/build.ts'
import { explainJob, type ExplainOptions } from '../plan/explain.ts'
import type { Node } from '../plan/node.ts'
import type { Executor, Sink } from '../plan/port.ts'
import { findHost, meetNotebook, type Host } from './host.ts'
import { showQuery } from './live.ts'
import { Query, type QueryProgress } from './query.ts'
import type { OutputPart } from './view.ts'

/**
 * Outputs: plans with the sinks and views that they flow into, not started yet. An output holds no state; each start
 * opens its parts anew.
 */

/** How a query is started. */
export interface StartOptions {
  /** What the query is called in progress lines and errors. */
  readonly name?: string
  /** What runs it: the embedded engine unless given, or `duckdb()` where all rows are there. */
  readonly engine?: Executor
}

/**
 * Where frames flow to when they are started: into sinks, and into plots. Nothing runs yet. An output is cold: each
 * start is a pass of its own from the beginning of its sources.
 *
 * In a notebook an output that a cell displays starts in the background and shows how it goes; the next cell runs.
 *
 * ```ts
 * import { read, to } from 'millrace'
 *
 * const trips = read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 }])
 * const far = to.memory()
 * const near = to.memory()
 * const job = trips.filter(t => t.km.gt(20)).write(far).and(trips.filter(t => t.km.le(20)).write(near))
 * await job.run()
 * far.rows() // => [ { city: 'Rome', km: 30 } ]
 * near.rows() // => [ { city: 'Oslo', km: 12 } ]
 * ```
 */
export class Output {
  readonly parts: readonly OutputPart[]

  constructor(parts: readonly OutputPart[]) {
    this.parts = Object.freeze([...parts])
  }

  /** One job of both: what they share is read and computed once. */
  and(other: Output): Output {
    return new Output([...this.parts, ...other.parts])
  }

  /**
   * Starts in the background and gives the running query. A plan that cannot run is refused here, at once. In a notebook
   * its plots appear in the cell and move; interrupting or running the cell again stops the query.
   */
  start(options: StartOptions = {}): Query {
    checkOptions('start', options, ['name', 'engine'])
    const host = this.#seenBy()
    const care = host === null ? 'background' : 'awaited'
    const query = Query.start(this.parts, options.name ?? this.#name(), care, options.engine)
    if (host !== null) query.announce(host, showQuery(query, host))
    return query
  }

  /** Starts and waits for the end; gives the last progress, or throws what made it fail. */
  async run(options: StartOptions = {}): Promise<QueryProgress> {
    checkOptions('run', options, ['name', 'engine'])
    const host = this.#seenBy()
    const query = Query.start(this.parts, options.name ?? this.#name(), 'awaited', options.engine)
    if (host !== null) await showQuery(query, host)
    return query.done
  }

  /**
   * The plans of all parts, as text. What they share is written once: it is run once. With an engine it says of each
   * step whether that engine runs it, or why it refuses.
   */
  explain(options: ExplainOptions = {}): string {
    checkOptions('explain', options, ['engine'])
    return explainJob(this.parts, options.engine)
  }

  static {
    meetNotebook(this.prototype, {
      // plots of batches are drawn before the cell ends; anything else goes on in the background and is kept up to date
      async display() {
        const host = findHost()
        if (host === null) return { 'text/plain': this.explain() }
        const still = this.parts.every(part => part.plan.frameKind === 'batch')
        const query = Query.start(this.parts, this.#name(), 'awaited')
        const shown = showQuery(query, host)
        if (still) await shown
        else query.announce(host, shown)
        return {}
      },
      inspect() {
        return this.explain()
      },
    })
  }

  /** The host of the notebook, when there is something that a cell would show. */
  #seenBy(): Host | null {
    return this.parts.some(part => part.drawn) ? findHost() : null
  }

  #name(): string {
    return this.parts.map(part => part.name).join(', ')
  }
}

/** An output of one frame into one sink. A sink that only appends refuses a frame that corrects its rows. */
export function outputTo(plan: Node, sink: Sink): Output {
  if (plan.frameKind === 'updating' && sink.accepts === 'append') {
    const text = `write: ${sink.name} only appends, but ${updatingBy(plan)} corrects rows it has given. Aggregate in windows: .window(tumble('1 minute')).`
    throw new PlanError('updating', text, { sink: sink.name })
  }
  return new Output([{ name: sink.name, plan, open: () => ({ sink }) }])
}
