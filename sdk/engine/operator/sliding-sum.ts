import type { FlatColumn } from '../../data/column.ts'
import { isFloat } from '../../data/type.ts'
import type { Frames, Ordered } from './over-frame.ts'

/**
 * Sums over moving frames, by position. Whole numbers are differences of running totals, which are exact while no total
 * passes 2^53. Floats are never subtracted, so that a NaN, an Infinity or a large number that leaves the frame leaves
 * nothing behind: a short frame is added up anew, and a long one is kept as two stacks (Tangwongsan et al.), the sums of
 * its older rows from each row on and the sum of the newer ones, with their carried errors.
 */
export function* slidingSums(
  column: FlatColumn,
  present: Uint8Array | null,
  ordered: Ordered,
  frames: Frames,
): Generator<null, Float64Array | null> {
  const { order } = ordered
  const values = new Float64Array(order.length)
  const { values: given } = column
  for (let from = 0; from < order.length; from += PAUSE_ROWS) {
    const to = Math.min(order.length, from + PAUSE_ROWS)
    for (let i = from; i < to; i++) values[i] = present !== null && present[i] === 0 ? 0 : Number(given[order[i]!])
    yield null
  }
  if (!isFloat(column.type)) return yield* differences(values, frames)
  return widest(frames) <= SHORT ? yield* addedAnew(values, frames) : yield* stacked(values, ordered, frames)
}

const PAUSE_ROWS = 1 << 16
const SHORT = 32

function* differences(values: Float64Array, { from, to }: Frames): Generator<null, Float64Array | null> {
  const { length } = values
  let size = 0
  for (let i = 0; i < length; i++) size += Math.abs(values[i]!)
  if (size > Number.MAX_SAFE_INTEGER) return null
  yield null
  const before = new Float64Array(length + 1)
  for (let i = 0; i < length; i++) before[i + 1] = before[i]! + values[i]!
  yield null
  const out = new Float64Array(length)
  for (let i = 0; i < length; i++) out[i] = before[to[i]!]! - before[from[i]!]!
  yield null
  return out
}

function widest({ from, to }: Frames): number {
  let width = 0
  for (let i = 0; i < from.length; i++) if (to[i]! - from[i]! > width) width = to[i]! - from[i]!
  return width
}

function* addedAnew(values: Float64Array, { from, to }: Frames): Generator<null, Float64Array> {
  const out = new Float64Array(values.length)
  for (let start = 0; start < out.length; start += PAUSE_ROWS) {
    const end = Math.min(out.length, start + PAUSE_ROWS)
    for (let i = start; i < end; i++) {
      let sum = 0
      for (let j = from[i]!, last = to[i]!; j < last; j++) sum += values[j]!
      out[i] = sum
    }
    yield null
  }
  return out
}

function* stacked(values: Float64Array, { bounds }: Ordered, { from, to }: Frames): Generator<null, Float64Array> {
  const { length } = values
  const out = new Float64Array(length)
  const [older, olderCarried] = [new Float64Array(length + 1), new Float64Array(length + 1)]
  let steps = 0
  for (let p = 0; p + 1 < bounds.length; p++) {
    const [start, end] = [bounds[p]!, bounds[p + 1]!]
    // older rows are those before `middle`; the newer ones, up to `high`, are in `newer`
    let [middle, high, newer, carried] = [start, start, 0, 0]
    older[start] = 0
    olderCarried[start] = 0
    for (let i = start; i < end; i++) {
      const [low, most] = [from[i]!, to[i]!]
      if (high < low) {
        // nothing of what was held is in the frame
        high = middle = low
        newer = carried = 0
        older[low] = olderCarried[low] = 0
      }
      for (; high < most; high++) {
        const [x, before] = [values[high]!, newer]
        newer = before + x
        const rest = newer - before
        carried += before - (newer - rest) + (x - rest)
        if (++steps % PAUSE_ROWS === 0) yield null
      }
      if (low >= middle && low > start) {
        // all older rows have left: the newer ones become the older
        older[high] = olderCarried[high] = 0
        for (let j = high - 1; j >= low; j--) {
          const [x, before] = [values[j]!, older[j + 1]!]
          const total = before + x
          const rest = total - before
          older[j] = total
          olderCarried[j] = olderCarried[j + 1]! + (before - (total - rest) + (x - rest))
          if (++steps % PAUSE_ROWS === 0) yield null
        }
        middle = high
        newer = carried = 0
      }
      const old = low < middle ? older[low]! : 0
      const total = old + newer
      const rest = total - old
      const error = (low < middle ? olderCarried[low]! : 0) + carried + (old - (total - rest) + (newer - rest))
      out[i] = Number.isFinite(total) ? total + error : total
      if (++steps % PAUSE_ROWS === 0) yield null
    }
  }
  return out
}
