import type { Column } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'

/**
 * Which rows are the first of their keys. The table gives out slots in turn and takes none back, so that a row is the
 * first of its key when its slot is the next one.
 */
export class FirstRows {
  readonly #table: KeyTable
  #slots: Int32Array = new Int32Array(0)

  constructor(types: readonly Nullable[]) {
    this.#table = new KeyTable(types)
  }

  /** About how many bytes the keys take. */
  get bytes(): number {
    return this.#table.bytes
  }

  /** The rows whose keys are new, which they are no more. */
  take(keys: readonly Column[], length: number): Int32Array {
    let next = this.#table.end
    const slots = this.#room(length)
    this.#table.slots(keys, length, slots)
    const rows = new Int32Array(this.#table.end - next)
    for (let row = 0, count = 0; count < rows.length; row++) {
      if (slots[row] !== next) continue
      rows[count++] = row
      next++
    }
    return rows
  }

  /** The rows whose keys would be new. */
  others(keys: readonly Column[], length: number): Int32Array {
    const slots = this.#room(length)
    this.#table.find(keys, length, slots, { nulls: true })
    const rows = new Int32Array(length)
    let count = 0
    for (let row = 0; row < length; row++) if (slots[row]! < 0) rows[count++] = row
    return rows.subarray(0, count)
  }

  #room(length: number): Int32Array {
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    return this.#slots
  }

  snapshot(): KeyTableState {
    return this.#table.snapshot()
  }

  restore(state: KeyTableState): void {
    this.#table.restore(state)
  }
}
