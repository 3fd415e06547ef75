/**
 * When the state of keys may be dropped: slots in buckets of time, the width of a bucket a share of the time to live, so
 * that noting a slot and dropping it cost the same however many there are. A slot is noted once, at the earliest; when
 * its bucket is due, its owner says what is left and until when. What is visible never depends on it: it only frees memory.
 */
export class Expiry {
  readonly #width: number
  readonly #buckets = new Map<number, number[]>()
  #noted: Uint8Array = new Uint8Array(0)
  #first = Infinity

  constructor(ttlMicros: number) {
    this.#width = Math.max(1, Math.ceil(ttlMicros / BUCKETS))
  }

  get bytes(): number {
    let slots = 0
    for (const bucket of this.#buckets.values()) slots += bucket.length
    return this.#noted.byteLength + slots * SLOT
  }

  grow(end: number): void {
    if (this.#noted.length >= end) return
    const noted = new Uint8Array(2 * end)
    noted.set(this.#noted)
    this.#noted = noted
  }

  /** A slot has state that lives until a time. */
  note(slot: number, until: number): void {
    if (this.#noted[slot] === 1 || !Number.isFinite(until)) return
    this.#noted[slot] = 1
    const number = Math.floor(until / this.#width)
    const bucket = this.#buckets.get(number)
    if (bucket === undefined) this.#buckets.set(number, [slot])
    else bucket.push(slot)
    if (number < this.#first) this.#first = number
  }

  /** Asks the owner for each slot that may have outlived its time; it gives until when the rest lives, or NaN for none. */
  run(now: number, drop: (slot: number) => number): void {
    const due = Math.floor(now / this.#width) - 1
    if (this.#first > due || !Number.isFinite(now)) return
    const numbers = [...this.#buckets.keys()].filter(number => number <= due).sort((a, b) => a - b)
    this.#first = Infinity
    for (const number of this.#buckets.keys()) if (number > due && number < this.#first) this.#first = number
    for (const number of numbers) {
      const slots = this.#buckets.get(number)!
      this.#buckets.delete(number)
      for (const slot of slots) {
        this.#noted[slot] = 0
        const until = drop(slot)
        if (!Number.isNaN(until)) this.note(slot, until)
      }
    }
  }

  snapshot(): ExpiryState {
    return { buckets: new Map([...this.#buckets].map(([number, slots]) => [number, Int32Array.from(slots)])) }
  }

  restore({ buckets }: ExpiryState, end: number): void {
    this.#noted = new Uint8Array(end)
    this.#buckets.clear()
    this.#first = Infinity
    for (const [number, slots] of buckets) {
      this.#buckets.set(number, [...slots])
      for (const slot of slots) this.#noted[slot] = 1
      if (number < this.#first) this.#first = number
    }
  }
}

export interface ExpiryState {
  readonly buckets: ReadonlyMap<number, Int32Array>
}

const BUCKETS = 16
const SLOT = 8
