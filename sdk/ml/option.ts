import { PlanError } from '../data/errors.ts'

/** Hyper-parameters are checked where the estimator is made, on the user's line. */

/** Refuses what is not a whole number from `least` on. */
export function whole(where: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new PlanError('bad-option', `${where}: ${name} must be a whole number from ${least} on, not ${String(value)}`)
}

/** Refuses what is not a finite number from `least` on. */
export function atLeast(where: string, name: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least) return
  throw new PlanError('bad-option', `${where}: ${name} must be a number from ${least} on, not ${String(value)}`)
}

/** Refuses what is not a finite number above zero. */
export function aboveZero(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return
  throw new PlanError('bad-option', `${where}: ${name} must be a number above 0, not ${String(value)}`)
}

/** Refuses what is not one of the words. */
export function oneOf(where: string, name: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return
  const known = words.map(word => `'${word}'`).join(', ')
  throw new PlanError('bad-option', `${where}: ${name} must be one of ${known}, not '${value}'`)
}
