import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { read, to } from 'millrace'
import { schema } from 'millrace/cli'

const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the schema of a file is the literal that a script declares', async () => {
  const parquet = join(folder, 'trips.parquet')
  const rows = read.rows([{ 'from city': 'Oslo', km: 1 }], { schema: { 'from city': 'utf8', km: 'float64' } })
  await rows.write(to.parquet(parquet)).run()
  expect(await schema(parquet)).toBe(`{ "from city": 'utf8', km: 'float64' }`)
  const lines = join(folder, 'trips.jsonl')
  writeFileSync(lines, '{"km":1}\n')
  expect(await schema(lines)).toMatch(/^\{ km: 'int64\??' \}$/)
})

test('a form that is not read is refused', async () => {
  await expect(schema('trips.xls')).rejects.toThrow(
    'schema: trips.xls ends in ".xls", which names no form that is read here. There are .parquet, .csv, .jsonl and .ndjson.',
  )
})
