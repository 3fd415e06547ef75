/** Folders of Parquet files by the values of columns: literal trees, DuckDB as reader, and what happens when it fails. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as zlib from 'node:zlib'
import { read, to } from 'millrace'
import { ask, duckdb, failureOf, folder } from './reading.ts'

const dir = folder()
const tree = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .flatMap(entry => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(path.length + 1)] : []))
    .toSorted()

const sales = read.rows(
  [
    { id: 1, year: 2024, city: 'Oslo', day: '2024-01-31' },
    { id: 2, year: 2023, city: null, day: '2023-12-31' },
    { id: 3, year: 2024, city: 'São/Paulo = 1%', day: '2024-01-31' },
    { id: 4, year: 2024, city: 'Oslo', day: '1969-12-31' },
    { id: 5, year: 2024, city: '', day: '2024-01-31' },
  ],
  { schema: { id: 'int32', year: 'int64', city: 'utf8?', day: 'date' } },
)

describe('a folder for each value', () => {
  test('columns stand in the names of folders, encoded, and null has a name of its own', async () => {
    const path = join(dir, 'sales')
    await sales.write(to.parquet(path, { partitionBy: ['year', 'city'] })).run()
    expect(tree(path)).toEqual([
      'year=2023/city=__HIVE_DEFAULT_PARTITION__/part-0.parquet',
      'year=2024/city=/part-0.parquet',
      'year=2024/city=Oslo/part-0.parquet',
      'year=2024/city=S%C3%A3o%2FPaulo%20%3D%201%25/part-0.parquet',
    ])
    const back = read.parquet(path)
    expect(back.schema).toEqual({ id: 'int32', day: 'date', year: 'int64', city: 'utf8?' })
    const rows = (await back.select('id', 'year', 'city', 'day').orderBy('id').collect()).rows()
    expect(rows).toEqual((await sales.collect()).rows())
    expect(
      (
        await back
          .filter(t => t.city.eq('Oslo'))
          .orderBy('id')
          .collect()
      )
        .rows()
        .map(row => row.id),
    ).toEqual([1, 4])
    expect(readdirSync(dir)).toEqual(['sales'])
  })

  test('DuckDB reads the same', async () => {
    const path = join(dir, 'days')
    await sales.write(to.parquet(path, { partitionBy: ['day'] })).run()
    const query = `SELECT id, year::INT AS year, city, day::VARCHAR AS day FROM read_parquet('${path}/**/*.parquet', hive_partitioning = true) ORDER BY id`
    const theirs = await ask(await duckdb(), query)
    const ours = (await read.parquet(path).orderBy('id').collect()).rows({ times: 'iso' })
    expect(theirs).toEqual(ours.map(({ id, year, city, day }) => ({ id, year, city, day })))
  })

  test('rows come back whatever the values, in many small batches', async () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom('.', '..', 'a=b', 'a/b', '%2F', '😀', '\0'),
    )
    const rows = fc.array(
      fc.record({
        a: fc.option(key),
        b: fc.option(fc.boolean()),
        c: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      }),
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(rows, async values => {
        const schema = { i: 'int32', a: 'utf8?', b: 'bool?', c: 'bigint?' } as const
        const frame = read.rows(
          values.map((row, i) => ({ i, ...row })),
          { schema },
        )
        const path = join(dir, `law-${run++}`)
        await frame.write(to.parquet(path, { partitionBy: ['c', 'a', 'b'] })).run()
        const back = await read.parquet(path, { schema }).orderBy('i').collect()
        expect(back.rows()).toEqual(values.map((row, i) => ({ i, ...row })))
      }),
      { numRuns: 40 },
    )
  })

  test('an empty frame gives one empty file', async () => {
    const path = join(dir, 'empty')
    await sales
      .filter(t => t.id.gt(9))
      .write(to.parquet(path, { partitionBy: ['year'] }))
      .run()
    expect(tree(path)).toEqual(['year=__HIVE_DEFAULT_PARTITION__/part-0.parquet'])
    expect((await read.parquet(path).collect()).rows()).toEqual([])
  })
})

describe('what is there already', () => {
  test('is kept, unless it is to be replaced', async () => {
    const path = join(dir, 'kept')
    await sales.write(to.parquet(path, { partitionBy: ['year'] })).run()
    const again = (existing?: 'replace') =>
      sales
        .filter(t => t.year.eq(2024))
        .write(to.parquet(path, { partitionBy: ['year'], ...(existing && { existing }) }))
        .run()
    expect((await failureOf(() => again())).message).toContain(
      `to.parquet kept: the folder ${path} is there already, with 4 entries. Write to another, remove it, or replace it: { existing: 'replace' }`,
    )
    expect(tree(path)).toEqual(['year=2023/part-0.parquet', 'year=2024/part-0.parquet'])
    await again('replace')
    expect(tree(path)).toEqual(['year=2024/part-0.parquet'])
    writeFileSync(join(path, 'notes.txt'), 'mine')
    expect((await failureOf(() => again('replace'))).message).toContain('which is no .parquet file')
    expect(tree(path)).toEqual(['notes.txt', 'year=2024/part-0.parquet'])
  })

  test('a failure leaves nothing behind', async () => {
    const inner = join(dir, 'failing')
    mkdirSync(inner)
    const path = join(inner, 'out')
    const failing = sales.derive(t => ({ bad: t.id.sub(3) })).derive(t => ({ bad: t.id.mod(t.bad) }))
    expect((await failureOf(() => failing.write(to.parquet(path, { partitionBy: ['year'] })).run())).message).toContain(
      'division by zero',
    )
    expect(readdirSync(inner)).toEqual([])
  })
})

test('what cannot be is refused', async () => {
  const run = async (frame: typeof sales, by: readonly string[]): Promise<string> =>
    (await failureOf(() => frame.write(to.parquet(join(dir, 'no'), { partitionBy: by })).run())).message
  expect(await run(sales, ['yeer'])).toContain(
    `to.parquet no: partitionBy names "yeer", which is no column. Did you mean "year"? The columns are id, year, city, day.`,
  )
  expect(await run(sales, ['id', 'year', 'city', 'day'])).toContain('partitionBy names all columns')
  const frame = sales.derive(t => ({ half: t.id.div(2) }))
  expect(
    (await failureOf(() => frame.write(to.parquet(join(dir, 'no'), { partitionBy: ['half'] })).run())).message,
  ).toContain(
    `"half", which is float64; a folder's name holds utf8, int32, int64, bigint, bool, date. Truncate or format it first.`,
  )
  expect(() => to.parquet('x', { partitionBy: [] })).toThrow(`partitionBy is a list of at least one column`)
  expect(() => to.parquet('x', { partitionBy: ['a', 'a'] })).toThrow('names "a" twice')
  expect(() => to.parquet('x', { existing: 'replace' })).toThrow('existing is for folders, beside partitionBy')
  for (const [city, message] of [
    ['__HIVE_DEFAULT_PARTITION__', `"city" is "__HIVE_DEFAULT_PARTITION__", which stands for null in a folder's name`],
    ['\ud800', String.raw`"city" is "\ud800", which has half of a character and no UTF-8. Replace it first.`],
  ] as const) {
    const odd = read.rows([{ id: 1, city }]).write(to.parquet(join(dir, 'no'), { partitionBy: ['city'] }))
    expect((await failureOf(() => odd.run())).message).toContain(message)
  }
  expect(existsSync(join(dir, 'no'))).toBe(false)
})

test('zstd is written where Node.js has it, and refused elsewhere', async () => {
  const path = join(dir, 'packed.parquet')
  const write = async (): Promise<string> => {
    await sales.write(to.parquet(path, { compression: 'zstd' })).run()
    expect((await read.parquet(path).collect()).rows()).toEqual((await sales.collect()).rows())
    const codecs = await ask(await duckdb(), `SELECT DISTINCT compression AS c FROM parquet_metadata('${path}')`)
    return String(codecs[0]!['c'])
  }
  const found = await write().catch((error: Error) => error.message)
  expect(found).toContain('zstdCompressSync' in zlib ? 'ZSTD' : 'does not write zstd; 22.15 and later do')
})
