/** Every example of README, docs and docstrings runs and says the truth, and every public symbol is described. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checked, examplesOf } from './docs/example.ts'
import { packageOptions, typeCheck } from './docs/type-check.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const filesIn = (folder: string, ending: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(name => name.endsWith(ending))
        .map(name => `${folder}/${name}`)
        .sort()
    : []

const examples = ['README.md', ...filesIn('docs', '.md'), ...filesIn('sdk', '.ts')]
  .filter(path => existsSync(join(root, path)))
  .flatMap(path => examplesOf(path, readFileSync(join(root, path), 'utf8')))

/** Modules stand inside the package, so that they import what it depends on; files that they write do not. */
mkdirSync(join(root, 'output'), { recursive: true })
const modules = mkdtempSync(join(root, 'output', 'examples-'))
const folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'))
const started = process.cwd()

beforeAll(() => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  process.chdir(folder)
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})

afterAll(() => {
  process.chdir(started)
  rmSync(modules, { recursive: true })
  rmSync(folder, { recursive: true })
})

const moduleOf = (path: string, line: number): string =>
  join(modules, `${path.replace(/[^a-z0-9]+/gi, '-')}-${line}.ts`)

describe('examples run and give what they say', () => {
  for (const example of examples.filter(({ run }) => run)) {
    test(`${example.path}:${example.line}`, async () => {
      const path = moduleOf(example.path, example.line)
      const check = relative(modules, join(root, 'test/docs/check.ts'))
      writeFileSync(path, `import { check as $check } from '${check}';${checked(example, '$check')}`)
      await import(/* @vite-ignore */ path)
    })
  }
})

test('examples pass the type check', () => {
  const texts = new Map(examples.map(({ path, line, code }) => [moduleOf(path, line), code]))
  const origin = new Map(examples.map(({ path, line }) => [moduleOf(path, line), path]))
  const found = typeCheck(root, texts).map(({ path, line, text }) => `${origin.get(path)}:${line}: ${text}`)
  expect(found).toEqual([])
})

test('every public symbol has a docstring, and so has every public method', () => {
  const doors = ['sdk/index.ts', 'sdk/ml/index.ts', 'sdk/plot/index.ts', 'sdk/cli.ts'].map(path => join(root, path))
  const program = ts.createProgram(doors, packageOptions(root))
  const checker = program.getTypeChecker()
  const silent = new Set<string>()
  for (const door of doors) {
    const file = program.getSourceFile(door)
    if (file === undefined) throw new Error(`${door} is missing`)
    const entry = checker.getSymbolAtLocation(file)
    for (const exported of entry === undefined ? [] : checker.getExportsOfModule(entry)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const name = `${relative(root, door)}: ${exported.name}`
      if (symbol.getDocumentationComment(checker).length === 0) silent.add(name)
      for (const member of symbol.flags & ts.SymbolFlags.Class ? (symbol.members?.values() ?? []) : []) {
        const { valueDeclaration } = member
        if (valueDeclaration === undefined || !ts.isMethodDeclaration(valueDeclaration)) continue
        if (ts.isPrivateIdentifier(valueDeclaration.name) || ts.isComputedPropertyName(valueDeclaration.name)) continue
        if (ts.getCombinedModifierFlags(valueDeclaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Override))
          continue
        if (/@internal/.test(valueDeclaration.getFullText())) continue
        if (member.getDocumentationComment(checker).length === 0) silent.add(`${name}.${member.name}`)
      }
    }
  }
  expect([...silent]).toEqual([])
})

describe('the reader of examples', () => {
  test('a docstring and a Markdown file give the same module, at their own lines', () => {
    const code = 'const a = 1\na + 1 // => 2'
    const markdown = `# T\n\n\`\`\`ts\n${code}\n\`\`\`\n`
    const source = `/**\n * T\n * \`\`\`ts\n * ${code.replace('\n', '\n * ')}\n * \`\`\`\n */\n`
    const expected = { line: 3, code: `\n\n\n${code}`, run: true }
    expect(examplesOf('a.md', markdown)).toEqual([{ path: 'a.md', ...expected }])
    expect(examplesOf('a.ts', source)).toEqual([{ path: 'a.ts', ...expected }])
  })

  test('a fence that continues is one example with the fence before', () => {
    const found = examplesOf('a.md', '```ts\nconst a = 1\n```\ntext\n```ts continues\na // => 1\n```\n')
    expect(found).toEqual([{ path: 'a.md', line: 1, code: '\nconst a = 1\n\n\n\na // => 1', run: true }])
  })

  test('only a reason keeps an example from running', () => {
    expect(examplesOf('a.md', '```ts no-run: needs a broker\nf()\n```')[0]!.run).toBe(false)
    expect(() => examplesOf('a.md', '```ts no-run\nf()\n```')).toThrow('a.md:1: a fence is tagged')
  })

  test('a wrong value, a wrong error and a lost arrow fail', async () => {
    let planted = 0
    const run = async (code: string): Promise<unknown> => {
      const path = join(modules, `planted-${planted++}.ts`)
      const check = relative(modules, join(root, 'test/docs/check.ts'))
      writeFileSync(
        path,
        `import { check as $check } from '${check}';${checked({ path: 'a.md', line: 1, code, run: true }, '$check')}`,
      )
      return import(/* @vite-ignore */ path)
    }
    await run(`const a = { b: [1, 'x'] } // => { b: [ 1, 'x' ] }`)
    await run(`console.log('sum', 1 + 1)\n// => sum 2`)
    await run(`Promise.resolve('x') // => 'x'`)
    await run(`JSON.parse('[') // => throws SyntaxError: Unexpected end of JSON input`)
    await run(`[[1],\n [2]] // => [ [ 1 ],\n//    [ 2 ] ]`)
    await expect(run(`1 + 1 // => 3`)).rejects.toThrow("expected '2' to be '3'")
    await expect(run(`2 // => throws Error: x`)).rejects.toThrow("expected '2' to be 'throws Error: x'")
    await expect(run(`if (true) {\n  2 // => 2\n}`)).rejects.toThrow('a.md:2: `// =>` stands behind no expression')
  })
})
