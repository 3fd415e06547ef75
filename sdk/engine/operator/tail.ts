import type { Batch } from '../../data/batch.ts'
import { MemoryMeter } from '../../data/memory-meter.ts'
import type { Schema } from '../../data/schema.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { NOTHING, type Operator, type Steps } from './operator.ts'

/** Keeps the last rows that came, and gives them at the end. It holds no batch of which no row may be given. */
export class Tail implements Operator {
  readonly #schema: Schema
  readonly #count: number
  readonly #meter = new MemoryMeter()
  #parts: Batch[] = []
  #rows = 0

  constructor(schema: Schema, count: number) {
    this.#schema = schema
    this.#count = count
  }

  get heldBytes(): number {
    return this.#meter.bytes
  }

  process(batch: Batch): Steps {
    this.#parts.push(batch)
    this.#meter.add(batch)
    this.#rows += batch.length
    let gone = 0
    while (gone < this.#parts.length && this.#rows - this.#parts[gone]!.length >= this.#count) {
      this.#meter.remove(this.#parts[gone]!)
      this.#rows -= this.#parts[gone++]!.length
    }
    if (gone > 0) this.#parts.splice(0, gone)
    return NOTHING
  }

  watermark(time: number): Steps {
    return [time]
  }

  end(): Steps {
    const [first, ...rest] = this.#parts
    if (first === undefined) return NOTHING
    const from = Math.max(0, this.#rows - this.#count)
    return from === 0 ? this.#parts : [first.slice(from, first.length), ...rest]
  }

  snapshot(): readonly BatchState[] {
    return this.#parts.map(packed)
  }

  restore(state: unknown): void {
    this.#parts = (state as readonly BatchState[]).map(part => unpacked(this.#schema, part))
    this.#rows = this.#parts.reduce((sum, part) => sum + part.length, 0)
    this.#meter.clear()
    for (const part of this.#parts) this.#meter.add(part)
  }
}
