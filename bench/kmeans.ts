/** Clusters seeded blobs that overlap a little. The clustering must be as good as the rival's: inertia within 1 %. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { read } from 'millrace'
import { KMeans } from 'millrace/ml'
import type { Bench, Case, Rival, Scale, Side } from './harness/bench.ts'
import { rivalPackage, rivalPython } from './harness/rivals.ts'

const DIMENSIONS = 16
const CLUSTERS = 10

const rowsOf = ({ quick }: Scale): number => (quick ? 10_000 : 100_000)

/** Row-major: blobs of deviation 2 around centres of deviation 3. */
function blobs(rows: number): Float64Array {
  let state = 1
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const centres = Float64Array.from({ length: CLUSTERS * DIMENSIONS }, () => 3 * normal())
  const data = new Float64Array(rows * DIMENSIONS)
  for (let i = 0; i < rows; i++) {
    const cluster = Math.floor(uniform() * CLUSTERS)
    for (let j = 0; j < DIMENSIONS; j++) {
      data[i * DIMENSIONS + j] = centres[cluster * DIMENSIONS + j]! + 2 * normal()
    }
  }
  return data
}

const names = Array.from({ length: DIMENSIONS }, (_, j) => `x${j}`)

const ours: Side = async scale => {
  const data = blobs(rowsOf(scale))
  const objects = Array.from({ length: rowsOf(scale) }, (_, i) =>
    Object.fromEntries(names.map((name, j) => [name, data[i * DIMENSIONS + j]!])),
  )
  const frame = await read
    .rows(objects, { schema: Object.fromEntries(names.map(name => [name, 'float64' as const])) })
    .collect()
  return async () => (await new KMeans({ k: CLUSTERS, seed: 1 }).fit(frame, { features: names })).inertia
}

interface MlKMeans {
  readonly kmeans: (
    data: number[][],
    k: number,
    options: { seed: number; maxIterations: number },
  ) => { iterations: number }
}

const mlKMeans: Rival = {
  name: 'ml-kmeans 7.0.1',
  side: async scale => {
    const { kmeans } = await rivalPackage<MlKMeans>('ml-kmeans')
    const data = blobs(rowsOf(scale))
    const rows = Array.from({ length: rowsOf(scale) }, (_, i) => [
      ...data.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS),
    ])
    return () => kmeans(rows, CLUSTERS, { seed: 1, maxIterations: 300 }).iterations
  },
}

const scikit: Rival = {
  name: 'scikit-learn 1.7.2, 1 thread',
  command: scale => {
    const path = join(mkdtempSync(join(tmpdir(), 'millrace-bench-')), 'blobs.f64')
    writeFileSync(path, blobs(rowsOf(scale)))
    return rivalPython('kmeans.py', path, String(DIMENSIONS), String(CLUSTERS))
  },
}

const fit = (rival: Rival, floor: number, agree?: Case['agree']): Case => ({
  name: `fit 1e5×${DIMENSIONS}, k ${CLUSTERS}`,
  metric: 'cpu s',
  floor,
  ours,
  rival,
  ...(agree === undefined ? {} : { agree }),
})

const sameInertia = (mine: unknown, theirs: unknown): boolean =>
  Math.abs((mine as number) / (theirs as number) - 1) < 0.01

export const bench: Bench = {
  name: 'kmeans',
  // The labels of ml-kmeans are one step stale and it gives no inertia: only its time is compared.
  cases: [fit(mlKMeans, 2), fit(scikit, 0.2, sameInertia)],
}
