import type { Typed } from '../../expr/node.ts'
import type { AsOfJoin, Join, Node } from '../../plan/node.ts'

/** Why the embedded engine cannot run a node, or null. What the verbs refuse already is refused here for other plans. */
export function refuses(node: Node): string | null {
  switch (node.kind) {
    case 'aggregate': {
      if (node.input.frameKind !== 'updating') return null
      const name = node.aggregates.map(({ expr }) => unretractable(expr)).find(found => found !== null)
      return name === undefined ? null : `${name} cannot take rows back, and its input corrects rows it has given`
    }
    case 'window-aggregate':
    case 'window-top':
      if (node.input.time === null && node.window.kind !== 'count' && node.window.kind !== 'global')
        return 'a window needs an event time'
      return node.input.frameKind === 'updating' ? 'a window needs rows that stay as they are' : null
    case 'order-by':
      return node.input.frameKind === 'batch' ? null : 'a global order needs an end of the rows'
    case 'over':
      if (node.input.frameKind === 'updating') return 'it needs rows that stay as they are'
      return node.input.frameKind === 'batch' || node.input.time !== null
        ? null
        : 'over of a stream needs an event time'
    case 'tail':
    case 'sample-rows':
      return node.input.frameKind === 'batch' ? null : 'it needs an end of the rows'
    case 'skip':
    case 'row-index':
    case 'distinct':
    case 'sample':
    case 'upsert':
      return node.input.frameKind === 'updating' ? 'it needs rows that stay as they are' : null
    case 'process':
      return [node.input, ...node.broadcasts.map(({ input }) => input)].some(
        ({ frameKind }) => frameKind === 'updating',
      )
        ? 'a process needs rows that stay as they are'
        : null
    case 'from-changes':
      return node.input.frameKind === 'updating' ? 'it reads the kinds of rows that stay as they are' : null
    case 'final':
      return node.input.bounded ? null : 'it needs an end of the rows'
    case 'replay':
      return node.input.frameKind === 'batch' ? null : 'a replay needs history'
    case 'join':
      switch (node.meets.kind) {
        case 'whole':
          return wholeRight(node)
        case 'changes':
          return null
        case 'interval':
        case 'window':
          return node.left.time === null || node.right.time === null ? 'it needs the event times of both sides' : null
      }
      break
    case 'as-of-join':
      if (node.right.frameKind !== 'stream') return wholeRight(node)
      return node.left.time === null || node.right.time === null ? 'it needs the event times of both sides' : null
    default:
      return null
  }
}

function wholeRight({ left, right }: Join | AsOfJoin): string | null {
  return left.frameKind !== 'updating' && right.frameKind === 'batch' ? null : 'a join needs a batch on its right side'
}

function unretractable(expr: Typed): string | null {
  if (expr.kind === 'aggregate' && expr.fn.retractable === 'no') return expr.fn.name
  if (expr.kind === 'column' || expr.kind === 'literal') return null
  const args = expr.kind === 'cast' ? [expr.arg] : expr.args
  return args.map(unretractable).find(found => found !== null) ?? null
}
