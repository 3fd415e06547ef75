import type { Value } from '../../../data/column.ts'
import type { Nullable } from '../../../data/type.ts'
import type { AggregateFunction } from '../../function.ts'
import { compareValues } from '../../order.ts'
import { isOrdered } from '../../promote.ts'
import { FLOAT64, INT64, nullable } from './result.ts'
import { Tally } from './tally.ts'

/** Which values are frequent, and how evenly they are spread: by a count for each. Of values as frequent the least. */

function refusedValues(name: string, { type }: Nullable): string | undefined {
  return isOrdered(type) || type.kind === 'bool' ? undefined : `${name} takes values that have an order, and $0`
}

export const mode: AggregateFunction = {
  name: 'mode',
  infer: ([a]) => refusedValues('mode', a!) ?? nullable(a!.type),
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: () => new Tally(counts => ranked(counts)[0]?.[0] ?? null) },
  duckdb: { refused: 'DuckDB gives any of the values that are as frequent' },
  flink: { refused: 'Flink SQL has no mode' },
}

export const topK: AggregateFunction = {
  name: 'topK',
  infer: ([a], { k }) => {
    if (!(Number.isInteger(k) && (k as number) > 0))
      return `topK takes a whole number from 1 on, and ${String(k)} is none`
    const fields = [
      { name: 'value', type: a!.type, nullable: false },
      { name: 'count', type: INT64, nullable: false },
    ]
    const item: Nullable = { type: { kind: 'struct', fields }, nullable: false }
    return refusedValues('topK', a!) ?? { type: { kind: 'list', item }, nullable: false }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: {
    form: 'object',
    create: (_, __, { k }) => new Tally(counts => ranked(counts).slice(0, k as number)),
  },
  duckdb: { refused: 'the top values of DuckDB are approximate' },
  flink: { refused: 'Flink SQL has no such list' },
}

/** Values and their counts, the most frequent first. */
function ranked(counts: ReadonlyMap<Value, number>): [Value, number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || compareValues(a, b))
}

export const entropy: AggregateFunction = {
  name: 'entropy',
  infer: ([a]) => refusedValues('entropy', a!) ?? nullable(FLOAT64),
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: () => new Tally(entropyOf) },
  duckdb: { refused: 'DuckDB gives zero where there is no value' },
  flink: { refused: 'Flink SQL has no entropy' },
}

/** In bits. The counts are in order, so that equal ones give equal sums. */
function entropyOf(counts: ReadonlyMap<Value, number>): Value {
  if (counts.size === 0) return null
  const times = Float64Array.from(counts.values()).sort()
  const total = times.reduce((sum, n) => sum + n, 0)
  return times.reduce((sum, n) => sum - (n / total) * Math.log2(n / total), 0)
}
