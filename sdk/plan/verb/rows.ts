import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { scalar } from '../../data/type.ts'
import { inherited, kindText, updatingBy } from '../build.ts'
import type { Node, RowIndex, Skip, Tail } from '../node.ts'

/** Verbs that go by the order in which rows come: all but the first, the last ones, and the position of each. */

export function skip(input: Node, count: number): Skip {
  checkCount('skip', count)
  refuseUpdating('skip', input)
  return Object.freeze({ ...inherited(input), kind: 'skip', input, count })
}

export function tail(input: Node, count: number): Tail {
  checkCount('tail', count)
  if (input.frameKind !== 'batch') {
    throw new PlanError('not-batch', `tail needs the end of the rows, but this frame is ${kindText(input.frameKind)}`)
  }
  return Object.freeze({ ...inherited(input), kind: 'tail', input, count })
}

export function rowIndex(input: Node, name: string): RowIndex {
  refuseUpdating('rowIndex', input)
  checkNew('rowIndex', input, name)
  const schema = new Schema([...input.schema.fields, { name, type: scalar('int64'), nullable: false }])
  return Object.freeze({ ...inherited(input), kind: 'row-index', input, name, schema })
}

/** Refuses the name of a new column that is none, or that is there already. */
export function checkNew(verb: string, input: Node, name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw new PlanError('bad-name', `${verb}: the name of a new column must be a text that is not empty`)
  }
  if (input.schema.has(name)) {
    const text = `${verb}: there is a column "${name}" already. Choose another name.`
    throw new PlanError('duplicate-column', text, { column: name })
  }
}

export function checkCount(verb: string, count: number): void {
  if (Number.isInteger(count) && count >= 0) return
  throw new PlanError('bad-count', `${verb} needs a whole number of rows, found ${String(count)}`)
}

export function refuseUpdating(verb: string, input: Node): void {
  if (input.frameKind !== 'updating') return
  throw new PlanError('updating', `${verb} cannot choose rows that ${updatingBy(input)} corrects later`)
}
