import type { Refused } from '../../expr/function.ts'
import type { Typed } from '../../expr/node.ts'
import { quoted, sqlType } from '../../expr/sql-type.ts'
import { toSql } from '../../expr/sql.ts'
import type { Named, SortKey } from '../../plan/node.ts'

/**
 * What the queries of all nodes are written with: expressions, columns of the plan's types, and orders. What DuckDB would
 * answer otherwise ends in a refusal.
 */

/** Prints an expression, a call over the rows around where `over` says which, or ends in a {@link Refusal}. */
export type Print = (expr: Typed, over?: string) => string

export class Refusal extends Error {}

export function refusable(write: (print: Print) => string): string | Refused {
  try {
    return write((expr, over) => {
      const found = toSql(expr, 'duckdb', over)
      if ('refused' in found) throw new Refusal(found.refused)
      return found.sql
    })
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.message }
    throw error
  }
}

/** `1 AS "a", 2 AS "b"`, each of the type that the plan says: DuckDB's own rules give sums other widths. */
export function named(exprs: readonly Typed[], names: readonly string[], print: Print): string {
  return exprs
    .map((expr, i) => {
      const name = quoted(names[i]!)
      if (expr.kind === 'column') return expr.name === names[i] ? name : `${print(expr)} AS ${name}`
      const type = sqlType(expr.type, 'duckdb')
      if (typeof type !== 'string') throw new Refusal(type.refused)
      return `CAST(${print(expr)} AS ${type}) AS ${name}`
    })
    .join(', ')
}

export const namedItems = (items: readonly Named[], print: Print): string =>
  named(
    items.map(item => item.expr),
    items.map(item => item.name),
    print,
  )

/** Rows with equal keys stay in the order they came, where `arrival` says it. */
export function sorted(by: readonly SortKey[], arrival: string, print: Print): string {
  const keys = by.map(({ expr, descending }) => `${print(expr)}${descending ? ' DESC' : ' ASC'} NULLS LAST`)
  return (arrival === '' ? keys : [...keys, arrival]).join(', ')
}
