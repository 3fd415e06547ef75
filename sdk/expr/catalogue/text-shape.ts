import { scalar } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type Sql } from '../function.ts'
import { plain, quoted } from './plain.ts'
import { codePoints } from './text.ts'

/** Functions that take text apart and put it together, by code points. */

const [INT32, UTF8, BOOL] = [scalar('int32'), scalar('utf8'), scalar('bool')]
const TEXTS = { kind: 'list', item: { type: UTF8, nullable: false } } as const
const UNITS = { refused: 'Flink counts UTF-16 units, the engine code points' }
const NONE = { refused: 'Flink has no such function' }
const LONGEST = 2 ** 28

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

function padded(name: 'padStart' | 'padEnd', sql: string): EagerFunction {
  return plain({
    name,
    takes: ['text'],
    result: UTF8,
    refuses: ({ length, fill }) => {
      if (!isCount(length) || (length as number) > LONGEST) return `a length is a whole number from 0 to ${LONGEST}`
      return fill === '' ? `${name} fills with characters, and its fill is empty` : undefined
    },
    compute: ({ length, fill }) => {
      const points = Array.from(fill as string)
      return (text: string) => {
        const missing = (length as number) - codePoints(text)
        if (missing <= 0) return text
        const whole = (fill as string).repeat(Math.floor(missing / points.length))
        const padding = whole + points.slice(0, missing % points.length).join('')
        return name === 'padStart' ? padding + text : text + padding
      }
    },
    duckdb: ([a], _, { length, fill }) =>
      `CASE WHEN length(${a}) >= ${String(length)} THEN ${a} ELSE ${sql}(${a}, ${String(length)}, ${quoted(fill)}) END`,
    flink: UNITS,
  })
}

export const padStart: EagerFunction = padded('padStart', 'lpad')
export const padEnd: EagerFunction = padded('padEnd', 'rpad')

export const repeat: EagerFunction = plain({
  name: 'repeat',
  takes: ['text'],
  result: UTF8,
  refuses: ({ times }) => (isCount(times) ? undefined : `text is repeated a whole number of times, 0 or more`),
  fails: true,
  compute: ({ times }) => {
    const n = times as number
    return (text: string) => {
      if (text.length * n > LONGEST) throw new RowFailure(`a text of ${text.length * n} characters is too long`)
      return text.repeat(n)
    }
  },
  duckdb: ([a], _, { times }) => `repeat(${a}, ${String(times)})`,
  flink: ([a], _, { times }) => `REPEAT(${a}, ${String(times)})`,
})

/** The code points of a text, in SQL. */
const pointsSql = (a: string): string => `regexp_extract_all(${a}, '(?s:.)')`

export const reverse: EagerFunction = plain({
  name: 'reverse',
  takes: ['text'],
  result: UTF8,
  compute: () => (text: string) => {
    if (codePoints(text) === text.length) {
      let out = ''
      for (let i = text.length - 1; i >= 0; i--) out += text[i]!
      return out
    }
    return Array.from(text).reverse().join('')
  },
  duckdb: ([a]) => `array_to_string(list_reverse(${pointsSql(a!)}), '')`,
  flink: UNITS,
})

export const indexOf: EagerFunction = plain({
  name: 'indexOf',
  takes: ['text'],
  result: INT32,
  compute: () => (text: string, search: string) => {
    const at = text.indexOf(search)
    return at <= 0 ? at : codePoints(text.slice(0, at))
  },
  duckdb: ([a, b]) => `CAST(CASE WHEN ${b} = '' AND ${a} IS NOT NULL THEN 0 ELSE instr(${a}, ${b}) - 1 END AS INTEGER)`,
  flink: UNITS,
})

/** The parts between separators; the code points where the separator is empty. */
const partsOf = (text: string, separator: string): string[] =>
  separator === '' ? Array.from(text) : text.split(separator)

const partsSql = (a: string, separator: unknown): string =>
  separator === '' ? pointsSql(a) : `string_split(${a}, ${quoted(separator)})`

export const split: EagerFunction = plain({
  name: 'split',
  takes: ['text'],
  result: TEXTS,
  compute:
    ({ separator }) =>
    (text: string) =>
      partsOf(text, separator as string),
  duckdb: ([a], _, { separator }) => partsSql(a!, separator),
  flink: ([a], _, { separator }) =>
    separator === '' ? { refused: 'Flink does not split into characters' } : `SPLIT(${a}, ${quoted(separator)})`,
})

export const splitPart: EagerFunction = plain({
  name: 'splitPart',
  takes: ['text'],
  result: UTF8,
  nullable: true,
  refuses: ({ index }) => (Number.isSafeInteger(index) ? undefined : 'the index of a part is a whole number'),
  compute:
    ({ separator, index }) =>
    (text: string) =>
      partsOf(text, separator as string).at(index as number) ?? null,
  duckdb: ([a], _, { separator, index }) => {
    const at = index as number
    return `list_extract(${partsSql(a!, separator)}, ${at < 0 ? at : at + 1})`
  },
  flink: NONE,
})

export const replaceFirst: EagerFunction = plain({
  name: 'replaceFirst',
  takes: ['text'],
  result: UTF8,
  compute: ({ search, replacement }) =>
    search === ''
      ? (text: string) => text
      : (text: string) => text.replace(search as string, () => replacement as string),
  duckdb: ([a], _, { search, replacement }) => {
    if (search === '') return a!
    const [found, at] = [quoted(search), `instr(${a}, ${quoted(search)})`]
    const parts = `substring(${a}, 1, ${at} - 1) || ${quoted(replacement)} || substring(${a}, ${at} + length(${found}))`
    return `CASE WHEN ${at} = 0 THEN ${a} ELSE ${parts} END`
  },
  flink: NONE,
})

const CASE = { refused: 'case follows the full Unicode mapping in the engine only' }

const capital = (word: string): string => {
  const first = String.fromCodePoint(word.codePointAt(0)!)
  return first.toUpperCase() + word.slice(first.length).toLowerCase()
}

export const capitalize: EagerFunction = plain({
  name: 'capitalize',
  takes: ['text'],
  result: UTF8,
  compute: () => (text: string) => (text === '' ? '' : capital(text)),
  duckdb: CASE,
  flink: CASE,
})

export const titleCase: EagerFunction = plain({
  name: 'titleCase',
  takes: ['text'],
  result: UTF8,
  compute: () => (text: string) => text.replace(/\p{L}[\p{L}\p{M}\p{N}'’]*/gu, capital),
  duckdb: CASE,
  flink: CASE,
})

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD']

export const normalize: EagerFunction = plain({
  name: 'normalize',
  takes: ['text'],
  result: UTF8,
  refuses: ({ form }) =>
    FORMS.includes(form as string)
      ? undefined
      : `'${String(form)}' is no form of Unicode; forms are ${FORMS.join(', ')}`,
  compute:
    ({ form }) =>
    (text: string) =>
      text.normalize(form as string),
  duckdb: ([a], _, { form }) => (form === 'NFC' ? `nfc_normalize(${a})` : { refused: 'DuckDB has the form NFC only' }),
  flink: NONE,
})

export const codePoint: EagerFunction = plain({
  name: 'codePoint',
  takes: ['text'],
  result: INT32,
  nullable: true,
  compute: () => (text: string) => text.codePointAt(0) ?? null,
  duckdb: ([a]) => `CASE WHEN ${a} = '' THEN NULL ELSE unicode(${a}) END`,
  flink: { refused: 'Flink gives the first byte' },
})

const likeSql: Sql = ([a], _, { pattern }) => `(${a} LIKE ${quoted(pattern)})`

/** As LIKE of SQL has it, without an escape: % is any text, _ one code point. */
export const like: EagerFunction = plain({
  name: 'like',
  takes: ['text'],
  result: BOOL,
  compute: ({ pattern }) => {
    const text = pattern as string
    const inner = text.replace(/^%+|%+$/g, '')
    if (!/[%_]/.test(inner)) {
      const [open, closed] = [text.startsWith('%'), text.endsWith('%')]
      if (inner === '' && open) return () => true
      if (open && closed) return (value: string) => value.includes(inner)
      if (open) return (value: string) => value.endsWith(inner)
      return closed ? (value: string) => value.startsWith(inner) : (value: string) => value === inner
    }
    const source = text
      .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      .replace(/%+/g, '.*')
      .replaceAll('_', '.')
    const regex = new RegExp(`^${source}$`, 'su')
    return (value: string) => regex.test(value)
  },
  duckdb: likeSql,
  flink: likeSql,
})
