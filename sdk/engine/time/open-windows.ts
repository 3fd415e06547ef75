/**
 * The windows, or panes of them, that have rows and are not closed, by their numbers, each with the slots of its groups in
 * the order they came: a list threaded through one array by slot.
 */
export class OpenWindows {
  /** By number: the last slot of the window. */
  readonly #last = new Map<number, number>()
  /** By slot: the number of the window it belongs to, NaN for none, and the slot before it in that window. */
  #owner: Float64Array = new Float64Array(0)
  #previous: Int32Array = new Int32Array(0)
  #earliest = Infinity

  /** Takes in the slots of rows; every slot is below `end`. Adds the rows with which slots begin to a list. */
  note(numbers: Float64Array, slots: Int32Array, length: number, end: number, begun: number[] | null = null): void {
    if (this.#owner.length < end) this.#growTo(end * 2)
    const owner = this.#owner
    for (let row = 0; row < length; row++) {
      const slot = slots[row]!
      const number = numbers[row]!
      if (owner[slot] === number) continue
      owner[slot] = number
      begun?.push(row)
      this.#previous[slot] = this.#last.get(number) ?? -1
      this.#last.set(number, slot)
      if (number < this.#earliest) this.#earliest = number
    }
  }

  /** The windows up to a number, in order. The caller closes them all. */
  due(upTo: number): Float64Array {
    if (this.#earliest > upTo) return NONE
    const due: number[] = []
    this.#earliest = Infinity
    for (const number of this.#last.keys()) {
      if (number <= upTo) due.push(number)
      else if (number < this.#earliest) this.#earliest = number
    }
    return Float64Array.from(due).sort()
  }

  /** The numbers of all windows, in order. */
  numbers(): Float64Array {
    return Float64Array.from(this.#last.keys()).sort()
  }

  has(number: number): boolean {
    return this.#last.has(number)
  }

  /** The slots of a window, first come first. */
  slotsOf(number: number): Int32Array {
    const last = this.#last.get(number) ?? -1
    let length = 0
    for (let slot = last; slot >= 0; slot = this.#previous[slot]!) length++
    const slots = new Int32Array(length)
    for (let slot = last; slot >= 0; slot = this.#previous[slot]!) slots[--length] = slot
    return slots
  }

  /** Takes a window out and gives its slots, first come first. */
  close(number: number): Int32Array {
    const slots = this.slotsOf(number)
    for (const slot of slots) this.#owner[slot] = NaN
    this.#last.delete(number)
    return slots
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
    for (const [number, slot] of last) {
      this.#last.set(number, slot)
      this.#earliest = Math.min(this.#earliest, number)
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
