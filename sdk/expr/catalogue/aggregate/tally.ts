import type { Value } from '../../../data/column.ts'
import { OBJECT_BYTES, SLOT_BYTES, valueBytes } from '../../../data/value-bytes.ts'
import type { Accumulator } from '../../function.ts'

/** How often each value is there; NaN is one value, and so are 0 and −0. A value is what `result` makes of the counts. */
export class Tally implements Accumulator {
  readonly #result: (counts: ReadonlyMap<Value, number>) => Value
  #counts = new Map<Value, number>()
  /** How many were taken back before they came. */
  #owed = 0
  #valueBytes = 0

  constructor(result: (counts: ReadonlyMap<Value, number>) => Value) {
    this.#result = result
  }

  add([x]: readonly Value[]): void {
    this.#change(x!, 1)
  }

  retract([x]: readonly Value[]): void {
    this.#change(x!, -1)
  }

  merge(other: this): void {
    for (const [x, times] of other.#counts) this.#change(x, times)
  }

  #change(x: Value, by: number): void {
    const before = this.#counts.get(x) ?? 0
    this.#owed += Math.max(0, -(before + by)) - Math.max(0, -before)
    if (before === 0) this.#valueBytes += valueBytes(x)
    if (before + by === 0) {
      this.#counts.delete(x)
      this.#valueBytes -= valueBytes(x)
    } else this.#counts.set(x, before + by)
  }

  value(): Value {
    if (this.#owed === 0) return this.#result(this.#counts)
    return this.#result(new Map([...this.#counts].filter(([, times]) => times > 0)))
  }

  get bytes(): number {
    return EMPTY_BYTES + this.#counts.size * ENTRY_BYTES + this.#valueBytes
  }

  snapshot(): unknown {
    return { counts: [...this.#counts], owed: this.#owed }
  }

  restore(state: unknown): void {
    const { counts, owed } = state as { counts: readonly [Value, number][]; owed: number }
    this.#counts = new Map(counts)
    this.#owed = owed
    this.#valueBytes = 0
    for (const value of this.#counts.keys()) this.#valueBytes += valueBytes(value)
  }
}

/** A map without entries, and what an entry takes beside its value where one place in two is free. */
const EMPTY_BYTES = 6 * OBJECT_BYTES
const ENTRY_BYTES = 4 * SLOT_BYTES
