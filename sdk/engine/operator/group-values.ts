import { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { Schema } from '../../data/schema.ts'
import { withoutRow } from '../../expr/failure.ts'
import { keyOf } from '../../expr/js.ts'
import type { Typed } from '../../expr/node.ts'
import { exprText } from '../../expr/text.ts'
import type { Named } from '../../plan/node.ts'
import { compileAccumulators, type Accumulators, type Places } from '../vector/accumulate.ts'
import { compileProject } from '../vector/project.ts'
import { mayGenerate } from '../vector/row-loop.ts'

/**
 * The values of groups by slot: accumulators for the aggregates in some expressions, and what the expressions compute
 * on them, such as `sum(x) / count()`.
 */
export class GroupValues {
  readonly #accumulators: Accumulators
  readonly #schema: Schema
  /** Null where every expression is an aggregate itself. */
  readonly #outer: ((batch: Batch) => Column[]) | null
  #end = 0
  /** What the slots took when they were looked at, how many there were, and how many rows have been added since. */
  #bytes = 0
  #looked = 0
  #added = 0

  constructor(items: readonly Named[], input: Schema, updates: boolean) {
    const aggregates: Typed[] = []
    const outer = items.map(({ expr }) => lifted(expr, aggregates))
    this.#accumulators = compileAccumulators(aggregates, input, mayGenerate(), updates)
    this.#schema = new Schema(
      aggregates.map((expr, i) => ({ name: nameOf(i), type: expr.type, nullable: expr.nullable })),
    )
    const plain =
      outer.length === aggregates.length && outer.every((expr, i) => expr.kind === 'column' && expr.index === i)
    this.#outer = plain ? null : compileProject(outer, this.#schema)
  }

  /** Makes the slots below `end` exist. */
  grow(end: number): void {
    this.#end = end
    this.#accumulators.grow(end)
  }

  /** Adds each row to its slot, or takes it back where its kind says so. */
  add(batch: Batch, slots: Int32Array): void {
    this.#added += batch.length
    this.#accumulators.add(batch, slots)
  }

  /** Adds rows to the slots at the places of their keys, up to some row before the first that has none; gives how many. */
  addAt(batch: Batch, places: Places): number {
    this.#added += batch.length
    return this.#accumulators.addAt(batch, places)
  }

  /** Whether slots can be merged. */
  get merges(): boolean {
    return this.#accumulators.merges
  }

  /** Adds to each of the first `length` slots what another one, of values of the same aggregates, holds. */
  merge(slots: Int32Array, from: GroupValues, fromSlots: Int32Array, length: number): void {
    this.#added += length
    this.#accumulators.merge(slots, from.#accumulators, fromSlots, length)
  }

  /** One column for each expression, one row for each slot. */
  columns(slots: Int32Array): Column[] {
    const { length } = slots
    const columns = this.#schema.fields.map((_, k) => this.#accumulators.column(k, slots, length))
    if (this.#outer === null) return columns
    try {
      return this.#outer(new Batch(this.#schema, length, columns))
    } catch (error) {
      throw withoutRow(error)
    }
  }

  clear(slots: Int32Array): void {
    for (const slot of slots) this.#accumulators.clear(slot)
  }

  /** About how many bytes all slots take. They are looked at again when some are new or each has got some rows more. */
  get bytes(): number {
    if (this.#end >= this.#looked * MORE_SLOTS || this.#added >= this.#end * MORE_ROWS) {
      this.#bytes = this.#accumulators.bytes
      this.#looked = this.#end
      this.#added = 0
    }
    return this.#looked === 0 ? this.#bytes : (this.#bytes * this.#end) / this.#looked
  }

  /** About how many bytes a slot takes beside plain numbers. */
  bytesOf(slot: number): number {
    return this.#accumulators.bytesOf(slot)
  }

  /** The state of all slots, or of some in their order. */
  snapshot(slots?: Int32Array): unknown {
    return this.#accumulators.snapshot(slots)
  }

  /** Puts a state into the slots from `from` on, behind the slots there are; from 0 on it takes their place. */
  restore(state: unknown, from = 0): void {
    this.#accumulators.restore(state, from)
    this.#looked = 0
  }
}

/** How many times as many slots there are, or rows for each, before they are looked at again for what they take. */
const MORE_SLOTS = 1.25
const MORE_ROWS = 4

const nameOf = (i: number): string => `#${i}`

/** The expression with each aggregate in it put into a list and replaced by the column of its value. */
function lifted(expr: Typed, aggregates: Typed[]): Typed {
  switch (expr.kind) {
    case 'aggregate': {
      const known = aggregates.findIndex(each => keyOf(each) === keyOf(expr))
      const index = known >= 0 ? known : aggregates.push(expr) - 1
      const { type, nullable } = expr
      return { kind: 'column', name: nameOf(index), index, written: exprText(expr), type, nullable, grain: 'row' }
    }
    case 'column':
    case 'literal':
      return expr
    case 'cast':
      return { ...expr, arg: lifted(expr.arg, aggregates), grain: 'row' }
    default:
      return { ...expr, args: expr.args.map(arg => lifted(arg, aggregates)), grain: 'row' }
  }
}
