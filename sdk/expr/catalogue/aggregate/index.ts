/** The aggregates, one file for each family. They skip nulls, and but for counts they are null over no values. */

export { countDistinct } from './distinct.ts'
export { first, last, max, min } from './extreme.ts'
export { corr, stddev, variance } from './moment.ts'
export { quantile } from './quantile.ts'
export { count, mean, sum } from './sum.ts'
