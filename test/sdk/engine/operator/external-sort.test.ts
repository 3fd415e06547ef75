import fc from 'fast-check'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, read } from 'millrace'
import { afterAll, expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { SpillFolder } from '../../../../sdk/engine/state/spill.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { batchOf, cut, drive, type Row } from '../../../laws/drive.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-sort-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SCHEMA = Schema.of({ k: 'utf8?', v: 'float64?', tags: 'int32?[]', i: 'int32' })

const node = plan.orderBy(plan.read(memory(SCHEMA, [])), [
  { expr: nodeOf(col('k')), descending: true },
  { expr: nodeOf(col('v').mul(2)), descending: false },
])

const anyRows = fc.array(
  fc.tuple(
    fc.option(fc.constantFrom('a', 'b', '', 'é', '\u{1f600}', '\uffee')),
    fc.option(fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity)),
    fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { maxLength: 3 }),
  ),
  { maxLength: 60 },
)

test('rows sorted in files are those sorted in memory, also after a restore', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.nat({ max: 8 }), async (values, copyAfter) => {
      const rows = values.map((row, i): Row => [...row, i])
      const fed = cut(batchOf(SCHEMA, rows), [7, 3, 1]).map(batch => ({ input: 0, batch }))
      const spill = new SpillFolder(folder)
      const inMemory = drive([() => operatorOf(node, null)], fed).rows
      const inFiles = drive([() => operatorOf(node, null, { budgetBytes: 100, spill })], fed, { copyAfter }).rows
      expect(inFiles).toEqual(inMemory)
      spill.remove()
    }),
    { numRuns: 60 },
  )
  expect(readdirSync(folder)).toEqual([])
})

const RANDOM = { k: 'int32', text: 'utf8', x: 'float64' } as const

test('a job sorts more than its memory and leaves no file, whether it ends or fails', async () => {
  const rows = 200_000
  const table = await read
    .rows([{}])
    .mapBatches(RANDOM, () => ({
      k: Array.from({ length: rows }, (_, i) => Math.imul(i, 0x9e3779b1) | 0),
      text: Array.from({ length: rows }, (_, i) => `text ${i % 1000}`),
      x: Array.from({ length: rows }, (_, i) => i),
    }))
    .collect()
  const engine = embedded({ memory: '4 MB', spill: folder })
  const sorted = await table.orderBy('k').collect({ engine })
  expect(sorted.column('k')).toEqual(table.column('k').sort((a, b) => a - b))
  const texts = sorted.column('text')
  expect(sorted.column('x').every((x, i) => texts[i] === `text ${x % 1000}`)).toBe(true)
  expect(readdirSync(folder)).toEqual([])
  const failing = table.orderBy('k').derive(t => ({ y: t.k.mul(t.k) }))
  await expect(failing.collect({ engine })).rejects.toThrow(/int32 overflow|int64 overflow/)
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that cannot be written is an error that says what to do', async () => {
  const engine = embedded({ memory: '1 MB', spill: join(folder, 'missing') })
  expect(existsSync(join(folder, 'missing'))).toBe(false)
  const table = await read
    .rows([{}])
    .mapBatches({ x: 'float64' }, () => ({ x: Float64Array.from({ length: 200_000 }, (_, i) => -i) }))
    .collect()
  await expect(table.orderBy('x').collect({ engine })).rejects.toThrow(
    /read › order-by: a file for what does not fit into memory cannot be made: .*missing.* Name a folder with room/,
  )
})

test('an amount of memory that is none is refused', () => {
  expect(() => embedded({ memory: '2GB' as '2 GB' })).toThrow(
    `embedded: memory is an amount such as '500 MB' or '2 GB', found "2GB"`,
  )
  expect(() => embedded({ memory: '0 GB' })).toThrow(/found "0 GB"/)
})
