import { addProduct, addTransposedProduct, squares, type DesignMatrix } from './design-matrix.ts'

/**
 * The mean logistic loss of a linear model with an intercept and an l2 penalty, its gradient, and the labels' share.
 * The coefficients come first, the intercept last; the intercept is not penalised. Rows are taken in blocks that fit
 * the cache.
 */
export class LogisticLoss {
  readonly #matrix: DesignMatrix
  readonly #labels: Uint8Array
  readonly #penalty: number
  readonly #products: Float64Array = new Float64Array(BLOCK)
  /** The share of true labels. */
  readonly share: number

  /** `l2` weighs half the squared coefficients against the sum of losses: scikit-learn's 1 / C. */
  constructor(matrix: DesignMatrix, labels: Uint8Array, l2: number) {
    this.#matrix = matrix
    this.#labels = labels
    this.#penalty = l2 / matrix.rows
    let positives = 0
    for (let i = 0; i < labels.length; i++) positives += labels[i]!
    this.share = positives / labels.length
  }

  /** No coefficient, and the intercept that predicts the share of true labels. */
  start(): Float64Array {
    const out = new Float64Array(this.#matrix.width + 1)
    out[out.length - 1] = Math.log(this.share / (1 - this.share))
    return out
  }

  /** The inverse diagonal of the Hessian at {@link start}. */
  preconditioner(): Float64Array {
    const { rows, width } = this.#matrix
    const spread = this.share * (1 - this.share)
    const out = new Float64Array(width + 1)
    for (const [j, square] of squares(this.#matrix).entries()) {
      const curvature = (spread * square) / rows + this.#penalty
      out[j] = curvature > 0 ? 1 / curvature : 1
    }
    out[width] = 1 / spread
    return out
  }

  /** The loss at `weights`; writes the gradient. */
  evaluate(weights: Float64Array, gradient: Float64Array): number {
    const { rows, width } = this.#matrix
    const intercept = weights[width]!
    gradient.fill(0)
    let loss = 0
    let residuals = 0
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(from + BLOCK, rows)
      const z = this.#products
      z.fill(intercept, 0, to - from)
      addProduct(this.#matrix, weights, from, to, z)
      loss += this.#lossAndResiduals(z, from, to)
      for (let i = 0; i < to - from; i++) residuals += z[i]!
      addTransposedProduct(this.#matrix, z, from, to, gradient)
    }
    let square = 0
    for (let j = 0; j < width; j++) {
      square += weights[j]! * weights[j]!
      gradient[j] = gradient[j]! / rows + this.#penalty * weights[j]!
    }
    gradient[width] = residuals / rows
    return loss / rows + 0.5 * this.#penalty * square
  }

  /**
   * The sum of losses of a block whose products are in `z`, which become probability − label. The loss of one row is
   * log(1 + e^−|z|) + max(0, ∓z); the logarithms of up to {@link FACTORS} rows are taken at once from their product.
   */
  #lossAndResiduals(z: Float64Array, from: number, to: number): number {
    const labels = this.#labels
    let linear = 0
    let logs = 0
    let product = 1
    for (let i = 0; i < to - from; i++) {
      const value = z[i]!
      const label = labels[from + i]!
      const e = Math.exp(value > 0 ? -value : value)
      const total = 1 + e
      product *= total
      if ((i & (FACTORS - 1)) === FACTORS - 1) {
        logs += Math.log(product)
        product = 1
      }
      linear += (value > 0 ? value : 0) - label * value
      z[i] = (value > 0 ? 1 : e) / total - label
    }
    return linear + logs + Math.log(product)
  }
}

const BLOCK = 4096

/** Factors are at most 2, so that the product of 512 stays finite. */
const FACTORS = 512

/** The probability of a linear score, without overflow. */
export function sigmoid(score: number): number {
  if (score >= 0) return 1 / (1 + Math.exp(-score))
  const e = Math.exp(score)
  return e / (1 + e)
}
