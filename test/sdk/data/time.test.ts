import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  daysFromCivil,
  durationMicros,
  formatDate,
  formatTimestamp,
  parseTimestamp,
  UNIT_MICROS,
} from '../../../sdk/data/time.ts'

const SAFE = Number.MAX_SAFE_INTEGER
const micros = fc.oneof(
  fc.integer({ min: -SAFE, max: SAFE }),
  fc
    .integer({ min: -100_000, max: 100_000 })
    .chain(day => fc.integer({ min: -3, max: 3 }).map(off => day * UNIT_MICROS.day + off)),
)

describe('a timestamp', () => {
  test('is formatted as Date does it, in microseconds, also before 1970', () => {
    fc.assert(
      fc.property(micros, at => {
        const date = new Date(Math.floor(at / 1000))
        const rest = String(at - Math.floor(at / 1000) * 1000).padStart(3, '0')
        const text = date
          .toISOString()
          .replace('Z', rest)
          .replace(/\.?0{6}$/, '')
          .replace(/(\.\d{3})000$/, '$1')
        expect(formatTimestamp(at)).toBe(`${text}Z`)
      }),
      { numRuns: 2000 },
    )
  })

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(micros, at => {
        expect(parseTimestamp(formatTimestamp(at))).toBe(at)
        expect(parseTimestamp(formatTimestamp(at).replace('T', ' ').replace('Z', ''))).toBe(at)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['2001-04-01', 986_083_200e6],
    ['2001-04-01T12:30', 986_083_200e6 + 45_000e6],
    ['2001-04-01 12:30:05.1234567Z', 986_083_200e6 + 45_005_123_456],
    ['2001-04-01T12:30:00+02:00', 986_083_200e6 + 37_800e6],
    ['2001-04-01T12:30:00-0130', 986_083_200e6 + 50_400e6],
    ['2001-04-01T24:00:00', 986_169_600e6],
    ['1600-02-29T00:00:00Z', -11_670_998_400e6],
    ['1970-01-01T00:00:00.000001', 1],
    ['9999-12-31T00:00:00Z', 253_402_214_400e6],
  ])('%s is read', (text, at) => {
    expect(parseTimestamp(text)).toBe(at)
  })

  test.each([
    '2001-02-29',
    '1900-02-29',
    '2001-13-01',
    '2001-04-31',
    '2001-00-01',
    '2001-04-01T24:00:01',
    '2001-04-01T25:00',
    '2001-04-01T12:60',
    '2001-04-01T12:30:60',
    '2001-04-01T12:30+25:00',
    '2001-4-1',
    '01/04/2001',
    '',
    'now',
    '9999-12-31T23:59:59.999999Z',
  ])('%j is none', text => {
    expect(parseTimestamp(text)).toBeNaN()
  })
})

describe('a date', () => {
  test('is the days of Date, for every day of the years 1600 to 2400 and far ones', () => {
    for (let days = daysFromCivil(1600, 1, 1); days < daysFromCivil(2400, 1, 1); days++) {
      if (formatDate(days) !== new Date(days * 86_400_000).toISOString().slice(0, 10)) throw new Error(String(days))
    }
    expect([formatDate(-719_528), formatDate(2_932_896), formatDate(2_932_897), formatDate(-719_529)]).toEqual([
      '0000-01-01',
      '9999-12-31',
      '+010000-01-01',
      '-000001-12-31',
    ])
  })

  test('and its year, month and day are inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 3_000_000 }), days => {
        const [, sign, year, month, day] = /^([+-]?)(\d+)-(\d\d)-(\d\d)$/.exec(formatDate(days))!
        expect(daysFromCivil(Number(`${sign}${year}`), Number(month), Number(day))).toBe(days)
      }),
    )
  })
})

describe('a duration', () => {
  test.each([
    ['10 minutes', 600e6],
    ['1 hour', 3600e6],
    ['1.5 days', 129_600e6],
    ['250 milliseconds', 250e3],
    ['7 microseconds', 7],
    ['-2 weeks', -1_209_600e6],
  ])('of %s is read', (text, length) => {
    expect(durationMicros(text, 'window')).toBe(length)
  })

  test.each(['10', 'minutes', '10 fortnights', '1_000 seconds', '1e3 seconds', ''])('of %j is refused', text => {
    expect(() => durationMicros(text, 'watermark')).toThrow(
      `watermark: "${text}" is not a duration. Write a number and a unit, such as '10 minutes'; units are microsecond, millisecond, second, minute, hour, day, week.`,
    )
  })
})
