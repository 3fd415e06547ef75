import type { Batch } from '../../data/batch.ts'
import type { EventTime, Watermark as WatermarkNode } from '../../plan/node.ts'
import type { Grid } from '../time/grid.ts'
import { WatermarkTracker, type TrackerState } from '../time/watermark.ts'
import { EventTimeReader, withWatermarks } from './event-time.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Makes the watermarks of a stream from its rows. Those of its input end here. */
export class Watermark implements Operator {
  readonly #times: EventTimeReader
  readonly #tracker: WatermarkTracker

  constructor(node: WatermarkNode & { readonly time: EventTime | null }, grid: Grid | null) {
    const time = node.time!
    this.#times = new EventTimeReader(time, node.schema, 'watermark')
    this.#tracker = new WatermarkTracker(time, grid)
  }

  /** The watermark that it has made. */
  get mark(): number {
    return this.#tracker.watermark
  }

  get clampedRows(): number {
    return this.#tracker.clamped
  }

  process(batch: Batch): Steps {
    return withWatermarks(batch, this.#times.of(batch), this.#tracker)
  }

  watermark(): Steps {
    return NOTHING
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): TrackerState {
    return this.#tracker.snapshot()
  }

  restore(state: unknown): void {
    this.#tracker.restore(state as TrackerState)
  }
}
