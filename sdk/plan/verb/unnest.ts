/** Makes the nodes of `unnest`: projections of structs, and rows for the items of lists and the entries of maps. */
import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { scalar, typeText, type Field } from '../../data/type.ts'
import { field as fieldOfStruct } from '../../expr/catalogue/struct-map.ts'
import { inferGrain } from '../../expr/infer.ts'
import type { ExprNode } from '../../expr/node.ts'
import { inherited, project, reference } from '../build.ts'
import type { Named, Node, Unnest, UnnestColumn } from '../node.ts'

export interface UnnestOptions {
  readonly keepEmpty?: boolean | undefined
  readonly position?: string | undefined
  readonly prefix?: string | undefined
}

/**
 * What is nested as columns and rows of its own: of lists one row an item, of maps one row an entry, of a struct its
 * fields as columns. Several columns are unnested side by side.
 */
export function unnest(input: Node, names: readonly string[], options: UnnestOptions): Node {
  if (names.length === 0) throw new PlanError('no-columns', 'unnest needs the name of at least one column')
  const fields = names.map(name => input.schema.field(name, 'unnest'))
  const flat = fields.find(({ type }) => !['list', 'map', 'struct'].includes(type.kind))
  if (flat !== undefined) {
    const text = `unnest takes columns of lists, maps or structs, and "${flat.name}" is ${typeText(flat)}`
    throw new PlanError('not-nested', text, { column: flat.name })
  }
  const structs = fields.filter(({ type }) => type.kind === 'struct')
  if (structs.length === 0) return unnestItems(input, fields, options)
  if (structs.length < fields.length) {
    const text = `unnest: "${structs[0]!.name}" is a struct, which gives columns, and others give rows. Unnest them one after the other.`
    throw new PlanError('not-nested', text, { column: structs[0]!.name })
  }
  for (const option of ['keepEmpty', 'position'] as const) {
    if (options[option] === undefined) continue
    const text = `unnest: ${option} is for lists and maps, and "${structs[0]!.name}" is a struct`
    throw new PlanError('bad-option', text, { option })
  }
  return unnestFields(input, structs, options.prefix ?? '')
}

function unnestFields(input: Node, structs: readonly Field[], prefix: string): Node {
  const items = input.schema.names.flatMap((name): Named[] => {
    const struct = structs.find(each => each.name === name)
    if (struct === undefined) return [{ name, expr: reference(input, name, 'unnest') }]
    if (struct.type.kind !== 'struct') return []
    return struct.type.fields.map(inner => {
      const column: ExprNode = { kind: 'column', name }
      const expr: ExprNode = { kind: 'call', fn: fieldOfStruct, args: [column], options: { name: inner.name } }
      return { name: prefix + inner.name, expr: inferGrain(expr, input.schema, 'unnest', 'row') }
    })
  })
  refuseClash(items.map(item => item.name))
  return project(input, items)
}

function unnestItems(input: Node, fields: readonly Field[], options: UnnestOptions): Unnest {
  const { keepEmpty = false, position = null, prefix = '' } = options
  const columns = fields.map(({ name, type }): UnnestColumn => {
    const into = type.kind === 'map' ? [`${prefix}key`, `${prefix}value`] : [name]
    return Object.freeze({ name, into: Object.freeze(into) })
  })
  const out = input.schema.fields.flatMap((field): readonly Field[] => {
    const made = columns.find(column => column.name === field.name)
    return made === undefined ? [field] : itemFields(field, made.into, keepEmpty)
  })
  const all = position === null ? out : [...out, { name: position, type: scalar('int32'), nullable: keepEmpty }]
  refuseClash(all.map(field => field.name))
  return Object.freeze({
    ...inherited(input),
    kind: 'unnest',
    input,
    columns: Object.freeze(columns),
    keepEmpty,
    position,
    schema: new Schema(all),
  })
}

function itemFields({ type }: Field, into: readonly string[], keepEmpty: boolean): readonly Field[] {
  if (type.kind === 'list') {
    return [{ name: into[0]!, type: type.item.type, nullable: type.item.nullable || keepEmpty }]
  }
  if (type.kind !== 'map') return []
  return [
    { name: into[0]!, type: type.key, nullable: keepEmpty },
    { name: into[1]!, type: type.value.type, nullable: type.value.nullable || keepEmpty },
  ]
}

function refuseClash(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return
  const text = `unnest: two columns would be named "${twice}". Choose { prefix: '…_' } for fields, keys and values, or rename the other column first.`
  throw new PlanError('duplicate-column', text, { column: twice })
}
