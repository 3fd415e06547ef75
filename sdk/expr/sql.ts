import type { Value } from '../data/column.ts'
import { decimalText } from '../data/row.ts'
import { formatDate, formatTimestamp } from '../data/time.ts'
import type { DataType } from '../data/type.ts'
import { castSql } from './cast.ts'
import type { Refused } from './function.ts'
import type { Typed } from './node.ts'
import { quoted, sqlType } from './sql-type.ts'
import { exprText } from './text.ts'

/**
 * Expressions as SQL of DuckDB or Flink. What an executor would answer otherwise than the engine is refused with the
 * reason; columns go by name.
 */

export type Dialect = 'duckdb' | 'flink'

/** `over` follows an aggregate or a window function: `OVER (…)`. */
export function toSql(expr: Typed, dialect: Dialect, over?: string): { readonly sql: string } | Refused {
  const found = print(expr, dialect, over)
  return typeof found === 'string' ? { sql: found } : found
}

function print(expr: Typed, dialect: Dialect, over?: string): string | Refused {
  switch (expr.kind) {
    case 'column':
      return dialect === 'duckdb' ? quoted(expr.name) : `\`${expr.name.replaceAll('`', '``')}\``
    case 'literal':
      return literalSql(expr.value, expr.type, dialect)
    case 'cast': {
      const arg = print(expr.arg, dialect)
      return typeof arg === 'string' ? castSql(arg, expr.arg.type, expr.type, dialect) : arg
    }
    case 'udf':
      return { refused: `${expr.udf.name} is a function of this program` }
    case 'learnt':
      return { refused: `${expr.step.name} is learnt in this program` }
    case 'call':
    case 'window':
    case 'aggregate': {
      const args: string[] = []
      for (const arg of expr.args) {
        const found = print(arg, dialect)
        if (typeof found !== 'string') return found
        args.push(found)
      }
      const form = expr.fn[dialect]
      const found = typeof form === 'function' ? form(args, expr.args, expr.options) : form
      if (typeof found !== 'string' && 'refused' in found) return { refused: `${exprText(expr)}: ${found.refused}` }
      const { call, around } = typeof found === 'string' ? { call: found, around: (plain: string) => plain } : found
      if (over !== undefined && !isCall(call)) {
        return { refused: `${exprText(expr)} is several calls in SQL, and only one can go over the rows around` }
      }
      const placed = over === undefined ? '' : ` ${over}`
      if (expr.kind !== 'aggregate' || expr.filter === undefined) return around(call + placed)
      const filter = print(expr.filter, dialect)
      return typeof filter === 'string' ? around(`${call} FILTER (WHERE ${filter})${placed}`) : filter
    }
  }
}

/** Whether SQL is one call of a function, to its last character. */
function isCall(sql: string): boolean {
  if (!/^\w+\(/.test(sql)) return false
  const plain = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, quote => '_'.repeat(quote.length))
  let depth = 0
  for (let i = 0; i < plain.length; i++) {
    if (plain[i] === '(') depth++
    if (plain[i] === ')' && --depth === 0) return i === plain.length - 1
  }
  return false
}

function literalSql(found: Value, type: DataType, dialect: Dialect): string | Refused {
  const name = sqlType(type, dialect)
  if (typeof name !== 'string') return name
  if (found === null) return `CAST(NULL AS ${name})`
  const inside = nestedSql(found, type, dialect)
  if (inside !== undefined) return typeof inside === 'string' ? `CAST(${inside} AS ${name})` : inside
  if (found instanceof Uint8Array) {
    const hex = Buffer.from(found).toString('hex')
    return dialect === 'duckdb' ? `from_hex('${hex}')` : `x'${hex}'`
  }
  const value = found as boolean | number | bigint | string
  switch (type.kind) {
    case 'bool':
      return value === true ? 'TRUE' : 'FALSE'
    case 'utf8':
      return `'${(value as string).replaceAll(`'`, `''`)}'`
    case 'float32':
    case 'float64':
      if (Number.isFinite(value)) return `CAST('${Object.is(value, -0) ? '-0' : String(value)}' AS ${name})`
      return dialect === 'duckdb'
        ? `CAST('${String(value)}' AS ${name})`
        : { refused: `Flink has no literal ${String(value)}` }
    case 'timestamp': {
      const text = formatTimestamp(value as number)
        .replace('T', ' ')
        .replace('Z', '')
      return dialect === 'duckdb' ? `TIMESTAMP '${text}'` : `CAST('${text}' AS ${name})`
    }
    case 'date':
      return `DATE '${formatDate(value as number)}'`
    case 'decimal':
      return `CAST('${decimalText(value as bigint, type.scale)}' AS ${name})`
    default:
      return `CAST(${String(value)} AS ${name})`
  }
}

/** The items of a literal of several values; undefined for any other. */
function nestedSql(value: Value, type: DataType, dialect: Dialect): string | Refused | undefined {
  const [open, close] = dialect === 'duckdb' ? ['[', ']'] : ['ARRAY[', ']']
  switch (type.kind) {
    case 'list': {
      const items = all(value as readonly Value[], () => type.item.type, dialect)
      return 'refused' in items ? items : `${open}${items.join(', ')}${close}`
    }
    case 'vector':
      return `[${[...(value as Float64Array)].map(x => `CAST('${String(x)}' AS DOUBLE)`).join(', ')}]`
    case 'struct': {
      const items = all(value as readonly Value[], i => type.fields[i]!.type, dialect)
      if ('refused' in items) return items
      if (dialect === 'flink') return `ROW(${items.join(', ')})`
      return `struct_pack(${items.map((item, i) => `${quoted(type.fields[i]!.name)} := ${item}`).join(', ')})`
    }
    case 'map': {
      const pairs = value as readonly (readonly [Value, Value])[]
      const keys = all(
        pairs.map(([k]) => k),
        () => type.key,
        dialect,
      )
      const items = all(
        pairs.map(([, v]) => v),
        () => type.value.type,
        dialect,
      )
      if ('refused' in keys) return keys
      if ('refused' in items) return items
      if (dialect === 'flink') return `MAP[${keys.map((key, i) => `${key}, ${items[i]}`).join(', ')}]`
      return `MAP([${keys.join(', ')}], [${items.join(', ')}])`
    }
    default:
      return undefined
  }
}

function all(values: readonly Value[], type: (i: number) => DataType, dialect: Dialect): readonly string[] | Refused {
  const out: string[] = []
  for (const [i, value] of values.entries()) {
    const sql = literalSql(value, type(i), dialect)
    if (typeof sql !== 'string') return sql
    out.push(sql)
  }
  return out
}
