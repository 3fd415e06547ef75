import { aggregate, inherited, keysOf } from '../build.ts'
import type { Node } from '../node.ts'

/**
 * The first row of each key, with all columns; without names the whole row is the key. Of whole rows that are corrected
 * later it is a group without aggregates, which goes when its last row does; by names the first of each group.
 */
export function distinct(input: Node, names: readonly string[]): Node {
  const on = names.length === 0 ? input.schema.names : [...new Set(names)]
  for (const name of on) input.schema.field(name, 'distinct')
  if (input.frameKind === 'updating') {
    const keys = on.map(name => ({ name, expr: { kind: 'column', name } as const }))
    if (names.length === 0) return aggregate(input, keys, [])
    const first = { by: Object.freeze([]), count: 1, time: null }
    return Object.freeze({ ...inherited(input), kind: 'top', input, keys: keysOf(input, keys), ...first })
  }
  return Object.freeze({ ...inherited(input), kind: 'distinct', input, on: Object.freeze(on) })
}
