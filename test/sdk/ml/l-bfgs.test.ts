import { expect, test } from 'vitest'
import { minimise, type Objective } from '../../../sdk/ml/l-bfgs.ts'

const ones = (n: number): Float64Array => new Float64Array(n).fill(1)

test('a parabola whose curvature is known ends after one step', async () => {
  const parabola: Objective = async (x, g) => {
    g[0] = 4 * (x[0]! - 3)
    return 2 * (x[0]! - 3) ** 2
  }
  const found = await minimise(parabola, Float64Array.of(0), {
    preconditioner: Float64Array.of(0.25),
    tolerance: 1e-12,
    maxIterations: 10,
  })
  expect([...found.point]).toEqual([3])
  expect(found).toMatchObject({ iterations: 1, converged: true, value: 0 })
})

test('a stretched valley is followed to its minimum', async () => {
  const scales = [1, 100, 10_000]
  const quadratic: Objective = async (x, g) => {
    let value = 0
    for (const [i, scale] of scales.entries()) {
      g[i] = scale * (x[i]! - i)
      value += 0.5 * scale * (x[i]! - i) ** 2
    }
    return value
  }
  const found = await minimise(quadratic, new Float64Array(3), {
    preconditioner: ones(3),
    tolerance: 1e-8,
    maxIterations: 100,
  })
  expect(found.converged).toBe(true)
  found.point.forEach((x, i) => expect(x).toBeCloseTo(i, 7))
})

test('a limit of iterations is kept and said', async () => {
  const quartic: Objective = async (x, g) => {
    g[0] = 4 * x[0]! ** 3
    return x[0]! ** 4
  }
  const seen: number[] = []
  const found = await minimise(quartic, Float64Array.of(5), {
    preconditioner: ones(1),
    tolerance: 1e-12,
    maxIterations: 2,
    onIteration: iteration => seen.push(iteration),
  })
  expect(found).toMatchObject({ iterations: 2, converged: false })
  expect(seen).toEqual([0, 1, 2])
})
