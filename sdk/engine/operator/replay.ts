import { Batch } from '../../data/batch.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import type { Replay as ReplayNode } from '../../plan/node.ts'
import type { Grid } from '../time/grid.ts'
import { WatermarkTracker, type TrackerState } from '../time/watermark.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { concatSlowly } from './concat.ts'
import { EventTimeReader, withWatermarks } from './event-time.ts'
import { NOTHING, type PacedOperator, type Step, type Steps } from './operator.ts'
import { distribute } from './distribute.ts'
import { atOnce, rowNumbers } from './radix-sort.ts'

/** Rows given at once: few when their pace is the point, more when it is not. */
const PACED_ROWS = 1024
const FAST_ROWS = 4096
/** A paced replay gives rows about this often. */
const TICK_MS = 20

/**
 * History as a stream. It keeps its whole input, orders it by event time unless it is ordered, and holds each row back
 * by a seeded 0 … disorder of event time: rows leave in the order of time + hold, the same on every machine and for any
 * batching. Watermarks are made from the rows that have left.
 */
export class Replay implements PacedOperator {
  readonly #node: ReplayNode
  readonly #times: EventTimeReader
  readonly #tracker: WatermarkTracker
  readonly #meter = new MemoryMeter()
  #parts: Batch[] = []
  #ordered = true
  #largest = -Infinity
  /** All rows once the input has ended, their times, and the order of their times where they were not in order. */
  #all: Batch | null = null
  #time: Float64Array = new Float64Array(0)
  #order: Int32Array | null = null
  /** Positions in the order of time below this have been drawn a hold. */
  #drawn = 0
  #random: number
  /** Rows that have been drawn, by the time at which they leave; those before `#safe` can leave. */
  #held = new Held(0)
  #safe = 0
  #next = 0
  #given = 0
  #firstMicros = NaN
  #startMs = NaN

  constructor(node: ReplayNode, grid: Grid | null) {
    this.#node = node
    const time = node.time!
    this.#times = new EventTimeReader(time, node.input.schema, 'replay')
    this.#tracker = new WatermarkTracker(time, grid)
    this.#random = node.seed | 0
  }

  get heldBytes(): number {
    return this.#meter.bytes
  }

  get clampedRows(): number {
    return this.#tracker.clamped
  }

  get share(): number {
    return this.#all === null ? 0 : this.#all.length === 0 ? 1 : this.#given / this.#all.length
  }

  process(batch: Batch): Steps {
    const times = this.#times.of(batch)
    let largest = this.#largest
    for (let row = 0; row < batch.length; row++) {
      if (times[row]! < largest) this.#ordered = false
      else largest = times[row]!
    }
    this.#largest = largest
    this.#parts.push(batch)
    this.#meter.add(batch)
    return NOTHING
  }

  watermark(): Steps {
    return NOTHING
  }

  *end(): Generator<Step> {
    const parts = this.#parts
    this.#parts = []
    const all = yield* concatSlowly(this.#node.input.schema, parts)
    const times = this.#times.of(all)
    if (!this.#ordered) this.#order = yield* inOrder(times, all.length)
    this.#time = times
    this.#all = all
  }

  pull(nowMs: number): { readonly steps: Steps } | { readonly waitMs: number } | null {
    if (this.#next === this.#safe) this.#release()
    if (this.#next === this.#safe) return null
    const { speed } = this.#node
    const most = Math.min(this.#safe, this.#next + (speed === null ? FAST_ROWS : PACED_ROWS))
    if (speed === null) return { steps: this.#give(most) }
    const { leaves } = this.#held
    if (Number.isNaN(this.#startMs)) {
      this.#startMs = nowMs
      this.#firstMicros = leaves[this.#next]!
    }
    const due = this.#firstMicros + (nowMs - this.#startMs) * 1000 * speed
    if (leaves[this.#next]! > due) {
      return { waitMs: Math.max(TICK_MS, Math.ceil((leaves[this.#next]! - due) / 1000 / speed)) }
    }
    let to = this.#next
    while (to < most && leaves[to]! <= due) to++
    return { steps: this.#give(to) }
  }

  #give(to: number): Steps {
    const rows = this.#held.rows.subarray(this.#next, to)
    const batch = inSequence(rows) ? this.#all!.slice(rows[0]!, rows[0]! + rows.length) : this.#all!.take(rows)
    this.#next = to
    this.#given += rows.length
    return withWatermarks(
      new Batch(this.#node.schema, batch.length, batch.columns),
      this.#times.of(batch),
      this.#tracker,
    )
  }

  /** Draws holds for a further stretch of time; what leaves before any row after the stretch could, can leave. */
  #release(): void {
    const length = this.#all!.length
    while (this.#next === this.#safe && (this.#drawn < length || this.#next < this.#held.rows.length)) {
      const left = this.#held.rows.length - this.#next
      const to = Math.min(length, this.#drawn + Math.max(FAST_ROWS, left))
      const held = new Held(left + to - this.#drawn)
      held.rows.set(this.#held.rows.subarray(this.#next))
      held.leaves.set(this.#held.leaves.subarray(this.#next))
      const span = this.#node.disorderMicros + 1
      for (let i = left, at = this.#drawn; at < to; i++, at++) {
        const row = this.#rowAt(at)
        held.rows[i] = row
        held.leaves[i] = this.#time[row]! + (span === 1 ? 0 : Math.floor(this.#draw() * span))
      }
      this.#drawn = to
      this.#held = span === 1 ? held : held.sorted()
      this.#next = 0
      this.#safe = to === length ? held.rows.length : this.#held.before(this.#time[this.#rowAt(to)]!)
    }
  }

  #rowAt(position: number): number {
    return this.#order === null ? position : this.#order[position]!
  }

  /** Mulberry32: 32 bits of integer arithmetic, so the same everywhere. */
  #draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0
    let t = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  snapshot(): ReplayState {
    return {
      parts: (this.#all === null ? this.#parts : [this.#all]).map(packed),
      ended: this.#all !== null,
      ordered: this.#ordered,
      largest: this.#largest,
      order: this.#order,
      drawn: this.#drawn,
      random: this.#random,
      rows: this.#held.rows.slice(this.#next),
      leaves: this.#held.leaves.slice(this.#next),
      safe: this.#safe - this.#next,
      given: this.#given,
      watermark: this.#tracker.snapshot(),
    }
  }

  /** The pace starts anew with the next row. */
  restore(state: unknown): void {
    const from = state as ReplayState
    this.#parts = from.parts.map(part => unpacked(this.#node.input.schema, part))
    this.#meter.clear()
    for (const part of this.#parts) this.#meter.add(part)
    this.#ordered = from.ordered
    this.#largest = from.largest
    if (from.ended) {
      this.#all = this.#parts[0]!
      this.#time = this.#times.of(this.#all)
      this.#parts = []
    }
    this.#order = from.order
    this.#drawn = from.drawn
    this.#random = from.random
    this.#held = new Held(from.rows.length)
    this.#held.rows.set(from.rows)
    this.#held.leaves.set(from.leaves)
    this.#next = 0
    this.#safe = from.safe
    this.#given = from.given
    this.#startMs = NaN
    this.#tracker.restore(from.watermark)
  }
}

interface ReplayState {
  readonly parts: readonly BatchState[]
  readonly ended: boolean
  readonly ordered: boolean
  readonly largest: number
  readonly order: Int32Array | null
  readonly drawn: number
  readonly random: number
  readonly rows: Int32Array
  readonly leaves: Float64Array
  readonly safe: number
  readonly given: number
  readonly watermark: TrackerState
}

/** Rows and the times at which they leave. */
class Held {
  readonly rows: Int32Array
  readonly leaves: Float64Array

  constructor(length: number) {
    this.rows = new Int32Array(length)
    this.leaves = new Float64Array(length)
  }

  /** By leaving time; rows that leave at once keep their order. */
  sorted(): Held {
    const { leaves } = this
    const out = new Held(leaves.length)
    const order = atOnce(inOrder(leaves, leaves.length))
    for (let i = 0; i < leaves.length; i++) {
      out.rows[i] = this.rows[order[i]!]!
      out.leaves[i] = leaves[order[i]!]!
    }
    return out
  }

  /** How many leave at or before a time. */
  before(time: number): number {
    let [from, to] = [0, this.leaves.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.leaves[middle]! <= time) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** The numbers of the rows in the order of their values, those of one value as they are. */
function* inOrder(values: Float64Array, length: number): Generator<null, Int32Array> {
  const order = rowNumbers(length)
  yield* distribute(
    Float64Array.from(values.subarray(0, length), value => value + 0),
    order,
    0,
    length,
    true,
  )
  return order
}

function inSequence(rows: Int32Array): boolean {
  for (let i = 1; i < rows.length; i++) if (rows[i] !== rows[i - 1]! + 1) return false
  return true
}
