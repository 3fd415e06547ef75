import { Batch } from '../data/batch.ts'
import { ColumnBuilder } from '../data/builder.ts'
import { DataError, PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { fromJs } from '../data/row.ts'
import { Schema } from '../data/schema.ts'
import { scalar, typeText, type Columns, type DataType, type Nullable, type Scalar } from '../data/type.ts'
import type { Source } from '../plan/port.ts'
import { memory } from './memory.ts'

/**
 * Rows written in the program. They are turned into columns when the source is made, so that a wrong value is an error
 * on the line that wrote it, and later changes of the objects are not seen.
 */

export interface RowsOptions<C extends Columns = Columns> {
  /**
   * The columns and their types. Without it they are inferred from all rows: whole numbers are `int64`, other numbers
   * `float64`, bigints `bigint`, a Date is `timestamp`, an array a list, an object a struct, a Float64Array a
   * `vector(n)`; a column that is null or missing in some row is nullable, and one that is always null is `utf8?`.
   */
  readonly schema?: C
}

/** A source of the given row objects. Keys that the schema does not name are left out; a missing key is null. */
export function rows(values: readonly object[], options: RowsOptions = {}): Source {
  checkOptions('rows', options, ['schema'])
  const schema = options.schema === undefined ? inferSchema(values) : Schema.of(options.schema)
  const builders = schema.fields.map(field => new ColumnBuilder(field.type))
  for (const [i, value] of values.entries()) {
    const row = value as Record<string, unknown>
    for (const [c, field] of schema.fields.entries()) {
      const converted = fromJs(row[field.name], field)
      if ('problem' in converted) {
        const text = `rows: column "${field.name}" (${typeText(field)}), row ${i}: ${converted.problem}`
        throw new DataError('bad-value', text, { column: field.name, row: i })
      }
      builders[c]!.push(converted.value)
    }
  }
  const batch = new Batch(
    schema,
    values.length,
    builders.map(builder => builder.finish()),
  )
  return memory(schema, [batch], 'rows')
}

/** The schema that all values of all rows fit. Values of two kinds in one column are a {@link PlanError}. */
export function inferSchema(
  values: readonly object[],
  where: string = 'rows',
  shapeOf: (value: unknown) => Shape | null = shapeOfJs,
): Schema {
  const guesses = new Map<string, Guess>()
  for (const [i, row] of values.entries()) {
    for (const [name, value] of Object.entries(row)) {
      let guess = guesses.get(name)
      if (guess === undefined) guesses.set(name, (guess = new Guess(`${where}: column "${name}"`, shapeOf)))
      guess.see(value, i)
    }
  }
  return new Schema(
    [...guesses].map(([name, guess]) => {
      const { type, nullable } = guess.settle()
      return { name, type, nullable: nullable || guess.seen < values.length }
    }),
  )
}

/** wide: a whole number that is a bigint, or a float64 beside other numbers. */
export type Shape = 'whole' | 'wide' | 'number' | 'array' | 'object' | 'map' | 'vector' | Scalar

/** What the values seen so far have in common. */
class Guess {
  readonly #where: string
  readonly #shapeOf: (value: unknown) => Shape | null
  #shape: Shape | null = null
  #null = false
  #size = 0
  readonly #inner = new Map<string, Guess>()
  seen = 0

  constructor(where: string, shapeOf: (value: unknown) => Shape | null) {
    this.#where = where
    this.#shapeOf = shapeOf
  }

  see(value: unknown, row: number): void {
    this.seen++
    if (value === null || value === undefined) {
      this.#null = true
      return
    }
    const shape = this.#shapeOf(value)
    const before = this.#shape
    if (shape === null || (before !== null && merged(before, shape) === null)) {
      const found = shape === null ? `a ${typeof value}, which no column type holds` : `${noun(shape)}`
      const text = `${this.#where}, row ${row}: found ${found}${before === null ? '' : ` after ${noun(before)}`}. Give { schema } to say what the column is.`
      throw new PlanError('mixed-types', text, { row })
    }
    this.#shape = before === null ? shape : merged(before, shape)
    if (shape === 'array') for (const item of value as readonly unknown[]) this.#of('item').see(item, row)
    else if (shape === 'object') {
      const entries = Object.entries(value)
      for (const [name, item] of entries) {
        const field = this.#of(name)
        if (field.seen === 0 && this.#size > 0) field.see(null, row) // earlier objects lacked it
        field.see(item, row)
      }
      for (const [name, field] of this.#inner) if (!Object.hasOwn(value, name)) field.see(null, row)
      this.#size++
    } else if (shape === 'map') {
      for (const [key, item] of value as ReadonlyMap<unknown, unknown>) {
        this.#of('key').see(key, row)
        this.#of('value').see(item, row)
      }
    } else if (shape === 'vector') {
      const size = (value as Float64Array).length
      if (before !== null && size !== this.#size) {
        const text = `${this.#where}, row ${row}: a Float64Array of ${size} numbers after one of ${this.#size}`
        throw new PlanError('mixed-types', text, { row })
      }
      this.#size = size
    }
  }

  #of(name: string): Guess {
    let inner = this.#inner.get(name)
    if (inner === undefined) this.#inner.set(name, (inner = new Guess(`${this.#where}.${name}`, this.#shapeOf)))
    return inner
  }

  settle(): Nullable {
    if (this.#shape === null) return { type: scalar('utf8'), nullable: true }
    return { type: this.#type(this.#shape), nullable: this.#null }
  }

  #type(shape: Shape): DataType {
    switch (shape) {
      case 'whole':
        return scalar('int64')
      case 'wide':
        return scalar('bigint')
      case 'number':
        return scalar('float64')
      case 'array':
        return { kind: 'list', item: this.#of('item').settle() }
      case 'object':
        return { kind: 'struct', fields: [...this.#inner].map(([name, inner]) => ({ name, ...inner.settle() })) }
      case 'map':
        return { kind: 'map', key: this.#of('key').settle().type, value: this.#of('value').settle() }
      case 'vector':
        return { kind: 'vector', size: this.#size, sparse: false }
      default:
        return scalar(shape)
    }
  }
}

export function shapeOfJs(value: unknown): Shape | null {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'whole' : 'number'
    case 'bigint':
      return 'bigint'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'utf8'
    case 'object':
      if (value instanceof Date) return 'timestamp'
      if (Array.isArray(value)) return 'array'
      if (value instanceof Map) return 'map'
      if (value instanceof Uint8Array) return 'binary'
      if (value instanceof Float64Array && value.length > 0) return 'vector'
      return ArrayBuffer.isView(value) ? null : 'object'
    default:
      return null
  }
}

function merged(a: Shape, b: Shape): Shape | null {
  if (a === b) return a
  const both = NUMBERS[a]?.[b] ?? NUMBERS[b]?.[a]
  return both ?? null
}

const NUMBERS: { readonly [a: string]: { readonly [b: string]: Shape } } = {
  whole: { wide: 'wide', number: 'number', bigint: 'bigint' },
  wide: { number: 'number', bigint: 'bigint' },
}

function noun(shape: Shape): string {
  if (shape === 'whole' || shape === 'number') return 'a number'
  if (shape === 'array' || shape === 'object') return `an ${shape}`
  return shape === 'utf8' ? 'text' : `a ${shape}`
}
