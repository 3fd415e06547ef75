import { describe, expect, test } from 'vitest'
import { memory } from '../../../sdk/connector/memory.ts'
import { PlanError } from '../../../sdk/data/errors.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { col, count, lit, nodeOf } from '../../../sdk/expr/column.ts'
import * as build from '../../../sdk/plan/build.ts'
import { join } from '../../../sdk/plan/verb/join.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import type { RowModel } from '../../../sdk/plan/port.ts'
import { checkWindow, windowAggregate, windowOf } from '../../../sdk/plan/verb/window.ts'

const source = (columns: Columns): Node => build.read(memory(Schema.of(columns), []))

const flights = source({ date: 'timestamp', delay: 'float64?', distance: 'int32', origin: 'utf8' })
const timed = build.watermark(flights, 'date', '10 minutes')
const stream = build.replay(timed, {})
const running = build.aggregate(stream, keys('origin'), [{ name: 'n', expr: nodeOf(count()) }])

function keys(...names: string[]): build.NamedExpr[] {
  return names.map(name => ({ name, expr: nodeOf(col(name)) }))
}

function item(name: string, value: unknown): build.NamedExpr {
  return { name, expr: nodeOf(value) }
}

function daily(input: Node, ...items: build.NamedExpr[]): Node {
  return windowAggregate(input, keys('origin'), windowOf({ kind: 'tumble', size: '1 day' }), items)
}

/** The message of the PlanError that a call throws. */
function refusal(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    if (error instanceof PlanError) return error.message
    throw error
  }
  return 'nothing was refused'
}

describe('schemas', () => {
  test('select, drop, rename and derive compute the columns of their names', () => {
    expect(build.select(flights, ['origin', 'delay']).schema.toObject()).toEqual({ origin: 'utf8', delay: 'float64?' })
    expect(build.drop(flights, ['date', 'origin']).schema.names).toEqual(['delay', 'distance'])
    expect(build.rename(flights, { delay: 'late' }).schema.names).toEqual(['date', 'late', 'distance', 'origin'])
    const derived = build.derive(flights, [item('distance', col('distance').mul(2)), item('late', col('delay').gt(15))])
    expect(derived.schema.toString()).toBe(
      "{ date: 'timestamp', delay: 'float64?', distance: 'int32', origin: 'utf8', late: 'bool?' }",
    )
  })

  test('an aggregate gives keys, a window keys and bounds, then aggregates', () => {
    const mean = item('delay', col('delay').mean())
    expect(build.aggregate(flights, keys('origin'), [mean]).schema.names).toEqual(['origin', 'delay'])
    expect(daily(timed, mean).schema.toString()).toBe(
      "{ origin: 'utf8', windowStart: 'timestamp', windowEnd: 'timestamp', delay: 'float64?' }",
    )
  })

  test('a join has keys once, suffixes what clashes and makes the right side of a left join nullable', () => {
    const right = source({ origin: 'utf8', delay: 'int32', city: 'utf8' })
    const on = [{ left: 'origin', right: 'origin' }]
    const left = build.select(flights, ['origin', 'delay'])
    expect(join(left, right, { type: 'inner', on, suffix: '_right' }).schema.toString()).toBe(
      "{ origin: 'utf8', delay: 'float64?', delay_right: 'int32', city: 'utf8' }",
    )
    expect(join(left, right, { type: 'left', on, suffix: '2' }).schema.toString()).toBe(
      "{ origin: 'utf8', delay: 'float64?', delay2: 'int32?', city: 'utf8?' }",
    )
  })

  test('a union has the columns of the first in its order, nullable where one is', () => {
    const a = source({ x: 'int32', y: 'utf8' })
    const b = source({ y: 'utf8?', x: 'int32' })
    expect(build.union([a, b]).schema.toString()).toBe("{ x: 'int32', y: 'utf8?' }")
  })

  test('predict refuses a column of another type than the model was fitted on', () => {
    const model: RowModel = { kind: 'test', version: 1, outputs: Schema.of({ prediction: 'bool' }), predict: () => [] }
    const predictor = (needs: Columns) => ({ inputs: [], model, needs })
    expect(refusal(() => build.predict(flights, predictor({ origin: 'float64' })))).toBe(
      'predict: "origin" was float64 when the model was fitted and is utf8 here. ' +
        "Cast it: .derive(t => ({ origin: t.origin.cast('float64') })).",
    )
    expect(build.predict(flights, predictor({ distance: 'float64', origin: 'utf8?' })).kind).toBe('predict')
  })

  test('predict names its columns after `as`', () => {
    const model = { kind: 'test', version: 1, outputs: Schema.of({ prediction: 'bool', probability: 'float64' }) }
    const row: RowModel = { ...model, predict: () => [] }
    const inputs = [nodeOf(col('distance'))]
    const once = build.predict(flights, { inputs, model: row })
    expect(build.predict(once, { inputs, model: row }, 'frozen').schema.names.slice(4)).toEqual([
      'prediction',
      'probability',
      'frozen',
      'frozenProbability',
    ])
    expect(refusal(() => build.predict(once, { inputs, model: row }))).toBe(
      'predict: there is a column "prediction" already. Name the new ones: { as: \'frozen\' } gives frozen, frozenProbability, ….',
    )
  })
})

describe('kinds and time', () => {
  test('a replay is a bounded stream, and an aggregate without a window over it updates', () => {
    expect([timed.frameKind, stream.frameKind, stream.bounded, running.frameKind]).toEqual([
      'batch',
      'stream',
      true,
      'updating',
    ])
  })

  test('windowed output has the last microsecond of its window as event time, so windows nest', () => {
    const day = daily(stream, item('n', count()))
    expect(day.time).toEqual({ column: 'windowEnd', boundMicros: 0, shiftMicros: -1 })
    expect(day.frameKind).toBe('stream')
    expect(checkWindow(day, windowOf({ kind: 'tumble', size: '1 day' }))).toBeUndefined()
  })

  test('the event time follows its column under a new name and is lost with it', () => {
    expect(build.rename(timed, { date: 'at' }).time).toEqual({ column: 'at', boundMicros: 600e6, shiftMicros: 0 })
    expect(build.drop(timed, ['date']).time).toBeNull()
    expect(build.derive(timed, [item('date', lit('2001-01-01', 'timestamp'))]).time).toBeNull()
    expect(build.filter(timed, nodeOf(col('delay').gt(1))).time?.column).toBe('date')
  })

  test('a union keeps the event time that all have, with the larger bound', () => {
    const slower = build.watermark(flights, 'date', '1 hour')
    expect(build.union([timed, slower]).time?.boundMicros).toBe(3600e6)
    expect(build.union([timed, flights]).time).toBeNull()
  })

  test('late rows have the columns of the windowed input', () => {
    const day = daily(stream, item('n', count()))
    if (day.kind !== 'window-aggregate') throw new Error('no window')
    expect(build.late(day).schema).toBe(stream.schema)
  })

  test('nodes are frozen', () => {
    for (const node of [flights, timed, stream, running]) expect(Object.isFrozen(node)).toBe(true)
  })
})

describe('refusals', () => {
  const cases: readonly (readonly [what: string, make: () => unknown, message: string])[] = [
    [
      'an unknown column is answered with the nearest',
      () => build.select(flights, ['origin', 'dealy']),
      'select: there is no column "dealy". Did you mean "delay"? The columns are date, delay, distance, origin.',
    ],
    [
      'a window without event time says what to call',
      () => daily(flights, item('n', count())),
      "window needs an event time: call .watermark('date', '5 seconds') first",
    ],
    [
      'a replay without event time says what to call',
      () => build.replay(flights, {}),
      "replay needs an event time: call .watermark('date', '5 seconds') first",
    ],
    [
      'a window over an updating frame names what updates',
      () => daily(running, item('n', count())),
      'window needs rows that stay as they are, but the aggregate without a window corrects rows it has given',
    ],
    [
      'an aggregate with the name of a key',
      () => build.aggregate(flights, keys('origin'), [item('origin', count())]),
      'aggregate: "origin" is already a group key: choose another name',
    ],
    [
      'an aggregate with the name of a window bound',
      () => daily(timed, item('windowStart', count())),
      'aggregate: "windowStart" is already a window bound: choose another name',
    ],
    [
      'two columns of one name',
      () => build.select(flights, ['origin', 'origin']),
      'there are two columns named "origin"',
    ],
    [
      'two keys of one name',
      () => build.aggregate(flights, keys('origin', 'origin'), [item('n', count())]),
      'groupBy: there are two keys named "origin". Name one of them otherwise: t => ({ other: … }).',
    ],
    [
      'a rename onto a column',
      () => build.rename(flights, { delay: 'origin' }),
      'rename: "delay" and "origin" would both be named "origin". Choose another name for one.',
    ],
    [
      'a condition that is none',
      () => build.filter(flights, nodeOf(col('delay'))),
      'filter needs a condition, but t.delay is float64?. Compare it: .eq(…), .gt(…), .isNull().',
    ],
    [
      'text where a number is due',
      () => build.derive(flights, [item('x', col('origin').mul(2))]),
      'derive "x": t.origin.mul(2): mul takes numbers, and "origin" is utf8.',
    ],
    [
      'an aggregate where a row value is due',
      () => build.derive(flights, [item('x', col('delay').sum())]),
      'derive "x": t.delay.sum() has one value per group; it stands in aggregate, after groupBy',
    ],
    [
      'a row value where an aggregate is due',
      () => build.aggregate(flights, [], [item('x', col('delay'))]),
      'aggregate "x": t.delay has one value per row; say which of a group: t.delay.first(), .mean(), .max() …',
    ],
    [
      'a watermark on what is no time',
      () => build.watermark(flights, 'distance', '5 seconds'),
      'watermark needs a timestamp column, but "distance" is int32. Timestamps here: "date".',
    ],
    [
      'a watermark on text',
      () => build.watermark(flights, 'origin', '5 seconds'),
      'watermark needs a timestamp column, but "origin" is utf8. Cast it first: .derive(t => ({ origin: t.origin.cast(\'timestamp\') })).',
    ],
    [
      'a duration that is none',
      () => windowOf({ kind: 'tumble', size: '1 minuts' }),
      'tumble: the size: "1 minuts" is not a duration. Write a number and a unit, such as \'10 minutes\'; units are microsecond, millisecond, second, minute, hour, day, week.',
    ],
    [
      'a window of no length',
      () => windowOf({ kind: 'tumble', size: '0 days' }),
      'tumble: the size must be longer than nothing, found "0 days"',
    ],
    [
      'a negative distance of windows',
      () => windowOf({ kind: 'hop', size: '1 hour', every: '-5 minutes' }),
      'hop: the time from one window to the next must be longer than nothing, found "-5 minutes"',
    ],
    [
      'a window of months',
      () => windowOf({ kind: 'tumble', size: '1 month' }),
      'tumble: the size must be of one length, and "1 month" is not. Take days, and put them together by .groupBy(t => ({ month: t.windowStart.truncate(\'month\') })).',
    ],
    [
      'a size that is no number',
      () => windowOf({ kind: 'hop', size: 'NaN hours', every: '1 hour' }),
      'hop: the size: "NaN hours" is not a duration. Write a number and a unit, such as \'10 minutes\'; units are microsecond, millisecond, second, minute, hour, day, week.',
    ],
    [
      'a size that is no number of steps',
      () => windowOf({ kind: 'cumulate', size: '1 hour', step: '25 minutes' }),
      'cumulate: the size must be a whole number of steps, found a size of "1 hour" and a step of "25 minutes"',
    ],
    [
      'windows of a zone that is none',
      () => windowOf({ kind: 'tumble', size: '1 day' }, { timeZone: 'Europe/Bergen' }),
      "\"Europe/Bergen\" is no time zone. Zones have IANA names, such as 'Europe/Oslo' or 'UTC'.",
    ],
    [
      'an order of a stream',
      () => build.orderBy(stream, [{ expr: nodeOf(col('delay')), descending: false }]),
      'orderBy needs all rows, but this frame is a stream',
    ],
    [
      'a replay of a stream',
      () => build.replay(stream, {}),
      'replay turns history into a stream, but this frame is a stream already',
    ],
    ['a negative limit', () => build.limit(flights, -1), 'limit needs a whole number of rows, found -1'],
    [
      'a cross join with a stream',
      () => join(flights, stream, { type: 'cross', on: [], suffix: '_right' }),
      'crossJoin takes a batch frame on its right side, but the right one is a stream. Join the history before .replay(…), or join what .collect() gives.',
    ],
    [
      'a join of two types',
      () =>
        join(flights, source({ origin: 'int32' }), {
          type: 'left',
          on: [{ left: 'origin', right: 'origin' }],
          suffix: '_right',
        }),
      'leftJoin on "origin": left is utf8, right is int32. Cast one side first: .derive(t => ({ origin: t.origin.cast(\'int32\') })).',
    ],
    [
      'a union with a column missing',
      () => build.union([source({ x: 'int32', y: 'utf8' }), source({ x: 'int32' })]),
      'union: the second frame: there is no column "y". The columns are x.',
    ],
    [
      'a union of two types',
      () => build.union([source({ x: 'int32' }), source({ x: 'utf8' })]),
      'union: column "x" is int32 in one frame and utf8 in the other. Cast one.',
    ],
    [
      'a name with a blank',
      () => build.withUid(flights, 'my step'),
      'named: a name has letters, digits, ".", "_" and "-", found "my step"',
    ],
  ]
  for (const [what, make, message] of cases) {
    test(what, () => {
      expect(refusal(make)).toBe(message)
    })
  }
})
