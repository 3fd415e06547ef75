import type { Column } from '../../data/column.ts'
import { distribute } from './distribute.ts'
import { PAUSE_ROWS, rowNumbers } from './radix-sort.ts'
import { packedNumbers, sortNumbers, type SortNumbers } from './sort-key.ts'

/**
 * The order of rows by some keys, the first one first: NaN after every number, nulls last in either direction, text by
 * code point, and rows with equal keys as they stand. The first key's numbers are sorted with the row numbers beside them;
 * only where rows tie does the next key come in.
 */
export interface SortedRows {
  /** The row numbers in order. */
  readonly order: Int32Array
  /** By place: 1 where the row there has the keys of the row before it. */
  readonly ties: Uint8Array
}

export function* sortRows(
  columns: readonly Column[],
  descending: readonly boolean[],
  length: number,
): Generator<null, SortedRows> {
  const all: SortNumbers[] = []
  for (const [k, column] of columns.entries()) all.push(...(yield* sortNumbers(column, descending[k]!)))
  const keys = yield* packedNumbers(all)
  const order = rowNumbers(length)
  const ties = new Uint8Array(length).fill(1)
  if (length > 0) ties[0] = 0
  yield null
  // no one reads the first key's numbers once they are sorted: they need no copy
  if (keys.length > 0 && length > 1) yield* sorted(keys, 0, keys[0]!.values, order, ties, 0, length)
  return { order, ties }
}

/** Sorts a range of rows by a key, whose numbers stand beside them, and by the keys after it where they tie. */
function* sorted(
  keys: readonly SortNumbers[],
  level: number,
  values: Float64Array,
  order: Int32Array,
  ties: Uint8Array,
  from: number,
  to: number,
): Generator<null> {
  yield* distribute(values, order, from, to, keys[level]!.whole)
  let since = 0
  const last = level === keys.length - 1
  for (let start = from; start < to;) {
    const value = values[start]!
    let end = start + 1
    while (end < to && values[end] === value) end++
    if (start > from) ties[start] = 0
    if (!last && end - start > 1) {
      if (end - start <= FEW_TIES) insert(keys, level + 1, order, ties, start, end)
      else {
        const next = keys[level + 1]!.values
        for (let i = start; i < end; i++) values[i] = next[order[i]!]!
        yield* sorted(keys, level + 1, values, order, ties, start, end)
      }
    }
    since += end - start
    if (since >= PAUSE_ROWS) {
      since = 0
      yield null
    }
    start = end
  }
}

const FEW_TIES = 16

/** Puts a few rows in the order of the keys from `level` on. */
function insert(
  keys: readonly SortNumbers[],
  level: number,
  order: Int32Array,
  ties: Uint8Array,
  from: number,
  to: number,
): void {
  for (let i = from + 1; i < to; i++) {
    const row = order[i]!
    let j = i - 1
    while (j >= from && compared(keys, level, order[j]!, row) > 0) {
      order[j + 1] = order[j]!
      j--
    }
    order[j + 1] = row
  }
  for (let i = from + 1; i < to; i++) if (compared(keys, level, order[i - 1]!, order[i]!) !== 0) ties[i] = 0
}

function compared(keys: readonly SortNumbers[], level: number, a: number, b: number): number {
  for (let k = level; k < keys.length; k++) {
    const { values } = keys[k]!
    const [x, y] = [values[a]!, values[b]!]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}
