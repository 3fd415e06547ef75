/**
 * A histogram in bounded memory that does not hang on the order in which values come. While there are at most 65,536
 * different values each is counted by itself; beyond that they are counted in fine bins, whose width grows by whole
 * factors along a fixed ladder, so that the fine bins are those that all values together need. Every value stays counted.
 */

/** whole: integers · time: milliseconds since the epoch · real: any number. */
export type BinKind = 'whole' | 'time' | 'real'

/** Bins of one width side by side, empty ones included: bin i holds values from `edges[i]` up to below `edges[i + 1]`. */
export interface BinCounts {
  readonly width: number
  /** One more than bins; empty when nothing was counted. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}

const MOST_COUNTED = 65_536

export class Bins {
  readonly #kind: BinKind
  readonly #most: number
  /** Counts by value, or by number of a fine bin once there is a ladder. */
  #counts = new Map<number, number>()
  /** Of the fine bins; null while values are counted by themselves. */
  #rung: number | null = null
  /** True while every value was whole, and none is merged with others. */
  #whole = true
  /** Values that no bin holds: NaN, the infinities and what is as good as infinite, beyond 1e300. */
  missing = 0
  total = 0

  constructor(kind: BinKind, most: number = MOST_COUNTED) {
    this.#kind = kind
    this.#most = most
  }

  add(value: number): void {
    if (!(Math.abs(value) <= 1e300)) {
      this.missing++
      return
    }
    this.total++
    if (this.#rung === null) {
      this.#whole &&= Number.isInteger(value)
      this.#count(value + 0)
      if (this.#counts.size > this.#most) this.#begin()
      return
    }
    while (!Number.isFinite(this.#fine(value))) this.#climb()
    this.#count(this.#fine(value))
    while (this.#counts.size > this.#most) this.#climb()
  }

  /** At most about `wanted` bins, with bounds that people like. */
  result(wanted: number): BinCounts {
    const fine = this.#rung === null ? null : widthOf(this.#kind, this.#rung)
    const lefts = [...this.#counts].map(([key, count]) => [fine === null ? key : key * fine, count] as const)
    let low = Infinity
    let high = -Infinity
    for (const [left] of lefts) {
      if (left < low) low = left
      if (left > high) high = left
    }
    if (lefts.length === 0) return { width: 1, edges: [], counts: [] }
    const grid = this.#grid(low, high, wanted, fine)
    const first = grid.bin(low)
    const counts = new Array<number>(grid.bin(high) - first + 1).fill(0)
    for (const [left, count] of lefts) counts[grid.bin(left) - first]! += count
    const edges = Array.from({ length: counts.length + 1 }, (_, i) => grid.edge(first + i))
    return { width: grid.width, edges, counts }
  }

  #count(key: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  #fine(value: number): number {
    return binOf(value, widthOf(this.#kind, this.#rung!))
  }

  /** The lowest rung on which the values so far fit. */
  #begin(): void {
    const values = [...this.#counts]
    const fits = (rung: number): boolean => {
      const width = widthOf(this.#kind, rung)
      const used = new Set<number>()
      for (const [value] of values) {
        const bin = binOf(value, width)
        if (!Number.isFinite(bin)) return false
        used.add(bin)
        if (used.size > this.#most) return false
      }
      return true
    }
    let rung = 0
    while (!fits(rung)) rung++
    if (this.#kind === 'real') while (rung > -1074 && fits(rung - 1)) rung--
    this.#rung = rung
    this.#counts = new Map()
    for (const [value, count] of values) {
      const bin = this.#fine(value)
      this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + count)
    }
  }

  /** Merges the fine bins into those of the next rung. */
  #climb(): void {
    const factor = widthOf(this.#kind, this.#rung! + 1) / widthOf(this.#kind, this.#rung!)
    const old = this.#counts
    this.#counts = new Map()
    this.#rung!++
    for (const [bin, count] of old) {
      const wide = Math.floor(bin / factor)
      this.#counts.set(wide, (this.#counts.get(wide) ?? 0) + count)
    }
  }

  /** The finest grid that has few enough bins and whose bounds are bounds of fine bins. */
  #grid(low: number, high: number, wanted: number, fine: number | null): Grid {
    const most = low < 0 && high >= 0 ? Math.max(2, wanted) : wanted // zero is a bound of every grid
    const suits = (grid: Grid): boolean => grid.bin(high) - grid.bin(low) < most
    if (this.#kind === 'time') {
      const grids = TIMES.filter(width => fine === null || width % fine === 0).map(timeGrid)
      const found = low === high ? timeGrid(TIMES[0]!) : grids.find(suits)
      if (found !== undefined) return found
      const days = fine === null ? DAY : Math.max(DAY, fine)
      return decimals(0, digits => plainGrid(digits * days), suits)
    }
    if (this.#kind === 'real' && fine !== null) {
      let width = fine
      while (!suits(plainGrid(width))) width *= 2
      return plainGrid(width)
    }
    const whole = this.#kind !== 'real' || this.#whole
    const rough = high / wanted - low / wanted
    const start = rough > 0 ? rough : whole ? 1 : Math.abs(high) / 100
    const least = Math.max(Math.floor(Math.log10(start)) - 1, whole ? 0 : -323)
    const distinct = Math.max(Math.abs(low), Math.abs(high)) * 2 ** -50 // narrower bins would have equal bounds
    const fits = (grid: Grid): boolean =>
      (fine === null || grid.width % fine === 0) && grid.width > distinct && suits(grid)
    return decimals(least, (_, digit, exponent) => decimalGrid(digit, exponent), fits)
  }
}

/** The first grid that suits of 1, 2, 5, 10 … times a power of ten. */
function decimals(
  least: number,
  gridOf: (width: number, digit: number, exponent: number) => Grid,
  suits: (grid: Grid) => boolean,
): Grid {
  for (let exponent = least; ; exponent++) {
    for (const digit of [1, 2, 5]) {
      const grid = gridOf(digit * 10 ** exponent, digit, exponent)
      if (suits(grid)) return grid
    }
  }
}

/** A negative number whose quotient is too small for a number still lies below zero. */
function binOf(value: number, width: number): number {
  return value < 0 && value / width === 0 ? -1 : Math.floor(value / width)
}

interface Grid {
  readonly width: number
  bin(value: number): number
  edge(bin: number): number
}

function plainGrid(width: number): Grid {
  return { width, bin: value => Math.floor(value / width), edge: bin => bin * width }
}

/** Weeks begin on Monday; the epoch was a Thursday. */
function timeGrid(width: number): Grid {
  const shift = width % (7 * DAY) === 0 ? 4 * DAY : 0
  return { width, bin: value => Math.floor((value - shift) / width), edge: bin => bin * width + shift }
}

/** A width of 1, 2 or 5 times a power of ten. A value that rounding put just below an edge belongs above it: 0.3 / 0.1. */
function decimalGrid(digit: number, exponent: number): Grid {
  if (exponent >= 0) return plainGrid(digit * 10 ** exponent)
  if (exponent < -300) return plainGrid(Number(`${digit}e${exponent}`))
  const inverse = 10 ** -exponent / digit
  const bin = (value: number): number => {
    const exact = value * inverse
    const near = Math.round(exact)
    return Math.abs(exact - near) <= 1e-9 * Math.max(1, Math.abs(near)) ? near : Math.floor(exact)
  }
  return { width: 1 / inverse, bin, edge: at => at / inverse }
}

const MILLISECOND = 1
const SECOND = 1000 * MILLISECOND
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Widths of bins of time that people like. */
const TIMES: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map(n => n * MILLISECOND),
  ...[1, 2, 5, 10, 15, 30].map(n => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12].map(n => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map(n => n * DAY),
]

const FINE_TIMES: readonly number[] = [1, 10, 100, SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY]

/** The ladders of fine widths. Each width is a whole multiple of the one below, and every bound of it is a bound below. */
function widthOf(kind: BinKind, rung: number): number {
  switch (kind) {
    case 'real':
      return 2 ** rung
    case 'whole':
      return (rung % 2 === 0 ? 1 : 5) * 10 ** Math.floor(rung / 2)
    case 'time': {
      const last = FINE_TIMES.length - 1
      return rung <= last ? FINE_TIMES[rung]! : DAY * 10 ** (rung - last)
    }
  }
}
