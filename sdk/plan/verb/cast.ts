import { PlanError } from '../../data/errors.ts'
import { parseType, type TypeText } from '../../data/type.ts'
import { derive, type NamedExpr } from '../build.ts'
import type { Node } from '../node.ts'

/** Columns under other types; a null stays one. */
export function cast(input: Node, types: Readonly<Record<string, string>>): Node {
  const items = Object.entries(types).map(([name, text]): NamedExpr => {
    input.schema.field(name, 'cast')
    const { type, nullable } = parseType(text as TypeText)
    if (nullable) {
      const bare = text.trim().slice(0, -1)
      throw new PlanError('bad-cast', `cast "${name}": a cast keeps nulls as they are; write '${bare}'`, {
        column: name,
      })
    }
    return { name, expr: { kind: 'cast', arg: { kind: 'column', name }, to: type } }
  })
  if (items.length === 0) throw new PlanError('no-columns', "cast needs at least one column: { km: 'float64' }")
  return derive(input, items)
}
