import type { Column } from '../../data/column.ts'
import type { Nullable } from '../../data/type.ts'
import { KeyTable, type KeyTableState } from './key-table.ts'

/**
 * The keys of both sides of a join whose rows come and go, under numbers. Keys without rows are taken out when there are
 * as many as there were keys, so that keys which never come again leave memory flat and others keep their numbers.
 */
export class JoinKeys {
  readonly #table: KeyTable
  /** By key: 1 while its number is given out. */
  #live: Uint8Array = new Uint8Array(0)
  /** Keys at which those without rows are looked for. */
  #limit = LEAST

  constructor(on: readonly { readonly left: Nullable; readonly right: Nullable }[]) {
    this.#table = new KeyTable(
      on.map(({ left, right }) => ({ type: left.type, nullable: left.nullable || right.nullable })),
    )
  }

  /** Every number is below this. */
  get end(): number {
    return this.#table.end
  }

  get bytes(): number {
    return this.#table.bytes
  }

  /** The number of each row's key, a new one where the key is new; −1 where a part of it is null. */
  number(columns: readonly Column[], length: number, out: Int32Array): void {
    this.#table.slots(columns, length, out)
    if (this.#live.length < this.end) {
      const live = new Uint8Array(2 * this.end)
      live.set(this.#live)
      this.#live = live
    }
    for (let row = 0; row < length; row++) this.#live[out[row]!] = 1
    for (const { valid } of columns) {
      if (valid !== null) for (let row = 0; row < length; row++) if (valid[row] === 0) out[row] = -1
    }
  }

  /** Takes out keys that have no rows, once there are many. */
  sweep(hasRows: (key: number) => boolean): void {
    if (this.#table.size < this.#limit) return
    const gone: number[] = []
    for (let key = 0; key < this.end; key++) if (this.#live[key] === 1 && !hasRows(key)) gone.push(key)
    for (const key of gone) this.#live[key] = 0
    if (gone.length > 0) this.#table.remove(Int32Array.from(gone), gone.length)
    this.#limit = Math.max(LEAST, 2 * this.#table.size)
  }

  snapshot(): JoinKeysState {
    return { table: this.#table.snapshot(), live: this.#live.slice(), limit: this.#limit }
  }

  restore({ table, live, limit }: JoinKeysState): void {
    this.#table.restore(table)
    this.#live = live.slice()
    this.#limit = limit
  }
}

export interface JoinKeysState {
  readonly table: KeyTableState
  readonly live: Uint8Array
  readonly limit: number
}

/** Fewer keys are not looked through. */
const LEAST = 4096
