import { inspect } from 'node:util'
import { PlanError } from '../../data/errors.ts'
import { isNumeric, type DataType } from '../../data/type.ts'
import { fillNull as fill } from '../../expr/catalogue/conditional.ts'
import { derive, type NamedExpr } from '../build.ts'
import type { Node } from '../node.ts'

/**
 * Values in the place of nulls: by column, or one for all nullable columns that it fits, a number for those of numbers,
 * a text for those of texts. A column that is filled is not nullable any more.
 */
export function fillNull(input: Node, values: unknown): Node {
  const items = isByColumn(values) ? Object.entries(values) : fitting(input, values)
  for (const [name, value] of items) {
    input.schema.field(name, 'fillNull')
    if (value === null || value === undefined) {
      const text = `fillNull: the value for "${name}" is ${String(value)}. Give one, or leave the column out.`
      throw new PlanError('bad-literal', text, { column: name })
    }
  }
  const filled = items.filter(([name]) => input.schema.field(name, 'fillNull').nullable)
  if (filled.length === 0) return input
  const exprs = filled.map(([name, value]): NamedExpr => ({
    name,
    expr: {
      kind: 'call',
      fn: fill,
      args: [
        { kind: 'column', name },
        { kind: 'literal', value },
      ],
      options: {},
    },
  }))
  return derive(input, exprs)
}

function isByColumn(values: unknown): values is Readonly<Record<string, unknown>> {
  return typeof values === 'object' && values !== null && Object.getPrototypeOf(values) === Object.prototype
}

function fitting(input: Node, value: unknown): [string, unknown][] {
  const { fields } = input.schema
  if (!fields.some(field => fits(field.type, value))) {
    const text = `fillNull: ${inspect(value)} fits no column. Give numbers, texts, true or false, dates, or values by column: { km: 0 }. The columns are ${input.schema.toString()}.`
    throw new PlanError('no-columns', text)
  }
  return fields.filter(field => field.nullable && fits(field.type, value)).map(field => [field.name, value])
}

function fits(type: DataType, value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return isNumeric(type)
    case 'bigint':
      return type.kind === 'bigint'
    case 'string':
      return type.kind === 'utf8'
    case 'boolean':
      return type.kind === 'bool'
    default:
      return value instanceof Date && (type.kind === 'timestamp' || type.kind === 'date')
  }
}
