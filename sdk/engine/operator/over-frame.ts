import type { Column, FlatColumn } from '../../data/column.ts'
import type { OverFrame, SortKey } from '../../plan/node.ts'

/**
 * Rows in the order of their partitions, and the frame of rows that belongs to each. Positions count through all
 * partitions; from row to row of a partition neither end of a frame goes back.
 */
export interface Ordered {
  /** By position: the number of the row as it came. */
  readonly order: Int32Array
  /** Where each partition begins, then where the last one ends. */
  readonly bounds: Int32Array
  /** By position: 1 where keys and order are those of the row before. */
  readonly ties: Uint8Array
}

/** By position: where the frame begins, and the position after its last row. */
export interface Frames {
  readonly from: Int32Array
  readonly to: Int32Array
}

export function* framesOf(
  frame: OverFrame,
  { order, bounds, ties }: Ordered,
  sortKey: SortKey | undefined,
  column: Column | undefined,
): Generator<null, Frames> {
  const length = order.length
  const [from, to] = [new Int32Array(length), new Int32Array(length)]
  const values = frame.unit === 'range' ? directed(column as FlatColumn, order, sortKey!.descending) : null
  let paused = 0
  for (let p = 0; p + 1 < bounds.length; p++) {
    const [start, end] = [bounds[p]!, bounds[p + 1]!]
    if (start - paused >= PAUSE_ROWS) {
      paused = start
      yield null
    }
    switch (frame.unit) {
      case 'partition':
        from.fill(start, start, end)
        to.fill(end, start, end)
        break
      case 'running':
        from.fill(start, start, end)
        peerEnds(ties, start, end, to)
        break
      case 'rows':
        for (let i = start; i < end; i++) {
          from[i] = Math.min(end, Math.max(start, i - frame.before))
          to[i] = Math.max(from[i]!, Math.min(end, i + frame.after + 1))
        }
        break
      case 'range':
        ranges(values!, ties, start, end, frame.before, frame.after, from, to)
        break
    }
  }
  return { from, to }
}

const PAUSE_ROWS = 1 << 15

/** For each row the position after its last peer. */
export function peerEnds(ties: Uint8Array, start: number, end: number, out: Int32Array): void {
  let after = end
  for (let i = end - 1; i >= start; i--) {
    out[i] = after
    if (ties[i] === 0) after = i
  }
}

/** The values by position, turned round where they descend, so that they rise; NaN where there is none. */
function directed({ values, valid }: FlatColumn, order: Int32Array, descending: boolean): Float64Array {
  const sign = descending ? -1 : 1
  const out = new Float64Array(order.length)
  for (let i = 0; i < out.length; i++) {
    const row = order[i]!
    out[i] = valid !== null && valid[row] === 0 ? NaN : sign * Number(values[row]!)
  }
  return out
}

/** Rows without a number, which no distance reaches, have their peers as frame, and as much more as 'all' says. */
function ranges(
  values: Float64Array,
  ties: Uint8Array,
  start: number,
  end: number,
  before: number,
  after: number,
  from: Int32Array,
  to: Int32Array,
): void {
  let [low, high] = [start, start]
  let peersEnd = start
  for (let i = start; i < end; i++) {
    const value = values[i]!
    if (i === peersEnd) {
      peersEnd = i + 1
      while (peersEnd < end && ties[peersEnd] === 1) peersEnd++
    }
    if (value !== value) {
      // peers came first of all if they descend from NaN, else after all numbers
      low = ties[i] === 0 || i === start ? i : low
      high = peersEnd
    } else {
      const least = before === Infinity ? -Infinity : value - before
      const most = after === Infinity ? Infinity : value + after
      while (low < end && !(values[low]! >= least)) low++
      if (high < low) high = low
      while (high < end && values[high]! <= most) high++
    }
    from[i] = before === Infinity ? start : low
    to[i] = Math.max(from[i]!, after === Infinity ? end : high)
  }
}
