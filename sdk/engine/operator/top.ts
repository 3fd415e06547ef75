import { Batch, DELETE, INSERT } from '../../data/batch.ts'
import { take, type Column, type FlatColumn, type TextColumn } from '../../data/column.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import { scalar } from '../../data/type.ts'
import type { Top as TopNode } from '../../plan/node.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import { compileProject } from '../vector/project.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
import { sortRows } from './sort-rows.ts'

/**
 * Keeps the first rows of an order, of each group. A row is a candidate unless a number that rises with its first key
 * shows that its group has enough better ones; when there are as many candidates as rows kept, both are sorted and cut,
 * so that what is held stays within a few times of what is given. Rows with equal keys rank as they came.
 *
 * Over a stream each batch that changes the first rows gives the difference: −D for rows that leave, +I for new ones.
 */
export class Top implements Operator {
  readonly #node: TopNode
  readonly #keys: (batch: Batch) => Column[]
  readonly #by: (batch: Batch) => Column[]
  readonly #firstBy: (batch: Batch) => Column[]
  readonly #descending: readonly boolean[]
  readonly #table: KeyTable
  readonly #changes: boolean
  /** Sorted by group and order, at most `count` a group. */
  #kept: Batch
  #keptSlots = new Int32Array(0)
  #candidates: Batch[] = []
  #candidateSlots: Int32Array[] = []
  #waiting = 0
  /** Counts what is kept and the candidates. */
  readonly #meter = new MemoryMeter()
  /** By group: the number of its last kept row once it has `count`, Infinity before. */
  #bar: Float64Array = new Float64Array(1).fill(Infinity)
  #rows: Int32Array = new Int32Array(0)

  constructor(node: TopNode) {
    const input = node.input.schema
    this.#node = node
    const keys = node.keys.map(key => key.expr)
    this.#keys = compileProject(keys, input)
    const by = node.by.map(key => key.expr)
    this.#by = compileProject(by, input)
    this.#firstBy = compileProject(by.slice(0, 1), input)
    this.#descending = node.by.map(key => key.descending)
    this.#table = new KeyTable(keys)
    this.#changes = node.frameKind !== 'batch'
    this.#kept = Batch.empty(input)
  }

  *process(batch: Batch): Generator<Step> {
    if (this.#node.count === 0) return
    this.#take(batch)
    if (this.#waiting === 0) return
    if (this.#changes) yield* this.#changed()
    else if (this.#waiting > Math.max(LEAST_WAITING, this.#kept.length)) yield* this.#cut()
  }

  get heldBytes(): number {
    const slots = (this.#kept.length + this.#waiting) * Int32Array.BYTES_PER_ELEMENT
    return this.#meter.bytes + slots + this.#table.bytes + this.#bar.byteLength
  }

  watermark(time: number): Steps {
    return this.#changes && time !== Infinity ? NOTHING : [time]
  }

  *end(): Generator<Step> {
    if (this.#changes) return
    if (this.#waiting > 0) yield* this.#cut()
    const kept = this.#kept
    for (let from = 0; from < kept.length; from += OUTPUT_ROWS) {
      yield kept.slice(from, Math.min(kept.length, from + OUTPUT_ROWS))
    }
  }

  /** Sets aside the rows that may be among the first. */
  #take(batch: Batch): void {
    const slots = this.#slotsOf(batch)
    if (this.#rows.length < batch.length) this.#rows = new Int32Array(batch.length)
    const n = this.#candidatesIn(this.#firstBy(batch)[0]!, slots, this.#rows)
    if (n === 0) return
    const chosen = this.#rows.subarray(0, n)
    const candidates = n === batch.length ? batch : batch.take(chosen)
    this.#candidates.push(candidates)
    this.#meter.add(candidates)
    this.#candidateSlots.push(slots === null ? new Int32Array(n) : gathered(slots, chosen))
    this.#waiting += n
  }

  /** Writes the rows that may be among the first, as the values of the first key show. */
  #candidatesIn(column: Column, slots: Int32Array | null, out: Int32Array): number {
    const descending = this.#descending[0]!
    const single = this.#descending.length === 1
    const bar = this.#bar[0]!
    if (slots === null && column.valid === null && column.layout === 'flat' && bar < Infinity) {
      const strict = single && bar > -Infinity
      const { values } = column
      if (values instanceof Float64Array) return floatsBelow(values, bar, descending, strict, out)
      if (values instanceof Int32Array) return intsBelow(values, bar, descending, strict, out)
    }
    const scores = scoresOf(column, descending)
    const strict = single && scores.exact
    return slots === null
      ? below(scores.values, bar, strict, out)
      : belowOwn(scores.values, this.#bar, slots, strict, out)
  }

  #slotsOf(batch: Batch): Int32Array | null {
    if (this.#node.keys.length === 0) return null
    const slots = new Int32Array(batch.length)
    this.#table.slots(this.#keys(batch), batch.length, slots)
    if (this.#bar.length < this.#table.end) {
      const more = new Float64Array(this.#table.end * 2).fill(Infinity)
      more.set(this.#bar)
      this.#bar = more
    }
    return slots
  }

  /** Sorts what is kept with the candidates, and keeps the first of each group. Gives the places of what stays. */
  *#cut(): Generator<null, { readonly all: Batch; readonly stays: Int32Array }> {
    const all = Batch.concat(this.#node.input.schema, [this.#kept, ...this.#candidates])
    const slots = joined([this.#keptSlots, ...this.#candidateSlots], all.length)
    yield null
    const columns = this.#by(all)
    const slot: Column = { layout: 'flat', type: scalar('int32'), length: all.length, valid: null, values: slots }
    const grouped = this.#node.keys.length > 0
    const { order } = yield* sortRows(
      grouped ? [slot, ...columns] : columns,
      grouped ? [false, ...this.#descending] : this.#descending,
      all.length,
    )
    const { count } = this.#node
    const scores = scoresOf(columns[0]!, this.#descending[0]!).values
    const kept = new Int32Array(Math.min(all.length, grouped ? all.length : count))
    let [n, group, held] = [0, -1, 0]
    for (const row of order) {
      const its = slots[row]!
      if (its !== group) [group, held] = [its, 0]
      if (held === count) {
        if (!grouped) break
        continue
      }
      kept[n++] = row
      if (++held === count) this.#bar[group] = scores[row]!
    }
    yield null
    const stays = kept.subarray(0, n)
    this.#kept = new Batch(
      this.#node.schema,
      n,
      all.columns.map(column => take(column, stays)),
    )
    this.#keptSlots = gathered(slots, stays)
    this.#candidates = []
    this.#candidateSlots = []
    this.#waiting = 0
    this.#meter.clear()
    this.#meter.add(this.#kept)
    return { all, stays }
  }

  *#changed(): Generator<Step> {
    const before = this.#kept.length
    const { all, stays } = yield* this.#cut()
    const stayed = new Uint8Array(before)
    const entered: number[] = []
    for (const row of stays) {
      if (row < before) stayed[row] = 1
      else entered.push(row)
    }
    const left: number[] = []
    for (let row = 0; row < before; row++) if (stayed[row] === 0) left.push(row)
    if (entered.length === 0) return
    const rows = all.take(Int32Array.from([...left, ...entered]))
    const kinds = new Uint8Array(rows.length).fill(DELETE, 0, left.length).fill(INSERT, left.length)
    yield new Batch(this.#node.schema, rows.length, rows.columns, kinds)
  }

  snapshot(): TopState {
    return {
      table: this.#table.snapshot(),
      kept: packed(this.#kept),
      keptSlots: this.#keptSlots,
      candidates: this.#candidates.map(packed),
      candidateSlots: [...this.#candidateSlots],
      bar: this.#bar.slice(),
    }
  }

  restore(state: unknown): void {
    const { table, kept, keptSlots, candidates, candidateSlots, bar } = state as TopState
    const { schema } = this.#node.input
    this.#table.restore(table)
    this.#kept = unpacked(schema, kept)
    this.#keptSlots = keptSlots
    this.#candidates = candidates.map(part => unpacked(schema, part))
    this.#candidateSlots = [...candidateSlots]
    this.#waiting = candidates.reduce((sum, part) => sum + part.length, 0)
    this.#bar = bar.slice()
    this.#meter.clear()
    for (const part of [this.#kept, ...this.#candidates]) this.#meter.add(part)
  }
}

interface TopState {
  readonly table: KeyTableState
  readonly kept: BatchState
  readonly keptSlots: Int32Array<ArrayBuffer>
  readonly candidates: readonly BatchState[]
  readonly candidateSlots: readonly Int32Array[]
  readonly bar: Float64Array
}

/**
 * The rows whose number does not show that they come too late. One that equals the bar's row came later; that its number
 * is equal says so only of finite ones, and only where `strict` says that numbers are all there is to compare.
 */
function below(scores: Float64Array, bar: number, strict: boolean, out: Int32Array): number {
  let n = 0
  if (strict && Number.isFinite(bar)) {
    for (let row = 0; row < scores.length; row++) if (!(scores[row]! >= bar)) out[n++] = row
  } else for (let row = 0; row < scores.length; row++) if (!(scores[row]! > bar)) out[n++] = row
  return n
}

/**
 * The same of values themselves, one comparison each: values beyond the bar are far more than others. NaN comes first
 * where the order descends.
 */
function floatsBelow(values: Float64Array, bar: number, descending: boolean, strict: boolean, out: Int32Array): number {
  const { length } = values
  let n = 0
  if (descending) {
    const least = -bar
    for (let row = 0; row < length; row++) {
      if (values[row]! < least || (strict && values[row] === least)) continue
      out[n++] = row
    }
  } else {
    for (let row = 0; row < length; row++) {
      if (values[row]! <= bar && !(strict && values[row] === bar)) out[n++] = row
    }
  }
  return n
}

function intsBelow(values: Int32Array, bar: number, descending: boolean, strict: boolean, out: Int32Array): number {
  const { length } = values
  const sign = descending ? -1 : 1
  // in whole numbers, so that nothing is converted: the greatest value times its sign that may be kept
  const most = strict ? Math.ceil(bar) - 1 : Math.floor(bar)
  let n = 0
  for (let row = 0; row < length; row++) if (sign * values[row]! <= most) out[n++] = row
  return n
}

/** The same where each group has a bar. */
function belowOwn(
  scores: Float64Array,
  bars: Float64Array,
  slots: Int32Array,
  strict: boolean,
  out: Int32Array,
): number {
  let n = 0
  for (let row = 0; row < scores.length; row++) {
    const [score, bar] = [scores[row]!, bars[slots[row]!]!]
    if (score > bar || (score === bar && strict && score - score === 0)) continue
    out[n++] = row
  }
  return n
}

/** Fewer candidates than this wait for others before they are sorted. */
const LEAST_WAITING = 4096

function gathered(slots: Int32Array, rows: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) out[i] = slots[rows[i]!]!
  return out
}

function joined(parts: readonly Int32Array[], length: number): Int32Array {
  const out = new Int32Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/**
 * A number for each value that never falls as the order goes on: nulls at Infinity, NaN beyond the numbers. `exact` where
 * equal finite numbers mean equal values.
 */
function scoresOf(column: Column, descending: boolean): { readonly values: Float64Array; readonly exact: boolean } {
  const { length, valid } = column
  const values = new Float64Array(length)
  let exact = true
  if (column.layout === 'text') {
    textScores(column, values)
    exact = false
  } else {
    const given = (column as FlatColumn).values
    exact = !(given instanceof BigInt64Array)
    if (given instanceof Float64Array) floatScores(given, values)
    else for (let row = 0; row < length; row++) values[row] = Number(given[row]!)
  }
  if (descending) for (let row = 0; row < length; row++) values[row] = -values[row]!
  if (valid !== null) for (let row = 0; row < length; row++) if (valid[row] === 0) values[row] = Infinity
  return { values, exact }
}

function floatScores(given: Float64Array, out: Float64Array): void {
  for (let row = 0; row < out.length; row++) {
    const value = given[row]!
    out[row] = value === value ? value : Infinity
  }
}

/** The first three units of a text, in the order of code points. */
function textScores({ strings, codes, length }: TextColumn, out: Float64Array): void {
  const score = (text: string): number => (unit(text, 0) * UNIT + unit(text, 1)) * UNIT + unit(text, 2)
  if (codes === null) for (let row = 0; row < length; row++) out[row] = score(strings[row]!)
  else if (strings.length <= length) {
    const table = Float64Array.from(strings, score)
    for (let row = 0; row < length; row++) out[row] = table[codes[row]!]!
  } else for (let row = 0; row < length; row++) out[row] = score(strings[codes[row]!] ?? '') // a null has any code
}

const UNIT = 1 << 16

function unit(text: string, i: number): number {
  if (i >= text.length) return 0
  const code = text.charCodeAt(i)
  if (code < 0xd800) return code
  return code >= 0xe000 ? code - 0x800 : code + 0x2000
}
