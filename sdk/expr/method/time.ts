import type { TimeUnit } from '../../data/time.ts'
import * as calendar from '../catalogue/calendar.ts'
import * as step from '../catalogue/step.ts'
import * as time from '../catalogue/time.ts'
import type { RowFunction } from '../function.ts'
import { TextMethods } from './text.ts'

/** The methods of columns of times, dates and durations, as calls of the catalogue. */

interface ZoneOption {
  readonly timeZone?: string
}

export abstract class TimeMethods<E> extends TextMethods<E> {
  #part(fn: RowFunction, { timeZone }: ZoneOption = {}): E {
    return this.call(fn, [], timeZone === undefined ? {} : { timeZone })
  }

  year(options?: ZoneOption): E {
    return this.#part(time.year, options)
  }
  quarter(options?: ZoneOption): E {
    return this.#part(time.quarter, options)
  }
  month(options?: ZoneOption): E {
    return this.#part(time.month, options)
  }
  week(options?: ZoneOption): E {
    return this.#part(time.week, options)
  }
  isoYear(options?: ZoneOption): E {
    return this.#part(time.isoYear, options)
  }
  day(options?: ZoneOption): E {
    return this.#part(time.day, options)
  }
  weekday(options?: ZoneOption): E {
    return this.#part(time.weekday, options)
  }
  dayOfYear(options?: ZoneOption): E {
    return this.#part(time.dayOfYear, options)
  }
  daysInMonth(options?: ZoneOption): E {
    return this.#part(time.daysInMonth, options)
  }
  isLeapYear(options?: ZoneOption): E {
    return this.#part(calendar.isLeapYear, options)
  }
  hour(options?: ZoneOption): E {
    return this.#part(time.hour, options)
  }
  minute(options?: ZoneOption): E {
    return this.#part(time.minute, options)
  }
  second(options?: ZoneOption): E {
    return this.#part(time.second, options)
  }
  millisecond(options?: ZoneOption): E {
    return this.#part(time.millisecond, options)
  }
  microsecond(options?: ZoneOption): E {
    return this.#part(time.microsecond, options)
  }
  epoch(unit: TimeUnit): E {
    return this.call(calendar.epoch, [], { unit })
  }
  date(options?: ZoneOption): E {
    return this.#part(calendar.date, options)
  }
  timeOfDay(options?: ZoneOption): E {
    return this.#part(calendar.timeOfDay, options)
  }

  truncate(unit: string, { timeZone }: ZoneOption = {}): E {
    return this.call(step.truncate, [], { unit, timeZone })
  }
  addMonths(months: unknown): E {
    return this.call(calendar.addMonths, [months])
  }
  diff(other: unknown, unit: string, { boundaries }: { readonly boundaries?: boolean } = {}): E {
    return this.call(calendar.diff, [other], { unit, boundaries })
  }
  in(unit: TimeUnit | `${TimeUnit}s`): E {
    return this.call(time.inUnit, [], { unit })
  }

  toZone(timeZone: string): E {
    return this.call(calendar.toZone, [], { timeZone })
  }
  fromZone(timeZone: string, { overlap, gap }: { readonly overlap?: string; readonly gap?: string } = {}): E {
    return this.call(calendar.fromZone, [], { timeZone, overlap, gap })
  }
  format(format: string, { timeZone }: ZoneOption = {}): E {
    return this.call(calendar.format, [], { format, timeZone })
  }
  parse(format: string, type: string = 'timestamp'): E {
    return this.call(calendar.parse, [], { format, type })
  }
  tryParse(format: string, type: string = 'timestamp'): E {
    return this.call(calendar.tryParse, [], { format, type })
  }
}

const CALENDAR = /^\s*(-?\d+)\s+(month|quarter|year)s?\s*$/

/** The months that `'2 years'` stands for; undefined for what is no such text. */
export function monthsIn(value: unknown): number | undefined {
  const match = typeof value === 'string' ? CALENDAR.exec(value) : null
  if (match === null) return undefined
  return Number(match[1]) * (match[2] === 'year' ? 12 : match[2] === 'quarter' ? 3 : 1) + 0
}
