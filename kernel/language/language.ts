/**
 * The language of the cells: checks a cell against all that earlier cells declared, lowers it, and answers questions
 * about names. One instance is one notebook. A cell's names count for later cells only once it is committed.
 */
import ts from 'typescript'
import type { Completions, Diagnostic, Inspection } from '../session/contract.ts'
import { NameTable, cellFile, wordsOf, type CellModule } from './cell-module.ts'
import { declaredNames, type DeclaredNames } from './declared-names.ts'
import { lowerCell, type LoweredCell } from './lower-cell.ts'
import type { CompiledCell, Completeness, LanguageCalls, LanguageSetup } from './messages.ts'
import { ServiceHost } from './service-host.ts'

const CELL = '__cell__.ts'
const MOST_COMPLETIONS = 500
const NOTHING: LoweredCell = { js: '', map: [], hasResult: false }

interface Pending {
  readonly id: number
  readonly names: DeclaredNames
  readonly text: string
  /** Versions of the local files that it loads. */
  readonly loads: ReadonlyMap<string, string>
}

export class Language implements LanguageCalls {
  readonly #host: ServiceHost
  readonly #service: ts.LanguageService
  readonly #table = new NameTable()
  /** The versions of local files that cells have loaded. */
  readonly #loaded = new Map<string, string>()
  #cells = 0
  #pending: Pending | null = null

  constructor(setup: LanguageSetup) {
    this.#host = new ServiceHost(setup)
    this.#service = ts.createLanguageService(this.#host, ts.createDocumentRegistry())
  }

  open(setup: LanguageSetup): null {
    this.#host.open(setup)
    return this.reset()
  }

  /** Reads the libraries and builds their tables, so that the first cell finds them ready. */
  warm(code: string): null {
    const { id } = this.compile({ code })
    this.commit({ id, types: {} })
    return this.reset()
  }

  compile({ code }: { readonly code: string }): CompiledCell {
    const id = ++this.#cells
    const source = parse(code)
    const names = declaredNames(source)
    const module = this.#write(code, names, wordsOf(code))
    const { diagnostics, syntax } = this.#diagnose(source, module)
    const local = this.#localFiles()
    const loads = importsLocal(source)
    const changed = loads ? [] : [...local].filter(([path, version]) => (this.#loaded.get(path) ?? version) !== version)
    let lowered = NOTHING
    if (diagnostics.length === 0) {
      this.#pending = { id, names, text: module.text, loads: loads ? local : new Map() }
      lowered = lowerCell(source, (declaration, name) => this.#importsValue(module, declaration, name))
    }
    const stale = changed.map(([path]) => this.#host.relative(path))
    return { id, diagnostics, syntax, stale, names: [...names.values.keys()], ...lowered }
  }

  commit({ id, types }: { readonly id: number; readonly types: Readonly<Record<string, string>> }): null {
    if (this.#pending?.id === id) {
      this.#host.write(`${cellFile(id)}.ts`, this.#pending.text)
      this.#table.declare(id, this.#pending.names, this.#soundTypes(types))
      for (const [path, version] of this.#pending.loads) this.#loaded.set(path, version)
      this.#pending = null
    }
    return null
  }

  reset(): null {
    this.#table.clear()
    this.#loaded.clear()
    return null
  }

  check({ code }: { readonly code: string }): readonly Diagnostic[] {
    const source = parse(code)
    return this.#diagnose(source, this.#write(code, declaredNames(source), wordsOf(code))).diagnostics
  }

  complete({ code, cursor }: { readonly code: string; readonly cursor: number }): Completions {
    const module = this.#write(code, declaredNames(parse(code)), () => true)
    const found = this.#service.getCompletionsAtPosition(this.#host.path(CELL), cursor + module.offset, {
      includeCompletionsForModuleExports: false,
    })
    const word = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, cursor))![0]
    const span = found?.optionalReplacementSpan
    const start = span && span.start - module.offset <= cursor ? span.start - module.offset : cursor - word.length
    const typed = code.slice(start, cursor)
    const items = (found?.entries ?? [])
      .filter(entry => entry.name.startsWith(typed) && !(entry.name.startsWith('__') && !typed.startsWith('__')))
      .sort((a, b) => (a.sortText < b.sortText ? -1 : a.sortText > b.sortText ? 1 : 0))
      .slice(0, MOST_COMPLETIONS)
      .map(entry => ({ name: entry.name, kind: entry.kind }))
    return { start, end: cursor, items }
  }

  inspect({ code, cursor }: { readonly code: string; readonly cursor: number }): Inspection | null {
    const module = this.#write(code, declaredNames(parse(code)), wordsOf(code))
    const path = this.#host.path(CELL)
    const at = cursor + module.offset
    const info =
      this.#service.getQuickInfoAtPosition(path, at) ??
      (cursor > 0 ? this.#service.getQuickInfoAtPosition(path, at - 1) : undefined)
    if (!info) return null
    const signature = asDeclared(ts.displayPartsToString(info.displayParts))
    const tags = (info.tags ?? []).map(tag => `@${tag.name} ${ts.displayPartsToString(tag.text)}`.trimEnd())
    const docs = [ts.displayPartsToString(info.documentation), ...tags].filter(part => part !== '').join('\n\n')
    return {
      text: docs ? `${signature}\n\n${docs}` : signature,
      markdown: `\`\`\`ts\n${signature}\n\`\`\`${docs ? `\n\n${docs}` : ''}`,
    }
  }

  isComplete({ code }: { readonly code: string }): Completeness {
    const source = parse(code)
    const [first] = parseErrors(source)
    if (!first) return { status: 'complete' }
    const atEnd = first.start >= code.trimEnd().length && first.code !== OPEN_TEXT
    if (!atEnd && !UNFINISHED.has(first.code)) return { status: 'invalid' }
    const lastLine = code.trimEnd().split('\n').at(-1)!
    const indent = /^\s*/.exec(lastLine)![0] + (/[{([]$|=>$/.test(lastLine) ? '  ' : '')
    return { status: 'incomplete', indent }
  }

  /** The user's own files that the cell reaches, also by the names of earlier cells, and their versions. */
  #localFiles(): Map<string, string> {
    const paths = (this.#service.getProgram()?.getSourceFiles() ?? []).map(file => file.fileName)
    const local = paths.filter(path => this.#host.isLocal(path))
    return new Map(local.map(path => [path, this.#host.getScriptVersion(path)]))
  }

  /** Drops texts that are no type here, so that a mistaken library cannot take a name's static type away. */
  #soundTypes(types: Readonly<Record<string, string>>): Record<string, string> {
    const read = Object.entries(types).filter(([, text]) => isTypeText(text))
    if (read.length === 0) return {}
    const lines = read.map(([, text], i) => `declare const value${i}: ${text.replace(/\s*\n\s*/g, ' ')};`)
    this.#host.write(CELL, `export {};\n${lines.join('\n')}`)
    const path = this.#host.path(CELL)
    const file = this.#service.getProgram()!.getSourceFile(path)!
    const wrong = new Set(
      this.#service
        .getSemanticDiagnostics(path)
        .map(error => file.getLineAndCharacterOfPosition(error.start ?? 0).line - 1),
    )
    return Object.fromEntries(
      read.filter((_, i) => !wrong.has(i)).map(([name, text]) => [name, text.replace(/\s*\n\s*/g, ' ')]),
    )
  }

  #write(code: string, names: DeclaredNames, mentioned: (name: string) => boolean): CellModule {
    this.#host.lookAgain()
    const module = this.#table.module(code, names, mentioned)
    this.#host.write(CELL, module.text)
    return module
  }

  #diagnose(
    source: ts.SourceFile,
    module: CellModule,
  ): { readonly diagnostics: readonly Diagnostic[]; readonly syntax: boolean } {
    const say = (start: number, diagnostic: ts.Diagnostic): Diagnostic => {
      const at = source.getLineAndCharacterOfPosition(start)
      const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
      return { line: at.line + 1, column: at.character + 1, code: diagnostic.code, text }
    }
    const errors = parseErrors(source)
    if (errors.length) {
      return { diagnostics: errors.map(error => say(Math.min(error.start, source.text.length), error)), syntax: true }
    }
    const diagnostics: Diagnostic[] = []
    for (const diagnostic of this.#service.getSemanticDiagnostics(this.#host.path(CELL))) {
      if (diagnostic.category !== ts.DiagnosticCategory.Error || diagnostic.start === undefined) continue
      const start = diagnostic.start - module.offset
      // What is wrong in the lines around the cell is not the cell's.
      if (start >= 0 && start < source.text.length) diagnostics.push(say(start, diagnostic))
    }
    return { diagnostics, syntax: false }
  }

  /** False where an imported name is only a type, which leaves nothing to import at run time. */
  #importsValue(module: CellModule, declaration: ts.ImportDeclaration, name: ts.Identifier): boolean {
    const program = this.#service.getProgram()
    const file = program?.getSourceFile(this.#host.path(CELL))
    if (!program || !file) return true
    const start = name.getStart() + module.offset
    const twin = file.statements.find(s => s.getStart(file) === declaration.getStart() + module.offset)
    const node = twin && nodeAt(twin, start, file)
    const checker = program.getTypeChecker()
    const symbol = node && checker.getSymbolAtLocation(node)
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Alias)) return true
    const target = checker.getAliasedSymbol(symbol)
    return target.flags === 0 || (target.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Transient)) !== 0
  }
}

/** A quoted text without its end, which the next line cannot bring. */
const OPEN_TEXT = 1002

/** Parse errors that more text could mend: an unfinished template or comment. */
const UNFINISHED = new Set([1010, 1126, 1160])

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ES2022, true)
}

function parseErrors(source: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (source as ts.SourceFile & { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] })
    .parseDiagnostics
}

/** The way in which a name of an earlier cell comes in is no concern of the reader's. */
function asDeclared(signature: string): string {
  const alias = /^\(alias\) /.exec(signature)
  if (!alias) return signature
  const declared = signature.slice(alias[0].length).replace(/\nimport [^\n]+$/, '')
  return /^[\p{ID_Continue}$]+[(<]/u.test(declared) ? `function ${declared}` : declared
}

/** A cell that imports a local file loads it anew where it has changed. */
function importsLocal(source: ts.SourceFile): boolean {
  return ts
    .preProcessFile(source.text, true, true)
    .importedFiles.some(({ fileName }) => /^(?:\.|\/|file:)/.test(fileName))
}

function nodeAt(node: ts.Node, start: number, file: ts.SourceFile): ts.Identifier | undefined {
  if (ts.isIdentifier(node)) return node.getStart(file) === start ? node : undefined
  return ts.forEachChild(node, child => nodeAt(child, start, file))
}

function isTypeText(text: string): boolean {
  const source = ts.createSourceFile('type.ts', `declare let value: ${text};`, ts.ScriptTarget.ES2022)
  return parseErrors(source).length === 0 && source.statements.length === 1
}
