import { expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { Replay } from '../../../../sdk/engine/operator/replay.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { batchOf, drive, rowsOf, type Row } from '../../../laws/drive.ts'
import { Batch } from '../../../../sdk/data/batch.ts'

const SCHEMA = Schema.of({ at: 'timestamp', n: 'int32' })
const history = plan.watermark(plan.read(memory(SCHEMA, [])), 'at', '10 seconds')
const second = 1e6

const rows = (times: readonly number[]): Batch =>
  batchOf(
    SCHEMA,
    times.map((at, i): Row => [at * second, i]),
  )
const order = (times: readonly number[], options: plan.ReplayOptions): number[] => {
  const node = plan.replay(history, options)
  return drive([() => new Replay(node, null)], [{ input: 0, batch: rows(times) }]).rows.map(row => row[1] as number)
}

test('rows leave in the order of their times, those of one time as they came', () => {
  expect(order([3, 1, 2, 1, 3], {})).toEqual([1, 3, 2, 0, 4])
})

test('disorder holds each row back by up to its length, the same for one seed', () => {
  const times = Array.from({ length: 10_000 }, (_, i) => i)
  const mixed = order(times, { disorder: '20 seconds', seed: 7 })
  expect(mixed).toEqual(order(times, { disorder: '20 seconds', seed: 7 }))
  expect(mixed).not.toEqual(order(times, { disorder: '20 seconds', seed: 8 }))
  expect([...mixed].sort((a, b) => a - b)).toEqual(times)
  const furthest = mixed.map((n, i) => Math.abs(n - i))
  expect(Math.max(...furthest)).toBeLessThanOrEqual(20)
  expect(mixed.slice(0, 12)).toMatchInlineSnapshot(`
    [
      0,
      1,
      7,
      5,
      11,
      4,
      10,
      6,
      3,
      14,
      8,
      2,
    ]
  `)
})

test('a pace gives rows when they are due on the clock, and says how long nothing is', () => {
  const replay = new Replay(plan.replay(history, { speed: 60 }), null)
  for (const step of replay.process(rows([100, 130, 160, 220]))) expect(step).toBeNull()
  for (const step of replay.end()) expect(step).toBeNull()
  const pull = (nowMs: number): Row[] | number | null => {
    const due = replay.pull(nowMs)
    if (due === null) return null
    return 'waitMs' in due ? due.waitMs : rowsOf([...due.steps].filter(step => step instanceof Batch))
  }
  expect(pull(5000)).toEqual([[100e6, 0]])
  expect(pull(5000)).toBe(500)
  expect(pull(5499)).toBe(20)
  expect(pull(6000)).toEqual([
    [130e6, 1],
    [160e6, 2],
  ])
  expect(replay.share).toBe(0.75)
  expect(pull(7000)).toEqual([[220e6, 3]])
  expect(pull(7000)).toBeNull()
})

test('rows leave by time and hold also where the holds are drawn in several stretches', () => {
  const times = Array.from({ length: 10_000 }, (_, i) => i)
  let state = 7
  const draw = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const leaves = times.map(time => (time * second) / 1000 + Math.floor(draw() * (second + 1)))
  const expected = [...times].sort((a, b) => leaves[a]! - leaves[b]! || a - b)
  const thousandths = times.map(time => time / 1000)
  expect(order(thousandths, { disorder: '1 second', seed: 7 })).toEqual(expected)
})
