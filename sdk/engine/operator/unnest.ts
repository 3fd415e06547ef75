import { Batch } from '../../data/batch.ts'
import { columnOf } from '../../data/builder.ts'
import { concat, take, type Column, type ListColumn, type MapColumn } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import { scalar } from '../../data/type.ts'
import type { Unnest as UnnestNode } from '../../plan/node.ts'
import { NOTHING, Stateless, type Steps } from './operator.ts'

/**
 * Gives one row for each item of the lists or maps of a row, which are of one length; of a null or an empty one no row,
 * or one with nulls in the place of items.
 */
export class Unnest extends Stateless {
  readonly #node: UnnestNode
  /** Positions of the unnested columns in the input. */
  readonly #nested: readonly number[]

  constructor(node: UnnestNode) {
    super()
    this.#node = node
    this.#nested = node.columns.map(column => node.input.schema.indexOf(column.name))
  }

  process(batch: Batch): Steps {
    const { schema, keepEmpty, position, columns, input } = this.#node
    const nested = this.#nested.map(i => batch.columns[i] as ListColumn | MapColumn)
    const counts = nested.map(column => lengthsOf(column))
    for (const [k, other] of counts.entries()) if (k > 0) this.#refuseUnequal(counts[0]!, other, k)
    const first = counts[0]!
    let length = 0
    for (let row = 0; row < batch.length; row++) length += first[row]! === 0 && keepEmpty ? 1 : first[row]!
    if (length === 0) return NOTHING
    const [source, index] = [new Int32Array(length), new Int32Array(length)]
    let isEmpty: Uint8Array | null = null
    for (let row = 0, i = 0; row < batch.length; row++) {
      for (let item = 0; item < first[row]!; item++, i++) {
        source[i] = row
        index[i] = item
      }
      if (first[row] !== 0 || !keepEmpty) continue
      source[i] = row
      isEmpty ??= new Uint8Array(length)
      isEmpty[i++] = 1
    }
    const made = new Map<string, Column>()
    for (const [k, { into }] of columns.entries()) {
      const column = nested[k]!
      const places = new Int32Array(length)
      const inner = column.layout === 'map' ? [column.keys, column.items] : [column.items]
      // the place behind the last item is that of null
      const end = inner[0]!.length
      for (let i = 0; i < length; i++) {
        places[i] = isEmpty?.[i] === 1 ? end : column.offsets[source[i]!]! + index[i]!
      }
      for (const [j, items] of inner.entries()) {
        const all = isEmpty === null ? items : concat([items, columnOf(items.type, [null])])
        made.set(into[j]!, take(all, places))
      }
    }
    if (position !== null) {
      const valid = isEmpty === null ? null : isEmpty.map(empty => 1 - empty)
      made.set(position, { layout: 'flat', type: INT32, length, valid, values: index })
    }
    const out = schema.names.map(name => made.get(name) ?? take(batch.columns[input.schema.indexOf(name)]!, source))
    const { kinds } = batch
    return [new Batch(schema, length, out, kinds === null ? null : Uint8Array.from(source, row => kinds[row]!))]
  }

  #refuseUnequal(a: Int32Array, b: Int32Array, k: number): void {
    const row = a.findIndex((length, i) => b[i] !== length)
    if (row < 0) return
    const [one, other] = [this.#node.columns[0]!.name, this.#node.columns[k]!.name]
    const text = `unnest: of one row "${one}" has ${a[row]} items and "${other}" has ${b[row]}. Lists that are unnested together need one length.`
    throw new DataError('unequal-lists', text, { column: other, row })
  }
}

/** How many items each row has; of a null none. */
function lengthsOf({ offsets, valid, length }: ListColumn | MapColumn): Int32Array {
  const out = new Int32Array(length)
  for (let row = 0; row < length; row++) {
    out[row] = valid !== null && valid[row] === 0 ? 0 : offsets[row + 1]! - offsets[row]!
  }
  return out
}

const INT32 = scalar('int32')
