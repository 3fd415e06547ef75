import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read, to } from 'millrace'
import { json } from '../../../sdk/connector/json-array.ts'
import { failureOf, folder, readAll, readSplit } from './reading.ts'

const dir = folder()

function put(name: string, text: string | Uint8Array): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

test('an array is read object by object, whatever its layout', async () => {
  const rows = [
    { a: 1, b: 'x]},{"' },
    { a: null, b: null },
    { a: 3, b: '\\"' },
  ]
  for (const text of [JSON.stringify(rows), JSON.stringify(rows, null, 2), `\ufeff\r\n ${JSON.stringify(rows)} \r\n`]) {
    const source = json(put('layout.json', text))
    expect(source.schema.toObject()).toEqual({ a: 'int64?', b: 'utf8?' })
    expect(await readAll(source)).toEqual(rows)
    for (let after = 0; after < 4; after++) expect(await readSplit(source, after, 1)).toEqual(rows)
  }
  expect(await readAll(json(put('packed.json.gz', gzipSync(JSON.stringify(rows)))))).toEqual(rows)
})

test('an array under keys is found, and what stands around it is left', async () => {
  const text =
    '{ "meta": { "items": [1, "]"], "n": 12 }, "data": { "k": "v", "items": [ { "a": 1 }, { "a": 2 } ], "z": 0 }, "end": true }'
  const source = json(put('under.json', text), { at: '$.data.items' })
  expect(await readAll(source)).toEqual([{ a: 1 }, { a: 2 }])
  expect(await readSplit(source, 1, 1)).toEqual([{ a: 1 }, { a: 2 }])
  const error = async (at: string): Promise<string> =>
    (await failureOf(() => json(join(dir, 'under.json'), { at }))).message
  expect(await error('$')).toMatch(/^json under.json: \$ is no array: there is "\{ .*read.jsonLines/)
  expect(await error('$.meta')).toMatch(/\$.meta is no array/)
  expect(await error('$.none')).toMatch(/there is no key "none"/)
  expect(await error('items')).toMatch(/at is "items"; it begins with \$/)
})

test('a file that is cut anywhere, or has more behind its array, is an error and never fewer rows', async () => {
  const text = JSON.stringify(
    Array.from({ length: 5 }, (_, i) => ({ a: i, b: `é${i}` })),
    null,
    1,
  )
  const schema = { a: 'int32', b: 'utf8' } as const
  for (let cut = 0; cut < text.length; cut++) {
    const error = await failureOf(() => readAll(json(put('cut.json', text.slice(0, cut)), { schema })))
    expect(error.message).toMatch(/^json cut.json/)
  }
  const more = await failureOf(() => readAll(json(put('more.json', `${text} x`), { schema })))
  expect(more.message).toMatch(/after the array there is "x/)
  const missing = await failureOf(() =>
    readAll(json(put('comma.json', '[{"a":1} {"a":2}]'), { schema: { a: 'int32' } })),
  )
  expect(missing.message).toMatch(/after an item there is "\{/)
})

test('a bad value names its line, and bad items are collected', async () => {
  const path = put('bad.json', '[\n{ "a": 1 },\n{ "a":\n"x" },\n7,\n{ "a": 4 }]')
  const error = await failureOf(() => readAll(json(path, { schema: { a: 'int32' } })))
  expect(error.message).toMatch(/^json bad.json, line 3, column "a"/)
  const frame = read.json(path, { schema: { a: 'int32' }, onError: 'collect' })
  expect((await frame.collect()).rows()).toEqual([{ a: 1 }, { a: 4 }])
  expect((await frame.rejected.collect()).column('line')).toEqual([3, 5])
})

test('what is written as an array is read back, and is JSON', async () => {
  const value = fc.record({
    s: fc.option(fc.string({ unit: 'binary' })),
    n: fc.option(fc.integer()),
    l: fc.array(fc.integer()),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(value), fc.nat(5), async (rows, after) => {
      const path = join(dir, 'written.json')
      const schema = { s: 'utf8?', n: 'int64?', l: 'int64[]' } as const
      await read.rows(rows, { schema }).write(to.json(path)).run()
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(rows)
      expect(await readSplit(json(path, { schema }), after, 2)).toEqual(rows)
    }),
    { numRuns: 100 },
  )
})

test('an array larger than a window is read whole', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => ({ i, s: `text of row ${i} with [brackets] and {braces}` }))
  const path = put('large.json', JSON.stringify(rows))
  expect(await readAll(json(path))).toEqual(rows)
  expect((await readSplit(json(path), 30, 1000)).length).toBe(60_000)
})
