import { flatArray, type FlatArray, type Value } from '../../data/column.ts'
import { isFlat, type Nullable } from '../../data/type.ts'
import { valueBytes } from '../../data/value-bytes.ts'
import type { HeldKeys } from './held-keys.ts'
import { KeyedState, type Cursor, type Lifetime } from './keyed-state.ts'
import { given, stored } from './stored-value.ts'

/** One value for each key: numbers, times and truths in a typed array by slot, other types in a plain one. */
export class ValueState extends KeyedState {
  readonly #type: Nullable
  readonly #initial: Value
  /** By slot: 0 for nothing, 1 for null, 2 for a value. */
  #present: Uint8Array = new Uint8Array(0)
  #flat: FlatArray | null
  #loose: Value[] = []
  #looseBytes = 0
  /** By slot: when it was written last. */
  #times: Float64Array = new Float64Array(0)

  constructor(name: string, type: Nullable, initial: Value, lifetime: Lifetime | null, cursor: Cursor, held: HeldKeys) {
    super(name, lifetime, cursor, held)
    this.#type = type
    this.#initial = initial
    this.#flat = isFlat(type.type) ? flatArray(type.type, 0) : null
  }

  /** The value of the key; the initial one, or null, where there is none. */
  get(): unknown {
    return given(this.#read(), this.#type.type)
  }

  set(value: unknown): void {
    const { slot } = this
    const kept = stored(value, this.#type, this.refuse)
    const lived = this.lives(slot)
    if (!lived) this.began(slot)
    this.#put(slot, kept)
    if (this.lifetime !== null) this.#touch(slot, lived)
  }

  /** Puts two values together into one: what is kept and what comes; the first one is kept as it is. */
  protected reduce(value: unknown, reduce: (a: unknown, b: unknown) => unknown): void {
    const { slot } = this
    if (!this.lives(slot)) this.set(value)
    else {
      const { type } = this.#type
      const taken = given(stored(value, this.#type, this.refuse), type)
      this.set(reduce(given(this.#at(slot), type), taken))
    }
  }

  #read(): Value {
    const { slot } = this
    if (!this.lives(slot)) return this.#initial
    if (this.lifetime?.onRead === true) this.#touch(slot, true)
    return this.#at(slot)
  }

  #at(slot: number): Value {
    if (this.#present[slot] === 1) return null
    if (this.#flat === null) return this.#loose[slot]!
    const value = this.#flat[slot]!
    return this.#type.type.kind === 'bool' ? value === 1 : value
  }

  #put(slot: number, value: Value): void {
    this.#present[slot] = value === null ? 1 : 2
    if (this.#flat === null) {
      this.#looseBytes += valueBytes(value) - valueBytes(this.#loose[slot] ?? null)
      this.#loose[slot] = value
    } else if (this.#flat instanceof BigInt64Array) this.#flat[slot] = (value ?? 0n) as bigint
    else this.#flat[slot] = Number(value)
  }

  #touch(slot: number, lived: boolean): void {
    const { time } = this
    const at = lived ? Math.max(time, this.#times[slot]!) : time
    this.#times[slot] = at
    this.livesUntil(slot, at + this.lifetime!.ttlMicros)
  }

  protected override holds(slot: number): boolean {
    return this.#present[slot] !== 0
  }

  protected override drop(slot: number): void {
    if (this.#flat === null) this.#put(slot, null)
    this.#present[slot] = 0
  }

  protected override dropOld(slot: number, now: number): number {
    const until = this.#times[slot]! + this.lifetime!.ttlMicros
    if (until > now) return until
    this.drop(slot)
    return NaN
  }

  protected override growTo(end: number): void {
    if (this.#present.length >= end) return
    const length = 2 * end
    const present = new Uint8Array(length)
    present.set(this.#present)
    this.#present = present
    if (this.#flat !== null) this.#flat = grown(this.#flat, flatArray(this.#type.type, length))
    else while (this.#loose.length < length) this.#loose.push(null)
    if (this.lifetime !== null) this.#times = grown(this.#times, new Float64Array(length))
  }

  protected override get valueBytes(): number {
    const slots = this.#flat === null ? this.#looseBytes + SLOT * this.#loose.length : this.#flat.byteLength
    return this.#present.byteLength + slots + this.#times.byteLength
  }

  protected override copy(): ValueStateState {
    return {
      present: this.#present.slice(),
      flat: this.#flat?.slice() ?? null,
      loose: [...this.#loose],
      looseBytes: this.#looseBytes,
      times: this.#times.slice(),
    }
  }

  protected override paste(state: unknown): void {
    const { present, flat, loose, looseBytes, times } = state as ValueStateState
    this.#present = present.slice()
    this.#flat = flat?.slice() ?? null
    this.#loose = [...loose]
    this.#looseBytes = looseBytes
    this.#times = times.slice()
  }
}

/** Values put together into one: a sum, the largest, a text that grows. */
export class ReducingState extends ValueState {
  readonly #reduce: (a: unknown, b: unknown) => unknown

  constructor(
    name: string,
    type: Nullable,
    reduce: (a: unknown, b: unknown) => unknown,
    lifetime: Lifetime | null,
    cursor: Cursor,
    held: HeldKeys,
  ) {
    super(name, type, null, lifetime, cursor, held)
    this.#reduce = reduce
  }

  add(value: unknown): void {
    this.reduce(value, this.#reduce)
  }
}

interface ValueStateState {
  readonly present: Uint8Array
  readonly flat: FlatArray | null
  readonly loose: readonly Value[]
  readonly looseBytes: number
  readonly times: Float64Array
}

const SLOT = 8

function grown<T extends FlatArray>(from: T, to: T): T {
  if (to instanceof BigInt64Array) to.set(from as BigInt64Array)
  else to.set(from as Exclude<FlatArray, BigInt64Array>)
  return to
}
