import { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { take, valueAt } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import { fromJs, toJs } from '../../data/row.ts'
import type { Schema } from '../../data/schema.ts'
import type { AsyncMap as AsyncMapNode } from '../../plan/node.ts'
import type { Clock } from '../time/clock.ts'
import { packed, unpacked, type BatchState } from './batch-state.ts'
import { NOTHING, type AsyncOperator, type Step, type Steps } from './operator.ts'

/**
 * Asks a user's asynchronous function about each row and gives the answers: in the order of the rows, or as they come,
 * but never past a watermark. So many calls are under way at once; a call is tried again where it fails or takes too
 * long. Answers to keys may be kept. A snapshot holds the rows that wait, of which all are asked again.
 */
export class AsyncMap implements AsyncOperator {
  readonly #node: AsyncMapNode
  readonly #asked: readonly number[]
  readonly #kept: readonly number[]
  /** Rows in order, and the watermarks between them. */
  #queue: (Entry | number)[] = []
  /** Rows that have not been asked about, in order. */
  #toAsk: Entry[] = []
  #running = 0
  readonly #cache = new Map<string, Kept>()
  #failure: { readonly error: Error } | null = null
  #clock: Clock | null = null
  #ready: () => void = () => undefined

  constructor(node: AsyncMapNode) {
    const { schema } = node.input
    this.#node = node
    this.#asked = node.asked.map(name => schema.indexOf(name))
    this.#kept = node.kept.map(name => schema.indexOf(name))
  }

  attach(clock: Clock, ready: () => void): void {
    this.#clock = clock
    this.#ready = ready
    this.#ask()
  }

  detach(): void {
    this.#toAsk = []
    this.#clock = null
    this.#ready = () => undefined
  }

  get pending(): boolean {
    return this.#queue.length > 0
  }

  /** It takes no more rows while some wait to be asked about. */
  get full(): boolean {
    return this.#toAsk.length > 0
  }

  process(batch: Batch): Steps {
    for (let row = 0; row < batch.length; row++) {
      const entry: Entry = { batch, row, rows: null }
      this.#queue.push(entry)
      this.#toAsk.push(entry)
    }
    this.#ask()
    return this.answers()
  }

  watermark(time: number): Steps {
    this.#queue.push(time)
    return this.answers()
  }

  end(): Steps {
    return NOTHING
  }

  /** What has been answered and may be given. */
  *answers(): Generator<Step> {
    if (this.#failure !== null) throw this.#failure.error
    const done: Entry[] = []
    const rest: (Entry | number)[] = []
    const { ordered } = this.#node.calls
    let blocked = false
    for (const each of this.#queue) {
      if (typeof each === 'number') {
        if (rest.length > 0) blocked = true
        if (blocked) rest.push(each)
        else {
          yield* this.#given(done.splice(0))
          yield each
        }
      } else if (each.rows !== null && !blocked) done.push(each)
      else {
        rest.push(each)
        if (ordered) blocked = true
      }
    }
    this.#queue = rest
    yield* this.#given(done)
  }

  *#given(entries: readonly Entry[]): Generator<Batch> {
    const { schema, output } = this.#node
    for (let from = 0, to = 0; from < entries.length; from = to) {
      const { batch } = entries[from]!
      const rows: number[] = []
      const builders = output.fields.map(field => new ColumnBuilder(field.type))
      for (; to < entries.length && entries[to]!.batch === batch; to++) {
        for (const answer of entries[to]!.rows!) {
          rows.push(entries[to]!.row)
          for (const [i, builder] of builders.entries()) builder.push(answer === null ? null : answer[i]!)
        }
      }
      if (rows.length === 0) continue
      const places = Int32Array.from(rows)
      const kept = this.#kept.map(i => take(batch.columns[i]!, places))
      yield new Batch(schema, rows.length, [...kept, ...builders.map(builder => builder.finish())])
    }
  }

  // ---- calls

  #ask(): void {
    if (this.#clock === null) return
    const { concurrency } = this.#node.calls
    let at = 0
    while (at < this.#toAsk.length && this.#running < concurrency) this.#begin(this.#toAsk[at++]!)
    if (at > 0) this.#toAsk = this.#toAsk.slice(at)
  }

  #begin(entry: Entry): void {
    const { cache } = this.#node.calls
    const key = this.#keyOf(entry)
    // a null in a key is known to have no answer
    if (this.#kept.length > 0 && Object.values(key).includes(null)) return this.#answer(entry, [])
    const text = cache === null ? '' : JSON.stringify(key, plain)
    const known = cache === null ? undefined : this.#cache.get(text)
    if (known !== undefined && known.untilMs > this.#clock!.now()) {
      this.#cache.delete(text)
      this.#cache.set(text, known)
      if (known.rows !== null) this.#answer(entry, known.rows)
      else known.others.push(entry)
      return
    }
    const kept: Kept = { rows: null, untilMs: Infinity, others: [] }
    if (cache !== null) this.#cache.set(text, kept)
    this.#running++
    const settle = (rows: readonly Answer[] | null): void => {
      this.#running--
      if (this.#clock === null) return
      if (rows !== null) {
        kept.rows = rows
        kept.untilMs = cache === null ? 0 : this.#clock.now() + cache.ttlMs
        for (const each of [entry, ...kept.others]) this.#answer(each, rows)
        if (cache !== null && this.#cache.size > cache.size) this.#evict(cache.size)
      }
      this.#ask()
      this.#ready()
    }
    void this.#called(key).then(settle, (error: unknown) => {
      this.#cache.delete(text)
      if (this.#node.calls.onError === 'null') {
        for (const each of kept.others) this.#answer(each, [])
        this.#answer(entry, [])
      } else this.#failure ??= { error: error as Error }
      settle(null)
    })
  }

  /** Of what was answered, what was asked longest ago goes first. */
  #evict(size: number): void {
    for (const [text, { rows }] of this.#cache) {
      if (this.#cache.size <= size) return
      if (rows !== null) this.#cache.delete(text)
    }
  }

  #answer(entry: Entry, rows: readonly Answer[]): void {
    // a row that is kept stays without an answer too
    entry.rows = rows.length === 0 && this.#kept.length > 0 ? NO_ANSWER : rows
  }

  #keyOf({ batch, row }: Entry): Record<string, unknown> {
    const { asked } = this.#node
    const columns = this.#asked.map(i => batch.columns[i]!)
    return Object.fromEntries(columns.map((column, i) => [asked[i]!, toJs(valueAt(column, row), column.type)]))
  }

  async #called(key: Record<string, unknown>): Promise<readonly Answer[]> {
    const { verb, name, fn, output, calls } = this.#node
    for (let attempt = 1; ; attempt++) {
      const where = `${verb} ${name} of ${JSON.stringify(key, plain)}, attempt ${attempt} of ${calls.retries + 1}`
      let given: unknown
      try {
        given = await this.#inTime(async () => fn(key))
      } catch (cause) {
        if (attempt <= calls.retries) {
          if (calls.delayMs > 0) await new Promise<void>(resolve => this.#after(calls.delayMs, resolve))
          continue
        }
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new DataError('user-function', `${where}: ${reason}`, { attempt }, cause)
      }
      return answersOf(given, output, where)
    }
  }

  #inTime(call: () => Promise<unknown>): Promise<unknown> {
    const { timeoutMs } = this.#node.calls
    if (timeoutMs === Infinity) return call()
    return new Promise((resolve, reject) => {
      const cancel = this.#after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)))
      call().then(resolve, reject).finally(cancel)
    })
  }

  #after(ms: number, then: () => void): () => void {
    return this.#clock === null ? () => undefined : this.#clock.after(ms, then)
  }

  snapshot(): AsyncMapState {
    const batches: Batch[] = []
    const queue = this.#queue.map(each => {
      if (typeof each === 'number') return each
      if (batches.at(-1) !== each.batch) batches.push(each.batch)
      return [batches.length - 1, each.row] as const
    })
    return { batches: batches.map(packed), queue }
  }

  restore(state: unknown): void {
    const { batches, queue } = state as AsyncMapState
    const parts = batches.map(part => unpacked(this.#node.input.schema, part))
    this.#queue = queue.map(each =>
      typeof each === 'number' ? each : { batch: parts[each[0]]!, row: each[1], rows: null },
    )
    this.#toAsk = this.#queue.filter(each => typeof each !== 'number')
    this.#ask()
  }
}

/** The values of a row that was answered; null of a row that stays without. */
type Answer = readonly ReturnType<typeof valueAt>[] | null

const NO_ANSWER: readonly Answer[] = [null]

interface Entry {
  readonly batch: Batch
  readonly row: number
  /** Null until it is answered. */
  rows: readonly Answer[] | null
}

/** An answer that is kept; those who ask before it is there wait with the first. */
interface Kept {
  rows: readonly Answer[] | null
  untilMs: number
  readonly others: Entry[]
}

interface AsyncMapState {
  readonly batches: readonly BatchState[]
  readonly queue: readonly (number | readonly [batch: number, row: number])[]
}

/** A row, rows or null as values of the declared types. */
function answersOf(given: unknown, schema: Schema, where: string): readonly Answer[] {
  if (given === null || given === undefined) return []
  const rows: readonly unknown[] = Array.isArray(given) ? given : [given]
  return rows.map(row => {
    if (typeof row !== 'object' || row === null) {
      throw new DataError('bad-value', `${where}: it answers with a row, a list of rows or null, not ${String(row)}`)
    }
    return schema.fields.map(field => {
      const read = fromJs(Reflect.get(row, field.name) ?? null, field)
      if ('value' in read) return read.value
      throw new DataError('bad-value', `${where}, column "${field.name}": ${read.problem}`, { column: field.name })
    })
  })
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)
