import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read } from 'millrace'
import type { Batch } from '../../../sdk/data/batch.ts'
import { rowAt } from '../../../sdk/data/row.ts'
import { col, count, nodeOf } from '../../../sdk/expr/column.ts'
import * as build from '../../../sdk/plan/build.ts'
import { join } from '../../../sdk/plan/verb/join.ts'
import { defaultExecutor } from '../../../sdk/plan/executor.ts'
import type { Node } from '../../../sdk/plan/node.ts'
import { compareRows } from '../../../sdk/plan/verb/compare-rows.ts'
import { distinct } from '../../../sdk/plan/verb/distinct.ts'
import { dropNulls } from '../../../sdk/plan/verb/drop-nulls.ts'
import { groupingSets } from '../../../sdk/plan/verb/grouping-sets.ts'
import { rowIndex, skip, tail } from '../../../sdk/plan/verb/rows.ts'
import { sample, splitByChance } from '../../../sdk/plan/verb/sample.ts'
import { unpivot } from '../../../sdk/plan/verb/unpivot.ts'
import { optimise } from '../../../sdk/plan/rewrite.ts'
import { windowAggregate, windowOf } from '../../../sdk/plan/verb/window.ts'

/** A rewritten plan gives the rows of the plan that was written, for any chain of verbs. */

const source = read.rows(
  Array.from({ length: 40 }, (_, i) => ({
    at: new Date(Date.UTC(2024, 0, 1, 0, (i * 7) % 40)),
    a: i % 7,
    b: i % 3 === 0 ? null : i / 4,
    c: `k${i % 5}`,
  })),
  { schema: { at: 'timestamp', a: 'int32', b: 'float64?', c: 'utf8' } },
)

const right = read.rows(
  [
    { c: 'k1', name: 'one', b: 1.5 },
    { c: 'k3', name: 'three', b: 2.5 },
  ],
  {
    schema: { c: 'utf8', name: 'utf8', b: 'float64' },
  },
)

type Step = (node: Node) => Node

const item = (name: string, value: unknown): build.NamedExpr => ({ name, expr: nodeOf(value) })

/** Steps that keep the columns at, a, b and c in some form, so that any may follow any. */
const steps: readonly Step[] = [
  node => build.filter(node, nodeOf(col('a').gt(1))),
  node => build.filter(node, nodeOf(col('b').isNotNull())),
  node => build.derive(node, [item('a', col('a').add(1))]),
  node => build.derive(node, [item('b', col('b').mul(col('a'))), item('d', col('c').concat('x'))]),
  node => build.derive(node, [item('e', col('a').mul(col('a')))]),
  node => build.select(node, ['c', 'at', 'b', 'a']),
  node => build.rename(node, { a: 'b', b: 'a' }),
  node => build.watermark(node, 'at', '5 minutes'),
  node => build.limit(build.orderBy(node, [{ expr: nodeOf(col('at')), descending: true }]), 25),
  node => build.union([node, node]),
  node => distinct(node, []),
  node => distinct(node, ['c']),
  node => dropNulls(node, ['b']),
  node => skip(node, 3),
  node => tail(node, 9),
  node => build.select(rowIndex(node, 'i'), ['at', 'a', 'b', 'c']),
  node => splitByChance(node, { test: 0.7, by: 'c' }).test,
  node => sample(node, { rows: 20, seed: 1 }),
  node => build.derive(unpivot(node, ['a'], { value: 'b' }), [item('a', col('b').add(1))]),
  node => compareRows('except', node, build.filter(node, nodeOf(col('a').gt(4)))),
  node =>
    groupingSets(node, [item('c', col('c')), item('at', col('at'))], [['c', 'at'], ['at']], null, [
      item('a', col('a').min()),
      item('b', col('b').max()),
    ]),
  node => {
    const on = [{ left: 'c', right: 'c' }]
    const joined = join(node, right.plan, { type: 'left', on, suffix: '_right' })
    return build.select(joined, ['at', 'a', 'b', 'c'])
  },
]

const ends: readonly Step[] = [
  node => node,
  node => build.select(node, ['a']),
  node => build.aggregate(node, [item('c', col('c'))], [item('n', count()), item('a', col('a').max())]),
  node => build.aggregate(node, [], [item('n', count())]),
  node => {
    const timed = build.watermark(node, 'at', '1 hour')
    return windowAggregate(timed, [], windowOf({ kind: 'tumble', size: '10 minutes' }), [item('b', col('b').count())])
  },
]

test('a rewritten plan gives the same rows', async () => {
  const chain = fc.tuple(fc.array(fc.nat(steps.length - 1), { maxLength: 6 }), fc.nat(ends.length - 1))
  await fc.assert(
    fc.asyncProperty(chain, async ([chosen, end]) => {
      let plan: Node = source.plan
      for (const i of chosen) {
        // a swap of names may leave b where a whole number is due; such a step is left out
        plan = allowed(() => steps[i]!(plan)) ?? plan
      }
      plan = allowed(() => ends[end]!(plan)) ?? plan
      expect(await rowsOf(optimise([plan])[0]!)).toEqual(await rowsOf(plan))
    }),
    { numRuns: 250 },
  )
})

function allowed(make: () => Node): Node | null {
  try {
    return make()
  } catch {
    return null
  }
}

async function rowsOf(plan: Node): Promise<readonly string[]> {
  const rows: string[] = []
  for await (const batch of defaultExecutor().batches(plan)) rows.push(...textsOf(batch))
  return rows.toSorted()
}

function textsOf(batch: Batch): string[] {
  return Array.from({ length: batch.length }, (_, i) => JSON.stringify(rowAt(batch, i, 'iso')))
}
