import { INSERT, UPDATE_AFTER, type Batch } from '../data/batch.ts'
import { rowAt, type JsOf, type RowOf, type TimeForm } from '../data/row.ts'
import type { Columns } from '../data/type.ts'
import { defaultExecutor } from '../plan/executor.ts'
import type { Executor } from '../plan/port.ts'
import type { Node } from '../plan/node.ts'
import { optimise } from '../plan/rewrite.ts'
import { callSite } from './call-site.ts'
import type { Dynamic } from './columns.ts'
import { findHost } from './host.ts'
import { checkRunnable } from './query.ts'

/** How rows are read by the code that waits for them. */
export interface ReadOptions {
  /** Ends the reading with an error. In a notebook, interrupting the cell does so too. */
  readonly signal?: AbortSignal
  /** What runs the plan: the embedded engine unless given, or `duckdb()`. */
  readonly engine?: Executor
}

/**
 * Reads the rows of a plan for whoever iterates; a plan that cannot run is refused before that. A failure points at the
 * line that called the action.
 */
export function readBatches(plan: Node, { signal, engine }: ReadOptions): AsyncIterable<Batch> {
  const calledHere = callSite()
  const executor = engine ?? defaultExecutor()
  checkRunnable([plan], executor)
  const [rewritten] = optimise([plan])
  const host = findHost()
  const signals = [signal, host?.signal(host.cell())].filter(each => each !== undefined)
  const batches = executor.batches(rewritten!, {
    ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    ...(host !== null && { critical: host.critical }),
  })
  return pointingAt(calledHere, batches)
}

async function* pointingAt(
  place: (error: unknown) => unknown,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch, void, undefined> {
  try {
    yield* batches
  } catch (error) {
    throw place(error)
  }
}

/** Row objects, with times as they were asked for. */
export type RowIn<C extends Columns, F extends TimeForm> = F extends 'date'
  ? RowOf<C>
  : { [N in keyof C]: C[N] extends 'timestamp' ? string : C[N] extends 'timestamp?' ? string | null : JsOf<C[N]> }

/** The rows of a batch as objects. Where rows are corrected, the new and the corrected ones. */
export function* rowObjects<C extends Columns = Dynamic, F extends TimeForm = 'date'>(
  batch: Batch,
  times?: F,
): Generator<RowIn<C, F>, void, undefined> {
  const { kinds, length } = batch
  for (let i = 0; i < length; i++) {
    const kind = kinds === null ? INSERT : kinds[i]
    if (kind === INSERT || kind === UPDATE_AFTER) yield rowAt(batch, i, times) as RowIn<C, F>
  }
}
