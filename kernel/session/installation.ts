/**
 * Where this package lies, and its compiled files: the two processes of a session run compiled JavaScript, also when
 * the session itself runs from the sources.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LanguageSetup } from '../language/messages.ts'

const here = fileURLToPath(import.meta.url)
const fromSources = here.endsWith('.ts')

export const packageRoot: string = path.resolve(path.dirname(here), fromSources ? '../..' : '../../..')

/** The compiled file of a module under `kernel/`, named without an ending. */
export function compiled(module: string): string {
  const file = path.join(packageRoot, 'dist', 'kernel', `${module}.js`)
  if (!existsSync(file)) throw new Error(`${file} is missing: build the package first (npm run build)`)
  return file
}

export function languageSetup(cwd: string): LanguageSetup {
  const types = createRequire(import.meta.url).resolve('@types/node/package.json')
  return { cwd, packageRoot, typeRoots: path.resolve(path.dirname(types), '..') }
}
