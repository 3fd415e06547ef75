import { checkOptions } from '../data/options.ts'
import type { Node } from '../plan/node.ts'
import { splitByChance } from '../plan/verb/sample.ts'
import { splitByTime } from '../plan/verb/split-time.ts'

/** What `sample` and `split` are told, and which of the two ways of splitting is meant. */

/** A share of the rows. */
export interface SampleShare {
  /** From 0 to 1: each row is taken with this chance. */
  readonly fraction: number
  /** The same seed gives the same rows. 0 unless given. */
  readonly seed?: number
}

/** A number of rows. */
export interface SampleRows {
  /** So many rows, or all where there are fewer. */
  readonly rows: number
  /** The same seed gives the same rows. 0 unless given. */
  readonly seed?: number
  /** A row may be drawn more than once. */
  readonly replacement?: boolean
}

/** Two parts by chance. */
export interface SplitByChance<N extends string> {
  /** The share of the test part, from 0 to 1. */
  readonly test: number
  /** The same seed gives the same parts. 0 unless given. */
  readonly seed?: number
  /** A column whose equal values stand in one part, such as a user: no part sees the other's. */
  readonly by?: N
}

/** Two parts by time. */
export interface SplitByTime<N extends string> {
  /** The first time of the test part. */
  readonly at: string | Date
  /** The column of the time; the event time unless given. */
  readonly column?: N
}

/** The plans of the two parts. */
export function splitOf(
  input: Node,
  options: SplitByChance<string> | SplitByTime<string>,
): { readonly train: Node; readonly test: Node } {
  if ('at' in options) {
    checkOptions('split', options, ['at', 'column'])
    return splitByTime(input, options.at, options.column)
  }
  checkOptions('split', options, ['test', 'seed', 'by'])
  return splitByChance(input, options)
}
