import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { TextColumn } from '../../../sdk/data/column.ts'
import { parquet } from '../../../sdk/connector/parquet.ts'
import { ask, batchesOf, duckdb, failureOf, folder, open, readAll, readSplit } from './reading.ts'

const flights = 'node_modules/vega-datasets/data/flights-3m.parquet'
const dir = folder()
let db: DuckDBConnection

beforeAll(async () => {
  db = await duckdb()
})

/** A Parquet file that DuckDB writes from a query. */
async function written(name: string, query: string, options = ''): Promise<string> {
  const path = join(dir, `${name}.parquet`)
  await db.run(`COPY (${query}) TO '${path}' (FORMAT parquet ${options})`)
  return path
}

test('the texts of all row groups come into one dictionary, however they are stored', async () => {
  const query = `SELECT i % 7 || ' of seven' AS some, i // 2 || ' halved' AS many, [i % 3 || ''] AS items FROM range(20000) r(i)`
  const path = await written('shared', query, ', row_group_size 2048')
  const batches = await batchesOf(parquet(path))
  expect(batches.length).toBeGreaterThan(3)
  for (const [name, entries] of [
    ['some', 7],
    ['many', 10_000],
  ] as const) {
    const dictionaries = new Set(batches.map(batch => (batch.column(name) as TextColumn).strings))
    expect([...dictionaries].map(({ length }) => length)).toEqual([entries])
  }
  expect(await readAll(parquet(path))).toEqual(await ask(db, query))
})

describe('the flights of 2001', () => {
  test('the schema is known when the source is made, and the rows are counted', () => {
    const source = parquet(flights)
    expect(source.name).toBe('parquet flights-3m.parquet')
    expect(source.rows).toBe(3_000_000)
    expect(source.schema.toObject()).toEqual({
      date: 'timestamp',
      delay: 'int64',
      distance: 'int64',
      origin: 'utf8',
      destination: 'utf8',
    })
  })

  test('all rows are those that DuckDB reads', async () => {
    const batches = await batchesOf(parquet(flights), { batchRows: 50_000 })
    let [delay, distance, date, seen, hash] = [0, 0, 0, 0, 0]
    for (const batch of batches) {
      const [dates, delays, distances] = ['date', 'delay', 'distance'].map(name => batch.column(name))
      const origin = batch.column('origin') as TextColumn
      const values = [dates, delays, distances].map(column => (column as { values: Float64Array }).values)
      for (let i = 0; i < batch.length; i++) {
        date += (values[0]![i]! - 978_307_200e6) / 60e6
        delay += values[1]![i]!
        distance += values[2]![i]!
        if (origin.strings[origin.codes![i]!] === 'ORD') hash += values[2]![i]!
      }
      seen += batch.length
    }
    const sums = await ask(
      db,
      `SELECT count(*) n, sum(delay) a, sum(distance) b, sum((epoch_us(date) - 978307200000000) // 60000000) c,
         sum(distance) FILTER (origin = 'ORD') d FROM '${flights}'`,
    )
    expect({ n: seen, a: delay, b: distance, c: date, d: hash }).toEqual(
      Object.fromEntries(Object.entries(sums[0]!).map(([key, value]) => [key, Number(value)])),
    )
  })

  test('batches of a row group share the dictionary of their texts', async () => {
    const reader = open(parquet(flights), { columns: ['origin'] })
    const first = (await reader.next())!
    const second = (await reader.next())!
    await reader.close()
    expect(first.schema.toObject()).toEqual({ origin: 'utf8' })
    const dictionary = (first.columns[0] as TextColumn).strings
    expect((second.columns[0] as TextColumn).strings).toBe(dictionary)
    expect(dictionary.length).toBeLessThan(300)
  })

  test('a pass that begins at an offset gives the rows from there', async () => {
    const source = parquet(flights)
    const reader = open(source, { columns: ['delay', 'distance'], batchRows: 2 })
    await reader.seek?.(272_726) // the last row of the first row group
    const rows = [(await reader.next())!, (await reader.next())!]
    await reader.close()
    const expected = await ask(db, `SELECT delay, distance FROM '${flights}' LIMIT 3 OFFSET 272726`)
    const found = rows.flatMap(batch =>
      Array.from(batch.columns.map(c => [...(c as never as { values: number[] }).values])),
    )
    expect(rows.map(batch => batch.length)).toEqual([1, 2])
    expect(found[0]!.concat(found[2]!)).toEqual(expected.map(row => Number(row['delay'])))
  })
})

const everything = `
  SELECT i % 3 = 0 AS flag, (i - 5)::TINYINT AS tiny, i::INTEGER AS small, (4000000000 + i)::UINTEGER AS unsigned,
    i * 1000003 AS whole, 9007199254740993 + i AS big, i / 4 AS ratio, (i / 8)::FLOAT AS single, '😀é' || i AS text,
    (i * 1.25 - 3)::DECIMAL(9, 2) AS price, (i * -100000000.125)::DECIMAL(18, 3) AS worth, (i * 0.5)::DECIMAL(4, 1) AS tip,
    DATE '1969-12-31' + i::INTEGER AS day, TIMESTAMP '1969-12-31 23:59:59.999999' + to_microseconds(i) AS at,
    TIMESTAMPTZ '2001-02-03 04:05:06.789+01:00' AS zoned, TIMESTAMP_MS '2001-02-03 04:05:06.789' AS at_ms,
    TIME '01:02:03.5' AS clock, UUID '6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS id, '\\xFF\\x00'::BLOB AS bytes,
    [i, NULL, i + 1] AS list, [['a'], [], NULL, ['b', NULL], ['c']] AS nested, {'x': i, 'y': {'z': 'deep'}} AS struct,
    [{'k': 'a', 'v': [i / 2]}, NULL] AS structs, CASE i WHEN 0 THEN [] WHEN 1 THEN NULL ELSE [i] END AS ragged,
    MAP {'one': 1, 'two': i} AS map
  FROM range(3) t(i)`

test('every type that DuckDB writes and we hold is read', async () => {
  const source = parquet(await written('everything', everything))
  expect(source.schema.toObject()).toEqual({
    flag: 'bool',
    tiny: 'int32',
    small: 'int32',
    unsigned: 'int64',
    whole: 'int64',
    big: 'bigint',
    ratio: 'float64',
    single: 'float32',
    text: 'utf8',
    price: 'decimal(9,2)',
    worth: 'decimal(18,3)',
    tip: 'decimal(4,1)',
    day: 'date',
    at: 'timestamp',
    zoned: 'timestamp',
    at_ms: 'timestamp',
    clock: 'duration',
    id: 'utf8',
    bytes: 'binary',
    list: 'int64?[]?',
    nested: 'utf8?[]?[]?',
    struct: '{ x: int64?, y: { z: utf8? }? }?',
    structs: '{ k: utf8?, v: float64?[]? }?[]?',
    ragged: 'int64?[]?',
    map: 'map(utf8,int64?)?',
  })
  const rows = await readAll(source)
  expect(rows[1]).toEqual({
    flag: false,
    tiny: -4,
    small: 1,
    unsigned: 4_000_000_001,
    whole: 1_000_003,
    big: 9_007_199_254_740_994n,
    ratio: 0.25,
    single: 0.125,
    text: '😀é1',
    price: '-1.75',
    worth: '-100000000.125',
    tip: '0.5',
    day: '1970-01-01',
    at: '1970-01-01T00:00:00Z',
    zoned: '2001-02-03T03:05:06.789Z',
    at_ms: '2001-02-03T04:05:06.789Z',
    clock: 3_723_500,
    id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    bytes: Uint8Array.of(255, 0),
    list: [1, null, 2],
    nested: [['a'], [], null, ['b', null], ['c']],
    struct: { x: 1, y: { z: 'deep' } },
    structs: [{ k: 'a', v: [0.5] }, null],
    ragged: null,
    map: new Map([
      ['one', 1],
      ['two', 1],
    ]),
  })
  expect(rows.map(row => row['ragged'])).toEqual([[], null, [2]])
  expect(rows.map(row => row['at'])).toEqual([
    '1969-12-31T23:59:59.999999Z',
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:00.000001Z',
  ])
})

const random = `
  SELECT CASE WHEN hash(i) % 7 = 0 THEN NULL ELSE i - 2500 END AS whole,
    CASE WHEN hash(i, 1) % 3 = 0 THEN NULL ELSE 'group ' || (hash(i, 2) % 40) END AS grouped,
    CASE WHEN i % 1000 < 3 THEN NULL ELSE 'unique ' || md5(i::VARCHAR) END AS scattered,
    CASE WHEN hash(i, 3) % 2 = 0 THEN NULL ELSE hash(i, 4)::DOUBLE / 1e7 END AS ratio,
    hash(i, 5) % 2 = 0 AS flag, (hash(i, 6) % 1000000)::INTEGER AS small, (hash(i, 8) >> 1)::BIGINT AS big,
    CASE WHEN hash(i, 7) % 5 = 0 THEN NULL ELSE range((hash(i, 7) % 4)::BIGINT) END AS list,
    CASE WHEN i < 3000 THEN NULL ELSE i::VARCHAR END AS late
  FROM range(5000) t(i) ORDER BY i`

test.each([
  ['snappy', ''],
  ['zstd', ', COMPRESSION zstd'],
  ['gzip', ', COMPRESSION gzip'],
  ['brotli', ', COMPRESSION brotli'],
  ['lz4_raw', ', COMPRESSION lz4_raw'],
  ['uncompressed', ', COMPRESSION uncompressed'],
  ['newer encodings', ', PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1'],
  ['row groups of 2,048', ', ROW_GROUP_SIZE 2048'],
])('random rows written as %s are those of DuckDB', async (name, options) => {
  const source = parquet(await written(name, random, options))
  const found = await readAll(source, { batchRows: 777 })
  const expected = await ask(db, random)
  const plain = (rows: Record<string, unknown>[]): unknown =>
    rows.map(row => ({
      ...row,
      whole: row['whole'] === null ? null : Number(row['whole']),
      big: String(row['big']),
      list: (row['list'] as unknown[] | null)?.map(Number),
    }))
  expect(plain(found)).toEqual(plain(expected))
})

test('any split of a pass by its offset gives the same rows', async () => {
  const source = parquet(await written('split', 'SELECT i FROM range(5000) t(i)', ', ROW_GROUP_SIZE 2048'))
  const whole = await readAll(source)
  for (let after = 0; after <= 9; after++) expect(await readSplit(source, after, 700)).toEqual(whole)
})

test('only the requested columns are read, in the requested order', async () => {
  const source = parquet(await written('order', `SELECT 1 AS a, 'x' AS b, true AS c`))
  expect(await readAll(source, { columns: ['c', 'a'] })).toEqual([{ c: true, a: 1 }])
})

test('nanoseconds are cut to microseconds with one warning', async () => {
  const warned: string[] = []
  const hear = (warning: Error): void => {
    if ('code' in warning && warning.code === 'MILLRACE_NANOSECONDS') warned.push(warning.message)
  }
  process.on('warning', hear)
  const nanos = `SELECT TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS at UNION ALL SELECT TIMESTAMP_NS '2001-02-03 04:05:06.000001500'`
  const source = parquet(await written('nanos', nanos))
  const expected = [{ at: '1969-12-31T23:59:59.999999Z' }, { at: '2001-02-03T04:05:06.000001Z' }]
  expect(await readAll(source)).toEqual(expected)
  expect(await readAll(source)).toEqual(expected)
  await new Promise(resolve => setImmediate(resolve))
  process.off('warning', hear)
  expect(warned).toEqual(['parquet nanos.parquet: column "at" has timestamps finer than a microsecond; they are cut'])
})

test('a timestamp beyond the exact range is kept where a float64 holds it, and refused where not', async () => {
  const far = await written('far', `SELECT TIMESTAMP '9999-12-31 00:00:00' AS at`)
  expect(await readAll(parquet(far))).toEqual([{ at: '9999-12-31T00:00:00Z' }])
  const odd = parquet(await written('odd', `SELECT TIMESTAMP '9999-12-31 23:59:59.999999' AS at`))
  expect((await failureOf(() => readAll(odd))).message).toBe(
    'parquet odd.parquet: column "at", row group 0: 253402300799999999 does not fit a timestamp, whose microseconds a float64 holds',
  )
})

describe('a declared schema', () => {
  const query = `SELECT i::INTEGER AS small, i AS whole, i::FLOAT AS single, DATE '2001-01-01' AS day,
    CASE WHEN i = 1 THEN NULL ELSE i END AS holes, 9007199254740993 AS big FROM range(3) t(i)`
  let path = ''
  beforeAll(async () => {
    path = await written('declared', query)
  })

  test('selects, orders and widens', async () => {
    const schema = { day: 'timestamp', small: 'int64?', whole: 'float64', single: 'float64' } as const
    const source = parquet(path, { schema })
    expect(source.schema.toObject()).toEqual(schema)
    expect((await readAll(source))[2]).toEqual({ day: '2001-01-01T00:00:00Z', small: 2, whole: 2, single: 2 })
    const bigints = parquet(path, { schema: { whole: 'bigint', small: 'bigint' } })
    expect((await readAll(bigints))[2]).toEqual({ whole: 2n, small: 2n })
  })

  test.each([
    [
      'a name that is not there',
      { hols: 'int64' },
      'the file has no column "hols". Did you mean "holes"? Its columns are small, whole, single, day, holes, big.',
    ],
    ['another type', { single: 'utf8' }, 'column "single" is float32 in the file and utf8 in the declared schema'],
    ['a narrower type', { whole: 'int32' }, 'column "whole" is int64 in the file and int32 in the declared schema'],
    [
      'no nulls',
      { holes: 'int64' },
      'column "holes" is int64? in the file and int64 in the declared schema: the file has 1 nulls in it',
    ],
  ] as const)('with %s is refused when the source is made', async (_, schema, text) => {
    expect((await failureOf(() => parquet(path, { schema }))).message).toBe(`parquet declared.parquet: ${text}`)
  })

  test('int64 over values beyond its range fails with the value', async () => {
    const failure = await failureOf(() => readAll(parquet(path, { schema: { big: 'int64' } })))
    expect(failure.name).toBe('DataError')
    expect(failure.message).toBe(
      `parquet declared.parquet: column "big", row group 0: 9007199254740993 does not fit int64, which ends at ±(2^53 − 1): declare the column as 'bigint'`,
    )
  })
})

describe('a bad file', () => {
  test('that is not there is named, with the nearest sibling', async () => {
    writeFileSync(join(dir, 'flights.parquet'), '')
    const failure = await failureOf(() => parquet(join(dir, 'flihgts.parquet')))
    expect(failure.name).toBe('SourceError')
    expect(failure.message).toBe(
      `parquet flihgts.parquet: there is no file ${join(dir, 'flihgts.parquet')}. Did you mean "flights.parquet"?`,
    )
  })

  test('that is no Parquet file, or cut short, says so', async () => {
    const text = join(dir, 'text.parquet')
    writeFileSync(text, 'a,b\n1,2\n3,4\n')
    expect((await failureOf(() => parquet(text))).message).toBe(
      'parquet text.parquet: this is not a Parquet file: it does not begin with PAR1',
    )
    const cut = join(dir, 'cut.parquet')
    writeFileSync(cut, readFileSync(flights).subarray(0, 100_000))
    expect((await failureOf(() => parquet(cut))).message).toBe(
      'parquet cut.parquet: it is cut short: it begins as a Parquet file and has no footer',
    )
    expect((await failureOf(() => parquet(dir))).message).toMatch('is a folder, not a file')
  })

  test('whose pages are damaged fails with the column and the row group', async () => {
    const path = await written('damaged', `SELECT i AS a FROM range(1000) t(i)`)
    const bytes = readFileSync(path)
    bytes.fill(0xab, 4, 60)
    writeFileSync(path, bytes)
    const failure = await failureOf(() => readAll(parquet(path)))
    expect(failure.name).toBe('SourceError')
    expect(failure.message).toMatch(/^parquet damaged.parquet: column "a", row group 0: /)
  })

  test('with a column that no type holds is read when a schema leaves the column out', async () => {
    const path = await written('wide', `SELECT 1 AS a, 1::DECIMAL(38, 2) AS b, INTERVAL 1 MONTH AS c`)
    expect((await failureOf(() => parquet(path))).message).toBe(
      'parquet wide.parquet: column "b" cannot be read: it is a decimal of 38 digits, and decimals have at most 18. Declare a schema without it.',
    )
    expect(await readAll(parquet(path, { schema: { a: 'int32' } }))).toEqual([{ a: 1 }])
  })
})
