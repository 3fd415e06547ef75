/** The host of user code, as `display/host.ts` has it, and the helpers `display`, `prompt` and `input` over it. */
import { randomUUID } from 'node:crypto'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { HOST, type Bundle } from '../display/bundle.ts'
import type { BackgroundWork, Comm, Host } from '../display/host.ts'
import type { Background } from './background.ts'
import { shownBundle } from './bundles.ts'
import type { ControllerSetup } from './messages.ts'
import type { Reporter } from './report.ts'
import { currentRun, type Run } from './run-context.ts'

interface DisplayOptions {
  readonly id?: string
  readonly metadata?: object
  readonly cell?: string
}

export class CellHost implements Host {
  readonly version = 1
  readonly critical: Int32Array
  readonly #setup: ControllerSetup
  readonly #reporter: Reporter
  readonly #background: Background
  readonly #answers: MessagePort
  readonly #runs = new Map<string, Run>()
  readonly #places = new Map<string, string>()
  /** Displays whose bundle is still a promise, by run. */
  readonly #coming = new Map<Run, Set<Promise<void>>>()
  inputAllowed = false

  constructor(setup: ControllerSetup, reporter: Reporter, background: Background, answers: MessagePort) {
    this.critical = setup.critical
    this.#setup = setup
    this.#reporter = reporter
    this.#background = background
    this.#answers = answers
  }

  /** The latest run of a cell is the one whose signal `signal` gives. */
  begin(run: Run): void {
    this.#runs.set(run.cell, run)
  }

  runs(): Iterable<Run> {
    return this.#runs.values()
  }

  latest(cell: string): Run | undefined {
    return this.#runs.get(cell)
  }

  cell(): string {
    return currentRun().cell
  }

  signal(cell: string): AbortSignal {
    return (this.#runs.get(cell) ?? currentRun()).abort.signal
  }

  display(bundle: Bundle, options: DisplayOptions = {}): string {
    const id = options.id ?? randomUUID()
    const cell = options.cell ?? this.cell()
    this.#places.set(id, cell)
    this.#reporter.event({ kind: 'display', cell, data: bundle, metadata: options.metadata ?? {}, id })
    return id
  }

  update(id: string, bundle: Bundle, metadata: object = {}): void {
    const cell = this.#places.get(id) ?? this.cell()
    this.#reporter.event({ kind: 'update', cell, data: bundle, metadata, id })
  }

  comm(target: string): Comm {
    throw new Error(
      `a channel to "${target}" cannot be opened: this front end (${this.#setup.frontEnd}) has no widgets. ` +
        'Ask host.capabilities().comms first.',
    )
  }

  capabilities(): { frontEnd: 'jupyter' | 'runner'; comms: boolean; interactive: boolean } {
    return { frontEnd: this.#setup.frontEnd, comms: false, interactive: this.#setup.frontEnd === 'jupyter' }
  }

  background(work: BackgroundWork, cell: string = this.cell()): void {
    this.#background.add(work, cell, this.#runs.get(cell) ?? currentRun())
  }

  /** Shows a value at once, or as soon as its bundle is there; `displayed` waits for those. */
  show(value: unknown, options: DisplayOptions = {}): string {
    const bundle = shownBundle(value)
    const id = options.id ?? randomUUID()
    if (!(bundle instanceof Promise)) {
      if (bundle) this.display(bundle, { ...options, id })
      return id
    }
    const run = currentRun()
    const coming = this.#coming.get(run) ?? new Set()
    this.#coming.set(run, coming)
    const shown: Promise<void> = bundle.then(ready => {
      if (ready) this.display(ready, { ...options, id, cell: options.cell ?? run.cell })
    })
    coming.add(shown)
    return id
  }

  /** Waits for the displays of a run; fails as the first of them does. */
  async displayed(run: Run): Promise<void> {
    const coming = this.#coming.get(run)
    this.#coming.delete(run)
    if (coming) await Promise.all(coming)
  }

  ask(prompt: string, password: boolean): string {
    if (!this.inputAllowed) {
      throw named('StdinNotImplementedError', 'this front end gives no input, so prompt and input cannot ask for it')
    }
    const control = this.#setup.control
    Atomics.store(control, 0, 0)
    this.#reporter.report({ kind: 'question', prompt, password })
    Atomics.wait(control, 0, 0)
    const answer = receiveMessageOnPort(this.#answers)?.message as string | null | undefined
    if (typeof answer !== 'string') throw named('KeyboardInterrupt', 'interrupted while waiting for input')
    return answer
  }
}

/** Puts the host and the helpers on `globalThis`. */
export function installHost(host: CellHost, reporter: Reporter): void {
  const shown =
    (mime: string) =>
    (content: unknown, options?: DisplayOptions): string =>
      host.display({ [mime]: content }, options)
  const display = Object.assign((value: unknown, options?: DisplayOptions): string => host.show(value, options), {
    html: shown('text/html'),
    markdown: shown('text/markdown'),
    svg: shown('image/svg+xml'),
    latex: shown('text/latex'),
    json: shown('application/json'),
    update: (id: string, value: unknown): void => {
      const bundle = shownBundle(value)
      if (bundle instanceof Promise) void bundle.then(ready => ready && host.update(id, ready))
      else if (bundle) host.update(id, bundle)
    },
    clear: (wait = false): void => reporter.event({ kind: 'clear', cell: host.cell(), wait }),
  })
  const prompt = (text = '', options?: { password?: boolean }): string => host.ask(String(text), !!options?.password)
  const input = async (text?: string, options?: { password?: boolean }): Promise<string> => prompt(text, options)
  for (const [name, value] of Object.entries({ display, prompt, input })) hidden(name, value)
  hidden(HOST, host)
}

/** Globals that are there for cells alone, and that no module looks for. */
const forCells = new Set<string | symbol>()

/** True for a global that modules may use: of the language, or of Node. */
export function isShared(name: string): boolean {
  return Object.hasOwn(globalThis, name) && !forCells.has(name)
}

/** Defines a global that is not listed, and that a cell may still redeclare. */
export function hidden(name: string | symbol, value: unknown): void {
  forCells.add(name)
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false })
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
