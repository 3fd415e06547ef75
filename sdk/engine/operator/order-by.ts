import { Batch } from '../../data/batch.ts'
import { concat, type Column, type FlatColumn, type TextColumn } from '../../data/column.ts'
import { compareText } from '../../expr/order.ts'
import type { OrderBy as OrderByNode } from '../../plan/node.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { concatSlowly } from './concat.ts'
import { mergeSort, rowNumbers } from './merge-sort.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Keeps all rows, then gives them sorted: NaN after every number, nulls last in either direction, text by code point, and
 * rows with equal keys in the order they came.
 */
export class OrderBy implements Operator {
  readonly #node: OrderByNode
  readonly #keys: (batch: Batch) => Column[]
  #parts: Batch[] = []

  constructor(node: OrderByNode) {
    this.#node = node
    this.#keys = compileProject(
      node.by.map(key => key.expr),
      node.input.schema,
    )
  }

  process(batch: Batch): Steps {
    this.#parts.push(batch)
    return NOTHING
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    if (this.#parts.length === 0) return
    const keyParts: Column[][] = []
    for (const part of this.#parts) {
      keyParts.push(this.#keys(part))
      yield null
    }
    const parts = this.#parts
    this.#parts = []
    const all = yield* concatSlowly(this.#node.input.schema, parts)
    let compare: Comparison | null = null
    for (let k = this.#node.by.length - 1; k >= 0; k--) {
      const column = concat(keyParts.map(columns => columns[k]!))
      yield null
      const own = yield* comparison(column, this.#node.by[k]!.descending)
      compare = compare === null ? own : inTurn(own, compare)
    }
    const order = yield* mergeSort(rowNumbers(all.length), compare!)
    for (let from = 0; from < all.length; from += OUTPUT_ROWS) {
      const rows = all.take(order.subarray(from, from + OUTPUT_ROWS))
      yield new Batch(this.#node.schema, rows.length, rows.columns)
    }
  }

  snapshot(): readonly BatchState[] {
    return this.#parts.map(packed)
  }

  restore(state: unknown): void {
    this.#parts = (state as readonly BatchState[]).map(part => unpacked(this.#node.input.schema, part))
  }
}

type Comparison = (a: number, b: number) => number

const inTurn =
  (first: Comparison, then: Comparison): Comparison =>
  (a, b) =>
    first(a, b) || then(a, b)

/** How two rows stand by one column. */
function* comparison(column: Column, descending: boolean): Generator<null, Comparison> {
  const byValue =
    column.layout === 'text' ? yield* byText(column, descending) : byNumber(column as FlatColumn, descending)
  const { valid } = column
  if (valid === null) return byValue
  return (a, b) => (valid[a] === 1 && valid[b] === 1 ? byValue(a, b) : valid[b]! - valid[a]!)
}

function byNumber({ values }: FlatColumn, descending: boolean): Comparison {
  const sign = descending ? -1 : 1
  if (values instanceof BigInt64Array) {
    return (a, b) => (values[a]! < values[b]! ? -sign : values[a]! > values[b]! ? sign : 0)
  }
  if (values instanceof Float64Array || values instanceof Float32Array) {
    return (a, b) => {
      const [x, y] = [values[a]!, values[b]!]
      if (x < y) return -sign
      if (x > y) return sign
      if (x === y) return 0
      return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : sign) : -sign
    }
  }
  return (a, b) => (values[a]! - values[b]!) * sign
}

/** Ranks the distinct texts first, so that rows compare as integers. */
function* byText(column: TextColumn, descending: boolean): Generator<null, Comparison> {
  const { strings, codes, length, valid } = column
  const numbers = new Map<string, number>()
  const numberOfEntry = new Int32Array(codes === null ? 0 : strings.length).fill(-1)
  const number = new Int32Array(length)
  for (let row = 0; row < length; row++) {
    if ((row & 0x7fff) === 0x7fff) yield null
    if (valid !== null && valid[row] === 0) continue
    let n = codes === null ? -1 : numberOfEntry[codes[row]!]!
    if (n < 0) {
      const text = strings[codes === null ? row : codes[row]!]!
      const found = numbers.get(text)
      n = found ?? numbers.size
      if (found === undefined) numbers.set(text, n)
      if (codes !== null) numberOfEntry[codes[row]!] = n
    }
    number[row] = n
  }
  const texts = [...numbers.keys()]
  const sorted = yield* mergeSort(rowNumbers(texts.length), (a, b) => compareText(texts[a]!, texts[b]!))
  const rank = new Int32Array(texts.length)
  for (const [i, n] of sorted.entries()) rank[n] = i
  const sign = descending ? -1 : 1
  return (a, b) => (rank[number[a]!]! - rank[number[b]!]!) * sign
}
