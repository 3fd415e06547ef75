import type { Value } from '../../../data/column.ts'
import type { Accumulator, AggregateFunction } from '../../function.ts'
import { INT64, sqlOf } from './result.ts'

/** How many values are there: a count for each, so that rows can be taken back. */

export const countDistinct: AggregateFunction = {
  name: 'countDistinct',
  infer: ([a]) => {
    if (['list', 'struct', 'map', 'vector', 'binary'].includes(a!.type.kind)) {
      return `countDistinct does not compare such values, and $0`
    }
    return { type: INT64, nullable: false }
  },
  nulls: 'skip',
  retractable: 'exact',
  accumulator: { form: 'object', create: () => new Distinct() },
  duckdb: sqlOf(a => `count(DISTINCT ${a})`),
  flink: sqlOf(a => `COUNT(DISTINCT ${a})`),
}

/** How often each value is there. */
class Distinct implements Accumulator {
  #counts = new Map<Value, number>()

  add([x]: readonly Value[]): void {
    this.#counts.set(x!, (this.#counts.get(x!) ?? 0) + 1)
  }

  retract([x]: readonly Value[]): void {
    const left = (this.#counts.get(x!) ?? 0) - 1
    if (left === 0) this.#counts.delete(x!)
    else this.#counts.set(x!, left)
  }

  value(): Value {
    let distinct = 0
    for (const times of this.#counts.values()) if (times > 0) distinct++
    return distinct
  }

  snapshot(): unknown {
    return [...this.#counts]
  }

  restore(state: unknown): void {
    this.#counts = new Map(state as readonly [Value, number][])
  }
}
