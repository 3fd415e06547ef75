import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../../../sdk/engine/time/clock.ts'
import { commonGrid } from '../../../../sdk/engine/time/grid.ts'
import { OpenWindows } from '../../../../sdk/engine/time/open-windows.ts'
import { Timers } from '../../../../sdk/engine/time/timers.ts'
import { Tumbling } from '../../../../sdk/engine/time/tumbling.ts'
import { WatermarkTracker } from '../../../../sdk/engine/time/watermark.ts'

test('a window holds its start and not its end, also before the epoch', () => {
  const hourly = new Tumbling(3600e6, 0)
  expect([0, 1, 3600e6 - 1, 3600e6].map(time => hourly.start(time))).toEqual([0, 0, 0, 3600e6])
  expect([-1, -3600e6, -3600e6 - 1].map(time => hourly.start(time))).toEqual([-3600e6, -3600e6, -7200e6])
})

test('an offset shifts the bounds from the epoch, either way and by more than a window', () => {
  expect(new Tumbling(100, 30).start(29)).toBe(-70)
  expect(new Tumbling(100, 30).start(30)).toBe(30)
  expect(new Tumbling(100, -70).start(30)).toBe(30)
  expect(new Tumbling(100, 1030).start(129)).toBe(30)
})

test('every time lies in its window, and bounds are exact for times of our centuries', () => {
  const anyTime = fc.integer({ min: -9e15, max: 9e15 })
  fc.assert(
    fc.property(
      anyTime,
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: -1e6, max: 1e6 }),
      (time, size, offset) => {
        const start = new Tumbling(size, offset).start(time)
        expect(start <= time && time < start + size).toBe(true)
        expect((BigInt(start) - BigInt(offset)) % BigInt(size)).toBe(0n)
      },
    ),
  )
})

test('a grid has the bounds of all windows', () => {
  const [hour, day] = [
    { stepMicros: 3600, originMicros: 0 },
    { stepMicros: 86400, originMicros: 1800 },
  ]
  expect(commonGrid(hour, day)).toEqual({ stepMicros: 1800, originMicros: 0 })
  expect(commonGrid(null, day)).toEqual(day)
  expect(commonGrid(null, null)).toBe(null)
})

function cuts(tracker: WatermarkTracker, times: readonly number[]): [number, number][] {
  const out: [number, number][] = []
  for (let from = 0; from < times.length;) {
    from = tracker.advance(Float64Array.from(times), from, times.length)
    out.push([from, tracker.watermark])
  }
  return out
}

test('rows are cut after the row that takes the watermark to a bound of a window', () => {
  const tracker = new WatermarkTracker(5, { stepMicros: 10, originMicros: 0 })
  expect(cuts(tracker, [1, 14, 15, 12, 16, 26, 3])).toEqual([
    [1, -4],
    [2, 9],
    [3, 10],
    [6, 21],
    [7, 21],
  ])
})

test('without a window behind it a batch is not cut', () => {
  expect(cuts(new WatermarkTracker(5, null), [1, 100, 1000])).toEqual([[3, 995]])
})

test('windows are given in order, each with its slots as they came', () => {
  const open = new OpenWindows()
  open.note(Float64Array.of(10, 0, 10, 0, 20), Int32Array.of(0, 1, 2, 1, 3), 5, 4)
  expect([...open.due(9)]).toEqual([0])
  expect([...open.close(0)]).toEqual([1])
  expect([...open.due(9)]).toEqual([])
  const copy = new OpenWindows()
  copy.restore(structuredClone(open.snapshot()))
  for (const each of [open, copy]) {
    expect([...each.due(Infinity)]).toEqual([10, 20])
    expect([...each.close(10)]).toEqual([0, 2])
    expect([...each.close(20)]).toEqual([3])
    expect([...each.due(Infinity)]).toEqual([])
  }
})

test('the clock calls back after months, not at once, and not when it was told not to', () => {
  vi.useFakeTimers()
  try {
    const day = 86_400_000
    const [called, cancelled] = [vi.fn(), vi.fn()]
    systemClock.after(60 * day, called)
    const cancel = systemClock.after(60 * day, cancelled)
    vi.advanceTimersByTime(60 * day - 1)
    expect(called).not.toHaveBeenCalled()
    cancel()
    vi.advanceTimersByTime(1)
    expect(called).toHaveBeenCalledOnce()
    expect(cancelled).not.toHaveBeenCalled()
  } finally {
    vi.useRealTimers()
  }
})

test('timers come out as from a sorted list, one for a slot and time', () => {
  const step = fc.oneof(
    fc.record({ act: fc.constant('set' as const), slot: fc.nat({ max: 6 }), time: fc.integer({ min: -9, max: 9 }) }),
    fc.record({ act: fc.constant('delete' as const), slot: fc.nat({ max: 6 }), time: fc.integer({ min: -9, max: 9 }) }),
    fc.record({ act: fc.constant('pop' as const) }),
    fc.record({ act: fc.constant('copy' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      let timers = new Timers()
      const list: { slot: number; time: number }[] = []
      const [found, expected]: [unknown[], unknown[]] = [[], []]
      for (const each of steps) {
        if (each.act === 'copy') {
          const state = structuredClone(timers.snapshot())
          timers = new Timers()
          timers.restore(state)
        } else if (each.act === 'pop') {
          list.sort((a, b) => a.time - b.time) // stable: those of one time stay as they were set
          const first = list.shift()
          expected.push(first?.time ?? Infinity, first?.slot)
          found.push(timers.next, first === undefined ? undefined : timers.pop())
        } else {
          const { slot, time } = each
          const at = list.findIndex(other => other.slot === slot && other.time === time)
          expected.push(each.act === 'set' ? at < 0 : at >= 0)
          found.push(timers[each.act](slot, time))
          if (each.act === 'set' && at < 0) list.push({ slot, time })
          if (each.act === 'delete' && at >= 0) list.splice(at, 1)
        }
        expected.push(list.length, Math.max(...list.map(timer => timer.time)))
        found.push(timers.size, timers.last)
      }
      expect(found).toEqual(expected)
    }),
    { numRuns: 100 },
  )
})
