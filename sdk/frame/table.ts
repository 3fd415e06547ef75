import { Batch } from '../data/batch.ts'
import { PlanError } from '../data/errors.ts'
import { countOf } from '../data/number-text.ts'
import { checkOptions } from '../data/options.ts'
import type { JsOf, TimeForm } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { withSharedDictionaries } from '../data/shared-dictionary.ts'
import { arrowTable, type ArrowTable } from '../data/to-arrow.ts'
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
export class Table<in out C extends Columns> extends SourceFrame<C, 'batch'> {
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

  /**
   * The table in the Arrow format, as flechette and Arquero take it: timestamps are UTC in microseconds, vectors lists of
   * fixed size. A sparse vector has no form there and is refused. `tableToIPC` of flechette makes bytes of it.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: null }]).collect()
   * table.toArrow().getChild('km').toArray() // => [ 12, null ]
   * ```
   */
  toArrow(): ArrowTable {
    return arrowTable(this.plan.schema, this.#batches, 'toArrow')
  }

  /**
   * The table as Arquero's, made by the Arquero that is given: `table.toArquero(aq)` after `import * as aq from 'arquero'`.
   * Values are those of {@link rows}: timestamps and dates are as there, null is null.
   *
   * ```ts
   * import * as aq from 'arquero'
   * import { read } from 'millrace'
   *
   * const table = await read.rows([{ km: 12 }, { km: null }]).collect()
   * table.toArquero(aq).objects() // => [ { km: 12 }, { km: null } ]
   * ```
   */
  toArquero<T>(aq: { table(columns: readonly (readonly [string, unknown[]])[]): T }): T {
    if (typeof aq?.table !== 'function') {
      throw new PlanError(
        'bad-table',
        "toArquero takes Arquero itself: import * as aq from 'arquero', then toArquero(aq)",
      )
    }
    return aq.table(this.plan.schema.names.map(name => [name, this.column(name as keyof C & string)] as const))
  }

  /**
   * The table as a danfo frame, made by the danfo that is given: `table.toDanfo(dfd)`. Times and 64-bit integers of type
   * bigint, which danfo does not have, are texts; decimals too. Null stays null, which danfo counts as missing.
   *
   * ```ts
   * import { read } from 'millrace'
   *
   * const dfd = { DataFrame: class { data: object; constructor(data: object) { this.data = data } } }
   * const table = await read.rows([{ km: 12 }, { km: null }]).collect()
   * table.toDanfo(dfd).data // => { km: [ 12, null ] }
   * ```
   */
  toDanfo<T>(dfd: { DataFrame: new (data: object, options?: DanfoOptions) => T }): T {
    if (typeof dfd?.DataFrame !== 'function') {
      throw new PlanError('bad-table', "toDanfo takes danfo itself: import * as dfd from 'danfojs', then toDanfo(dfd)")
    }
    const { fields } = this.plan.schema
    const columns = [...this.plan.schema.names]
    if (this.length === 0) return new dfd.DataFrame([], { columns })
    const texts = this.rows<'iso'>({ times: 'iso' }) as readonly Readonly<Record<string, unknown>>[]
    const data = Object.fromEntries(
      columns.map(name => [name, texts.map(row => (typeof row[name] === 'bigint' ? String(row[name]) : row[name]))]),
    )
    return new dfd.DataFrame(data, { dtypes: fields.map(field => DANFO_TYPES[field.type.kind] ?? 'string') })
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

interface DanfoOptions {
  readonly columns?: string[]
  readonly dtypes?: string[]
}

/** danfo's names of types; what they hold are JavaScript numbers in full. */
const DANFO_TYPES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int32: 'int32',
  int64: 'int32',
  float32: 'float32',
  float64: 'float32',
  duration: 'float32',
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
