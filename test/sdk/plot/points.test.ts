import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batch, DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE } from '../../../sdk/data/batch.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { Points } from '../../../sdk/plot/points.ts'
import { batchOf } from './draw.ts'

const schema = { at: 'timestamp', origin: 'utf8?', delay: 'float64?' } as const

interface Row {
  readonly at: Date
  readonly origin: string | null
  readonly delay: number | null
}

const at = (minute: number): Date => new Date(Date.UTC(2001, 3, 1, 0, minute))
const row = (minute: number, origin: string | null, delay: number | null): Row => ({ at: at(minute), origin, delay })

const changes = async (...rows: readonly (readonly [kind: number, row: Row])[]): Promise<Batch> => {
  const batch = await batchOf(
    schema,
    rows.map(([, each]) => each),
  )
  return new Batch(
    batch.schema,
    batch.length,
    batch.columns,
    Uint8Array.from(rows, ([kind]) => kind),
  )
}

const pointsOf = (most = 1000, lastMs: number | null = null): Points =>
  new Points(Schema.of(schema).fields, 'at', { most, lastMs })

/** Minute, origin and delay of each row. */
const contents = (points: Points): unknown[] => {
  points.settle()
  const origin = points.column('origin')
  return Array.from({ length: points.length }, (_, i) => {
    const code = origin.values[i]!
    const minute = (points.column('at').values[i]! - at(0).getTime()) / 60_000
    return [minute, Number.isNaN(code) ? null : origin.texts[code], points.column('delay').values[i]]
  })
}

test('rows are kept in the order they came; null, NaN and the infinities are no number', async () => {
  const points = pointsOf()
  points.add(await batchOf(schema, [row(1, 'ATL', 5), row(0, null, null), row(2, '', NaN), row(3, 'ATL', Infinity)]))
  expect(contents(points)).toEqual([
    [1, 'ATL', 5],
    [0, null, NaN],
    [2, '', NaN],
    [3, 'ATL', NaN],
  ])
})

test('a corrected row takes the place of the old one', async () => {
  const points = pointsOf()
  points.add(await changes([INSERT, row(0, 'ATL', 1)], [INSERT, row(0, 'SEA', 2)]))
  points.add(await changes([UPDATE_BEFORE, row(0, 'ATL', 1)], [UPDATE_AFTER, row(0, 'ATL', 3)]))
  expect(contents(points)).toEqual([
    [0, 'ATL', 3],
    [0, 'SEA', 2],
  ])
})

test('a deleted row goes, and one of equal rows only', async () => {
  const points = pointsOf()
  points.add(await changes([INSERT, row(0, null, null)], [INSERT, row(0, null, null)], [DELETE, row(0, null, null)]))
  expect(contents(points)).toEqual([[0, null, NaN]])
})

test('of more rows than fit the last stay, and the others are counted', async () => {
  const points = pointsOf(2)
  points.add(await batchOf(schema, [row(0, 'a', 0), row(1, 'b', 1), row(2, 'c', 2)]))
  expect(contents(points)).toEqual([
    [1, 'b', 1],
    [2, 'c', 2],
  ])
  expect(points.dropped).toBe(1)
  points.add(await changes([DELETE, row(0, 'a', 0)]))
  expect([contents(points).length, points.dropped]).toEqual([2, 0])
})

test('rows further back than the latest time allows go, in whatever order they came', async () => {
  const points = pointsOf(1000, 5 * 60_000)
  points.add(await batchOf(schema, [row(9, 'a', 0), row(3, 'b', 1), row(4, 'c', 2), row(2, 'd', 3)]))
  expect(contents(points)).toEqual([
    [9, 'a', 0],
    [4, 'c', 2],
  ])
})

test('texts that no row holds any more are forgotten', async () => {
  const points = pointsOf(10)
  for (let i = 0; i < 20; i++) {
    points.add(
      await batchOf(
        schema,
        Array.from({ length: 500 }, (_, j) => row(j, `${i} ${j}`, 0)),
      ),
    )
  }
  points.settle()
  expect(points.column('origin').texts.length).toBeLessThan(3000)
  expect(contents(points).at(-1)).toEqual([499, '19 499', 0])
})

test('a changelog in any batches leaves the rows of the table it stands for', async () => {
  const value = fc.record({
    minute: fc.nat(3),
    origin: fc.constantFrom(null, 'a', 'b'),
    delay: fc.constantFrom(null, 0, 1),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(value, fc.nat(2), fc.boolean()), { maxLength: 60 }), async steps => {
      const table: Row[] = []
      const batches: [number, Row][][] = [[]]
      for (const [{ minute, origin, delay }, action, cut] of steps) {
        const given = row(minute, origin, delay)
        const log = batches.at(-1)!
        if (action === 0 || table.length === 0) {
          table.push(given)
          log.push([INSERT, given])
        } else if (action === 1) log.push([DELETE, table.splice(minute % table.length, 1)[0]!])
        else {
          log.push([UPDATE_BEFORE, table[minute % table.length]!], [UPDATE_AFTER, given])
          table[minute % table.length] = given
        }
        if (cut) batches.push([])
      }
      const points = pointsOf()
      for (const log of batches) if (log.length > 0) points.add(await changes(...log))
      const sorted = (rows: readonly unknown[]): string[] => rows.map(each => JSON.stringify(each)).sort()
      const wanted = table.map(each => [(each.at.getTime() - at(0).getTime()) / 60_000, each.origin, each.delay])
      expect(sorted(contents(points))).toEqual(sorted(wanted))
    }),
    { numRuns: 60 },
  )
})
