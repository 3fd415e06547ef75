import { concat, take, type Column, type FlatColumn } from '../../data/column.ts'
import { compact } from '../../data/compact.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import { scalar } from '../../data/type.ts'
import { PARTITIONS, partitions, rowsByPart } from '../state/partition.ts'
import type { SpillFile, SpillFolder } from '../state/spill.ts'
import type { Memory } from './memory.ts'
import { mergeRuns, type Comparison, type Rows } from './merge-runs.ts'
import { OUTPUT_ROWS } from './operator.ts'

/**
 * Rows in files by a hash of their key, so that equal keys are in one file, in the order they came. Their last column is
 * the number of each row, by which what the files give is brought into one order again.
 */
export class PartedRows {
  readonly #memory: Memory
  readonly #depth: number
  readonly #keys: readonly number[]
  /** Of parts that no row belongs to null. */
  readonly files: (SpillFile<Rows> | null)[] = new Array<null>(PARTITIONS).fill(null)
  /** Rows that wait for others, so that records are not too short. */
  #waiting: Rows[] = []
  #waitingRows = 0
  /** Counts all rows, so that it meets a dictionary once. */
  readonly #meter = new MemoryMeter()
  #flushedBytes = 0

  /** `keys` are the places of the key columns. */
  constructor(memory: Memory, depth: number, keys: readonly number[]) {
    this.#memory = memory
    this.#depth = depth
    this.#keys = keys
  }

  *add(rows: Rows): Generator<null> {
    this.#waiting.push(rows)
    this.#waitingRows += rows.length
    this.#meter.add(rows)
    const bytes = this.#meter.bytes - this.#flushedBytes
    if (this.#waitingRows >= OUTPUT_ROWS || bytes > this.#memory.budgetBytes / WAITING) yield* this.flush()
  }

  *flush(): Generator<null> {
    if (this.#waitingRows === 0) return
    const waiting = this.#waiting
    const columns = waiting[0]!.columns.map((_, i) => concat(waiting.map(rows => rows.columns[i]!)))
    const parts = partitions(
      this.#keys.map(place => columns[place]!),
      this.#waitingRows,
      this.#depth,
    )
    this.#waiting = []
    this.#waitingRows = 0
    this.#flushedBytes = this.#meter.bytes
    yield null
    for (const [part, rows] of rowsByPart(parts).entries()) {
      if (rows.length === 0) continue
      const file = (this.files[part] ??= this.#memory.spill.create())
      file.write({ length: rows.length, columns: columns.map(column => compact(take(column, rows))) })
      yield null
    }
  }

  snapshot(): PartedState {
    return {
      waiting: [...this.#waiting],
      files: this.files.map(file => (file === null ? null : [...file.read()])),
    }
  }

  restore({ waiting, files }: PartedState): void {
    this.#waiting = [...waiting]
    this.#waitingRows = waiting.reduce((sum, rows) => sum + rows.length, 0)
    for (const [part, records] of files.entries()) {
      this.files[part]?.remove()
      this.files[part] = records === null ? null : this.#memory.spill.create()
      for (const record of records ?? []) this.files[part]!.write(record)
    }
  }
}

/** The share of the budget that rows may take while they wait. */
const WAITING = 32

/** What a snapshot of parted rows holds. */
export interface PartedState {
  readonly waiting: readonly Rows[]
  readonly files: readonly (readonly Rows[] | null)[]
}

/** Which row of the input each is: of rows that lie together the first number says so. */
export type Numbers = Float64Array | number

/** All rows, or those `of` these places, with their numbers behind the other columns. */
export function withNumbers({ length, columns }: Rows, numbers: Numbers, of: Int32Array | null = null): Rows {
  const all = typeof numbers === 'number' ? Float64Array.from({ length }, (_, i) => numbers + i) : numbers
  const column: Column = { layout: 'flat', type: scalar('float64'), length, valid: null, values: all }
  const both = { length, columns: [...columns, column] }
  return of === null ? both : taken(both, of)
}

/** The rows at some places, in their order. */
export function taken(rows: Rows, at: Int32Array): Rows {
  if (at.length === rows.length) return rows
  return { length: at.length, columns: rows.columns.map(column => take(column, at)) }
}

/** Rows as they were, and their numbers. */
export function withoutNumbers({ length, columns }: Rows): { readonly rows: Rows; readonly numbers: Float64Array } {
  return { rows: { length, columns: columns.slice(0, -1) }, numbers: numbersIn(columns) }
}

function numbersIn(columns: readonly Column[]): Float64Array {
  return (columns[columns.length - 1] as FlatColumn).values as Float64Array
}

/** Brings what each part gives, in the order of its numbers, into one order. */
export function* mergeParts(
  parts: readonly Iterable<Rows | null>[],
  spill: SpillFolder,
  most: number,
): Generator<Rows | null> {
  const runs: SpillFile<Rows>[] = []
  for (const part of parts) {
    let run: SpillFile<Rows> | null = null
    for (const rows of part) {
      if (rows !== null) {
        run ??= spill.create()
        run.write({ length: rows.length, columns: rows.columns.map(compact) })
      }
      yield null
    }
    if (run !== null) runs.push(run)
  }
  yield* mergeRuns(runs, ({ columns }) => columns.slice(-1), byNumber, most)
}

const byNumber: Comparison = (a, i, b, j) => numbersIn(a)[i]! - numbersIn(b)[j]!
