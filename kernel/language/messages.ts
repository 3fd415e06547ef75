/** What a session asks of the language process, and what it answers: one JSON object a line, both ways. */
import type { Completions, Diagnostic, Inspection } from '../session/contract.ts'
import type { PositionMap } from './position-map.ts'

/** Where the language process finds things; the first message carries it. */
export interface LanguageSetup {
  /** The notebook's folder. */
  readonly cwd: string
  /** The folder of this package, by which `millrace` resolves where the notebook has no installation of it. */
  readonly packageRoot: string
  /** The folder that holds `@types/node`. */
  readonly typeRoots: string
}

export interface CompiledCell {
  /** Names the compiled cell in `commit`. */
  readonly id: number
  readonly diagnostics: readonly Diagnostic[]
  readonly syntax: boolean
  /** Local files that have changed since the cell imported them whose names this one uses. */
  readonly stale: readonly string[]
  readonly js: string
  readonly map: PositionMap
  readonly hasResult: boolean
  /** Top-level names that have a value. */
  readonly names: readonly string[]
}

export interface Completeness {
  readonly status: 'complete' | 'incomplete' | 'invalid'
  readonly indent?: string
}

export interface LanguageCalls {
  open(setup: LanguageSetup): null
  compile(request: { readonly code: string }): CompiledCell
  /** The cell has run: later cells know its names. `types` are type texts that its values gave. */
  commit(request: { readonly id: number; readonly types: Readonly<Record<string, string>> }): null
  reset(request: null): null
  check(request: { readonly code: string }): readonly Diagnostic[]
  complete(request: { readonly code: string; readonly cursor: number }): Completions
  inspect(request: { readonly code: string; readonly cursor: number }): Inspection | null
  isComplete(request: { readonly code: string }): Completeness
}

export type LanguageRequest = {
  [K in keyof LanguageCalls]: {
    readonly id: number
    readonly call: K
    readonly request: Parameters<LanguageCalls[K]>[0]
  }
}[keyof LanguageCalls]

export type LanguageAnswer =
  { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly failure: string }
