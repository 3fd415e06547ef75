/** Joins of the h2o table with smaller ones, on a number key that most rows find. */
import type { Query } from './query.ts'

export const joins: readonly Query[] = [
  {
    name: 'join 90 rows by int',
    ours: (t, small) => t.join(small, { on: 'id4' }),
    sql: 'select * from t join small using (id4)',
    arquero: (t, { small }) => t.join(small, 'id4'),
    compared: ['id6', 'v3', 'w'],
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.5, large: 0.67 },
  },
  {
    name: 'join rows/111 rows by int',
    ours: (t, _, medium) => t.join(medium, { on: 'id6' }),
    sql: 'select * from t join medium using (id6)',
    arquero: (t, { medium }) => t.join(medium, 'id6'),
    compared: ['id6', 'v3', 'w'],
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.35, large: 0.67 },
  },
]
