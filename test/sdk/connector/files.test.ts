import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DuckDBConnection } from '@duckdb/node-api'
import { count, read } from 'millrace'
import { csv } from '../../../sdk/connector/csv.ts'
import { files } from '../../../sdk/connector/files.ts'
import { parquet } from '../../../sdk/connector/parquet.ts'
import { ask, duckdb, failureOf, folder, open, readAll, readSplit } from './reading.ts'

const dir = folder()
let db: DuckDBConnection

beforeAll(async () => {
  db = await duckdb()
  await db.run(
    `COPY (SELECT i::INT id, i % 3 = 0 AS big, 2020 + i % 3 AS year, 'm' || i % 2 AS month FROM range(30) r(i))
       TO '${join(dir, 'sales')}' (FORMAT parquet, PARTITION_BY (year, month))`,
  )
})

function put(path: string, text: string): string {
  const full = join(dir, path)
  mkdirSync(join(full, '..'), { recursive: true })
  writeFileSync(full, text)
  return full
}

const csvFiles = (path: string | readonly string[], options = {}) =>
  files({ name: 'csv', endings: ['.csv'], open: csv }, path, options)
const parquetFiles = (path: string, options = {}) =>
  files({ name: 'parquet', endings: ['.parquet'], open: parquet }, path, options)

describe('a folder of partitions', () => {
  test('its folders add columns, and its rows are those that DuckDB reads', async () => {
    const sales = read.parquet(join(dir, 'sales'))
    expect(sales.schema).toEqual({ id: 'int32', big: 'bool', year: 'int64', month: 'utf8' })
    const rows = (await sales.orderBy('id').collect()).rows()
    const expected = await ask(
      db,
      `SELECT id, big, year::INT AS year, month FROM read_parquet('${dir}/sales/**/*.parquet', hive_partitioning = true) ORDER BY id`,
    )
    expect(rows).toEqual(expected)
  })

  test('a declared schema types them and leaves out what it does not name', async () => {
    const sales = read.parquet(join(dir, 'sales'), { schema: { year: 'int32', id: 'int32' } })
    const rows = (
      await sales
        .filter(t => t.id.lt(2))
        .orderBy('id')
        .collect()
    ).rows()
    expect(rows).toEqual([
      { year: 2020, id: 0 },
      { year: 2021, id: 1 },
    ])
  })

  test('files that a filter drops by their folders are not opened', async () => {
    const source = parquetFiles(join(dir, 'sales'))
    const where = [{ column: 'year', is: 'eq', values: [2021] } as const]
    const reader = source.open({ columns: ['year'], batchRows: 100, signal: new AbortController().signal, where })
    let rows = 0
    for (let batch = await reader.next(); batch !== null; batch = await reader.next()) rows += batch.length
    expect(rows).toBe(10)
    const some = await read
      .parquet(join(dir, 'sales'))
      .filter(t => t.year.ge(2021).and(t.month.eq('m1')))
      .aggregate(() => ({ n: count() }))
      .collect()
    expect(some.rows()).toEqual([{ n: 10 }])
  })

  test('a missing key is null, keys that differ are refused, and so is one that the files have too', async () => {
    put('keys/k=__HIVE_DEFAULT_PARTITION__/a.csv', 'x\n1\n')
    put('keys/k=2024-01-02/b.csv', 'x\n2\n')
    expect(csvFiles(join(dir, 'keys')).schema.toObject()).toEqual({ x: 'int64?', k: 'date?' })
    expect(await readAll(csvFiles(join(dir, 'keys')))).toEqual([
      { x: 2, k: '2024-01-02' },
      { x: 1, k: null },
    ])
    put('odd/k=1/a.csv', 'x\n1\n')
    put('odd/j=1/b.csv', 'x\n1\n')
    expect((await failureOf(() => csvFiles(join(dir, 'odd')))).message).toMatch(/name k, and those of .* j; all files/)
    put('twice/x=1/a.csv', 'x\n1\n')
    expect((await failureOf(() => csvFiles(join(dir, 'twice')))).message).toMatch(
      /"x" stands both in the folders' names/,
    )
    const bad = await failureOf(() => csvFiles(join(dir, 'keys'), { schema: { k: 'int32?' } }))
    expect(bad.message).toMatch(/"2024-01-02" in .*b.csv cannot be read as int32, the type of "k"/)
  })
})

describe('several files', () => {
  test('a pattern takes the files it matches, and columns are unified by name', async () => {
    put('parts/a1.csv', 'id,v\n1,2\n')
    put('parts/a2.csv', 'v,id,w\n2.5,7,x\n')
    put('parts/.hidden.csv', 'no')
    put('parts/_meta.csv', 'no')
    const source = csvFiles(join(dir, 'parts/*.csv'))
    expect(source.schema.toObject()).toEqual({ id: 'int64?', v: 'float64?', w: 'utf8?' })
    expect(await readAll(source)).toEqual([
      { id: 1, v: 2, w: null },
      { id: 7, v: 2.5, w: 'x' },
    ])
    for (const pattern of ['parts/a[12].csv', 'parts/a?.csv', 'parts/{a1,a2}.csv', '**/a[!3].csv', 'p*/**/a*']) {
      expect((await readAll(csvFiles(join(dir, pattern)), { columns: ['id'] })).length).toBe(2)
    }
  })

  test('types that do not widen are refused with both files, and no match is an error', async () => {
    put('mixed/a.csv', 'id\n1\n')
    put('mixed/b.csv', 'id\nx\n')
    const error = await failureOf(() => csvFiles(join(dir, 'mixed/*.csv')))
    expect(error.message).toMatch(/"id" is int64\? in .*a.csv and utf8\? in .*b.csv/)
    expect((await failureOf(() => csvFiles(join(dir, 'none/*.csv')))).message).toMatch(/no file matches/)
    expect((await failureOf(() => csvFiles(join(dir, 'sales')))).message).toMatch(/has no file whose name ends in .csv/)
  })

  test('a list reads its files in order, and a bad cell names its own file', async () => {
    const paths = [put('list/b.csv', 'id\n1\n'), put('list/a.csv', 'id\n2\nx\n')]
    const source = csvFiles(paths, { schema: { id: 'int32' } })
    const error = await failureOf(() => readAll(source))
    expect(error.message).toMatch(/^csv a.csv, line 3, column "id"/)
    const skipping = csvFiles(paths, { schema: { id: 'int32' }, onError: 'skip' })
    expect(await readAll(skipping)).toEqual([{ id: 1 }, { id: 2 }])
    const reader = open(skipping)
    while ((await reader.next()) !== null);
    expect(reader.skipped).toBe(1)
  })

  test('a pass that begins at any offset gives the rest', async () => {
    const source = parquetFiles(join(dir, 'sales'))
    const all = await readAll(source)
    expect(all.length).toBe(30)
    for (let after = 0; after < 18; after++) expect(await readSplit(source, after, 2)).toEqual(all)
  })

  test('rejected rows of every file are kept', async () => {
    put('bad/a.csv', 'id\nx\n')
    put('bad/b.csv', 'id\ny\n3\n')
    const frame = read.csv(join(dir, 'bad/*.csv'), { schema: { id: 'int32' }, onError: 'collect' })
    const rejected = await frame.rejected.collect()
    expect(rejected.column('source')).toEqual(['csv a.csv', 'csv b.csv'])
  })
})
