/**
 * Wall time as a port, so that tests move it by hand. Milliseconds from an arbitrary beginning, never going back.
 */
export interface Clock {
  now(): number
  /** Calls back once after a time; gives what takes the wish back. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
