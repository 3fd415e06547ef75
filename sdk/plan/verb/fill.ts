import { PlanError } from '../../data/errors.ts'
import { first, last } from '../../expr/catalogue/aggregate/index.ts'
import { reference, type NamedExpr, type SortExpr } from '../build.ts'
import type { Node } from '../node.ts'
import { over } from './over.ts'

/**
 * Puts the nearest value that is not null in the place of each null: the one before (`forward`) or after, in the order of
 * the rows' group, which is that of arrival unless given. It is an `over` of the last value up to the row.
 */
export function fill(
  input: Node,
  keys: readonly NamedExpr[],
  direction: 'forward' | 'backward',
  names: readonly string[],
  orderBy: readonly SortExpr[],
): Node {
  const verb = direction === 'forward' ? 'fillForward' : 'fillBackward'
  if (names.length === 0) throw new PlanError('no-columns', `${verb} needs the name of at least one column`)
  for (const name of names) {
    if (keys.some(key => key.name === name)) {
      throw new PlanError('duplicate-column', `${verb}: "${name}" is the group key, whose nulls are one group`)
    }
  }
  const fn = direction === 'forward' ? last : first
  const gaps = [...new Set(names)].filter(name => reference(input, name, verb).nullable)
  const items = gaps.map((name): NamedExpr => {
    return { name, expr: { kind: 'aggregate', fn, args: [{ kind: 'column', name }], options: {} } }
  })
  if (items.length === 0 && input.frameKind === 'batch') return input
  return over(input, keys, items, { orderBy, rows: direction === 'forward' ? ['all', 0] : [0, 'all'] }, verb)
}
