import type { Value } from '../../../data/column.ts'
import { isFloat, isInteger, type DataType } from '../../../data/type.ts'
import { OBJECT_BYTES, valueBytes } from '../../../data/value-bytes.ts'
import type {
  Accumulator,
  AggregateFunction,
  GroupAccumulator,
  LaneAccumulator,
  ObjectAccumulator,
  Sql,
} from '../../function.ts'
import { compareValues } from '../../order.ts'
import { isBig, isOrdered } from '../../promote.ts'
import { nullable, sqlOf } from './result.ts'

/** One value that is kept as long as no better one comes: min, max, first and last. */

/** When a value takes the place of the one kept. */
interface Better {
  /** Whether the values alone tell, and not the order in which they come. */
  readonly ofValues: boolean
  /** What no value is worse than, kept as long as there is none; left out where only the number of rows `n` tells. */
  readonly first?: number
  readonly code: (x: string, kept: string, n: string) => string
  /** Of finite numbers: what is worse than all of them, so that no rows are counted. */
  readonly finite?: { readonly first: number; readonly code: (x: string, kept: string) => string }
  readonly than: (x: Value, kept: Value) => boolean
}

function kept(
  name: string,
  ordered: boolean,
  better: Better,
  sql: { readonly duckdb: Sql; readonly flink: Sql },
): AggregateFunction {
  const keep = (lane: (k: number) => string, x: string): string =>
    `if (${better.code(x, lane(0), lane(1))}) ${lane(0)} = ${x};`
  const lanes: LaneAccumulator = {
    form: 'lanes',
    init: [better.first ?? 0, 0],
    add: (lane, [x]) => `${keep(lane, x!)} ${lane(1)} += 1;`,
    ...(better.first !== undefined && { counted: { lane: 1, add: (lane, [x]) => keep(lane, x!) } }),
    step: (all, at, [x]) => {
      if (all[at + 1] === 0 || better.than(Number(x), all[at]!)) all[at] = Number(x)
      all[at + 1]! += 1
    },
    ...(better.ofValues && {
      merge: (all, at, from, fromAt) => {
        if (from[fromAt + 1] === 0) return
        if (all[at + 1] === 0 || better.than(from[fromAt]!, all[at]!)) all[at] = from[fromAt]!
        all[at + 1]! += from[fromAt + 1]!
      },
    }),
    value: (all, at, _, result) => (all[at + 1] === 0 ? null : result.type.kind === 'bool' ? all[at] === 1 : all[at]!),
  }
  const uncounted = better.finite === undefined ? lanes : finiteLanes(better.finite, better.than)
  const object: ObjectAccumulator = {
    form: 'object',
    create: () => (better.ofValues ? new Extremum(better.than) : new Kept(better.than)),
  }
  return {
    name,
    infer: ([a]) =>
      ordered && !isOrdered(a!.type) ? `${name} takes values that have an order, and $0` : nullable(a!.type),
    nulls: 'skip',
    retractable: 'no',
    accumulator: ([a]): GroupAccumulator => (!inLane(a!.type) ? object : isFloat(a!.type) ? lanes : uncounted),
    ...sql,
  }
}

function finiteLanes({ first, code }: NonNullable<Better['finite']>, than: Better['than']): LaneAccumulator {
  return {
    form: 'lanes',
    init: [first],
    add: (lane, [x]) => `if (${code(x!, lane(0))}) ${lane(0)} = ${x};`,
    step: (all, at, [x]) => {
      if (than(Number(x), all[at]!)) all[at] = Number(x)
    },
    merge: (all, at, from, fromAt) => {
      if (than(from[fromAt]!, all[at]!)) all[at] = from[fromAt]!
    },
    value: (all, at, _, result) => (all[at] === first ? null : result.type.kind === 'bool' ? all[at] === 1 : all[at]!),
  }
}

function inLane(type: DataType): boolean {
  return type.kind === 'bool' || type.kind === 'timestamp' || type.kind === 'date' || type.kind === 'duration'
    ? true
    : isFloat(type) || (isInteger(type) && !isBig(type))
}

class Kept implements Accumulator {
  readonly #better: (x: Value, kept: Value) => boolean
  #kept: Value = null

  constructor(better: (x: Value, kept: Value) => boolean) {
    this.#better = better
  }

  add([x]: readonly Value[]): void {
    if (this.#kept === null || this.#better(x!, this.#kept)) this.#kept = x!
  }

  value(): Value {
    return this.#kept
  }

  get bytes(): number {
    return OBJECT_BYTES + valueBytes(this.#kept)
  }

  snapshot(): unknown {
    return this.#kept
  }

  restore(state: unknown): void {
    this.#kept = state as Value
  }
}

class Extremum extends Kept {
  merge(other: this): void {
    const value = other.value()
    if (value !== null) this.add([value])
  }
}

const least: Better = {
  ofValues: true,
  first: NaN,
  code: (x, kept) => `${x} < ${kept} || ${kept} !== ${kept}`,
  finite: { first: Infinity, code: (x, kept) => `${x} < ${kept}` },
  than: (x, kept) => compareValues(x, kept) < 0,
}
const greatest: Better = {
  ofValues: true,
  first: -Infinity,
  code: (x, kept) => `${x} > ${kept} || ${x} !== ${x}`,
  finite: { first: -Infinity, code: (x, kept) => `${x} > ${kept}` },
  than: (x, kept) => compareValues(x, kept) > 0,
}

const NAN_ORDER: Sql = ([a], types) => (isFloat(types[0]!.type) ? { refused: 'Flink orders NaN otherwise' } : `${a}`)

function flinkOrdered(name: string): Sql {
  return (args, types, options) => {
    const found = typeof NAN_ORDER === 'function' ? NAN_ORDER(args, types, options) : NAN_ORDER
    return typeof found === 'string' ? `${name}(${found})` : found
  }
}

export const min: AggregateFunction = kept('min', true, least, {
  duckdb: sqlOf(a => `min(${a})`),
  flink: flinkOrdered('MIN'),
})

export const max: AggregateFunction = kept('max', true, greatest, {
  duckdb: sqlOf(a => `max(${a})`),
  flink: flinkOrdered('MAX'),
})

const ARRIVAL = { refused: 'SQL knows no order of arrival' }

export const first: AggregateFunction = kept(
  'first',
  false,
  { ofValues: false, code: (_, __, n) => `${n} === 0`, than: () => false },
  { duckdb: ARRIVAL, flink: ARRIVAL },
)

export const last: AggregateFunction = kept(
  'last',
  false,
  { ofValues: false, first: 0, code: () => 'true', than: () => true },
  { duckdb: ARRIVAL, flink: ARRIVAL },
)
