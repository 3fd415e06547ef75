import { concat, take, type Column } from '../../data/column.ts'
import type { SpillFile } from '../state/spill.ts'

/**
 * Merges files of sorted rows into one order with a heap of the rows that are next, and removes the files. Rows that the
 * comparison does not tell apart come in the order of their files. Of each file one record is in memory.
 */
export function* mergeRuns<R extends Rows>(
  runs: readonly SpillFile<R>[],
  keysOf: (rows: R) => readonly Column[],
  compare: Comparison,
  outputRows: number,
): Generator<Rows> {
  const heap: Cursor<R>[] = []
  for (const [order, run] of runs.entries()) {
    const cursor = { order, records: run.read(), rows: { length: 0, columns: [] }, keys: [], row: 0 }
    if (advance(cursor, keysOf)) heap.push(cursor)
  }
  const less = (a: Cursor<R>, b: Cursor<R>): boolean => {
    const found = compare(a.keys, a.row, b.keys, b.row)
    return found < 0 || (found === 0 && a.order < b.order)
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, less)
  const answer = new Gathered(outputRows)
  while (heap.length > 0) {
    const cursor = heap[0]!
    answer.add(cursor.rows, cursor.row++)
    if (cursor.row === cursor.rows.length && !advance(cursor, keysOf)) {
      const last = heap.pop()!
      if (heap.length > 0) heap[0] = last
    }
    if (heap.length > 0) sink(heap, 0, less)
    if (answer.length === outputRows) yield answer.rows()
  }
  if (answer.length > 0) yield answer.rows()
  for (const run of runs) run.remove()
}

/** Some rows as columns. */
export interface Rows {
  readonly length: number
  readonly columns: readonly Column[]
}

/** Below 0 where row `i` of keys goes before row `j` of others. */
export type Comparison = (a: readonly Column[], i: number, b: readonly Column[], j: number) => number

/** A run as it is read: the record at hand, its keys, and the row that is next. */
interface Cursor<R> {
  readonly order: number
  readonly records: Iterator<R, void>
  rows: Rows
  keys: readonly Column[]
  row: number
}

function advance<R extends Rows>(cursor: Cursor<R>, keysOf: (rows: R) => readonly Column[]): boolean {
  const next = cursor.records.next()
  if (next.done === true) return false
  cursor.rows = next.value
  cursor.keys = keysOf(next.value)
  cursor.row = 0
  return true
}

function sink<T>(heap: T[], from: number, less: (a: T, b: T) => boolean): void {
  for (let at = from; ;) {
    const left = 2 * at + 1
    if (left >= heap.length) return
    const right = left + 1
    const least = right < heap.length && less(heap[right]!, heap[left]!) ? right : left
    if (!less(heap[least]!, heap[at]!)) return
    const moved = heap[at]!
    heap[at] = heap[least]!
    heap[least] = moved
    at = least
  }
}

/** Rows of several records on their way into one. */
class Gathered {
  #places = new Map<Rows, number>()
  #parts: Rows[] = []
  readonly #from: Int32Array
  readonly #row: Int32Array
  length = 0

  constructor(rows: number) {
    this.#from = new Int32Array(rows)
    this.#row = new Int32Array(rows)
  }

  add(part: Rows, row: number): void {
    let place = this.#places.get(part)
    if (place === undefined) {
      place = this.#parts.length
      this.#places.set(part, place)
      this.#parts.push(part)
    }
    this.#from[this.length] = place
    this.#row[this.length++] = row
  }

  rows(): Rows {
    const starts: number[] = []
    let rows = 0
    for (const part of this.#parts) {
      starts.push(rows)
      rows += part.length
    }
    const { length } = this
    const order = Int32Array.from({ length }, (_, i) => starts[this.#from[i]!]! + this.#row[i]!)
    const columns = this.#parts[0]!.columns.map((_, c) =>
      take(concat(this.#parts.map(part => part.columns[c]!)), order, length),
    )
    this.length = 0
    this.#parts = []
    this.#places = new Map()
    return { length, columns }
  }
}
