import type { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { flatArray, take, takeInts, type Column, type FlatArray } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import { isFlat, type DataType } from '../../data/type.ts'
import { interpret } from '../../expr/interpret.ts'
import type { Typed } from '../../expr/node.ts'
import { emptyJs, isJsNumber } from '../../expr/promote.ts'
import { Dictionary, dictionaryParts } from './dictionary.ts'
import { mayGenerate, RowLoop, type LoopBody } from './row-loop.ts'

/**
 * Columns from expressions. A plain column is passed on, a function of one dictionary coded text is looked up, and one
 * generated loop computes all the rest.
 */

/** Some rows of a batch: those at the first `count` positions. */
export interface Selection {
  readonly rows: Int32Array
  readonly count: number
}

type Project = (batch: Batch, some?: Selection) => readonly Column[]

/**
 * Compiles expressions over batches of a schema; each call gives one column an expression, in order, of all rows or of
 * some, and then the others are not looked at.
 */
export function compileProject(
  exprs: readonly Typed[],
  input: Schema,
  generated: boolean = mayGenerate(),
): (batch: Batch, some?: Selection) => Column[] {
  const plain = exprs.map(expr => (expr.kind === 'column' ? expr.index : -1))
  const lookups = exprs.map(expr => lookup(expr))
  const computed = exprs.flatMap((expr, k) => (plain[k]! >= 0 ? [] : [k]))
  const rows = new Map<string, Project>()
  return (batch, some) => {
    if (batch.schema.fields.length !== input.fields.length) throw new TypeError('a batch of another schema')
    const columns = exprs.map((_, k) =>
      plain[k]! >= 0 ? selected(batch.columns[plain[k]!]!, some) : lookups[k]!(batch, some),
    )
    const rest = computed.filter(k => columns[k] === undefined)
    if (rest.length > 0) {
      const key = `${some === undefined ? '' : 'some '}${rest.join()}`
      let loop = rows.get(key)
      if (loop === undefined) {
        const wanted = rest.map(k => exprs[k]!)
        rows.set(key, (loop = generated ? generatedLoop(wanted, some !== undefined) : interpreted(wanted)))
      }
      for (const [r, column] of loop(batch, some).entries()) columns[rest[r]!] = column
    }
    return columns as Column[]
  }
}

function selected(column: Column, some?: Selection): Column {
  return some === undefined ? column : take(column, some.rows, some.count)
}

/** A whole expression of one text: the rows of its table. Text stays dictionary coded. */
function lookup(expr: Typed): (batch: Batch, some?: Selection) => Column | undefined {
  const part = dictionaryParts(expr).find(each => each.expr === expr)
  if (part === undefined) return () => undefined
  const dictionary = new Dictionary(part)
  return (batch, some) => {
    const coded = dictionary.rows(batch)
    if (coded === undefined) return undefined
    const { table } = coded
    const length = some === undefined ? batch.length : some.count
    const codes = some === undefined ? coded.codes : takeInts(coded.codes, some.rows, length)
    if (table.layout !== 'text' || table.codes !== null) return take(table, codes, length)
    const { strings, valid } = table
    const gathered = valid === null ? null : gather(valid, codes, length)
    return { layout: 'text', type: table.type, length, valid: gathered, strings, codes }
  }
}

function gather(valid: Uint8Array, codes: Int32Array, length: number): Uint8Array | null {
  const out = new Uint8Array(length)
  let present = 0
  for (let i = 0; i < length; i++) present += out[i] = valid[codes[i]!]!
  return present === length ? null : out
}

function interpreted(exprs: readonly Typed[]): Project {
  return (batch, some) =>
    exprs.map(expr => {
      const builder = new ColumnBuilder(expr.type)
      const length = some === undefined ? batch.length : some.count
      for (let i = 0; i < length; i++) builder.push(interpret(expr, batch, some === undefined ? i : some.rows[i]!))
      return builder.finish()
    })
}

function generatedLoop(exprs: readonly Typed[], some: boolean): Project {
  const place = some ? 'at' : 'i'
  const counts = exprs.map((_, k) => `m${k}`)
  const body: LoopBody = {
    params: ['outs'],
    some,
    before: exprs.map((_, k) => `const o${k} = outs[${k}].values, v${k} = outs[${k}].valid; let m${k} = 0`),
    after: [`return [${counts.join(', ')}]`],
    write: js => {
      for (const [k, expr] of exprs.entries()) {
        const { value, valid } = js.emit(expr)
        const scope = js.scope(expr)
        const stored =
          valid === null || isJsNumber(expr.type) ? value : `${valid} === 1 ? ${value} : ${emptyJs(expr.type)}`
        if (storeOf(expr.type) === 'built')
          scope.run(`o${k}.push(${valid === null ? value : `${valid} === 1 ? ${value} : null`})`)
        else scope.run(`o${k}[${place}] = ${stored}`)
        scope.run(valid === null ? `m${k}++` : `m${k} += v${k}[${place}] = ${valid}`)
      }
    },
  }
  const loop = new RowLoop(exprs, body)
  return (batch, selection) => {
    const outs = exprs.map(expr => new Output(expr, selection === undefined ? batch.length : selection.count))
    const present = (
      selection === undefined ? loop.run(batch, outs) : loop.runSome(batch, selection.rows, selection.count, outs)
    ) as readonly number[]
    return outs.map((out, k) => out.finish(present[k]!))
  }
}

function storeOf(type: DataType): 'flat' | 'text' | 'built' {
  if (type.kind === 'utf8') return 'text'
  return isFlat(type) ? 'flat' : 'built'
}

/** A column while its rows are computed. */
class Output {
  readonly values: FlatArray | string[] | ColumnBuilder
  readonly valid: Uint8Array
  readonly #type: DataType
  readonly #length: number

  constructor({ type, nullable }: Typed, length: number) {
    this.#type = type
    this.#length = length
    this.valid = new Uint8Array(nullable ? length : 0)
    const store = storeOf(type)
    this.values =
      store === 'flat'
        ? flatArray(type, length)
        : store === 'text'
          ? new Array<string>(length)
          : new ColumnBuilder(type)
  }

  finish(present: number): Column {
    const { values } = this
    if (values instanceof ColumnBuilder) return values.finish()
    const rows = { type: this.#type, length: this.#length, valid: present === this.#length ? null : this.valid }
    return Array.isArray(values)
      ? { layout: 'text', ...rows, strings: values, codes: null }
      : { layout: 'flat', ...rows, values }
  }
}
