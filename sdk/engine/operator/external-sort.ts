import { Batch } from '../../data/batch.ts'
import { valueAt, type Column } from '../../data/column.ts'
import { compact } from '../../data/compact.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import { compareText, compareValues } from '../../expr/order.ts'
import type { OrderBy as OrderByNode, SortKey } from '../../plan/node.ts'
import type { SpillFile } from '../state/spill.ts'
import { compileProject } from '../vector/project.ts'
import { unpacked, type BatchState } from './batch-state.ts'
import type { Memory } from './memory.ts'
import { mergeRuns, type Comparison } from './merge-runs.ts'
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
  #runs: SpillFile<BatchState>[] = []

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
    const { schema, by } = this.#node
    const keys = compileProject(
      by.map(key => key.expr),
      schema,
    )
    for (const rows of mergeRuns(runs, rows => keys(unpacked(schema, rows)), comparison(by), OUTPUT_ROWS)) {
      yield new Batch(schema, rows.length, rows.columns)
    }
  }

  *#spill(): Generator<Step> {
    const run = this.#memory.spill.create<BatchState>()
    this.#runs.push(run)
    for (const step of this.#rows.end()) {
      if (step instanceof Batch) for (const piece of pieces(step)) run.write(piece)
      yield null
    }
    this.#rows = new OrderBy(this.#node)
    this.#meter.clear()
  }

  snapshot(): SortState {
    return { runs: this.#runs.map(run => [...run.read()]), rows: this.#rows.snapshot() }
  }

  restore(state: unknown): void {
    const { runs, rows } = state as SortState
    for (const run of this.#runs) run.remove()
    this.#runs = runs.map(parts => {
      const run = this.#memory.spill.create<BatchState>()
      for (const part of parts) run.write(part)
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

function* pieces(batch: Batch): Generator<BatchState> {
  for (let from = 0; from < batch.length; from += RUN_ROWS) {
    const { length, columns, kinds } = batch.slice(from, Math.min(batch.length, from + RUN_ROWS))
    yield { length, columns: columns.map(compact), kinds }
  }
}

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
