/** Verbs over the rows of the h2o table that neither group nor join them: filters and orders. */
import { desc, op, rolling } from 'arquero'
import { rowNumber } from 'millrace'
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
    floors: { arquero: 2, duckdb: 0.3, large: 0.5 },
  },
  {
    name: 'sort by a float',
    ours: t => t.orderBy('v3', 'id6', 'id5'),
    sql: 'select * from t order by v3, id6, id5',
    arquero: t => t.orderby('v3', 'id6', 'id5').reify(),
    compared: ['id6', 'v3'],
    keys: [],
    floors: { arquero: 1.7, duckdb: 0.3, large: 0.45 },
  },
  {
    name: 'first 100 by a float',
    ours: t => t.top(100, r => r.v3.desc(), 'id6', 'id5'),
    sql: 'select * from t order by v3 desc, id6, id5 limit 100',
    arquero: t => t.orderby(desc('v3'), 'id6', 'id5').slice(0, 100).reify(),
    compared: ['id6', 'v3'],
    keys: [],
    floors: { arquero: 6, duckdb: 1, large: 2 },
  },
  {
    name: 'row number by 100 texts',
    ours: t => t.groupBy('id1').over(() => ({ n: rowNumber() }), { orderBy: 'v3' }),
    sql: 'select *, row_number() over (partition by id1 order by v3) n from t',
    arquero: t => t.groupby('id1').orderby('v3').derive({ n: op.row_number() }).reify(),
    compared: ['v3', 'n'],
    keys: ['v3'],
    floors: { arquero: 2, duckdb: 0.5, large: 0.5 },
  },
  {
    name: 'mean of 7 rows by 100 texts',
    ours: t => t.groupBy('id1').over(r => ({ m: r.v3.mean() }), { orderBy: 'v3', rows: 7 }),
    sql: 'select *, avg(v3) over (partition by id1 order by v3 rows 6 preceding) m from t',
    arquero: t =>
      t
        .groupby('id1')
        .orderby('v3')
        .derive({ m: rolling((d: { v3: number }) => op.mean(d.v3), [-6, 0]) })
        .reify(),
    compared: ['v3', 'm'],
    keys: ['v3'],
    floors: { arquero: 2, duckdb: 0.5, large: 0.5 },
  },
]
