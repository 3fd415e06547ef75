/**
 * Imports of a cell: resolved from the notebook's folder by Node's own loader, so packages with top-level await or
 * import-only exports work. Local TypeScript goes through a loader that is registered at its first use, because it
 * costs a thread; `millrace` falls back on this installation where the folder has none.
 */
import { createRequire, register } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { LOAD, META } from '../language/loaded-names.ts'
import { hidden } from './cell-host.ts'

type Import = (specifier: string, options?: ImportCallOptions) => Promise<unknown>

/** A notebook's cells seem to lie in this file. */
const file = path.join(process.cwd(), '__cell__.ts')

export function installLoad(): void {
  const nodes = vm.runInThisContext('(specifier, options) => import(specifier, options)', {
    filename: file,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as Import
  let registered = false
  const load: Import = async (specifier, options) => {
    if (/^(\.|\/|file:)/.test(specifier) && !registered) {
      registered = true
      register('../language/typescript-loader.js', import.meta.url)
    }
    try {
      return await nodes(specifier, options)
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
      if (!missing || !/^millrace(\/|$)/.test(specifier)) throw error
      return await nodes(import.meta.resolve(specifier))
    }
  }
  hidden(LOAD, load)
  hidden(META, { url: pathToFileURL(file).href, filename: file, dirname: process.cwd() })
  hidden('require', createRequire(file))
}
