import { isFloat, type DataType } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { quoted, sqlType } from '../../expr/sql-type.ts'
import { exprText } from '../../expr/text.ts'
import type { Over, OverFrame } from '../../plan/node.ts'
import { namedItems, Refusal, sorted, type Print } from './print.ts'

/**
 * What depends on the rows around a row, as window functions of SQL: each call over its own window beside the columns of
 * the input, and the added columns over those.
 */
export function overSql({ keys, order, frame, calls, items, input, schema }: Over, from: string, print: Print): string {
  const arrival = quoted(unused('row number', input.schema.names))
  const rows = `(SELECT *, row_number() OVER () AS ${arrival} FROM ${from})`
  const partition = keys.length === 0 ? '' : `PARTITION BY ${keys.map(key => print(key.expr)).join(', ')} `
  const total = `ORDER BY ${sorted(order, arrival, print)}`
  const peers = order.length === 0 ? '' : `ORDER BY ${sorted(order, '', print)}`
  const window = (expr: Typed): string => {
    if (expr.kind === 'window') {
      if (expr.fn.needsOrder) return peers
      if (expr.fn.name !== 'nthValue') return total
      if (frame.unit !== 'rows' && frame.unit !== 'partition') {
        throw new Refusal('which of several equal rows stands first, DuckDB does not keep')
      }
      return `${total} ROWS BETWEEN ${reach(frame, 'before', String)} AND ${reach(frame, 'after', String)}`
    }
    if (!('before' in frame)) return frame.unit === 'partition' ? '' : peers
    if (expr.kind === 'aggregate' && !UNMOVED.has(expr.fn.name) && expr.args.some(arg => isFloat(arg.type))) {
      throw new Refusal(`${exprText(expr)} slides, and DuckDB takes floats out of a sum that are infinite or NaN`)
    }
    if (frame.unit === 'rows') {
      return `${total} ROWS BETWEEN ${reach(frame, 'before', String)} AND ${reach(frame, 'after', String)}`
    }
    const { key, distance } = rangeKey(order[0]!.expr.type, frame, print(order[0]!.expr))
    const direction = order[0]!.descending ? 'DESC' : 'ASC'
    return `ORDER BY ${key} ${direction} NULLS LAST RANGE BETWEEN ${reach(frame, 'before', distance)} AND ${reach(frame, 'after', distance)}`
  }
  const columns = calls.map(({ name, expr }) => {
    const type = sqlType(expr.type, 'duckdb')
    if (typeof type !== 'string') throw new Refusal(type.refused)
    return `CAST(${print(expr, `OVER (${partition}${window(expr)})`)} AS ${type}) AS ${quoted(name)}`
  })
  const byName = new Map(items.map(item => [item.name, item]))
  const given = schema.fields.map(({ name }) => {
    const item = byName.get(name)
    return item === undefined ? quoted(name) : namedItems([item], print)
  })
  return `SELECT ${given.join(', ')} FROM (SELECT ${['*', ...columns].join(', ')} FROM ${rows})`
}

/** Aggregates whose value does not depend on how rows are taken in and out. */
const UNMOVED: ReadonlySet<string> = new Set(['count', 'min', 'max', 'countDistinct'])

type Reaching = Extract<OverFrame, { before: number }>

function reach(frame: OverFrame, side: 'before' | 'after', distance: (n: number) => string): string {
  const words = side === 'before' ? ['PRECEDING', 'FOLLOWING'] : ['FOLLOWING', 'PRECEDING']
  const n = 'before' in frame ? frame[side] : Infinity
  if (n === Infinity) return `UNBOUNDED ${words[0]!}`
  return `${distance(Math.abs(n))} ${n < 0 ? words[1]! : words[0]!}`
}

/** What a range goes by, in a type whose ends it does not leave, and a distance in it. */
function rangeKey(
  type: DataType,
  { before, after }: Reaching,
  sql: string,
): { readonly key: string; readonly distance: (n: number) => string } {
  const unit = type.kind === 'date' ? 86_400_000_000 : 1
  if (type.kind === 'date' || type.kind === 'timestamp') {
    return { key: `CAST(${sql} AS TIMESTAMP)`, distance: n => `INTERVAL '${n * unit} microseconds'` }
  }
  const whole = !isFloat(type) && [before, after].every(n => n === Infinity || Number.isInteger(n))
  const as = whole ? 'HUGEINT' : 'DOUBLE'
  return { key: `CAST(${sql} AS ${as})`, distance: n => `CAST('${n}' AS ${as})` }
}

function unused(name: string, names: readonly string[]): string {
  return names.includes(name) ? unused(`${name} `, names) : name
}
