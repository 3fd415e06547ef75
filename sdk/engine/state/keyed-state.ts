import { DataError } from '../../data/errors.ts'
import { Expiry, type ExpiryState } from './expiry.ts'
import type { HeldKeys } from './held-keys.ts'

/**
 * What the states of a keyed function have in common. A state keeps something for each key, by its slot, and is looked
 * at through a cursor that stands at one key and one event time; a user's function holds the state itself, and the
 * operator moves the cursor. With a time to live, what was written at time t is there until t + ttl, by the time of the
 * row that looks or by the watermark, whichever is later; reading may count as writing.
 */
export interface Cursor {
  /** The slot of the key, −1 while there is none. */
  slot: number
  /** The event time of what is being handled. */
  time: number
  /** The same, or the watermark where that is later: what lives until then is no longer there. */
  now: number
  /** `key { card: "a" }`, for errors. */
  readonly describe: () => string
}

/** How long state lives, by event time. */
export interface Lifetime {
  readonly ttlMicros: number
  /** Whether reading makes it live longer too. */
  readonly onRead: boolean
}

export abstract class KeyedState {
  readonly name: string
  readonly #cursor: Cursor
  readonly #held: HeldKeys
  protected readonly lifetime: Lifetime | null
  readonly #expiry: Expiry | null
  /** Whether a user has cleared it for some key. */
  cleared = false

  constructor(name: string, lifetime: Lifetime | null, cursor: Cursor, held: HeldKeys) {
    this.name = name
    this.lifetime = lifetime
    this.#cursor = cursor
    this.#held = held
    this.#expiry = lifetime === null ? null : new Expiry(lifetime.ttlMicros)
  }

  /** Whether something is kept for a slot. */
  protected abstract holds(slot: number): boolean
  protected abstract drop(slot: number): void
  /** Drops what lived until `now`; gives until when the first of the rest lives, or NaN for none. */
  protected abstract dropOld(slot: number, now: number): number
  protected abstract growTo(length: number): void
  protected abstract readonly valueBytes: number
  protected abstract copy(): unknown
  protected abstract paste(state: unknown): void

  /** Takes what is kept for the key away. */
  clear(): void {
    const { slot } = this
    this.cleared = true
    if (this.holds(slot)) this.#dropped(slot)
  }

  get bytes(): number {
    return this.valueBytes + (this.#expiry?.bytes ?? 0)
  }

  /** Every slot is below `end`. */
  grow(end: number): void {
    this.growTo(end)
    this.#expiry?.grow(end)
  }

  /** Drops what lived until the watermark. */
  expire(watermark: number): void {
    this.#expiry?.run(watermark, slot => (this.holds(slot) ? this.#expired(slot, watermark) : NaN))
  }

  snapshot(): unknown {
    return { values: this.copy(), expiry: this.#expiry?.snapshot() ?? null, cleared: this.cleared }
  }

  restore(state: unknown, end: number): void {
    const { values, expiry, cleared } = state as KeyedStateState
    this.paste(values)
    this.cleared = cleared
    if (expiry !== null) this.#expiry?.restore(expiry, end)
    this.grow(end)
  }

  /** The slot of the key. */
  protected get slot(): number {
    const { slot } = this.#cursor
    if (slot >= 0) return slot
    const text = `state "${this.name}" is kept by key, and there is no key here. Use it within onRow and onTimer.`
    throw new DataError('no-key', text, { state: this.name })
  }

  protected get time(): number {
    return this.#cursor.time
  }

  protected get now(): number {
    return this.#cursor.now
  }

  /** Drops what is too old for the key; gives whether something is left. */
  protected lives(slot: number): boolean {
    if (!this.holds(slot)) return false
    if (this.lifetime === null) return true
    this.#expired(slot, this.#cursor.now)
    return this.holds(slot)
  }

  /** Something has been put where nothing was. */
  protected began(slot: number): void {
    this.#held.add(slot)
  }

  /** The key has state that lives until a time. */
  protected livesUntil(slot: number, until: number): void {
    this.#expiry?.note(slot, until)
  }

  protected ended(slot: number): void {
    this.#held.remove(slot)
  }

  protected readonly refuse = (problem: string): never => {
    const text = `state "${this.name}", ${this.#cursor.describe()}: ${problem}`
    throw new DataError('bad-value', text, { state: this.name })
  }

  #expired(slot: number, now: number): number {
    const until = this.dropOld(slot, now)
    if (!this.holds(slot)) this.ended(slot)
    return until
  }

  #dropped(slot: number): void {
    this.drop(slot)
    this.ended(slot)
  }
}

interface KeyedStateState {
  readonly values: unknown
  readonly expiry: ExpiryState | null
  readonly cleared: boolean
}
