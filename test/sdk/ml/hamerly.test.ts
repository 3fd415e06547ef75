import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hamerly, plusPlus } from '../../../sdk/ml/hamerly.ts'
import { Random } from '../../../sdk/ml/random.ts'

const onIteration = async (): Promise<void> => {}

/** Lloyd's algorithm as it is told. */
function lloyd(data: Float64Array, width: number, start: Float64Array, maxIterations: number): Float64Array {
  const rows = data.length / width
  const centres = Float64Array.from(start)
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const sums = new Float64Array(centres.length)
    const counts = new Float64Array(centres.length / width)
    for (let i = 0; i < rows; i++) {
      const c = nearest(data.subarray(i * width, (i + 1) * width), width, centres)
      counts[c]!++
      for (let j = 0; j < width; j++) sums[c * width + j]! += data[i * width + j]!
    }
    for (let at = 0; at < sums.length; at++) {
      const count = counts[Math.floor(at / width)]!
      if (count > 0) centres[at] = sums[at]! / count
    }
  }
  return centres
}

function nearest(row: Float64Array, width: number, centres: Float64Array): number {
  let best = 0
  let least = Infinity
  for (let c = 0; c < centres.length / width; c++) {
    let square = 0
    for (let j = 0; j < width; j++) square += (row[j]! - centres[c * width + j]!) ** 2
    if (square < least) {
      least = square
      best = c
    }
  }
  return best
}

test('two groups on a line get their means as centres', async () => {
  const data = Float64Array.of(0, 1, 2, 10, 11, 12)
  const found = await hamerly(data, 6, 1, Float64Array.of(0, 1), { shift: 0, maxIterations: 50, onIteration })
  expect([...found.centres]).toEqual([1, 11])
  expect([...found.labels]).toEqual([0, 0, 0, 1, 1, 1])
  expect(found.inertia).toBe(4)
  expect(found.converged).toBe(true)
})

test('from the same start it finds what Lloyd finds', async () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = new Random(seed)
    const width = 1 + (seed % 4)
    const clusters = 2 + (seed % 5)
    const rows = 200
    const data = Float64Array.from(
      { length: rows * width },
      (_, i) => Math.floor(i / width / 40) + 2 * (random.next() - 0.5),
    )
    const start = plusPlus(data, rows, width, clusters, random)
    const found = await hamerly(data, rows, width, start, { shift: 0, maxIterations: 100, onIteration })
    expect(found.converged).toBe(true)
    const slow = lloyd(data, width, start, found.iterations + 1)
    found.centres.forEach((x, at) => expect(x).toBeCloseTo(slow[at]!, 10))
  }
})

test('each label is that of the nearest returned centre, wherever it stops', async () => {
  const grid = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 12, maxLength: 80 })
  await fc.assert(
    fc.asyncProperty(
      grid,
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 0, max: 4 }),
      async (values, clusters, maxIterations) => {
        const data = Float64Array.from(values.slice(0, values.length - (values.length % 2)))
        const start = plusPlus(data, data.length / 2, 2, clusters, new Random(7))
        const found = await hamerly(data, data.length / 2, 2, start, { shift: 0, maxIterations, onIteration })
        const distance = (i: number, c: number): number =>
          (data[2 * i]! - found.centres[2 * c]!) ** 2 + (data[2 * i + 1]! - found.centres[2 * c + 1]!) ** 2
        let inertia = 0
        for (let i = 0; i < found.labels.length; i++) {
          const least = Math.min(...Array.from({ length: clusters }, (_, c) => distance(i, c)))
          expect(distance(i, found.labels[i]!)).toBeCloseTo(least, 9)
          inertia += least
        }
        expect(found.inertia).toBeCloseTo(inertia, 6)
      },
    ),
    { seed: 11 },
  )
})

test('a cluster that loses all rows starts again at the row furthest from its centre', async () => {
  const data = Float64Array.of(0, 1, 2, 30, 100)
  const start = Float64Array.of(0, 40, 1000)
  const found = await hamerly(data, 5, 1, start, { shift: 0, maxIterations: 50, onIteration })
  expect([...found.labels]).toEqual([0, 0, 0, 1, 2])
  expect([...found.centres]).toEqual([1, 30, 100])
})

test('fewer distinct rows than clusters leave clusters empty and end', async () => {
  const data = Float64Array.of(1, 1, 1, 2)
  const start = plusPlus(data, 4, 1, 3, new Random(1))
  const found = await hamerly(data, 4, 1, start, { shift: 0, maxIterations: 50, onIteration })
  expect(found.inertia).toBe(0)
  expect(found.converged).toBe(true)
})

test('k-means++ draws distinct rows while there are some', () => {
  const data = Float64Array.of(5, 5, 5, 5, 9, 5, 5, 1)
  for (let seed = 0; seed < 50; seed++) {
    expect([...plusPlus(data, 8, 1, 3, new Random(seed)).sort()]).toEqual([1, 5, 9])
  }
})
