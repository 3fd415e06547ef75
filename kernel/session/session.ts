/**
 * A session: cells are checked and lowered by the language process, run by the user process, one after the other, and
 * their names become known to later cells when they have run. When the user process dies its names are forgotten and
 * a new one takes its place.
 */
import { once } from 'node:events'
import { interruption } from '../cell/messages.ts'
import type {
  BackgroundStatus,
  CellError,
  CellEvent,
  CellSession,
  Completions,
  Diagnostic,
  ExecuteReply,
  ExecuteRequest,
  Inspection,
  SessionOptions,
} from './contract.ts'
import { diagnosticsError } from './diagnostics-error.ts'
import { languageSetup } from './installation.ts'
import { LanguageSnapshot } from './language-snapshot.ts'
import { LanguageClient } from './language-client.ts'
import { UserProcess } from './user-process.ts'

const STOP_MS = 10_000

/** Starts both processes; resolves when the user process is up, while the language service still warms. */
export async function startSession(options: SessionOptions): Promise<CellSession> {
  const session = new Session(options)
  await session.started()
  return session
}

interface RunningCell {
  readonly request: ExecuteRequest
  readonly reply: Promise<ExecuteReply>
  readonly interrupted: AbortController
  /** The user process has it. */
  evaluating: boolean
}

class Session implements CellSession {
  readonly #options: SessionOptions
  readonly #background = new Map<string, readonly BackgroundStatus[]>()
  #language: LanguageClient
  #user: UserProcess
  #queue: Promise<unknown> = Promise.resolve()
  #running: RunningCell | null = null
  #runs = 0
  #closing = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#language = this.#speak()
    this.#user = this.#spawn()
  }

  async started(): Promise<void> {
    try {
      await this.#user.ready
    } catch (error) {
      await this.shutdown()
      throw error
    }
  }

  execute(request: ExecuteRequest): Promise<ExecuteReply> {
    const reply: Promise<ExecuteReply> = this.#queue.then(() => {
      const running: RunningCell = { request, reply, evaluating: false, interrupted: new AbortController() }
      this.#running = running
      return this.#execute(running)
    })
    this.#queue = reply
    return reply
  }

  async #execute(state: RunningCell): Promise<ExecuteReply> {
    const { request } = state
    try {
      const aborted = once(state.interrupted.signal, 'abort').then(() => null)
      const cell = await Promise.race([this.#language.call('compile', { code: request.code }), aborted])
      if (cell === null || state.interrupted.signal.aborted) return failed(interruption())
      if (cell.diagnostics.length) return failed(diagnosticsError(request, cell.diagnostics, cell.syntax))
      if (cell.stale.length) {
        const text = `${cell.stale.join(', ')} changed after its import: this cell uses the names of that time. Run the import again.\n`
        this.#listen({ kind: 'stream', cell: request.cell, name: 'stderr', text })
      }
      state.evaluating = true
      const user = this.#user
      const { id, js, map, hasResult, names } = cell
      const outcome = await user.run({
        kind: 'run',
        run: ++this.#runs,
        cell: request.cell,
        count: request.count,
        code: request.code,
        js,
        map,
        hasResult,
        names,
        silent: request.silent ?? false,
        input: request.input !== undefined,
      })
      if (outcome === null) {
        const error = this.#died(await user.ended)
        this.#replace(user, error)
        return failed(error)
      }
      // The language process answers in order, so the reply need not wait; a failure meets the next cell.
      this.#language.call('commit', { id, types: outcome.types }).catch(() => undefined)
      return outcome.error ? failed(outcome.error) : { status: 'ok' }
    } catch (error) {
      // Only the language process can fail here; what the cell does wrong is an outcome.
      const evalue = error instanceof Error ? error.message : String(error)
      if (this.#closing) return failed({ ename: 'ProcessDied', evalue, traceback: [`ProcessDied: ${evalue}`] })
      const traceback = [`LanguageProcessError: ${evalue}`]
      if (this.#language.lost) {
        this.#language = this.#speak()
        traceback.push('Run earlier cells again: what they declared is not known now.')
      }
      return failed({ ename: 'LanguageProcessError', evalue, traceback })
    } finally {
      this.#running = null
    }
  }

  complete(code: string, cursor: number): Promise<Completions> {
    return this.#language.call('complete', { code, cursor })
  }

  inspect(code: string, cursor: number): Promise<Inspection | null> {
    return this.#language.call('inspect', { code, cursor })
  }

  isComplete(code: string): Promise<{ status: 'complete' | 'incomplete' | 'invalid'; indent?: string }> {
    return this.#language.call('isComplete', { code })
  }

  check(code: string): Promise<readonly Diagnostic[]> {
    return this.#language.call('check', { code })
  }

  async interrupt(): Promise<void> {
    const running = this.#running
    if (!running) return
    running.interrupted.abort()
    if (running.evaluating) this.#user.interrupt()
    await running.reply
  }

  background(): readonly BackgroundStatus[] {
    return [...this.#background.values()].flat()
  }

  async stopBackground(limitMs: number = STOP_MS): Promise<void> {
    await this.#user.stopBackground(limitMs)
  }

  async shutdown(): Promise<void> {
    this.#closing = true
    await Promise.all([this.#user.close(), this.#language.close()])
  }

  #speak(): LanguageClient {
    const setup = languageSetup(this.#options.cwd)
    return new LanguageClient(setup, LanguageSnapshot.of(setup))
  }

  #spawn(): UserProcess {
    const user: UserProcess = new UserProcess({
      cwd: this.#options.cwd,
      frontEnd: this.#options.frontEnd,
      env: this.#options.env ?? {},
      listen: event => this.#listen(event),
      ask: async (prompt, password) => {
        const input = this.#running?.request.input
        if (!input) throw new Error('the running cell takes no input')
        return await input(prompt, password)
      },
    })
    // A failure at the start is told by `started`, a later one by the reply of the cell.
    user.ready.catch(() => undefined)
    void user.ended.then(reason => {
      // One that never started would not the next time either.
      if (user.hasStarted) this.#replace(user, this.#died(reason))
    })
    return user
  }

  /** Puts a new user process in the place of one that has ended, which every cell with work in it is told. */
  #replace(user: UserProcess, error: CellError): void {
    if (this.#closing || this.#user !== user) return
    this.#user = this.#spawn()
    const running = this.#running?.evaluating ? this.#running.request.cell : null
    const cells = [...this.#background.keys()]
    // A cell that runs says it in its reply; between cells the last one does.
    const tells = cells.length > 0 || running !== null ? cells : [user.cell]
    for (const cell of tells) if (cell !== running) this.#listen({ kind: 'error', cell, error, background: true })
    for (const cell of cells) this.#listen({ kind: 'background', cell, works: [] })
    // Answered in order: the next cell knows no names. A failure meets the next cell.
    this.#language.call('reset', null).catch(() => undefined)
  }

  #died(reason: string): CellError {
    const evalue = this.#closing ? 'the session was shut down' : `${reason}; what earlier cells declared is lost`
    return { ename: 'ProcessDied', evalue, traceback: [`ProcessDied: ${evalue}`] }
  }

  #listen(event: CellEvent): void {
    if (event.kind === 'background') {
      if (event.works.length) this.#background.set(event.cell, event.works)
      else this.#background.delete(event.cell)
    }
    this.#options.listen(event)
  }
}

function failed(error: CellError): ExecuteReply {
  return { status: 'error', error }
}
