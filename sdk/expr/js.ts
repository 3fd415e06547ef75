import type { Value } from '../data/column.ts'
import { bareText, type DataType } from '../data/type.ts'
import { castJs } from './cast.ts'
import type { JsArg, JsResult, JsScope } from './function.ts'
import type { Typed } from './node.ts'
import { emptyJs, isJsNumber } from './promote.ts'
import { callUser } from './user-function.ts'

/**
 * Typed trees as straight JavaScript for one row, `i`. Equal subtrees are computed once where the first stands. A value
 * may be read where it is missing, and is then unspecified; so what could fail on it, or is no number, stands behind a
 * test.
 */
export class JsWriter {
  readonly #read: (column: Extract<Typed, { kind: 'column' }>) => JsArg
  readonly #replace: (expr: Typed) => JsArg | undefined
  readonly #bound: unknown[] = []
  readonly #failing: Typed[] = []
  /** Values known in the blocks that are open, innermost last. */
  readonly #known: Map<string, JsArg>[] = [new Map()]
  #lines: string[] = []
  #names = 0
  /** Statements so far that do more than name a value. */
  #effects = 0

  /** `read` gives code for a column, `replace` for a subtree that is computed elsewhere. Both may use {@link scope}. */
  constructor(
    read: (column: Extract<Typed, { kind: 'column' }>, js: JsScope) => JsArg,
    replace: (expr: Typed, js: JsScope) => JsArg | undefined = () => undefined,
  ) {
    this.#read = column => read(column, this.scope(column))
    this.#replace = expr => replace(expr, this.scope(expr))
  }

  /** What the code needs beside it: bound values as `$0`, `$1`, …, and the expressions that `fail(k, reason, i, found)` names. */
  get bound(): readonly unknown[] {
    return this.#bound
  }

  get failing(): readonly Typed[] {
    return this.#failing
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  /** The scope in which an expression's own code is written. */
  scope(expr: Typed): JsScope {
    let failure = -1
    return {
      bind: value => this.#bind(value),
      local: expression => this.#local(expression),
      variable: initial => {
        const name = this.#name()
        this.#lines.push(`let ${name} = ${initial}`)
        return name
      },
      run: statement => {
        this.#effects++
        this.#lines.push(statement)
      },
      block: (head, body) => this.#block(head, body),
      fail: (reason, found) => {
        if (failure < 0) failure = this.#failing.push(expr) - 1
        return `fail(${failure}, ${JSON.stringify(reason)}, i${found === undefined ? '' : `, ${found}`})`
      },
    }
  }

  /** Writes the code of an expression and says where its value is. */
  emit(expr: Typed): JsArg {
    const key = keyOf(expr)
    for (let depth = this.#known.length - 1; depth >= 0; depth--) {
      const found = this.#known[depth]!.get(key)
      if (found !== undefined) return found
    }
    const arg = this.#replace(expr) ?? this.#write(expr)
    this.#known[this.#known.length - 1]!.set(key, arg)
    return arg
  }

  #write(expr: Typed): JsArg {
    switch (expr.kind) {
      case 'column':
        return this.#read(expr)
      case 'literal':
        return this.#literal(expr.value, expr.type)
      case 'cast': {
        const js = this.scope(expr)
        return this.#strict([this.emit(expr.arg)], [expr.arg], expr.type, ([a]) => {
          return { value: castJs(a!.value, expr.arg.type, expr.type, js), valid: null }
        })
      }
      case 'call': {
        const { fn, args, options } = expr
        const js = this.scope(expr)
        if (fn.nulls === 'lazy') {
          const lazy = args.map(arg => () => this.emit(arg))
          return this.#settled(fn.js(lazy, args, expr, options, js))
        }
        const values = args.map(arg => this.emit(arg))
        if (fn.nulls === 'own') return this.#settled(fn.js(values, args, expr, options, js))
        return this.#strict(values, args, expr.type, present => fn.js(present, args, expr, options, js))
      }
      case 'udf':
        return this.#user(expr)
      case 'aggregate':
      case 'window':
      case 'learnt':
        throw new TypeError(`${expr.kind} has no value per row`)
    }
  }

  /** A function that is null where an argument is. */
  #strict(
    args: readonly JsArg[],
    types: readonly Typed[],
    result: DataType,
    write: (args: readonly JsArg[]) => JsResult,
  ): JsArg {
    const valids = [...new Set(args.flatMap(arg => arg.valid ?? []))]
    if (valids.length === 0) return this.#settled(write(args))
    const valid = valids.length === 1 ? valids[0]! : this.#local(valids.join(' & '))
    const present = args.map(arg => ({ ...arg, valid: null }))
    const outer = this.#lines
    const before = this.#effects
    this.#lines = []
    this.#known.push(new Map())
    const { value } = write(present)
    const inner = this.#lines
    this.#lines = outer
    this.#known.pop()
    const safe = this.#effects === before && types.every(({ type }) => isJsNumber(type)) && isJsNumber(result)
    if (safe) {
      this.#lines.push(...inner)
      return { value: this.#local(value), valid }
    }
    const name = this.#name()
    this.#lines.push(`let ${name} = ${emptyJs(result)}`, `if (${valid} === 1) {`, ...inner, `${name} = ${value}`, '}')
    return { value: name, valid }
  }

  #settled({ value, valid }: JsResult): JsArg {
    return { value: this.#local(value), valid: valid === null ? null : this.#local(valid) }
  }

  #user(expr: Extract<Typed, { kind: 'udf' }>): JsArg {
    const call = callUser(expr)
    const bool = expr.args.map(arg => arg.type.kind === 'bool')
    const run = (row: number, ...args: readonly Value[]): Value => {
      const value = call(
        args.map((arg, i) => (bool[i] === true && arg !== null ? arg === 1 : arg)),
        row,
      )
      return typeof value === 'boolean' ? Number(value) : value
    }
    const args = expr.args.map(arg => {
      const { value, valid } = this.emit(arg)
      return valid === null ? value : `${valid} === 1 ? ${value} : null`
    })
    this.#effects++
    const result = this.#local(`${this.#bind(run)}(${['i', ...args].join(', ')})`)
    if (!expr.nullable) return { value: result, valid: null }
    const value = this.#local(`${result} === null ? ${emptyJs(expr.type)} : ${result}`)
    return { value, valid: this.#local(`${result} === null ? 0 : 1`) }
  }

  #literal(value: Value, type: DataType): JsArg {
    if (value === null) return { value: emptyJs(type), valid: '0' }
    return { value: this.#constant(value), valid: null, constant: value }
  }

  #constant(value: Value): string {
    switch (typeof value) {
      case 'boolean':
        return value ? '1' : '0'
      case 'number':
        return Object.is(value, -0) ? '(-0)' : value < 0 ? `(${value})` : String(value)
      case 'bigint':
        return value < 0n ? `(${value}n)` : `${value}n`
      case 'string':
        return JSON.stringify(value)
      default:
        return this.#bind(value)
    }
  }

  #block(head: string, body: () => void): void {
    this.#effects++
    this.#lines.push(`${head} {`)
    this.#known.push(new Map())
    body()
    this.#known.pop()
    this.#lines.push('}')
  }

  #bind(value: unknown): string {
    const at = this.#bound.indexOf(value)
    return `$${at >= 0 ? at : this.#bound.push(value) - 1}`
  }

  #local(expression: string): string {
    if (/^(?:[\w$]+|\(-[\w.]+\)|"[^"\\]*")$/.test(expression)) return expression
    const name = this.#name()
    this.#lines.push(`const ${name} = ${expression}`)
    return name
  }

  #name(): string {
    return `x${this.#names++}`
  }
}

const ids = new WeakMap<object, number>()
let nextId = 0

function idOf(of: object): number {
  let id = ids.get(of)
  if (id === undefined) ids.set(of, (id = nextId++))
  return id
}

const keys = new WeakMap<Typed, string>()

/** Equal for expressions that compute the same. */
export function keyOf(expr: Typed): string {
  let key = keys.get(expr)
  if (key === undefined) keys.set(expr, (key = structure(expr)))
  return key
}

function structure(expr: Typed): string {
  switch (expr.kind) {
    case 'column':
      return `c${expr.index}`
    case 'literal':
      return `l${bareText(expr.type)}:${literalKey(expr.value)}`
    case 'cast':
      return `to ${bareText(expr.type)}(${keyOf(expr.arg)})`
    case 'udf':
      return `u${idOf(expr.udf)}(${expr.args.map(keyOf).join()})`
    case 'learnt':
      return `s${idOf(expr.step)}(${expr.args.map(keyOf).join()})`
    case 'call':
    case 'window':
    case 'aggregate': {
      const filter = expr.kind === 'aggregate' && expr.filter !== undefined ? ` if ${keyOf(expr.filter)}` : ''
      return `f${idOf(expr.fn)}${JSON.stringify(expr.options)}(${expr.args.map(keyOf).join()}${filter})`
    }
  }
}

function literalKey(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'object' && value !== null) return `#${idOf(value)}`
  return Object.is(value, -0) ? '-0' : String(value)
}
