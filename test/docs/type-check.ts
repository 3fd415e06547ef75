/** Type-checks texts that stand in no file of the package, all in one program, under the package's own options. */
import { join } from 'node:path'
import ts from 'typescript'

export interface Diagnostic {
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

export function packageOptions(root: string): ts.CompilerOptions {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), path => ts.sys.readFile(path))
  return ts.parseJsonConfigFileContent(config.config, ts.sys, root).options
}

/** The paths are absolute, and are imported from as if the files stood there. */
export function typeCheck(root: string, texts: ReadonlyMap<string, string>): Diagnostic[] {
  const options = { ...packageOptions(root), noUnusedLocals: false, declaration: false, isolatedDeclarations: false }
  const host = ts.createCompilerHost(options)
  host.fileExists = path => texts.has(path) || ts.sys.fileExists(path)
  host.readFile = path => texts.get(path) ?? ts.sys.readFile(path)
  const program = ts.createProgram([...texts.keys()], options, host)
  return [...texts.keys()].flatMap(path => {
    const file = program.getSourceFile(path)
    if (file === undefined) throw new Error(`${path} is not in the program`)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(each => ({
      path,
      line: file.getLineAndCharacterOfPosition(each.start ?? 0).line + 1,
      text: ts.flattenDiagnosticMessageText(each.messageText, '\n'),
    }))
  })
}
