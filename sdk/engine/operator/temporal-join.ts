import { INSERT, type Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { AsOfJoin } from '../../plan/node.ts'
import { JoinKeys, type JoinKeysState } from '../state/join-keys.ts'
import { KeyedRows, type KeyedRowsState } from '../state/keyed-rows.ts'
import { temporalGrid } from '../time/grid.ts'
import { OpenWindows, type OpenWindowsState } from '../time/open-windows.ts'
import { compileProject } from '../vector/project.ts'
import { EventTimeReader } from './event-time.ts'
import { JoinOutput } from './join-output.ts'
import { LateCount } from './late-count.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'

/**
 * As-of join of a right side that keeps coming: its rows are versions of what holds for their key from their time on. A
 * left row waits until the watermark has passed its time, for then the version that held is known. Of each key the
 * versions that may still be asked for are kept: the last one up to the watermark and those after it.
 */
export class TemporalJoin implements Operator {
  readonly #sides: readonly [Side, Side]
  readonly #keys: JoinKeys
  readonly #output: JoinOutput
  readonly #tolerance: number
  readonly #step: number
  /** How much later than its own time the time of a left row has been passed by the right side's. */
  readonly #wait: number
  readonly #late = new LateCount()
  #watermark = -Infinity

  constructor(node: AsOfJoin) {
    const { left, right, on } = node
    const side = (input: typeof left, name: 'left' | 'right'): Side => ({
      rows: new KeyedRows(input.schema),
      keys: compileProject(
        on.map(key => key[name]),
        input.schema,
      ),
      times: new EventTimeReader(input.time!, input.schema, `asOfJoin, ${name} side`),
      shift: input.time!.shiftMicros,
      open: new OpenWindows(),
    })
    this.#sides = [side(left, 'left'), side(right, 'right')]
    this.#keys = new JoinKeys(on)
    this.#output = new JoinOutput({ ...node, type: 'left' }, this.#sides[0].rows.rows, this.#sides[1].rows.rows, false)
    this.#tolerance = node.tolerance ?? Infinity
    this.#step = temporalGrid(left.time!.boundMicros, right.time!.boundMicros).stepMicros
    this.#wait = Math.max(0, this.#sides[1].shift - this.#sides[0].shift)
  }

  get heldBytes(): number {
    return this.#keys.bytes + this.#sides[0].rows.bytes + this.#sides[1].rows.bytes
  }

  process(batch: Batch, input: number): Steps {
    const { rows, keys: keysOf, times: timesOf, shift, open } = this.#sides[input]!
    const times = timesOf.of(batch)
    const keys = new Int32Array(batch.length)
    this.#keys.number(keysOf(batch), batch.length, keys)
    for (const each of this.#sides) each.rows.reserve(this.#keys.end)
    const kept = new Int32Array(batch.length)
    let [n, late] = [0, 0]
    for (let row = 0; row < batch.length; row++) {
      if (times[row]! < this.#watermark) late++
      else if (input === 0 || keys[row]! >= 0) kept[n++] = row
    }
    this.#late.add(late)
    const [slots, ends] = [new Int32Array(n), new Float64Array(n)]
    rows.put(batch.columns, kept, n, slots)
    for (let i = 0; i < n; i++) {
      const [row, slot] = [kept[i]!, slots[i]!]
      const time = times[row]!
      if (keys[row]! >= 0) rows.insert(slot, keys[row]!, time - shift)
      ends[i] = Math.floor((input === 0 ? time + this.#wait : time) / this.#step) * this.#step
    }
    open.note(ends, slots, n, rows.rows.end)
    return NOTHING
  }

  *watermark(time: number): Generator<Step> {
    const reached = time === Infinity ? time : Math.floor(time / this.#step) * this.#step
    if (reached <= this.#watermark) return
    this.#watermark = reached
    const [left, right] = this.#sides
    for (const start of left.open.due(reached - this.#step)) {
      const slots = left.open.close(start)
      for (const slot of slots) this.#output.add(slot, this.#versionOf(slot), INSERT)
      yield* this.#output.taken()
      for (const slot of slots) {
        left.rows.unlink(slot)
        left.rows.rows.free(slot)
      }
    }
    for (const start of right.open.due(reached - this.#step)) {
      for (const slot of right.open.close(start)) if (right.rows.listed(slot)) forgetBefore(right.rows, slot)
    }
    this.#keys.sweep(key => left.rows.has(key) || right.rows.has(key))
    yield reached - this.#wait
  }

  /** The version that held for a left row, or −1. */
  #versionOf(slot: number): number {
    const [{ rows: left }, { rows: right }] = this.#sides
    const key = left.keyOf(slot)
    if (key < 0) return -1
    const time = left.times[slot]!
    const version = right.upTo(key, time)
    return version >= 0 && time - right.times[version]! <= this.#tolerance ? version : -1
  }

  end(): Steps {
    return NOTHING
  }

  side(): Batch | null {
    return this.#late.take()
  }

  snapshot(): TemporalJoinState {
    return {
      watermark: this.#watermark,
      keys: this.#keys.snapshot(),
      sides: this.#sides.map(({ rows, open }) => ({ rows: rows.snapshot(), open: open.snapshot() })),
    }
  }

  restore(state: unknown): void {
    const { watermark, keys, sides } = state as TemporalJoinState
    this.#watermark = watermark
    this.#keys.restore(keys)
    for (const [i, { rows, open }] of this.#sides.entries()) {
      rows.restore(sides[i]!.rows)
      open.restore(sides[i]!.open)
    }
  }
}

/** Drops the versions of a key that one which the watermark has passed has replaced. */
function forgetBefore(rows: KeyedRows, slot: number): void {
  for (let old = rows.before(slot); old >= 0; old = rows.before(slot)) {
    rows.unlink(old)
    rows.rows.free(old)
  }
}

interface Side {
  readonly rows: KeyedRows
  readonly keys: (batch: Batch) => Column[]
  readonly times: EventTimeReader
  /** What event times are more than the column that is compared. */
  readonly shift: number
  /** Rows by their time, rounded down to the grid: left ones until they are answered, right ones until they hold. */
  readonly open: OpenWindows
}

interface TemporalJoinState {
  readonly watermark: number
  readonly keys: JoinKeysState
  readonly sides: readonly { readonly rows: KeyedRowsState; readonly open: OpenWindowsState }[]
}
