import type { HeldKeys } from './held-keys.ts'
import { KeyedState, type Cursor, type Lifetime } from './keyed-state.ts'

/** What a user's accumulator is made of. It must be data that `structuredClone` holds. */
export interface AggregatingFunctions {
  readonly create: () => unknown
  /** Gives the accumulator that goes on, or nothing where it has changed the one it was given. */
  readonly add: (accumulator: unknown, value: unknown) => unknown
  readonly result: (accumulator: unknown) => unknown
}

/** An accumulator of the user's own for each key. */
export class AggregatingState extends KeyedState {
  readonly #functions: AggregatingFunctions
  #kept: unknown[] = []
  #times: Float64Array = new Float64Array(0)
  #count = 0

  constructor(
    name: string,
    functions: AggregatingFunctions,
    lifetime: Lifetime | null,
    cursor: Cursor,
    held: HeldKeys,
  ) {
    super(name, lifetime, cursor, held)
    this.#functions = functions
  }

  add(value: unknown): void {
    const { slot, time } = this
    const { create, add } = this.#functions
    const lived = this.lives(slot)
    const accumulator = lived ? this.#kept[slot] : create()
    const next = add(accumulator, value)
    if (!lived) {
      this.began(slot)
      this.#count++
    }
    this.#kept[slot] = next === undefined ? accumulator : next
    this.#touch(slot, lived ? Math.max(time, this.#times[slot] ?? time) : time)
  }

  /** The result of what was added, null where nothing was. */
  get(): unknown {
    const { slot, time } = this
    if (!this.lives(slot)) return null
    if (this.lifetime?.onRead === true) this.#touch(slot, Math.max(time, this.#times[slot]!))
    return this.#functions.result(this.#kept[slot])
  }

  #touch(slot: number, time: number): void {
    if (this.lifetime === null) return
    this.#times[slot] = time
    this.livesUntil(slot, time + this.lifetime.ttlMicros)
  }

  protected override holds(slot: number): boolean {
    return this.#kept[slot] !== undefined
  }

  protected override drop(slot: number): void {
    this.#kept[slot] = undefined
    this.#count--
  }

  protected override dropOld(slot: number, now: number): number {
    const until = this.#times[slot]! + this.lifetime!.ttlMicros
    if (until > now) return until
    this.drop(slot)
    return NaN
  }

  protected override growTo(end: number): void {
    if (this.#kept.length >= end) return
    while (this.#kept.length < 2 * end) this.#kept.push(undefined)
    if (this.lifetime === null) return
    const times = new Float64Array(2 * end)
    times.set(this.#times)
    this.#times = times
  }

  /** What an accumulator takes is not known: it counts as an object of a few fields. */
  protected override get valueBytes(): number {
    return this.#kept.length * SLOT + this.#count * ACCUMULATOR + this.#times.byteLength
  }

  protected override copy(): AggregatingStateState {
    return { kept: structuredClone(this.#kept), times: this.#times.slice() }
  }

  protected override paste(state: unknown): void {
    const { kept, times } = state as AggregatingStateState
    this.#kept = structuredClone([...kept])
    this.#count = kept.filter(each => each !== undefined).length
    this.#times = times.slice()
  }
}

interface AggregatingStateState {
  readonly kept: readonly unknown[]
  readonly times: Float64Array
}

const SLOT = 8
const ACCUMULATOR = 64
