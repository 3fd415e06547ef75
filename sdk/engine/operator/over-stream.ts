import { Batch } from '../../data/batch.ts'
import { concat, take, type Column } from '../../data/column.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import type { Typed } from '../../expr/node.ts'
import type { Named, Over as OverNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { SlotRows, type SlotRowsState } from '../state/slot-rows.ts'
import { temporalGrid } from '../time/grid.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { EventTimeReader } from './event-time.ts'
import { GroupValues } from './group-values.ts'
import { LateRows } from './late-rows.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
import { callOf, operandsOfCall, type Call } from './over-call.ts'
import { framesOf, type Ordered } from './over-frame.ts'
import { OverItems } from './over-items.ts'
import { rowNumbers } from './radix-sort.ts'

/**
 * `over` of a stream in the order of event time. Rows wait until the watermark has passed their time; then they are given
 * in that order, of one time as they came. Aggregates of all rows so far are kept as such, by group. For the rest the
 * rows that a later frame may reach are kept, in a list for each group, and those of the groups that get a row go
 * through the loops of a batch. A row behind the watermark goes to the side.
 */
export class OverStream implements Operator {
  readonly #node: OverNode
  readonly #times: EventTimeReader
  readonly #keys: (batch: Batch) => Column[]
  readonly #items: OverItems
  readonly #step: number
  readonly #running: readonly Named[]
  readonly #placed: readonly Named[]
  readonly #reach: ReturnType<typeof reachOf>
  readonly #all: readonly number[]
  readonly #table: KeyTable
  readonly #values: GroupValues
  /** Rows that wait, in the order they came, and the earliest time of each batch of them. */
  #waiting: Waiting[] = []
  readonly #meter = new MemoryMeter()
  readonly #rows: SlotRows
  /** By slot of a kept row. */
  #rowTimes: number[] = []
  /** By group: the slots of its kept rows, in order. */
  #lists: number[][] = []
  #watermark = -Infinity
  #swept = -Infinity
  readonly #late = new LateRows()

  constructor(node: OverNode) {
    const { schema } = node.input
    const keys = node.keys.map(key => key.expr)
    this.#node = node
    this.#times = new EventTimeReader(node.input.time!, schema, 'over')
    this.#keys = compileProject(keys, schema)
    this.#items = new OverItems(node)
    this.#step = overGrid(node).stepMicros
    this.#running = node.calls.filter(({ expr }) => expr.kind === 'aggregate' && takesAll(node))
    this.#placed = node.calls.filter(call => !this.#running.includes(call))
    this.#reach = reachOf(node, this.#placed)
    this.#all = schema.fields.map((_, i) => i)
    this.#table = new KeyTable(keys)
    this.#values = new GroupValues(this.#running, schema, false)
    this.#rows = new SlotRows(schema)
  }

  get heldBytes(): number {
    return this.#meter.bytes + this.#rows.bytes + this.#table.bytes + this.#values.bytes
  }

  process(batch: Batch): Steps {
    const times = this.#times.of(batch)
    const inTime: number[] = []
    const late: number[] = []
    let first = Infinity
    for (let row = 0; row < batch.length; row++) {
      const time = times[row]!
      if (time < this.#watermark) late.push(row)
      else {
        inTime.push(row)
        if (time < first) first = time
      }
    }
    this.#late.add(batch, late)
    if (inTime.length === 0) return NOTHING
    const kept = late.length === 0 ? batch : batch.take(Int32Array.from(inTime))
    const itsTimes = late.length === 0 ? times : Float64Array.from(inTime, row => times[row]!)
    this.#waiting.push({ batch: kept, times: itsTimes, first })
    this.#meter.add(kept)
    return NOTHING
  }

  *watermark(time: number): Generator<Step> {
    // between the times of its grid a watermark depends on how rows are cut into batches
    const mark = Math.floor(time / this.#step) * this.#step
    if (mark <= this.#watermark) return
    this.#watermark = mark
    const due = this.#waiting.some(({ first }) => first < mark) ? this.#due() : null
    if (due !== null) for (const piece of this.#pieces(due)) yield this.#answered(piece)
    this.#sweep()
    yield mark
  }

  /** Cut between rows of two times, since rows of one time may be in each other's frames. */
  *#pieces(due: Batch): Generator<Batch> {
    const times = this.#times.of(due)
    for (let from = 0; from < due.length;) {
      let to = Math.min(due.length, from + OUTPUT_ROWS)
      while (to < due.length && times[to] === times[to - 1]) to++
      yield due.slice(from, to)
      from = to
    }
  }

  /** The rows whose time the watermark has passed, in order. Those that wait on keep their places. */
  #due(): Batch {
    const due: Batch[] = []
    const left: Waiting[] = []
    for (const part of this.#waiting) {
      if (part.first >= this.#watermark) {
        left.push(part)
        continue
      }
      const [now, later]: [number[], number[]] = [[], []]
      for (let row = 0; row < part.batch.length; row++) (part.times[row]! < this.#watermark ? now : later).push(row)
      due.push(part.batch.take(Int32Array.from(now)))
      if (later.length === 0) continue
      const times = Float64Array.from(later, row => part.times[row]!)
      const first = times.reduce((a, b) => Math.min(a, b))
      left.push({ batch: part.batch.take(Int32Array.from(later)), times, first })
    }
    this.#waiting = left
    this.#meter.clear()
    for (const { batch } of left) this.#meter.add(batch)
    const all = Batch.concat(this.#node.input.schema, due)
    const times = this.#times.of(all)
    return all.take(rowNumbers(all.length).sort((a, b) => times[a]! - times[b]! || a - b))
  }

  #answered(due: Batch): Batch {
    const { length } = due
    const slots = new Int32Array(length)
    this.#table.slots(this.#keys(due), length, slots)
    const times = this.#times.of(due)
    const values = new Map<string, Column>()
    if (this.#running.length > 0) this.#run(due, times, slots, values)
    if (this.#placed.length > 0) this.#place(due, times, slots, values)
    return this.#items.output(
      due,
      this.#node.calls.map(call => values.get(call.name)!),
    )
  }

  /** Aggregates of all rows so far: rows are added in rounds, in each at most those of one place of every group. */
  #run(due: Batch, times: Float64Array, slots: Int32Array, values: Map<string, Column>): void {
    this.#values.grow(this.#table.end)
    const tied = this.#node.frame.unit !== 'rows'
    const rounds: number[][] = []
    const last = new Map<number, { round: number; time: number }>()
    for (let row = 0; row < due.length; row++) {
      const known = last.get(slots[row]!)
      const same = known !== undefined && tied && known.time === times[row]
      const round = known === undefined ? 0 : same ? known.round : known.round + 1
      last.set(slots[row]!, { round, time: times[row]! })
      ;(rounds[round] ??= []).push(row)
    }
    const computed = rounds.map(rows => {
      const chosen = Int32Array.from(rows)
      const its = Int32Array.from(rows, row => slots[row]!)
      this.#values.add(due.take(chosen), its)
      return this.#values.columns(its)
    })
    const back = new Int32Array(due.length)
    for (const [i, row] of rounds.flat().entries()) back[row] = i
    for (const [k, { name }] of this.#running.entries()) {
      const column = concat(computed.map(columns => columns[k]!))
      values.set(name, take(column, back))
    }
  }

  /** The other calls, over the kept rows of the groups of these rows. */
  #place(due: Batch, times: Float64Array, slots: Int32Array, values: Map<string, Column>): void {
    const kept = new Int32Array(due.length)
    this.#rows.put(due.columns, rowNumbers(due.length), due.length, kept)
    while (this.#lists.length < this.#table.end) this.#lists.push([])
    const groups = new Set<number>()
    for (let row = 0; row < due.length; row++) {
      this.#rowTimes[kept[row]!] = times[row]!
      this.#lists[slots[row]!]!.push(kept[row]!)
      groups.add(slots[row]!)
    }
    const [all, bounds, ties]: [number[], number[], number[]] = [[], [0], []]
    for (const group of groups) {
      const list = this.#lists[group]!
      for (const [i, slot] of list.entries()) {
        ties.push(i > 0 && this.#rowTimes[slot] === this.#rowTimes[list[i - 1]!] ? 1 : 0)
        all.push(slot)
      }
      bounds.push(all.length)
    }
    const { input, frame, order } = this.#node
    const rows = new Batch(input.schema, all.length, this.#rows.take(this.#all, Int32Array.from(all), all.length))
    const ordered: Ordered = {
      order: rowNumbers(all.length),
      bounds: Int32Array.from(bounds),
      ties: Uint8Array.from(ties),
    }
    const positions = new Map(all.map((slot, i) => [slot, i]))
    const at = Int32Array.from(kept, slot => positions.get(slot)!)
    const frames = run(framesOf(frame, ordered, order[0], rows.column(input.time!.column)))
    for (const { name, expr } of this.#placed) {
      const operands = operandsOfCall(expr as Call)
      const columns = compileProject(operands.exprs, input.schema)(rows)
      values.set(name, take(run(callOf(expr as Call, operands, columns, ordered, frames)), at))
    }
    for (const group of groups) this.#trim(group, times[times.length - 1]!)
  }

  /** Forgets the rows of a group that no frame of a row from this time on reaches. */
  #trim(group: number, time: number): void {
    const list = this.#lists[group]!
    const { rows, micros } = this.#reach
    let from = Math.max(0, list.length - rows)
    while (from > 0 && this.#rowTimes[list[from - 1]!]! >= time - micros) from--
    for (const slot of list.splice(0, from)) this.#rows.free(slot)
  }

  /** Once in a while also those of groups that get no more rows; a group of which nothing is kept goes. */
  #sweep(): void {
    const { micros } = this.#reach
    if (micros === 0 || this.#watermark - this.#swept < micros) return
    this.#swept = this.#watermark
    const gone: number[] = []
    for (const [group, list] of this.#lists.entries()) {
      if (list.length === 0) continue
      this.#trim(group, this.#watermark)
      if (list.length === 0 && this.#running.length === 0) gone.push(group)
    }
    if (gone.length > 0) this.#table.remove(Int32Array.from(gone), gone.length)
  }

  end(): Steps {
    return NOTHING
  }

  /** The late rows, with the columns of the input. */
  side(): Batch | null {
    return this.#late.take()
  }

  snapshot(): OverStreamState {
    return {
      table: this.#table.snapshot(),
      values: this.#values.snapshot(),
      waiting: this.#waiting.map(({ batch, times, first }) => ({ batch: packed(batch), times, first })),
      rows: this.#rows.snapshot(),
      rowTimes: [...this.#rowTimes],
      lists: this.#lists.map(list => [...list]),
      watermark: this.#watermark,
      swept: this.#swept,
    }
  }

  restore(state: unknown): void {
    const { table, values, waiting, rows, rowTimes, lists, watermark, swept } = state as OverStreamState
    this.#table.restore(table)
    this.#values.grow(this.#table.end)
    this.#values.restore(values)
    this.#waiting = waiting.map(part => ({ ...part, batch: unpacked(this.#node.input.schema, part.batch) }))
    this.#meter.clear()
    for (const { batch } of this.#waiting) this.#meter.add(batch)
    this.#rows.restore(rows)
    this.#rowTimes = [...rowTimes]
    this.#lists = lists.map(list => [...list])
    this.#watermark = watermark
    this.#swept = swept
  }
}

/** Rows in time, and the earliest of their times. */
interface Waiting {
  readonly batch: Batch
  readonly times: Float64Array
  readonly first: number
}

interface OverStreamState {
  readonly table: KeyTableState
  readonly values: unknown
  readonly waiting: readonly { readonly batch: BatchState; readonly times: Float64Array; readonly first: number }[]
  readonly rows: SlotRowsState
  readonly rowTimes: readonly number[]
  readonly lists: readonly (readonly number[])[]
  readonly watermark: number
  readonly swept: number
}

/** The times at which rows are given: by how late rows may come, but not finer than 100 milliseconds. */
export function overGrid({ input }: OverNode): ReturnType<typeof temporalGrid> {
  return temporalGrid(input.time!.boundMicros, input.time!.boundMicros)
}

/** True where the frame has all rows up to the row itself, so that an aggregate only grows. */
function takesAll({ frame }: OverNode): boolean {
  return !('before' in frame) || (frame.before === Infinity && frame.after === 0)
}

/** How many rows, and rows of how long, a row that is to come may reach back. */
function reachOf({ frame }: OverNode, placed: readonly Named[]): { readonly rows: number; readonly micros: number } {
  const back = placed.map(({ expr }) => (expr.kind === 'window' ? lagOf(expr) : 0))
  const bounded = 'before' in frame && frame.before < Infinity
  return {
    rows: Math.max(0, ...back, bounded && frame.unit === 'rows' ? frame.before : 0),
    micros: bounded && frame.unit === 'range' ? frame.before : 0,
  }
}

const lagOf = ({ options }: Extract<Typed, { kind: 'window' }>): number => options['n'] as number

/** Goes through an answer that is given in pieces, in one go. */
function run<T>(steps: Generator<null, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
