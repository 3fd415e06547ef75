/**
 * Sorts row numbers by a word of each row, read as unsigned, stably and without comparing: three passes of eleven bits,
 * less those in which all rows have one digit. Several keys are sorted by calling it for the last one first. Pauses
 * every few ten thousand rows. May reorder `rows` in place; what it gives is the sorted array.
 */
export function* radixSort(rows: Int32Array, words: Int32Array): Generator<null, Int32Array> {
  const { length } = rows
  let [source, target]: [Int32Array, Int32Array | null] = [rows, null]
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    const places = new Int32Array(DIGITS)
    for (let from = 0; from < length; from += PAUSE_ROWS) {
      count(source, words, shift, from, Math.min(length, from + PAUSE_ROWS), places)
      yield null
    }
    if (length === 0 || places.includes(length)) continue
    let at = 0
    for (let digit = 0; digit < DIGITS; digit++) {
      const here = places[digit]!
      places[digit] = at
      at += here
    }
    target ??= new Int32Array(length)
    for (let from = 0; from < length; from += PAUSE_ROWS) {
      place(source, words, shift, from, Math.min(length, from + PAUSE_ROWS), places, target)
      yield null
    }
    const sorted: Int32Array = target
    target = source
    source = sorted
  }
  return source
}

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS
const PAUSE_ROWS = 1 << 16

function count(rows: Int32Array, words: Int32Array, shift: number, from: number, to: number, places: Int32Array): void {
  for (let i = from; i < to; i++) places[(words[rows[i]!]! >>> shift) & (DIGITS - 1)]!++
}

function place(
  rows: Int32Array,
  words: Int32Array,
  shift: number,
  from: number,
  to: number,
  places: Int32Array,
  target: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const row = rows[i]!
    target[places[(words[row]! >>> shift) & (DIGITS - 1)]!++] = row
  }
}

/** Takes all steps at once. For few rows. */
export function atOnce<T>(steps: Generator<null, T>): T {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/** 0, 1, … length − 1. */
export function rowNumbers(length: number): Int32Array {
  const rows = new Int32Array(length)
  for (let i = 0; i < length; i++) rows[i] = i
  return rows
}
