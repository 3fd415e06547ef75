import type { Batch } from '../../data/batch.ts'
import { concat, slice, type Column } from '../../data/column.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import { scalar } from '../../data/type.ts'
import type { Over as OverNode } from '../../plan/node.ts'
import { KeyTable } from '../state/key-table.ts'
import { compileAccumulators } from '../vector/accumulate.ts'
import { compileProject } from '../vector/project.ts'
import { mayGenerate } from '../vector/row-loop.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'
import { callOf, operandsOfCall, type Call } from './over-call.ts'
import { framesOf, type Ordered } from './over-frame.ts'
import { OverItems } from './over-items.ts'
import { rowNumbers } from './radix-sort.ts'
import { sortRows } from './sort-rows.ts'
import { taken } from './taken.ts'

/**
 * Keeps all rows, then gives them as they came with columns that depend on the rows around. Aggregates over a whole
 * partition need no order: they are added up by slot. For the rest the rows are sorted by partition and order, each call
 * runs over them once, and its values go back to where the rows stood; the rows themselves are never moved.
 */
export class Over implements Operator {
  readonly #node: OverNode
  readonly #keys: (batch: Batch) => Column[]
  readonly #order: (batch: Batch) => Column[]
  readonly #items: OverItems
  readonly #meter = new MemoryMeter()
  #parts: Batch[] = []

  constructor(node: OverNode) {
    this.#node = node
    const input = node.input.schema
    this.#keys = compileProject(
      node.keys.map(key => key.expr),
      input,
    )
    this.#order = compileProject(
      node.order.map(key => key.expr),
      input,
    )
    this.#items = new OverItems(node)
  }

  get heldBytes(): number {
    return this.#meter.bytes
  }

  process(batch: Batch): Steps {
    this.#parts.push(batch)
    this.#meter.add(batch)
    return NOTHING
  }

  watermark(time: number): Steps {
    return [time]
  }

  *end(): Generator<Step> {
    const parts = this.#parts
    this.#parts = []
    if (parts.length === 0) return
    const slots = yield* this.#slots(parts)
    const { calls, frame } = this.#node
    const whole = calls.filter(call => frame.unit === 'partition' && call.expr.kind === 'aggregate')
    const placed = calls.filter(call => !whole.includes(call))
    const values = new Map<string, Column>()
    yield* this.#aggregateWhole(parts, slots, whole, values)
    if (placed.length > 0) yield* this.#aggregatePlaced(parts, slots, placed, values)
    let from = 0
    for (const part of parts) {
      const to = from + part.length
      const added = calls.map(call => slice(values.get(call.name)!, from, to))
      from = to
      yield this.#items.output(part, added)
    }
  }

  /** The partition of each row: a slot by its keys. */
  *#slots(parts: readonly Batch[]): Generator<null, Slots> {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const slots = new Int32Array(length)
    if (this.#node.keys.length === 0) return { slots, count: 1 }
    const table = new KeyTable(this.#node.keys.map(key => key.expr))
    let from = 0
    for (const part of parts) {
      table.slots(this.#keys(part), part.length, slots.subarray(from, from + part.length))
      from += part.length
      yield null
    }
    return { slots, count: table.end }
  }

  *#aggregateWhole(
    parts: readonly Batch[],
    { slots, count }: Slots,
    calls: OverNode['calls'],
    values: Map<string, Column>,
  ): Generator<null> {
    if (calls.length === 0) return
    const exprs = calls.map(call => call.expr)
    const accumulators = compileAccumulators(exprs, this.#node.input.schema, mayGenerate(), false)
    accumulators.grow(count)
    let from = 0
    for (const part of parts) {
      accumulators.add(part, slots.subarray(from, from + part.length))
      from += part.length
      yield null
    }
    for (const [k, call] of calls.entries()) {
      const column = accumulators.column(k, rowNumbers(count), count)
      yield null
      values.set(call.name, yield* taken(column, slots))
    }
  }

  *#aggregatePlaced(
    parts: readonly Batch[],
    { slots, count }: Slots,
    placed: OverNode['calls'],
    values: Map<string, Column>,
  ): Generator<null> {
    const { order, frame } = this.#node
    const keys = yield* columnsOf(parts, this.#order, order.length)
    const ordered = yield* this.#ordered(keys, slots, count)
    const frames = yield* framesOf(frame, ordered, order[0], keys[0])
    for (const { name, expr } of placed) {
      const operands = operandsOfCall(expr as Call)
      const columns = yield* columnsOf(
        parts,
        compileProject(operands.exprs, this.#node.input.schema),
        operands.exprs.length,
      )
      values.set(name, yield* callOf(expr as Call, operands, columns, ordered, frames))
    }
  }

  *#ordered(keys: readonly Column[], slots: Int32Array, count: number): Generator<null, Ordered> {
    const { length } = slots
    const bounds = new Int32Array(count + 1)
    for (let row = 0; row < length; row++) bounds[slots[row]! + 1]!++
    for (let slot = 0; slot < count; slot++) bounds[slot + 1]! += bounds[slot]!
    yield null
    const slot: Column = { layout: 'flat', type: scalar('int32'), length, valid: null, values: slots }
    const by = count === 1 ? keys : [slot, ...keys]
    const descending = [...(count === 1 ? [] : [false]), ...this.#node.order.map(key => key.descending)]
    return { bounds, ...(yield* sortRows(by, descending, length)) }
  }

  snapshot(): readonly BatchState[] {
    return this.#parts.map(packed)
  }

  restore(state: unknown): void {
    this.#parts = (state as readonly BatchState[]).map(part => unpacked(this.#node.input.schema, part))
    this.#meter.clear()
    for (const part of this.#parts) this.#meter.add(part)
  }
}

interface Slots {
  readonly slots: Int32Array
  readonly count: number
}

/** Columns of all rows. */
function* columnsOf(
  parts: readonly Batch[],
  compute: (batch: Batch) => Column[],
  count: number,
): Generator<null, readonly Column[]> {
  if (count === 0) return []
  const computed: Column[][] = []
  for (const part of parts) {
    computed.push(compute(part))
    yield null
  }
  const columns: Column[] = []
  for (let k = 0; k < count; k++) {
    columns.push(concat(computed.map(part => part[k]!)))
    yield null
  }
  return columns
}
