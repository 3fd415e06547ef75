/**
 * A file becomes a table in memory, all of its columns. The Parquet file is three million flights, packed with ZSTD; CSV
 * and JSON lines are the h2o table, with types that each side infers. The rows and two columns are compared.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromCSV, fromJSON, type ColumnTable } from 'arquero'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { read, type Dynamic, type Table } from 'millrace'
import type { Bench, Case, Rival, Scale, Side } from './harness/bench.ts'
import { root } from './harness/rivals.ts'
import { sameFingerprint, type Fingerprint } from './workload/fingerprint.ts'
import { fullRows, h2oFile, h2oRows } from './h2o/table.ts'
import {
  arqueroName,
  duckdb,
  duckdbColumns,
  duckdbName,
  hyparquetColumns,
  hyparquetName,
  joined,
} from './workload/rivals.ts'

interface File {
  readonly path: (scale: Scale) => Promise<string>
  /** Its sum is compared. */
  readonly number: string
  /** How often the column holds the value is compared. */
  readonly text: { readonly column: string; readonly value: string }
}

const flights: File = {
  path: () => Promise.resolve(join(root, 'node_modules/vega-datasets/data/flights-3m.parquet')),
  number: 'delay',
  text: { column: 'origin', value: 'ATL' },
}

const h2o = (form: 'parquet' | 'csv' | 'jsonl', rows: (scale: Scale) => number = h2oRows): File => ({
  path: scale => h2oFile(rows(scale), form),
  number: 'v3',
  text: { column: 'id3', value: 'id0000000042' },
})

/** The quick form has no flights: it is to be over soon. */
const parquetFile = ({ quick }: Scale): File => (quick ? h2o('parquet') : flights)

const answerOf = (file: File, columnOf: (name: string) => ArrayLike<unknown>): Fingerprint => {
  const [numbers, texts] = [columnOf(file.number), columnOf(file.text.column)]
  let [sum, found] = [0, 0]
  for (let i = 0; i < numbers.length; i++) {
    sum += Number(numbers[i])
    if (texts[i] === file.text.value) found++
  }
  return { rows: numbers.length, sum, found }
}

/** A side that scans the file with what `prepare` gives, and looks into the first of its tables. */
const scanning =
  <T>(
    fileOf: (scale: Scale) => File,
    scan: (path: string) => T | Promise<T>,
    columnOf: (table: T, name: string) => ArrayLike<unknown>,
  ): Side =>
  async scale => {
    const file = fileOf(scale)
    const path = await file.path(scale)
    const first = await scan(path)
    const answer = answerOf(file, name => columnOf(first, name))
    return async () => {
      await scan(path)
      return answer
    }
  }

const millrace = (fileOf: (scale: Scale) => File, scan: (path: string) => Promise<Table<Dynamic>>): Side =>
  scanning(fileOf, scan, (table, name) => table.column(name))

const arquero = (fileOf: (scale: Scale) => File, scan: (path: string) => ColumnTable): Rival => ({
  name: arqueroName,
  side: scanning(fileOf, scan, (table, name) => table.array(name)),
})

/** A table in DuckDB's memory, uncompressed: no row becomes JavaScript. */
const duck = (fileOf: (scale: Scale) => File, reader: string): Rival => ({
  name: duckdbName,
  side: async scale => {
    const file = fileOf(scale)
    const path = await file.path(scale)
    const db = await duckdb()
    const { column, value } = file.text
    const scan = `create or replace table t as from ${reader}('${path}')`
    await db.run(scan)
    const sums = `count(*) "rows", sum(${file.number})::double "sum", count(*) filter (${column} = '${value}') "found"`
    const found = await duckdbColumns(db, `select ${sums} from t`)
    const answer = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, Number(values[0])]))
    return async () => {
      await db.run(scan)
      return answer
    }
  },
})

const hyparquetObjects: Rival = {
  name: `${hyparquetName}, objects`,
  side: scanning(
    parquetFile,
    async path => parquetReadObjects({ file: await asyncBufferFromFile(path), compressors }),
    (rows, name) => rows.map(row => row[name] as unknown),
  ),
}

const hyparquetArrays: Rival = {
  name: `${hyparquetName}, columns`,
  side: scanning(parquetFile, hyparquetColumns, (columns, name) => joined(columns.get(name)!)),
}

const csv = (): File => h2o('csv')
const jsonLines = (): File => h2o('jsonl', scale => (scale.quick ? h2oRows(scale) : 2e6))
const size = fullRows.toExponential().replace('+', '')

const scan = (name: string, ours: Side, rivals: readonly (readonly [Rival, floor: number])[]): Case[] =>
  rivals.map(([rival, floor]) => ({
    name,
    metric: 'cpu s',
    rounds: 3,
    warmups: 0, // the scan that the answer comes from has warmed up
    floor,
    ours,
    rival,
    agree: sameFingerprint,
  }))

/** It holds a million rows, and not ten. */
const csvRivals: readonly (readonly [Rival, floor: number])[] =
  fullRows > 1e6 ? [] : [[arquero(csv, path => fromCSV(readFileSync(path, 'utf8'))), 4]]

export const bench: Bench = {
  name: 'scan',
  cases: [
    ...scan(
      'parquet, 3e6 flights',
      millrace(parquetFile, path => read.parquet(path).collect()),
      [
        [hyparquetArrays, 2],
        [hyparquetObjects, 3],
        [duck(parquetFile, 'read_parquet'), 0.8],
      ],
    ),
    ...scan(
      `csv, ${size} rows`,
      millrace(csv, path => read.csv(path).collect()),
      [...csvRivals, [duck(csv, 'read_csv'), 1]],
    ),
    ...scan(
      'json lines, 2e6 rows',
      millrace(jsonLines, path => read.jsonLines(path).collect()),
      [
        [arquero(jsonLines, path => fromJSON(readFileSync(path, 'utf8'), { type: 'ndjson' })), 4],
        [duck(jsonLines, 'read_json'), 1],
      ],
    ),
  ],
}
