import { Batch } from '../../data/batch.ts'
import { concat, take, type Column, type FlatColumn } from '../../data/column.ts'
import type { Typed } from '../../expr/node.ts'
import type { Join } from '../../plan/node.ts'
import type { SlotRows } from '../state/slot-rows.ts'
import { OUTPUT_ROWS } from './operator.ts'

/**
 * The rows that a join of two sides in slots gives: pairs of slots are noted, −1 for a side that has no row, and made to
 * a batch when there are many or no more.
 */
export class JoinOutput {
  readonly #node: Join
  readonly #left: SlotRows
  readonly #right: SlotRows
  /** By left output column: the key whose value it has where the left row is missing, or −1. */
  readonly #keyOf: readonly number[]
  readonly #lefts = new Int32Array(OUTPUT_ROWS)
  readonly #rights = new Int32Array(OUTPUT_ROWS)
  readonly #kinds: Uint8Array | null
  #length = 0

  /** `changes`: the rows have kinds. */
  constructor(node: Join, left: SlotRows, right: SlotRows, changes: boolean) {
    this.#node = node
    this.#left = left
    this.#right = right
    const keepsRight = node.type === 'right' || node.type === 'full'
    const keys = node.on.map(pair => columnOf(pair.left))
    this.#keyOf = node.leftColumns.map(i => (keepsRight ? keys.indexOf(i) : -1))
    this.#kinds = changes ? new Uint8Array(OUTPUT_ROWS) : null
  }

  get full(): boolean {
    return this.#length === OUTPUT_ROWS
  }

  /** Notes a row. There must be room. */
  add(left: number, right: number, kind: number): void {
    this.#lefts[this.#length] = left
    this.#rights[this.#length] = right
    if (this.#kinds !== null) this.#kinds[this.#length] = kind
    this.#length++
  }

  /** The rows noted since the last call, or null. */
  take(): Batch | null {
    const length = this.#length
    if (length === 0) return null
    this.#length = 0
    const { schema, leftColumns, rightColumns } = this.#node
    const left = this.#left.take(leftColumns, this.#lefts, length)
    for (const [at, key] of this.#keyOf.entries()) if (key >= 0) left[at] = this.#keyColumn(key, length)
    const right = this.#right.take(rightColumns, this.#rights, length)
    return new Batch(schema, length, [...left, ...right], this.#kinds?.slice(0, length) ?? null)
  }

  /** A key's value on the side that is there. */
  #keyColumn(key: number, length: number): Column {
    const { left, right } = this.#node.on[key]!
    const lefts = widened(this.#left.take([columnOf(left)], this.#lefts, length)[0]!, left)
    const rights = widened(this.#right.take([columnOf(right)], this.#rights, length)[0]!, right)
    const rows = Int32Array.from({ length }, (_, i) => (this.#lefts[i]! >= 0 ? i : length + i))
    return take(concat([lefts, rights]), rows)
  }
}

/** The place of the column that a key is, or is widened from. */
function columnOf(key: Typed): number {
  const column = key.kind === 'cast' ? key.arg : key
  if (column.kind !== 'column') throw new TypeError('a key is a column')
  return column.index
}

function widened(column: Column, key: Typed): Column {
  if (key.kind !== 'cast') return column
  return {
    ...(column as FlatColumn),
    type: key.type,
    values: Float64Array.from((column as FlatColumn).values as Int32Array),
  }
}
