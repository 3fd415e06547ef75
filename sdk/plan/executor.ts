import { PlanError } from '../data/errors.ts'
import type { Executor } from './port.ts'

/**
 * The executor that actions use unless the start names one. The door of the package installs the embedded engine, so
 * that frames need not know it.
 */
let installed: Executor | null = null

export function installExecutor(executor: Executor): void {
  installed = executor
}

export function defaultExecutor(): Executor {
  if (installed === null) {
    throw new PlanError('no-executor', 'no executor is installed: import the package by its name, "millrace"')
  }
  return installed
}
