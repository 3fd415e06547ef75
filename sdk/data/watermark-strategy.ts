/**
 * How a watermark is made of the times of rows, where it is not just the largest time less a bound.
 */
export interface WatermarkStrategy {
  /** How far a time may lead the largest before it and be believed. */
  readonly maxAheadMicros?: number
  /** After how long without a row an input holds back the watermark of others no longer. */
  readonly idleMicros?: number
  /** How far ahead of the slowest input it is read. */
  readonly alignMicros?: number
  readonly custom?: () => WatermarkGenerator
}

/**
 * Makes a watermark from the times of rows, in their order. Times are microseconds since the epoch, before the first
 * watermark −Infinity. It is to depend on the rows alone, so that any batching gives the same answers.
 */
export interface WatermarkGenerator {
  onRow(timeMicros: number): void
  /** No row with an earlier time is expected any more. A watermark below one that was given changes nothing. */
  watermark(): number
  /** Its state as data that `structuredClone` can hold, and back; without them a restored generator begins anew. */
  snapshot?(): unknown
  restore?(state: unknown): void
}
