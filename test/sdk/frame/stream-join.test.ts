/** Joins of frames whose rows keep coming: what comes out and when, and what is refused. */
import { describe, expect, test } from 'vitest'
import { count, duckdb, embedded, read, tumble, type BatchFrame, type StreamFrame } from '../../../sdk/index.ts'
import type { Batch } from '../../../sdk/data/batch.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { frameOf } from '../../../sdk/frame/frame.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import type { Sink } from '../../../sdk/plan/port.ts'
import { applied, rowsOf, type Row } from '../../laws/drive.ts'

const minute = (m: number): string => new Date(Date.UTC(2024, 0, 1) + m * 60_000).toISOString()
const orders = read
  .rows(
    [
      { id: 1, at: minute(0), item: 'tea' },
      { id: 2, at: minute(1), item: 'jam' },
      { id: null, at: minute(2), item: 'ice' },
      { id: 1, at: minute(9), item: 'oil' },
    ],
    { schema: { id: 'int32?', at: 'timestamp', item: 'utf8' } },
  )
  .watermark('at', '1 minute')
const shipments = read
  .rows(
    [
      { id: 1, at: minute(3), box: 7 },
      { id: 1, at: minute(5), box: 8 },
      { id: null, at: minute(5), box: 9 },
      { id: 3, at: minute(6), box: 10 },
    ],
    { schema: { id: 'int64?', at: 'timestamp', box: 'int32' } },
  )
  .watermark('at', '2 minutes')
const within = ['0 minutes', '5 minutes'] as const
const on = 'id'

describe.each([
  ['two streams', orders.replay(), shipments.replay()],
  ['a batch and a stream', orders, shipments.replay()],
  ['a stream and a batch', orders.replay(), shipments],
] as const)('rows within five minutes, of %s', (_, left, right) => {
  const rows = async (frame: AsyncIterable<object>): Promise<string[]> => {
    const out: string[] = []
    for await (const row of frame) out.push(Object.values({ ...row, at: 0, at_right: 0 }).join(' '))
    return out.sort()
  }

  test('are pairs; both ends count, and null meets nothing', async () => {
    const joined = left.join(right, { on, within })
    expect(joined.kind).toBe('stream')
    expect(joined.schema).toEqual({ id: 'int32?', at: 'timestamp', item: 'utf8', at_right: 'timestamp', box: 'int32' })
    expect(await rows(joined)).toEqual(['1 0 tea 0 7', '1 0 tea 0 8'])
  })

  test('of the left, the right and both sides stay without a partner', async () => {
    const lone = [' 0 ice 0 ', '1 0 oil 0 ', '2 0 jam 0 ']
    const others = [' 0  0 9', '3 0  0 10']
    const pairs = ['1 0 tea 0 7', '1 0 tea 0 8']
    expect(await rows(left.leftJoin(right, { on, within }))).toEqual([...pairs, ...lone].sort())
    expect(await rows(left.rightJoin(right, { on, within }))).toEqual([...pairs, ...others].sort())
    expect(await rows(left.fullJoin(right, { on, within }))).toEqual([...pairs, ...lone, ...others].sort())
  })

  test('are the left rows that have a partner, or those that have none', async () => {
    expect(await rows(left.semiJoin(right, { on, within }))).toEqual(['1 0 tea 0'])
    expect(await rows(left.antiJoin(right, { on, within }))).toEqual([' 0 ice 0', '1 0 oil 0', '2 0 jam 0'])
  })
})

test('interval and window joins of batches are batches, and DuckDB gives the same', async () => {
  const same = async <C extends Columns>(frame: BatchFrame<C>): Promise<void> => {
    expect(frame.kind).toBe('batch')
    const [ours, theirs] = [await frame.collect(), await frame.collect({ engine: duckdb() })]
    const texts = (rows: readonly object[]): string[] => rows.map(row => JSON.stringify(row)).sort()
    expect(texts(theirs.rows())).toEqual(texts(ours.rows()))
  }
  const options = { on, within: '4 minutes' } as const
  await same(orders.join(shipments, options))
  await same(orders.leftJoin(shipments, options))
  await same(orders.rightJoin(shipments, options))
  await same(orders.fullJoin(shipments, options))
  await same(orders.semiJoin(shipments, options))
  await same(orders.antiJoin(shipments, options))
  const windows = { on, window: tumble('4 minutes') } as const
  await same(orders.join(shipments, windows))
  await same(orders.leftJoin(shipments, windows))
  await same(orders.rightJoin(shipments, windows))
  await same(orders.fullJoin(shipments, windows))
  await same(orders.semiJoin(shipments, windows))
  await same(orders.antiJoin(shipments, windows))
  await same(orders.fullJoin(shipments, windows).select('box', 'windowStart'))
})

describe('of frames as they come, without bounds in time', () => {
  /** The rows that remain when all changes have been applied. */
  const folded = async (frame: { readonly plan: Node }, engine = embedded()): Promise<string[]> => {
    const rows: Row[] = []
    const sink: Sink = {
      name: 'folded',
      accepts: 'changelog',
      open: () => ({
        write: batch => void rows.push(...changesOf(batch)),
        close: () => undefined,
        abort: () => undefined,
      }),
    }
    await frameOf<StreamFrame>(frame.plan).write(sink).run({ engine })
    return applied(rows)
  }
  const changesOf = (batch: Batch): Row[] =>
    rowsOf([batch]).map(row => {
      const [kind, ...values] = batch.kinds === null ? ['+I', ...row] : row
      return [kind === '-U' ? '-D' : kind!, ...values]
    })
  const inserted = (frame: { readonly plan: Node }): Promise<string[]> => folded(frame, duckdb())
  const [left, right] = [orders.replay({ disorder: '3 minutes' }), shipments.replay({ disorder: '2 minutes', seed: 2 })]
  const totals = left.groupBy('id').aggregate(t => ({ orders: count(), last: t.item.max() }))
  const total = orders.groupBy('id').aggregate(t => ({ orders: count(), last: t.item.max() }))
  const boxes = right.groupBy('id').aggregate(t => ({ boxes: t.box.sum() }))
  const box = shipments.groupBy('id').aggregate(t => ({ boxes: t.box.sum() }))

  test('pairs of streams are a stream, all else corrects what it has given', () => {
    expect(left.join(right, { on }).kind).toBe('stream')
    expect(left.leftJoin(right, { on }).kind).toBe('updating')
    expect(left.antiJoin(right, { on }).kind).toBe('updating')
    expect(totals.join(shipments, { on }).kind).toBe('updating')
    expect(left.leftJoin(shipments, { on }).kind).toBe('stream')
    expect(left.rightJoin(shipments, { on }).kind).toBe('updating')
    expect(orders.join(right, { on }).kind).toBe('stream')
    expect(left.join(right, { on }).plan.time).toBe(null)
  })

  test('the changes amount to the join of DuckDB', async () => {
    expect(await folded(left.join(right, { on }))).toEqual(await inserted(orders.join(shipments, { on })))
    expect(await folded(left.leftJoin(right, { on }))).toEqual(await inserted(orders.leftJoin(shipments, { on })))
    expect(await folded(left.rightJoin(shipments, { on }))).toEqual(await inserted(orders.rightJoin(shipments, { on })))
    expect(await folded(orders.fullJoin(right, { on }))).toEqual(await inserted(orders.fullJoin(shipments, { on })))
    expect(await folded(left.semiJoin(right, { on }))).toEqual(await inserted(orders.semiJoin(shipments, { on })))
    expect(await folded(left.antiJoin(right, { on }))).toEqual(await inserted(orders.antiJoin(shipments, { on })))
  })

  test('so do those of frames that correct their rows', async () => {
    expect(await folded(totals.fullJoin(boxes, { on }))).toEqual(await inserted(total.fullJoin(box, { on })))
    expect(await folded(totals.join(shipments, { on }))).toEqual(await inserted(total.join(shipments, { on })))
    expect(await folded(left.antiJoin(boxes, { on }))).toEqual(await inserted(orders.antiJoin(box, { on })))
    const counted = totals
      .join(right, { on })
      .groupBy('last')
      .aggregate(t => ({ boxes: t.box.sum() }))
    const counts = total
      .join(shipments, { on })
      .groupBy('last')
      .aggregate(t => ({ boxes: t.box.sum() }))
    expect(await folded(counted)).toEqual(await inserted(counts))
  })

  test('a stream without an end warns that its rows are kept', async () => {
    const warnings: string[] = []
    const listen = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', listen)
    const endless = frameOf<StreamFrame>({ ...left.plan, bounded: false })
    endless.join(endless, { on })
    endless.join(endless, { on, ttl: '1 hour' })
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', listen)
    expect(warnings).toEqual([
      `join keeps all rows of the left stream, which has no end. Say how long rows are kept, { ttl: '1 day' }, or how far apart partners may be, { within: '10 minutes' }.`,
    ])
  })

  test('times of rows that are corrected, and a ttl that means nothing, are refused', () => {
    expect(() => totals.join(right, { on, within: '1 hour' } as never)).toThrow(
      'join: within needs rows that stay as they are, but the aggregate without a window on the left corrects rows it has given. Leave within out.',
    )
    expect(() => totals.join(right, { on, ttl: '1 hour' })).toThrow(
      `join: ttl goes by event times, and the left frame has none. Call .watermark('at', '5 seconds') on it first, or leave ttl out.`,
    )
    expect(() => left.join(right, { on, ttl: '0 hours' })).toThrow(
      'join: rows must be kept longer than nothing, found a ttl of "0 hours"',
    )
    expect(() => left.join(shipments, { on, ttl: '1 hour' })).toThrow(
      'join: ttl is of joins that keep the rows of both sides as they come. The right side is a batch here, which is read whole: leave ttl out.',
    )
    expect(() => left.join(right, { on, within: '1 hour', ttl: '1 hour' })).toThrow(
      'join: with within rows are forgotten by themselves. Leave ttl out.',
    )
  })
})

test('a temporal join gives what held at the time of each row', async () => {
  const rates = read
    .rows(
      [
        { id: 1, at: minute(-3), rate: 5 },
        { id: 1, at: minute(1), rate: 6 },
        { id: 1, at: minute(9), rate: 7 },
        { id: 2, at: minute(2), rate: 8 },
      ],
      { schema: { id: 'int32', at: 'timestamp', rate: 'int32' } },
    )
    .watermark('at', '1 minute')
  const joined = orders.replay().asOfJoin(rates.replay(), { on })
  expect(joined.kind).toBe('stream')
  const rows: unknown[] = []
  for await (const { id, item, rate } of joined) rows.push([id, item, rate])
  expect(rows).toEqual([
    [1, 'tea', 5],
    [2, 'jam', null],
    [null, 'ice', null],
    [1, 'oil', 7],
  ])
  expect(orders.asOfJoin(rates.replay(), { on }).kind).toBe('stream')
})

test('a temporal join looks backward by event times', () => {
  const [left, right] = [orders.replay(), shipments.replay()]
  expect(() => left.asOfJoin(right, { on, direction: 'nearest' })).toThrow(
    `asOfJoin: of a stream on the right only the last row up to a time can be known, and direction is 'nearest'. Leave it out, or join what .collect() gives.`,
  )
  expect(() =>
    left.asOfJoin(
      right.derive(t => ({ then: t.at })),
      { on, time: { left: 'at', right: 'then' } },
    ),
  ).toThrow('asOfJoin: with a stream on the right the times are the event times, "at" and "at". Leave time out.')
  expect(() => orders.select('id').asOfJoin(right, { on })).toThrow('asOfJoin: the left frame has no event time.')
})

test('a window join gives the rows of a window when the watermark reaches its end', async () => {
  const joined = orders.replay().fullJoin(shipments.replay(), { on, window: tumble('4 minutes') })
  expect(joined.kind).toBe('stream')
  const rows: unknown[] = []
  for await (const { id, item, box, windowStart, windowEnd } of joined) {
    rows.push([id, item, box, windowStart.getUTCMinutes(), windowEnd.getUTCMinutes()])
  }
  expect(rows).toEqual([
    [1, 'tea', 7, 0, 4],
    [2, 'jam', null, 0, 4],
    [null, 'ice', null, 0, 4],
    [1, null, 8, 4, 8],
    [null, null, 9, 4, 8],
    [3, null, 10, 4, 8],
    [1, 'oil', null, 8, 12],
  ])
})

test('a window join needs tumbling windows, free names for the bounds, and no other bounds', () => {
  expect(() => orders.join(shipments, { on, window: tumble('4 minutes'), within: '1 minute' })).toThrow(
    'join: rows meet either within a span of time or in equal windows. Leave out within or window.',
  )
  expect(() => orders.join(shipments, { on, window: '1 hour' as never })).toThrow(
    `join: window takes tumbling windows, tumble('1 hour'), not '1 hour'`,
  )
  expect(() => orders.rename({ item: 'windowEnd' }).join(shipments, { on, window: tumble('4 minutes') })).toThrow(
    `join: the join in windows adds "windowEnd", and a frame has it already. Rename it first: .rename({ windowEnd: 'windowEnd1' }).`,
  )
})

test('windows over an interval join hold all of its rows', async () => {
  const hourly = orders
    .replay({ disorder: '1 minute' })
    .leftJoin(shipments.replay({ disorder: '2 minutes' }), { on, within })
    .window(tumble('2 minutes'))
    .aggregate(() => ({ rows: count() }))
  const rows: unknown[] = []
  for await (const row of hourly) rows.push([row.windowStart.toISOString(), row.rows])
  expect(rows).toEqual([
    [minute(0), 3],
    [minute(2), 1],
    [minute(8), 1],
  ])
  const query = hourly.write({
    name: 'nothing',
    accepts: 'append',
    open: () => ({ write: () => undefined, close: () => undefined, abort: () => undefined }),
  } as never)
  expect((await query.start().done).lateRows).toBe(0)
})

test('the time of an interval join is that of the left side, of a right join that of the right side', () => {
  const time = (frame: { readonly plan: { readonly time: unknown } }): unknown => frame.plan.time
  const minutes = 60e6
  expect(time(orders.join(shipments, { on, within }))).toEqual({
    column: 'at',
    boundMicros: 7 * minutes,
    shiftMicros: 0,
  })
  expect(time(orders.rightJoin(shipments, { on, within: ['-3 minutes', '5 minutes'] }))).toEqual({
    column: 'at_right',
    boundMicros: 5 * minutes,
    shiftMicros: 0,
  })
  expect(time(orders.fullJoin(shipments, { on, within }))).toBe(null)
})

test('bad bounds and frames without an event time are refused', () => {
  expect(() => orders.join(shipments, { on, within: '-1 minute' })).toThrow(
    `join: within: rows cannot be less than 0 apart, found "-1 minute". A time to one side is a pair: ['-1 minute', '0 seconds'].`,
  )
  expect(() => orders.leftJoin(shipments, { on, within: ['5 minutes', '1 minute'] })).toThrow(
    `leftJoin: within: nothing lies from 5 minutes to 1 minute. Write the smaller bound of right time − left time first: ['1 minute', '5 minutes'].`,
  )
  expect(() => orders.join(shipments, { on, within: ['5 minutes'] as never })).toThrow(
    `join: within takes a duration such as '10 minutes', or two, ['-5 minutes', '10 minutes'], not [ '5 minutes' ]`,
  )
  expect(() => orders.join(shipments, { on, within: '5 lightyears' as never })).toThrow(
    'join: within: "5 lightyears" is not a duration',
  )
  const timeless = read.rows([{ id: 1 }], { schema: { id: 'int32' } })
  expect(() => orders.semiJoin(timeless, { on, within: '1 minute' })).toThrow(
    `semiJoin: within goes by event times, and the right frame has none. Call .watermark('at', '5 seconds') on it first.`,
  )
  expect(() => orders.replay().join(shipments.replay(), { on: 'box' as never, within: '1 minute' })).toThrow(
    'join, left side: there is no column "box"',
  )
})

test('an explanation tells the bounds', () => {
  expect(orders.join(shipments, { on, within }).explain()).toContain(
    `join on t.id.cast('int64') = t.id, right − left from 0 seconds to 5 minutes`,
  )
})
