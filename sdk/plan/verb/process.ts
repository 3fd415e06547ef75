import type { Value } from '../../data/column.ts'
import { PlanError } from '../../data/errors.ts'
import { fromJs } from '../../data/row.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros } from '../../data/time.ts'
import { isNested, parseType, typeText, type Columns, type ColumnType, type Nullable } from '../../data/type.ts'
import { inherited, keysOf, needsTime, timeIn, updatingBy, type NamedExpr } from '../build.ts'
import type { Node, Process, ProcessSide, StateDeclaration } from '../node.ts'
import type { ProcessFunctions } from '../port.ts'

/**
 * Makes the node of a user's functions over keyed state, and the declarations of that state: each is checked as it is
 * made, but for its name, which the node gives it.
 */

export interface ProcessOptions {
  /** By name. */
  readonly state: Readonly<Record<string, unknown>>
  readonly output: Columns
  readonly side: Readonly<Record<string, Columns>>
  readonly broadcast: Readonly<Record<string, Node>>
  readonly onRow: unknown
  readonly onTimer: unknown
  readonly onBroadcast: unknown
}

/** A declaration that has no name yet. */
export class DeclaredState {
  readonly declare: (name: string) => StateDeclaration

  constructor(declare: (name: string) => StateDeclaration) {
    this.declare = declare
  }
}

export interface LifetimeOptions {
  readonly ttl?: string | undefined
  readonly refresh?: string | undefined
}

export function lifetimeOf({ ttl, refresh }: LifetimeOptions, where: string): StateDeclaration['lifetime'] {
  if (refresh !== undefined && refresh !== 'write' && refresh !== 'read-and-write') {
    const text = `${where}: refresh is 'write' or 'read-and-write', not ${JSON.stringify(refresh)}`
    throw new PlanError('bad-option', text, { option: 'refresh' })
  }
  if (ttl === undefined) {
    if (refresh === undefined) return null
    throw new PlanError('bad-option', `${where}: refresh says when the ttl begins anew, and there is no ttl`, {
      option: 'refresh',
    })
  }
  const ttlMicros = durationMicros(ttl, `${where}: ttl`)
  if (ttlMicros <= 0) throw new PlanError('bad-duration', `${where}: ttl must be longer than nothing, found "${ttl}"`)
  return Object.freeze({ ttlMicros, onRead: refresh === 'read-and-write' })
}

/** The type of what a state keeps. */
export function stateType(type: ColumnType, where: string): Nullable {
  if (typeof type === 'string' || (typeof type === 'object' && type !== null)) return parseType(type)
  throw new PlanError(
    'unknown-type',
    `${where} takes a type such as 'float64' or { city: 'utf8' }, found ${typeof type}`,
  )
}

/** The type of a map's keys: a scalar that is never null. */
export function stateKeyType(type: ColumnType, where: string): Nullable {
  const key = stateType(type, where)
  if (!key.nullable && !isNested(key.type) && key.type.kind !== 'binary') return key
  const text = `${where}: a key is a text, number, truth or time that is never null, not ${typeText(key)}`
  throw new PlanError('key-types', text, { found: typeText(key) })
}

/** A value as a state keeps it before anything was set. */
export function initialValue(value: unknown, type: Nullable, where: string): { readonly value: Value } {
  if (value === undefined || value === null) return { value: null }
  const converted = fromJs(value, type)
  if ('value' in converted) return converted
  throw new PlanError('bad-value', `${where}: the initial value does not fit: ${converted.problem}`)
}

function checkProcess(input: Node): void {
  if (input.frameKind !== 'updating') return
  const text = `process needs rows that stay as they are, but ${updatingBy(input)} corrects rows it has given`
  throw new PlanError('updating', text)
}

export function process(input: Node, keys: readonly NamedExpr[], options: ProcessOptions): Process {
  checkProcess(input)
  const { state, output, side, broadcast, onRow, onTimer, onBroadcast } = options
  const functions = functionsOf(onRow, onTimer, onBroadcast)
  const states = Object.entries(state).map(([name, declared]) => {
    if (declared instanceof DeclaredState) return Object.freeze(declared.declare(name))
    const text = `process: state "${name}" is not declared by state.value, list, map, reducing or aggregating`
    throw new PlanError('bad-state', text, { state: name })
  })
  if (input.time === null && states.some(({ lifetime }) => lifetime !== null)) throw needsTime('process: ttl', input)
  const broadcasts = Object.entries(broadcast).map(([name, from]) => {
    if (from.frameKind === 'updating') {
      const text = `process: broadcast "${name}" needs rows that stay as they are, but ${updatingBy(from)} corrects rows it has given`
      throw new PlanError('updating', text, { broadcast: name })
    }
    return Object.freeze({ name, input: from })
  })
  if (broadcasts.length > 0 && functions.onBroadcast === null) {
    const text = `process: broadcast needs onBroadcast(row, ctx), which puts its rows into ctx.broadcast.${broadcasts[0]!.name}`
    throw new PlanError('bad-option', text, { option: 'onBroadcast' })
  }
  const sides = Object.entries(side).map(([name, columns]) =>
    Object.freeze({ name, schema: declaredColumns(columns, `process: side "${name}"`) }),
  )
  const schema = declaredColumns(output, 'process: output')
  return Object.freeze({
    ...inherited(input),
    kind: 'process',
    input,
    broadcasts: Object.freeze(broadcasts),
    keys: keysOf(input, keys),
    states: Object.freeze(states),
    sides: Object.freeze(sides),
    functions,
    schema,
    time: timeIn(schema, input.time),
  })
}

/** The rows of a side output, with columns of their own and no event time. */
export function processSide(of: Process, side: number): ProcessSide {
  const { schema } = of.sides[side]!
  return Object.freeze({
    kind: 'process-side',
    of,
    side,
    schema,
    frameKind: of.frameKind,
    time: null,
    bounded: of.bounded,
  })
}

function declaredColumns(columns: Columns, where: string): Schema {
  if (typeof columns !== 'object' || columns === null || Object.keys(columns).length === 0) {
    throw new PlanError(
      'no-columns',
      `${where} declares the columns that emit takes: { card: 'utf8', total: 'float64' }`,
    )
  }
  return Schema.of(columns)
}

function functionsOf(onRow: unknown, onTimer: unknown, onBroadcast: unknown): ProcessFunctions {
  const named = { onRow, onTimer, onBroadcast }
  for (const [name, found] of Object.entries(named)) {
    if (typeof found === 'function' || (found === undefined && name !== 'onRow')) continue
    const text = `process: ${name} is a function, and found ${found === undefined ? 'nothing' : typeof found}`
    throw new PlanError('bad-option', text, { option: name })
  }
  return Object.freeze({
    onRow: onRow as ProcessFunctions['onRow'],
    onTimer: (onTimer ?? null) as ProcessFunctions['onTimer'],
    onBroadcast: (onBroadcast ?? null) as ProcessFunctions['onBroadcast'],
  })
}
