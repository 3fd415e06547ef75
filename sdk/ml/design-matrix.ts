/**
 * The numbers a model sees: one row a sample, one column a coefficient, stored by column. A one-hot feature is not
 * spelled out but kept as one level index a row, so that three hundred levels cost as much as one number.
 */
export interface DesignMatrix {
  readonly rows: number
  /** Columns, counting each level of a one-hot block. */
  readonly width: number
  readonly dense: readonly DenseBlock[]
  readonly hot: readonly HotBlock[]
}

export interface DenseBlock {
  /** The block's column. */
  readonly at: number
  readonly values: Float64Array
}

/** Row i has a one in column `at + codes[i]`; a code equal to `levels` stands for none. */
export interface HotBlock {
  readonly at: number
  readonly levels: number
  readonly codes: Int32Array
}

/** Adds the product of rows `from … to - 1` with the weights to `out[0 …]`. */
export function addProduct(
  matrix: DesignMatrix,
  weights: Float64Array,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const n = to - from
  for (const { at, values } of matrix.dense) {
    const w = weights[at]!
    for (let i = 0; i < n; i++) out[i]! += w * values[from + i]!
  }
  for (const block of matrix.hot) {
    const { codes } = block
    const w = levelWeights(block, weights)
    for (let i = 0; i < n; i++) out[i]! += w[codes[from + i]!]!
  }
}

/** The weights of a block's levels and a zero for none. */
function levelWeights({ at, levels }: HotBlock, weights: Float64Array): Float64Array {
  const out = new Float64Array(levels + 1)
  out.set(weights.subarray(at, at + levels))
  return out
}

/** Adds to each column's sum in `out` the products of its rows `from … to - 1` with `factors[0 …]`. */
export function addTransposedProduct(
  matrix: DesignMatrix,
  factors: Float64Array,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const n = to - from
  for (const { at, values } of matrix.dense) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += factors[i]! * values[from + i]!
    out[at]! += sum
  }
  for (const { at, levels, codes } of matrix.hot) {
    const sums = new Float64Array(levels + 1)
    for (let i = 0; i < n; i++) sums[codes[from + i]!]! += factors[i]!
    for (let level = 0; level < levels; level++) out[at + level]! += sums[level]!
  }
}

/** The sum of squares of each column. */
export function squares(matrix: DesignMatrix): Float64Array {
  const out = new Float64Array(matrix.width)
  for (const { at, values } of matrix.dense) {
    let sum = 0
    for (let i = 0; i < matrix.rows; i++) sum += values[i]! * values[i]!
    out[at] = sum
  }
  for (const { at, levels, codes } of matrix.hot) {
    for (let i = 0; i < matrix.rows; i++) if (codes[i]! < levels) out[at + codes[i]!]! += 1
  }
  return out
}

/** Row by row, all columns spelled out. */
export function rowMajor(matrix: DesignMatrix): Float64Array {
  const { rows, width } = matrix
  const out = new Float64Array(rows * width)
  for (const { at, values } of matrix.dense) for (let i = 0; i < rows; i++) out[i * width + at] = values[i]!
  for (const { at, levels, codes } of matrix.hot) {
    for (let i = 0; i < rows; i++) if (codes[i]! < levels) out[i * width + at + codes[i]!] = 1
  }
  return out
}
