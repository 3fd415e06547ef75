import type { Join } from '../../plan/node.ts'
import { JoinKeys, type JoinKeysState } from '../state/join-keys.ts'
import type { KeyedRows, KeyedRowsState } from '../state/keyed-rows.ts'
import type { OpenWindows, OpenWindowsState } from '../time/open-windows.ts'

/** One side of a join that keeps rows until a time. */
export interface JoinSide {
  readonly rows: KeyedRows
  /** The kept rows by the time at which they go, rounded down to a grid. */
  readonly open: OpenWindows
}

/** What a join of two inputs keeps: the rows of both sides, and the numbers of the keys that they have in common. */
export class JoinSides<S extends JoinSide> {
  readonly keys: JoinKeys
  readonly both: readonly [S, S]

  constructor(on: Join['on'], left: S, right: S) {
    this.keys = new JoinKeys(on)
    this.both = [left, right]
  }

  get bytes(): number {
    return this.keys.bytes + this.both[0].rows.bytes + this.both[1].rows.bytes
  }

  /** Forgets keys of which neither side has a row. */
  sweep(): void {
    const [{ rows: left }, { rows: right }] = this.both
    this.keys.sweep(key => left.has(key) || right.has(key))
  }

  snapshot(): JoinSidesState {
    return {
      keys: this.keys.snapshot(),
      sides: this.both.map(({ rows, open }) => ({ rows: rows.snapshot(), open: open.snapshot() })),
    }
  }

  restore({ keys, sides }: JoinSidesState): void {
    this.keys.restore(keys)
    for (const [i, { rows, open }] of this.both.entries()) {
      rows.restore(sides[i]!.rows)
      open.restore(sides[i]!.open)
    }
  }
}

export interface JoinSidesState {
  readonly keys: JoinKeysState
  readonly sides: readonly { readonly rows: KeyedRowsState; readonly open: OpenWindowsState }[]
}
