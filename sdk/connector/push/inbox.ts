import { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import type { Schema } from '../../data/schema.ts'

/**
 * Rows that come when they like, on their way to a reader that takes them when it can. Beside the rows stand an end and
 * a failure, which the reader comes to after the rows before them; who brings rows waits while the inbox is full.
 */
export class Inbox {
  readonly #schema: Schema
  readonly #rows: RowHolder
  readonly #batchRows: number
  readonly #capacity: number
  readonly #full: Batch[] = []
  #waiting = 0
  #ended = false
  #failure: { readonly error: unknown } | null = null
  /** Wakes the reader. */
  #came: () => void = () => undefined
  /** Wakes those who bring rows. */
  #room: () => void = () => undefined
  #roomy: Promise<void> | null = null

  constructor(schema: Schema, rows: RowHolder, batchRows: number, capacity: number) {
    this.#schema = schema
    this.#rows = rows
    this.#batchRows = batchRows
    this.#capacity = capacity
  }

  /** Rows that have not been taken. */
  get waiting(): number {
    return this.#waiting + this.#rows.rows
  }

  get ended(): boolean {
    return this.#ended || this.#failure !== null
  }

  /** Rows were added to the holder: gives a promise to wait for where there are too many. */
  added(): void | Promise<void> {
    if (this.#rows.rows >= this.#batchRows) {
      const batch = this.#batch()
      this.#waiting += batch.length
      this.#full.push(batch)
    }
    this.#came()
    if (this.waiting < this.#capacity || this.ended) return
    return (this.#roomy ??= new Promise(resolve => (this.#room = resolve)))
  }

  /** No more rows come. */
  end(): void {
    this.#ended = true
    this.#came()
    this.#makeRoom()
  }

  /** The reader fails once it has taken the rows before. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#came()
    this.#makeRoom()
  }

  next(): Batch | null | Promise<Batch | null> {
    return this.#take() ?? this.#wait()
  }

  async #wait(): Promise<Batch | null> {
    for (;;) {
      const batch = this.#take()
      if (batch !== null) return batch
      if (this.#failure !== null) throw this.#failure.error
      if (this.#ended) return null
      await new Promise<void>(resolve => (this.#came = resolve))
    }
  }

  #take(): Batch | null {
    const batch = this.#full.shift() ?? null
    if (batch !== null) this.#waiting -= batch.length
    const taken = batch ?? (this.#rows.rows > 0 ? this.#batch() : null)
    if (taken !== null && this.waiting < this.#capacity) this.#makeRoom()
    return taken
  }

  #makeRoom(): void {
    this.#roomy = null
    this.#room()
  }

  #batch(): Batch {
    const { rows } = this.#rows
    return new Batch(this.#schema, rows, this.#rows.finish())
  }
}

/** Where rows are put before they are a batch. */
export interface RowHolder {
  readonly rows: number
  /** The columns of the rows, which it holds no longer. */
  finish(): readonly Column[]
}
