/**
 * Work that outlives its cell: listed until it has settled, its progress told at most every 200 ms, its failure told
 * as an error of its cell. Who stops it waits until it has settled.
 */
import type { BackgroundWork } from '../display/host.ts'
import type { BackgroundStatus } from '../session/contract.ts'
import { describeError } from './error-lines.ts'
import type { Reporter } from './report.ts'
import { within, type Run } from './run-context.ts'
import { native } from './timers.ts'

const INTERVAL_MS = 200

interface Entry {
  readonly cell: string
  /** The run that what its methods print belongs to. */
  readonly run: Run
  readonly work: BackgroundWork
  readonly settled: Promise<void>
  stopping: boolean
}

export class Background {
  readonly #reporter: Reporter
  readonly #entries = new Set<Entry>()
  readonly #timer: NodeJS.Timeout

  constructor(reporter: Reporter) {
    this.#reporter = reporter
    this.#timer = native.setInterval(() => this.#tell(), INTERVAL_MS)
    this.#timer.unref()
  }

  add(work: BackgroundWork, cell: string, run: Run): void {
    const settled = work.done.then(
      () => undefined,
      (error: unknown) => {
        const ended = entry.stopping && error instanceof Error && error.name === 'AbortError'
        if (!ended) this.#reporter.error(cell, describeError(error))
      },
    )
    const entry: Entry = { cell, run, work, stopping: false, settled }
    this.#entries.add(entry)
    this.#tellCell(cell)
    void settled.then(() => {
      this.#entries.delete(entry)
      this.#tellCell(cell)
    })
  }

  /** Asks the work of a cell, or all of it, to stop and waits for its end. */
  async stop(cell?: string): Promise<void> {
    const entries = [...this.#entries].filter(entry => cell === undefined || entry.cell === cell)
    await Promise.all(
      entries.map(async entry => {
        entry.stopping = true
        try {
          await within(entry.run, () => entry.work.stop())
        } catch (error) {
          this.#reporter.error(entry.cell, describeError(error))
        }
        await entry.settled
      }),
    )
  }

  #tell(): void {
    for (const cell of new Set([...this.#entries].map(entry => entry.cell))) this.#tellCell(cell)
  }

  #tellCell(cell: string): void {
    const works: BackgroundStatus[] = []
    for (const entry of this.#entries) {
      if (entry.cell !== cell) continue
      works.push({
        cell,
        name: entry.work.name,
        bounded: entry.work.bounded,
        progress: within(entry.run, () => progressOf(entry.work)),
      })
    }
    this.#reporter.event({ kind: 'background', cell, works })
  }
}

function progressOf(work: BackgroundWork): string {
  try {
    return work.progress()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
