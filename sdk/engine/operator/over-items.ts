import { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { Schema } from '../../data/schema.ts'
import { withoutRow } from '../../expr/failure.ts'
import { fieldOf } from '../../plan/build.ts'
import type { Over } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'

/** Computes what `over` adds from the columns of rows and the values of the calls, and puts each column in its place. */
export class OverItems {
  readonly #node: Over
  readonly #inner: Schema
  readonly #items: (batch: Batch) => Column[]

  constructor(node: Over) {
    this.#node = node
    this.#inner = new Schema([...node.input.schema.fields, ...node.calls.map(fieldOf)])
    this.#items = compileProject(
      node.items.map(item => item.expr),
      this.#inner,
    )
  }

  /** The rows of the output; `calls` has a column for each call. */
  output(rows: Batch, calls: readonly Column[]): Batch {
    let added: Column[]
    try {
      added = this.#items(new Batch(this.#inner, rows.length, [...rows.columns, ...calls]))
    } catch (error) {
      throw withoutRow(error)
    }
    const { schema, items, input } = this.#node
    const columns = schema.names.map(name => {
      const item = items.findIndex(each => each.name === name)
      return item >= 0 ? added[item]! : rows.columns[input.schema.indexOf(name)]!
    })
    return new Batch(schema, rows.length, columns)
  }
}
