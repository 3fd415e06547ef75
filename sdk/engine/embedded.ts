import { tmpdir, totalmem } from 'node:os'
import type { Batch } from '../data/batch.ts'
import { PlanError } from '../data/errors.ts'
import { memoryBytes, type MemorySize } from '../data/memory-size.ts'
import { checkOptions } from '../data/options.ts'
import type { Node } from '../plan/node.ts'
import type { Executor, Job, RunningJob } from '../plan/port.ts'
import { refusalOf } from '../plan/refusal.ts'
import { Handoff } from './run/handoff.ts'
import { refuses } from './run/refuses.ts'
import { Run } from './run/run.ts'
import { SpillFolder } from './state/spill.ts'
import { systemClock, type Clock } from './time/clock.ts'

/** What the embedded engine takes from outside. */
export interface EmbeddedOptions {
  /**
   * What each step of a job may hold in memory, such as `'2 GB'`. Over a batch a sort, a group-by and `distinct` write what
   * is beyond it to files, and give the same rows in the same order; whatever else must hold more, such as a join or one
   * group, fails with an error that names it. An estimate: garbage and rows on their way come on top. Left
   * out, half of the machine's memory.
   */
  readonly memory?: MemorySize
  /** The folder for those files, which go when the job ends. Left out, the system's temporary folder. */
  readonly spill?: string
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
export function embedded(options: EmbeddedOptions = {}): Executor {
  checkOptions('embedded', options, ['memory', 'spill', 'clock'])
  const { clock = systemClock, spill = tmpdir() } = options
  const budgetBytes = options.memory === undefined ? totalmem() / 2 : memoryBytes(options.memory, 'embedded')
  const start = (job: Job): RunningJob => {
    for (const { plan } of job.outputs) {
      const refusal = refusalOf(plan, executor)
      if (refusal !== null) throw new PlanError('refused', refusal)
    }
    return new Run(job, clock, { budgetBytes, spill: new SpillFolder(spill) })
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
