import type { Value } from '../../../data/column.ts'
import { isNested, scalar, type DataType, type Nullable } from '../../../data/type.ts'
import { OBJECT_BYTES, SLOT_BYTES, valueBytes } from '../../../data/value-bytes.ts'
import type { Accumulator, AggregateFunction, FunctionOptions } from '../../function.ts'
import { compareValues } from '../../order.ts'
import { isOrdered } from '../../promote.ts'
import { nullable } from './result.ts'

/** Values of a group as a list, or as one text. A list over no values is empty. */

const ARRIVAL = { refused: 'SQL knows no order of arrival' }
const NO_LISTS = { refused: 'Flink SQL has no such list' }

const listOf = (item: Nullable): Nullable => ({ type: { kind: 'list', item }, nullable: false })

/** Why a list cannot be limited so or be of different values, if it cannot. */
function badOptions(name: string, { type }: Nullable, { distinct, limit }: FunctionOptions): string | undefined {
  if (limit !== undefined && !(Number.isInteger(limit) && (limit as number) > 0)) {
    return `the limit is a whole number from 1 on, and ${String(limit)} is none`
  }
  return distinct === true && !comparable(type) ? `${name} does not compare such values, and $0` : undefined
}

function comparable(type: DataType): boolean {
  return !(isNested(type) || type.kind === 'binary')
}

function collecting(nulls: 'skip' | 'own'): AggregateFunction {
  return {
    name: 'collect',
    named: ['distinct', 'limit', 'nulls'],
    infer: ([a], options) =>
      badOptions('collect', a!, options) ?? listOf({ type: a!.type, nullable: nulls === 'own' && a!.nullable }),
    nulls,
    retractable: 'no',
    accumulator: { form: 'object', create: (_, __, options) => new Collected(options, values => values.slice()) },
    duckdb: ARRIVAL,
    flink: ARRIVAL,
  }
}

export const collect: AggregateFunction = collecting('skip')
export const collectNulls: AggregateFunction = collecting('own')

export const joinText: AggregateFunction = {
  name: 'joinText',
  named: ['distinct', 'limit'],
  infer: ([a], options) => {
    if (a!.type.kind !== 'utf8') return 'joinText takes text, and $0'
    if (typeof options['separator'] !== 'string') return 'the separator of joinText is a text'
    return badOptions('joinText', a!, options) ?? nullable(scalar('utf8'))
  },
  nulls: 'skip',
  retractable: 'no',
  accumulator: {
    form: 'object',
    create: (_, __, options) =>
      new Collected(options, values =>
        values.length === 0 ? null : (values as readonly string[]).join(options['separator'] as string),
      ),
  },
  duckdb: ARRIVAL,
  flink: ARRIVAL,
}

class Collected implements Accumulator {
  readonly #limit: number
  readonly #seen: Set<Value> | null
  readonly #result: (values: readonly Value[]) => Value
  #values: Value[] = []
  #valueBytes = 0

  constructor({ distinct, limit }: FunctionOptions, result: (values: readonly Value[]) => Value) {
    this.#limit = typeof limit === 'number' ? limit : Infinity
    this.#seen = distinct === true ? new Set() : null
    this.#result = result
  }

  add([x]: readonly Value[]): void {
    if (this.#values.length >= this.#limit) return
    if (this.#seen !== null) {
      if (this.#seen.has(x!)) return
      this.#seen.add(x!)
    }
    this.#values.push(x!)
    this.#valueBytes += valueBytes(x!)
  }

  value(): Value {
    return this.#result(this.#values)
  }

  get bytes(): number {
    const seen = this.#seen === null ? 0 : 6 * OBJECT_BYTES + this.#seen.size * 3 * SLOT_BYTES
    return 3 * OBJECT_BYTES + this.#valueBytes + seen
  }

  snapshot(): unknown {
    return this.#values.slice()
  }

  restore(state: unknown): void {
    this.#values = [...(state as readonly Value[])]
    this.#valueBytes = 0
    for (const value of this.#values) {
      this.#seen?.add(value)
      this.#valueBytes += valueBytes(value)
    }
  }
}

function several(name: 'smallest' | 'largest', sign: 1 | -1, duckdb: 'min' | 'max'): AggregateFunction {
  return {
    name,
    infer: ([a], { n }) => {
      if (!(Number.isInteger(n) && (n as number) > 0))
        return `${name} takes a whole number from 1 on, and ${String(n)} is none`
      if (!isOrdered(a!.type)) return `${name} takes values that have an order, and $0`
      return listOf({ type: a!.type, nullable: false })
    },
    nulls: 'skip',
    retractable: 'no',
    accumulator: { form: 'object', create: (_, __, { n }) => new Several(n as number, sign) },
    duckdb: ([a], _, { n }) => ({ call: `${duckdb}(${a}, ${String(n)})`, around: call => `coalesce(${call}, [])` }),
    flink: NO_LISTS,
  }
}

export const smallest: AggregateFunction = several('smallest', 1, 'min')
export const largest: AggregateFunction = several('largest', -1, 'max')

/** The best n values, best first. */
class Several implements Accumulator {
  readonly #n: number
  readonly #sign: 1 | -1
  #best: Value[] = []
  #valueBytes = 0

  constructor(n: number, sign: 1 | -1) {
    this.#n = n
    this.#sign = sign
  }

  add([x]: readonly Value[]): void {
    const best = this.#best
    const after = (other: Value): boolean => compareValues(x!, other) * this.#sign >= 0
    if (best.length === this.#n && after(best[best.length - 1]!)) return
    let [from, to] = [0, best.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (after(best[middle]!)) from = middle + 1
      else to = middle
    }
    best.splice(from, 0, x!)
    this.#valueBytes += valueBytes(x!)
    if (best.length > this.#n) this.#valueBytes -= valueBytes(best.pop()!)
  }

  merge(other: this): void {
    for (const value of other.#best) this.add([value])
  }

  value(): Value {
    return this.#best.slice()
  }

  get bytes(): number {
    return 3 * OBJECT_BYTES + this.#valueBytes
  }

  snapshot(): unknown {
    return this.#best.slice()
  }

  restore(state: unknown): void {
    this.#best = [...(state as readonly Value[])]
    this.#valueBytes = 0
    for (const value of this.#best) this.#valueBytes += valueBytes(value)
  }
}
