import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { durationMicros } from '../../data/time.ts'
import { isNumeric, type Field } from '../../data/type.ts'
import { infer, inferGrain } from '../../expr/infer.ts'
import type { ExprNode, Typed } from '../../expr/node.ts'
import { exprText } from '../../expr/text.ts'
import { fieldOf, inherited, keysOf, kindText, needsTime, sortKeysOf, type NamedExpr, type SortExpr } from '../build.ts'
import type { Named, Node, Over, OverFrame, SortKey } from '../node.ts'

/** How far a frame reaches before and after a row: a number, `'all'`, or of times a duration. */
export type Reach = number | string

export interface OverOptions {
  readonly orderBy: readonly SortExpr[]
  readonly rows?: Reach | readonly [before: Reach, after: Reach] | undefined
  readonly range?: Reach | readonly [before: Reach, after: Reach] | undefined
}

/** Adds columns computed from the rows around each row; one that is there already is replaced where it stands. */
export function over(
  input: Node,
  keys: readonly NamedExpr[],
  items: readonly NamedExpr[],
  options: OverOptions,
  verb: string = 'over',
): Over {
  const streams = input.frameKind === 'stream' && verb === 'over'
  if (input.frameKind !== 'batch' && !streams) {
    const text = `${verb} needs all rows, but this frame is ${kindText(input.frameKind)}: the rows of a stream have no order and no end`
    throw new PlanError('not-batch', text)
  }
  if (items.length === 0) throw new PlanError('no-columns', `${verb} needs at least one column`)
  const order = options.orderBy.length === 0 ? [] : sortKeysOf(input, options.orderBy, `${verb}: orderBy`)
  const frame = frameOf(options, order, verb)
  if (streams) checkStream(input, order, frame)
  const calls = new Calls(input, order.length > 0, verb)
  const lifted = items.map(({ name, expr }) => ({ name, expr: calls.lifted(expr, `${verb} "${name}"`) }))
  if (streams) for (const { expr } of calls.found) checkCall(expr)
  const inner = new Schema([...input.schema.fields, ...calls.found.map(fieldOf)])
  const typed = lifted.map(({ name, expr }): Named =>
    Object.freeze({ name, expr: inferGrain(expr, inner, `${verb} "${name}"`, 'row') }),
  )
  return Object.freeze({
    ...inherited(input),
    kind: 'over',
    input,
    keys: keysOf(input, keys),
    order: Object.freeze(order),
    frame,
    calls: Object.freeze(calls.found),
    items: Object.freeze(typed),
    schema: new Schema(overFields(input.schema.fields, typed)),
    time: typed.some(item => item.name === input.time?.column) ? null : input.time,
  })
}

/** Rows of a stream are in order once the watermark has passed them, and the rows after a row are not there yet. */
function checkStream(input: Node, order: readonly SortKey[], frame: OverFrame): void {
  const { time } = input
  if (time === null) throw needsTime('over of a stream', input)
  const [key] = order
  const { column } = time
  if (order.length !== 1 || key!.descending || key!.expr.kind !== 'column' || key!.expr.name !== column) {
    const found = order.map(({ expr, descending }) => exprText(expr) + (descending ? ' descending' : '')).join(', ')
    const text = `over of a stream goes by its event time alone: { orderBy: '${column}' }, found ${found === '' ? 'no order' : found}`
    throw new PlanError('stream-order', text, { option: 'orderBy' })
  }
  if (!('before' in frame)) return
  if (frame.after > 0) {
    const text = `over of a stream cannot wait for rows after each row: let the frame end at the row, ${frame.unit}: [before, 0]`
    throw new PlanError('stream-frame', text, { option: frame.unit })
  }
  if (frame.before === Infinity && frame.after < 0) {
    const text = `over of a stream takes all rows before each row up to the row itself: ${frame.unit}: ['all', 0]`
    throw new PlanError('stream-frame', text, { option: frame.unit })
  }
}

/** A place among all rows is that of a row whose followers are known. */
function checkCall(expr: Typed): void {
  if (expr.kind !== 'window' || expr.fn.name === 'lag') return
  const text = `over of a stream takes aggregates and lag, and ${exprText(expr)} goes by all rows of a group: a running count() numbers them`
  throw new PlanError('stream-place', text, { function: expr.fn.name })
}

/** The fields of the input with the added columns, each where it replaces one or at the end. */
function overFields(fields: readonly Field[], items: readonly Named[]): readonly Field[] {
  const byName = new Map(items.map(item => [item.name, fieldOf(item)]))
  const kept = fields.map(field => byName.get(field.name) ?? field)
  return [...kept, ...items.filter(item => !fields.some(field => field.name === item.name)).map(fieldOf)]
}

/** The aggregates and window functions of some expressions, each once, under names that the input does not have. */
class Calls {
  readonly found: Named[] = []
  readonly #input: Node
  readonly #ordered: boolean
  readonly #verb: string
  readonly #known = new Map<ExprNode, ExprNode>()

  constructor(input: Node, ordered: boolean, verb: string) {
    this.#input = input
    this.#ordered = ordered
    this.#verb = verb
  }

  /** The expression with each call in it replaced by the column of its value. */
  lifted(expr: ExprNode, where: string): ExprNode {
    switch (expr.kind) {
      case 'aggregate':
      case 'window':
        return this.#column(expr, where)
      case 'column':
      case 'literal':
        return expr
      case 'cast':
        return { ...expr, arg: this.lifted(expr.arg, where) }
      default:
        return { ...expr, args: expr.args.map(arg => this.lifted(arg, where)) }
    }
  }

  #column(expr: Extract<ExprNode, { kind: 'aggregate' | 'window' }>, where: string): ExprNode {
    const known = this.#known.get(expr)
    if (known !== undefined) return known
    const typed: Typed = infer(expr, this.#input.schema, where)
    if (expr.kind === 'window' && expr.fn.needsOrder && !this.#ordered) {
      const text = `${where}: ${exprText(expr)} needs an order: ${this.#verb}(t => …, { orderBy: t => t.at })`
      throw new PlanError('no-order', text)
    }
    let name = `#${this.found.length}`
    while (this.#input.schema.has(name)) name = `#${name}`
    this.found.push(Object.freeze({ name, expr: typed }))
    const column: ExprNode = { kind: 'column', name, written: exprText(expr) }
    this.#known.set(expr, column)
    return column
  }
}

function frameOf({ rows, range }: OverOptions, order: readonly SortKey[], verb: string): OverFrame {
  if (rows !== undefined && range !== undefined) {
    throw new PlanError('bad-option', `${verb}: a frame is given by rows or by range, not by both`)
  }
  if (rows !== undefined) return reaching('rows', rows, count, verb)
  if (range === undefined) return Object.freeze({ unit: order.length === 0 ? 'partition' : 'running' })
  const [key] = order
  if (key === undefined || order.length > 1) {
    const text = `${verb}: range goes by the value of one column: { orderBy: t => t.at, range: '7 days' }`
    throw new PlanError('bad-option', text, { option: 'range' })
  }
  const { type } = key.expr
  if (type.kind === 'timestamp' || type.kind === 'date' || type.kind === 'duration') {
    const unit = type.kind === 'date' ? durationMicros('1 day', verb) : 1
    return reaching('range', range, (reach, text) => duration(reach, text) / unit, verb)
  }
  if (isNumeric(type) && type.kind !== 'decimal' && type.kind !== 'bigint')
    return reaching('range', range, distance, verb)
  const text = `${verb}: range needs an order by a time or a number, and ${exprText(key.expr)} is ${type.kind}`
  throw new PlanError('bad-option', text, { option: 'range' })
}

function reaching(
  unit: 'rows' | 'range',
  given: NonNullable<OverOptions['rows']>,
  read: (reach: Reach, where: string) => number,
  verb: string,
): OverFrame {
  const pair: readonly Reach[] = typeof given === 'object' ? given : [given, 0]
  if (pair.length !== 2) {
    throw new PlanError('bad-option', `${verb}: ${unit} takes how far to go back, or a pair: [before, after]`)
  }
  const distance = (reach: Reach): number => (reach === 'all' ? Infinity : read(reach, `${verb}: ${unit}`))
  const [before, after] = [distance(pair[0]!), typeof given === 'object' ? distance(pair[1]!) : 0]
  // a lone number of rows counts the row itself
  const back = unit === 'rows' && typeof given === 'number' ? before - 1 : before
  if (!(back + after >= 0)) {
    throw new PlanError('bad-option', `${verb}: ${unit} [${String(pair[0])}, ${String(pair[1])}] ends before it begins`)
  }
  return Object.freeze({ unit, before: back, after })
}

function count(reach: Reach, where: string): number {
  if (typeof reach === 'number' && Number.isSafeInteger(reach)) return reach
  throw new PlanError('bad-option', `${where} takes whole numbers or 'all', found ${JSON.stringify(reach)}`)
}

function distance(reach: Reach, where: string): number {
  if (typeof reach === 'number' && Number.isFinite(reach)) return reach
  throw new PlanError('bad-option', `${where} by a number takes numbers or 'all', found ${JSON.stringify(reach)}`)
}

function duration(reach: Reach, where: string): number {
  if (typeof reach === 'string') return durationMicros(reach, where)
  throw new PlanError(
    'bad-option',
    `${where} by a time takes durations, such as '7 days', or 'all', found ${String(reach)}`,
  )
}
