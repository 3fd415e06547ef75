/** Joins of the h2o table with smaller ones and one of its size, on a number key that most rows find. */
import type { Query } from './query.ts'

export const joins: readonly Query[] = [
  {
    name: 'join 90 rows by int',
    ours: (t, { small }) => t.join(small, { on: 'id4' }),
    sql: 'select * from t join small using (id4)',
    arquero: (t, { small }) => t.join(small, 'id4'),
    compared: ['id6', 'v3', 'w'],
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.5, large: 0.25 },
  },
  {
    name: 'join rows/111 rows by int',
    ours: (t, { medium }) => t.join(medium, { on: 'id6' }),
    sql: 'select * from t join medium using (id6)',
    arquero: (t, { medium }) => t.join(medium, 'id6'),
    compared: ['id6', 'v3', 'w'],
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.35, large: 0.25 },
  },
  {
    name: 'join as many rows by int',
    ours: (t, { big }) =>
      t.derive(r => ({ id7: r.id6.sub(1).mul(100).add(r.id4).cast('int32') })).join(big, { on: 'id7' }),
    sql: 'select * from (select *, (id6 - 1) * 100 + id4 id7 from t) join big using (id7)',
    arquero: (t, { big }) => t.derive({ id7: 'd => (d.id6 - 1) * 100 + d.id4' }).join(big, 'id7'),
    compared: ['id7', 'v3', 'w'],
    keys: ['id7'],
    floors: { arquero: 2, duckdb: 0.35, large: 0.67 },
  },
]
