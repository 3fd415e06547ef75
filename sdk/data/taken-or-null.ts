import { columnOf } from './builder.ts'
import { flatArray, take, type Column } from './column.ts'
import type { DataType } from './type.ts'

/** Rows of a column by their numbers, null where the number is −1: what an outer join gives of the side that lacks a row. */
export function takenOrNull(column: Column, rows: Int32Array, length: number): Column {
  if (column.length === 0) return nulls(column.type, length)
  const [some, valid] = [new Int32Array(length), new Uint8Array(length)]
  let missing = 0
  for (let i = 0; i < length; i++) {
    const row = rows[i]!
    some[i] = row < 0 ? 0 : row
    valid[i] = row < 0 ? 0 : 1
    missing += row >>> 31
  }
  const each = take(column, some, length)
  if (missing === 0) return each
  if (each.valid === null) return { ...each, valid }
  for (let i = 0; i < length; i++) valid[i]! &= each.valid[i]!
  return { ...each, valid }
}

/** A column of nulls. */
export function nulls(type: DataType, length: number): Column {
  const valid = new Uint8Array(length)
  if (type.kind === 'utf8') return { layout: 'text', type, length, valid, strings: [''], codes: new Int32Array(length) }
  if (FLAT.has(type.kind)) return { layout: 'flat', type, length, valid, values: flatArray(type, length) }
  return columnOf(type, new Array<null>(length).fill(null))
}

const FLAT: ReadonlySet<DataType['kind']> = new Set(
  'bool int32 int64 bigint float32 float64 decimal timestamp date duration'.split(' ') as DataType['kind'][],
)
