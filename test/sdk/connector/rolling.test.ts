/** Sinks that write file after file: when each is whole, what it is called, and what is left of a failed query. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { read, to } from 'millrace'
import type { Clock } from '../../../sdk/data/clock.ts'
import { rows } from '../../../sdk/connector/rows.ts'
import { toCsv, toJsonLines } from '../../../sdk/connector/to-text.ts'
import type { Roll } from '../../../sdk/connector/rolling.ts'
import type { Sink, SinkWriter } from '../../../sdk/plan/port.ts'
import { batchesOf, failureOf, folder } from './reading.ts'

let dir = ''

beforeEach(() => {
  dir = join(folder(), 'days')
})

const KM = { km: 'int32' } as const

class HandClock implements Clock {
  #now = 0
  #waiting = new Map<() => void, number>()

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    this.#waiting.set(callback, this.#now + ms)
    return () => this.#waiting.delete(callback)
  }

  move(ms: number): void {
    this.#now += ms
    for (const [callback, at] of this.#waiting) {
      if (at > this.#now) continue
      this.#waiting.delete(callback)
      callback()
    }
  }
}

const clock = new HandClock()
const sinkOf = (roll: Roll): Sink => toJsonLines(dir, { roll }, clock)

async function opened(sink: Sink): Promise<{ writer: SinkWriter; write: (...km: number[]) => Promise<void> }> {
  const source = rows([], { schema: KM })
  const writer = await sink.open(source.schema, new AbortController().signal)
  return {
    writer,
    write: async (...km) => {
      for (const batch of await batchesOf(
        rows(
          km.map(each => ({ km: each })),
          { schema: KM },
        ),
      ))
        await writer.write(batch)
    },
  }
}

/** The files that have their names, with the numbers in them. */
const found = (): Record<string, number[]> =>
  Object.fromEntries(
    readdirSync(dir)
      .filter(name => !name.startsWith('.'))
      .sort()
      .map(name => [name, (readFileSync(join(dir, name), 'utf8').match(/\d+/g) ?? []).map(Number)]),
  )

test('a file that has just as many bytes is whole', async () => {
  const { writer, write } = await opened(sinkOf({ bytes: 2 * '{"km":1}\n'.length }))
  await write(1)
  expect(found()).toEqual({})
  await write(2)
  expect(found()).toEqual({ 'part-00000.jsonl': [1, 2] })
  await writer.close()
})

test('a file is whole once it has so many bytes, with the rows that were written together', async () => {
  const { writer, write } = await opened(sinkOf({ bytes: 20 }))
  await write(1)
  expect(found()).toEqual({})
  await write(2, 3)
  expect(found()).toEqual({ 'part-00000.jsonl': [1, 2, 3] })
  await write(4)
  await writer.close()
  expect(found()).toEqual({ 'part-00000.jsonl': [1, 2, 3], 'part-00001.jsonl': [4] })
  expect(readFileSync(join(dir, 'part-00000.jsonl'), 'utf8')).toBe('{"km":1}\n{"km":2}\n{"km":3}\n')
})

test('a file is whole so long after its first row, though no other comes', async () => {
  const { writer, write } = await opened(sinkOf({ every: '1 hour' }))
  clock.move(3_600_000)
  await write(1)
  clock.move(3_599_999)
  await write(2)
  expect(found()).toEqual({})
  clock.move(1)
  await write(3) // behind what the clock began
  expect(found()).toEqual({ 'part-00000.jsonl': [1, 2] })
  await writer.close()
  expect(found()).toEqual({ 'part-00000.jsonl': [1, 2], 'part-00001.jsonl': [3] })
})

test('numbers go on after the files that are there', async () => {
  for (const km of [1, 2]) {
    const { writer, write } = await opened(sinkOf({ bytes: 1000 }))
    await write(km)
    await writer.close()
  }
  expect(found()).toEqual({ 'part-00000.jsonl': [1], 'part-00001.jsonl': [2] })
})

test('what fails leaves the whole files and nothing of the one under construction', async () => {
  const { writer, write } = await opened(sinkOf({ bytes: 10, every: '1 hour' }))
  await write(1, 2)
  await write(3)
  await writer.abort()
  clock.move(3_600_000)
  expect(readdirSync(dir)).toEqual(['part-00000.jsonl'])
  expect(found()).toEqual({ 'part-00000.jsonl': [1, 2] })
})

test('each CSV file has the header, and a folder of files is read as one frame', async () => {
  const { writer, write } = await opened(toCsv(dir, { roll: { bytes: 6 } }, clock))
  await write(1)
  await write(20)
  await write(300)
  await writer.close()
  expect(readFileSync(join(dir, 'part-00001.csv'), 'utf8')).toBe('km\n300\n')
  const table = await read.csv(dir, { schema: KM }).collect()
  expect(table.column('km')).toEqual([1, 20, 300])
})

test('a query that writes into a folder reads back whole', async () => {
  const trips = read.rows(Array.from({ length: 40_000 }, (_, km) => ({ km })))
  await trips.write(to.jsonLines(dir, { roll: { bytes: 100_000 } })).run()
  expect(readdirSync(dir).length).toBeGreaterThan(1)
  const back = await read.jsonLines(dir, { schema: { km: 'int64' } }).collect()
  expect(back.column('km')).toEqual(Array.from({ length: 40_000 }, (_, km) => km))
})

test('a roll that never is, or of another form, is refused', async () => {
  const refused = async (roll: object): Promise<string> =>
    (await failureOf(() => toJsonLines('days', { roll }))).message
  expect(await refused({})).toContain('to.jsonLines days: roll: say when a file is whole')
  expect(await refused({ bytes: 0 })).toContain('bytes is a whole number from 1 on, not 0')
  expect(await refused({ every: '0 seconds' })).toContain('every is more than 0')
  expect(await refused({ each: '1 hour' })).toContain('there is no option "each"')
})
