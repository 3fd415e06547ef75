import { Batch } from '../data/batch.ts'
import { columnOf } from '../data/builder.ts'
import { valueAt, type Column, type Value } from '../data/column.ts'
import { DataError, PlanError } from '../data/errors.ts'
import { fromJs, toJs, type RowOf } from '../data/row.ts'
import { Schema } from '../data/schema.ts'
import { scalar, typeText, type Columns, type Field, type TypeText } from '../data/type.ts'
import { infer } from '../expr/infer.ts'
import { interpret } from '../expr/interpret.ts'
import type { ExprNode, Typed } from '../expr/node.ts'

/**
 * The inputs of a model's features: the expressions, the columns they read, and how one row given as an object becomes
 * columns of one row. Single rows go the same way as batches from there on.
 */
export class RowInputs {
  readonly exprs: readonly ExprNode[]
  /** The columns that the expressions read and their types. */
  readonly needs: { readonly [name: string]: TypeText }
  readonly #schema: Schema
  readonly #typed: readonly Typed[]

  constructor(exprs: readonly ExprNode[], schema: Schema) {
    const names = new Set(exprs.flatMap(columnsIn))
    // A row may lack what no training row lacked: what that means is for the features to say.
    const fields = schema.fields.filter(field => names.has(field.name)).map(field => ({ ...field, nullable: true }))
    this.exprs = exprs
    this.needs = Object.fromEntries(
      schema.fields.filter(field => names.has(field.name)).map(field => [field.name, typeText(field) as TypeText]),
    )
    this.#schema = new Schema(fields)
    this.#typed = exprs.map(expr => infer(expr, this.#schema, 'features'))
  }

  /** The inputs of one row. */
  columns(row: { readonly [name: string]: unknown }): readonly Column[] {
    const columns = this.#schema.fields.map(field => columnOf(field.type, [valueOf(row, field)]))
    const batch = new Batch(this.#schema, 1, columns)
    return this.#typed.map(typed => columnOf(typed.type, [interpret(typed, batch, 0)]))
  }
}

function columnsIn(node: ExprNode): readonly string[] {
  switch (node.kind) {
    case 'column':
      return [node.name]
    case 'literal':
      return []
    case 'cast':
      return columnsIn(node.arg)
    default:
      return node.args.flatMap(columnsIn)
  }
}

function valueOf(row: { readonly [name: string]: unknown }, field: Field): Value {
  if (!(field.name in row)) {
    const text = `the model needs column '${field.name}', which this row lacks`
    throw new PlanError('unknown-column', text, { column: field.name })
  }
  const read = fromJs(row[field.name], field)
  if ('value' in read) return read.value
  throw new DataError('bad-value', `column "${field.name}": ${read.problem}`, { column: field.name })
}

/** What predicts: a fitted model, or a live one. */
interface Predicts {
  predict(inputs: readonly Column[], length: number): readonly Column[]
}

/** The model's output columns for one row, as an object. */
export function predictOne<Out extends Columns>(
  inputs: RowInputs,
  model: Predicts,
  outputs: Schema,
  row: { readonly [name: string]: unknown },
): RowOf<Out> {
  const columns = model.predict(inputs.columns(row), 1)
  const entries = outputs.fields.map((field, i) => [field.name, toJs(valueAt(columns[i]!, 0), field.type)] as const)
  return Object.fromEntries(entries) as RowOf<Out>
}

/** The bool label of one row as a column; null where it is absent. */
export function labelOf(label: string, row: { readonly [name: string]: unknown }): Column {
  const type = scalar('bool')
  const value = label in row ? valueOf(row, { name: label, type, nullable: true }) : null
  return columnOf(type, [value])
}
