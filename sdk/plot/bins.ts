/**
 * A histogram of a stream of numbers in bounded memory. Counts are exact; bins start narrow and are merged in pairs
 * when there come to be too many, so no value is kept or lost.
 */
export class Bins {
  readonly #most: number
  readonly #counts = new Map<number, number>()
  readonly #waiting: number[] = []
  #width = 0
  missing = 0
  total = 0

  /** Keeps at most about `most` bins. */
  constructor(most: number) {
    this.#most = most
  }

  add(value: number): void {
    if (!Number.isFinite(value)) {
      this.missing++
      return
    }
    this.total++
    if (this.#width === 0) {
      this.#waiting.push(value)
      if (this.#waiting.length >= 4096) this.#begin()
    } else this.#count(value)
  }

  /** Left edges and counts of about `wanted` bins of one width, empty ones between included. */
  result(wanted: number): {
    readonly width: number
    readonly edges: readonly number[]
    readonly counts: readonly number[]
  } {
    this.#begin()
    if (this.#counts.size === 0) return { width: 1, edges: [], counts: [] }
    let [low, high] = rangeOf(this.#counts.keys())
    let factor = 1
    while ((high - low + 1) / factor > wanted) factor *= 2
    low = Math.floor(low / factor)
    high = Math.floor(high / factor)
    const counts = new Array<number>(high - low + 1).fill(0)
    for (const [bin, count] of this.#counts) counts[Math.floor(bin / factor) - low]! += count
    const width = this.#width * factor
    return { width, edges: counts.map((_, i) => (low + i) * width), counts }
  }

  /** Chooses the first width from the values so far: fine, a "nice" number, and whole for whole numbers. */
  #begin(): void {
    if (this.#width !== 0 || this.#waiting.length === 0) return
    const [low, high] = rangeOf(this.#waiting)
    const fine = niceAbove((high - low) / this.#most)
    this.#width = this.#waiting.every(Number.isInteger) ? Math.max(1, Math.ceil(fine)) : fine
    for (const value of this.#waiting) this.#count(value)
    this.#waiting.length = 0
  }

  #count(value: number): void {
    const bin = Math.floor(value / this.#width)
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + 1)
    if (this.#counts.size > 2 * this.#most) this.#merge()
  }

  #merge(): void {
    const old = [...this.#counts]
    this.#counts.clear()
    this.#width *= 2
    for (const [bin, count] of old) {
      const half = Math.floor(bin / 2)
      this.#counts.set(half, (this.#counts.get(half) ?? 0) + count)
    }
  }
}

function rangeOf(values: Iterable<number>): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

/** The least of 1, 2, 5 times a power of ten that is not below the number; 1 for none. */
function niceAbove(number: number): number {
  if (!(number > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(number))
  const step = [1, 2, 5, 10].find(factor => factor * power >= number) ?? 10
  return step * power
}
