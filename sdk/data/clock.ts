/**
 * Wall time as a port, so that tests move it by hand. Milliseconds from an arbitrary beginning, never going back.
 */
export interface Clock {
  now(): number
  /** What makes it milliseconds since 1970; 0 when left out. */
  readonly originMs?: number
  /** Calls back once after a time; gives what takes the wish back. */
  after(ms: number, callback: () => void): () => void
}

/** What a timer holds: 24 days. A longer one would call back at once. */
const LONGEST_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  originMs: performance.timeOrigin,
  after(ms, callback) {
    let timer: NodeJS.Timeout
    const wait = (rest: number): void => {
      timer = rest > LONGEST_MS ? setTimeout(wait, LONGEST_MS, rest - LONGEST_MS) : setTimeout(callback, rest)
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}

/** Waits a time, or until the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve()
      return
    }
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
}
