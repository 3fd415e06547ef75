import { PlanError } from '../data/errors.ts'
import type { Columns } from '../data/type.ts'
import type { Source } from '../plan/port.ts'
import { rows, type RowsOptions } from './rows.ts'

/**
 * Tables of Arquero and danfo as sources. Both are known by their form only: neither package is loaded here. Types are
 * those of rows in a program: whole numbers are int64, others float64, Dates timestamps; null and undefined are null.
 */

/** What is read of an Arquero table: its columns in view, after its filter and in its order. */
export interface ArqueroTableLike {
  columnNames(): string[]
  array(name: string): ArrayLike<unknown>
}

/** What is read of a danfo frame. NaN stays NaN; danfo itself takes it for missing. */
export interface DanfoFrameLike {
  readonly columns: readonly string[]
  column(name: string): { readonly values: unknown }
}

export function arqueroSource(table: ArqueroTableLike, options: RowsOptions<Columns> = {}): Source {
  if (typeof table?.columnNames !== 'function' || typeof table.array !== 'function') {
    throw new PlanError('bad-table', 'read.arquero takes a table of Arquero: what aq.table(…) or aq.from(…) gives')
  }
  return fromColumns(
    table.columnNames().map(name => [name, table.array(name)]),
    options,
  )
}

export function danfoSource(frame: DanfoFrameLike, options: RowsOptions<Columns> = {}): Source {
  if (!Array.isArray(frame?.columns) || typeof frame.column !== 'function') {
    throw new PlanError('bad-table', 'read.danfo takes a frame of danfo: what new dfd.DataFrame(…) gives')
  }
  return fromColumns(
    frame.columns.map(name => [name, frame.column(name).values as ArrayLike<unknown>]),
    options,
  )
}

function fromColumns(
  columns: readonly (readonly [string, ArrayLike<unknown>])[],
  options: RowsOptions<Columns>,
): Source {
  const length = columns[0]?.[1].length ?? 0
  const objects = Array.from({ length }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[i] ?? null])),
  )
  const named = options.schema !== undefined || length > 0
  return rows(objects, named ? options : { schema: Object.fromEntries(columns.map(([name]) => [name, 'utf8?'])) })
}
