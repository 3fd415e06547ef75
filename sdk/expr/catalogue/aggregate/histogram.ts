import type { Value } from '../../../data/column.ts'
import type { DataType } from '../../../data/type.ts'
import { arrayBytes, OBJECT_BYTES } from '../../../data/value-bytes.ts'
import type { Accumulator, AggregateFunction } from '../../function.ts'
import { FLOAT64, INT64, numeric } from './result.ts'
import { Tally } from './tally.ts'

/**
 * How many values lie in each bin. A bin holds its lower edge and not its upper one, but for the last, which holds both.
 * No value is left out: before the first bin stands one of what is below, behind the last one of what is above, NaN
 * among them.
 */

const BIN: DataType = {
  kind: 'struct',
  fields: [
    { name: 'from', type: FLOAT64, nullable: true },
    { name: 'to', type: FLOAT64, nullable: true },
    { name: 'count', type: INT64, nullable: false },
  ],
}

const MOST = 100_000

export const histogram: AggregateFunction = {
  name: 'histogram',
  named: ['bins', 'edges'],
  infer: (args, { bins, edges }) => {
    if ((bins === undefined) === (edges === undefined)) return 'histogram takes either bins or edges'
    if (bins !== undefined && !(Number.isInteger(bins) && (bins as number) > 0 && (bins as number) <= MOST)) {
      return `bins is a whole number from 1 to ${MOST}, and ${String(bins)} is none`
    }
    if (edges !== undefined && !ascending(edges))
      return 'edges are two numbers or more, each greater than the one before'
    const type = numeric('histogram', args, false)
    if (typeof type === 'string') return type
    return { type: { kind: 'list', item: { type: BIN, nullable: false } }, nullable: false, cast: [FLOAT64] }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: {
    form: 'object',
    create: (_, __, { bins, edges }) =>
      edges === undefined
        ? new Tally(counts => equalBins(counts, bins as number))
        : new Bins(Float64Array.from(edges as readonly number[])),
  },
  duckdb: { refused: 'DuckDB puts edges and NaN into other bins' },
  flink: { refused: 'Flink SQL has no histogram' },
}

function ascending(edges: unknown): boolean {
  if (!Array.isArray(edges) || edges.length < 2) return false
  return edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]))
}

/** Bins of one width from the least finite value to the greatest: as wide as 1 where there is but one, 0 to 1 for none. */
function equalBins(counts: ReadonlyMap<Value, number>, bins: number): Value {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of counts.keys() as Iterable<number>) {
    if (!Number.isFinite(value)) continue
    least = Math.min(least, value)
    greatest = Math.max(greatest, value)
  }
  if (least > greatest) [least, greatest] = [0, 1]
  else if (least === greatest) [least, greatest] = widened(least)
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => least * (1 - i / bins) + greatest * (i / bins))
  edges[0] = least
  edges[bins] = greatest
  const filled = new Bins(edges)
  for (const [value, times] of counts) filled.change(value as number, times)
  return filled.value()
}

/** Half to each side, or what the number can tell apart. */
function widened(value: number): [number, number] {
  const half = Math.max(0.5, Math.abs(value) * 2 ** -40)
  return [value - half, value + half]
}

class Bins implements Accumulator {
  readonly #edges: Float64Array
  /** Below, the bins, above. */
  #counts: Float64Array

  constructor(edges: Float64Array) {
    this.#edges = edges
    this.#counts = new Float64Array(edges.length + 1)
  }

  add([x]: readonly Value[]): void {
    this.change(x as number, 1)
  }

  retract([x]: readonly Value[]): void {
    this.change(x as number, -1)
  }

  change(x: number, by: number): void {
    const edges = this.#edges
    const last = edges.length - 1
    let [from, to] = [0, edges.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (x < edges[middle]!) to = middle
      else from = middle + 1
    }
    // Edges that x has reached: the bin after them, but for the last edge, which the last bin holds.
    this.#counts[x === edges[last] ? last : from]! += by
  }

  merge(other: this): void {
    for (const [i, count] of other.#counts.entries()) this.#counts[i]! += count
  }

  value(): Value {
    const edges = this.#edges
    return Array.from(this.#counts, (count, i) => [edges[i - 1] ?? null, edges[i] ?? null, count])
  }

  get bytes(): number {
    return OBJECT_BYTES + arrayBytes(this.#edges) + arrayBytes(this.#counts)
  }

  snapshot(): unknown {
    return this.#counts.slice()
  }

  restore(state: unknown): void {
    this.#counts = (state as Float64Array).slice()
  }
}
