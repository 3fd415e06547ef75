import { Batch } from '../../data/batch.ts'
import { take, type Column, type FlatColumn } from '../../data/column.ts'
import { takenOrNull } from '../../data/taken-or-null.ts'
import type { AsOfJoin as AsOfJoinNode } from '../../plan/node.ts'
import { JoinIndex } from '../state/join-index.ts'
import { compileProject } from '../vector/project.ts'
import { NOTHING, type Step, type Steps } from './operator.ts'
import { rowNumbers } from './radix-sort.ts'
import { RightFirst } from './right-first.ts'
import { sortRows } from './sort-rows.ts'

/**
 * As-of join: the right rows are kept by key in the order of their times, those of one time in the order they came. A
 * left row searches those of its key by halves, and of right rows of one time finds the last that came.
 */
export class AsOfJoin extends RightFirst {
  readonly #node: AsOfJoinNode
  readonly #leftKeys: (batch: Batch) => Column[]
  readonly #rightKeys: (batch: Batch) => Column[]
  readonly #leftTime: (batch: Batch) => Column[]
  readonly #rightTime: (batch: Batch) => Column[]
  /** The right columns of the output. */
  #right: readonly Column[] = []
  #index: JoinIndex | null = null
  /** By place in the index: the right time, which rises within one key, and the right row. */
  #times: Float64Array = new Float64Array(0)
  #rows: Int32Array = new Int32Array(0)
  #found: Int32Array = new Int32Array(0)

  constructor(node: AsOfJoinNode) {
    super(node.left.schema, node.right.schema)
    this.#node = node
    const { on, times, left, right } = node
    this.#leftKeys = compileProject(
      on.map(key => key.left),
      left.schema,
    )
    this.#rightKeys = compileProject(
      on.map(key => key.right),
      right.schema,
    )
    this.#leftTime = compileProject([times.left], left.schema)
    this.#rightTime = compileProject([times.right], right.schema)
  }

  protected get indexBytes(): number {
    return this.#index!.bytes + this.#times.byteLength + this.#rows.byteLength
  }

  protected override *build(right: Batch): Generator<null> {
    const column = this.#rightTime(right)[0] as FlatColumn
    const order = yield* timeOrder(column)
    const keys: Column[] = []
    for (const key of this.#rightKeys(right)) {
      keys.push(take(key, order))
      yield null
    }
    const index = yield* JoinIndex.by(this.#node.on, keys, order.length)
    const places = index.unique ? order.length : index.rows.length
    const [times, rows] = [new Float64Array(places), new Int32Array(places)]
    for (let place = 0; place < places; place++) {
      const row = order[index.unique ? place : index.rows[place]!]!
      times[place] = column.values[row] as number
      rows[place] = row
    }
    this.#index = index
    this.#times = times
    this.#rows = rows
    this.#right = this.#node.rightColumns.map(i => right.columns[i]!)
  }

  protected override probe(batch: Batch): Steps {
    if (this.#found.length < batch.length) this.#found = new Int32Array(batch.length)
    const found = this.#found
    const [index, times, rows] = [this.#index!, this.#times, this.#rows]
    const { direction, tolerance, leftColumns, schema } = this.#node
    index.find(this.#leftKeys(batch), batch.length, found)
    const { values, valid } = this.#leftTime(batch)[0] as FlatColumn
    const most = tolerance ?? Infinity
    let missing = 0
    for (let row = 0; row < batch.length; row++) {
      const key = found[row]!
      const time = values[row] as number
      let place = -1
      if (key >= 0 && time === time && (valid === null || valid[row] === 1)) {
        const [from, to] = index.unique ? [key, key + 1] : [index.offsets[key]!, index.offsets[key + 1]!]
        place =
          direction === 'backward'
            ? before(times, from, to, time)
            : direction === 'forward'
              ? after(times, from, to, time)
              : nearest(times, from, to, time)
        if (place >= 0 && times[place] !== time && Math.abs(times[place]! - time) > most) place = -1
      }
      if (place < 0) missing++
      found[row] = place < 0 ? -1 : rows[place]!
    }
    const left = leftColumns.map(i => batch.columns[i]!)
    const right =
      missing === 0
        ? this.#right.map(column => take(column, found, batch.length))
        : this.#right.map(column => takenOrNull(column, found, batch.length))
    return [new Batch(schema, batch.length, [...left, ...right])]
  }

  protected override last(): Iterable<Step> {
    return NOTHING
  }
}

/** The rows that have a time, in the order of their times. */
function* timeOrder(column: FlatColumn): Generator<null, Int32Array> {
  const { values, valid, length } = column
  const rows = rowNumbers(length)
  let [n, last, sorted] = [0, -Infinity, true]
  for (let row = 0; row < length; row++) {
    const time = values[row] as number
    if ((valid !== null && valid[row] === 0) || time !== time) continue
    if (time < last) sorted = false
    last = time
    rows[n++] = row
  }
  yield null
  if (sorted) return rows.subarray(0, n)
  // nulls come last, and NaN before them
  const { order } = yield* sortRows([column], [false], length)
  return order.subarray(0, n)
}

/** The last place whose time is not after the one given, −1 for none. */
function before(times: Float64Array, from: number, to: number, time: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low === from ? -1 : low - 1
}

/** The last place of the first time that is not before the one given, −1 for none. */
function after(times: Float64Array, from: number, to: number, time: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low === to ? -1 : before(times, low, to, times[low]!)
}

/** Of two times equally near the earlier. */
function nearest(times: Float64Array, from: number, to: number, time: number): number {
  const earlier = before(times, from, to, time)
  if (earlier >= 0 && times[earlier] === time) return earlier
  const later = after(times, from, to, time)
  if (earlier < 0 || later < 0) return earlier < 0 ? later : earlier
  return times[later]! - time < time - times[earlier]! ? later : earlier
}
