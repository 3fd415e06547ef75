/**
 * Windows against the obvious way: each row is put into a list of each of its windows that is still open, and a window's
 * list is worked out when the watermark passes. Whatever the batches, and through a copy.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memory } from '../../sdk/connector/memory.ts'
import { Schema } from '../../sdk/data/schema.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import { windowGrid } from '../../sdk/engine/run/window-grid.ts'
import { col, count, nodeOf } from '../../sdk/expr/column.ts'
import * as plan from '../../sdk/plan/build.ts'
import type { Firing } from '../../sdk/plan/node.ts'
import { firingOf, ONCE, windowAggregate, windowOf, type WindowText } from '../../sdk/plan/verb/window.ts'
import { applied, batchOf, cut, drive, type Driven, type Row } from './drive.ts'

const SCHEMA = Schema.of({ k: 'utf8?', at: 'timestamp', v: 'int32?' })
const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))

const merging = named({ rows: count(), sum: col('v').sum(), least: col('v').min(), median: col('v').median() })
/** The order of arrival decides the last of these, so that panes cannot be merged. */
const ordered = [...merging, ...named({ list: col('v').collect() })]

const micros = (n: number): string => `${n} microseconds`

type TimeText = Extract<WindowText, { size: string }>

const anyWindow: fc.Arbitrary<TimeText> = fc.oneof(
  fc.record({ kind: fc.constant('tumble' as const), size: fc.integer({ min: 1, max: 40 }).map(micros) }),
  fc.record({
    kind: fc.constant('hop' as const),
    size: fc.integer({ min: 1, max: 40 }).map(micros),
    every: fc.integer({ min: 1, max: 40 }).map(micros),
  }),
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }))
    .map(([step, steps]) => ({ kind: 'cumulate' as const, size: micros(step * steps), step: micros(step) })),
)

/** Rows whose times wander on with some disorder. */
const anyRows = fc
  .array(fc.tuple(fc.option(fc.constantFrom('a', 'b')), fc.integer({ min: -15, max: 25 }), fc.option(fc.nat(9))), {
    maxLength: 60,
  })
  .map(steps => {
    let now = -60
    return steps.map(([k, step, v]): Row => {
      const at = now + step
      now = Math.max(now, at)
      return [k, at, v]
    })
  })

/** All windows that hold a time, as start and end. */
function windowsOf(text: TimeText, offset: number, time: number): [number, number][] {
  const size = Number.parseInt(text.size)
  const found: [number, number][] = []
  if (text.kind === 'cumulate') {
    const step = Number.parseInt(text.step)
    const start = Math.floor((time - offset) / size) * size + offset
    for (let end = start + step; end <= start + size; end += step) if (time < end) found.push([start, end])
    return found
  }
  const every = text.kind === 'hop' ? Number.parseInt(text.every) : size
  const last = Math.floor((time - offset) / every) * every + offset
  for (let start = last; start + size > time; start -= every) if (start <= time) found.unshift([start, start + size])
  return found
}

/** Windows are forgotten so long after their ends. */
function obvious(text: TimeText, offset: number, bound: number, rows: readonly Row[], lateness = 0): Driven {
  const lists = new Map<string, { key: Row; values: (number | null)[] }>()
  const late: Row[] = []
  let largest = -Infinity
  for (const row of rows) {
    const [k, at, v] = row as [string | null, number, number | null]
    const all = windowsOf(text, offset, at)
    const open = all.filter(([, end]) => end + lateness > largest - bound)
    if (all.length > 0 && open.length === 0) late.push(row)
    for (const [start, end] of open) {
      const key = [k, start, end]
      const list = lists.get(JSON.stringify(key)) ?? { key, values: [] }
      lists.set(JSON.stringify(key), list)
      list.values.push(v)
    }
    largest = Math.max(largest, at)
  }
  return { rows: [...lists.values()].map(({ key, values }) => [...key, ...aggregated(values)]), side: late }
}

function aggregated(values: readonly (number | null)[]): Row {
  const present = values.filter(v => v !== null)
  const sorted = present.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const none = sorted.length === 0
  return [
    values.length,
    none ? null : present.reduce((sum, v) => sum + v, 0),
    none ? null : sorted[0]!,
    none ? null : (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    present,
  ]
}

const byText = (rows: readonly Row[]): string[] => rows.map(row => JSON.stringify(row)).sort()

test('windows of every kind hold the rows they should, in order of their ends', () => {
  fc.assert(
    fc.property(
      anyWindow,
      anyRows,
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 0, max: 20 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
      fc.nat({ max: 60 }),
      fc.boolean(),
      (text, rows, offset, bound, sizes, copyAfter, merges) => {
        const input = plan.watermark(plan.read({ ...memory(SCHEMA, []), bounded: false }), 'at', micros(bound))
        const window = windowOf(text, { offset: micros(offset) })
        const node = windowAggregate(input, named({ k: col('k') }), window, merges ? merging : ordered)
        const grid = windowGrid(node)
        const chain = [() => operatorOf(input, grid), () => operatorOf(node, grid)]
        const fed = (parts: readonly number[]): { input: number; batch: ReturnType<typeof batchOf> }[] =>
          cut(batchOf(SCHEMA, rows), parts).map(batch => ({ input: 0, batch }))
        const whole = drive(chain, fed([Infinity]))
        const expected = obvious(text, offset, bound, rows)
        const columns = merges ? -1 : undefined
        expect(byText(whole.rows)).toEqual(byText(expected.rows.map(row => row.slice(0, columns))))
        expect(whole.side).toEqual(expected.side)
        const ends = whole.rows.map(row => row[2] as number)
        expect(ends).toEqual(ends.toSorted((a, b) => a - b))
        for (const options of [{}, { copyAfter }]) {
          const { rows: cutRows, side } = drive(chain, fed(sizes), options)
          expect(byText(cutRows)).toEqual(byText(whole.rows))
          expect(side).toEqual(whole.side)
        }
      },
    ),
    { numRuns: 150 },
  )
})

const anySizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 })

/** What a stream of rows gives in windows. */
function given(
  text: WindowText,
  rows: readonly Row[],
  {
    offset,
    bound,
    aggregates = merging,
    firing = ONCE,
    sizes = [Infinity],
    copyAfter = -1,
  }: {
    readonly offset?: number
    readonly bound: number
    readonly aggregates?: readonly plan.NamedExpr[]
    readonly firing?: Firing
    readonly sizes?: readonly number[]
    readonly copyAfter?: number
  },
): Driven {
  const input = plan.watermark(plan.read({ ...memory(SCHEMA, []), bounded: false }), 'at', micros(bound))
  const window = windowOf(text, offset === undefined ? {} : { offset: micros(offset) })
  const node = windowAggregate(input, named({ k: col('k') }), window, aggregates, firing)
  const grid = windowGrid(node)
  const fed = cut(batchOf(SCHEMA, rows), sizes).map(batch => ({ input: 0, batch }))
  return drive([() => operatorOf(input, grid), () => operatorOf(node, grid)], fed, { copyAfter })
}

/** The table that changes leave, each row once. */
const left = (rows: readonly Row[]): string[] => applied(rows.map(row => (KINDS.has(row[0]) ? row : ['+I', ...row])))
const KINDS = new Set<unknown>(['+I', '-U', '+U', '-D'])

/** Rows of a key that are at most a gap apart, by sorting all of them. */
function sorted(gap: number, rows: readonly Row[]): Row[] {
  const keys = [...new Set(rows.map(row => row[0]!))]
  return keys.flatMap(key => {
    const own = rows.filter(row => row[0] === key).toSorted((a, b) => (a[1] as number) - (b[1] as number))
    const sessions: Row[][] = []
    for (const row of own) {
      const last = sessions.at(-1)?.at(-1)
      if (last !== undefined && (row[1] as number) - (last[1] as number) <= gap) sessions.at(-1)!.push(row)
      else sessions.push([row])
    }
    return sessions.map((session): Row => {
      const arrived = rows.filter(row => session.includes(row)).map(row => row[2] as number | null)
      return [key, session[0]![1]!, (session.at(-1)![1] as number) + gap, ...aggregated(arrived)]
    })
  })
}

test('sessions are runs of sorted rows, whatever the disorder within the bound, and whether or not panes merge', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      anyRows,
      fc.integer({ min: 0, max: 20 }),
      anySizes,
      fc.nat({ max: 60 }),
      fc.boolean(),
      (gap, all, bound, sizes, copyAfter, merges) => {
        let largest = -Infinity
        const rows = all.filter(row => {
          const isInTime = (row[1] as number) >= largest - bound
          if (isInTime) largest = Math.max(largest, row[1] as number)
          return isInTime
        })
        const aggregates = merges ? merging : ordered
        const text = { kind: 'session' as const, gap: micros(gap) }
        const { rows: found, side } = given(text, rows, { bound, aggregates, sizes, copyAfter })
        expect(side).toEqual([])
        expect(byText(found)).toEqual(byText(sorted(gap, rows).map(row => row.slice(0, merges ? -1 : undefined))))
      },
    ),
    { numRuns: 200 },
  )
})

/** Sessions as lists that are merged and forgotten one row at a time. */
function listed(gap: number, bound: number, lateness: number, rows: readonly Row[]): Driven {
  const step = gap < 80 ? 1 : 10
  let open: { key: unknown; rows: Row[]; start: number; end: number }[] = []
  const [closed, late]: [typeof open, Row[]] = [[], []]
  let largest = -Infinity
  for (const row of rows) {
    const at = row[1] as number
    const mark = Math.floor((largest - bound) / step) * step - 1 - lateness
    closed.push(...open.filter(({ end }) => end <= mark))
    open = open.filter(({ end }) => end > mark)
    const near = open.filter(({ key, start, end }) => key === row[0] && at <= end && at + gap >= start)
    if (near.length === 0 && at + gap <= mark) late.push(row)
    else {
      const start = Math.min(at, ...near.map(each => each.start))
      const end = Math.max(at + gap, ...near.map(each => each.end))
      const all = [...near.flatMap(each => each.rows), row]
      open = [...open.filter(each => !near.includes(each)), { key: row[0], rows: all, start, end }]
    }
    largest = Math.max(largest, at)
  }
  const found = [...closed, ...open].map(({ key, rows: own, start, end }): Row => {
    const arrived = rows.filter(row => own.includes(row)).map(row => row[2] as number | null)
    return [key as string | null, start, end, ...aggregated(arrived)]
  })
  return { rows: found, side: late }
}

const anyFiring = fc
  .tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom(undefined, { every: micros(7) }, { every: micros(30) }, { rows: 1 }, { rows: 3 }),
    fc.boolean(),
  )
  .filter(([lateness, early, purge]) => !purge || lateness > 0 || early !== undefined)
  .map(([lateness, early, purge]) => ({ lateness, ...firingOf({ allowedLateness: micros(lateness), early, purge }) }))

test('windows that are given early and again leave the rows that they hold at last; only later rows are late', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyWindow, fc.integer({ min: 1, max: 40 })),
      anyRows,
      fc.integer({ min: 0, max: 20 }),
      anyFiring,
      anySizes,
      fc.nat({ max: 60 }),
      (window, rows, bound, { lateness, ...firing }, sizes, copyAfter) => {
        const isSession = typeof window === 'number'
        const text = isSession ? { kind: 'session' as const, gap: micros(window) } : window
        const expected = isSession ? listed(window, bound, lateness, rows) : obvious(window, 0, bound, rows, lateness)
        const whole = given(text, rows, { bound, firing })
        const parts = given(text, rows, { bound, firing, sizes, copyAfter })
        expect(whole.side).toEqual(expected.side)
        expect(parts.side).toEqual(expected.side)
        // what is purged is each time what came since, whatever the batches, and in all each row once
        const table = (all: readonly Row[]): string[] => (firing.purge ? byText(all) : left(all))
        expect(table(parts.rows)).toEqual(table(whole.rows))
        const count = (all: readonly Row[]): number => all.reduce((sum, row) => sum + (row[3] as number), 0)
        const net = (all: readonly Row[]): unknown => (firing.purge ? count(all) : left(all))
        expect(net(whole.rows)).toEqual(net(expected.rows.map(row => row.slice(0, -1))))
      },
    ),
    { numRuns: 200 },
  )
})

test('windows of so many rows are cut from the rows of each key as they come, whatever the batches', () => {
  const few = fc.integer({ min: 1, max: 5 })
  fc.assert(
    fc.property(few, few, anyRows, anySizes, fc.nat({ max: 60 }), (size, every, rows, sizes, copyAfter) => {
      const keys = [...new Set(rows.map(row => row[0]!))]
      const expected = keys.flatMap(key => {
        const own = rows.filter(row => row[0] === key).map(row => row[2] as number | null)
        return Array.from({ length: Math.floor(own.length / every) }, (_, i): Row => {
          const end = (i + 1) * every
          return [key, ...aggregated(own.slice(Math.max(0, end - size), end))]
        })
      })
      const text = { kind: 'count' as const, rows: size, every }
      const firing = firingOf({}, windowOf(text))
      const found = given(text, rows, { bound: 0, aggregates: ordered, firing, sizes, copyAfter })
      expect(byText(found.rows)).toEqual(byText(expected))
      expect(found.side).toEqual([])
    }),
    { numRuns: 150 },
  )
})
