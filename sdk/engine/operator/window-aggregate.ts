import { Batch } from '../../data/batch.ts'
import type { Column, FlatColumn } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import { scalar } from '../../data/type.ts'
import type { WindowAggregate as WindowAggregateNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { Tumbling } from '../time/tumbling.ts'
import { OpenWindows, type OpenWindowsState } from '../time/open-windows.ts'
import { compileProject } from '../vector/project.ts'
import { EventTimeReader } from './event-time.ts'
import { GroupValues } from './group-values.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Aggregates by key within event-time windows. A window is given once, when the watermark reaches its end; a row whose
 * window has been given is late and goes to the side output. The start of the window is the last column of the key, so
 * that all windows share one table; the places of a given window are used again.
 */
export class WindowAggregate implements Operator {
  readonly #schema: Schema
  readonly #times: EventTimeReader
  readonly #window: Tumbling
  readonly #keys: (batch: Batch) => Column[]
  readonly #table: KeyTable
  readonly #values: GroupValues
  readonly #open = new OpenWindows()
  #watermark = -Infinity
  #slots: Int32Array = new Int32Array(0)
  #late: Batch[] = []

  constructor(node: WindowAggregateNode) {
    const input = node.input.schema
    this.#schema = node.schema
    this.#times = new EventTimeReader(node.input.time!, input, 'window')
    this.#window = new Tumbling(node.window.sizeMicros, node.window.offsetMicros)
    const keys = node.keys.map(key => key.expr)
    this.#keys = compileProject(keys, input)
    this.#table = new KeyTable([...keys, START])
    this.#values = new GroupValues(node.aggregates, input, false)
  }

  get heldBytes(): number {
    return this.#table.bytes + this.#values.bytes
  }

  process(batch: Batch): Steps {
    const times = this.#times.of(batch)
    const starts = new Float64Array(batch.length)
    const late = this.#startsOf(times, batch.length, starts)
    if (late === 0) this.#add(batch, starts)
    else this.#addInTime(batch, starts, late)
    return NOTHING
  }

  /** Fills in the start of each row's window; gives how many rows are late. */
  #startsOf(times: Float64Array, length: number, starts: Float64Array): number {
    let [start, end, late] = [0, -Infinity, 0]
    for (let row = 0; row < length; row++) {
      const time = times[row]!
      if (time < start || time >= end) {
        start = this.#window.start(time)
        end = start + this.#window.size
      }
      starts[row] = start
      if (end <= this.#watermark) late++
    }
    return late
  }

  #addInTime(batch: Batch, starts: Float64Array, late: number): void {
    const [given, inTime] = [new Int32Array(late), new Int32Array(batch.length - late)]
    const { size } = this.#window
    let [l, t] = [0, 0]
    for (let row = 0; row < batch.length; row++) {
      if (starts[row]! + size <= this.#watermark) given[l++] = row
      else inTime[t++] = row
    }
    this.#late.push(batch.take(given))
    if (t === 0) return
    const kept = new Float64Array(t)
    for (let i = 0; i < t; i++) kept[i] = starts[inTime[i]!]!
    this.#add(batch.take(inTime), kept)
  }

  #add(batch: Batch, starts: Float64Array): void {
    const { length } = batch
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    const slots = this.#slots
    const start: Column = { layout: 'flat', type: START.type, length, valid: null, values: starts }
    this.#table.slots([...this.#keys(batch), start], length, slots)
    this.#values.grow(this.#table.end)
    this.#open.note(starts, slots, length, this.#table.end)
    this.#values.add(batch, slots)
  }

  *watermark(time: number): Generator<Step> {
    this.#watermark = time
    const due = this.#open.due(time - this.#window.size)
    for (let i = 0; i < due.length;) {
      const parts: Int32Array[] = []
      let length = 0
      while (i < due.length && length < OUTPUT_ROWS) {
        const slots = this.#open.close(due[i++]!)
        parts.push(slots)
        length += slots.length
      }
      const slots = new Int32Array(length)
      let at = 0
      for (const part of parts) {
        slots.set(part, at)
        at += part.length
      }
      for (let from = 0; from < length; from += OUTPUT_ROWS) yield this.#given(slots.subarray(from, from + OUTPUT_ROWS))
    }
    yield time
  }

  /** The rows of some slots, which are free from then on. */
  #given(slots: Int32Array): Batch {
    const { length } = slots
    const columns = this.#table.columns(slots, length)
    const starts = columns[columns.length - 1] as FlatColumn
    columns.push({ ...starts, values: (starts.values as Float64Array).map(start => start + this.#window.size) })
    columns.push(...this.#values.columns(slots))
    this.#table.remove(slots, length)
    this.#values.clear(slots)
    return new Batch(this.#schema, length, columns)
  }

  end(): Steps {
    return NOTHING
  }

  /** The late rows, with the columns of the input. */
  side(): Batch | null {
    if (this.#late.length === 0) return null
    const late = Batch.concat(this.#late[0]!.schema, this.#late)
    this.#late = []
    return late
  }

  snapshot(): WindowAggregateState {
    return {
      watermark: this.#watermark,
      table: this.#table.snapshot(),
      values: this.#values.snapshot(),
      open: this.#open.snapshot(),
    }
  }

  restore(state: unknown): void {
    const { watermark, table, values, open } = state as WindowAggregateState
    this.#watermark = watermark
    this.#table.restore(table)
    this.#values.restore(values)
    this.#open.restore(open)
  }
}

const START = { type: scalar('timestamp'), nullable: false }

interface WindowAggregateState {
  readonly watermark: number
  readonly table: KeyTableState
  readonly values: unknown
  readonly open: OpenWindowsState
}
