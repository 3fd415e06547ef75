import type { Batch } from '../../data/batch.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import type { Schema } from '../../data/schema.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { concatSlowly } from './concat.ts'
import { NOTHING, type Operator, type Step, type Steps } from './operator.ts'

/**
 * What joins have in common: the right input is read whole, then each left batch looks up its partners there. Left rows
 * that come before the right input has ended wait, and the watermark with them. A snapshot holds the rows, of which the
 * index is made again, for it is no smaller than they are.
 */
export abstract class RightFirst implements Operator {
  readonly #left: Schema
  readonly #right: Schema
  readonly #meter = new MemoryMeter()
  #parts: Batch[] = []
  #waiting: Batch[] = []
  #mark: number | null = null
  #leftEnded = false
  /** The right input has ended: it is this batch, and partners can be looked up. */
  #whole: Batch | null = null

  constructor(left: Schema, right: Schema) {
    this.#left = left
    this.#right = right
  }

  /** Makes the index of the right rows. */
  protected abstract build(right: Batch): Generator<null>
  /** What left rows give. */
  protected abstract probe(left: Batch): Steps
  /** What comes when both inputs have ended. */
  protected abstract last(): Steps
  /** What the index takes, in bytes. */
  protected abstract readonly indexBytes: number

  get heldBytes(): number {
    return this.#meter.bytes + (this.#whole === null ? 0 : this.indexBytes)
  }

  process(batch: Batch, input: number): Steps {
    if (input !== RIGHT && this.#whole !== null) return this.probe(batch)
    this.#meter.add(batch)
    if (input === RIGHT) this.#parts.push(batch)
    else this.#waiting.push(batch)
    return NOTHING
  }

  watermark(time: number): Steps {
    if (this.#whole !== null) return [time]
    this.#mark = time
    return NOTHING
  }

  *end(input: number): Generator<Step> {
    if (input === RIGHT) {
      const right = yield* concatSlowly(this.#right, this.#parts)
      this.#parts = []
      yield* this.#ready(right)
      const waiting = this.#waiting
      this.#waiting = []
      for (const batch of waiting) yield* this.probe(batch)
      if (this.#mark !== null) yield this.#mark
      this.#mark = null
    } else this.#leftEnded = true
    if (this.#leftEnded && this.#whole !== null) yield* this.last()
  }

  *#ready(right: Batch): Generator<null> {
    yield* this.build(right)
    this.#whole = right
    this.#meter.clear()
    this.#meter.add(right)
  }

  snapshot(): RightFirstState {
    const ended = this.#whole !== null
    return {
      ended,
      right: (ended ? [this.#whole!] : this.#parts).map(packed),
      waiting: this.#waiting.map(packed),
      mark: this.#mark,
      leftEnded: this.#leftEnded,
    }
  }

  restore(state: unknown): void {
    const { ended, right, waiting, mark, leftEnded } = state as RightFirstState
    const parts = right.map(part => unpacked(this.#right, part))
    this.#waiting = waiting.map(part => unpacked(this.#left, part))
    this.#mark = mark
    this.#leftEnded = leftEnded
    this.#parts = ended ? [] : parts
    this.#whole = null
    this.#meter.clear()
    if (ended) for (const _ of this.#ready(parts[0]!));
    else for (const batch of [...parts, ...this.#waiting]) this.#meter.add(batch)
  }
}

export interface RightFirstState {
  readonly ended: boolean
  readonly right: readonly BatchState[]
  readonly waiting: readonly BatchState[]
  readonly mark: number | null
  readonly leftEnded: boolean
}

/** The input that is read whole. */
const RIGHT = 1
