/**
 * One side of one case in a process of its own: prepare, warm up, measure one run, answer over the channel to the
 * parent. CPU time is that of the whole process, worker threads included.
 */
import type { Bench, Measured, Work } from './bench.ts'
import { MissingRival } from './rivals.ts'

export interface Task {
  readonly file: string
  readonly index: number
  readonly side: 'ours' | 'rival'
  readonly quick: boolean
}

export type Answer = { readonly value: number; readonly answer: unknown } | { readonly missing: string }

process.once('message', (task: Task) => {
  perform(task)
    .catch((error: unknown): Answer => {
      if (error instanceof MissingRival) return { missing: error.message }
      throw error
    })
    .then(
      answer => process.send?.(answer, () => process.disconnect()),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
})

async function perform({ file, index, side, quick }: Task): Promise<Answer> {
  const { bench } = (await import(file)) as { readonly bench: Bench }
  const each = bench.cases[index]!
  const chosen = side === 'ours' ? each.ours : 'side' in each.rival ? each.rival.side : null
  if (chosen === null) throw new TypeError(`the rival of ${each.name} is no side`)
  const work = await chosen({ quick })
  for (let i = 0; i < (each.warmups ?? 1); i++) await work()
  return measure(each.metric, work)
}

async function measure(metric: string, work: Work): Promise<Answer> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const found = await work()
  const wallSeconds = (performance.now() - start) / 1e3
  const { user, system } = process.cpuUsage(cpu)
  if (metric === 'cpu s') return { value: (user + system) / 1e6, answer: found }
  if (metric === 'wall s') return { value: wallSeconds, answer: found }
  const { value, answer } = found as Measured
  return { value, answer }
}
