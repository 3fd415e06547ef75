import { Batch } from '../../data/batch.ts'
import type { Nullable } from '../../data/type.ts'
import type { Distinct as DistinctNode } from '../../plan/node.ts'
import type { KeyTableState } from '../state/key-table.ts'
import { DEEPEST, PARTS } from '../state/partition.ts'
import type { SpillFile } from '../state/spill.ts'
import { FirstRows } from './first-rows.ts'
import { beyondBudget, taking, type Memory } from './memory.ts'
import type { Rows } from './merge-runs.ts'
import { OUTPUT_ROWS, pieces, type Operator, type Step, type Steps } from './operator.ts'
import {
  mergeParts,
  PartedRows,
  taken,
  withNumbers,
  withoutNumbers,
  type Numbers,
  type PartedState,
} from './parted-rows.ts'

/**
 * Gives the first row of each key of a batch. As long as the keys take less than half of the memory budget a row is given
 * as it comes; from then on rows of keys that are not known go to files parted by key, and the first ones of those are
 * given at the end. The rows come in their order either way.
 */
export class ExternalDistinct implements Operator {
  readonly #node: DistinctNode
  /** The columns that are given, then other keys. */
  readonly #columns: readonly number[]
  readonly #shared: Shared
  #level: Level
  #rows = 0

  constructor(node: DistinctNode, memory: Memory) {
    this.#node = node
    const { schema } = node.input
    const keys = node.on.map(name => schema.indexOf(name))
    this.#columns = [...new Set([...node.schema.names.map(name => schema.indexOf(name)), ...keys])]
    this.#shared = {
      memory,
      keyPlaces: keys.map(key => this.#columns.indexOf(key)),
      keyTypes: keys.map(key => schema.fields[key]!),
    }
    this.#level = new Level(this.#shared, 0)
  }

  *process(batch: Batch): Generator<Step> {
    for (const { length, columns } of pieces(batch)) {
      const rows = { length, columns: this.#columns.map(i => columns[i]!) }
      const numbers = this.#rows
      this.#rows += length
      for (const given of this.#level.add(rows, numbers)) yield this.#batch(given)
    }
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    for (const given of this.#level.end(OUTPUT_ROWS)) yield this.#batch(given)
  }

  #batch(given: Rows | null): Step {
    const { schema } = this.#node
    return given === null ? null : new Batch(schema, given.length, given.columns.slice(0, schema.fields.length))
  }

  snapshot(): DistinctState {
    return { rows: this.#rows, level: this.#level.snapshot() }
  }

  restore(state: unknown): void {
    const { rows, level } = state as DistinctState
    this.#rows = rows
    this.#level = new Level(this.#shared, 0)
    this.#level.restore(level)
  }
}

interface DistinctState {
  readonly rows: number
  readonly level: LevelState
}

/** What all levels have in common. */
interface Shared {
  readonly memory: Memory
  /** Where the keys are among the columns of rows. */
  readonly keyPlaces: readonly number[]
  readonly keyTypes: readonly Nullable[]
}

/** The rows of a part, at depth 0 all: the keys that have been met, and beyond the budget the rows of others by part. */
class Level {
  readonly #shared: Shared
  readonly #depth: number
  #first: FirstRows
  #parted: PartedRows | null = null

  constructor(shared: Shared, depth: number) {
    this.#shared = shared
    this.#depth = depth
    this.#first = new FirstRows(shared.keyTypes)
  }

  /** Gives the rows, with their numbers behind other columns, that are known to be the first of their keys. */
  *add(rows: Rows, numbers: Numbers): Generator<Rows | null> {
    const keys = this.#shared.keyPlaces.map(place => rows.columns[place]!)
    if (this.#parted !== null) {
      const others = this.#first.others(keys, rows.length)
      if (others.length > 0) yield* this.#parted.add(withNumbers(rows, numbers, others))
      return
    }
    const first = this.#first.take(keys, rows.length)
    if (first.length > 0) yield this.#depth === 0 ? taken(rows, first) : withNumbers(rows, numbers, first)
    this.#partIfFull()
  }

  /** Arrays that grow double, so that what is more than half of the budget may soon be more than all of it. */
  #partIfFull(): void {
    const { memory, keyPlaces } = this.#shared
    const { bytes } = this.#first
    if (this.#depth < DEEPEST) {
      if (2 * bytes > memory.budgetBytes) this.#parted = new PartedRows(memory, this.#depth, keyPlaces)
    } else if (bytes > memory.budgetBytes) {
      const found = taking(`one of ${PARTS} parts of its keys takes`, bytes, memory.budgetBytes)
      throw beyondBudget(found, 'Filter or select before it')
    }
  }

  /** The other first rows, at most `most` at once, in their order. */
  *end(most: number): Generator<Rows | null> {
    if (this.#parted === null) return
    this.#first = new FirstRows(this.#shared.keyTypes)
    yield* this.#parted.flush()
    const parts = this.#parted.files.filter(file => file !== null).map(file => this.#below(file))
    yield* mergeParts(parts, this.#shared.memory.spill, most)
  }

  *#below(file: SpillFile<Rows>): Generator<Rows | null> {
    const level = new Level(this.#shared, this.#depth + 1)
    for (const record of file.read()) {
      const { rows, numbers } = withoutNumbers(record)
      yield* level.add(rows, numbers)
      yield null
    }
    file.remove()
    yield* level.end(RECORD_ROWS)
  }

  snapshot(): LevelState {
    return { first: this.#first.snapshot(), parted: this.#parted?.snapshot() ?? null }
  }

  restore({ first, parted }: LevelState): void {
    const { memory, keyPlaces } = this.#shared
    this.#first.restore(first)
    if (parted === null) return
    this.#parted = new PartedRows(memory, this.#depth, keyPlaces)
    this.#parted.restore(parted)
  }
}

interface LevelState {
  readonly first: KeyTableState
  readonly parted: PartedState | null
}

/** Rows of a record where parts are merged into one. */
const RECORD_ROWS = 1024
