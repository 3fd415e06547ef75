/** Steps that wait for an asynchronous function: order, limits, caches, failures, and rows that are asked again. */
import { describe, expect, test } from 'vitest'
import { count, duckdb, read, tumble } from '../../../sdk/index.ts'
import { AsyncMap } from '../../../sdk/engine/operator/async-map.ts'
import type { Clock } from '../../../sdk/engine/time/clock.ts'
import type { AsyncMap as AsyncMapNode } from '../../../sdk/plan/node.ts'
import { batchOf, rowsOf, type Row } from '../../laws/drive.ts'
import { Batch } from '../../../sdk/data/batch.ts'

const numbers = read.rows(Array.from({ length: 3000 }, (_, n) => ({ n })))
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('answers come in the order of the rows, and never more calls at once than asked for', async () => {
  let [now, most] = [0, 0]
  const doubled = numbers.mapAsync(
    { n: 'int64', double: 'int64' },
    async ({ n }) => {
      most = Math.max(most, ++now)
      for (let i = 0; i < n % 4; i++) await turn()
      now--
      return { n, double: 2 * n }
    },
    { concurrency: 7 },
  )
  expect((await doubled.collect()).column('double')).toEqual(Array.from({ length: 3000 }, (_, n) => 2 * n))
  expect(most).toBe(7)
})

test('a row may have several answers or none', async () => {
  const table = await read
    .rows([{ n: 2 }, { n: 0 }, { n: 1 }, { n: 3 }])
    .mapAsync({ i: 'int32' }, async ({ n }) => (n === 1 ? null : Array.from({ length: n }, (_, i) => ({ i }))))
    .collect()
  expect(table.column('i')).toEqual([0, 1, 0, 1, 2])
})

test('unordered answers overtake each other, but not a watermark', async () => {
  const minute = (m: number): string => new Date(Date.UTC(2024, 0, 1) + m * 60_000).toISOString()
  const rows = Array.from({ length: 400 }, (_, i) => ({ at: minute(i), i }))
  const stream = read
    .rows(rows, { schema: { at: 'timestamp', i: 'int32' } })
    .watermark('at', '0 minutes')
    .replay()
  const asked = stream.mapAsync(
    { at: 'timestamp', i: 'int32' },
    async row => {
      for (let k = 0; k < (row.i * 7) % 5; k++) await turn()
      return row
    },
    { ordered: false, concurrency: 50 },
  )
  const hourly = asked.window(tumble('1 hour')).aggregate(() => ({ rows: count() }))
  const found: number[] = []
  for await (const { rows } of hourly) found.push(rows)
  expect(found).toEqual([60, 60, 60, 60, 60, 60, 40])
})

describe('a lookup join', () => {
  const people = read.rows([{ id: 1 }, { id: 2 }, { id: null }, { id: 1 }, { id: 3 }, { id: 1 }], {
    schema: { id: 'int32?' },
  })

  test('asks about each key once where answers are kept, and never about null', async () => {
    const asked: number[] = []
    const named = people.lookupJoin(
      { name: 'utf8', id: 'int32' },
      async ({ id }) => {
        asked.push(id)
        await turn()
        return id === 2 ? null : { name: `person ${id}`, id: 10 * id }
      },
      { on: 'id', cache: { size: 10 } },
    )
    expect(named.schema).toEqual({ id: 'int32?', name: 'utf8?', id_right: 'int32?' })
    expect((await named.collect()).rows()).toEqual([
      { id: 1, name: 'person 1', id_right: 10 },
      { id: 2, name: null, id_right: null },
      { id: null, name: null, id_right: null },
      { id: 1, name: 'person 1', id_right: 10 },
      { id: 3, name: 'person 3', id_right: 30 },
      { id: 1, name: 'person 1', id_right: 10 },
    ])
    expect(asked).toEqual([1, 2, 3])
  })

  test('tries again, and fails with the key and the attempt, or with nulls', async () => {
    const tries = new Map<number, number>()
    const ask = async ({ id }: { readonly id: number }): Promise<{ readonly x: number }> => {
      tries.set(id, (tries.get(id) ?? 0) + 1)
      if (id === 3 || tries.get(id)! < 2) throw new Error('busy')
      return { x: id }
    }
    const some = read.rows([{ id: 1 }, { id: 3 }], { schema: { id: 'int32' } })
    await expect(some.lookupJoin({ x: 'int32' }, ask, { on: 'id', retry: 2 }).collect()).rejects.toThrow(
      'read › async-map: lookupJoin ask of {"id":3}, attempt 3 of 3: busy',
    )
    expect(tries.get(3)).toBe(3)
    const table = await some.lookupJoin({ x: 'int32' }, ask, { on: 'id', retry: 1, onError: 'null' }).collect()
    expect(table.column('x')).toEqual([1, null])
  })

  test('takes no longer than its timeout', async () => {
    const never = people.lookupJoin({ x: 'int32' }, () => new Promise(() => undefined), {
      on: 'id',
      timeout: '10 milliseconds',
    })
    await expect(never.collect()).rejects.toThrow('attempt 1 of 1: no answer within 10 ms')
  })

  test('refuses answers of other types, names that are taken, and options that mean nothing', async () => {
    const bad = people.lookupJoin({ x: 'int32' }, async () => ({ x: 'text' }) as never, { on: 'id' })
    await expect(bad.collect()).rejects.toThrow('attempt 1 of 1, column "x":')
    const ask = async (): Promise<null> => null
    expect(() => people.lookupJoin({ id: 'int32' }, ask, { on: 'id', suffix: '' })).toThrow(
      'lookupJoin: there is a column "id" already. Choose another { suffix }.',
    )
    expect(() => people.lookupJoin({ x: 'int32' }, ask, { on: 'idd' as never })).toThrow('there is no column "idd"')
    expect(() => people.lookupJoin({ x: 'int32' }, ask, { on: 'id', concurrency: 0 })).toThrow(
      'lookupJoin: concurrency is a whole number from 1 on, found 0',
    )
    expect(() => people.lookupJoin({ x: 'int32' }, ask, { on: 'id', cache: { size: 0.5 } })).toThrow(
      'lookupJoin: cache: size is a whole number from 1 on, found 0.5',
    )
    expect(() => people.mapAsync({ x: 'int32' }, ask, { timeout: '0 seconds' })).toThrow(
      'mapAsync: timeout must be longer than nothing, found "0 seconds"',
    )
    expect(() => people.mapAsync({ x: 'int32' }, 7 as never)).toThrow(
      'mapAsync takes a function that gives a promise of a row, not 7',
    )
    const sql = people.mapAsync({ x: 'int32' }, ask).explain({ engine: duckdb() })
    expect(sql).toContain('refused by duckdb: ask is a function of this program')
  })
})

test('rows without an answer are part of a snapshot and are asked again', async () => {
  const asked: number[] = []
  const waiting: ((n: number) => void)[] = []
  const frame = numbers.mapAsync(
    { n: 'int64' },
    ({ n }) => {
      asked.push(n)
      return new Promise(resolve => waiting.push(by => resolve({ n: n * by })))
    },
    { concurrency: 2 },
  )
  const node = frame.plan as AsyncMapNode
  const clock: Clock = { now: () => 0, after: () => () => undefined }
  const rows = (operator: AsyncMap): (Row | number)[] =>
    [...operator.answers()].flatMap((step): (Row | number)[] => (step instanceof Batch ? rowsOf([step]) : [step ?? -1]))
  const first = new AsyncMap(node)
  first.attach(clock, () => undefined)
  for (const _ of first.process(batchOf(node.input.schema, [[1], [2], [3]])));
  for (const _ of first.watermark(7));
  expect([asked, first.full, first.pending]).toEqual([[1, 2], true, true])
  waiting[1]!(10) // the second row is answered, but waits for the first
  await turn()
  expect(rows(first)).toEqual([])
  const state = structuredClone(first.snapshot())
  first.detach()
  const second = new AsyncMap(node)
  second.restore(state)
  second.attach(clock, () => undefined)
  expect(asked).toEqual([1, 2, 3, 1, 2])
  waiting[3]!(100)
  waiting[4]!(100)
  await turn()
  expect(rows(second)).toEqual([[100], [200]])
  waiting[5]!(100)
  await turn()
  expect(rows(second)).toEqual([[300], 7])
  expect(second.pending).toBe(false)
})
