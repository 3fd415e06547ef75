import { PlanError } from '../../data/errors.ts'
import { aggregate, inherited, updatingBy } from '../build.ts'
import type { Node } from '../node.ts'

/**
 * The first row of each key, with all columns; without names the whole row is the key. Of whole rows that are corrected
 * later it is a group without aggregates, which goes when its last row does.
 */
export function distinct(input: Node, names: readonly string[]): Node {
  const on = names.length === 0 ? input.schema.names : [...new Set(names)]
  for (const name of on) input.schema.field(name, 'distinct')
  if (input.frameKind === 'updating') {
    if (names.length > 0) {
      const text = `distinct by columns cannot choose rows that ${updatingBy(input)} corrects later. Select the columns first: .select(…).distinct().`
      throw new PlanError('updating', text)
    }
    const keys = on.map(name => ({ name, expr: { kind: 'column', name } as const }))
    return aggregate(input, keys, [])
  }
  return Object.freeze({ ...inherited(input), kind: 'distinct', input, on: Object.freeze(on) })
}
