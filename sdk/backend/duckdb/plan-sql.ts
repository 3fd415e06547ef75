import type { Node, Read } from '../../plan/node.ts'
import { inputsOf } from '../../plan/build.ts'
import { nodeSql, tableRefusal } from './node-sql.ts'

/** A plan as one query of DuckDB. What several nodes read is computed once, as a common table; reads are tables. */
export interface PlanSql {
  readonly sql: string
  /** The tables that must be there first. */
  readonly reads: readonly Read[]
}

/** Every node of the plan is one that {@link refusesNode} lets pass. `tableOf` names the table of a read. */
export function planSql(plan: Node, tableOf: (read: Read) => string): PlanSql {
  const users = new Map<Node, number>()
  const count = (node: Node): void => {
    const before = users.get(node) ?? 0
    users.set(node, before + 1)
    if (before === 0) inputsOf(node).forEach(count)
  }
  count(plan)
  const reads: Read[] = []
  const common: string[] = []
  const known = new Map<Node, string>()
  /** What stands after FROM. */
  const from = (node: Node): string => {
    const found = known.get(node)
    if (found !== undefined) return found
    const made = node.kind === 'read' ? tableOf(node) : query(node)
    if (node.kind === 'read') reads.push(node)
    known.set(node, made)
    return made
  }
  const query = (node: Node): string => {
    const sql = nodeSql(node, inputsOf(node).map(from))
    if (typeof sql !== 'string') throw new TypeError(sql.refused)
    if (users.get(node) === 1) return `(${sql})`
    const name = `common_${common.length}`
    common.push(`${name} AS MATERIALIZED (${sql})`)
    return name
  }
  const source = from(plan)
  return { sql: `${common.length > 0 ? `WITH ${common.join(', ')} ` : ''}SELECT * FROM ${source}`, reads }
}

/** Why DuckDB cannot run a node, or null when it can. */
export function refusesNode(node: Node): string | null {
  if (node.frameKind !== 'batch') return 'DuckDB takes batches, and this frame goes on'
  if (node.kind === 'read') return tableRefusal(node)
  const found = nodeSql(
    node,
    inputsOf(node).map((_, i) => `input_${i}`),
  )
  return typeof found === 'string' ? null : found.refused
}
