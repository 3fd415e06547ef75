/**
 * The h2o db-benchmark's groupings on its data in memory, and a filter, a sort and two joins of the same table. Loading is
 * not measured; every answer is compared with the rival's. DuckDB's answers stay inside DuckDB.
 */
import { op, table, type ColumnTable } from 'arquero'
import { read, type BatchFrame, type Columns, type Table } from 'millrace'
import type { Bench, Case, Scale, Side } from './harness/bench.ts'
import { fingerprint, sameFingerprint } from './workload/fingerprint.ts'
import { fullRows, h2oFile, h2oRows, h2oSchema } from './workload/h2o.ts'
import { arqueroName, duckdb, duckdbColumns, duckdbName, hyparquetColumns, joined } from './workload/rivals.ts'

type H2o = typeof h2oSchema

/** The joins' right sides have every key but each tenth. */
interface Rights<T> {
  readonly small: T
  readonly medium: T
}

type Small = BatchFrame<{ id4: 'int32'; w: 'float64' }>
type Medium = BatchFrame<{ id6: 'int32'; w: 'float64' }>

interface Query {
  readonly name: string
  readonly ours: (t: Table<H2o>, small: Small, medium: Medium) => BatchFrame<Columns>
  readonly sql: string
  readonly arquero: (t: ColumnTable, rights: Rights<ColumnTable>) => ColumnTable
  /** The columns that are compared, those of the answer unless given, and which of them are keys. None: by position. */
  readonly compared?: readonly string[]
  readonly keys: readonly string[]
  /** The smallest ratios accepted. */
  readonly floors: { readonly arquero: number; readonly duckdb: number }
}

const queries: readonly Query[] = [
  {
    name: 'q1 sum by 100 texts',
    ours: t => t.groupBy('id1').aggregate(r => ({ v1: r.v1.sum() })),
    sql: 'select id1, sum(v1) v1 from t group by id1',
    arquero: t => t.groupby('id1').rollup({ v1: op.sum('v1') }),
    keys: ['id1'],
    floors: { arquero: 2, duckdb: 0.6 },
  },
  {
    name: 'q2 sum by two texts',
    ours: t => t.groupBy('id1', 'id2').aggregate(r => ({ v1: r.v1.sum() })),
    sql: 'select id1, id2, sum(v1) v1 from t group by id1, id2',
    arquero: t => t.groupby('id1', 'id2').rollup({ v1: op.sum('v1') }),
    keys: ['id1', 'id2'],
    floors: { arquero: 2, duckdb: 0.7 },
  },
  {
    name: 'q3 sum, mean by many texts',
    ours: t => t.groupBy('id3').aggregate(r => ({ v1: r.v1.sum(), v3: r.v3.mean() })),
    sql: 'select id3, sum(v1) v1, avg(v3) v3 from t group by id3',
    arquero: t => t.groupby('id3').rollup({ v1: op.sum('v1'), v3: op.mean('v3') }),
    keys: ['id3'],
    floors: { arquero: 2, duckdb: 0.45 },
  },
  {
    name: 'q4 three means by 100 ints',
    ours: t => t.groupBy('id4').aggregate(r => ({ v1: r.v1.mean(), v2: r.v2.mean(), v3: r.v3.mean() })),
    sql: 'select id4, avg(v1) v1, avg(v2) v2, avg(v3) v3 from t group by id4',
    arquero: t => t.groupby('id4').rollup({ v1: op.mean('v1'), v2: op.mean('v2'), v3: op.mean('v3') }),
    keys: ['id4'],
    floors: { arquero: 2, duckdb: 0.2 },
  },
  {
    name: 'q5 three sums by many ints',
    ours: t => t.groupBy('id6').aggregate(r => ({ v1: r.v1.sum(), v2: r.v2.sum(), v3: r.v3.sum() })),
    sql: 'select id6, sum(v1) v1, sum(v2) v2, sum(v3) v3 from t group by id6',
    arquero: t => t.groupby('id6').rollup({ v1: op.sum('v1'), v2: op.sum('v2'), v3: op.sum('v3') }),
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.35 },
  },
  {
    name: 'q7 max − min by many texts',
    ours: t => t.groupBy('id3').aggregate(r => ({ range: r.v1.max().sub(r.v2.min()) })),
    sql: 'select id3, max(v1) - min(v2) "range" from t group by id3',
    arquero: t => t.groupby('id3').rollup({ range: 'd => op.max(d.v1) - op.min(d.v2)' }),
    keys: ['id3'],
    floors: { arquero: 2, duckdb: 0.45 },
  },
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
    floors: { arquero: 1, duckdb: 0.3 },
  },
  {
    name: 'sort by a float',
    ours: t => t.orderBy('v3', 'id6', 'id5'),
    sql: 'select * from t order by v3, id6, id5',
    arquero: t => t.orderby('v3', 'id6', 'id5').reify(),
    compared: ['id6', 'v3'],
    keys: [],
    floors: { arquero: 1, duckdb: 0.3 },
  },
  {
    name: 'join 90 rows by int',
    ours: (t, small) => t.join(small, { on: 'id4' }),
    sql: 'select * from t join small using (id4)',
    arquero: (t, { small }) => t.join(small, 'id4'),
    compared: ['id6', 'v3', 'w'],
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.5 },
  },
  {
    name: 'join rows/111 rows by int',
    ours: (t, _, medium) => t.join(medium, { on: 'id6' }),
    sql: 'select * from t join medium using (id6)',
    arquero: (t, { medium }) => t.join(medium, 'id6'),
    compared: ['id6', 'v3', 'w'],
    keys: ['id6'],
    floors: { arquero: 2, duckdb: 0.35 },
  },
]

/** Number keys of the joins' right sides, from 1, without each tenth. */
const rightKeys = (keys: number): number[] =>
  Array.from({ length: keys }, (_, i) => i + 1).filter(key => key % 10 !== 0)

const keysOf = (scale: Scale): Rights<number[]> => ({
  small: rightKeys(100),
  medium: rightKeys(Math.floor(h2oRows(scale) / 100)),
})

const ours =
  (query: Query): Side =>
  async scale => {
    const t = await read.parquet(await h2oFile(h2oRows(scale), 'parquet'), { schema: h2oSchema }).collect()
    const { small, medium } = keysOf(scale)
    const rights = [
      read.rows(
        small.map(id4 => ({ id4, w: id4 / 2 })),
        { schema: { id4: 'int32', w: 'float64' } },
      ),
      read.rows(
        medium.map(id6 => ({ id6, w: id6 / 2 })),
        { schema: { id6: 'int32', w: 'float64' } },
      ),
    ] as const
    const frame = query.ours(t, ...rights)
    const first = await frame.collect()
    const answer = fingerprint(
      Object.fromEntries((query.compared ?? Object.keys(frame.schema)).map(name => [name, first.column(name)])),
      query.keys,
    )
    return async () => {
      await frame.collect()
      return answer
    }
  }

const arqueroSide =
  (query: Query): Side =>
  async scale => {
    const columns = await hyparquetColumns(await h2oFile(h2oRows(scale), 'parquet'))
    const typed = [...columns].map(([name, pieces]) => {
      const values = joined(pieces)
      if (typeof values[0] === 'string') return [name, values] as const
      return [
        name,
        name === 'v3' ? Float64Array.from(values as number[]) : Int32Array.from(values as number[]),
      ] as const
    })
    const t = table(typed)
    const { small, medium } = keysOf(scale)
    const right = (name: string, keys: readonly number[]): ColumnTable =>
      table({ [name]: Int32Array.from(keys), w: Float64Array.from(keys, key => key / 2) })
    const rights = { small: right('id4', small), medium: right('id6', medium) }
    const first = query.arquero(t, rights)
    const answer = fingerprint(
      Object.fromEntries((query.compared ?? first.columnNames()).map(name => [name, first.array(name)])),
      query.keys,
    )
    return () => {
      query.arquero(t, rights)
      return answer
    }
  }

const duckdbSide =
  (query: Query): Side =>
  async scale => {
    const file = await h2oFile(h2oRows(scale), 'parquet')
    const right = (name: string, key: string, keys: number): string =>
      `create table ${name} as select i::integer ${key}, i / 2 w from range(1, ${keys + 1}) r(i) where i % 10 <> 0`
    const db = await duckdb(
      `create table t as from '${file}'`,
      right('small', 'id4', 100),
      right('medium', 'id6', Math.floor(h2oRows(scale) / 100)),
    )
    const answer = fingerprint(
      await duckdbColumns(db, `select ${query.compared?.join() ?? '*'} from (${query.sql})`),
      query.keys,
    )
    return async () => {
      await db.run(query.sql)
      return answer
    }
  }

const size = fullRows.toExponential().replace('+', '')

export const bench: Bench = {
  name: 'h2o',
  cases: queries.flatMap((query): Case[] => {
    const against = { name: `${size}: ${query.name}`, metric: 'cpu s', rounds: 3, agree: sameFingerprint }
    return [
      {
        ...against,
        ours: ours(query),
        floor: query.floors.arquero,
        rival: { name: arqueroName, side: arqueroSide(query) },
      },
      {
        ...against,
        ours: ours(query),
        floor: query.floors.duckdb,
        rival: { name: duckdbName, side: duckdbSide(query) },
      },
    ]
  }),
}
