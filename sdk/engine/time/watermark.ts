import { pointAfter, type Grid } from './grid.ts'

/**
 * The watermark that rows make themselves: the largest time seen − bound. Rows that follow with a time whose window
 * ends at or before it are late. Times are read in the order of the rows.
 */
export class WatermarkTracker {
  readonly #bound: number
  readonly #grid: Grid | null
  #largest = -Infinity
  /** The first time of the grid that the watermark has not reached. */
  #next: number

  constructor(boundMicros: number, grid: Grid | null) {
    this.#bound = boundMicros
    this.#grid = grid
    this.#next = this.#after(-Infinity)
  }

  /** −Infinity before the first row. */
  get watermark(): number {
    return this.#largest - this.#bound
  }

  /** Takes rows from `from` on until the watermark reaches a time of the grid; gives the row after the last taken. */
  advance(times: Float64Array, from: number, length: number): number {
    let largest = this.#largest
    const limit = this.#next + this.#bound
    for (let row = from; row < length; row++) {
      const time = times[row]!
      if (time <= largest) continue
      largest = time
      if (time < limit) continue
      this.#largest = largest
      this.#next = this.#after(largest - this.#bound)
      return row + 1
    }
    this.#largest = largest
    return length
  }

  #after(time: number): number {
    return this.#grid === null ? Infinity : pointAfter(this.#grid, time)
  }

  snapshot(): number {
    return this.#largest
  }

  restore(largest: number): void {
    this.#largest = largest
    this.#next = this.#after(largest - this.#bound)
  }
}
