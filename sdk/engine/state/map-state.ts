import type { Value } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { SLOT_BYTES, valueBytes } from '../../data/value-bytes.ts'
import type { HeldKeys } from './held-keys.ts'
import { KeyedState, type Cursor, type Lifetime } from './keyed-state.ts'
import { given, stored } from './stored-value.ts'

/** A map for each key. With a time to live each entry lives by itself. The keys of the map are scalars. */
export class MapState extends KeyedState {
  readonly #key: Nullable
  readonly #value: Nullable
  #maps: (Map<Value, Entry> | undefined)[] = []
  #bytes = 0

  constructor(name: string, key: Nullable, value: Nullable, lifetime: Lifetime | null, cursor: Cursor, held: HeldKeys) {
    super(name, lifetime, cursor, held)
    this.#key = key
    this.#value = value
  }

  /** The value under a key, null where there is none. */
  get(key: unknown): unknown {
    const { slot } = this
    const entry = this.#entry(slot, this.#keyOf(key))
    if (entry === undefined) return null
    this.#read(entry)
    return given(entry.value, this.#value.type)
  }

  has(key: unknown): boolean {
    return this.#entry(this.slot, this.#keyOf(key)) !== undefined
  }

  set(key: unknown, value: unknown): void {
    const { slot, time } = this
    const [k, kept] = [this.#keyOf(key), stored(value, this.#value, this.refuse)]
    const old = this.#entry(slot, k)
    let map = this.#maps[slot]
    if (map === undefined) {
      map = new Map()
      this.#maps[slot] = map
      this.began(slot)
    }
    if (old !== undefined) {
      this.#bytes += valueBytes(kept) - valueBytes(old.value)
      old.value = kept
      if (time > old.time) old.time = time
    } else {
      const entry = { value: kept, time }
      map.set(k, entry)
      this.#bytes += entryBytes(k, entry)
    }
    if (this.lifetime !== null) this.livesUntil(slot, time + this.lifetime.ttlMicros)
  }

  /** Takes an entry out; false where there is none. */
  delete(key: unknown): boolean {
    const { slot } = this
    const k = this.#keyOf(key)
    const entry = this.#entry(slot, k)
    if (entry === undefined) return false
    this.cleared = true
    this.#remove(slot, k, entry)
    if (!this.holds(slot)) this.ended(slot)
    return true
  }

  /** The entries in the order in which their keys came. */
  entries(): [unknown, unknown][] {
    const { slot } = this
    if (!this.lives(slot)) return []
    return Array.from(this.#maps[slot]!, ([key, entry]) => {
      this.#read(entry)
      return [given(key, this.#key.type), given(entry.value, this.#value.type)]
    })
  }

  keys(): unknown[] {
    return this.entries().map(([key]) => key)
  }

  values(): unknown[] {
    return this.entries().map(([, value]) => value)
  }

  /** How many entries there are. */
  get size(): number {
    const { slot } = this
    return this.lives(slot) ? this.#maps[slot]!.size : 0
  }

  #keyOf(key: unknown): Value {
    const kept = stored(key, this.#key, this.refuse)
    return kept === 0 ? 0 : kept
  }

  /** Only the entry is looked at, for a map may be large. */
  #entry(slot: number, key: Value): Entry | undefined {
    const entry = this.#maps[slot]?.get(key)
    if (entry === undefined || this.lifetime === null || entry.time + this.lifetime.ttlMicros > this.now) return entry
    this.#remove(slot, key, entry)
    if (!this.holds(slot)) this.ended(slot)
    return undefined
  }

  #read(entry: Entry): void {
    if (this.lifetime?.onRead === true && this.time > entry.time) entry.time = this.time
  }

  #remove(slot: number, key: Value, entry: Entry): void {
    const map = this.#maps[slot]!
    map.delete(key)
    this.#bytes -= entryBytes(key, entry)
    if (map.size === 0) this.#maps[slot] = undefined
  }

  protected override holds(slot: number): boolean {
    return this.#maps[slot] !== undefined
  }

  protected override drop(slot: number): void {
    for (const [key, entry] of this.#maps[slot]!) this.#bytes -= entryBytes(key, entry)
    this.#maps[slot] = undefined
  }

  protected override dropOld(slot: number, now: number): number {
    const { ttlMicros } = this.lifetime!
    let first = Infinity
    for (const [key, entry] of this.#maps[slot]!) {
      if (entry.time + ttlMicros <= now) this.#remove(slot, key, entry)
      else if (entry.time < first) first = entry.time
    }
    return first === Infinity ? NaN : first + ttlMicros
  }

  protected override growTo(end: number): void {
    if (this.#maps.length < end) while (this.#maps.length < 2 * end) this.#maps.push(undefined)
  }

  protected override get valueBytes(): number {
    return this.#bytes + this.#maps.length * SLOT_BYTES
  }

  protected override copy(): readonly (ReadonlyMap<Value, Entry> | undefined)[] {
    return copied(this.#maps)
  }

  protected override paste(state: unknown): void {
    this.#maps = copied(state as readonly (ReadonlyMap<Value, Entry> | undefined)[])
    this.#bytes = 0
    for (const map of this.#maps)
      if (map !== undefined) for (const [k, entry] of map) this.#bytes += entryBytes(k, entry)
  }
}

/** A value and when it was written. */
interface Entry {
  value: Value
  time: number
}

const ENTRY_BYTES = 48

const entryBytes = (key: Value, { value }: Entry): number => valueBytes(key) + valueBytes(value) + ENTRY_BYTES

const copied = (maps: readonly (ReadonlyMap<Value, Entry> | undefined)[]): (Map<Value, Entry> | undefined)[] =>
  maps.map(map => map && new Map(Array.from(map, ([key, { value, time }]) => [key, { value, time }])))
