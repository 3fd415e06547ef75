/**
 * One run of a cell on the main thread: stops what an earlier run of the same cell left, evaluates, waits for the
 * value and its bundle, publishes it, and reports. A run that was interrupted meanwhile says nothing more.
 */
import vm from 'node:vm'
import type { Background } from './background.ts'
import { bundleOf, typeTextOf } from './bundles.ts'
import { isShared, type CellHost } from './cell-host.ts'
import { describeError, scriptName } from './error-lines.ts'
import { Evaluator, type Evaluation } from './evaluate.ts'
import type { RunOutcome, RunRequest } from './messages.ts'
import type { Reporter } from './report.ts'
import { enterRun, newRun, settleAt, type Run } from './run-context.ts'
import { clearTimers, native } from './timers.ts'

export class CellRunner {
  readonly #host: CellHost
  readonly #reporter: Reporter
  readonly #background: Background
  readonly #evaluator = new Evaluator()
  #active: Run | null = null

  constructor(host: CellHost, reporter: Reporter, background: Background) {
    this.#host = host
    this.#reporter = reporter
    this.#background = background
  }

  /** Takes a run on: from now on it can be interrupted, also before it has begun. */
  run(request: RunRequest): void {
    const run = newRun(request.run, request.cell)
    this.#active = run
    // Not inside the port's own callback: a termination there would wedge the port.
    native.setImmediate(() => this.#begin(request, run))
  }

  #begin(request: RunRequest, run: Run): void {
    if (run.interrupted) return
    settleAt(run)
    const earlier = this.#host.latest(request.cell)
    if (!earlier) return this.#start(request, run)
    earlier.abort.abort(new DOMException('the cell was run again', 'AbortError'))
    clearTimers(earlier)
    void this.#background.stop(request.cell).then(() => this.#start(request, run))
  }

  /** The run ends as far as its cell is concerned: what it waits for is given up. */
  interrupt(number: number): void {
    const run = this.#active
    if (run?.number !== number) return
    run.interrupted = true
    this.#active = null
    clearTimers(run)
    run.abort.abort(new DOMException('the cell was interrupted', 'AbortError'))
  }

  #start(request: RunRequest, run: Run): void {
    if (run.interrupted) return
    this.#host.begin(run)
    this.#host.inputAllowed = request.input
    const script = scriptName(request.run, request.count, request.code, request.map)
    enterRun(run)
    this.#evaluator.evaluate(request.js, script, evaluation => {
      enterRun(run)
      if (evaluation.kind === 'terminated') {
        run.interrupted = true
        this.#active = null
        this.#reporter.report({ kind: 'terminated', run: run.number })
      } else void this.#finish(request, run, evaluation)
    })
  }

  async #finish(request: RunRequest, run: Run, evaluation: Exclude<Evaluation, { kind: 'terminated' }>): Promise<void> {
    let outcome: RunOutcome
    try {
      if (evaluation.kind === 'thrown') {
        outcome = { error: describeError(evaluation.value, evaluation.at), types: {} }
      } else {
        if (request.hasResult) await this.#publish(request, run, evaluation.value)
        await this.#host.displayed(run)
        outcome = { types: {} }
      }
    } catch (error) {
      outcome = { error: describeError(error), types: {} }
    }
    if (run.interrupted) return
    this.#active = null
    const values = valuesOf(request.names)
    this.#warnOfShadows(run, values)
    this.#reporter.report({ kind: 'done', run: run.number, outcome: { ...outcome, types: typeTexts(values) } })
  }

  /** V8 keeps one scope for the names of all cells, through which modules look up their globals. */
  #warnOfShadows(run: Run, values: ReadonlyMap<string, unknown>): void {
    const names = [...values.keys()].filter(
      name => isShared(name) && values.get(name) !== Reflect.get(globalThis, name),
    )
    if (names.length === 0) return
    const text = `${names.join(', ')}: a global of this name exists, and modules of this notebook now see the cell's value instead. Choose another name.\n`
    this.#reporter.stream(run.cell, 'stderr', text)
  }

  async #publish(request: RunRequest, run: Run, result: unknown): Promise<void> {
    const value: unknown = result instanceof Promise ? await result : result
    if (value === undefined || request.silent || run.interrupted) return
    enterRun(run)
    const given = bundleOf(value)
    const data = given instanceof Promise ? await given : given
    if (data && !run.interrupted) this.#reporter.event({ kind: 'result', cell: run.cell, data, metadata: {} })
  }
}

/** The values of names, which live in V8's script scope. Without those that the cell did not come to. */
function valuesOf(names: readonly string[]): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>()
  if (names.length === 0) return values
  const getters = names.map(name => `get ${name}() { return ${name} }`).join(', ')
  const scope = vm.runInThisContext(`({ ${getters} })`) as Record<string, unknown>
  for (const name of names) {
    try {
      values.set(name, scope[name])
    } catch {
      // The cell threw before it came to this name.
    }
  }
  return values
}

/** Asks each value for its type text. */
function typeTexts(values: ReadonlyMap<string, unknown>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of values) {
    try {
      const text = typeTextOf(value)
      if (text !== undefined) texts[name] = text
    } catch {
      // The value cannot say its type: the static type stands.
    }
  }
  return texts
}
