import type { Batch } from '../../data/batch.ts'
import type { Clock } from '../time/clock.ts'

/**
 * The contract of operators. Rows are pushed in, and what an operator gives is iterated step by step, so that a long
 * answer is given in pieces and the caller may pause after each. A step is a batch, a watermark (microseconds), or null,
 * which only says that pausing is good here. An operator never writes to a batch it was given or has given.
 *
 * Whoever drives an operator iterates each answer to its end before it calls again; between two calls it may take a
 * snapshot.
 */
export type Step = Batch | number | null

export type Steps = Iterable<Step>

export interface Operator {
  /** Takes rows of an input. A batch is never empty. */
  process(batch: Batch, input: number): Steps
  /**
   * No input will give rows before this time, but late ones; it only rises, to +Infinity when all inputs have ended.
   * An operator that keeps the time of its input gives the watermark on, after the rows that it frees.
   */
  watermark(time: number): Steps
  /** An input has ended. That the output ends after the last one, with the watermark +Infinity, goes without saying. */
  end(input: number): Steps
  /** True when it wants no more rows. */
  readonly finished?: boolean
  /** About how many bytes of rows it holds that it cannot put elsewhere; absent where they are few. */
  readonly heldBytes?: number
  /** Rows so far whose event time was too far ahead to be believed. */
  readonly clampedRows?: number
  /** Rows for the side output since the last call. */
  side?(): Batch | null
  /** The same where there are several side outputs: one answer for each. */
  sides?(): readonly (Batch | null)[]
  /** When it wants to be woken, in milliseconds of the clock; +Infinity for never. */
  readonly wakeMs?: number
  /** The clock has reached that time. */
  wake?(nowMs: number): Steps
  /** The state as data that `structuredClone` can hold, untouched by what the operator does later. */
  snapshot(): unknown
  restore(state: unknown): void
}

/** An operator that gives rows by itself once its input has ended, at a pace. */
export interface PacedOperator extends Operator {
  /** What is due; or how long nothing will be; or null when all has been given. */
  pull(nowMs: number): { readonly steps: Steps } | { readonly waitMs: number } | null
  /** The share of its rows that it has given. */
  readonly share: number
}

/** An operator that waits for promises: what they bring it gives when it is asked, also once its input has ended. */
export interface AsyncOperator extends Operator {
  /** Called once before the first row: `ready` tells that there are answers. */
  attach(clock: Clock, ready: () => void): void
  /** Nothing that comes from now on counts. */
  detach(): void
  answers(): Steps
  /** True while there are rows that it has not given. */
  readonly pending: boolean
  /** True while it should get no more rows. */
  readonly full: boolean
}

export function isAsync(operator: Operator): operator is AsyncOperator {
  return 'attach' in operator
}

export const NOTHING: readonly Step[] = []

/** Rows of a batch that is given where an operator cuts a long answer. */
export const OUTPUT_ROWS = 16_384

/** A long batch in pieces, so that no step over it takes long. */
export function* pieces(batch: Batch, rows: number = OUTPUT_ROWS): Generator<Batch> {
  if (batch.length <= 2 * rows) yield batch
  else
    for (let from = 0; from < batch.length; from += rows) yield batch.slice(from, Math.min(from + rows, batch.length))
}

/** What operators without state have in common. */
export abstract class Stateless implements Operator {
  abstract process(batch: Batch, input: number): Steps

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    return NOTHING
  }

  snapshot(): unknown {
    return null
  }

  restore(): void {
    // there is nothing to restore
  }
}
