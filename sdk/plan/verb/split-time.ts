import { PlanError } from '../../data/errors.ts'
import { coalesce } from '../../expr/catalogue/conditional.ts'
import { ge } from '../../expr/catalogue/comparison.ts'
import { not } from '../../expr/catalogue/logic.ts'
import type { ExprNode } from '../../expr/node.ts'
import { filter } from '../build.ts'
import type { Filter, Node } from '../node.ts'

/**
 * The rows before a time and those from it on. Every row is in one of the parts: a row without a time is in the first.
 */
export function splitByTime(
  input: Node,
  at: unknown,
  column: string | undefined,
): { readonly train: Filter; readonly test: Filter } {
  const name = column ?? input.time?.column
  if (name === undefined) {
    const text = `split: { at } needs a time column. Name it: { at: '2024-04-01', column: 'at' }, or call .watermark(…) first.`
    throw new PlanError('no-event-time', text)
  }
  const { type, nullable } = input.schema.field(name, 'split')
  if (type.kind !== 'timestamp' && type.kind !== 'date') {
    const text = `split: { at } divides by a timestamp or a date, and "${name}" is ${type.kind}`
    throw new PlanError('not-a-time', text, { column: name })
  }
  const after = call(ge, [
    { kind: 'column', name },
    { kind: 'literal', value: at },
  ])
  const known = nullable ? call(coalesce, [after, { kind: 'literal', value: false }]) : after
  return { train: filter(input, call(not, [known])), test: filter(input, known) }
}

function call(fn: Extract<ExprNode, { kind: 'call' }>['fn'], args: readonly ExprNode[]): ExprNode {
  return { kind: 'call', fn, args, options: {} }
}
