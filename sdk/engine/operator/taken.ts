import { concat, take, type Column } from '../../data/column.ts'

/** The rows of a column, fetched in pieces. */
export function* taken(column: Column, rows: Int32Array): Generator<null, Column> {
  if (rows.length <= TAKEN_ROWS) return take(column, rows)
  const pieces: Column[] = []
  for (let from = 0; from < rows.length; from += TAKEN_ROWS) {
    pieces.push(take(column, rows.subarray(from, from + TAKEN_ROWS)))
    yield null
  }
  return concat(pieces)
}

const TAKEN_ROWS = 1 << 17
