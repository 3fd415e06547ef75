import { UNIT_MICROS } from '../data/time.ts'
import type { DataType } from '../data/type.ts'
import { exprText } from '../expr/text.ts'
import type { Typed } from '../expr/node.ts'
import { inputsOf } from './build.ts'
import type { EventTime, Firing, Meets, Named, Node, OverFrame, Process, SortKey, Window } from './node.ts'
import { JOIN_VERBS } from './verb/join.ts'
import type { Executor, Source } from './port.ts'
import { conditionText, countUsers, pushedConditions, type Pushed } from './push-down.ts'
import { topological } from './rewrite.ts'

/**
 * A plan as an indented tree, the output on top: what each node does, then its kind, event time and columns. A node
 * that several others share is written once.
 */
export function explain(plan: Node, engine?: Executor): string {
  return new Explained([plan], engine).tree(plan, 0)
}

/** What an explanation is asked for. */
export interface ExplainOptions {
  /** Says of each step whether this engine runs it. */
  readonly engine?: Executor
}

/** The plans of a job under their names. What one shares with another is written once, as it is run. */
export function explainJob(
  parts: readonly { readonly name: string; readonly plan: Node }[],
  engine?: Executor,
): string {
  const plans = parts.map(part => part.plan)
  const explained = new Explained(plans, engine)
  return parts.map(({ name, plan }) => `${name}\n${explained.tree(plan, 1)}`).join('\n')
}

class Explained {
  readonly #shared: ReadonlySet<Node>
  readonly #numbers = new Map<Node, number>()
  readonly #engine: Executor | undefined
  readonly #pushed: Pushed

  constructor(plans: readonly Node[], engine: Executor | undefined) {
    this.#shared = sharedNodes(plans)
    this.#engine = engine
    const order = topological(plans)
    this.#pushed = pushedConditions(order, countUsers(plans, order))
  }

  tree(plan: Node, indent: number): string {
    const lines: string[] = []
    const visit = (node: Node, depth: number): void => {
      const pad = '  '.repeat(depth)
      const known = this.#numbers.get(node)
      if (known !== undefined) {
        lines.push(`${pad}↑ the same as #${known}`)
        return
      }
      let mark = ''
      if (this.#shared.has(node)) {
        this.#numbers.set(node, this.#numbers.size + 1)
        mark = ` #${this.#numbers.size}`
      }
      lines.push(`${pad}${headline(node)}${mark}`)
      lines.push(`${pad}  · ${propertiesOf(node)}`)
      const where = node.kind === 'read' ? (this.#pushed.get(node) ?? []) : []
      if (where.length > 0) lines.push(`${pad}  · the source is told: ${where.map(conditionText).join(' and ')}`)
      if (this.#engine !== undefined) lines.push(`${pad}  · ${portability(node, this.#engine)}`)
      for (const input of inputsOf(node)) visit(input, depth + 1)
    }
    visit(plan, indent)
    return lines.join('\n')
  }
}

function portability(node: Node, engine: Executor): string {
  const reason = engine.refuses(node)
  return reason === null ? `runs on ${engine.name}` : `refused by ${engine.name}: ${reason}`
}

function sharedNodes(plans: readonly Node[]): ReadonlySet<Node> {
  const seen = new Set<Node>()
  const shared = new Set<Node>()
  const visit = (node: Node): void => {
    if (seen.has(node)) {
      shared.add(node)
      return
    }
    seen.add(node)
    for (const input of inputsOf(node)) visit(input)
  }
  plans.forEach(visit)
  return shared
}

/** `hop 1 hour, 5 minutes offset 1 minute in Europe/Oslo`. */
function windowText(window: Window): string {
  if (window.kind === 'session') return `session ${durationText(window.gapMicros)}`
  if (window.kind === 'global') return 'global'
  if (window.kind === 'count') return `count ${window.rows} rows, each ${window.every}`
  const { kind, sizeMicros, everyMicros, offsetMicros, zone } = window
  const every = kind === 'tumble' ? '' : `, ${durationText(everyMicros)}`
  const offset = offsetMicros === 0 ? '' : ` offset ${durationText(offsetMicros)}`
  return `${kind} ${durationText(sizeMicros)}${every}${offset}${zone === null ? '' : ` in ${zone}`}`
}

/** ` early every 1 minute, late by up to 1 hour, purged`, or nothing. */
function firingText({ early, latenessMicros, purge }: Firing): string {
  const parts = [
    early === null
      ? []
      : early.kind === 'rows'
        ? `early each ${early.rows} rows`
        : `early every ${durationText(early.everyMicros)}`,
    latenessMicros === 0 ? [] : `late by up to ${durationText(latenessMicros)}`,
    purge ? 'purged' : [],
  ].flat()
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`
}

function headline(node: Node): string {
  const text = whatIs(node)
  return node.uid === undefined ? text : `${text} named "${node.uid}"`
}

function whatIs(node: Node): string {
  switch (node.kind) {
    case 'read':
      return `read ${node.source.name}`
    case 'project':
      return `project ${projected(node.exprs, node.schema.names)}`
    case 'filter':
      return `filter ${exprText(node.predicate)}`
    case 'aggregate':
      return `aggregate ${grouped(node.keys)}${list(node.aggregates)}`
    case 'window-aggregate': {
      return `window ${windowText(node.window)}${node.window.kind === 'count' ? '' : firingText(node.firing)} ${grouped(node.keys)}${list(node.aggregates)}`
    }
    case 'window-top':
      return `window ${windowText(node.window)}${node.window.kind === 'count' ? '' : firingText(node.firing)} top ${node.count} ${grouped(node.keys)}${ordered(node.by)}`
    case 'order-by':
      return `orderBy ${ordered(node.by)}`
    case 'top':
      return `top ${node.count} ${grouped(node.keys)}${node.by.length === 0 ? 'as they come' : ordered(node.by)}`
    case 'over': {
      const order = node.order.length === 0 ? '' : ` ordered by ${ordered(node.order)}`
      const computed = node.items.map(({ name, expr }) => `${name} = ${exprText(expr)}`).join(', ')
      return `over ${grouped(node.keys)}${computed}${order}${frameText(node.frame, node.order)}`
    }
    case 'limit':
      return `limit ${node.count}`
    case 'skip':
      return `skip ${node.count}`
    case 'tail':
      return `tail ${node.count}`
    case 'row-index':
      return `rowIndex ${node.name}`
    case 'distinct':
      return `distinct ${node.on.join(', ')}`
    case 'sample': {
      const by = node.by === null ? '' : ` by ${node.by}`
      return `sample${by} from ${node.from} to ${node.to}, seed ${node.seed}`
    }
    case 'sample-rows': {
      const how = node.replacement ? ' with replacement' : ''
      return `sample ${node.rows} rows${how}, seed ${node.seed}`
    }
    case 'unnest': {
      const position = node.position === null ? '' : `, position ${node.position}`
      const names = node.columns.map(column => column.name)
      return `unnest ${names.join(', ')}${position}${node.keepEmpty ? ', empty ones kept' : ''}`
    }
    case 'unpivot':
      return `unpivot ${node.variants.map(variant => variant.label).join(', ')} into ${node.name}`
    case 'join': {
      const on = node.on.map(({ left, right }) => `${exprText(left)} = ${exprText(right)}`)
      return `${JOIN_VERBS[node.type]}${on.length === 0 ? '' : ` on ${on.join(' and ')}`}${meetsText(node.meets)}`
    }
    case 'as-of-join': {
      const on = node.on.map(({ left, right }) => ` and ${exprText(left)} = ${exprText(right)}`).join('')
      const within = node.tolerance === null ? '' : ` within ${toleranceText(node.times.left.type, node.tolerance)}`
      return `asOfJoin ${node.direction} ${exprText(node.times.left)} ~ ${exprText(node.times.right)}${within}${on}`
    }
    case 'union':
      return `union of ${node.inputs.length}`
    case 'watermark':
      return watermarkText(node.time!)
    case 'replay': {
      const speed = node.speed === null ? 'as fast as possible' : `${node.speed} seconds a second`
      const disorder = node.disorderMicros === 0 ? '' : `, disorder ${durationText(node.disorderMicros)}`
      return `replay ${speed}${disorder}, seed ${node.seed}`
    }
    case 'async-map':
      return `${node.verb} ${node.name}${node.verb === 'lookupJoin' ? ` on ${node.asked.join(', ')}` : ''}, ${node.calls.concurrency} at once${node.calls.ordered ? '' : ', as they come'}`
    case 'map-batches':
      return `mapBatches ${node.name}`
    case 'predict':
      return `predict ${node.model.kind} version ${node.model.version} (${node.inputs.map(exprText).join(', ')})`
    case 'learn':
      return `learn ${node.factory.kind} (${node.inputs.map(exprText).join(', ')})`
    case 'process':
      return `process ${grouped(node.keys)}${processed(node)}`
    case 'process-side':
      return `side output ${node.of.sides[node.side]!.name}`
    case 'upsert': {
      const order = node.order === null ? '' : ` ordered by ${exprText(node.order)}`
      const deleted = node.deleted === null ? '' : `, deleted where ${exprText(node.deleted)}`
      return `upsert ${node.on.join(', ')}${order}${deleted}`
    }
    case 'changes':
      return `changes ${node.name}`
    case 'from-changes':
      return `fromChanges ${node.name}`
    case 'final':
      return 'final'
    case 'late':
      return 'late rows'
    case 'rejected':
      return 'rejected rows'
  }
}

function watermarkText({ column, boundMicros, strategy = {} }: EventTime): string {
  const { custom, maxAheadMicros, idleMicros, alignMicros } = strategy
  const parts = [custom === undefined ? `at most ${durationText(boundMicros)} late` : 'made by a generator']
  if (maxAheadMicros !== undefined) parts.push(`at most ${durationText(maxAheadMicros)} ahead`)
  if (idleMicros !== undefined) parts.push(`idle after ${durationText(idleMicros)}`)
  if (alignMicros !== undefined) parts.push(`aligned within ${durationText(alignMicros)}`)
  return `watermark ${column}, ${parts.join(', ')}`
}

function propertiesOf(node: Node): string {
  const { frameKind, bounded, time, schema } = node
  const kind = frameKind !== 'batch' && bounded ? `${frameKind}, bounded` : frameKind
  const shift = time === null || time.shiftMicros === 0 ? '' : ` − ${durationText(-time.shiftMicros)}`
  const at = time === null ? '' : `, event time ${time.column}${shift}`
  return `${kind}${node.kind === 'read' ? sourceText(node.source) : ''}${at}: ${schema.toString()}`
}

/** What is said of a source that is not as most are. */
function sourceText({ partitions = 1, replayable = true }: Source): string {
  return `${partitions === 1 ? '' : `, ${partitions} partitions`}${replayable ? '' : ', cannot be replayed'}`
}

function projected(exprs: readonly Typed[], names: readonly string[]): string {
  return exprs
    .map((expr, i) =>
      expr.kind === 'column' && expr.name === names[i] ? expr.name : `${names[i]} = ${exprText(expr)}`,
    )
    .join(', ')
}

function ordered(by: readonly SortKey[]): string {
  return by.map(({ expr, descending }) => exprText(expr) + (descending ? ' desc' : '')).join(', ')
}

function frameText(frame: OverFrame, [key]: readonly SortKey[]): string {
  if (!('before' in frame)) return ''
  const kind = frame.unit === 'rows' ? 'rows' : key!.expr.type.kind
  const reach = (far: number): string => {
    if (far === Infinity) return 'all'
    if (kind === 'date') return durationText(far * UNIT_MICROS.day)
    return kind === 'timestamp' || kind === 'duration' ? durationText(far) : String(far)
  }
  return `, ${frame.unit} ${reach(frame.before)} before to ${reach(frame.after)} after`
}

/** What is kept for each key, and what every key reads. */
function processed({ states, broadcasts }: Process): string {
  const kept = states.map(({ kind, name, lifetime }) => {
    const until = lifetime === null ? '' : `, ${durationText(lifetime.ttlMicros)}`
    return `${name} (${kind}${until})`
  })
  const read = broadcasts.map(({ name }) => `${name} (broadcast)`)
  return [...kept, ...read].join(', ') || 'no state'
}

function grouped(keys: readonly Named[]): string {
  return keys.length === 0 ? '' : `by ${list(keys)}: `
}

function list(items: readonly Named[]): string {
  return items
    .map(({ name, expr }) => (expr.kind === 'column' && expr.name === name ? name : `${name} = ${exprText(expr)}`))
    .join(', ')
}

function meetsText(meets: Meets): string {
  switch (meets.kind) {
    case 'whole':
      return ''
    case 'interval':
      return `, right − left from ${durationText(meets.lowerMicros)} to ${durationText(meets.upperMicros)}`
    case 'window':
      return `, window tumble ${durationText(meets.sizeMicros)}`
    case 'changes':
      return meets.ttlMicros === null ? '' : `, rows kept ${durationText(meets.ttlMicros)}`
  }
}

function toleranceText(type: DataType, tolerance: number): string {
  const isTime = type.kind === 'timestamp' || type.kind === 'duration'
  return isTime || type.kind === 'date'
    ? durationText(isTime ? tolerance : tolerance * UNIT_MICROS.day)
    : String(tolerance)
}

/** The largest unit that counts a duration wholly: `90 minutes`, `1 day`. */
function durationText(micros: number): string {
  const units = Object.entries(UNIT_MICROS).reverse()
  const [unit, size] = units.find(([, each]) => micros !== 0 && micros % each === 0) ?? ['seconds', 1e6]
  const count = micros / size
  return micros === 0 ? '0 seconds' : `${count} ${unit}${count === 1 ? '' : 's'}`
}
