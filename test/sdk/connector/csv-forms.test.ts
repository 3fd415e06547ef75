import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { read, to } from 'millrace'
import { csv } from '../../../sdk/connector/csv.ts'
import { toCsv } from '../../../sdk/connector/to-text.ts'
import { failureOf, folder, readAll, readSplit, warningsOf } from './reading.ts'

const dir = folder()

function put(name: string, bytes: string | Uint8Array): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}

test('the types of some columns are given, and the others inferred', async () => {
  const path = put('types.csv', 'zip,n,day\n01,1,2024-01-01\n2,2,\n')
  const source = csv(path, { types: { zip: 'utf8', n: 'float64' } })
  expect(source.schema.toObject()).toEqual({ zip: 'utf8', n: 'float64', day: 'date?' })
  expect((await readAll(source))[1]).toEqual({ zip: '2', n: 2, day: null })
  expect((await failureOf(() => csv(path, { types: { zap: 'utf8' } }))).message).toMatch(/no column "zap".*"zip"/)
  const both = await failureOf(() => csv(path, { types: { zip: 'utf8' }, schema: { n: 'int32' } }))
  expect(both.message).toMatch(/types are for inferred columns/)
})

test('other encodings are read as the same text, from any offset, packed or not', async () => {
  const text = 'name,n\nÉcole €,1\nplain,2\n"ü,\nx",3\n'
  const rows = [
    { name: 'École €', n: 1 },
    { name: 'plain', n: 2 },
    { name: 'ü,\nx', n: 3 },
  ]
  const le = Buffer.from(`\ufeff${text}`, 'utf16le')
  const cp = Buffer.from(text.replace('€', '\x80'), 'latin1')
  const forms = [
    [le, 'utf-16le'],
    [Buffer.from(le).swap16(), 'utf-16be'],
    [cp, 'windows-1252'],
  ] as const
  for (const [bytes, encoding] of forms) {
    for (const [name, stored] of [
      ['plain.csv', bytes],
      ['packed.csv.gz', gzipSync(bytes)],
    ] as const) {
      const source = csv(put(name, stored), { encoding })
      expect(await readAll(source)).toEqual(rows)
      for (let after = 0; after < 4; after++) expect(await readSplit(source, after, 1)).toEqual(rows)
    }
  }
  const bad = await failureOf(() => csv(join(dir, 'plain.csv'), { encoding: 'ebcdic' as 'utf-8' }))
  expect(bad.message).toMatch(/encoding is "ebcdic"; it can be utf-8/)
})

test('a file is written with another delimiter, without a header, with a text for null, and packed', async () => {
  const frame = read.rows([
    { a: 'x;y', b: null },
    { a: 'NA', b: 1.5 },
    { a: '', b: 2 },
  ])
  const path = join(dir, 'forms.csv.gz')
  await frame.write(to.csv(path, { delimiter: ';', header: false, null: 'NA' })).run()
  expect(gunzipSync(readFileSync(path)).toString()).toBe('"x;y";NA\n"NA";1.5\n"";2\n')
  const schema = { a: 'utf8', b: 'float64?' } as const
  const back = await read.csv(path, { delimiter: ';', header: false, nulls: ['', 'NA'], schema }).collect()
  expect(back.rows()).toEqual((await frame.collect()).rows())
  const lines = join(dir, 'forms.jsonl.gz')
  await frame.write(to.jsonLines(lines)).run()
  expect((await read.jsonLines(lines).collect()).rows()).toEqual((await frame.collect()).rows())
  expect((await failureOf(() => toCsv(path, { delimiter: '"' }))).message).toMatch(/it must be one character/)
  expect((await failureOf(() => toCsv(path, { null: ',' }))).message).toMatch(/needs no quotes/)
})

test('lines before the header and lines of comments are stepped over, and counted', async () => {
  const path = put('notes.csv', 'made by x\n"unclosed, 1\n# units\nn,text\n1,#a\n# 2,b\n\n3,"#\n# c"\n#last')
  const options = { skipLines: 2, comment: '#' } as const
  const source = csv(path, options)
  const rows = [
    { n: 1, text: '#a' },
    { n: 3, text: '#\n# c' },
  ]
  expect(await readAll(source)).toEqual(rows)
  for (let after = 0; after < 3; after++) expect(await readSplit(source, after, 1)).toEqual(rows)
  const bad = csv(put('bad.csv', 'x\n# c\nn\n1\n# d\nx\n'), { skipLines: 1, comment: '#', schema: { n: 'int32' } })
  expect((await failureOf(() => readAll(bad))).message).toContain('line 6')
  const bare = csv(put('bare.csv', 'x\n#\n1,2\n#\n'), { skipLines: 1, comment: '#', header: false })
  expect(await readAll(bare)).toEqual([{ column1: 1, column2: 2 }])
  expect(() => csv(path, { skipLines: 99 })).toThrow('skipLines is 99, and only 9 lines end in the first')
  expect(() => csv(path, { skipLines: -1 })).toThrow('skipLines is -1; it must be a whole number from 0')
  expect(() => csv(path, { comment: '//' })).toThrow('comment is "//"; it must be one ASCII character')
  expect(() => csv(path, { comment: ',' })).toThrow('comment and delimiter are the same character')
})

test('a long file of comments is read window by window as without them', async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${i},${'x'.repeat(i % 40)}\n`)
  const comment = (i: number): string => (i % 7 === 0 ? `# ${'y'.repeat(i % 90)}\n` : '')
  const plain = csv(put('plain.csv', `n,text\n${lines.join('')}`))
  const noted = put('noted.csv', `n,text\n${lines.map((line, i) => comment(i) + line).join('')}`)
  expect(await readAll(csv(noted, { comment: '#' }))).toEqual(await readAll(plain))
  const long = put('long.csv', `n,text\n${lines[1]}# ${'1,'.repeat(1_200_000)}\n${lines[2]}`)
  expect(await readAll(csv(long, { comment: '#' }))).toEqual([
    { n: 1, text: 'x' },
    { n: 2, text: 'xx' },
  ])
})

test('a name in .tsv means tabs, and a line that was not cut is told of', async () => {
  expect(await readAll(csv(put('a.tsv', 'a\tb\n1,5\t2\n')))).toEqual([{ a: '1,5', b: 2 }])
  expect(await readAll(csv(put('b.tsv', 'a,b\n1,2\n'), { delimiter: ',' }))).toEqual([{ a: 1, b: 2 }])
  const warned = await warningsOf('MILLRACE_DELIMITER', () => csv(put('c.csv', 'a;b\n1;2\n')))
  expect(warned).toEqual([
    'csv c.csv: the first line is one cell, "a;b"; if its cells are apart by another character, say so: { delimiter: ";" }',
  ])
  expect(await warningsOf('MILLRACE_DELIMITER', () => csv(put('d.csv', 'a\n1\n')))).toEqual([])
})
