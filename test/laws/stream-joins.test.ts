/**
 * What holds for joins of rows that keep coming: other batches and a copy made from a snapshot change nothing, and over
 * rows of which none is late the answer is that of the whole tables.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../../sdk/data/batch.ts'
import { Schema } from '../../sdk/data/schema.ts'
import { memory } from '../../sdk/connector/memory.ts'
import type { Operator } from '../../sdk/engine/operator/operator.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import { coarseGrid, intervalGrid, temporalGrid } from '../../sdk/engine/time/grid.ts'
import * as plan from '../../sdk/plan/build.ts'
import type { AsOfJoin, Join, Node } from '../../sdk/plan/node.ts'
import { asOfJoin } from '../../sdk/plan/verb/as-of-join.ts'
import { join, type JoinOptions } from '../../sdk/plan/verb/join.ts'
import type { Source } from '../../sdk/plan/port.ts'
import { applied, batchOf, cut, type Fed, type Row } from './drive.ts'
import { driveTwo, type Two } from './drive-two.ts'

const LEFT = Schema.of({ k: 'utf8?', n: 'int32?', x: 'float64?', at: 'timestamp' })
const RIGHT = Schema.of({ k: 'utf8?', n: 'int64?', tags: 'utf8[]?', at2: 'timestamp' })
const MS = 1000

const source = (schema: Schema, bounded: boolean): Source => ({ ...memory(schema, []), bounded })
/** A stream that ends. */
const ending = (schema: Schema): Node => ({ ...plan.read(source(schema, true)), frameKind: 'stream' })
const anyTime = fc.integer({ min: -400, max: 400 }).map(ms => ms * MS + (ms % 3))
const anyKey = fc.tuple(
  fc.option(fc.constantFrom('a', 'b', 'ä'), { freq: 6 }),
  fc.option(fc.integer({ min: 0, max: 1 }), { freq: 6 }),
)
const anyLeft = fc
  .tuple(anyKey, fc.option(fc.constantFrom(0.5, -2, NaN, Infinity)), anyTime)
  .map(([key, x, at]): Row => [...key, x, at])
const anyRight = fc
  .tuple(anyKey, fc.option(fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 })), anyTime)
  .map(([key, tags, at]): Row => [...key, tags, at])
const anySides = fc.tuple(fc.array(anyLeft, { maxLength: 40 }), fc.array(anyRight, { maxLength: 40 }))
const anySizes = fc.oneof(fc.constantFrom([1], [7], [4096]), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }))
const on = [
  { left: 'k', right: 'k' },
  { left: 'n', right: 'n' },
]
const TYPES = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const

const byText = (rows: readonly Row[]): string[] =>
  rows.map(row => JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' ? `${value}#` : value))).sort()

/** Runs of rows of one side, in turn; the sizes say how they are cut into batches. */
function fedOf(left: readonly Row[], right: readonly Row[], turns: readonly number[], sizes: readonly number[]): Fed[] {
  const sides = [
    { schema: LEFT, rows: left, at: 0 },
    { schema: RIGHT, rows: right, at: 0 },
  ]
  const fed: Fed[] = []
  for (let i = 0; sides.some(side => side.at < side.rows.length); i++) {
    const side = sides[i % 2]!
    const run = side.rows.slice(side.at, (side.at += turns[i % turns.length]!))
    for (const batch of cut(batchOf(side.schema, run), sizes)) fed.push({ input: i % 2, batch })
  }
  return fed
}

const anyTurns = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })

function joined(
  options: Partial<JoinOptions>,
  bounded: boolean,
  bound: string,
): { readonly node: Join; readonly two: Two } {
  const left = plan.watermark(plan.read(source(LEFT, bounded)), 'at', bound)
  const right = plan.watermark(plan.read(source(RIGHT, bounded)), 'at2', bound)
  const node = join(left, right, { type: 'inner', on, suffix: '_right', ...options })
  const { meets } = node
  const grid =
    meets.kind === 'interval'
      ? intervalGrid(meets.lowerMicros, meets.upperMicros)
      : meets.kind === 'window'
        ? { stepMicros: meets.sizeMicros, originMicros: 0 }
        : null
  const before = (side: Node): (() => Operator) | null =>
    bounded || side.kind === 'read' || side.kind === 'replay' ? null : () => operatorOf(side, grid)
  return { node, two: { before: [before(left), before(right)], make: () => operatorOf(node, null) } }
}

/** The rows of two tables that a condition on equal keys lets meet, the obvious way. */
function nestedLoops(
  type: Join['type'],
  left: readonly Row[],
  right: readonly Row[],
  meet: (a: Row, b: Row) => boolean,
): Row[] {
  const pair = (a: Row, b: Row): boolean =>
    a[0] !== null && a[1] !== null && a[0] === b[0] && a[1] === b[1] && meet(a, b)
  if (type === 'semi' || type === 'anti') return left.filter(a => right.some(b => pair(a, b)) === (type === 'semi'))
  const pairs = left.flatMap(a => right.filter(b => pair(a, b)).map((b): Row => [...a, ...b.slice(2)]))
  const keepsLeft = type === 'left' || type === 'full'
  const keepsRight = type === 'right' || type === 'full'
  const lone = keepsLeft ? left.filter(a => !right.some(b => pair(a, b))) : []
  const others = keepsRight ? right.filter(b => !left.some(a => pair(a, b))) : []
  return [
    ...pairs,
    ...lone.map((a): Row => [...a, null, null]),
    ...others.map((b): Row => [b[0]!, b[1]!, null, null, ...b.slice(2)]),
  ]
}

describe.each(TYPES)('%s join of rows within an interval', type => {
  const anyWithin = fc.constantFrom(
    '40 milliseconds',
    '0 seconds',
    ['-100 milliseconds', '20 milliseconds'] as const,
    ['10 milliseconds', '80 milliseconds'] as const,
    ['-90 milliseconds', '-30 milliseconds'] as const,
  )

  test('gives the same rows and watermarks for any batching and through a copy, late rows among them', () => {
    fc.assert(
      fc.property(
        anySides,
        anyTurns,
        anySizes,
        anyWithin,
        fc.constantFrom('0 seconds', '60 milliseconds', '900 milliseconds'),
        fc.nat({ max: 60 }),
        ([left, right], turns, sizes, within, bound, copyAfter) => {
          const { two, node } = joined({ type, within }, false, bound)
          const whole = driveTwo(two, fedOf(left, right, turns, [Infinity]))
          const fed = fedOf(left, right, turns, sizes)
          expect(driveTwo(two, fed)).toEqual(whole)
          expect(driveTwo(two, fed, { copyAfter })).toEqual(whole)
          const { lowerMicros, upperMicros } = node.meets as {
            readonly lowerMicros: number
            readonly upperMicros: number
          }
          const meet = (a: Row, b: Row): boolean => {
            const apart = (b[3] as number) - (a[3] as number)
            return apart >= lowerMicros && apart <= upperMicros
          }
          const all = nestedLoops(type, left, right, meet)
          const isSure = type === 'inner' || type === 'semi'
          const known = new Set(byText(all))
          expect(byText(whole.rows).filter(row => isSure && !known.has(row))).toEqual([])
          expect(byText(whole.late === 0 ? whole.rows : all)).toEqual(byText(all))
          expect(bound === '900 milliseconds' ? whole.late : 0).toBe(0)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('gives no row with a time before a watermark that came first', () => {
    fc.assert(
      fc.property(anySides, anyTurns, anyWithin, ([left, right], turns, within) => {
        const { two, node } = joined({ type, within }, false, '50 milliseconds')
        if (node.time === null) return
        const { rows, marks } = driveTwo(two, fedOf(left, right, turns, [Infinity]))
        const time = node.schema.indexOf(node.time.column)
        for (const [mark, before] of marks) {
          for (const row of rows.slice(before)) expect(row[time] as number).toBeGreaterThanOrEqual(mark)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('over batches is the join of the tables', () => {
    fc.assert(
      fc.property(anySides, anyTurns, anyWithin, ([left, right], turns, within) => {
        const { two, node } = joined({ type, within }, true, '0 seconds')
        expect(node.frameKind).toBe('batch')
        const { rows, late } = driveTwo(two, fedOf(left, right, turns, [Infinity]))
        const { lowerMicros, upperMicros } = node.meets as {
          readonly lowerMicros: number
          readonly upperMicros: number
        }
        const meet = (a: Row, b: Row): boolean => {
          const apart = (b[3] as number) - (a[3] as number)
          return apart >= lowerMicros && apart <= upperMicros
        }
        expect(late).toBe(0)
        expect(byText(rows)).toEqual(byText(nestedLoops(type, left, right, meet)))
      }),
      { numRuns: 60 },
    )
  })
})

describe.each(TYPES)('%s join of rows of one window', type => {
  const window = '70 milliseconds'
  const start = (row: Row): number => Math.floor((row[3] as number) / 70_000) * 70_000

  test('gives the same rows for any batching and through a copy, and the join of the tables', () => {
    fc.assert(
      fc.property(
        anySides,
        anyTurns,
        anySizes,
        fc.constantFrom('0 seconds', '60 milliseconds', '900 milliseconds'),
        fc.nat({ max: 60 }),
        ([left, right], turns, sizes, bound, copyAfter) => {
          const { two } = joined({ type, window }, false, bound)
          const whole = driveTwo(two, fedOf(left, right, turns, [Infinity]))
          const fed = fedOf(left, right, turns, sizes)
          const { marks } = whole // a window join gives on every watermark it is told of
          expect({ ...driveTwo(two, fed), marks }).toEqual(whole)
          expect({ ...driveTwo(two, fed, { copyAfter }), marks }).toEqual(whole)
          const all = nestedLoops(type, left, right, (a, b) => start(a) === start(b))
          const rows = whole.rows.map(row => row.slice(0, -2))
          expect(byText(whole.late === 0 ? rows : all)).toEqual(byText(all))
          expect(bound === '900 milliseconds' ? whole.late : 0).toBe(0)
          for (const row of whole.rows) {
            expect(row.at(-1)).toBe((row.at(-2) as number) + 70_000)
            expect(row[3] === null ? start([0, 0, 0, row.at(-3)!]) : start(row)).toBe(row.at(-2))
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

/** Rows of both sides that come and are taken back, as inputs and batches in the order in which they come. */
interface Change {
  readonly input: 0 | 1
  readonly row: Row
  readonly kind: number
}

/** Each number says what happens next: which side, whether a row there is taken back and which, or an old row changes. */
function changesOf(left: readonly Row[], right: readonly Row[], choices: readonly number[]): Change[] {
  const sides = [
    { rest: [...left], here: [] as Row[] },
    { rest: [...right], here: [] as Row[] },
  ]
  const changes: Change[] = []
  for (const choice of choices) {
    const input = (choice & 1) as 0 | 1
    const { rest, here } = sides[input]!
    const turn = (choice >> 1) % 4
    const old = here.length === 0 ? -1 : (choice >> 3) % here.length
    if (turn < 2 || old < 0) {
      const row = rest.pop()
      if (row === undefined) continue
      here.push(row)
      changes.push({ input, row, kind: INSERT })
    } else if (turn === 2 || rest.length === 0) {
      changes.push({ input, row: here.splice(old, 1)[0]!, kind: DELETE })
    } else {
      const [before, after] = [here[old]!, rest.pop()!]
      here[old] = after
      changes.push({ input, row: before, kind: UPDATE_BEFORE }, { input, row: after, kind: UPDATE_AFTER })
    }
  }
  return changes
}

describe.each(TYPES)('%s join of changes', type => {
  // few values, so that many rows are equal
  const few = (at: string): fc.Arbitrary<Row> =>
    fc.tuple(anyKey, fc.constantFrom(0, 1)).map(([key, n]): Row => [...key, at === 'at' ? n : [`${n}`], n * MS])
  const anyChanges = fc
    .tuple(
      fc.array(few('at'), { maxLength: 25 }),
      fc.array(few('at2'), { maxLength: 25 }),
      fc.array(fc.nat({ max: 1e6 }), { maxLength: 60 }),
    )
    .map(([left, right, choices]) => changesOf(left, right, choices))
  const changing = (schema: Schema): Node => ({ ...plan.read(source(schema, false)), frameKind: 'updating' })
  const node = join(changing(LEFT), changing(RIGHT), { type, on, suffix: '_right' })
  const two: Two = { before: [null, null], make: () => operatorOf(node, null) }
  const fed = (changes: readonly Change[], sizes: readonly number[]): Fed[] => {
    const out: Fed[] = []
    for (let from = 0, to = 0; from < changes.length; from = to) {
      const { input } = changes[from]!
      while (to < changes.length && changes[to]!.input === input) to++
      const some = changes.slice(from, to)
      const batch = batchOf(
        input === 0 ? LEFT : RIGHT,
        some.map(change => change.row),
        some.map(change => change.kind),
      )
      for (const part of cut(batch, sizes)) out.push({ input, batch: part })
    }
    return out
  }

  test('amounts to the join of the two tables after every change, and gives the same for any batching', () => {
    fc.assert(
      fc.property(anyChanges, anySizes, fc.nat({ max: 60 }), (changes, sizes, copyAfter) => {
        const whole = driveTwo(two, fed(changes, [Infinity]))
        const each = driveTwo(two, fed(changes, [1]))
        expect(each.rows).toEqual(whole.rows)
        expect(driveTwo(two, fed(changes, sizes)).rows).toEqual(whole.rows)
        expect(driveTwo(two, fed(changes, sizes), { copyAfter }).rows).toEqual(whole.rows)
        for (let end = 0; end <= changes.length; end++) {
          const tables: [Row[], Row[]] = [[], []]
          for (const { input, row, kind } of changes.slice(0, end)) {
            if (kind === INSERT || kind === UPDATE_AFTER) tables[input].push(row)
            else tables[input].splice(tables[input].indexOf(row), 1)
          }
          const given = driveTwo(two, fed(changes.slice(0, end), [Infinity])).rows
          const expected = nestedLoops(type, ...tables, () => true).map((row): Row => ['+I', ...row])
          expect(applied(given.map(row => [row[0] === '-U' ? '-D' : row[0]!, ...row.slice(1)]))).toEqual(
            applied(expected),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of streams is the join of the tables, of pairs without a row taken back', () => {
    const streams = join(ending(LEFT), ending(RIGHT), { type, on, suffix: '_right' })
    expect(streams.frameKind).toBe(type === 'inner' ? 'stream' : 'updating')
    const both: Two = { before: [null, null], make: () => operatorOf(streams, null) }
    fc.assert(
      fc.property(anySides, anyTurns, anySizes, ([left, right], turns, sizes) => {
        const { rows } = driveTwo(both, fedOf(left, right, turns, sizes))
        const all = nestedLoops(type, left, right, () => true)
        const changes = type === 'inner' ? rows.map((row): Row => ['+I', ...row]) : rows
        expect(applied(changes)).toEqual(applied(all.map((row): Row => ['+I', ...row])))
      }),
      { numRuns: 60 },
    )
  })
})

describe('a temporal join', () => {
  const slow = (rows: readonly Row[]): Row[] => rows.map(row => [...row.slice(0, 3), 100 * (row[3] as number)])
  const temporal = (
    ends: boolean,
    bound: string,
    tolerance?: string,
  ): { readonly node: AsOfJoin; readonly two: Two } => {
    const left = plan.watermark(ends ? plan.read(source(LEFT, true)) : ending(LEFT), 'at', bound)
    const right = plan.watermark(ends ? plan.read(source(RIGHT, true)) : ending(RIGHT), 'at2', bound)
    const node = asOfJoin(left, right, { on, time: undefined, direction: 'backward', tolerance, suffix: '_right' })
    const grid = temporalGrid(left.time!.boundMicros, right.time!.boundMicros)
    const before = (side: Node): (() => Operator) | null =>
      ends || side.kind === 'read' || side.kind === 'replay' ? null : () => operatorOf(side, grid)
    return { node, two: { before: [before(left), before(right)], make: () => operatorOf(node, null) } }
  }

  test('gives the same for any batching and through a copy, and what the join of the tables gives', () => {
    fc.assert(
      fc.property(
        anySides,
        anyTurns,
        anySizes,
        fc.constantFrom(undefined, '5 seconds'),
        fc.constantFrom('0 seconds', '6 seconds', '90 seconds'),
        fc.nat({ max: 60 }),
        ([l, r], turns, sizes, tolerance, bound, copyAfter) => {
          const [left, right] = [slow(l), slow(r)]
          const { node, two } = temporal(false, bound, tolerance)
          const whole = driveTwo(two, fedOf(left, right, turns, [Infinity]))
          const fed = fedOf(left, right, turns, sizes)
          expect(driveTwo(two, fed)).toEqual(whole)
          expect(driveTwo(two, fed, { copyAfter })).toEqual(whole)
          const batches = fedOf(left, right, turns, [Infinity])
          const all = driveTwo(temporal(true, bound, tolerance).two, batches).rows
          expect(all.length).toBe(left.length)
          expect(byText(whole.late === 0 ? whole.rows : all)).toEqual(byText(all))
          expect(bound === '90 seconds' ? whole.late : 0).toBe(0)
          const time = node.schema.indexOf('at')
          for (const [mark, before] of whole.marks) {
            for (const row of whole.rows.slice(before)) expect(row[time] as number).toBeGreaterThanOrEqual(mark)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  test('keeps the last version of each key and forgets those that it replaced', () => {
    const { two } = temporal(false, '0 seconds')
    const operator = two.make()
    let held = 0
    for (let second = 0; second < 6000; second++) {
      const time = second * 1e6
      const versions = batchOf(RIGHT, [[`key ${second % 10}`, 1, ['x'], time]])
      for (const _ of operator.process(versions, 1));
      for (const _ of operator.process(batchOf(LEFT, [['key 3', 1, second, time]]), 0));
      for (const _ of operator.watermark(time));
      if (second === 600) held = operator.heldBytes!
    }
    expect(held).toBeGreaterThan(0)
    expect(operator.heldBytes).toBe(held)
  })
})

test('with a ttl rows are forgotten once the watermark has passed their time by it', () => {
  const left = plan.watermark(ending(LEFT), 'at', '0 seconds')
  const right = plan.watermark(ending(RIGHT), 'at2', '0 seconds')
  const node = join(left, right, { type: 'full', on, suffix: '_right', ttl: '80 milliseconds' })
  const grid = coarseGrid(80 * MS)
  const two: Two = {
    before: [() => operatorOf(left, grid), () => operatorOf(right, grid)],
    make: () => operatorOf(node, null),
  }
  const at = (input: 0 | 1, ms: number, k = 'a'): Fed => ({
    input,
    batch: batchOf(input === 0 ? LEFT : RIGHT, [[k, 1, input === 0 ? 0.5 : null, ms * MS]]),
  })
  const rows = (...fed: Fed[]): Row[] => driveTwo(two, fed).rows
  const lone: Row = ['+I', 'a', 1, 0.5, 0, null, null]
  expect(rows(at(0, 0), at(1, 100))).toEqual([lone, ['-D', ...lone.slice(1)], ['+I', 'a', 1, 0.5, 0, null, 100 * MS]])
  // 200 ms later on both sides nothing is left to meet
  expect(rows(at(0, 0), at(0, 200, 'b'), at(1, 200, 'c'), at(1, 150))).toEqual([
    lone,
    ['+I', 'b', 1, 0.5, 200 * MS, null, null],
    ['+I', 'c', 1, null, null, null, 200 * MS],
    ['+I', 'a', 1, null, null, null, 150 * MS],
  ])
})

test('a row that is taken back but never came is an error that says so', () => {
  const changing = (schema: Schema): Node => ({ ...plan.read(source(schema, false)), frameKind: 'updating' })
  const node = join(changing(LEFT), changing(RIGHT), { type: 'inner', on, suffix: '_right' })
  const two: Two = { before: [null, null], make: () => operatorOf(node, null) }
  const batch = batchOf(LEFT, [['a', 1, 0.5, 0]], [DELETE])
  expect(() => driveTwo(two, [{ input: 0, batch }])).toThrow(
    'join: a row is taken back that did not come before, or was taken back already.',
  )
})

test('what is kept of an interval join does not grow with ten times as many rows', () => {
  const { two } = joined({ type: 'full', within: '50 milliseconds' }, false, '10 milliseconds')
  const operator = two.make()
  const heads = two.before.map(make => make!())
  let held = 0
  const marks = [-Infinity, -Infinity]
  for (let turn = 0; turn < 600; turn++) {
    for (const [input, schema] of [LEFT, RIGHT].entries()) {
      const rows = Array.from({ length: 100 }, (_, i): Row => {
        const ms = turn * 100 + i
        return [`key ${ms % 3000} of ${turn >> 3}`, ms % 7, input === 0 ? 1 : ['x', 'y'], ms * MS]
      })
      for (const step of heads[input]!.process(batchOf(schema, rows), 0)) {
        if (typeof step === 'number') {
          marks[input] = step
          for (const _ of operator.watermark(Math.min(...marks)));
        } else if (step !== null) for (const _ of operator.process(step, input));
      }
    }
    if (turn === 60) held = operator.heldBytes!
  }
  expect(held).toBeGreaterThan(0)
  expect(operator.heldBytes).toBeLessThan(2 * held)
})

describe('at the bound of a watermark', () => {
  const at = (input: 0 | 1, ms: number, k = 'a'): Fed => ({
    input,
    batch: batchOf(input === 0 ? LEFT : RIGHT, [[k, 1, input === 0 ? 0.5 : null, ms * MS]]),
  })
  const given = (options: Partial<JoinOptions>, ...fed: Fed[]): [rows: number, late: number][] => {
    const { two } = joined({ type: 'left', ...options }, false, '0 seconds')
    return fed.map((_, i) => {
      const { rows, late } = driveTwo(two, fed.slice(0, i + 1), { ends: false })
      return [rows.length, late]
    })
  }

  test('a row is not late, and one before it is', () => {
    const within = '8 milliseconds'
    expect(given({ within }, at(0, 100, 'b'), at(1, 100, 'c'), at(0, 100), at(1, 99), at(1, 100))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
    ])
  })

  test('a row without a partner waits until its last one can no longer come', () => {
    const within = '400 milliseconds'
    // the last partner of a row at 1000 may come at 1400, also when the watermark is there
    expect(given({ within }, at(0, 1000), at(0, 2000), at(1, 1400, 'b'), at(1, 1500, 'b'))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 0],
    ])
  })

  test('a window is given when the watermark is at its end', () => {
    const window = '10 milliseconds'
    expect(given({ window }, at(0, 100), at(0, 200), at(1, 109, 'b'), at(1, 110, 'b'))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 0],
    ])
  })
})

test('a join of changes does not grow with changes of the same rows', () => {
  const changing = (schema: Schema): Node => ({ ...plan.read(source(schema, true)), frameKind: 'updating' })
  const operator = operatorOf(join(changing(LEFT), changing(RIGHT), { type: 'full', on, suffix: '_right' }), null)
  let held = 0
  for (let turn = 0; turn < 3000; turn++) {
    const row = (n: number): Row => ['a', 1, n, 0]
    const change = batchOf(LEFT, [row(turn), row(turn + 1)], [UPDATE_BEFORE, UPDATE_AFTER])
    const batch = turn === 0 ? batchOf(LEFT, [row(1)], [INSERT]) : change
    for (const _ of operator.process(batch, 0));
    if (turn === 100) held = operator.heldBytes!
  }
  expect(held).toBeGreaterThan(0)
  expect(operator.heldBytes).toBe(held)
})
