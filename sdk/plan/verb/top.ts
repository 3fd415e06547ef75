import { PlanError } from '../../data/errors.ts'
import { inherited, keysOf, sortKeysOf, type NamedExpr, type SortExpr } from '../build.ts'
import type { Node, Top } from '../node.ts'

/** The first `count` rows of an order, of each group or, without keys, of all rows. On a stream they change. */
export function top(input: Node, keys: readonly NamedExpr[], count: number, by: readonly SortExpr[]): Top {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new PlanError('bad-count', `top needs a whole number of rows, found ${String(count)}`)
  }
  return Object.freeze({
    ...inherited(input),
    kind: 'top',
    input,
    keys: keysOf(input, keys),
    by: sortKeysOf(input, by, 'top'),
    count,
    frameKind: input.frameKind === 'batch' ? 'batch' : 'updating',
    time: input.frameKind === 'batch' ? input.time : null,
  })
}
