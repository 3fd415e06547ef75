/**
 * What an editor and a cell wait for: the type check of long programs over few and many columns. The compiler, its
 * library and the package are loaded beforehand; what is measured is the check of the program alone. The limits are
 * twice what a study of this form of typed frames took.
 */
import { join } from 'node:path'
import ts from 'typescript'
import type { Bench, Side } from './harness/bench.ts'
import { root } from './harness/rivals.ts'

/** Steps of several verbs in turn, each of which changes the columns or their order. */
function chain(steps: number, columns: number): string {
  const schema = Array.from(
    { length: columns },
    (_, i) => `c${i}: '${['int32', 'float64?', 'utf8', 'timestamp'][i % 4]}'`,
  )
  const verbs = [
    (i: number) => `.derive(t => ({ d${i}: t.c0.add(${i}), e${i}: t.c1.mul(2).add(t.c0) }))`,
    (i: number) => `.filter(t => t.d${i - 1}.gt(${i}).and(t.c2.ne('x')))`,
    (i: number) => `.rename({ e${i - 2}: 'r${i}' })`,
    (i: number) => `.drop('r${i - 1}')`,
  ]
  const calls = Array.from({ length: steps }, (_, i) => verbs[i % verbs.length]!(i))
  return `import type { Frame } from 'millrace'
declare const frame: Frame<{ ${schema.join('; ')} }, 'batch'>
export const last = frame
  ${calls.join('\n  ')}
`
}

const checking =
  (steps: number, columns: number): Side =>
  ({ quick }) => {
    const path = join(root, 'bench', 'checked-program.ts')
    let text = `import type { Frame } from 'millrace'\nexport type F = Frame<{ a: 'int32' }, 'batch'>\n`
    let version = 0
    const config: unknown = ts.readConfigFile(join(root, 'tsconfig.json'), file => ts.sys.readFile(file)).config
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
    const service = ts.createLanguageService({
      getCompilationSettings: () => ({ ...options, isolatedDeclarations: false, declaration: false }),
      getScriptFileNames: () => [path],
      getScriptVersion: file => (file === path ? String(version) : '0'),
      getScriptSnapshot: file => {
        const found = file === path ? text : ts.sys.readFile(file)
        return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found)
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: each => ts.getDefaultLibFilePath(each),
      fileExists: file => file === path || ts.sys.fileExists(file),
      readFile: file => (file === path ? text : ts.sys.readFile(file)),
      directoryExists: folder => ts.sys.directoryExists(folder),
      getDirectories: folder => ts.sys.getDirectories(folder),
    })
    const check = (): number =>
      [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].length
    check()
    text = chain(quick ? 8 : steps, columns)
    version++
    return () => {
      const errors = check()
      if (errors > 0) throw new Error(`the program has ${errors} errors`)
    }
  }

/** Seconds of CPU: twice the study's 1.2 and 1.8. */
const LIMITS = { few: 2.4, many: 3.6 }

export const bench: Bench = {
  name: 'types',
  cases: [
    {
      name: 'a chain of 100 verbs over 5 columns',
      metric: 'cpu s',
      floor: 1,
      rounds: 3,
      warmups: 0,
      ours: checking(100, 5),
      rival: { limit: LIMITS.few },
    },
    {
      name: 'a chain of 100 verbs over 200 columns',
      metric: 'cpu s',
      floor: 1,
      rounds: 3,
      warmups: 0,
      ours: checking(100, 200),
      rival: { limit: LIMITS.many },
    },
  ],
}
