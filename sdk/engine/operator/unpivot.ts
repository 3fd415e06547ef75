import { Batch } from '../../data/batch.ts'
import { concat, take, type Column } from '../../data/column.ts'
import { scalar } from '../../data/type.ts'
import type { Unpivot as UnpivotNode } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'
import { Stateless, type Steps } from './operator.ts'

/** Gives each row once for each variant: the rows of one input row stand together, in the order of the variants. */
export class Unpivot extends Stateless {
  readonly #node: UnpivotNode
  readonly #kept: readonly number[]
  readonly #values: (batch: Batch) => Column[]
  readonly #labels: readonly string[]
  /** How many value columns each variant fills. */
  readonly #width: number

  constructor(node: UnpivotNode) {
    super()
    this.#node = node
    this.#kept = node.kept.map(name => node.input.schema.indexOf(name))
    this.#labels = node.variants.map(variant => variant.label)
    this.#width = node.variants[0]!.exprs.length
    this.#values = compileProject(
      node.variants.flatMap(variant => variant.exprs),
      node.input.schema,
    )
  }

  process(batch: Batch): Steps {
    const { schema } = this.#node
    const count = this.#labels.length
    const length = batch.length * count
    const [source, place, codes] = [new Int32Array(length), new Int32Array(length), new Int32Array(length)]
    for (let row = 0, i = 0; row < batch.length; row++) {
      for (let variant = 0; variant < count; variant++, i++) {
        source[i] = row
        place[i] = variant * batch.length + row
        codes[i] = variant
      }
    }
    const values = this.#values(batch)
    const columns: Column[] = this.#kept.map(i => take(batch.columns[i]!, source))
    if (schema.has(this.#node.name)) {
      columns.push({ layout: 'text', type: UTF8, length, valid: null, strings: this.#labels, codes })
    }
    for (let k = 0; k < this.#width; k++) {
      const variants = this.#labels.map((_, variant) => values[variant * this.#width + k]!)
      columns.push(take(concat(variants), place))
    }
    return [new Batch(schema, length, columns, batch.kinds === null ? null : kindsOf(batch.kinds, source))]
  }
}

function kindsOf(kinds: Uint8Array, source: Int32Array): Uint8Array {
  return Uint8Array.from(source, row => kinds[row]!)
}

const UTF8 = scalar('utf8')
