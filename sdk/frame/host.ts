/**
 * What the sdk knows of the notebook it may run in: two symbols on values and a host on `globalThis`. Any kernel may
 * offer them; in a plain script there is no host.
 */

/** Representations of one value by MIME type. */
export type Bundle = { readonly [mime: string]: unknown }

/** A method on a value that gives its bundle, or a promise of one. An empty bundle publishes nothing. */
const DISPLAY = Symbol.for('Jupyter.display')

/** On a value: a TypeScript type text, or a function giving one, by which later cells know the value. */
const TYPE = Symbol.for('Jupyter.type')

/** How `console.log` and Node's inspection show a value. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

const HOST = Symbol.for('Jupyter.host')

/**
 * Gives a class what a notebook asks values for. Set on the prototype because a declaration file cannot be made of a
 * class whose member names are computed.
 */
export function meetNotebook<T extends object>(prototype: T, shown: Shown<T>): void {
  const members = [
    [DISPLAY, shown.display],
    [TYPE, shown.type],
    [INSPECT, shown.inspect],
  ] as const
  for (const [name, value] of members) {
    if (value !== undefined) Object.defineProperty(prototype, name, { value, writable: true, configurable: true })
  }
}

/** What a value is to a notebook: its bundle, its type for later cells, its text. */
export interface Shown<T> {
  readonly display?: (this: T) => Bundle | Promise<Bundle>
  readonly type?: (this: T) => string
  readonly inspect?: (this: T) => string
}

/** The host's contract, version 1. */
export interface Host {
  readonly version: 1
  cell(): string
  signal(cell: string): AbortSignal
  display(bundle: Bundle, options?: { id?: string; metadata?: object; cell?: string }): string
  update(id: string, bundle: Bundle, metadata?: object): void
  comm(target: string, open: { data: object; metadata?: object; buffers?: ArrayBufferView[] }): Comm
  capabilities(): { frontEnd: 'jupyter' | 'runner'; comms: boolean; interactive: boolean }
  background(work: BackgroundWork, cell?: string): void
  readonly critical: Int32Array
}

/** Work that outlives its cell: the host shows its progress, reports its failure and stops it. */
export interface BackgroundWork {
  readonly name: string
  readonly bounded: boolean
  readonly done: Promise<unknown>
  progress(): string
  stop(): Promise<void>
}

export interface Comm {
  readonly id: string
  send(data: object, buffers?: ArrayBufferView[]): void
  close(): void
  onMessage(listen: (data: unknown, buffers: Uint8Array[]) => void): void
}

/** The host of the notebook that this code runs in, or null in a script. */
export function findHost(): Host | null {
  const found: unknown = Reflect.get(globalThis, HOST)
  return isHost(found) ? found : null
}

function isHost(value: unknown): value is Host {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1
}
