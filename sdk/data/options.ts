import { didYouMean, PlanError } from './errors.ts'

/**
 * The check of options at run time, where no type checker has seen them: an option that is misspelt must not be left
 * out in silence.
 */

/** Refuses options that are no object, and names that are none of the known ones. */
export function checkOptions(where: string, options: unknown, known: readonly string[]): void {
  const list = `The options are ${known.join(', ')}.`
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = options === null ? 'null' : Array.isArray(options) ? 'a list' : `a value of type ${typeof options}`
    throw new PlanError('bad-option', `${where}: options are given as an object, but found ${found}. ${list}`)
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const text = `${where}: there is no option "${name}".${didYouMean(name, known)} ${list}`
    throw new PlanError('unknown-option', text, { option: name })
  }
}
