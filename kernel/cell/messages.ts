/**
 * What goes over the pipe (fd 3) between a session and the controller thread of its user process, and over the port
 * between that thread and the main thread. Runs are numbered by the session; an answer to an old run is dropped.
 */
import type { CellError, CellEvent } from '../session/contract.ts'
import type { PositionMap } from '../language/position-map.ts'

export interface RunRequest {
  readonly kind: 'run'
  readonly run: number
  readonly cell: string
  readonly count: number
  readonly code: string
  readonly js: string
  readonly map: PositionMap
  readonly hasResult: boolean
  readonly names: readonly string[]
  readonly silent: boolean
  readonly input: boolean
}

/** Session → controller. */
export type Command =
  | RunRequest
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'answer'; readonly text: string | null }
  | { readonly kind: 'stopBackground'; readonly id: number }
  | { readonly kind: 'shutdown' }

export interface RunOutcome {
  /** Absent: the cell ran to its end. */
  readonly error?: CellError
  /** Type texts that values of the cell gave, by name. */
  readonly types: Readonly<Record<string, string>>
}

/** Main thread → controller → session; the controller adds what only it knows. */
export type Report =
  | { readonly kind: 'ready' }
  /** The process exits: what it has said must leave before. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'event'; readonly event: CellEvent }
  | { readonly kind: 'question'; readonly prompt: string; readonly password: boolean }
  | { readonly kind: 'done'; readonly run: number; readonly outcome: RunOutcome; readonly marked?: readonly number[] }
  | { readonly kind: 'stopped'; readonly id: number }
  /** The main thread has come round to its event loop since the run was interrupted. */
  | { readonly kind: 'pong'; readonly run: number }
  /** V8 has ended the evaluation of a run. */
  | { readonly kind: 'terminated'; readonly run: number }

/** Controller → main thread. */
export type Order =
  | RunRequest
  | { readonly kind: 'interrupt'; readonly run: number }
  | { readonly kind: 'ping'; readonly run: number }
  | { readonly kind: 'stopBackground'; readonly id: number }
  | { readonly kind: 'shutdown' }

/** What the main thread hands to the controller thread when it starts it. */
export interface ControllerSetup {
  /** `critical` of the host: [0] a slice of an engine runs, [1] it is asked to stop. */
  readonly critical: Int32Array
  /** [0] 0 while the main thread waits for an answer at the answers port; [1] characters of output on their way; [2] 1 when all has left. */
  readonly control: Int32Array
  /** Printed to fds 1 and 2 at the end of a run, by which the session knows that it has read all before. */
  readonly marker: string
  readonly frontEnd: 'jupyter' | 'runner'
}

/** Output waits when this much of it has not yet left the process. */
export const MOST_CHARACTERS_UNDER_WAY: number = 16 * 1024 * 1024

export function interruption(): CellError {
  return {
    ename: 'KeyboardInterrupt',
    evalue: 'interrupted by user',
    traceback: ['KeyboardInterrupt: interrupted by user'],
  }
}
