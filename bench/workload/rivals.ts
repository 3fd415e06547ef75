/** The rivals that stand in our own development dependencies, opened the way every bench uses them. */
import { DuckDBInstance, JSDuckDBValueConverter, type DuckDBConnection } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { Arrays } from './fingerprint.ts'

export const duckdbName = 'DuckDB 1.5.5, 1 thread'
export const arqueroName = 'arquero 8.0.3'
export const hyparquetName = 'hyparquet 1.31.5'

/** A database in memory that computes on one thread. Its `run` keeps an answer inside DuckDB: no row becomes JavaScript. */
export async function duckdb(...setup: readonly string[]): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  for (const sql of ['set threads = 1', ...setup]) await connection.run(sql)
  return connection
}

export async function duckdbColumns(connection: DuckDBConnection, sql: string): Promise<Arrays> {
  return (await connection.runAndReadAll(sql)).getColumnsObjectJS()
}

/** The same in pieces, for an answer of any size. */
export async function* duckdbPieces(connection: DuckDBConnection, sql: string): AsyncGenerator<Arrays> {
  const result = await connection.stream(sql)
  const names = result.columnNames()
  for await (const chunk of result) {
    const columns = chunk.convertColumns(JSDuckDBValueConverter)
    yield Object.fromEntries(names.map((name, i) => [name, columns[i]!]))
  }
}

/** All columns of a Parquet file by hyparquet, in the pieces that it decodes. */
export async function hyparquetColumns(path: string): Promise<ReadonlyMap<string, readonly ArrayLike<unknown>[]>> {
  const columns = new Map<string, ArrayLike<unknown>[]>()
  await parquetRead({
    file: await asyncBufferFromFile(path),
    compressors,
    onChunk: ({ columnName, columnData }) => {
      const pieces = columns.get(columnName)
      if (pieces === undefined) columns.set(columnName, [columnData])
      else pieces.push(columnData)
    },
  })
  return columns
}

/** One array of all pieces. */
export const joined = (pieces: readonly ArrayLike<unknown>[]): unknown[] => pieces.flatMap(piece => Array.from(piece))
