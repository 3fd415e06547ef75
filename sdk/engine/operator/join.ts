import { Batch } from '../../data/batch.ts'
import { columnOf } from '../../data/builder.ts'
import { take, type Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'
import type { Join as JoinNode } from '../../plan/node.ts'
import { KeyTable } from '../state/key-table.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { concatSlowly } from './concat.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Hash join: the right input is read whole and kept by key, then each left row finds its partners in the order they
 * came. Left rows that come before the right input has ended wait. A null in the key joins nothing.
 */
export class Join implements Operator {
  readonly #node: JoinNode
  readonly #schema: Schema
  readonly #leftKeys: (batch: Batch) => Column[]
  readonly #rightKeys: (batch: Batch) => Column[]
  readonly #table: KeyTable
  #rightParts: Batch[] = []
  #waiting: Batch[] = []
  /** The whole right input, once it has ended. */
  #right: Batch | null = null
  /** By key: the first and last right row; by right row: the next one of its key. −1 for none. */
  #first: Int32Array = new Int32Array(0)
  #last: Int32Array = new Int32Array(0)
  #next: Int32Array = new Int32Array(0)
  #rightRows = 0
  #slots: Int32Array = new Int32Array(0)

  constructor(node: JoinNode) {
    this.#node = node
    this.#schema = node.schema
    const [left, right] = [node.on.map(pair => pair.left), node.on.map(pair => pair.right)]
    this.#leftKeys = compileProject(left, node.left.schema)
    this.#rightKeys = compileProject(right, node.right.schema)
    const keys = node.on.map(pair => ({ type: pair.left.type, nullable: pair.left.nullable || pair.right.nullable }))
    this.#table = new KeyTable(keys)
  }

  process(batch: Batch, input: number): Steps {
    if (input !== RIGHT) {
      if (this.#right !== null) return this.#probe(batch)
      this.#waiting.push(batch)
      return NOTHING
    }
    this.#build(batch)
    return NOTHING
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(input: number): Generator<Step> {
    if (input !== RIGHT) return
    this.#right = yield* concatSlowly(this.#node.right.schema, this.#rightParts)
    this.#rightParts = []
    const waiting = this.#waiting
    this.#waiting = []
    for (const batch of waiting) yield* this.#probe(batch)
  }

  #build(batch: Batch): void {
    const { length } = batch
    const keys = this.#rightKeys(batch)
    const slots = this.#scratch(length)
    this.#table.slots(keys, length, slots)
    this.#first = grown(this.#first, this.#table.end)
    this.#last = grown(this.#last, this.#table.end)
    this.#next = grown(this.#next, this.#rightRows + length)
    const [first, last, next] = [this.#first, this.#last, this.#next]
    for (let i = 0; i < length; i++) {
      const row = this.#rightRows + i
      const slot = slots[i]!
      if (first[slot] === -1) first[slot] = row
      else next[last[slot]!] = row
      last[slot] = row
    }
    this.#rightRows += length
    this.#rightParts.push(batch)
  }

  *#probe(batch: Batch): Generator<Step> {
    const { length } = batch
    const slots = this.#scratch(length)
    this.#table.find(this.#leftKeys(batch), length, slots)
    const isLeft = this.#node.type === 'left'
    const [leftRows, rightRows] = [new Int32Array(OUTPUT_ROWS), new Int32Array(OUTPUT_ROWS)]
    let n = 0
    for (let row = 0; row < length; row++) {
      const slot = slots[row]!
      let right = slot < 0 ? -1 : this.#first[slot]!
      if (right < 0 && !isLeft) continue
      do {
        leftRows[n] = row
        rightRows[n++] = right
        if (n === OUTPUT_ROWS) {
          yield this.#joined(batch, leftRows, rightRows, n)
          n = 0
        }
        right = right < 0 ? -1 : this.#next[right]!
      } while (right >= 0)
    }
    if (n > 0) yield this.#joined(batch, leftRows, rightRows, n)
  }

  #joined(left: Batch, leftRows: Int32Array, rightRows: Int32Array, length: number): Batch {
    const rows = left.take(leftRows, length)
    const right = this.#node.rightColumns.map(i => takeOrNull(this.#right!.columns[i]!, rightRows, length))
    return new Batch(this.#schema, length, [...rows.columns, ...right], rows.kinds)
  }

  #scratch(length: number): Int32Array {
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    return this.#slots
  }

  /** The index is made again from the rows, for it is no smaller than they are. */
  snapshot(): JoinState {
    const parts = this.#right === null ? this.#rightParts : [this.#right]
    return { ended: this.#right !== null, right: parts.map(packed), waiting: this.#waiting.map(packed) }
  }

  restore(state: unknown): void {
    const { ended, right, waiting } = state as JoinState
    this.#table.clear()
    this.#first = new Int32Array(0)
    this.#last = new Int32Array(0)
    this.#next = new Int32Array(0)
    this.#rightRows = 0
    this.#rightParts = []
    for (const part of right) this.#build(unpacked(this.#node.right.schema, part))
    this.#right = null
    if (ended) {
      this.#right = this.#rightParts[0]!
      this.#rightParts = []
    }
    this.#waiting = waiting.map(part => unpacked(this.#node.left.schema, part))
  }
}

interface JoinState {
  readonly ended: boolean
  readonly right: readonly BatchState[]
  readonly waiting: readonly BatchState[]
}

/** The input that is read whole. */
const RIGHT = 1

function grown(array: Int32Array, length: number): Int32Array {
  if (length <= array.length) return array
  const out = new Int32Array(Math.max(16, length * 2)).fill(-1)
  out.set(array)
  return out
}

/** The rows of a column, null where the row is −1. */
function takeOrNull(column: Column, rows: Int32Array, length: number): Column {
  let missing = 0
  for (let i = 0; i < length; i++) if (rows[i]! < 0) missing++
  if (missing === 0) return take(column, rows, length)
  if (missing === length) return columnOf(column.type, new Array<null>(length).fill(null))
  const some = new Int32Array(length)
  for (let i = 0; i < length; i++) some[i] = Math.max(0, rows[i]!)
  const taken = take(column, some, length)
  const valid = taken.valid ?? new Uint8Array(length).fill(1)
  for (let i = 0; i < length; i++) if (rows[i]! < 0) valid[i] = 0
  return { ...taken, valid }
}
