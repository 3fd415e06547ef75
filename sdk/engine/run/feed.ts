import type { Batch } from '../../data/batch.ts'
import type { SourceReader } from '../../plan/port.ts'
import type { AsyncOperator, Steps } from '../operator/operator.ts'
import type { Clock } from '../time/clock.ts'
import type { OperatorVertex, PacedVertex, ReadVertex } from './graph.ts'

/**
 * Where rows come from, one pass each: a source that is read, a replay that gives rows at its pace, or
 * an operator that waits for answers. `poll` never
 * blocks: it gives rows, or null at the end, or says that it waits; then `ready` is called when to ask again.
 */
export type Feed = ReadFeed | PacedFeed | AsyncFeed

export class ReadFeed {
  readonly vertex: ReadVertex
  readonly reader: SourceReader
  readonly #ready: () => void
  #waits = false
  #answer: { readonly batch: Batch | null } | { readonly error: unknown } | null = null

  constructor(vertex: ReadVertex, reader: SourceReader, ready: () => void) {
    this.vertex = vertex
    this.reader = reader
    this.#ready = ready
  }

  poll(): Batch | 'waiting' | null {
    const answer = this.#answer
    if (answer !== null) {
      this.#answer = null
      if ('error' in answer) throw answer.error
      return answer.batch
    }
    if (this.#waits) return 'waiting'
    const next = this.reader.next()
    if (!(next instanceof Promise)) return next
    const settle = (answer: { readonly batch: Batch | null } | { readonly error: unknown }): void => {
      this.#waits = false
      this.#answer = answer
      this.#ready()
    }
    this.#waits = true
    next.then(
      batch => settle({ batch }),
      (error: unknown) => settle({ error }),
    )
    return 'waiting'
  }

  /** True while it has been asked for rows and has none. */
  get waits(): boolean {
    return this.#waits
  }

  close(): void | Promise<void> {
    return this.reader.close()
  }
}

export class PacedFeed {
  readonly vertex: PacedVertex
  readonly #clock: Clock
  readonly #ready: () => void
  #waits = false
  #cancel: () => void = () => undefined

  constructor(vertex: PacedVertex, clock: Clock, ready: () => void) {
    this.vertex = vertex
    this.#clock = clock
    this.#ready = ready
  }

  poll(): Steps | 'waiting' | null {
    if (this.#waits) return 'waiting'
    const due = this.vertex.operator.pull(this.#clock.now())
    if (due === null) return null
    if ('steps' in due) return due.steps
    this.#waits = true
    this.#cancel = this.#clock.after(due.waitMs, () => {
      this.#waits = false
      this.#ready()
    })
    return 'waiting'
  }

  get waits(): boolean {
    return this.#waits
  }

  close(): void {
    this.#cancel()
  }
}

export class AsyncFeed {
  readonly vertex: OperatorVertex
  readonly operator: AsyncOperator
  #answered = true

  constructor(vertex: OperatorVertex, operator: AsyncOperator, clock: Clock, ready: () => void) {
    this.vertex = vertex
    this.operator = operator
    operator.attach(clock, () => {
      this.#answered = true
      ready()
    })
  }

  poll(): Steps | 'waiting' | null {
    if (this.vertex.open === 0 && !this.operator.pending) return null
    if (!this.#answered) return 'waiting'
    this.#answered = false
    return this.operator.answers()
  }

  get waits(): boolean {
    return !this.#answered
  }

  close(): void {
    this.operator.detach()
  }
}
