/** Verbs over the rows of the h2o table that neither group nor join them: filters and orders. */
import type { Query } from './query.ts'

export const orders: readonly Query[] = [
  {
    name: 'filter half, derive',
    ours: t =>
      t
        .filter(r => r.v3.gt(50))
        .derive(r => ({ x: r.v1.mul(r.v3).add(r.v2) }))
        .select('id1', 'id6', 'x'),
    sql: 'select id1, id6, v1 * v3 + v2 x from t where v3 > 50',
    arquero: t => t.filter('d => d.v3 > 50').derive({ x: 'd => d.v1 * d.v3 + d.v2' }).select('id1', 'id6', 'x').reify(),
    compared: ['id6', 'x'],
    keys: ['id6'],
    floors: { arquero: 1, duckdb: 0.3, large: 1 },
  },
  {
    name: 'sort by a float',
    ours: t => t.orderBy('v3', 'id6', 'id5'),
    sql: 'select * from t order by v3, id6, id5',
    arquero: t => t.orderby('v3', 'id6', 'id5').reify(),
    compared: ['id6', 'v3'],
    keys: [],
    floors: { arquero: 1, duckdb: 0.3, large: 0.5 },
  },
]
