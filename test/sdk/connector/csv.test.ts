import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { csv, type CsvOptions } from '../../../sdk/connector/csv.ts'
import { valueAt } from '../../../sdk/data/column.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { ask, batchesOf, duckdb, failureOf, folder, open, readAll, readSplit, rowsOf, warningsOf } from './reading.ts'

const dir = folder()
let serial = 0

function file(content: string | Uint8Array, name: string = `file-${++serial}.csv`): string {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

const read = (content: string, options: CsvOptions = {}): Promise<Record<string, unknown>[]> =>
  readAll(csv(file(content), options))

describe('without a schema', () => {
  test('types are inferred from the first rows, and an empty cell is null', async () => {
    const content = `id,delay,ratio,late,day,at,code,text,none
1,-5,1.5,true,2001-01-01,2001-01-01T10:00:00Z,007,a,
2,,2,FALSE,2001-02-28,2001-01-01 10:00:00.25,012,"b, c",
`
    const source = csv(file(content))
    expect(source.schema.toObject()).toEqual({
      id: 'int64?',
      delay: 'int64?',
      ratio: 'float64?',
      late: 'bool?',
      day: 'date?',
      at: 'timestamp?',
      code: 'utf8?',
      text: 'utf8?',
      none: 'utf8?',
    })
    expect(await readAll(source)).toEqual([
      {
        id: 1,
        delay: -5,
        ratio: 1.5,
        late: true,
        day: '2001-01-01',
        at: '2001-01-01T10:00:00Z',
        code: '007',
        text: 'a',
        none: null,
      },
      {
        id: 2,
        delay: null,
        ratio: 2,
        late: false,
        day: '2001-02-28',
        at: '2001-01-01T10:00:00.250Z',
        code: '012',
        text: 'b, c',
        none: null,
      },
    ])
  })

  test('a cell after the first rows that does not fit says that the type was inferred', async () => {
    const path = file('a\n' + '1\n'.repeat(1500) + 'x\n', 'late.csv')
    expect((await failureOf(() => readAll(csv(path)))).message).toBe(
      `csv late.csv, line 1502, column "a" (int64?): "x" is not a whole number within ±(2^53 − 1) (int64). The type was inferred from the first rows: declare a schema to change it; \`millrace schema ${path}\` writes one down.`,
    )
  })

  test('whole numbers beyond 2^53 are bigint, or text where float64 would round one of them', async () => {
    const warned = await warningsOf('MILLRACE_WIDE_NUMBERS', async () => {
      const source = csv(
        file(
          `id,v,far,float,zip
9007199254740992,1,18446744073709551615,100000000000000000,-09007199254740993
9007199254740993,9007199254740993.5,1,0.5,1
12,9007199254740993,2,1,2
`,
          'wide.csv',
        ),
      )
      expect(source.schema.toObject()).toEqual({
        id: 'bigint?',
        v: 'utf8?',
        far: 'utf8?',
        float: 'float64?',
        zip: 'utf8?',
      })
      expect(await readAll(source, { columns: ['id', 'v', 'float'] })).toEqual([
        { id: 9_007_199_254_740_992n, v: '1', float: 1e17 },
        { id: 9_007_199_254_740_993n, v: '9007199254740993.5', float: 0.5 },
        { id: 12n, v: '9007199254740993', float: 1 },
      ])
    })
    expect(warned).toEqual([
      'csv wide.csv: column "v" has 9007199254740993, which no type of numbers holds beside the others without rounding, so it is utf8; declare it float64 to round',
      'csv wide.csv: column "far" has 18446744073709551615, which no type of numbers holds beside the others without rounding, so it is utf8; declare it float64 to round',
    ])
  })

  test('whole numbers beyond 2^53 after the first rows are refused with what to declare', async () => {
    const late = (first: string, last: string): string =>
      file(`id\n${`${first}\n`.repeat(1500)}${last}\n`, 'wide-late.csv')
    const path = late('1', '9007199254740993')
    const failure = await failureOf(() => readAll(csv(path)))
    expect(failure.message).toBe(
      `csv wide-late.csv, line 1502, column "id" (int64?): "9007199254740993" is not a whole number within ±(2^53 − 1) (int64). Declare a schema with "id" as bigint. \`millrace schema ${path}\` writes down the other columns.`,
    )
    expect(failure).toMatchObject({ fields: { line: 1502, column: 'id', value: '9007199254740993' } })
    const floats = await failureOf(() => readAll(csv(late('0.5', ' +9007199254740993'))))
    expect(floats.message).toMatch(
      'line 1502, column "id" (float64?): +9007199254740993 is beyond 2^53, and float64 would round it.',
    )
    const declared = csv(late('0.5', '9007199254740993'), { schema: { id: 'float64' } })
    expect((await readAll(declared)).at(-1)).toEqual({ id: 9_007_199_254_740_992 })
  })

  test('NaN and the infinities are floats', async () => {
    const source = csv(file('x,word\n1,inf\nNaN,infinite\nInfinity,nan\n-inf,x\n+inf,y\n'))
    expect(source.schema.toObject()).toEqual({ x: 'float64?', word: 'utf8?' })
    expect((await readAll(source)).map(row => row['x'])).toEqual([1, NaN, Infinity, -Infinity, Infinity])
  })
})

describe('the cells that are null', () => {
  test('are the listed ones, quoted ones too except in text', async () => {
    const source = csv(file('n,text\n1,NA\nNA,\n"NA","NA"\n,-\n-999,x\n'), { nulls: ['NA', '-999'] })
    expect(source.schema.toObject()).toEqual({ n: 'int64?', text: 'utf8?' })
    expect(await readAll(source)).toEqual([
      { n: 1, text: null },
      { n: null, text: '' },
      { n: null, text: 'NA' },
      { n: null, text: '-' },
      { n: null, text: 'x' },
    ])
  })

  test('are empty ones unless others are listed', async () => {
    expect(await read('n,text\n1,\n,NA\n')).toEqual([
      { n: 1, text: null },
      { n: null, text: 'NA' },
    ])
    expect(await read('n,text\n1,\n,NA\n', { nulls: ['', 'NA'] })).toEqual([
      { n: 1, text: null },
      { n: null, text: null },
    ])
  })

  test('are refused in a column that cannot be null', async () => {
    const schema = { n: 'int32', text: 'utf8' } as const
    expect(await read('n,text\n1,NA\n', { schema, nulls: ['NA'] })).toEqual([{ n: 1, text: 'NA' }])
    expect((await failureOf(() => read('n,text\nNA,x\n', { schema, nulls: ['NA'] }))).message).toMatch(
      'line 2, column "n" (int32): "NA" is null, and the column is not nullable.',
    )
  })
})

test('options that it does not have are refused', async () => {
  const path = file('a\n1\n', 'opt.csv')
  const refusal = async (text: string): Promise<string> =>
    (await failureOf(() => csv(path, JSON.parse(text) as CsvOptions))).message
  expect(await refusal('{"shema":{}}')).toBe(
    'csv opt.csv: there is no option "shema". Did you mean "schema"? The options are schema, types, encoding, delimiter, skipLines, comment, header, nulls, onError, follow.',
  )
  expect(await refusal('{"onError":"ignore"}')).toBe(
    'csv opt.csv: onError is "ignore"; it can be fail, null, skip, collect.',
  )
  expect(await refusal('{"header":"no"}')).toBe('csv opt.csv: header is "no"; it must be true or false')
  expect(await refusal('{"nulls":"NA"}')).toBe("csv opt.csv: nulls must be a list of texts, such as ['', 'NA']")
  expect(await refusal('{"delimiter":9}')).toMatch('csv opt.csv: delimiter is 9; it must be one ASCII character')
})

test('a Parquet file is refused with what reads it', async () => {
  const path = file('PAR1\u0001', 'x.parquet')
  expect((await failureOf(() => csv(path))).message).toBe(
    `csv x.parquet: this is a Parquet file. Read it with read.parquet('${path}').`,
  )
})

test('quoted cells hold delimiters, line ends and doubled quotes, and lines end in LF or CRLF', async () => {
  const content = '\ufeffname,"a ""b"""\r\n"x,\n""y""","z"\r\n"",\n\nlast,1'
  expect(await read(content)).toEqual([
    { name: 'x,\n"y"', 'a "b"': 'z' },
    { name: '', 'a "b"': null },
    { name: 'last', 'a "b"': '1' },
  ])
})

test('the delimiter is an option, and a file need not have a header', async () => {
  expect(await read('a;b\n1;2\n', { delimiter: ';' })).toEqual([{ a: 1, b: 2 }])
  expect(await read('1,x\n2,y\n', { header: false })).toEqual([
    { column1: 1, column2: 'x' },
    { column1: 2, column2: 'y' },
  ])
  expect(await read('1,x\n', { header: false, schema: { n: 'int32', s: 'utf8' } })).toEqual([{ n: 1, s: 'x' }])
  expect((await failureOf(() => read('a\n', { delimiter: ';;' }))).message).toMatch(
    'delimiter is ";;"; it must be one ASCII character',
  )
})

test('a gzipped file is unpacked, from any offset', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `${i},${'x'.repeat(i % 50)}`)
  const path = file(gzipSync(`a,b\n${lines.join('\n')}\n`), 'zipped.csv.gz')
  const source = csv(path)
  const whole = await readAll(source)
  expect(whole.length).toBe(5000)
  expect(whole[4999]).toEqual({ a: 4999, b: 'x'.repeat(49) })
  for (const after of [0, 1, 3, 5]) expect(await readSplit(source, after, 1000)).toEqual(whole)
})

describe('a declared schema', () => {
  const all = { b: 'bool', i: 'int32', l: 'int64', big: 'bigint', f: 'float64', f32: 'float32', s: 'utf8' } as const

  test('of every type that a cell can hold', async () => {
    const schema = { ...all, d: 'date', t: 'timestamp', dur: 'duration', dec: 'decimal(10,2)' } as const
    const content = `b,i,l,big,f,f32,s,d,t,dur,dec
true,-2147483648,9007199254740991,-9223372036854775808,-1.5e-7,0.1,,1969-12-31,1969-12-31T23:59:59.999999,1.5,-12.3
False,+1,1e3,12345678901234567890,NaN,-inf,é,0001-01-01,2001-01-01T00:00:00+02:00,0,7
`
    const failure = await failureOf(() => read(content, { schema }))
    expect(failure.message).toMatch('line 3, column "big" (bigint): "12345678901234567890" is not a bigint.')
    const rows = await read(content, { schema, onError: 'skip' })
    expect(rows).toEqual([
      {
        b: true,
        i: -2_147_483_648,
        l: 9_007_199_254_740_991,
        big: -(2n ** 63n),
        f: -1.5e-7,
        f32: Math.fround(0.1),
        s: '',
        d: '1969-12-31',
        t: '1969-12-31T23:59:59.999999Z',
        dur: 1.5,
        dec: '-12.30',
      },
    ])
    expect(
      await read(content.replace('12345678901234567890', '1'), {
        schema: { f: 'float64', f32: 'float32', i: 'int32', t: 'timestamp' },
      }),
    ).toMatchObject([{}, { f: NaN, f32: -Infinity, i: 1, t: '2000-12-31T22:00:00Z' }])
  })

  test('selects and orders columns, and only those that are asked for are checked', async () => {
    const source = csv(file('a,b,c\nx,1,2\n'), { schema: { c: 'int32', a: 'int32' } })
    expect(await readAll(source, { columns: ['c'] })).toEqual([{ c: 2 }])
    expect((await failureOf(() => readAll(source))).message).toMatch('line 2, column "a" (int32): "x" is not a whole')
  })

  test('with a column that the file has not is refused when the source is made', async () => {
    const path = file('delay,origin\n', 'named.csv')
    expect((await failureOf(() => csv(path, { schema: { dealy: 'int32' } }))).message).toBe(
      'csv named.csv: the file has no column "dealy". Did you mean "delay"? The columns are delay, origin.',
    )
    expect((await failureOf(() => csv(path, { schema: { delay: 'int32[]' } }))).message).toBe(
      'csv named.csv: column "delay" is int32[], which a CSV cell does not hold. Read it as utf8.',
    )
  })
})

describe('a bad cell', () => {
  const content = 'day,delay\n2001-01-01,1\n2001-02-30,2\n"2001-03-01",abc\n2001-04-01,\n'
  const schema = { day: 'date?', delay: 'int32?' } as const

  test('fails with file, line, column and value', async () => {
    const failure = await failureOf(() => readAll(csv(file(content, 'bad.csv'), { schema })))
    expect(failure.name).toBe('DataError')
    expect(failure.message).toBe(
      'csv bad.csv, line 3, column "day" (date?): "2001-02-30" is not a day (date: YYYY-MM-DD).',
    )
    expect(failure).toMatchObject({ code: 'bad-cell', fields: { line: 3, column: 'day', value: '2001-02-30' } })
  })

  test('becomes null, and is counted', async () => {
    const reader = open(csv(file(content), { schema, onError: 'null' }))
    const batch = (await reader.next())!
    expect(rowsOf([batch])).toEqual([
      { day: '2001-01-01', delay: 1 },
      { day: null, delay: 2 },
      { day: '2001-03-01', delay: null },
      { day: '2001-04-01', delay: null },
    ])
    expect(reader.skipped).toBe(2)
    await reader.close()
    const strict = { day: 'date?', delay: 'int32' } as const
    expect((await failureOf(() => readAll(csv(file(content), { schema: strict, onError: 'null' })))).message).toMatch(
      'line 4, column "delay" (int32): "abc" is not a whole number',
    )
  })

  test('leaves its row out, and is counted or collected', async () => {
    const skip = open(csv(file(content), { schema, onError: 'skip' }))
    expect(rowsOf([(await skip.next())!])).toEqual([
      { day: '2001-01-01', delay: 1 },
      { day: '2001-04-01', delay: null },
    ])
    expect(skip.skipped).toBe(2)
    expect(skip.rejected?.()).toBe(null)
    await skip.close()
    const collect = open(csv(file(content, 'collected.csv'), { schema, onError: 'collect' }))
    expect((await collect.next())!.length).toBe(2)
    expect(rowsOf([collect.rejected!()!])).toEqual([
      {
        source: 'csv collected.csv',
        line: 3,
        column: 'day',
        value: '2001-02-30',
        reason: '"2001-02-30" is not a day (date: YYYY-MM-DD)',
        row: '2001-02-30,2',
      },
      {
        source: 'csv collected.csv',
        line: 4,
        column: 'delay',
        value: 'abc',
        reason: '"abc" is not a whole number within ±2^31 (int32)',
        row: '"2001-03-01",abc',
      },
    ])
    expect(collect.rejected!()).toBe(null)
    await collect.close()
  })
})

describe('a bad row', () => {
  const content = 'a,b\n1,2\n3\n4,5,6\n"7"x,8\n9,10\n'

  test('fails with its line and its number of cells', async () => {
    expect((await failureOf(() => readAll(csv(file(content, 'rows.csv'))))).message).toMatch(
      /^csv rows.csv, line 3: the row has 1 cells, and there are 2 columns\.$/,
    )
  })

  test('is filled and cut, left out, or collected', async () => {
    const schema = { a: 'int32?', b: 'int32?' } as const
    expect(await read(content, { schema, onError: 'null' })).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: null },
      { a: 4, b: 5 },
      { a: 7, b: 8 },
      { a: 9, b: 10 },
    ])
    expect(await read(content, { schema, onError: 'skip' })).toEqual([
      { a: 1, b: 2 },
      { a: 9, b: 10 },
    ])
    const reader = open(csv(file(content), { schema, onError: 'collect' }))
    await reader.next()
    expect(rowsOf([reader.rejected!()!]).map(row => [row['line'], row['reason'], row['row']])).toEqual([
      [3, 'the row has 1 cells, and there are 2 columns', '3'],
      [4, 'the row has 3 cells, and there are 2 columns', '4,5,6'],
      [5, 'there is text after the closing quote of cell 1', '"7"x,8'],
    ])
    await reader.close()
  })

  test('whose quote is never closed is named by the line where it begins', async () => {
    const failure = await failureOf(() => read('a,b\n1,2\n3,"4\n5,6\n', { schema: { a: 'int32', b: 'utf8' } }))
    expect(failure.message).toMatch('line 3: a quote is never closed, and the file ends')
  })
})

test('an empty file, two columns of one name and a missing file are refused when the source is made', async () => {
  expect((await failureOf(() => csv(file('', 'empty.csv')))).message).toBe(
    'csv empty.csv: the file is empty: it has no header',
  )
  expect((await failureOf(() => csv(file('a,b,a\n', 'twice.csv')))).message).toBe(
    'csv twice.csv: the header names "a" more than once, at 1 and 3. Rename one, or pass header: false with a schema.',
  )
  expect((await failureOf(() => csv(join(dir, 'emty.csv')))).message).toMatch('Did you mean "empty.csv"?')
  expect((await failureOf(() => csv(file('text', 'text.csv.gz')))).message).toMatch('it is not a gzip file')
})

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'é', '😀', '"', ',', '\n', '\r', ' ', '0', '\t') }),
  fc.constantFrom('', '"', '""', '\r\n', ',', '1'),
)

const quote = (text: string, always: boolean): string =>
  always || text === '' || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

test('what RFC 4180 writes is read back, for any batch size, line end, window and split', async () => {
  const table = fc.array(fc.tuple(cell, fc.option(cell), fc.boolean()), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 7 }),
      async (rows, crlf, end, batch) => {
        const newline = crlf ? '\r\n' : '\n'
        const lines = rows.map(([a, b, always]) => `${quote(a, always)},${b === null ? '' : quote(b, always)}`)
        const content = ['a,b', ...lines].join(newline) + (end ? newline : '')
        const source = csv(file(content, 'law.csv'), { schema: { a: 'utf8', b: 'utf8?' } })
        const expected = rows.map(([a, b]) => ({ a, b }))
        const batches = await batchesOf(source, { batchRows: batch })
        expect(rowsOf(batches)).toEqual(expected)
        for (let after = 0; after <= batches.length; after++) {
          expect(await readSplit(source, after, batch)).toEqual(expected)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a record may stand anywhere between two windows', async () => {
  const cells = { plain: 'ab', quoted: '"x""\r\ny"', empty: '""' }
  for (const cell of Object.values(cells)) {
    const text = cell.startsWith('"') ? cell.slice(1, -1).replace('""', '"') : cell
    const record = `${cell}\r\n`
    const count = Math.ceil((1 << 20) / record.length) + 100
    for (let header = 1; header <= record.length; header++) {
      const name = 'h'.repeat(header)
      const source = csv(file(`${name}\r\n${record.repeat(count)}`, 'windows.csv'), { schema: { [name]: 'utf8?' } })
      let [rows, wrong] = [0, 0]
      for (const batch of await batchesOf(source, { batchRows: 16_384 })) {
        rows += batch.length
        for (let i = 0; i < batch.length; i++) if (valueAt(batch.columns[0]!, i) !== text) wrong++
      }
      expect([rows, wrong]).toEqual([count, 0])
    }
  }
})

test('numbers are those that JavaScript reads, and nothing else is a number', async () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map(String),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
    fc.tuple(fc.integer(), fc.nat(10 ** 9)).map(([a, b]) => `${a}.${b}`),
    fc.string({ unit: fc.constantFrom('0', '1', '.', '-', '+', 'e', ' ', 'x') }).filter(text => text.trim() !== ''),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 30 }), async texts => {
      const path = file(`a,b\n${texts.map(text => `${text},${text}`).join('\n')}\n`, 'numbers.csv')
      const found = await readAll(csv(path, { schema: { a: 'float64?', b: 'int64?' }, onError: 'null' }))
      const isNumber = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text.trim())
      const expected = texts.map(text => {
        const value = isNumber(text) && Number.isFinite(Number(text)) ? Number(text) : null
        return { a: value, b: Number.isSafeInteger(value) ? value! + 0 : null }
      })
      expect(found).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})

test('records longer than a window are read', async () => {
  const long = 'x'.repeat(3_000_000)
  expect(await read(`a,b\n"${long}\n",1\n2,3\n`, { schema: { a: 'utf8', b: 'int32' } })).toEqual([
    { a: `${long}\n`, b: 1 },
    { a: '2', b: 3 },
  ])
})

test('files that DuckDB writes are read as DuckDB reads them', async () => {
  const db = await duckdb()
  const query = `SELECT i AS whole, CASE WHEN i % 3 = 0 THEN NULL ELSE i / 7 END AS ratio, 'a "quoted", ' || (i % 9) AS text,
    i % 2 = 0 AS flag, DATE '2001-01-01' + i::INTEGER AS day, TIMESTAMP '1969-12-31 00:00:00.5' + to_hours(i) AS at,
    CASE WHEN i % 5 = 0 THEN NULL WHEN i % 5 = 1 THEN '' ELSE md5(i::VARCHAR) || chr(10) END AS line
    FROM range(20000) t(i)`
  const path = join(dir, 'duck.csv')
  await db.run(`COPY (${query}) TO '${path}' (HEADER, FORCE_QUOTE (line))`)
  const schema: Columns = {
    whole: 'int64',
    ratio: 'float64?',
    text: 'utf8',
    flag: 'bool',
    day: 'date',
    at: 'timestamp',
    line: 'utf8?',
  }
  const source = csv(path)
  expect(source.schema.toObject()).toEqual(
    Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, `${(type as string).replace('?', '')}?`])),
  )
  const found = await readAll(csv(path, { schema }), { batchRows: 4096 })
  const expected = await ask(db, `SELECT *, strftime("at", '%Y-%m-%dT%H:%M:%S.500Z') AS at2 FROM (${query})`)
  expect(found.length).toBe(20_000)
  const differ = found.findIndex((row, i) => {
    const other = expected[i]!
    return (
      row['whole'] !== Number(other['whole']) ||
      row['ratio'] !== other['ratio'] ||
      row['text'] !== other['text'] ||
      row['flag'] !== other['flag'] ||
      row['day'] !== other['day'] ||
      row['at'] !== other['at2'] ||
      (row['line'] ?? '') !== (other['line'] ?? '')
    )
  })
  expect(differ === -1 ? null : [found[differ], expected[differ]]).toBe(null)
})

test('a pass over a gzipped file may end early', async () => {
  const path = file(gzipSync(`a\n${'1\n'.repeat(300_000)}`), 'early.csv.gz')
  const reader = open(csv(path), { batchRows: 10 })
  expect((await reader.next())?.length).toBe(10)
  await reader.close()
  expect((await readAll(csv(path), { batchRows: 100_000 })).length).toBe(300_000)
})

test('the generated scanner agrees with the parser of all records, for any delimiter, line end and damage', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      '',
      '""',
      '"a"',
      '"a""b"',
      '"a\nb"',
      '"a,b"',
      'a',
      'é😀',
      'a"b',
      'a\tb',
      ' 1',
      '01',
      '+1',
      'nan',
      '"7"',
    ),
    fc.constantFrom('true', 'FALSE', '2001-01-31', '2001-02-30', '2001-01-01T10:00:00Z', '2001-01-01 10:00:00.25'),
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double(), fc.bigInt()).map(String),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  )
  const schema = { a: 'utf8?', b: 'int32?', c: 'float64', d: 'utf8', e: 'timestamp?', f: 'bool?', g: 'int64?' } as const
  const plain = fc.tuple(
    fc.constantFrom('', 'x', 'some text', '"quoted"'),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('', 'x', 'y'),
    fc.constantFrom('', '2001-01-01T10:00:00Z'),
    fc.constantFrom('', 'true'),
    fc.maxSafeInteger().map(String),
  )
  const record = fc.oneof({ weight: 3, arbitrary: plain }, fc.array(cell, { minLength: 6, maxLength: 8 }))
  const records = fc.array(record, { minLength: 1, maxLength: 30 })
  const delimiters = fc.constantFrom(',', ';', '|', '\t')
  await fc.assert(
    fc.asyncProperty(
      records,
      delimiters,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      fc.subarray(Object.keys(schema), { minLength: 1 }),
      async (rows, delimiter, end, ended, columns) => {
        const lines = rows.map(cells => cells.join(delimiter)).join(end) + (ended ? end : '')
        const path = file(`a,b,c,d,e,f,g\n`.replaceAll(',', delimiter) + lines)
        const parse = async (nulls: readonly string[]): Promise<unknown> => {
          const reader = open(csv(path, { delimiter, schema, nulls, onError: 'collect' }), { columns, batchRows: 7 })
          const found: unknown[] = []
          for (let batch = await reader.next(); batch !== null; batch = await reader.next())
            found.push(...rowsOf([batch]))
          const rejected = reader.rejected?.() ?? null
          await reader.close()
          return { found, rejected: rejected === null ? [] : rowsOf([rejected]) }
        }
        // where a word stands for null, each record goes through the parser of all of them
        expect(await parse([''])).toEqual(await parse(['', 'no such word anywhere']))
      },
    ),
  )
})
