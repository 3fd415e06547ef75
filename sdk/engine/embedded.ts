import type { Batch } from '../data/batch.ts'
import { PlanError } from '../data/errors.ts'
import type { Node } from '../plan/node.ts'
import type { Executor, Job, RunningJob } from '../plan/port.ts'
import { refusalOf } from '../plan/refusal.ts'
import { Handoff } from './run/handoff.ts'
import { refuses } from './run/refuses.ts'
import { Run } from './run/run.ts'
import { systemClock, type Clock } from './time/clock.ts'

/** What the embedded engine takes from outside. */
export interface EmbeddedOptions {
  /** Wall time, for tests that move it by hand. */
  readonly clock?: Clock
}

/**
 * The executor that runs plans in the thread of the caller, in slices of a few milliseconds, so that user functions
 * are plain closures and the rest of the program stays responsive.
 *
 * ```ts
 * import { embedded, read } from 'millrace'
 *
 * const table = await read.rows([{ city: 'Oslo' }, { city: 'Rome' }]).collect()
 * table.length // => 2
 * embedded().name // => 'embedded'
 * ```
 */
export function embedded({ clock = systemClock }: EmbeddedOptions = {}): Executor {
  const start = (job: Job): RunningJob => {
    for (const { plan } of job.outputs) {
      const refusal = refusalOf(plan, executor)
      if (refusal !== null) throw new PlanError('refused', refusal)
    }
    return new Run(job, clock)
  }
  const executor: Executor = {
    name: 'embedded',
    refuses,
    start,
    batches: (plan, options) => batches(start, plan, options),
  }
  return executor
}

async function* batches(
  start: (job: Job) => RunningJob,
  plan: Node,
  { signal, critical }: { readonly signal?: AbortSignal; readonly critical?: Int32Array } = {},
): AsyncGenerator<Batch, void> {
  const handoff = new Handoff()
  const job: Job = { name: 'collect', outputs: [{ plan, sink: handoff }] }
  const running = start({ ...job, ...(signal && { signal }), ...(critical && { critical }) })
  // A failure is thrown below, when the consumer comes to it.
  const failure = running.done.then(
    () => null,
    (error: unknown) => ({ error }),
  )
  try {
    for (let batch = await handoff.take(); batch !== null; batch = await handoff.take()) yield batch
    const failed = await failure
    if (failed !== null) throw failed.error
  } finally {
    await running.stop()
  }
}
