/** Files that grow: whole lines as they come, new files, offsets to go on from, and what must not happen to a file. */
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { count, read, to, tumble } from 'millrace'
import { csv, type CsvOptions } from '../../../sdk/connector/csv.ts'
import { follow } from '../../../sdk/connector/follow.ts'
import { jsonLines, type JsonLinesOptions } from '../../../sdk/connector/json-lines.ts'
import type { Source, SourceReader } from '../../../sdk/plan/port.ts'
import { failureOf, folder, rowsOf } from './reading.ts'

const KM = { km: 'int32' } as const
let dir = ''
let path = ''

beforeEach(() => {
  dir = folder()
  path = join(dir, 'a.jsonl')
})

const KM_FOLLOWED: JsonLinesOptions = { schema: KM, follow: true }

const line = (km: number): string => `{"km":${km}}\n`

const lines = (from: string | readonly string[]): Source =>
  follow({ name: 'jsonLines', endings: ['.jsonl'], open: jsonLines }, from, KM_FOLLOWED)

/** A reader whose clock moves only when it waits, and then lets `meanwhile` happen once. */
class Followed {
  readonly #reader: SourceReader
  readonly #stop = new AbortController()
  #meanwhile: (() => void)[] = []

  constructor(source: Source) {
    const after = (_: number, callback: () => void): (() => void) => {
      setImmediate(() => {
        const act = this.#meanwhile.shift()
        if (act === undefined) this.#stop.abort()
        else act()
        callback()
      })
      return () => {}
    }
    const clock = { now: () => 0, after }
    this.#reader = source.open({ columns: source.schema.names, batchRows: 2, signal: this.#stop.signal, clock })
  }

  /** What comes until it waits and nothing more is to happen. */
  async rows(...meanwhile: (() => void)[]): Promise<Record<string, unknown>[]> {
    this.#meanwhile = meanwhile
    const rows: Record<string, unknown>[] = []
    for (let batch = await this.#reader.next(); batch !== null; batch = await this.#reader.next()) {
      rows.push(...rowsOf([batch]))
    }
    await this.#reader.close()
    return rows
  }

  async take(): Promise<Record<string, unknown>[]> {
    return rowsOf([(await this.#reader.next())!])
  }

  offset(): unknown {
    return JSON.parse(JSON.stringify(this.#reader.offset()))
  }

  async seek(offset: unknown): Promise<void> {
    await this.#reader.seek(offset)
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }
}

const kmOf = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map(row => row.km)

describe('a followed file', () => {
  test('gives lines once they are whole, from before it exists', async () => {
    const rows = await new Followed(lines(path)).rows(
      () => writeFileSync(path, '{"km"'),
      () => appendFileSync(path, ':1}\n{"km":2}\n{"k'),
      () => appendFileSync(path, 'm":3}'),
      () => appendFileSync(path, '\n'),
      () => appendFileSync(path, line(4) + line(5) + line(6)),
    )
    expect(kmOf(rows)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('of CSV has its header once, and cells that go over lines', async () => {
    const at = join(dir, 'a.csv')
    const options: CsvOptions = { schema: { text: 'utf8' }, follow: true }
    const source = follow({ name: 'csv', endings: ['.csv'], open: csv }, at, options)
    const rows = await new Followed(source).rows(
      () => writeFileSync(at, 'text\n'),
      () => appendFileSync(at, 'one\n"two\n'),
      () => appendFileSync(at, 'lines"\n'),
    )
    expect(rows.map(row => row.text)).toEqual(['one', 'two\nlines'])
  })

  test('misses nothing that came after its end was seen', async () => {
    writeFileSync(path, line(1))
    const followed = new Followed(lines(path))
    expect(kmOf(await followed.take())).toEqual([1])
    appendFileSync(path, line(2))
    expect(kmOf(await followed.take())).toEqual([2])
    await followed.close()
  })

  test('of another encoding is refused', async () => {
    const at = join(dir, 'a.csv')
    writeFileSync(at, 'text\n')
    const options: CsvOptions = { schema: { text: 'utf8' }, follow: true, encoding: 'latin1' }
    const source = follow({ name: 'csv', endings: ['.csv'], open: csv }, at, options)
    expect((await failureOf(() => new Followed(source).rows())).message).toContain('must be UTF-8, not latin1')
  })

  test('that became shorter is an error, and so is another one of its name', async () => {
    writeFileSync(path, line(1) + line(2))
    const shorter = await failureOf(() => new Followed(lines(path)).rows(() => truncateSync(path, 3)))
    expect(shorter.message).toBe(
      `jsonLines ${path}, followed: ${path}: ${2 * line(1).length} bytes of it were read, and it has become 3 bytes long.`,
    )
    writeFileSync(path, line(1))
    const replaced = await failureOf(() =>
      new Followed(lines(path)).rows(() => {
        writeFileSync(`${path}.new`, line(1) + line(2))
        renameSync(`${path}.new`, path)
      }),
    )
    expect(replaced.message).toContain('another file has taken its name')
  })

  test('is refused without a schema, when packed and from an address', () => {
    expect(() => read.jsonLines(path, { follow: true })).toThrow('declare its columns')
    expect(() => read.jsonLines(`${path}.gz`, { schema: KM, follow: true })).toThrow('a packed file does not grow')
    expect(() => read.csv('http://x/a.csv', { schema: KM, follow: true })).toThrow('an address does not grow')
    const options = { schema: KM, follow: true }
    expect(() => read.parquet(path, options)).toThrow('there is no option "follow"')
  })
})

describe('a followed folder', () => {
  test('gives the rows of new files, those of each in order', async () => {
    const [a, b] = [join(dir, 'a.jsonl'), join(dir, 'later', 'b.jsonl')]
    const act = [
      () => writeFileSync(a, line(1)),
      () => {
        mkdirSync(join(dir, 'later'))
        writeFileSync(b, line(10) + line(11))
        writeFileSync(join(dir, 'c.txt'), 'no rows')
      },
      () => appendFileSync(a, line(2)),
      () => appendFileSync(b, line(12)),
    ]
    expect(kmOf(await new Followed(lines(dir)).rows(...act))).toEqual([1, 10, 11, 2, 12])
    expect(kmOf(await new Followed(lines(join(dir, '*.jsonl'))).rows())).toEqual([1, 2])
    expect(kmOf(await new Followed(lines([b, a])).rows())).toEqual([1, 2, 10, 11, 12])
  })

  test('goes on after the offset of another pass, file by file', async () => {
    const [a, b] = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl')]
    writeFileSync(a, [1, 2, 3, 4, 5].map(line).join(''))
    writeFileSync(b, [11, 12, 13].map(line).join(''))
    for (let taken = 0; taken <= 5; taken++) {
      const first = new Followed(lines(dir))
      const rows: Record<string, unknown>[] = []
      for (let i = 0; i < taken; i++) rows.push(...(await first.take()))
      await first.close()
      const second = new Followed(lines(dir))
      await second.seek(first.offset())
      rows.push(...(await second.rows()))
      expect(kmOf(rows).sort((x, y) => Number(x) - Number(y))).toEqual([1, 2, 3, 4, 5, 11, 12, 13])
    }
  })

  test('is known again by its offset when it was replaced meanwhile', async () => {
    writeFileSync(path, line(1))
    const first = new Followed(lines(path))
    await first.take()
    await first.close()
    writeFileSync(`${path}.new`, line(1) + line(2))
    rmSync(path)
    renameSync(`${path}.new`, path)
    const second = new Followed(lines(path))
    await second.seek(first.offset())
    expect((await failureOf(() => second.rows())).message).toContain('another file has taken its name')
  })
})

test('a query follows a file with the clock of the system, and stops', async () => {
  writeFileSync(path, '{"at":"2024-01-01T00:10Z"}\n')
  const kept = to.memory()
  const clicks = read.jsonLines(path, { schema: { at: 'timestamp' }, follow: true }).watermark('at', '0 seconds')
  expect(clicks.explain().split('\n')[3]).toContain('stream')
  const query = clicks
    .window(tumble('1 hour'))
    .aggregate(() => ({ n: count() }))
    .write(kept)
    .start()
  while (query.progress().rowsIn < 1) await new Promise(resolve => setTimeout(resolve, 5))
  appendFileSync(path, '{"at":"2024-01-01T00:20Z"}\n{"at":"2024-01-01T01:00Z"}\n')
  while (query.progress().rowsOut < 1) await new Promise(resolve => setTimeout(resolve, 5))
  await query.stop()
  expect(kept.rows().map(row => row.n)).toEqual([2])
})
