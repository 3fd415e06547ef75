import { Batch } from '../../data/batch.ts'

/** Late rows on their way to the side output, with the columns of the input. */
export class LateRows {
  #batches: Batch[] = []

  /** Sets rows of a batch aside, by their positions in it. */
  add(batch: Batch, rows: readonly number[]): void {
    if (rows.length > 0) this.#batches.push(batch.take(Int32Array.from(rows)))
  }

  /** The rows since the last call. */
  take(): Batch | null {
    if (this.#batches.length === 0) return null
    const late = Batch.concat(this.#batches[0]!.schema, this.#batches)
    this.#batches = []
    return late
  }
}
