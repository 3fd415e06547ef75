import type { Batch } from '../data/batch.ts'
import { PlanError } from '../data/errors.ts'
import { Schema } from '../data/schema.ts'
import { durationMicros } from '../data/time.ts'
import { isNested, bareText, isNumeric, parseType, sameType, typeText, type Columns, type Field } from '../data/type.ts'
import { exprText } from '../expr/text.ts'
import { inferGrain } from '../expr/infer.ts'
import type { ExprNode, Typed } from '../expr/node.ts'
import type {
  Aggregate,
  EventTime,
  Filter,
  Kind,
  Late,
  Learn,
  Limit,
  MapBatches,
  Named,
  Node,
  OrderBy,
  Predict,
  Project,
  Read,
  Rejected,
  Replay,
  SortKey,
  Union,
  Watermark,
} from './node.ts'
import type { Predictor, ProcessorFactory, Source } from './port.ts'
import { REJECTED } from './rejected.ts'
import { eventTimeOf, type WatermarkOptions } from './verb/watermark.ts'

/**
 * Makes plan nodes. Each function checks what it is given against its input and throws a {@link PlanError} at once, so
 * that a node that exists is sound; it derives the node's schema, kind, event time and boundedness.
 */

/** An expression with the name of its column. */
export interface NamedExpr {
  readonly name: string
  readonly expr: ExprNode
}

export interface SortExpr {
  readonly expr: ExprNode
  readonly descending: boolean
}

export function read(source: Source): Read {
  const { schema, bounded, kind: frameKind = bounded ? 'batch' : 'stream' } = source
  return Object.freeze({ kind: 'read', source, schema, frameKind, time: null, bounded })
}

/** The named columns, in the order given. */
export function select(input: Node, names: readonly string[]): Project {
  if (names.length === 0) throw new PlanError('no-columns', 'select needs the name of at least one column')
  return project(
    input,
    names.map(name => ({ name, expr: reference(input, name, 'select') })),
  )
}

/** All columns but the named ones. */
export function drop(input: Node, names: readonly string[]): Project {
  for (const name of names) input.schema.field(name, 'drop')
  const left = input.schema.names.filter(name => !names.includes(name))
  if (left.length === 0) throw new PlanError('no-columns', 'drop would leave no column')
  return project(
    input,
    left.map(name => ({ name, expr: reference(input, name, 'drop') })),
  )
}

/** The same columns under other names: a map from old names to new ones, or a function of a name. */
export function rename(input: Node, change: Readonly<Record<string, string>> | ((name: string) => string)): Project {
  const names = typeof change === 'function' ? changed(input, change) : change
  for (const [from, to] of Object.entries(names)) {
    input.schema.field(from, 'rename')
    if (typeof to !== 'string' || to === '') {
      throw new PlanError('bad-name', `rename: the new name of "${from}" must be a text that is not empty`)
    }
  }
  const taken = new Map<string, string>()
  const items = input.schema.names.map(from => {
    const to = Object.hasOwn(names, from) ? names[from]! : from
    if (taken.has(to)) {
      const text = `rename: "${taken.get(to)}" and "${from}" would both be named "${to}". Choose another name for one.`
      throw new PlanError('duplicate-column', text, { column: to })
    }
    taken.set(to, from)
    return { name: to, expr: reference(input, from, 'rename') }
  })
  return project(input, items)
}

function changed(input: Node, change: (name: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(input.schema.names.map(name => [name, change(name)]))
}

/** Adds computed columns; one that is there already is replaced where it stands. */
export function derive(input: Node, items: readonly NamedExpr[]): Project {
  if (items.length === 0) throw new PlanError('no-columns', 'derive needs at least one column')
  const computed = named(input, items, 'derive', 'row')
  const byName = new Map(computed.map(item => [item.name, item]))
  const kept = input.schema.names.map(name => byName.get(name) ?? { name, expr: reference(input, name, 'derive') })
  return project(input, [...kept, ...computed.filter(item => !input.schema.has(item.name))])
}

export function filter(input: Node, predicate: ExprNode): Filter {
  const typed = inferGrain(predicate, input.schema, 'filter', 'row')
  if (typed.type.kind !== 'bool') {
    const text = `filter needs a condition, but ${exprText(predicate)} is ${typeText(typed)}. Compare it: .eq(…), .gt(…), .isNull().`
    throw new PlanError('not-bool', text, { found: typeText(typed) })
  }
  return Object.freeze({ ...inherited(input), kind: 'filter', input, predicate: typed })
}

/** Groups and aggregates. On a stream the answer keeps changing: the frame is updating. */
export function aggregate(input: Node, keys: readonly NamedExpr[], items: readonly NamedExpr[]): Aggregate {
  if (keys.length === 0 && items.length === 0) throw noAggregates()
  const typedKeys = keysOf(input, keys)
  const aggregates = aggregatesOf(input, typedKeys, [], items)
  if (input.frameKind === 'updating') refuseUnretractable(aggregates)
  const frameKind: Kind = input.frameKind === 'batch' ? 'batch' : 'updating'
  const schema = new Schema([...typedKeys, ...aggregates].map(fieldOf))
  const { bounded } = input
  return Object.freeze({
    kind: 'aggregate',
    input,
    keys: typedKeys,
    aggregates,
    schema,
    frameKind,
    time: null,
    bounded,
  })
}

export function orderBy(input: Node, by: readonly SortExpr[]): OrderBy {
  if (input.frameKind !== 'batch') {
    throw new PlanError('not-batch', `orderBy needs all rows, but this frame is ${kindText(input.frameKind)}`)
  }
  const keys = sortKeysOf(input, by, 'orderBy')
  return Object.freeze({ ...inherited(input), kind: 'order-by', input, by: keys })
}

/** The keys of an order, which there must be. */
export function sortKeysOf(input: Node, by: readonly SortExpr[], verb: string): readonly SortKey[] {
  if (by.length === 0) throw new PlanError('no-columns', `${verb} needs at least one column to order by`)
  const keys = by.map(({ expr, descending }) => {
    const typed = inferGrain(expr, input.schema, verb, 'row')
    if (isNested(typed.type) || typed.type.kind === 'binary') {
      const text = `${verb}: ${exprText(expr)} is ${typeText(typed)}, which has no order`
      throw new PlanError('no-order', text, { found: typeText(typed) })
    }
    return Object.freeze({ expr: typed, descending })
  })
  return Object.freeze(keys)
}

export function limit(input: Node, count: number): Limit {
  if (!Number.isInteger(count) || count < 0) {
    throw new PlanError('bad-count', `limit needs a whole number of rows, found ${String(count)}`)
  }
  if (input.frameKind === 'updating') {
    throw new PlanError('updating', `limit cannot choose rows that ${updatingBy(input)} corrects later`)
  }
  return Object.freeze({ ...inherited(input), kind: 'limit', input, count })
}

/** All rows of several frames with the same columns; the order of the columns is the first one's. */
export function union(inputs: readonly Node[]): Union {
  const first = inputs[0]!
  const aligned = inputs.map((input, i) => (i === 0 ? input : alignedTo(first.schema, input)))
  const fields = first.schema.fields.map((field, i) => ({
    ...field,
    nullable: aligned.some(input => input.schema.fields[i]!.nullable),
  }))
  const kinds = new Set(inputs.map(input => input.frameKind))
  const frameKind: Kind = kinds.has('updating') ? 'updating' : kinds.has('stream') ? 'stream' : 'batch'
  const times = aligned.map(input => input.time)
  const time = times.reduce((a, b) => (a !== null && b !== null ? commonTime(a, b) : null))
  const bounded = inputs.every(input => input.bounded)
  return Object.freeze({
    kind: 'union',
    inputs: Object.freeze(aligned),
    schema: new Schema(fields),
    frameKind,
    time,
    bounded,
  })
}

function alignedTo(schema: Schema, input: Node): Node {
  for (const field of schema.fields) {
    const found = input.schema.field(field.name, 'union: the second frame')
    if (!sameType(found.type, field.type)) {
      const text = `union: column "${field.name}" is ${bareText(field.type)} in one frame and ${bareText(found.type)} in the other. Cast one.`
      throw new PlanError('union-types', text, { column: field.name })
    }
  }
  for (const name of input.schema.names) schema.field(name, 'union: the first frame')
  const same = input.schema.names.every((name, i) => name === schema.names[i])
  return same ? input : select(input, schema.names)
}

function commonTime(a: EventTime, b: EventTime): EventTime | null {
  if (a.column !== b.column || a.shiftMicros !== b.shiftMicros) return null
  return a.boundMicros >= b.boundMicros ? a : b
}

/** Names the event time, and how its watermark is made: by a bound on how late rows may come, or as options say. */
export function watermark(input: Node, column: string, given: string | WatermarkOptions): Watermark {
  const field = input.schema.field(column, 'watermark')
  if (field.type.kind !== 'timestamp') {
    const times = input.schema.fields.filter(other => other.type.kind === 'timestamp').map(other => `"${other.name}"`)
    const castable = field.type.kind === 'utf8' || field.type.kind === 'date'
    const hint = castable
      ? `Cast it first: .derive(t => ({ ${column}: t.${column}.cast('timestamp') })).`
      : `Timestamps here: ${times.join(', ') || 'none'}.`
    const text = `watermark needs a timestamp column, but "${column}" is ${typeText(field)}. ${hint}`
    throw new PlanError('not-a-time', text, { column })
  }
  if (input.frameKind === 'updating') {
    throw new PlanError('updating', `watermark cannot order rows that ${updatingBy(input)} corrects later`)
  }
  return Object.freeze({ ...inherited(input), kind: 'watermark', input, time: eventTimeOf(column, given) })
}

export interface ReplayOptions {
  readonly speed?: number | undefined
  readonly disorder?: string | undefined
  readonly seed?: number | undefined
}

/** Bounded history as a stream in the order of its event time. */
export function replay(input: Node, { speed, disorder, seed = 0 }: ReplayOptions): Replay {
  if (input.frameKind !== 'batch') {
    throw new PlanError(
      'not-batch',
      `replay turns history into a stream, but this frame is ${kindText(input.frameKind)} already`,
    )
  }
  if (input.time === null) throw needsTime('replay', input)
  if (speed !== undefined && !(speed > 0 && Number.isFinite(speed))) {
    const text = `replay: speed is event seconds per second and must be more than 0, found ${speed}. Leave it out for as fast as possible.`
    throw new PlanError('bad-option', text, { option: 'speed' })
  }
  const disorderMicros = disorder === undefined ? 0 : durationMicros(disorder, 'replay: disorder')
  if (disorderMicros < 0) {
    throw new PlanError('bad-duration', `replay: disorder holds rows back and cannot be negative, found "${disorder}"`)
  }
  if (!Number.isInteger(seed)) throw new PlanError('bad-option', `replay: seed must be a whole number, found ${seed}`)
  return Object.freeze({
    ...inherited(input),
    kind: 'replay',
    input,
    speed: speed ?? null,
    disorderMicros,
    seed,
    frameKind: 'stream',
  })
}

export function mapBatches(input: Node, name: string, schema: Schema, fn: (batch: Batch) => Batch): MapBatches {
  if (input.frameKind === 'updating') {
    const text = `mapBatches needs rows that stay as they are, but ${updatingBy(input)} corrects rows it has given`
    throw new PlanError('updating', text)
  }
  const time = timeIn(schema, input.time)
  return Object.freeze({ ...inherited(input), kind: 'map-batches', input, name, fn, schema, time })
}

/** Adds a model's columns. `as` names them `frozen`, `frozenProbability`, … instead of `prediction`, `probability`, …. */
export function predict(input: Node, { inputs, needs, model }: Predictor, as?: string): Predict {
  checkNeeds('predict', input, needs)
  const typed = inputs.map(expr => inferGrain(expr, input.schema, 'predict', 'row'))
  const schema = withOutputs(input, model.outputs, as, 'predict')
  return Object.freeze({ ...inherited(input), kind: 'predict', input, inputs: Object.freeze(typed), model, schema })
}

/** Adds a live model's columns: each row is predicted, then learnt from. */
export function learn(input: Node, factory: ProcessorFactory, as?: string): Learn {
  if (input.frameKind === 'updating') {
    const text = `learn needs rows that stay as they are, but ${updatingBy(input)} corrects rows it has given`
    throw new PlanError('updating', text)
  }
  checkNeeds('learn', input, factory.needs)
  const typed = factory.inputs.map(expr => inferGrain(expr, input.schema, 'learn', 'row'))
  const schema = withOutputs(input, factory.outputs, as, 'learn')
  return Object.freeze({ ...inherited(input), kind: 'learn', input, inputs: Object.freeze(typed), factory, schema })
}

/** A model reads columns of the types it was fitted on; any numbers will do for numbers. */
function checkNeeds(verb: string, input: Node, needs: Columns = {}): void {
  for (const [name, text] of Object.entries(needs)) {
    const { type } = parseType(text)
    const field = input.schema.field(name, `${verb}: the model needs "${name}"`)
    if (sameType(type, field.type) || (isNumeric(type) && isNumeric(field.type))) continue
    const found = `"${name}" was ${bareText(type)} when the model was fitted and is ${bareText(field.type)} here`
    const cast = `Cast it: .derive(t => ({ ${name}: t.${name}.cast('${bareText(type)}') })).`
    throw new PlanError('model-type', `${verb}: ${found}. ${cast}`, { column: name })
  }
}

/** `prediction` becomes the name itself, any other output the name and its own: `frozenProbability`. */
function outputName(output: string, as: string | undefined): string {
  if (as === undefined || as === 'prediction') return output
  return output === 'prediction' ? as : as + output.charAt(0).toUpperCase() + output.slice(1)
}

function withOutputs(input: Node, outputs: Schema, as: string | undefined, verb: string): Schema {
  const added = outputs.fields.map(field => ({ ...field, name: outputName(field.name, as) }))
  for (const { name } of added) {
    if (input.schema.has(name)) {
      const text = `${verb}: there is a column "${name}" already. Name the new ones: { as: 'frozen' } gives frozen, frozenProbability, ….`
      throw new PlanError('duplicate-column', text, { column: name })
    }
  }
  return new Schema([...input.schema.fields, ...added])
}

/** The rows that came too late, with the columns of the input of what they were late for and no event time of their own. */
export function late(of: Late['of']): Late {
  const { schema, frameKind, bounded } = of.input
  return Object.freeze({ kind: 'late', of, schema, frameKind, time: null, bounded })
}

/** The rows that a source refused. */
export function rejected(of: Read): Rejected {
  const { frameKind, bounded } = of
  return Object.freeze({ kind: 'rejected', of, schema: REJECTED, frameKind, time: null, bounded })
}

/** The same node under a name of the user's, by which its state is found again. */
export function withUid(node: Node, uid: string): Node {
  if (!/^[\w.-]+$/.test(uid)) {
    throw new PlanError('bad-name', `named: a name has letters, digits, ".", "_" and "-", found ${JSON.stringify(uid)}`)
  }
  return Object.freeze({ ...node, uid })
}

// ---- what the functions share

/** A node that computes these columns and no others. */
export function project(input: Node, items: readonly Named[]): Project {
  const schema = new Schema(items.map(fieldOf))
  const { frameKind, bounded } = input
  const exprs = Object.freeze(items.map(item => item.expr))
  return Object.freeze({ kind: 'project', input, exprs, schema, frameKind, time: projectedTime(input, items), bounded })
}

/** The event time follows its column, also under a new name; it is lost with it. */
function projectedTime(input: Node, items: readonly Named[]): EventTime | null {
  const { time } = input
  if (time === null) return null
  const passed = items.filter(({ expr }) => expr.kind === 'column' && expr.name === time.column)
  const item = passed.find(({ name }) => name === time.column) ?? passed[0]
  return item === undefined ? null : Object.freeze({ ...time, column: item.name })
}

/** The event time of a node that gives rows anew, under the columns that it has; null where its column is not among them. */
export function timeIn(schema: Schema, time: EventTime | null): EventTime | null {
  if (time === null || !schema.has(time.column)) return null
  return schema.fields[schema.indexOf(time.column)]!.type.kind === 'timestamp' ? time : null
}

/** The properties of a node that leaves columns and rows as they are. */
export function inherited({
  schema,
  frameKind,
  time,
  bounded,
}: Node): Pick<Node, 'schema' | 'frameKind' | 'time' | 'bounded'> {
  return { schema, frameKind, time, bounded }
}

/** A column of the input, as an expression. */
export function reference(input: Node, name: string, where: string): Typed {
  const { type, nullable } = input.schema.field(name, where)
  return Object.freeze({ kind: 'column', name, index: input.schema.indexOf(name), type, nullable, grain: 'row' })
}

function named(input: Node, items: readonly NamedExpr[], where: string, grain: 'row' | 'aggregate'): Named[] {
  return items.map(({ name, expr }) =>
    Object.freeze({ name, expr: inferGrain(expr, input.schema, `${where} "${name}"`, grain) }),
  )
}

export function keysOf(input: Node, keys: readonly NamedExpr[]): readonly Named[] {
  const typed = named(input, keys, 'groupBy', 'row')
  for (const [i, { name, expr }] of typed.entries()) {
    if (typed.findIndex(other => other.name === name) !== i) {
      const text = `groupBy: there are two keys named "${name}". Name one of them otherwise: t => ({ other: … }).`
      throw new PlanError('duplicate-column', text, { column: name })
    }
    if (isNested(expr.type)) {
      const text = `groupBy: "${name}" is ${typeText(expr)}, by which rows cannot be grouped`
      throw new PlanError('key-types', text, { column: name })
    }
  }
  return Object.freeze(typed)
}

/** Checks keys as `groupBy` is called, before an aggregate follows. */
export function checkKeys(input: Node, keys: readonly NamedExpr[]): void {
  keysOf(input, keys)
}

/** Checks aggregates and their names, which keys and bounds of windows must not have. */
export function aggregatesOf(
  input: Node,
  keys: readonly Named[],
  bounds: readonly string[],
  items: readonly NamedExpr[],
): readonly Named[] {
  for (const { name } of items) {
    const what = keys.some(key => key.name === name) ? 'a group key' : bounds.includes(name) ? 'a window bound' : null
    if (what !== null) {
      const text = `aggregate: "${name}" is already ${what}: choose another name`
      throw new PlanError('duplicate-column', text, { column: name })
    }
  }
  return Object.freeze(named(input, items, 'aggregate', 'aggregate'))
}

function noAggregates(): PlanError {
  return new PlanError('no-columns', 'aggregate needs at least one column: t => ({ rows: count() })')
}

function refuseUnretractable(aggregates: readonly Named[]): void {
  const visit = (typed: Typed, name: string): void => {
    if (typed.kind === 'aggregate' && typed.fn.retractable === 'no') {
      const text = `aggregate "${name}": ${typed.fn.name} cannot take rows back, and the frame corrects rows it has given`
      throw new PlanError('not-retractable', text, { column: name })
    }
    if (typed.kind === 'cast') visit(typed.arg, name)
    else if ('args' in typed) for (const arg of typed.args) visit(arg, name)
  }
  for (const { name, expr } of aggregates) visit(expr, name)
}

export function fieldOf({ name, expr }: Named): Field {
  return { name, type: expr.type, nullable: expr.nullable }
}

/** Says of a verb that it needs an event time, and how to have one. */
export function needsTime(verb: string, input: Node): PlanError {
  const times = input.schema.fields.filter(field => field.type.kind === 'timestamp').map(field => field.name)
  const text = `${verb} needs an event time: call .watermark('${times[0] ?? 'at'}', '5 seconds') first`
  return new PlanError('no-event-time', text)
}

/** A kind as messages say it. */
export function kindText(kind: Kind): string {
  return kind === 'batch' ? 'a batch' : kind === 'stream' ? 'a stream' : 'updating'
}

/** The verb that makes a frame updating, for messages. */
export function updatingBy(node: Node): string {
  let at = node
  while (at.kind !== 'aggregate' || at.input.frameKind === 'updating') {
    const input = inputsOf(at).find(other => other.frameKind === 'updating')
    if (input === undefined) break
    at = input
  }
  if (at.kind === 'window-aggregate' || at.kind === 'window-top') return 'the window that is given more than once'
  return at.kind === 'aggregate' ? 'the aggregate without a window' : `the ${VERBS[at.kind] ?? at.kind}`
}

/** Verbs whose nodes have other names. */
const VERBS: { readonly [K in Node['kind']]?: string } = { 'from-changes': 'fromChanges' }

/** True of a join whose right input is read whole before the first pair. */
export function readsRightFirst(node: Node): boolean {
  if (node.kind === 'as-of-join') return node.right.frameKind === 'batch'
  return node.kind === 'join' && node.meets.kind === 'whole'
}

/** The nodes that a node reads. */
export function inputsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'read':
      return []
    case 'join':
    case 'as-of-join':
      return [node.left, node.right]
    case 'union':
      return node.inputs
    case 'process':
      return [node.input, ...node.broadcasts.map(({ input }) => input)]
    case 'process-side':
    case 'late':
    case 'rejected':
      return [node.of]
    default:
      return [node.input]
  }
}
