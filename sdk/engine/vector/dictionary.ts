import { Batch } from '../../data/batch.ts'
import { columnOf } from '../../data/builder.ts'
import type { Column, TextColumn, Value } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { interpret } from '../../expr/interpret.ts'
import { keyOf } from '../../expr/js.ts'
import type { Typed } from '../../expr/node.ts'

/**
 * What depends on one text column alone is computed once for each entry of its dictionary instead of once a row. The
 * table of an entry's results lives as long as the dictionary. One more entry stands for null.
 */

/** The largest subtree that reads one text column and nothing else. */
export interface DictionaryPart {
  readonly expr: Typed
  readonly column: Extract<Typed, { kind: 'column' }>
}

/** The parts of an expression that can be looked up, largest first. */
export function dictionaryParts(expr: Typed): readonly DictionaryPart[] {
  const found = new Map<string, DictionaryPart>()
  collect(expr, found)
  return [...found.values()]
}

function collect(expr: Typed, found: Map<string, DictionaryPart>): void {
  if (expr.kind === 'column' || expr.kind === 'literal') return
  const column = soleText(expr)
  if (column !== undefined) {
    found.set(keyOf(expr), { expr, column })
    return
  }
  for (const arg of expr.kind === 'cast' ? [expr.arg] : expr.args) collect(arg, found)
}

/** The one text column that an expression reads; undefined when it reads another, or calls what may have effects. */
function soleText(expr: Typed): Extract<Typed, { kind: 'column' }> | undefined {
  let column: Extract<Typed, { kind: 'column' }> | undefined
  const pure = (each: Typed): boolean => {
    if (each.kind === 'column') {
      column ??= each
      return each.type.kind === 'utf8' && each.index === column.index
    }
    if (each.kind === 'literal') return true
    if (each.kind === 'cast') return pure(each.arg)
    return each.kind === 'call' && each.args.every(pure)
  }
  return pure(expr) ? column : undefined
}

/** A dictionary pays when it is this much smaller than the rows. */
const PAYS = 4

/** The tables of one part, by dictionary. */
export class Dictionary {
  readonly #expr: Typed
  readonly #column: number
  /** Whether the last entry stands for null. */
  readonly #nullable: boolean
  /** null for a dictionary with an entry that fails: its rows are computed one by one, so that only a used entry fails. */
  readonly #tables = new WeakMap<readonly string[], { readonly length: number; readonly table: Column | null }>()

  constructor({ expr, column }: DictionaryPart) {
    this.#expr = expr
    this.#column = column.index
    this.#nullable = column.nullable
  }

  /** The table and each row's entry in it; undefined where row by row is the better way. */
  rows(batch: Batch): { readonly table: Column; readonly codes: Int32Array } | undefined {
    const column = batch.columns[this.#column] as TextColumn
    if (column.codes === null) return undefined
    const { strings } = column
    let known = this.#tables.get(strings)
    if (known === undefined || known.length !== strings.length) {
      if (strings.length * PAYS > column.length) return undefined
      known = { length: strings.length, table: this.#compute(column) }
      this.#tables.set(strings, known)
    }
    return known.table === null ? undefined : { table: known.table, codes: withNull(column, strings.length) }
  }

  #compute({ type, strings }: TextColumn): Column | null {
    const length = strings.length + (this.#nullable ? 1 : 0)
    const valid = new Uint8Array(length).fill(1, 0, strings.length)
    const columns: Column[] = []
    columns[this.#column] = { layout: 'text', type, length, valid, strings, codes: null }
    const entries = new Batch(NONE, length, columns)
    try {
      return tableOf(
        this.#expr,
        Array.from({ length }, (_, i) => interpret(this.#expr, entries, i)),
      )
    } catch (error) {
      if (error instanceof DataError) return null
      throw error
    }
  }
}

const NONE = new Schema([])

/** Results of text stay one string an entry, so that rows can go on by code. */
function tableOf({ type }: Typed, values: readonly Value[]): Column {
  if (type.kind !== 'utf8') return columnOf(type, values)
  const missing = values.includes(null)
  const valid = missing ? Uint8Array.from(values, value => (value === null ? 0 : 1)) : null
  const strings = values.map(value => (value ?? '') as string)
  return { layout: 'text', type, length: values.length, valid, strings, codes: null }
}

/** Row codes in which a missing row has the entry of null. */
function withNull(column: TextColumn, entry: number): Int32Array {
  const codes = column.codes!
  if (column.valid === null) return codes
  const out = new Int32Array(column.length)
  for (let i = 0; i < out.length; i++) out[i] = column.valid[i] === 1 ? codes[i]! : entry
  return out
}
