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
    default:
      return { refused: `values of ${bareText(type)} have no literal form in SQL` }
  }
}
