import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { bareText, scalar } from '../../data/type.ts'
import { inherited, updatingBy } from '../build.ts'
import type { ChangeRows, FromChanges, Node } from '../node.ts'
import { checkNew } from './rows.ts'

/** The changes of a table as rows that stay, each with its kind in a column, and the table that such rows tell of. */

/** Each change as a row of its own, its kind in the first column. Corrections come behind the watermark, so there is none. */
export function changes(input: Node, name: string): ChangeRows {
  checkNew('changes', input, name)
  const schema = new Schema([{ name, type: scalar('utf8'), nullable: false }, ...input.schema.fields])
  const corrects = input.frameKind === 'updating'
  return Object.freeze({
    ...inherited(input),
    kind: 'changes',
    input,
    name,
    schema,
    ...(corrects && { frameKind: 'stream' as const, time: null }),
  })
}

/** The table whose changes are rows with a column of kinds. */
export function fromChanges(input: Node, name: string): FromChanges {
  const { type } = input.schema.field(name, 'fromChanges: kind')
  if (type.kind !== 'utf8') {
    const text = `fromChanges: the kinds are texts, '+I', '-U', '+U' or '-D', but "${name}" is ${bareText(type)}`
    throw new PlanError('bad-option', text, { column: name })
  }
  if (input.frameKind === 'updating') {
    const text = `fromChanges takes rows that stay, each with its kind, but ${updatingBy(input)} corrects rows it has given. Take .changes() first.`
    throw new PlanError('updating', text)
  }
  const fields = input.schema.fields.filter(field => field.name !== name)
  if (fields.length === 0) {
    throw new PlanError('no-columns', `fromChanges: there is no column beside "${name}", so the table would have none`)
  }
  const schema = new Schema(fields)
  return Object.freeze({
    ...inherited(input),
    kind: 'from-changes',
    input,
    name,
    schema,
    frameKind: 'updating',
    time: null,
  })
}
