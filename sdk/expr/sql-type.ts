import { bareText, type DataType } from '../data/type.ts'
import type { Refused } from './function.ts'

/** The name of a type in SQL. A duration is a number of microseconds. */
export function sqlType(type: DataType, dialect: 'duckdb' | 'flink'): string | Refused {
  const duckdb = dialect === 'duckdb'
  switch (type.kind) {
    case 'bool':
      return 'BOOLEAN'
    case 'int32':
      return 'INTEGER'
    case 'int64':
    case 'bigint':
    case 'duration':
      return 'BIGINT'
    case 'float32':
      return 'FLOAT'
    case 'float64':
      return 'DOUBLE'
    case 'utf8':
      return duckdb ? 'VARCHAR' : 'STRING'
    case 'binary':
      return duckdb ? 'BLOB' : 'BYTES'
    case 'timestamp':
      return duckdb ? 'TIMESTAMP' : 'TIMESTAMP(6)'
    case 'date':
      return 'DATE'
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`
    case 'list': {
      const item = sqlType(type.item.type, dialect)
      return typeof item === 'string' ? (duckdb ? `${item}[]` : `ARRAY<${item}>`) : item
    }
    case 'struct': {
      const fields: string[] = []
      for (const field of type.fields) {
        const of = sqlType(field.type, dialect)
        if (typeof of !== 'string') return of
        fields.push(`${duckdb ? quoted(field.name) : `\`${field.name.replaceAll('`', '``')}\``} ${of}`)
      }
      return `${duckdb ? 'STRUCT' : 'ROW'}(${fields.join(', ')})`
    }
    case 'map': {
      const [key, value] = [sqlType(type.key, dialect), sqlType(type.value.type, dialect)]
      if (typeof key !== 'string') return key
      if (typeof value !== 'string') return value
      return duckdb ? `MAP(${key}, ${value})` : `MAP<${key}, ${value}>`
    }
    case 'vector':
      if (duckdb && !type.sparse) return `DOUBLE[${type.size}]`
      return { refused: `${duckdb ? 'DuckDB' : 'Flink SQL'} has no type for ${bareText(type)}` }
  }
}

/** A name in DuckDB's SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
