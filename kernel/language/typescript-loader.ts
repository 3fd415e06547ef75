/**
 * Module hooks by which cells import local TypeScript files on a Node that does not strip types itself: the types are
 * blanked, so positions stay. A local file that was edited, or that imports one, is loaded anew by the next import,
 * because Node would go on with the module it has. Files of installed packages are left to Node.
 */
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { LoadHook, ResolveHook } from 'node:module'
import { fileURLToPath } from 'node:url'

export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await locate(specifier, context, next)
  if (!isLocal(found.url)) return found
  imports(context.parentURL?.replace(/\?v=\d+$/, ''), found.url)
  const version = versionOf(found.url)
  return version === null ? found : { ...found, url: `${found.url}?v=${version}` }
}

interface LocalFile {
  /** When the file had changed last as it was first loaded. */
  readonly firstMs: number
  readonly imports: Set<string>
}

/** The files that were loaded, by their URL. */
const files = new Map<string, LocalFile>()
const ours = new URL('../../', import.meta.url).href

function isLocal(url: string): boolean {
  return /^file:[^?]*\.(?:m?[jt]s|json)$/.test(url) && !url.includes('/node_modules/') && !url.startsWith(ours)
}

function imports(parent: string | undefined, url: string): void {
  if (!files.has(url)) files.set(url, { firstMs: changedMs(url), imports: new Set() })
  if (parent !== undefined) files.get(parent)?.imports.add(url)
}

/** Null while the file, and all that it imports, are as they were at first; otherwise a number that tells each state. */
function versionOf(url: string): number | null {
  let [firstMs, nowMs] = [0, 0]
  const reached = new Set([url])
  for (const each of reached) {
    const file = files.get(each)!
    firstMs += file.firstMs
    nowMs += changedMs(each)
    for (const imported of file.imports) reached.add(imported)
  }
  return firstMs === nowMs ? null : nowMs
}

/** A file that has gone is told by Node when it loads it. */
function changedMs(url: string): number {
  return Math.round(statSync(new URL(url), { throwIfNoEntry: false })?.mtimeMs ?? 0)
}

const locate: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context)
  } catch (error) {
    if (!isMissing(error)) throw error
    if (/^millrace(\/|$)/.test(specifier)) return await next(specifier, { ...context, parentURL: import.meta.url })
    if (!/^(\.|\/|file:)/.test(specifier)) throw error
    // As the type checker finds them: without an ending, as a folder, or by the name of what it compiles to.
    for (const candidate of [`${specifier}.ts`, `${specifier}/index.ts`, specifier.replace(/\.js$/, '.ts')]) {
      try {
        return await next(candidate, context)
      } catch (again) {
        if (!isMissing(again)) throw again
      }
    }
    throw error
  }
}

export const load: LoadHook = async (url, context, next) => {
  if (!/^file:[^?]*\.m?ts(?:\?|$)/.test(url) || url.includes('/node_modules/')) return await next(url, context)
  const text = await readFile(fileURLToPath(url), 'utf8')
  const { default: blankTypes } = await import('ts-blank-space')
  const source = blankTypes(text, node => {
    throw new SyntaxError(
      `${fileURLToPath(url)}: enum, namespace and parameter properties need a compiler; ` +
        `this file is loaded by taking its types out, which "${node.getText().slice(0, 40)}" does not allow`,
    )
  })
  return { format: 'module', source, shortCircuit: true }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT'
}
