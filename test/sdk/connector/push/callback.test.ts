/** Rows that a function pushes: in order, with backpressure, ended by either side. */
import { expect, test } from 'vitest'
import { count, DataError, read, to } from 'millrace'
import { callback, type Emitter } from '../../../../sdk/connector/push/callback.ts'
import { failureOf, open } from '../reading.ts'

const KM = { km: 'int32' } as const

async function kmOf(frame: AsyncIterable<{ km: number }>): Promise<number[]> {
  const seen: number[] = []
  for await (const { km } of frame) seen.push(km)
  return seen
}

test('rows come in the order in which they are pushed, alone and in lists, up to the end', async () => {
  const trips = read.callback(KM, ({ push, end }) => {
    void push({ km: 1 })
    setImmediate(() => {
      void push([{ km: 2 }, { km: 3 }])
      end()
      void push({ km: 4 })
    })
  })
  expect(trips.kind).toBe('stream')
  expect(await kmOf(trips)).toEqual([1, 2, 3])
  expect(await kmOf(trips)).toEqual([1, 2, 3])
})

test('push gives a promise while the buffer is full, and it is kept once rows are taken', async () => {
  let emitter: Emitter<typeof KM> | null = null
  const source = callback(KM, given => void (emitter = given), { buffer: 3 })
  const reader = open(source, { batchRows: 2 })
  const first = reader.next()
  const { push, end } = emitter!
  expect(push([{ km: 1 }, { km: 2 }])).toBe(undefined)
  expect((await first)!.length).toBe(2)
  expect(push({ km: 3 })).toBe(undefined)
  expect(push({ km: 4 })).toBe(undefined)
  let isRoom = false
  const room = Promise.resolve(push({ km: 5 })).then(() => (isRoom = true))
  await new Promise(resolve => setImmediate(resolve))
  expect(isRoom).toBe(false)
  expect((await reader.next())!.length).toBe(2)
  await room
  end()
  expect((await reader.next())!.length).toBe(1)
  expect(await reader.next()).toBe(null)
})

test('one that waits for push goes no faster than its rows are taken', async () => {
  let pushed = 0
  const endless = read.callback(
    KM,
    async ({ push, signal }) => {
      while (!signal.aborted) await push({ km: pushed++ })
    },
    { buffer: 100 },
  )
  const first = await kmOf(endless.limit(250))
  expect(first.at(-1)).toBe(249)
  expect(pushed).toBeLessThan(10_000)
})

test('one that never waits ends its query before memory is full', async () => {
  const hasty = callback(
    KM,
    ({ push }) => {
      for (let km = 0; km < 2000; km++) void push({ km })
    },
    { buffer: 10 },
  )
  const reader = open(hasty)
  const failure = await failureOf(async () => {
    while ((await reader.next()) !== null);
  })
  expect(failure.message).toMatch(/^callback: 1001 rows wait to be taken\. Wait for the promise/)
})

test('a wrong value is thrown where it is pushed, and names column and row', async () => {
  const thrown: unknown[] = []
  const trips = read.callback({ at: 'timestamp', km: 'int32' }, ({ push, end }) => {
    void push({ at: '2024-01-01', km: 1 })
    try {
      void push({ at: new Date(0), km: 1.5 })
    } catch (error) {
      thrown.push(error)
    }
    end()
  })
  expect(await kmOf(trips)).toEqual([1])
  expect(thrown[0]).toBeInstanceOf(DataError)
  expect((thrown[0] as Error).message).toBe(
    'callback: column "km" (int32), row 1: 1.5 is not a whole number within ±2^31 (int32)',
  )
})

test('what the function throws or fails with ends the query, after the rows before it', async () => {
  const seen: number[] = []
  const rejecting = read.callback(KM, async function feed({ push }) {
    await push({ km: 1 })
    throw new Error('the sensor is gone')
  })
  const failure = await failureOf(async () => {
    for await (const { km } of rejecting) seen.push(km)
  })
  expect(failure.message).toContain('callback feed: the sensor is gone')
  expect(seen).toEqual([1])
  const failing = read.callback(KM, ({ fail }) => fail(new Error('no more')))
  expect((await failureOf(() => kmOf(failing))).message).toContain('callback: no more')
})

test('the end of a pass aborts the signal and calls what the function gave', async () => {
  const told: string[] = []
  const trips = read.callback(KM, ({ push, signal }) => {
    signal.addEventListener('abort', () => told.push('signal'))
    const timer = setInterval(() => void push({ km: 1 }), 1)
    return () => {
      clearInterval(timer)
      told.push('left')
    }
  })
  const query = trips
    .aggregate(() => ({ n: count() }))
    .write(to.memory())
    .start()
  while (query.progress().rowsIn === 0) await new Promise(resolve => setTimeout(resolve, 1))
  await query.stop()
  expect(told).toEqual(['signal', 'left'])
})

test('it says that it cannot be replayed, and refuses what it cannot use', () => {
  expect(read.callback(KM, () => {}).explain()).toBe(
    'read callback\n  · stream, cannot be replayed: ' + "{ km: 'int32' }",
  )
  expect(() => read.callback(KM, () => {}, { buffer: 0 })).toThrow('callback: buffer is a number of rows from 1 on')
  expect(() => callback(KM, undefined as never)).toThrow('a function that pushes rows')
})
