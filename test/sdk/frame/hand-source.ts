/** A source that a test feeds by hand, and that counts how often it is opened and closed. */
import { Batch } from '../../../sdk/data/batch.ts'
import { columnOf } from '../../../sdk/data/builder.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import { scalar } from '../../../sdk/data/type.ts'
import type { ReadRequest, Source, SourceReader } from '../../../sdk/plan/port.ts'

export class HandSource<B extends boolean = true> implements Source {
  readonly name = 'hand'
  readonly schema: Schema = Schema.of({ x: 'int32' })
  readonly bounded: B
  opens = 0
  closes = 0
  readonly requests: ReadRequest[] = []
  /** What the next reads give: the values of a batch, or what they fail with. */
  readonly #given: (readonly number[] | Error | null)[] = []
  #waiting: (() => void) | null = null

  constructor(bounded: B) {
    this.bounded = bounded
  }

  /** Gives a batch to whoever reads; null ends the rows. */
  give(...batches: (readonly number[] | Error | null)[]): this {
    this.#given.push(...batches)
    this.#waiting?.()
    this.#waiting = null
    return this
  }

  open(request: ReadRequest): SourceReader {
    this.opens++
    this.requests.push(request)
    let at = 0
    return {
      next: async () => {
        while (at >= this.#given.length) await new Promise<void>(resolve => (this.#waiting = resolve))
        const batch = this.#given[at++]!
        if (batch instanceof Error) throw batch
        return batch === null ? null : new Batch(this.schema, batch.length, [columnOf(scalar('int32'), batch)])
      },
      offset: () => at,
      seek: offset => {
        at = offset as number
      },
      close: () => {
        this.closes++
      },
    }
  }
}
