import type { Batch } from '../../data/batch.ts'
import type { FlatColumn } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'
import type { EventTime } from '../../plan/node.ts'
import type { WatermarkTracker } from '../time/watermark.ts'
import type { Step } from './operator.ts'

/** Reads the event time of batches: a column plus the shift. A row without a time is an error. */
export class EventTimeReader {
  readonly #time: EventTime
  readonly #index: number
  readonly #where: string

  constructor(time: EventTime, schema: Schema, where: string) {
    this.#time = time
    this.#index = schema.indexOf(time.column)
    this.#where = where
  }

  /** The time of each row. The array is not to be written. */
  of(batch: Batch): Float64Array {
    const { values, valid } = batch.columns[this.#index] as FlatColumn
    const missing = valid === null ? -1 : valid.indexOf(0)
    if (missing >= 0 && missing < batch.length) {
      const { column } = this.#time
      const text = `${this.#where}: the event time "${column}" is null. Leave such rows out: .filter(t => t.${column}.isNotNull()).`
      throw new DataError('null-event-time', text, { column, row: missing })
    }
    const { shiftMicros } = this.#time
    const times = values as Float64Array
    return shiftMicros === 0 ? times : times.map(time => time + shiftMicros)
  }
}

/** The rows of a batch, cut where their watermark reaches a time that a window waits for. */
export function* withWatermarks(batch: Batch, times: Float64Array, tracker: WatermarkTracker): Generator<Step> {
  const before = tracker.clamped
  for (let from = 0; from < batch.length;) {
    const to = tracker.advance(times, from, batch.length)
    yield batch.slice(from, to)
    yield tracker.watermark
    from = to
  }
  if (before === 0 && tracker.clamped > 0) {
    const text =
      'watermark: a row is further ahead of all before it than maxAhead. It raised the watermark by that much only; such rows are counted in clampedRows.'
    process.emitWarning(text, { code: 'MILLRACE_CLAMPED_TIME' })
  }
}
