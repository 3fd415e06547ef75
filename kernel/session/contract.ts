import type { Bundle } from '../display/bundle.ts'

/**
 * What a front end (the notebook runner now, sockets later) sees of a session: one language process, one user
 * process, cells run one after the other. The session knows no transport and no notebook file.
 */
export interface CellSession {
  /** Runs a cell to its end. Output, also output that comes after the reply, goes to the listener with the cell's id. */
  execute(request: ExecuteRequest): Promise<ExecuteReply>
  complete(code: string, cursor: number): Promise<Completions>
  inspect(code: string, cursor: number): Promise<Inspection | null>
  isComplete(code: string): Promise<{ status: 'complete' | 'incomplete' | 'invalid'; indent?: string }>
  /** Checks the types of a cell without running it. Line and column count from 1, in the cell's own text. */
  check(code: string): Promise<readonly Diagnostic[]>
  /** Ends the running cell with `KeyboardInterrupt`. State of earlier cells is kept. Background work goes on. */
  interrupt(): Promise<void>
  /** Background work that has been announced and has not ended yet. */
  background(): readonly BackgroundStatus[]
  /**
   * Asks background work to stop and waits until all of it has ended. What has not within the limit, ten seconds unless
   * given, is ended with the user process, and its cells say so.
   */
  stopBackground(limitMs?: number): Promise<void>
  /** Ends both processes. Nothing of them is left behind. */
  shutdown(): Promise<void>
}

export interface SessionOptions {
  /** The folder that imports and file names of cells start from. */
  readonly cwd: string
  readonly frontEnd: 'jupyter' | 'runner'
  /** Called for each event, in order. */
  readonly listen: (event: CellEvent) => void
  /** Environment of the user process, on top of the parent's. */
  readonly env?: Readonly<Record<string, string>>
}

export interface ExecuteRequest {
  /** Names the cell: output is attributed by it, and running the same id again first stops what it had started. */
  readonly cell: string
  readonly code: string
  /** Shown in errors as `cell 3`. */
  readonly count: number
  readonly silent?: boolean
  /** Answers an input request; absent means that input is refused. */
  readonly input?: (prompt: string, password: boolean) => Promise<string>
}

export type ExecuteReply = { readonly status: 'ok' } | { readonly status: 'error'; readonly error: CellError }

export interface CellError {
  /** `TypeScriptError`, `SyntaxError`, `KeyboardInterrupt`, `ProcessDied`, or the name of what the cell threw. */
  readonly ename: string
  readonly evalue: string
  /** Lines for people, ANSI colours allowed: the cell's own lines with a caret, causes, no frames of ours. */
  readonly traceback: readonly string[]
}

/** One thing a cell let out. `cell` is the id it belongs to, also when it comes after the cell has ended. */
export type CellEvent =
  | { readonly kind: 'stream'; readonly cell: string; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | {
      readonly kind: 'display' | 'update'
      readonly cell: string
      readonly data: Bundle
      readonly metadata: object
      readonly id?: string
    }
  | { readonly kind: 'result'; readonly cell: string; readonly data: Bundle; readonly metadata: object }
  | { readonly kind: 'clear'; readonly cell: string; readonly wait: boolean }
  | { readonly kind: 'error'; readonly cell: string; readonly error: CellError; readonly background: boolean }
  | { readonly kind: 'background'; readonly cell: string; readonly works: readonly BackgroundStatus[] }

export interface BackgroundStatus {
  readonly cell: string
  readonly name: string
  readonly bounded: boolean
  readonly progress: string
}

export interface Diagnostic {
  readonly line: number
  readonly column: number
  readonly code: number | null
  readonly text: string
}

export interface Completions {
  /** UTF-16 offsets into the code. */
  readonly start: number
  readonly end: number
  readonly items: readonly { readonly name: string; readonly kind: string }[]
}

export interface Inspection {
  readonly text: string
  readonly markdown: string
}
