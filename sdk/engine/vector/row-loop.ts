import type { Batch } from '../../data/batch.ts'
import { valueAt, type Column, type TextColumn, type VectorColumn } from '../../data/column.ts'
import { failedRow, reasonWith } from '../../expr/failure.ts'
import type { JsArg, JsScope } from '../../expr/function.ts'
import { JsWriter, keyOf } from '../../expr/js.ts'
import { operandsOf, type Typed } from '../../expr/node.ts'
import { Dictionary, dictionaryParts, type DictionaryPart } from './dictionary.ts'

/**
 * One generated loop over the rows of a batch, for any number of expressions. A variant is compiled for each shape of
 * batches that comes: which columns miss values, and which texts are dictionary coded, so that the loop tests for
 * nothing that cannot be.
 */

/** What a loop computes: writes its statements for row `i`, and those before and after the loop. */
export interface LoopBody {
  /** The parameters after `n` and `inputs`. */
  readonly params: readonly string[]
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** True where the loop goes over some rows only, which `run` is told: row `i` is the one at place `at` among them. */
  readonly some?: boolean
  /**
   * What is computed for all rows that are taken together, from the code of their positions, and what of that is named
   * for the row in turn. The code may return.
   */
  readonly ahead?: {
    /** How many those are, where not as many as in other loops. */
    readonly rows?: number
    readonly all: (rows: readonly string[]) => readonly string[]
    readonly turn: (k: number) => string
  }
  readonly write: (js: JsWriter) => void
}

type Generated = (n: number, inputs: readonly unknown[], ...rest: readonly unknown[]) => unknown

interface Variant {
  readonly run: Generated
  readonly inputs: readonly Input[]
}

/** What a variant reads beside the rows. */
interface Input {
  readonly name: string
  readonly from: (batch: Batch, dictionaries: readonly Coded[]) => unknown
}

/** The rows of a part that is looked up: entries of its table, and where each row finds its own. */
interface Coded {
  readonly table: Column
  readonly codes: Int32Array
}

export class RowLoop {
  readonly #columns: readonly number[]
  readonly #body: LoopBody
  readonly #parts: readonly DictionaryPart[]
  readonly #dictionaries: readonly Dictionary[]
  readonly #variants = new Map<string, Variant>()

  /** `roots` are all expressions that the body emits. */
  constructor(roots: readonly Typed[], body: LoopBody) {
    this.#columns = columnsOf(roots)
    this.#body = body
    this.#parts = roots.flatMap(dictionaryParts)
    this.#dictionaries = this.#parts.map(part => new Dictionary(part))
  }

  /** Runs the loop over all rows of a batch. */
  run(batch: Batch, ...rest: readonly unknown[]): unknown {
    return this.#run(batch, batch.length, rest)
  }

  /** Runs the loop over the rows at the first `count` of these positions. */
  runSome(batch: Batch, rows: Int32Array, count: number, ...rest: readonly unknown[]): unknown {
    return this.#run(batch, count, [rows, ...rest])
  }

  #run(batch: Batch, count: number, rest: readonly unknown[]): unknown {
    const coded: (Coded | undefined)[] = this.#dictionaries.map(dictionary => dictionary.rows(batch))
    const shape = this.#shape(batch, coded)
    let variant = this.#variants.get(shape)
    if (variant === undefined) this.#variants.set(shape, (variant = this.#compile(batch, coded)))
    const inputs = variant.inputs.map(({ from }) => from(batch, coded as readonly Coded[]))
    return variant.run(count, inputs, ...rest)
  }

  #shape(batch: Batch, coded: readonly (Coded | undefined)[]): string {
    let shape = ''
    for (const index of this.#columns) {
      const column = batch.columns[index]!
      shape += column.valid === null ? 'p' : 'n'
      if (column.layout === 'text') shape += column.codes === null ? 't' : 'c'
    }
    for (const part of coded) shape += part === undefined ? '-' : part.table.valid === null ? 'd' : 'm'
    return shape
  }

  #compile(batch: Batch, coded: readonly (Coded | undefined)[]): Variant {
    const inputs: Input[] = []
    const input = (from: Input['from']): string => {
      const name = `in${inputs.length}`
      inputs.push({ name, from })
      return name
    }
    const looked = new Map<string, number>()
    for (const [k, part] of this.#parts.entries()) if (coded[k] !== undefined) looked.set(keyOf(part.expr), k)
    const js = new JsWriter(
      ({ index }, scope) => readColumn(batch.columns[index]!, scope, from => input(each => from(each.columns[index]!))),
      (expr, scope) => {
        const k = looked.get(keyOf(expr))
        if (k === undefined) return undefined
        const codes = input((_, dictionaries) => dictionaries[k]!.codes)
        const code = scope.local(`${codes}[i]`)
        return readColumn(
          coded[k]!.table,
          scope,
          from => input((_, dictionaries) => from(dictionaries[k]!.table)),
          code,
        )
      },
    )
    this.#body.write(js)
    const some = this.#body.some === true
    const code = [
      `'use strict'`,
      ...js.bound.map((_, k) => `const $${k} = bound[${k}]`),
      `return function (${['n', 'inputs', ...(some ? ['some'] : []), ...this.#body.params].join(', ')}) {`,
      ...inputs.map(({ name }, k) => `const ${name} = inputs[${k}]`),
      ...this.#body.before,
      ...this.#loop(js.lines),
      ...this.#body.after,
      '}',
    ].join('\n')
    const failing = js.failing
    const fail: Fail = (k, reason, row, found) => {
      throw failedRow(failing[k]!, found === undefined ? reason : reasonWith(found, reason), row)
    }
    return { run: factoryOf(code)(js.bound, fail), inputs }
  }

  #loop(lines: readonly string[]): readonly string[] {
    const { some, ahead } = this.#body
    const rows = (count: number): readonly string[] => {
      const places = Array.from({ length: count }, (_, k) => (k === 0 ? 'from' : `from + ${k}`))
      const each = places.flatMap((place, k) => {
        const row = some === true ? [`const at = ${place}`, 'const i = some[at]'] : [`const i = ${place}`]
        return ['{', ...row, ahead?.turn(k) ?? '', ...lines, '}']
      })
      return [`for (; from <= n - ${count}; from += ${count}) {`, ...(ahead?.all(places) ?? []), ...each, '}']
    }
    const together = ahead?.rows ?? TOGETHER
    const length = lines.reduce((sum, line) => sum + line.length, 0)
    return ['let from = 0', ...(together * length <= LONG ? rows(together) : []), ...rows(1)]
  }
}

/** Code for the value of row `at` of a column of this shape. `input` names what the loop reads. */
function readColumn(
  column: Column,
  js: JsScope,
  input: (from: (column: Column) => unknown) => string,
  at = 'i',
): JsArg {
  const valid = column.valid === null ? null : js.local(`${input(each => each.valid)}[${at}]`)
  if (column.layout === 'flat') {
    return { value: js.local(`${input(each => (each as typeof column).values)}[${at}]`), valid }
  }
  if (column.layout === 'text') {
    const strings = input(each => (each as TextColumn).strings)
    if (column.codes === null) return { value: js.local(`${strings}[${at}]`), valid }
    return { value: js.local(`${strings}[${input(each => (each as TextColumn).codes)}[${at}]]`), valid }
  }
  if (column.layout === 'vector') {
    const values = input(each => (each as VectorColumn).values)
    const value = `${js.bind(valueAt)}(${input(each => each)}, ${at})` // who reads the array needs no copy of the row
    return { value, valid, within: { values, from: `${at} * ${column.size}` } }
  }
  return { value: js.local(`${js.bind(valueAt)}(${input(each => each)}, ${at})`), valid }
}

/** Rows taken together by a loop, as long as its code is at most so long. */
export const TOGETHER = 8
const LONG = 16_000

type Fail = (k: number, reason: string, row: number, found?: unknown) => never
type Factory = (bound: readonly unknown[], fail: Fail) => Generated

const factories = new Map<string, Factory>()
const KEPT = 1000

/** Equal code is compiled once; the oldest goes when there is too much of it. */
function factoryOf(code: string): Factory {
  let factory = factories.get(code)
  if (factory === undefined) {
    // eslint-disable-next-line typescript/no-implied-eval -- the code is written by JsWriter, with all values bound or quoted
    factory = new Function('bound', 'fail', code) as Factory
    if (factories.size >= KEPT) factories.delete(factories.keys().next().value!)
    factories.set(code, factory)
  }
  return factory
}

/** False where the runtime forbids to generate code. */
export function mayGenerate(): boolean {
  try {
    factoryOf('return 0')
    return true
  } catch (error) {
    if (error instanceof EvalError) return false
    throw error
  }
}

/** The positions of the columns that expressions read, ascending. */
function columnsOf(roots: readonly Typed[]): readonly number[] {
  const found = new Set<number>()
  const visit = (expr: Typed): void => {
    if (expr.kind === 'column') found.add(expr.index)
    else operandsOf(expr).forEach(visit)
  }
  roots.forEach(visit)
  return [...found].sort((a, b) => a - b)
}
