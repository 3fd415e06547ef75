/**
 * Tumbling windows: of one size, back to back, aligned to the epoch plus an offset. A window holds the times from its
 * start up to but not including its end. Microseconds; floor division, so that times before the epoch fall right.
 */
export class Tumbling {
  readonly size: number
  readonly offset: number

  constructor(sizeMicros: number, offsetMicros: number) {
    this.size = sizeMicros
    this.offset = offsetMicros
  }

  /** The start of the window that holds a time. */
  start(time: number): number {
    return Math.floor((time - this.offset) / this.size) * this.size + this.offset
  }

  end(time: number): number {
    return this.start(time) + this.size
  }
}
