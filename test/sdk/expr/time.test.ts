/** Times: parts, steps, calendar arithmetic, zones, text; literal values, and DuckDB on random ones. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Zone } from '../../../sdk/data/zone.ts'
import { col, makeDate, makeTimestamp } from '../../../sdk/expr/column.ts'
import { agreesWithDuckDB, Oracle } from './oracle.ts'
import { batchOf, typed, values } from './table.ts'

// eslint-disable-next-line typescript/no-explicit-any -- each case names its own columns
type Any = any

const on = (expr: (t: Any) => unknown, a: unknown[], type = 'timestamp?', b?: unknown[]): unknown[] =>
  values(
    (b === undefined ? { a: type } : { a: type, b: type }) as Any,
    (b === undefined ? { a } : { a, b }) as Any,
    expr,
  )

describe('calendar arithmetic', () => {
  test('holds the day to the end of the month, and dates stay dates', () => {
    const days = ['2001-01-31', '2000-01-31', '1969-12-31', null]
    expect(on(t => t.a.add('1 month'), days, 'date?')).toEqual(['2001-02-28', '2000-02-29', '1970-01-31', null])
    expect(on(t => t.a.sub('1 quarter'), ['2001-05-31'], 'date?')).toEqual(['2001-02-28'])
    expect(on(t => t.a.add('-1 years'), ['2000-02-29T01:02:03Z'])).toEqual(['1999-02-28T01:02:03Z'])
    expect(
      values(
        { a: 'timestamp', n: 'int32?' },
        { a: ['2001-01-31T00:00:00Z', '2001-01-01T00:00:00Z'], n: [13, null] },
        t => t.a.addMonths(t.n),
      ),
    ).toEqual(['2002-02-28T00:00:00Z', null])
    expect(() => on(t => t.a.addMonths(2 ** 31 - 1), ['2001-01-01T00:00:00Z'])).toThrow('timestamp overflow')
    expect(() => typed({ a: 'int32' }, (t: Any) => t.a.add('1 month'))).toThrow(
      'added to a time or a date, and "a" is int32',
    )
  })

  test('diff counts whole units, or boundaries', () => {
    const [a, b] = [
      ['2001-03-30T00:00:00Z', '2001-02-28T09:00:00Z', '2001-02-28T10:00:00Z'],
      ['2001-01-31T00:00:00Z', '2001-01-31T10:00:00Z', '2001-01-31T10:00:00Z'],
    ]
    expect(on(t => t.a.diff(t.b, 'month'), a, 'timestamp', b)).toEqual([1, 0, 1])
    expect(on(t => t.b.diff(t.a, 'month'), a, 'timestamp', b)).toEqual([-1, 0, -1])
    expect(on(t => t.a.diff(t.b, 'month', { boundaries: true }), a, 'timestamp', b)).toEqual([2, 1, 1])
    expect(on(t => t.a.diff('1999-12-31', 'year', { boundaries: true }), ['2000-01-01'], 'date')).toEqual([1])
  })

  test('durations are multiplied and divided', () => {
    const r = (expr: (t: Any) => unknown, a: unknown[]): unknown[] => on(expr, a, 'duration?')
    expect(r(t => t.a.mul(1.5), [3, -3, null])).toEqual([4.5, -4.5, null])
    expect(r(t => t.a.div(2), [0.001])).toEqual([0.001])
    expect(r(t => t.a.div('1 second'), [1500])).toEqual([1.5])
    expect(r(t => t.a.neg(), [5, 0])).toEqual([-5, 0])
    expect(r(t => t.a.abs(), [-5])).toEqual([5])
    expect(() => r(t => t.a.div(0), [1])).toThrow('division by zero')
  })
})

describe('zones', () => {
  // Clocks in Oslo went forward on 2021-03-28 at 01:00Z, and back on 2021-10-31 at 01:00Z.
  const spring = ['2021-03-28T00:59:59.999999Z', '2021-03-28T01:00:00Z']
  const autumn = ['2021-10-31T00:30:00Z', '2021-10-31T01:30:00Z']

  test('parts, days and text are those of the clock there', () => {
    const timeZone = 'Europe/Oslo'
    expect(on(t => t.a.hour({ timeZone }), [...spring, ...autumn, null])).toEqual([1, 3, 2, 2, null])
    expect(on(t => t.a.date({ timeZone }), ['2021-06-30T22:00:00Z'])).toEqual(['2021-07-01'])
    expect(on(t => t.a.quarter({ timeZone }), ['2021-06-30T22:00:00Z'])).toEqual([3])
    expect(on(t => t.a.format('%H:%M %z', { timeZone }), autumn)).toEqual(['02:30 +02:00', '02:30 +01:00'])
    expect(on(t => t.a.toZone(timeZone), spring)).toEqual(['2021-03-28T01:59:59.999999Z', '2021-03-28T03:00:00Z'])
    expect(on(t => t.a.toZone('Africa/Monrovia'), ['1970-01-01T00:00:00Z'])).toEqual(['1969-12-31T23:15:30Z'])
    expect(on(t => t.a.toZone(timeZone), ['1890-01-01T00:00:00Z'])).toEqual(['1890-01-01T00:53:28Z'])
  })

  test('a wall clock time that comes twice or never is decided', () => {
    const [twice, never] = [['2021-10-31T02:30:00Z'], ['2021-03-28T02:30:00Z']]
    const from = (wall: unknown[], options?: object): unknown[] => on(t => t.a.fromZone('Europe/Oslo', options), wall)
    expect(from(twice)).toEqual(['2021-10-31T00:30:00Z'])
    expect(from(twice, { overlap: 'later' })).toEqual(['2021-10-31T01:30:00Z'])
    expect(from(never)).toEqual(['2021-03-28T01:30:00Z'])
    expect(from(never, { gap: 'earlier' })).toEqual(['2021-03-28T00:30:00Z'])
    expect(() => from(twice, { overlap: 'error' })).toThrow(
      'clocks in Europe/Oslo show 2021-10-31 02:30:00 twice or never',
    )
    expect(() => from(never, { gap: 'error' })).toThrow('twice or never')
    expect(from(['2021-07-01T00:00:00Z', null], { overlap: 'error', gap: 'error' })).toEqual([
      '2021-06-30T22:00:00Z',
      null,
    ])
  })

  test('days of 23 and 25 hours begin at midnight', () => {
    const timeZone = 'Europe/Oslo'
    expect(on(t => t.a.truncate('day', { timeZone }), ['2021-03-28T12:00:00Z', '2021-10-31T12:00:00Z'])).toEqual([
      '2021-03-27T23:00:00Z',
      '2021-10-30T22:00:00Z',
    ])
    expect(on(t => t.a.ceil('day', { timeZone }), ['2021-10-31T12:00:00Z'])).toEqual(['2021-10-31T23:00:00Z'])
    expect(on(t => t.a.truncate('hour', { timeZone }), autumn)).toEqual([
      '2021-10-31T00:00:00Z',
      '2021-10-31T01:00:00Z',
    ])
    expect(() => on(t => t.a.hour({ timeZone: 'Europe/Osl' }), [])).toThrow('"Europe/Osl" is no time zone')
    expect(() => on(t => t.a.year({ timeZone }), [], 'date')).toThrow('a date is a day in every zone')
  })
})

describe('text', () => {
  test('of times by directives', () => {
    const at = ['2001-01-01T13:02:03.000456Z', null]
    expect(on(t => t.a.format('%F %T.%f|%g|%j|%a %A %b %B|%I %p|%u %w %G-%V|%-d.%-m.%y|%%|%z'), at)).toEqual([
      '2001-01-01 13:02:03.000456|000|001|Mon Monday Jan January|01 PM|1 1 2001-01|1.1.01|%|+00:00',
      null,
    ])
    expect(on(t => t.a.format('%d/%m/%Y'), ['1969-12-31'], 'date')).toEqual(['31/12/1969'])
    expect(() => on(t => t.a.format('%Q'), [])).toThrow(`'%Q' is no directive`)
  })

  test('is read by directives, as a whole', () => {
    expect(on(t => t.a.parse('%d/%m/%Y %I:%M %p'), ['1/2/2001 12:30 am', null], 'utf8?')).toEqual([
      '2001-02-01T00:30:00Z',
      null,
    ])
    expect(on(t => t.a.parse('%Y-%m-%dT%T%z'), ['2001-01-01T00:00:00+02:00'], 'utf8')).toEqual(['2000-12-31T22:00:00Z'])
    expect(on(t => t.a.parse('%b %d, %y', 'date'), ['feb 29, 00'], 'utf8')).toEqual(['2000-02-29'])
    expect(on(t => t.a.tryParse('%Y-%j', 'date'), ['2001-365', '2001-366', '2000-366', '2001-1x'], 'utf8')).toEqual([
      '2001-12-31',
      null,
      '2000-12-31',
      null,
    ])
    expect(
      on(t => t.a.tryParse('%a %F', 'date'), ['Mon 2001-01-01', 'Tue 2001-01-01', 'Mon 2001-02-30'], 'utf8'),
    ).toEqual(['2001-01-01', null, null])
    expect(() => on(t => t.a.parse('%d/%m/%Y'), ['1/2/2001', '31/2/2001'], 'utf8')).toThrow(
      `"31/2/2001" does not fit '%d/%m/%Y'; tryParse gives null for such`,
    )
    expect(() => on(t => t.a.parse('%V'), [], 'utf8')).toThrow(`'%V' is no directive that is read`)
  })

  test('times are made of parts', () => {
    const parts = { y: [2000, 1999, null], m: [2, 2, 1] }
    expect(() => values({ y: 'int32?', m: 'int32' }, parts, t => makeDate(t.y, t.m, 29))).toThrow(
      'there is no day 29 of month 2 in the year 1999',
    )
    expect(values({ y: 'int32?', m: 'int32' }, parts, t => makeTimestamp(t.y, t.m, 28, 23, 59, 59.5))).toEqual([
      '2000-02-28T23:59:59.500Z',
      '1999-02-28T23:59:59.500Z',
      null,
    ])
  })
})

let oracle: Oracle
beforeAll(async () => {
  oracle = await Oracle.open()
})
afterAll(() => oracle.close())

const micros = fc.oneof(
  fc.integer({ min: -4_000_000_000_000_000, max: 4_000_000_000_000_000 }),
  fc.constantFrom(
    0,
    -1,
    1,
    951_782_400_000_000,
    951_868_799_999_999,
    -86_400_000_000,
    978_307_199_999_999,
    980_899_200_000_000,
  ),
)
const time = micros.map(n => new Date(Math.floor(n / 1000)))

const EXPRS: readonly Any[] = ['a', 'e'].flatMap(name => {
  const [t, other]: Any[] = [col(name), col(name === 'a' ? 'b' : 'a')]
  return [
    t.quarter(), t.week(), t.isoYear(), t.daysInMonth(), t.isLeapYear(), t.epoch('second'), t.epoch('hour'), t.epoch('microsecond'), t.date(),
    ...['15 minutes', '6 hours', '3 days', '2 weeks', '5 months', '10 years', 'quarter', 'week'].flatMap(unit => (name === 'e' && unit === '6 hours' ? [] : [t.truncate(unit), t.ceil(unit), t.round(unit)])),
    t.add('1 month'), t.sub('5 quarters'), t.addMonths(col('k')), t.add('-3 years'),
    ...['microsecond', 'second', 'hour', 'day', 'week', 'month', 'quarter', 'year'].flatMap(unit => [t.diff(other, unit), t.diff(other, unit, { boundaries: true })]),
    t.format('%Y-%m-%d %H:%M:%S.%f %g %j %a %A %b %B %I %p %u %w %G %V %-d %-m %-H %y %%'),
  ]
}) // prettier-ignore

test('times are those of DuckDB', async () => {
  const rows = fc.record({
    a: fc.option(time, { freq: 6 }),
    b: time,
    e: fc.option(time, { freq: 6 }),
    k: fc.integer({ min: -50, max: 50 }),
    r: fc.integer({ min: -1e9, max: 1e9 }),
  })
  const more: Any[] = [
    col('a').millisecond(), col('a').microsecond(), col('a').timeOfDay(), col('r').mul(1.5), col('r').mul(col('k')), col('r').div(7), col('r').div('3 seconds'), col('r').neg(), col('r').abs(),
    makeDate(col('k').add(2000), 2, 28), makeTimestamp(col('k').add(2000), 12, 31, 23, 59, 1.5),
  ] // prettier-ignore
  await fc.assert(
    fc.asyncProperty(fc.array(rows, { minLength: 40, maxLength: 40 }), async all => {
      const data = Object.fromEntries(
        (['a', 'b', 'e', 'k', 'r'] as const).map(name => [name, all.map(row => row[name])]),
      )
      const columns = { a: 'timestamp?', b: 'timestamp', e: 'date?', k: 'int32', r: 'duration' } as const
      await agreesWithDuckDB(oracle, columns, data, [...EXPRS, ...more])
    }),
    { numRuns: 8, endOnFailure: true },
  )
})

test.each(['Europe/Oslo', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca'])(
  'the wall clock of %s is that of DuckDB',
  async name => {
    const zone = Zone.of(name)
    const instants = fc
      .sample(fc.integer({ min: -2_000_000_000, max: 1_700_000_000 }), { numRuns: 2000, seed: 7 })
      .map(s => s * 1e6)
    await oracle.load(batchOf({ a: 'timestamp' }, { a: instants.map(n => new Date(n / 1000)) }))
    const theirs = await oracle.sql(`SELECT epoch_us(a AT TIME ZONE 'UTC' AT TIME ZONE '${name}') FROM t ORDER BY n`)
    expect(instants.map(n => zone.wall(n))).toEqual(theirs.map(Number))
    for (const n of instants) {
      const back = zone.instant(zone.wall(n))!
      expect(back === n || zone.wall(back) === zone.wall(n)).toBe(true)
    }
  },
)
