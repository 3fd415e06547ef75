import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { formatTimestamp, parseTimestamp } from '../../../../sdk/data/time.ts'
import { systemClock } from '../../../../sdk/engine/time/clock.ts'
import { commonGrid, pointAfter } from '../../../../sdk/engine/time/grid.ts'
import { OpenWindows } from '../../../../sdk/engine/time/open-windows.ts'
import { endsOf, Panes, type PaneLayout } from '../../../../sdk/engine/time/panes.ts'
import { Timers } from '../../../../sdk/engine/time/timers.ts'
import { WatermarkTracker } from '../../../../sdk/engine/time/watermark.ts'

const layout = (
  kind: PaneLayout['kind'],
  sizeMicros: number,
  everyMicros: number,
  offsetMicros = 0,
  zone: string | null = null,
): PaneLayout => ({ kind, sizeMicros, everyMicros, offsetMicros, zone })

const tumbling = (size: number, offset: number): ((time: number) => number) => {
  const panes = new Panes(layout('tumble', size, size, offset))
  return time => panes.bound(panes.at(time))
}

test('a pane holds its start and not its end, also before the epoch', () => {
  const start = tumbling(3600e6, 0)
  expect([0, 1, 3600e6 - 1, 3600e6].map(start)).toEqual([0, 0, 0, 3600e6])
  expect([-1, -3600e6, -3600e6 - 1].map(start)).toEqual([-3600e6, -3600e6, -7200e6])
})

test('an offset shifts the bounds from the epoch, either way and by more than a window', () => {
  expect(tumbling(100, 30)(29)).toBe(-70)
  expect(tumbling(100, 30)(30)).toBe(30)
  expect(tumbling(100, -70)(30)).toBe(30)
  expect(tumbling(100, 1030)(129)).toBe(30)
})

test('every time lies in its pane, and bounds are exact for times of our centuries', () => {
  const anyTime = fc.integer({ min: -9e15, max: 9e15 })
  fc.assert(
    fc.property(
      anyTime,
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: -1e6, max: 1e6 }),
      (time, size, offset) => {
        const start = tumbling(size, offset)(time)
        expect(start <= time && time < start + size).toBe(true)
        expect((BigInt(start) - BigInt(offset)) % BigInt(size)).toBe(0n)
      },
    ),
  )
})

test('a sliding window is named by its end, and holds the panes of its size before it', () => {
  const panes = new Panes(layout('hop', 10, 4))
  expect([panes.size, panes.every]).toEqual([5, 2]) // panes of 2
  const pane = panes.at(9)
  expect([panes.bound(pane), panes.bound(pane + 1)]).toEqual([8, 10])
  const ends = [panes.firstEnd(pane), panes.lastEnd(pane)]
  expect(ends.map(end => [panes.bound(panes.start(end)), panes.bound(end)])).toEqual([
    [0, 10],
    [8, 18],
  ])
})

test('with windows further apart than their size, a pane between them is in none', () => {
  const panes = new Panes(layout('hop', 2, 6))
  const isIn = (time: number): boolean => panes.lastEnd(panes.at(time)) > panes.at(time)
  expect([-6, -5, -4, -1, 0, 1, 2, 3, 5, 6].map(isIn)).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
    false,
    false,
    false,
    true,
  ])
})

test('a growing window keeps its start, and the last one of a size has all of it', () => {
  const panes = new Panes(layout('cumulate', 9, 3))
  const of = (time: number): number[][] => {
    const found: number[][] = []
    for (let end = panes.firstEnd(panes.at(time)); end <= panes.lastEnd(panes.at(time)); end++)
      found.push([panes.bound(panes.start(end)), panes.bound(end)])
    return found
  }
  expect(of(4)).toEqual([
    [0, 6],
    [0, 9],
  ])
  expect(of(-1)).toEqual([[-9, 0]])
  expect(of(9)).toEqual([
    [9, 12],
    [9, 15],
    [9, 18],
  ])
})

describe('in a time zone', () => {
  const hour = 3600e6
  const at = (text: string): number => parseTimestamp(text)
  const panesOf = (size: number, zone: string): Panes => new Panes(layout('tumble', size, size, 0, zone))
  const around = (panes: Panes, text: string): string[] =>
    [0, 1].map(k => formatTimestamp(panes.bound(panes.at(at(text)) + k)))

  test('days begin at midnight there, and the days on which clocks change have 23 and 25 hours', () => {
    const days = panesOf(24 * hour, 'Europe/Oslo')
    expect(around(days, '2024-01-15T22:59:59Z')).toEqual(['2024-01-14T23:00:00Z', '2024-01-15T23:00:00Z'])
    expect(around(days, '2024-03-31T12:00Z')).toEqual(['2024-03-30T23:00:00Z', '2024-03-31T22:00:00Z'])
    expect(around(days, '2024-10-27T12:00Z')).toEqual(['2024-10-26T22:00:00Z', '2024-10-27T23:00:00Z'])
  })

  test('an hour that the clock shows twice is one window, and one that it leaves out is none', () => {
    const hours = panesOf(hour, 'Europe/Oslo')
    expect(around(hours, '2024-10-27T00:30Z')).toEqual(['2024-10-27T00:00:00Z', '2024-10-27T02:00:00Z'])
    expect(around(hours, '2024-10-27T01:30Z')).toEqual(['2024-10-27T00:00:00Z', '2024-10-27T02:00:00Z'])
    expect(around(hours, '2024-03-31T00:30Z')).toEqual(['2024-03-31T00:00:00Z', '2024-03-31T01:00:00Z'])
    // the hour from two to three has no instant
    const panes = hours.at(at('2024-03-31T01:00Z')) - hours.at(at('2024-03-31T00:30Z'))
    expect(panes).toBe(2)
  })

  test('a day begins where the clock is put forward over its midnight', () => {
    const days = panesOf(24 * hour, 'America/Sao_Paulo')
    expect(around(days, '2018-11-04T12:00Z')).toEqual(['2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'])
  })

  test('every time lies in its pane, bounds rise, and the next point of the grid is the end of the pane', () => {
    const zones = ['Europe/Oslo', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Monrovia', 'Asia/Kathmandu']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: -2e15, max: 3e15 }),
        fc.constantFrom(hour / 2, hour, 24 * hour, 7 * hour),
        fc.integer({ min: -hour, max: hour }),
        (zone, time, size, offset) => {
          const window = layout('tumble', size, size, offset, zone)
          const panes = new Panes(window)
          const pane = panes.at(time)
          expect(panes.bound(pane) <= time && time < panes.bound(pane + 1)).toBe(true)
          expect(pointAfter(endsOf(window), time)).toBe(panes.bound(pane + 1))
        },
      ),
    )
  })
})

test('the ends of sliding windows are a grid of their distance, also where it does not divide their size', () => {
  const ends = (sizeMicros: number, everyMicros: number, offsetMicros: number): unknown =>
    endsOf({ kind: 'hop', sizeMicros, everyMicros, offsetMicros, zone: null })
  expect(ends(3600, 1800, 0)).toEqual({ stepMicros: 1800, originMicros: 0 })
  expect(ends(50, 30, 7)).toEqual({ stepMicros: 30, originMicros: 27 })
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
  const tracker = new WatermarkTracker({ boundMicros: 5 }, { stepMicros: 10, originMicros: 0 })
  expect(cuts(tracker, [1, 14, 15, 12, 16, 26, 3])).toEqual([
    [1, -4],
    [2, 9],
    [3, 10],
    [6, 21],
    [7, 21],
  ])
})

test('without a window behind it a batch is not cut', () => {
  expect(cuts(new WatermarkTracker({ boundMicros: 5 }, null), [1, 100, 1000])).toEqual([[3, 995]])
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

test('windows that are due at once come by their numbers, whatever order they began in', () => {
  const open = new OpenWindows()
  open.note(Float64Array.of(20, -10, 100, 9), Int32Array.of(0, 1, 2, 3), 4, 4)
  expect([...open.due(20)]).toEqual([-10, 9, 20])
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
