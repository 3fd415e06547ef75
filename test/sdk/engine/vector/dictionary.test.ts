/** Texts that are dictionary coded: functions of them run once an entry, and missing rows stay missing. */
import { expect, test } from 'vitest'
import type { Batch } from '../../../../sdk/data/batch.ts'
import type { TextColumn } from '../../../../sdk/data/column.ts'
import { compileFilter } from '../../../../sdk/engine/vector/filter.ts'
import { compileProject } from '../../../../sdk/engine/vector/project.ts'
import { columnsOf, nodeOf, udf, type Cols } from '../../../../sdk/expr/column.ts'
import { infer } from '../../../../sdk/expr/infer.ts'
import { batchOf, valuesOf } from '../../expr/table.ts'

type S = { s: 'utf8?'; n: 'int32' }

const texts = ['x', null, 'y', 'x', null, 'x', 'y', 'x', 'x', 'y', 'x', null]
const batch = batchOf({ s: 'utf8?', n: 'int32' }, { s: texts, n: texts.map((_, i) => i) })

function project(expr: (t: Cols<S>) => unknown, over: Batch = batch): ReturnType<typeof valuesOf> {
  const typed = infer(nodeOf(expr(columnsOf<S>(batch.schema))), batch.schema, 'derive')
  return valuesOf(compileProject([typed], batch.schema)(over)[0]!)
}

test('a missing text is missing in what is computed from it', () => {
  const upper = texts.map(text => text?.toUpperCase() ?? null)
  expect(project(t => t.s.upper())).toEqual(upper)
  expect(project(t => t.s.eq('x'))).toEqual(texts.map(text => (text === null ? null : text === 'x')))
  expect(project(t => t.s.eq('x').and(t.n.ge(0)))).toEqual(texts.map(text => (text === null ? null : text === 'x')))
})

test('what stands for a missing text is found by the dictionary too', () => {
  expect(project(t => t.s.fillNull('none'))).toEqual(texts.map(text => text ?? 'none'))
  expect(project(t => t.s.isNull())).toEqual(texts.map(text => text === null))
})

test('text stays dictionary coded', () => {
  const typed = infer(nodeOf(columnsOf<S>(batch.schema).s.upper()), batch.schema, 'derive')
  const column = compileProject([typed], batch.schema)(batch)[0] as TextColumn
  expect(column.strings.filter(text => text !== '')).toEqual(['X', 'Y'])
})

test('a filter on text keeps no missing row', () => {
  const rows = new Int32Array(batch.length)
  const typed = infer(nodeOf(columnsOf<S>(batch.schema).s.ne('y')), batch.schema, 'filter')
  const count = compileFilter(typed, batch.schema)(batch, rows)
  expect([...rows.subarray(0, count)]).toEqual(texts.flatMap((text, i) => (text === 'x' ? [i] : [])))
})

test('a user function runs for every row, for it may not be a function of the text alone', () => {
  let calls = 0
  project(t => udf([t.s], 'int32', () => ++calls))
  expect(calls).toBe(batch.length)
})
