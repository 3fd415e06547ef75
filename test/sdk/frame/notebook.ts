/** A notebook's host, played by a test: what is shown, what runs on, and a signal for each cell. */
import type { BackgroundWork, Bundle, Host } from '../../../sdk/frame/host.ts'

export class Notebook implements Host {
  readonly version = 1
  readonly critical: Int32Array = new Int32Array(new SharedArrayBuffer(8))
  /** The bundles shown under each display id, in order. */
  readonly shown: Map<string, Bundle[]> = new Map()
  readonly cells: Map<string, string> = new Map()
  readonly works: BackgroundWork[] = []
  readonly #aborts: Map<string, AbortController> = new Map()
  #cell = 'cell-1'

  run<T>(cell: string, code: () => T): T {
    this.#cell = cell
    return code()
  }

  cell(): string {
    return this.#cell
  }

  signal(cell: string): AbortSignal {
    const abort = this.#aborts.get(cell) ?? new AbortController()
    this.#aborts.set(cell, abort)
    return abort.signal
  }

  interrupt(cell: string): void {
    this.#aborts.get(cell)?.abort()
    this.#aborts.delete(cell)
  }

  display(bundle: Bundle, options: { id?: string; cell?: string } = {}): string {
    const id = options.id ?? `display-${this.shown.size + 1}`
    this.shown.set(id, [bundle])
    this.cells.set(id, options.cell ?? this.#cell)
    return id
  }

  update(id: string, bundle: Bundle): void {
    this.shown.get(id)!.push(bundle)
  }

  comm(): never {
    throw new Error('this notebook has no comms')
  }

  capabilities(): { frontEnd: 'runner'; comms: boolean; interactive: boolean } {
    return { frontEnd: 'runner', comms: false, interactive: false }
  }

  background(work: BackgroundWork): void {
    work.done.catch(() => undefined) // a host reports it in the cell
    this.works.push(work)
  }

  /** The texts shown under the only display id. */
  texts(): readonly unknown[] {
    return [...this.shown.values()].flat().map(bundle => bundle['text/plain'])
  }
}

const HOST = Symbol.for('Jupyter.host')

/** Runs a test inside of a notebook. */
export async function inNotebook<T>(test: (notebook: Notebook) => Promise<T>): Promise<T> {
  const notebook = new Notebook()
  Reflect.set(globalThis, HOST, notebook)
  try {
    return await test(notebook)
  } finally {
    Reflect.deleteProperty(globalThis, HOST)
  }
}

/** What a cell does with the value of its last expression. */
export async function displayed(value: object): Promise<Bundle> {
  const display = Reflect.get(value, Symbol.for('Jupyter.display')) as (this: object) => Bundle | Promise<Bundle>
  return display.call(value)
}

/** The type text by which later cells know a value. */
export function typeOf(value: object): string {
  return (Reflect.get(value, Symbol.for('Jupyter.type')) as (this: object) => string).call(value)
}
