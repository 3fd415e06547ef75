import type { Column } from '../../data/column.ts'
import { ordinals } from './ordinal.ts'
import { radixSort, rowNumbers } from './radix-sort.ts'

/**
 * The order of rows by some keys, the first one first: NaN after every number, nulls last in either direction, text by
 * code point, and rows with equal keys as they stand.
 */
export interface SortedRows {
  /** The row numbers in order. */
  readonly order: Int32Array
  /** By place: 1 where the row there has the keys of the row before it. */
  readonly ties: Uint8Array
}

export function* sortRows(
  keys: readonly Column[],
  descending: readonly boolean[],
  length: number,
): Generator<null, SortedRows> {
  let order = rowNumbers(length)
  const all: Int32Array[] = []
  for (let k = keys.length - 1; k >= 0; k--) {
    const words = yield* ordinals(keys[k]!, descending[k]!)
    for (const word of words) order = yield* radixSort(order, word)
    all.push(...words)
  }
  const ties = new Uint8Array(length).fill(1)
  if (length > 0) ties[0] = 0
  for (const word of all) {
    for (let i = 1; i < length; i++) if (word[order[i]!] !== word[order[i - 1]!]) ties[i] = 0
    yield null
  }
  return { order, ties }
}
