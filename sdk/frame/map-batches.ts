import { Batch } from '../data/batch.ts'
import { ColumnBuilder } from '../data/builder.ts'
import { valueAt, type Column } from '../data/column.ts'
import { DataError } from '../data/errors.ts'
import { fromJs, toJs, type JsOf } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import type { Columns, Field } from '../data/type.ts'

/**
 * The edge between batches and a user's function over arrays: columns become arrays of JavaScript values when the
 * function asks for them, and its arrays become columns of the declared types or an error that says which do not.
 */

/** Columns as arrays, of as many values as the batch has rows. */
export type ColumnArrays<C extends Columns> = string extends keyof C
  ? any // eslint-disable-line typescript/no-explicit-any -- the names are not known, so every name is a column
  : { readonly [N in keyof C]: readonly JsOf<C[N]>[] }

/** The arrays that the function gives, all of one length. */
export type ComputedArrays<O extends Columns> = { readonly [N in keyof O]: ArrayLike<JsOf<O[N]>> }

export function mapper<C extends Columns, O extends Columns>(
  name: string,
  schema: Schema,
  compute: (columns: ColumnArrays<C>) => ComputedArrays<O>,
): (batch: Batch) => Batch {
  return batch => {
    let given: ComputedArrays<O>
    try {
      given = compute(arraysOf(batch) as ColumnArrays<C>)
    } catch (error) {
      const text = `mapBatches ${name} failed: ${error instanceof Error ? error.message : String(error)}`
      throw new DataError('user-function', text, {}, error)
    }
    const arrays = schema.fields.map(field => arrayOf(name, given, field))
    const length = arrays[0]?.length ?? 0
    for (const [i, array] of arrays.entries()) {
      if (array.length === length) continue
      const [first, other] = [schema.names[0]!, schema.names[i]!]
      const text = `mapBatches ${name}: column "${first}" has ${length} values, "${other}" has ${array.length}`
      throw new DataError('bad-length', text, { column: other })
    }
    const columns = schema.fields.map((field, i) => columnFrom(name, field, arrays[i]!))
    return new Batch(schema, length, columns)
  }
}

/** An object whose columns are made when they are first read. */
function arraysOf(batch: Batch): object {
  const made = new Map<string, readonly unknown[]>()
  const columns = {}
  for (const [i, field] of batch.schema.fields.entries()) {
    Object.defineProperty(columns, field.name, {
      enumerable: true,
      get: () => {
        const known = made.get(field.name)
        if (known !== undefined) return known
        const array = valuesOf(batch.columns[i]!)
        made.set(field.name, array)
        return array
      },
    })
  }
  return columns
}

/** The values of a column as they are in row objects. */
export function valuesOf(column: Column): unknown[] {
  const out = new Array<unknown>(column.length)
  for (let i = 0; i < column.length; i++) out[i] = toJs(valueAt(column, i), column.type)
  return out
}

function arrayOf(name: string, given: object, field: Field): ArrayLike<unknown> {
  const array: unknown = Reflect.get(given, field.name)
  if (Array.isArray(array) || (ArrayBuffer.isView(array) && 'length' in array)) return array as ArrayLike<unknown>
  const text = `mapBatches ${name}: it gave no array for the column "${field.name}" of its schema`
  throw new DataError('no-column', text, { column: field.name })
}

function columnFrom(name: string, field: Field, values: ArrayLike<unknown>): Column {
  const builder = new ColumnBuilder(field.type)
  for (let i = 0; i < values.length; i++) {
    const converted = fromJs(values[i], field)
    if ('problem' in converted) {
      const text = `mapBatches ${name}, column "${field.name}", row ${i + 1} of the batch: ${converted.problem}`
      throw new DataError('bad-value', text, { column: field.name, row: i + 1 })
    }
    builder.push(converted.value)
  }
  return builder.finish()
}
