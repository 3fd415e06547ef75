import type { Value } from '../data/column.ts'
import type { DataType } from '../data/type.ts'
import { operandsOf, type Typed } from '../expr/node.ts'
import { inputsOf } from './build.ts'
import type { Node, Read } from './node.ts'
import type { Comparison, Condition } from './port.ts'

/**
 * What filters say about the columns of the sources below them. The parts of a filter's conjunction that compare a
 * stored column with literals are handed to the read, so that a source can leave out row groups or files in which no row
 * meets them. The filter stays where it is: what a source makes of a condition never decides over a row.
 */

/**
 * The conditions that all rows wanted from each read meet, for the reads that have some. Only what a single user sees is
 * pushed: a read that others share must give them all of its rows.
 */
export function pushedConditions(order: readonly Node[], users: ReadonlyMap<Node, number>): Pushed {
  const pushed = new Map<Read, readonly Condition[]>()
  for (const node of order) {
    if (node.kind !== 'filter') continue
    const conditions = conjuncts(node.predicate).flatMap(conditionOf)
    if (conditions.length === 0) continue
    const found = sunk(node.input, conditions, users)
    if (found !== null) pushed.set(found.read, [...(pushed.get(found.read) ?? []), ...found.conditions])
  }
  return pushed
}

export type Pushed = ReadonlyMap<Read, readonly Condition[]>

/** How many readers each node has: other nodes, and the outputs. */
export function countUsers(plans: readonly Node[], order: readonly Node[]): ReadonlyMap<Node, number> {
  const users = new Map<Node, number>()
  for (const node of [...plans, ...order.flatMap(inputsOf)]) users.set(node, (users.get(node) ?? 0) + 1)
  return users
}

/** Follows conditions down to a read, by the names that their columns have there; null where none arrives. */
function sunk(
  from: Node,
  wanted: readonly Condition[],
  users: ReadonlyMap<Node, number>,
): { read: Read; conditions: readonly Condition[] } | null {
  let conditions = wanted
  for (let node = from; conditions.length > 0 && users.get(node) === 1; node = node.input) {
    switch (node.kind) {
      case 'read':
        return { read: node, conditions }
      case 'project': {
        const { exprs, schema } = node
        conditions = conditions.flatMap(condition => {
          const expr = exprs[schema.indexOf(condition.column)]!
          return expr.kind === 'column' ? [{ ...condition, column: expr.name }] : []
        })
        break
      }
      case 'filter':
      case 'order-by':
        break
      case 'watermark':
        // on a stream the rows that a filter drops move the watermark all the same
        if (node.frameKind !== 'batch') return null
        break
      default:
        return null
    }
  }
  return null
}

/** The parts of a predicate that must all hold. */
function conjuncts(predicate: Typed): readonly Typed[] {
  return predicate.kind === 'call' && predicate.fn.name === 'and' ? predicate.args.flatMap(conjuncts) : [predicate]
}

const MIRRORED: Readonly<Record<Exclude<Comparison, 'isIn' | 'isNull' | 'isNotNull'>, Comparison>> = {
  eq: 'eq',
  lt: 'gt',
  le: 'ge',
  gt: 'lt',
  ge: 'le',
}

function conditionOf(expr: Typed): readonly Condition[] {
  if (expr.kind !== 'call') return []
  const [first, ...rest] = operandsOf(expr)
  const { name } = expr.fn
  if (first === undefined) return []
  const column = storedColumn(first)
  if (name === 'isNull' || name === 'isNotNull') return column === null ? [] : [{ column, is: name, values: [] }]
  if (name === 'isIn' && column !== null) {
    const values = rest.map(literalOf)
    return values.every(value => value !== null) ? [{ column, is: 'isIn', values }] : []
  }
  if (!isMirrored(name) || rest.length !== 1) return []
  const literal = literalOf(rest[0]!)
  if (column !== null && literal !== null) return [{ column, is: name, values: [literal] }]
  const [mirrored, value] = [storedColumn(rest[0]!), literalOf(first)]
  return mirrored !== null && value !== null ? [{ column: mirrored, is: MIRRORED[name], values: [value] }] : []
}

function isMirrored(name: string): name is keyof typeof MIRRORED {
  return Object.hasOwn(MIRRORED, name)
}

function literalOf(expr: Typed): Value {
  return expr.kind === 'literal' ? expr.value : null
}

/** The name of a column, also where its number was brought to a wider type, which changes neither it nor the order. */
function storedColumn(expr: Typed): string | null {
  if (expr.kind === 'column') return expr.name
  if (expr.kind !== 'cast' || expr.arg.kind !== 'column') return null
  return NUMBERS.has(expr.arg.type.kind) && WIDE.has(expr.type.kind) ? expr.arg.name : null
}

const NUMBERS: ReadonlySet<DataType['kind']> = new Set(['int32', 'int64', 'float32'])
const WIDE: ReadonlySet<DataType['kind']> = new Set(['int64', 'float64'])

/** A condition as explain writes it. */
export function conditionText({ column, is, values }: Condition): string {
  const texts = values.map(value => (typeof value === 'string' ? JSON.stringify(value) : shown(value)))
  if (is === 'isNull' || is === 'isNotNull') return `${column}.${is}()`
  return `${column}.${is}(${is === 'isIn' ? `[${texts.join(', ')}]` : texts.join(', ')})`
}

function shown(value: Value): string {
  return typeof value === 'object' ? '…' : String(value)
}
