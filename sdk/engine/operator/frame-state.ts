import type { Value } from '../../data/column.ts'
import { PlanError } from '../../data/errors.ts'
import type { Typed } from '../../expr/node.ts'
import { exprText } from '../../expr/text.ts'

/** One aggregate's state for a frame of rows that moves: row by row, by the form of accumulator that it has. */
export interface FrameState {
  add(args: readonly Value[]): void
  retract(args: readonly Value[]): void
  value(): Value
  clear(): void
}

/** `moves` where rows are taken back. */
export function frameState(call: Extract<Typed, { kind: 'aggregate' }>, moves: boolean): FrameState {
  const { fn, args: types, options } = call
  const found = typeof fn.accumulator === 'function' ? fn.accumulator(types, options) : fn.accumulator
  if (found.form === 'object') {
    let state = found.create(types, call, options)
    return {
      add: args => state.add(args),
      retract: args => state.retract!(args),
      value: () => state.value(),
      clear: () => {
        state = found.create(types, call, options)
      },
    }
  }
  const { init, step, value } = moves ? (found.overUpdates ?? found) : found
  if (step === undefined) {
    throw new PlanError('needs-code', `over: ${exprText(call)} has no form that runs row by row`)
  }
  const lanes = Float64Array.from(init)
  return {
    add: args => step(lanes, 0, args, 1, types),
    retract: args => step(lanes, 0, args, -1, types),
    value: () => value(lanes, 0, types, call, options),
    clear: () => lanes.set(init),
  }
}
