import { PlanError } from './errors.ts'
import { UNIT_MICROS } from './time.ts'

/**
 * Time zones by the data of the runtime. What a zone is off from UTC is asked of `Intl` once for each stretch of eight
 * days that times fall in, and the instant of a change is searched once; after that a time costs a look into a map.
 */

const STRETCH = 8 * 86_400

interface Stretch {
  /** The second from which `after` holds; before it `before` does. Infinity where nothing changes. */
  readonly change: number
  readonly before: number
  readonly after: number
}

/** What becomes of a wall clock time that comes twice, and of one that never comes. */
export type Choice = 'earlier' | 'later' | 'error'

export class Zone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #stretches = new Map<number, Stretch>()
  #last = NaN
  #stretch: Stretch = { change: Infinity, before: 0, after: 0 }

  private constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name
    this.#format = format
  }

  static readonly #known = new Map<string, Zone>()

  /** The zone of an IANA name; a {@link PlanError} where there is none. */
  static of(name: string): Zone {
    let zone = Zone.#known.get(name)
    if (zone !== undefined) return zone
    let format: Intl.DateTimeFormat
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    } catch (error) {
      const text = `"${name}" is no time zone. Zones have IANA names, such as 'Europe/Oslo' or 'UTC'.`
      throw new PlanError('unknown-zone', text, { found: name }, error)
    }
    Zone.#known.set(name, (zone = new Zone(name, format)))
    return zone
  }

  /** Microseconds that the wall clock is ahead of UTC at an instant. */
  offset(micros: number): number {
    const second = Math.floor(micros / 1e6)
    const at = Math.floor(second / STRETCH)
    if (at !== this.#last) {
      this.#last = at
      let found = this.#stretches.get(at)
      if (found === undefined) this.#stretches.set(at, (found = this.#find(at * STRETCH)))
      this.#stretch = found
    }
    return second < this.#stretch.change ? this.#stretch.before : this.#stretch.after
  }

  /** What the clock on the wall shows at an instant, as if it were UTC. */
  wall(micros: number): number {
    return micros + this.offset(micros)
  }

  /**
   * The instant at which the clock on the wall shows a time; undefined where `overlap` or `gap` says it is an error. In
   * a gap the earlier instant is that by the offset after it, the later one that by the offset before.
   */
  instant(wall: number, overlap: Choice = 'earlier', gap: Choice = 'later'): number | undefined {
    const [before, after] = [this.offset(wall - UNIT_MICROS.day), this.offset(wall + UNIT_MICROS.day)]
    if (before === after) return wall - before
    const [early, late] = before > after ? [wall - before, wall - after] : [wall - after, wall - before]
    const [isEarly, isLate] = [this.wall(early) === wall, this.wall(late) === wall]
    if (isEarly !== isLate) return isEarly ? early : late
    const choice = isEarly ? overlap : gap
    return choice === 'error' ? undefined : choice === 'earlier' ? early : late
  }

  /** The first instant at which the clock on the wall shows a time or, where it is put forward over it, a later one. */
  first(wall: number): number {
    let late = this.instant(wall, 'earlier', 'later')!
    if (this.wall(late) === wall) return late
    let early = this.instant(wall, 'earlier', 'earlier')!
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2)
      if (this.wall(middle) < wall) early = middle
      else late = middle
    }
    return late
  }

  #find(from: number): Stretch {
    const to = from + STRETCH
    const [before, after] = [this.#ask(from), this.#ask(to)]
    if (before === after) return { change: Infinity, before, after }
    let [low, high] = [from, to]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#ask(middle) === before) low = middle
      else high = middle
    }
    return { change: high, before, after }
  }

  /** By `GMT+01:00`, `GMT-00:44:30` or `GMT` at the end of a date. */
  #ask(second: number): number {
    const text = this.#format.format(Math.max(-8.64e15, Math.min(8.64e15, second * 1000)))
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text)
    if (match?.[1] === undefined) return 0
    const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0)
    return (match[1] === '-' ? -seconds : seconds) * 1e6
  }
}
