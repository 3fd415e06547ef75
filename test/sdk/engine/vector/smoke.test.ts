import { expect, test } from 'vitest'
import { Batch } from '../../../../sdk/data/batch.ts'
import { columnOf } from '../../../../sdk/data/builder.ts'
import { valueAt, type Value } from '../../../../sdk/data/column.ts'
import { Schema } from '../../../../sdk/data/schema.ts'
import { compileProject } from '../../../../sdk/engine/vector/project.ts'
import { compileAccumulators } from '../../../../sdk/engine/vector/accumulate.ts'
import { columnsOf, nodeOf } from '../../../../sdk/expr/column.ts'
import { infer } from '../../../../sdk/expr/infer.ts'
import { exprText } from '../../../../sdk/expr/text.ts'
test('smoke', () => {
  const schema = Schema.of({ a: 'int32?', b: 'float64?', s: 'utf8?' })
  const rows: Value[][] = [[1, null, 3, 4, 5, 6, 7, 8], [0.5, 2, NaN, null, 1, 1, 1, 1], ['x', 'y', null, 'x', 'x', 'y', 'y', 'x']]
  const batch = new Batch(schema, 8, schema.fields.map((f, i) => columnOf(f.type, rows[i]!)))
  const t = columnsOf<any>(schema)
  const exprs = [t.a.add(1), t.a.mul(t.b), t.s.upper().concat('!'), t.s.eq('x').and(t.a.gt(2)), t.b.gt(0.7), t.s.fillNull('none').length()]
  const typed = exprs.map(e => infer(nodeOf(e), schema, 'derive'))
  console.log(exprs.map(e => String(e)), typed.map(exprText))
  for (const c of compileProject(typed, schema)(batch)) console.log(Array.from({ length: 8 }, (_, i) => valueAt(c, i)))
  for (const c of compileProject(typed, schema, false)(batch)) console.log(Array.from({ length: 8 }, (_, i) => valueAt(c, i)))
  const aggs = [t.a.sum(), t.b.sum(), t.a.mean(), t.b.max(), t.b.min(), t.b.stddev(), t.s.max(), t.a.quantile(0.5), t.s.countDistinct(), t.a.count(), t.a.first(), t.s.last(), t.a.corr(t.b)]
  for (const gen of [true, false]) {
    const acc = compileAccumulators(aggs.map(e => infer(nodeOf(e), schema, 'aggregate')), schema, gen)
    acc.grow(2)
    acc.add(batch, Int32Array.from([0, 1, 0, 1, 0, 1, -1, 1]))
    console.log([0, 1].map(s => aggs.map((_, k) => acc.value(k, s))))
  }
  expect(1).toBe(1)
})
