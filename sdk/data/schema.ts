import { didYouMean, PlanError } from './errors.ts'
import { parseType, typeText, type Columns, type Field } from './type.ts'

/** The ordered, named and typed columns of a frame. Names are unique; a schema never changes. */
export class Schema {
  readonly #index: ReadonlyMap<string, number>
  readonly fields: readonly Field[]

  constructor(fields: readonly Field[]) {
    const index = new Map<string, number>()
    for (const [i, field] of fields.entries()) {
      if (index.has(field.name)) throw new PlanError('duplicate-column', `there are two columns named "${field.name}"`)
      index.set(field.name, i)
    }
    this.#index = index
    this.fields = Object.freeze([...fields])
  }

  /** Reads a schema from names and type texts. */
  static of(columns: Columns): Schema {
    return new Schema(Object.entries(columns).map(([name, type]) => ({ name, ...parseType(type) })))
  }

  get names(): readonly string[] {
    return this.fields.map(field => field.name)
  }

  has(name: string): boolean {
    return this.#index.has(name)
  }

  /** The position of a column, or -1. */
  indexOf(name: string): number {
    return this.#index.get(name) ?? -1
  }

  /** The field of a name; an unknown name is a {@link PlanError} that lists what there is. */
  field(name: string, where: string): Field {
    const i = this.#index.get(name)
    if (i !== undefined) return this.fields[i]!
    if (typeof name !== 'string') {
      const found = Array.isArray(name) ? 'a list' : `a ${typeof name}`
      throw new PlanError('bad-name', `${where} takes names of columns, each a text of its own, but found ${found}`)
    }
    const hint = didYouMean(name, this.names)
    const text = `${where}: there is no column "${name}".${hint} The columns are ${this.names.join(', ') || '(none)'}.`
    throw new PlanError('unknown-column', text, { column: name })
  }

  /** The fields of these names, in their order. Every name is known. */
  pick(names: readonly string[]): Schema {
    return new Schema(names.map(name => this.fields[this.#index.get(name)!]!))
  }

  /** Names and type texts, in order: what `schema` shows. */
  toObject(): { [name: string]: string } {
    return Object.fromEntries(this.fields.map(field => [field.name, typeText(field)]))
  }

  /** The literal that a script declares: `{ delay: 'float64?', origin: 'utf8' }`. */
  toString(): string {
    return fieldsText(this.fields)
  }
}

function fieldsText(fields: readonly Field[]): string {
  if (fields.length === 0) return '{}'
  const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
  const text = (field: Field): string =>
    field.type.kind === 'struct' ? fieldsText(field.type.fields) : `'${typeText(field)}'`
  return `{ ${fields.map(field => `${key(field.name)}: ${text(field)}`).join(', ')} }`
}
