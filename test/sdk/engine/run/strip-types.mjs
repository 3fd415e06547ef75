/** A loader hook for a plain Node process that shall run the sources: it blanks out their types. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import blankSpace from 'ts-blank-space'

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  return { format: 'module', shortCircuit: true, source: blankSpace(readFileSync(fileURLToPath(url), 'utf8')) }
}
