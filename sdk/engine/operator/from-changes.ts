import { Batch, ROW_KINDS } from '../../data/batch.ts'
import { valueAt, type TextColumn } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'
import type { FromChanges as FromChangesNode } from '../../plan/node.ts'
import { Stateless, type Steps } from './operator.ts'

/** Reads the kind of each row from a column of texts, which goes. */
export class FromChanges extends Stateless {
  readonly #name: string
  readonly #schema: Schema
  readonly #kind: number
  readonly #kept: readonly number[]

  constructor({ name, schema, input }: FromChangesNode) {
    super()
    this.#name = name
    this.#schema = schema
    this.#kind = input.schema.indexOf(name)
    this.#kept = schema.names.map(each => input.schema.indexOf(each))
  }

  process({ length, columns }: Batch): Steps {
    const column = columns[this.#kind] as TextColumn
    const { strings, codes, valid } = column
    const kinds = new Uint8Array(length)
    // a dictionary may have texts that no row has, so that only a row can be wrong
    const known = codes === null ? null : strings.map(text => ROW_KINDS.indexOf(text))
    for (let row = 0; row < length; row++) {
      const kind = known === null ? ROW_KINDS.indexOf(strings[row]!) : known[codes![row]!]!
      if (kind < 0 || (valid !== null && valid[row] === 0)) throw this.#unknown(column, row)
      kinds[row] = kind
    }
    const kept = this.#kept.map(i => columns[i]!)
    return [new Batch(this.#schema, length, kept, kinds.some(kind => kind !== 0) ? kinds : null)]
  }

  #unknown(column: TextColumn, row: number): DataError {
    const found = JSON.stringify(valueAt(column, row))
    const text = `fromChanges: the kind of a row is '+I', '-U', '+U' or '-D', but "${this.#name}" is ${found}`
    return new DataError('bad-kind', text, { column: this.#name, expr: this.#name, row })
  }
}
