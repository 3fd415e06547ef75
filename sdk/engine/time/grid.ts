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
