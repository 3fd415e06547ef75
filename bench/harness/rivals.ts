/**
 * Rivals live in the ignored folder `.rivals`, never in `package.json`: some drag in hundreds of megabytes, some replace
 * commands of ours. `npm run bench:rivals` fills the folder from `bench/rivals.json`. A bench asks for a rival here, so
 * that a missing one is a fact the report states and not a crash.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The built harness stands in `dist/bench/harness`. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url))

export const rivalsFolder: string = join(root, '.rivals')

export class MissingRival extends Error {
  override readonly name = 'MissingRival'
}

const missing = (what: string): MissingRival => new MissingRival(`${what} is not installed: npm run bench:rivals`)

/** A package of npm. Its shape is what the caller says. @public */
export async function rivalPackage<Shape>(name: string): Promise<Shape> {
  let path: string
  try {
    path = createRequire(join(rivalsFolder, 'npm', 'package.json')).resolve(name)
  } catch (cause) {
    throw new MissingRival(missing(name).message, { cause })
  }
  const module = (await import(pathToFileURL(path).href)) as Shape
  return module
}

/** A script of `bench/` run by the Python that has the packages of PyPI. @public */
export function rivalPython(script: string, ...args: string[]): readonly string[] {
  const python = join(rivalsFolder, 'python/bin/python')
  if (!existsSync(python)) throw missing('Python with its packages')
  return [python, join(root, 'bench', script), ...args]
}

/** The path of a jar from Maven Central, for a class path. @public */
export function rivalJar(artifact: string, version: string): string {
  const path = join(rivalsFolder, 'maven', `${artifact}-${version}.jar`)
  if (!existsSync(path)) throw missing(artifact)
  return path
}
