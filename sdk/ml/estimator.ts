import type { RowOf } from '../data/row.ts'
import type { Columns } from '../data/type.ts'
import type { Fits, With } from '../frame/columns.ts'
import type { BatchFrame, Frame, FrameOf, PredictorOf } from '../frame/frame.ts'
import type { Features } from './features.ts'

/**
 * What all of learning has in common. An estimator holds hyper-parameters and fits models; a model is immutable, knows
 * the columns it needs and predicts on any frame that has them; a live model learns from a stream while it predicts.
 */

/** What `fit` says while it works. */
export interface FitProgress {
  /** Passes over the data so far. */
  readonly iteration: number
  readonly maxIterations: number
  /** What is made small: the mean loss of a classifier, the inertia of a clustering; null before it is known. */
  readonly loss: number | null
}

/** Where an estimator finds its features. */
export interface FitOptions<X> {
  /** Names of columns, or a function of the columns: `t => [t.hour, scaled(t.distance), oneHot(t.origin)]`. */
  readonly features: X
  /** Is called after each pass over the data. */
  readonly onProgress?: (progress: FitProgress) => void
  /** Ends the fit with an `InterruptedError`. In a notebook, interrupting the cell does so too. */
  readonly signal?: AbortSignal
}

/** Learns from the features alone. */
export interface Estimator {
  fit<C extends Columns, const X extends Features<C>>(
    frame: BatchFrame<C>,
    options: FitOptions<X>,
  ): Promise<Model<Columns, Columns>>
}

/** A fitted model. `frame.predict(model)` adds its columns. */
export interface Model<In extends Columns, Out extends Columns> extends PredictorOf<In, Out> {
  /** The columns of the design matrix: `distance`, `scaled(distance)`, `origin=ATL`. */
  readonly featureNames: readonly string[]
  /** The prediction for one row, given as an object. */
  predictOne(row: { readonly [name: string]: unknown }): RowOf<Out>
}

/** A model that goes on learning from a stream. */
export interface LiveModel<C extends Columns, Out extends Columns> {
  /**
   * The stream's rows with the model's columns: each row is predicted by what was learnt from the rows before it, and
   * then learnt. `modelVersion` is how many rows had been learnt. Each query over it trains a model of its own, from
   * the same start.
   */
  readonly predictions: FrameOf<With<C, Out>, 'stream'>
  /** How many rows `learnOne` has learnt. */
  readonly modelVersion: number
  /** The prediction for one row, by the start and what `learnOne` has learnt; queries have models of their own. */
  predictOne(row: { readonly [name: string]: unknown }): RowOf<Out>
  /** Learns one row that has the label; a row whose label is null or absent teaches nothing. */
  learnOne(row: { readonly [name: string]: unknown }): void
}

/** A stream that has what a model needs. */
export type Teaching<C extends Columns, In extends Columns> = Frame<C, 'stream'> & Fits<C, In>
