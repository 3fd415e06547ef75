import { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import { Schema } from '../../data/schema.ts'
import { scalar } from '../../data/type.ts'
import type { Join as JoinNode, JoinWindow } from '../../plan/node.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { EventTimeReader } from './event-time.ts'
import { Join } from './join.ts'
import { LateCount } from './late-count.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'

/**
 * Joins the rows of equal keys whose tumbling windows are equal. The rows of a window are kept as they come and joined
 * when the watermark reaches its end, by the join of batches; a row whose window has been given is late.
 */
export class WindowJoin implements Operator {
  readonly #node: JoinNode
  readonly #size: number
  readonly #offset: number
  readonly #schemas: readonly [Schema, Schema]
  readonly #times: readonly [EventTimeReader, EventTimeReader]
  readonly #schema: Schema
  /** The bounds that come out, after the columns of the join. */
  readonly #bounds: readonly string[]
  /** By window start: the rows of both sides. */
  readonly #open = new Map<number, readonly [Batch[], Batch[]]>()
  readonly #meter = new MemoryMeter()
  readonly #late = new LateCount()
  #watermark = -Infinity

  constructor(node: JoinNode & { readonly meets: JoinWindow }) {
    const { left, right, meets, schema } = node
    const width = node.leftColumns.length + node.rightColumns.length
    this.#size = meets.sizeMicros
    this.#offset = meets.offsetMicros
    this.#schemas = [left.schema, right.schema]
    this.#times = [
      new EventTimeReader(left.time!, left.schema, 'join, left side'),
      new EventTimeReader(right.time!, right.schema, 'join, right side'),
    ]
    this.#schema = schema
    this.#bounds = schema.names.slice(width)
    this.#node = { ...node, schema: new Schema(schema.fields.slice(0, width)) }
  }

  get heldBytes(): number {
    return this.#meter.bytes
  }

  process(batch: Batch, input: number): Steps {
    const times = this.#times[input]!.of(batch)
    const rows = new Map<number, number[]>()
    let [start, some]: [number, number[]] = [NaN, []]
    for (let row = 0; row < batch.length; row++) {
      const time = times[row]!
      if (!(time >= start && time < start + this.#size)) {
        start = Math.floor((time - this.#offset) / this.#size) * this.#size + this.#offset
        some = rows.get(start) ?? []
        rows.set(start, some)
      }
      some.push(row)
    }
    for (const [window, list] of rows) {
      if (window + this.#size <= this.#watermark) this.#late.add(list.length)
      else this.#keep(window, input, list.length === batch.length ? batch : batch.take(Int32Array.from(list)))
    }
    return NOTHING
  }

  #keep(start: number, input: number, batch: Batch): void {
    const sides = this.#open.get(start) ?? [[], []]
    sides[input as 0 | 1].push(batch)
    this.#open.set(start, sides)
    this.#meter.add(batch)
  }

  *watermark(time: number): Generator<Step> {
    this.#watermark = time
    const due = [...this.#open.keys()].filter(start => start + this.#size <= time).sort((a, b) => a - b)
    for (const start of due) {
      const [left, right] = this.#open.get(start)!
      this.#open.delete(start)
      const join = new Join(this.#node)
      for (const batch of right) yield* this.#bounded(join.process(batch, 1), start)
      yield* this.#bounded(join.end(1), start)
      for (const batch of left) yield* this.#bounded(join.process(batch, 0), start)
      yield* this.#bounded(join.end(0), start)
      for (const batch of [...left, ...right]) this.#meter.remove(batch)
    }
    yield time
  }

  /** The rows of a join with the bounds of their window. */
  *#bounded(steps: Steps, start: number): Generator<Step> {
    for (const step of steps) {
      if (!(step instanceof Batch)) {
        yield null
        continue
      }
      const bounds = this.#bounds.map((name): Column => {
        const values = new Float64Array(step.length).fill(name === 'windowStart' ? start : start + this.#size)
        return { layout: 'flat', type: TIMESTAMP, length: step.length, valid: null, values }
      })
      yield new Batch(this.#schema, step.length, [...step.columns, ...bounds])
    }
  }

  end(): Steps {
    return NOTHING
  }

  side(): Batch | null {
    return this.#late.take()
  }

  snapshot(): WindowJoinState {
    const open = [...this.#open].map(([start, [left, right]]) => [start, left.map(packed), right.map(packed)] as const)
    return { watermark: this.#watermark, open }
  }

  restore(state: unknown): void {
    const { watermark, open } = state as WindowJoinState
    this.#watermark = watermark
    this.#open.clear()
    this.#meter.clear()
    for (const [start, ...sides] of open) {
      for (const [input, parts] of sides.entries()) {
        for (const part of parts) this.#keep(start, input, unpacked(this.#schemas[input]!, part))
      }
    }
  }
}

interface WindowJoinState {
  readonly watermark: number
  readonly open: readonly (readonly [start: number, left: readonly BatchState[], right: readonly BatchState[]])[]
}

const TIMESTAMP = scalar('timestamp')
