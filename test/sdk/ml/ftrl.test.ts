import { expect, test } from 'vitest'
import type { DesignMatrix } from '../../../sdk/ml/design-matrix.ts'
import { Ftrl } from '../../../sdk/ml/ftrl.ts'
import { Random } from '../../../sdk/ml/random.ts'

const plain = { alpha: 0.5, beta: 1, l1: 0, l2: 0 }

function matrixOf(rows: number, seed: number): DesignMatrix {
  const random = new Random(seed)
  return {
    rows,
    width: 4,
    dense: [{ at: 0, values: Float64Array.from({ length: rows }, () => random.next() * 4 - 2) }],
    hot: [{ at: 1, levels: 3, codes: Int32Array.from({ length: rows }, () => Math.floor(random.next() * 4)) }],
  }
}

test('it starts at the very coefficients given, whatever the options', () => {
  const start = Float64Array.of(0.1, -0.2, 1 / 3, 0, 0.7)
  for (const options of [plain, { alpha: 0.1, beta: 0, l1: 0.5, l2: 0.3 }]) {
    expect([...new Ftrl(start, options).weights]).toEqual([...start])
  }
})

test('one step by hand', () => {
  const one: DesignMatrix = { rows: 1, width: 1, dense: [{ at: 0, values: Float64Array.of(2) }], hot: [] }
  const ftrl = new Ftrl(Float64Array.of(0, 0), plain)
  const probability = ftrl.predict(one, 0)
  expect(probability).toBe(0.5)
  ftrl.learn(one, 0, probability, 1)
  // The gradients are (0.5 − 1) · 2 = −1 and −0.5: each coefficient moves by alpha · |g| / (beta + |g|).
  expect(ftrl.weights[0]).toBeCloseTo((0.5 * 1) / (1 + 1), 15)
  expect(ftrl.weights[1]).toBeCloseTo((0.5 * 0.5) / (1 + 0.5), 15)
  expect(ftrl.learnt).toBe(1)
})

test('without penalties a step is gradient descent with a rate per coefficient', () => {
  const matrix = matrixOf(300, 3)
  const random = new Random(4)
  const start = Float64Array.of(0.1, -0.2, 0.3, 0.4, -0.5)
  const ftrl = new Ftrl(start, plain)
  const weights = Float64Array.from(start)
  const squares = new Float64Array(5)
  for (let i = 0; i < matrix.rows; i++) {
    const label = random.next() < 0.3 ? 1 : 0
    const probability = ftrl.predict(matrix, i)
    ftrl.learn(matrix, i, probability, label)
    const x = [matrix.dense[0]!.values[i]!, 0, 0, 0, 1]
    const code = matrix.hot[0]!.codes[i]!
    if (code < 3) x[1 + code] = 1
    for (let j = 0; j < 5; j++) {
      const gradient = (probability - label) * x[j]!
      squares[j]! += gradient * gradient
      weights[j]! -= (plain.alpha / (plain.beta + Math.sqrt(squares[j]!))) * gradient
    }
  }
  ftrl.weights.forEach((w, j) => expect(w).toBeCloseTo(weights[j]!, 10))
})

test('a large l1 leaves coefficients at zero, but not the intercept', () => {
  const matrix = matrixOf(200, 5)
  const ftrl = new Ftrl(new Float64Array(5), { ...plain, l1: 1000 })
  for (let i = 0; i < matrix.rows; i++) ftrl.learn(matrix, i, ftrl.predict(matrix, i), 1)
  expect([...ftrl.weights.subarray(0, 4)]).toEqual([0, 0, 0, 0])
  expect(ftrl.weights[4]).toBeGreaterThan(0.5)
})

test('a snapshot in mid-stream continues equally', () => {
  const matrix = matrixOf(200, 6)
  const start = Float64Array.of(0.1, -0.2, 0.3, 0.4, -0.5)
  const learn = (ftrl: Ftrl, from: number, to: number): void => {
    for (let i = from; i < to; i++) ftrl.learn(matrix, i, ftrl.predict(matrix, i), i % 3 === 0 ? 1 : 0)
  }
  const straight = new Ftrl(start, plain)
  learn(straight, 0, 80)
  const state = structuredClone(straight.snapshot())
  learn(straight, 80, 200)
  const restored = new Ftrl(start, plain)
  restored.restore(state)
  learn(restored, 80, 200)
  expect(restored.snapshot()).toEqual(straight.snapshot())
})
