import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DuckDBConnection } from '@duckdb/node-api'
import { csv } from '../../../sdk/connector/csv.ts'
import { jsonLines } from '../../../sdk/connector/json-lines.ts'
import { parquet } from '../../../sdk/connector/parquet.ts'
import { rows } from '../../../sdk/connector/rows.ts'
import { toParquet, type ToParquetOptions } from '../../../sdk/connector/to-parquet.ts'
import { toCsv, toJsonLines } from '../../../sdk/connector/to-text.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import type { Source } from '../../../sdk/plan/port.ts'
import { ask, batchesOf, duckdb, failureOf, folder, readAll, writeAll } from './reading.ts'

const dir = folder()
let db: DuckDBConnection

beforeAll(async () => {
  db = await duckdb()
})

const flat = {
  flag: 'bool?',
  small: 'int32?',
  whole: 'int64',
  big: 'bigint?',
  single: 'float32?',
  ratio: 'float64?',
  text: 'utf8?',
  at: 'timestamp?',
  day: 'date?',
  took: 'duration?',
  price: 'decimal(18,2)?',
} as const satisfies Columns

const flatRows = rows(
  [
    {
      flag: true,
      small: -1,
      whole: 9_007_199_254_740_991,
      big: -(2n ** 63n),
      single: 0.5,
      ratio: -1e-300,
      text: '😀 "x",\r\ny',
      at: '1969-12-31T23:59:59.999999Z',
      day: '1600-02-29',
      took: 1.5,
      price: '-1234567890123456.78',
    },
    { whole: -3 },
    { flag: false, whole: 0, text: '', at: '2255-01-01T00:00:00.000001Z', day: '9999-12-31', price: 0.1 },
  ],
  { schema: flat },
)

describe('Parquet', () => {
  const nested = {
    list: 'int32?[]?',
    texts: 'utf8[]',
    struct: { a: 'date?', inner: { b: 'float64', c: 'bool?[]?' } },
    map: 'map(utf8,int64?)',
    bytes: 'binary?',
    vector: 'vector(2)',
  } as const satisfies Columns

  const nestedRows = rows(
    [
      {
        list: [1, null],
        texts: ['a', '😀'],
        struct: { a: '2001-01-01', inner: { b: 1, c: [true, null] } },
        map: new Map([
          ['k', 1],
          ['n', null],
        ]),
        bytes: Uint8Array.of(0, 255),
        vector: [1, 2.5],
      },
      {
        list: null,
        texts: [],
        struct: { a: null, inner: { b: -2, c: null } },
        map: new Map(),
        bytes: null,
        vector: [3, 4],
      },
      {
        list: [],
        texts: [''],
        struct: { a: null, inner: { b: 0, c: [] } },
        map: new Map([['', 2]]),
        bytes: null,
        vector: [5, 6],
      },
    ],
    { schema: nested },
  )

  test('every type of a cell comes back as it was', async () => {
    const path = join(dir, 'flat.parquet')
    await writeAll(toParquet(path), flatRows)
    const back = parquet(path, { schema: flat })
    expect(await readAll(back)).toEqual(await readAll(flatRows))
  })

  test('durations and bigints are read as what they were, nested ones too', async () => {
    const path = join(dir, 'kinds.parquet')
    const schema = {
      took: 'duration?',
      id: 'bigint',
      n: 'int64',
      laps: 'duration[]',
      of: { start: 'duration', tags: 'utf8[]', keys: 'map(utf8,bigint)' },
      point: 'vector(2)',
      rest: 'duration',
    } as const
    const written = rows(
      [
        {
          took: 1.5,
          id: 7n,
          n: 1,
          laps: [0.001, 90_000],
          of: { start: -1, tags: ['a'], keys: new Map([['k', 8n]]) },
          point: [1, 2],
          rest: 86_400_000,
        },
        { took: null, id: -7n, n: 2, laps: [], of: { start: 2, tags: [], keys: new Map() }, point: [3, 4], rest: 0 },
      ],
      { schema },
    )
    await writeAll(toParquet(path), written)
    const back = parquet(path)
    expect(back.schema.toObject()).toEqual({
      took: 'duration?',
      id: 'bigint',
      n: 'int64',
      laps: 'duration[]',
      of: '{ start: duration, tags: utf8[], keys: map(utf8,bigint) }',
      point: 'float64[]',
      rest: 'duration',
    })
    expect(await readAll(back, { columns: ['took', 'id', 'laps', 'of', 'rest'] })).toEqual([
      {
        took: 1.5,
        id: 7n,
        laps: [0.001, 90_000],
        of: { start: -1, tags: ['a'], keys: new Map([['k', 8n]]) },
        rest: 86_400_000,
      },
      { took: null, id: -7n, laps: [], of: { start: 2, tags: [], keys: new Map() }, rest: 0 },
    ])
    const micros = await ask(db, `SELECT took::VARCHAR AS took, rest::VARCHAR AS rest FROM '${path}'`)
    expect(micros).toEqual([
      { took: '1500', rest: '86400000000' },
      { took: null, rest: '0' },
    ])
  })

  test('nested values come back as they were', async () => {
    const path = join(dir, 'nested.parquet')
    await writeAll(toParquet(path), nestedRows)
    const source = parquet(path)
    expect(source.schema.toObject()).toEqual({ ...nestedRows.schema.toObject(), vector: 'float64[]' })
    const expected = (await readAll(nestedRows)).map(row => ({ ...row, vector: [...(row['vector'] as Float64Array)] }))
    expect(await readAll(source)).toEqual(expected)
  })

  test.each(['none', 'snappy', 'gzip', 'brotli'] as const)(
    'DuckDB reads what is written with %s',
    async compression => {
      const path = join(dir, `${compression}.parquet`)
      await writeAll(toParquet(path, { compression }), flatRows)
      const found = await ask(
        db,
        `SELECT * REPLACE (epoch_us("at")::VARCHAR AS "at", whole::VARCHAR AS whole, big::VARCHAR AS big, took::VARCHAR AS took, price::VARCHAR AS price, day::VARCHAR AS day) FROM '${path}'`,
      )
      expect(found).toEqual([
        {
          flag: true,
          small: -1,
          whole: '9007199254740991',
          big: '-9223372036854775808',
          single: 0.5,
          ratio: -1e-300,
          text: '😀 "x",\r\ny',
          at: '-1',
          day: '1600-02-29',
          took: '1500',
          price: '-1234567890123456.78',
        },
        {
          flag: null,
          small: null,
          whole: '-3',
          big: null,
          single: null,
          ratio: null,
          text: null,
          at: null,
          day: null,
          took: null,
          price: null,
        },
        {
          flag: false,
          small: null,
          whole: '0',
          big: null,
          single: null,
          ratio: null,
          text: '',
          at: '8993721600000001',
          day: '9999-12-31',
          took: null,
          price: '0.10',
        },
      ])
      const types = await ask(db, `SELECT column_type FROM (DESCRIBE SELECT * FROM '${path}')`)
      expect(types.map(row => row['column_type']).join(' ')).toBe(
        'BOOLEAN INTEGER BIGINT BIGINT FLOAT DOUBLE VARCHAR TIMESTAMP WITH TIME ZONE DATE BIGINT DECIMAL(18,2)',
      )
    },
  )

  test('DuckDB reads nested values', async () => {
    const path = join(dir, 'nested-duck.parquet')
    await writeAll(toParquet(path), nestedRows)
    const found = await ask(
      db,
      `SELECT to_json({list, texts, struct, vector, map: map_entries(map)})::VARCHAR AS row FROM '${path}'`.replace(
        '{list, texts, struct, vector,',
        '{list: list, texts: texts, struct: struct, vector: vector,',
      ),
    )
    expect(found.map(row => JSON.parse(row['row'] as string) as unknown)).toEqual([
      {
        list: [1, null],
        texts: ['a', '😀'],
        struct: { a: '2001-01-01', inner: { b: 1, c: [true, null] } },
        vector: [1, 2.5],
        map: [
          { key: 'k', value: 1 },
          { key: 'n', value: null },
        ],
      },
      { list: null, texts: [], struct: { a: null, inner: { b: -2, c: null } }, vector: [3, 4], map: [] },
      {
        list: [],
        texts: [''],
        struct: { a: null, inner: { b: 0, c: [] } },
        vector: [5, 6],
        map: [{ key: '', value: 2 }],
      },
    ])
  })

  test('row groups have the size asked for, whatever the batches', async () => {
    const path = join(dir, 'groups.parquet')
    const source = rows(Array.from({ length: 1050 }, (_, i) => ({ i, text: i % 3 === 0 ? null : `t${i % 7}` })))
    await writeAll(toParquet(path, { rowGroupRows: 400 }), source, { batchRows: 130 })
    const groups = await ask(
      db,
      `SELECT DISTINCT row_group_id AS id, row_group_num_rows AS n FROM parquet_metadata('${path}') ORDER BY id`,
    )
    expect(groups.map(row => Number(row['n']))).toEqual([400, 400, 250])
    expect(await readAll(parquet(path))).toEqual(await readAll(source))
  })

  test('what flights were is what they are after a round trip', async () => {
    const path = join(dir, 'flights.parquet')
    const whole = parquet('node_modules/vega-datasets/data/flights-3m.parquet')
    const writer = await toParquet(path).open(whole.schema, new AbortController().signal)
    const first = (
      await batchesOf({ ...whole, open: request => firstGroup(whole.open(request)) }, { batchRows: 10_000 })
    ).slice(0, 5)
    for (const batch of first) await writer.write(batch)
    await writer.close()
    const differ = await ask(
      db,
      `SELECT count(*) AS n FROM (SELECT date, delay, distance, origin, destination FROM '${whole.name.replace('parquet ', 'node_modules/vega-datasets/data/')}' LIMIT 50000) a
       POSITIONAL JOIN (SELECT date::TIMESTAMP AS d, delay AS y, distance AS s, origin AS o, destination AS e FROM '${path}') b
       WHERE (date, delay, distance, origin, destination) IS DISTINCT FROM (d, y, s, o, e)`,
    )
    expect(Number(differ[0]!['n'])).toBe(0)
  })

  test('a type or an option that it does not have is refused', async () => {
    const sparse = rows([], { schema: { v: 'sparse(3)' } })
    expect((await failureOf(() => writeAll(toParquet(join(dir, 'sparse.parquet')), sparse))).message).toBe(
      'to.parquet sparse.parquet: column "v" is sparse(3), which Parquet does not hold. Write JSON lines.',
    )
    const options = JSON.parse('{ "compression": "zip" }') as ToParquetOptions
    expect((await failureOf(() => toParquet('x.parquet', options))).message).toBe(
      'to.parquet x.parquet: compression is "zip"; it can be none, snappy, gzip, brotli, zstd',
    )
    const misspelt = JSON.parse('{ "compresion": "gzip" }') as ToParquetOptions
    expect((await failureOf(() => toParquet('x.parquet', misspelt))).message).toBe(
      'to.parquet x.parquet: there is no option "compresion". Did you mean "compression"? The options are compression, rowGroupRows, partitionBy, existing.',
    )
    expect((await failureOf(() => toCsv('x.csv', JSON.parse('{ "delimeter": ";" }') as object))).message).toBe(
      'to.csv x.csv: there is no option "delimeter". Did you mean "delimiter"? The options are delimiter, header, null, roll.',
    )
    expect((await failureOf(() => toJsonLines('x.jsonl', JSON.parse('{ "gzip": true }') as object))).message).toBe(
      'to.jsonLines x.jsonl: there is no option "gzip". The options are roll.',
    )
    const readOptions = JSON.parse('{ "shema": {} }') as object
    expect((await failureOf(() => rows([], readOptions))).message).toMatch(
      'rows: there is no option "shema". Did you mean',
    )
    await writeAll(toParquet(join(dir, 'opt.parquet')), rows([{ a: 1 }]))
    expect((await failureOf(() => parquet(join(dir, 'opt.parquet'), readOptions))).message).toMatch(
      'parquet opt.parquet: there is no option "shema". Did you mean "schema"?',
    )
  })
})

/** Ends after five batches. */
function firstGroup(reader: ReturnType<Source['open']>): ReturnType<Source['open']> {
  let left = 5
  return {
    next: () => (left-- > 0 ? reader.next() : null),
    offset: () => reader.offset(),
    seek: offset => reader.seek(offset),
    close: () => reader.close(),
  }
}

describe('CSV', () => {
  test('comes back as it was, an empty text apart from null', async () => {
    const path = join(dir, 'flat.csv')
    await writeAll(toCsv(path), flatRows, { batchRows: 2 })
    expect(readFileSync(path, 'utf8').split('\n').slice(2)).toEqual([
      'y",1969-12-31T23:59:59.999999Z,1600-02-29,1.5,-1234567890123456.78',
      ',,-3,,,,,,,,',
      'false,,0,,,,"",2255-01-01T00:00:00.000001Z,9999-12-31,,0.10',
      '',
    ])
    expect(await readAll(csv(path, { schema: flat }))).toEqual(await readAll(flatRows))
  })

  test('is read by DuckDB with the same values', async () => {
    const path = join(dir, 'duck.csv')
    await writeAll(toCsv(path), flatRows)
    const found = await ask(
      db,
      `SELECT whole::VARCHAR AS whole, text, epoch_us("at")::VARCHAR AS at_us, price::VARCHAR AS price FROM read_csv('${path}', allow_quoted_nulls = false, types = {'at': 'TIMESTAMP', 'price': 'DECIMAL(18,2)'})`,
    )
    expect(found).toEqual([
      { whole: '9007199254740991', text: '😀 "x",\r\ny', at_us: '-1', price: '-1234567890123456.78' },
      { whole: '-3', text: null, at_us: null, price: null },
      { whole: '0', text: '', at_us: '8993721600000001', price: '0.10' },
    ])
  })

  test('a single column of nulls and empty texts comes back as it was', async () => {
    const path = join(dir, 'single.csv')
    const source = rows([{ a: null }, { a: '' }, { a: 'x' }])
    await writeAll(toCsv(path), source)
    expect(await readAll(csv(path, { schema: { a: 'utf8?' } }))).toEqual(await readAll(source))
  })

  test('a nested column is refused before a file is made', async () => {
    const path = join(dir, 'nested.csv')
    expect((await failureOf(() => writeAll(toCsv(path), rows([{ tags: ['a'] }])))).message).toBe(
      'to.csv nested.csv: column "tags" is utf8[], which a CSV cell does not hold. Write JSON lines or Parquet, or leave it out.',
    )
    expect(existsSync(path)).toBe(false)
  })
})

describe('JSON lines', () => {
  test('come back as they were, nested values too', async () => {
    const schema = {
      ...flat,
      list: 'utf8?[]?',
      place: { lat: 'float64?', at: 'timestamp' },
      bytes: 'binary?',
      map: 'map(utf8,int32)',
    } as const
    const source = rows(
      [
        {
          ...(await readAll(flatRows))[0],
          list: ['a', null],
          place: { lat: 1, at: '2001-01-01T00:00:00.000001Z' },
          bytes: Uint8Array.of(1),
          map: new Map([['k', 1]]),
        },
        { whole: 1, place: { lat: null, at: '2001-01-01' }, map: new Map() },
      ],
      { schema },
    )
    const path = join(dir, 'nested.jsonl')
    await writeAll(toJsonLines(path), source)
    expect(await readAll(jsonLines(path, { schema }))).toEqual(await readAll(source))
  })

  test('are read by DuckDB with the same values', async () => {
    const path = join(dir, 'duck.jsonl')
    await writeAll(
      toJsonLines(path),
      rows([
        { a: 1, s: '😀\n"', list: [1, 2] },
        { a: 2, s: null, list: [] },
      ]),
    )
    expect(readFileSync(path, 'utf8')).toBe('{"a":1,"s":"😀\\n\\"","list":[1,2]}\n{"a":2,"s":null,"list":[]}\n')
    expect(await ask(db, `SELECT a::INTEGER AS a, s, to_json(list)::VARCHAR AS list FROM '${path}'`)).toEqual([
      { a: 1, s: '😀\n"', list: '[1,2]' },
      { a: 2, s: null, list: '[]' },
    ])
  })
})

describe('a file', () => {
  const source = rows([{ a: 1 }])

  test('has its name only when all rows are in, and a folder is made for it', async () => {
    const inside = join(dir, 'deep', 'er')
    const path = join(inside, 'new.csv')
    const writer = await toCsv(path).open(source.schema, new AbortController().signal)
    await writer.write((await batchesOf(source))[0]!)
    expect(readdirSync(inside)).toEqual([expect.stringMatching(/^\.new\.csv\..*\.part$/)])
    await writer.close()
    expect(readdirSync(inside)).toEqual(['new.csv'])
  })

  test.each([
    ['CSV', toCsv],
    ['JSON lines', toJsonLines],
    ['Parquet', toParquet],
  ] as const)('of an aborted pass leaves what was there before: %s', async (_, to) => {
    const own = folder()
    const path = join(own, 'kept')
    writeFileSync(path, 'before')
    const writer = await to(path).open(source.schema, new AbortController().signal)
    await writer.write((await batchesOf(source))[0]!)
    await writer.abort()
    expect(readdirSync(own)).toEqual(['kept'])
    expect(readFileSync(path, 'utf8')).toBe('before')
  })

  test('that cannot be written is named, with what is in its way', async () => {
    const own = folder()
    writeFileSync(join(own, 'some-file'), 'before')
    const refusal = async (path: string): Promise<string> => {
      const failure = await failureOf(() => writeAll(toCsv(path), source))
      expect(failure.name).toBe('SinkError')
      return failure.message
    }
    expect(await refusal(join(own, 'some-file', 'x.csv'))).toBe(
      `to.csv x.csv: ${own}/some-file is a file, so nothing can be written in it`,
    )
    expect(await refusal(join(own, 'some-file', 'deep', 'x.csv'))).toBe(
      `to.csv x.csv: ${own}/some-file is a file, so nothing can be written in it`,
    )
    expect(await refusal(own)).toMatch(/ is a folder, not a file$/)
    expect(readdirSync(own)).toEqual(['some-file'])
  })

  test('in a folder that the system does not make is refused at once', async () => {
    const refused = process.platform === 'linux' ? '/proc/nope/x' : '/dev/null/nope/x'
    const failure = await failureOf(() => writeAll(toCsv(join(refused, 'y.csv')), source))
    expect(failure.message).toMatch(
      /^to\.csv y\.csv: (the folder \/proc\/nope cannot be made: ENOENT|\/dev\/null is a file)/,
    )
  })

  test('that cannot take its name leaves nothing beside it', async () => {
    const taken = join(dir, 'taken')
    const writer = await toCsv(join(taken, 'x.csv')).open(source.schema, new AbortController().signal)
    mkdirSync(join(taken, 'x.csv'))
    expect((await failureOf(() => writer.close())).message).toMatch(/^to\.csv x\.csv: /)
    expect(readdirSync(taken)).toEqual(['x.csv'])
  })

  test('of no rows has its columns', async () => {
    const none = rows([], { schema: { a: 'int32', b: 'utf8?' } })
    await writeAll(toParquet(join(dir, 'none.parquet')), none)
    expect(await readAll(parquet(join(dir, 'none.parquet')))).toEqual([])
    expect(parquet(join(dir, 'none.parquet')).schema.names).toEqual(['a', 'b'])
    await writeAll(toCsv(join(dir, 'none.csv')), none)
    expect(await readAll(csv(join(dir, 'none.csv'), { schema: { a: 'int32', b: 'utf8?' } }))).toEqual([])
  })
})
