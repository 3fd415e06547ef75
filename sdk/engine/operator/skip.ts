import type { Batch } from '../../data/batch.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Leaves out the first rows that come, and passes on the others as they are. */
export class Skip implements Operator {
  #left: number

  constructor(count: number) {
    this.#left = count
  }

  process(batch: Batch): Steps {
    if (this.#left === 0) return [batch]
    const from = Math.min(batch.length, this.#left)
    this.#left -= from
    return from === batch.length ? NOTHING : [batch.slice(from, batch.length)]
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): number {
    return this.#left
  }

  restore(state: unknown): void {
    this.#left = state as number
  }
}
