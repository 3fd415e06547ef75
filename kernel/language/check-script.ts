/**
 * Checks the types of a script and of the local files it imports, by the rules that cells are checked by, so that code
 * moves between the two. What a script is run without, syntax that leaves more than types behind, is an error here.
 */
import ts from 'typescript'
import type { LanguageSetup } from './messages.ts'
import { ServiceHost } from './service-host.ts'

/** The errors as TypeScript prints them, with the lines they stand on; empty when there is none. */
export function checkScript(path: string, setup: LanguageSetup, colors: boolean): string {
  const program = ts.createLanguageService(new ScriptHost(path, setup)).getProgram()
  if (program === undefined) throw new Error(`${path}: the type checker gave no program`)
  const own = program
    .getSourceFiles()
    .filter(file => !program.isSourceFileDefaultLibrary(file) && !/\/node_modules\/|\.d\.m?ts$/.test(file.fileName))
  const diagnostics = own.flatMap(file => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ])
  const errors = diagnostics.filter(one => one.category === ts.DiagnosticCategory.Error)
  const host: ts.FormatDiagnosticsHost = {
    getCurrentDirectory: () => process.cwd(),
    getCanonicalFileName: name => name,
    getNewLine: () => '\n',
  }
  return colors ? ts.formatDiagnosticsWithColorAndContext(errors, host) : ts.formatDiagnostics(errors, host)
}

class ScriptHost extends ServiceHost {
  readonly #script: string

  constructor(script: string, setup: LanguageSetup) {
    super(setup)
    this.#script = script.replaceAll('\\', '/')
  }

  override getScriptFileNames(): string[] {
    return [this.#script]
  }

  override getCompilationSettings(): ts.CompilerOptions {
    return {
      ...super.getCompilationSettings(),
      moduleDetection: ts.ModuleDetectionKind.Force,
      erasableSyntaxOnly: true,
    }
  }
}
