import type { Batch } from '../../data/batch.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Gives the first rows that come, then wants no more. */
export class Limit implements Operator {
  #left: number

  constructor(count: number) {
    this.#left = count
  }

  get finished(): boolean {
    return this.#left === 0
  }

  process(batch: Batch): Steps {
    if (this.#left === 0) return NOTHING
    const length = Math.min(batch.length, this.#left)
    this.#left -= length
    return [batch.slice(0, length)]
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
