import { count } from '../../expr/catalogue/aggregate/index.ts'
import type { ExprNode } from '../../expr/node.ts'
import { aggregate, orderBy, type NamedExpr } from '../build.ts'
import type { Node } from '../node.ts'

/** How many rows each combination of values has, the most frequent first, and of equal counts by the values. */
export function countBy(input: Node, keys: readonly NamedExpr[]): Node {
  const rows: ExprNode = { kind: 'aggregate', fn: count, args: [], options: {} }
  const counted = aggregate(input, keys, [{ name: 'count', expr: rows }])
  const column = (name: string): ExprNode => ({ kind: 'column', name })
  return orderBy(counted, [
    { expr: column('count'), descending: true },
    ...keys.map(({ name }) => ({ expr: column(name), descending: false })),
  ])
}
