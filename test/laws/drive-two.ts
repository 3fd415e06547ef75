/**
 * Drives an operator of two inputs as the run loop does: each input may pass through a watermark, the operator is told of
 * the smaller of both, and everything may be copied through a snapshot between two batches.
 */
import { Batch } from '../../sdk/data/batch.ts'
import type { Operator, Step, Steps } from '../../sdk/engine/operator/operator.ts'
import { rowsOf, type Fed, type Row } from './drive.ts'

export interface Two {
  /** What each input goes through before, if anything. */
  readonly before: readonly [(() => Operator) | null, (() => Operator) | null]
  readonly make: () => Operator
}

export interface Given {
  readonly rows: Row[]
  /** How many rows went to the side. */
  readonly late: number
  /** The watermarks, each with the number of rows before it. */
  readonly marks: (readonly [number, number])[]
}

export function driveTwo(
  two: Two,
  fed: readonly Fed[],
  { copyAfter = -1, ends = true }: { readonly copyAfter?: number; readonly ends?: boolean } = {},
): Given {
  const heads = two.before.map(make => make?.() ?? null)
  let operator = two.make()
  const marks = [-Infinity, -Infinity]
  let mark = -Infinity
  let late = 0
  const out: Batch[] = []
  const given: (readonly [number, number])[] = []
  let rows = 0
  const take = (steps: Steps): void => {
    for (const step of steps) {
      if (step instanceof Batch) {
        out.push(step)
        rows += step.length
      } else if (typeof step === 'number') given.push([step, rows])
    }
    late += operator.side?.()?.length ?? 0
  }
  const pass = (step: Step, input: number): void => {
    if (step instanceof Batch) take(operator.process(step, input))
    else if (step !== null && step > marks[input]!) {
      marks[input] = step
      const least = Math.min(...marks)
      if (least > mark) take(operator.watermark((mark = least)))
    }
  }
  const copy = (): void => {
    for (const [i, head] of heads.entries()) {
      if (head === null) continue
      const state = structuredClone(head.snapshot())
      heads[i] = two.before[i]!()
      heads[i].restore(state)
    }
    const state = structuredClone(operator.snapshot())
    operator = two.make()
    operator.restore(state)
  }
  for (const [i, { input, batch }] of fed.entries()) {
    if (i === copyAfter) copy()
    const head = heads[input]!
    if (head === null) pass(batch, input)
    else for (const step of head.process(batch, 0)) pass(step, input)
  }
  if (copyAfter >= fed.length) copy()
  for (const input of ends ? [0, 1] : []) {
    pass(Infinity, input)
    take(operator.end(input))
  }
  return { rows: rowsOf(out), late, marks: given }
}
