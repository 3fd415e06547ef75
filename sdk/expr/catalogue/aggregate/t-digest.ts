import type { Value } from '../../../data/column.ts'
import { arrayBytes, OBJECT_BYTES } from '../../../data/value-bytes.ts'
import type { Accumulator } from '../../function.ts'
import { interpolated } from './interpolate.ts'

/**
 * A merging t-digest (Dunning & Ertl 2019, arXiv:1902.04023): clusters of neighbouring values, small near both ends and
 * wider in the middle, so that a quantile is off by a small share of its distance to the nearer end. Values are gathered
 * and merged into the clusters when there are enough; up to that a quantile is exact. Asking changes nothing, so that
 * answers do not depend on when one asks.
 */
export class TDigest implements Accumulator {
  readonly #q: number
  readonly #compression: number
  #fresh: Float64Array
  #gathered = 0
  #clusters: Clusters = EMPTY
  /** How many are −Infinity, Infinity and NaN, which have no mean with others. */
  #odd: readonly [number, number, number] = [0, 0, 0]
  /** What one asked last was computed from: all values in order, or what is merged. */
  #sorted: Float64Array | null = null
  #asked: Clusters | null = null

  constructor(q: number, compression: number) {
    this.#q = q
    this.#compression = compression
    this.#fresh = new Float64Array(8)
  }

  add([value]: readonly Value[]): void {
    const x = value as number
    if (x - x !== 0) {
      const [below, above, none] = this.#odd
      this.#odd = x < 0 ? [below + 1, above, none] : x > 0 ? [below, above + 1, none] : [below, above, none + 1]
      return
    }
    this.#sorted = null
    this.#asked = null
    if (this.#gathered === this.#fresh.length) this.#grow()
    this.#fresh[this.#gathered++] = x
  }

  #grow(): void {
    const most = 8 * this.#compression
    if (this.#gathered < most) {
      const more = new Float64Array(Math.min(most, this.#gathered * 2))
      more.set(this.#fresh)
      this.#fresh = more
      return
    }
    this.#clusters = this.#merged()
    this.#gathered = 0
  }

  #merged(): Clusters {
    return merge(this.#clusters, this.#fresh.slice(0, this.#gathered).sort(), this.#compression)
  }

  value(): Value {
    const [below, above, none] = this.#odd
    const finite = this.#clusters.total + this.#gathered
    const total = below + finite + above + none
    if (total === 0) return null
    const at = (place: number): number => {
      if (place < below) return -Infinity
      if (place < below + finite) return this.#finite(place - below)
      return place < below + finite + above ? Infinity : NaN
    }
    const place = (total - 1) * this.#q
    const floor = Math.floor(place)
    return interpolated(at(floor), at(Math.min(floor + 1, total - 1)), place - floor, 'linear')
  }

  /** The finite value at a place in their order. */
  #finite(place: number): number {
    if (this.#clusters.total === 0) return (this.#sorted ??= this.#fresh.slice(0, this.#gathered).sort())[place]!
    this.#asked ??= this.#merged()
    const { means, weights, least, greatest, total } = this.#asked
    // Clusters may overlap, so that the last one need not hold the greatest value.
    if (place <= 0) return least
    if (place >= total - 1) return greatest
    let before = 0
    let [left, leftValue] = [0, least]
    for (let i = 0; i < means.length; i++) {
      const centre = before + (weights[i]! - 1) / 2
      if (place <= centre) return between(place, left, leftValue, centre, means[i]!)
      ;[left, leftValue] = [centre, means[i]!]
      before += weights[i]!
    }
    return between(place, left, leftValue, total - 1, greatest)
  }

  get bytes(): number {
    const { means, weights } = this.#clusters
    return (
      4 * OBJECT_BYTES + arrayBytes(this.#fresh) + (means.length === 0 ? 0 : arrayBytes(means) + arrayBytes(weights))
    )
  }

  snapshot(): unknown {
    return { fresh: this.#fresh.slice(0, this.#gathered), clusters: this.#clusters, odd: [...this.#odd] }
  }

  restore(state: unknown): void {
    const { fresh, clusters, odd } = state as {
      fresh: Float64Array
      clusters: Clusters
      odd: [number, number, number]
    }
    this.#fresh = new Float64Array(Math.max(8, fresh.length))
    this.#fresh.set(fresh)
    this.#gathered = fresh.length
    this.#clusters = { ...clusters, means: clusters.means.slice(), weights: clusters.weights.slice() }
    this.#odd = odd
    this.#sorted = null
    this.#asked = null
  }
}

/** Neighbouring values as their mean and number, ascending. */
interface Clusters {
  readonly means: Float64Array
  readonly weights: Float64Array
  readonly least: number
  readonly greatest: number
  readonly total: number
}

const EMPTY: Clusters = {
  means: new Float64Array(0),
  weights: new Float64Array(0),
  least: Infinity,
  greatest: -Infinity,
  total: 0,
}

function between(place: number, left: number, leftValue: number, right: number, rightValue: number): number {
  return right <= left ? rightValue : interpolated(leftValue, rightValue, (place - left) / (right - left), 'linear')
}

/** Clusters and ascending values as clusters, of which none spans more than one step of the scale function. */
function merge(clusters: Clusters, values: Float64Array, compression: number): Clusters {
  if (values.length === 0) return clusters
  const total = clusters.total + values.length
  const all = clusters.means.length + values.length
  const [means, weights] = [new Float64Array(all), new Float64Array(all)]
  let [length, i, j, done] = [0, 0, 0, 0]
  let limit = 0
  while (i < clusters.means.length || j < values.length) {
    const old = j === values.length || (i < clusters.means.length && clusters.means[i]! <= values[j]!)
    const [mean, weight] = old ? [clusters.means[i]!, clusters.weights[i]!] : [values[j]!, 1]
    if (old) i++
    else j++
    if (length > 0 && done + weight <= limit) {
      weights[length - 1]! += weight
      const share = weight / weights[length - 1]!
      means[length - 1] = interpolated(means[length - 1]!, mean, share, 'linear')
    } else {
      limit = total * nextQuantile(done / total, compression)
      means[length] = mean
      weights[length++] = weight
    }
    done += weight
  }
  return {
    means: means.slice(0, length),
    weights: weights.slice(0, length),
    least: Math.min(clusters.least, values[0]!),
    greatest: Math.max(clusters.greatest, values[values.length - 1]!),
    total,
  }
}

/** The quantile one step of the scale function k(q) = δ/2π · asin(2q − 1) further. */
function nextQuantile(q: number, compression: number): number {
  const angle = Math.asin(2 * q - 1) + (2 * Math.PI) / compression
  return angle >= Math.PI / 2 ? 1 : (Math.sin(angle) + 1) / 2
}
