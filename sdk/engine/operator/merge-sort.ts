/**
 * Sorts row numbers by a comparison, stably, in steps: it pauses every few thousand comparisons. Runs that are in order
 * already are not merged again, so sorted input costs one pass.
 */
export function* mergeSort(rows: Int32Array, compare: (a: number, b: number) => number): Generator<null, Int32Array> {
  const length = rows.length
  for (let from = 0; from < length; from += BLOCK) {
    insertionSort(rows, from, Math.min(from + BLOCK, length), compare)
    if ((from & PAUSE_MASK) === 0) yield null
  }
  let source = rows
  let target: Int32Array = new Int32Array(length)
  for (let width = BLOCK; width < length; width *= 2) {
    let since = 0
    for (let from = 0; from < length; from += 2 * width) {
      const middle = Math.min(from + width, length)
      const to = Math.min(from + 2 * width, length)
      if (middle >= to || compare(source[middle - 1]!, source[middle]!) <= 0)
        target.set(source.subarray(from, to), from)
      else {
        // A long merge is cut so that no step takes long.
        let [left, right, at] = [from, middle, from]
        while (left < middle && right < to) {
          const pause = Math.min(to, at + PAUSE)
          while (left < middle && right < to && at < pause) {
            target[at++] = compare(source[left]!, source[right]!) <= 0 ? source[left++]! : source[right++]!
          }
          if (at === pause) yield null
        }
        target.set(source.subarray(left, middle), at)
        target.set(source.subarray(right, to), at + middle - left)
      }
      since += to - from
      if (since >= PAUSE) {
        since = 0
        yield null
      }
    }
    const sorted = target
    target = source
    source = sorted
  }
  return source
}

const BLOCK = 16
const PAUSE = 1 << 15
const PAUSE_MASK = PAUSE - 1

function insertionSort(rows: Int32Array, from: number, to: number, compare: (a: number, b: number) => number): void {
  for (let i = from + 1; i < to; i++) {
    const row = rows[i]!
    let j = i - 1
    while (j >= from && compare(rows[j]!, row) > 0) {
      rows[j + 1] = rows[j]!
      j--
    }
    rows[j + 1] = row
  }
}
