import { Batch } from '../../data/batch.ts'
import { concat, take, valueAt, type Column } from '../../data/column.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import { compareText, compareValues } from '../../expr/order.ts'
import type { OrderBy as OrderByNode, SortKey } from '../../plan/node.ts'
import type { SpillFile } from '../state/spill.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import type { Memory } from './memory.ts'
import { OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
import { OrderBy } from './order-by.ts'

/**
 * The order of more rows than fit into memory: whenever the rows it holds reach the budget they are sorted and written
 * to a file, and at the end the files are merged. As long as the budget holds it is {@link OrderBy}. Rows with equal keys
 * keep their order: of two files the earlier one comes first.
 */
export class ExternalSort implements Operator {
  readonly #node: OrderByNode
  readonly #memory: Memory
  readonly #meter = new MemoryMeter()
  #rows: OrderBy
  #runs: SpillFile[] = []

  constructor(node: OrderByNode, memory: Memory) {
    this.#node = node
    this.#memory = memory
    this.#rows = new OrderBy(node)
  }

  process(batch: Batch): Steps {
    const steps = this.#rows.process(batch)
    this.#meter.add(batch)
    // the sort takes its own columns beside the rows
    return 2 * this.#meter.bytes > this.#memory.budgetBytes ? this.#spill() : steps
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    if (this.#runs.length === 0) {
      yield* this.#rows.end()
      return
    }
    yield* this.#spill()
    const runs = this.#runs
    this.#runs = []
    yield* merged(this.#node, runs)
    for (const run of runs) run.remove()
  }

  *#spill(): Generator<Step> {
    const run = this.#memory.spill.create(this.#node.schema)
    this.#runs.push(run)
    for (const step of this.#rows.end()) {
      if (step instanceof Batch) for (const piece of pieces(step)) run.write(piece)
      yield null
    }
    this.#rows = new OrderBy(this.#node)
    this.#meter.clear()
  }

  snapshot(): SortState {
    return { runs: this.#runs.map(run => [...run.read()].map(packed)), rows: this.#rows.snapshot() }
  }

  restore(state: unknown): void {
    const { runs, rows } = state as SortState
    for (const run of this.#runs) run.remove()
    this.#runs = runs.map(parts => {
      const run = this.#memory.spill.create(this.#node.schema)
      for (const part of parts) run.write(unpacked(this.#node.schema, part))
      return run
    })
    this.#meter.clear()
    this.#rows = new OrderBy(this.#node)
    this.#rows.restore(rows)
  }
}

interface SortState {
  readonly runs: readonly (readonly BatchState[])[]
  readonly rows: unknown
}

/** Rows of a batch in a file: of each file one is in memory while they are merged. */
const RUN_ROWS = 4096

function* pieces(batch: Batch): Generator<Batch> {
  for (let from = 0; from < batch.length; from += RUN_ROWS) {
    yield batch.slice(from, Math.min(batch.length, from + RUN_ROWS))
  }
}

/** A run as it is read: the batch at hand, its keys, and the row that is next. */
interface Cursor {
  readonly batches: Iterator<Batch, void>
  batch: Batch
  keys: readonly Column[]
  row: number
}

function* merged(node: OrderByNode, runs: readonly SpillFile[]): Generator<Step> {
  const keysOf = compileProject(
    node.by.map(key => key.expr),
    node.schema,
  )
  const before = comparison(node.by)
  const heap: Cursor[] = []
  const order = new Map<Cursor, number>()
  for (const [i, run] of runs.entries()) {
    const cursor: Cursor = { batches: run.read(), batch: Batch.empty(node.schema), keys: [], row: 0 }
    if (!advance(cursor, keysOf)) continue
    order.set(cursor, i)
    heap.push(cursor)
  }
  const less = (a: Cursor, b: Cursor): boolean => {
    const found = before(a.keys, a.row, b.keys, b.row)
    return found < 0 || (found === 0 && order.get(a)! < order.get(b)!)
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, less)
  const answer = new Gathered(node)
  while (heap.length > 0) {
    const cursor = heap[0]!
    answer.add(cursor.batch, cursor.row++)
    if (cursor.row === cursor.batch.length && !advance(cursor, keysOf)) {
      const last = heap.pop()!
      if (heap.length > 0) heap[0] = last
    }
    if (heap.length > 0) sink(heap, 0, less)
    if (answer.length === OUTPUT_ROWS) yield answer.batch()
  }
  if (answer.length > 0) yield answer.batch()
}

function advance(cursor: Cursor, keysOf: (batch: Batch) => readonly Column[]): boolean {
  const next = cursor.batches.next()
  if (next.done === true) return false
  cursor.batch = next.value
  cursor.keys = keysOf(next.value)
  cursor.row = 0
  return true
}

function sink(heap: Cursor[], from: number, less: (a: Cursor, b: Cursor) => boolean): void {
  for (let at = from; ;) {
    const left = 2 * at + 1
    if (left >= heap.length) return
    const right = left + 1
    const least = right < heap.length && less(heap[right]!, heap[left]!) ? right : left
    if (!less(heap[least]!, heap[at]!)) return
    const moved = heap[at]!
    heap[at] = heap[least]!
    heap[least] = moved
    at = least
  }
}

/** Rows of several batches on their way into one. */
class Gathered {
  readonly #node: OrderByNode
  #places = new Map<Batch, number>()
  #batches: Batch[] = []
  readonly #from = new Int32Array(OUTPUT_ROWS)
  readonly #row = new Int32Array(OUTPUT_ROWS)
  length = 0

  constructor(node: OrderByNode) {
    this.#node = node
  }

  add(batch: Batch, row: number): void {
    let place = this.#places.get(batch)
    if (place === undefined) {
      place = this.#batches.length
      this.#places.set(batch, place)
      this.#batches.push(batch)
    }
    this.#from[this.length] = place
    this.#row[this.length++] = row
  }

  batch(): Batch {
    const starts: number[] = []
    let rows = 0
    for (const batch of this.#batches) {
      starts.push(rows)
      rows += batch.length
    }
    const order = Int32Array.from({ length: this.length }, (_, i) => starts[this.#from[i]!]! + this.#row[i]!)
    const columns = this.#node.schema.fields.map((_, c) =>
      take(concat(this.#batches.map(batch => batch.columns[c]!)), order, this.length),
    )
    const out = new Batch(this.#node.schema, this.length, columns)
    this.length = 0
    this.#batches = []
    this.#places = new Map()
    return out
  }
}

type Comparison = (a: readonly Column[], i: number, b: readonly Column[], j: number) => number

/** The order that {@link OrderBy} gives, of rows in two batches. */
function comparison(by: readonly SortKey[]): Comparison {
  const parts = by.map(({ descending }, k): Comparison => {
    const sign = descending ? -1 : 1
    return (a, i, b, j) => {
      const [x, y] = [a[k]!, b[k]!]
      const [here, there] = [isValid(x, i), isValid(y, j)]
      if (!here || !there) return Number(there) - Number(here)
      if (x.layout === 'text' && y.layout === 'text') {
        return sign * compareText(x.strings[x.codes?.[i] ?? i]!, y.strings[y.codes?.[j] ?? j]!)
      }
      return sign * compareValues(valueAt(x, i), valueAt(y, j))
    }
  })
  return (a, i, b, j) => {
    for (const part of parts) {
      const found = part(a, i, b, j)
      if (found !== 0) return found
    }
    return 0
  }
}

function isValid({ valid }: Column, row: number): boolean {
  return valid === null || valid[row] === 1
}
