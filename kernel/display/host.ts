import type { Bundle } from './bundle.ts'

/**
 * The host that user code finds at `globalThis[Symbol.for('Jupyter.host')]`, version 1. A library that finds none
 * runs in a plain script.
 */
export interface Host {
  readonly version: 1
  /** The id of the cell that runs now. Whatever the cell starts keeps it: timers, promises, queries. */
  cell(): string
  /** Aborted by an interrupt, by running the cell again, and at shutdown. */
  signal(cell: string): AbortSignal
  /** Shows a bundle in a cell, the present one unless named, and gives its display id. */
  display(bundle: Bundle, options?: { id?: string; metadata?: object; cell?: string }): string
  /** Replaces what was shown under the id, in whatever cell it stands. */
  update(id: string, bundle: Bundle, metadata?: object): void
  /** Opens a channel to a widget in the front end. Refused where `capabilities().comms` is false. */
  comm(target: string, open: { data: object; metadata?: object; buffers?: ArrayBufferView[] }): Comm
  capabilities(): { frontEnd: 'jupyter' | 'runner'; comms: boolean; interactive: boolean }
  /**
   * Announces work that goes on after its cell has ended, such as a streaming query. The host shows its progress,
   * reports its failure in the cell, waits for it at the end of a run when it is bounded, and stops it otherwise.
   */
  background(work: BackgroundWork, cell?: string): void
  /** Shared with the controller thread: [0] is 1 while a slice runs, [1] is 1 when a stop is asked for. */
  readonly critical: Int32Array
}

/** Work that outlives its cell. */
export interface BackgroundWork {
  readonly name: string
  /** True when the work ends by itself. */
  readonly bounded: boolean
  /** Settles when the work has ended; a rejection is its failure. */
  readonly done: Promise<unknown>
  /** One short line for a progress bar, such as `1.2 M rows, 340 k/s`. */
  progress(): string
  stop(): Promise<void>
}

/** One open channel to the front end. */
export interface Comm {
  readonly id: string
  send(data: object, buffers?: ArrayBufferView[]): void
  close(): void
  onMessage(listen: (data: unknown, buffers: Uint8Array[]) => void): void
}
