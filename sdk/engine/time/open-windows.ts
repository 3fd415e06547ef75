/**
 * The windows that have rows and have not been given, each with the slots of its groups in the order they came: a list
 * threaded through one array by slot.
 */
export class OpenWindows {
  /** By window start: the last slot of the window. */
  readonly #last = new Map<number, number>()
  /** By slot: the start of the window it belongs to, NaN for none, and the slot before it in that window. */
  #owner: Float64Array = new Float64Array(0)
  #previous: Int32Array = new Int32Array(0)
  #earliest = Infinity

  /** Takes in the slots of rows; every slot is below `end`. */
  note(starts: Float64Array, slots: Int32Array, length: number, end: number): void {
    if (this.#owner.length < end) this.#growTo(end * 2)
    const owner = this.#owner
    for (let row = 0; row < length; row++) {
      const slot = slots[row]!
      const start = starts[row]!
      if (owner[slot] === start) continue
      owner[slot] = start
      this.#previous[slot] = this.#last.get(start) ?? -1
      this.#last.set(start, slot)
      if (start < this.#earliest) this.#earliest = start
    }
  }

  /** The windows that start at or before a time, in order. The caller closes them all. */
  due(time: number): Float64Array {
    if (this.#earliest > time) return NONE
    const due: number[] = []
    this.#earliest = Infinity
    for (const start of this.#last.keys()) {
      if (start <= time) due.push(start)
      else if (start < this.#earliest) this.#earliest = start
    }
    return Float64Array.from(due).sort()
  }

  /** Takes a window out and gives its slots, first come first. */
  close(start: number): Int32Array {
    const slots: number[] = []
    for (let slot = this.#last.get(start) ?? -1; slot >= 0; slot = this.#previous[slot]!) {
      slots.push(slot)
      this.#owner[slot] = NaN
    }
    this.#last.delete(start)
    return Int32Array.from(slots.reverse())
  }

  #growTo(length: number): void {
    const [owner, previous] = [new Float64Array(length).fill(NaN), new Int32Array(length)]
    owner.set(this.#owner)
    previous.set(this.#previous)
    this.#owner = owner
    this.#previous = previous
  }

  snapshot(): OpenWindowsState {
    return { last: new Map(this.#last), owner: this.#owner.slice(), previous: this.#previous.slice() }
  }

  restore({ last, owner, previous }: OpenWindowsState): void {
    this.#last.clear()
    this.#earliest = Infinity
    for (const [start, slot] of last) {
      this.#last.set(start, slot)
      this.#earliest = Math.min(this.#earliest, start)
    }
    this.#owner = owner.slice()
    this.#previous = previous.slice()
  }
}

export interface OpenWindowsState {
  readonly last: ReadonlyMap<number, number>
  readonly owner: Float64Array
  readonly previous: Int32Array
}

const NONE = new Float64Array(0)
