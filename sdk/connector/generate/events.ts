import { Batch } from '../../data/batch.ts'
import { pause, systemClock, type Clock } from '../../data/clock.ts'
import { flatArray, type Column } from '../../data/column.ts'
import { PlanError } from '../../data/errors.ts'
import { checkOptions } from '../../data/options.ts'
import type { Schema } from '../../data/schema.ts'
import { durationMicros, parseTimestamp, type Duration } from '../../data/time.ts'
import { scalar, type Scalar } from '../../data/type.ts'
import type { ReadRequest, Source, SourceReader } from '../../plan/port.ts'
import { below } from './random.ts'

/**
 * Generated events as sources. Events are numbered, and an event is a function of the seed and its number alone. Number
 * n stands at place n of time; a row may be given some places later, by a lag that belongs to it or by disorder. A pass
 * goes from place to place, so its offset is the place it has come to, whatever the size of its batches.
 */

/** What all generators are told. */
export interface GenerateOptions<K extends 'stream' | 'batch' = 'stream' | 'batch'> {
  /** Other seeds make other events; the same seed makes the same ones on every machine. 0 unless given. */
  readonly seed?: number
  /** How many events there are; left out, they never end. */
  readonly events?: number
  /** Events per second on the clock; left out, as fast as they are taken. */
  readonly rate?: number
  /** Events per second of event time; left out, as many as `rate`, or a number that suits the generator. */
  readonly perSecond?: number
  /** The event time of the first event: `2026-01-01T00:00:00Z` unless given. */
  readonly start?: Date | string
  /** Holds each row back by a seeded random time of at most this; the watermark waits as long. */
  readonly disorder?: Duration
  /** `'stream'` unless given; `'batch'` gives the same rows as history, and needs `events`. */
  readonly kind?: K
}

/** The options, checked, as numbers. */
export interface Generation {
  readonly name: string
  readonly seed: number
  /** Infinity when they never end. */
  readonly events: number
  readonly rate: number | null
  readonly startMicros: number
  /** Between two places. */
  readonly spacingMicros: number
  /** The most places by which disorder holds a row back. */
  readonly hold: number
  readonly kind: 'stream' | 'batch'
}

const OPTIONS: readonly string[] = ['seed', 'events', 'rate', 'perSecond', 'start', 'disorder', 'kind']

export function generationOf(
  name: string,
  options: GenerateOptions,
  perSecond: number,
  own: readonly string[] = [],
): Generation {
  checkOptions(name, options, [...own, ...OPTIONS])
  const { seed = 0, events, rate, start = '2026-01-01', disorder, kind = 'stream' } = options
  wholeOption(name, 'seed', seed, 0)
  if (events !== undefined) wholeOption(name, 'events', events, 0)
  if (rate !== undefined) positiveOption(name, 'rate', rate)
  if (options.perSecond !== undefined) positiveOption(name, 'perSecond', options.perSecond)
  if (kind !== 'stream' && kind !== 'batch') {
    throw badOption(name, 'kind', `it is 'stream' or 'batch', not ${JSON.stringify(kind)}`)
  }
  if (kind === 'batch' && (events === undefined || rate !== undefined)) {
    const text =
      events === undefined ? 'a batch has an end: say how many `events`' : 'a batch has no pace: leave out `rate`'
    throw badOption(name, 'kind', text)
  }
  const startMicros = start instanceof Date ? start.getTime() * 1000 : parseTimestamp(String(start))
  if (Number.isNaN(startMicros))
    throw badOption(name, 'start', `${JSON.stringify(start)} is no time, such as '2026-01-01T00:00Z'`)
  const disorderMicros = disorder === undefined ? 0 : durationMicros(disorder, `${name}: disorder`)
  if (disorderMicros < 0) throw badOption(name, 'disorder', `it cannot be less than 0, and is "${disorder}"`)
  const spacingMicros = 1e6 / (options.perSecond ?? rate ?? perSecond)
  // times are cut to whole microseconds, so that two may be one further apart than their places
  const hold = Math.max(0, Math.floor((disorderMicros - 1) / spacingMicros))
  return { name, seed, events: events ?? Infinity, rate: rate ?? null, startMicros, spacingMicros, hold, kind }
}

export function wholeOption(name: string, option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw badOption(name, option, `it is a whole number from ${least} on, not ${JSON.stringify(value)}`)
}

function positiveOption(name: string, option: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return
  throw badOption(name, option, `it is a number above 0, not ${JSON.stringify(value)}`)
}

function badOption(name: string, option: string, text: string): PlanError {
  return new PlanError('bad-option', `${name}: ${option}: ${text}`, { option })
}

/** Event numbers in the order of their rows. */
export type Numbers = Float64Array

/** Makes the values of a column. `times` are those of the rows. */
export type Make = (numbers: Numbers, times: Float64Array) => Column

/** One kind of events that a generator makes. */
export interface Events {
  readonly schema: Schema
  readonly columns: Readonly<Record<string, Make>>
  /** Whether the event of a number is one of this kind; all are when it is left out. */
  readonly has?: (number: number) => boolean
  /** How many of the first `events` are. */
  readonly rows?: (events: number) => number
  /** How many places after its own an event happens: its time is that of the later place. */
  readonly lag?: { readonly most: number; readonly of: (number: number) => number }
}

/** The use of random bits that no generator shares. */
const HOLD = 1000

/** A source of the events of one kind. All kinds of a generator give rows of the same times at about the same pace. */
export function eventSource(generation: Generation, events: Events): Source {
  const { name, kind, events: count } = generation
  return {
    name,
    schema: events.schema,
    bounded: Number.isFinite(count),
    kind,
    ...(events.rows !== undefined && Number.isFinite(count) && { rows: events.rows(count) }),
    open: request => new EventReader(generation, events, request),
  }
}

class EventReader implements SourceReader {
  readonly #generation: Generation
  readonly #events: Events
  readonly #request: ReadRequest
  readonly #schema: Schema
  readonly #clock: Clock
  /** The most places between an event's own and the one at which its row is given. */
  readonly #window: number
  readonly #end: number
  /** The place up to which rows have been given. */
  #place = 0
  /** When a place was due: of those that follow, more are. */
  #due: { readonly place: number; readonly ms: number } | null = null
  #block: Block | null = null

  constructor(generation: Generation, events: Events, request: ReadRequest) {
    this.#generation = generation
    this.#events = events
    this.#request = request
    this.#schema = events.schema.pick(request.columns)
    this.#clock = request.clock ?? systemClock
    this.#window = generation.hold + (events.lag?.most ?? 0)
    this.#end = generation.events + this.#window
  }

  next(): Batch | null | Promise<Batch | null> {
    while (this.#place < this.#end) {
      const to = Math.min(this.#end, this.#place + this.#request.batchRows, this.#reached())
      if (to <= this.#place) return this.#wait()
      const numbers = this.#given(this.#place, to)
      this.#place = to
      if (numbers.length > 0) return this.#batch(numbers)
    }
    return null
  }

  /** The place that is due now. */
  #reached(): number {
    const { rate } = this.#generation
    if (rate === null) return Infinity
    const now = this.#clock.now()
    this.#due ??= { place: this.#place, ms: now }
    return this.#due.place + Math.floor(((now - this.#due.ms) * rate) / 1000)
  }

  async #wait(): Promise<Batch | null> {
    const { signal } = this.#request
    const due = this.#due!
    const next = due.ms + ((this.#place + 1 - due.place) / this.#generation.rate!) * 1000
    await pause(this.#clock, Math.max(TICK_MS, Math.ceil(next - this.#clock.now())), signal)
    return signal.aborted ? null : this.next()
  }

  /** The events whose rows are given from one place up to another, in order. */
  #given(from: number, to: number): Numbers {
    const { has } = this.#events
    if (this.#window > 0) return this.#blockAt(from, to).between(from, to)
    const numbers = new Float64Array(to - from)
    let count = 0
    for (let n = from; n < to; n++) if (has === undefined || has(n)) numbers[count++] = n
    return numbers.subarray(0, count)
  }

  #blockAt(from: number, to: number): Block {
    const block = this.#block
    if (block !== null && block.from <= from && to <= block.to) return block
    const length = Math.max(this.#window, BLOCK, to - from)
    return (this.#block = new Block(this.#generation, this.#events, from, from + length, this.#window))
  }

  #batch(numbers: Numbers): Batch {
    const { lag, columns } = this.#events
    const { startMicros, spacingMicros } = this.#generation
    const times = new Float64Array(numbers.length)
    for (let i = 0; i < times.length; i++) {
      const n = numbers[i]!
      times[i] = startMicros + Math.floor((lag === undefined ? n : n + lag.of(n)) * spacingMicros)
    }
    return new Batch(
      this.#schema,
      numbers.length,
      this.#schema.names.map(name => columns[name]!(numbers, times)),
    )
  }

  offset(): number {
    return this.#place
  }

  seek(offset: unknown): void {
    this.#place = offset as number
    this.#due = null
    this.#block = null
  }

  close(): void {
    this.#block = null
  }
}

/** Rows of a paced generator come about this often. */
const TICK_MS = 20

/** The places of a block, unless rows are held back over more. */
const BLOCK = 1 << 14

/** The events whose rows are given from one place up to another, sorted by the place at which they are, then by number. */
class Block {
  readonly from: number
  readonly to: number
  readonly #numbers: Numbers
  /** Of each: at which place it is given. */
  readonly #places: Float64Array
  #at = 0

  constructor(generation: Generation, events: Events, from: number, to: number, window: number) {
    this.from = from
    this.to = to
    const { has, lag } = events
    const { seed, hold } = generation
    const first = Math.max(0, from - window)
    const last = Math.min(generation.events, to)
    const keys = new Float64Array(Math.max(0, last - first))
    let count = 0
    for (let n = first; n < last; n++) {
      if (has !== undefined && !has(n)) continue
      const later = (lag?.of(n) ?? 0) + (hold === 0 ? 0 : below(hold + 1, seed, n, HOLD))
      const place = n + later
      if (place >= from && place < to) keys[count++] = (place - from) * (window + 1) + window - later
    }
    const sorted = keys.subarray(0, count).sort()
    this.#numbers = new Float64Array(count)
    this.#places = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      const place = from + Math.floor(sorted[i]! / (window + 1))
      this.#places[i] = place
      this.#numbers[i] = place - window + (sorted[i]! % (window + 1))
    }
  }

  /** Those from one place up to another; calls go forward. */
  between(from: number, to: number): Numbers {
    const places = this.#places
    while (this.#at < places.length && places[this.#at]! < from) this.#at++
    const first = this.#at
    while (this.#at < places.length && places[this.#at]! < to) this.#at++
    return this.#numbers.subarray(first, this.#at)
  }
}

// ---- columns

/** A column of numbers, each of an event number. */
export function numbersOf(kind: Scalar, value: (number: number) => number): Make {
  const type = scalar(kind)
  return numbers => {
    const values = flatArray(type, numbers.length)
    for (let i = 0; i < numbers.length; i++) values[i] = value(numbers[i]!)
    return { layout: 'flat', type, length: numbers.length, valid: null, values }
  }
}

/** The column of the event times. */
export const timesOf: Make = (numbers, times) => ({
  layout: 'flat',
  type: scalar('timestamp'),
  length: numbers.length,
  valid: null,
  values: times,
})

/** A column of texts that are made one by one. */
export function textsOf(value: (number: number) => string): Make {
  return numbers => {
    const strings = Array.from(numbers, value)
    return { layout: 'text', type: scalar('utf8'), length: strings.length, valid: null, strings, codes: null }
  }
}

/** A column of texts from a list, each by its index; null where the index is negative. */
export function chosenOf(strings: readonly string[], index: (number: number) => number): Make {
  return numbers => {
    const codes = new Int32Array(numbers.length)
    let valid: Uint8Array | null = null
    for (let i = 0; i < codes.length; i++) {
      const code = index(numbers[i]!)
      if (code < 0) (valid ??= new Uint8Array(codes.length).fill(1))[i] = 0
      else codes[i] = code
    }
    return { layout: 'text', type: scalar('utf8'), length: codes.length, valid, strings, codes }
  }
}
