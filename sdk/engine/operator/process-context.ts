import { DataError } from '../../data/errors.ts'
import { durationMicros } from '../../data/time.ts'

/**
 * What a user's functions get beside the row or the time: one object for all calls, which shows the key and time that
 * the operator stands at. Times are as in row objects: Date, milliseconds.
 */
export interface ProcessHost {
  readonly key: object
  /** Microseconds; NaN without an event time. */
  readonly time: number
  readonly watermark: number
  setTimer(micros: number): void
  deleteTimer(micros: number): void
  setLater(micros: number): void
  emit(row: unknown): void
  emitAside(side: number, row: unknown): void
}

export class ProcessContext {
  readonly #host: ProcessHost
  /** By name. */
  readonly state: Readonly<Record<string, unknown>>
  readonly broadcast: Readonly<Record<string, unknown>>
  readonly side: Readonly<Record<string, { readonly emit: (row: unknown) => void }>>
  readonly timers: ContextTimers
  readonly emit: (row: unknown) => void
  /** What a timer goes by. */
  domain: 'event' | 'processing' = 'event'
  /** The broadcast stream whose row is handled; null for other rows. */
  source: string | null = null

  constructor(
    host: ProcessHost,
    state: Readonly<Record<string, unknown>>,
    broadcast: Readonly<Record<string, unknown>>,
    sides: readonly string[],
  ) {
    this.#host = host
    this.state = Object.freeze(state)
    this.broadcast = Object.freeze(broadcast)
    this.side = Object.freeze(
      Object.fromEntries(sides.map((name, i) => [name, { emit: (row: unknown) => host.emitAside(i, row) }])),
    )
    this.timers = new ContextTimers(host)
    this.emit = row => host.emit(row)
  }

  /** The keys of the group by name. */
  get key(): object {
    return this.#host.key
  }

  get time(): Date {
    const { time } = this.#host
    if (!Number.isNaN(time)) return dateOf(time)
    throw new DataError('no-event-time', `ctx.time needs an event time: call .watermark('at', '5 seconds') first`)
  }

  /** Null before the first; the last Date there is once all rows have come. */
  get watermark(): Date | null {
    const { watermark } = this.#host
    return watermark === -Infinity ? null : dateOf(watermark)
  }
}

class ContextTimers {
  readonly #host: ProcessHost
  readonly #durations = new Map<string, number>()

  constructor(host: ProcessHost) {
    this.#host = host
  }

  readonly at = (time: Date | number): void => this.#host.setTimer(microsOf(time, 'at'))

  readonly delete = (time: Date | number): void => this.#host.deleteTimer(microsOf(time, 'delete'))

  readonly after = (duration: string): void => {
    let micros = this.#durations.get(duration)
    if (micros === undefined) {
      micros = durationMicros(String(duration), 'ctx.timers.after')
      if (this.#durations.size < KNOWN) this.#durations.set(duration, micros)
    }
    this.#host.setLater(micros)
  }
}

const KNOWN = 100

function microsOf(time: unknown, call: string): number {
  const ms = time instanceof Date ? time.getTime() : typeof time === 'number' ? time : NaN
  const micros = Math.round(ms * 1000) + 0
  if (Number.isFinite(micros)) return micros
  const found = typeof time === 'string' ? JSON.stringify(time) : String(time)
  const text = `ctx.timers.${call} takes a Date or milliseconds since 1970, and found ${found}`
  throw new DataError('bad-value', text)
}

/** The last time that a Date holds. */
const LAST_MS = 8.64e15

export function dateOf(micros: number): Date {
  return new Date(micros === Infinity ? LAST_MS : Math.floor(micros / 1000))
}
