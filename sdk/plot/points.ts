import { DELETE, UPDATE_AFTER, UPDATE_BEFORE, type Batch } from '../data/batch.ts'
import type { Field } from '../data/type.ts'
import { PlotColumn } from './plot-column.ts'

/** The rows that a plot keeps: bounded in number or in time, with corrections applied. */

/** How much of a frame that is. */
export interface Extent {
  /** Rows at most: the ones that came last. */
  readonly most: number
  /** Of an x that is a time: how far back from the latest, in milliseconds. */
  readonly lastMs: number | null
}

/**
 * The rows that a plot shows, in columns: those of a bounded extent, in the order they came. A retracted row is taken
 * out, and the row that replaces it takes its place. Older rows go, and `dropped` counts them, so that a figure can say
 * so. Work for each row is constant on average.
 */
export class Points {
  readonly columns: readonly PlotColumn[]
  readonly #x: PlotColumn
  readonly #extent: Extent
  #length = 0
  #live = new Uint8Array(64)
  #dead = 0
  #settled = 0
  #latest = -Infinity
  #index: RowIndex | null = null
  #dropped = 0

  /** `extent.lastMs` counts on the column `x`. */
  constructor(fields: readonly Field[], x: string, extent: Extent) {
    this.columns = fields.map(field => new PlotColumn(field.name, field.type))
    this.#x = this.column(x)
    this.#extent = extent
  }

  column(name: string): PlotColumn {
    return this.columns.find(column => column.name === name)!
  }

  /** Rows that are kept, once settled. */
  get length(): number {
    return this.#length - this.#dead
  }

  /** Rows that came and did not fit. */
  get dropped(): number {
    return this.#dropped
  }

  add(batch: Batch): void {
    const base = this.#length
    for (const column of this.columns) column.put(batch.column(column.name), base)
    this.#reserve(base + batch.length)
    if (batch.kinds === null) {
      this.#length += batch.length
      this.#live.fill(1, base, this.#length)
      if (this.#index !== null) for (let row = base; row < this.#length; row++) this.#index.add(row)
    } else this.#apply(batch.kinds, base, batch.length)
    if (this.#extent.lastMs !== null) {
      for (let row = base; row < this.#length; row++) {
        if (this.#x.values[row]! > this.#latest) this.#latest = this.#x.values[row]!
      }
    }
    if (this.#length > 2 * this.#settled + 4096) this.settle()
  }

  /** Lets go of what the extent no longer holds. Afterwards the rows are those from 0 to `length`. */
  settle(): void {
    const { most, lastMs } = this.#extent
    const from = lastMs === null ? -Infinity : this.#latest - lastMs
    const x = this.#x.values
    const rows = new Int32Array(this.length)
    let n = 0
    for (let row = 0; row < this.#length; row++) if (this.#live[row] === 1 && !(x[row]! < from)) rows[n++] = row
    const kept = rows.subarray(Math.max(0, n - most), n)
    this.#dropped += this.length - kept.length
    if (kept.length < this.#length) {
      for (const column of this.columns) column.keep(kept)
      this.#live.fill(1, 0, kept.length)
      this.#index = null
    }
    this.#length = kept.length
    this.#dead = 0
    this.#settled = kept.length
  }

  /** Rows that were written behind the last one are taken in or take a row out, in order. */
  #apply(kinds: Uint8Array, base: number, count: number): void {
    const freed: number[] = []
    let nextFreed = 0
    for (let row = base; row < base + count; row++) {
      const kind = kinds[row - base]!
      if (kind === UPDATE_BEFORE || kind === DELETE) {
        this.#index ??= this.#indexed()
        const found = this.#index.take(row)
        if (found < 0) {
          if (this.#dropped > 0) this.#dropped-- // it had come, and did not fit
          continue
        }
        this.#live[found] = 0
        this.#dead++
        if (kind === UPDATE_BEFORE) freed.push(found)
      } else {
        const reuse = kind === UPDATE_AFTER && nextFreed < freed.length
        if (reuse) this.#dead--
        const to = reuse ? freed[nextFreed++]! : this.#length++
        for (const { values } of this.columns) values[to] = values[row]!
        this.#live[to] = 1
        this.#index?.add(to)
      }
    }
  }

  #indexed(): RowIndex {
    const index = new RowIndex(this.columns)
    for (let row = 0; row < this.#length; row++) if (this.#live[row] === 1) index.add(row)
    return index
  }

  #reserve(length: number): void {
    if (length <= this.#live.length) return
    const grown = new Uint8Array(Math.max(length, 2 * this.#live.length))
    grown.set(this.#live)
    this.#live = grown
  }
}

/** Finds rows by all their values: the latest of equal ones first. Chains of positions by hash. */
class RowIndex {
  readonly #columns: readonly PlotColumn[]
  #heads = new Int32Array(1024).fill(-1)
  #next = new Int32Array(1024)
  #count = 0

  constructor(columns: readonly PlotColumn[]) {
    this.#columns = columns
  }

  add(row: number): void {
    if (this.#count >= this.#heads.length) this.#rehash()
    if (row >= this.#next.length) {
      const grown = new Int32Array(Math.max(row + 1, 2 * this.#next.length))
      grown.set(this.#next)
      this.#next = grown
    }
    const slot = this.#hash(row) & (this.#heads.length - 1)
    this.#next[row] = this.#heads[slot]!
    this.#heads[slot] = row
    this.#count++
  }

  /** Takes out a row equal to the one at `row`, and gives its position, or -1. */
  take(row: number): number {
    const slot = this.#hash(row) & (this.#heads.length - 1)
    let before = -1
    for (let at = this.#heads[slot]!; at >= 0; at = this.#next[at]!) {
      if (this.#equal(at, row)) {
        if (before < 0) this.#heads[slot] = this.#next[at]!
        else this.#next[before] = this.#next[at]!
        this.#count--
        return at
      }
      before = at
    }
    return -1
  }

  #equal(a: number, b: number): boolean {
    return this.#columns.every(({ values }) => Object.is(values[a], values[b]))
  }

  #hash(row: number): number {
    let hash = 0
    for (const { values } of this.#columns) {
      number[0] = values[row]!
      hash = Math.imul(hash ^ bits[0]!, 0x85ebca6b)
      hash = Math.imul(hash ^ bits[1]! ^ (hash >>> 15), 0xc2b2ae35)
      hash ^= hash >>> 13
    }
    return hash ^ (hash >>> 16)
  }

  #rehash(): void {
    const rows: number[] = []
    for (const head of this.#heads) {
      const chain: number[] = []
      for (let at = head; at >= 0; at = this.#next[at]!) chain.push(at)
      for (let i = chain.length - 1; i >= 0; i--) rows.push(chain[i]!)
    }
    this.#heads = new Int32Array(2 * this.#heads.length).fill(-1)
    this.#count = 0
    for (const row of rows) this.add(row)
  }
}

const number = new Float64Array(1)
const bits = new Int32Array(number.buffer)
