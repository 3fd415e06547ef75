/**
 * What holds for every operator: rows in other batches are the same rows, a copy made from a snapshot goes on as the
 * original would, and what was given to an operator is never written.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Batch, DELETE, INSERT } from '../../sdk/data/batch.ts'
import { columnOf } from '../../sdk/data/builder.ts'
import type { Column, FlatColumn, Value } from '../../sdk/data/column.ts'
import { Schema } from '../../sdk/data/schema.ts'
import { memory } from '../../sdk/connector/memory.ts'
import { col, count, nodeOf, when } from '../../sdk/expr/column.ts'
import { rank, rowNumber } from '../../sdk/expr/over.ts'
import type { Operator } from '../../sdk/engine/operator/operator.ts'
import { Replay } from '../../sdk/engine/operator/replay.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import type { Grid } from '../../sdk/engine/time/grid.ts'
import * as plan from '../../sdk/plan/build.ts'
import { asOfJoin } from '../../sdk/plan/verb/as-of-join.ts'
import { join } from '../../sdk/plan/verb/join.ts'
import type { AsOfJoin, Join, Node } from '../../sdk/plan/node.ts'
import { fill } from '../../sdk/plan/verb/fill.ts'
import { over } from '../../sdk/plan/verb/over.ts'
import { top } from '../../sdk/plan/verb/top.ts'
import { describe as described } from '../../sdk/plan/verb/describe.ts'
import { distinct } from '../../sdk/plan/verb/distinct.ts'
import { dropNulls } from '../../sdk/plan/verb/drop-nulls.ts'
import { rowIndex, skip, tail } from '../../sdk/plan/verb/rows.ts'
import { sample, splitByChance } from '../../sdk/plan/verb/sample.ts'
import { unnest } from '../../sdk/plan/verb/unnest.ts'
import { unpivot } from '../../sdk/plan/verb/unpivot.ts'
import type { Predictor, ProcessorFactory, Source } from '../../sdk/plan/port.ts'
import { applied, batchOf, cut, drive, rowsOf, type Driven, type Fed, type Row } from './drive.ts'
import { windowAggregate, windowOf } from '../../sdk/plan/verb/window.ts'

const SCHEMA = Schema.of({ k: 'utf8?', n: 'int32?', v: 'float64?', big: 'bigint', at: 'timestamp' })
const GRID: Grid = { stepMicros: 20, originMicros: 7 }

const history: Source = memory(SCHEMA, [])
const live: Source = { ...history, bounded: false }
const named = (items: Record<string, unknown>): plan.NamedExpr[] =>
  Object.entries(items).map(([name, expr]) => ({ name, expr: nodeOf(expr) }))

const keys = named({ k: col('k'), odd: col('n').mod(2) })
const aggregates = named({
  rows: count(),
  sum: col('v').sum(),
  mean: col('v').sum().div(count()),
  least: col('n').min(),
  name: col('k').max(),
  total: col('big').sum(),
  middle: col('v').quantile(0.5),
})
const retractable = named({ rows: count(), total: col('n').sum(), big: col('big').sum() })

const DOUBLED = Schema.of({ double: 'float64?' })
const predictor: Predictor = {
  inputs: [nodeOf(col('v'))],
  model: {
    kind: 'double',
    version: 1,
    outputs: DOUBLED,
    predict: ([v]) => [{ ...(v as FlatColumn), values: ((v as FlatColumn).values as Float64Array).map(x => 2 * x) }],
  },
}
const RUNNING = Schema.of({ seen: 'int64' })
const learner: ProcessorFactory = {
  kind: 'counting',
  inputs: [nodeOf(col('n'))],
  outputs: RUNNING,
  create() {
    let seen = 0
    return {
      process: (_, length): readonly Column[] => [
        columnOf(
          RUNNING.fields[0]!.type,
          Array.from({ length }, () => seen++),
        ),
      ],
      snapshot: () => seen,
      restore: state => (seen = state as number),
    }
  },
}

const made = (node: Node): (() => Operator) => {
  if (node.kind === 'replay') return () => new Replay(node, GRID)
  if (node.kind === 'read') throw new Error('a read has no operator')
  return () => operatorOf(node, GRID)
}
/** The operators of a plan from its source on, along first inputs. */
function chainOf(node: Node): (() => Operator)[] {
  return node.kind === 'read' ? [] : [...chainOf(plan.inputsOf(node)[0]!), made(node)]
}

const batch = plan.read(history)
const stream = plan.read(live)
const timed = plan.watermark(batch, 'at', '20 microseconds')
const flowing = plan.watermark(stream, 'at', '20 microseconds')
const window = windowOf({ kind: 'tumble', size: '100 microseconds' }, { offset: '7 microseconds' })
const offset = { offset: '7 microseconds' }
const windowed = windowAggregate(flowing, keys, window, aggregates)

const chains: Record<string, readonly (() => Operator)[]> = {
  project: chainOf(
    plan.derive(
      batch,
      named({
        w: col('v').add(col('n')),
        k: col('k').upper(),
        size: when(col('n').gt(2)).then('big').otherwise('small'),
      }),
    ),
  ),
  filter: chainOf(plan.filter(batch, nodeOf(col('n').gt(1)))),
  aggregate: chainOf(plan.aggregate(batch, keys, aggregates)),
  'aggregate without a key': chainOf(plan.aggregate(batch, [], aggregates)),
  'window over a stream': chainOf(windowed),
  'window over a batch': chainOf(windowAggregate(timed, keys, window, aggregates)),
  'sliding windows': chainOf(
    windowAggregate(
      flowing,
      keys,
      windowOf({ kind: 'hop', size: '100 microseconds', every: '40 microseconds' }, offset),
      [...aggregates, ...named({ first: col('v').first() })],
    ),
  ),
  'growing windows': chainOf(
    windowAggregate(
      flowing,
      keys,
      windowOf({ kind: 'cumulate', size: '300 microseconds', step: '100 microseconds' }, offset),
      aggregates,
    ),
  ),
  'windows over windows': chainOf(
    windowAggregate(
      windowed,
      named({ k: col('k') }),
      windowOf({ kind: 'tumble', size: '200 microseconds' }, { offset: '7 microseconds' }),
      named({ n: col('rows').sum() }),
    ),
  ),
  'order by': chainOf(
    plan.orderBy(batch, [
      { expr: nodeOf(col('k')), descending: true },
      { expr: nodeOf(col('v')), descending: false },
      { expr: nodeOf(col('big')), descending: true },
    ]),
  ),
  top: chainOf(top(batch, [], 5, [{ expr: nodeOf(col('v')), descending: true }])),
  'top of each group': chainOf(
    top(batch, named({ k: col('k') }), 2, [
      { expr: nodeOf(col('n')), descending: false },
      { expr: nodeOf(col('v')), descending: true },
    ]),
  ),
  'over whole groups': chainOf(
    over(batch, keys, named({ sum: col('v').sum(), last: col('k').last(), n: rowNumber() }), { orderBy: [] }),
  ),
  'over frames': chainOf(
    over(
      batch,
      named({ k: col('k') }),
      named({
        place: rank(),
        before: col('k').lag(2, col('k')),
        sum: col('v').sum(),
        middle: col('v').quantile(0.5),
        spread: col('n').stddev(),
        step: col('big').sub(col('big').lag(1)),
      }),
      { orderBy: [{ expr: nodeOf(col('n')), descending: true }], rows: [3, 2] },
    ),
  ),
  'fill forward': chainOf(fill(batch, named({ odd: col('n').mod(2) }), 'forward', ['k', 'v'], [])),
  limit: chainOf(plan.limit(batch, 10)),
  skip: chainOf(skip(batch, 10)),
  tail: chainOf(tail(batch, 10)),
  'row index': chainOf(rowIndex(batch, 'i')),
  'distinct rows': chainOf(distinct(plan.select(batch, ['k', 'n', 'v']), [])),
  'distinct by columns': chainOf(distinct(stream, ['k', 'v'])),
  'sample of a share': chainOf(sample(stream, { fraction: 0.5, seed: 5 })),
  'sample of some rows': chainOf(sample(batch, { rows: 7, seed: 5 })),
  'sample with replacement': chainOf(sample(batch, { rows: 7, seed: 5, replacement: true })),
  'sample by a column': chainOf(splitByChance(batch, { test: 0.5, by: 'v' }).test),
  unpivot: chainOf(unpivot(stream, ['n', 'v'], {})),
  'drop nulls': chainOf(dropNulls(batch, [])),
  describe: chainOf(described(plan.select(batch, ['k', 'n', 'v']))),
  union: chainOf(plan.union([batch])),
  watermark: chainOf(flowing),
  replay: chainOf(plan.replay(timed, { disorder: '150 microseconds', seed: 3 })),
  'window over a replay': chainOf(
    windowAggregate(plan.replay(timed, { disorder: '150 microseconds', seed: 3 }), keys, window, aggregates),
  ),
  'map batches': chainOf(plan.mapBatches(batch, 'same', SCHEMA, part => part.slice(0, part.length))),
  predict: chainOf(plan.predict(batch, predictor)),
  learn: chainOf(plan.learn(stream, learner)),
}

const anyValues = fc.tuple(
  fc.option(fc.constantFrom('a', 'b', 'ä', '', '\u{1f600}', '\uffee')),
  fc.option(fc.integer({ min: -5, max: 5 })),
  fc.option(fc.constantFrom(0.5, -2, 1e300, NaN, Infinity, 3)),
  fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
  fc.integer({ min: -1000, max: 1000 }),
)
const anyRow = anyValues.map((values): Row => values)
const anyRows = fc.array(anyRow, { maxLength: 60 }).map(rows => batchOf(SCHEMA, rows))
const sizes = fc.oneof(
  fc.constantFrom([1], [7], [4096]),
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
)
const one = (batches: readonly Batch[]): Fed[] => batches.map(each => ({ input: 0, batch: each }))

describe.each(Object.entries(chains))('%s', (_, chain) => {
  test('gives the same rows for any batching, through a copy, and writes nothing it was given', () => {
    fc.assert(
      fc.property(anyRows, sizes, fc.nat({ max: 60 }), (rows, parts, copyAfter) => {
        const before = structuredClone(rows.columns)
        const whole = drive(chain, one(cut(rows, [Infinity])))
        expect(drive(chain, one(cut(rows, parts)))).toEqual(whole)
        expect(drive(chain, one(cut(rows, parts)), { copyAfter })).toEqual(whole)
        expect(rows.columns).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })
})

/** What a join by the first two columns gives, the obvious way. */
function nestedLoops(type: Join['type'], left: readonly Row[], right: readonly Row[]): Row[] {
  const meet = (a: Row, b: Row): boolean =>
    type === 'cross' || (a[0] !== null && a[1] !== null && a[0] === b[0] && a[1] === b[1])
  if (type === 'cross') return left.flatMap(a => right.map(b => [...a, ...b]))
  if (type === 'semi' || type === 'anti') return left.filter(a => right.some(b => meet(a, b)) === (type === 'semi'))
  const pairs = left.flatMap(a => {
    const found = right.filter(b => meet(a, b)).map((b): Row => [...a, ...b.slice(2)])
    return found.length === 0 && (type === 'left' || type === 'full') ? [[...a, null, null, null]] : found
  })
  if (type === 'inner' || type === 'left') return pairs
  const lone = right.filter(b => !left.some(a => meet(a, b)))
  return [...pairs, ...lone.map((b): Row => [b[0]!, b[1]!, null, null, null, ...b.slice(2)])]
}

describe.each(['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'] as const)('%s join', type => {
  const other = plan.rename(plan.read(history), { v: 'w', at: 'then' })
  const joined = join(batch, other, {
    type,
    on:
      type === 'cross'
        ? []
        : [
            { left: 'k', right: 'k' },
            { left: 'n', right: 'n' },
          ],
    suffix: '_right',
  })
  const driven = (left: readonly Batch[], right: readonly Batch[], leftFirst: boolean, copyAfter?: number): Driven => {
    const asRight = right.map(each => ({ input: 1, batch: each.with(other.schema, each.columns) }))
    const fed = leftFirst ? [...one(left), ...asRight] : [...asRight, ...one(left)]
    return drive([made(joined)], fed, { inputs: 2, ...(copyAfter !== undefined && { copyAfter }) })
  }

  test('gives the same rows for any batching and either order, and equals nested loops', () => {
    fc.assert(
      fc.property(
        anyRows,
        anyRows,
        sizes,
        fc.boolean(),
        fc.nat({ max: 60 }),
        (left, right, parts, leftFirst, copyAfter) => {
          const [l, r] = [cut(left, [Infinity]), cut(right, [Infinity])]
          const whole = driven(l, r, false)
          expect(driven(cut(left, parts), cut(right, parts), leftFirst)).toEqual(whole)
          expect(driven(cut(left, parts), cut(right, parts), leftFirst, copyAfter)).toEqual(whole)
          const rows = (part: Batch): Row[] => drive([() => operatorOf(plan.union([batch]), null)], one([part])).rows
          expect(whole.rows).toEqual(nestedLoops(type, rows(left), rows(right)))
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** What an as-of join by the first column gives, the obvious way, the time at a position. */
function scanned({ direction, tolerance }: AsOfJoin, time: number, left: readonly Row[], right: readonly Row[]): Row[] {
  const others = (row: Row): Row => row.filter((_, i) => i !== 0)
  return left.map(a => {
    let best: Row | null = null
    const at = a[time] as number
    for (const b of right) {
      const then = b[time] as number
      if (a[0] === null || a[0] !== b[0] || a[time] === null || b[time] === null) continue
      if (Number.isNaN(at) || Number.isNaN(then)) continue
      if ((direction === 'backward' && then > at) || (direction === 'forward' && then < at)) continue
      const far = (x: number): number => (x === at ? 0 : Math.abs(x - at))
      if (tolerance !== null && far(then) > tolerance) continue
      const old = best === null ? null : (best[time] as number)
      const nearer = old === null || far(then) < far(old) || (far(then) === far(old) && then < old)
      if (nearer || then === old) best = b
    }
    return [...a, ...(best === null ? others(a).map(() => null) : others(best))]
  })
}

describe.each(['backward', 'forward', 'nearest'] as const)('as-of join, %s', direction => {
  const other = plan.rename(plan.read(history), { n: 'n2', v: 'v2', big: 'big2', at: 'at2' })
  const joined = (time: string, tolerance: string | number | undefined): AsOfJoin =>
    asOfJoin(batch, other, {
      on: [{ left: 'k', right: 'k' }],
      time: { left: time, right: `${time}2` },
      direction,
      tolerance,
      suffix: '_right',
    })
  const nodes = [joined('at', undefined), joined('at', '90 microseconds'), joined('n', 2), joined('v', 2.5)]

  test('gives the same rows for any batching and either order, and equals a scan', () => {
    fc.assert(
      fc.property(
        anyRows,
        anyRows,
        fc.constantFrom(...nodes),
        sizes,
        fc.boolean(),
        fc.nat({ max: 60 }),
        (left, right, node, parts, leftFirst, copyAfter) => {
          const asRight = (batches: readonly Batch[]): Fed[] =>
            batches.map(each => ({ input: 1, batch: each.with(other.schema, each.columns) }))
          const whole = drive(
            [made(node)],
            [...asRight([right]), ...one([left])].filter(fed => fed.batch.length > 0),
            {
              inputs: 2,
            },
          )
          const [l, r] = [one(cut(left, parts)), asRight(cut(right, parts))]
          const fed = leftFirst ? [...l, ...r] : [...r, ...l]
          expect(drive([made(node)], fed, { inputs: 2 })).toEqual(whole)
          expect(drive([made(node)], fed, { inputs: 2, copyAfter })).toEqual(whole)
          const time = SCHEMA.names.indexOf((node.times.left as { readonly name: string }).name)
          expect(whole.rows).toEqual(scanned(node, time, rowsOf([left]), rowsOf([right])))
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('an aggregate that gives changes', () => {
  const chain = chainOf(plan.aggregate(stream, keys, retractable))
  const corrected = chainOf(plan.aggregate({ ...stream, frameKind: 'updating' }, keys, retractable))
  const onBatch = chainOf(plan.aggregate(batch, keys, retractable))

  test('amounts to what the batch gives, for any batching and through a copy', () => {
    fc.assert(
      fc.property(anyRows, sizes, fc.nat({ max: 60 }), (rows, parts, copyAfter) => {
        const expected = applied(drive(onBatch, one(cut(rows, [Infinity]))).rows.map(row => ['+I', ...row]))
        const changes = drive(chain, one(cut(rows, parts)))
        expect(applied(changes.rows)).toEqual(expected)
        expect(drive(chain, one(cut(rows, parts)), { copyAfter })).toEqual(changes)
      }),
      { numRuns: 60 },
    )
  })

  test('takes back what is taken back from it', () => {
    fc.assert(
      fc.property(anyRows, fc.infiniteStream(fc.boolean()), sizes, (rows, gone, parts) => {
        const leaves = Array.from({ length: rows.length }, () => gone.next().value)
        const taken = leaves.flatMap((leaf, i) => (leaf ? [i] : []))
        const kept = leaves.flatMap((leaf, i) => (leaf ? [] : [i]))
        const order = Int32Array.from([...Array.from(leaves, (_, i) => i), ...taken])
        const both = rows.take(order)
        const kinds = Uint8Array.from(order, (_, i) => (i < rows.length ? INSERT : DELETE))
        const fed = new Batch(SCHEMA, both.length, both.columns, kinds)
        const expected = drive(onBatch, one(cut(rows.take(Int32Array.from(kept)), [Infinity])))
        expect(applied(drive(corrected, one(cut(fed, parts))).rows)).toEqual(
          applied(expected.rows.map(row => ['+I', ...row])),
        )
      }),
      { numRuns: 60 },
    )
  })
})

describe.each([0, 1, 3])('the first %i rows of a stream', count => {
  const by = [{ expr: nodeOf(col('v')), descending: true }]

  test('amount to those of the batch, for any batching and through a copy', () => {
    fc.assert(
      fc.property(anyRows, sizes, fc.boolean(), fc.nat({ max: 60 }), (rows, parts, grouped, copyAfter) => {
        const groups = grouped ? named({ k: col('k') }) : []
        const chain = chainOf(top(stream, groups, count, by))
        const expected = drive(chainOf(top(batch, groups, count, by)), one(cut(rows, [Infinity]))).rows
        const changes = drive(chain, one(cut(rows, parts)))
        const kinds = changes.rows.map(row => (row[0] === '+I' || row[0] === '-D' ? row : ['+I', ...row]))
        expect(applied(kinds)).toEqual(applied(expected.map(row => ['+I', ...row])))
        expect(drive(chain, one(cut(rows, parts)), { copyAfter })).toEqual(changes)
      }),
      { numRuns: 60 },
    )
  })
})

test('a group whose rows are all taken back is deleted, and may come again', () => {
  const chain = chainOf(plan.aggregate(stream, named({ k: col('k') }), named({ rows: count() })))
  const row: Row = ['a', 1, 0, 0n, 0]
  const fed = [[0], [0], [3, 3], [0], [3]].map(kinds =>
    batchOf(
      SCHEMA,
      kinds.map(() => row),
      kinds,
    ),
  )
  expect(drive(chain, one(fed)).rows).toEqual([
    ['+I', 'a', 1],
    ['-U', 'a', 1],
    ['+U', 'a', 2],
    ['-D', 'a', 2],
    ['+I', 'a', 1],
    ['-D', 'a', 1],
  ])
})

test('row kinds pass through project and filter', () => {
  const chain = chainOf(plan.filter(plan.select(batch, ['n']), nodeOf(col('n').gt(0))))
  const rows = [3, 3, 0, 4].map((n): Row => ['a', n, 0, 0n, 0])
  expect(drive(chain, one([batchOf(SCHEMA, rows, [0, 1, 2, 3])])).rows).toEqual([
    ['+I', 3],
    ['-U', 3],
    ['-D', 4],
  ])
})

test('row kinds pass through a union', () => {
  const rows = [3, 3, 0].map((n): Row => ['a', n, 0, 0n, 0])
  const given = drive(
    [made(plan.union([plan.select(batch, ['k', 'n', 'v', 'big', 'at'])]))],
    one([batchOf(SCHEMA, rows, [0, 1, 3])]),
  ).rows
  expect(given.map(row => row.slice(0, 3))).toEqual([
    ['+I', 'a', 3],
    ['-U', 'a', 3],
    ['-D', 'a', 0],
  ])
})

test('windows of a batch are the windows of its replay', () => {
  const onBatch = chainOf(windowAggregate(timed, keys, window, aggregates))
  const replayed = chainOf(windowAggregate(plan.replay(timed, {}), keys, window, aggregates))
  const sorted = (rows: readonly Row[]): string[] => rows.map(row => row.map(String).join('|')).sort()
  fc.assert(
    fc.property(anyRows, sizes, (rows, parts) => {
      // Sums of floats depend on the order of their rows; these are whole.
      const whole = rows.columns.map((column, i) => (i === 2 ? floats(rows) : column))
      const fed = one(cut(new Batch(SCHEMA, rows.length, whole), parts))
      const stream = drive(replayed, fed)
      expect(stream.side).toEqual([])
      expect(sorted(stream.rows)).toEqual(sorted(drive(onBatch, fed).rows))
    }),
    { numRuns: 60 },
  )
})

function floats(rows: Batch): Column {
  const n = rows.column('n') as FlatColumn
  return { ...n, type: SCHEMA.field('v', 'test').type, values: Float64Array.from(n.values as Int32Array) }
}

test('a replay goes on from a copy between any two of the batches that it gives', () => {
  fc.assert(
    fc.property(
      anyRows,
      fc.constantFrom('0 seconds', '150 microseconds', '1 day'),
      fc.nat({ max: 9 }),
      (rows, disorder, copyAfter) => {
        const many = Batch.concat(
          SCHEMA,
          Array.from({ length: 200 }, () => rows),
        )
        const node = plan.replay(timed, { disorder, seed: 3 })
        const given = (copyAt: number): unknown[] => {
          let replay = new Replay(node, GRID)
          for (const part of cut(many, [5000])) expect([...replay.process(part)]).toEqual([])
          expect([...replay.end()].every(step => step === null)).toBe(true)
          const out: unknown[] = []
          for (let pulls = 0; ; pulls++) {
            if (pulls === copyAt) {
              const state = structuredClone(replay.snapshot())
              replay = new Replay(node, GRID)
              replay.restore(state)
            }
            const due = replay.pull(0)
            if (due === null) return out
            if (!('steps' in due)) throw new Error('a replay without a speed never waits')
            for (const step of due.steps) out.push(step instanceof Batch ? rowsOf([step]) : step)
          }
        }
        expect(given(copyAfter)).toEqual(given(-1))
      },
    ),
    { numRuns: 15 },
  )
})

test.each(['left', 'full'] as const)('a %s join goes on from a copy after its right side has ended', type => {
  const other = plan.rename(plan.read(history), { v: 'w', at: 'then' })
  const joined = made(join(batch, other, { type, on: [{ left: 'k', right: 'k' }], suffix: '_right' }))
  fc.assert(
    fc.property(anyRows, anyRows, anyRows, (waiting, right, later) => {
      const given = (copies: boolean): Row[] => {
        let join = joined()
        const out: Batch[] = []
        const take = (steps: Iterable<unknown>): void => {
          for (const step of steps) if (step instanceof Batch) out.push(step)
          if (!copies) return
          const state = structuredClone(join.snapshot())
          join = joined()
          join.restore(state)
        }
        const feed = (rows: Batch, input: number): void => {
          if (rows.length > 0) take(join.process(rows, input))
        }
        feed(waiting, 0)
        feed(right.with(other.schema, right.columns), 1)
        take(join.end(1))
        feed(later, 0)
        feed(waiting, 0)
        take(join.end(0))
        return rowsOf(out)
      }
      expect(given(true)).toEqual(given(false))
    }),
    { numRuns: 40 },
  )
})

const LISTS = Schema.of({ id: 'int32', a: 'utf8?[]?', b: 'float64[]?', m: 'map(utf8,int32?)?' })
const anyLists = fc
  .array(
    fc
      .tuple(
        fc.integer({ min: 0, max: 9 }),
        fc.option(
          fc.array(fc.tuple(fc.option(fc.constantFrom('x', '', '\u{1f600}')), fc.constantFrom(0.5, NaN, -Infinity)), {
            maxLength: 3,
          }),
        ),
        fc.option(fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { maxLength: 3 })),
      )
      .map(([id, items, keys]): Row => {
        const [a, b] = [items?.map(item => item[0]) ?? null, items?.map(item => item[1]) ?? null]
        return [id, a, b, keys?.map((key, i) => [key, i === 1 ? null : i]) ?? null]
      }),
    { maxLength: 30 },
  )
  .map(rows => batchOf(LISTS, rows))

describe.each([false, true])('unnest, empty ones kept: %s', keepEmpty => {
  const nested = plan.read(memory(LISTS, []))

  test('gives the same rows for any batching, and equals the obvious loops', () => {
    const chain = chainOf(unnest(nested, ['b', 'a'], { keepEmpty, position: 'i' }))
    const ofMap = chainOf(unnest(nested, ['m'], { keepEmpty }))
    fc.assert(
      fc.property(anyLists, sizes, fc.nat({ max: 30 }), (rows, parts, copyAfter) => {
        const whole = rowsOf([rows])
        const looped = whole.flatMap(([id, a, b, m]): Row[] => {
          const [as, bs] = [a as readonly Value[] | null, b as readonly Value[] | null]
          if ((as?.length ?? 0) === 0) return keepEmpty ? [[id!, null, null, m!, null]] : []
          return as!.map((item, i) => [id!, item, bs![i]!, m!, i])
        })
        expect(drive(chain, one(cut(rows, parts))).rows).toEqual(looped)
        expect(drive(chain, one(cut(rows, parts)), { copyAfter }).rows).toEqual(looped)
        const entries = whole.flatMap(([id, a, b, m]): Row[] => {
          const pairs = (m ?? []) as readonly (readonly Value[])[]
          if (pairs.length === 0) return keepEmpty ? [[id!, a!, b!, null, null]] : []
          return pairs.map(([key, value]) => [id!, a!, b!, key!, value!])
        })
        expect(drive(ofMap, one(cut(rows, parts))).rows).toEqual(entries)
      }),
      { numRuns: 60 },
    )
  })
})

test('a sample of some rows holds no more than it may give, and chooses as if it had seen all', () => {
  const fed = batchOf(
    SCHEMA,
    Array.from({ length: 200_000 }, (_, i): Row => ['a', i, 0, 0n, 0]),
  )
  const node = sample(batch, { rows: 100, seed: 9 })
  const rows = drive(chainOf(node), one(cut(fed, [1000]))).rows
  expect(rows.length).toBe(100)
  expect(drive(chainOf(node), one(cut(fed, [70_000])), { copyAfter: 1 }).rows).toEqual(rows)
})
