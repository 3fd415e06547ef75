import { Batch } from '../../data/batch.ts'
import { Schema } from '../../data/schema.ts'

/** Late rows of an operator whose inputs have no columns in common: they are counted, and have none on the side output. */
export class LateCount {
  #rows = 0

  add(rows: number): void {
    this.#rows += rows
  }

  /** The rows since the last call. */
  take(): Batch | null {
    if (this.#rows === 0) return null
    const late = new Batch(NO_COLUMNS, this.#rows, [])
    this.#rows = 0
    return late
  }
}

const NO_COLUMNS = new Schema([])
