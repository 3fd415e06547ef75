import { inspect } from 'node:util'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { JsOf, RowOf } from '../data/row.ts'
import type { Duration } from '../data/time.ts'
import type { Columns } from '../data/type.ts'
import type { AsyncOptions as AsyncPlanOptions, LookupOptions as LookupPlanOptions } from '../plan/verb/async-map.ts'

/** What steps that wait for a user's asynchronous function are told, as a user gives it and as plans take it. */

/** How an asynchronous function is called. */
export interface AsyncOptions {
  /** Calls under way at once; 16 unless given. */
  readonly concurrency?: number
  /** Whether answers come in the order of the rows, true unless given, or as they are there. Watermarks are kept either way. */
  readonly ordered?: boolean
  /** How long one attempt may take; for ever unless given. */
  readonly timeout?: Duration
  /** How many attempts follow one that failed or took too long, and how long after it; none unless given. */
  readonly retry?: number | { readonly times: number; readonly delay?: Duration }
  /** What the last failed attempt does: it ends the query, 'fail' unless given, or counts as the answer null. */
  readonly onError?: 'fail' | 'null'
}

/** How rows look up what is known of their keys. */
export interface LookupOptions<N extends string, X extends string> extends AsyncOptions {
  /** The key columns. */
  readonly on: N | readonly N[]
  /** Keeps so many answers, of which those that were asked longest ago go first, each for at most a time. */
  readonly cache?: { readonly size: number; readonly ttl?: Duration }
  /** Added to the name of an answered column that the frame has too; `_right` unless given. */
  readonly suffix?: X
}

/** What an asynchronous function answers: a row, rows, or null. A column that is left out is null. */
export type Answer<O extends Columns> = Promise<AnswerRow<O> | readonly AnswerRow<O>[] | null>

type AnswerRow<O extends Columns> = RowOf<O>

/** The key columns of a row, which are not null. */
export type KeyOfRow<C extends Columns, N extends string> = string extends keyof C
  ? any // eslint-disable-line typescript/no-explicit-any -- the names are not known, so every name is a column
  : { readonly [K in N]: K extends keyof C ? NonNullable<JsOf<C[K]>> : never }

const CALLS = ['concurrency', 'ordered', 'timeout', 'retry', 'onError']

export function asyncOptions(options: AsyncOptions): AsyncPlanOptions {
  checkOptions('mapAsync', options, CALLS)
  return options
}

export function lookupOptions(options: LookupOptions<string, string>): LookupPlanOptions {
  const verb = 'lookupJoin'
  checkOptions(verb, options, [...CALLS, 'on', 'cache', 'suffix'])
  const { on, cache, suffix = '_right', ...calls } = options
  const names: readonly unknown[] = Array.isArray(on) ? on : [on]
  if (!names.every(name => typeof name === 'string')) {
    const text = `${verb}: on takes the name of a column, or a list of names, not ${inspect(on)}`
    throw new PlanError('bad-option', text, { option: 'on' })
  }
  if (cache !== undefined) checkOptions(`${verb}: cache`, cache, ['size', 'ttl'])
  return { ...calls, on: names, cache, suffix }
}

/** Checks that there is a function, and gives its name. */
export function nameOf(fn: unknown, verb: string): string {
  if (typeof fn !== 'function') {
    throw new PlanError('bad-function', `${verb} takes a function that gives a promise of a row, not ${inspect(fn)}`)
  }
  return fn.name === '' ? 'function' : fn.name
}
