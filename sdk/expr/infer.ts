import { PlanError } from '../data/errors.ts'
import { decimalOf, fromJs } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { durationMicros, UNIT_MICROS } from '../data/time.ts'
import { bareText, isNumeric, sameType, scalar, typeText, type DataType, type Nullable } from '../data/type.ts'
import { castProblem, castValue } from './cast.ts'
import type { Inferred } from './function.ts'
import type { ExprNode, Grain, Typed } from './node.ts'
import { decimal, isTime } from './promote.ts'
import { describe, exprText } from './text.ts'

/**
 * Types for an expression over a schema, or a sentence why there are none. Casts that a rule implies become nodes, so
 * that what runs an expression has no rules of its own; a literal takes the type of the column it stands beside.
 */

/** `where` names the verb for errors: `filter`, `derive`. */
export function infer(node: ExprNode, schema: Schema, where: string): Typed {
  switch (node.kind) {
    case 'column': {
      const { type, nullable } = schema.field(node.name, where)
      const index = schema.indexOf(node.name)
      const { name, written } = node
      return { kind: 'column', name, index, ...(written !== undefined && { written }), type, nullable, grain: 'row' }
    }
    case 'literal':
      return literal(node.value, node, where)
    case 'cast':
      return cast(node, schema, where)
    case 'call': {
      const empty = comparedToNull(node)
      if (empty !== undefined) throw refused(node, where, empty)
      const args = inferArgs(node, schema, where)
      const grain = mixed(node, args, where)
      const inferred = checkedTypes(node, args, where)
      return {
        kind: 'call',
        fn: node.fn,
        options: node.options,
        ...known(inferred, grain),
        args: brought(args, inferred),
      }
    }
    case 'udf': {
      const args = inferArgs(node, schema, where)
      const grain = mixed(node, args, where)
      if (grain === 'learnt') throw refused(node, where, `${node.udf.name} cannot take what a model learns`)
      return { kind: 'udf', udf: node.udf, ...known(node.udf.result, grain), args }
    }
    case 'aggregate': {
      const args = inferArgs(node, schema, where)
      for (const [i, arg] of args.entries()) {
        if (arg.grain === 'row' || arg.grain === 'constant') continue
        const inner = exprText(node.args[i]!)
        const what = arg.grain === 'over' ? 'looks at the rows around: add it by over first' : 'has one per group'
        throw refused(node, where, `${node.fn.name} takes a value per row, and ${inner} ${what}`)
      }
      const inferred = checkedTypes(node, args, where)
      const typed = {
        kind: 'aggregate',
        fn: node.fn,
        options: node.options,
        ...known(inferred, 'aggregate'),
        args: brought(args, inferred),
      } as const
      return node.filter === undefined ? typed : { ...typed, filter: conditionOfRows(node.filter, node, schema, where) }
    }
    case 'window': {
      const args = inferArgs(node, schema, where)
      for (const [i, arg] of args.entries()) {
        if (arg.grain === 'row' || arg.grain === 'constant') continue
        const inner = exprText(node.args[i]!)
        const text = `${node.fn.name} takes a value of each row, and ${inner} is computed in the same step. Add it by an over of its own first`
        throw refused(node, where, text)
      }
      const inferred = checkedTypes(node, args, where)
      const { fn, options } = node
      return { kind: 'window', fn, options, ...known(inferred, 'over'), args: brought(args, inferred) }
    }
    case 'learnt': {
      const args = inferArgs(node, schema, where)
      if (args.some(arg => arg.grain !== 'row' && arg.grain !== 'constant')) {
        throw refused(node, where, `${node.step.name} takes a value per row`)
      }
      const result = node.step.result(args)
      if (typeof result === 'string') throw refused(node, where, named(result, node.args, args))
      return { kind: 'learnt', step: node.step, ...known(result, 'learnt'), args }
    }
  }
}

/**
 * The same for a place that needs one grain: `row` for filter and derive, `aggregate` for aggregates. A constant stands
 * in both.
 */
export function inferGrain(node: ExprNode, schema: Schema, where: string, grain: 'row' | 'aggregate'): Typed {
  const typed = infer(node, schema, where)
  if (typed.grain === grain || typed.grain === 'constant') return typed
  const text = exprText(node)
  if (typed.grain === 'over') {
    throw new PlanError('wrong-grain', `${where}: ${text} looks at the rows around a row; it stands in over(t => …)`)
  }
  if (typed.grain === 'learnt') {
    throw new PlanError(
      'learnt',
      `${where}: ${text} is learnt when a model is fitted; it stands in the features of a fit`,
    )
  }
  const sentence =
    grain === 'row'
      ? `${text} has one value per group; it stands in aggregate, after groupBy`
      : `${text} has one value per row; say which of a group: ${text}.first(), .mean(), .max() …`
  throw new PlanError('wrong-grain', `${where}: ${sentence}`)
}

function conditionOfRows(filter: ExprNode, node: ExprNode, schema: Schema, where: string): Typed {
  const typed = filter.kind === 'literal' ? literal(filter.value, node, where) : infer(filter, schema, where)
  if (typed.type.kind !== 'bool') {
    throw refused(node, where, `where takes a condition, and ${describe(filter, typed)}`)
  }
  if (typed.grain !== 'row' && typed.grain !== 'constant') {
    throw refused(node, where, `where takes a condition per row, and ${exprText(filter)} has one value per group`)
  }
  return typed
}

function known({ type, nullable }: Nullable, grain: Grain): Nullable & { readonly grain: Grain } {
  return { type, nullable, grain }
}

function refused(node: ExprNode, where: string, sentence: string): PlanError {
  const end = /[.!]$/.test(sentence) ? '' : '.'
  return new PlanError('bad-expression', `${where}: ${exprText(node)}: ${sentence}${end}`)
}

/** `$0` in a refusal is the first argument and its type. */
function named(sentence: string, nodes: readonly ExprNode[], types: readonly Nullable[]): string {
  return sentence.replace(/\$(\d+)/g, (_, k: string) => describe(nodes[Number(k)]!, types[Number(k)]!))
}

function checkedTypes(
  node: Extract<ExprNode, { kind: 'call' | 'aggregate' | 'window' }>,
  args: readonly Typed[],
  where: string,
): Inferred {
  const inferred = node.fn.infer(args, node.options)
  if (typeof inferred === 'string') throw refused(node, where, named(inferred, node.args, args))
  return inferred
}

/** The arguments, cast as the function wants them. */
function brought(args: readonly Typed[], { cast }: Inferred): readonly Typed[] {
  return cast === undefined ? args : args.map((arg, i) => castTo(arg, cast[i]))
}

function castTo(arg: Typed, to: DataType | undefined): Typed {
  if (to === undefined || sameType(arg.type, to)) return arg
  if (arg.kind === 'literal') {
    return { ...arg, type: to, value: arg.value === null ? null : castValue(arg.value, arg.type, to) }
  }
  return { kind: 'cast', arg, type: to, nullable: arg.nullable, grain: arg.grain, implicit: true }
}

/** One grain for a call: constants stand beside all, but a value per row never beside a value per group. */
function mixed(node: Call, args: readonly Typed[], where: string): Grain {
  let grain: Grain = 'constant'
  let first = 0
  for (const [i, arg] of args.entries()) {
    if (arg.grain === 'over') {
      throw refused(node, where, `${exprText(node.args[i]!)} looks at the rows around a row; it stands in over(t => …)`)
    }
    if (arg.grain === 'constant' || arg.grain === grain) continue
    if (grain === 'constant') {
      grain = arg.grain
      first = i
      continue
    }
    const say = (k: number): string =>
      `${exprText(node.args[k]!)} has one value per ${args[k]!.grain === 'row' ? 'row' : 'group'}`
    throw refused(node, where, `${say(first)} and ${say(i)}. Join the aggregate back, or aggregate both`)
  }
  return grain
}

type Call = Extract<ExprNode, { args: unknown }>

const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']

/** Why a comparison with a literal null, which is true for no row, is a mistake; undefined when it is none. */
function comparedToNull({ fn, args }: Extract<ExprNode, { kind: 'call' }>): string | undefined {
  if (!COMPARISONS.includes(fn.name)) return undefined
  if (!args.some(arg => arg.kind === 'literal' && arg.value === null)) return undefined
  const test = fn.name === 'ne' ? 'isNotNull' : 'isNull'
  return `a comparison with null is true for no row. Use ${exprText(args[0]!)}.${test}()`
}

/** Literals after the rest, so that they take the type of what stands beside them; nulls last, which have none. */
function inferArgs(call: Call, schema: Schema, where: string): readonly Typed[] {
  const typed = new Map<number, Typed>()
  const inferWhere = (chosen: (node: ExprNode) => boolean): void => {
    const beside = [...typed.values()]
    for (const [i, node] of call.args.entries()) {
      if (typed.has(i) || !chosen(node)) continue
      typed.set(i, node.kind === 'literal' ? literal(node.value, call, where, beside) : infer(node, schema, where))
    }
  }
  inferWhere(node => node.kind !== 'literal')
  inferWhere(node => node.kind === 'literal' && node.value !== null)
  inferWhere(() => true)
  return call.args.map((_, i) => typed.get(i)!)
}

type Literal = Extract<Typed, { kind: 'literal' }>

function literal(value: unknown, node: ExprNode, where: string, beside: readonly Typed[] = []): Literal {
  if (value === undefined) {
    const text = `undefined is no value. A column stands as t.name, a field of a struct as t.name.field('x'), nothing as null`
    throw refused(node, where, text)
  }
  if (value === null) {
    const type = beside.find(other => other.type.kind !== 'bool')?.type ?? beside[0]?.type
    if (type !== undefined) return { kind: 'literal', value: null, type, nullable: true, grain: 'constant' }
    throw refused(node, where, `null has no type here; write lit(null, 'float64?') with the type you mean`)
  }
  for (const { type } of beside) {
    const position = type.kind === 'list' && 'fn' in node && node.fn.name === 'get'
    const found = position ? undefined : (besideType(value, type, comparesIn(node)) ?? inside(value, type))
    if (typeof found === 'string') throw refused(node, where, found)
    if (found !== undefined) return found
  }
  return own(value, node, where)
}

/** A literal beside a list or a map, as an item or a key; beside a sparse vector, as a dense one. */
function inside(value: unknown, type: DataType): Literal | string | undefined {
  if (type.kind === 'list') return besideType(value, type.item.type)
  if (type.kind === 'map') return besideType(value, type.key)
  if (type.kind !== 'vector' || !Array.isArray(value)) return undefined
  if (value.length !== type.size) return `${value.length} numbers stand beside a ${bareText(type)}`
  return type.sparse ? besideType(value, { ...type, sparse: false }) : undefined
}

const constant = (type: DataType, value: Literal['value']): Literal => ({
  kind: 'literal',
  value,
  type,
  nullable: false,
  grain: 'constant',
})

/** A number and a word, which is meant as a duration whether or not the word is a unit. */
const LIKE_DURATION = /^\s*-?[\d_.]+\s*([a-z]+)\s*$/i
const CALENDAR = /^(?:month|quarter|year)s?$/i

const DURATION = new RegExp(`^\\s*-?[\\d_.]+\\s*(?:${Object.keys(UNIT_MICROS).join('|')})s?\\s*$`)

/** A call that only compares its arguments, so that a literal may have more digits than the decimal beside it. */
const comparesIn = (node: ExprNode): boolean =>
  node.kind === 'call' && (COMPARISONS.includes(node.fn.name) || node.fn.name === 'isIn')

/** A literal in the type beside it; a sentence when it plainly means that type and is none; else undefined. */
function besideType(value: unknown, type: DataType, compared = false): Literal | string | undefined {
  if (type.kind === 'decimal') return besideDecimal(value, type, compared)
  if (isNumeric(type)) return isNumber(value) ? besideNumber(value, type) : undefined
  if (type.kind === 'duration' && isNumber(value)) return undefined
  const time = isTime(type) || type.kind === 'duration'
  if (time && typeof value === 'string' && DURATION.test(value)) {
    return constant(scalar('duration'), durationMicros(value, 'literal'))
  }
  const word = time && typeof value === 'string' ? LIKE_DURATION.exec(value)?.[1] : undefined
  if (word !== undefined) {
    const units = Object.keys(UNIT_MICROS).join(', ')
    return CALENDAR.test(word)
      ? `${JSON.stringify(value)} is no duration, since calendar ${word.replace(/s$/i, '')}s differ in length. Write days, such as '30 days'`
      : `${JSON.stringify(value)} is no duration; units are ${units}`
  }
  if (isTime(type) && (typeof value === 'string' || value instanceof Date)) {
    const of = isWholeDay(value) ? type : scalar('timestamp')
    const read = fromJs(value, { type: of, nullable: false })
    if ('value' in read) return constant(of, read.value)
    return `${JSON.stringify(value)} is no time. Write ISO 8601, such as '2001-04-01' or '2001-04-01T12:00:00Z'`
  }
  const read = fromJs(value, { type, nullable: false })
  return 'value' in read ? constant(type, read.value) : undefined
}

/** Beside a date, a day stays a date, and a time of day makes both timestamps. */
function isWholeDay(value: string | Date): boolean {
  return typeof value === 'string' ? !/[T ]/.test(value.trim()) : value.getTime() % 86_400_000 === 0
}

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

const DIGITS = /^\s*[+-]?\d*\.?(\d*)\s*$/

function besideDecimal(
  value: unknown,
  type: Extract<DataType, { kind: 'decimal' }>,
  compared: boolean,
): Literal | string | undefined {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return undefined
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined
  const digits = DIGITS.exec(String(value))
  if (typeof value !== 'number' && (typeof value !== 'string' || digits === null)) return undefined
  const scale = compared ? Math.max(type.scale, digits?.[1]!.replace(/0+$/, '').length ?? 0) : type.scale
  const exact = decimalOf(value, 18, scale)
  if (exact !== undefined) return constant(decimal(scale), exact)
  if (compared)
    return `${String(value)} has more than the 18 digits that a decimal holds. Cast the column first: .cast('float64')`
  return `${String(value)} has more digits than ${bareText(type)} holds. Cast the column first: .cast('decimal(18,${Math.min(18, Math.max(type.scale, digits?.[1]!.length ?? 0))})'), or .cast('float64')`
}

function besideNumber(value: unknown, type: DataType): Literal | string | undefined {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  switch (type.kind) {
    case 'float32':
    case 'float64':
      return typeof value === 'bigint'
        ? undefined
        : constant(type, type.kind === 'float32' ? Math.fround(value as number) : (value as number))
    case 'int64':
      return whole && typeof value === 'number' ? constant(type, value + 0) : undefined
    case 'bigint':
      if (!whole)
        return `a bigint stands beside whole numbers, and ${String(value)} is none. Cast first: .cast('float64')`
      return BigInt.asIntN(64, BigInt(value as number)) === BigInt(value as number)
        ? constant(type, BigInt(value as number))
        : undefined
    default:
      return undefined
  }
}

/** The type of a literal that stands alone. A whole number is an int32, or an int64 from ten digits on. */
function own(value: unknown, node: ExprNode, where: string): Literal {
  switch (typeof value) {
    case 'boolean':
      return constant(scalar('bool'), value)
    case 'string':
      return constant(scalar('utf8'), value)
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return constant(scalar('bigint'), value)
      break
    case 'number':
      if (!Number.isSafeInteger(value)) return constant(scalar('float64'), value)
      return constant(scalar(Math.abs(value) < 1e9 ? 'int32' : 'int64'), value + 0)
    default:
      if (value instanceof Date && !Number.isNaN(value.getTime())) {
        return constant(scalar('timestamp'), value.getTime() * 1000)
      }
      if (value instanceof Uint8Array) return constant(scalar('binary'), value)
  }
  throw refused(node, where, `${exprText({ kind: 'literal', value })} is not a value that a column holds`)
}

function cast(node: Extract<ExprNode, { kind: 'cast' }>, schema: Schema, where: string): Typed {
  if (node.arg.kind === 'literal') {
    const read = fromJs(node.arg.value, { type: node.to, nullable: true })
    if ('problem' in read) throw refused(node, where, read.problem)
    return { ...constant(node.to, read.value), nullable: read.value === null }
  }
  const arg = infer(node.arg, schema, where)
  const problem = castProblem(arg.type, node.to)
  if (problem !== undefined) {
    const found = node.arg.kind === 'column' ? `"${node.arg.name}" is ${typeText(arg)}` : `it is ${typeText(arg)}`
    throw refused(node, where, `${found}; ${problem}`)
  }
  if (sameType(arg.type, node.to)) return arg
  return { kind: 'cast', arg, type: node.to, nullable: arg.nullable, grain: arg.grain }
}
