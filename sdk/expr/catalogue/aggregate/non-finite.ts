import type { FunctionOptions, LaneAccumulator } from '../../function.ts'

/**
 * NaN and Infinity counted beside the finite values, for no arithmetic takes them back out of a sum: a lane of how many
 * there are, and one of how many more are Infinity than −Infinity. `value` is the result where there are any.
 */
export function countingOdd(
  inner: LaneAccumulator,
  value: (odd: number, lean: number, lanes: Float64Array, at: number, options: FunctionOptions) => number | null,
): LaneAccumulator {
  const [odd, lean] = [inner.init.length, inner.init.length + 1]
  const snippet =
    (sign: '+' | '-'): LaneAccumulator['add'] =>
    (lane, args, types, js) => {
      const finite = args.map(x => `${x} - ${x} === 0`).join(' && ')
      const aside = `${lane(odd)} ${sign}= 1; ${lane(lean)} ${sign}= ${args[0]} > 0 ? 1 : ${args[0]} < 0 ? -1 : 0`
      const step = (sign === '+' ? inner.add : inner.retract!)(lane, args, types, js)
      return `if (${finite}) { ${step} } else { ${aside} }`
    }
  return {
    form: 'lanes',
    init: [...inner.init, 0, 0],
    add: snippet('+'),
    retract: snippet('-'),
    step: (lanes, at, args, sign, types) => {
      if (args.every(Number.isFinite)) {
        inner.step!(lanes, at, args, sign, types)
        return
      }
      lanes[at + odd]! += sign
      lanes[at + lean]! += sign * (Math.sign(args[0] as number) || 0)
    },
    ...(inner.merge !== undefined && {
      merge: (lanes, at, from, fromAt) => {
        inner.merge!(lanes, at, from, fromAt)
        lanes[at + odd]! += from[fromAt + odd]!
        lanes[at + lean]! += from[fromAt + lean]!
      },
    }),
    value: (lanes, at, types, result, options) =>
      lanes[at + odd] === 0
        ? inner.value(lanes, at, types, result, options)
        : value(lanes[at + odd]!, lanes[at + lean]!, lanes, at, options),
  }
}

/** Of sums and means: Infinity while all that is not finite has one sign. */
export const infiniteSum = (odd: number, lean: number): number => (odd === Math.abs(lean) ? lean * Infinity : NaN)

/** NaN, of what is null for fewer than `least` values. The first lane is their number. */
export const oddBelow =
  (least: (options: FunctionOptions) => number) =>
  (odd: number, _: number, lanes: Float64Array, at: number, options: FunctionOptions): number | null =>
    lanes[at]! + odd < least(options) ? null : NaN
