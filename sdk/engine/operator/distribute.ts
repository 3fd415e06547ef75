import { atOnce, PAUSE_ROWS, radixSort, startsOf } from './radix-sort.ts'

/**
 * Sorts numbers with the rows they belong to by where they lie between the least and the greatest: numbers that are
 * spread evenly come into buckets that fit the cache in one pass, and to their places in a second. A bucket in which they
 * pile up is sorted digit by digit instead, so that no spread is slow. Stable; no number is NaN or −0.
 */
export function* distribute(
  keys: Float64Array,
  rows: Int32Array,
  from: number,
  to: number,
  whole: boolean,
): Generator<null> {
  const length = to - from
  if (length <= CACHED) {
    arrange(keys.slice(from, to), rows.slice(from, to), 0, length, keys, rows, from, 0)
    return
  }
  let [least, most] = [Infinity, -Infinity]
  for (let start = from; start < to; start += PAUSE_ROWS) {
    const end = Math.min(to, start + PAUSE_ROWS)
    for (let i = start; i < end; i++) {
      const key = keys[i]!
      if (key < least) least = key
      if (key > most) most = key
    }
    yield null
  }
  if (least === most) return
  // as many buckets as there are whole numbers, if they are few: each then holds one number
  const few = whole && most - least < FEW
  const buckets = few ? most - least + 1 : Math.min(MOST_BUCKETS, length >> 9)
  const scale = few ? 1 : scaleOf(buckets, most - least)
  if (!(scale > 0 && scale < Infinity)) {
    yield* radixSort(keys, rows, from, to)
    return
  }
  const bucketOf = new Uint16Array(length)
  const places = new Int32Array(buckets + 1)
  for (let start = 0; start < length; start += PAUSE_ROWS) {
    const end = Math.min(length, start + PAUSE_ROWS)
    for (let i = start; i < end; i++) {
      const bucket = ((keys[from + i]! - least) * scale) | 0
      bucketOf[i] = bucket
      places[bucket]!++
    }
    yield null
  }
  startsOf(places)
  const starts = places.slice()
  const [sourceKeys, sourceRows] = [new Float64Array(length), new Int32Array(length)]
  for (let start = 0; start < length; start += PAUSE_ROWS) {
    const end = Math.min(length, start + PAUSE_ROWS)
    for (let i = start; i < end; i++) {
      const at = places[bucketOf[i]!]!++
      sourceKeys[at] = keys[from + i]!
      sourceRows[at] = rows[from + i]!
    }
    yield null
  }
  let since = 0
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    const [start, end] = [starts[bucket]!, starts[bucket + 1]!]
    if (end - start <= CACHED) arrange(sourceKeys, sourceRows, start, end, keys, rows, from + start, 0)
    else {
      keys.set(sourceKeys.subarray(start, end), from + start)
      rows.set(sourceRows.subarray(start, end), from + start)
      if (!constant(keys, from + start, from + end)) yield* radixSort(keys, rows, from + start, from + end)
    }
    since += end - start
    if (since >= PAUSE_ROWS) {
      since = 0
      yield null
    }
  }
}

const CACHED = 1 << 14
const FEW = 1 << 11
const MOST_BUCKETS = 1 << 11
/** Fewer are put in order one by one. */
const SHORT = 24
const DEEPEST = 3

/** A little less than fits, so that the greatest falls into the last bucket. */
function scaleOf(buckets: number, width: number): number {
  return (buckets * (1 - 1e-9)) / width
}

function constant(keys: Float64Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (keys[i] !== keys[from]) return false
  return true
}

const ends = new Int32Array(CACHED)

/** Sorts a range that fits the cache into another pair of arrays. */
function arrange(
  sourceKeys: Float64Array,
  sourceRows: Int32Array,
  from: number,
  to: number,
  keys: Float64Array,
  rows: Int32Array,
  at: number,
  depth: number,
): void {
  const length = to - from
  if (length <= SHORT) {
    insert(sourceKeys, sourceRows, from, to, keys, rows, at)
    return
  }
  let least = sourceKeys[from]!
  let most = least
  for (let i = from + 1; i < to; i++) {
    const key = sourceKeys[i]!
    if (key < least) least = key
    else if (key > most) most = key
  }
  const buckets = length >> 1
  const scale = scaleOf(buckets, most - least)
  if (least === most || !(scale > 0 && scale < Infinity)) {
    keys.set(sourceKeys.subarray(from, to), at)
    rows.set(sourceRows.subarray(from, to), at)
    if (least !== most) atOnce(radixSort(keys, rows, at, at + length))
    return
  }
  ends.fill(0, 0, buckets)
  for (let i = from; i < to; i++) ends[((sourceKeys[i]! - least) * scale) | 0]!++
  let sum = at
  let largest = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    const here = ends[bucket]!
    if (here > largest) largest = here
    ends[bucket] = sum
    sum += here
  }
  for (let i = from; i < to; i++) {
    const key = sourceKeys[i]!
    const place = ends[((key - least) * scale) | 0]!++
    keys[place] = key
    rows[place] = sourceRows[i]!
  }
  if (largest <= SHORT) {
    settle(keys, rows, at, at + length)
    return
  }
  const starts = [at, ...ends.subarray(0, buckets)]
  for (let bucket = 0; bucket < buckets; bucket++) {
    const [start, end] = [starts[bucket]!, starts[bucket + 1]!]
    if (end - start <= SHORT) settle(keys, rows, start, end)
    else if (depth === DEEPEST) atOnce(radixSort(keys, rows, start, end))
    else arrange(keys.slice(start, end), rows.slice(start, end), 0, end - start, keys, rows, start, depth + 1)
  }
}

/** Puts what is nearly in order in order. */
function settle(keys: Float64Array, rows: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const key = keys[i]!
    if (keys[i - 1]! <= key) continue
    const row = rows[i]!
    let j = i - 1
    while (j >= from && keys[j]! > key) {
      keys[j + 1] = keys[j]!
      rows[j + 1] = rows[j]!
      j--
    }
    keys[j + 1] = key
    rows[j + 1] = row
  }
}

function insert(
  sourceKeys: Float64Array,
  sourceRows: Int32Array,
  from: number,
  to: number,
  keys: Float64Array,
  rows: Int32Array,
  at: number,
): void {
  for (let i = from; i < to; i++) {
    const key = sourceKeys[i]!
    let j = at + i - from - 1
    while (j >= at && keys[j]! > key) {
      keys[j + 1] = keys[j]!
      rows[j + 1] = rows[j]!
      j--
    }
    keys[j + 1] = key
    rows[j + 1] = sourceRows[i]!
  }
}
