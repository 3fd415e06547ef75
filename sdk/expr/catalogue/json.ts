import type { Value } from '../../data/column.ts'
import { fromJs } from '../../data/row.ts'
import { bareText, parseType, scalar, type DataType, type TypeText } from '../../data/type.ts'
import { RowFailure, type EagerFunction, type FunctionOptions } from '../function.ts'
import { plain } from './plain.ts'

/**
 * JSON in text columns, reached by paths: `$` is the whole, `.name` or `["any name"]` a key of an object, `[0]` an item
 * of an array, from the end where negative. A text is parsed once where several paths read it one after the other.
 */

const [INT32, UTF8] = [scalar('int32'), scalar('utf8')]
const SQL = {
  duckdb: { refused: 'DuckDB reads JSON, its paths and its numbers by other rules' },
  flink: { refused: 'Flink reads JSON, its paths and its numbers by other rules' },
} as const

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type Step = string | number

const STEP = /\.([\p{L}\p{N}_$-]+)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]/uy

/** The steps of a path; undefined where it is none. */
function stepsOf(path: string): readonly Step[] | undefined {
  if (!path.startsWith('$')) return undefined
  const steps: Step[] = []
  let at = 1
  while (at < path.length) {
    STEP.lastIndex = at
    const match = STEP.exec(path)
    if (match === null) return undefined
    const [whole, name, index, double, single] = match
    steps.push(index === undefined ? (name ?? (double ?? single!).replace(/\\(.)/g, '$1')) : Number(index))
    at += whole.length
  }
  return steps
}

function pathProblem({ path }: FunctionOptions): string | undefined {
  if (typeof path === 'string' && stepsOf(path) !== undefined) return undefined
  return `'${String(path)}' is no path. A path is such as '$.user.ids[0]' or '$["first name"]'`
}

function typeProblem({ type }: FunctionOptions): string | undefined {
  const { type: of, nullable } = parseType(type as TypeText)
  if (nullable) return `its result is always nullable; leave the ? of '${String(type)}' out`
  return readable(of) ? undefined : `JSON has no values of ${bareText(of)}`
}

function readable(type: DataType): boolean {
  if (type.kind === 'list') return readable(type.item.type)
  return !['binary', 'map', 'struct'].includes(type.kind) && !(type.kind === 'vector' && type.sparse)
}

let lastText = 'null'
let lastValue: Json | undefined = null

/** The value of a JSON text; undefined where it is none. */
function parsed(text: string): Json | undefined {
  if (text === lastText) return lastValue
  try {
    lastValue = JSON.parse(text) as Json
  } catch {
    lastValue = undefined
  }
  lastText = text
  return lastValue
}

/** What stands at the end of a path; undefined where nothing does. */
function reached(from: Json, steps: readonly Step[]): Json | undefined {
  let at: Json | undefined = from
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined
    if (typeof step === 'number') at = Array.isArray(at) ? (at as readonly Json[]).at(step) : undefined
    else at = !Array.isArray(at) && Object.hasOwn(at, step) ? (at as { readonly [key: string]: Json })[step] : undefined
  }
  return at
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text)

/** A function of what stands at a path; null where there is nothing. */
function atPath(
  name: string,
  result: DataType | ((options: FunctionOptions) => DataType),
  tolerant: boolean,
  compute: (found: Json, options: FunctionOptions) => Value,
  refuses: (options: FunctionOptions) => string | undefined = pathProblem,
): EagerFunction {
  return plain({
    name,
    takes: ['text'],
    result: typeof result === 'function' ? (_, options) => result(options) : result,
    nullable: true,
    fails: !tolerant,
    refuses,
    compute: options => {
      const steps = stepsOf(options['path'] as string)!
      return (text: string) => {
        const whole = parsed(text)
        if (whole === undefined) {
          if (tolerant) return null
          throw new RowFailure(`${shown(text)} is no JSON; ${ADVICE}`)
        }
        const found = reached(whole, steps)
        return found === undefined ? null : compute(found, options)
      }
    },
    ...SQL,
  })
}

const ADVICE = 'tryJson gives null for such'
const resultOf = ({ type }: FunctionOptions): DataType => parseType(type as TypeText).type
const allProblems = (options: FunctionOptions): string | undefined => pathProblem(options) ?? typeProblem(options)

/** The value as one of the type; undefined where it is none. A number of more digits than JavaScript keeps is none. */
function typed(found: Json, of: DataType): Value | undefined {
  if (found === null) return null
  if (of.kind === 'decimal' && typeof found === 'number' && String(found).replace(/\D/g, '').length > 15)
    return undefined
  const read = fromJs(found, { type: of, nullable: false })
  return 'value' in read ? read.value : undefined
}

export const json: EagerFunction = atPath(
  'json',
  resultOf,
  false,
  (found, options) => {
    const of = resultOf(options)
    const value = typed(found, of)
    if (value !== undefined) return value
    throw new RowFailure(`${shown(JSON.stringify(found))} is no ${bareText(of)}; ${ADVICE}`)
  },
  allProblems,
)

export const tryJson: EagerFunction = atPath(
  'tryJson',
  resultOf,
  true,
  (found, options) => typed(found, resultOf(options)) ?? null,
  allProblems,
)

export const jsonText: EagerFunction = atPath('jsonText', UTF8, false, found => JSON.stringify(found))

export const jsonKeys: EagerFunction = atPath(
  'jsonKeys',
  { kind: 'list', item: { type: UTF8, nullable: false } },
  false,
  found => (typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : null),
)

export const jsonSize: EagerFunction = atPath('jsonSize', INT32, false, found => {
  if (typeof found !== 'object' || found === null) return null
  return Array.isArray(found) ? found.length : Object.keys(found).length
})

export const jsonType: EagerFunction = atPath('jsonType', UTF8, false, found => {
  if (found === null) return 'null'
  return Array.isArray(found) ? 'array' : typeof found
})
