/**
 * Fewer points that draw the same line: of all points in one column of the screen the first, the lowest, the highest
 * and the last stay (M4 of Jugel et al., 2014), and one that is missing when there is one, so that peaks, gaps and edges
 * are seen. One pass; the points may come in any order.
 *
 * `rows` are the positions in `x` and `y` to draw; NaN is a missing value. Points without an x have no place and are left
 * out. The answer holds positions in order of x, those of equal x as they came.
 */
export function decimateLine(x: Float64Array, y: Float64Array, rows: Int32Array, most: number): Int32Array {
  const placed = rows.filter(row => !Number.isNaN(x[row]!))
  const byX = (a: number, b: number): number => x[a]! - x[b]! || a - b
  if (placed.length <= most) return placed.sort(byX)
  let low = Infinity
  let high = -Infinity
  for (const row of placed) {
    if (x[row]! < low) low = x[row]!
    if (x[row]! > high) high = x[row]!
  }
  const buckets = Math.max(1, Math.floor(most / 5))
  const scale = (high / 2 - low / 2 > 0 ? buckets / (high / 2 - low / 2) : 0) / 2
  const kept = new Int32Array(buckets * 5).fill(-1)
  for (const row of placed) {
    const at = Math.min(buckets - 1, Math.floor((x[row]! - low) * scale)) * 5
    keep(kept, at, x, y, row)
  }
  return Int32Array.from(new Set(kept.filter(row => row >= 0))).sort(byX)
}

/** Slots of a bucket: first, last, lowest, highest, missing. */
function keep(kept: Int32Array, at: number, x: Float64Array, y: Float64Array, row: number): void {
  if (kept[at]! < 0 || x[row]! < x[kept[at]!]!) kept[at] = row
  if (kept[at + 1]! < 0 || x[row]! >= x[kept[at + 1]!]!) kept[at + 1] = row
  const value = y[row]!
  if (Number.isNaN(value)) {
    kept[at + 4] = row
    return
  }
  if (kept[at + 2]! < 0 || value < y[kept[at + 2]!]!) kept[at + 2] = row
  if (kept[at + 3]! < 0 || value > y[kept[at + 3]!]!) kept[at + 3] = row
}
