import { Batch } from '../../data/batch.ts'
import { concat, take, type Column, type FlatColumn } from '../../data/column.ts'
import type { Typed } from '../../expr/node.ts'
import type { Join } from '../../plan/node.ts'
import type { SlotRows } from '../state/slot-rows.ts'
import { OUTPUT_ROWS } from './operator.ts'

/**
 * The rows that a join of two sides in slots gives: pairs of slots are noted, −1 for a side that has no row, and made to
 * batches when there are many or no more.
 */
export class JoinOutput {
  readonly #node: Joining
  readonly #left: SlotRows
  readonly #right: SlotRows
  /** By left output column: the key whose value it has where the left row is missing, or −1. */
  readonly #keyOf: readonly number[]
  #lefts = new Int32Array(1024)
  #rights = new Int32Array(1024)
  #kinds: Uint8Array | null
  #length = 0

  /** `changes`: the rows have kinds. */
  constructor(node: Joining, left: SlotRows, right: SlotRows, changes: boolean) {
    this.#node = node
    this.#left = left
    this.#right = right
    const keepsRight = node.type === 'right' || node.type === 'full'
    const keys = node.on.map(pair => columnOf(pair.left))
    this.#keyOf = node.leftColumns.map(i => (keepsRight ? keys.indexOf(i) : -1))
    this.#kinds = changes ? new Uint8Array(1024) : null
  }

  /** True when there are enough rows for a batch. */
  get full(): boolean {
    return this.#length >= OUTPUT_ROWS
  }

  /** Notes a row. */
  add(left: number, right: number, kind: number): void {
    if (this.#length === this.#lefts.length) this.#grow()
    this.#lefts[this.#length] = left
    this.#rights[this.#length] = right
    if (this.#kinds !== null) this.#kinds[this.#length] = kind
    this.#length++
  }

  #grow(): void {
    const longer = <T extends Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    const length = 2 * this.#length
    this.#lefts = longer(this.#lefts, new Int32Array(length))
    this.#rights = longer(this.#rights, new Int32Array(length))
    if (this.#kinds !== null) this.#kinds = longer(this.#kinds, new Uint8Array(length))
  }

  /** The rows noted since they were last taken, in pieces. Their slots must not be freed before. */
  *taken(): Generator<Batch> {
    for (let from = 0; from < this.#length; from += OUTPUT_ROWS) {
      yield this.#batch(from, Math.min(this.#length, from + OUTPUT_ROWS))
    }
    this.#length = 0
  }

  #batch(from: number, to: number): Batch {
    const { schema, leftColumns, rightColumns } = this.#node
    const length = to - from
    const [lefts, rights] = [this.#lefts.subarray(from, to), this.#rights.subarray(from, to)]
    const left = this.#left.take(leftColumns, lefts, length)
    for (const [at, key] of this.#keyOf.entries()) if (key >= 0) left[at] = this.#keyColumn(key, lefts, rights)
    const right = this.#right.take(rightColumns, rights, length)
    return new Batch(schema, length, [...left, ...right], this.#kinds?.slice(from, to) ?? null)
  }

  /** A key's value on the side that is there. */
  #keyColumn(key: number, leftSlots: Int32Array, rightSlots: Int32Array): Column {
    const { left, right } = this.#node.on[key]!
    const { length } = leftSlots
    const lefts = widened(this.#left.take([columnOf(left)], leftSlots, length)[0]!, left)
    const rights = widened(this.#right.take([columnOf(right)], rightSlots, length)[0]!, right)
    const rows = Int32Array.from({ length }, (_, i) => (leftSlots[i]! >= 0 ? i : length + i))
    return take(concat([lefts, rights]), rows)
  }
}

type Joining = Pick<Join, 'type' | 'on' | 'schema' | 'leftColumns' | 'rightColumns'>

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
