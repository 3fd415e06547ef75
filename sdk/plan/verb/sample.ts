import { isNested } from '../../data/type.ts'
import { PlanError } from '../../data/errors.ts'
import { inherited, kindText } from '../build.ts'
import type { Node, Sample, SampleRows } from '../node.ts'
import { checkCount, refuseUpdating } from './rows.ts'

/** Rows by chance, the same ones for the same seed: a share of them, so many, or both parts of a split. */

export interface SampleOptions {
  readonly fraction?: number | undefined
  readonly rows?: number | undefined
  readonly seed?: number | undefined
  readonly replacement?: boolean | undefined
}

export function sample(input: Node, options: SampleOptions): Sample | SampleRows {
  const { fraction, rows, seed = 0, replacement = false } = options
  checkSeed('sample', seed)
  if ((fraction === undefined) === (rows === undefined)) {
    const found = fraction === undefined ? 'neither' : 'both'
    throw new PlanError('bad-option', `sample takes { fraction } or { rows }, found ${found}`)
  }
  if (fraction !== undefined) {
    checkFraction('sample: fraction', fraction)
    if (replacement) {
      const text = 'sample draws with replacement only a number of rows: { rows: 100, replacement: true }'
      throw new PlanError('bad-option', text, { option: 'replacement' })
    }
    return part('sample', input, 0, fraction, seed, null)
  }
  checkCount('sample', rows!)
  if (input.frameKind !== 'batch') {
    const text = `sample of a number of rows needs all of them, but this frame is ${kindText(input.frameKind)}. Take a share: { fraction: 0.1 }.`
    throw new PlanError('not-batch', text)
  }
  return Object.freeze({ ...inherited(input), kind: 'sample-rows', input, rows: rows!, seed, replacement })
}

/** A share of the rows and all others. Rows with equal values in the column `by` are on one side. */
export function splitByChance(
  input: Node,
  {
    test,
    seed = 0,
    by = null,
  }: { readonly test: number; readonly seed?: number | undefined; readonly by?: string | null },
): { readonly train: Sample; readonly test: Sample } {
  checkSeed('split', seed)
  checkFraction('split: test', test)
  return { train: part('split', input, test, 1, seed, by), test: part('split', input, 0, test, seed, by) }
}

function part(verb: string, input: Node, from: number, to: number, seed: number, by: string | null): Sample {
  refuseUpdating(verb, input)
  if (by !== null) {
    const { type } = input.schema.field(by, `${verb}: by`)
    if (isNested(type)) {
      const text = `${verb}: by takes a column of single values, and "${by}" is a ${type.kind}`
      throw new PlanError('key-types', text, { column: by })
    }
  }
  return Object.freeze({ ...inherited(input), kind: 'sample', input, from, to, seed, by })
}

function checkFraction(what: string, fraction: number): void {
  if (fraction >= 0 && fraction <= 1) return
  throw new PlanError('bad-option', `${what} is a share from 0 to 1, found ${String(fraction)}`)
}

function checkSeed(verb: string, seed: number): void {
  if (Number.isSafeInteger(seed)) return
  throw new PlanError('bad-option', `${verb}: seed must be a whole number, found ${String(seed)}`, { option: 'seed' })
}
