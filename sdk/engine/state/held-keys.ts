/**
 * How many states and timers each key holds, by its slot, and which keys hold none, so that they can be forgotten. They
 * are forgotten many at once: a key that comes with every batch would otherwise be made anew each time.
 */
export class HeldKeys {
  #counts: Int32Array = new Int32Array(0)
  #listed: Uint8Array = new Uint8Array(0)
  #empty: number[] = []

  get bytes(): number {
    return this.#counts.byteLength + this.#listed.byteLength
  }

  grow(end: number): void {
    if (this.#counts.length >= end) return
    const [counts, listed] = [new Int32Array(2 * end), new Uint8Array(2 * end)]
    counts.set(this.#counts)
    listed.set(this.#listed)
    this.#counts = counts
    this.#listed = listed
  }

  /** A key holds one thing more. */
  add(slot: number): void {
    this.#counts[slot]!++
  }

  /** A key holds one thing less. */
  remove(slot: number): void {
    if (--this.#counts[slot]! === 0) this.list(slot)
  }

  /** Lists a key that may hold nothing. */
  list(slot: number): void {
    if (this.#counts[slot] !== 0 || this.#listed[slot] === 1) return
    this.#listed[slot] = 1
    this.#empty.push(slot)
  }

  /** The keys that hold nothing, once there are many of them beside `all` keys; they are no longer listed. */
  take(all: number): Int32Array {
    if (this.#empty.length < Math.max(FEW, all >> 3)) return NONE
    const empty = this.#empty
    this.#empty = []
    for (const slot of empty) this.#listed[slot] = 0
    return Int32Array.from(empty.filter(slot => this.#counts[slot] === 0))
  }

  snapshot(): HeldKeysState {
    return { counts: this.#counts.slice(), empty: Int32Array.from(this.#empty) }
  }

  restore({ counts, empty }: HeldKeysState): void {
    this.#counts = counts.slice()
    this.#listed = new Uint8Array(counts.length)
    this.#empty = [...empty]
    for (const slot of empty) this.#listed[slot] = 1
  }
}

export interface HeldKeysState {
  readonly counts: Int32Array
  readonly empty: Int32Array
}

const FEW = 256
const NONE = new Int32Array(0)
