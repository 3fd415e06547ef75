import fc from 'fast-check'
import { read } from 'millrace'
import { accuracy, auc, logLoss } from 'millrace/ml'
import { expect, test } from 'vitest'
import { col, nodeOf } from '../../../sdk/expr/column.ts'
import type { Accumulator } from '../../../sdk/expr/function.ts'
import { scalar } from '../../../sdk/data/type.ts'

type Judged = { truth: boolean | null; p: number | null }

const schema = { truth: 'bool?', p: 'float64?' } as const

async function judge(rows: readonly Judged[]): Promise<{ auc: number | null; loss: number | null; n: number }> {
  const table = await read
    .rows([...rows], { schema })
    .aggregate(t => ({ auc: auc(t.truth, t.p), loss: logLoss(t.truth, t.p), n: t.p.count() }))
    .collect()
  return table.rows()[0]!
}

/** By its definition: over all pairs of a true and a false row. */
function aucOfPairs(rows: readonly Judged[]): number | null {
  let wins = 0
  let pairs = 0
  for (const a of rows) {
    for (const b of rows) {
      if (a.truth !== true || b.truth !== false || a.p === null || b.p === null) continue
      pairs++
      wins += a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0
    }
  }
  return pairs === 0 ? null : wins / pairs
}

const judged = fc.record({
  truth: fc.option(fc.boolean()),
  p: fc.option(fc.constantFrom(0, 0.1, 0.25, 0.5, 0.5, 0.75, 1)),
})

test('auc is the share of pairs in the right order, ties counting half', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(judged, { maxLength: 40 }), async rows => {
      expect((await judge(rows)).auc).toEqual(aucOfPairs(rows))
    }),
    { seed: 3, numRuns: 60 },
  )
})

test('log loss by hand, clipped where a certainty was wrong', async () => {
  const rows = [
    { truth: true, p: 0.8 },
    { truth: false, p: 0.4 },
    { truth: null, p: 0.1 },
    { truth: true, p: null },
  ]
  expect((await judge(rows)).loss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 15)
  expect((await judge([{ truth: true, p: 0 }])).loss).toBe(-Math.log(1e-15))
  expect((await judge([{ truth: false, p: 1 }])).loss).toBe(-Math.log(1e-15))
  expect((await judge([{ truth: true, p: 1 }])).loss).toBeCloseTo(1e-15, 15)
  expect((await judge([])).loss).toBe(null)
})

test.each([1.5, -0.1, NaN])('log loss refuses %d as a probability', async p => {
  const rows = read.rows([{ truth: true, p }], { schema })
  await expect(rows.aggregate(t => ({ loss: logLoss(t.truth, t.p) })).collect()).rejects.toThrow(/probability/)
})

test('accuracy counts equal rows of any type, and leaves nulls out', async () => {
  const rows = read.rows(
    [
      { flag: true, guess: true, city: 'Oslo', named: 'Oslo' },
      { flag: false, guess: true, city: 'Rome', named: 'Oslo' },
      { flag: null, guess: true, city: 'Rome', named: 'Rome' },
    ],
    { schema: { flag: 'bool?', guess: 'bool', city: 'utf8', named: 'utf8' } },
  )
  const table = await rows
    .aggregate(t => ({ flags: accuracy(t.flag, t.guess), cities: accuracy(t.city, t.named) }))
    .collect()
  expect(table.rows()).toEqual([{ flags: 1 / 2, cities: 2 / 3 }])
})

test('metrics work per key', async () => {
  const rows = read.rows([
    { city: 'Oslo', late: true, p: 0.9 },
    { city: 'Oslo', late: false, p: 0.2 },
    { city: 'Rome', late: true, p: 0.1 },
    { city: 'Rome', late: false, p: 0.2 },
  ])
  const table = await rows
    .groupBy('city')
    .aggregate(t => ({ auc: auc(t.late, t.p) }))
    .orderBy('city')
    .collect()
  expect(table.rows()).toEqual([
    { city: 'Oslo', auc: 1 },
    { city: 'Rome', auc: 0 },
  ])
})

function aucAccumulator(): Accumulator {
  const node = nodeOf(auc(col('truth'), col('p')))
  if (node.kind !== 'aggregate' || typeof node.fn.accumulator === 'function') throw new Error('auc is an aggregate')
  if (node.fn.accumulator.form !== 'object') throw new Error('auc keeps an object')
  return node.fn.accumulator.create([], { type: scalar('float64'), nullable: true }, {})
}

test('auc takes rows back exactly, and continues from a snapshot', () => {
  const row = fc.tuple(fc.boolean(), fc.constantFrom(-Infinity, -0, 0, 0.5, 2, Infinity))
  fc.assert(
    fc.property(fc.array(row), fc.array(row), fc.array(row), (kept, taken, more) => {
      const plain = aucAccumulator()
      for (const args of [...kept, ...more]) plain.add(args)
      const changed = aucAccumulator()
      for (const args of [...kept, ...taken]) changed.add(args)
      for (const args of taken) changed.retract!(args)
      const restored = aucAccumulator()
      restored.restore(structuredClone(changed.snapshot()))
      for (const args of more) restored.add(args)
      expect(restored.value()).toBe(plain.value())
    }),
    { seed: 9 },
  )
})

test('a score of NaN has no rank', async () => {
  await expect(judge([{ truth: true, p: NaN }])).rejects.toThrow(/NaN/)
})
