import { Batch } from '../../data/batch.ts'
import { take, type Column } from '../../data/column.ts'
import { LOOP_ROWS } from '../../data/loop-rows.ts'
import { nulls, takenOrNull } from '../../data/taken-or-null.ts'
import type { Join as JoinNode } from '../../plan/node.ts'
import { JoinIndex } from '../state/join-index.ts'
import { compileProject } from '../vector/project.ts'
import { NOTHING, OUTPUT_ROWS, type Step, type Steps } from './operator.ts'
import { RightFirst, type RightFirstState } from './right-first.ts'

/**
 * Hash join: the right rows are kept by key, and each left row finds its partners in the order they came. A null in the
 * key joins nothing. In right and full joins the right rows that found no partner come last.
 */
export class Join extends RightFirst {
  readonly #node: JoinNode
  readonly #leftKeys: (batch: Batch) => Column[]
  readonly #rightKeys: (batch: Batch) => Column[]
  readonly #keepsLeft: boolean
  readonly #keepsRight: boolean
  /** By left output column: the key whose value it has where the left row is missing, or −1. */
  readonly #keyOf: readonly number[]
  /** The whole right input and its index, once it has ended. */
  #right: Batch | null = null
  #index: JoinIndex | null = null
  /** By right row, where those without a partner are kept: 1 once one was found. */
  #matched: Uint8Array = new Uint8Array(0)
  /** Room for what is found of a batch: by left row its partner, then both of each pair. */
  #found: Int32Array = new Int32Array(0)
  #rows: Int32Array = new Int32Array(0)
  #partners: Int32Array = new Int32Array(0)

  constructor(node: JoinNode) {
    super(node.left.schema, node.right.schema)
    this.#node = node
    const [left, right] = [node.on.map(pair => pair.left), node.on.map(pair => pair.right)]
    this.#leftKeys = compileProject(left, node.left.schema)
    this.#rightKeys = compileProject(right, node.right.schema)
    this.#keepsLeft = node.type === 'left' || node.type === 'full'
    this.#keepsRight = node.type === 'right' || node.type === 'full'
    const columns = left.map(key => (key.kind === 'cast' ? key.arg : key))
    this.#keyOf = node.leftColumns.map(i => columns.findIndex(key => key.kind === 'column' && key.index === i))
  }

  protected get indexBytes(): number {
    return this.#index!.bytes + this.#matched.byteLength
  }

  protected override *build(right: Batch): Generator<null> {
    this.#index = yield* JoinIndex.by(this.#node.on, this.#rightKeys(right), right.length)
    this.#right = right
    this.#matched = new Uint8Array(this.#keepsRight ? right.length : 0)
  }

  protected override probe(batch: Batch): Steps {
    if (this.#found.length < batch.length) this.#found = new Int32Array(batch.length)
    const found = this.#found
    const keys = this.#leftKeys(batch)
    this.#index!.find(keys, batch.length, found)
    const columns = this.#node.leftColumns.map((i, at) =>
      this.#keepsRight && this.#keyOf[at]! >= 0 ? keys[this.#keyOf[at]!]! : batch.columns[i]!,
    )
    const { type } = this.#node
    if (type === 'semi' || type === 'anti') return this.#halves(columns, batch.length, found, type === 'semi')
    return this.#index!.unique ? this.#single(columns, batch.length, found) : this.#pairs(columns, batch.length, found)
  }

  /** The left rows that have a partner, or those that have none. */
  #halves(columns: readonly Column[], length: number, found: Int32Array, wanted: boolean): Steps {
    const rows = new Int32Array(length)
    let n = 0
    for (let row = 0; row < length; row++) if (found[row]! >= 0 === wanted) rows[n++] = row
    return n === 0 ? NOTHING : [new Batch(this.#node.schema, n, taken(columns, rows, n, length))]
  }

  /** Each left row has one partner at most: what is found are right rows. */
  #single(columns: readonly Column[], length: number, found: Int32Array): Steps {
    let missing = 0
    for (let from = 0; from < length; from += LOOP_ROWS) {
      missing += missingIn(found, from, Math.min(length, from + LOOP_ROWS))
    }
    if (missing === 0 || this.#keepsLeft) return [this.#joined(columns, found, length, missing)]
    if (missing === length) return NOTHING
    if (this.#rows.length < length) {
      this.#rows = new Int32Array(length)
      this.#partners = new Int32Array(length)
    }
    let n = 0
    for (let from = 0; from < length; from += LOOP_ROWS) {
      n = pairsIn(found, from, Math.min(length, from + LOOP_ROWS), this.#rows, this.#partners, n)
    }
    return [this.#joined(taken(columns, this.#rows, n, length), this.#partners, n, 0)]
  }

  /** All pairs, in pieces. What is found are numbers of keys. */
  *#pairs(columns: readonly Column[], length: number, found: Int32Array): Generator<Step> {
    const { offsets, rows } = this.#index!
    const [lefts, partners] = [new Int32Array(OUTPUT_ROWS), new Int32Array(OUTPUT_ROWS)]
    let [n, missing] = [0, 0]
    for (let row = 0; row < length; row++) {
      const key = found[row]!
      if (key < 0 && !this.#keepsLeft) continue
      if (key < 0) missing++
      let at = key < 0 ? -1 : offsets[key]! // −1: one round without a partner
      const to = key < 0 ? 0 : offsets[key + 1]!
      do {
        lefts[n] = row
        partners[n++] = at < 0 ? -1 : rows[at]!
        if (n === OUTPUT_ROWS) {
          yield this.#joined(taken(columns, lefts, n), partners, n, missing)
          n = missing = 0
        }
        at++
      } while (at > 0 && at < to)
    }
    if (n > 0) yield this.#joined(taken(columns, lefts, n), partners, n, missing)
  }

  /** `missing` of the partners are −1. */
  #joined(left: readonly Column[], partners: Int32Array, length: number, missing: number): Batch {
    const { schema, rightColumns } = this.#node
    if (this.#keepsRight) {
      const matched = this.#matched
      for (let i = 0; i < length; i++) if (partners[i]! >= 0) matched[partners[i]!] = 1
    }
    const columns = rightColumns.map(i => this.#right!.columns[i]!)
    const right =
      missing === 0 ? taken(columns, partners, length) : columns.map(column => takenOrNull(column, partners, length))
    return new Batch(schema, length, [...left, ...right])
  }

  /** The right rows that found no partner, in pieces. */
  protected override *last(): Generator<Step> {
    if (!this.#keepsRight) return
    const { schema, leftColumns, rightColumns } = this.#node
    const right = this.#right!
    const keys = this.#rightKeys(right)
    const rows = new Int32Array(Math.min(OUTPUT_ROWS, right.length))
    let n = 0
    for (let row = 0; row < right.length; row++) {
      if (this.#matched[row] === 0) rows[n++] = row
      if (n === 0 || (n < rows.length && row < right.length - 1)) continue
      const left = leftColumns.map((_, at) => {
        const key = this.#keyOf[at]!
        return key >= 0 ? take(keys[key]!, rows, n) : nulls(schema.fields[at]!.type, n)
      })
      const others = rightColumns.map(i => take(right.columns[i]!, rows, n))
      yield new Batch(schema, n, [...left, ...others])
      n = 0
    }
  }

  override snapshot(): JoinState {
    return { ...super.snapshot(), matched: this.#matched.slice() }
  }

  override restore(state: unknown): void {
    super.restore(state)
    this.#matched = (state as JoinState).matched.slice()
  }
}

function missingIn(found: Int32Array, from: number, to: number): number {
  let missing = 0
  for (let row = from; row < to; row++) missing += found[row]! >>> 31
  return missing
}

/** Writes the left rows that have a partner, and these, from the place `n` on; gives the place behind them. */
function pairsIn(
  found: Int32Array,
  from: number,
  to: number,
  rows: Int32Array,
  partners: Int32Array,
  n: number,
): number {
  for (let row = from; row < to; row++) {
    const partner = found[row]!
    rows[n] = row
    partners[n] = partner
    n += partner < 0 ? 0 : 1
  }
  return n
}

interface JoinState extends RightFirstState {
  readonly matched: Uint8Array
}

/** Some rows of columns; the columns themselves where they are all `of` their rows, each once and in order. */
function taken(columns: readonly Column[], rows: Int32Array, length: number, of?: number): readonly Column[] {
  return length === of ? columns : columns.map(column => take(column, rows, length))
}
