import { Batch } from '../../data/batch.ts'
import { DataError } from '../../data/errors.ts'
import { sameType, typeText } from '../../data/type.ts'
import type { MapBatches as MapBatchesNode } from '../../plan/node.ts'
import { NOTHING, Stateless, type Steps } from './operator.ts'

/** Hands each batch to a user's function and checks what comes back against the declared schema. */
export class MapBatches extends Stateless {
  readonly #node: MapBatchesNode

  constructor(node: MapBatchesNode) {
    super()
    this.#node = node
  }

  process(batch: Batch): Steps {
    const { fn, schema, name } = this.#node
    const out: unknown = fn(batch)
    if (!(out instanceof Batch))
      throw new DataError('bad-batch', `${name}: the function gave no Batch, found ${typeof out}`)
    const found = out.schema.fields
    const fits =
      found.length === schema.fields.length &&
      schema.fields.every((field, i) => found[i]!.name === field.name && sameType(found[i]!.type, field.type))
    if (!fits) {
      const text = `${name}: the function gave columns ${found.map(field => `${field.name} ${typeText(field)}`).join(', ')}, declared are ${schema.fields.map(field => `${field.name} ${typeText(field)}`).join(', ')}`
      throw new DataError('bad-batch', text)
    }
    for (const [i, { name: column, nullable }] of schema.fields.entries()) {
      const { length, valid } = out.columns[i]!
      if (length !== out.length) {
        throw new DataError('bad-batch', `${name}: column "${column}" has ${length} rows, the batch ${out.length}`, {
          column,
        })
      }
      const row = nullable || valid === null ? -1 : valid.indexOf(0)
      if (row >= 0)
        throw new DataError('bad-batch', `${name}: column "${column}" is not nullable, but a row is null`, {
          column,
          row,
        })
    }
    return out.length === 0 ? NOTHING : [new Batch(schema, out.length, out.columns)]
  }
}
