import { read } from 'millrace'
import { KMeans, oneHot, scaled, type FitProgress } from 'millrace/ml'
import { expect, test } from 'vitest'
import { Random } from '../../../sdk/ml/random.ts'

const points = read.rows([
  { x: 1, y: 1 },
  { x: 2, y: 1 },
  { x: 3, y: 1 },
  { x: 21, y: 5 },
  { x: 23, y: 5 },
])

/** Three round groups of 50, 30 and 20 rows. */
function groups(): { x: number; y: number }[] {
  const random = new Random(1)
  const around = (x: number, y: number, n: number): { x: number; y: number }[] =>
    Array.from({ length: n }, () => ({ x: x + random.next(), y: y + random.next() }))
  return [...around(10, 0, 30), ...around(0, 0, 50), ...around(0, 10, 20)]
}

test('clusters are numbered by size, with their means as centres', async () => {
  const model = await new KMeans({ k: 2, seed: 1 }).fit(points, { features: ['x', 'y'] })
  expect(model).toMatchObject({
    featureNames: ['x', 'y'],
    centres: [
      [2, 1],
      [22, 5],
    ],
    sizes: [3, 2],
    inertia: 4,
    converged: true,
  })
  const table = await points.predict(model, { as: 'cluster' }).collect()
  expect(table.schema).toEqual({ x: 'int64', y: 'int64', cluster: 'int32', clusterModelVersion: 'int64' })
  expect(table.column('cluster')).toEqual([0, 0, 0, 1, 1])
  expect(model.predictOne({ x: 20, y: 0 })).toEqual({ prediction: 1, modelVersion: 0 })
})

test('the same seed gives the same model, and any seed the same numbers where groups are clear', async () => {
  const rows = read.rows(groups())
  const fit = (seed: number): Promise<{ centres: unknown; sizes: readonly number[] }> =>
    new KMeans({ k: 3, seed }).fit(rows, { features: ['x', 'y'] })
  const first = await fit(5)
  expect((await fit(5)).centres).toEqual(first.centres)
  for (let seed = 0; seed < 10; seed++) expect((await fit(seed)).sizes).toEqual([50, 30, 20])
})

test('the order of features changes the order of coordinates alone', async () => {
  const rows = read.rows(groups())
  const one = await new KMeans({ k: 3, seed: 2 }).fit(rows, { features: ['x', 'y'] })
  const other = await new KMeans({ k: 3, seed: 2 }).fit(rows, { features: ['y', 'x'] })
  expect(other.centres).toEqual(one.centres.map(([x, y]) => [y, x]))
})

test('more restarts never give a worse clustering', async () => {
  const random = new Random(3)
  const rows = read.rows(Array.from({ length: 200 }, () => ({ x: random.next(), y: random.next() })))
  const inertia = async (restarts: number): Promise<number> =>
    (await new KMeans({ k: 8, seed: 1, restarts }).fit(rows, { features: ['x', 'y'] })).inertia
  const [one, ten] = [await inertia(1), await inertia(10)]
  expect(ten).toBeLessThan(one)
})

test('learnt features are part of the model', async () => {
  const rows = read.rows([
    { km: 1, city: 'Oslo' },
    { km: 3, city: 'Rome' },
  ])
  const model = await new KMeans({ k: 2 }).fit(rows, { features: t => [scaled(t.km), oneHot(t.city)] })
  expect(model.featureNames).toEqual(['scaled(km)', 'city=Oslo', 'city=Rome'])
  expect(model.centres.map(centre => centre[0])).toEqual([-1, 1])
  const [near, far] = [model.predictOne({ km: -5, city: 'Bonn' }), model.predictOne({ km: 50, city: null })]
  expect([near.prediction, far.prediction]).toEqual([0, 1])
})

test('progress is told for each pass', async () => {
  const seen: FitProgress[] = []
  const model = await new KMeans({ k: 2, seed: 1 }).fit(points, { features: ['x'], onProgress: p => seen.push(p) })
  expect(seen.map(p => p.iteration)).toEqual([...Array(model.iterations + 1).keys()])
  expect(seen.at(-1)!.loss).toBe(model.inertia)
})

test('fewer rows than clusters, no rows, streams and bad options are refused', async () => {
  await expect(new KMeans({ k: 6 }).fit(points, { features: ['x'] })).rejects.toThrow(
    'k is 6, but there are only 5 rows',
  )
  await expect(
    new KMeans({ k: 1 }).fit(
      points.filter(t => t.x.gt(99)),
      { features: ['x'] },
    ),
  ).rejects.toThrow('KMeans.fit: there is no row to learn from')
  expect(() => new KMeans({ k: 0 })).toThrow('KMeans: k must be a whole number from 1 on, not 0')
  expect(() => new KMeans({ k: 2, tolerance: NaN })).toThrow('tolerance must be a number from 0 on')
})
