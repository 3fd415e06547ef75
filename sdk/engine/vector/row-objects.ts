import { valueAt, type Column } from '../../data/column.ts'
import { toJs } from '../../data/row.ts'
import type { Field } from '../../data/type.ts'
import { mayGenerate } from './row-loop.ts'

/**
 * Rows of columns as objects for a user's function of one row. The code that makes a row is generated once for each
 * form of columns that comes, so that a row costs about what a literal object does; where code must not be generated it
 * is put together value by value.
 */
export class RowObjects {
  readonly #fields: readonly Field[]
  readonly #generates: boolean
  readonly #makers = new Map<string, Maker>()

  constructor(fields: readonly Field[]) {
    this.#fields = fields
    this.#generates = mayGenerate()
  }

  /** Makes the row at a position. */
  of(columns: readonly Column[]): (row: number) => RowObject {
    const readers = columns.map(
      column =>
        (row: number): unknown =>
          toJs(valueAt(column, row), column.type),
    )
    if (!this.#generates) {
      return row => Object.fromEntries(this.#fields.map((field, i) => [field.name, readers[i]!(row)]))
    }
    const forms = columns.map(formOf)
    const signature = forms.join()
    let maker = this.#makers.get(signature)
    if (maker === undefined) {
      maker = compiled(this.#fields, forms)
      this.#makers.set(signature, maker)
    }
    return maker(columns, readers)
  }
}

export type RowObject = Readonly<Record<string, unknown>>

type Maker = (columns: readonly Column[], readers: readonly ((row: number) => unknown)[]) => (row: number) => RowObject

/** How the value of a column is read: as it is in its array, as a truth, a time, a text with codes or without, or by a function. */
type Form = `${'plain' | 'truth' | 'time' | 'codes' | 'texts' | 'other'}${'' | '?'}`

function formOf(column: Column): Form {
  const missing = column.valid === null ? '' : '?'
  if (column.layout === 'text') return column.codes === null ? `texts${missing}` : `codes${missing}`
  if (column.layout !== 'flat') return 'other'
  switch (column.type.kind) {
    case 'bool':
      return `truth${missing}`
    case 'timestamp':
      return `time${missing}`
    case 'date':
    case 'duration':
    case 'decimal':
      return 'other'
    default:
      return `plain${missing}`
  }
}

function compiled(fields: readonly Field[], forms: readonly Form[]): Maker {
  const before: string[] = []
  const items = fields.map(({ name }, i) => {
    const form = forms[i]!
    before.push(form === 'other' ? `const r${i} = readers[${i}]` : declared(form, i))
    const value = form === 'other' ? `r${i}(row)` : valueCode(form, i)
    const missing = form.endsWith('?') ? `n${i}[row] === 0 ? null : ${value}` : value
    return `[${JSON.stringify(name)}]: ${missing}`
  })
  const code = `${before.join('\n')}\nreturn row => ({ ${items.join(', ')} })`
  // eslint-disable-next-line typescript/no-implied-eval -- names are quoted, and nothing else comes from outside
  return new Function('columns', 'readers', code) as Maker
}

function declared(form: Form, i: number): string {
  const arrays = form.startsWith('codes')
    ? `strings: s${i}, codes: v${i}`
    : form.startsWith('texts')
      ? `strings: s${i}`
      : `values: v${i}`
  return `const { ${arrays}, valid: n${i} } = columns[${i}]`
}

function valueCode(form: Form, i: number): string {
  if (form.startsWith('codes')) return `s${i}[v${i}[row]]`
  if (form.startsWith('texts')) return `s${i}[row]`
  if (form.startsWith('truth')) return `v${i}[row] === 1`
  if (form.startsWith('time')) return `new Date(Math.floor(v${i}[row] / 1000))`
  return `v${i}[row]`
}
