/**
 * Calls of every aggregate of the catalogue over the columns of the random rows. The laws run over all of them, and an
 * aggregate that is exported without an example does not pass the type check.
 */
import fc from 'fast-check'
import type * as catalogue from '../../../sdk/expr/catalogue/aggregate/index.ts'
import { count, type Cols } from '../../../sdk/expr/column.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { COLUMNS, row, type Row } from './random-expr.ts'
import { typed } from './table.ts'

type Example = (t: Cols<typeof COLUMNS>) => unknown

const EXAMPLES: { readonly [K in keyof typeof catalogue]: readonly Example[] } = {
  count: [t => t.s.count(), () => count()],
  sum: [t => t.i.sum(), t => t.l.sum(), t => t.p.sum(), t => t.x.sum(), t => t.f.sum(), t => t.r.sum()],
  mean: [t => t.j.mean(), t => t.f.mean(), t => t.x.mean(), t => t.p.mean()],
  min: [t => t.f.min(), t => t.s.min(), t => t.d.min()],
  max: [t => t.f.max(), t => t.s.max(), t => t.p.max()],
  stddev: [t => t.f.stddev(), t => t.f.stddev({ population: true })],
  variance: [t => t.f.variance(), t => t.i.variance(), t => t.h.variance({ population: true })],
  skewness: [t => t.f.skewness(), t => t.i.skewness({ population: true })],
  kurtosis: [t => t.f.kurtosis(), t => t.i.kurtosis({ population: true })],
  corr: [t => t.f.corr(t.g)],
  covariance: [t => t.f.covariance(t.g), t => t.j.covariance(t.p, { population: true })],
  slope: [t => t.f.slope(t.g), t => t.i.slope(t.q)],
  intercept: [t => t.f.intercept(t.g), t => t.i.intercept(t.q)],
  r2: [t => t.f.r2(t.g), t => t.i.r2(t.q)],
  product: [t => t.f.product(), t => t.b.product()],
  geometricMean: [t => t.f.geometricMean(), t => t.i.geometricMean()],
  weightedMean: [t => t.f.weightedMean(t.g), t => t.i.weightedMean(t.p)],
  bitwiseAnd: [t => t.j.bitwiseAnd(), t => t.l.bitwiseAnd(), t => t.b.bitwiseAnd()],
  bitwiseOr: [t => t.i.bitwiseOr(), t => t.l.bitwiseOr(), t => t.b.bitwiseOr()],
  bitwiseXor: [t => t.j.bitwiseXor(), t => t.l.bitwiseXor(), t => t.b.bitwiseXor()],
  any: [t => t.x.any()],
  all: [t => t.x.all()],
  countTrue: [t => t.x.countTrue()],
  first: [t => t.d.first(), t => t.s.first()],
  last: [t => t.x.last(), t => t.s.last()],
  countDistinct: [t => t.s.countDistinct(), t => t.f.countDistinct(), t => t.x.countDistinct()],
  approxCountDistinct: [t => t.s.approxCountDistinct(), t => t.b.approxCountDistinct({ precision: 4 })],
  quantile: [
    t => t.j.quantile(0.3),
    t => t.f.quantile(0.5),
    t => t.d.quantile(0.25),
    t => t.f.quantile(0.4, { interpolation: 'midpoint' }),
  ],
  argMin: [t => t.s.argMin(t.f), t => t.f.argMin(t.u)],
  argMax: [t => t.s.argMax(t.f), t => t.d.argMax(t.p)],
  smallest: [t => t.f.smallest(3), t => t.s.smallest(2), t => t.b.smallest(1)],
  largest: [t => t.f.largest(3), t => t.e.largest(2), t => t.p.largest(30)],
  collect: [t => t.s.collect(), t => t.f.collect({ distinct: true }), t => t.d.collect({ limit: 3 })],
  collectNulls: [t => t.j.collect({ nulls: true }), t => t.x.collect({ nulls: true, distinct: true })],
  joinText: [t => t.s.joinText(','), t => t.u.joinText('', { distinct: true, limit: 2 })],
  mode: [t => t.s.mode(), t => t.f.mode(), t => t.x.mode()],
  topK: [t => t.s.topK(2), t => t.f.topK(30)],
  entropy: [t => t.s.entropy(), t => t.f.entropy()],
  histogram: [t => t.f.histogram({ edges: [-1, 0, 2.5] }), t => t.f.histogram({ bins: 4 })],
  median: [t => t.i.median(), t => t.e.median(), t => t.r.median()],
  approxQuantile: [t => t.f.approxQuantile(0.3), t => t.i.approxQuantile(0.9, { compression: 20 })],
}

/** All of them, typed. */
export const examples: readonly Extract<Typed, { kind: 'aggregate' }>[] = Object.values(EXAMPLES).flatMap(all =>
  all.map(example => {
    const found = typed(COLUMNS, example)
    if (found.kind !== 'aggregate') throw new TypeError(`${found.kind} is no aggregate`)
    return found
  }),
)

/** Rows whose numbers are of like size, so that what is taken back leaves its rounding only. */
export const moderate: fc.Arbitrary<Row> = fc
  .tuple(row, fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 50 }))
  .map(([each, a, b]) => {
    const finite = (value: unknown, by: number): unknown => (value === null || !Number.isFinite(value) ? value : by)
    return {
      ...each,
      f: finite(each.f, a / 8),
      g: b / 4,
      h: finite(each.h, b / 2),
      i: a,
      j: finite(each.j, b),
      q: '2.5',
    }
  })
