/**
 * What the language service reads: cells from memory, everything else from disk. The root files never change, so that
 * the service keeps its program from cell to cell; what was found on disk is remembered, what was not found is
 * looked for again with each cell, because a package may have been installed between them.
 */
import ts from 'typescript'
import { CELL_GLOBALS } from './cell-globals.ts'
import type { LanguageSetup } from './messages.ts'

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  strict: true,
  // Kind to exploration: a parameter without a type is allowed, and a caught error is used as it comes.
  noImplicitAny: false,
  useUnknownInCatchVariables: false,
  skipLibCheck: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  types: ['node'],
}

export class ServiceHost implements ts.LanguageServiceHost {
  readonly #texts = new Map<string, { readonly text: string; readonly version: number }>()
  readonly #snapshots = new Map<string, { readonly version: string; readonly snapshot: ts.IScriptSnapshot }>()
  readonly #found = new Map<string, boolean>()
  readonly #resolved = new Map<string, ts.ResolvedModuleWithFailedLookupLocations>()
  /** Spares the program reading a package.json for every library file with every cell. */
  readonly #packages: ts.ModuleResolutionCache
  #setup: LanguageSetup
  #options: ts.CompilerOptions
  #folder: string

  constructor(setup: LanguageSetup) {
    this.#setup = setup
    this.#options = { ...OPTIONS, typeRoots: [slashes(setup.typeRoots)] }
    this.#folder = slashes(setup.cwd)
    this.#packages = ts.createModuleResolutionCache(this.#folder, name => name, this.#options)
    this.#writeRoots()
  }

  getModuleResolutionCache(): ts.ModuleResolutionCache {
    return this.#packages
  }

  /** Moves to another notebook folder; libraries that were read stay. */
  open(setup: LanguageSetup): void {
    this.#setup = setup
    this.#folder = slashes(setup.cwd)
    for (const path of this.#texts.keys()) this.#snapshots.delete(path)
    this.#texts.clear()
    this.#resolved.clear()
    this.#found.clear()
    this.#writeRoots()
  }

  #writeRoots(): void {
    this.write('__globals__.d.ts', CELL_GLOBALS)
    this.write('__cell__.ts', 'export {};')
  }

  path(name: string): string {
    return `${this.#folder}/${name}`
  }

  /** As the reader of the notebook names a file. */
  relative(path: string): string {
    return path.startsWith(`${this.#folder}/`) ? path.slice(this.#folder.length + 1) : path
  }

  /** A file of the user's own: no cell, no declarations, not installed. */
  isLocal(path: string): boolean {
    return !this.#texts.has(path) && !/\/node_modules\/|\.d\.[cm]?ts$/.test(path)
  }

  write(name: string, text: string): void {
    const path = this.path(name)
    const version = (this.#texts.get(path)?.version ?? 0) + 1
    this.#texts.set(path, { text, version })
  }

  /** Forgets what was not found. */
  lookAgain(): void {
    for (const [path, found] of this.#found) if (!found) this.#found.delete(path)
    for (const [name, result] of this.#resolved) if (!result.resolvedModule) this.#resolved.delete(name)
  }

  getCompilationSettings(): ts.CompilerOptions {
    return this.#options
  }

  getScriptFileNames(): string[] {
    return [this.path('__globals__.d.ts'), this.path('__cell__.ts')]
  }

  getScriptVersion(path: string): string {
    const own = this.#texts.get(path)
    if (own) return String(own.version)
    // Installed files do not change under a running notebook; the user's own files do.
    if (path.includes('/node_modules/')) return '1'
    return String(ts.sys.getModifiedTime?.(path)?.getTime() ?? 1)
  }

  getScriptSnapshot(path: string): ts.IScriptSnapshot | undefined {
    const version = this.getScriptVersion(path)
    const known = this.#snapshots.get(path)
    if (known?.version === version) return known.snapshot
    const text = this.readFile(path)
    if (text === undefined) return undefined
    const snapshot = ts.ScriptSnapshot.fromString(text)
    this.#snapshots.set(path, { version, snapshot })
    return snapshot
  }

  getCurrentDirectory(): string {
    return this.#folder
  }

  getDefaultLibFileName(options: ts.CompilerOptions): string {
    return ts.getDefaultLibFilePath(options)
  }

  readFile(path: string): string | undefined {
    return this.#texts.get(path)?.text ?? ts.sys.readFile(path)
  }

  fileExists(path: string): boolean {
    return this.#texts.has(path) || this.#remember(`f ${path}`, () => ts.sys.fileExists(path))
  }

  directoryExists(path: string): boolean {
    return this.#remember(`d ${path}`, () => ts.sys.directoryExists(path))
  }

  getDirectories(path: string): string[] {
    return ts.sys.getDirectories(path)
  }

  readDirectory(...args: Parameters<typeof ts.sys.readDirectory>): string[] {
    return ts.sys.readDirectory(...args)
  }

  useCaseSensitiveFileNames(): boolean {
    return ts.sys.useCaseSensitiveFileNames
  }

  realpath(path: string): string {
    return ts.sys.realpath?.(path) ?? path
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    containingFile: string,
    _redirected: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] {
    const folder = containingFile.slice(0, containingFile.lastIndexOf('/'))
    return literals.map(({ text }) => {
      const own = text.startsWith('./') ? this.path(`${text.slice(2)}.ts`) : ''
      if (this.#texts.has(own)) {
        return { resolvedModule: { resolvedFileName: own, extension: '.ts', isExternalLibraryImport: false } }
      }
      const key = `${folder} ${text}`
      let result = this.#resolved.get(key)
      if (!result) {
        result = ts.resolveModuleName(text, containingFile, options, this)
        if (!result.resolvedModule && /^millrace(\/|$)/.test(text)) {
          result = ts.resolveModuleName(text, `${slashes(this.#setup.packageRoot)}/index.ts`, options, this)
        }
        this.#resolved.set(key, result)
      }
      return result
    })
  }

  #remember(key: string, look: () => boolean): boolean {
    let found = this.#found.get(key)
    if (found === undefined) {
      found = look()
      this.#found.set(key, found)
    }
    return found
  }
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/')
}
