import { Batch } from '../../data/batch.ts'
import { valueAt, type Column } from '../../data/column.ts'
import type { Aggregate as AggregateNode } from '../../plan/node.ts'
import { canonical } from '../state/key-table.ts'
import { DEEPEST, PARTITIONS, partitions, PARTS, rowsByPart } from '../state/partition.ts'
import type { SpillFile } from '../state/spill.ts'
import { compileProject } from '../vector/project.ts'
import { Groups, type GroupsState, type PackedGroups } from './groups.ts'
import { beyondBudget, megabytes, taking, type Memory } from './memory.ts'
import type { Rows } from './merge-runs.ts'
import { OUTPUT_ROWS, pieces, type Operator, type Step, type Steps } from './operator.ts'
import { mergeParts, PartedRows, withNumbers, withoutNumbers, type Numbers, type PartedState } from './parted-rows.ts'

/**
 * Groups the rows of a batch by key and aggregates each group; without a key there is always one group. The groups come
 * at the end, in the order of their first rows. Once they take half of the memory budget no more are begun: rows of known
 * groups are still added, others go to files parted by key, each of which is aggregated by itself when the rest is done,
 * and parted again where it is still too much. Groups that go on growing, such as lists, go to the same parts.
 */
export class ExternalAggregate implements Operator {
  readonly #node: AggregateNode
  readonly #computed: (batch: Batch) => Column[]
  readonly #shared: Shared
  #level: Level
  #rows = 0

  constructor(node: AggregateNode, memory: Memory) {
    this.#node = node
    const { schema } = node.input
    const computed = node.keys.map(({ expr }) => expr).filter(expr => expr.kind !== 'column')
    this.#computed = compileProject(computed, schema)
    let next = schema.fields.length
    const keyPlaces = node.keys.map(({ expr }) => (expr.kind === 'column' ? expr.index : next++))
    this.#shared = { node, memory, keyPlaces, groups: new Groups(node, keyPlaces) }
    this.#level = new Level(this.#shared, 0)
  }

  process(batch: Batch): Steps {
    return batch.length <= 2 * OUTPUT_ROWS ? this.#take(batch) : this.#takeLong(batch)
  }

  *#takeLong(batch: Batch): Generator<null> {
    for (const piece of pieces(batch)) {
      yield* this.#take(piece)
      yield null
    }
  }

  #take(batch: Batch): Iterable<null> {
    const { length } = batch
    const from = this.#rows
    this.#rows += length
    return this.#level.add({ length, columns: [...batch.columns, ...this.#computed(batch)] }, from)
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    const { schema, keys } = this.#node
    if (keys.length === 0 && this.#rows === 0) this.#shared.groups.addEmpty()
    for (const rows of this.#level.end(OUTPUT_ROWS)) {
      yield rows === null ? null : new Batch(schema, rows.length, rows.columns.slice(0, -1))
    }
  }

  snapshot(): AggregateState {
    return { rows: this.#rows, groups: this.#shared.groups.snapshot(), level: this.#level.snapshot() }
  }

  restore(state: unknown): void {
    const { rows, groups, level } = state as AggregateState
    this.#rows = rows
    this.#shared.groups.restore(groups)
    this.#level = new Level(this.#shared, 0)
    this.#level.restore(level)
  }
}

interface AggregateState {
  readonly rows: number
  readonly groups: GroupsState
  readonly level: LevelState
}

/** What all levels have in common. The groups are those of one level at a time. */
interface Shared {
  readonly node: AggregateNode
  readonly memory: Memory
  /** Where the keys are among the input's columns and the computed keys behind them. */
  readonly keyPlaces: readonly number[]
  readonly groups: Groups
}

/** The rows of a part, at depth 0 all: groups in memory, and beyond the budget what is parted for the levels below. */
class Level {
  readonly #shared: Shared
  readonly #depth: number
  /** Null as long as all groups fit. */
  #parted: PartedRows | null = null
  /** By part: the groups that were in memory, once they had to go. */
  #left: (SpillFile<PackedGroups> | null)[] | null = null
  /** Groups in a record of what a part gives: of each part one is in memory while they are merged. */
  #recordRows = OUTPUT_ROWS

  constructor(shared: Shared, depth: number) {
    this.#shared = shared
    this.#depth = depth
  }

  /** Takes rows: the input's columns, then computed keys. */
  add(rows: Rows, numbers: Numbers): Iterable<null> {
    const { groups } = this.#shared
    if (this.#parted === null) {
      groups.add(rows, numbers)
      this.#partIfFull()
      return NOTHING
    }
    if (this.#left !== null) return this.#parted.add(withNumbers(rows, numbers))
    const others = groups.addKnown(rows)
    return this.#addOthers(others.length === 0 ? null : withNumbers(rows, numbers, others))
  }

  *#addOthers(others: Rows | null): Generator<null> {
    if (others !== null) yield* this.#parted!.add(others)
    if (this.#shared.groups.bytes > this.#shared.memory.budgetBytes) yield* this.#leave()
  }

  /** Arrays that grow double, so that what is more than half of the budget may soon be more than all of it. */
  #partIfFull(): void {
    const { node, memory, groups, keyPlaces } = this.#shared
    const { bytes } = groups
    const { budgetBytes } = memory
    if (node.keys.length > 0 && this.#depth < DEEPEST) {
      if (2 * bytes > budgetBytes) this.#parted = new PartedRows(memory, this.#depth, keyPlaces)
      return
    }
    if (bytes <= budgetBytes) return
    throw node.keys.length === 0
      ? beyondBudget(taking('what it aggregates takes', bytes, budgetBytes), KEEP_FEWER)
      : beyondBudget(taking(`one of ${PARTS} parts of its groups takes`, bytes, budgetBytes), FEWER)
  }

  /** Writes the groups to files by part. The rows that come later belong to the same parts. */
  *#leave(): Generator<null> {
    const { groups, memory } = this.#shared
    this.#refuseLargest()
    this.#recordRows = groups.rowsWithin(this.#recordBytes)
    const parts = partitions(
      groups.keys(Int32Array.from({ length: groups.length }, (_, i) => i)),
      groups.length,
      this.#depth,
    )
    this.#left = []
    for (const slots of rowsByPart(parts)) {
      const file = slots.length === 0 ? null : memory.spill.create<PackedGroups>()
      this.#left.push(file)
      for (const some of groups.packed(slots, this.#recordBytes)) {
        file!.write(some)
        yield null
      }
    }
    groups.clear()
  }

  get #recordBytes(): number {
    return this.#shared.memory.budgetBytes / (4 * PARTITIONS)
  }

  /** Parting does not help where one group is too large. */
  #refuseLargest(): void {
    const { groups, memory, node } = this.#shared
    const { slot, bytes } = groups.largest()
    if (2 * bytes <= memory.budgetBytes) return
    const key = groups.keys(Int32Array.of(slot)).map((column, k) => {
      const text = canonical(valueAt(column, 0))
      return `${node.keys[k]!.name} = ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`
    })
    const found = `the group of ${key.join(', ')} alone takes ${megabytes(bytes)} of memory, more than half of the budget of ${megabytes(memory.budgetBytes)}`
    throw beyondBudget(found, KEEP_FEWER)
  }

  /** The groups with their numbers, at most `most` at once, in the order of their first rows. */
  *end(most: number): Generator<Rows | null> {
    const { groups, memory } = this.#shared
    const parted = this.#parted
    if (this.#left === null) {
      // Groups that were never left began before all others.
      yield* groups.rows(most)
      if (parted !== null) this.#recordRows = groups.rowsWithin(this.#recordBytes)
      groups.clear()
    }
    if (parted === null) return
    yield* parted.flush()
    const parts = Array.from({ length: PARTITIONS }, (_, part) =>
      this.#below(this.#left?.[part] ?? null, parted.files[part]!),
    )
    yield* mergeParts(parts, memory.spill, most)
  }

  /** What a part gives: of the groups that were in memory, and of rows. */
  *#below(left: SpillFile<PackedGroups> | null, rows: SpillFile<Rows> | null): Generator<Rows | null> {
    const level = new Level(this.#shared, this.#depth + 1)
    if (left !== null) yield* level.#load(left)
    if (rows !== null) yield* level.#read(rows)
    yield* level.end(this.#recordRows)
  }

  /** Begins with groups that were in memory together with others, so that they fit now. */
  *#load(file: SpillFile<PackedGroups>): Generator<null> {
    for (const some of file.read()) {
      this.#shared.groups.load(some)
      yield null
    }
    file.remove()
    this.#partIfFull()
  }

  *#read(file: SpillFile<Rows>): Generator<null> {
    for (const record of file.read()) {
      const { rows, numbers } = withoutNumbers(record)
      yield* this.add(rows, numbers)
      yield null
    }
    file.remove()
  }

  snapshot(): LevelState {
    return {
      parted: this.#parted?.snapshot() ?? null,
      left: this.#left?.map(file => (file === null ? null : [...file.read()])) ?? null,
      recordRows: this.#recordRows,
    }
  }

  restore({ parted, left, recordRows }: LevelState): void {
    const { memory, keyPlaces } = this.#shared
    this.#recordRows = recordRows
    if (parted !== null) {
      this.#parted = new PartedRows(memory, this.#depth, keyPlaces)
      this.#parted.restore(parted)
    }
    if (left === null) return
    this.#left = left.map(records => {
      if (records === null) return null
      const file = memory.spill.create<PackedGroups>()
      for (const record of records) file.write(record)
      return file
    })
  }
}

interface LevelState {
  readonly parted: PartedState | null
  readonly left: readonly (readonly PackedGroups[] | null)[] | null
  readonly recordRows: number
}

const NOTHING: readonly null[] = []
const KEEP_FEWER = 'Keep fewer values of a group'
const FEWER = 'Make fewer groups'
