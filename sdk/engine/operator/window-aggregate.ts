import { Batch } from '../../data/batch.ts'
import type { Column, FlatColumn } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { TimeWindow, WindowAggregate as WindowAggregateNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { OpenWindows, type OpenWindowsState } from '../time/open-windows.ts'
import { Panes } from '../time/panes.ts'
import { compileProject } from '../vector/project.ts'
import { EventTimeReader } from './event-time.ts'
import { GroupValues } from './group-values.ts'
import { LateRows } from './late-rows.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
import { PaneSums } from './pane-sums.ts'
import { boundColumn, NUMBER, numberColumn } from './window-columns.ts'

/**
 * Aggregates by key within event-time windows. A window is given once, when the watermark reaches its end; a row whose
 * windows have all been given is late and goes to the side output.
 *
 * A row of a tumbling window is added to that. Where windows overlap, a row is added to its pane alone, and panes are
 * merged when a window is given; those of a cumulating window stay merged. An aggregate that cannot be merged makes
 * each row be added to all of its windows. The number of the pane or window is the last column of the key, so that all
 * share one table; places of what has been given are used again.
 */
export class WindowAggregate implements Operator {
  readonly #schema: Schema
  readonly #times: EventTimeReader
  readonly #panes: Panes
  readonly #keys: (batch: Batch) => Column[]
  readonly #table: KeyTable
  readonly #values: GroupValues
  /** window: by window, which is a pane · windows: a row is added to several · merge, collect: by pane. */
  readonly #way: 'window' | 'windows' | 'merge' | 'collect'
  readonly #sums: PaneSums | null
  readonly #open = new OpenWindows()
  /** Windows that end at this bound or before have been given. */
  #given = -Infinity
  /** No window ends before this bound that has rows and has not been given; where panes are merged. */
  #next = Infinity
  #slots: Int32Array = new Int32Array(0)
  readonly #late = new LateRows()

  constructor(node: WindowAggregateNode & { readonly window: TimeWindow }) {
    const input = node.input.schema
    const { window } = node
    this.#schema = node.schema
    this.#times = new EventTimeReader(node.input.time!, input, 'window')
    this.#panes = new Panes(window)
    const keys = node.keys.map(key => key.expr)
    this.#keys = compileProject(keys, input)
    this.#table = new KeyTable([...keys, NUMBER])
    this.#values = new GroupValues(node.aggregates, input, false)
    const apart = this.#panes.every >= this.#panes.size && this.#panes.size === 1
    if (window.kind === 'tumble' || apart) this.#way = 'window'
    else if (!this.#values.merges) this.#way = 'windows'
    else this.#way = window.kind === 'cumulate' ? 'collect' : 'merge'
    this.#sums = this.#way === 'merge' ? new PaneSums(keys, new GroupValues(node.aggregates, input, false)) : null
  }

  get heldBytes(): number {
    return this.#table.bytes + this.#values.bytes + (this.#sums?.bytes ?? 0)
  }

  process(batch: Batch): Steps {
    const times = this.#times.of(batch)
    const panes = new Float64Array(batch.length)
    const out = this.#panesOf(times, batch.length, panes)
    if (out === 0) this.#addTo(batch, panes)
    else this.#addInTime(batch, panes)
    return NOTHING
  }

  /** Fills in the pane of each row; gives how many rows are late or lie between windows. */
  #panesOf(times: Float64Array, length: number, panes: Float64Array): number {
    let [start, end, pane, isOut, out] = [0, -Infinity, 0, 0, 0]
    for (let row = 0; row < length; row++) {
      const time = times[row]!
      if (time < start || time >= end) {
        pane = this.#panes.at(time)
        start = this.#panes.bound(pane)
        end = this.#panes.bound(pane + 1)
        const last = this.#panes.lastEnd(pane)
        isOut = last <= pane || last <= this.#given ? 1 : 0
        if (isOut === 0 && this.#way !== 'window') this.#next = Math.min(this.#next, this.#nextEnd(pane))
      }
      panes[row] = pane
      out += isOut
    }
    return out
  }

  #addInTime(batch: Batch, panes: Float64Array): void {
    const [late, inTime]: [number[], number[]] = [[], []]
    for (let row = 0; row < batch.length; row++) {
      const last = this.#panes.lastEnd(panes[row]!)
      if (last <= panes[row]!) continue
      if (last <= this.#given) late.push(row)
      else inTime.push(row)
    }
    this.#late.add(batch, late)
    if (inTime.length === 0) return
    const rows = Int32Array.from(inTime)
    this.#addTo(
      batch.take(rows),
      Float64Array.from(rows, row => panes[row]!),
    )
  }

  #addTo(batch: Batch, panes: Float64Array): void {
    if (this.#way === 'window')
      for (let row = 0; row < batch.length; row++) panes[row] = this.#panes.lastEnd(panes[row]!)
    if (this.#way !== 'windows') {
      this.#add(batch, panes)
      return
    }
    const [rows, ends]: [number[], number[]] = [[], []]
    for (let row = 0; row < batch.length; row++) {
      const last = this.#panes.lastEnd(panes[row]!)
      for (let end = this.#nextEnd(panes[row]!); end <= last; end += this.#panes.every) {
        rows.push(row)
        ends.push(end)
      }
      if (rows.length < OUTPUT_ROWS && row < batch.length - 1) continue
      this.#add(batch.take(Int32Array.from(rows)), Float64Array.from(ends))
      rows.length = ends.length = 0
    }
  }

  /** The end of the first window that holds a pane and has not been given. */
  #nextEnd(pane: number): number {
    const first = this.#panes.firstEnd(pane)
    if (first > this.#given) return first
    return first + (Math.floor((this.#given - first) / this.#panes.every) + 1) * this.#panes.every
  }

  #add(batch: Batch, numbers: Float64Array): void {
    const { length } = batch
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    const slots = this.#slots
    const keys = this.#keys(batch)
    this.#table.slots([...keys, numberColumn(numbers)], length, slots)
    this.#values.grow(this.#table.end)
    const begun: number[] | null = this.#sums === null ? null : []
    this.#open.note(numbers, slots, length, this.#table.end, begun)
    if (begun !== null && begun.length > 0) this.#sums!.note(keys, Int32Array.from(begun), slots, this.#table.end)
    this.#values.add(batch, slots)
  }

  *watermark(time: number): Generator<Step> {
    const due = this.#panes.at(time)
    const isWhole = this.#way === 'window' || this.#way === 'windows'
    if (isWhole) {
      this.#given = due
      yield* this.#giveWhole(due)
    } else if (due >= this.#next) {
      yield* this.#giveMerged(due)
    }
    this.#given = due
    yield time
  }

  /** Gives the windows up to a bound that hold their rows themselves. */
  *#giveWhole(due: number): Generator<Batch> {
    const ends = this.#open.due(due)
    for (let i = 0; i < ends.length;) {
      const parts: Int32Array[] = []
      let length = 0
      while (i < ends.length && length < OUTPUT_ROWS) {
        const slots = this.#open.close(ends[i++]!)
        parts.push(slots)
        length += slots.length
      }
      const slots = joined(parts, length)
      for (let from = 0; from < length; from += OUTPUT_ROWS) {
        const some = slots.subarray(from, from + OUTPUT_ROWS)
        const given = this.#rows(some)
        this.#free(some)
        yield given
      }
    }
  }

  /** Gives the windows up to a bound whose rows are in panes. */
  *#giveMerged(due: number): Generator<Batch> {
    const numbers = this.#open.numbers()
    let first = 0
    for (const end of this.#endsUpTo(due, numbers)) {
      const start = this.#panes.start(end)
      while (numbers[first]! < start) first++
      let last = first
      while (last < numbers.length && numbers[last]! < end) last++
      const panes = numbers.subarray(first, last)
      if (this.#sums === null) yield* this.#giveCollected(panes, start, end)
      else {
        for (const pane of panes) this.#sums.add(this.#open.slotsOf(pane), this.#values)
        for (const { length, keys, values } of this.#sums.take()) yield this.#batch(length, keys, start, end, values)
      }
    }
    for (const pane of this.#open.numbers()) {
      if (this.#panes.lastEnd(pane) > due) continue
      const slots = this.#open.close(pane)
      this.#sums?.drop(slots)
      this.#free(slots)
    }
    this.#given = due
    this.#next = this.#open.numbers().reduce((least, pane) => Math.min(least, this.#nextEnd(pane)), Infinity)
  }

  /** The ends up to a bound of windows that have rows and have not been given, in order. */
  #endsUpTo(due: number, panes: Float64Array): Float64Array {
    const ends = new Set<number>()
    for (const pane of panes) {
      const last = Math.min(due, this.#panes.lastEnd(pane))
      for (let end = this.#nextEnd(pane); end <= last; end += this.#panes.every) ends.add(end)
    }
    return Float64Array.from(ends).sort()
  }

  /** The panes of a window become its first one, of which all later windows that hold any of them are made too. */
  *#giveCollected(panes: Float64Array, start: number, end: number): Generator<Batch> {
    for (const pane of panes) {
      if (pane === start || !this.#open.has(pane)) continue
      const slots = this.#open.close(pane)
      const { length } = slots
      const columns = this.#table.columns(slots, length)
      const numbers = new Float64Array(length).fill(start)
      const targets = new Int32Array(length)
      this.#table.slots([...columns.slice(0, -1), numberColumn(numbers)], length, targets)
      this.#values.grow(this.#table.end)
      this.#open.note(numbers, targets, length, this.#table.end)
      this.#values.merge(targets, this.#values, slots, length)
      this.#free(slots)
    }
    const slots = this.#open.slotsOf(start)
    for (let from = 0; from < slots.length; from += OUTPUT_ROWS) {
      const some = slots.subarray(from, from + OUTPUT_ROWS)
      const keys = this.#table.columns(some, some.length).slice(0, -1)
      yield this.#batch(some.length, keys, start, end, this.#values.columns(some))
    }
  }

  /** Rows of one window. */
  #batch(length: number, keys: readonly Column[], start: number, end: number, values: readonly Column[]): Batch {
    const bounds = [start, end].map(number => boundColumn(new Float64Array(length).fill(this.#panes.bound(number))))
    return new Batch(this.#schema, length, [...keys, ...bounds, ...values])
  }

  /** The rows of the slots of windows. */
  #rows(slots: Int32Array): Batch {
    const { length } = slots
    const columns = this.#table.columns(slots, length)
    const ends = (columns.pop() as FlatColumn).values as Float64Array
    const bounds = [new Float64Array(length), new Float64Array(length)]
    for (let i = 0, known = NaN, start = 0, end = 0; i < length; i++) {
      if (ends[i] !== known) {
        known = ends[i]!
        start = this.#panes.bound(this.#panes.start(known))
        end = this.#panes.bound(known)
      }
      bounds[0]![i] = start
      bounds[1]![i] = end
    }
    return new Batch(this.#schema, length, [...columns, ...bounds.map(boundColumn), ...this.#values.columns(slots)])
  }

  #free(slots: Int32Array): void {
    this.#table.remove(slots, slots.length)
    this.#values.clear(slots)
  }

  end(): Steps {
    return NOTHING
  }

  /** The late rows, with the columns of the input. */
  side(): Batch | null {
    return this.#late.take()
  }

  snapshot(): WindowAggregateState {
    return {
      given: this.#given,
      next: this.#next,
      table: this.#table.snapshot(),
      values: this.#values.snapshot(),
      open: this.#open.snapshot(),
    }
  }

  restore(state: unknown): void {
    const { given, next, table, values, open } = state as WindowAggregateState
    this.#given = given
    this.#next = next
    this.#table.restore(table)
    this.#values.restore(values)
    this.#open.restore(open)
    if (this.#sums === null) return
    for (const pane of this.#open.numbers()) {
      const slots = this.#open.slotsOf(pane)
      const keys = this.#table.columns(slots, slots.length).slice(0, -1)
      const rows = Int32Array.from(slots, (_, i) => i)
      this.#sums.note(keys, rows, slots, this.#table.end)
    }
  }
}

function joined(parts: readonly Int32Array[], length: number): Int32Array {
  const all = new Int32Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

interface WindowAggregateState {
  readonly given: number
  readonly next: number
  readonly table: KeyTableState
  readonly values: unknown
  readonly open: OpenWindowsState
}
