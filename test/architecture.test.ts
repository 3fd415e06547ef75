/**
 * Who may import whom, held by a test. The two tables below are the only place that says it; `docs/architecture.md`
 * shows them. Beside the arrows stand the few rules of form that a reader relies on in every file.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * A room is a folder, or one file that is a door. A file belongs to the longest room that holds it, and imports from
 * its own room and from those on the right.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'sdk/data': [],
  'sdk/expr': ['sdk/data'],
  'sdk/plan': ['sdk/expr', 'sdk/data'],
  'sdk/frame': ['sdk/plan', 'sdk/expr', 'sdk/data'],
  'sdk/engine/vector': ['sdk/expr', 'sdk/data'],
  'sdk/engine/time': ['sdk/data'],
  'sdk/engine/state': ['sdk/data'],
  'sdk/engine/operator': [
    'sdk/engine/state',
    'sdk/engine/time',
    'sdk/engine/vector',
    'sdk/plan',
    'sdk/expr',
    'sdk/data',
  ],
  'sdk/engine/run': [
    'sdk/engine/operator',
    'sdk/engine/state',
    'sdk/engine/time',
    'sdk/engine/vector',
    'sdk/plan',
    'sdk/expr',
    'sdk/data',
  ],
  'sdk/engine/embedded.ts': ['sdk/engine', 'sdk/plan', 'sdk/data'],
  'sdk/connector': ['sdk/plan', 'sdk/data'],
  'sdk/backend': ['sdk/plan', 'sdk/expr', 'sdk/data'],
  'sdk/ml': ['sdk/frame', 'sdk/plan', 'sdk/expr', 'sdk/data'],
  'sdk/plot': ['sdk/frame', 'sdk/plan', 'sdk/expr', 'sdk/data'],
  'sdk/index.ts': ['sdk'],
  'sdk/cli.ts': ['sdk'],
  kernel: [],
  bench: [],
  test: ['sdk', 'kernel', 'bench'],
}

/** The package imports itself by name where a user would, and the command line finds the sdk's part of it so. */
const selfImports: Readonly<Record<string, readonly string[]>> = {
  'kernel/main.ts': ['millrace/cli'],
  bench: ['millrace', 'millrace/ml', 'millrace/plot'],
  test: ['millrace', 'millrace/ml', 'millrace/plot', 'millrace/cli'],
}

/** Each package has one folder that imports it. Tests and benches take what they compare with. */
const owners: Readonly<Record<string, readonly string[]>> = {
  '@uwdata/flechette': ['sdk/data'],
  hyparquet: ['sdk/connector'],
  'hyparquet-compressors': ['sdk/connector'],
  'hyparquet-writer': ['sdk/connector'],
  'plotly.js-dist-min': ['sdk/plot', 'kernel/notebook'], // the notebook writer only inlines its file
  '@duckdb/node-api': ['sdk/backend/duckdb'],
  typescript: ['kernel/language'],
  'ts-blank-space': ['kernel/language'],
  'markdown-it': ['kernel/notebook'],
  'highlight.js': ['kernel/notebook'],
  '@types/node': ['kernel/session'], // its folder is looked up, for the types of cells,
}

interface Source {
  readonly path: string
  readonly imports: readonly string[]
}

function roomOf(path: string, rooms: readonly string[]): string | undefined {
  const holding = rooms.filter(room => path === room || path.startsWith(`${room}/`))
  return holding.sort((a, b) => b.length - a.length)[0]
}

function refusals(sources: readonly Source[]): string[] {
  const out: string[] = []
  for (const { path, imports } of sources) {
    const room = roomOf(path, Object.keys(arrows))
    if (room === undefined) {
      out.push(`${path} stands in no room`)
      continue
    }
    const allowed = [room, ...arrows[room]!]
    for (const name of imports) {
      if (isBuiltin(name)) continue
      if (name.startsWith('.')) {
        const target = relative(root, resolve(root, dirname(path), name))
        const door = target === 'sdk/index.ts' && !path.startsWith('test/')
        if (door || roomOf(target, allowed) === undefined) out.push(`${path} imports ${target}`)
        continue
      }
      const parts = name.split('/')
      const pack = name.startsWith('@') ? `${parts[0]}/${parts[1]}` : parts[0]!
      if (pack === 'millrace') {
        const from = roomOf(path, Object.keys(selfImports))
        if (from === undefined || !selfImports[from]!.includes(name)) out.push(`${path} imports ${name}`)
      } else if (!path.startsWith('test/') && !path.startsWith('bench/')) {
        const owner = owners[pack]
        if (owner === undefined) out.push(`${path} imports ${pack}, which has no owner`)
        else if (roomOf(path, owner) === undefined) out.push(`${path} imports ${pack}, which ${owner.join(', ')} owns`)
      }
    }
  }
  return out
}

/** Static and dynamic imports, type imports, and the paths of packages that are looked up rather than loaded. */
function importsOf(text: string): string[] {
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(file => file.fileName)
  const lookedUp = [...text.matchAll(/\bresolve\(\s*['"]([^'"./][^'"]*)['"]\s*\)/g)].map(match => match[1]!)
  return [...imported, ...lookedUp.filter(name => existsSync(join(root, 'node_modules', name.split('/')[0]!)))]
}

const folders = ['kernel', 'sdk', 'bench', 'test', 'docs', 'notebooks']

const paths: readonly string[] = folders
  .filter(folder => existsSync(join(root, folder)))
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(root, join(entry.parentPath, entry.name))),
  )
  .filter(path => !path.includes('.ipynb_checkpoints/') && !path.includes('node_modules/'))
  .sort()

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const sources = paths.filter(path => /\.[cm]?[tj]s$/.test(path)).map(path => ({ path, text: read(path) }))

test('imports follow the arrows, and each package is imported in one folder', () => {
  expect(refusals(sources.map(({ path, text }) => ({ path, imports: importsOf(text) })))).toEqual([])
})

test('a planted import against the arrows is refused', () => {
  const planted = (path: string, text: string): string[] => refusals([{ path, imports: importsOf(text) }])
  expect(planted('sdk/data/a.ts', `import { x } from '../engine/run/x.ts'`)).toEqual([
    'sdk/data/a.ts imports sdk/engine/run/x.ts',
  ])
  expect(planted('sdk/engine/state/a.ts', `import type { X } from '../operator/x.ts'`)).toHaveLength(1)
  expect(planted('sdk/engine/run/a.ts', `const m = await import('../../ml/k-means.ts')`)).toHaveLength(1)
  expect(planted('sdk/frame/a.ts', `export { read } from '../index.ts'`)).toHaveLength(1)
  expect(planted('kernel/cell/a.ts', `import '../../sdk/data/schema.ts'`)).toHaveLength(1)
  expect(planted('kernel/cell/a.ts', `import { read } from 'millrace'`)).toHaveLength(1)
  expect(planted('bench/a.ts', `import { read } from '../sdk/index.ts'`)).toHaveLength(1)
  expect(planted('sdk/expr/a.ts', `import { table } from 'arquero'`)).toEqual([
    'sdk/expr/a.ts imports arquero, which has no owner',
  ])
  expect(planted('sdk/ml/a.ts', `import { parquetRead } from 'hyparquet'`)).toHaveLength(1)
  expect(planted('kernel/cell/a.ts', `require.resolve('plotly.js-dist-min')`)).toHaveLength(1)
  expect(planted('kernel/main.ts', `const cli = await import('millrace/cli')`)).toEqual([])
  expect(planted('sdk/engine/run/a.ts', `import { x } from '../../plan/node.ts'; import fs from 'node:fs'`)).toEqual([])
})

test('docs/architecture.md shows the arrows as they are held', () => {
  const shown = new Map(
    [...read('docs/architecture.md').matchAll(/([a-z]+(?:, [a-z]+)*) ─► ([a-z]+(?:, [a-z]+)*)/g)].flatMap(match =>
      match[1]!.split(', ').map(room => [room, match[2]!.split(', ').filter(name => name !== 'nothing')] as const),
    ),
  )
  const short = (room: string): string => room.split('/').at(-1)!
  const held = Object.entries(arrows).filter(([room]) => room.startsWith('sdk/') && !room.endsWith('.ts'))
  for (const [room, targets] of held) {
    const inner = shown.get(short(room)) ?? []
    const outer = /engine\/(?:run|operator)$/.test(room) ? (shown.get('engine') ?? []) : []
    expect([...inner, ...outer].sort(), room).toEqual(targets.map(short).sort())
  }
})

const self = 'test/architecture.test.ts'

/** What stands for work that was put off. The last one hides a type instead of stating it. */
const unfinished = [
  /\b(?:TODO|FIXME|XXX|HACK)\b/,
  /\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:skip|only|todo|fails|skipIf|runIf)\b/,
  /@ts-(?:ignore|nocheck)\b/,
  /\bdebugger\b *(?:;|$)/m,
  /\bas unknown as\b/,
]

test('nothing is marked as unfinished', () => {
  const found = [...sources, ...paths.filter(path => path.endsWith('.md')).map(path => ({ path, text: read(path) }))]
    .filter(({ path }) => path !== self)
    .flatMap(({ path, text }) =>
      unfinished.flatMap(mark => (mark.exec(text) ? [`${path}: ${mark.exec(text)![0]}`] : [])),
    )
  expect(found).toEqual([])
})

/** The first comment before anything but imports, as prose. */
function header(text: string): string {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest)
  const first = file.statements.find(statement => !ts.isImportDeclaration(statement))
  const starts = [file.statements[0], first].filter(statement => statement !== undefined)
  const comments = starts.flatMap(statement => ts.getLeadingCommentRanges(text, statement.getFullStart()) ?? [])
  return comments.map(({ pos, end }) => text.slice(pos, end).replace(/^[\s/*]+|\*\/$/gm, '')).join(' ')
}

test('every source file opens with its idea in prose', () => {
  const isProse = (text: string): boolean => text.length >= 40 && text.includes(' ') && /[.:]/.test(text)
  const bare = sources.filter(({ path, text }) => !path.startsWith('test/') && !isProse(header(text)))
  expect(bare.map(({ path }) => path)).toEqual([])
})

test('names are kebab-case and say the idea, not the role', () => {
  const kebab = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/
  const roles = /^(?:utils?|helpers?|common|shared|misc|managers?|lib)(?:\.ts)?$/
  const wrong = paths.filter(path =>
    path.split('/').some(part => !(kebab.test(part) || part === 'README.md') || roles.test(part)),
  )
  expect(wrong).toEqual([])
})

test('the root holds the package, its papers and six folders', () => {
  const papers =
    /^(?:package(?:-lock)?\.json|README\.md|CHANGELOG\.md|LICENSE|NOTICE|tsconfig[a-z.]*\.json|vitest\.config\.ts|knip\.json|\..*)$/
  const ignored = read('.gitignore')
    .split('\n')
    .map(line => line.replace(/\/$/, ''))
  const extra = readdirSync(root).filter(
    name => !folders.includes(name) && !papers.test(name) && !ignored.includes(name),
  )
  expect(extra).toEqual([])
})
