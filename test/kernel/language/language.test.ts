import { createRequire } from 'node:module'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { Language } from '../../../kernel/language/language.ts'
import { packageRoot } from '../../../kernel/session/installation.ts'

const typeRoots = path.resolve(createRequire(import.meta.url).resolve('@types/node/package.json'), '../..')
const language = new Language({ cwd: path.join(packageRoot, 'test'), packageRoot, typeRoots })

beforeEach(() => {
  language.reset()
})

/** Checks cells in turn; gives the messages of the last one. */
function cells(...codes: readonly string[]): readonly string[] {
  let messages: readonly string[] = []
  for (const code of codes) {
    const cell = language.compile({ code })
    messages = cell.diagnostics.map(({ line, column, text }) => `${line}:${column} ${text}`)
    language.commit({ id: cell.id, types: {} })
  }
  return messages
}

const typeOf = (name: string): string | undefined => language.inspect({ code: name, cursor: 0 })?.text.split('\n')[0]

describe('a later cell knows', () => {
  test('types, generics, enums, classes and functions of earlier ones', () => {
    expect(
      cells(
        'interface Row<T> { key: string; value: T }',
        'type Rows = Row<number>[]; enum Side { Buy, Sell }',
        'class Book<T extends Row<number>> { constructor(readonly rows: T[]) {} best(side: Side): T | undefined { return this.rows[side] } }',
        'function sum<T>(rows: Row<T>[], f: (value: T) => number) { return rows.reduce((a, r) => a + f(r.value), 0) }',
        'const book = new Book<Row<number>>([{ key: "a", value: 1 }]); const rows: Rows = book.rows',
        'const total: number = sum(rows, v => v.toFixed().length); const best: Row<number> | undefined = book.best(Side.Sell)',
      ),
    ).toEqual([])
    expect(typeOf('total')).toBe('const total: number')
  })

  test('the type that a name was given last', () => {
    expect(cells('const x = 1', 'const x = "text"', 'const y = x.length', 'x.toFixed()')).toEqual([
      `1:3 Property 'toFixed' does not exist on type '"text"'. Did you mean 'fixed'?`,
    ])
    expect(cells('interface Row { a: 1 }', 'interface Row { b: 2 }', 'const row: Row = { b: 2 }')).toEqual([])
  })

  test('an interface and a const of one name, each from its own cell', () => {
    expect(
      cells(
        'interface Unit { name: string }\nconst Unit = { metre: 1 }',
        'const u: Unit = { name: String(Unit.metre) }',
      ),
    ).toEqual([])
    expect(cells('const Unit = { foot: 2 }', 'const v: Unit = { name: String(Unit.foot) }')).toEqual([])
    expect(cells('interface Unit { label: string }', 'const w: Unit = { label: String(Unit.foot) }')).toEqual([])
  })

  test('that a const cannot be assigned and a variable can', () => {
    expect(cells('let n = 1; const c = 1', 'n = 2', 'c = 2')).toEqual([expect.stringContaining('1:1 ')])
  })

  test('what was imported, and what was exported by its own words', () => {
    expect(
      cells(
        "import { join } from 'node:path'\nimport type { Stats } from 'node:fs'\nexport const root = join('a')\nexport { join as connect }",
        'const text: string = join(root); let stats: Stats | null = null',
      ),
    ).toEqual([])
  })

  test('documentation', () => {
    cells('/** Area of a circle.\n * @param r radius in metres */\nfunction area(r: number) { return 3 * r * r }')
    const { text, markdown } = language.inspect({ code: 'area(1)', cursor: 2 })!
    expect(text).toBe('function area(r: number): number\n\nArea of a circle.\n\n@param r radius in metres')
    expect(markdown).toContain('```ts\nfunction area(r: number): number\n```')
  })
})

test('a parameter without a type is allowed, a missing null check is not', () => {
  expect(
    cells('const f = (x) => x + 1; const xs: number[] = []\nlet found = xs.find(x => x > 1)\nfound.toFixed()'),
  ).toEqual(["3:1 'found' is possibly 'undefined'."])
})

test('a mistake in a cell that was never run leaves no names', () => {
  language.compile({ code: 'const ghost = 1' })
  expect(language.check({ code: 'ghost' })).toMatchObject([{ line: 1, column: 1, code: 2304 }])
})

test('a module that is not there is named', () => {
  expect(cells("import { a } from './nowhere.ts'")).toEqual([
    expect.stringContaining("1:19 Cannot find module './nowhere.ts'"),
  ])
})

describe('completion', () => {
  const names = (code: string): string[] => language.complete({ code, cursor: code.length }).items.map(i => i.name)

  test('gives members by their type, names of earlier cells first, and no inner names', () => {
    cells('const zebra = { stripes: 1, colour: "b" }')
    expect(names('zebra.')).toEqual(['colour', 'stripes'])
    expect(names('const own = 1\nz')[0]).toBe('zebra')
    expect(names('')).toContain('zebra')
    expect(names('').filter(name => name.startsWith('__'))).toEqual([])
  })

  test('gives the columns of a row inside a callback first', () => {
    cells(
      'declare function where<T>(rows: T[], test: (row: T) => boolean): T[]\nconst flights = [{ delay: 1, origin: "SFO" }]',
    )
    const code = 'where(flights, row => row.)'
    const { start, end, items } = language.complete({ code, cursor: code.length - 1 })
    expect([start, end]).toEqual([26, 26].map(() => code.length - 1))
    expect(items.map(item => item.name)).toEqual(['delay', 'origin'])
  })

  test('replaces what was typed, in text too', () => {
    cells('declare function pick(column: "dep time" | "dep delay"): void')
    expect(language.complete({ code: 'pick("dep d")', cursor: 11 })).toMatchObject({
      start: 6,
      end: 11,
      items: [{ name: 'dep delay' }],
    })
  })
})

describe('a cell is', () => {
  const status = (code: string): string => language.isComplete({ code }).status
  test('complete', () => {
    for (const code of ['', 'a', 'f<number>(1)', 'const t = `a${1}\n`', 'if (a) {\n}', 'a < b', '/* c */'])
      expect(status(code), code).toBe('complete')
  })
  test('incomplete', () => {
    const codes = [
      'f(',
      'if (a) {',
      'const t = `a',
      'const t = `a${',
      'const t = `${x}',
      'function f<T',
      'new Map<string,',
    ]
    for (const code of [...codes, 'type A<T> = {', '/* c', 'const x =', 'a.map(x =>', 'class A {\n  b() {\n  }'])
      expect(status(code), code).toBe('incomplete')
    expect(language.isComplete({ code: '  for (;;) {' })).toEqual({ status: 'incomplete', indent: '    ' })
  })
  test('invalid', () => {
    for (const code of [')', 'const = 1', 'let 1a', '"open', 'f(]']) expect(status(code), code).toBe('invalid')
  })
})
