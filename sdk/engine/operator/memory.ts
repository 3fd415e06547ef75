import { StateError } from '../../data/errors.ts'
import type { SpillFolder } from '../state/spill.ts'

/** What an operator may hold in memory, and where it puts the rest. */
export interface Memory {
  readonly budgetBytes: number
  readonly spill: SpillFolder
}

/** An operator holds too much. `found` says what takes how much, `remedy` what to do about it first. */
export function beyondBudget(found: string, remedy: string): StateError {
  const others = `raise the budget by embedded({ memory: '8 GB' }), or run it in DuckDB, which puts the rest on disk: { engine: duckdb() }`
  return new StateError('memory', `${found}. ${remedy}, ${others}.`)
}

/** `what it holds takes 12 MB of memory, and the budget is 10 MB`. */
export function taking(what: string, heldBytes: number, budgetBytes: number): string {
  return `${what} ${megabytes(heldBytes)} of memory, and the budget is ${megabytes(budgetBytes)}`
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
