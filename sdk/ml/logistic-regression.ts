import type { Column } from '../data/column.ts'
import { DataError } from '../data/errors.ts'
import { countOf } from '../data/number-text.ts'
import { checkOptions } from '../data/options.ts'
import type { Schema } from '../data/schema.ts'
import type { Columns } from '../data/type.ts'
import type { NamesOr } from '../frame/columns.ts'
import type { BatchFrame } from '../frame/frame.ts'
import type { RowModel } from '../plan/port.ts'
import { addProduct } from './design-matrix.ts'
import {
  CLASSIFIER_COLUMNS,
  CLASSIFIER_SCHEMA,
  classified,
  versionColumn,
  type ClassifierColumns,
} from './prediction-columns.ts'
import type { Estimator, FitOptions, LiveModel, Model, Teaching } from './estimator.ts'
import type { Features, InputsOf } from './features.ts'
import { designMatrix, type FittedFeature, type Missing } from './fitted-feature.ts'
import { minimise, type Minimum } from './l-bfgs.ts'
import { liveModel, type LearnOptions } from './live-model.ts'
import { LogisticLoss, sigmoid } from './logistic-loss.ts'
import { atLeast, oneOf, whole } from './option.ts'
import { predictOne } from './row-inputs.ts'
import { figure, shown } from './show.ts'
import { readTraining, type Training } from './training.ts'
import { turns } from './turn.ts'

/**
 * Logistic regression for a bool label: fitted on history by L-BFGS, always with an intercept, and taken live by
 * `learn`. A model keeps its coefficients as plain numbers under the names of its features.
 */

/** Hyper-parameters of {@link LogisticRegression}. */
export interface LogisticRegressionOptions {
  /**
   * The weight of half the sum of squared coefficients against the sum of the rows' losses: scikit-learn's 1 / C. 1 unless given;
   * 0 for none. The intercept is not penalised.
   */
  readonly l2?: number
  /** Converged when no component of the gradient of the mean loss is larger. 1e-6 unless given. */
  readonly tolerance?: number
  /** 200 unless given. */
  readonly maxIterations?: number
  /** What to do about a null among the features, at fitting and at prediction: `'error'` unless given. */
  readonly missing?: Missing
  /** A row whose label is null is left out and counted in `skippedRows`, or refused with `'error'`. `'skip'` unless given. */
  readonly nullLabels?: 'skip' | 'error'
}

/** The options of {@link LogisticRegression.fit}. */
export interface LabelledFitOptions<X, L> extends FitOptions<X> {
  /** The name of a bool column: what to predict. */
  readonly label: L
}

/** A fitted classifier of a bool label. */
export interface ClassifierModel<In extends Columns, L extends string> extends Model<In, ClassifierColumns> {
  readonly label: L
  /** By feature name: what one unit of the feature adds to the log-odds. */
  readonly coefficients: { readonly [feature: string]: number }
  /** The log-odds where all features are zero. */
  readonly intercept: number
  /** The mean loss of the training rows, with the penalty. */
  readonly loss: number
  /** The number of rows it was fitted on. */
  readonly rows: number
  /** Rows that were left out because their label is null. */
  readonly skippedRows: number
  readonly iterations: number
  /** False when `maxIterations` ended it. */
  readonly converged: boolean
  /**
   * Goes live: predicts each row of a stream, then learns it (FTRL-Proximal from this model's coefficients). The stream
   * needs the model's columns and the label; a row whose label is null is predicted only.
   *
   * ```ts
   * import { read } from 'millrace'
   * import { LogisticRegression } from 'millrace/ml'
   *
   * const rows = [0, 1, 2, 3].map(day => ({ day, at: `2024-01-0${day + 1}`, late: day > 1 }))
   * const history = read.rows(rows, { schema: { day: 'int32', at: 'timestamp', late: 'bool' } }).watermark('at', '0 seconds')
   * const model = await new LogisticRegression().fit(history, { features: ['day'], label: 'late' })
   * const versions = []
   * for await (const row of model.learn(history.replay()).predictions) versions.push(row.modelVersion)
   * versions // => [ 0, 1, 2, 3 ]
   * ```
   */
  learn<C extends Columns>(
    stream: Teaching<C, In & { readonly [K in L]: 'bool?' }>,
    options?: LearnOptions,
  ): LiveModel<C, ClassifierColumns>
}

/**
 * Predicts the probability that a bool label is true by a weighted sum of the features, fitted so that the mean
 * logistic loss with an l2 penalty is least. Numbers of very different size converge slowly: use `scaled`; text needs
 * `oneHot`. Fails when all labels are equal, and on features that are NaN or infinite.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { LogisticRegression } from 'millrace/ml'
 *
 * const rows = read.rows([{ rain: true, late: true }, { rain: true, late: true }, { rain: true, late: false },
 *   { rain: false, late: false }, { rain: false, late: false }, { rain: false, late: true }])
 * const model = await new LogisticRegression({ l2: 0 }).fit(rows, { features: ['rain'], label: 'late' })
 * model.predictOne({ rain: true }).probability.toFixed(3) // => '0.667'
 * model.coefficients['rain']?.toFixed(3) // => '1.386'
 * ```
 */
export class LogisticRegression implements Estimator {
  readonly #options: Required<LogisticRegressionOptions>

  constructor(options: LogisticRegressionOptions = {}) {
    checkOptions('LogisticRegression', options, ['l2', 'tolerance', 'maxIterations', 'missing', 'nullLabels'])
    const { l2 = 1, tolerance = 1e-6, maxIterations = 200, missing = 'error', nullLabels = 'skip' } = options
    atLeast('LogisticRegression', 'l2', l2, 0)
    atLeast('LogisticRegression', 'tolerance', tolerance, 0)
    whole('LogisticRegression', 'maxIterations', maxIterations, 0)
    oneOf('LogisticRegression', 'missing', missing, ['error', 'mean', 'zero'])
    oneOf('LogisticRegression', 'nullLabels', nullLabels, ['skip', 'error'])
    this.#options = { l2, tolerance, maxIterations, missing, nullLabels }
  }

  /** Fits on the rows of a batch. Columns are read once; the event loop turns between passes. */
  async fit<
    C extends Columns,
    const X extends Features<C>,
    const L extends NamesOr<
      C,
      'bool' | 'bool?',
      'the label is a bool, and no column is: derive one by .gt(…) or .eq(…)'
    >,
  >(frame: BatchFrame<C>, options: LabelledFitOptions<X, L>): Promise<ClassifierModel<InputsOf<C, X>, L>> {
    const where = 'LogisticRegression.fit'
    checkOptions(where, options, ['features', 'label', 'onProgress', 'signal'])
    const { l2, missing, nullLabels } = this.#options
    const { features, label, signal, onProgress } = options
    const turn = turns(where, signal)
    const training = await readTraining(frame, { features, label, missing, nullLabels, signal, where })
    const loss = new LogisticLoss(training.matrix, training.labels, l2)
    if (loss.share === 0 || loss.share === 1) {
      const text = `${where}: the label "${label}" is ${loss.share === 1} in all ${training.matrix.rows} rows: there is nothing to tell apart`
      throw new DataError('one-class', text, { column: label })
    }
    return modelOf(training, label, await this.#minimise(loss, turn, onProgress))
  }

  async #minimise(
    loss: LogisticLoss,
    turn: () => Promise<void>,
    onProgress: FitOptions<unknown>['onProgress'],
  ): Promise<Minimum> {
    const { tolerance, maxIterations } = this.#options
    const objective = async (weights: Float64Array, gradient: Float64Array): Promise<number> => {
      await turn()
      return loss.evaluate(weights, gradient)
    }
    const onIteration = (iteration: number, value: number): void =>
      onProgress?.({ iteration, maxIterations, loss: value })
    const preconditioner = loss.preconditioner()
    return minimise(objective, loss.start(), { preconditioner, tolerance, maxIterations, onIteration })
  }
}

function modelOf<In extends Columns, L extends string>(
  training: Training,
  label: L,
  { point, value, iterations, converged }: Minimum,
): ClassifierModel<In, L> {
  const { inputs, features, names, matrix, skipped } = training
  const model = new Logistic(features, point)
  const fitted = {
    label,
    featureNames: names,
    coefficients: Object.freeze(Object.fromEntries(names.map((name, j) => [name, point[j]!]))),
    intercept: point[names.length]!,
    loss: value,
    rows: matrix.rows,
    skippedRows: skipped,
    iterations,
    converged,
    inputs: inputs.exprs,
    needs: inputs.needs as In,
    adds: CLASSIFIER_COLUMNS,
    model,
    predictOne: row => predictOne<ClassifierColumns>(inputs, model, CLASSIFIER_SCHEMA, row),
    learn: (stream, options) => liveModel(stream, { label, inputs, features, start: point }, options),
  } satisfies ClassifierModel<In, L>
  return shown(fitted, () => {
    const head = `LogisticRegression of "${label}" over ${countOf(matrix.rows, 'row')}: loss ${figure(value)} after ${countOf(iterations, 'iteration')}${converged ? '' : ', not converged'}`
    const largest = Object.entries(fitted.coefficients).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    const weights = [['intercept', fitted.intercept] as const, ...largest.slice(0, SHOWN)]
    const rest = largest.length - SHOWN
    return {
      head,
      names: ['feature', 'log-odds'],
      lines: weights.map(([name, weight]) => [name, figure(weight)]),
      bars: weights.map(([, weight]) => weight),
      ...(rest > 0 && { foot: `… and ${countOf(rest, 'smaller coefficient')}` }),
    }
  })
}

/** How many coefficients are shown, the largest first. */
const SHOWN = 12

class Logistic implements RowModel {
  readonly kind = 'logistic-regression'
  readonly version = 0
  readonly outputs: Schema = CLASSIFIER_SCHEMA
  readonly #features: readonly FittedFeature[]
  readonly #weights: Float64Array

  /** The coefficients, then the intercept. */
  constructor(features: readonly FittedFeature[], weights: Float64Array) {
    this.#features = features
    this.#weights = weights
  }

  predict(inputs: readonly Column[], length: number): readonly Column[] {
    const scores = new Float64Array(length).fill(this.#weights.at(-1)!)
    addProduct(designMatrix(this.#features, inputs, length), this.#weights, 0, length, scores)
    return [...classified(scores.map(sigmoid)), versionColumn(new Float64Array(length))]
  }
}
