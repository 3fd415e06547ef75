import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros } from '../../data/time.ts'
import { isNested, bareText, sameType, scalar, type Field } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { inherited, kindText, reference, updatingBy } from '../build.ts'
import type { Changes, EventTime, Interval, Join, JoinWindow, Kind, Meets, Node } from '../node.ts'

/**
 * Makes joins on equal keys and the join of all pairs. A key stands once in the output, under its left name; another
 * right column whose name the left side has takes the suffix; the columns of a side that may lack a partner are
 * nullable.
 */

/** Columns that must be equal, by name. */
export interface KeyPair<L extends string = string, R extends string = string> {
  readonly left: L
  readonly right: R
}

export interface JoinOptions {
  readonly type: Join['type']
  /** None for a cross join, else one at least. */
  readonly on: readonly KeyPair[]
  /** Added to the name of a right column that the left side has too. */
  readonly suffix: string
  /** By how much the event times, right − left, may differ: so far to either side, or from and to. */
  readonly within?: string | readonly [string, string] | undefined
  /** The size of the tumbling windows that must be equal. */
  readonly window?: string | undefined
  /** How long after their event time rows are kept, where they are kept as they come. */
  readonly ttl?: string | undefined
}

/** What the verb of each type is called. */
export const JOIN_VERBS: Readonly<Record<Join['type'], string>> = {
  inner: 'join',
  left: 'leftJoin',
  right: 'rightJoin',
  full: 'fullJoin',
  semi: 'semiJoin',
  anti: 'antiJoin',
  cross: 'crossJoin',
}

export function join(left: Node, right: Node, options: JoinOptions): Join {
  const { type, on, suffix } = options
  const verb = JOIN_VERBS[type]
  const meets = meetsOf(left, right, options, verb)
  if (meets.kind === 'whole') checkSides(left, right, verb)
  if (on.length === 0 && type !== 'cross') {
    throw new PlanError('no-columns', `${verb} needs at least one key: { on: 'name' }`)
  }
  const pairs = joinKeys(left, right, on, verb)
  if (meets.kind === 'window') refuseBounds(left, right, suffix, verb)
  const leftRows = leftFields(left, on, pairs, type)
  const isHalf = type === 'semi' || type === 'anti'
  const rights = isHalf ? { columns: [], fields: [] } : rightSide(left, right, on, suffix, verb)
  const added = rights.fields.map(field => ({
    ...field,
    nullable: field.nullable || type === 'left' || type === 'full',
  }))
  return Object.freeze({
    ...inherited(left),
    frameKind: kindOf(left, right, type, meets),
    bounded: left.bounded && right.bounded,
    time: timeOf(left, right, type, meets, rights.columns, added),
    kind: 'join',
    type,
    left,
    right,
    on: pairs,
    meets,
    leftColumns: Object.freeze(positions(left)),
    rightColumns: Object.freeze(rights.columns),
    schema: new Schema([...leftRows, ...added, ...(meets.kind === 'window' ? BOUNDS : [])]),
  })
}

const BOUNDS: readonly Field[] = ['windowStart', 'windowEnd'].map(name => ({
  name,
  type: scalar('timestamp'),
  nullable: false,
}))

/**
 * A row has the time of the left side. A right join has that of the right side where its rows are given as they come;
 * else rows without a left partner have none.
 */
function timeOf(
  left: Node,
  right: Node,
  type: Join['type'],
  meets: Meets,
  columns: readonly number[],
  fields: readonly Field[],
): EventTime | null {
  if (meets.kind === 'changes') return null
  if (meets.kind === 'whole') return type === 'right' || type === 'full' ? null : left.time
  if (meets.kind === 'window') return Object.freeze({ column: 'windowEnd', boundMicros: 0, shiftMicros: -1 })
  if (type === 'full') return null
  const { lowerMicros, upperMicros } = meets
  const boundMicros = Math.max(left.time!.boundMicros, right.time!.boundMicros)
  if (type !== 'right') {
    return Object.freeze({ ...left.time!, boundMicros: boundMicros + Math.max(0, upperMicros) })
  }
  const place = columns.indexOf(right.schema.indexOf(right.time!.column))
  if (place < 0) return null
  const column = fields[place]!.name
  return Object.freeze({ ...right.time!, column, boundMicros: boundMicros + Math.max(0, -lowerMicros) })
}

function meetsOf(left: Node, right: Node, options: JoinOptions, verb: string): Meets {
  const { within, window } = options
  if (options.ttl !== undefined && (within !== undefined || window !== undefined)) {
    const text = `${verb}: with ${within === undefined ? 'window' : 'within'} rows are forgotten by themselves. Leave ttl out.`
    throw new PlanError('bad-option', text, { option: 'ttl' })
  }
  if (within !== undefined && window !== undefined) {
    const text = `${verb}: rows meet either within a span of time or in equal windows. Leave out within or window.`
    throw new PlanError('bad-option', text, { option: 'window' })
  }
  if (within !== undefined) return intervalOf(left, right, within, verb)
  if (window !== undefined) return windowOf(left, right, window, verb)
  const { type, ttl } = options
  const waits = type === 'right' || type === 'full'
  const isWhole = type === 'cross' || (right.frameKind === 'batch' && left.frameKind === 'batch')
  if (isWhole || (right.frameKind === 'batch' && left.frameKind === 'stream' && !waits)) {
    if (ttl === undefined) return { kind: 'whole' }
    const text = `${verb}: ttl is of joins that keep the rows of both sides as they come. The right side is a batch here, which is read whole: leave ttl out.`
    throw new PlanError('bad-option', text, { option: 'ttl' })
  }
  return changesOf(left, right, ttl, verb)
}

/** Rows are given as both sides come; what was given is taken back unless both only add rows and all that comes out is pairs. */
function kindOf(left: Node, right: Node, type: Join['type'], meets: Meets): Kind {
  if (left.frameKind === 'batch' && right.frameKind === 'batch') return 'batch'
  if (meets.kind !== 'changes') return 'stream'
  const stays = type === 'inner' && left.frameKind !== 'updating' && right.frameKind !== 'updating'
  return stays ? 'stream' : 'updating'
}

function changesOf(left: Node, right: Node, ttl: string | undefined, verb: string): Changes {
  const sides = [
    ['left', left],
    ['right', right],
  ] as const
  if (ttl === undefined) {
    const grows = sides.find(([, { frameKind, bounded }]) => frameKind === 'stream' && !bounded)
    if (grows !== undefined) {
      const text = `${verb} keeps all rows of the ${grows[0]} stream, which has no end. Say how long rows are kept, { ttl: '1 day' }, or how far apart partners may be, { within: '10 minutes' }.`
      process.emitWarning(text, { code: 'MILLRACE_UNBOUNDED_STATE' })
    }
    return { kind: 'changes', ttlMicros: null }
  }
  for (const [side, { time, frameKind }] of sides) {
    if (time !== null || frameKind === 'batch') continue
    const text = `${verb}: ttl goes by event times, and the ${side} frame has none. Call .watermark('at', '5 seconds') on it first, or leave ttl out.`
    throw new PlanError('no-event-time', text, { side })
  }
  const ttlMicros = durationMicros(ttl, `${verb}: ttl`)
  if (ttlMicros > 0) return Object.freeze({ kind: 'changes', ttlMicros })
  const text = `${verb}: rows must be kept longer than nothing, found a ttl of "${ttl}"`
  throw new PlanError('bad-option', text, { option: 'ttl' })
}

/** Refuses names that the bounds of windows take. */
function refuseBounds(left: Node, right: Node, suffix: string, verb: string): void {
  for (const { name } of BOUNDS) {
    const taken = left.schema.has(name) || right.schema.names.some(other => other === name || other + suffix === name)
    if (!taken) continue
    const text = `${verb}: the join in windows adds "${name}", and a frame has it already. Rename it first: .rename({ ${name}: '${name}1' }).`
    throw new PlanError('duplicate-column', text, { column: name })
  }
}

function windowOf(left: Node, right: Node, size: string, verb: string): JoinWindow {
  checkTimes(left, right, verb, 'window')
  const sizeMicros = durationMicros(size, `${verb}: window`)
  if (sizeMicros > 0) return Object.freeze({ kind: 'window', sizeMicros, offsetMicros: 0 })
  throw new PlanError('bad-duration', `${verb}: a window must last longer than nothing, found "${size}"`)
}

/** Both frames must have event times, and rows that stay. */
function checkTimes(left: Node, right: Node, verb: string, option: string): void {
  for (const [side, node] of [
    ['left', left],
    ['right', right],
  ] as const) {
    if (node.frameKind === 'updating') {
      const text = `${verb}: ${option} needs rows that stay as they are, but ${updatingBy(node)} on the ${side} corrects rows it has given. Leave ${option} out.`
      throw new PlanError('updating', text, { side })
    }
    if (node.time === null) {
      const text = `${verb}: ${option} goes by event times, and the ${side} frame has none. Call .watermark('at', '5 seconds') on it first.`
      throw new PlanError('no-event-time', text, { side })
    }
  }
}

/** Of frames with event times, whose rows stay. */
function intervalOf(left: Node, right: Node, within: string | readonly [string, string], verb: string): Interval {
  checkTimes(left, right, verb, 'within')
  const where = `${verb}: within`
  if (typeof within === 'string') {
    const micros = durationMicros(within, where)
    if (micros >= 0) return Object.freeze({ kind: 'interval', lowerMicros: -micros, upperMicros: micros })
    const text = `${where}: rows cannot be less than 0 apart, found "${within}". A time to one side is a pair: ['${within}', '0 seconds'].`
    throw new PlanError('bad-option', text, { option: 'within' })
  }
  const [lowerMicros, upperMicros] = [durationMicros(within[0], where), durationMicros(within[1], where)]
  if (lowerMicros <= upperMicros) return Object.freeze({ kind: 'interval', lowerMicros, upperMicros })
  const text = `${where}: nothing lies from ${within[0]} to ${within[1]}. Write the smaller bound of right time − left time first: ['${within[1]}', '${within[0]}'].`
  throw new PlanError('bad-option', text, { option: 'within' })
}

/** The right side is read whole; the left one may go on. */
export function checkSides(left: Node, right: Node, verb: string): void {
  if (left.frameKind === 'updating') {
    throw new PlanError(
      'updating',
      `${verb} needs rows that stay as they are, but ${updatingBy(left)} corrects rows it has given`,
    )
  }
  if (right.frameKind === 'batch') return
  const text = `${verb} takes a batch frame on its right side, but the right one is ${kindText(right.frameKind)}. Join the history before .replay(…), or join what .collect() gives.`
  throw new PlanError('not-batch', text, { side: 'right' })
}

export const positions = (node: Node): number[] => node.schema.fields.map((_, i) => i)

/** In right and full joins a key has the value of the side that is there, and the other left columns may be missing. */
function leftFields(left: Node, on: readonly KeyPair[], pairs: Join['on'], type: Join['type']): readonly Field[] {
  if (type !== 'right' && type !== 'full') return left.schema.fields
  return left.schema.fields.map(field => {
    const i = on.findIndex(key => key.left === field.name)
    if (i < 0) return { ...field, nullable: true }
    const { left: l, right: r } = pairs[i]!
    return { name: field.name, type: l.type, nullable: r.nullable || (type === 'full' && l.nullable) }
  })
}

/** The right columns that are no keys, by position and as fields of the output. */
export function rightSide(
  left: Node,
  right: Node,
  on: readonly KeyPair[],
  suffix: string,
  verb: string,
): { readonly columns: readonly number[]; readonly fields: readonly Field[] } {
  const keyNames = new Set(on.map(key => key.right))
  const columns = positions(right).filter(i => !keyNames.has(right.schema.names[i]!))
  return { columns, fields: addedFields(left, right, columns, suffix, verb) }
}

/** Pairs of columns that can be equal, each left one once. */
export function joinKeys(left: Node, right: Node, on: readonly KeyPair[], verb: string): Join['on'] {
  const pairs = on.map(key => joinKey(left, right, key, verb))
  for (const [i, { left: name }] of on.entries()) {
    if (on.findIndex(other => other.left === name) !== i) {
      throw new PlanError('duplicate-column', `${verb}: on names the left column "${name}" twice`, { column: name })
    }
  }
  return Object.freeze(pairs)
}

/** Right columns as fields of the output, under names that are free there. */
function addedFields(
  left: Node,
  right: Node,
  rightColumns: readonly number[],
  suffix: string,
  verb: string,
): readonly Field[] {
  const added = rightColumns.map(i => {
    const field = right.schema.fields[i]!
    const name = left.schema.has(field.name) ? field.name + suffix : field.name
    if (left.schema.has(name)) {
      const text = `${verb}: both sides have a column "${field.name}", and the left one has "${name}" too. Choose another { suffix }.`
      throw new PlanError('duplicate-column', text, { column: name })
    }
    return { ...field, name }
  })
  for (const [i, field] of added.entries()) {
    if (added.findIndex(other => other.name === field.name) !== i) {
      const text = `${verb}: two columns of the right side would be named "${field.name}". Choose another { suffix }.`
      throw new PlanError('duplicate-column', text, { column: field.name })
    }
  }
  return added
}

export function joinKey(left: Node, right: Node, key: KeyPair, verb: string): Join['on'][number] {
  const l = reference(left, key.left, `${verb}, left side`)
  const r = reference(right, key.right, `${verb}, right side`)
  if (isNested(l.type)) {
    const text = `${verb}: "${key.left}" is ${bareText(l.type)}, by which rows cannot be joined`
    throw new PlanError('key-types', text, { column: key.left })
  }
  if (sameType(l.type, r.type)) return Object.freeze({ left: l, right: r })
  // Whether two types meet is the rule of `eq`; here only whole numbers of two widths do.
  const wide = scalar('int64')
  const isWhole = (typed: Typed): boolean => typed.type.kind === 'int32' || typed.type.kind === 'int64'
  if (isWhole(l) && isWhole(r)) {
    const widened = (arg: Typed): Typed =>
      arg.type.kind === 'int64' ? arg : { kind: 'cast', arg, type: wide, nullable: arg.nullable, grain: arg.grain }
    return Object.freeze({ left: widened(l), right: widened(r) })
  }
  const name = key.left === key.right ? key.left : `${key.left} = ${key.right}`
  const [from, to] = [bareText(l.type), bareText(r.type)]
  const text = `${verb} on "${name}": left is ${from}, right is ${to}. Cast one side first: .derive(t => ({ ${key.left}: t.${key.left}.cast('${to}') })).`
  throw new PlanError('key-types', text, { left: from, right: to })
}
