import { PlanError } from '../../data/errors.ts'
import { isNumeric, parseType, scalar, typeText, type ColumnType, type Field } from '../../data/type.ts'
import * as aggregates from '../../expr/catalogue/aggregate/index.ts'
import { isNull } from '../../expr/catalogue/conditional.ts'
import type { AggregateFunction } from '../../expr/function.ts'
import { isOrdered } from '../../expr/promote.ts'
import type { ExprNode, Typed } from '../../expr/node.ts'
import { aggregate, kindText, reference, type NamedExpr } from '../build.ts'
import type { Node, Unpivot } from '../node.ts'
import { variantsOf } from './unpivot.ts'

/** What `describe` says of a column: one aggregate over all rows, whose one row becomes a row for each column. */
export const DESCRIBED = {
  type: 'utf8',
  count: 'int64',
  nulls: 'int64',
  mean: 'float64?',
  stddev: 'float64?',
  min: 'utf8?',
  q25: 'float64?',
  median: 'float64?',
  q75: 'float64?',
  max: 'utf8?',
} as const

type Said = keyof typeof DESCRIBED

/** One row a column: all is aggregated in one pass, and the one row of that is turned into rows. */
export function describe(input: Node): Unpivot {
  if (input.frameKind !== 'batch') {
    const text = `describe needs the end of the rows, but this frame is ${kindText(input.frameKind)}. Aggregate in a window.`
    throw new PlanError('not-batch', text)
  }
  const said = Object.keys(DESCRIBED) as Said[]
  const asked = input.schema.fields.map(field => new Map(said.map(what => [what, saidOf(field, what)])))
  const items = asked.flatMap((column, i) =>
    [...column].flatMap(([what, expr]): NamedExpr[] => (expr === null ? [] : [{ name: `${what} ${i}`, expr }])),
  )
  const all = aggregate(input, [], items)
  const fields = said.map((name): Field => ({ name, ...parseType(DESCRIBED[name] as ColumnType) }))
  const variants = input.schema.fields.map((field, i) => ({
    label: field.name,
    exprs: fields.map((of): Typed => {
      const name = `${of.name} ${i}`
      if (all.schema.has(name)) return reference(all, name, 'describe')
      const value = of.name === 'type' ? typeText(field) : null
      return Object.freeze({ kind: 'literal', value, type: of.type, nullable: value === null, grain: 'constant' })
    }),
  }))
  return variantsOf(all, 'describe', [], 'column', variants, fields)
}

/** The aggregate that says it, null where there is nothing to say of such a column. */
function saidOf({ name, type, nullable }: Field, what: Said): ExprNode | null {
  const column: ExprNode = { kind: 'column', name }
  const number: ExprNode = type.kind === 'float64' ? column : cast(column, 'float64')
  switch (what) {
    case 'type':
      return null
    case 'count':
      return of(aggregates.count, [column])
    case 'nulls': {
      if (!nullable) return cast({ kind: 'literal', value: 0 }, 'int64')
      const missing: ExprNode = { kind: 'call', fn: isNull, args: [column], options: {} }
      return { ...of(aggregates.count, []), filter: missing }
    }
    case 'mean':
      return isNumeric(type) ? of(aggregates.mean, [number]) : null
    case 'stddev':
      return isNumeric(type) ? of(aggregates.stddev, [number]) : null
    case 'min':
      return isOrdered(type) ? text(of(aggregates.min, [column]), type.kind) : null
    case 'max':
      return isOrdered(type) ? text(of(aggregates.max, [column]), type.kind) : null
    case 'q25':
      return isNumeric(type) ? of(aggregates.quantile, [number], { q: 0.25 }) : null
    case 'median':
      return isNumeric(type) ? of(aggregates.quantile, [number], { q: 0.5 }) : null
    case 'q75':
      return isNumeric(type) ? of(aggregates.quantile, [number], { q: 0.75 }) : null
  }
}

function of(fn: AggregateFunction, args: readonly ExprNode[], options = {}): Extract<ExprNode, { kind: 'aggregate' }> {
  return { kind: 'aggregate', fn, args, options }
}

function cast(arg: ExprNode, to: 'float64' | 'utf8' | 'int64'): ExprNode {
  return { kind: 'cast', arg, to: scalar(to) }
}

const text = (arg: ExprNode, kind: string): ExprNode => (kind === 'utf8' ? arg : cast(arg, 'utf8'))
