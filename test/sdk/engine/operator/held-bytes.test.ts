import { embedded, read, rowNumber, tumble } from 'millrace'
import { describe, expect, test } from 'vitest'
import type { Executor } from '../../../../sdk/plan/port.ts'

/** What holds rows counts them, and ends with an error that names it rather than with a process that has no memory left. */

const ROWS = 200_000
const COLUMNS = { k: 'int32', s: 'utf8', x: 'float64', at: 'timestamp' } as const
const table = await read
  .rows([{}])
  .mapBatches(COLUMNS, () => ({
    k: Array.from({ length: ROWS }, (_, i) => Math.imul(i, 0x9e3779b1) | 0),
    s: Array.from({ length: ROWS }, (_, i) => `text ${i}`),
    x: Array.from({ length: ROWS }, (_, i) => -i),
    at: Array.from({ length: ROWS }, (_, i) => new Date(i * 1000)),
  }))
  .collect()

const held: Record<string, [string, (engine: Executor) => Promise<unknown>]> = {
  over: ['read › over', engine => table.over(t => ({ n: rowNumber(), most: t.x.max() })).collect({ engine })],
  tail: ['read › tail', engine => table.tail(150_000).collect({ engine })],
  'sample of some rows': ['read › sample', engine => table.sample({ rows: 150_000, seed: 1 }).collect({ engine })],
  'sample with replacement': [
    'read › sample',
    engine => table.sample({ rows: 10, seed: 1, replacement: true }).collect({ engine }),
  ],
  'top of each group': [
    'read › top',
    engine =>
      table
        .groupBy('k')
        .top(1, t => t.x)
        .collect({ engine }),
  ],
}

describe.each(Object.entries(held))('%s', (_, [path, verb]) => {
  test('that holds more than the budget is an error that says what to do', async () => {
    const engine = embedded({ memory: '2 MB' })
    await expect(verb(engine)).rejects.toThrow(
      new RegExp(
        `^${path}.*: what it holds takes \\d+ MB of memory, and the budget is 2 MB\\. Filter or select before it, raise the budget by embedded\\(\\{ memory: '8 GB' \\}\\), or run it in DuckDB, which puts the rest on disk: \\{ engine: duckdb\\(\\) \\}\\.$`,
      ),
    )
  })

  test('that holds less is not', async () => {
    await expect(verb(embedded({ memory: '60 MB' }))).resolves.toBeDefined()
  })
})

test('what lets rows go does not count them any more', async () => {
  const engine = embedded({ memory: '4 MB' })
  const few = table.select('k', 'x')
  expect((await few.tail(20_000).collect({ engine })).length).toBe(20_000)
  expect((await few.sample({ rows: 20_000, seed: 1 }).collect({ engine })).length).toBe(20_000)
  expect((await few.top(20_000, t => t.x).collect({ engine })).length).toBe(20_000)
})

test('a stream that holds too much says so', async () => {
  const engine = embedded({ memory: '2 MB' })
  const flowing = table.watermark('at', '1 second')
  const told = /what it holds takes \d+ MB of memory, and the budget is 2 MB/
  await expect(async () => {
    for await (const _ of engine.batches(flowing.replay().plan));
  }).rejects.toThrow(told)
  await expect(
    flowing
      .groupBy('k')
      .window(tumble('100 days'))
      .aggregate(t => ({ x: t.x.sum() }))
      .collect({ engine }),
  ).rejects.toThrow(told)
})
