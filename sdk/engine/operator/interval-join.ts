import { INSERT, type Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Interval, Join } from '../../plan/node.ts'
import { KeyedRows } from '../state/keyed-rows.ts'
import { intervalGrid } from '../time/grid.ts'
import { OpenWindows } from '../time/open-windows.ts'
import { compileProject } from '../vector/project.ts'
import { EventTimeReader } from './event-time.ts'
import { JoinOutput } from './join-output.ts'
import { JoinSides, type JoinSide, type JoinSidesState } from './join-sides.ts'
import { LateCount } from './late-count.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Pairs rows of two inputs whose keys are equal and whose times are within an interval of each other. Both sides are
 * kept by key; a row meets the rows of the other side that have come and is kept for those that may come. It goes when
 * the watermark says that none can, and is given without a partner then where its side keeps such rows. Watermarks are
 * rounded down to a grid, so that what is late does not depend on how the rows were cut into batches.
 */
export class IntervalJoin implements Operator {
  readonly #type: Join['type']
  readonly #kept: JoinSides<Side>
  readonly #output: JoinOutput
  readonly #step: number
  /** How far the time of a row that comes out lies behind the watermark. */
  readonly #behind: number
  readonly #late = new LateCount()
  #watermark = -Infinity

  constructor(node: Join & { readonly meets: Interval }) {
    const { type, left, right, on, meets } = node
    const { lowerMicros, upperMicros } = meets
    this.#type = type
    this.#step = intervalGrid(lowerMicros, upperMicros).stepMicros
    const rows = [new KeyedRows(left.schema), new KeyedRows(right.schema)] as const
    const keptLeft = type === 'left' || type === 'full' || type === 'anti'
    const keys = on.map(key => key.left)
    const rightKeys = on.map(key => key.right)
    this.#kept = new JoinSides(
      on,
      {
        rows: rows[0],
        keys: compileProject(keys, left.schema),
        times: new EventTimeReader(left.time!, left.schema, 'join, left side'),
        lower: lowerMicros,
        upper: upperMicros,
        keepsAll: keptLeft,
        open: new OpenWindows(),
      },
      {
        rows: rows[1],
        keys: compileProject(rightKeys, right.schema),
        times: new EventTimeReader(right.time!, right.schema, 'join, right side'),
        lower: -upperMicros,
        upper: -lowerMicros,
        keepsAll: type === 'right' || type === 'full',
        open: new OpenWindows(),
      },
    )
    this.#output = new JoinOutput(node, rows[0].rows, rows[1].rows, false)
    this.#behind = Math.max(0, type === 'right' ? -lowerMicros : upperMicros)
  }

  get heldBytes(): number {
    return this.#kept.bytes
  }

  *process(batch: Batch, input: number): Generator<Step> {
    const [side, other] = input === 0 ? this.#kept.both : [this.#kept.both[1], this.#kept.both[0]]
    const partners = other.rows
    const times = side.times.of(batch)
    const rows = this.#inTime(times, batch.length)
    const { length } = rows
    const slots = new Int32Array(length)
    side.rows.put(batch.columns, rows, length, slots)
    const keys = new Int32Array(batch.length)
    this.#kept.keys.number(side.keys(batch), batch.length, keys)
    for (const each of this.#kept.both) each.rows.reserve(this.#kept.keys.end)
    const half = this.#type === 'semi' || this.#type === 'anti'
    const [kept, ends, gone]: [number[], number[], number[]] = [[], [], []]
    for (let i = 0; i < length; i++) {
      const [row, slot] = [rows[i]!, slots[i]!]
      const [key, time] = [keys[row]!, times[row]!]
      let found = 0
      if (key >= 0) {
        const last = time + side.upper
        let partner = partners.from(key, time + side.lower)
        while (partner >= 0 && partners.times[partner]! <= last) {
          const after = partners.next[partner]!
          found++
          if (!half) {
            partners.partners[partner]!++
            this.#give(input, slot, partner)
          } else if (input === 0) break
          else {
            // a left row that has met one partner is done with, and its slot goes with its time
            partners.unlink(partner)
            partners.partners[partner]!++
            if (this.#type === 'semi') this.#give(1, -1, partner)
          }
          partner = after
        }
      }
      side.rows.partners[slot] = found
      if (half && input === 0 && found > 0) {
        if (this.#type === 'semi') this.#give(0, slot, -1)
        gone.push(slot)
      } else if (key < 0 || time + side.upper < this.#watermark) {
        if (found === 0 && side.keepsAll) this.#give(input, slot, -1)
        gone.push(slot)
      } else {
        side.rows.insert(slot, key, time)
        kept.push(slot)
        ends.push(this.#floor(time + side.upper))
      }
      if (this.#output.full) yield* this.#output.taken()
    }
    side.open.note(Float64Array.from(ends), Int32Array.from(kept), kept.length, side.rows.rows.end)
    yield* this.#output.taken()
    for (const slot of gone) side.rows.rows.free(slot)
    this.#kept.sweep()
  }

  /** The rows whose partners have all been kept: those not before the watermark. The others are counted. */
  #inTime(times: Float64Array, length: number): Int32Array {
    const rows = new Int32Array(length)
    let n = 0
    for (let row = 0; row < length; row++) if (times[row]! >= this.#watermark) rows[n++] = row
    this.#late.add(length - n)
    return rows.subarray(0, n)
  }

  /** Notes a row that comes out, of which `input` tells whose slot comes first. */
  #give(input: number, slot: number, partner: number): void {
    if (input === 0) this.#output.add(slot, partner, INSERT)
    else this.#output.add(partner, slot, INSERT)
  }

  #floor(time: number): number {
    return Math.floor(time / this.#step) * this.#step
  }

  *watermark(time: number): Generator<Step> {
    const reached = time === Infinity ? time : this.#floor(time)
    if (reached <= this.#watermark) return
    this.#watermark = reached
    for (const [input, { rows, open, keepsAll }] of this.#kept.both.entries()) {
      const slots = [...open.due(reached - this.#step)].flatMap(start => [...open.close(start)])
      for (const slot of slots) {
        const waited = rows.listed(slot)
        rows.unlink(slot)
        if (waited && keepsAll && rows.partners[slot] === 0) this.#give(input, slot, -1)
      }
      yield* this.#output.taken()
      for (const slot of slots) rows.rows.free(slot)
    }
    this.#kept.sweep()
    yield reached - this.#behind
  }

  end(): Steps {
    return NOTHING
  }

  side(): Batch | null {
    return this.#late.take()
  }

  snapshot(): IntervalJoinState {
    return { watermark: this.#watermark, kept: this.#kept.snapshot() }
  }

  restore(state: unknown): void {
    const { watermark, kept } = state as IntervalJoinState
    this.#watermark = watermark
    this.#kept.restore(kept)
  }
}

interface Side extends JoinSide {
  readonly keys: (batch: Batch) => Column[]
  readonly times: EventTimeReader
  /** The times of a row's partners less its own. */
  readonly lower: number
  readonly upper: number
  /** Rows without a partner are given too. */
  readonly keepsAll: boolean
}

interface IntervalJoinState {
  readonly watermark: number
  readonly kept: JoinSidesState
}
