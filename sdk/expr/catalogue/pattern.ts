import { PlanError } from '../../data/errors.ts'
import { scalar, type DataType } from '../../data/type.ts'
import type { EagerFunction, FunctionOptions, Refused, Sql } from '../function.ts'
import { toRe2, type Re2 } from '../re2.ts'
import { plain, quoted } from './plain.ts'

/**
 * Functions of text by regular expressions of JavaScript. A pattern is read as with the flag `u`, by code points, where
 * it can be; it is compiled once for a plan. All matches are meant where a function speaks of several.
 */

const [INT32, UTF8, BOOL] = [scalar('int32'), scalar('utf8'), scalar('bool')]
const textsOf = (nullable: boolean): DataType => ({ kind: 'list', item: { type: UTF8, nullable } })
const JAVA = { refused: 'Flink has regular expressions of Java, which are read in other ways' }

/** The options of a call that takes a pattern. */
export function patternOptions(name: string, pattern: unknown, more: FunctionOptions = {}): FunctionOptions {
  if (!(pattern instanceof RegExp)) {
    throw new PlanError(
      'bad-pattern',
      `${name} takes a regular expression such as /\\d+/, and ${String(pattern)} is none`,
    )
  }
  const other = /[^gimsu]/.exec(pattern.flags)
  if (other !== null) {
    throw new PlanError(
      'bad-pattern',
      `${name}(${String(pattern)}): the flag ${other[0]} has no meaning here; flags are i, m, s, u`,
    )
  }
  return { source: pattern.source, flags: pattern.flags.replaceAll('g', ''), ...more }
}

function compiled({ source, flags }: FunctionOptions, more = ''): RegExp {
  const [text, own] = [source as string, flags as string]
  if (own.includes('u')) return new RegExp(text, own + more)
  try {
    return new RegExp(text, `${own}u${more}`)
  } catch {
    return new RegExp(text, own + more)
  }
}

const written =
  (...rest: readonly string[]) =>
  ({ source, flags, ...options }: FunctionOptions): readonly string[] => [
    `/${String(source)}/${String(flags)}`,
    ...rest.map(name => options[name]).flatMap(value => (value === undefined ? [] : literalText(value))),
  ]

const literalText = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))

/** SQL by RE2 from a pattern that both read alike. */
function re2(write: (a: string, pattern: string, re: Re2, options: FunctionOptions) => string | Refused): Sql {
  return ([a], _, options) => {
    if (!compiled(options).unicode) return { refused: 'the pattern is not read by code points' }
    const re = toRe2(options['source'] as string, options['flags'] as string)
    return 'refused' in re ? re : write(a!, quoted(re.source), re, options)
  }
}

const EMPTY = { refused: 'after an empty match DuckDB goes on in another way' }
const LOOSE = { refused: 'DuckDB gives an empty text for a group that took no part' }

/** How many groups a pattern has, and the number of the one that is asked for; undefined where there is none. */
function groupOf(options: FunctionOptions): { readonly count: number; readonly number: number | undefined } {
  const regex = compiled({ ...options, source: `${String(options['source'])}|` })
  const count = regex.exec('')!.length - 1
  const { group } = options
  if (typeof group === 'number') {
    return { count, number: Number.isInteger(group) && group >= 0 && group <= count ? group : undefined }
  }
  const names = [...String(options['source']).matchAll(/\\.|\[(?:\\.|[^\]])*\]|\((?!\?)|\(\?<([A-Za-z_$][\w$]*)>/g)]
    .filter(([text]) => text.startsWith('('))
    .map(([, name]) => name)
  const at = names.indexOf(group as string)
  return { count, number: at < 0 ? undefined : at + 1 }
}

function groupProblem(options: FunctionOptions): string | undefined {
  const { count, number } = groupOf(options)
  if (number !== undefined) return undefined
  const has = count === 0 ? 'no group' : count === 1 ? 'one group' : `${count} groups`
  return `there is no group ${literalText(options['group'])}; the pattern has ${has}`
}

export const matches: EagerFunction = plain({
  name: 'matches',
  takes: ['text'],
  result: BOOL,
  written: written(),
  compute: options => {
    const regex = compiled(options)
    return (text: string) => regex.test(text)
  },
  duckdb: re2((a, pattern) => `regexp_matches(${a}, ${pattern})`),
  flink: JAVA,
})

export const extract: EagerFunction = plain({
  name: 'extract',
  takes: ['text'],
  result: UTF8,
  nullable: true,
  written: written('group'),
  refuses: groupProblem,
  compute: options => {
    const regex = compiled(options)
    const group = groupOf(options).number!
    return (text: string) => regex.exec(text)?.[group] ?? null
  },
  duckdb: re2((a, pattern, { loose }, options) => {
    const group = groupOf(options).number!
    if (group > 0 && loose) return LOOSE
    return `CASE WHEN regexp_matches(${a}, ${pattern}) THEN regexp_extract(${a}, ${pattern}, ${group}) END`
  }),
  flink: JAVA,
})

export const extractAll: EagerFunction = plain({
  name: 'extractAll',
  takes: ['text'],
  result: (_, options) => textsOf(groupOf(options).number !== 0),
  written: written('group'),
  refuses: groupProblem,
  compute: options => {
    const regex = compiled(options, 'g')
    const group = groupOf(options).number!
    if (group === 0) return (text: string) => text.match(regex) ?? []
    return (text: string) => Array.from(text.matchAll(regex), match => match[group] ?? null)
  },
  duckdb: re2((a, pattern, { empty, loose }, options) => {
    const group = groupOf(options).number!
    if (empty) return EMPTY
    return group > 0 && loose ? LOOSE : `regexp_extract_all(${a}, ${pattern}, ${group})`
  }),
  flink: JAVA,
})

export const countMatches: EagerFunction = plain({
  name: 'countMatches',
  takes: ['text'],
  result: INT32,
  written: written(),
  compute: options => {
    const regex = compiled(options, 'g')
    return (text: string) => text.match(regex)?.length ?? 0
  },
  duckdb: re2((a, pattern, { empty }) =>
    empty ? EMPTY : `CAST(len(regexp_extract_all(${a}, ${pattern})) AS INTEGER)`,
  ),
  flink: JAVA,
})

export const splitMatches: EagerFunction = plain({
  name: 'splitMatches',
  takes: ['text'],
  result: textsOf(false),
  written: written(),
  compute: options => {
    const regex = compiled(options, 'g')
    return (text: string) => {
      const parts: string[] = []
      let from = 0
      for (const { 0: match, index } of text.matchAll(regex)) {
        if (match === '') continue
        parts.push(text.slice(from, index))
        from = index + match.length
      }
      parts.push(text.slice(from))
      return parts
    }
  },
  duckdb: re2((a, pattern, { empty, anchored }) => {
    if (empty) return EMPTY
    return anchored
      ? { refused: 'DuckDB looks for each match in the rest alone' }
      : `string_split_regex(${a}, ${pattern})`
  }),
  flink: JAVA,
})

export const replaceMatches: EagerFunction = plain({
  name: 'replaceMatches',
  takes: ['text'],
  result: UTF8,
  written: written('replacement'),
  compute: options => {
    const regex = compiled(options, 'g')
    const replacement = options['replacement'] as string
    return (text: string) => text.replace(regex, replacement)
  },
  duckdb: re2((a, pattern, { empty, loose }, options) => {
    if (empty) return EMPTY
    const parts: string[] = []
    const { count } = groupOf({ ...options, group: 0 })
    for (const [part] of (options['replacement'] as string).matchAll(/\$(?:\$|&|\d\d?|<[^>]*>|`|')|[^$]+|\$/gs)) {
      const group = /^\$\d/.test(part) ? Number(part.slice(1)) : 0
      if (part === '$$') parts.push('$')
      else if (part === '$&') parts.push('\\0')
      else if (group >= 1 && group <= Math.min(count, 9)) {
        if (loose) return LOOSE
        parts.push(`\\${group}`)
      } else if (part.startsWith('$') && part !== '$') return { refused: `RE2 has no ${part} in a replacement` }
      else parts.push(part.replaceAll('\\', '\\\\'))
    }
    return `regexp_replace(${a}, ${pattern}, ${quoted(parts.join(''))}, 'g')`
  }),
  flink: JAVA,
})
