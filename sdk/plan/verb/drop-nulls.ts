import { isNotNull } from '../../expr/catalogue/conditional.ts'
import { and } from '../../expr/catalogue/logic.ts'
import type { ExprNode } from '../../expr/node.ts'
import { filter } from '../build.ts'
import type { Filter, Node } from '../node.ts'
import { withoutNulls } from './present.ts'

/** The rows that have a value in each of the named columns, or in all; those columns are not nullable any more. */
export function dropNulls(input: Node, names: readonly string[]): Node {
  for (const name of names) input.schema.field(name, 'dropNulls')
  const looked = names.length === 0 ? input.schema.names : names
  const present = looked.filter(name => input.schema.field(name, 'dropNulls').nullable)
  if (present.length === 0) return input
  const tests = present.map((name): ExprNode => call(isNotNull, [{ kind: 'column', name }]))
  const kept: Filter = filter(
    input,
    tests.reduce((a, b) => call(and, [a, b])),
  )
  return Object.freeze({ ...kept, present: Object.freeze(present), schema: withoutNulls(input.schema, present) })
}

function call(fn: typeof isNotNull | typeof and, args: readonly ExprNode[]): ExprNode {
  return { kind: 'call', fn, args, options: {} }
}
