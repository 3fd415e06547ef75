/**
 * Module hooks by which cells import local TypeScript files on a Node that does not strip types itself: the types are
 * blanked, so positions stay. Files of installed packages are left to Node. TypeScript is loaded with the first file.
 */
import { readFile } from 'node:fs/promises'
import type { LoadHook, ResolveHook } from 'node:module'
import { fileURLToPath } from 'node:url'

export const resolve: ResolveHook = async (specifier, context, next) => {
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
  if (!/^file:.*\.m?ts$/.test(url) || url.includes('/node_modules/')) return await next(url, context)
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
