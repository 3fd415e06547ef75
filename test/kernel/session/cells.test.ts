import { utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNotebook, printed } from './notebook.ts'

let notebook: TestNotebook
beforeAll(async () => {
  notebook = await TestNotebook.open({
    'area.ts': `import { square } from './square'
export const area = (r: number): number => 3 * square(r)
export function fail(): never {
  throw new RangeError('out of range')
}
`,
    'uses.ts': `import { read } from 'millrace'
export const same = read
`,
    'square.ts': `export interface Shape { readonly side: number }
export const square = (x: number): number => x * x
`,
  })
})
afterAll(() => notebook.close())

describe('a cell', () => {
  test('gives the value of its last expression', async () => {
    expect((await notebook.run('const n = 20\nn * 2 + 2')).result).toBe('42')
    expect((await notebook.run('const unused = 1')).events).toEqual([])
    expect((await notebook.run('-0')).result).toBe('-0')
    expect((await notebook.run('10n ** 20n')).result).toBe('100000000000000000000n')
    expect((await notebook.run('Symbol("s")')).result).toBe('Symbol(s)')
    expect((await notebook.run('[1, { a: "x" }]')).result).toBe("[ 1, { a: 'x' } ]")
  })

  test('awaits at its top level, and awaits a promise that is its last expression', async () => {
    expect((await notebook.run('const late = await Promise.resolve(3)\nPromise.resolve(late + 1)')).result).toBe('4')
  })

  test('redeclares any name as any other kind, with a new type', async () => {
    const kinds = ['const x = 1', 'function x() { return 2 }', 'let x = "3"', 'class x {}', 'var x = 5', 'enum x { A }']
    // Each kind once after each other and after itself.
    const turns = kinds.flatMap((kind, i) => [kind, ...kinds.slice(i + 1).flatMap(other => [kind, other])])
    let before = ''
    for (const kind of [...turns, kinds[0]!]) {
      expect((await notebook.run(kind)).error, `${before} → ${kind}`).toBe(null)
      before = kind
    }
    await notebook.run('const x = { deep: [1] }')
    expect((await notebook.run('x.deep[0]')).result).toBe('1')
  })

  test('may declare the name of a global, is told that modules see it too, and may give it back', async () => {
    const { events } = await notebook.run('const URL = "mine"')
    expect(printed(events, 'stderr')).toMatch(/^URL: a global of this name exists, and modules .* see the cell's value/)
    expect((await notebook.run('[URL, new globalThis.URL("http://a/").host]')).result).toBe("[ 'mine', 'a' ]")
    expect((await notebook.run('const { URL } = globalThis; const display = 1')).events).toEqual([])
    await notebook.run('const { display } = globalThis as any')
  })

  test('changes a variable of an earlier cell', async () => {
    await notebook.run('let counter = 1')
    await notebook.run('counter++')
    expect((await notebook.run('counter += 40')).result).toBe('42')
  })

  test('uses a function before the line that declares it', async () => {
    expect(
      (await notebook.run('const before = twice(4)\nfunction twice(n: number) { return n * 2 }\nbefore')).result,
    ).toBe('8')
  })

  test('has enums, namespaces and parameter properties', async () => {
    await notebook.run(`export enum Level { Low = 1, High }
namespace Units { export const metre = 100 }
class Point { constructor(readonly x: number, private y = 7) {} sum() { return this.x + this.y } }`)
    expect((await notebook.run('[Level.High, Level[1], Units.metre, new Point(1).sum()]')).result).toBe(
      "[ 2, 'Low', 100, 8 ]",
    )
  })

  test('has what V8 does not know: using, decorators, an enum within a function', async () => {
    expect(
      (await notebook.run('const ended: string[] = []; function local() { enum E { A = 3 } return E.A }')).error,
    ).toBe(null)
    const { error, result } = await notebook.run(`Symbol.dispose
const make = (name: string) => ({ name, [Symbol.dispose]() { ended.push(name) } })
function inner() { using a = make('inner'); return a.name }
using top = make('top')
function logged(value: () => string, context: ClassMethodDecoratorContext) { return () => String(context.name) + '!' }
class Decorated { @logged hello() { return 'x' } }
const local2 = local();
[inner(), top.name, ended, new Decorated().hello(), local2]`)
    expect(error).toBe(null)
    expect(result).toBe("[ 'inner', 'top', [ 'inner' ], 'hello!', 3 ]")
    expect((await notebook.run('const local = 4')).error).toBe(null)
  })

  test('finds this package where its folder has no installation of it, and in its local files', async () => {
    const { error, result } = await notebook.run(`import * as millrace from 'millrace'
import { same } from './uses.ts'
[typeof millrace.read.rows, same === millrace.read]`)
    expect(error).toBe(null)
    expect(result).toBe("[ 'function', true ]")
    expect(await notebook.session.check('millrace.reed')).toMatchObject([{ line: 1, column: 10, code: 2339 }])
  })

  test('imports from Node, statically and dynamically', async () => {
    const { result } = await notebook.run(`import os, { EOL as end } from 'node:os'
import * as path from 'node:path'
import type { Stats } from 'node:fs'
const { sep } = await import('node:path')
const size = (stats: Stats): number => stats.size;
[typeof os.cpus, end, path.join('a', 'b'), sep, typeof size]`)
    expect(result).toBe("[ 'function', '\\n', 'a/b', '/', 'function' ]")
  })

  test('imports local TypeScript, and only what has a value', async () => {
    const { error, result } = await notebook.run(`import { area } from './area.ts'
import { square, Shape } from './square.ts'
const shape: Shape = { side: 2 }
area(1) + square(shape.side)`)
    expect(error).toBe(null)
    expect(result).toBe('7')
  })

  test('imports a local file anew when it, or what it imports, was edited, and says where an old one is used', async () => {
    const edit = (name: string, text: string, seconds: number): void => {
      const file = path.join(notebook.folder, name)
      writeFileSync(file, text)
      utimesSync(file, seconds, seconds)
    }
    edit('inner.ts', 'export const factor: number = 2\n', 1000)
    edit(
      'outer.ts',
      "import { factor } from './inner.ts'\nexport const scale = (x: number): number => x * factor\n",
      1000,
    )
    const load = "import { scale } from './outer.ts'\nscale(10)"
    expect((await notebook.run(load)).result).toBe('20')
    edit('inner.ts', 'export const factor: number = 3\n', 2000)
    const old = await notebook.run('scale(10)')
    expect(old.result).toBe('20')
    expect(printed(old.events, 'stderr')).toBe(
      'inner.ts changed after its import: this cell uses the names of that time. Run the import again.\n',
    )
    const anew = await notebook.run(load)
    expect([anew.result, printed(anew.events, 'stderr')]).toEqual(['30', ''])
    expect(printed((await notebook.run('scale(10)')).events, 'stderr')).toBe('')
  })

  test('knows the columns that an earlier cell found in a file', async () => {
    writeFileSync(path.join(notebook.folder, 'trips.csv'), 'city,km\nOslo,12\nBergen,30\n')
    const { error } = await notebook.run(`import { read } from 'millrace'
const trips = await read.csv('trips.csv').collect()
const far = trips.filter(t => t.km.gt(20))`)
    expect(error).toBe(null)
    for (const code of ['trips.derive(t => ({ twice: t.', 'far.filter(t => t.']) {
      const { items } = await notebook.session.complete(code, code.length)
      expect(items.map(item => item.name)).toEqual(['city', 'km'])
    }
    expect((await notebook.session.inspect('far', 1))?.text).toBe(`const far: Frame<{
    city: "utf8?";
    km: "int64?";
}, "batch">`)
    expect(await notebook.session.check('far.filter(t => t.citty.isNull())')).toMatchObject([
      { line: 1, column: 19, text: expect.stringContaining("Did you mean 'city'?") },
    ])
  })

  test('finds its files and import.meta in the folder of the notebook', async () => {
    expect((await notebook.run('[process.cwd(), import.meta.dirname]')).result).toContain(notebook.folder)
  })

  test('runs thirty million steps at its top level at native speed', async () => {
    const { error, result } = await notebook.run(`const begun = performance.now()
let total = 0
for (let i = 0; i < 30_000_000; i++) total += i % 7
performance.now() - begun < 3000 && total`)
    expect(error).toBe(null)
    expect(result).toBe('89999995')
  })
})

describe('an error', () => {
  test('of a type points at the line of the cell and knows what was meant', async () => {
    const count = notebook.nextCount
    const { error } = await notebook.run('const text = "a"\n  text.toUperCase()')
    expect(error).toEqual({
      ename: 'TypeScriptError',
      evalue: `cell ${count}, line 2: Property 'toUperCase' does not exist on type '"a"'. Did you mean 'toUpperCase'?`,
      traceback: [
        `cell ${count}, line 2`,
        '  2 |   text.toUperCase()',
        '             ^',
        `TypeScriptError: Property 'toUperCase' does not exist on type '"a"'. Did you mean 'toUpperCase'? (TS2551)`,
      ],
    })
  })

  test('of a row points at the function that threw', async () => {
    const count = notebook.nextCount
    const { error } = await notebook.run(`import { read, udf } from 'millrace'
const rows = read.rows([{ a: 7 }])
await rows.derive(t => ({
  b: udf([t.a], 'int64', a => { throw new RangeError('row of ' + a) }),
})).collect()`)
    expect(error?.ename).toBe('DataError')
    expect(error?.traceback[0]).toMatch(/^DataError: read › project.* udf/)
    expect(error?.traceback.slice(-4)).toEqual([
      'Caused by: RangeError: row of 7',
      "  4 |   b: udf([t.a], 'int64', a => { throw new RangeError('row of ' + a) }),",
      `  ${' '.repeat(42)}^`,
      expect.stringContaining(`cell ${count}:4:39`),
    ])
  })

  test('of a verb points at the line of the cell that called it', async () => {
    const { error } = await notebook.run(`const untyped: any = rows
untyped
  .derive((t: any) => ({ c: t.nothing.gt(3) }))`)
    expect(error?.traceback.slice(0, 3)).toEqual([
      'PlanError: derive: there is no column "nothing". The columns are a.',
      '  3 |   .derive((t: any) => ({ c: t.nothing.gt(3) }))',
      '                                    ^',
    ])
  })

  test('of syntax keeps the cell from running', async () => {
    const { error, stdout } = await notebook.run('console.log(1)\nconst = 2')
    expect(error?.ename).toBe('SyntaxError')
    expect(error?.traceback.slice(0, 3)).toEqual([
      expect.stringContaining('line 2'),
      '  2 | const = 2',
      '            ^',
    ])
    expect(stdout).toBe('')
  })

  test('that is thrown shows the cells it came through, a caret and its causes', async () => {
    const count = notebook.nextCount
    await notebook.run(`import { readFileSync } from 'node:fs'
type Named = { name: string }
function readAll(what: Named) {
  try { return readFileSync(what.name) } catch (cause) { throw new Error('no data', { cause }) }
}`)
    const { error } = await notebook.run('// a comment\nenum Unused { A }\n  readAll({ name: "/nowhere" })')
    expect(error).toEqual({
      ename: 'Error',
      evalue: 'no data',
      traceback: [
        'Error: no data',
        `  4 |   try { return readFileSync(what.name) } catch (cause) { throw new Error('no data', { cause }) }`,
        `      ${' '.repeat(63)}^`,
        `    at readAll (cell ${count}:4:64)`,
        `    at cell ${count + 1}:3:3`,
        `Caused by: Error: ENOENT: no such file or directory, open '/nowhere'`,
        `  4 |   try { return readFileSync(what.name) } catch (cause) { throw new Error('no data', { cause }) }`,
        `      ${' '.repeat(15)}^`,
        `    at readAll (cell ${count}:4:16)`,
        `    at cell ${count + 1}:3:3`,
      ],
    })
  })

  test('from a local file names the file', async () => {
    const { error } = await notebook.run(`import { fail } from './area.ts'\nfail()`)
    expect(error?.traceback).toEqual([
      'RangeError: out of range',
      '  2 | fail()',
      '      ^',
      '    at fail (area.ts:4:9)',
      expect.stringMatching(/^ {4}at cell \d+:2:1$/),
    ])
  })

  test('keeps its line in a class that had to be transpiled', async () => {
    const { error } = await notebook.run(`class Box {
  constructor(private readonly n: number) {}
  open(): never {
    throw new TypeError(\`box \${this.n}\`)
  }
}
new Box(1).open()`)
    expect(error?.traceback.slice(0, 3)).toEqual([
      'TypeError: box 1',
      '  4 |     throw new TypeError(`box ${this.n}`)',
      '                ^',
    ])
  })

  test('that the user prints has the lines of the cell too', async () => {
    const count = notebook.nextCount
    const { stdout } = await notebook.run(`function deep() { return new Error('shown') }
// a line
console.log(deep().stack)`)
    expect(stdout).toBe(`Error: shown\n    at deep (cell ${count}:1:26)\n    at cell ${count}:3:13\n`)
  })

  test('may be any value', async () => {
    expect((await notebook.run('throw { code: 7 }')).error).toMatchObject({ ename: 'Uncaught', evalue: '{ code: 7 }' })
    expect((await notebook.run('throw undefined')).error?.evalue).toBe('undefined')
  })

  test('leaves what the cell declared before it', async () => {
    await notebook.run('const kept = "still here"\nthrow new Error("stop")')
    expect((await notebook.run('kept')).result).toBe("'still here'")
  })
})

describe('input', () => {
  test('is asked of the front end, which may refuse it', async () => {
    const asked: [string, boolean][] = []
    const input = async (prompt: string, password: boolean): Promise<string> => {
      asked.push([prompt, password])
      return 'Ada'
    }
    const { result } = await notebook.run('[prompt("name? "), await input("again? ", { password: true })]', { input })
    expect(result).toBe("[ 'Ada', 'Ada' ]")
    expect(asked).toEqual([
      ['name? ', false],
      ['again? ', true],
    ])
    expect((await notebook.run('prompt("name? ")')).error?.ename).toBe('StdinNotImplementedError')
  })
})
