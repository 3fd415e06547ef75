import { DELETE, INSERT, UPDATE_BEFORE, type Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import type { Changes, Join } from '../../plan/node.ts'
import { JOIN_VERBS } from '../../plan/verb/join.ts'
import { KeyedRows } from '../state/keyed-rows.ts'
import { coarseGrid } from '../time/grid.ts'
import { OpenWindows } from '../time/open-windows.ts'
import { compileProject } from '../vector/project.ts'
import { EventTimeReader } from './event-time.ts'
import { JoinOutput } from './join-output.ts'
import { JoinSides, type JoinSide, type JoinSidesState } from './join-sides.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Joins two inputs whose rows come and may be taken back, so that after every change what it has given amounts to the
 * join of the two tables that the inputs stand for. All rows are kept, each with the number of its partners: an outer row
 * is given with nulls while it has none, and a row of a semi or anti join is there or not by that number. With a time to
 * live, rows are forgotten once the watermark has passed their time by it; what was given of them stays.
 */
export class ChangelogJoin implements Operator {
  readonly #type: Join['type']
  readonly #kept: JoinSides<Side>
  readonly #output: JoinOutput
  readonly #ttl: number
  readonly #step: number
  #watermark = -Infinity

  constructor(node: Join & { readonly meets: Changes }) {
    const { type, left, right, on, meets } = node
    this.#type = type
    this.#ttl = meets.ttlMicros ?? Infinity
    this.#step = coarseGrid(this.#ttl).stepMicros
    const rows = [new KeyedRows(left.schema), new KeyedRows(right.schema)] as const
    const timesOf = (input: typeof left, side: string): EventTimeReader | null =>
      meets.ttlMicros === null || input.time === null
        ? null
        : new EventTimeReader(input.time, input.schema, `join, ${side} side`)
    this.#kept = new JoinSides(
      on,
      {
        rows: rows[0],
        keys: compileProject(
          on.map(key => key.left),
          left.schema,
        ),
        times: timesOf(left, 'left'),
        keepsAll: type === 'left' || type === 'full',
        open: new OpenWindows(),
      },
      {
        rows: rows[1],
        keys: compileProject(
          on.map(key => key.right),
          right.schema,
        ),
        times: timesOf(right, 'right'),
        keepsAll: type === 'right' || type === 'full',
        open: new OpenWindows(),
      },
    )
    this.#output = new JoinOutput(node, rows[0].rows, rows[1].rows, node.frameKind === 'updating')
  }

  get heldBytes(): number {
    return this.#kept.bytes
  }

  *process(batch: Batch, input: number): Generator<Step> {
    const side = this.#kept.both[input]!
    const { length, kinds } = batch
    const slots = new Int32Array(length)
    side.rows.put(
      batch.columns,
      Int32Array.from({ length }, (_, row) => row),
      length,
      slots,
    )
    const keys = new Int32Array(length)
    this.#kept.keys.number(side.keys(batch), length, keys)
    for (const each of this.#kept.both) each.rows.reserve(this.#kept.keys.end)
    const times = side.times?.of(batch) ?? null
    const [kept, ends, gone]: [number[], number[], number[]] = [[], [], []]
    for (let row = 0; row < length; row++) {
      const [slot, key] = [slots[row]!, keys[row]!]
      if (this.#output.full) yield* this.#output.taken()
      const end = times === null ? Infinity : times[row]! + this.#ttl
      if (kinds !== null && (kinds[row] === UPDATE_BEFORE || kinds[row] === DELETE)) {
        gone.push(slot)
        const old = key < 0 ? slot : this.#find(side.rows, key, batch, row)
        if (old < 0) continue
        side.rows.unlink(old)
        this.#change(input, old, key, DELETE)
        // the slot of a row that has an end is freed with the others of its time
        if (key >= 0 && times === null) gone.push(old)
        continue
      }
      this.#change(input, slot, key, INSERT)
      if (key < 0 || end < this.#watermark) {
        gone.push(slot)
        continue
      }
      side.rows.insert(slot, key, 0)
      if (times === null) continue
      kept.push(slot)
      ends.push(Math.floor(end / this.#step) * this.#step)
    }
    side.open.note(Float64Array.from(ends), Int32Array.from(kept), kept.length, side.rows.rows.end)
    yield* this.#output.taken()
    for (const slot of gone) side.rows.rows.free(slot)
    this.#kept.sweep()
  }

  /** The last row of a key that equals one that is taken back; −1 where it was forgotten. */
  #find(rows: KeyedRows, key: number, batch: Batch, row: number): number {
    let slot = rows.last(key)
    while (slot >= 0 && !rows.rows.equals(slot, batch.columns, row)) slot = rows.before(slot)
    if (slot >= 0 || this.#ttl < Infinity) return slot
    const text = `${JOIN_VERBS[this.#type]}: a row is taken back that did not come before, or was taken back already. A source of changes must give each row before it takes it back.`
    throw new DataError('unknown-row', text, { row })
  }

  /** What changes as a row comes or goes, which is in no list itself. */
  #change(input: number, slot: number, key: number, kind: typeof INSERT | typeof DELETE): void {
    const [side, other] = input === 0 ? this.#kept.both : [this.#kept.both[1], this.#kept.both[0]]
    const isHalf = this.#type === 'semi' || this.#type === 'anti'
    const output = this.#output
    const { next, partners } = other.rows
    let found = 0
    for (let partner = key < 0 ? -1 : other.rows.first(key); partner >= 0; partner = next[partner]!) {
      found++
      const count = partners[partner]! + (kind === INSERT ? 1 : -1)
      partners[partner] = count
      const turns = kind === INSERT ? count === 1 : count === 0
      if (isHalf) {
        if (input === 1 && turns)
          output.add(partner, -1, (kind === INSERT) === (this.#type === 'semi') ? INSERT : DELETE)
        continue
      }
      if (turns && other.keepsAll && kind === INSERT) this.#give(input, -1, partner, DELETE)
      this.#give(input, slot, partner, kind)
      if (turns && other.keepsAll && kind === DELETE) this.#give(input, -1, partner, INSERT)
    }
    side.rows.partners[slot] = found
    if (isHalf) {
      if (input === 0 && found > 0 === (this.#type === 'semi')) output.add(slot, -1, kind)
    } else if (found === 0 && side.keepsAll) this.#give(input, slot, -1, kind)
  }

  #give(input: number, slot: number, partner: number, kind: number): void {
    if (input === 0) this.#output.add(slot, partner, kind)
    else this.#output.add(partner, slot, kind)
  }

  watermark(time: number): Steps {
    if (this.#ttl === Infinity) return NOTHING
    const reached = time === Infinity ? time : Math.floor(time / this.#step) * this.#step
    if (reached <= this.#watermark) return NOTHING
    this.#watermark = reached
    for (const { rows, open } of this.#kept.both) {
      for (const start of open.due(reached - this.#step)) {
        for (const slot of open.close(start)) {
          rows.unlink(slot)
          rows.rows.free(slot)
        }
      }
    }
    this.#kept.sweep()
    return NOTHING
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): ChangelogJoinState {
    return { watermark: this.#watermark, kept: this.#kept.snapshot() }
  }

  restore(state: unknown): void {
    const { watermark, kept } = state as ChangelogJoinState
    this.#watermark = watermark
    this.#kept.restore(kept)
  }
}

interface Side extends JoinSide {
  readonly keys: (batch: Batch) => Column[]
  /** Null where rows stay for ever. */
  readonly times: EventTimeReader | null
  /** Rows without a partner are given too. */
  readonly keepsAll: boolean
}

interface ChangelogJoinState {
  readonly watermark: number
  readonly kept: JoinSidesState
}
