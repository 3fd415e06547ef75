import { inspect } from 'node:util'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  col,
  count,
  DataError,
  PlanError,
  read,
  tumble,
  type BatchFrame,
  type Frame,
  type WindowOptions,
} from 'millrace'
import { frameOf } from '../../../sdk/frame/frame.ts'
import { read as readNode } from '../../../sdk/plan/build.ts'
import { HandSource } from './hand-source.ts'
import { displayed, typeOf } from './notebook.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-frame-'))
afterAll(() => rmSync(folder, { recursive: true }))

const clicks = read.rows(
  [
    { page: 'a', at: '2024-01-01T00:00:30Z' },
    { page: 'b', at: '2024-01-01T00:00:10Z' },
    { page: 'a', at: '2024-01-01T00:01:10Z' },
  ],
  { schema: { page: 'utf8', at: 'timestamp' } },
)

describe('verbs', () => {
  test('a missing event time is refused by the verb, on the line that calls it', () => {
    let error: unknown
    try {
      clicks.window(tumble('1 minute'))
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(PlanError)
    expect(String(error)).toBe("PlanError: window needs an event time: call .watermark('at', '5 seconds') first")
    expect((error as PlanError).stack).toContain('frame.test.ts:')
  })

  test('groupBy checks its keys before an aggregate follows', () => {
    const unknown: BatchFrame = read.csv(file('k.csv', 'page,n\na,1\n'))
    expect(() => unknown.groupBy('pgae')).toThrow('groupBy: there is no column "pgae". Did you mean "page"?')
    expect(() => unknown.groupBy(t => ({ k: t.m }))).toThrow('groupBy: there is no column "m".')
    expect(() => unknown.groupBy()).toThrow('groupBy needs at least one key')
  })

  test('a list where a name is due, and a name that is like no other, are said as they are', () => {
    const typed = read.rows([{ km: 1, city: 'Oslo' }], { schema: { km: 'int32', city: 'utf8' } })
    const unknown = frameOf<BatchFrame>(typed.plan)
    const names: unknown = ['city']
    expect(() => unknown.select(names as string)).toThrow(
      'select takes names of columns, each a text of its own, but found a list',
    )
    expect(() => unknown.select('at')).toThrow('select: there is no column "at". The columns are km, city.')
  })

  test('a condition joined by && is refused, since JavaScript drops its first part', async () => {
    const trips = read.rows([{ km: 1, far: true }], { schema: { km: 'int32', far: 'bool' } })
    expect(() => trips.filter(t => t.km.add(1).gt(5) && t.km.lt(9))).toThrow(
      'filter: t.km.add(1).gt(5) has no effect. Join conditions by .and(…) and .or(…): of a && b JavaScript gives b alone.',
    )
    const near = (km: number): BatchFrame<{ km: 'int32'; far: 'bool' }> =>
      trips.filter(t => {
        const twice = t.km.mul(2)
        return twice.between(0, km).and(twice.cast('float64').isIn([2, 4]).or(t.far.not()))
      })
    expect((await near(2).collect()).length).toBe(1)
    // what a callback throws leaves nothing behind
    expect(() => trips.filter(t => (t.km.gt(1), raise()))).toThrow('no')
    expect((await trips.filter(t => t.far).collect()).length).toBe(1)
  })

  test('a callback that gives no object of columns is told what to give', () => {
    const array: (t: unknown) => never = () => [] as never
    expect(() => clicks.derive(array)).toThrow(
      'derive: the function must give an object of columns, such as t => ({ total: … })',
    )
  })

  test('a frame of unknown columns is checked when the verb is called', () => {
    const unknown: BatchFrame = read.csv(file('u.csv', 'page,n\na,1\n'))
    expect(() => unknown.filter(t => t.pages.eq('a'))).toThrow(
      'filter: there is no column "pages". Did you mean "page"? The columns are page, n.',
    )
    expect(() => unknown.watermark('n', '5 seconds')).toThrow(
      'watermark needs a timestamp column, but "n" is int64?. Timestamps here: none.',
    )
    expect(unknown.select('n').schema).toEqual({ n: 'int64?' })
  })

  test('orderBy takes names, directions and computed values', async () => {
    const rows = read.rows([
      { a: 1, b: 2 },
      { a: 1, b: 3 },
      { a: 0, b: 9 },
    ])
    const sorted = await rows.orderBy('a', t => t.b.desc()).collect()
    expect(sorted.column('b')).toEqual([9, 3, 2])
    expect((await rows.orderBy(t => t.a.sub(t.b).asc()).collect()).column('b')).toEqual([9, 3, 2])
    const none: (t: unknown) => never = () => 'a' as never
    expect(() => rows.orderBy(none)).toThrow('orderBy: the function must give a direction, such as t => t.delay.desc()')
  })

  test('columns by name and by callback mean the same', async () => {
    const doubled = await read
      .rows([{ n: 2 }])
      .derive(t => ({ a: t.n.mul(2), b: col('n').mul(2) }))
      .collect()
    expect(doubled.rows()).toEqual([{ n: 2, a: 4, b: 4 }])
  })

  test('windows over history are a batch, and their late rows are there', async () => {
    const minutes = clicks
      .watermark('at', '0 seconds')
      .groupBy('page')
      .window(tumble('1 minute'))
      .aggregate(() => ({ n: count() }))
    const table = await minutes.orderBy('windowStart', 'page').collect()
    expect(table.rows({ times: 'iso' })).toEqual([
      { page: 'a', windowStart: '2024-01-01T00:00:00Z', windowEnd: '2024-01-01T00:01:00Z', n: 1 },
      { page: 'b', windowStart: '2024-01-01T00:00:00Z', windowEnd: '2024-01-01T00:01:00Z', n: 1 },
      { page: 'a', windowStart: '2024-01-01T00:01:00Z', windowEnd: '2024-01-01T00:02:00Z', n: 1 },
    ])
    expect((await minutes.late.collect()).length).toBe(0)
  })

  test('windows nest on the last microsecond of the inner one', async () => {
    const minutes = clicks
      .watermark('at', '1 minute')
      .window(tumble('1 minute'))
      .aggregate(() => ({ n: count() }))
    const hours = await minutes
      .window(tumble('2 minutes'))
      .aggregate(t => ({ n: t.n.sum(), minutes: count() }))
      .collect()
    expect(hours.rows({ times: 'iso' })).toEqual([
      { windowStart: '2024-01-01T00:00:00Z', windowEnd: '2024-01-01T00:02:00Z', n: 3, minutes: 2 },
    ])
  })

  test('a loop over a replay gives rows in event time, and ending it closes the source', async () => {
    const seen: string[] = []
    for await (const row of clicks.watermark('at', '0 seconds').replay()) seen.push(row.page)
    expect(seen).toEqual(['b', 'a', 'a'])
    const source = new HandSource(true).give([1, 2], [3])
    const xs: Frame<{ x: 'int32' }, 'batch'> = frameOf(readNode(source))
    for await (const row of xs) {
      expect(row).toEqual({ x: 1 })
      break
    }
    expect([source.opens, source.closes]).toEqual([1, 1])
  })

  test('a loop over an updating frame gives new and corrected rows', async () => {
    const running = clicks
      .watermark('at', '0 seconds')
      .replay()
      .groupBy('page')
      .aggregate(() => ({ n: count() }))
    const last = new Map<string, number>()
    for await (const row of running) last.set(row.page, row.n)
    expect([...last].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })

  test('a stream that passes the types is refused by collect when it is called', async () => {
    const stream: object = clicks.watermark('at', '0 seconds').replay()
    await expect((stream as typeof clicks).collect()).rejects.toThrow(
      'collect needs the end of the rows, but this frame is a stream. Use for await, or write(…).start().',
    )
  })

  test('rows that a source refuses are a frame beside it', async () => {
    const path = file('bad.csv', 'page,n\na,1\nb,two\n')
    const frame = read.csv(path, { schema: { page: 'utf8', n: 'int32' }, onError: 'collect' })
    const refused = await frame.rejected.select('line', 'column', 'value').collect()
    expect(refused.rows()).toEqual([{ line: 3, column: 'n', value: 'two' }])
  })

  test('a read asks its source for the columns that are needed', async () => {
    const path = file('wide.csv', 'a,b,c\n1,2,3\n')
    const plan = read.csv(path, { schema: { a: 'int32', b: 'int32', c: 'int32' } })
    expect(
      (
        await plan
          .derive(t => ({ d: t.c.mul(2) }))
          .select('d')
          .collect()
      ).rows(),
    ).toEqual([{ d: 6 }])
  })
})

describe('mapBatches', () => {
  const numbers = read.rows([{ x: 1 }, { x: null }, { x: 3 }])

  test('columns come as arrays and go back as arrays', async () => {
    const out = await numbers
      .mapBatches({ y: 'int32?' }, t => ({ y: t.x.map(x => (x === null ? null : x + 1)) }))
      .collect()
    expect(out.rows()).toEqual([{ y: 2 }, { y: null }, { y: 4 }])
  })

  const failures: readonly (readonly [what: string, compute: () => object, message: string])[] = [
    [
      'a value of another type',
      () => ({ y: [1.5] }),
      'mapBatches function, column "y", row 1 of the batch: 1.5 is not a whole number within ±2^31 (int32)',
    ],
    [
      'a column that is missing',
      () => ({ z: [1] }),
      'mapBatches function: it gave no array for the column "y" of its schema',
    ],
    [
      'what the function throws',
      () => {
        throw new Error('no luck')
      },
      'mapBatches function failed: no luck',
    ],
  ]
  for (const [what, compute, message] of failures) {
    test(`${what} fails the query`, async () => {
      const mapped = numbers.mapBatches({ y: 'int32' }, (() => compute()) as () => { y: number[] })
      await expect(mapped.collect()).rejects.toThrow(message)
      await expect(mapped.collect()).rejects.toBeInstanceOf(DataError)
    })
  }

  test('columns of two lengths fail the query', async () => {
    const mapped = numbers.mapBatches({ y: 'int32', z: 'int32' }, function pairs() {
      return { y: [1, 2], z: [1] }
    })
    await expect(mapped.collect()).rejects.toThrow('mapBatches pairs: column "y" has 2 values, "z" has 1')
  })
})

describe('in a notebook', () => {
  test('later cells know a frame and a table by their columns', async () => {
    const frame = clicks.derive(t => ({ day: t.at.day() }))
    expect(typeOf(frame)).toBe("import('millrace').Frame<{ page: 'utf8', at: 'timestamp', day: 'int32' }, 'batch'>")
    const table = await frame.limit(1).collect()
    expect(typeOf(table)).toBe("import('millrace').Table<{ page: 'utf8', at: 'timestamp', day: 'int32' }>")
    const windowed = clicks
      .watermark('at', '1 second')
      .replay()
      .window(tumble('1 day'))
      .aggregate(() => ({ n: count() }))
    expect(typeOf(windowed)).toBe(
      "import('millrace').WindowedFrame<{ windowStart: 'timestamp', windowEnd: 'timestamp', n: 'int64' }, 'stream', { page: 'utf8', at: 'timestamp' }>",
    )
  })

  test('a batch shows its first rows, a stream its plan', async () => {
    const many = read.rows(Array.from({ length: 30 }, (_, n) => ({ n })))
    const shown = await displayed(many)
    expect(shown['text/plain']).toMatch(/^first 10 rows × 1 column\n    n\nint64\n─────\n    0\n/)
    expect(String(shown['text/plain']).split('\n').length).toBe(14)
    const stream = clicks.watermark('at', '1 second').replay()
    expect(await displayed(stream)).toEqual({ 'text/plain': stream.explain() })
  })

  test('a table shows its shape, types, and first and last rows, numbers to the right', async () => {
    const table = await read
      .rows(
        Array.from({ length: 1200 }, (_, i) => ({
          n: i,
          share: i / 3,
          name: i === 1 ? null : `row <${i}>`,
          at: new Date(i * 1000),
        })),
        { schema: { n: 'int32', share: 'float64', name: 'utf8?', at: 'timestamp' } },
      )
      .collect()
    expect(inspect(table)).toBe(`1,200 rows × 4 columns
    n     share  name        at
int32   float64  utf8?       timestamp
─────  ────────  ──────────  ───────────────────
    0         0  row <0>     1970-01-01 00:00:00
    1  0.333333  null        1970-01-01 00:00:01
    2  0.666667  row <2>     1970-01-01 00:00:02
    3         1  row <3>     1970-01-01 00:00:03
    4   1.33333  row <4>     1970-01-01 00:00:04
    5   1.66667  row <5>     1970-01-01 00:00:05
    6         2  row <6>     1970-01-01 00:00:06
    7   2.33333  row <7>     1970-01-01 00:00:07
    …         …  …           …
 1196   398.667  row <1196>  1970-01-01 00:19:56
 1197       399  row <1197>  1970-01-01 00:19:57
 1198   399.333  row <1198>  1970-01-01 00:19:58
 1199   399.667  row <1199>  1970-01-01 00:19:59`)
    const { 'text/html': html, 'text/plain': text } = await displayed(table)
    expect(text).toBe(inspect(table))
    expect(String(table)).toBe(text)
    expect(String(table.limit(1))).toBe(table.limit(1).explain())
    expect(html).toContain('>row &lt;0&gt;</td>')
    expect(html).toContain('text-align:right;padding:.15em .7em;white-space:nowrap">0.333333</td>')
    expect(html).not.toMatch(/<style|<script|class=|#[0-9a-f]{3}/)
  })

  test('a wide table shows its first and last columns as text, and says how many are left out', async () => {
    const schema = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`column${i}`, 'int32' as const]))
    const row = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`column${i}`, i]))
    const lines = inspect(await read.rows([row], { schema }).collect()).split('\n')
    expect(lines[0]).toBe('1 row × 70 columns, of which 58 not shown')
    expect(lines[1]).toMatch(/^column0  column1 .* …  column\d\d .* column69$/)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(120)
  })

  test('a long table on a page has its first 40 and last 10 rows, and an order for each heading', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({ x: i % 3 === 0 ? null : -i, tags: [i] }))
    const table = await read.rows(rows, { schema: { x: 'int32?', tags: 'int32[]' } }).collect()
    const { 'text/html': html } = await displayed(table)
    const text = String(html)
    expect(text.match(/<tr>/g)).toHaveLength(51)
    expect(text.match(/<tr data-gap="">/g)).toHaveLength(1)
    expect(text.match(/data-order="/g)).toHaveLength(1) // a list has no order
    expect(text).toMatch(/data-order="49 47 46 44 [^"]* 42 45 48" data-missing="17"/)
    expect(text).toContain('a click on a heading sorts the 50 rows shown')
  })

  test('a number shows its whole part to the last digit, and one row is one row', async () => {
    const schema = { a: 'float64', b: 'float64', c: 'float64' } as const
    const table = await read.rows([{ a: 1234567.891, b: 3124414400.25, c: 0.0000123456789 }], { schema }).collect()
    const lines = inspect(table).split('\n')
    expect([lines[0], lines.at(-1)]).toEqual(['1 row × 3 columns', '1234567.89  3124414400.25  0.0000123457'])
    expect((await displayed(table))['text/html']).toContain('>3124414400.25</td>')
  })

  test('a table of nothing shows its columns', async () => {
    const table = await clicks.filter(t => t.page.eq('z')).collect()
    expect(inspect(table)).toBe('0 rows × 2 columns\npage  at\nutf8  timestamp\n────  ─────────')
  })
})

test('weeks begin on Thursday, and with an offset of four days on Monday, as truncate has them', async () => {
  const day = read.rows([{ at: '2024-05-15' }], { schema: { at: 'timestamp' } }).watermark('at', '0 seconds')
  const start = async (options?: WindowOptions): Promise<Date | undefined> => {
    const weeks = day.window(tumble('1 week'), options).aggregate(() => ({ n: count() }))
    return (await weeks.collect()).column('windowStart')[0]
  }
  expect(await start()).toEqual(new Date('2024-05-09'))
  expect(await start({ offset: '4 days' })).toEqual(new Date('2024-05-13'))
  const truncated = await day.derive(t => ({ week: t.at.truncate('week') })).collect()
  expect(truncated.column('week')).toEqual([new Date('2024-05-13')])
})

describe('joins by keys of differing names', () => {
  const orders = read.rows(
    [
      { user: 7, name: 'red', total: 30 },
      { user: 8, name: 'blue', total: 5 },
    ],
    { schema: { user: 'int32', name: 'utf8', total: 'float64' } },
  )
  const users = read.rows(
    [
      { id: 7, name: 'Ada', user: 'ada' },
      { id: 9, name: null, user: 'bob' },
    ],
    { schema: { id: 'int64', name: 'utf8?', user: 'utf8' } },
  )
  const on = { left: 'user', right: 'id' } as const
  const both = { user: 7, name: 'red', total: 30, name_right: 'Ada', user_right: 'ada' }

  test('the key stands once, under its left name, and another right column of that name takes the suffix', async () => {
    expect((await orders.join(users, { on }).collect()).rows()).toEqual([both])
    expect((await orders.leftJoin(users, { on }).collect()).rows()).toEqual([
      both,
      { user: 8, name: 'blue', total: 5, name_right: null, user_right: null },
    ])
    expect((await orders.semiJoin(users, { on }).collect()).column('user')).toEqual([7])
    expect((await orders.antiJoin(users, { on }).collect()).column('user')).toEqual([8])
  })

  test('where a left row is missing the key has the right value, in the wider type', async () => {
    const right = orders.rightJoin(users, { on })
    const alone = { user: 9, name: null, total: null, name_right: null, user_right: 'bob' }
    expect((await right.collect()).rows()).toEqual([both, alone])
    expect(right.schema).toEqual({
      user: 'int64',
      name: 'utf8?',
      total: 'float64?',
      name_right: 'utf8?',
      user_right: 'utf8',
    })
    const full = orders.fullJoin(users, { on: [on] })
    expect((await full.orderBy('user').collect()).column('user')).toEqual([7, 8, 9])
    expect(full.schema).toEqual({ ...right.schema, user_right: 'utf8?' })
  })

  test('a pair of two types, half a pair, or an unknown name is refused', () => {
    const loose = (options: object): never => options as never
    expect(() => orders.join(users, loose({ on: { left: 'name', right: 'id' } }))).toThrow(
      'join on "name = id": left is utf8, right is int64. Cast one side first',
    )
    expect(() => orders.join(users, loose({ on: [{ left: 'user' }] }))).toThrow(
      "join: on takes the name of a column, { left: 'user', right: 'id' }, or a list of these",
    )
    expect(() => orders.join(users, loose({ on: { left: 'user', right: 'idd' } }))).toThrow('join, right side')
  })
})

describe('tables', () => {
  test('a table is a frame with every verb, read as often as wanted', async () => {
    const table = await clicks.collect()
    const pages = table.groupBy('page').aggregate(() => ({ n: count() }))
    const joined = await table.join(pages, { on: 'page' }).orderBy('at').collect()
    expect(joined.column('n')).toEqual([1, 2, 2])
    expect((await table.union(table).collect()).length).toBe(6)
  })

  test('times are dates, or exact texts when asked for', async () => {
    const exact = await read.rows([{ at: '2024-01-01T00:00:00.123456Z' }], { schema: { at: 'timestamp' } }).collect()
    expect(exact.rows()).toEqual([{ at: new Date('2024-01-01T00:00:00.123Z') }])
    expect(exact.rows({ times: 'iso' })).toEqual([{ at: '2024-01-01T00:00:00.123456Z' }])
  })

  test('an unknown column is refused with the nearest', async () => {
    const table = await clicks.collect()
    const name: string = 'pge'
    expect(() => table.column(name as 'page')).toThrow('column: there is no column "pge". Did you mean "page"?')
  })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function raise(): never {
  throw new Error('no')
}
