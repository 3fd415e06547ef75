/** DuckDB as the oracle of aggregates: every example of the catalogue whose SQL the catalogue prints, over random groups. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../../sdk/data/column.ts'
import { DataError } from '../../../sdk/data/errors.ts'
import { isFloat } from '../../../sdk/data/type.ts'
import { compileAccumulators } from '../../../sdk/engine/vector/accumulate.ts'
import type { Typed } from '../../../sdk/expr/node.ts'
import { exprText } from '../../../sdk/expr/text.ts'
import { examples, moderate } from './aggregate-examples.ts'
import { Oracle, refused, unsigned } from './oracle.ts'
import { columnar, COLUMNS, row, type Row } from './random-expr.ts'
import { batchOf, typed } from './table.ts'

let oracle: Oracle

beforeAll(async () => {
  oracle = await Oracle.open()
})

afterAll(() => oracle.close())

const condition = typed(COLUMNS, t => t.y)
const printed = examples.filter(example => !refused(example))
/** Each as it is, and over the rows of a condition. */
const asked = printed.flatMap(example => [example, Object.freeze({ ...example, filter: condition })])

/** What an aggregate gives over each of two groups, here and there; undefined where one side fails. */
async function answers(aggregate: Typed, rows: readonly Row[]): Promise<[Value[], Value[]] | undefined> {
  const batch = batchOf(COLUMNS, columnar(rows))
  const slots = compileAccumulators([aggregate], batch.schema)
  slots.grow(2)
  slots.add(
    batch,
    Int32Array.from(rows, (_, i) => i % 2),
  )
  try {
    const ours = [0, 1].map(slot => slots.value(0, slot))
    const [theirs] = await oracle.ask([aggregate], 'GROUP BY n % 2 ORDER BY n % 2')
    return [ours.map(unsigned), theirs!.map(unsigned)]
  } catch (error) {
    if (error instanceof DataError || /out of range|overflow/i.test(String(error))) return undefined
    throw error
  }
}

test('what is no float equals that of DuckDB, whatever the rows', async () => {
  const exact = asked.filter(({ type }) => !isFloat(type))
  let compared = 0
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 20 }), async rows => {
      await oracle.load(batchOf(COLUMNS, columnar(rows)))
      for (const aggregate of exact) {
        const found = await answers(aggregate, rows)
        if (found === undefined) continue
        expect({ of: exprText(aggregate), values: found[0] }).toEqual({ of: exprText(aggregate), values: found[1] })
        compared++
      }
    }),
    { numRuns: 30 },
  )
  expect(compared).toBeGreaterThan(20 * exact.length)
})

test('floats are near those of DuckDB, over numbers of like size', async () => {
  const floats = asked.filter(({ type }) => isFloat(type))
  let compared = 0
  await fc.assert(
    fc.asyncProperty(fc.array(moderate, { minLength: 2, maxLength: 30 }), async rows => {
      const only = (value: unknown): unknown => (Number.isFinite(value) ? value : null)
      const finite = rows.map(each => ({ ...each, f: only(each.f), h: only(each.h) }))
      await oracle.load(batchOf(COLUMNS, columnar(finite)))
      for (const aggregate of floats) {
        const found = await answers(aggregate, finite)
        if (found === undefined) continue
        for (const slot of [0, 1]) {
          const [ours, theirs] = [found[0][slot]!, found[1][slot]!]
          expect({ of: exprText(aggregate), near: near(ours, theirs) ? theirs : ours }).toEqual({
            of: exprText(aggregate),
            near: theirs,
          })
        }
        compared++
      }
    }),
    { numRuns: 30 },
  )
  expect(compared).toBeGreaterThan(20 * floats.length)
})

/** DuckDB gives sometimes null and sometimes NaN for what has no value, see docs/semantics.md. */
function near(ours: Value, theirs: Value): boolean {
  const none = (value: Value): boolean => value === null || Number.isNaN(value)
  if (none(ours) || none(theirs)) return none(ours) && none(theirs)
  return Math.abs((ours as number) - (theirs as number)) <= 1e-8 * (1 + Math.abs(theirs as number))
}
