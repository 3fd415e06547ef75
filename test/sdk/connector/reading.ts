/** How the tests of this folder read sources, write sinks and ask DuckDB. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '../../../sdk/data/batch.ts'
import { rowAt } from '../../../sdk/data/row.ts'
import type { Sink, Source, SourceReader } from '../../../sdk/plan/port.ts'

export interface Reading {
  readonly columns?: readonly string[]
  readonly batchRows?: number
}

export function open(source: Source, { columns = source.schema.names, batchRows = 1000 }: Reading = {}): SourceReader {
  return source.open({ columns, batchRows, signal: new AbortController().signal })
}

/** All batches of one pass. */
export async function batchesOf(source: Source, reading: Reading = {}): Promise<Batch[]> {
  const reader = open(source, reading)
  const batches: Batch[] = []
  try {
    for (;;) {
      const batch = await reader.next()
      if (batch === null) return batches
      batches.push(batch)
    }
  } finally {
    await reader.close()
  }
}

type Row = Record<string, unknown>

export function rowsOf(batches: readonly Batch[]): Row[] {
  return batches.flatMap(batch => Array.from({ length: batch.length }, (_, i) => rowAt(batch, i, 'iso')))
}

/** All rows of one pass, times as ISO texts. */
export async function readAll(source: Source, reading: Reading = {}): Promise<Row[]> {
  return rowsOf(await batchesOf(source, reading))
}

/** Reads the rows before an offset, then opens anew and seeks there, for every batch boundary. */
export async function readSplit(source: Source, after: number, batchRows: number): Promise<Row[]> {
  const first = open(source, { batchRows })
  const batches: Batch[] = []
  for (let i = 0; i < after; i++) {
    const batch = await first.next()
    if (batch !== null) batches.push(batch)
  }
  const offset: unknown = JSON.parse(JSON.stringify(first.offset()))
  await first.close()
  const second = open(source, { batchRows })
  await second.seek(offset)
  for (let batch = await second.next(); batch !== null; batch = await second.next()) batches.push(batch)
  await second.close()
  return rowsOf(batches)
}

export async function writeAll(sink: Sink, source: Source, reading: Reading = {}): Promise<void> {
  const writer = await sink.open(source.schema, new AbortController().signal)
  for (const batch of await batchesOf(source, reading)) await writer.write(batch)
  await writer.close()
}

/** The failure of a call or of a promise. */
export async function failureOf(run: () => unknown): Promise<Error> {
  try {
    await run()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

/** The warnings of one code that come up meanwhile. */
export async function warningsOf(code: string, run: () => unknown): Promise<string[]> {
  const warned: string[] = []
  const hear = (warning: Error): void => {
    if ('code' in warning && warning.code === code) warned.push(warning.message)
  }
  process.on('warning', hear)
  await run()
  await new Promise(resolve => setImmediate(resolve))
  process.off('warning', hear)
  return warned
}

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'millrace-'))
}

export async function duckdb(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(':memory:')).connect()
}

/** The rows of a query, as DuckDB's JSON form of its values. */
export async function ask(db: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await db.runAndReadAll(sql)).getRowObjectsJson()
}
