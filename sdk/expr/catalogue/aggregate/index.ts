/** The aggregates, one file for each family. They skip nulls, and but for counts they are null over no values. */

export { approxCountDistinct, countDistinct } from './distinct.ts'
export { first, last, max, min } from './extreme.ts'
export { corr, covariance, intercept, r2, slope } from './joint.ts'
export { stddev, variance } from './moment.ts'
export { geometricMean, product, weightedMean } from './product.ts'
export { approxQuantile, median, quantile } from './quantile.ts'
export { kurtosis, skewness } from './shape.ts'
export { count, mean, sum } from './sum.ts'
export { all, any, countTrue } from './truth.ts'
