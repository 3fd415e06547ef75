/**
 * One run of a notebook: its code cells in order in one session, the first unexpected failure ends it, and background
 * work that cells started is waited for at the end. Whatever happens, the result is the whole notebook with the
 * outputs that there are; cells that did not run have none.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { CellError, CellEvent, CellSession } from '../session/contract.ts'
import { startSession } from '../session/session.ts'
import { hasTag, type Cell, type CodeCell, type Notebook } from './model.ts'
import { Outputs } from './outputs.ts'
import type { Progress } from './progress.ts'

export interface RunOptions {
  /** The folder that imports and file names of cells start from. */
  readonly cwd: string
  /** Goes on after a failing cell, and counts no failure. */
  readonly allowErrors: boolean
  /** How long one cell may take; null is without end. */
  readonly timeoutSeconds: number | null
  /** How long unbounded background work goes on after the last cell. */
  readonly drainSeconds: number
  readonly progress: Progress
}

export interface RunResult {
  readonly notebook: Notebook
  readonly failures: readonly Failure[]
  readonly interrupted: boolean
}

/** What went wrong and was not expected to. */
export interface Failure {
  readonly count: number
  readonly background: boolean
  readonly error: CellError
}

export class NotebookRun {
  readonly #notebook: Notebook
  readonly #options: RunOptions
  readonly #outputs = new Outputs()
  readonly #ran = new Map<string, { readonly cell: CodeCell; readonly count: number; times: Times }>()
  readonly #failures: Failure[] = []
  readonly #stopped = new AbortController()
  readonly #abandoned: Promise<CellError>
  #abandon: (error: CellError) => void = () => undefined
  #session: CellSession | null = null
  #isOver = false

  constructor(notebook: Notebook, options: RunOptions) {
    this.#notebook = notebook
    this.#options = options
    this.#abandoned = new Promise(settle => (this.#abandon = settle))
  }

  /** The first call interrupts what runs and ends the run after it; the second ends the run at once. */
  interrupt(): void {
    if (this.#stopped.signal.aborted) return this.#abandon(ABANDONED)
    this.#stopped.abort()
    this.#session?.interrupt().catch((cause: unknown) => this.#abandon(asCellError(cause)))
  }

  async run(): Promise<RunResult> {
    const { cwd, progress } = this.#options
    const cells = this.#notebook.cells.filter(isRunnable)
    progress.open(cells.length)
    try {
      const session = await startSession({ cwd, frontEnd: 'runner', listen: event => this.#listen(event) })
      this.#session = session
      try {
        // The language service warms up here, so that it counts for no cell's time.
        await Promise.race([session.check(''), this.#abandoned])
        if (await this.#runCells(session, cells)) await this.#drain(session)
        // What an interrupted run leaves running is ended as interrupted, so that no sink takes a part for the whole.
        if (!this.#stopped.signal.aborted) await Promise.race([session.stopBackground(), this.#abandoned])
      } finally {
        // What the processes say while they end belongs to no cell.
        this.#isOver = true
        await session.shutdown()
      }
    } finally {
      progress.close()
    }
    const interrupted = this.#stopped.signal.aborted
    return { notebook: this.#result(), failures: this.#failures, interrupted }
  }

  /** True when all cells have run. */
  async #runCells(session: CellSession, cells: readonly CodeCell[]): Promise<boolean> {
    for (const [index, cell] of cells.entries()) {
      if (this.#stopped.signal.aborted) return false
      const count = index + 1
      this.#options.progress.cell(count)
      const error = await this.#runCell(session, cell, count)
      this.#options.progress.cellEnded(error === null)
      if (error === null) continue
      this.#outputs.apply({ kind: 'error', cell: cell.id, error, background: false })
      const expected = this.#isExpected(cell) && error.ename !== TIMEOUT
      if (!expected) this.#failures.push({ count, background: false, error })
      if (!expected || this.#stopped.signal.aborted) return false
    }
    return true
  }

  async #runCell(session: CellSession, cell: CodeCell, count: number): Promise<CellError | null> {
    const { timeoutSeconds } = this.#options
    const times = { start: new Date(), end: new Date() }
    this.#ran.set(cell.id, { cell, count, times })
    this.#outputs.open(cell.id, count)
    let late = false
    const interrupt = (): void => {
      late = true
      session.interrupt().catch((cause: unknown) => this.#abandon(asCellError(cause)))
    }
    const timer = timeoutSeconds === null ? undefined : setTimeout(interrupt, timeoutSeconds * 1000)
    const reply = session.execute({ cell: cell.id, code: cell.source, count })
    const error = await Promise.race([
      reply.then(done => (done.status === 'error' ? done.error : null), asCellError),
      this.#abandoned,
    ])
    clearTimeout(timer)
    times.end = new Date()
    if (!late || error === null) return error
    const evalue = `the cell ran longer than ${timeoutSeconds} s, the limit that --timeout sets`
    return { ename: TIMEOUT, evalue, traceback: [`${TIMEOUT}: ${evalue}`, ...error.traceback] }
  }

  /** Waits while bounded work goes on, and for unbounded work as long as it is given. */
  async #drain(session: CellSession): Promise<void> {
    const end = performance.now() + this.#options.drainSeconds * 1000
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const works = session.background()
      if (works.length === 0) return
      if (performance.now() >= end && !works.some(work => work.bounded)) return
      this.#options.progress.waiting(works)
      await wait(POLL_MS, undefined, { signal }).catch(ignoreAbort)
    }
  }

  #listen(event: CellEvent): void {
    if (this.#isOver) return
    if (event.kind === 'background') return this.#options.progress.works(event.cell, event.works)
    if (event.kind === 'error') {
      // The error of the cell itself comes with its reply.
      if (!event.background) return
      const ran = this.#ran.get(event.cell)
      if (ran === undefined || !this.#isExpected(ran.cell)) {
        this.#failures.push({ count: ran?.count ?? 0, background: true, error: event.error })
      }
    }
    this.#outputs.apply(event)
  }

  #isExpected(cell: CodeCell): boolean {
    return this.#options.allowErrors || hasTag(cell, 'raises-exception')
  }

  #result(): Notebook {
    const cells = this.#notebook.cells.map((cell): Cell => {
      if (cell.kind !== 'code' || hasTag(cell, 'skip-execution')) return cell
      const { execution: _, ...metadata } = cell.metadata
      const ran = this.#ran.get(cell.id)
      if (ran === undefined) return { ...cell, metadata, executionCount: null, outputs: [] }
      const execution = executionTimes(ran.times)
      const outputs = this.#outputs.of(cell.id)
      return { ...cell, metadata: { ...metadata, execution }, executionCount: ran.count, outputs }
    })
    return { ...this.#notebook, cells }
  }
}

const POLL_MS = 50
const TIMEOUT = 'TimeoutError'
const ABANDONED: CellError = {
  ename: 'KeyboardInterrupt',
  evalue: 'the run was ended while the cell ran',
  traceback: ['KeyboardInterrupt: the run was ended while the cell ran'],
}

interface Times {
  readonly start: Date
  end: Date
}

/** The names that Jupyter front ends and nbclient give to the times of a cell. */
function executionTimes({ start, end }: Times): object {
  const [busy, idle] = [start.toISOString(), end.toISOString()]
  return {
    'iopub.execute_input': busy,
    'iopub.status.busy': busy,
    'iopub.status.idle': idle,
    'shell.execute_reply': idle,
  }
}

function isRunnable(cell: Cell): cell is CodeCell {
  return cell.kind === 'code' && cell.source.trim() !== '' && !hasTag(cell, 'skip-execution')
}

function asCellError(cause: unknown): CellError {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  return { ename: error.name, evalue: error.message, traceback: [error.stack ?? `${error.name}: ${error.message}`] }
}

function ignoreAbort(cause: unknown): void {
  if (!(cause instanceof Error && cause.name === 'AbortError')) throw cause
}
