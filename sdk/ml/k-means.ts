import type { Column } from '../data/column.ts'
import { DataError, PlanError } from '../data/errors.ts'
import { countOf } from '../data/number-text.ts'
import { checkOptions } from '../data/options.ts'
import { Schema } from '../data/schema.ts'
import { scalar, type Columns } from '../data/type.ts'
import type { BatchFrame } from '../frame/frame.ts'
import type { RowModel } from '../plan/port.ts'
import { rowMajor, type DesignMatrix } from './design-matrix.ts'
import { versionColumn } from './prediction-columns.ts'
import type { Estimator, FitOptions, Model } from './estimator.ts'
import type { Features, InputsOf } from './features.ts'
import { designMatrix, unscaled, unscaledNames, type FittedFeature, type Missing } from './fitted-feature.ts'
import { hamerly, plusPlus, squaredDistance, type Clustering } from './hamerly.ts'
import { atLeast, oneOf, whole } from './option.ts'
import { Random } from './random.ts'
import { predictOne } from './row-inputs.ts'
import { figure, shown } from './show.ts'
import { readTraining, type Training } from './training.ts'
import { turns } from './turn.ts'

/**
 * k-means clustering: greedy k-means++ starts, Lloyd's iterations with Hamerly's bounds, and labels by the centres that
 * are returned. Clusters are numbered by size, so that a seed fixes the numbers too.
 */

/** Hyper-parameters of {@link KMeans}. */
export interface KMeansOptions {
  /** The number of clusters. */
  readonly k: number
  /** Of the random starts: the same seed gives the same model. 0 unless given. */
  readonly seed?: number
  /**
   * Ends when the centres' squared moves sum to no more than this share of the mean variance of the features.
   * 1e-4 unless given.
   */
  readonly tolerance?: number
  /** 300 unless given. */
  readonly maxIterations?: number
  /** From how many starts to run; the clustering of least inertia is kept. 1 unless given. */
  readonly restarts?: number
  /** What to do about a null among the features: `'error'` unless given. */
  readonly missing?: Missing
}

/** The columns of a clustering. */
export type ClusterColumns = {
  /** The number of the nearest cluster. */
  readonly prediction: 'int32'
  /** 0: a fitted model does not change. */
  readonly modelVersion: 'int64'
}

/** A fitted clustering. */
export interface KMeansModel<In extends Columns> extends Model<In, ClusterColumns> {
  /** One a cluster, in the order of {@link Model.featureNames}; of scaled features in scaled units. */
  readonly centres: readonly (readonly number[])[]
  /** The number of training rows of each cluster, descending. */
  readonly sizes: readonly number[]
  /** The sum of squared distances of the training rows to their centres. */
  readonly inertia: number
  readonly iterations: number
  /** False when `maxIterations` ended it. */
  readonly converged: boolean
}

/**
 * Groups rows into k clusters so that the squared distances to the cluster's mean are small. Features should be of
 * comparable size: use `scaled`. The prediction is the number of the nearest cluster, from 0; cluster 0 had the most
 * training rows. Fails with fewer rows than clusters, and on features that are NaN or infinite.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { KMeans } from 'millrace/ml'
 *
 * const points = read.rows([{ x: 1 }, { x: 2 }, { x: 3 }, { x: 21 }, { x: 23 }])
 * const model = await new KMeans({ k: 2, seed: 1 }).fit(points, { features: ['x'] })
 * model.centres // => [ [ 2 ], [ 22 ] ]
 * model.predictOne({ x: 20 }).prediction // => 1
 * ```
 */
export class KMeans implements Estimator {
  readonly #options: Required<KMeansOptions>

  constructor(options: KMeansOptions) {
    checkOptions('KMeans', options, ['k', 'seed', 'tolerance', 'maxIterations', 'restarts', 'missing'])
    const { k, seed = 0, tolerance = 1e-4, maxIterations = 300, restarts = 1, missing = 'error' } = options
    whole('KMeans', 'k', k, 1)
    whole('KMeans', 'maxIterations', maxIterations, 0)
    whole('KMeans', 'restarts', restarts, 1)
    atLeast('KMeans', 'tolerance', tolerance, 0)
    oneOf('KMeans', 'missing', missing, ['error', 'mean', 'zero'])
    if (!Number.isSafeInteger(seed))
      throw new PlanError('bad-option', `KMeans: seed must be a whole number, not ${seed}`)
    this.#options = { k, seed, tolerance, maxIterations, restarts, missing }
  }

  /** Clusters the rows of a batch. Columns are read once; the event loop turns between iterations. */
  async fit<C extends Columns, const X extends Features<C>>(
    frame: BatchFrame<C>,
    options: FitOptions<X>,
  ): Promise<KMeansModel<InputsOf<C, X>>> {
    const where = 'KMeans.fit'
    checkOptions(where, options, ['features', 'onProgress', 'signal'])
    const { missing, k } = this.#options
    const { features, signal, onProgress } = options
    const turn = turns(where, signal)
    const training = await readTraining(frame, { features, label: null, missing, nullLabels: 'error', signal, where })
    const { matrix } = training
    if (matrix.rows < k) {
      const text = `${where}: k is ${k}, but there ${matrix.rows === 1 ? 'is' : 'are'} only ${countOf(matrix.rows, 'row')}`
      throw new DataError('too-few-rows', text, { count: matrix.rows })
    }
    return modelOf(training, bySize(await this.#cluster(matrix, turn, onProgress), matrix))
  }

  async #cluster(
    matrix: DesignMatrix,
    turn: () => Promise<void>,
    onProgress: FitOptions<unknown>['onProgress'],
  ): Promise<Clustering> {
    const { k, seed, tolerance, maxIterations, restarts } = this.#options
    const { rows, width } = matrix
    const data = rowMajor(matrix)
    const random = new Random(seed)
    const onIteration = async (iteration: number): Promise<void> => {
      onProgress?.({ iteration, maxIterations, loss: null })
      await turn()
    }
    const shift = tolerance * meanVariance(data, rows, width)
    let best: Clustering | null = null
    for (let start = 0; start < restarts; start++) {
      const centres = plusPlus(data, rows, width, k, random)
      const found = await hamerly(data, rows, width, centres, { shift, maxIterations, onIteration })
      if (best === null || found.inertia < best.inertia) best = found
    }
    onProgress?.({ iteration: best!.iterations, maxIterations, loss: best!.inertia })
    return best!
  }
}

function meanVariance(data: Float64Array, rows: number, width: number): number {
  const means = new Float64Array(width)
  for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) means[j]! += data[i * width + j]! / rows
  let total = 0
  for (let i = 0; i < rows; i++) total += squaredDistance(data, i * width, means, 0, width)
  return total / rows / width
}

interface Clusters {
  readonly centres: readonly (readonly number[])[]
  readonly sizes: readonly number[]
  readonly inertia: number
  readonly iterations: number
  readonly converged: boolean
}

/** Numbers the clusters by descending size, equals by their centres. */
function bySize(found: Clustering, { width }: DesignMatrix): Clusters {
  const sizes = new Array<number>(found.centres.length / width).fill(0)
  for (const label of found.labels) sizes[label]!++
  const clusters = sizes.map((size, c) => ({ size, centre: [...found.centres.subarray(c * width, (c + 1) * width)] }))
  clusters.sort((a, b) => b.size - a.size || compareCentres(a.centre, b.centre))
  const { inertia, iterations, converged } = found
  return {
    centres: clusters.map(cluster => cluster.centre),
    sizes: clusters.map(cluster => cluster.size),
    inertia,
    iterations,
    converged,
  }
}

function compareCentres(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((x, j) => x !== b[j])
  return at < 0 ? 0 : a[at]! - b[at]!
}

const COLUMNS: ClusterColumns = Object.freeze({ prediction: 'int32', modelVersion: 'int64' })

const OUTPUTS = Schema.of(COLUMNS)

function modelOf<In extends Columns>(
  { inputs, features, names, matrix }: Training,
  clusters: Clusters,
): KMeansModel<In> {
  const model = new NearestCentre(features, clusters.centres)
  const fitted = {
    ...clusters,
    featureNames: names,
    inputs: inputs.exprs,
    needs: inputs.needs as In,
    adds: COLUMNS,
    model,
    predictOne: row => predictOne<ClusterColumns>(inputs, model, OUTPUTS, row),
  } satisfies KMeansModel<In>
  return shown(fitted, () => {
    const { sizes, centres, inertia, iterations } = clusters
    const head = `KMeans of ${countOf(matrix.rows, 'row')} in ${countOf(sizes.length, 'cluster')}: inertia ${figure(inertia)} after ${countOf(iterations, 'iteration')}`
    const columns = features.flatMap(unscaledNames)
    const lines = centres.slice(0, SHOWN_CLUSTERS).map((centre, c) => {
      const place = unscaled(features, centre).slice(0, SHOWN_COLUMNS)
      return [String(c), String(sizes[c]), ...place.map(figure)]
    })
    const left = [
      ...(centres.length > SHOWN_CLUSTERS ? [countOf(centres.length - SHOWN_CLUSTERS, 'smaller cluster')] : []),
      ...(columns.length > SHOWN_COLUMNS ? [countOf(columns.length - SHOWN_COLUMNS, 'column')] : []),
    ]
    return {
      head,
      names: ['cluster', 'rows', ...columns.slice(0, SHOWN_COLUMNS)],
      lines,
      bars: sizes.slice(0, SHOWN_CLUSTERS),
      ...(left.length > 0 && { foot: `… and ${left.join(' and ')}` }),
    }
  })
}

/** How much of a clustering is shown. */
const SHOWN_CLUSTERS = 24
const SHOWN_COLUMNS = 12

class NearestCentre implements RowModel {
  readonly kind = 'k-means'
  readonly version = 0
  readonly outputs: Schema = OUTPUTS
  readonly #features: readonly FittedFeature[]
  readonly #centres: Float64Array

  constructor(features: readonly FittedFeature[], centres: readonly (readonly number[])[]) {
    this.#features = features
    this.#centres = Float64Array.from(centres.flat())
  }

  predict(inputs: readonly Column[], length: number): readonly Column[] {
    const matrix = designMatrix(this.#features, inputs, length)
    const values = nearest(rowMajor(matrix), length, matrix.width, this.#centres)
    const prediction: Column = { layout: 'flat', type: scalar('int32'), length, valid: null, values }
    return [prediction, versionColumn(new Float64Array(length))]
  }
}

function nearest(data: Float64Array, rows: number, width: number, centres: Float64Array): Int32Array {
  const out = new Int32Array(rows)
  const clusters = centres.length / width
  for (let i = 0; i < rows; i++) {
    let least = Infinity
    for (let c = 0; c < clusters; c++) {
      const square = squaredDistance(data, i * width, centres, c * width, width)
      if (square < least) {
        least = square
        out[i] = c
      }
    }
  }
  return out
}
