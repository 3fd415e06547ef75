import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowMajor, type DesignMatrix } from '../../../sdk/ml/design-matrix.ts'
import { LogisticLoss, sigmoid } from '../../../sdk/ml/logistic-loss.ts'

const matrix: DesignMatrix = {
  rows: 4,
  width: 4,
  dense: [{ at: 0, values: Float64Array.of(1, -2, 0.5, 3) }],
  hot: [{ at: 1, levels: 3, codes: Int32Array.of(0, 2, 3, 0) }],
}
const labels = Uint8Array.of(1, 0, 0, 1)

test('a one-hot block spelled out has a one where its code points, and none for the code beyond', () => {
  expect([...rowMajor(matrix)]).toEqual([1, 1, 0, 0, -2, 0, 0, 1, 0.5, 0, 0, 0, 3, 1, 0, 0])
})

/** The loss as it is defined, row by row over the spelled-out matrix. */
function obvious(weights: Float64Array, l2: number): number {
  const rows = rowMajor(matrix)
  let loss = 0
  for (let i = 0; i < matrix.rows; i++) {
    let z = weights[matrix.width]!
    for (let j = 0; j < matrix.width; j++) z += weights[j]! * rows[i * matrix.width + j]!
    loss -= Math.log(labels[i] === 1 ? sigmoid(z) : 1 - sigmoid(z))
  }
  const square = weights.subarray(0, matrix.width).reduce((sum, w) => sum + w * w, 0)
  return (loss + 0.5 * l2 * square) / matrix.rows
}

test('loss and gradient are those of the definition', () => {
  const weight = fc.double({ min: -3, max: 3, noNaN: true })
  fc.assert(
    fc.property(fc.array(weight, { minLength: 5, maxLength: 5 }), fc.constantFrom(0, 0.5, 4), (values, l2) => {
      const weights = Float64Array.from(values)
      const gradient = new Float64Array(5)
      expect(new LogisticLoss(matrix, labels, l2).evaluate(weights, gradient)).toBeCloseTo(obvious(weights, l2), 12)
      for (let j = 0; j < 5; j++) {
        const up = Float64Array.from(weights)
        const down = Float64Array.from(weights)
        up[j]! += 1e-5
        down[j]! -= 1e-5
        expect(gradient[j]).toBeCloseTo((obvious(up, l2) - obvious(down, l2)) / 2e-5, 7)
      }
    }),
    { seed: 5 },
  )
})

test('far from the labels the loss is linear and finite', () => {
  const loss = new LogisticLoss(matrix, labels, 0)
  expect(loss.evaluate(Float64Array.of(-1000, 0, 0, 0, 0), new Float64Array(5))).toBeCloseTo((1000 + 2000 + 3000) / 4)
})

test('more rows than a block are all counted', () => {
  const n = 10_000
  const many: DesignMatrix = {
    rows: n,
    width: 1,
    dense: [{ at: 0, values: new Float64Array(n).fill(1) }],
    hot: [],
  }
  const half = Uint8Array.from({ length: n }, (_, i) => i % 2)
  const gradient = new Float64Array(2)
  expect(new LogisticLoss(many, half, 0).evaluate(Float64Array.of(2, 0), gradient)).toBeCloseTo(
    Math.log1p(Math.exp(-2)) + 1,
    12,
  )
  expect(gradient[0]).toBeCloseTo(sigmoid(2) - 0.5, 12)
  expect(gradient[1]).toBeCloseTo(sigmoid(2) - 0.5, 12)
})

test('sigmoid neither overflows nor loses its tails', () => {
  expect([sigmoid(0), sigmoid(1000), sigmoid(-1000), sigmoid(-40)]).toEqual([0.5, 1, 0, Math.exp(-40)])
})
