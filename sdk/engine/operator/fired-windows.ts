import { Batch, DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../../data/batch.ts'
import type { Column, FlatColumn } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Typed } from '../../expr/node.ts'
import type { Window, WindowAggregate, WindowTop } from '../../plan/node.ts'
import { Panes } from '../time/panes.ts'
import { coarseGrid } from '../time/grid.ts'
import { compileProject } from '../vector/project.ts'
import { EventTimeReader } from './event-time.ts'
import { GroupValues } from './group-values.ts'
import { LateRows } from './late-rows.ts'
import { OUTPUT_ROWS, NOTHING, type Operator, type Step, type Steps } from './operator.ts'
import { SessionSlots } from './session-slots.ts'
import { RowsBySlot } from './rows-by-slot.ts'
import { atOnce } from './radix-sort.ts'
import { sortRows } from './sort-rows.ts'
import { boundColumn, numberColumn } from './window-columns.ts'
import { AggregateContents, aggregating, RowContents, type Made, type WindowContents } from './window-contents.ts'
import { TimeSlots, type Merge, type WindowSlots } from './window-slots.ts'

/**
 * Windows that may be given more than once: early, while they are open, and again for rows that come within the allowed
 * lateness. It is also the operator of sessions, which merge. A window that is given again takes back what it gave (−U and
 * +U, or −D and +I where its bounds or the number of its rows have changed); one that is purged gives what came since.
 *
 * A window is dirty when it has rows that it has not given. The watermark gives dirty windows that have ended, and forgets
 * those that ended longer ago than the lateness; a row of none but these is late.
 */
export class FiredWindows implements Operator {
  readonly #node: WindowAggregate | WindowTop
  readonly #schema: Schema
  /** Null where windows have no bounds in time. */
  readonly #times: EventTimeReader | null
  readonly #keys: (batch: Batch) => Column[]
  readonly #slots: WindowSlots
  readonly #contents: WindowContents
  /** What each window has given and not taken back; null where nothing is taken back. */
  readonly #given: RowsBySlot | null
  readonly #lateness: number
  /** The time that watermarks are rounded down to, so that they are told apart between two rows only where it passes. */
  readonly #step: number
  #watermark = -Infinity
  /** The number of the last period of early results that has begun. */
  #period = -Infinity
  /** No window ends or is forgotten before this time. */
  #next = Infinity
  /** By slot: 1 for a dirty window, and rows since the window was given. */
  #dirty: Uint8Array = new Uint8Array(0)
  #rows: Float64Array = new Float64Array(0)
  readonly #late = new LateRows()

  constructor(node: WindowAggregate | WindowTop) {
    const input = node.input.schema
    this.#node = node
    this.#schema = node.schema
    const hasTime = node.window.kind !== 'count' && node.window.kind !== 'global'
    this.#times = hasTime ? new EventTimeReader(node.input.time!, input, 'window') : null
    const keys = node.keys.map(key => key.expr)
    this.#keys = compileProject(keys, input)
    this.#lateness = node.firing.latenessMicros
    this.#step = node.window.kind === 'session' ? coarseGrid(node.window.gapMicros).stepMicros : 0
    this.#slots = slotsOf(node.window, keys)
    this.#contents = contentsOf(node, node.window)
    this.#given = node.frameKind === 'updating' ? new RowsBySlot(node.schema) : null
  }

  get heldBytes(): number {
    return this.#slots.bytes + this.#contents.bytes + (this.#given?.bytes ?? 0)
  }

  *process(batch: Batch): Generator<Step> {
    // where sessions merge, rows that are counted come one by one
    const { early, purge } = this.#node.firing
    const isCounted = early?.kind === 'rows' || purge
    const rows = isCounted && this.#step > 0 ? 1 : batch.length
    for (let from = 0; from < batch.length; from += rows) yield* this.#take(batch.slice(from, from + rows), isCounted)
  }

  *#take(batch: Batch, isCounted: boolean): Generator<Batch> {
    const gone = this.#watermark - this.#lateness
    const { rows, slots, merges, late } = this.#slots.assign(
      batch,
      this.#keys(batch),
      this.#times?.of(batch) ?? NO_TIMES,
      gone,
    )
    this.#late.add(batch, late)
    if (slots.length === 0) return
    this.#grow(this.#slots.end)
    const own = rows === null ? batch : batch.take(rows)
    if (isCounted) yield* this.#counted(own, slots, merges)
    else {
      yield* this.#add(own, slots, merges)
      const { ends } = this.#slots
      const due = [...new Set(slots)].filter(slot => this.#dirty[slot] === 1 && ends[slot]! <= this.#watermark)
      yield* this.#fire(Int32Array.from(due))
    }
    for (const slot of slots) {
      const due = this.#dueAt(slot) // NaN of one that has become part of another
      if (due < this.#next) this.#next = due
    }
  }

  #grow(end: number): void {
    this.#contents.grow(end)
    this.#given?.grow(end)
    if (this.#dirty.length >= end) return
    const [dirty, rows] = [new Uint8Array(end * 2), new Float64Array(end * 2)]
    dirty.set(this.#dirty)
    rows.set(this.#rows)
    this.#dirty = dirty
    this.#rows = rows
  }

  /** Adds rows and gives a window each time that enough have come; one that has ended and is purged with each row. */
  *#counted(batch: Batch, slots: Int32Array, merges: readonly Merge[]): Generator<Batch> {
    const { early, purge } = this.#node.firing
    const most = early?.kind === 'rows' ? early.rows : Infinity
    for (const { from, into } of merges) this.#rows[into]! += this.#rows[from]!
    const full = new Set<number>()
    let start = 0
    for (let row = 0; row < batch.length; row++) {
      const slot = slots[row]!
      if (full.has(slot)) {
        yield* this.#add(batch.slice(start, row), slots.subarray(start, row), [])
        yield* this.#fire(Int32Array.from(full))
        full.clear()
        start = row
      }
      this.#rows[slot]! += 1
      const isLate = this.#slots.ends[slot]! <= this.#watermark
      if (this.#rows[slot]! >= most || isLate) full.add(slot)
    }
    yield* this.#add(batch.slice(start, batch.length), slots.subarray(start), merges)
    yield* this.#fire(Int32Array.from(full).filter(slot => !purge || this.#dirty[slot] === 1))
  }

  *#add(batch: Batch, slots: Int32Array, merges: readonly Merge[]): Generator<Batch> {
    this.#contents.add(batch, slots)
    for (const slot of slots) this.#dirty[slot] = 1
    if (merges.length === 0) return
    const given = Int32Array.from(merges, ({ from }) => from).filter(slot => this.#given?.has(slot) === true)
    if (given.length > 0) {
      const { rows } = this.#given!.rowsOf(given)
      yield new Batch(this.#schema, rows.length, rows.columns, new Uint8Array(rows.length).fill(DELETE))
      this.#given!.clear(given)
    }
    for (const { from, into } of merges) {
      this.#contents.merge(from, into)
      this.#dirty[into] = 1
      this.#dirty[from] = this.#rows[from] = 0
    }
    this.#slots.free(Int32Array.from(merges, ({ from }) => from))
  }

  /** When a window is to be given next or, if it has given all, forgotten. */
  #dueAt(slot: number): number {
    const end = this.#slots.ends[slot]!
    return this.#dirty[slot] === 1 ? end : end + this.#lateness
  }

  *watermark(time: number): Generator<Step> {
    const reached = this.#step === 0 || !Number.isFinite(time) ? time : Math.floor(time / this.#step) * this.#step - 1
    this.#watermark = reached
    if (reached >= this.#next) yield* this.#end(reached)
    const { early } = this.#node.firing
    if (early?.kind === 'every' && time !== Infinity && Math.floor(time / early.everyMicros) > this.#period) {
      this.#period = Math.floor(time / early.everyMicros)
      yield* this.#fire(this.#where(slot => this.#dirty[slot] === 1))
    }
    yield reached
  }

  /** Gives the windows that have ended, in the order of their ends, and forgets those that may not be given again. */
  *#end(time: number): Generator<Batch> {
    const { ends } = this.#slots
    const ended = this.#where(slot => this.#dirty[slot] === 1 && ends[slot]! <= time)
    // rows that are too few for a window are none
    if (this.#node.window.kind !== 'count') yield* this.#fire(ended.sort((a, b) => ends[a]! - ends[b]! || a - b))
    const gone = this.#where(slot => ends[slot]! + this.#lateness <= time)
    this.#contents.clear(gone)
    this.#given?.clear(gone)
    for (const slot of gone) this.#rows[slot] = 0
    this.#slots.free(gone)
    this.#next = Infinity
    for (let slot = 0; slot < this.#slots.end; slot++) {
      const due = this.#dueAt(slot)
      if (due < this.#next) this.#next = due
    }
  }

  #where(holds: (slot: number) => boolean): Int32Array {
    const found: number[] = []
    for (let slot = 0; slot < this.#slots.end; slot++) if (holds(slot)) found.push(slot)
    return Int32Array.from(found)
  }

  *#fire(all: Int32Array): Generator<Batch> {
    for (let from = 0; from < all.length; from += OUTPUT_ROWS) {
      const slots = all.subarray(from, from + OUTPUT_ROWS)
      const { columns, counts } = this.#contents.given(slots)
      const owners = counts === null ? slots : repeated(slots, counts)
      const sides = this.#times === null ? [] : [this.#slots.starts, this.#slots.ends]
      const bounds = sides.map(at => boundColumn(Float64Array.from(owners, i => at[i]!)))
      const keys = this.#node.kind === 'window-top' ? [] : this.#slots.keys(owners)
      const made = new Batch(this.#schema, owners.length, [...keys, ...bounds, ...columns])
      for (const slot of slots) this.#dirty[slot] = this.#rows[slot] = 0
      if (this.#node.firing.purge) this.#contents.clear(slots)
      if (this.#given === null) yield made
      else yield this.#changed(this.#given, slots, made, counts ?? new Int32Array(slots.length).fill(1))
      this.#given?.clear(slots)
      this.#given?.add(made, owners)
    }
  }

  /** The rows of windows, each window's behind those that it takes back. */
  #changed(given: RowsBySlot, slots: Int32Array, made: Batch, counts: Int32Array): Batch {
    const before = given.rowsOf(slots)
    const both = Batch.concat(this.#schema, [before.rows, made])
    const [order, kinds] = [new Int32Array(both.length), new Uint8Array(both.length)]
    let [n, i, j] = [0, 0, before.rows.length]
    const names = this.#times === null ? [] : ['windowStart', 'windowEnd']
    const bounds = names.map(name => (both.column(name) as FlatColumn).values as Float64Array)
    for (const [s, old] of before.counts.entries()) {
      const next = counts[s]!
      const isSame = old === 1 && next === 1 && bounds.every(values => values[i] === values[j])
      for (let k = 0; k < old; k++) {
        kinds[n] = isSame ? UPDATE_BEFORE : DELETE
        order[n++] = i++
      }
      for (let k = 0; k < next; k++) {
        kinds[n] = isSame ? UPDATE_AFTER : INSERT
        order[n++] = j++
      }
    }
    const rows = both.take(order)
    return new Batch(this.#schema, n, rows.columns, kinds)
  }

  end(): Steps {
    return NOTHING
  }

  /** The late rows, with the columns of the input. */
  side(): Batch | null {
    return this.#late.take()
  }

  snapshot(): FiredWindowsState {
    return {
      watermark: this.#watermark,
      period: this.#period,
      next: this.#next,
      slots: this.#slots.snapshot(),
      contents: this.#contents.snapshot(),
      given: this.#given?.snapshot() ?? null,
      dirty: this.#dirty.slice(),
      rows: this.#rows.slice(),
    }
  }

  restore(state: unknown): void {
    const { watermark, period, next, slots, contents, given, dirty, rows } = state as FiredWindowsState
    this.#watermark = watermark
    this.#period = period
    this.#next = next
    this.#slots.restore(slots)
    this.#contents.restore(contents)
    this.#given?.restore(given)
    this.#dirty = dirty.slice()
    this.#rows = rows.slice()
  }
}

const NO_TIMES = new Float64Array(0)

function slotsOf(window: Window, keys: readonly Typed[]): WindowSlots {
  switch (window.kind) {
    case 'session':
      return new SessionSlots(window.gapMicros, keys)
    case 'count':
    case 'global':
      return new TimeSlots(null, keys)
    default:
      return new TimeSlots(new Panes(window), keys)
  }
}

function contentsOf(node: WindowAggregate | WindowTop, window: Window): WindowContents {
  const input = node.input.schema
  const slides = window.kind === 'count' && window.every !== window.rows
  const most = slides ? window.rows : Infinity
  if (node.kind === 'window-top') return new RowContents(input, firstRows(node, input), most)
  const values = (): GroupValues => new GroupValues(node.aggregates, input, false)
  const first = values()
  if (!slides && (window.kind !== 'session' || first.merges)) return new AggregateContents(first)
  return new RowContents(input, aggregating(values), most)
}

/** The first rows of each window, in order; of rows that it does not tell apart the first to come. */
function firstRows({ by, count }: WindowTop, input: Schema): Made {
  const keys = compileProject(
    by.map(({ expr }) => expr),
    input,
  )
  const descending = [false, ...by.map(key => key.descending)]
  return (rows, counts) => {
    const window = new Float64Array(rows.length)
    for (let i = 0, row = 0; i < counts.length; i++) for (let n = counts[i]!; n > 0; n--) window[row++] = i
    const { order } = atOnce(sortRows([numberColumn(window), ...keys(rows)], descending, rows.length))
    const first: number[] = []
    const firsts = counts.map(n => Math.min(n, count))
    for (let i = 0, from = 0; i < counts.length; from += counts[i]!, i++)
      for (let n = 0; n < firsts[i]!; n++) first.push(order[from + n]!)
    return { columns: rows.take(Int32Array.from(first)).columns, counts: firsts }
  }
}

function repeated(slots: Int32Array, counts: Int32Array): Int32Array {
  const all = new Int32Array(counts.reduce((sum, n) => sum + n, 0))
  let at = 0
  for (const [i, slot] of slots.entries()) for (let n = counts[i]!; n > 0; n--) all[at++] = slot
  return all
}

interface FiredWindowsState {
  readonly watermark: number
  readonly period: number
  readonly next: number
  readonly slots: unknown
  readonly contents: unknown
  readonly given: unknown
  readonly dirty: Uint8Array
  readonly rows: Float64Array
}
