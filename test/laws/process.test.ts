/**
 * Keyed functions against the obvious slow version of them: random rows are commands to a function that uses every kind
 * of state and timers, with and without a time to live, in any batches and through a copy at any point.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memory } from '../../sdk/connector/memory.ts'
import type { Batch } from '../../sdk/data/batch.ts'
import { Schema } from '../../sdk/data/schema.ts'
import type { Operator } from '../../sdk/engine/operator/operator.ts'
import { operatorOf } from '../../sdk/engine/run/graph.ts'
import { col, nodeOf } from '../../sdk/expr/column.ts'
import { state, type ProcessContext } from '../../sdk/frame/process.ts'
import * as plan from '../../sdk/plan/build.ts'
import type { Node, Process } from '../../sdk/plan/node.ts'
import { process } from '../../sdk/plan/verb/process.ts'
import { batchOf, cut, drive, type Fed, type Row } from './drive.ts'
import { windowAggregate, windowOf } from '../../sdk/plan/verb/window.ts'

const SCHEMA = Schema.of({ k: 'utf8?', command: 'utf8', n: 'int32', at: 'timestamp' })
const COMMANDS = ['add', 'clear', 'at', 'delete', 'push', 'put', 'take', 'most', 'gather', 'look'] as const
const BOUND_MS = 20

const stream = plan.watermark(plan.read({ ...memory(SCHEMA, []), bounded: false }), 'at', `${BOUND_MS} milliseconds`)
const batch = plan.watermark(plan.read(memory(SCHEMA, [])), 'at', `${BOUND_MS} milliseconds`)

interface Lives {
  readonly ttlMs: number | null
  readonly onRead: boolean
}

const OUTPUT = {
  k: 'utf8?',
  why: 'utf8',
  total: 'int32',
  items: 'utf8',
  entries: 'utf8',
  most: 'int32?',
  all: 'utf8?',
} as const
const SIDE = { at: 'timestamp' } as const

type Command = (typeof COMMANDS)[number]
interface Said {
  readonly k: string | null
  readonly command: Command
  readonly n: number
}

function declared({ ttlMs, onRead }: Lives) {
  const options =
    ttlMs === null ? {} : ({ ttl: `${ttlMs} milliseconds`, refresh: onRead ? 'read-and-write' : 'write' } as const)
  return {
    total: state.value('int32', 0, options),
    items: state.list('utf8', options),
    entries: state.map('int32', 'float64', options),
    most: state.reducing('int32', Math.max, options),
    all: state.aggregating(
      {
        create: () => ({ text: '' }),
        add: (all: { text: string }, n: number) => void (all.text += `${n};`),
        result: all => all.text,
      },
      options,
    ),
  }
}

type Context = ProcessContext<{ k: 'utf8?' }, ReturnType<typeof declared>, typeof OUTPUT, { set: typeof SIDE }, {}>

function obey({ command, n }: Said, { state, timers, time, side, emit, key }: Context): void {
  const look = (why: string): void =>
    emit({
      k: key.k,
      why,
      total: state.total.get(),
      items: state.items.get().join(),
      entries: state.entries.entries().join(';'),
      most: state.most.get(),
      all: state.all.get(),
    })
  const then = new Date(time.getTime() + 10 * n)
  switch (command) {
    case 'add':
      state.total.set(state.total.get() + n)
      break
    case 'clear':
      state.total.clear()
      state.items.clear()
      break
    case 'at':
      timers.at(then)
      side.set.emit({ at: then })
      break
    case 'delete':
      timers.delete(then)
      break
    case 'push':
      state.items.add(String(n))
      break
    case 'put':
      state.entries.set(n, n / 2)
      break
    case 'take':
      state.entries.delete(n)
      break
    case 'most':
      state.most.add(n)
      break
    case 'gather':
      state.all.add(n)
      break
    case 'look':
      look('row')
  }
}

function ring(time: Date, { state, timers, emit, key }: Context): void {
  const total = state.total.get()
  emit({ k: key.k, why: `timer ${time.getTime()}`, total, items: '', entries: '', most: null, all: null })
  if (total > 3) {
    timers.at(time.getTime() + 25)
    state.total.set(total - 1)
  }
}

function nodeOver(input: Node, lives: Lives): Process {
  return process(input, [{ name: 'k', expr: nodeOf(col('k')) }], {
    state: declared(lives),
    output: OUTPUT,
    side: { set: SIDE },
    broadcast: {},
    onRow: obey,
    onTimer: ring,
    onBroadcast: undefined,
  })
}

// ---- the obvious version

interface Item<T> {
  readonly value: T
  time: number
}

class Key {
  total: Item<number>[] = []
  items: Item<string>[] = []
  entries = new Map<number, Item<number>>()
  most: Item<number>[] = []
  all: Item<string>[] = []
}

/** Rows of the output and of the side, from rows with times in milliseconds. */
function modelled(rows: readonly Row[], { ttlMs, onRead }: Lives, live: boolean): { rows: Row[]; side: Row[] } {
  const [out, side]: [Row[], Row[]] = [[], []]
  const keys = new Map<unknown, Key>()
  let timers: { k: string | null; at: number }[] = []
  let [largest, watermark, reached, last] = [-Infinity, -Infinity, -Infinity, Infinity]
  const ttl = ttlMs ?? Infinity

  const use = (k: string | null): Key => {
    const key = keys.get(k) ?? new Key()
    keys.set(k, key)
    return key
  }
  /** What has outlived its time is gone once it is looked at. */
  const lives = (now: number) => (item: Item<unknown>) => item.time + ttl > Math.max(now, reached)
  const newer = (old: Item<unknown> | undefined, time: number): number => Math.max(time, old?.time ?? time)
  const seen = (items: Iterable<Item<unknown>>, time: number): void => {
    if (onRead) for (const item of items) item.time = Math.max(item.time, time)
  }
  const set = (k: string | null, at: number): void => {
    if (at <= last && !timers.some(timer => timer.k === k && timer.at === at)) timers.push({ k, at })
  }
  const fire = (): void => {
    for (;;) {
      const at = Math.min(...timers.map(timer => timer.at))
      if (at >= watermark) break
      const first = timers.find(timer => timer.at === at)!
      timers = timers.filter(timer => timer !== first)
      reached = Math.max(reached, at)
      const key = use(first.k)
      key.total = key.total.filter(lives(at))
      seen(key.total, at)
      const total = key.total[0]?.value ?? 0
      out.push([first.k, `timer ${at}`, total, '', '', null, null])
      if (total > 3) {
        set(first.k, at + 25)
        key.total = [{ value: total - 1, time: newer(key.total[0], at) }]
      }
    }
    if (watermark !== Infinity) reached = Math.max(reached, watermark)
  }
  for (const [k, command, n, micros] of rows as readonly (readonly [string | null, Command, number, number])[]) {
    const time = micros / 1000
    if (time > largest) {
      largest = time
      if (live) watermark = Math.max(watermark, time - BOUND_MS)
      fire()
    }
    const key = use(k)
    const living = lives(time)
    const then = time + 10 * n
    switch (command) {
      case 'add':
        key.total = key.total.filter(living)
        seen(key.total, time)
        key.total = [{ value: (key.total[0]?.value ?? 0) + n, time: newer(key.total[0], time) }]
        break
      case 'clear':
        key.total = []
        key.items = []
        break
      case 'at':
        set(k, then)
        side.push([then * 1000])
        break
      case 'delete':
        timers = timers.filter(timer => timer.k !== k || timer.at !== then)
        break
      case 'push':
        key.items.push({ value: String(n), time })
        break
      case 'put':
        if (key.entries.has(n) && !living(key.entries.get(n)!)) key.entries.delete(n)
        key.entries.set(n, { value: n / 2, time: newer(key.entries.get(n), time) })
        break
      case 'take':
        key.entries.delete(n)
        break
      case 'most':
        key.most = key.most.filter(living)
        key.most = [{ value: Math.max(n, key.most[0]?.value ?? n), time: newer(key.most[0], time) }]
        break
      case 'gather':
        key.all = key.all.filter(living)
        key.all = [{ value: `${key.all[0]?.value ?? ''}${n};`, time: newer(key.all[0], time) }]
        break
      case 'look':
        key.total = key.total.filter(living)
        key.items = key.items.filter(living)
        key.entries = new Map([...key.entries].filter(([, item]) => living(item)))
        key.most = key.most.filter(living)
        key.all = key.all.filter(living)
        for (const items of [key.total, key.items, key.entries.values(), key.most, key.all]) seen(items, time)
        out.push([
          k,
          'row',
          key.total[0]?.value ?? 0,
          key.items.map(item => item.value).join(),
          [...key.entries].map(([at, item]) => [at, item.value]).join(';'),
          key.most[0]?.value ?? null,
          key.all[0]?.value ?? null,
        ])
    }
    fire()
  }
  last = Math.max(largest, ...timers.map(timer => timer.at))
  watermark = Infinity
  fire()
  return { rows: out, side }
}

const anyRow = fc
  .tuple(
    fc.option(fc.constantFrom('a', 'b', 'c')),
    fc.constantFrom(...COMMANDS, 'look', 'at'),
    fc.integer({ min: -2, max: 6 }),
    fc.integer({ min: -15, max: 30 }),
  )
  .map(values => values)
/** Times go forth on the whole, and now and then back. */
const anyRows = fc.array(anyRow, { maxLength: 80 }).map(steps => {
  let now = 0
  return steps.map(([k, command, n, step]): Row => [k, command, n, (now += step) * 1000])
})
const sizes = fc.oneof(
  fc.constantFrom([1], [7], [4096]),
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
)
const lives = fc.record({ ttlMs: fc.option(fc.integer({ min: 1, max: 120 })), onRead: fc.boolean() })
const one = (batches: readonly Batch[]): Fed[] => batches.map(each => ({ input: 0, batch: each }))
/** The grid that a job would give the maker of watermarks. */
const FINE = { stepMicros: 1, originMicros: 0 }

const operators = (node: Node): (() => Operator)[] =>
  node.kind === 'read' || node.kind === 'replay'
    ? []
    : [...operators(plan.inputsOf(node)[0]!), () => operatorOf(node, FINE)]

describe.each([
  ['a stream', stream, true],
  ['a batch', batch, false],
] as const)('process over %s', (_, input, live) => {
  test('does what the obvious version does, for any batching and through a copy', () => {
    fc.assert(
      fc.property(anyRows, lives, sizes, fc.nat({ max: 80 }), (rows, lifetime, parts, copyAfter) => {
        const chain = operators(nodeOver(input, lifetime))
        const whole = batchOf(SCHEMA, rows)
        const expected = modelled(rows, lifetime, live)
        expect(drive(chain, one(cut(whole, [Infinity])))).toEqual(expected)
        expect(drive(chain, one(cut(whole, parts)))).toEqual(expected)
        expect(drive(chain, one(cut(whole, parts)), { copyAfter })).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})

const keyed = [{ name: 'k', expr: nodeOf(col('k')) }]
const forever: Lives = { ttlMs: null, onRead: false }

describe.each([
  ['a filter', plan.filter(stream, nodeOf(col('n').gt(0)))],
  ['a union', plan.union([stream])],
  [
    'a window',
    plan.derive(
      windowAggregate(stream, keyed, windowOf({ kind: 'tumble', size: '50 milliseconds' }), [
        { name: 'n', expr: nodeOf(col('n').max()) },
        { name: 'command', expr: nodeOf(col('command').max()) },
      ]),
      [{ name: 'at', expr: nodeOf(col('windowEnd')) }],
    ),
  ],
  ['another process', nodeOver(stream, forever)],
] as const)('process behind %s', (_, input) => {
  // what it is told is only that rows and timers come, and when
  const counting = process(input, keyed, {
    state: { seen: state.value('int32', 0) },
    output: { k: 'utf8?', seen: 'int32', why: 'utf8' },
    side: {},
    broadcast: {},
    onRow: (row: { k: string | null }, ctx: Counting) => {
      ctx.state.seen.set(ctx.state.seen.get() + 1)
      if (input.time !== null) ctx.timers.at(ctx.time.getTime() + 40)
      ctx.emit({ k: row.k, seen: ctx.state.seen.get(), why: String(ctx.watermark?.getTime()) })
    },
    onTimer: (time: Date, ctx: Counting) => {
      ctx.emit({ k: ctx.key.k, seen: ctx.state.seen.get(), why: `timer ${time.getTime()}` })
    },
    onBroadcast: undefined,
  })
  type Counting = ProcessContext<
    { k: 'utf8?' },
    { seen: ReturnType<typeof state.value<'int32', 0>> },
    { k: 'utf8?'; seen: 'int32'; why: 'utf8' },
    {},
    {}
  >

  test('gives the same rows for any batching and through a copy', () => {
    fc.assert(
      fc.property(anyRows, sizes, fc.nat({ max: 80 }), (rows, parts, copyAfter) => {
        const chain = operators(counting)
        const whole = batchOf(SCHEMA, rows)
        const expected = drive(chain, one(cut(whole, [Infinity])))
        expect(drive(chain, one(cut(whole, parts)))).toEqual(expected)
        expect(drive(chain, one(cut(whole, parts)), { copyAfter })).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})
