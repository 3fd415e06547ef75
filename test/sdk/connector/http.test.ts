/** Sources behind addresses, from a server in a process of its own: the first look at a file waits without answering. */
import { fork, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count, read, to } from 'millrace'
import { csv } from '../../../sdk/connector/csv.ts'
import { failureOf, folder, readSplit } from './reading.ts'

/** What the server does with a file is the first part of the path. */
const SERVER = `
const { createServer } = require('node:http')
const { readFileSync } = require('node:fs')
const { gzipSync } = require('node:zlib')
const { join } = require('node:path')
const asked = []
createServer((request, answer) => {
  const [, how, name] = new URL(request.url, 'http://x').pathname.split('/')
  if (how === 'asked') return answer.end(JSON.stringify(asked))
  asked.push(request.url + ' ' + (request.headers.range || ''))
  if (how === 'moved') return answer.writeHead(302, { location: '/ranges/' + name }).end()
  let bytes
  try { bytes = readFileSync(join(process.argv[2], name)) } catch { return answer.writeHead(404).end('none') }
  if (how === 'encoded') {
    bytes = gzipSync(bytes)
    answer.setHeader('content-encoding', 'gzip')
  }
  const range = /^bytes=(\\d*)-(\\d*)$/.exec(request.headers.range || '')
  if (/^ranges/.test(how) && range !== null) {
    const from = range[1] === '' ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1])
    const end = range[1] === '' ? bytes.length - 1 : Math.min(bytes.length - 1, Number(range[2]))
    answer.writeHead(206, { etag: '"1"', 'content-range': 'bytes ' + from + '-' + end + '/' + bytes.length, 'content-length': end + 1 - from })
    // What is looked at to know the columns comes whole.
    if (how === 'ranges' || (how === 'rangesBroken' && (range[1] === '' || from === 0))) return answer.end(bytes.subarray(from, end + 1))
    answer.write(bytes.subarray(from, from + 1000))
    return setTimeout(() => answer.destroy(), 50)
  }
  if (how === 'broken' || how === 'brokenChunks') {
    if (how === 'broken') answer.setHeader('content-length', bytes.length)
    answer.write(bytes.subarray(0, bytes.length - 10))
    return setTimeout(() => answer.destroy(), 50)
  }
  if (how === 'packedBroken') {
    const packed = gzipSync(bytes)
    return answer.end(packed.subarray(0, packed.length - 20))
  }
  answer.end(bytes)
}).listen(0, '127.0.0.1', function () { process.send(this.address().port) })
`

const dir = folder()
const ROWS = Array.from({ length: 30_000 }, (_, id) => ({ id, city: `city ${id % 7}`, km: id / 4 }))
let server: ChildProcess
let host = ''

beforeAll(async () => {
  const script = join(dir, 'server.cjs')
  writeFileSync(script, SERVER)
  const rows = read.rows(ROWS)
  await rows.write(to.csv(join(dir, 'a.csv'))).run()
  await rows.write(to.csv(join(dir, 'a.csv.gz'))).run()
  await rows.write(to.jsonLines(join(dir, 'a.jsonl'))).run()
  await rows.write(to.json(join(dir, 'a.json'))).run()
  await rows.write(to.parquet(join(dir, 'a.parquet'), { rowGroupRows: 10_000 })).run()
  await rows.write(to.arrow(join(dir, 'a.arrow'))).run()
  writeFileSync(join(dir, 'empty'), '')
  server = fork(script, [dir], { execArgv: [] })
  const port = await new Promise<unknown>(resolve => server.once('message', resolve))
  host = `http://127.0.0.1:${String(port)}`
})

afterAll(() => server.kill())

const asked = async (): Promise<string[]> => (await (await fetch(`${host}/asked`)).json()) as string[]

describe('text', () => {
  test.each(['plain', 'moved', 'encoded'])('is streamed, from a server that answers %s', async how => {
    expect((await read.csv(`${host}/${how}/a.csv`).collect()).rows()).toEqual(ROWS)
    expect((await read.jsonLines(`${host}/${how}/a.jsonl`).collect()).rows()).toEqual(ROWS)
    expect((await read.json(`${host}/${how}/a.json`).collect()).rows()).toEqual(ROWS)
  })

  test('that is packed is unpacked once, whether the name or the answer says so', async () => {
    expect((await read.csv(`${host}/plain/a.csv.gz?key=1`).collect()).rows()).toEqual(ROWS)
    expect((await read.csv(`${host}/encoded/a.csv.gz`).collect()).rows()).toEqual(ROWS)
  })

  test('goes on where a pass had stopped', async () => {
    expect(await readSplit(csv(`${host}/plain/a.csv`), 2, 10_000)).toEqual(ROWS)
  })

  test.each(['broken', 'brokenChunks'])(
    'that breaks off (%s) is an error that says where, not a short file',
    async how => {
      const frame = read.csv(`${host}/${how}/a.csv`, { schema: { id: 'int32' } })
      const failure = await failureOf(() => frame.collect())
      expect(failure.message).toMatch(
        /csv a\.csv: the connection to http:\S+\/broken\w*\/a\.csv broke after [\d,]+ bytes: /,
      )
    },
  )

  test('that is packed and cut short is an error', async () => {
    const failure = await failureOf(() => read.csv(`${host}/packedBroken/a.csv`).collect())
    expect(failure.message).toBe('read: csv a.csv: unexpected end of file')
  })

  test('of another host or a missing file is an error when the frame is made, without what the query holds', async () => {
    const missing = await failureOf(() => read.csv(`${host}/plain/b.csv?key=secret`))
    expect(missing.message).toBe(`csv b.csv: ${host}/plain/b.csv answered 404 Not Found`)
    const nobody = await failureOf(() => read.jsonLines('http://127.0.0.1:1/a.jsonl'))
    expect(nobody.message).toMatch(/^jsonLines a\.jsonl: http:\/\/127\.0\.0\.1:1\/a\.jsonl cannot be read: /)
  })

  test('several addresses are one frame', async () => {
    const frame = read.csv([`${host}/plain/a.csv`, `${host}/encoded/a.csv`])
    expect((await frame.aggregate(() => ({ count: count() })).collect()).rows()).toEqual([{ count: 60_000 }])
  })
})

describe('Parquet and Arrow', () => {
  test.each(['ranges', 'plain', 'encoded'])('are read from a server that answers %s', async how => {
    expect((await read.parquet(`${host}/${how}/a.parquet`).collect()).rows()).toEqual(ROWS)
    expect((await read.arrow(`${host}/${how}/a.arrow`).collect()).rows()).toEqual(ROWS)
  })

  test('of a server with ranges only the columns and row groups that are wanted are asked for', async () => {
    const before = (await asked()).length
    const frame = read.parquet(`${host}/ranges/a.parquet`).filter(t => t.id.lt(10))
    const rows = (await frame.select('id').collect()).rows()
    expect(rows).toEqual(ROWS.slice(0, 10).map(({ id }) => ({ id })))
    const requests = (await asked()).slice(before)
    expect(requests.length).toBeLessThanOrEqual(4)
    expect(requests.every(request => request.includes('bytes='))).toBe(true)
  })

  test.each(['broken', 'brokenChunks'])('that break off (%s) are an error', async how => {
    const failure = await failureOf(() => read.parquet(`${host}/${how}/a.parquet`))
    expect(failure.message).toMatch(/^parquet a\.parquet: the connection to http:\S+ broke after [\d,]+ bytes: /)
  })

  test('that break off in the middle of a range are an error that says where and what to do', async () => {
    const frame = read.parquet(`${host}/rangesBroken/a.parquet?key=secret`)
    const failure = await failureOf(() => frame.collect())
    expect(failure.message).toContain(
      `parquet a.parquet: the connection to ${host}/rangesBroken/a.parquet broke after 1,000 bytes: `,
    )
    expect(failure.message).toContain('. Run it again; if it breaks again, download the file and read that.')
    expect(failure.message).not.toContain('secret')
    expect((await failureOf(() => read.parquet(`${host}/rangesNone/a.parquet`))).message).toMatch(
      /^parquet a\.parquet: the connection to http:\S+\/rangesNone\/a\.parquet broke after 1,000 bytes: /,
    )
  })

  test('that are empty or missing are errors', async () => {
    expect((await failureOf(() => read.parquet(`${host}/ranges/none.parquet`))).message).toMatch(
      /answered 404 Not Found$/,
    )
    expect((await failureOf(() => read.parquet(`${host}/plain/empty`))).message).toMatch(/this is not a Parquet file/)
  })

  test('that change between the look and the pass are an error', async () => {
    const frame = read.parquet(`${host}/ranges/a.parquet`, { schema: { km: 'float64' } })
    await read
      .rows(ROWS.slice(0, 20_000))
      .write(to.parquet(join(dir, 'a.parquet')))
      .run()
    const failure = await failureOf(() => frame.collect())
    expect(failure.message).toMatch(/a\.parquet has changed since its schema was read\. Make the frame anew\./)
  })
})
