/**
 * What holds however a watermark is made: windows and late rows are the same for any batching and through a copy, and they
 * are those of the obvious way, which looks at one row after another.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { Schema } from '../../sdk/data/schema.ts'
import { memory } from '../../sdk/connector/memory.ts'
import { count, nodeOf } from '../../sdk/expr/column.ts'
import type { Operator } from '../../sdk/engine/operator/operator.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import * as plan from '../../sdk/plan/build.ts'
import type { WatermarkGenerator } from '../../sdk/data/watermark-strategy.ts'
import { windowAggregate, windowOf } from '../../sdk/plan/verb/window.ts'
import type { WatermarkOptions } from '../../sdk/plan/verb/watermark.ts'
import { batchOf, cut, drive, type Row } from './drive.ts'

const SCHEMA = Schema.of({ at: 'timestamp' })
const WINDOW = 100
const GRID = { stepMicros: WINDOW, originMicros: 0 }
const live = plan.read({ ...memory(SCHEMA, []), bounded: false })

/** Says 0, 50, 100, … once three rows have reached it. */
class ThreeRows implements WatermarkGenerator {
  #seen: number[] = []

  onRow(time: number): void {
    this.#seen.push(time)
    this.#seen = this.#seen.sort((a, b) => b - a).slice(0, 3)
  }

  watermark(): number {
    return this.#seen.length < 3 ? -Infinity : Math.floor(this.#seen[2]! / 50) * 50
  }

  snapshot(): unknown {
    return this.#seen
  }

  restore(state: unknown): void {
    this.#seen = state as number[]
  }
}

const ways: Record<string, WatermarkOptions> = {
  'a bound': { bound: '30 microseconds' },
  monotonous: { monotonous: true },
  'a bound that believes little': { bound: '30 microseconds', maxAhead: '120 microseconds' },
  'a generator of the user': { custom: () => new ThreeRows() },
}

/** The watermark after each row, the obvious way. */
function marks(times: readonly number[], { bound, maxAhead, custom }: WatermarkOptions): number[] {
  const generator = custom?.()
  let largest = -Infinity
  return times.map(time => {
    if (generator !== undefined) {
      generator.onRow(time)
      return (largest = Math.max(largest, generator.watermark()))
    }
    const believed = maxAhead !== undefined && largest !== -Infinity ? Math.min(time, largest + 120) : time
    largest = Math.max(largest, believed)
    return largest - (bound === undefined ? 0 : 30)
  })
}

function windows(times: readonly number[], options: WatermarkOptions): { rows: Row[]; late: number[] } {
  const counts = new Map<number, number>()
  const late: number[] = []
  const all = marks(times, options)
  for (const [i, time] of times.entries()) {
    const start = Math.floor(time / WINDOW) * WINDOW
    if (i > 0 && all[i - 1]! >= start + WINDOW) late.push(time)
    else counts.set(start, (counts.get(start) ?? 0) + 1)
  }
  return { rows: [...counts].map(([start, n]): Row => [start, start + WINDOW, n]), late }
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
const steps = fc.array(fc.oneof(fc.integer({ min: -80, max: 60 }), fc.constantFrom(5000, 130, -900)), { maxLength: 60 })

// each of many runs would warn of its first clamped row
beforeAll(() => {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
  return () => warned.mockRestore()
})

describe.each(Object.entries(ways))('%s', (_, options) => {
  const marked = plan.watermark(live, 'at', options)
  const window = windowOf({ kind: 'tumble', size: `${WINDOW} microseconds` })
  const windowed = windowAggregate(marked, [], window, [{ name: 'n', expr: nodeOf(count()) }])
  const chain: (() => Operator)[] = [() => operatorOf(marked, GRID), () => operatorOf(windowed, null)]

  test('gives the windows and late rows of the obvious way, for any batching and through a copy', () => {
    fc.assert(
      fc.property(steps, sizes, fc.nat({ max: 60 }), (apart, parts, copyAfter) => {
        let at = 0
        const times = apart.map(step => (at += step))
        const rows = batchOf(
          SCHEMA,
          times.map(time => [time]),
        )
        const expected = windows(times, options)
        const fed = cut(rows, parts).map(batch => ({ input: 0, batch }))
        for (const driven of [drive(chain, fed), drive(chain, fed, { copyAfter })]) {
          const byStart = (a: Row, b: Row): number => (a[0] as number) - (b[0] as number)
          expect([...driven.rows].sort(byStart)).toEqual(expected.rows.sort(byStart))
          expect(driven.side.map(row => row[0])).toEqual(expected.late)
        }
      }),
      { numRuns: 100 },
    )
  })
})
