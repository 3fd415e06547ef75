/**
 * A program of a user, checked as an editor would: one file that changes, in a language service that keeps the rest.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))
const path = `${root}test/types/user-program.ts`

const config: unknown = ts.readConfigFile(`${root}tsconfig.json`, file => readFileSync(file, 'utf8')).config
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const settings: ts.CompilerOptions = {
  ...options,
  isolatedDeclarations: false,
  declaration: false,
  noUnusedLocals: false,
}

let text = ''
let version = 0

const service = ts.createLanguageService({
  getCompilationSettings: () => settings,
  getScriptFileNames: () => [path],
  getScriptVersion: file => (file === path ? String(version) : '0'),
  getScriptSnapshot: file => {
    const found = file === path ? text : ts.sys.readFile(file)
    return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found)
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: file => file === path || ts.sys.fileExists(file),
  readFile: file => (file === path ? text : ts.sys.readFile(file)),
  directoryExists: folder => ts.sys.directoryExists(folder),
  getDirectories: folder => ts.sys.getDirectories(folder),
})

function write(program: string): void {
  text = program
  version++
}

export interface Mistake {
  /** From 1. */
  readonly line: number
  /** What the editor shows, its lines indented as it shows them. */
  readonly message: string
}

/** The errors in a program, in order. */
export function check(program: string): readonly Mistake[] {
  write(program)
  return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].map(found => ({
    line: ts.getLineAndCharacterOfPosition(found.file!, found.start!).line + 1,
    message: ts.flattenDiagnosticMessageText(found.messageText, '\n'),
  }))
}

/** The names that are offered at the `|` of a program, in the order of the editor. */
export function completionsAt(program: string): readonly string[] {
  const at = program.indexOf('|')
  write(program.slice(0, at) + program.slice(at + 1))
  const entries = service.getCompletionsAtPosition(path, at, {})?.entries ?? []
  return [...entries].sort((a, b) => (a.sortText < b.sortText ? -1 : a.sortText > b.sortText ? 1 : 0)).map(e => e.name)
}

/** What hovering over the `|` shows. */
export function hoverAt(program: string): string {
  const at = program.indexOf('|')
  write(program.slice(0, at) + program.slice(at + 1))
  return ts.displayPartsToString(service.getQuickInfoAtPosition(path, at)?.displayParts)
}
