/**
 * Timers of keys: at most one for each key, given by its slot, and time. They come out by time, those of one time in the
 * order they were set. A binary heap of times over entries that a hash index finds by slot and time, so that setting one
 * twice sets one, and deleting one takes it out at once.
 */
export class Timers {
  /** By entry. */
  #slots: Int32Array = new Int32Array(START)
  #order: Float64Array = new Float64Array(START)
  /** By entry: its place in the heap. */
  #places: Int32Array = new Int32Array(START)
  /** By place in the heap: time and entry. */
  #times: Float64Array = new Float64Array(START)
  #heap: Int32Array = new Int32Array(START)
  /** Open addressing: the entry + 1, 0 for an empty place. */
  #index: Int32Array = new Int32Array(2 * START)
  #size = 0
  #free: number[] = []
  #end = 0
  #count = 0

  get size(): number {
    return this.#size
  }

  /** The earliest time, +Infinity without a timer. */
  get next(): number {
    return this.#size === 0 ? Infinity : this.#times[0]!
  }

  /** The latest time, −Infinity without a timer. Looks at all of them. */
  get last(): number {
    let last = -Infinity
    for (let i = 0; i < this.#size; i++) if (this.#times[i]! > last) last = this.#times[i]!
    return last
  }

  get bytes(): number {
    return this.#heap.length * BYTES + this.#index.byteLength
  }

  /** False where there is such a timer already. */
  set(slot: number, time: number): boolean {
    if (this.#size === this.#heap.length) this.#grow()
    const place = this.#find(slot, time)
    if (this.#index[place] !== 0) return false
    const entry = this.#free.pop() ?? this.#end++
    this.#slots[entry] = slot
    this.#order[entry] = this.#count++
    this.#index[place] = entry + 1
    this.#rise(this.#size++, time, entry)
    return true
  }

  /** False where there is no such timer. */
  delete(slot: number, time: number): boolean {
    const place = this.#find(slot, time)
    const entry = this.#index[place]! - 1
    if (entry < 0) return false
    this.#removeAt(place)
    this.#take(this.#places[entry]!)
    return true
  }

  /** Takes the first timer out and gives its slot. There must be one. */
  pop(): number {
    const [entry, time] = [this.#heap[0]!, this.#times[0]!]
    const slot = this.#slots[entry]!
    this.#removeAt(this.#find(slot, time))
    this.#take(0)
    return slot
  }

  /** In the order they were set. */
  snapshot(): TimersState {
    const places = Int32Array.from({ length: this.#size }, (_, place) => place)
    places.sort((a, b) => this.#order[this.#heap[a]!]! - this.#order[this.#heap[b]!]!)
    return {
      times: Float64Array.from(places, place => this.#times[place]!),
      slots: Int32Array.from(places, place => this.#slots[this.#heap[place]!]!),
    }
  }

  restore({ times, slots }: TimersState): void {
    this.#size = 0
    this.#end = 0
    this.#free = []
    this.#index.fill(0)
    for (const [i, time] of times.entries()) this.set(slots[i]!, time)
  }

  // ---- the heap

  #rise(from: number, time: number, entry: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#before(time, entry, parent)) break
      this.#put(place, this.#times[parent]!, this.#heap[parent]!)
      place = parent
    }
    this.#put(place, time, entry)
  }

  /** Takes out what is at a place; the last one comes to stand there and finds its own place. */
  #take(from: number): void {
    this.#free.push(this.#heap[from]!)
    const size = --this.#size
    if (from === size) return
    const [time, entry] = [this.#times[size]!, this.#heap[size]!]
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && this.#before(this.#times[child + 1]!, this.#heap[child + 1]!, child)) child++
      if (this.#before(time, entry, child)) break
      this.#put(place, this.#times[child]!, this.#heap[child]!)
      place = child
    }
    if (place === from) this.#rise(place, time, entry)
    else this.#put(place, time, entry)
  }

  #before(time: number, entry: number, place: number): boolean {
    const other = this.#times[place]!
    return time < other || (time === other && this.#order[entry]! < this.#order[this.#heap[place]!]!)
  }

  #put(place: number, time: number, entry: number): void {
    this.#times[place] = time
    this.#heap[place] = entry
    this.#places[entry] = place
  }

  // ---- the index

  /** The place of a timer, or the empty place where it would be. */
  #find(slot: number, time: number): number {
    const mask = this.#index.length - 1
    let place = hashOf(slot, time) & mask
    for (;;) {
      const entry = this.#index[place]! - 1
      if (entry < 0) return place
      if (this.#slots[entry] === slot && this.#times[this.#places[entry]!] === time) return place
      place = (place + 1) & mask
    }
  }

  /** Shifts back what was pushed on past the place. */
  #removeAt(from: number): void {
    const [index, mask] = [this.#index, this.#index.length - 1]
    let hole = from
    let place = from
    for (;;) {
      place = (place + 1) & mask
      const entry = index[place]! - 1
      if (entry < 0) break
      const home = hashOf(this.#slots[entry]!, this.#times[this.#places[entry]!]!) & mask
      if (((place - home) & mask) < ((place - hole) & mask)) continue
      index[hole] = index[place]!
      hole = place
    }
    index[hole] = 0
  }

  #grow(): void {
    const length = 2 * this.#heap.length
    this.#slots = longer(this.#slots, length)
    this.#places = longer(this.#places, length)
    this.#heap = longer(this.#heap, length)
    this.#order = longerTimes(this.#order, length)
    this.#times = longerTimes(this.#times, length)
    this.#index = new Int32Array(2 * length)
    const mask = this.#index.length - 1
    for (let i = 0; i < this.#size; i++) {
      const entry = this.#heap[i]!
      let place = hashOf(this.#slots[entry]!, this.#times[i]!) & mask
      while (this.#index[place] !== 0) place = (place + 1) & mask
      this.#index[place] = entry + 1
    }
  }
}

export interface TimersState {
  readonly times: Float64Array
  readonly slots: Int32Array
}

const START = 16

/** Of one timer, without its places in the index. */
const BYTES = 4 + 8 + 4 + 8 + 4

function longer(array: Int32Array, length: number): Int32Array {
  const out = new Int32Array(length)
  out.set(array)
  return out
}

function longerTimes(array: Float64Array, length: number): Float64Array {
  const out = new Float64Array(length)
  out.set(array)
  return out
}

const FLOAT = new Float64Array(1)
const WORDS = new Int32Array(FLOAT.buffer)

function hashOf(slot: number, time: number): number {
  FLOAT[0] = time
  let hash = Math.imul(slot, 0x9e3779b1) ^ Math.imul(WORDS[0]!, 0x85ebca6b) ^ Math.imul(WORDS[1]!, 0xc2b2ae35)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}
