/** Makes the node of `unpivot`: the types of the columns that become one must meet, as in `coalesce`. */
import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { sameType, scalar, typeText, type Field } from '../../data/type.ts'
import { commonType } from '../../expr/promote.ts'
import type { Typed } from '../../expr/node.ts'
import { inherited, reference } from '../build.ts'
import type { Node, Unpivot, UnpivotVariant } from '../node.ts'

export interface UnpivotOptions {
  readonly name?: string | undefined
  readonly value?: string | undefined
}

/** Columns as rows: for each row one row for each named column, with the column's name and its value, null or not. */
export function unpivot(input: Node, names: readonly string[], options: UnpivotOptions): Unpivot {
  const { name = 'name', value = 'value' } = options
  if (names.length === 0) throw new PlanError('no-columns', 'unpivot needs the name of at least one column')
  const twice = names.find((column, i) => names.indexOf(column) !== i)
  if (twice !== undefined) {
    throw new PlanError('duplicate-column', `unpivot: "${twice}" is named twice`, { column: twice })
  }
  const columns = names.map(column => reference(input, column, 'unpivot'))
  const type = commonType(columns.map(column => column.type))
  if (type === undefined) {
    const other = columns.findIndex(column => commonType([columns[0]!.type, column.type]) === undefined)
    const [a, b] = [columns[0]!, columns[other]!]
    const text = `unpivot: "${names[0]}" is ${typeText(a)} and "${names[other]}" is ${typeText(b)}, and values of one column need one type. Cast one side: .cast({ ${names[other]}: '${a.type.kind}' }).`
    throw new PlanError('unpivot-types', text, { column: names[other]! })
  }
  const variants = columns.map((column, i): UnpivotVariant => {
    const same = sameType(column.type, type)
    const { nullable, grain } = column
    const expr: Typed = same ? column : Object.freeze({ kind: 'cast', arg: column, type, nullable, grain })
    return { label: names[i]!, exprs: [expr] }
  })
  const kept = input.schema.names.filter(column => !names.includes(column))
  const values = [{ name: value, type, nullable: columns.some(column => column.nullable) }]
  return variantsOf(input, 'unpivot', kept, name, variants, values)
}

/** A node that gives one row for each variant of a row. */
export function variantsOf(
  input: Node,
  verb: string,
  kept: readonly string[],
  name: string,
  variants: readonly UnpivotVariant[],
  values: readonly Field[],
): Unpivot {
  const added: readonly Field[] = [{ name, type: scalar('utf8'), nullable: false }, ...values]
  for (const [i, field] of added.entries()) {
    if (kept.includes(field.name) || added.findIndex(other => other.name === field.name) !== i) {
      const text = `${verb}: there is a column "${field.name}" already. Choose other names: { name: '…', value: '…' }.`
      throw new PlanError('duplicate-column', text, { column: field.name })
    }
  }
  const { time } = input
  return Object.freeze({
    ...inherited(input),
    kind: 'unpivot',
    input,
    kept: Object.freeze([...kept]),
    name,
    variants: Object.freeze(variants.map(variant => Object.freeze(variant))),
    schema: new Schema([...input.schema.pick(kept).fields, ...added]),
    time: time !== null && kept.includes(time.column) ? time : null,
  })
}
