/**
 * Fewer points that draw the same line: of each bucket of neighbouring points the first, the lowest, the highest and the
 * last stay (M4 of Jugel et al., 2014), so that peaks, gaps and edges are seen. Points are in order of x.
 */
export function decimateLine(y: readonly (number | null)[], most: number): Int32Array {
  if (y.length <= most) return Int32Array.from({ length: y.length }, (_, i) => i)
  const buckets = Math.max(1, Math.floor(most / 4))
  const kept: number[] = []
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * y.length) / buckets)
    const to = Math.floor(((b + 1) * y.length) / buckets)
    const picked = new Set([from, to - 1, ...extremes(y, from, to)])
    kept.push(...[...picked].sort((a, z) => a - z))
  }
  return Int32Array.from(kept)
}

function extremes(y: readonly (number | null)[], from: number, to: number): number[] {
  let low = -1
  let high = -1
  let gap = -1
  for (let i = from; i < to; i++) {
    const value = y[i]
    if (value === null || value === undefined || Number.isNaN(value)) {
      gap = i
      continue
    }
    if (low < 0 || value < y[low]!) low = i
    if (high < 0 || value > y[high]!) high = i
  }
  return [low, high, gap].filter(i => i >= 0)
}
