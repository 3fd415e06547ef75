/** Files as streams: the same rows in the order of the file, with windows that are given while it is read. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { count, read, to, tumble } from 'millrace'
import { folder } from './reading.ts'

const dir = folder()
const path = join(dir, 'clicks.jsonl')
const schema = { at: 'timestamp' } as const

test('a file read as a stream has late rows, and as a batch has none', async () => {
  const times = ['00:01', '00:05', '01:30', '00:59', '02:10']
  writeFileSync(path, times.map(time => JSON.stringify({ at: `2024-01-01T${time}Z` })).join('\n'))
  const hours = async (kind: 'batch' | 'stream'): Promise<unknown[]> => {
    const clicks = read.jsonLines(path, { schema, kind }).watermark('at', '5 minutes')
    expect(clicks.kind).toBe(kind)
    const rows: unknown[] = []
    for await (const row of clicks.window(tumble('1 hour')).aggregate(() => ({ n: count() }))) rows.push(row.n)
    return rows
  }
  expect(await hours('batch')).toEqual([3, 1, 1])
  expect(await hours('stream')).toEqual([2, 1, 1])
})

test('all formats are read as streams with the rows they have as batches', async () => {
  const rows = read.rows([{ km: 3 }, { km: 1 }, { km: 2 }])
  const at = (name: string): string => join(dir, name)
  await rows.write(to.csv(at('a.csv'))).run()
  await rows.write(to.json(at('a.json'))).run()
  await rows.write(to.parquet(at('a.parquet'))).run()
  await rows.write(to.arrow(at('a.arrow'))).run()
  const streams = [
    read.csv(at('a.csv'), { schema: { km: 'int64' }, kind: 'stream' }),
    read.json(at('a.json'), { schema: { km: 'int64' }, kind: 'stream' }),
    read.parquet(at('a.parquet'), { schema: { km: 'int64' }, kind: 'stream' }),
    read.arrow(at('a.arrow'), { schema: { km: 'int64' }, kind: 'stream' }),
  ]
  for (const stream of streams) {
    const found: number[] = []
    for await (const { km } of stream) found.push(km)
    expect(found).toEqual([3, 1, 2])
    expect(stream.explain().split('\n')[1]).toContain('stream, bounded')
  }
})

test('another kind is refused by name', () => {
  const kind = 'table' as 'batch'
  expect(() => read.jsonLines(path, { schema, kind })).toThrow(
    `jsonLines clicks.jsonl: kind is 'batch' or 'stream', not "table"`,
  )
})
