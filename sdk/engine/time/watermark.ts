import { DataError, PlanError } from '../../data/errors.ts'
import type { WatermarkGenerator, WatermarkStrategy } from '../../data/watermark-strategy.ts'
import { pointAfter, type Grid } from './grid.ts'

/**
 * The watermark that rows make themselves: the largest time seen − bound, or what a generator of the user's makes of their
 * times. Rows that follow with a time whose window ends at or before it are late. Times are read in the order of the rows.
 */
export class WatermarkTracker {
  readonly #bound: number
  readonly #maxAhead: number
  readonly #generator: WatermarkGenerator | null
  readonly #grid: Grid | null
  /** What the watermark is, and the bound. */
  #largest = -Infinity
  #clamped = 0
  /** The first time of the grid that the watermark has not reached. */
  #next: number

  constructor({ boundMicros, strategy = {} }: RowTime, grid: Grid | null) {
    this.#bound = boundMicros
    this.#maxAhead = strategy.maxAheadMicros ?? Infinity
    this.#generator = strategy.custom === undefined ? null : checked(strategy.custom())
    this.#grid = grid
    this.#next = this.#after(-Infinity)
  }

  /** −Infinity before the first row. */
  get watermark(): number {
    return this.#largest - this.#bound
  }

  /** Rows whose time was too far ahead to be believed. */
  get clamped(): number {
    return this.#clamped
  }

  /** Takes rows from `from` on until the watermark reaches a time of the grid; gives the row after the last taken. */
  advance(times: Float64Array, from: number, length: number): number {
    if (this.#generator !== null) return this.#advanceBy(this.#generator, times, from, length)
    let largest = this.#largest
    const limit = this.#next + this.#bound
    const maxAhead = this.#maxAhead
    for (let row = from; row < length; row++) {
      let time = times[row]!
      if (time <= largest) continue
      if (time - largest > maxAhead && largest !== -Infinity) {
        time = largest + maxAhead
        this.#clamped++
      }
      largest = time
      if (time < limit) continue
      this.#reach(largest)
      return row + 1
    }
    this.#largest = largest
    return length
  }

  #advanceBy(generator: WatermarkGenerator, times: Float64Array, from: number, length: number): number {
    for (let row = from; row < length; row++) {
      const watermark = made(generator, times[row]!, row)
      if (watermark <= this.#largest) continue
      this.#largest = watermark
      if (watermark < this.#next) continue
      this.#reach(watermark)
      return row + 1
    }
    return length
  }

  #reach(largest: number): void {
    this.#largest = largest
    this.#next = this.#after(largest - this.#bound)
  }

  #after(time: number): number {
    return this.#grid === null ? Infinity : pointAfter(this.#grid, time)
  }

  snapshot(): TrackerState {
    return { largest: this.#largest, clamped: this.#clamped, generator: this.#generator?.snapshot?.() ?? null }
  }

  restore({ largest, clamped, generator }: TrackerState): void {
    this.#clamped = clamped
    if (generator !== null) this.#generator?.restore?.(generator)
    this.#reach(largest)
  }
}

interface RowTime {
  readonly boundMicros: number
  readonly strategy?: WatermarkStrategy
}

export interface TrackerState {
  readonly largest: number
  readonly clamped: number
  readonly generator: unknown
}

function checked(generator: unknown): WatermarkGenerator {
  const found = generator as Partial<WatermarkGenerator> | null | undefined
  if (typeof found?.onRow === 'function' && typeof found.watermark === 'function') return found as WatermarkGenerator
  const text = 'watermark: custom gave no generator. It gives an object with the functions onRow(time) and watermark().'
  throw new PlanError('bad-option', text, { option: 'custom' })
}

function made(generator: WatermarkGenerator, time: number, row: number): number {
  let watermark: unknown
  try {
    generator.onRow(time)
    watermark = generator.watermark()
  } catch (error) {
    const text = `watermark: the custom generator failed: ${error instanceof Error ? error.message : String(error)}`
    throw new DataError('user-function', text, { row }, error)
  }
  if (typeof watermark === 'number' && watermark < Infinity) return watermark
  const found = typeof watermark === 'bigint' ? `the bigint ${watermark}` : String(watermark)
  const text = `watermark: the custom generator gave ${found}. It gives microseconds since the epoch as a number, or -Infinity before the first.`
  throw new DataError('user-function', text, { row })
}
