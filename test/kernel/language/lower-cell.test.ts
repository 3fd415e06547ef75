import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { lowerCell, type LoweredCell } from '../../../kernel/language/lower-cell.ts'
import { decodeMappings, sourcePosition } from '../../../kernel/language/position-map.ts'

function lower(code: string): LoweredCell {
  return lowerCell(ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ES2022, true), (_, name) =>
    /^[a-z]/.test(name.text),
  )
}

/** Where a word of the source comes out, mapped back: it must be where it was. */
function expectMapped(code: string, word: string): void {
  const { js, map } = lower(code)
  const before = js.slice(0, js.indexOf(word)).split('\n')
  const source = code.slice(0, code.indexOf(word)).split('\n')
  expect(sourcePosition(map, before.length - 1, before.at(-1)!.length), `${word} in ${js}`).toEqual({
    line: source.length - 1,
    column: source.at(-1)!.length,
  })
}

test('bindings become let, functions come first, types go', () => {
  expect(lower('const a: number = f(1)\nexport function f(x: number) { return x }').js).toBe(
    "'use strict';let f =  function f(x        ) { return x };\nlet a         = f(1)\n;",
  )
})

test('imports become awaited loads of what has a value', () => {
  expect(
    lower("import d, { a as b, Shape } from 'm'; import * as n from 'n'\nimport { Only } from 'o'; import 'p'").js,
  ).toBe(
    "'use strict';let { default: d, a: b } = await __load('m');let n = await __load('n');await __load('p');\n; ;\n; ;",
  )
  expect(lower("const x = await import('m')").js).toContain("await __load('m')")
  expect(lower('type T = import("m").T').js).not.toContain('__load')
})

test('the last statement decides whether there is a result', () => {
  for (const code of ['1', '1;', 'let a = 1\na', 'a;;', 'export default 4'])
    expect(lower(code).hasResult, code).toBe(true)
  for (const code of ['', 'let a = 1', '1\nlet a', 'if (a) {}', 'a\nfunction f() {}']) {
    expect(lower(code).hasResult, code).toBe(false)
  }
})

describe('positions lead back to the source', () => {
  test('through imports, exports, hoisted and generic functions', () => {
    const code = `import x from 'x'; const first = x()
export const second: Map<string, number> = new Map()
async function third<T>(v: T) {
  return fourth(v as T, import('y'))
}
if (first) fifth()`
    for (const word of ['fourth', 'fifth', 'new Map', "'y'", 'first']) expectMapped(code, word)
  })

  test('through enums and parameter properties', () => {
    const code = `const zero = 0
export enum Level { Low, High }
export class Point {
  constructor(private readonly x: number) {}
  where() { return marker(this.x) }
}; after()`
    for (const word of ['marker', 'after']) expectMapped(code, word)
  })
})

test('source map mappings are decoded', () => {
  // From the specification's own description: AAAA is the origin, then a step of 4 columns, then a line down.
  expect(decodeMappings('AAAA,IAAI;AACJ')).toEqual([0, 0, 0, 0, 0, 4, 0, 4, 1, 0, 1, 0])
})
