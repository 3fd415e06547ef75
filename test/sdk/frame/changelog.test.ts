/** Frames that correct their rows: their changes as rows, the table that changes tell of, and what is left at the end. */
import { describe, expect, test } from 'vitest'
import { count, duckdb, PlanError, read, to, tumble, type Frame } from 'millrace'
import { memory } from '../../../sdk/connector/memory.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { frameOf } from '../../../sdk/frame/frame.ts'
import { read as readNode } from '../../../sdk/plan/build.ts'
import { batchOf, type Row } from '../../laws/drive.ts'
import { HandSource } from './hand-source.ts'

const CLICKS = { page: 'utf8', user: 'int32' } as const
type Clicks = Frame<{ page: 'utf8'; user: 'int32' }, 'stream'>

/** A stream of these batches that ends. */
function clicks(...batches: readonly (readonly Row[])[]): Clicks {
  const schema = Schema.of(CLICKS)
  const given = batches.map(rows => batchOf(schema, rows))
  return frameOf(readNode({ ...memory(schema, given), kind: 'stream' }))
}

const endless: Frame<{ x: 'int32' }, 'stream'> = frameOf(readNode(new HandSource(false)))

async function rowsOf(frame: { collect(): Promise<{ rows(): unknown }> }): Promise<unknown> {
  return (await frame.collect()).rows()
}

async function loop<T>(frame: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = []
  for await (const row of frame) rows.push(row)
  return rows
}

const counts = (frame: Clicks): Frame<{ page: 'utf8'; clicks: 'int64' }, 'updating'> =>
  frame.groupBy('page').aggregate(() => ({ clicks: count() }))

describe('changes', () => {
  test('gives each change with its kind in front', async () => {
    const log = counts(
      clicks(
        [['a', 1]],
        [
          ['b', 2],
          ['a', 1],
        ],
      ),
    ).changes()
    expect([log.kind, log.schema]).toEqual(['stream', { rowKind: 'utf8', page: 'utf8', clicks: 'int64' }])
    expect(Object.keys(log.schema)[0]).toBe('rowKind')
    expect(await loop(log)).toEqual([
      { rowKind: '+I', page: 'a', clicks: 1 },
      { rowKind: '+I', page: 'b', clicks: 1 },
      { rowKind: '-U', page: 'a', clicks: 1 },
      { rowKind: '+U', page: 'a', clicks: 2 },
    ])
  })

  test('of rows that are never corrected are insertions, and a batch stays one', async () => {
    const rows = read.rows([{ km: 12 }])
    expect(rows.changes().kind).toBe('batch')
    expect(await rowsOf(rows.changes('op'))).toEqual([{ op: '+I', km: 12 }])
    expect(clicks().changes().kind).toBe('stream')
    expect((await rows.changes().collect({ engine: duckdb() })).rows()).toEqual([{ rowKind: '+I', km: 12 }])
  })

  test('can be counted, by kind or without it, and are not folded', async () => {
    const log = counts(
      clicks(
        [['a', 1]],
        [
          ['b', 2],
          ['a', 1],
        ],
      ),
    ).changes()
    expect(await rowsOf(log.final().countBy('rowKind').orderBy('rowKind'))).toEqual([
      { rowKind: '+I', count: 2 },
      { rowKind: '+U', count: 1 },
      { rowKind: '-U', count: 1 },
    ])
    expect(await rowsOf(log.aggregate(() => ({ n: count() })).final())).toEqual([{ n: 4 }])
    expect(await rowsOf(log.select('page').final())).toEqual(['a', 'b', 'a', 'a'].map(page => ({ page })))
  })

  test('have no event time where rows are corrected', () => {
    const at = read
      .rows([{ at: '2024-01-01' }], { schema: { at: 'timestamp' } })
      .watermark('at', '0 seconds')
      .replay()
    expect(at.changes().plan.time?.column).toBe('at')
    expect(
      at
        .groupBy('at')
        .aggregate(() => ({ n: count() }))
        .changes().plan.time,
    ).toBe(null)
  })

  test('refuse a name that is taken', () => {
    expect(() => read.rows([{ rowKind: 1 }]).changes()).toThrow(
      'changes: there is a column "rowKind" already. Choose another name.',
    )
    expect(() => read.rows([{ a: 1 }]).changes('' as 'x')).toThrow('changes: the name of a new column must be a text')
  })
})

describe('fromChanges', () => {
  const schema = { op: 'utf8?', id: 'int32' } as const
  const log = (...rows: (readonly [string | null, number])[]): Frame<typeof schema, 'batch'> =>
    read.rows(
      rows.map(([op, id]) => ({ op, id })),
      { schema },
    )

  test('is the table that the changes tell of', async () => {
    const table = log(['+I', 1], ['+I', 2], ['-U', 1], ['+U', 3], ['-D', 2]).fromChanges({ kind: 'op' })
    expect([table.kind, table.schema]).toEqual(['updating', { id: 'int32' }])
    expect(await rowsOf(table.final())).toEqual([{ id: 3 }])
    expect(await rowsOf(table.aggregate(t => ({ n: count(), id: t.id.sum() })).final())).toEqual([{ n: 1, id: 3 }])
    expect(await rowsOf(table.changes('op').final())).toEqual([
      { op: '+I', id: 1 },
      { op: '+I', id: 2 },
      { op: '-U', id: 1 },
      { op: '+U', id: 3 },
      { op: '-D', id: 2 },
    ])
  })

  test('fails with the row whose kind is unknown', async () => {
    await expect(log(['+I', 1], ['insert', 2]).fromChanges({ kind: 'op' }).final().collect()).rejects.toMatchObject({
      code: 'bad-kind',
      message: `read › from-changes, input row 1 (from 0): fromChanges: the kind of a row is '+I', '-U', '+U' or '-D', but "op" is "insert"`,
      fields: { column: 'op', row: 1 },
    })
    await expect(log([null, 1]).fromChanges({ kind: 'op' }).final().collect()).rejects.toThrow('but "op" is null')
  })

  test('refuses a column that is no text, is unknown or is the only one, and rows that are corrected', () => {
    const rows: Frame<Record<string, 'utf8'>, 'batch'> = frameOf(log().plan)
    expect(() => rows.fromChanges({ kind: 'id' })).toThrow(
      `fromChanges: the kinds are texts, '+I', '-U', '+U' or '-D', but "id" is int32`,
    )
    expect(() => rows.fromChanges({ kind: 'kind' })).toThrow('fromChanges: kind: there is no column "kind"')
    expect(() => rows.select('op').fromChanges({ kind: 'op' })).toThrow('there is no column beside "op"')
    expect(() => rows.fromChanges({ name: 'op' } as never)).toThrow('fromChanges')
    const table = log().fromChanges({ kind: 'op' })
    expect(() => table.changes('op').fromChanges({ kind: 'op' })).not.toThrow()
    const stays: typeof rows = frameOf(table.plan)
    expect(() => stays.fromChanges({ kind: 'id' })).toThrow(PlanError)
  })
})

describe('final', () => {
  test('is what is left when all corrections have been made', async () => {
    const frame = clicks(
      [['a', 1]],
      [
        ['b', 2],
        ['a', 1],
      ],
      [['b', 3]],
      [['c', 1]],
    )
    const table = counts(frame).final()
    expect(table.kind).toBe('batch')
    expect(await rowsOf(table.orderBy('page'))).toEqual([
      { page: 'a', clicks: 2 },
      { page: 'b', clicks: 2 },
      { page: 'c', clicks: 1 },
    ])
    expect(await rowsOf(counts(frame).select('clicks').final().countBy('clicks').orderBy('clicks'))).toEqual([
      { clicks: 1, count: 1 },
      { clicks: 2, count: 2 },
    ])
  })

  test('of a stream is its rows, and of a batch the batch', async () => {
    expect(await rowsOf(clicks([['a', 1]], [['a', 1]]).final())).toEqual([
      { page: 'a', user: 1 },
      { page: 'a', user: 1 },
    ])
    const rows = read.rows([{ km: 12 }])
    expect(rows.final().plan).toBe(rows.plan)
  })

  test('of a stream with an event time has one watermark, so that no row is late for a window behind it', async () => {
    const schema = { at: 'timestamp' } as const
    const rows = ['2024-01-01T05:00Z', '2024-01-01T00:10Z', '2024-01-01T00:20Z'].map(at => ({ at }))
    const late = read.rows(rows, { schema }).watermark('at', '0 seconds').replay({ disorder: '10 hours', seed: 4 })
    const hours = late
      .final()
      .window(tumble('1 hour'))
      .aggregate(() => ({ n: count() }))
    expect((await hours.collect()).column('n')).toEqual([2, 1])
  })

  test('refuses rows that do not end', () => {
    expect(() => endless.aggregate(t => ({ x: t.x.sum() })).final()).toThrow(
      'final gives what is left at the end of the rows, but this frame is updating and hand does not end. Take .changes(), or write it to a sink that takes corrections.',
    )
    expect(() => endless.final()).toThrow('this frame is a stream and hand does not end')
  })

  test('fails where a row was taken back that never came', async () => {
    const log = read.rows([
      { op: '+I', id: 1 },
      { op: '-D', id: 2 },
    ])
    await expect(log.fromChanges({ kind: 'op' }).final().collect()).rejects.toThrow(
      'final: the row { id: 2 } was taken back more often than it was given.',
    )
  })
})

describe('upsert', () => {
  const EVENTS = { id: 'int32', v: 'utf8?', at: 'timestamp', gone: 'bool' } as const
  const events = (...rows: Row[]): Frame<typeof EVENTS, 'stream'> => {
    const schema = Schema.of(EVENTS)
    return frameOf(readNode({ ...memory(schema, rows.length > 0 ? [batchOf(schema, rows)] : []), kind: 'stream' }))
  }
  const kindsOf = async (frame: Frame<typeof EVENTS, 'updating'>): Promise<string[]> =>
    (await loop(frame.changes())).map(({ rowKind, id, v }) => `${rowKind} ${id} ${v}`)

  test('gives a new key, then each row that differs in the place of the one before it', async () => {
    const table = events([1, 'a', 0, false], [2, 'b', 0, false], [1, 'a', 0, false], [1, 'c', 1, false]).upsert('id')
    expect(table.kind).toBe('updating')
    expect(await kindsOf(table)).toEqual(['+I 1 a', '+I 2 b', '-U 1 a', '+U 1 c'])
    expect((await table.final().select('v').orderBy('v').collect()).column('v')).toEqual(['b', 'c'])
  })

  test('a tombstone takes the row of its key back, and the key may come again', async () => {
    const rows: Row[] = [
      [1, 'a', 0, false],
      [1, null, 1, true],
      [2, null, 1, true],
      [1, 'b', 2, false],
    ]
    expect(await kindsOf(events(...rows).upsert('id', { deleted: t => t.gone }))).toEqual([
      '+I 1 a',
      '-D 1 a',
      '+I 1 b',
    ])
  })

  test('by event time an older row changes nothing and is counted, behind a tombstone too', async () => {
    const rows: Row[] = [
      [1, 'a', 5, false],
      [1, 'b', 4, false],
      [1, 'c', 5, false],
      [1, null, 9, true],
      [1, 'd', 7, false],
    ]
    const table = events(...rows).upsert('id', { orderBy: 'at', deleted: t => t.gone })
    expect(await kindsOf(table)).toEqual(['+I 1 a', '-U 1 a', '+U 1 c', '-D 1 c'])
    const progress = await table.changes().write(to.memory()).run()
    expect(progress.lateRows).toBe(2)
  })

  test('of a batch are the rows that came last, with several columns as key', async () => {
    const rows = read.rows([
      { a: 1, b: 1, v: 1 },
      { a: 1, b: 2, v: 2 },
      { a: 1, b: 1, v: 3 },
    ])
    const table = rows.upsert(['a', 'b'])
    expect(table.kind).toBe('batch')
    expect(await rowsOf(table.select('v').orderBy('v'))).toEqual([{ v: 2 }, { v: 3 }])
  })

  test('a row without a place in the order fails with its number', async () => {
    const rows = read.rows(
      [
        { id: 1, v: 1 },
        { id: 2, v: null },
      ],
      { schema: { id: 'int32', v: 'float64?' } },
    )
    await expect(rows.upsert('id', { orderBy: 'v' }).collect()).rejects.toThrow(
      'read › upsert, input row 1 (from 0): upsert: orderBy is null, which has no place in an order. Leave such rows out first.',
    )
  })

  test('refuses a key or an order that there is not, a condition that is none, and rows that are corrected', () => {
    const rows: Frame<Record<string, 'bool'>, 'stream'> = frameOf(events().plan)
    expect(() => rows.upsert([])).toThrow(`upsert needs the name of a key column: .upsert('id')`)
    expect(() => rows.upsert('ids')).toThrow('upsert: there is no column "ids". Did you mean "id"?')
    expect(() => rows.upsert('id', { orderBy: 'v' })).toThrow(
      'upsert: orderBy needs a time or a number, but t.v is utf8?. Cast it',
    )
    expect(() => rows.upsert('id', { deleted: t => t['v']! })).toThrow(
      'upsert: deleted needs a condition, but t.v is utf8?',
    )
    expect(() => rows.upsert('id', { order: 'v' } as never)).toThrow('upsert')
    const table: typeof rows = frameOf(rows.upsert('id').plan)
    expect(() => table.upsert('id')).toThrow('upsert keeps the latest of rows that stay, but the upsert corrects rows')
  })
})

describe('the first rows of a frame that corrects its rows', () => {
  const frame = clicks(
    [['a', 1]],
    [
      ['b', 1],
      ['b', 2],
    ],
    [['c', 1]],
    [
      ['a', 2],
      ['a', 3],
    ],
  )

  test('top gives those of the table as it is, and the next one moves up', async () => {
    const most = counts(frame).top(1, t => t.clicks.desc())
    expect(most.kind).toBe('updating')
    expect(await loop(most.changes())).toEqual([
      { rowKind: '+I', page: 'a', clicks: 1 },
      { rowKind: '-D', page: 'a', clicks: 1 },
      { rowKind: '+I', page: 'b', clicks: 2 },
      { rowKind: '-D', page: 'b', clicks: 2 },
      { rowKind: '+I', page: 'a', clicks: 3 },
    ])
    const log = read.rows([
      { op: '+I', id: 1, km: 30 },
      { op: '+I', id: 2, km: 20 },
      { op: '+I', id: 3, km: 10 },
      { op: '-D', id: 1, km: 30 },
    ])
    const table = log.fromChanges({ kind: 'op' })
    expect(
      await rowsOf(
        table
          .top(2, t => t.km.desc())
          .final()
          .orderBy('id'),
      ),
    ).toEqual([
      { id: 2, km: 20 },
      { id: 3, km: 10 },
    ])
  })

  test('by groups, and distinct by names', async () => {
    const byUser = frame.groupBy('page', 'user').aggregate(() => ({ n: count() }))
    expect(
      await rowsOf(
        byUser
          .groupBy('page')
          .top(1, t => t.user.desc())
          .final()
          .orderBy('page'),
      ),
    ).toEqual([
      { page: 'a', user: 3, n: 1 },
      { page: 'b', user: 2, n: 1 },
      { page: 'c', user: 1, n: 1 },
    ])
    const once = byUser.distinct('page')
    expect(once.kind).toBe('updating')
    expect(await rowsOf(once.select('page', 'user').final().orderBy('page'))).toEqual([
      { page: 'a', user: 1 },
      { page: 'b', user: 1 },
      { page: 'c', user: 1 },
    ])
  })

  test('a row that is taken back and never came fails', async () => {
    const log = read.rows([{ op: '-D', id: 1 }]).fromChanges({ kind: 'op' })
    await expect(log.top(1, 'id').final().collect()).rejects.toThrow(
      'top: a row is taken back that did not come before',
    )
    await expect(log.distinct('id').final().collect()).rejects.toThrow('distinct: a row is taken back')
  })
})

test('the union of two tables is that of their rows', async () => {
  const both = counts(
    clicks([
      ['a', 1],
      ['a', 2],
    ]),
  ).union(counts(clicks([['a', 1]], [['a', 2]], [['b', 2]])))
  expect(both.kind).toBe('updating')
  expect(await rowsOf(both.final().orderBy('page'))).toEqual([
    { page: 'a', clicks: 2 },
    { page: 'a', clicks: 2 },
    { page: 'b', clicks: 1 },
  ])
})
