/** Tables that change over time against DuckDB: the changes are folded there, and the answer is asked of what is left. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { count, type Frame } from 'millrace'
import { memory } from '../../../sdk/connector/memory.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { frameOf } from '../../../sdk/frame/frame.ts'
import { read as readNode } from '../../../sdk/plan/build.ts'
import { batchOf, type Row } from '../../laws/drive.ts'

const CHANGES = { seq: 'int32', id: 'int32', g: 'utf8?', v: 'int32?', gone: 'bool' } as const

let db: DuckDBConnection

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  db = await instance.connect()
})

afterAll(() => db.closeSync())

const anyRows = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 6 }),
      fc.option(fc.constantFrom('a', 'b')),
      fc.option(fc.integer({ min: 0, max: 4 })),
      fc.boolean(),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map(rows => rows.map((row, seq): Row => [seq, ...row]))

function streamOf(rows: readonly Row[]): Frame<typeof CHANGES, 'stream'> {
  const schema = Schema.of(CHANGES)
  const parts = [rows.slice(0, 5), rows.slice(5)].filter(part => part.length > 0)
  return frameOf(
    readNode({
      ...memory(
        schema,
        parts.map(part => batchOf(schema, part)),
      ),
      kind: 'stream',
    }),
  )
}

async function asked(rows: readonly Row[], sql: string): Promise<string[]> {
  const values = rows.map(
    row => `(${row.map(value => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))).join(', ')})`,
  )
  const log = `(VALUES ${values.join(', ')}) AS log(seq, id, g, v, gone)`
  const kept = `(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY seq DESC) AS place FROM ${log}) WHERE place = 1 AND NOT gone)`
  const found = await db.runAndReadAll(sql.replaceAll('KEPT', kept))
  return found
    .getRowsJson()
    .map(row =>
      JSON.stringify(row.map(value => (value === null || typeof value === 'string' ? value : JSON.stringify(value)))),
    )
    .sort()
}

async function given(frame: Frame<Record<string, 'int32'>, 'updating'>): Promise<string[]> {
  const rows = (await frame.final().collect()).rows() as object[]
  return rows
    .map(row => JSON.stringify(Object.values(row).map(value => (value === null ? null : String(value)))))
    .sort()
}

test('the latest rows, their groups and their first rows are those of DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, async rows => {
      const table = streamOf(rows).upsert('id', { deleted: t => t.gone })
      const said = async (frame: unknown, sql: string): Promise<void> =>
        expect(await given(frame as Frame<Record<string, 'int32'>, 'updating'>)).toEqual(await asked(rows, sql))
      await said(table.select('id', 'g', 'v'), 'SELECT id, g, v FROM KEPT')
      await said(
        table.groupBy('g').aggregate(t => ({ n: count(), sum: t.v.sum() })),
        'SELECT g, count(*), sum(v) FROM KEPT GROUP BY g',
      )
      await said(
        table.top(3, t => t.v.desc(), 'id').select('id'),
        'SELECT id FROM KEPT ORDER BY v DESC NULLS LAST, id LIMIT 3',
      )
      await said(
        table
          .groupBy('g')
          .top(2, 'v', t => t.id.desc())
          .select('g', 'id'),
        'SELECT g, id FROM KEPT QUALIFY row_number() OVER (PARTITION BY g ORDER BY v NULLS LAST, id DESC) <= 2',
      )
    }),
    { numRuns: 40 },
  )
})
