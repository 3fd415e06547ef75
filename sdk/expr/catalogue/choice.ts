import { isFloat, scalar, type DataType } from '../../data/type.ts'
import { fromJs } from '../../data/row.ts'
import type { Value } from '../../data/column.ts'
import type { EagerFunction, FunctionOptions, Inferred, JsArg, Sql } from '../function.ts'
import { compareValues, equalValues } from '../order.ts'
import { commonType, isOrdered, widest } from '../promote.ts'
import { sqlType } from '../sql-type.ts'
import { compareJs, eq } from './comparison.ts'
import { plain, quoted } from './plain.ts'

/** The greatest and the least of several values, a value that stands for none, and values by a table of them. */

function extreme(name: 'greatest' | 'least', sign: '>' | '<'): EagerFunction {
  const better = (a: Value, b: Value): boolean => (sign === '>' ? compareValues(a, b) > 0 : compareValues(a, b) < 0)
  return {
    name,
    form: 'function',
    infer: (args): Inferred | string => {
      const type = commonType(args.map(arg => arg.type))
      if (type === undefined) {
        const other = args.findIndex(arg => commonType([args[0]!.type, arg.type]) === undefined)
        return `$0, $${Math.max(other, 1)}; ${name} takes values of one type, so cast one side`
      }
      if (!isOrdered(type)) return `$0, and its values have no order`
      return { type, nullable: args.every(arg => arg.nullable), cast: args.map(() => type) }
    },
    nulls: 'own',
    js: (args, _, result, __, js) => {
      const [first, ...rest] = args
      const value = js.variable(first!.value)
      const valid = js.variable(first!.valid ?? '1')
      for (const arg of rest) {
        const [present, next]: [string, JsArg] = [arg.valid ?? '1', { ...arg, valid: null }]
        const wins = compareJs(next, { value, valid: null }, result.type, sign, js)
        js.block(`if (${present} === 1 && (${valid} === 0 || ${wins} === 1))`, () => {
          js.run(`${value} = ${arg.value}`)
          js.run(`${valid} = 1`)
        })
      }
      return { value, valid: result.nullable ? valid : null }
    },
    evaluate: args => {
      let best: Value = null
      for (const value of args) if (value !== null && (best === null || better(value, best))) best = value
      return best
    },
    duckdb: args => `${name}(${args.join(', ')})`,
    flink: { refused: `Flink gives null where one of the values is` },
  }
}

export const greatest: EagerFunction = extreme('greatest', '>')
export const least: EagerFunction = extreme('least', '<')

/** Null where the value equals the other: for what stands in data for a missing value. */
export const nullIf: EagerFunction = {
  name: 'nullIf',
  infer: ([a, b]) => {
    const type = widest(a!.type, b!.type)
    if (type === undefined) return `$0, $1; nullIf takes a value of the same type, so cast one side`
    if (type.kind === 'map' || type.kind === 'vector') return `$0, and nullIf does not compare such values`
    return { type, nullable: true, cast: [type, type] }
  },
  nulls: 'own',
  js: (args, types, result, options, js) => {
    const present = args.flatMap(arg => arg.valid ?? [])
    const of = args.map(arg => ({ ...arg, valid: null }))
    const { value: equal } = eq.js(of, types, result, options, js)
    const same =
      present.length === 0 ? equal : `(${present.map(valid => `${valid} === 1`).join(' && ')} ? ${equal} : 0)`
    return { value: args[0]!.value, valid: `(${args[0]!.valid ?? '1'} & (1 - ${same}))` }
  },
  evaluate: ([a, b]) => (a !== null && b !== null && equalValues(a!, b!) ? null : a!),
  duckdb: ([a, b]) => `nullif(${a}, ${b})`,
  flink: ([a, b], types) =>
    isFloat(types[0]!.type) ? { refused: 'Flink compares NaN as IEEE has it' } : `NULLIF(${a}, ${b})`,
}

type Entry = string | number

const tableOf = ({ keys, values }: FunctionOptions): { keys: readonly string[]; values: readonly Entry[] } => ({
  keys: keys as readonly string[],
  values: values as readonly Entry[],
})

const otherwiseOf = ({ otherwise }: FunctionOptions): readonly Entry[] =>
  otherwise === undefined ? [] : [otherwise as Entry]

/** The type of all that a table gives: text, or numbers as literals are typed. */
function givenType(options: FunctionOptions): DataType {
  const given = [...tableOf(options).values, ...otherwiseOf(options)]
  if (given.every(value => typeof value === 'string')) return scalar('utf8')
  if (!given.every(value => Number.isSafeInteger(value))) return scalar('float64')
  return scalar(given.every(value => Math.abs(value as number) < 1e9) ? 'int32' : 'int64')
}

/** A key, which objects hold as text, as a value of the column; undefined where the column has no such value. */
function keyOf(key: string, type: DataType): Value | undefined {
  if (type.kind === 'utf8') return key
  if (!/^(?:0|-?[1-9]\d*)$/.test(key)) return undefined
  const read = fromJs(type.kind === 'bigint' ? BigInt(key) : Number(key), { type, nullable: false })
  return 'value' in read ? read.value : undefined
}

function byTable(nullable: boolean): EagerFunction {
  const sql =
    (dialect: 'duckdb' | 'flink'): Sql =>
    ([a], [of], options) => {
      const type = givenType(options)
      if (dialect === 'flink' && isFloat(type)) return { refused: 'Flink reads other floats from their text' }
      const to = sqlType(type, dialect) as string
      const literal = (value: Entry): string => `CAST(${quoted(value)} AS ${to})`
      const { keys, values } = tableOf(options)
      const key = (text: string): string => (of!.type.kind === 'utf8' ? quoted(text) : text)
      const cases = keys.map((text, i) => `WHEN ${a} = ${key(text)} THEN ${literal(values[i]!)}`)
      const rest = otherwiseOf(options).map(value => ` ELSE ${literal(value)}`)
      return `CASE WHEN ${a} IS NULL THEN NULL ${cases.join(' ')}${rest.join('')} END`
    }
  return plain({
    name: 'mapValues',
    takes: ['text or whole numbers'],
    result: (_, options) => givenType(options),
    nullable,
    refuses: (options, [of]) => {
      const { keys, values } = tableOf(options)
      const given = [...values, ...otherwiseOf(options)]
      if (keys.length === 0) return `mapValues takes values by what they stand for, such as { OSL: 'Oslo' }`
      const kind = typeof given[0]
      if (!['string', 'number'].includes(kind) || given.some(value => typeof value !== kind))
        return `mapValues gives texts or numbers, all of one kind`
      const wrong = keys.find(key => keyOf(key, of!.type) === undefined)
      return wrong === undefined ? undefined : `$0, which has no value ${quoted(wrong)}`
    },
    compute: (options, [of]) => {
      const { keys, values } = tableOf(options)
      const table = new Map<Value, Value>(keys.map((key, i) => [keyOf(key, of!.type)!, values[i]!]))
      const otherwise: Value = otherwiseOf(options)[0] ?? null
      return (value: Value) => table.get(value) ?? otherwise
    },
    written: options => {
      const { keys, values } = tableOf(options)
      const shown = keys.slice(0, 3).map((key, i) => `${/^\w+$/.test(key) ? key : quoted(key)}: ${shownOf(values[i]!)}`)
      const table = `{ ${shown.join(', ')}${keys.length > 3 ? ', …' : ''} }`
      return [table, ...otherwiseOf(options).map(shownOf)]
    },
    duckdb: sql('duckdb'),
    flink: sql('flink'),
  })
}

const shownOf = (value: Entry): string => (typeof value === 'string' ? quoted(value) : String(value))

export const mapValues: EagerFunction = byTable(true)
export const mapValuesOrElse: EagerFunction = byTable(false)
