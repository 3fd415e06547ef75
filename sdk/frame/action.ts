import type { Batch } from '../data/batch.ts'
import { defaultExecutor } from '../plan/executor.ts'
import type { Node } from '../plan/node.ts'
import { optimise } from '../plan/rewrite.ts'
import { findHost } from './host.ts'
import { checkRunnable } from './query.ts'

/** How rows are read by the code that waits for them. */
export interface ReadOptions {
  /** Ends the reading with an error. In a notebook, interrupting the cell does so too. */
  readonly signal?: AbortSignal
}

/** Reads the rows of a plan for whoever iterates; a plan that cannot run is refused before that. */
export function readBatches(plan: Node, { signal }: ReadOptions): AsyncIterable<Batch> {
  const executor = defaultExecutor()
  checkRunnable([plan], executor)
  const [rewritten] = optimise([plan])
  const host = findHost()
  const signals = [signal, host?.signal(host.cell())].filter(each => each !== undefined)
  return executor.batches(rewritten!, {
    ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    ...(host !== null && { critical: host.critical }),
  })
}
