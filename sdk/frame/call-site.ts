import { fileURLToPath } from 'node:url'

/**
 * Where an action was called. A query runs apart from the program that started it, so what makes it fail knows no line
 * of that program; the calls are noted when the action is called, and an error that it gives carries them as its stack.
 */

const sdk = new URL('..', import.meta.url)
/** Places within the engine and within JavaScript itself. */
const ours = [sdk.href, fileURLToPath(sdk), '(node:internal/', '(<anonymous>)']

/** Notes the calls that lead here. What is given back puts them on an error, instead of those within the engine. */
export function callSite(): <E>(error: E) => E {
  // A stack is noted as places, and becomes text when it is read: only if something fails.
  const noted = { stack: '' }
  Error.captureStackTrace(noted, callSite)
  return error => {
    if (!(error instanceof Error)) return error
    const lines = noted.stack.split('\n').filter(line => /^\s+at /.test(line))
    const calls = lines.filter(line => !ours.some(place => line.includes(place)))
    if (calls.length > 0) error.stack = [`${error.name}: ${error.message}`, ...calls].join('\n')
    return error
  }
}
