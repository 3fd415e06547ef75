import type { DataType, Nullable } from '../../../data/type.ts'
import { RowFailure, type AggregateFunction, type LaneAccumulator } from '../../function.ts'
import { isBig } from '../../promote.ts'
import { fits, overflow } from '../number.ts'
import { nullable, sqlOf } from './result.ts'

/**
 * Bits that all values have, that any has, or that an odd number has, of whole numbers as 64-bit two's complement: two
 * lanes hold `hi · 2^32 + lo`, each a whole number of 32 bits.
 */

const HIGH = 2 ** 32

type Operator = '&' | '|' | '^'

const OPERATORS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
}

const halves = (x: number | bigint): readonly [lo: number, hi: number] =>
  typeof x === 'bigint'
    ? [Number(BigInt.asIntN(32, x)), Number(x >> 32n)]
    : // ToInt32 takes a whole number modulo 2^32.
      [x | 0, Math.floor(x / HIGH)]

function halvesCode(x: string, [of]: readonly Nullable[]): readonly [lo: string, hi: string] {
  if (of!.type.kind === 'int32') return [x, `${x} >> 31`]
  return isBig(of!.type)
    ? [`Number(BigInt.asIntN(32, ${x}))`, `Number(${x} >> 32n)`]
    : [`(${x} | 0)`, `Math.floor(${x} / ${HIGH})`]
}

function joined(lo: number, hi: number, type: DataType): number | bigint {
  if (isBig(type)) return (BigInt(hi) << 32n) + BigInt(lo >>> 0)
  const value = hi * HIGH + (lo >>> 0)
  if (!fits(value, type)) throw new RowFailure(overflow(type))
  return value
}

function bits(name: string, operator: Operator, first: 0 | -1, call: string): AggregateFunction {
  const combine = OPERATORS[operator]
  const step: LaneAccumulator['add'] = (lane, [x], types) => {
    const [lo, hi] = halvesCode(x!, types)
    return `${lane(0)} = ${lane(0)} ${operator} ${lo}; ${lane(1)} = ${lane(1)} ${operator} ${hi};`
  }
  const lanes: LaneAccumulator = {
    form: 'lanes',
    init: [first, first, 0],
    add: (lane, args, types, js) => `${step(lane, args, types, js)} ${lane(2)} += 1;`,
    counted: { lane: 2, add: step },
    // A second time takes the bits of a row back where they are counted modulo two.
    ...(operator === '^' && {
      retract: (lane, args, types, js) => `${step(lane, args, types, js)} ${lane(2)} -= 1;`,
    }),
    step: (all, at, [x], sign) => {
      const [lo, hi] = halves(x as number | bigint)
      all[at] = combine(all[at]!, lo)
      all[at + 1] = combine(all[at + 1]!, hi)
      all[at + 2]! += sign
    },
    value: (all, at, _, result) => (all[at + 2] === 0 ? null : joined(all[at]!, all[at + 1]!, result.type)),
  }
  return {
    name,
    infer: ([a]) => (WHOLE.has(a!.type.kind) ? nullable(a!.type) : `${name} takes whole numbers, and $0`),
    nulls: 'skip',
    retractable: operator === '^' ? 'exact' : 'no',
    accumulator: lanes,
    duckdb: sqlOf(a => `${call}(${a})`),
    flink: { refused: 'Flink has no bits of numbers' },
  }
}

const WHOLE: ReadonlySet<string> = new Set(['int32', 'int64', 'bigint'])

export const bitwiseAnd: AggregateFunction = bits('bitwiseAnd', '&', -1, 'bit_and')
export const bitwiseOr: AggregateFunction = bits('bitwiseOr', '|', 0, 'bit_or')
export const bitwiseXor: AggregateFunction = bits('bitwiseXor', '^', 0, 'bit_xor')
