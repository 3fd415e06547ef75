/**
 * Learning: estimators that fit models on history, models that predict on any frame and go live, and the metrics that
 * judge them.
 */
export type { Estimator, FitOptions, FitProgress, LiveModel, Model } from './estimator.ts'
export { oneHot, scaled, type Feature, type Features, type OneHotOptions } from './features.ts'
export type { Missing } from './fitted-feature.ts'
export { KMeans, type ClusterColumns, type KMeansModel, type KMeansOptions } from './k-means.ts'
export type { LearnOptions } from './live-model.ts'
export {
  LogisticRegression,
  type ClassifierModel,
  type LabelledFitOptions,
  type LogisticRegressionOptions,
} from './logistic-regression.ts'
export { accuracy, auc, logLoss } from './metrics.ts'
export type { ClassifierColumns } from './prediction-columns.ts'
