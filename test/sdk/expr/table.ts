/** Small tables for tests of expressions: rows in, one column of JavaScript values out, by every way there is. */
import { isDeepStrictEqual } from 'node:util'
import { Batch } from '../../../sdk/data/batch.ts'
import { columnOf } from '../../../sdk/data/builder.ts'
import { valueAt, type Column, type Value } from '../../../sdk/data/column.ts'
import { fromJs, toJs } from '../../../sdk/data/row.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import type { Columns } from '../../../sdk/data/type.ts'
import { compileProject } from '../../../sdk/engine/vector/project.ts'
import { columnsOf, nodeOf, type Cols } from '../../../sdk/expr/column.ts'
import { infer } from '../../../sdk/expr/infer.ts'
import type { Typed } from '../../../sdk/expr/node.ts'

/** A batch of columns given as JavaScript values. */
export function batchOf(columns: Columns, data: { readonly [name: string]: readonly unknown[] }): Batch {
  const schema = Schema.of(columns)
  const built = schema.fields.map(field => {
    const values = data[field.name]!.map(value => {
      const read = fromJs(value, field)
      if ('problem' in read) throw new TypeError(`${field.name}: ${read.problem}`)
      return read.value
    })
    return columnOf(field.type, values)
  })
  return new Batch(schema, built[0]?.length ?? 0, built)
}

export function valuesOf(column: Column): Value[] {
  return Array.from({ length: column.length }, (_, i) => valueAt(column, i))
}

/** Types an expression over the columns. */
export function typed<S extends Columns>(columns: S, expr: (t: Cols<S>) => unknown): Typed {
  const schema = Schema.of(columns)
  return infer(nodeOf(expr(columnsOf<S>(schema, 'derive'))), schema, 'derive')
}

/** The values of an expression in row objects, computed by generated code and by the interpreter, which must agree. */
export function values<S extends Columns>(
  columns: S,
  data: { readonly [K in keyof S]: readonly unknown[] },
  expr: (t: Cols<S>) => unknown,
): unknown[] {
  const tree = typed(columns, expr)
  const batch = batchOf(columns, data)
  const [generated, interpreted] = [true, false].map(code => {
    const [column] = compileProject([tree], batch.schema, code)(batch)
    return valuesOf(column!).map(value => toJs(value, tree.type, 'iso'))
  })
  const differ = interpreted!.findIndex((value, i) => !isDeepStrictEqual(value, generated![i]))
  if (differ >= 0)
    throw new Error(
      `row ${differ}: generated ${String(generated![differ])}, interpreted ${String(interpreted![differ])}`,
    )
  return generated!
}
