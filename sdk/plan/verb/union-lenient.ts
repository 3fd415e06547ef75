import type { Field } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { project, reference, union } from '../build.ts'
import type { Node } from '../node.ts'

/** The rows of both frames with the columns of either; a column that a side lacks is null in its rows. */
export function unionWithNulls(left: Node, right: Node): Node {
  const fields = [...left.schema.fields, ...right.schema.fields.filter(field => !left.schema.has(field.name))]
  return union([left, right].map(node => widened(node, fields)))
}

function widened(node: Node, fields: readonly Field[]): Node {
  if (fields.every(field => node.schema.has(field.name))) return node
  const columns = fields.map(({ name, type }) => {
    const missing: Typed = { kind: 'literal', value: null, type, nullable: true, grain: 'constant' }
    return { name, expr: node.schema.has(name) ? reference(node, name, 'union') : Object.freeze(missing) }
  })
  return project(node, columns)
}
