import { Watermark } from '../operator/watermark.ts'
import { AsyncFeed, type Feed } from './feed.ts'
import type { OperatorVertex, Vertex } from './graph.ts'

/**
 * The inputs of a job that make a watermark by themselves. One that gives no rows for its `idle` goes to rest, and one that
 * is ahead of the slowest by more than its `align` is not read. Silence is counted from when an input is first waited for,
 * without the time in which sinks keep all waiting.
 */
export class TimedInputs {
  readonly #inputs: readonly TimedInput[]
  readonly #aligned: readonly TimedInput[]

  constructor(vertices: readonly Vertex[], feeds: readonly Feed[]) {
    this.#inputs = vertices.flatMap(vertex => {
      const { strategy } = vertex.role === 'read' ? {} : (vertex.node.time ?? {})
      if (vertex.role !== 'operator' || !(vertex.operator instanceof Watermark) || strategy === undefined) return []
      const of = feeds.filter(feed => !(feed instanceof AsyncFeed) && reaches(feed.vertex, vertex))
      return new TimedInput(vertex, vertex.operator, of)
    })
    this.#aligned = this.#inputs.filter(input => input.alignMicros !== Infinity)
  }

  /** Rows have come to a vertex. */
  heard(vertex: Vertex): void {
    for (const input of this.#inputs) if (input.vertex === vertex) input.heard()
  }

  /** A vertex that has been silent for its time, or null. */
  silent(nowMs: number): OperatorVertex | null {
    return this.#inputs.find(input => input.isSilent(nowMs))?.vertex ?? null
  }

  /** When the next one may be silent for its time. */
  get dueMs(): number {
    return this.#inputs.reduce((least, input) => Math.min(least, input.dueMs), Infinity)
  }

  /** The feeds that are not ahead of the slowest by more than they may be; all of them when that would be none. */
  abreast(feeds: readonly Feed[]): readonly Feed[] {
    if (this.#aligned.length === 0) return feeds
    const going = this.#aligned.filter(({ vertex }) => !vertex.done && !vertex.idle)
    const slowest = going.reduce((least, { mark }) => Math.min(least, mark), Infinity)
    for (const input of this.#aligned) input.held = going.includes(input) && input.mark - input.alignMicros > slowest
    const held = this.#aligned.flatMap(input => (input.held ? input.feeds : []))
    const free = feeds.filter(feed => !held.includes(feed))
    return free.length > 0 ? free : feeds
  }
}

class TimedInput {
  readonly vertex: OperatorVertex
  readonly feeds: readonly Feed[]
  readonly alignMicros: number
  /** Ahead of others, and not read. */
  held = false
  readonly #operator: Watermark
  readonly #idleMs: number
  /** Since when it has been waited for, NaN when it has not. */
  #waitedMs = NaN

  constructor(vertex: OperatorVertex, operator: Watermark, feeds: readonly Feed[]) {
    const { idleMicros = Infinity, alignMicros = Infinity } = vertex.node.time?.strategy ?? {}
    this.vertex = vertex
    this.feeds = feeds
    this.alignMicros = alignMicros
    this.#operator = operator
    this.#idleMs = idleMicros / 1000
  }

  get mark(): number {
    return this.#operator.mark
  }

  heard(): void {
    this.#waitedMs = NaN
  }

  isSilent(nowMs: number): boolean {
    if (this.#idleMs === Infinity || this.vertex.idle || this.vertex.done) return false
    const live = this.feeds.filter(feed => !feed.vertex.done)
    if (this.held) this.#waitedMs = NaN
    if (this.held || live.length === 0 || !live.every(feed => feed.waits)) return false
    if (Number.isNaN(this.#waitedMs)) this.#waitedMs = nowMs
    return nowMs - this.#waitedMs >= this.#idleMs
  }

  get dueMs(): number {
    return this.vertex.idle || this.vertex.done || Number.isNaN(this.#waitedMs)
      ? Infinity
      : this.#waitedMs + this.#idleMs
  }
}

function reaches(from: Vertex, to: Vertex): boolean {
  return from === to || to.inputs.some(input => reaches(from, input))
}
