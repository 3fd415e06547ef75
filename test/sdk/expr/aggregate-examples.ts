/**
 * Calls of every aggregate of the catalogue over the columns of the random rows. The laws run over all of them, and an
 * aggregate that is exported without an example does not pass the type check.
 */
import type * as catalogue from '../../../sdk/expr/catalogue/aggregate/index.ts'
import { count, type Cols } from '../../../sdk/expr/column.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { COLUMNS } from './random-expr.ts'
import { typed } from './table.ts'

type Example = (t: Cols<typeof COLUMNS>) => unknown

const EXAMPLES: { readonly [K in keyof typeof catalogue]: readonly Example[] } = {
  count: [t => t.s.count(), () => count()],
  sum: [t => t.i.sum(), t => t.l.sum(), t => t.p.sum(), t => t.x.sum(), t => t.f.sum(), t => t.r.sum()],
  mean: [t => t.j.mean(), t => t.f.mean(), t => t.x.mean(), t => t.p.mean()],
  min: [t => t.f.min(), t => t.s.min(), t => t.d.min()],
  max: [t => t.f.max(), t => t.s.max(), t => t.p.max()],
  stddev: [t => t.f.stddev()],
  variance: [t => t.f.variance(), t => t.i.variance()],
  corr: [t => t.f.corr(t.g)],
  first: [t => t.d.first(), t => t.s.first()],
  last: [t => t.x.last(), t => t.s.last()],
  countDistinct: [t => t.s.countDistinct(), t => t.f.countDistinct(), t => t.x.countDistinct()],
  quantile: [t => t.j.quantile(0.3), t => t.f.quantile(0.5)],
}

/** All of them, typed. */
export const examples: readonly Extract<Typed, { kind: 'aggregate' }>[] = Object.values(EXAMPLES).flatMap(all =>
  all.map(example => {
    const found = typed(COLUMNS, example)
    if (found.kind !== 'aggregate') throw new TypeError(`${found.kind} is no aggregate`)
    return found
  }),
)
