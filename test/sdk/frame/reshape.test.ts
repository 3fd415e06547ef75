import { describe, expect, test } from 'vitest'
import { count, PlanError, read, when, type BatchFrame, type Frame } from 'millrace'
import type { Batch } from '../../../sdk/data/batch.ts'
import { valueAt } from '../../../sdk/data/column.ts'
import { HandSource } from './hand-source.ts'
import { frameOf } from '../../../sdk/frame/frame.ts'
import { read as readNode } from '../../../sdk/plan/build.ts'

/** Verbs that choose rows, and those that give columns and rows another form. */

const TRIPS = { city: 'utf8?', month: 'utf8', km: 'float64?' } as const
const trips = read.rows(
  [
    { city: 'Oslo', month: 'jan', km: 3 },
    { city: null, month: 'jan', km: NaN },
    { city: 'Oslo', month: 'feb', km: null },
    { city: 'Rome', month: 'feb', km: 4 },
    { city: null, month: 'mar', km: NaN },
    { city: 'Oslo', month: 'jan', km: 3 },
  ],
  { schema: TRIPS },
)
const numbers = read.rows(
  Array.from({ length: 1000 }, (_, n) => ({ n, user: `u${n % 50}` })),
  { schema: { n: 'int32', user: 'utf8' } },
)

async function rowsOf(frame: { collect(): Promise<{ rows(): unknown }> }): Promise<unknown> {
  return (await frame.collect()).rows()
}

/** A stream of one column in these batches. */
function live(...batches: readonly (readonly number[])[]): Frame<{ x: 'int32' }, 'stream'> {
  return frameOf(readNode(new HandSource(false).give(...batches, null)))
}

/** The rows that a frame gives, each with its kind in front. */
async function seenOf(frame: { batches(): AsyncIterable<Batch> }): Promise<string[]> {
  const out: string[] = []
  for await (const batch of frame.batches()) {
    for (let i = 0; i < batch.length; i++) {
      const values = batch.columns.map(column => String(valueAt(column, i) as number | string))
      out.push([['+I', '-U', '+U', '-D'][batch.kinds?.[i] ?? 0], ...values].join(' '))
    }
  }
  return out
}

describe('distinct', () => {
  test('keeps the first row of each key; null is a key', async () => {
    expect(await rowsOf(trips.distinct('city'))).toEqual([
      { city: 'Oslo', month: 'jan', km: 3 },
      { city: null, month: 'jan', km: NaN },
      { city: 'Rome', month: 'feb', km: 4 },
    ])
  })

  test('of whole rows NaN equals itself', async () => {
    expect(await rowsOf(trips.select('city', 'km').distinct())).toEqual([
      { city: 'Oslo', km: 3 },
      { city: null, km: NaN },
      { city: 'Oslo', km: null },
      { city: 'Rome', km: 4 },
    ])
  })

  test('compares lists by their items', async () => {
    const lists = read.rows([{ a: [1, null] }, { a: [1] }, { a: [1, null] }], { schema: { a: 'int32?[]' } })
    expect(await rowsOf(lists.distinct())).toEqual([{ a: [1, null] }, { a: [1] }])
  })

  test('on a stream gives each first row as it comes', async () => {
    const stream: Frame<{ x: 'int32' }, 'stream'> = live([1], [2, 1, 3], [2])
    expect(stream.distinct().kind).toBe('stream')
    expect(await seenOf(stream.distinct('x'))).toEqual(['+I 1', '+I 2', '+I 3'])
  })

  test('of whole rows of an updating frame takes a row back with its last copy', async () => {
    const counts = live([1], [2], [2], [1], [1])
      .groupBy('x')
      .aggregate(() => ({ n: count() }))
    const seen = counts.select('n').distinct()
    expect(seen.kind).toBe('updating')
    // 1 → {1} · 2 → {1, 1} · 2 → {1, 2} · 1 → {2, 2} · 1 → {3, 2}
    expect((await seenOf(seen)).filter(change => /^(\+I|-D)/.test(change))).toEqual(['+I 1', '+I 2', '-D 1', '+I 3'])
  })

  test('tells rows of any number of columns apart, by the last of them too', async () => {
    const row = (last: number | null): object =>
      Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c${i}`, i === 69 ? last : null]))
    const schema = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c${i}`, 'int32?' as const]))
    const wide: BatchFrame = read.rows([row(1), row(null), row(1), row(0), row(null)], { schema })
    expect((await wide.distinct().collect()).column('c69')).toEqual([1, null, 0])
    const names = Object.keys(schema)
    const counted = await wide
      .groupBy(...names)
      .aggregate(() => ({ n: count() }))
      .collect()
    expect(counted.rows().map(each => [each['c69'], each['n']])).toEqual([
      [1, 2],
      [null, 2],
      [0, 1],
    ])
    expect((await wide.except(wide.filter(t => t['c69']!.isNull())).collect()).length).toBe(2)
    expect(() =>
      wide
        .groupBy(...names)
        .rollup({ level: 'out' })
        .aggregate(() => ({ n: count() })),
    ).toThrow('sets: { level } has a bit for each of at most 31 keys, and here are 70.')
  })
})

describe('skip, tail, head, rowIndex', () => {
  test('go by the order in which rows come', async () => {
    const indexed = numbers.rowIndex('i')
    expect((await indexed.skip(997).select('i').collect()).column('i')).toEqual([997, 998, 999])
    expect((await numbers.tail(3).collect()).column('n')).toEqual([997, 998, 999])
    expect((await numbers.tail(0).collect()).length).toBe(0)
    expect((await numbers.head().collect()).column('n')).toEqual([0, 1, 2, 3, 4])
    expect((await numbers.skip(2000).collect()).length).toBe(0)
    expect((await numbers.skip(3).limit(2).collect()).column('n')).toEqual([3, 4])
  })

  test('refuse what is no count, a name that is taken, and a stream without an end', () => {
    expect(() => numbers.skip(-1)).toThrow('skip needs a whole number of rows, found -1')
    expect(() => numbers.tail(1.5)).toThrow('tail needs a whole number of rows, found 1.5')
    expect(() => numbers.rowIndex('n')).toThrow('rowIndex: there is a column "n" already. Choose another name.')
    const stream: BatchFrame = live([1]) as never
    expect(() => stream.tail()).toThrow('tail needs the end of the rows, but this frame is a stream')
  })

  test('a stream is numbered and skipped as it comes', async () => {
    expect(await seenOf(live([5, 6], [7]).skip(1).rowIndex())).toEqual(['+I 6 0', '+I 7 1'])
  })
})

describe('sample', () => {
  test('gives the same rows for the same seed, exactly so many, in the order they came', async () => {
    const some = (await numbers.sample({ rows: 20, seed: 3 }).collect()).column('n')
    expect(some.length).toBe(20)
    expect(some).toEqual([...new Set(some)].sort((a, b) => a - b))
    expect((await numbers.sample({ rows: 20, seed: 3 }).collect()).column('n')).toEqual(some)
    expect((await numbers.sample({ rows: 20, seed: 4 }).collect()).column('n')).not.toEqual(some)
    expect((await numbers.sample({ rows: 5000 }).collect()).length).toBe(1000)
    expect((await numbers.sample({ rows: 0 }).collect()).length).toBe(0)
  })

  test('takes every row as often as every other', async () => {
    const drawn = new Float64Array(20)
    const few = numbers.limit(20)
    for (let seed = 0; seed < 400; seed++) {
      for (const n of (await few.sample({ rows: 5, seed }).collect()).column('n')) drawn[n]!++
    }
    // 400 draws of a quarter: 100 each, and 5 standard deviations are 43
    expect(Math.min(...drawn)).toBeGreaterThan(57)
    expect(Math.max(...drawn)).toBeLessThan(143)
  })

  test('with replacement gives so many of fewer rows', async () => {
    const drawn = (await numbers.limit(3).sample({ rows: 300, seed: 1, replacement: true }).collect()).column('n')
    expect(drawn.length).toBe(300)
    for (const n of [0, 1, 2]) expect(drawn.filter(each => each === n).length).toBeGreaterThan(60)
    expect((await numbers.limit(0).sample({ rows: 3, replacement: true }).collect()).length).toBe(0)
  })

  test('takes about the share, of a stream too', async () => {
    const { length } = await numbers.sample({ fraction: 0.3, seed: 1 }).collect()
    expect(Math.abs(length - 300)).toBeLessThan(75)
    expect((await numbers.sample({ fraction: 1 }).collect()).length).toBe(1000)
    expect((await numbers.sample({ fraction: 0 }).collect()).length).toBe(0)
    expect((await seenOf(live([1, 2], [3]).sample({ fraction: 1 }))).length).toBe(3)
  })

  test('refuses what does not go together', () => {
    const unknown: BatchFrame = frameOf(numbers.plan)
    const options = (given: object): never => given as never
    expect(() => unknown.sample(options({}))).toThrow('sample takes { fraction } or { rows }, found neither')
    expect(() => unknown.sample(options({ rows: 1, fraction: 1 }))).toThrow('found both')
    expect(() => unknown.sample({ fraction: 1.5 })).toThrow('sample: fraction is a share from 0 to 1, found 1.5')
    expect(() => unknown.sample({ rows: 2.5 })).toThrow('sample needs a whole number of rows, found 2.5')
    expect(() => unknown.sample({ rows: 2, seed: NaN })).toThrow('sample: seed must be a whole number, found NaN')
    expect(() => live([1]).sample(options({ rows: 1 }))).toThrow('but this frame is a stream. Take a share')
  })
})

describe('split', () => {
  test('by chance puts every row into one part', async () => {
    const { train, test: held } = numbers.split({ test: 0.2, seed: 7 })
    const [a, b] = [(await train.collect()).column('n'), (await held.collect()).column('n')]
    expect([...a, ...b].sort((x, y) => x - y)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(Math.abs(b.length - 200)).toBeLessThan(65)
  })

  test('by a column keeps equal values on one side', async () => {
    const { train, test: held } = numbers.split({ test: 0.5, seed: 2, by: 'user' })
    const [a, b] = [new Set((await train.collect()).column('user')), new Set((await held.collect()).column('user'))]
    expect(a.size + b.size).toBe(50)
    expect(Math.min(a.size, b.size)).toBeGreaterThan(8)
  })

  test('by time puts what is before the time into train, and rows without one', async () => {
    const days = read.rows([{ at: '2024-01-01' }, { at: null }, { at: '2024-01-03' }, { at: '2024-01-02' }], {
      schema: { at: 'timestamp?' },
    })
    const { train, test: held } = days.split({ at: '2024-01-02', column: 'at' })
    expect((await train.collect()).rows({ times: 'iso' })).toEqual([{ at: '2024-01-01T00:00:00Z' }, { at: null }])
    expect((await held.collect()).rows({ times: 'iso' })).toEqual([
      { at: '2024-01-03T00:00:00Z' },
      { at: '2024-01-02T00:00:00Z' },
    ])
    expect(days.watermark('at', '0 seconds').split({ at: '2024-01-02' }).train.plan.time?.column).toBe('at')
    expect(() => days.split({ at: '2024-01-02' })).toThrow('split: { at } needs a time column')
    expect(() => trips.split({ at: '2024-01-02', column: 'city' })).toThrow(
      'split: { at } divides by a timestamp or a date, and "city" is utf8',
    )
  })
})

describe('nulls and types', () => {
  test('fillNull by column and for all columns that fit', async () => {
    expect(await rowsOf(trips.fillNull({ city: '?' }).limit(2))).toEqual([
      { city: 'Oslo', month: 'jan', km: 3 },
      { city: '?', month: 'jan', km: NaN },
    ])
    const filled = trips.fillNull(0)
    expect(filled.schema).toEqual({ city: 'utf8?', month: 'utf8', km: 'float64' })
    expect((await filled.collect()).column('km')).toEqual([3, NaN, 0, 4, NaN, 3])
    expect(trips.fillNull('?').schema).toEqual({ city: 'utf8', month: 'utf8', km: 'float64?' })
  })

  test('fillNull refuses a value of another type', () => {
    const unknown: BatchFrame = frameOf(read.rows([{ n: null, s: null }], { schema: { n: 'int32?', s: 'utf8?' } }).plan)
    expect(() => unknown.fillNull({ n: 0.5 })).toThrow(PlanError)
    expect(() => unknown.fillNull({ m: 0 })).toThrow('fillNull: there is no column "m"')
    expect(() => unknown.fillNull({ n: null as never })).toThrow('fillNull: the value for "n" is null')
    expect(() => unknown.fillNull(true)).toThrow('fillNull: true fits no column')
  })

  test('dropNulls leaves rows with a value, and columns that are not nullable', async () => {
    const full = trips.dropNulls()
    expect(full.schema).toEqual({ city: 'utf8', month: 'utf8', km: 'float64' })
    expect(await rowsOf(full)).toEqual([
      { city: 'Oslo', month: 'jan', km: 3 },
      { city: 'Rome', month: 'feb', km: 4 },
      { city: 'Oslo', month: 'jan', km: 3 },
    ])
    expect((await trips.dropNulls('city').select('month').collect()).length).toBe(4)
    expect(trips.dropNulls('month').plan).toBe(trips.plan)
  })

  test('cast changes the types that are named', async () => {
    const table = await numbers.limit(1).cast({ n: 'utf8' }).collect()
    expect(table.rows()).toEqual([{ n: '0', user: 'u0' }])
    const unknown: BatchFrame = frameOf(numbers.plan)
    expect(() => unknown.cast({ n: 'utf8?' as 'utf8' })).toThrow(
      `cast "n": a cast keeps nulls as they are; write 'utf8'`,
    )
    expect(() => unknown.cast({})).toThrow('cast needs at least one column')
  })

  test('rename by a function refuses names that meet', () => {
    expect(trips.rename(name => `trip_${name}`).schema).toEqual({
      trip_city: 'utf8?',
      trip_month: 'utf8',
      trip_km: 'float64?',
    })
    expect(() => trips.rename(() => 'x')).toThrow('rename: "city" and "month" would both be named "x"')
  })
})

describe('unnest', () => {
  const posts = read.rows(
    [
      { id: 1, tags: ['a', null], marks: [5, 6], user: { name: 'Ada', age: 36 }, words: new Map([['x', 1]]) },
      { id: 2, tags: [], marks: [], user: { name: 'Bo', age: null }, words: new Map() },
      { id: 3, tags: null, marks: null, user: { name: 'Cy', age: 1 }, words: null },
      {
        id: 4,
        tags: ['c'],
        marks: [7],
        user: { name: 'Di', age: 2 },
        words: new Map([
          ['y', null],
          ['z', 3],
        ]),
      },
    ],
    {
      schema: {
        id: 'int32',
        tags: 'utf8?[]?',
        marks: 'int32[]?',
        user: { name: 'utf8', age: 'int32?' },
        words: 'map(utf8,int32?)?',
      },
    },
  )

  test('of lists gives one row an item, and none for a null or empty list', async () => {
    expect(await rowsOf(posts.select('id', 'tags').unnest('tags'))).toEqual([
      { id: 1, tags: 'a' },
      { id: 1, tags: null },
      { id: 4, tags: 'c' },
    ])
  })

  test('of several lists goes side by side, keeps empty ones and numbers the items', async () => {
    const both = posts.select('id', 'tags', 'marks').unnest(['tags', 'marks'], { keepEmpty: true, position: 'i' })
    expect(both.schema).toEqual({ id: 'int32', tags: 'utf8?', marks: 'int32?', i: 'int32?' })
    expect(await rowsOf(both)).toEqual([
      { id: 1, tags: 'a', marks: 5, i: 0 },
      { id: 1, tags: null, marks: 6, i: 1 },
      { id: 2, tags: null, marks: null, i: null },
      { id: 3, tags: null, marks: null, i: null },
      { id: 4, tags: 'c', marks: 7, i: 0 },
    ])
    expect(
      (
        await posts
          .unnest('tags')
          .aggregate(() => ({ n: count() }))
          .collect()
      ).column('n'),
    ).toEqual([3])
  })

  test('of lists of two lengths in one row fails and says which', async () => {
    const uneven = read.rows([{ a: [1], b: [1, 2] }], { schema: { a: 'int32[]', b: 'int32[]' } })
    await expect(uneven.unnest(['a', 'b']).collect()).rejects.toThrow(
      'unnest: of one row "a" has 1 items and "b" has 2. Lists that are unnested together need one length.',
    )
  })

  test('of a map gives keys and values', async () => {
    const words = posts.select('id', 'words').unnest('words', { prefix: 'word_' })
    expect(words.schema).toEqual({ id: 'int32', word_key: 'utf8', word_value: 'int32?' })
    expect(await rowsOf(words)).toEqual([
      { id: 1, word_key: 'x', word_value: 1 },
      { id: 4, word_key: 'y', word_value: null },
      { id: 4, word_key: 'z', word_value: 3 },
    ])
  })

  test('of a struct gives its fields as columns', async () => {
    expect((await posts.select('user', 'id').unnest('user').limit(2).collect()).rows()).toEqual([
      { name: 'Ada', age: 36, id: 1 },
      { name: 'Bo', age: null, id: 2 },
    ])
  })

  test('refuses columns that are not nested, and names that meet', () => {
    const unknown: BatchFrame = frameOf(posts.plan)
    expect(() => unknown.unnest('id')).toThrow('unnest takes columns of lists, maps or structs, and "id" is int32')
    expect(() => unknown.unnest(['user', 'tags'])).toThrow('Unnest them one after the other.')
    expect(() => unknown.unnest('user', { position: 'i' })).toThrow('unnest: position is for lists and maps')
    expect(() => unknown.rename({ id: 'name' }).unnest('user')).toThrow('unnest: two columns would be named "name"')
    expect(() => unknown.unnest('tags', { position: 'id' })).toThrow('unnest: two columns would be named "id"')
  })
})

describe('pivot and unpivot', () => {
  test('unpivot keeps nulls, widens numbers and repeats the other columns', async () => {
    const wide = read.rows([{ city: 'Oslo', jan: 1, feb: null }], {
      schema: { city: 'utf8', jan: 'int32', feb: 'float64?' },
    })
    const long = wide.unpivot(['feb', 'jan'], { name: 'month', value: 'km' })
    expect(long.schema).toEqual({ city: 'utf8', month: 'utf8', km: 'float64?' })
    expect(await rowsOf(long)).toEqual([
      { city: 'Oslo', month: 'feb', km: null },
      { city: 'Oslo', month: 'jan', km: 1 },
    ])
    expect(await rowsOf(long.aggregate(() => ({ n: count() })))).toEqual([{ n: 2 }])
    expect(await rowsOf(long.select('month'))).toEqual([{ month: 'feb' }, { month: 'jan' }])
  })

  test('unpivot refuses types that do not meet, and a name that is taken', () => {
    const unknown: BatchFrame = frameOf(trips.plan)
    expect(() => unknown.unpivot(['city', 'km'])).toThrow(
      `unpivot: "city" is utf8? and "km" is float64?, and values of one column need one type. Cast one side: .cast({ km: 'utf8' }).`,
    )
    expect(() => unknown.unpivot(['km'], { name: 'city' })).toThrow('unpivot: there is a column "city" already')
    expect(() => unknown.unpivot(['km', 'km'])).toThrow('unpivot: "km" is named twice')
    expect(() => unknown.unpivot([])).toThrow('unpivot needs the name of at least one column')
  })

  test('a row of an updating frame is taken back for each of its columns', async () => {
    const counts = live([1], [1]).aggregate(t => ({ n: count(), most: t.x.max() }))
    expect(await seenOf(counts.unpivot(['n', 'most']))).toEqual([
      '+I n 1',
      '+I most 1',
      '-U n 1',
      '-U most 1',
      '+U n 2',
      '+U most 1',
    ])
  })

  test('pivot gives a column for each listed value, and counts of 0', async () => {
    const table = trips.groupBy('city').pivot('month', ['jan', 'feb', 'may'], t => ({ n: count(), km: t.km.sum() }))
    expect(table.schema).toEqual({
      city: 'utf8?',
      jan_n: 'int64',
      jan_km: 'float64?',
      feb_n: 'int64',
      feb_km: 'float64?',
      may_n: 'int64',
      may_km: 'float64?',
    })
    expect(await rowsOf(table)).toEqual([
      { city: 'Oslo', jan_n: 2, jan_km: 6, feb_n: 1, feb_km: null, may_n: 0, may_km: null },
      { city: null, jan_n: 1, jan_km: NaN, feb_n: 0, feb_km: null, may_n: 0, may_km: null },
      { city: 'Rome', jan_n: 0, jan_km: null, feb_n: 1, feb_km: 4, may_n: 0, may_km: null },
    ])
  })

  test('pivot by null and by computed aggregates with conditions of their own', async () => {
    const table = trips.pivot('city', ['Oslo', null], t => ({ share: count().where(t.month.eq('jan')).div(count()) }))
    expect(await rowsOf(table)).toEqual([{ Oslo: 2 / 3, null: 1 / 2 }])
  })

  test('pivot without values says how to find them', () => {
    const unknown: BatchFrame = frameOf(trips.plan)
    expect(() => unknown.pivot('month', undefined as never, () => ({ n: count() }))).toThrow(
      `To look: (await frame.select('month').distinct().collect()).column('month').`,
    )
    expect(() => unknown.groupBy('city').pivot('month', ['city'], () => ({ n: count() }))).toThrow(
      'pivot: there would be two columns "city"',
    )
    expect(() => unknown.pivot('month', [1], () => ({ n: count() }))).toThrow(PlanError)
  })
})

describe('grouping sets', () => {
  test('give null for keys that are left out, told apart from keys that are null', async () => {
    const sums = trips
      .groupBy('city', 'month')
      .sets([['city'], []], { level: 'out' })
      .aggregate(() => ({ n: count() }))
    expect(sums.schema).toEqual({ city: 'utf8?', month: 'utf8?', out: 'int32', n: 'int64' })
    expect(await rowsOf(sums.orderBy('out', 'city'))).toEqual([
      { city: 'Oslo', month: null, out: 1, n: 3 },
      { city: 'Rome', month: null, out: 1, n: 1 },
      { city: null, month: null, out: 1, n: 2 },
      { city: null, month: null, out: 3, n: 6 },
    ])
  })

  test('rollup and cube are the sets of SQL, over one pass', async () => {
    const keyed = trips.groupBy('city', t => ({ far: t.km.gt(3) }))
    expect(
      (
        await keyed
          .rollup()
          .aggregate(() => ({ n: count() }))
          .collect()
      ).length,
    ).toBe(4 + 3 + 1)
    expect(
      (
        await keyed
          .cube()
          .aggregate(() => ({ n: count() }))
          .collect()
      ).length,
    ).toBe(4 + 3 + 3 + 1)
    const plan = keyed
      .cube()
      .aggregate(() => ({ n: count() }))
      .explain()
    expect(plan.match(/the same as #1/g)?.length).toBe(3)
    expect(plan.match(/read rows/g)?.length).toBe(1)
  })

  test('refuse what is no key, and a level that is taken', () => {
    const keyed = frameOf<BatchFrame>(trips.plan).groupBy('city')
    expect(() => keyed.sets([['km' as 'city']]).aggregate(() => ({ n: count() }))).toThrow(
      'sets: "km" is no key of groupBy',
    )
    expect(() => keyed.rollup({ level: 'n' }).aggregate(() => ({ n: count() }))).toThrow(
      'sets: there is a column "n" already',
    )
  })
})

test('describe says of each column what can be said of it', async () => {
  const frame = trips.derive(t => ({ far: t.km.gt(3), at: when(t.month.eq('jan')).then(new Date(0)).otherwise(null) }))
  const table = await frame
    .derive(t => ({ km: when(t.km.eq(NaN)).then(10).otherwise(t.km) }))
    .describe()
    .collect()
  const nothing = { mean: null, stddev: null, q25: null, median: null, q75: null }
  expect(table.rows()).toEqual([
    { column: 'city', type: 'utf8?', count: 4, nulls: 2, ...nothing, min: 'Oslo', max: 'Rome' },
    { column: 'month', type: 'utf8', count: 6, nulls: 0, ...nothing, min: 'feb', max: 'mar' },
    {
      column: 'km',
      type: 'float64?',
      count: 5,
      nulls: 1,
      mean: 6,
      stddev: expect.closeTo(Math.sqrt(13.5), 12) as unknown,
      min: '3',
      q25: 3,
      median: 4,
      q75: 10,
      max: '10',
    },
    { column: 'far', type: 'bool?', count: 5, nulls: 1, ...nothing, min: null, max: null },
    {
      column: 'at',
      type: 'timestamp?',
      count: 3,
      nulls: 3,
      ...nothing,
      min: '1970-01-01T00:00:00Z',
      max: '1970-01-01T00:00:00Z',
    },
  ])
  const plan = frame.describe().explain()
  expect(plan.match(/aggregate/g)?.length).toBe(1)
})

describe('frames as sets', () => {
  const other = read.rows(
    [
      { month: 'jan', km: NaN, city: null },
      { month: 'feb', km: 4, city: 'Rome' },
      { month: 'feb', km: 4, city: 'Rome' },
      { month: 'dec', km: 4, city: 'Rome' },
    ],
    { schema: { month: 'utf8', km: 'float64?', city: 'utf8?' } },
  )

  test('intersect and except give each row once, and null equals null', async () => {
    expect(await rowsOf(trips.intersect(other))).toEqual([
      { city: null, month: 'jan', km: NaN },
      { city: 'Rome', month: 'feb', km: 4 },
    ])
    expect(await rowsOf(trips.except(other))).toEqual([
      { city: 'Oslo', month: 'jan', km: 3 },
      { city: 'Oslo', month: 'feb', km: null },
      { city: null, month: 'mar', km: NaN },
    ])
  })

  test('a lenient union fills columns that one side lacks with null', async () => {
    const a = read.rows([{ x: 1 }], { schema: { x: 'int32' } })
    const b = read.rows([{ y: 'b', x: 2 }], { schema: { y: 'utf8', x: 'int32' } })
    const both = a.union(b, { missing: 'null' })
    expect(both.schema).toEqual({ x: 'int32', y: 'utf8?' })
    expect(await rowsOf(both)).toEqual([
      { x: 1, y: null },
      { x: 2, y: 'b' },
    ])
    expect(() => frameOf<BatchFrame>(a.plan).union(b)).toThrow('union: the first frame')
    expect(() => frameOf<BatchFrame>(a.plan).union(b, { missing: 'nil' as 'null' })).toThrow(
      "union: missing is 'null' or 'error'",
    )
  })

  test('countBy counts values, the most frequent first', async () => {
    expect(await rowsOf(trips.countBy('city'))).toEqual([
      { city: 'Oslo', count: 3 },
      { city: null, count: 2 },
      { city: 'Rome', count: 1 },
    ])
  })
})
