import type { Value } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { SLOT_BYTES, valueBytes } from '../../data/value-bytes.ts'
import type { HeldKeys } from './held-keys.ts'
import { KeyedState, type Cursor, type Lifetime } from './keyed-state.ts'
import { given, stored } from './stored-value.ts'

/** A list for each key. With a time to live each item lives by itself. */
export class ListState extends KeyedState {
  readonly #type: Nullable
  #lists: (Kept | undefined)[] = []
  #bytes = 0

  constructor(name: string, type: Nullable, lifetime: Lifetime | null, cursor: Cursor, held: HeldKeys) {
    super(name, lifetime, cursor, held)
    this.#type = type
  }

  add(value: unknown): void {
    this.#push(stored(value, this.#type, this.refuse))
  }

  /** The items in the order they were added. */
  get(): unknown[] {
    const { slot } = this
    if (!this.lives(slot)) return []
    const { items, times } = this.#lists[slot]!
    if (this.lifetime?.onRead === true) {
      const { time } = this
      for (const [i, at] of times.entries()) times[i] = Math.max(at, time)
    }
    return items.map(item => given(item, this.#type.type))
  }

  /** How many items there are. */
  get length(): number {
    const { slot } = this
    return this.lives(slot) ? this.#lists[slot]!.items.length : 0
  }

  /** Puts these items in the place of what is there. */
  set(values: unknown): void {
    if (!Array.isArray(values)) this.refuse('set takes an array of items')
    const kept = (values as readonly unknown[]).map(value => stored(value, this.#type, this.refuse))
    const { slot } = this
    if (this.holds(slot)) {
      this.drop(slot)
      this.ended(slot)
    }
    for (const value of kept) this.#push(value)
  }

  #push(value: Value): void {
    const { slot } = this
    let list = this.#lists[slot]
    if (list === undefined) {
      list = { items: [], times: [] }
      this.#lists[slot] = list
      this.began(slot)
    }
    list.items.push(value)
    this.#bytes += valueBytes(value)
    if (this.lifetime === null) return
    list.times.push(this.time)
    this.#bytes += SLOT_BYTES
    this.livesUntil(slot, this.time + this.lifetime.ttlMicros)
  }

  protected override holds(slot: number): boolean {
    return this.#lists[slot] !== undefined
  }

  protected override drop(slot: number): void {
    const { items, times } = this.#lists[slot]!
    for (const item of items) this.#bytes -= valueBytes(item)
    this.#bytes -= times.length * SLOT_BYTES
    this.#lists[slot] = undefined
  }

  protected override dropOld(slot: number, now: number): number {
    const list = this.#lists[slot]!
    const { ttlMicros } = this.lifetime!
    let first = Infinity
    for (const at of list.times) if (at < first) first = at
    if (first + ttlMicros > now) return first + ttlMicros
    const kept: Kept = { items: [], times: [] }
    first = Infinity
    for (const [i, at] of list.times.entries()) {
      if (at + ttlMicros <= now) continue
      kept.items.push(list.items[i]!)
      kept.times.push(at)
      if (at < first) first = at
    }
    this.drop(slot)
    if (kept.items.length === 0) return NaN
    this.#lists[slot] = kept
    for (const item of kept.items) this.#bytes += valueBytes(item) + SLOT_BYTES
    return first + ttlMicros
  }

  protected override growTo(end: number): void {
    if (this.#lists.length < end) while (this.#lists.length < 2 * end) this.#lists.push(undefined)
  }

  protected override get valueBytes(): number {
    return this.#bytes + this.#lists.length * SLOT_BYTES
  }

  protected override copy(): readonly (Kept | undefined)[] {
    return copied(this.#lists)
  }

  protected override paste(state: unknown): void {
    this.#lists = copied(state as readonly (Kept | undefined)[])
    this.#bytes = 0
    for (const list of this.#lists) {
      if (list === undefined) continue
      for (const item of list.items) this.#bytes += valueBytes(item)
      this.#bytes += list.times.length * SLOT_BYTES
    }
  }
}

/** Items, and with a time to live when each was written. */
interface Kept {
  readonly items: Value[]
  readonly times: number[]
}

const copied = (lists: readonly (Kept | undefined)[]): (Kept | undefined)[] =>
  lists.map(list => list && { items: [...list.items], times: [...list.times] })
