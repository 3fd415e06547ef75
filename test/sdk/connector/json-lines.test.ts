import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { jsonLines, type JsonLinesOptions } from '../../../sdk/connector/json-lines.ts'
import { fromJson } from '../../../sdk/connector/json-value.ts'
import { toJs } from '../../../sdk/data/row.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { ask, batchesOf, duckdb, failureOf, folder, open, readAll, readSplit, rowsOf, warningsOf } from './reading.ts'

const dir = folder()
let serial = 0

function file(content: string | Uint8Array, name: string = `file-${++serial}.jsonl`): string {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

const read = (content: string, options: JsonLinesOptions = {}): Promise<Record<string, unknown>[]> =>
  readAll(jsonLines(file(content), options))

test('without a schema the types are inferred from the first lines, all of them nullable', async () => {
  const source = jsonLines(
    file(`{"id":1,"x":1.5,"late":true,"at":"2001-01-01T00:00:00Z","day":"2001-01-01","tags":["a"],"place":{"lat":1}}
{"id":2,"x":2,"late":null,"at":"2001-01-01 12:00:00.5","day":"2001-01-02","tags":[],"place":{"lat":2.5},"more":"x"}
`),
  )
  expect(source.schema.toObject()).toEqual({
    id: 'int64?',
    x: 'float64?',
    late: 'bool?',
    at: 'timestamp?',
    day: 'date?',
    tags: 'utf8?[]?',
    place: '{ lat: float64? }?',
    more: 'utf8?',
  })
  expect(await readAll(source)).toEqual([
    {
      id: 1,
      x: 1.5,
      late: true,
      at: '2001-01-01T00:00:00Z',
      day: '2001-01-01',
      tags: ['a'],
      place: { lat: 1 },
      more: null,
    },
    {
      id: 2,
      x: 2,
      late: null,
      at: '2001-01-01T12:00:00.500Z',
      day: '2001-01-02',
      tags: [],
      place: { lat: 2.5 },
      more: 'x',
    },
  ])
})

test('a missing key is null, other keys are ignored, and keys may come in any order', async () => {
  const content = `{"a":1,"b":"x"}
{"b":"y","a":2}
{"a":3}

{ "z" : [1, {"q": null}], "a" : 4 , "b" : "\\u00e9\\n" }
{"a":5,"b":"last","a":6}`
  expect(await read(content, { schema: { a: 'int32', b: 'utf8?' } })).toEqual([
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
    { a: 3, b: null },
    { a: 4, b: 'é\n' },
    { a: 6, b: 'last' },
  ])
})

test('every type has its form in JSON', async () => {
  const schema = {
    i: 'int32',
    l: 'int64',
    big: 'bigint',
    f: 'float32',
    dec: 'decimal(18,3)',
    t: 'timestamp',
    d: 'date',
    dur: 'duration',
    bytes: 'binary',
    list: 'int32?[]',
    map: 'map(utf8,int32?)',
    vec: 'vector(2)',
    sparse: 'sparse(9)',
    st: { a: 'date?', b: 'utf8[]' },
  } as const
  const line =
    '{"i":1,"l":-9007199254740991,"big":9007199254740993,"f":0.5,"dec":"123456789012345.678","t":"1969-12-31T23:59:59.999999Z","d":"2000-02-29","dur":1.5,' +
    '"bytes":"AP8=","list":[1,null],"map":{"k":1,"n":null},"vec":[1,2.5],"sparse":{"indices":[1,8],"values":[0.5,2]},"st":{"a":null,"b":["x"]}}'
  const { bytes, list, map, vec, sparse, st, ...flat } = schema
  expect(await read(line, { schema: flat })).toEqual([
    {
      i: 1,
      l: -9_007_199_254_740_991,
      big: 9_007_199_254_740_993n,
      f: 0.5,
      dec: '123456789012345.678',
      t: '1969-12-31T23:59:59.999999Z',
      d: '2000-02-29',
      dur: 1.5,
    },
  ])
  expect(await read(line, { schema: { bytes, list, map, vec, sparse, st } })).toEqual([
    {
      bytes: Uint8Array.of(0, 255),
      list: [1, null],
      map: new Map([
        ['k', 1],
        ['n', null],
      ]),
      vec: Float64Array.of(1, 2.5),
      sparse: { indices: Int32Array.of(1, 8), values: Float64Array.of(0.5, 2) },
      st: { a: null, b: ['x'] },
    },
  ])
})

describe('whole numbers beyond 2^53', () => {
  test('are exact as bigint, also nested and in lines of another form', async () => {
    const lines = `{"id":9007199254740992,"of":{"n":[-9007199254740993]},"s":"9007199254740993"}
{"of":{"n":[1]},"id":9007199254740993,"s":"x\\n9007199254740993"}`
    const source = jsonLines(file(lines))
    expect(source.schema.toObject()).toEqual({ id: 'bigint?', of: '{ n: bigint?[]? }?', s: 'utf8?' })
    expect(await readAll(source)).toEqual([
      { id: 9_007_199_254_740_992n, of: { n: [-9_007_199_254_740_993n] }, s: '9007199254740993' },
      { id: 9_007_199_254_740_993n, of: { n: [1n] }, s: 'x\n9007199254740993' },
    ])
    const schema = { a: 'int64', big: 'bigint' } as const
    expect(await read('{"a":1,"big":1}\n{"big":9007199254740993,"a":1}', { schema })).toEqual([
      { a: 1, big: 1n },
      { a: 1, big: 9_007_199_254_740_993n },
    ])
  })

  test('that come after the first lines are refused with the type that holds them', async () => {
    const path = file('{"id":1}\n'.repeat(1500) + '{"id":9007199254740993}\n', 'late-id.jsonl')
    const failure = await failureOf(() => readAll(jsonLines(path)))
    expect(failure.message).toBe(
      `jsonLines late-id.jsonl, line 1501, column "id" (int64?): 9007199254740993 is not a whole number within ±(2^53 − 1) (int64). Declare a schema with "id" as bigint. \`millrace schema ${path}\` writes down the other columns.`,
    )
    expect(failure).toMatchObject({ fields: { line: 1501, column: 'id', value: '9007199254740993' } })
  })

  test('are rounded only where float64 is declared', async () => {
    const lines = '{"v":0.5}\n'.repeat(1200) + '{"v":9007199254740993}\n'
    const failure = await failureOf(() => readAll(jsonLines(file(lines, 'late-v.jsonl'))))
    expect(failure.message).toMatch(
      'line 1201, column "v" (float64?): 9007199254740993 is beyond 2^53, and float64 would round it.',
    )
    expect((await readAll(jsonLines(file(lines), { schema: { v: 'float64' } }))).at(-1)).toEqual({
      v: 9_007_199_254_740_992,
    })
    expect((await failureOf(() => read('{"v":0.5}\n{"v":9007199254740993}'))).message).toMatch(
      /column "v", row 1: found a bigint after a number. Give { schema } to say what the column is./,
    )
    expect(await read('{"v":0.5}\n{"v":100000000000000000}')).toEqual([{ v: 0.5 }, { v: 1e17 }])
  })
})

test('a key that comes after the first lines is warned of once, with its name and line', async () => {
  const warned = await warningsOf('MILLRACE_UNKNOWN_KEY', async () => {
    const late = '{"a":1,"of":{"x":1}}\n'.repeat(1000) + '{"a":2,"of":{"x":2},"b":"lost"}\n{"a":3,"c":1}\n'
    const source = jsonLines(file(late, 'late-key.jsonl'))
    expect((await readAll(source, { columns: ['a'] })).slice(-2)).toEqual([{ a: 2 }, { a: 3 }])
    await readAll(source)
    const nested = '{"of":[{"x":1}]}\n'.repeat(1000) + '{"of":[{"x":1,"y":2}]}\n'
    await readAll(jsonLines(file(nested, 'nested-key.jsonl')))
    await readAll(jsonLines(file(late, 'declared.jsonl'), { schema: { a: 'int32' } }))
  })
  expect(warned).toEqual([
    'jsonLines late-key.jsonl, line 1001: the key "b" is in none of the first lines, from which the columns were inferred, and is left out; declare a schema to read it',
    'jsonLines nested-key.jsonl, line 1001: the key "of.y" is in none of the first lines, from which the columns were inferred, and is left out; declare a schema to read it',
  ])
})

test('a file of another format is refused with what reads it', async () => {
  for (const content of ['[{"a":1},{"a":2}]', '[\n{"a":1},\n{"a":2}\n]', '  [\n  {\n    "a": 1\n  }\n]\n']) {
    const path = file(content, 'array.jsonl')
    expect((await failureOf(() => jsonLines(path))).message).toBe(
      `jsonLines array.jsonl: this is a JSON array, not one object a line. Read it with read.json('${path}').`,
    )
    expect((await failureOf(() => jsonLines(path, { schema: { a: 'int32' } }))).message).toMatch('a JSON array')
  }
  const parquet = file('PAR1....PAR1', 'x.parquet')
  expect((await failureOf(() => jsonLines(parquet))).message).toBe(
    `jsonLines x.parquet: this is a Parquet file. Read it with read.parquet('${parquet}').`,
  )
})

test('options that it does not have are refused', async () => {
  const given = (text: string): JsonLinesOptions => JSON.parse(text) as JsonLinesOptions
  const path = file('{"a":1}', 'opt.jsonl')
  expect((await failureOf(() => jsonLines(path, given('{"shema":{}}')))).message).toBe(
    'jsonLines opt.jsonl: there is no option "shema". Did you mean "schema"? The options are schema, onError, follow.',
  )
  expect((await failureOf(() => jsonLines(path, given('{"onError":"nul"}')))).message).toBe(
    'jsonLines opt.jsonl: onError is "nul"; it can be fail, null, skip, collect. Did you mean "null"?',
  )
})

describe('a bad line', () => {
  const content = '{"a":1,"b":"x"}\n{"a":1.5,"b":"y"}\n{"a":2,"b":\n[1]\n{"a":3,"b":"z"}\n'
  const schema = { a: 'int32?', b: 'utf8?' } as const

  test('fails with file, line, column and value', async () => {
    const failure = await failureOf(() => readAll(jsonLines(file(content, 'bad.jsonl'), { schema })))
    expect(failure.message).toBe(
      'jsonLines bad.jsonl, line 2, column "a" (int32?): 1.5 is not a whole number within ±2^31 (int32).',
    )
    expect(failure).toMatchObject({ name: 'DataError', fields: { line: 2, column: 'a', value: '1.5' } })
    const second = await failureOf(() => read('{"a":1}\n{"a":2,"b":\n', { schema }))
    expect(second.message).toMatch(/line 2: it is not JSON: [^.]*\.$/)
  })

  test('becomes null where it is a value, and is left out where it is no object', async () => {
    const reader = open(jsonLines(file(content), { schema, onError: 'null' }))
    expect(rowsOf([(await reader.next())!])).toEqual([
      { a: 1, b: 'x' },
      { a: null, b: 'y' },
      { a: 3, b: 'z' },
    ])
    expect(reader.skipped).toBe(3)
    await reader.close()
  })

  test('is left out, and counted or collected', async () => {
    const source = jsonLines(file(content, 'collect.jsonl'), { schema, onError: 'collect' })
    const reader = open(source)
    expect(rowsOf([(await reader.next())!])).toEqual([
      { a: 1, b: 'x' },
      { a: 3, b: 'z' },
    ])
    const rejected = rowsOf([reader.rejected!()!])
    expect(rejected.map(row => [row['line'], row['column'], row['value'], row['row']])).toEqual([
      [2, 'a', '1.5', '{"a":1.5,"b":"y"}'],
      [3, null, null, '{"a":2,"b":'],
      [4, null, null, '[1]'],
    ])
    await reader.close()
    expect(await read(content, { schema, onError: 'skip' })).toHaveLength(2)
  })
})

test('a file without objects needs a schema, and an empty one has no rows', async () => {
  expect((await failureOf(() => jsonLines(file('', 'empty.jsonl')))).message).toBe(
    'jsonLines empty.jsonl: the file is empty; declare a schema to read it all the same',
  )
  expect(await read('', { schema: { a: 'int32' } })).toEqual([])
})

test('a gzipped file is unpacked', async () => {
  const path = file(gzipSync('{"a":1}\n{"a":2}\n'), 'zipped.jsonl.gz')
  expect(await readAll(jsonLines(path))).toEqual([{ a: 1 }, { a: 2 }])
})

const schema = {
  b: 'bool?',
  i: 'int32?',
  f: 'float64?',
  s: 'utf8?',
  t: 'timestamp?',
  l: 'int64?',
} as const

/** What JSON.parse and the value rules say of each line: the row, or null where it is refused. */
function reference(line: string): Record<string, unknown> | null {
  let object: Record<string, unknown>
  try {
    object = JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
  const row: Record<string, unknown> = {}
  for (const field of Schema.of(schema).fields) {
    const converted = fromJson(object[field.name], field)
    if ('problem' in converted) return null
    row[field.name] = toJs(converted.value, field.type, 'iso')
  }
  return row
}

test('the generated scanner agrees with JSON.parse on any line, good or damaged, for any batch size and split', async () => {
  const values = {
    b: fc.option(fc.boolean()),
    i: fc.option(fc.oneof(fc.integer(), fc.double())),
    f: fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.string())),
    s: fc.option(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '😀', '\n', '\u0000')),
    ),
    t: fc.option(
      fc.oneof(
        fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
        fc.constantFrom('2001-02-29', 'x'),
      ),
    ),
    l: fc.option(fc.oneof(fc.maxSafeInteger(), fc.integer())),
    other: fc.json(),
  }
  const good = fc.record(values, { requiredKeys: ['b', 'i', 'f', 's', 't', 'l'] }).map(record => JSON.stringify(record))
  const damaged = fc
    .tuple(good, fc.nat(), fc.nat(2), fc.constantFrom('', '0', '-', '.', '"', ',', '}', ' ', 'e', '\t', 'null', '\\'))
    .map(([line, at, cut, put]) => {
      const i = at % line.length
      return Buffer.from(line.slice(0, i) + put + line.slice(i + cut)).toString() // as a file holds half a character
    })
  const first = '{"b":true,"i":1,"f":1.5,"s":"x","t":"2001-01-01T00:00:00Z","l":1,"other":2}'
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(good, damaged), { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      async (lines, batch) => {
        const source = jsonLines(file([first, ...lines].join('\n'), 'law.jsonl'), { schema, onError: 'skip' })
        const expected = [first, ...lines].map(reference).filter(row => row !== null)
        const batches = await batchesOf(source, { batchRows: batch })
        expect(rowsOf(batches)).toEqual(expected)
        const after = lines.length % (batches.length + 1)
        expect(await readSplit(source, after, batch)).toEqual(expected)
      },
    ),
    { numRuns: 150 },
  )
})

test('files that DuckDB writes are read as DuckDB reads them', async () => {
  const db = await duckdb()
  const query = `SELECT i AS whole, CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7 END AS ratio, 'a "quoted" 😀 ' || (i % 9) AS text,
    i % 2 = 0 AS flag, DATE '2001-01-01' + i::INTEGER AS day, [i, NULL] AS list, {'x': i, 'y': [{'z': 'q'}]} AS struct
    FROM range(3000) t(i)`
  const path = join(dir, 'duck.jsonl')
  await db.run(`COPY (${query}) TO '${path}' (FORMAT json)`)
  const found = await readAll(jsonLines(path), { batchRows: 512 })
  const expected = (await ask(db, `SELECT to_json(t)::VARCHAR AS line FROM (${query}) t`)).map(
    row => JSON.parse(row['line'] as string) as unknown,
  )
  expect(found).toEqual(expected)
})
