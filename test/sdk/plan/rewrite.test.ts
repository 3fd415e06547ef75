import { expect, test } from 'vitest'
import { memory } from '../../../sdk/connector/memory.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { col, count, nodeOf } from '../../../sdk/expr/column.ts'
import * as build from '../../../sdk/plan/build.ts'
import { join } from '../../../sdk/plan/verb/join.ts'
import { explain } from '../../../sdk/plan/explain.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import { refusalOf } from '../../../sdk/plan/refusal.ts'
import { distinct } from '../../../sdk/plan/verb/distinct.ts'
import { dropNulls } from '../../../sdk/plan/verb/drop-nulls.ts'
import { rowIndex, skip } from '../../../sdk/plan/verb/rows.ts'
import { splitByChance } from '../../../sdk/plan/verb/sample.ts'
import { unpivot } from '../../../sdk/plan/verb/unpivot.ts'
import { optimise } from '../../../sdk/plan/rewrite.ts'
import { windowAggregate, windowOf } from '../../../sdk/plan/verb/window.ts'

const source = build.read(
  memory(
    Schema.of({ at: 'timestamp', delay: 'float64?', miles: 'int32', origin: 'utf8', dest: 'utf8' }),
    [],
    'flights',
  ),
)

const item = (name: string, value: unknown): build.NamedExpr => ({ name, expr: nodeOf(value) })
const hour = windowOf({ kind: 'tumble', size: '1 hour' })

function optimised(plan: Node): Node {
  return optimise([plan])[0]!
}

/** The columns that each read of a plan fetches. */
function fetched(plan: Node): readonly string[] {
  return plan.kind === 'read' ? plan.schema.names : build.inputsOf(plan).flatMap(fetched)
}

test('a read fetches the columns that an aggregate needs', () => {
  const far = build.filter(source, nodeOf(col('miles').gt(100)))
  const plan = build.aggregate(far, [item('origin', col('origin'))], [item('delay', col('delay').mean())])
  expect(fetched(optimised(plan))).toEqual(['delay', 'miles', 'origin'])
})

test('a window keeps its event time, and the input of its late rows all of theirs', () => {
  const timed = build.watermark(source, 'at', '5 seconds')
  const counts = windowAggregate(timed, [], hour, [item('n', count())])
  expect(fetched(optimised(counts))).toEqual(['at'])
  const [windows, late] = optimise([counts, build.late(counts)])
  expect(late!.schema.names).toEqual(['at', 'delay', 'miles', 'origin', 'dest'])
  expect(late!.kind === 'late' && late.of).toBe(windows)
})

test('counting rows fetches one column of fixed width', () => {
  expect(fetched(optimised(build.aggregate(source, [], [item('n', count())])))).toEqual(['at'])
})

test('a column that nothing uses is not computed', () => {
  const derived = build.derive(source, [item('x', col('delay').mul(2)), item('y', col('miles').mul(2))])
  const plan = optimised(build.select(derived, ['y']))
  expect(fetched(plan)).toEqual(['miles'])
  expect(plan.kind === 'project' && plan.input.kind).toBe('read')
})

test('a projection of which only passed columns are used goes', () => {
  const derived = build.derive(source, [item('x', col('delay').mul(2))])
  const plan = build.aggregate(derived, [item('origin', col('origin'))], [item('n', count())])
  const rewritten = optimised(plan)
  expect(rewritten.kind === 'aggregate' && rewritten.input.kind).toBe('read')
})

test('adjacent projections become one, unless something would be computed twice', () => {
  const derived = build.derive(source, [item('x', col('delay').mul(2))])
  const once = build.select(build.derive(derived, [item('y', col('x').add(1))]), ['y'])
  expect(explain(optimised(once)).split('\n')[0]).toBe('project y = t.delay.mul(2).add(1)')
  const twice = build.select(build.derive(derived, [item('y', col('x').mul(col('x')))]), ['y'])
  expect(explain(optimised(twice)).split('\n')[0]).toBe('project y = t.x.mul(t.x)')
})

test('a join fetches keys and what is used of either side', () => {
  const cities = build.read(memory(Schema.of({ origin: 'utf8', name: 'utf8', lat: 'float64' }), [], 'cities'))
  const on = [{ left: 'origin', right: 'origin' }]
  const joined = join(source, cities, { type: 'left', on, suffix: '_right' })
  const plan = optimised(build.select(joined, ['lat', 'delay']))
  expect(fetched(plan)).toEqual(['delay', 'origin', 'origin', 'lat'])
  expect(plan.schema.toString()).toBe("{ lat: 'float64?', delay: 'float64?' }")
})

test('the output of a plan is the same columns in the same order', () => {
  const plans = [source, build.limit(source, 3), build.filter(source, nodeOf(col('miles').gt(1)))]
  for (const plan of plans) expect(optimised(plan).schema.toString()).toBe(plan.schema.toString())
})

test('two plans share after the rewrite what they shared before', () => {
  const derived = build.derive(source, [item('x', col('delay').mul(2))])
  const [a, b] = optimise([build.select(derived, ['x']), build.select(derived, ['origin'])])
  expect(a!.kind === 'project' && b!.kind === 'project' && a.input === b.input).toBe(true)
})

test('explain writes the output on top, a shared node once, and each step with its columns', () => {
  const timed = build.watermark(source, 'at', '90 seconds')
  const recent = build.filter(build.replay(timed, { disorder: '20 minutes', seed: 1 }), nodeOf(col('delay').gt(15)))
  const counts = windowAggregate(recent, [item('origin', col('origin'))], hour, [item('n', count())])
  expect(explain(build.withUid(counts, 'hourly'))).toBe(
    `window tumble 1 hour by origin: n = count() named "hourly"
  · stream, bounded, event time windowEnd − 1 microsecond: { origin: 'utf8', windowStart: 'timestamp', windowEnd: 'timestamp', n: 'int64' }
  filter t.delay.gt(15)
    · stream, bounded, event time at: { at: 'timestamp', delay: 'float64?', miles: 'int32', origin: 'utf8', dest: 'utf8' }
    replay as fast as possible, disorder 20 minutes, seed 1
      · stream, bounded, event time at: { at: 'timestamp', delay: 'float64?', miles: 'int32', origin: 'utf8', dest: 'utf8' }
      watermark at, at most 90 seconds late
        · batch, event time at: { at: 'timestamp', delay: 'float64?', miles: 'int32', origin: 'utf8', dest: 'utf8' }
        read flights
          · batch: { at: 'timestamp', delay: 'float64?', miles: 'int32', origin: 'utf8', dest: 'utf8' }`,
  )
  expect(explain(build.union([source, source]))).toContain('↑ the same as #1')
})

test('a refusal names the executor, the path and the reason', () => {
  const refuses = (node: Node): string | null => (node.kind === 'limit' ? 'it has no end' : null)
  const executor = { name: 'endless', refuses, batches: () => notRun(), start: () => notRun() }
  const plan = build.filter(build.limit(source, 3), nodeOf(col('miles').gt(1)))
  expect(refusalOf(plan, executor)).toBe('endless cannot run this plan, at read › limit: it has no end')
  expect(refusalOf(source, executor)).toBeNull()
})

function notRun(): never {
  throw new Error('this executor runs nothing')
}

test('verbs that choose or reshape rows fetch what they compare and what is read after them', () => {
  const count1 = [item('n', count())]
  const after = (node: Node): readonly string[] => fetched(optimised(build.select(node, ['delay'])))
  expect(after(distinct(source, ['origin']))).toEqual(['delay', 'origin'])
  expect(after(distinct(source, []))).toEqual(['at', 'delay', 'miles', 'origin', 'dest'])
  expect(after(splitByChance(source, { test: 0.5, by: 'dest' }).train)).toEqual(['delay', 'dest'])
  expect(after(skip(rowIndex(source, 'i'), 3))).toEqual(['delay'])
  expect(fetched(optimised(build.select(rowIndex(source, 'i'), ['i'])))).toEqual(['at'])
  expect(after(dropNulls(source, ['delay']))).toEqual(['delay'])
  const long = unpivot(source, ['delay', 'miles'], {})
  expect(fetched(optimised(build.select(long, ['value'])))).toEqual(['delay', 'miles'])
  expect(fetched(optimised(build.select(long, ['name', 'dest'])))).toEqual(['dest'])
  expect(fetched(optimised(build.aggregate(long, [], count1)))).toEqual(['at'])
})
