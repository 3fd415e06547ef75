import { PlanError } from '../../data/errors.ts'
import { max, min } from '../../expr/catalogue/aggregate/index.ts'
import { eq } from '../../expr/catalogue/comparison.ts'
import { and } from '../../expr/catalogue/logic.ts'
import { scalar } from '../../data/type.ts'
import type { ExprNode } from '../../expr/node.ts'
import { aggregate, filter, kindText, project, reference, select, union } from '../build.ts'
import type { Node } from '../node.ts'

/**
 * Rows of one frame that are in another one too, or that are not, each once: the set operations of SQL. Null equals
 * null here. Both sides go through one grouping by all columns, which notes the sides that a row came from.
 */
export function compareRows(verb: 'intersect' | 'except', left: Node, right: Node): Node {
  for (const node of [left, right]) {
    if (node.frameKind === 'batch') continue
    const text = `${verb} needs all rows of both frames, but one of them is ${kindText(node.frameKind)}`
    throw new PlanError('not-batch', text)
  }
  const names = left.schema.names
  const [least, most] = [unused(left, 'side'), unused(left, 'last')]
  const both = union([sided(left, least, 0), sided(right, least, 1)])
  const keys = names.map(name => ({ name, expr: { kind: 'column', name } as const }))
  const sides = aggregate(both, keys, [
    { name: least, expr: { kind: 'aggregate', fn: min, args: [{ kind: 'column', name: least }], options: {} } },
    { name: most, expr: { kind: 'aggregate', fn: max, args: [{ kind: 'column', name: least }], options: {} } },
  ])
  const is = (name: string, value: number): ExprNode => ({
    kind: 'call',
    fn: eq,
    args: [
      { kind: 'column', name },
      { kind: 'literal', value },
    ],
    options: {},
  })
  const args = [is(least, 0), is(most, verb === 'intersect' ? 1 : 0)]
  return select(filter(sides, { kind: 'call', fn: and, args, options: {} }), names)
}

/** The rows with the number of their side beside them. */
function sided(node: Node, name: string, side: number): Node {
  const columns = node.schema.names.map(each => ({ name: each, expr: reference(node, each, 'union') }))
  const number = { kind: 'literal', value: side, type: scalar('int32'), nullable: false, grain: 'constant' } as const
  return project(node, [...columns, { name, expr: number }])
}

/** A name that no column has. */
function unused(node: Node, name: string): string {
  return node.schema.has(name) ? unused(node, `${name}_`) : name
}
