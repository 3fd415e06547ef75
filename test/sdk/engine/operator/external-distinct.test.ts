import fc from 'fast-check'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embedded, read } from 'millrace'
import { afterAll, expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { operatorOf } from '../../../../sdk/engine/run/graph.ts'
import { SpillFolder } from '../../../../sdk/engine/state/spill.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import type { Distinct, Node } from '../../../../sdk/plan/node.ts'
import { distinct } from '../../../../sdk/plan/verb/distinct.ts'
import { batchOf, cut, drive, type Row } from '../../../laws/drive.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-distinct-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SCHEMA = Schema.of({ s: 'utf8?', f: 'float64?', tags: 'utf8?[]', i: 'int32' })
const source = plan.read(memory(SCHEMA, []))
const operator = (node: Node, budgetBytes: number, spill: SpillFolder): (() => ReturnType<typeof operatorOf>) => {
  return () => operatorOf(node as Distinct, null, { budgetBytes, spill })
}

test('the first rows of keys beyond the budget come in their order', () => {
  const node = distinct(source, ['f'])
  const rows = [7, 3, 7, 9, 3, NaN, 0, -0, 9, NaN, null, 5, null].map((f, i): Row => [null, f, [], i])
  const spill = new SpillFolder(folder)
  const fed = cut(batchOf(SCHEMA, rows), [2]).map(batch => ({ input: 0, batch }))
  const given = drive([operator(node, 200, spill)], fed)
  expect(spill.bytes).toBeGreaterThan(0)
  spill.remove()
  expect(given.rows.map(row => row[3])).toEqual([0, 1, 3, 5, 6, 10, 11])
})

const anyRows = fc.array(
  fc.tuple(
    fc.option(fc.nat({ max: 40 }).map(i => ['', 'é', '\u{1f600}', '\uffee'][i] ?? `text ${i}`)),
    fc.option(fc.constantFrom(0, -0, NaN, 1.5, -1.5, Infinity, -Infinity)),
    fc.array(fc.option(fc.constantFrom('x', 'y', 'é')), { maxLength: 2 }),
  ),
  { maxLength: 200 },
)

test.each([[['s', 'f']], [['tags']], [['tags', 's']]])(
  'the first rows by %s are the same for any budget, any batches, and after a restore',
  names => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 })
    let spilled = 0
    fc.assert(
      fc.property(
        anyRows,
        sizes,
        fc.integer({ min: 500, max: 6000 }),
        fc.nat({ max: 80 }),
        (values, parts, bytes, at) => {
          const node = distinct(source, names)
          const batch = batchOf(
            SCHEMA,
            values.map((row, i): Row => [...row, i]),
          )
          const fed = cut(batch, parts).map(each => ({ input: 0, batch: each }))
          const spill = new SpillFolder(folder)
          const inMemory = drive([operator(node, Infinity, spill)], fed).rows
          expect(spill.bytes).toBe(0)
          try {
            expect(drive([operator(node, bytes, spill)], fed, { copyAfter: at }).rows).toEqual(inMemory)
          } catch (error) {
            if (!/one of 4096 parts/.test(String(error))) throw error
          }
          if (spill.bytes > 0) spilled++
          spill.remove()
        },
      ),
      { numRuns: 80 },
    )
    expect(spilled).toBeGreaterThan(20)
    expect(readdirSync(folder)).toEqual([])
  },
)

test('a job keeps more different rows than its memory, and leaves no file', async () => {
  const table = await read
    .rows([{}])
    .mapBatches({ k: 'int32', s: 'utf8' }, () => ({
      k: Array.from({ length: 300_000 }, (_, i) => Math.imul(i % 150_000, 0x9e3779b1) | 0),
      s: Array.from({ length: 300_000 }, (_, i) => `text ${i % 1000}`),
    }))
    .collect()
  const engine = embedded({ memory: '1 MB', spill: folder })
  const first = await table.distinct('k').collect({ engine })
  expect(first.column('k')).toEqual(table.column('k').slice(0, 150_000))
  expect(first.column('s')).toEqual(table.column('s').slice(0, 150_000))
  expect(readdirSync(folder)).toEqual([])
})
