import { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { DataError, didYouMean } from '../../data/errors.ts'
import { fromJs } from '../../data/row.ts'
import type { Schema } from '../../data/schema.ts'
import { typeText, type Field } from '../../data/type.ts'

/**
 * Row objects that a user's function gives, as columns of declared types. A column that is not declared, a value that
 * its column does not hold, and a null where there is none are errors that name the column.
 */
export class RowOutput {
  readonly #schema: Schema
  /** `emit`, or `side.big.emit`, for errors. */
  readonly #where: string
  #builders: ColumnBuilder[]
  #length = 0

  constructor(schema: Schema, where: string) {
    this.#schema = schema
    this.#where = where
    this.#builders = buildersOf(schema)
  }

  get length(): number {
    return this.#length
  }

  /** `context` says in an error what the row came of. */
  push(row: unknown, context: () => string): void {
    const { fields } = this.#schema
    if (typeof row !== 'object' || row === null) {
      throw this.#error(context, `it takes an object of columns, and found ${row === null ? 'null' : typeof row}`)
    }
    const values = row as Readonly<Record<string, unknown>>
    let known = 0
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      const value = values[field.name]
      if (value !== undefined || field.name in values) known++
      const builder = this.#builders[i]!
      const { kind } = field.type
      if (kind === 'float64' && typeof value === 'number') builder.push(value)
      else if (kind === 'utf8' && typeof value === 'string') builder.push(value)
      else this.#pushChecked(builder, field, value, values, context)
    }
    if (known !== Object.keys(values).length) this.#refuseUnknown(values, context)
    this.#length++
  }

  /** The rows since the last call; null for none. */
  take(): Batch | null {
    if (this.#length === 0) return null
    const columns = this.#builders.map(builder => builder.finish())
    const batch = new Batch(this.#schema, this.#length, columns)
    this.#builders = buildersOf(this.#schema)
    this.#length = 0
    return batch
  }

  #pushChecked(
    builder: ColumnBuilder,
    field: Field,
    value: unknown,
    row: Readonly<Record<string, unknown>>,
    context: () => string,
  ): void {
    const converted = fromJs(value, field)
    if ('problem' in converted) {
      const problem = field.name in row ? converted.problem : `the row lacks it, and it is ${typeText(field)}`
      throw this.#error(context, `column "${field.name}": ${problem}`, field.name)
    }
    builder.push(converted.value)
  }

  #refuseUnknown(row: Readonly<Record<string, unknown>>, context: () => string): void {
    const { names } = this.#schema
    const name = Object.keys(row).find(each => !this.#schema.has(each))
    if (name === undefined) return
    const text = `there is no column "${name}".${didYouMean(name, names)} Declared are ${names.join(', ')}.`
    throw this.#error(context, text, name)
  }

  #error(context: () => string, text: string, column?: string): DataError {
    return new DataError('bad-value', `${this.#where}, ${context()}: ${text}`, column === undefined ? {} : { column })
  }
}

const buildersOf = (schema: Schema): ColumnBuilder[] => schema.fields.map(field => new ColumnBuilder(field.type))
