import type { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { flatArray, take, type Column, type FlatArray } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { DataType } from '../../data/type.ts'
import { interpret } from '../../expr/interpret.ts'
import type { Typed } from '../../expr/node.ts'
import { emptyJs, isJsNumber } from '../../expr/promote.ts'
import { Dictionary, dictionaryParts } from './dictionary.ts'
import { mayGenerate, RowLoop, type LoopBody } from './row-loop.ts'

/**
 * Columns from expressions. A plain column is passed on, a function of one dictionary coded text is looked up, and one
 * generated loop computes all the rest.
 */

type Project = (batch: Batch) => readonly Column[]

/** Compiles expressions over batches of a schema; each call gives one column an expression, in order. */
export function compileProject(
  exprs: readonly Typed[],
  input: Schema,
  generated: boolean = mayGenerate(),
): (batch: Batch) => Column[] {
  const plain = exprs.map(expr => (expr.kind === 'column' ? expr.index : -1))
  const lookups = exprs.map(expr => lookup(expr))
  const computed = exprs.flatMap((expr, k) => (plain[k]! >= 0 ? [] : [k]))
  const rows = new Map<string, Project>()
  return batch => {
    if (batch.schema.fields.length !== input.fields.length) throw new TypeError('a batch of another schema')
    const columns = exprs.map((_, k) => (plain[k]! >= 0 ? batch.columns[plain[k]!]! : lookups[k]!(batch)))
    const rest = computed.filter(k => columns[k] === undefined)
    if (rest.length > 0) {
      const key = rest.join()
      let loop = rows.get(key)
      if (loop === undefined) {
        const wanted = rest.map(k => exprs[k]!)
        rows.set(key, (loop = generated ? generatedLoop(wanted) : interpreted(wanted)))
      }
      for (const [r, column] of loop(batch).entries()) columns[rest[r]!] = column
    }
    return columns as Column[]
  }
}

/** A whole expression of one text: the rows of its table. Text stays dictionary coded. */
function lookup(expr: Typed): (batch: Batch) => Column | undefined {
  const part = dictionaryParts(expr).find(each => each.expr === expr)
  if (part === undefined) return () => undefined
  const dictionary = new Dictionary(part)
  return batch => {
    const coded = dictionary.rows(batch)
    if (coded === undefined) return undefined
    const { table, codes } = coded
    if (table.layout !== 'text' || table.codes !== null) return take(table, codes, batch.length)
    const { strings, valid } = table
    const gathered = valid === null ? null : gather(valid, codes, batch.length)
    return { layout: 'text', type: table.type, length: batch.length, valid: gathered, strings, codes }
  }
}

function gather(valid: Uint8Array, codes: Int32Array, length: number): Uint8Array | null {
  const out = new Uint8Array(length)
  let present = 0
  for (let i = 0; i < length; i++) present += out[i] = valid[codes[i]!]!
  return present === length ? null : out
}

function interpreted(exprs: readonly Typed[]): Project {
  return batch =>
    exprs.map(expr => {
      const builder = new ColumnBuilder(expr.type)
      for (let i = 0; i < batch.length; i++) builder.push(interpret(expr, batch, i))
      return builder.finish()
    })
}

function generatedLoop(exprs: readonly Typed[]): Project {
  const counts = exprs.map((_, k) => `m${k}`)
  const body: LoopBody = {
    params: ['outs'],
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
        else scope.run(`o${k}[i] = ${stored}`)
        scope.run(valid === null ? `m${k}++` : `m${k} += v${k}[i] = ${valid}`)
      }
    },
  }
  const loop = new RowLoop(exprs, body)
  return batch => {
    const outs = exprs.map(expr => new Output(expr, batch.length))
    const present = loop.run(batch, outs) as readonly number[]
    return outs.map((out, k) => out.finish(present[k]!))
  }
}

function storeOf(type: DataType): 'flat' | 'text' | 'built' {
  if (type.kind === 'utf8') return 'text'
  return ['binary', 'list', 'struct', 'map', 'vector'].includes(type.kind) ? 'built' : 'flat'
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
