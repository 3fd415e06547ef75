import { describe, expect, test } from 'vitest'
import { declarations } from '../../../kernel/notebook/declarations.ts'
import type { CodeCell, Notebook } from '../../../kernel/notebook/model.ts'
import { injectParameters, type Parameter } from '../../../kernel/notebook/parameters.ts'

const code = (id: string, source: string, ...tags: string[]): CodeCell => ({
  kind: 'code',
  id,
  source,
  metadata: { tags },
  executionCount: null,
  outputs: [],
})

const notebook = (...cells: CodeCell[]): Notebook => ({ metadata: {}, cells })

const p = (name: string, value: string): Parameter => ({ name, value, raw: false })
const r = (name: string, value: string): Parameter => ({ name, value, raw: true })

const declared = code(
  'a',
  `
// what to look at
const days = 30
let city = 'Oslo', verbose: boolean = false // two at once
const mode: 'fast' | 'exact' = 'fast'
const ids = [1, 2]
const big = 10n
`,
  'parameters',
)

const injectedInto = (...parameters: Parameter[]): string => {
  const { cells } = injectParameters(notebook(code('z', '1'), declared, code('b', 'days')), parameters)
  expect(cells.map(cell => cell.id)).toEqual(['z', 'a', 'injected-parameters', 'b'])
  expect(cells[2]!.metadata).toEqual({ tags: ['injected-parameters'] })
  return cells[2]!.source
}

describe('declarations of a cell', () => {
  test('are read with keyword, type and value', () => {
    expect(declarations(declared.source).map(({ text: _, ...rest }) => rest)).toEqual([
      { keyword: 'const', name: 'days', type: null, value: '30' },
      { keyword: 'let', name: 'city', type: null, value: "'Oslo'" },
      { keyword: 'let', name: 'verbose', type: 'boolean', value: 'false' },
      { keyword: 'const', name: 'mode', type: "'fast' | 'exact'", value: "'fast'" },
      { keyword: 'const', name: 'ids', type: null, value: '[1, 2]' },
      { keyword: 'const', name: 'big', type: null, value: '10n' },
    ])
  })

  test('inside functions, strings and comments are none', () => {
    const source = `function f() { const inner = 1 }\n/* let no = 1 */ const yes = "let z = 1; const q = 2"\nconst g = (a: number) => { let h = 1 }`
    expect(declarations(source).map(one => one.name)).toEqual(['yes', 'g'])
  })

  test('may go over several lines and carry generic types', () => {
    const source =
      'const m: Map<string, number> = new Map([\n  ["a", 1],\n])\nconst total =\n  1 +\n  2; const last = 3'
    expect(declarations(source).map(({ name, type, value }) => [name, type, value])).toEqual([
      ['m', 'Map<string, number>', 'new Map([\n  ["a", 1],\n])'],
      ['total', null, '1 + 2'],
      ['last', null, '3'],
    ])
  })
})

describe('parameters', () => {
  test('take the kind of the declaration they replace', () => {
    const source = injectedInto(p('days', '7'), p('city', '2001'), p('verbose', 'true'), p('mode', 'exact'))
    expect(source).toBe(
      `// Parameters\nconst days = 7\nlet city = "2001"\nlet verbose: boolean = true\nconst mode: 'fast' | 'exact' = "exact"`,
    )
  })

  test('that the declaration leaves open are read as JSON, numbers or text', () => {
    expect(injectedInto(p('ids', '[3, 4]'))).toBe('// Parameters\nconst ids = [3, 4]')
    expect(injectedInto(r('ids', '[3, 4]'))).toBe('// Parameters\nconst ids = "[3, 4]"')
  })

  test('given twice count once, the last one', () => {
    expect(injectedInto(p('days', '7'), p('days', '-8.5'))).toBe('// Parameters\nconst days = -8.5')
  })

  test('cannot carry code into the notebook', () => {
    expect(injectedInto(p('city', '"; process.exit() //'))).toBe('// Parameters\nlet city = "\\"; process.exit() //"')
    expect(() => injectedInto(p('days', '1; process.exit()'))).toThrow('cannot be "1; process.exit()"')
  })

  test('of an unknown name are refused with the nearest one', () => {
    expect(() => injectedInto(p('dyas', '7'))).toThrow(
      'unknown parameter "dyas". Did you mean "days"? The cell tagged "parameters" declares days, city, verbose, mode, ids, big',
    )
  })

  test('of an impossible value are refused with the declaration', () => {
    expect(() => injectedInto(p('days', 'many'))).toThrow(
      'parameter "days" cannot be "many": it is declared as a number, as in `const days = 30`',
    )
    expect(() => injectedInto(p('verbose', 'yes'))).toThrow('it is declared as true or false')
    expect(() => injectedInto(p('big', '10'))).toThrow('it is declared as a bigint such as 10n')
    expect(() => injectedInto(r('days', '7'))).toThrow('-r gives text and it is declared as a number')
  })

  test('replace the cell that an earlier run injected', () => {
    const again = notebook(declared, code('old', 'const days = 1', 'injected-parameters'), code('b', 'days'))
    const { cells } = injectParameters(again, [p('days', '2')])
    expect(cells.map(cell => cell.source).slice(1)).toEqual(['// Parameters\nconst days = 2', 'days'])
  })

  test('come first in a notebook without a tagged cell', () => {
    const { cells } = injectParameters(notebook(code('b', 'days')), [p('days', '2'), p('name', 'x'), p('none', 'null')])
    expect(cells.map(cell => cell.source)).toEqual([
      '// Parameters\nconst days = 2\nconst name = "x"\nconst none = null',
      'days',
    ])
    expect(() => injectParameters(notebook(), [p('a b', '2')])).toThrow('parameter "a b" is not a name')
  })
})
