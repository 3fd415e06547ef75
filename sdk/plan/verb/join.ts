import { PlanError } from '../../data/errors.ts'
import { Schema } from '../../data/schema.ts'
import { isNested, bareText, sameType, scalar, type Field } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { inherited, kindText, reference, updatingBy } from '../build.ts'
import type { Join, Node } from '../node.ts'

/**
 * Makes joins on equal keys and the join of all pairs. A key stands once in the output, under its left name; another
 * right column whose name the left side has takes the suffix; the columns of a side that may lack a partner are
 * nullable.
 */

/** Columns that must be equal, by name. */
export interface KeyPair<L extends string = string, R extends string = string> {
  readonly left: L
  readonly right: R
}

export interface JoinOptions {
  readonly type: Join['type']
  /** None for a cross join, else one at least. */
  readonly on: readonly KeyPair[]
  /** Added to the name of a right column that the left side has too. */
  readonly suffix: string
}

/** What the verb of each type is called. */
export const JOIN_VERBS: Readonly<Record<Join['type'], string>> = {
  inner: 'join',
  left: 'leftJoin',
  right: 'rightJoin',
  full: 'fullJoin',
  semi: 'semiJoin',
  anti: 'antiJoin',
  cross: 'crossJoin',
}

export function join(left: Node, right: Node, { type, on, suffix }: JoinOptions): Join {
  const verb = JOIN_VERBS[type]
  checkSides(left, right, verb, type === 'right' || type === 'full')
  if (on.length === 0 && type !== 'cross') {
    throw new PlanError('no-columns', `${verb} needs at least one key: { on: 'name' }`)
  }
  const pairs = joinKeys(left, right, on, verb)
  const leftRows = leftFields(left, on, pairs, type)
  const isHalf = type === 'semi' || type === 'anti'
  const rights = isHalf ? { columns: [], fields: [] } : rightSide(left, right, on, suffix, verb)
  const added = rights.fields.map(field => ({
    ...field,
    nullable: field.nullable || type === 'left' || type === 'full',
  }))
  return Object.freeze({
    ...inherited(left),
    // The rows of the right side that have no partner have no event time.
    ...((type === 'right' || type === 'full') && { time: null }),
    kind: 'join',
    type,
    left,
    right,
    on: pairs,
    leftColumns: Object.freeze(positions(left)),
    rightColumns: Object.freeze(rights.columns),
    schema: new Schema([...leftRows, ...added]),
  })
}

/** The right side is read whole; the left one may go on, unless right rows wait for its end. */
export function checkSides(left: Node, right: Node, verb: string, needsEnd: boolean): void {
  if (left.frameKind === 'updating') {
    throw new PlanError(
      'updating',
      `${verb} needs rows that stay as they are, but ${updatingBy(left)} corrects rows it has given`,
    )
  }
  const refuse = (side: string, node: Node, text: string): never => {
    const kind = kindText(node.frameKind)
    throw new PlanError(
      'not-batch',
      `${verb} ${text}, but the ${side} one is ${kind}. Join the history before .replay(…), or join what .collect() gives.`,
      { side },
    )
  }
  if (needsEnd && left.frameKind !== 'batch') refuse('left', left, 'takes two batch frames')
  if (right.frameKind !== 'batch') refuse('right', right, 'takes a batch frame on its right side')
}

export const positions = (node: Node): number[] => node.schema.fields.map((_, i) => i)

/** In right and full joins a key has the value of the side that is there, and the other left columns may be missing. */
function leftFields(left: Node, on: readonly KeyPair[], pairs: Join['on'], type: Join['type']): readonly Field[] {
  if (type !== 'right' && type !== 'full') return left.schema.fields
  return left.schema.fields.map(field => {
    const i = on.findIndex(key => key.left === field.name)
    if (i < 0) return { ...field, nullable: true }
    const { left: l, right: r } = pairs[i]!
    return { name: field.name, type: l.type, nullable: r.nullable || (type === 'full' && l.nullable) }
  })
}

/** The right columns that are no keys, by position and as fields of the output. */
export function rightSide(
  left: Node,
  right: Node,
  on: readonly KeyPair[],
  suffix: string,
  verb: string,
): { readonly columns: readonly number[]; readonly fields: readonly Field[] } {
  const keyNames = new Set(on.map(key => key.right))
  const columns = positions(right).filter(i => !keyNames.has(right.schema.names[i]!))
  return { columns, fields: addedFields(left, right, columns, suffix, verb) }
}

/** Pairs of columns that can be equal, each left one once. */
export function joinKeys(left: Node, right: Node, on: readonly KeyPair[], verb: string): Join['on'] {
  const pairs = on.map(key => joinKey(left, right, key, verb))
  for (const [i, { left: name }] of on.entries()) {
    if (on.findIndex(other => other.left === name) !== i) {
      throw new PlanError('duplicate-column', `${verb}: on names the left column "${name}" twice`, { column: name })
    }
  }
  return Object.freeze(pairs)
}

/** Right columns as fields of the output, under names that are free there. */
function addedFields(
  left: Node,
  right: Node,
  rightColumns: readonly number[],
  suffix: string,
  verb: string,
): readonly Field[] {
  const added = rightColumns.map(i => {
    const field = right.schema.fields[i]!
    const name = left.schema.has(field.name) ? field.name + suffix : field.name
    if (left.schema.has(name)) {
      const text = `${verb}: both sides have a column "${field.name}", and the left one has "${name}" too. Choose another { suffix }.`
      throw new PlanError('duplicate-column', text, { column: name })
    }
    return { ...field, name }
  })
  for (const [i, field] of added.entries()) {
    if (added.findIndex(other => other.name === field.name) !== i) {
      const text = `${verb}: two columns of the right side would be named "${field.name}". Choose another { suffix }.`
      throw new PlanError('duplicate-column', text, { column: field.name })
    }
  }
  return added
}

export function joinKey(left: Node, right: Node, key: KeyPair, verb: string): Join['on'][number] {
  const l = reference(left, key.left, `${verb}, left side`)
  const r = reference(right, key.right, `${verb}, right side`)
  if (isNested(l.type)) {
    const text = `${verb}: "${key.left}" is ${bareText(l.type)}, by which rows cannot be joined`
    throw new PlanError('key-types', text, { column: key.left })
  }
  if (sameType(l.type, r.type)) return Object.freeze({ left: l, right: r })
  // Whether two types meet is the rule of `eq`; here only whole numbers of two widths do.
  const wide = scalar('int64')
  const isWhole = (typed: Typed): boolean => typed.type.kind === 'int32' || typed.type.kind === 'int64'
  if (isWhole(l) && isWhole(r)) {
    const widened = (arg: Typed): Typed =>
      arg.type.kind === 'int64' ? arg : { kind: 'cast', arg, type: wide, nullable: arg.nullable, grain: arg.grain }
    return Object.freeze({ left: widened(l), right: widened(r) })
  }
  const name = key.left === key.right ? key.left : `${key.left} = ${key.right}`
  const [from, to] = [bareText(l.type), bareText(r.type)]
  const text = `${verb} on "${name}": left is ${from}, right is ${to}. Cast one side first: .derive(t => ({ ${key.left}: t.${key.left}.cast('${to}') })).`
  throw new PlanError('key-types', text, { left: from, right: to })
}
