/**
 * The package as a user gets it: packed, installed into an empty project, imported and type-checked under both ways a
 * project resolves modules. The built `dist` is packed as it stands.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const project = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-package-')))

function run(command: string, args: readonly string[], cwd: string = project): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}

let packed: readonly string[] = []

beforeAll(() => {
  expect(existsSync(join(root, 'dist/sdk/index.js')), 'the package is not built: npm run build').toBe(true)
  const report = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], root)
  const [tarball] = JSON.parse(report) as { filename: string; files: { path: string }[] }[]
  packed = tarball!.files.map(({ path }) => path)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  run('npm', ['install', ...quiet, join(project, tarball!.filename)])
}, 240_000)

afterAll(() => rmSync(project, { recursive: true }))

test('the tarball holds the built package and its papers, no tests and no benches', () => {
  const tops = new Set(
    packed.map(path =>
      path
        .split('/')
        .slice(0, path.startsWith('dist/') ? 2 : 1)
        .join('/'),
    ),
  )
  expect([...tops].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'NOTICE',
    'README.md',
    'dist/kernel',
    'dist/sdk',
    'package.json',
  ])
})

test('what it installs are its own dependencies, none of the tools', () => {
  const installed = readdirSync(join(project, 'node_modules'))
  expect(installed).toContain('millrace')
  expect(installed.filter(name => ['vitest', 'oxlint', 'knip', 'prettier', 'vega-datasets'].includes(name))).toEqual([])
})

test('the public names import and run', () => {
  const program = `
    import { read } from 'millrace'
    import * as ml from 'millrace/ml'
    import * as plot from 'millrace/plot'
    const table = await read.rows([{ n: 1 }, { n: 2 }]).filter(t => t.n.gt(1)).collect()
    console.log(JSON.stringify(table.rows()), typeof ml.KMeans, typeof plot.line)`
  writeFileSync(join(project, 'run.mjs'), program)
  expect(run(process.execPath, ['run.mjs'])).toBe('[{"n":2}] function function\n')
})

test('the command answers', () => {
  expect(run(process.execPath, ['node_modules/millrace/dist/kernel/main.js', '--help'])).toContain('millrace run')
})

test('the types hold under nodenext and bundler resolution', () => {
  const program = `
    import { read } from 'millrace'
    import { KMeans } from 'millrace/ml'
    import { line } from 'millrace/plot'
    const frame = read.rows([{ n: 1 }, { n: 2 }])
    export const rows: readonly { n: number }[] = (await frame.collect()).rows()
    export const all: readonly unknown[] = [KMeans, line]
    // @ts-expect-error the frame has no such column
    frame.filter(t => t.m.gt(1))`
  mkdirSync(join(project, 'src'))
  writeFileSync(join(project, 'src/main.ts'), program)
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const options = {
      module,
      moduleResolution,
      target: 'es2023',
      strict: true,
      noEmit: true,
      types: ['node'],
      skipLibCheck: true,
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }))
    run(process.execPath, [compiler, '-p', project])
  }
})
