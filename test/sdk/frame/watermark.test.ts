import { count, read, to, tumble } from 'millrace'
import { describe, expect, test, vi } from 'vitest'
import { memory } from '../../../sdk/connector/memory.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { frameOf, type StreamFrame } from '../../../sdk/frame/frame.ts'
import { read as readNode } from '../../../sdk/plan/build.ts'
import type { WatermarkOptions } from '../../../sdk/plan/verb/watermark.ts'
import { batchOf } from '../../laws/drive.ts'

const SCHEMA = Schema.of({ at: 'timestamp' })
const minute = 60e6
const DAY = Date.UTC(2024, 0, 1) * 1000

/** A stream of rows at these minutes of a day, in this order. */
function streamOf(...minutes: readonly number[]): StreamFrame<{ readonly at: 'timestamp' }> {
  const rows = minutes.map(at => [DAY + at * minute])
  return frameOf(readNode({ ...memory(SCHEMA, [batchOf(SCHEMA, rows)]), kind: 'stream' }))
}

async function hourly(
  minutes: readonly number[],
  options: WatermarkOptions,
): Promise<{ windows: number[][]; late: number; clamped: number }> {
  const counted = to.memory()
  const windows = streamOf(...minutes)
    .watermark('at', options)
    .window(tumble('1 hour'))
    .aggregate(() => ({ n: count() }))
  const end = await windows.write(counted).start().done
  const found = counted
    .rows()
    .map((row: Record<string, unknown>) => [
      ((row['windowStart'] as Date).getTime() * 1000 - DAY) / minute,
      row['n'] as number,
    ])
  return { windows: found, late: end.lateRows, clamped: end.clampedRows }
}

describe('a row far in the future', () => {
  const minutes = [0, 50, 1e6, 55, 70, 80]

  test('closes all windows before it, so that what follows is late', async () => {
    const { windows, late } = await hourly(minutes, { bound: '5 minutes' })
    expect(windows).toEqual([
      [0, 2],
      [999960, 1],
    ])
    expect(late).toBe(3)
  })

  test('raises the watermark by maxAhead only; it is counted, and its window waits', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const { windows, late, clamped } = await hourly(minutes, { bound: '50 minutes', maxAhead: '1 hour' })
    expect(windows).toEqual([
      [0, 2],
      [60, 2],
      [999960, 1],
    ])
    // 50 + 60 − 50 minutes: the first hour closes, and the row at 55 is late
    expect([late, clamped]).toEqual([1, 1])
    expect(warned).toHaveBeenCalledOnce()
    expect(warned.mock.calls[0]![0]).toMatch(/^watermark: a row is further ahead of all before it than maxAhead/)
    warned.mockRestore()
  })

  test('is believed when it is the first', async () => {
    const { windows, clamped } = await hourly([1e6, 0], { monotonous: true, maxAhead: '30 minutes' })
    expect([windows, clamped]).toEqual([[[999960, 1]], 0])
  })
})

test('times that never go back close a window with the first row after it', async () => {
  const { windows, late } = await hourly([0, 60, 59, 61], { monotonous: true })
  expect(windows).toEqual([
    [0, 1],
    [60, 2],
  ])
  expect(late).toBe(1)
})

describe('a generator of the user', () => {
  test('closes windows when it says so, and may never go back', async () => {
    const told = [-Infinity, 0, 60, 30, 120].map(at => DAY + at * minute)
    const custom = () => {
      let seen = -1
      return { onRow: () => void seen++, watermark: () => told[seen]! }
    }
    const { windows, late } = await hourly([0, 10, 20, 30, 70], { custom })
    expect(windows).toEqual([
      [0, 3],
      [60, 1],
    ])
    expect(late).toBe(1)
  })

  test('that throws, or gives no number, fails with the row', async () => {
    const at = (watermark: () => number) => hourly([0, 1], { custom: () => ({ onRow: () => undefined, watermark }) })
    const boom = at(() => {
      throw new Error('boom')
    })
    await expect(boom).rejects.toThrow('read › watermark: watermark: the custom generator failed: boom')
    await expect(boom).rejects.toMatchObject({ code: 'user-function', fields: { row: 0 } })
    await expect(at(() => NaN)).rejects.toThrow('the custom generator gave NaN. It gives microseconds since the epoch')
    await expect(at(() => '3' as never)).rejects.toThrow('the custom generator gave 3.')
    await expect(hourly([0], { custom: () => ({}) as never })).rejects.toThrow('watermark: custom gave no generator.')
  })
})

const rows = read.rows([{ at: '2024-01-01', n: 1 }], { schema: { at: 'timestamp', n: 'int32' } })
const loose = (options: unknown): never => options as never

test.each([
  [{ bnd: '1 minute' }, 'watermark: there is no option "bnd". Did you mean "bound"?'],
  [{}, "watermark needs one of bound, monotonous and custom, found none. Write { bound: '5 minutes' }."],
  [
    { bound: '1 minute', monotonous: true },
    'watermark needs one of bound, monotonous and custom, found bound and mono',
  ],
  [{ monotonous: 'yes' }, 'watermark: monotonous is true or false, not "yes"'],
  [{ custom: 3 }, 'watermark: custom is a function that gives { onRow(time), watermark() }'],
  [{ custom: () => null, maxAhead: '1 hour' }, 'watermark: maxAhead is for a bound'],
  [{ bound: '5' }, 'watermark: "5" is not a duration.'],
  [{ bound: '-1 minute' }, 'watermark: rows cannot be allowed to be less than 0 late, found "-1 minute"'],
  [{ bound: '1 minute', maxAhead: '0 seconds' }, 'watermark: maxAhead must be more than nothing, found "0 seconds"'],
  [{ bound: '1 minute', maxAhead: 5 }, 'watermark: maxAhead: "5" is not a duration.'],
  [{ bound: '1 minute', idle: 'a while' }, 'watermark: idle: "a while" is not a duration.'],
  [{ bound: '1 minute', align: '0 seconds' }, 'watermark: align must be more than nothing, found "0 seconds"'],
  [null, 'watermark: options are given as an object, but found null.'],
])('watermark with %o is refused', (options, sentence) => {
  expect(() => rows.watermark('at', loose(options))).toThrow(sentence)
})

test('a plan says how its watermark is made', () => {
  const marked = rows.watermark('at', { bound: '1 minute', maxAhead: '1 hour', idle: '1 minute', align: '1 day' })
  expect(marked.explain()).toContain(
    'watermark at, at most 1 minute late, at most 1 hour ahead, idle after 1 minute, aligned within 1 day',
  )
  expect(rows.watermark('at', { custom: () => loose(null) }).explain()).toContain('watermark at, made by a generator')
})
