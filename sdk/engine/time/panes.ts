import { Zone } from '../../data/zone.ts'
import { gcd, type Grid } from './grid.ts'

/**
 * Time cut into panes, back to back and numbered, of which windows are made: pane k holds the times from bound k up to but
 * not including bound k + 1. A window is named by the number of the bound at its end, which no other one has. Tumbling
 * windows are of one pane; the panes of sliding windows are as long as the greatest common divisor of size and distance.
 *
 * Bounds are multiples of a length from the epoch plus an offset, also before 1970. In a time zone they are those of the
 * clock on the wall: a bound is the first instant at which the clock shows its time or a later one, so that a day has 23
 * or 25 hours where the clock is changed.
 */
export class Panes {
  /** Panes of a window, and from the end of one window to that of the next. */
  readonly size: number
  readonly every: number
  readonly #micros: number
  readonly #offset: number
  readonly #zone: Zone | null
  readonly #isGrowing: boolean

  constructor({ kind, sizeMicros, everyMicros, offsetMicros, zone }: PaneLayout) {
    this.#isGrowing = kind === 'cumulate'
    this.#micros = gcd(sizeMicros, everyMicros)
    this.size = sizeMicros / this.#micros
    this.every = everyMicros / this.#micros
    this.#offset = offsetMicros
    this.#zone = zone === null ? null : Zone.of(zone)
  }

  /** The pane that holds a time. */
  at(time: number): number {
    if (!Number.isFinite(time)) return time
    const zone = this.#zone
    if (zone === null) return Math.floor((time - this.#offset) / this.#micros)
    let pane = Math.floor((zone.wall(time) - this.#offset) / this.#micros)
    while (this.bound(pane) > time) pane--
    while (this.bound(pane + 1) <= time) pane++
    return pane
  }

  /** The first instant of a pane. */
  bound(pane: number): number {
    const wall = pane * this.#micros + this.#offset
    return this.#zone === null ? wall : this.#zone.first(wall)
  }

  /** The end of the first window that holds a pane. */
  firstEnd(pane: number): number {
    if (this.#isGrowing) return pane + 1
    return (Math.floor((pane - this.size) / this.every) + 1) * this.every + this.size
  }

  /** The end of the last window that holds a pane. A pane that is not before it lies between windows. */
  lastEnd(pane: number): number {
    if (this.#isGrowing) return (Math.floor(pane / this.size) + 1) * this.size
    return Math.floor(pane / this.every) * this.every + this.size
  }

  /** The first pane of the window with an end. */
  start(end: number): number {
    return this.#isGrowing ? (Math.ceil(end / this.size) - 1) * this.size : end - this.size
  }
}

/** The times at which windows end. */
export function endsOf({ sizeMicros, everyMicros, offsetMicros, zone }: PaneLayout): Grid {
  const ends = { stepMicros: everyMicros, originMicros: offsetMicros + (sizeMicros % everyMicros) }
  return zone === null ? ends : { stepMicros: Infinity, originMicros: 0, zoned: [{ ...ends, zone, laterMicros: 0 }] }
}

/** How time is cut. */
export interface PaneLayout {
  /** tumble, hop: windows of one size, whose ends lie `everyMicros` apart · cumulate: windows that grow up to the size. */
  readonly kind: 'tumble' | 'hop' | 'cumulate'
  readonly sizeMicros: number
  readonly everyMicros: number
  readonly offsetMicros: number
  /** The zone whose wall clock gives the bounds; null is UTC. */
  readonly zone: string | null
}
