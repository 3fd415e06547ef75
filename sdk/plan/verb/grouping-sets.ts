import { PlanError } from '../../data/errors.ts'
import { scalar, type DataType } from '../../data/type.ts'
import type { Typed } from '../../expr/node.ts'
import { aggregate, project, reference, union, type NamedExpr } from '../build.ts'
import type { Named, Node } from '../node.ts'

/**
 * Aggregates over several groupings of the same rows, as one frame: keys that a grouping leaves out are null in its
 * rows. The groupings share their input, which is read once.
 */
export function groupingSets(
  input: Node,
  keys: readonly NamedExpr[],
  sets: readonly (readonly string[])[],
  level: string | null,
  items: readonly NamedExpr[],
): Node {
  if (sets.length === 0) throw new PlanError('no-columns', "sets needs at least one list of keys: [['a'], []]")
  for (const name of sets.flat()) {
    if (keys.some(key => key.name === name)) continue
    const text = `sets: "${name}" is no key of groupBy. The keys are ${keys.map(key => key.name).join(', ')}.`
    throw new PlanError('unknown-column', text, { column: name })
  }
  if (level !== null && [...keys, ...items].some(item => item.name === level)) {
    const text = `sets: there is a column "${level}" already. Choose another name: { level: '…' }.`
    throw new PlanError('duplicate-column', text, { column: level })
  }
  if (level !== null && keys.length > LEVEL_KEYS) {
    const text = `sets: { level } has a bit for each of at most ${LEVEL_KEYS} keys, and here are ${keys.length}. Leave level out, or group by fewer keys.`
    throw new PlanError('too-many-columns', text)
  }
  const types = aggregate(input, keys, items)
  const parts = sets.map(set => {
    const kept = keys.filter(key => set.includes(key.name))
    const grouped = aggregate(input, kept, items)
    const columns = keys.map((key, i): Named => {
      const { type } = types.keys[i]!.expr
      if (!set.includes(key.name)) return { name: key.name, expr: constant(null, type) }
      return { name: key.name, expr: Object.freeze({ ...reference(grouped, key.name, 'sets'), nullable: true }) }
    })
    const marks = level === null ? [] : [{ name: level, expr: constant(leftOut(keys, set), scalar('int32')) }]
    const values = items.map(({ name }): Named => ({ name, expr: reference(grouped, name, 'sets') }))
    return project(grouped, [...columns, ...marks, ...values])
  })
  return union(parts)
}

/** The bits of a whole number of `int32` that is not below 0. */
const LEVEL_KEYS = 31

/** As SQL's GROUPING has it: a bit for each key, the last key's the lowest, set where the key is left out. */
function leftOut(keys: readonly NamedExpr[], set: readonly string[]): number {
  return keys.reduce((bits, key) => bits * 2 + (set.includes(key.name) ? 0 : 1), 0)
}

function constant(value: number | null, type: DataType): Typed {
  return Object.freeze({ kind: 'literal', value, type, nullable: value === null, grain: 'constant' })
}

/** All keys, all but the last, …, none: totals of totals. */
export function rollup(names: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: names.length + 1 }, (_, i) => names.slice(0, names.length - i))
}

/** Every choice of the keys. */
export function cube(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length > 10) {
    const text = `cube of ${names.length} keys would be ${2 ** names.length} groupings: name those you need by .sets([…])`
    throw new PlanError('too-many-columns', text)
  }
  const [first, ...rest] = names
  if (first === undefined) return [[]]
  const without = cube(rest)
  return [...without.map(set => [first, ...set]), ...without]
}
