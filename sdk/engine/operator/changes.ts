import { Batch, ROW_KINDS } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { scalar } from '../../data/type.ts'
import type { ChangeRows } from '../../plan/node.ts'
import { Stateless, type Steps } from './operator.ts'

/** Gives each change as a row that stays, its kind in the first column, which is left out where nobody reads it. */
export class Changes extends Stateless {
  readonly #node: ChangeRows

  constructor(node: ChangeRows) {
    super()
    this.#node = node
  }

  process({ length, columns, kinds }: Batch): Steps {
    const { schema, name } = this.#node
    if (!schema.has(name)) return [new Batch(schema, length, columns)]
    const codes = new Int32Array(length)
    if (kinds !== null) codes.set(kinds)
    const kind: Column = { layout: 'text', type: UTF8, length, valid: null, strings: ROW_KINDS, codes }
    return [new Batch(schema, length, [kind, ...columns])]
  }
}

const UTF8 = scalar('utf8')
