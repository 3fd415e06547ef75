import { duckdb, read, state, to, type WritableBroadcast } from 'millrace'
import { describe, expect, test } from 'vitest'

/** Keyed functions as users write them: the classics of stream processing, and what is said of mistakes. */

const at = (minute: number): Date => new Date(Date.UTC(2024, 0, 1) + minute * 60_000)

/** A stream of these rows, in the order of their times. */
function streamed<T extends { at: Date }>(rows: readonly T[]) {
  return read.rows(rows).watermark('at', '0 seconds').replay()
}

async function all<T>(frame: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = []
  for await (const row of frame) rows.push(row)
  return rows
}

/** Options as plain JavaScript gives them, past the type checker. */
const loose = (value: unknown): never => value as never

describe('the classics', () => {
  test('a count is given once a key has been quiet for a minute', async () => {
    const words = streamed([
      { word: 'be', at: at(0) },
      { word: 'to', at: at(0.5) },
      { word: 'be', at: at(0.9) },
      { word: 'or', at: at(2) },
      { word: 'be', at: at(2.5) },
    ])
    const counts = words.groupBy('word').process({
      state: { count: state.value('int32', 0), last: state.value('timestamp') },
      output: { word: 'utf8', count: 'int32', at: 'timestamp' },
      onRow(_, { state, timers, time }) {
        state.count.set(state.count.get() + 1)
        state.last.set(time)
        timers.at(time.getTime() + 60_000)
      },
      onTimer(time, { key, state, emit }) {
        if (time.getTime() !== state.last.get()!.getTime() + 60_000) return // it was said again since
        emit({ word: key.word, count: state.count.get(), at: time })
        state.count.clear()
        state.last.clear()
      },
    })
    expect(await all(counts)).toEqual([
      { word: 'to', count: 1, at: at(1.5) },
      { word: 'be', count: 2, at: at(1.9) },
      { word: 'or', count: 1, at: at(3) },
      { word: 'be', count: 1, at: at(3.5) },
    ])
  })

  test('a small payment and a large one within a minute raise an alarm', async () => {
    const payments = streamed([
      { account: 1, amount: 0.1, at: at(0) },
      { account: 1, amount: 600, at: at(0.5) }, // alarm
      { account: 2, amount: 0.2, at: at(1) },
      { account: 2, amount: 700, at: at(2.5) }, // too late
      { account: 3, amount: 0.3, at: at(3) },
      { account: 3, amount: 20, at: at(3.1) }, // neither
      { account: 3, amount: 800, at: at(3.2) },
      { account: 4, amount: 0.4, at: at(4) },
      { account: 4, amount: 0.5, at: at(4.9) },
      { account: 4, amount: 900, at: at(5.5) }, // alarm, by the second small one
    ])
    const alarms = payments.groupBy('account').process({
      state: { small: state.value('bool', false), until: state.value('timestamp') },
      output: { account: 'float64', amount: 'float64' },
      onRow(row, { state, timers, time, emit }) {
        if (state.small.get()) {
          if (row.amount > 500) emit({ account: row.account, amount: row.amount })
          timers.delete(state.until.get()!)
          state.small.clear()
          state.until.clear()
        }
        if (row.amount < 1) {
          const until = new Date(time.getTime() + 60_000)
          state.small.set(true)
          state.until.set(until)
          timers.at(until)
        }
      },
      onTimer(_, { state }) {
        state.small.clear()
        state.until.clear()
      },
    })
    expect(await all(alarms)).toEqual([
      { account: 1, amount: 600 },
      { account: 4, amount: 900 },
    ])
  })

  test('a value is given again only when the last one of its key is an hour old', async () => {
    const rows = [0, 10, 59, 60, 61, 119, 120, 300].map(minute => ({ id: 'a', at: at(minute) }))
    const firsts = (refresh: 'write' | 'read-and-write') =>
      streamed(rows)
        .groupBy('id')
        .process({
          state: { seen: state.value('bool', false, { ttl: '1 hour', refresh }) },
          output: { minute: 'float64' },
          onRow(_, { state, emit, time }) {
            if (state.seen.get()) return
            state.seen.set(true)
            emit({ minute: (time.getTime() - at(0).getTime()) / 60_000 })
          },
        })
    expect((await all(firsts('write'))).map(row => row.minute)).toEqual([0, 60, 120, 300])
    expect((await all(firsts('read-and-write'))).map(row => row.minute)).toEqual([0, 300])
  })

  test('sessions by timers are those of a plain loop', async () => {
    let seed = 7
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const clicks: { user: string; at: Date }[] = []
    for (let i = 0, minute = 0; i < 5000; i++) {
      clicks.push({ user: `u${Math.floor(random() ** 2 * 40)}`, at: at(Math.round((minute += random()) * 60) / 60) })
    }
    const gapMs = 30 * 60_000
    const sessions = streamed(clicks)
      .groupBy('user')
      .process({
        state: { clicks: state.value('int32', 0), from: state.value('timestamp'), until: state.value('timestamp') },
        output: { user: 'utf8', from: 'timestamp', to: 'timestamp', clicks: 'int32' },
        onRow(_, { state, timers, time }) {
          const until = state.until.get()
          if (until === null) state.from.set(time)
          else timers.delete(until)
          state.until.set(new Date(time.getTime() + gapMs))
          timers.at(state.until.get()!)
          state.clicks.set(state.clicks.get() + 1)
        },
        onTimer(time, { key, state, emit }) {
          const to = new Date(time.getTime() - gapMs)
          emit({ user: key.user, from: state.from.get()!, to, clicks: state.clicks.get() })
          state.clicks.clear()
          state.from.clear()
          state.until.clear()
        },
      })
    const expected: { user: string; from: Date; to: Date; clicks: number }[] = []
    const open = new Map<string, { user: string; from: Date; to: Date; clicks: number }>()
    for (const click of clicks) {
      const session = open.get(click.user)
      if (session !== undefined && click.at.getTime() - session.to.getTime() <= gapMs) {
        session.to = click.at
        session.clicks++
      } else {
        const fresh = { user: click.user, from: click.at, to: click.at, clicks: 1 }
        open.set(click.user, fresh)
        expected.push(fresh)
      }
    }
    const sorted = (rows: typeof expected): typeof expected =>
      rows.sort((a, b) => a.from.getTime() - b.from.getTime() || (a.user < b.user ? -1 : 1))
    expect(expected.length).toBeGreaterThan(50)
    expect(sorted(await all(sessions))).toEqual(sorted(expected))
  })
})

describe('state', () => {
  const rows = read.rows([
    { k: 'a', x: 3 },
    { k: 'b', x: 1 },
    { k: 'a', x: 2 },
  ])

  test('of every kind is read as it was written', async () => {
    const kept = rows.groupBy('k').process({
      state: {
        last: state.value({ x: 'float64', tags: 'utf8[]' }),
        list: state.list('float64'),
        map: state.map('float64', 'utf8?'),
        most: state.reducing('float64', Math.max),
        mean: state.aggregating({
          create: () => ({ sum: 0, count: 0 }),
          add: (mean, x: number) => ({ sum: mean.sum + x, count: mean.count + 1 }),
          result: ({ sum, count }) => sum / count,
        }),
      },
      output: { text: 'utf8' },
      onRow(row, { state, emit, key }) {
        const before = state.last.get()
        state.last.set({ x: row.x, tags: [`x${row.x}`] })
        state.list.add(row.x)
        state.map.set(row.x, null)
        state.most.add(row.x)
        state.mean.add(row.x)
        const seen = [key, before, state.list.get(), state.map.entries(), state.map.has(3), state.most.get()]
        emit({ text: JSON.stringify([...seen, state.mean.get()]) })
      },
    })
    expect((await kept.collect()).column('text')).toEqual([
      '[{"k":"a"},null,[3],[[3,null]],true,3,3]',
      '[{"k":"b"},null,[1],[[1,null]],false,1,1]',
      '[{"k":"a"},{"x":3,"tags":["x3"]},[3,2],[[3,null],[2,null]],true,3,2.5]',
    ])
  })

  test('is not changed by what is done to a value that get gave', async () => {
    const kept = rows.groupBy('k').process({
      state: { list: state.list('float64'), v: state.value('vector(1)') },
      output: { size: 'int32', first: 'float64' },
      onRow(row, { state, emit }) {
        const v = new Float64Array([row.x])
        state.v.set(v)
        v[0] = 99
        state.v.get()![0] = 98
        state.list.add(row.x)
        state.list.get().push(1, 2, 3)
        emit({ size: state.list.length, first: state.v.get()![0]! })
      },
    })
    expect((await kept.collect()).rows()).toEqual([
      { size: 1, first: 3 },
      { size: 1, first: 1 },
      { size: 2, first: 2 },
    ])
  })

  test('items of a list and entries of a map live each by itself', async () => {
    const frame = streamed([0, 20, 40, 70].map(minute => ({ k: 1, minute, at: at(minute) })))
    const kept = frame.groupBy('k').process({
      state: {
        list: state.list('float64', { ttl: '1 hour' }),
        map: state.map('float64', 'bool', { ttl: '45 minutes' }),
      },
      output: { list: 'utf8', map: 'utf8' },
      onRow(row, { state, emit }) {
        state.list.add(row.minute)
        state.map.set(row.minute, true)
        emit({ list: state.list.get().join(), map: state.map.keys().join() })
      },
    })
    expect(await all(kept)).toEqual([
      { list: '0', map: '0' },
      { list: '0,20', map: '0,20' },
      { list: '0,20,40', map: '0,20,40' },
      { list: '20,40,70', map: '40,70' },
    ])
  })
})

describe('timers', () => {
  test('fire by their times, one for a key and time, before rows of later times', async () => {
    const frame = streamed([0, 1, 2, 5].map(minute => ({ k: minute % 2, minute, at: at(minute) })))
    const fired = frame.groupBy('k').process({
      output: { what: 'utf8' },
      onRow(row, { timers, emit }) {
        timers.at(at(4))
        timers.at(at(row.minute + 1.5))
        timers.at(at(row.minute + 1.5))
        emit({ what: `row ${row.minute}` })
      },
      onTimer: (time, { key, emit, time: same }) => {
        expect(same).toEqual(time)
        emit({ what: `${key.k} at ${(time.getTime() - at(0).getTime()) / 60_000}` })
      },
    })
    expect((await all(fired)).map(row => row.what)).toEqual([
      'row 0',
      'row 1',
      '0 at 1.5',
      'row 2',
      '1 at 2.5',
      '0 at 3.5',
      '0 at 4',
      '1 at 4',
      'row 5',
      '1 at 4', // it was set for a time that had passed
      '1 at 6.5',
    ])
  })

  test('that set others come to an end when the rows do', async () => {
    const ticks = streamed([0, 2.5].map(minute => ({ k: 1, at: at(minute) })))
      .groupBy('k')
      .process({
        output: { minute: 'float64' },
        onRow: (_, { timers, time }) => timers.at(time),
        onTimer(time, { timers, emit }) {
          emit({ minute: (time.getTime() - at(0).getTime()) / 60_000 })
          timers.at(time.getTime() + 60_000)
        },
      })
    // the row at 2.5 makes the one at 2 fire, which sets one at 3; what those that fire at the end set for later does not
    expect((await all(ticks)).map(row => row.minute)).toEqual([0, 1, 2, 2.5, 3])
  })

  test('of a batch fire when all rows have come', async () => {
    const batch = read.rows([1, 0].map(minute => ({ k: 1, minute, at: at(minute) }))).watermark('at', '0 seconds')
    const fired = batch.groupBy('k').process({
      output: { what: 'utf8' },
      onRow(row, { timers, emit, watermark }) {
        timers.at(at(row.minute))
        emit({ what: `row ${row.minute} ${watermark === null}` })
      },
      onTimer: (time, { emit }) => emit({ what: `timer ${(time.getTime() - at(0).getTime()) / 60_000}` }),
    })
    expect((await fired.collect()).column('what')).toEqual(['row 1 true', 'row 0 true', 'timer 0', 'timer 1'])
  })
})

test('side outputs are frames of their own and run in one job with the first', async () => {
  const payments = read.rows([
    { card: 'a', amount: 5 },
    { card: 'b', amount: 700 },
    { card: 'a', amount: 900 },
  ])
  let calls = 0
  const checked = payments.groupBy('card').process({
    output: { card: 'utf8' },
    side: { big: { card: 'utf8', amount: 'float64' }, odd: { amount: 'float64' } },
    onRow(row, ctx) {
      calls++
      if (row.amount > 100) ctx.side.big.emit(row)
      else ctx.emit({ card: row.card })
      if (row.amount % 2 === 1) ctx.side.odd.emit({ amount: row.amount })
    },
  })
  const [rest, big, odd] = [to.memory(), to.memory(), to.memory()]
  const progress = await checked.write(rest).and(checked.side.big.write(big)).and(checked.side.odd.write(odd)).run()
  expect(rest.rows()).toEqual([{ card: 'a' }])
  expect(big.rows()).toEqual([
    { card: 'b', amount: 700 },
    { card: 'a', amount: 900 },
  ])
  expect(odd.rows()).toEqual([{ amount: 5 }])
  expect(calls).toBe(3)
  expect(progress).toMatchObject({ lateRows: 0 })
})

test('rows that are broadcast are read by every key', async () => {
  const rules = read.rows([
    { card: 'any', most: 100 },
    { card: 'b', most: 1000 },
    { card: 'c', most: 1 },
    { card: 'c', most: 0 },
  ])
  const payments = read.rows([
    { card: 'a', amount: 500 },
    { card: 'b', amount: 500 },
    { card: 'c', amount: 50 },
  ])
  const refused = payments.groupBy('card').process({
    broadcast: { rules },
    output: { card: 'utf8', most: 'float64', rules: 'utf8' },
    onBroadcast(row, { broadcast }) {
      if (row.most === 0) broadcast.rules.delete(row.card)
      else broadcast.rules.set(row.card, row)
    },
    onRow(row, { broadcast, emit }) {
      const { most } = (broadcast.rules.get(row.card) ?? broadcast.rules.get('any'))!
      if (row.amount > most) emit({ card: row.card, most, rules: broadcast.rules.keys().join() })
    },
  })
  expect((await refused.collect()).rows()).toEqual([{ card: 'a', most: 100, rules: 'any,b' }])
})

describe('a mistake is an error that says', () => {
  const rows = read.rows([{ card: 'a', x: 1 }])
  const grouped = rows.groupBy('card')
  const output = { card: 'utf8', n: 'int32' } as const

  test.each<[string, () => { collect: () => Promise<unknown> }, string]>([
    [
      'which column does not hold what is emitted',
      () => grouped.process({ output, onRow: (row, { emit }) => emit({ card: row.card, n: row.x / 2 }) }),
      `read › process: emit, key { card: 'a' }: column "n": 0.5 is not a whole number within ±2^31 (int32)`,
    ],
    [
      'which column is not declared',
      () => grouped.process({ output, onRow: (row, { emit }) => emit(loose({ card: row.card, n: 1, crad: 2 })) }),
      `process: emit, key { card: 'a' }: there is no column "crad". Did you mean "card"? Declared are card, n.`,
    ],
    [
      'which column is missing',
      () => grouped.process({ output, onRow: (row, { emit }) => emit(loose({ card: row.card })) }),
      'column "n": the row lacks it, and it is int32',
    ],
    [
      'which column of a side output',
      () =>
        grouped.process({
          output,
          side: { big: { x: 'utf8' } },
          onRow: (row, { side }) => side.big.emit(loose({ x: row.x })),
        }),
      `process: side.big.emit, key { card: 'a' }: column "x": 1 is not a utf8`,
    ],
    [
      'which state does not hold a value',
      () =>
        grouped.process({
          state: { total: state.value('int32', 0) },
          output,
          onRow: (row, { state }) => state.total.set(row.x / 2),
        }),
      `process: state "total", key { card: 'a' }: 0.5 is not a whole number within ±2^31 (int32)`,
    ],
    [
      'which state is not nullable',
      () =>
        grouped.process({
          state: { names: state.list('utf8') },
          output,
          onRow: (_, { state }) => state.names.add(loose(null)),
        }),
      `process: state "names", key { card: 'a' }: it is null, which its type is not`,
    ],
    [
      'what a function threw, and for which key',
      () =>
        grouped.process({
          output,
          onRow: () => {
            throw new RangeError('no rate')
          },
        }),
      `read › process: onRow failed, key { card: 'a' }: no rate`,
    ],
    [
      'that a function must not wait',
      () => grouped.process({ output, onRow: () => loose(Promise.resolve()) }),
      'process: onRow gave a promise',
    ],
    [
      'that there is no event time',
      () => grouped.process({ output, onRow: (_, { timers }) => timers.at(0), onTimer: () => undefined }),
      "ctx.timers.at needs an event time: call .watermark('at', '5 seconds') first",
    ],
    [
      'that nothing would be called back',
      () => grouped.process({ output, onRow: (_, { timers }) => timers.after('5 seconds') }),
      'ctx.timers.after is called, and there is no onTimer(time, ctx)',
    ],
    [
      'that what is broadcast is not written by one key',
      () =>
        grouped.process({
          broadcast: { rules: rows },
          output,
          onBroadcast: () => undefined,
          onRow: (row, { broadcast }) => (broadcast.rules as WritableBroadcast<never>).set('a', loose(row)),
        }),
      'broadcast "rules" is read by every key and written in onBroadcast only',
    ],
  ])('%s', async (_, make, sentence) => {
    await expect(make().collect()).rejects.toThrow(sentence)
  })

  test.each<[string, () => unknown, string]>([
    [
      'a time to live without event time',
      () =>
        grouped.process({ state: { n: state.value('int32', 0, { ttl: '1 hour' }) }, output, onRow: () => undefined }),
      'process: ttl needs an event time',
    ],
    [
      'an unknown option',
      () => grouped.process(loose({ output, onrow: 1 })),
      'process: there is no option "onrow". Did you mean "onRow"?',
    ],
    ['no onRow', () => grouped.process(loose({ output })), 'process: onRow is a function, and found nothing'],
    [
      'no output',
      () => grouped.process(loose({ onRow: () => undefined })),
      'process: output declares the columns that emit takes',
    ],
    [
      'state that is none',
      () => grouped.process(loose({ state: { n: 'int32' }, output, onRow: () => undefined })),
      'state "n" is not declared by state.value',
    ],
    [
      'a broadcast that is not taken',
      () => grouped.process(loose({ broadcast: { rules: rows }, output, onRow: () => undefined })),
      'process: broadcast needs onBroadcast(row, ctx)',
    ],
    [
      'an initial value of another type',
      () => state.value('int32', 0.5),
      'state.value: the initial value does not fit: 0.5 is not a whole number within ±2^31 (int32)',
    ],
    ['a type that is none', () => state.list(loose('int23')), '"int23" is not a column type'],
    [
      'a map by lists',
      () => state.map('utf8[]', 'int32'),
      'state.map: a key is a text, number, truth or time that is never null, not utf8[]',
    ],
    [
      'a time that is none',
      () => state.list('utf8', loose({ ttl: 'soon' })),
      'state.list: ttl: "soon" is not a duration',
    ],
    [
      'a refresh that is none',
      () => state.list('utf8', loose({ ttl: '1 hour', refresh: 'read' })),
      `state.list: refresh is 'write' or 'read-and-write', not "read"`,
    ],
  ])('%s is refused at once', (_, make, sentence) => {
    expect(make).toThrow(sentence)
  })

  test('that DuckDB does not run it', () => {
    const counted = grouped.process({ output, onRow: () => undefined })
    expect(counted.explain({ engine: duckdb() })).toContain(
      'refused by duckdb: process runs functions of this program, row by row',
    )
  })
})

test('explain says what is kept', () => {
  const frame = streamed([{ k: 1, at: at(0) }])
    .groupBy('k')
    .process({
      state: { seen: state.value('bool', false, { ttl: '1 hour' }), list: state.list('utf8') },
      output: { n: 'int32' },
      onRow: () => undefined,
    })
  expect(frame.explain().split('\n')[0]).toBe('process by k: seen (value, 1 hour), list (list)')
})
