import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memory } from '../../../../sdk/connector/memory.ts'
import { Batch, DELETE, INSERT } from '../../../../sdk/data/batch.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { Filter } from '../../../../sdk/engine/operator/filter.ts'
import { FilterProject } from '../../../../sdk/engine/operator/filter-project.ts'
import type { Operator } from '../../../../sdk/engine/operator/operator.ts'
import { Project } from '../../../../sdk/engine/operator/project.ts'
import { col, nodeOf } from '../../../../sdk/expr/column.ts'
import * as plan from '../../../../sdk/plan/build.ts'
import { batchOf, rowsOf, type Row } from '../../../laws/drive.ts'

const SCHEMA = Schema.of({ k: 'utf8?', n: 'int32?', v: 'float64?' })
const read = plan.read(memory(SCHEMA, []))
const filter = plan.filter(read, nodeOf(col('v').gt(0)))
const exprs = {
  k: col('k'),
  loud: col('k').upper(),
  long: col('k').length(),
  x: col('n').mul(col('v')),
  big: col('n').gt(1),
}
const project = plan.derive(
  filter,
  Object.entries(exprs).map(([name, expr]) => ({ name, expr: nodeOf(expr) })),
)

const given = (operators: readonly Operator[], batch: Batch): Batch[] => {
  let batches = [batch]
  for (const operator of operators) {
    batches = batches.flatMap(each => [...operator.process(each, 0)].filter(step => step instanceof Batch))
  }
  return batches
}

test('a projection of filtered rows gives what filter and projection give one after the other', () => {
  const row = fc
    .tuple(
      fc.option(fc.constantFrom('a', 'b', '', '\u{1f600}')),
      fc.option(fc.integer({ min: -5, max: 5 })),
      fc.option(fc.constantFrom(0.5, -2, NaN, Infinity, 0, 3)),
    )
    .map((values): Row => values)
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.boolean(), fc.boolean(), (rows, coded, kinds) => {
      const plain = batchOf(SCHEMA, rows, kinds ? rows.map((_, i) => (i % 2 === 0 ? INSERT : DELETE)) : undefined)
      const batch = coded ? withCodes(plain) : plain
      const apart = given([new Filter(filter), new Project(project)], batch)
      const once = given([new FilterProject(filter, project)], batch)
      expect(rowsOf(once)).toEqual(rowsOf(apart))
      expect(once.map(each => each.kinds)).toEqual(apart.map(each => each.kinds))
    }),
  )
})

/** Texts by a dictionary of their own. */
function withCodes(batch: Batch): Batch {
  const text = batch.columns[0]!
  if (text.layout !== 'text') throw new TypeError('the first column is text')
  const codes = Int32Array.from({ length: batch.length }, (_, i) => (text.codes === null ? i : text.codes[i]!))
  return batch.with(SCHEMA, [{ ...text, codes }, ...batch.columns.slice(1)])
}
