/**
 * The times at which a watermark matters: the ends of the windows that wait for it. A watermark is announced between
 * two rows only when it passes such a time, so that what is late depends on the order of the rows alone and never on
 * how they are cut into batches.
 */
export interface Grid {
  readonly stepMicros: number
  readonly originMicros: number
}

/** The coarsest grid that has all points of both; null has none. */
export function commonGrid(a: Grid | null, b: Grid | null): Grid | null {
  if (a === null || b === null) return a ?? b
  const apart = Math.abs(a.originMicros - b.originMicros)
  return { stepMicros: gcd(gcd(a.stepMicros, b.stepMicros), apart), originMicros: a.originMicros }
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/**
 * A grid for what has no bounds of its own but waits for a span of time to pass: the coarsest of some even steps, each of
 * which divides the next, that is at most an eighth of the span.
 */
export function coarseGrid(spanMicros: number): Grid {
  return { stepMicros: STEPS.findLast(step => step <= spanMicros / 8) ?? STEPS[0]!, originMicros: 0 }
}

/** The grid of a join whose rows wait for the other side: by how late rows may come, but not finer than 100 milliseconds. */
export function temporalGrid(leftBoundMicros: number, rightBoundMicros: number): Grid {
  return coarseGrid(Math.max(leftBoundMicros, rightBoundMicros, 1e6))
}

/** From a millisecond to a day. */
const STEPS = [1e3, 1e4, 1e5, 1e6, 1e7, 60e6, 600e6, 3600e6, 86_400e6]
