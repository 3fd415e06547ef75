import { PlanError } from '../../data/errors.ts'
import { typeText } from '../../data/type.ts'
import { inferGrain } from '../../expr/infer.ts'
import type { ExprNode, Typed } from '../../expr/node.ts'
import { exprText } from '../../expr/text.ts'
import { inherited, updatingBy } from '../build.ts'
import type { Node, Upsert } from '../node.ts'

/** The table of the latest row of each key. */

export interface UpsertOptions {
  /** True of a row that says that its key has gone. */
  readonly deleted?: ExprNode | undefined
  /** A row that comes before the one that is kept is left out. */
  readonly orderBy?: ExprNode | undefined
}

export function upsert(input: Node, names: readonly string[], { deleted, orderBy }: UpsertOptions): Upsert {
  const on = [...new Set(names)]
  if (on.length === 0) throw new PlanError('no-columns', `upsert needs the name of a key column: .upsert('id')`)
  for (const name of on) input.schema.field(name, 'upsert')
  if (input.frameKind === 'updating') {
    const text = `upsert keeps the latest of rows that stay, but ${updatingBy(input)} corrects rows it has given`
    throw new PlanError('updating', text)
  }
  const isBatch = input.frameKind === 'batch'
  return Object.freeze({
    ...inherited(input),
    kind: 'upsert',
    input,
    on: Object.freeze(on),
    deleted: deleted === undefined ? null : conditionOf(deleted, input),
    order: orderBy === undefined ? null : orderOf(orderBy, input),
    frameKind: isBatch ? 'batch' : 'updating',
    time: isBatch ? input.time : null,
  })
}

function conditionOf(expr: ExprNode, input: Node): Typed {
  const typed = inferGrain(expr, input.schema, 'upsert: deleted', 'row')
  if (typed.type.kind === 'bool') return typed
  const text = `upsert: deleted needs a condition, but ${exprText(expr)} is ${typeText(typed)}. Compare it: t => t.op.eq('d').`
  throw new PlanError('not-bool', text, { option: 'deleted', found: typeText(typed) })
}

function orderOf(expr: ExprNode, input: Node): Typed {
  const typed = inferGrain(expr, input.schema, 'upsert: orderBy', 'row')
  if (ORDERED.has(typed.type.kind)) return typed
  const text = `upsert: orderBy needs a time or a number, but ${exprText(expr)} is ${typeText(typed)}. Cast it: t => t.version.cast('int64').`
  throw new PlanError('no-order', text, { option: 'orderBy', found: typeText(typed) })
}

const ORDERED: ReadonlySet<string> = new Set(['timestamp', 'date', 'duration', 'int32', 'int64', 'float32', 'float64'])
