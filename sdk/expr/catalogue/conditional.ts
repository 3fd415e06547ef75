import { sameType, scalar } from '../../data/type.ts'
import type { EagerFunction, Inferred, JsArg, JsScope, LazyFunction } from '../function.ts'
import { commonType, emptyJs, widest } from '../promote.ts'

/** What looks at nulls, and choices. A branch that is not taken is not computed, so it cannot fail. */

const BOOL = scalar('bool')

function presence(name: 'isNull' | 'isNotNull', present: 0 | 1): EagerFunction {
  const sql = ([a]: readonly string[]): string => `(${a} IS ${present === 1 ? 'NOT ' : ''}NULL)`
  return {
    name,
    infer: () => ({ type: BOOL, nullable: false }),
    nulls: 'own',
    js: ([a]) => {
      const valid = a!.valid ?? '1'
      return { value: present === 1 ? valid : `(1 - ${valid})`, valid: null }
    },
    evaluate: ([a]) => (a !== null) === (present === 1),
    duckdb: sql,
    flink: sql,
  }
}

export const isNull: EagerFunction = presence('isNull', 0)
export const isNotNull: EagerFunction = presence('isNotNull', 1)

/** The first that is not null. The types must be one, so that a fallback never changes the type of a column. */
function firstPresent(name: string): LazyFunction {
  const sql = (args: readonly string[]): string => `COALESCE(${args.join(', ')})`
  return {
    name,
    infer: (args): Inferred | string => {
      let type = args[0]!.type
      for (const [i, arg] of args.entries()) {
        const wider = sameType(arg.type, type) ? type : widest(type, arg.type)
        if (wider === undefined) return `$0, $${i}; ${name} takes values of one type, so cast one side`
        type = wider
      }
      return { type, nullable: args.every(arg => arg.nullable), cast: args.map(() => type) }
    },
    nulls: 'lazy',
    js: (args, _, result, __, js) => {
      const first = args[0]!()
      if (first.valid === null) return first
      const value = js.variable(first.value)
      const valid = js.variable(first.valid)
      const fill = (rest: readonly (() => JsArg)[]): void => {
        if (rest.length === 0) return
        js.block(`if (${valid} === 0)`, () => {
          const next = rest[0]!()
          js.run(`${value} = ${next.value}`)
          js.run(`${valid} = ${next.valid ?? '1'}`)
          if (next.valid !== null) fill(rest.slice(1))
        })
      }
      fill(args.slice(1))
      return { value, valid: result.nullable ? valid : null }
    },
    evaluate: args => {
      for (const arg of args) {
        const value = arg()
        if (value !== null) return value
      }
      return null
    },
    duckdb: sql,
    flink: sql,
  }
}

export const fillNull: LazyFunction = firstPresent('fillNull')
export const coalesce: LazyFunction = firstPresent('coalesce')

/** The arguments are condition, value, condition, value, …, and what else. */
export const when: LazyFunction = {
  name: 'when',
  form: 'function',
  infer: args => {
    const conditions = args.filter((_, i) => i % 2 === 0 && i < args.length - 1)
    const values = args.filter((_, i) => i % 2 === 1 || i === args.length - 1)
    const wrong = conditions.findIndex(arg => arg.type.kind !== 'bool')
    if (wrong >= 0) return `when takes conditions, and $${wrong * 2}`
    const type = commonType(values.map(arg => arg.type))
    if (type === undefined) {
      const position = (k: number): number => (k === values.length - 1 ? args.length - 1 : 2 * k + 1)
      const other = values.findIndex(arg => commonType([values[0]!.type, arg.type]) === undefined)
      return `$1, $${position(Math.max(other, 1))}; the values of a choice need one type, so cast one side`
    }
    const cast = args.map((_, i) => (i % 2 === 1 || i === args.length - 1 ? type : undefined))
    return { type, nullable: values.some(arg => arg.nullable), cast }
  },
  nulls: 'lazy',
  js: (args, types, result, _, js) => {
    const value = js.variable(emptyJs(result.type))
    const valid = result.nullable ? js.variable('1') : null
    branch(args, value, valid, js)
    return { value, valid }
  },
  evaluate: args => {
    for (let i = 0; i + 1 < args.length; i += 2) if (args[i]!() === true) return args[i + 1]!()
    return args[args.length - 1]!()
  },
  duckdb: caseSql,
  flink: caseSql,
}

function branch(args: readonly (() => JsArg)[], value: string, valid: string | null, js: JsScope): void {
  const set = (arg: JsArg): void => {
    js.run(`${value} = ${arg.value}`)
    if (valid !== null && arg.valid !== null) js.run(`${valid} = ${arg.valid}`)
  }
  if (args.length === 1) {
    set(args[0]!())
    return
  }
  const condition = args[0]!()
  const holds = condition.valid === null ? condition.value : `(${condition.value} & ${condition.valid})`
  const taken = js.local(`${holds} === 1`)
  js.block(`if (${taken})`, () => set(args[1]!()))
  js.block('else', () => branch(args.slice(2), value, valid, js))
}

function caseSql(args: readonly string[]): string {
  let sql = 'CASE'
  for (let i = 0; i + 1 < args.length; i += 2) sql += ` WHEN ${args[i]} THEN ${args[i + 1]}`
  return `${sql} ELSE ${args[args.length - 1]} END`
}
