/** The rivals that stand in our own development dependencies, opened the way every bench uses them. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
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

/** All columns of a Parquet file as plain arrays, by hyparquet. */
export async function hyparquetColumns(path: string): Promise<Record<string, unknown[]>> {
  const columns: Record<string, unknown[]> = {}
  await parquetRead({
    file: await asyncBufferFromFile(path),
    compressors,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = (columns[columnName] ??= [])
      for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i]
    },
  })
  return columns
}
