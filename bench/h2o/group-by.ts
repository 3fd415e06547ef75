/** The groupings of the h2o db-benchmark, numbered as there. */
import { desc, op } from 'arquero'
import { count } from 'millrace'
import type { Query } from './query.ts'

export const groupBys: readonly Query[] = [
  {
    name: 'q1 sum by 100 texts',
    ours: t => t.groupBy('id1').aggregate(r => ({ v1: r.v1.sum() })),
    sql: 'select id1, sum(v1) v1 from t group by id1',
    arquero: t => t.groupby('id1').rollup({ v1: op.sum('v1') }),
    keys: ['id1'],
    floors: { arquero: 2, duckdb: 0.6, large: 0.45 },
  },
  {
    name: 'q2 sum by two texts',
    ours: t => t.groupBy('id1', 'id2').aggregate(r => ({ v1: r.v1.sum() })),
    sql: 'select id1, id2, sum(v1) v1 from t group by id1, id2',
    arquero: t => t.groupby('id1', 'id2').rollup({ v1: op.sum('v1') }),
    keys: ['id1', 'id2'],
    floors: { arquero: 2, duckdb: 0.7, large: 1.2 },
  },
  {
    name: 'q3 sum, mean by many texts',
    ours: t => t.groupBy('id3').aggregate(r => ({ v1: r.v1.sum(), v3: r.v3.mean() })),
    sql: 'select id3, sum(v1) v1, avg(v3) v3 from t group by id3',
    arquero: t => t.groupby('id3').rollup({ v1: op.sum('v1'), v3: op.mean('v3') }),
    keys: ['id3'],
    floors: { arquero: 2, duckdb: 0.6, large: 1 },
  },
  {
    name: 'q4 three means by 100 ints',
    ours: t => t.groupBy('id4').aggregate(r => ({ v1: r.v1.mean(), v2: r.v2.mean(), v3: r.v3.mean() })),
    sql: 'select id4, avg(v1) v1, avg(v2) v2, avg(v3) v3 from t group by id4',
    arquero: t => t.groupby('id4').rollup({ v1: op.mean('v1'), v2: op.mean('v2'), v3: op.mean('v3') }),
    keys: ['id4'],
    floors: { arquero: 2, duckdb: 0.4, large: 0.5 },
  },
  {
    name: 'q5 three sums by many ints',
    ours: t => t.groupBy('id6').aggregate(r => ({ v1: r.v1.sum(), v2: r.v2.sum(), v3: r.v3.sum() })),
    sql: 'select id6, sum(v1) v1, sum(v2) v2, sum(v3) v3 from t group by id6',
    arquero: t => t.groupby('id6').rollup({ v1: op.sum('v1'), v2: op.sum('v2'), v3: op.sum('v3') }),
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.6, large: 0.6 },
  },
  {
    name: 'q6 median, deviation by two ints',
    ours: t => t.groupBy('id4', 'id5').aggregate(r => ({ median: r.v3.quantile(0.5), sd: r.v3.stddev() })),
    sql: 'select id4, id5, median(v3) median, stddev(v3) sd from t group by id4, id5',
    arquero: t => t.groupby('id4', 'id5').rollup({ median: op.median('v3'), sd: op.stdev('v3') }),
    keys: ['id4', 'id5'],
    floors: { arquero: 2, duckdb: 0.3, large: 0.25 },
  },
  {
    name: 'q7 max − min by many texts',
    ours: t => t.groupBy('id3').aggregate(r => ({ range: r.v1.max().sub(r.v2.min()) })),
    sql: 'select id3, max(v1) - min(v2) "range" from t group by id3',
    arquero: t => t.groupby('id3').rollup({ range: 'd => op.max(d.v1) - op.min(d.v2)' }),
    keys: ['id3'],
    floors: { arquero: 2, duckdb: 0.6, large: 1.2 },
  },
  {
    name: 'q8 greatest two by many ints',
    ours: t =>
      t
        .select('id6', 'v3')
        .groupBy('id6')
        .top(2, r => r.v3.desc()),
    sql: 'select id6, v3 from (select id6, v3, row_number() over (partition by id6 order by v3 desc) n from t) where n <= 2',
    arquero: t => t.groupby('id6').orderby(desc('v3')).filter('d => op.row_number() <= 2').select('id6', 'v3').reify(),
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.25, large: 0.4 },
  },
  {
    name: 'q9 correlation² by text and int',
    ours: t => t.groupBy('id2', 'id4').aggregate(r => ({ r2: r.v1.corr(r.v2).mul(r.v1.corr(r.v2)) })),
    sql: 'select id2, id4, pow(corr(v1, v2), 2) r2 from t group by id2, id4',
    arquero: t => t.groupby('id2', 'id4').rollup({ r2: 'd => op.corr(d.v1, d.v2) ** 2' }),
    keys: ['id2', 'id4'],
    floors: { arquero: 2, duckdb: 0.5, large: 0.6 },
  },
  {
    name: 'q10 sum, count by all six keys',
    ours: t => t.groupBy('id1', 'id2', 'id3', 'id4', 'id5', 'id6').aggregate(r => ({ v3: r.v3.sum(), count: count() })),
    sql: 'select id1, id2, id3, id4, id5, id6, sum(v3) v3, count(*) count from t group by all',
    arquero: t => t.groupby('id1', 'id2', 'id3', 'id4', 'id5', 'id6').rollup({ v3: op.sum('v3'), count: op.count() }),
    compared: ['id6', 'v3', 'count'],
    keys: ['id6'],
    floors: { arquero: 3, duckdb: 0.15, large: 0.3 },
  },
]
