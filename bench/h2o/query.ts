/**
 * A query of the h2o table against its rivals. Loading is not measured; every answer is compared with the rival's, and
 * DuckDB's stay inside DuckDB. Up to {@link LARGE} rows the rivals are arquero and DuckDB; above, where arquero takes
 * minutes, DuckDB alone, whose texts are then ENUMs: dictionary coded as ours are.
 */
import { table, type ColumnTable } from 'arquero'
import { read, type BatchFrame, type Table } from 'millrace'
import type { Case, Scale, Side } from '../harness/bench.ts'
import { fingerprint, fingerprintOf, sameFingerprint } from '../workload/fingerprint.ts'
import { arqueroName, duckdb, duckdbName, duckdbPieces, hyparquetColumns, joined } from '../workload/rivals.ts'
import { fullRows, h2oFile, h2oRows, h2oSchema } from './table.ts'

/** The joins' right sides have every key but each tenth: of 100, of rows/100 and of as many as there are rows. */
interface Rights<T, U = T, V = T> {
  readonly small: T
  readonly medium: U
  readonly big: V
}

type Right<Key extends string> = BatchFrame<Record<Key, 'int32'> & { w: 'float64' }>

/** A frame, whatever its columns. */
interface Answer {
  readonly schema: object
  collect(): Promise<{ column(name: string): ArrayLike<unknown> }>
}

export interface Query {
  readonly name: string
  readonly ours: (t: Table<typeof h2oSchema>, rights: Rights<Right<'id4'>, Right<'id6'>, Right<'id7'>>) => Answer
  readonly sql: string
  /** Left out where arquero has no such verb. */
  readonly arquero?: (t: ColumnTable, rights: Rights<ColumnTable>) => ColumnTable
  /** The columns that are compared, those of the answer unless given, and which of them are keys. None: by position. */
  readonly compared?: readonly string[]
  readonly keys: readonly string[]
  /** The smallest ratios accepted: up to {@link LARGE} rows, and above. */
  readonly floors: { readonly arquero?: number; readonly duckdb: number; readonly large: number }
}

const LARGE = 2e6

/** Number keys of the joins' right sides, from 1, without each tenth. */
const rightKeys = (keys: number): number[] =>
  Array.from({ length: keys }, (_, i) => i + 1).filter(key => key % 10 !== 0)

/** The largest is made for the queries that join it alone. */
const joinsBig = ({ sql }: Query): boolean => sql.includes('join big')

const keysOf = (query: Query, scale: Scale): Rights<number[]> => ({
  small: rightKeys(100),
  medium: rightKeys(Math.floor(h2oRows(scale) / 100)),
  big: joinsBig(query) ? rightKeys(h2oRows(scale)) : [],
})

const ours =
  (query: Query): Side =>
  async scale => {
    const t = await read.parquet(await h2oFile(h2oRows(scale), 'parquet'), { schema: h2oSchema }).collect()
    const { small, medium, big } = keysOf(query, scale)
    const halves = (keys: number[]): number[] => keys.map(key => key / 2)
    const one = read.rows([{}])
    const rights = {
      small: await one.mapBatches({ id4: 'int32', w: 'float64' }, () => ({ id4: small, w: halves(small) })).collect(),
      medium: await one
        .mapBatches({ id6: 'int32', w: 'float64' }, () => ({ id6: medium, w: halves(medium) }))
        .collect(),
      big: await one.mapBatches({ id7: 'int32', w: 'float64' }, () => ({ id7: big, w: halves(big) })).collect(),
    }
    const frame = query.ours(t, rights)
    const first = await frame.collect()
    const names = query.compared ?? Object.keys(frame.schema)
    const answer = fingerprint(Object.fromEntries(names.map(name => [name, first.column(name)])), query.keys)
    return async () => {
      await frame.collect()
      return answer
    }
  }

const arqueroSide =
  (query: Query, run: NonNullable<Query['arquero']>): Side =>
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
    const { small, medium, big } = keysOf(query, scale)
    const right = (name: string, keys: readonly number[]): ColumnTable =>
      table({ [name]: Int32Array.from(keys), w: Float64Array.from(keys, key => key / 2) })
    const rights = { small: right('id4', small), medium: right('id6', medium), big: right('id7', big) }
    const first = run(t, rights)
    const names = query.compared ?? first.columnNames()
    const answer = fingerprint(Object.fromEntries(names.map(name => [name, first.array(name)])), query.keys)
    return () => {
      run(t, rights)
      return answer
    }
  }

const duckdbSide =
  (query: Query, large: boolean): Side =>
  async scale => {
    const file = await h2oFile(h2oRows(scale), 'parquet')
    const right = (name: string, key: string, keys: number): string =>
      `create table ${name} as select i::integer ${key}, i / 2 w from range(1, ${keys + 1}) r(i) where i % 10 <> 0`
    const texts = large ? ['id1', 'id2', 'id3'] : []
    const coded = texts.map(name => `${name}::${name}s as ${name}`).join()
    const db = await duckdb(
      ...texts.map(name => `create type ${name}s as enum (select distinct ${name} from '${file}' order by 1)`),
      `create table t as select * ${large ? `replace (${coded})` : ''} from '${file}'`,
      right('small', 'id4', 100),
      right('medium', 'id6', Math.floor(h2oRows(scale) / 100)),
      ...(joinsBig(query) ? [right('big', 'id7', h2oRows(scale))] : []),
    )
    const compared = `select ${query.compared?.join() ?? '*'} from (${query.sql})`
    const answer = await fingerprintOf(duckdbPieces(db, compared), query.keys)
    return async () => {
      await db.run(query.sql)
      return answer
    }
  }

const size = fullRows.toExponential().replace('+', '')

/** What is claimed of a query at the size that is asked for. */
export function casesOf(query: Query): Case[] {
  const against = { name: `${size}: ${query.name}`, metric: 'cpu s', rounds: 3, agree: sameFingerprint }
  const { arquero, floors } = query
  if (fullRows > LARGE) {
    const rival = { name: `${duckdbName}, ENUM texts`, side: duckdbSide(query, true) }
    return [{ ...against, ours: ours(query), floor: floors.large, rival }]
  }
  const cases: Case[] = [
    {
      ...against,
      ours: ours(query),
      floor: floors.duckdb,
      rival: { name: duckdbName, side: duckdbSide(query, false) },
    },
  ]
  if (arquero !== undefined && floors.arquero !== undefined) {
    const rival = { name: arqueroName, side: arqueroSide(query, arquero) }
    cases.unshift({ ...against, ours: ours(query), floor: floors.arquero, rival })
  }
  return cases
}
