import { sigmoid } from './logistic-loss.ts'
import type { DesignMatrix } from './design-matrix.ts'

/**
 * Logistic regression row by row: FTRL-Proximal (McMahan et al., Ad Click Prediction, 2013, algorithm 1). Each
 * coefficient has a learning rate of its own, alpha / (beta + √(sum of its squared gradients)). It starts at given
 * coefficients: beta / alpha is how strongly they are held. The intercept is not penalised.
 */
export interface FtrlOptions {
  /** The learning rate: no coefficient moves further than this by one row. */
  readonly alpha: number
  /** Slows the first steps. */
  readonly beta: number
  /** Coefficients whose evidence stays within l1 are zero. */
  readonly l1: number
  /** Draws coefficients towards zero. */
  readonly l2: number
}

/** The state as plain data. */
export interface FtrlState {
  readonly weights: Float64Array
  readonly z: Float64Array
  readonly n: Float64Array
  readonly learnt: number
}

export class Ftrl {
  readonly #options: FtrlOptions
  readonly #weights: Float64Array
  readonly #z: Float64Array
  readonly #n: Float64Array
  #learnt = 0

  /** `start` has the coefficients, then the intercept. */
  constructor(start: Float64Array, options: FtrlOptions) {
    const { alpha, beta, l1, l2 } = options
    const last = start.length - 1
    this.#options = options
    // Kept beside z and n, from which they follow, so that the first predictions use the very numbers given.
    this.#weights = Float64Array.from(start)
    this.#z = start.map((w, i) => (i === last ? (-w * beta) / alpha : -w * (beta / alpha + l2) - Math.sign(w) * l1))
    this.#n = new Float64Array(start.length)
  }

  /** How many rows have been learnt. */
  get learnt(): number {
    return this.#learnt
  }

  /** The coefficients, then the intercept. */
  get weights(): Float64Array {
    return this.#weights
  }

  /** The probability that row `i` is true. */
  predict(matrix: DesignMatrix, i: number): number {
    const weights = this.#weights
    let score = weights[weights.length - 1]!
    for (let b = 0; b < matrix.dense.length; b++) {
      const block = matrix.dense[b]!
      score += weights[block.at]! * block.values[i]!
    }
    for (let b = 0; b < matrix.hot.length; b++) {
      const block = matrix.hot[b]!
      const code = block.codes[i]!
      if (code < block.levels) score += weights[block.at + code]!
    }
    return sigmoid(score)
  }

  /** Learns row `i`, whose probability is what {@link predict} just gave, from its label, 0 or 1. */
  learn(matrix: DesignMatrix, i: number, probability: number, label: number): void {
    const residual = probability - label
    const { l1, l2 } = this.#options
    for (let b = 0; b < matrix.dense.length; b++) {
      const block = matrix.dense[b]!
      this.#step(block.at, residual * block.values[i]!, l1, l2)
    }
    for (let b = 0; b < matrix.hot.length; b++) {
      const block = matrix.hot[b]!
      const code = block.codes[i]!
      if (code < block.levels) this.#step(block.at + code, residual, l1, l2)
    }
    this.#step(this.#weights.length - 1, residual, 0, 0)
    this.#learnt++
  }

  #step(j: number, gradient: number, l1: number, l2: number): void {
    if (gradient === 0) return
    const { alpha, beta } = this.#options
    const before = this.#n[j]!
    const after = before + gradient * gradient
    const root = Math.sqrt(after)
    const z = this.#z[j]! + gradient - ((root - Math.sqrt(before)) / alpha) * this.#weights[j]!
    this.#n[j] = after
    this.#z[j] = z
    this.#weights[j] = Math.abs(z) <= l1 ? 0 : -(z - Math.sign(z) * l1) / ((beta + root) / alpha + l2)
  }

  snapshot(): FtrlState {
    return { weights: this.#weights.slice(), z: this.#z.slice(), n: this.#n.slice(), learnt: this.#learnt }
  }

  restore(state: FtrlState): void {
    this.#weights.set(state.weights)
    this.#z.set(state.z)
    this.#n.set(state.n)
    this.#learnt = state.learnt
  }
}
