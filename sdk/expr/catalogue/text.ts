import { scalar, type DataType, type Nullable } from '../../data/type.ts'
import type { EagerFunction, FunctionOptions, JsScope, Sql } from '../function.ts'
import { anyNull } from './number.ts'
import { byType, plain, quoted } from './plain.ts'
import * as bytes from './binary.ts'

/** The first functions of text. Positions and lengths count code points; case follows the full Unicode mapping. */

interface TextFunction {
  readonly name: string
  readonly result: DataType
  readonly code: (args: readonly string[], options: FunctionOptions, js: JsScope) => string
  readonly evaluate: (args: readonly string[], options: FunctionOptions) => string | number | boolean
  readonly duckdb: Sql
  readonly flink: Sql
}

const [BOOL, INT32, UTF8] = [scalar('bool'), scalar('int32'), scalar('utf8')]

function textFunction({ name, result, code, evaluate, duckdb, flink }: TextFunction): EagerFunction {
  return {
    name,
    infer: (args: readonly Nullable[]) => {
      const wrong = args.findIndex(arg => arg.type.kind !== 'utf8')
      return wrong < 0 ? { type: result, nullable: anyNull(args) } : `${name} takes text, and $${wrong}`
    },
    nulls: 'propagate',
    js: (args, _, __, options, js) => ({
      value: code(
        args.map(arg => arg.value),
        options,
        js,
      ),
      valid: null,
    }),
    evaluate: (args, _, __, options) => evaluate(args as readonly string[], options),
    duckdb,
    flink,
  }
}

const CASE = { refused: 'DuckDB maps a letter to one letter, the engine by the full mapping (ß becomes SS)' }

export const upper: EagerFunction = textFunction({
  name: 'upper',
  result: UTF8,
  code: ([a]) => `${a}.toUpperCase()`,
  evaluate: ([a]) => a!.toUpperCase(),
  duckdb: CASE,
  flink: ([a]) => `UPPER(${a})`,
})

export const lower: EagerFunction = textFunction({
  name: 'lower',
  result: UTF8,
  code: ([a]) => `${a}.toLowerCase()`,
  evaluate: ([a]) => a!.toLowerCase(),
  duckdb: CASE,
  flink: ([a]) => `LOWER(${a})`,
})

/** What JavaScript calls white space. */
const SPACE =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'

const TRIMS = { refused: 'Flink trims one kind of character, the engine all white space or a set of characters' }

/** Without characters at its ends: white space, or those of a text. */
function trimmed(name: 'trim' | 'trimStart' | 'trimEnd', sql: string): EagerFunction {
  return plain({
    name,
    takes: ['text'],
    result: UTF8,
    compute: ({ characters }) => {
      if (characters === undefined) return (text: string) => text[name]()
      const set = new Set(characters as string)
      return (text: string) => {
        const points = Array.from(text)
        let [from, to] = [0, points.length]
        if (name !== 'trimEnd') while (from < to && set.has(points[from]!)) from++
        if (name !== 'trimStart') while (to > from && set.has(points[to - 1]!)) to--
        return to - from === points.length ? text : points.slice(from, to).join('')
      }
    },
    duckdb: ([a], _, { characters }) => (characters === '' ? a! : `${sql}(${a}, ${quoted(characters ?? SPACE)})`),
    flink: TRIMS,
  })
}

export const trim: EagerFunction = trimmed('trim', 'trim')
export const trimStart: EagerFunction = trimmed('trimStart', 'ltrim')
export const trimEnd: EagerFunction = trimmed('trimEnd', 'rtrim')

export const contains: EagerFunction = textFunction({
  name: 'contains',
  result: BOOL,
  code: ([a, b]) => `(${a}.includes(${b}) ? 1 : 0)`,
  evaluate: ([a, b]) => a!.includes(b!),
  duckdb: ([a, b]) => `contains(${a}, ${b})`,
  flink: ([a, b]) => `(POSITION(${b} IN ${a}) > 0)`,
})

export const startsWith: EagerFunction = textFunction({
  name: 'startsWith',
  result: BOOL,
  code: ([a, b]) => `(${a}.startsWith(${b}) ? 1 : 0)`,
  evaluate: ([a, b]) => a!.startsWith(b!),
  duckdb: ([a, b]) => `starts_with(${a}, ${b})`,
  flink: ([a, b]) => `STARTSWITH(${a}, ${b})`,
})

export const endsWith: EagerFunction = textFunction({
  name: 'endsWith',
  result: BOOL,
  code: ([a, b]) => `(${a}.endsWith(${b}) ? 1 : 0)`,
  evaluate: ([a, b]) => a!.endsWith(b!),
  duckdb: ([a, b]) => `ends_with(${a}, ${b})`,
  flink: ([a, b]) => `ENDSWITH(${a}, ${b})`,
})

const textLength = textFunction({
  name: 'length',
  result: INT32,
  code: ([a], _, js) => `${js.bind(codePoints)}(${a})`,
  evaluate: ([a]) => Array.from(a!).length,
  duckdb: ([a]) => `CAST(length(${a}) AS INTEGER)`,
  flink: { refused: 'Flink counts UTF-16 units, the engine code points' },
})

export function codePoints(text: string): number {
  let count = text.length
  for (let i = 0; i + 1 < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--
      i++
    }
  }
  return count
}

const textSlice = textFunction({
  name: 'slice',
  result: UTF8,
  code: ([a], options, js) => `${js.bind(sliceText)}(${a}, ${String(options['start'])}, ${String(options['end'])})`,
  evaluate: ([a], options) =>
    Array.from(a!)
      .slice(options['start'] as number, options['end'] as number | undefined)
      .join(''),
  duckdb: ([a], _, { start, end }) => {
    const [from, to] = [start as number, end as number | undefined]
    if (from < 0 || (to ?? 0) < 0) return { refused: 'a position counted from the end has no form in SQL' }
    return to === undefined ? `substring(${a}, ${from + 1})` : `substring(${a}, ${from + 1}, ${Math.max(0, to - from)})`
  },
  flink: { refused: 'Flink counts UTF-16 units, the engine code points' },
})

function sliceText(text: string, start: number, end: number | undefined): string {
  return codePoints(text) === text.length ? text.slice(start, end) : Array.from(text).slice(start, end).join('')
}

const textConcat = textFunction({
  name: 'concat',
  result: UTF8,
  code: args => `(${args.join(' + ')})`,
  evaluate: args => args.join(''),
  duckdb: args => `(${args.join(' || ')})`,
  flink: args => `(${args.join(' || ')})`,
})

export const replace: EagerFunction = textFunction({
  name: 'replace',
  result: UTF8,
  code: ([a], { search, replacement }, js) =>
    search === '' ? a! : `${a}.replaceAll(${JSON.stringify(search)}, ${js.bind(() => replacement)})`,
  evaluate: ([a], { search, replacement }) =>
    search === '' ? a! : a!.split(search as string).join(replacement as string),
  duckdb: ([a], _, { search, replacement }) => `replace(${a}, ${quoted(search)}, ${quoted(replacement)})`,
  flink: ([a], _, { search, replacement }) =>
    search === '' ? a! : `REPLACE(${a}, ${quoted(search)}, ${quoted(replacement)})`,
})

const isBinary = (type: DataType): boolean => type.kind === 'binary'

export const length: EagerFunction = byType([[isBinary, bytes.length]], textLength)
export const slice: EagerFunction = byType([[isBinary, bytes.slice]], textSlice)
export const concat: EagerFunction = byType([[isBinary, bytes.concat]], textConcat)
