import { Schema } from '../data/schema.ts'
import { operandsOf, type Typed } from '../expr/node.ts'
import { fieldOf, inputsOf } from './build.ts'
import type { AsOfJoin, Join, Named, Node, Over, Project, Unpivot, UnpivotVariant } from './node.ts'
import { countUsers, pushedConditions, type Pushed } from './push-down.ts'
import { withoutNulls } from './verb/present.ts'

/**
 * Plans that give the same rows with less work: reads fetch only the columns that are needed and are
 * told what filters want of them, columns that nothing
 * uses are not computed, adjacent projections become one, and those that change nothing go. What plans share they share afterwards too. Columns are
 * matched by name, which a schema keeps unique; a plan's own output never changes.
 */
export function optimise(plans: readonly Node[]): readonly Node[] {
  const order = topological(plans)
  const needed = neededColumns(plans, order)
  const users = countUsers(plans, order)
  const made = new Map<Node, Node>()
  const pushed = pushedConditions(order, users)
  for (const node of order) made.set(node, timed(rebuilt(node, needed.get(node)!, made, users, pushed)))
  return plans.map(plan => made.get(plan)!)
}

/** An event time whose column nobody needs any more goes with it. */
function timed(node: Node): Node {
  const lost = node.time !== null && !node.schema.has(node.time.column)
  return Object.freeze(lost ? { ...node, time: null } : node)
}

/** Inputs before the nodes that read them. */
export function topological(plans: readonly Node[]): readonly Node[] {
  const order = new Set<Node>()
  const visit = (node: Node): void => {
    if (order.has(node)) return
    for (const input of inputsOf(node)) visit(input)
    order.add(node)
  }
  for (const plan of plans) visit(plan)
  return [...order]
}

/** For each node, the names of its output columns that somebody reads. */
function neededColumns(plans: readonly Node[], order: readonly Node[]): ReadonlyMap<Node, ReadonlySet<string>> {
  const needed = new Map<Node, Set<string>>(order.map(node => [node, new Set()]))
  const need = (node: Node, names: Iterable<string>): void => {
    for (const name of names) needed.get(node)!.add(name)
  }
  for (const plan of plans) need(plan, plan.schema.names)
  for (const node of order.toReversed()) {
    const out = needed.get(node)!
    switch (node.kind) {
      case 'read':
      case 'rejected':
        break
      case 'project':
        if (out.size === 0) need(node, [node.schema.names[0]!]) // some column must carry the number of rows
        need(node.input, columnsIn(node.exprs.filter((_, i) => out.has(node.schema.names[i]!))))
        break
      case 'aggregate':
        need(node.input, columnsIn([...node.keys, ...node.aggregates].map(item => item.expr)))
        break
      case 'window-aggregate':
        need(node.input, columnsIn([...node.keys, ...node.aggregates].map(item => item.expr)))
        if (node.input.time !== null) need(node.input, [node.input.time.column])
        break
      case 'window-top': {
        const own = (name: string): boolean => node.input.schema.has(name)
        need(node.input, [...out].filter(own))
        need(node.input, columnsIn([...node.keys, ...node.by].map(key => key.expr)))
        if (node.input.time !== null) need(node.input, [node.input.time.column])
        break
      }
      case 'late':
        need(node.of.input, out)
        break
      case 'process':
        for (const input of inputsOf(node)) need(input, input.schema.names)
        break
      case 'process-side':
        break
      case 'join':
      case 'as-of-join':
        if (out.size === 0) need(node, [node.schema.names[0]!]) // some column must carry the number of rows
        for (const [i, name] of node.schema.names.entries()) {
          if (!out.has(name)) continue
          const right = i - node.leftColumns.length
          if (right < 0) need(node.left, [node.left.schema.names[node.leftColumns[i]!]!])
          else if (right < node.rightColumns.length) {
            need(node.right, [node.right.schema.names[node.rightColumns[right]!]!])
          }
        }
        need(node.left, columnsIn(node.on.map(key => key.left)))
        need(node.right, columnsIn(node.on.map(key => key.right)))
        if (node.kind === 'join') {
          if (node.meets.kind === 'whole') break
          for (const side of [node.left, node.right]) if (side.time !== null) need(side, [side.time.column])
          break
        }
        need(node.left, columnsIn([node.times.left]))
        need(node.right, columnsIn([node.times.right]))
        break
      case 'union':
        for (const input of node.inputs) need(input, input.schema.names)
        break
      case 'map-batches':
      case 'async-map':
        need(node.input, node.input.schema.names)
        break
      case 'predict':
      case 'learn':
        need(node.input, keptOf(node.input, out))
        need(node.input, columnsIn(node.inputs))
        break
      case 'filter':
        need(node.input, out)
        need(node.input, columnsIn([node.predicate]))
        break
      case 'order-by':
        need(node.input, out)
        need(node.input, columnsIn(node.by.map(key => key.expr)))
        break
      case 'top':
        need(node.input, out)
        // rows that are taken back are told apart by all of their columns
        if (node.input.frameKind === 'updating') need(node.input, node.input.schema.names)
        need(node.input, columnsIn([...node.keys, ...node.by].map(key => key.expr)))
        break
      case 'over': {
        const items = node.items.filter(item => out.has(item.name))
        const passed = [...out].filter(name => !node.items.some(item => item.name === name))
        need(node.input, passed)
        if (out.size === 0) need(node.input, [node.input.schema.names[0]!])
        const read = columnsIn(items.map(item => item.expr))
        const calls = node.calls.filter(call => read.has(call.name))
        need(node.input, keptOf(node.input, read))
        need(node.input, columnsIn([...node.keys, ...calls, ...node.order].map(each => each.expr)))
        break
      }
      case 'limit':
      case 'skip':
      case 'tail':
      case 'sample-rows':
        need(node.input, out)
        break
      case 'row-index':
        need(node.input, keptOf(node.input, out))
        break
      case 'distinct':
        need(node.input, out)
        need(node.input, node.on)
        break
      case 'sample':
        need(node.input, out)
        if (node.by !== null) need(node.input, [node.by])
        break
      case 'unnest':
        need(node.input, keptOf(node.input, out))
        need(
          node.input,
          node.columns.map(column => column.name),
        )
        break
      case 'unpivot':
        need(node.input, keptOf(node.input, out))
        need(node.input, columnsIn(neededValues(node, out).flatMap(variant => variant.exprs)))
        break
      case 'upsert': // whether a row differs from the one before it is said by all columns
        need(node.input, node.input.schema.names)
        break
      case 'changes':
        need(node.input, keptOf(node.input, out))
        break
      case 'from-changes':
        if (out.size === 0) need(node, [node.schema.names[0]!]) // some column must carry the number of rows
        need(node.input, out)
        need(node.input, [node.name])
        break
      case 'final':
        need(node.input, out)
        break
      case 'watermark':
      case 'replay':
        need(node.input, out)
        need(node.input, [node.time!.column])
        break
    }
  }
  return needed
}

function keptOf(input: Node, names: ReadonlySet<string>): readonly string[] {
  return input.schema.names.filter(name => names.has(name))
}

/** The names of the columns that expressions read. */
function columnsIn(exprs: readonly Typed[]): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (expr: Typed): void => {
    if (expr.kind === 'column') names.add(expr.name)
    else operandsOf(expr).forEach(visit)
  }
  for (const expr of exprs) visit(expr)
  return names
}

function rebuilt(
  node: Node,
  needed: ReadonlySet<string>,
  made: ReadonlyMap<Node, Node>,
  users: ReadonlyMap<Node, number>,
  pushed: Pushed,
): Node {
  const at = (input: Node): Node => made.get(input)!
  switch (node.kind) {
    case 'read': {
      const fields = node.schema.fields.filter(field => needed.has(field.name))
      const least = fields.length > 0 ? fields : cheapest(node.schema)
      const where = pushed.get(node)
      if (least.length === node.schema.fields.length && where === undefined) return node
      return { ...node, schema: new Schema(least), ...(where !== undefined && { where }) }
    }
    case 'rejected': {
      const of = at(node.of)
      return of.kind === 'read' ? { ...node, of } : node
    }
    case 'late': {
      const of = at(node.of)
      return of.kind === 'window-aggregate' || of.kind === 'window-top' || of.kind === 'over'
        ? { ...node, of, schema: of.input.schema }
        : node
    }
    case 'process': {
      const input = at(node.input)
      const keys = node.keys.map(({ name, expr }) => ({ name, expr: bound(expr, input.schema) }))
      return { ...node, input, keys, broadcasts: node.broadcasts.map(each => ({ ...each, input: at(each.input) })) }
    }
    case 'process-side': {
      const of = at(node.of)
      return of.kind === 'process' ? { ...node, of } : node
    }
    case 'project':
      return changing(merged(pruned(node, needed, at(node.input)), users.get(node.input)!))
    case 'filter': {
      const input = at(node.input)
      const fields = input.schema.fields.filter(field => needed.has(field.name))
      const schema = withoutNulls(new Schema(fields.length > 0 ? fields : cheapest(input.schema)), node.present ?? [])
      return { ...node, input, schema, predicate: bound(node.predicate, input.schema) }
    }
    case 'aggregate':
    case 'window-aggregate': {
      const input = at(node.input)
      const items = (list: readonly Named[]): readonly Named[] =>
        list.map(({ name, expr }) => ({ name, expr: bound(expr, input.schema) }))
      return { ...node, input, keys: items(node.keys), aggregates: items(node.aggregates) }
    }
    case 'window-top': {
      const input = at(node.input)
      const bounds = node.schema.fields.slice(0, node.schema.fields.length - node.input.schema.fields.length)
      const schema = new Schema([...bounds, ...input.schema.fields])
      const by = node.by.map(key => ({ ...key, expr: bound(key.expr, input.schema) }))
      const keys = node.keys.map(({ name, expr }) => ({ name, expr: bound(expr, input.schema) }))
      return { ...node, input, schema, keys, by }
    }
    case 'order-by': {
      const input = at(node.input)
      const by = node.by.map(key => ({ ...key, expr: bound(key.expr, input.schema) }))
      return { ...node, input, schema: input.schema, by }
    }
    case 'top': {
      const input = at(node.input)
      const by = node.by.map(key => ({ ...key, expr: bound(key.expr, input.schema) }))
      const keys = node.keys.map(({ name, expr }) => ({ name, expr: bound(expr, input.schema) }))
      return { ...node, input, schema: input.schema, keys, by }
    }
    case 'over':
      return rebuiltOver(node, needed, at(node.input))
    case 'limit': {
      const input = at(node.input)
      if (input.kind === 'order-by' && users.get(node.input) === 1 && node.count > 0) {
        const { by } = input
        return { ...node, kind: 'top', input: input.input, schema: input.schema, keys: [], by }
      }
      return { ...node, input, schema: input.schema }
    }
    case 'skip':
    case 'tail':
    case 'sample-rows':
    case 'final':
    case 'watermark':
    case 'replay': {
      const input = at(node.input)
      return { ...node, input, schema: input.schema }
    }
    case 'row-index': {
      const input = at(node.input)
      const schema = new Schema([...input.schema.fields, node.schema.field(node.name, 'rowIndex')])
      return needed.has(node.name) ? { ...node, input, schema } : input
    }
    case 'changes': {
      const input = at(node.input)
      const kind = needed.has(node.name) ? [node.schema.field(node.name, 'changes')] : []
      return { ...node, input, schema: new Schema([...kind, ...input.schema.fields]) }
    }
    case 'upsert': {
      const input = at(node.input)
      const over = (expr: Typed | null): Typed | null => (expr === null ? null : bound(expr, input.schema))
      return { ...node, input, schema: input.schema, deleted: over(node.deleted), order: over(node.order) }
    }
    case 'from-changes':
      return { ...node, input: at(node.input), schema: node.schema.pick(keptOf(node, needed)) }
    case 'distinct':
    case 'sample': {
      const input = at(node.input)
      return { ...node, input, schema: input.schema.pick(keptOf(input, needed)) }
    }
    case 'unnest':
      return { ...node, input: at(node.input), schema: node.schema.pick(keptOf(node, needed)) }
    case 'unpivot':
      return rebuiltUnpivot(node, needed, at(node.input))
    case 'union':
      return { ...node, inputs: node.inputs.map(at) }
    case 'map-batches':
    case 'async-map':
      return { ...node, input: at(node.input) }
    case 'predict':
    case 'learn': {
      const input = at(node.input)
      const added = node.schema.fields.slice(node.input.schema.fields.length)
      const inputs = node.inputs.map(expr => bound(expr, input.schema))
      return { ...node, input, inputs, schema: new Schema([...input.schema.fields, ...added]) }
    }
    case 'join':
      return rebuiltJoin(node, needed, at(node.left), at(node.right))
    case 'as-of-join': {
      const [left, right] = [at(node.left), at(node.right)]
      const times = { left: bound(node.times.left, left.schema), right: bound(node.times.right, right.schema) }
      return { ...rebuiltJoin(node, needed, left, right), times }
    }
  }
}

/** Some column must stand for rows to be counted: one of fixed width, if there is one. */
function cheapest(schema: Schema): Schema['fields'] {
  const narrow = schema.fields.find(field =>
    ['bool', 'int32', 'date', 'float32', 'int64', 'float64', 'timestamp'].includes(field.type.kind),
  )
  return narrow === undefined ? schema.fields.slice(0, 1) : [narrow]
}

function pruned(node: Project, needed: ReadonlySet<string>, input: Node): Project {
  const fields = node.schema.fields.map((_, i) => i).filter(i => needed.has(node.schema.names[i]!))
  const exprs = fields.map(i => bound(node.exprs[i]!, input.schema))
  return { ...node, input, exprs, schema: new Schema(fields.map(i => node.schema.fields[i]!)) }
}

/** Puts an inner projection's expressions in their places, where none of them would be computed twice. */
function merged(node: Project, users: number): Project {
  const inner = node.input
  if (inner.kind !== 'project' || users > 1) return node
  const uses = new Map<number, number>()
  for (const expr of node.exprs) {
    visitColumns(expr, index => uses.set(index, (uses.get(index) ?? 0) + 1))
  }
  const simple = (expr: Typed): boolean => expr.kind === 'column' || expr.kind === 'literal'
  if (inner.exprs.some((expr, i) => !simple(expr) && (uses.get(i) ?? 0) > 1)) return node
  const exprs = node.exprs.map(expr => withColumns(expr, column => inner.exprs[column.index]!))
  return { ...node, input: inner.input, exprs }
}

/** A projection that only passes all columns on is not needed. */
function changing(node: Project): Node {
  const { input, exprs, schema } = node
  const passes = exprs.every((expr, i) => expr.kind === 'column' && expr.index === i && expr.name === schema.names[i])
  return passes && exprs.length === input.schema.fields.length ? input : node
}

/** Without the added columns that nobody needs; the node goes with the last of them. */
function rebuiltOver(node: Over, needed: ReadonlySet<string>, input: Node): Node {
  const kept = node.items.filter(item => needed.has(item.name))
  if (kept.length === 0) return input
  const read = columnsIn(kept.map(item => item.expr))
  const over = (list: readonly Named[], schema: Schema): readonly Named[] =>
    list.map(({ name, expr }) => ({ name, expr: bound(expr, schema) }))
  const calls = over(
    node.calls.filter(call => read.has(call.name)),
    input.schema,
  )
  const items = over(kept, new Schema([...input.schema.fields, ...calls.map(fieldOf)]))
  const order = node.order.map(key => ({ ...key, expr: bound(key.expr, input.schema) }))
  const added = new Set(node.items.map(item => item.name))
  const fields = node.schema.fields.filter(({ name }) => (added.has(name) ? needed : input.schema).has(name))
  const schema = new Schema(fields)
  return { ...node, input, keys: over(node.keys, input.schema), order, calls, items, schema }
}

function rebuiltJoin<J extends Join | AsOfJoin>(node: J, needed: ReadonlySet<string>, left: Node, right: Node): J {
  const width = node.leftColumns.length
  const end = width + node.rightColumns.length
  const { fields } = node.schema
  const kept = fields.map((_, i) => i).filter(i => needed.has(fields[i]!.name))
  const inLeft = (i: number): number => left.schema.indexOf(node.left.schema.names[node.leftColumns[i]!]!)
  const inRight = (i: number): number => right.schema.indexOf(node.right.schema.names[node.rightColumns[i - width]!]!)
  return {
    ...node,
    left,
    right,
    on: node.on.map(key => ({ left: bound(key.left, left.schema), right: bound(key.right, right.schema) })),
    leftColumns: kept.filter(i => i < width).map(inLeft),
    rightColumns: kept.filter(i => i >= width && i < end).map(inRight),
    schema: new Schema(kept.map(i => fields[i]!)),
  }
}

/** The variants of a row, of which only the values that somebody reads are computed. */
function neededValues(node: Unpivot, needed: ReadonlySet<string>): readonly UnpivotVariant[] {
  const values = node.schema.names.slice(node.kept.length + 1)
  return node.variants.map(({ label, exprs }) => ({ label, exprs: exprs.filter((_, k) => needed.has(values[k]!)) }))
}

function rebuiltUnpivot(node: Unpivot, needed: ReadonlySet<string>, input: Node): Unpivot {
  const variants = neededValues(node, needed).map(({ label, exprs }) => ({
    label,
    exprs: exprs.map(expr => bound(expr, input.schema)),
  }))
  const kept = node.kept.filter(name => needed.has(name))
  return { ...node, input, kept, variants, schema: node.schema.pick(keptOf(node, needed)) }
}

/** The same expression over a schema that has its columns at other positions. */
export function bound(expr: Typed, schema: Schema): Typed {
  return withColumns(expr, column => {
    const index = schema.indexOf(column.name)
    return index === column.index ? column : Object.freeze({ ...column, index })
  })
}

function visitColumns(expr: Typed, see: (index: number) => void): void {
  if (expr.kind === 'column') see(expr.index)
  else for (const operand of operandsOf(expr)) visitColumns(operand, see)
}

function withColumns(expr: Typed, change: (column: Extract<Typed, { kind: 'column' }>) => Typed): Typed {
  switch (expr.kind) {
    case 'column':
      return change(expr)
    case 'literal':
      return expr
    case 'cast':
      return Object.freeze({ ...expr, arg: withColumns(expr.arg, change) })
    case 'aggregate': {
      const args = expr.args.map(arg => withColumns(arg, change))
      return Object.freeze(
        expr.filter === undefined ? { ...expr, args } : { ...expr, args, filter: withColumns(expr.filter, change) },
      )
    }
    default:
      return Object.freeze({ ...expr, args: expr.args.map(arg => withColumns(arg, change)) })
  }
}
