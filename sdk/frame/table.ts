import { Batch } from '../data/batch.ts'
import { countOf } from '../data/number-text.ts'
import { checkOptions } from '../data/options.ts'
import type { JsOf, TimeForm } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { withSharedDictionaries } from '../data/shared-dictionary.ts'
import type { Columns } from '../data/type.ts'
import * as plan from '../plan/build.ts'
import { memory } from '../plan/memory-source.ts'
import type { Node } from '../plan/node.ts'
import { readBatches, rowObjects, type RowIn } from './action.ts'
import { SourceFrame } from './frame.ts'
import { meetNotebook, type Bundle } from './host.ts'
import { valuesOf } from './map-batches.ts'
import { bundleOf, textOf } from './show.ts'

/**
 * Rows in memory: what `collect` gives. A table is itself a batch frame, with every verb.
 *
 * ```ts
 * import { read } from 'millrace'
 *
 * const table = await read.rows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 30 }]).collect()
 * table.length // => 2
 * table.column('city') // => [ 'Oslo', 'Rome' ]
 * const far = await table.filter(t => t.km.gt(20)).collect()
 * far.rows() // => [ { city: 'Rome', km: 30 } ]
 * ```
 */
export class Table<C extends Columns> extends SourceFrame<C, 'batch'> {
  /** How many rows there are. */
  readonly length: number
  readonly #batches: readonly Batch[]

  /** Made by `collect`. */
  constructor(schema: Schema, given: readonly Batch[]) {
    const batches = withSharedDictionaries(schema, given)
    const length = batches.reduce((sum, batch) => sum + batch.length, 0)
    super(plan.read(memory(schema, batches, `table of ${countOf(length, 'row')}`)))
    this.#batches = batches
    this.length = length
  }

  /**
   * All rows as objects. A timestamp is a Date, cut to milliseconds, or with `{ times: 'iso' }` its exact text.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ at: '2024-01-01T10:00Z' }], { schema: { at: 'timestamp' } }).collect()
   * table.rows({ times: 'iso' }) // => [ { at: '2024-01-01T10:00:00Z' } ]
   * ```
   */
  rows<F extends TimeForm = 'date'>(options: { readonly times?: F } = {}): RowIn<C, F>[] {
    checkOptions('rows', options, ['times'])
    return this.#batches.flatMap(batch => [...rowObjects<C, F>(batch, options.times)])
  }

  /**
   * The values of one column, as in row objects.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: null }]).collect()
   * table.column('km') // => [ 12, null ]
   * ```
   */
  column<N extends keyof C & string>(name: N): JsOf<C[N]>[] {
    this.plan.schema.field(name, 'column')
    return this.#batches.flatMap(batch => valuesOf(batch.column(name)) as JsOf<C[N]>[])
  }

  /** A table is read as it is: it has no state that a name could find. */
  override named(): this {
    return this
  }

  /**
   * The table as a console shows it: its shape, types, first and last rows.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }]).collect()
   * String(table).split('\n')[0] // => '1 row × 1 column'
   * ```
   */
  override toString(): string {
    return textOf(this.plan.schema, this.#batches, countOf(this.length, 'row'))
  }

  static {
    meetNotebook(this.prototype, {
      display() {
        return bundleOf(this.plan.schema, this.#batches, countOf(this.length, 'row'))
      },
      type() {
        return `import('millrace').Table<${this.plan.schema.toString()}>`
      },
      inspect() {
        return this.toString()
      },
    })
  }
}

const PREVIEW_ROWS = 10

/** The first rows of a plan, as a cell shows them. */
export async function previewOf(node: Node): Promise<Bundle> {
  const batches: Batch[] = []
  for await (const batch of readBatches(plan.limit(node, PREVIEW_ROWS + 1), {})) batches.push(batch)
  const all = Batch.concat(node.schema, batches)
  if (all.length <= PREVIEW_ROWS) return bundleOf(node.schema, [all], countOf(all.length, 'row'))
  return bundleOf(node.schema, [all.slice(0, PREVIEW_ROWS)], `first ${PREVIEW_ROWS} rows`)
}
