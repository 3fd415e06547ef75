/** Each Nexmark query against DuckDB: the rows it has given in the end, in order and out of order, made and from files. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import { generate, type GenerateOptions } from 'millrace'
import { queries } from '../../bench/nexmark/queries.ts'
import { duckdbSite, siteOfFiles, writeSite, type Answer } from '../../bench/nexmark/site.ts'
import { DELETE, UPDATE_BEFORE } from '../../sdk/data/batch.ts'
import { rowAt } from '../../sdk/data/row.ts'
import type { Schema } from '../../sdk/data/schema.ts'
import { parseTimestamp } from '../../sdk/data/time.ts'

/** Slow enough that the bids are of several days and most windows hold few. */
const OPTIONS: GenerateOptions<'stream'> = { seed: 3, events: 3000, perSecond: 0.02 }
/** Fast enough that windows hold many. */
const DENSE: GenerateOptions<'stream'> = { seed: 4, events: 4000, perSecond: 50 }
const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
const denseFolder = mkdtempSync(join(tmpdir(), 'millrace-'))
let sparse: DuckDBConnection
let dense: DuckDBConnection

beforeAll(async () => {
  await writeSite(folder, OPTIONS)
  await writeSite(denseFolder, DENSE)
  const instance = async (from: string): Promise<DuckDBConnection> => {
    const db = await (await DuckDBInstance.create(':memory:')).connect()
    for (const sql of duckdbSite(from, 'table')) await db.run(sql)
    return db
  }
  sparse = await instance(folder)
  dense = await instance(denseFolder)
})

type Row = Record<string, unknown>

/** The rows that are left once all changes have been made, as texts in their order. */
async function left(answer: Answer): Promise<string[]> {
  const counts = new Map<string, number>()
  const { schema } = answer.plan
  for await (const batch of answer.batches()) {
    for (let i = 0; i < batch.length; i++) {
      const row = textOf(rowAt(batch, i, 'iso'), schema)
      const kind = batch.kinds?.[i]
      const count = (counts.get(row) ?? 0) + (kind === UPDATE_BEFORE || kind === DELETE ? -1 : 1)
      counts.set(row, count)
    }
  }
  return [...counts].flatMap(([row, count]) => Array<string>(count).fill(row)).sort()
}

/** Our types decide how a value reads: floats to twelve digits, times in microseconds. */
function textOf(row: Row, schema: Schema): string {
  const values = schema.fields.map(({ name, type }) => {
    const value = row[name]
    if (value === null) return null
    if (type.kind === 'timestamp') return parseTimestamp(value as string)
    if (type.kind === 'float64') return Number(Number(value).toPrecision(12))
    return type.kind === 'int64' ? Number(value) : value
  })
  return JSON.stringify(values)
}

async function expected(db: DuckDBConnection, sql: string, schema: Schema): Promise<string[]> {
  const rows = (await db.runAndReadAll(sql)).getRowObjectsJson()
  return rows.map(row => textOf(row, schema)).sort()
}

describe.each(queries)('$name', ({ of, sql }) => {
  test('gives the rows of DuckDB, over days of few bids', async () => {
    const answer = of(generate.nexmark(OPTIONS))
    const rows = await expected(sparse, sql, answer.plan.schema)
    expect(await left(answer)).toEqual(rows)
    const held = of(generate.nexmark({ ...OPTIONS, disorder: '10 minutes' }))
    expect(await left(held)).toEqual(rows)
  })

  test('gives the rows of DuckDB, over seconds of many bids', async () => {
    const answer = of(generate.nexmark(DENSE))
    const rows = await expected(dense, sql, answer.plan.schema)
    expect(rows.length).toBeGreaterThan(0)
    expect(await left(answer)).toEqual(rows)
    expect(await left(of(generate.nexmark({ ...DENSE, disorder: '15 seconds' })))).toEqual(rows)
    expect(await left(of(siteOfFiles(denseFolder)))).toEqual(rows)
  })
})
