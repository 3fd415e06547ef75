import { inspect } from 'node:util'
import { PlanError } from '../../data/errors.ts'
import { isNull } from '../../expr/catalogue/conditional.ts'
import { eq } from '../../expr/catalogue/comparison.ts'
import { and } from '../../expr/catalogue/logic.ts'
import type { ExprNode } from '../../expr/node.ts'
import { aggregate, type NamedExpr } from '../build.ts'
import type { Aggregate, Node } from '../node.ts'

/**
 * Values of a column as columns: for each listed value the aggregates over the rows that have it, in one pass. Of one
 * aggregate the columns are named by the values alone, of several `value_name`.
 */
export function pivot(
  input: Node,
  keys: readonly NamedExpr[],
  on: string,
  values: unknown,
  items: readonly NamedExpr[],
): Aggregate {
  input.schema.field(on, 'pivot')
  if (!Array.isArray(values) || values.length === 0) {
    const text = `pivot needs the values of "${on}" that become columns, such as ['jan', 'feb']: a plan knows its columns before it runs. To look: (await frame.select('${on}').distinct().collect()).column('${on}').`
    throw new PlanError('no-values', text, { column: on })
  }
  if (items.length === 0) throw new PlanError('no-columns', 'pivot needs at least one aggregate: t => ({ n: count() })')
  const taken = new Set(keys.map(key => key.name))
  const columns = (values as readonly unknown[]).flatMap(value =>
    items.map(({ name, expr }): NamedExpr => {
      const column = items.length === 1 ? textOf(value) : `${textOf(value)}_${name}`
      if (taken.has(column)) {
        const text = `pivot: there would be two columns "${column}". List each value once, and name the aggregates or keys otherwise.`
        throw new PlanError('duplicate-column', text, { column })
      }
      taken.add(column)
      return { name: column, expr: whereEquals(expr, on, value) }
    }),
  )
  return aggregate(input, keys, columns)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      throw new PlanError('bad-literal', `pivot: ${inspect(value)} is no value of a column`)
  }
}

/** The same expression, each of whose aggregates takes only rows with the value. */
function whereEquals(expr: ExprNode, on: string, value: unknown): ExprNode {
  if (expr.kind === 'cast') return { ...expr, arg: whereEquals(expr.arg, on, value) }
  if (expr.kind === 'aggregate') {
    const has = hasValue(on, value)
    return { ...expr, filter: expr.filter === undefined ? has : call(and, [expr.filter, has]) }
  }
  return 'args' in expr ? { ...expr, args: expr.args.map(arg => whereEquals(arg, on, value)) } : expr
}

function hasValue(on: string, value: unknown): ExprNode {
  const column: ExprNode = { kind: 'column', name: on }
  return value === null ? call(isNull, [column]) : call(eq, [column, { kind: 'literal', value }])
}

function call(fn: Extract<ExprNode, { kind: 'call' }>['fn'], args: readonly ExprNode[]): ExprNode {
  return { kind: 'call', fn, args, options: {} }
}
