import type { Column } from '../data/column.ts'
import { Schema } from '../data/schema.ts'
import { scalar } from '../data/type.ts'

/** The columns that models add, so that a fitted classifier and a live one give the same ones. */

/** The columns of a classifier of a bool label. */
export type ClassifierColumns = {
  /** True where the probability is above one half. */
  readonly prediction: 'bool'
  /** Of the label being true. */
  readonly probability: 'float64'
  /** 0 for a fitted model; for a live one, how many rows it had learnt. */
  readonly modelVersion: 'int64'
}

/** The same as values. */
export const CLASSIFIER_COLUMNS: ClassifierColumns = Object.freeze({
  prediction: 'bool',
  probability: 'float64',
  modelVersion: 'int64',
})

/** What a classifier adds to a frame. */
export const CLASSIFIER_SCHEMA: Schema = Schema.of(CLASSIFIER_COLUMNS)

/** The columns `prediction` and `probability`. */
export function classified(probabilities: Float64Array): readonly [Column, Column] {
  const { length } = probabilities
  const predictions = new Uint8Array(length)
  for (let i = 0; i < length; i++) predictions[i] = probabilities[i]! > 0.5 ? 1 : 0
  return [
    { layout: 'flat', type: scalar('bool'), length, valid: null, values: predictions },
    { layout: 'flat', type: scalar('float64'), length, valid: null, values: probabilities },
  ]
}

/** The version of the model that predicted each row: 0 for a fitted one; a live one counts what it has learnt. */
export function versionColumn(versions: Float64Array): Column {
  return { layout: 'flat', type: scalar('int64'), length: versions.length, valid: null, values: versions }
}
