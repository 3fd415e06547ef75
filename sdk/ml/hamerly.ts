import type { Random } from './random.ts'

/**
 * Lloyd's k-means with Hamerly's bounds (Making k-means even faster, 2010): an upper bound of each row's distance to
 * its own centre and a lower bound to all others spare most distances, and the answer is Lloyd's. Data and centres are
 * row-major. When it returns, every label is that of the nearest of the returned centres.
 */
export interface Clustering {
  /** Row-major, one row a cluster. */
  readonly centres: Float64Array
  readonly labels: Int32Array
  /** The sum of squared distances of the rows to their centres. */
  readonly inertia: number
  readonly iterations: number
  readonly converged: boolean
}

export interface LloydOptions {
  /** Converged when the centres' squared moves sum to no more than this. */
  readonly shift: number
  readonly maxIterations: number
  /** Runs between two iterations. */
  readonly onIteration: (iteration: number) => Promise<void>
}

export async function hamerly(
  data: Float64Array,
  rows: number,
  width: number,
  start: Float64Array,
  options: LloydOptions,
): Promise<Clustering> {
  const state = new Bounds(data, rows, width, Float64Array.from(start))
  state.assignAll()
  let iterations = 0
  let converged = false
  while (!converged && iterations < options.maxIterations) {
    await options.onIteration(iterations)
    const shift = state.moveCentres()
    state.assign()
    iterations++
    converged = shift <= options.shift && !state.hasNewEmpty()
  }
  // Sums that were kept up to date carry rounding: the last centres are means of their rows, taken anew.
  state.sumAnew()
  state.moveCentres()
  state.assign()
  return { centres: state.centres, labels: state.labels, inertia: state.inertia(), iterations, converged }
}

class Bounds {
  readonly #data: Float64Array
  readonly #rows: number
  readonly #width: number
  readonly #clusters: number
  readonly #upper: Float64Array
  readonly #lower: Float64Array
  readonly #sums: Float64Array
  readonly #counts: Int32Array
  /** Empty clusters that no row can fill, because each row lies on a centre. */
  readonly #idle = new Set<number>()
  #furthestMove = { cluster: -1, distance: 0, next: 0 }
  readonly #moves: Float64Array
  readonly centres: Float64Array
  readonly labels: Int32Array

  constructor(data: Float64Array, rows: number, width: number, centres: Float64Array) {
    this.#data = data
    this.#rows = rows
    this.#width = width
    this.#clusters = centres.length / width
    this.#upper = new Float64Array(rows)
    this.#lower = new Float64Array(rows)
    this.#sums = new Float64Array(centres.length)
    this.#counts = new Int32Array(this.#clusters)
    this.#moves = new Float64Array(this.#clusters)
    this.centres = centres
    this.labels = new Int32Array(rows)
  }

  assignAll(): void {
    for (let i = 0; i < this.#rows; i++) this.labels[i] = this.#nearest(i)
    this.sumAnew()
  }

  sumAnew(): void {
    const data = this.#data
    const width = this.#width
    const sums = this.#sums
    sums.fill(0)
    this.#counts.fill(0)
    for (let i = 0; i < this.#rows; i++) {
      const to = this.labels[i]! * width
      for (let j = 0; j < width; j++) sums[to + j]! += data[i * width + j]!
      this.#counts[this.labels[i]!]!++
    }
  }

  /** The nearest centre of a row; sets both bounds. */
  #nearest(i: number): number {
    const data = this.#data
    const centres = this.centres
    const width = this.#width
    const from = i * width
    let best = 0
    let first = Infinity
    let second = Infinity
    for (let c = 0; c < this.#clusters; c++) {
      const square = squaredDistance(data, from, centres, c * width, width)
      if (square < first) {
        second = first
        first = square
        best = c
      } else if (square < second) second = square
    }
    this.#upper[i] = Math.sqrt(first)
    this.#lower[i] = Math.sqrt(second)
    return best
  }

  #distance(i: number, cluster: number): number {
    const width = this.#width
    return Math.sqrt(squaredDistance(this.#data, i * width, this.centres, cluster * width, width))
  }

  /** Moves each centre to the mean of its rows, an empty one to the row furthest from its centre; gives Σ move². */
  moveCentres(): number {
    const width = this.#width
    const seeds = this.#seedsOfEmpty()
    let total = 0
    for (let c = 0; c < this.#clusters; c++) {
      const count = this.#counts[c]!
      const seed = seeds.get(c)
      let square = 0
      for (let j = 0; j < width; j++) {
        const at = c * width + j
        const before = this.centres[at]!
        const after = count > 0 ? this.#sums[at]! / count : seed === undefined ? before : this.#data[seed * width + j]!
        square += (after - before) * (after - before)
        this.centres[at] = after
      }
      this.#moves[c] = Math.sqrt(square)
      total += square
    }
    this.#furthestMove = twoLargest(this.#moves)
    return total
  }

  #seedsOfEmpty(): Map<number, number> {
    const seeds = new Map<number, number>()
    this.#idle.clear()
    const taken = new Set<number>()
    for (let c = 0; c < this.#clusters; c++) {
      if (this.#counts[c]! > 0) continue
      let furthest = -1
      let most = 0
      for (let i = 0; i < this.#rows; i++) {
        if (this.#counts[this.labels[i]!]! < 2 || taken.has(i)) continue
        const distance = this.#distance(i, this.labels[i]!)
        if (distance > most) {
          most = distance
          furthest = i
        }
      }
      if (furthest < 0) this.#idle.add(c)
      else {
        seeds.set(c, furthest)
        taken.add(furthest)
      }
    }
    return seeds
  }

  /** True when a cluster has lost its last row and can be seeded again. */
  hasNewEmpty(): boolean {
    return this.#counts.some((count, c) => count === 0 && !this.#idle.has(c))
  }

  /** Gives each row to its nearest centre after the centres have moved. */
  assign(): void {
    const half = this.#halfToNextCentre()
    const { cluster: moved, distance, next } = this.#furthestMove
    for (let i = 0; i < this.#rows; i++) {
      const own = this.labels[i]!
      this.#upper[i]! += this.#moves[own]!
      this.#lower[i]! -= own === moved ? next : distance
      const bound = Math.max(half[own]!, this.#lower[i]!)
      if (this.#upper[i]! <= bound) continue
      this.#upper[i] = this.#distance(i, own)
      if (this.#upper[i]! <= bound) continue
      const best = this.#nearest(i)
      if (best !== own) this.#give(i, own, best)
    }
  }

  #give(i: number, from: number, to: number): void {
    const width = this.#width
    for (let j = 0; j < width; j++) {
      const value = this.#data[i * width + j]!
      this.#sums[from * width + j]! -= value
      this.#sums[to * width + j]! += value
    }
    this.#counts[from]!--
    this.#counts[to]!++
    this.labels[i] = to
  }

  #halfToNextCentre(): Float64Array {
    const width = this.#width
    const out = new Float64Array(this.#clusters).fill(Infinity)
    for (let a = 0; a < this.#clusters; a++) {
      for (let b = 0; b < a; b++) {
        const half = Math.sqrt(squaredDistance(this.centres, a * width, this.centres, b * width, width)) / 2
        out[a] = Math.min(out[a]!, half)
        out[b] = Math.min(out[b]!, half)
      }
    }
    return out
  }

  inertia(): number {
    let total = 0
    for (let i = 0; i < this.#rows; i++) total += this.#distance(i, this.labels[i]!) ** 2
    return total
  }
}

function twoLargest(moves: Float64Array): { cluster: number; distance: number; next: number } {
  let cluster = -1
  let distance = 0
  let next = 0
  for (let c = 0; c < moves.length; c++) {
    if (moves[c]! > distance) {
      next = distance
      distance = moves[c]!
      cluster = c
    } else if (moves[c]! > next) next = moves[c]!
  }
  return { cluster, distance, next }
}

/**
 * First centres by greedy k-means++ (Arthur & Vassilvitskii, 2007): each further centre is the best of 2 + ln k rows
 * drawn with a chance proportional to the squared distance to the nearest centre so far.
 */
export function plusPlus(
  data: Float64Array,
  rows: number,
  width: number,
  clusters: number,
  random: Random,
): Float64Array {
  const row = (i: number): Float64Array => data.subarray(i * width, (i + 1) * width)
  const centres = new Float64Array(clusters * width)
  const trials = 2 + Math.floor(Math.log(clusters))
  centres.set(row(Math.floor(random.next() * rows)))
  const owners = new Int32Array(rows)
  let nearest = new Float64Array(rows).fill(Infinity)
  let total = nearer(data, width, centres.subarray(0, width), Float64Array.of(0), owners, nearest, nearest)
  let candidate = new Float64Array(rows)
  let best = new Float64Array(rows)
  for (let c = 1; c < clusters; c++) {
    let least = Infinity
    let chosen = 0
    for (let trial = 0; trial < trials; trial++) {
      const drawn = draw(nearest, random.next() * total)
      const apart = Float64Array.from({ length: c }, (_, k) =>
        squaredDistance(data, drawn * width, centres, k * width, width),
      )
      const sum = nearer(data, width, row(drawn), apart, owners, nearest, candidate)
      if (sum < least) {
        least = sum
        chosen = drawn
        ;[best, candidate] = [candidate, best]
      }
    }
    for (let i = 0; i < rows; i++) if (best[i]! < nearest[i]!) owners[i] = c
    ;[nearest, best] = [best, nearest]
    total = least
    centres.set(row(chosen), c * width)
  }
  return centres
}

/**
 * Writes the smaller of `nearest` and the squared distances to `point`; gives their sum. By the triangle inequality a
 * row stays with its owner when the point is at least twice as far from the owner as the row is.
 */
function nearer(
  data: Float64Array,
  width: number,
  point: Float64Array,
  apart: Float64Array,
  owners: Int32Array,
  nearest: Float64Array,
  out: Float64Array,
): number {
  let sum = 0
  for (let i = 0; i < owners.length; i++) {
    let least = nearest[i]!
    if (4 * least > apart[owners[i]!]!) {
      const square = squaredDistance(data, i * width, point, 0, width)
      if (square < least) least = square
    }
    out[i] = least
    sum += least
  }
  return sum
}

function draw(weights: Float64Array, at: number): number {
  let left = at
  const last = weights.length - 1
  for (let i = 0; i < last; i++) {
    left -= weights[i]!
    if (left < 0) return i
  }
  return last
}

/** Between `width` numbers of `a` and of `b`; four sums run side by side because each addition waits for the one before. */
export function squaredDistance(a: Float64Array, from: number, b: Float64Array, at: number, width: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let j = 0
  for (; j + 4 <= width; j += 4) {
    const d0 = a[from + j]! - b[at + j]!
    const d1 = a[from + j + 1]! - b[at + j + 1]!
    const d2 = a[from + j + 2]! - b[at + j + 2]!
    const d3 = a[from + j + 3]! - b[at + j + 3]!
    s0 += d0 * d0
    s1 += d1 * d1
    s2 += d2 * d2
    s3 += d3 * d3
  }
  for (; j < width; j++) s0 += (a[from + j]! - b[at + j]!) * (a[from + j]! - b[at + j]!)
  return s0 + s1 + (s2 + s3)
}
