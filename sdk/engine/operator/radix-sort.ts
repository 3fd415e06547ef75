/**
 * Sorts numbers with the rows they belong to, in place, stably and without comparing: six passes of eleven bits over the
 * bits of each number, less those in which all have one digit. Number and row move together, so that nothing is fetched
 * at random. No number is NaN or −0. Pauses every few ten thousand rows.
 */
export function* radixSort(keys: Float64Array, rows: Int32Array, from: number, to: number): Generator<null> {
  const length = to - from
  if (length < 2) return
  const bits = new Int32Array(keys.buffer, keys.byteOffset, 2 * keys.length)
  let [low, high, row] = [new Int32Array(length), new Int32Array(length), rows.slice(from, to)]
  const counts = Array.from({ length: PASSES }, () => new Int32Array(DIGITS))
  for (let start = 0; start < length; start += PAUSE_ROWS) {
    const end = Math.min(length, start + PAUSE_ROWS)
    for (let i = start; i < end; i++) {
      // of negative numbers all bits are turned, of others the sign alone
      const top = bits[2 * (from + i) + 1]!
      const sign = top >> 31
      low[i] = bits[2 * (from + i)]! ^ sign
      high[i] = top ^ (sign | -0x80000000)
    }
    for (const [pass, count] of counts.entries())
      tally(pass < 3 ? low : high, (pass % 3) * DIGIT_BITS, start, end, count)
    yield null
  }
  let [low2, high2, row2] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)]
  for (const [pass, places] of counts.entries()) {
    if (places.includes(length)) continue
    startsOf(places)
    const words = pass < 3 ? low : high
    for (let start = 0; start < length; start += PAUSE_ROWS) {
      const end = Math.min(length, start + PAUSE_ROWS)
      place(words, (pass % 3) * DIGIT_BITS, start, end, places, low, high, row, low2, high2, row2)
      yield null
    }
    ;[low, low2, high, high2, row, row2] = [low2, low, high2, high, row2, row]
  }
  rows.set(row, from)
  for (let i = 0; i < length; i++) {
    const sign = ~(high[i]! >> 31)
    bits[2 * (from + i)] = low[i]! ^ sign
    bits[2 * (from + i) + 1] = high[i]! ^ (sign | -0x80000000)
  }
  yield null
}

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS
const PASSES = 6
export const PAUSE_ROWS: number = 1 << 16

function tally(words: Int32Array, shift: number, from: number, to: number, counts: Int32Array): void {
  for (let i = from; i < to; i++) counts[(words[i]! >>> shift) & (DIGITS - 1)]!++
}

/** Turns how many there are of each into where the first of each goes. */
export function startsOf(counts: Int32Array): void {
  let at = 0
  for (let digit = 0; digit < counts.length; digit++) {
    const here = counts[digit]!
    counts[digit] = at
    at += here
  }
}

function place(
  words: Int32Array,
  shift: number,
  from: number,
  to: number,
  places: Int32Array,
  low: Int32Array,
  high: Int32Array,
  row: Int32Array,
  lowTo: Int32Array,
  highTo: Int32Array,
  rowTo: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const at = places[(words[i]! >>> shift) & (DIGITS - 1)]!++
    lowTo[at] = low[i]!
    highTo[at] = high[i]!
    rowTo[at] = row[i]!
  }
}

/** Takes all steps at once. For few rows. */
export function atOnce<T>(steps: Generator<null, T>): T {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/** 0, 1, … length − 1. */
export function rowNumbers(length: number): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(length)
  for (let i = 0; i < length; i++) rows[i] = i
  return rows
}
