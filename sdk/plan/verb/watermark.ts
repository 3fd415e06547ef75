import { PlanError } from '../../data/errors.ts'
import { checkOptions } from '../../data/options.ts'
import { durationMicros, type Duration } from '../../data/time.ts'
import type { WatermarkGenerator, WatermarkStrategy } from '../../data/watermark-strategy.ts'
import type { EventTime } from '../node.ts'

/**
 * How a watermark is made of the times of rows: by a bound on how late rows may come, or by a function of the user's. The
 * bound and what goes with it become part of the event time, so that a replay makes its watermarks alike.
 */

/** How the watermark of a frame is made: by one of `bound`, `monotonous` and `custom`, and what else holds for it. */
export interface WatermarkOptions {
  /** How much later than the latest row seen a row may come. `'0 seconds'`: times never go back. */
  readonly bound?: Duration
  /** Times never go back: the same as a bound of nothing. An older row is late where its window has been given. */
  readonly monotonous?: boolean
  /**
   * How far a row may lead the latest time before it. A row that is further ahead keeps its time, but raises the watermark
   * as if it were only so far; it is counted in `clampedRows`, with one warning. The first row is believed.
   */
  readonly maxAhead?: Duration
  /**
   * After how long on the clock without a row an input holds back others no longer, as in a union or a join. It counts again
   * with its next row. Left out, never.
   */
  readonly idle?: Duration
  /** How far its watermark may lead that of the slowest input which has `align` too; further ahead it is not read. */
  readonly align?: Duration
  /** Makes the watermark itself: one generator for each run. */
  readonly custom?: () => WatermarkGenerator
}

const OPTIONS = ['bound', 'monotonous', 'maxAhead', 'idle', 'align', 'custom']

/** The event time of a column whose type has been checked. */
export function eventTimeOf(column: string, given: string | WatermarkOptions): EventTime {
  if (typeof given === 'string') return Object.freeze({ column, boundMicros: boundOf(given), shiftMicros: 0 })
  checkOptions('watermark', given, OPTIONS)
  const { bound, monotonous, maxAhead, idle, align, custom } = given
  if (monotonous !== undefined && typeof monotonous !== 'boolean') {
    throw bad('monotonous', `watermark: monotonous is true or false, not ${JSON.stringify(monotonous)}`)
  }
  if (custom !== undefined && typeof custom !== 'function') {
    const text =
      'watermark: custom is a function that gives { onRow(time), watermark() }, such as () => new MyGenerator()'
    throw bad('custom', text)
  }
  const ways = [bound !== undefined && 'bound', monotonous === true && 'monotonous', custom !== undefined && 'custom']
  const chosen = ways.filter(way => way !== false)
  if (chosen.length !== 1) {
    const found = chosen.length === 0 ? 'none' : chosen.join(' and ')
    const text = `watermark needs one of bound, monotonous and custom, found ${found}. Write { bound: '5 minutes' }.`
    throw bad(chosen[1] ?? 'bound', text)
  }
  if (custom !== undefined && maxAhead !== undefined) {
    throw bad('maxAhead', 'watermark: maxAhead is for a bound; a custom generator decides for itself what it believes')
  }
  const strategy: WatermarkStrategy = {
    ...(maxAhead !== undefined && { maxAheadMicros: moreThanNothing(maxAhead, 'maxAhead') }),
    ...(idle !== undefined && { idleMicros: moreThanNothing(idle, 'idle') }),
    ...(align !== undefined && { alignMicros: moreThanNothing(align, 'align') }),
    ...(custom !== undefined && { custom }),
  }
  const time = { column, boundMicros: bound === undefined ? 0 : boundOf(bound), shiftMicros: 0 }
  return Object.freeze(Object.keys(strategy).length === 0 ? time : { ...time, strategy: Object.freeze(strategy) })
}

function boundOf(bound: string): number {
  const micros = durationMicros(bound, 'watermark')
  if (micros >= 0) return micros
  throw new PlanError('bad-duration', `watermark: rows cannot be allowed to be less than 0 late, found "${bound}"`)
}

function moreThanNothing(duration: string, option: string): number {
  const micros = durationMicros(duration, `watermark: ${option}`)
  if (micros > 0) return micros
  throw new PlanError('bad-duration', `watermark: ${option} must be more than nothing, found "${duration}"`, { option })
}

function bad(option: string, text: string): PlanError {
  return new PlanError('bad-option', text, { option })
}
