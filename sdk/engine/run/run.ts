import { Batch } from '../../data/batch.ts'
import { InterruptedError, PlanError } from '../../data/errors.ts'
import { readsRightFirst, updatingBy } from '../../plan/build.ts'
import { hop } from '../../plan/hop.ts'
import type { Job, Progress, RunningJob, SinkWriter } from '../../plan/port.ts'
import { beyondBudget, taking, type Memory } from '../operator/memory.ts'
import { isAsync, pieces, type Operator, type Step, type Steps } from '../operator/operator.ts'
import type { Clock } from '../time/clock.ts'
import { leastMark } from '../time/least-mark.ts'
import { AsyncFeed, PacedFeed, ReadFeed, type Feed } from './feed.ts'
import { graphOf, type Edge, type Graph, type OperatorVertex, type OutputVertex, type Vertex } from './graph.ts'
import { TimedInputs } from './inputs.ts'
import { located } from './located.ts'

/** How long one slice may take before others get the thread. A step within it should take less than a millisecond. */
const SLICE_MS = 7
/** Rows that a source is asked for at once: many where all are there, few where they come. */
const BATCH_ROWS = 16_384
const STREAM_ROWS = 1024

/** What a slice ends with: nothing more to do, time is up, or a promise to wait for. */
type Pause = 'done' | 'yield' | Promise<unknown>

/** A piece of work that pauses: at undefined when it likes, at a promise until that is settled. */
type Work = Generator<Promise<unknown> | undefined, void>

/**
 * One job running in the thread of its caller, in slices. Rows are pushed depth first from a source to the outputs,
 * one batch at a time, and a source is asked for more only when all that came of the last batch has been taken: that
 * is the backpressure. A job ends once, by finishing, by being stopped, or by failing; then its state is dropped.
 */
export class Run implements RunningJob {
  readonly done: Promise<Progress>
  readonly #job: Job
  readonly #clock: Clock
  readonly #memory: Memory
  readonly #graph: Graph
  readonly #writers = new Map<Vertex, SinkWriter>()
  readonly #feeds: Feed[] = []
  /** Those whose operators are woken by the clock. */
  readonly #woken: readonly Vertex[]
  /** Those that make watermarks, once the sources are open. */
  #timed: TimedInputs | null = null
  /** How long sinks have kept the job waiting. */
  #blockedMs = 0
  readonly #abort = new AbortController()
  readonly #startedMs: number
  #turn = 0
  #work: Work | null = null
  #state: Progress['state'] = 'running'
  /** Set when the job shall end before its rows do. */
  #ending: { readonly error: Error | null } | null = null
  #wake: () => void = () => undefined
  /** The write that a sink has not finished yet. */
  #writing: Promise<void> | null = null
  /** Called by a feed that has something again. */
  #ready: () => void = () => undefined
  #resolve: (progress: Progress) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  #rowsIn = 0
  #rowsOut = 0
  #busyMs = 0
  #endedMs: number | null = null

  constructor(job: Job, clock: Clock, memory: Memory) {
    for (const { plan, sink } of job.outputs) {
      if (sink.accepts === 'append' && plan.frameKind === 'updating') {
        const text = `${sink.name} takes only rows that stay as they are, but ${updatingBy(plan)} corrects rows it has given. Use a window, or a sink that takes changes.`
        throw new PlanError('updating', text, { sink: sink.name })
      }
    }
    this.#job = job
    this.#clock = clock
    this.#startedMs = clock.now()
    this.#memory = memory
    this.#graph = graphOf(job.outputs, memory, clock)
    this.#woken = this.#graph.vertices.filter(
      vertex => vertex.role === 'operator' && vertex.operator.wake !== undefined,
    )
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { signal } = job
    const interrupt = (): void => this.#endWith(interrupted(job.name))
    if (signal?.aborted === true) interrupt()
    else signal?.addEventListener('abort', interrupt, { once: true })
    void this.#drive().finally(() => signal?.removeEventListener('abort', interrupt))
  }

  progress(): Progress {
    let [late, rejected, clamped, watermark] = [0, 0, 0, Infinity]
    for (const vertex of this.#graph.vertices) {
      if ('operator' in vertex) clamped += vertex.operator.clampedRows ?? 0
      if (vertex.role === 'operator' && vertex.node.kind !== 'process') late += vertex.sideRows
      if (vertex.role === 'read') rejected += vertex.sideRows
    }
    for (const feed of this.#feeds) if (feed instanceof ReadFeed) rejected += feed.reader.skipped ?? 0
    // An output without event time, such as one of late rows, has no watermark.
    for (const { lastMark } of this.#graph.outputs)
      if (lastMark !== -Infinity) watermark = Math.min(watermark, lastMark)
    return {
      state: this.#state,
      rowsIn: this.#rowsIn,
      rowsOut: this.#rowsOut,
      lateRows: late,
      clampedRows: clamped,
      rejectedRows: rejected,
      watermark: Number.isFinite(watermark) ? watermark : null,
      elapsedMs: (this.#endedMs ?? this.#clock.now()) - this.#startedMs,
      cpuMs: this.#busyMs,
      done: this.#share(),
    }
  }

  async stop(): Promise<void> {
    this.#endWith(null)
    await this.done.catch(() => undefined)
  }

  #endWith(error: Error | null): void {
    if (this.#state !== 'running' || (this.#ending !== null && (error === null || this.#ending.error !== null))) return
    this.#ending = { error }
    this.#abort.abort()
    this.#wake()
  }

  #share(): number | null {
    if (this.#state === 'finished') return 1
    const { paced, reads } = this.#graph
    if (paced.length > 0) return paced.reduce((sum, { operator }) => sum + operator.share, 0) / paced.length
    let [all, read] = [0, 0]
    for (const vertex of reads) {
      const { rows } = vertex.node.source
      if (rows === undefined) return null
      all += rows
      read += Math.min(rows, vertex.done ? rows : vertex.rows)
    }
    return all === 0 ? null : read / all
  }

  // ---- the loop

  async #drive(): Promise<void> {
    try {
      await this.#open()
      for (let pause: Pause = 'yield'; pause !== 'done' && this.#ending === null;) {
        if (pause !== 'yield') await this.#settled(pause)
        await hop()
        if (this.#ending === null) pause = this.#watched()
      }
      if (this.#writing !== null) await this.#written(this.#writing)
    } catch (error) {
      this.#ending = { error: error instanceof Error ? error : located(error, this.#job.name) }
    }
    await this.#close(this.#ending?.error ?? null)
  }

  /** Waits for a promise, or for the end of the job. A promise that never settles must not collect those who wait. */
  #settled(pause: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(null)
      if (this.#ending !== null) resolve(null)
      pause.then(resolve, reject)
    })
  }

  /** A stop lets a write come to its end, so that a sink is never closed within one; an interruption does not wait. */
  #written(writing: Promise<void>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(null)
      if (this.#ending?.error instanceof Error) resolve(null)
      writing.then(resolve, reject)
    })
  }

  async #open(): Promise<void> {
    const { signal } = this.#abort
    const ready = (): void => this.#ready()
    for (const vertex of this.#graph.outputs) {
      try {
        this.#writers.set(vertex, await vertex.sink.open(vertex.node.schema, signal))
      } catch (error) {
        throw located(error, `${vertex.path} › ${vertex.sink.name}`)
      }
    }
    for (const vertex of this.#graph.reads) {
      const { source, schema, frameKind, where = [] } = vertex.node
      try {
        const batchRows = frameKind === 'batch' ? BATCH_ROWS : STREAM_ROWS
        const reader = source.open({ columns: schema.names, batchRows, signal, clock: this.#clock, where })
        this.#feeds.push(new ReadFeed(vertex, reader, ready))
      } catch (error) {
        throw located(error, vertex.path)
      }
    }
    for (const vertex of this.#graph.vertices) {
      if (vertex.role !== 'operator' || !isAsync(vertex.operator)) continue
      this.#feeds.push(new AsyncFeed(vertex, vertex.operator, this.#clock, ready))
    }
    this.#timed = new TimedInputs(this.#graph.vertices, this.#feeds)
    this.#work = this.#start()
  }

  /** Operators that want no rows at all end before the first. */
  *#start(): Work {
    for (const vertex of this.#graph.vertices) {
      if (vertex.role === 'operator' && vertex.operator.finished === true) yield* this.#leave(vertex)
    }
  }

  /**
   * A slice under the eye of a message sent before it: when the slice was ended from outside, neither `catch` nor
   * `finally` has run, and only that message is left to tell.
   */
  #watched(): Pause {
    const { critical } = this.#job
    if (critical === undefined) return this.#slice()
    let left = false
    void hop().then(() => {
      if (left) return
      Atomics.store(critical, 0, 0)
      void this.#close(interrupted(this.#job.name))
    })
    Atomics.store(critical, 0, 1)
    try {
      return this.#slice()
    } finally {
      Atomics.store(critical, 0, 0)
      left = true
    }
  }

  #slice(): Pause {
    const from = this.#clock.now()
    try {
      do {
        const work = (this.#work ??= this.#next())
        if (work === null) return 'done'
        const step = work.next()
        if (step.done === true) this.#work = null
        else if (step.value !== undefined) return step.value
        if (this.#asked()) return 'yield'
      } while (this.#clock.now() - from < SLICE_MS)
      return 'yield'
    } finally {
      this.#busyMs += this.#clock.now() - from
    }
  }

  /**
   * When a stop is asked for, the slice ends at once. Whether the job ends too is for its signal to say; a job that has
   * none fails.
   */
  #asked(): boolean {
    const { critical, signal, name } = this.#job
    if (critical === undefined || Atomics.load(critical, 1) === 0) return false
    if (signal === undefined) throw interrupted(name)
    return true
  }

  /** The work of the next feed in turn that has some. Build sides of joins come first. */
  #next(): Work | null {
    const due = this.#due()
    if (due !== null) return due
    const silent = this.#timed!.silent(this.#clock.now() - this.#blockedMs)
    if (silent !== null) return this.#rest(silent)
    const live = this.#feeds.filter(feed => {
      const { vertex } = feed
      return !vertex.done && (vertex.open === 0 || (feed instanceof AsyncFeed && feed.operator.pending))
    })
    if (live.length === 0) return null
    const free = live.filter(feed => !this.#mustWait(feed.vertex))
    const feeds = this.#timed!.abreast(free.length > 0 ? free : live)
    for (let i = 0; i < feeds.length; i++) {
      const feed = feeds[(this.#turn + i) % feeds.length]!
      let got: Batch | Steps | 'waiting' | null
      try {
        got = feed.poll()
      } catch (error) {
        throw located(error, feed.vertex.path, 0) // a source counts its rows itself
      }
      if (got === 'waiting') continue
      this.#turn = (this.#turn + i + 1) % feeds.length
      return got === null
        ? this.#leave(feed.vertex)
        : feed instanceof ReadFeed
          ? this.#read(feed, got as Batch)
          : this.#given(feed, got as Steps)
    }
    // what waits from now on is due later
    this.#timed!.silent(this.#clock.now() - this.#blockedMs)
    return this.#wait()
  }

  /** Until a feed has something again, or an operator is due. */
  *#wait(): Work {
    let wakeMs = this.#timed!.dueMs + this.#blockedMs
    for (const vertex of this.#woken) wakeMs = Math.min(wakeMs, wakeOf(vertex))
    let cancel = (): void => undefined
    yield new Promise(resolve => {
      this.#ready = () => resolve(null)
      if (wakeMs !== Infinity) cancel = this.#clock.after(Math.max(0, wakeMs - this.#clock.now()), () => resolve(null))
    })
    cancel()
  }

  /** The work of the first operator that the clock wakes. */
  #due(): Work | null {
    if (this.#woken.length === 0) return null
    const now = this.#clock.now()
    const vertex = this.#woken.find(each => wakeOf(each) <= now)
    return vertex?.role === 'operator' ? this.#drain(vertex, () => vertex.operator.wake!(now)) : null
  }

  /**
   * True while others need rows first that this vertex does not feed: a join its right ones, a process a batch it reads;
   * and while one that this vertex feeds waits for answers.
   */
  #mustWait(from: Vertex): boolean {
    return this.#graph.vertices.some(
      vertex =>
        vertex.role === 'operator' &&
        ((isAsync(vertex.operator) && vertex.operator.full && vertex !== from && feeds(from, vertex)) ||
          (feeds(from, vertex.inputs[0]!) &&
            vertex.inputs.some((input, i) => i > 0 && comesFirst(vertex, i) && !input.done && !feeds(from, input)))),
    )
  }

  *#read(feed: ReadFeed, batch: Batch): Work {
    const { vertex, reader } = feed
    const counts = !this.#graph.paced.some(paced => feeds(vertex, paced))
    const rejected = reader.rejected?.() ?? null
    if (rejected !== null) yield* this.#aside(vertex, rejected)
    for (const piece of pieces(batch, BATCH_ROWS)) {
      vertex.rows += piece.length
      if (counts) this.#rowsIn += piece.length
      yield* this.#emit(vertex, new Batch(vertex.node.schema, piece.length, piece.columns, piece.kinds))
      if (vertex.done) break
    }
  }

  *#given(feed: PacedFeed | AsyncFeed, steps: Steps): Work {
    const { vertex } = feed
    if (feed instanceof AsyncFeed) {
      yield* this.#drain(feed.vertex, () => steps)
      return
    }
    for (const step of steps) {
      if (step instanceof Batch) this.#rowsIn += step.length
      yield* this.#emit(vertex, step)
    }
  }

  // ---- rows, watermarks and ends along the edges

  *#emit(vertex: Vertex, step: Step): Work {
    if (step === null) {
      yield
      return
    }
    if (typeof step === 'number') {
      // The end of a vertex tells that no more rows come; its operator may still give some.
      if (step !== Infinity) for (const { to, input } of vertex.edges) yield* this.#advance(to, input, step)
      return
    }
    if (step.length > 0) for (const edge of vertex.edges) yield* this.#deliver(edge, step)
  }

  *#deliver({ to, input }: Edge, batch: Batch): Work {
    if (to.done) return
    if (to.role === 'output') {
      yield* this.#write(to, batch)
      return
    }
    if (to.role === 'read') return
    if (to.role === 'operator' && to.node.kind === 'watermark') {
      this.#timed!.heard(to)
      if (to.idle) this.#rouse(to)
    }
    const { operator } = to
    const rowsBefore = to.inputs.length === 1 ? to.rows : null
    yield* this.#drain(to, () => operator.process(batch, input), rowsBefore)
    to.rows += batch.length
    this.#checkMemory(to.path, operator)
    if (operator.finished === true) yield* this.#leave(to)
    yield
  }

  #checkMemory(path: string, { heldBytes }: Operator): void {
    const { budgetBytes } = this.#memory
    if (heldBytes === undefined || heldBytes <= budgetBytes) return
    const error = beyondBudget(taking('what it holds takes', heldBytes, budgetBytes), 'Filter or select before it')
    throw located(error, path)
  }

  *#write(vertex: OutputVertex, batch: Batch): Work {
    this.#rowsOut += batch.length
    const failed = (error: unknown): never => {
      throw located(error, `${vertex.path} › ${vertex.sink.name}`, vertex.rows)
    }
    let taken: void | Promise<void> = undefined
    try {
      taken = this.#writers.get(vertex)!.write(batch)
    } catch (error) {
      failed(error)
    }
    if (taken !== undefined) {
      this.#writing = taken.catch(failed)
      const from = this.#clock.now()
      yield this.#writing
      this.#blockedMs += this.#clock.now() - from
      this.#writing = null
    }
    vertex.rows += batch.length
  }

  *#advance(vertex: Vertex, input: number, time: number): Work {
    if (vertex.done || time <= vertex.marks[input]!) return
    vertex.marks[input] = time
    yield* this.#tell(vertex)
  }

  /** Gives a vertex its watermark when it has risen. */
  *#tell(vertex: Vertex): Work {
    const least = leastMark(vertex.marks, vertex.idles)
    if (least <= vertex.watermark) return
    vertex.watermark = least
    if (vertex.role === 'output') {
      if (least !== Infinity) vertex.lastMark = least
    } else if (vertex.role !== 'read') {
      const { operator } = vertex
      yield* this.#drain(vertex, () => operator.watermark(least))
    }
  }

  /** A vertex gives no rows for the time being: those behind it wait for it no longer. */
  *#rest(vertex: Vertex): Work {
    vertex.idle = true
    for (const { to, input } of vertex.edges) {
      if (to.done) continue
      to.idles[input] = 1
      yield* this.#tell(to)
      if (isIdle(to)) yield* this.#rest(to)
    }
  }

  /** A vertex gives rows again, and counts with the watermark it had. */
  #rouse(vertex: Vertex): void {
    vertex.idle = false
    for (const { to, input } of vertex.edges) {
      to.idles[input] = 0
      if (to.idle) this.#rouse(to)
    }
  }

  *#endOf(vertex: Vertex, input: number): Work {
    if (vertex.done) return
    yield* this.#advance(vertex, input, Infinity)
    vertex.open--
    if (vertex.open > 0 && !vertex.idle && isIdle(vertex)) yield* this.#rest(vertex)
    if (vertex.role === 'operator' || vertex.role === 'paced') {
      const { operator } = vertex
      yield* this.#drain(vertex, () => operator.end(input))
    }
    if (vertex.open > 0 && !(vertex.role === 'operator' && vertex.operator.finished === true)) return
    if (vertex.role === 'paced') this.#feeds.push(new PacedFeed(vertex, this.#clock, () => this.#ready()))
    else if (vertex.role !== 'operator' || !isAsync(vertex.operator)) yield* this.#leave(vertex)
  }

  /** Nothing more comes from a vertex: those behind it learn that, and those before it that serve no one else stop. */
  *#leave(vertex: Vertex): Work {
    if (vertex.done) return
    vertex.done = true
    if (vertex.role === 'read') {
      const rejected = this.#feedOf(vertex)?.reader.rejected?.() ?? null
      if (rejected !== null) yield* this.#aside(vertex, rejected)
    }
    for (const { to, input } of [...vertex.edges, ...vertex.sideEdges]) yield* this.#endOf(to, input)
    for (const input of vertex.inputs) this.#dismiss(input)
  }

  #dismiss(vertex: Vertex): void {
    if (vertex.done || ![...vertex.edges, ...vertex.sideEdges].every(({ to }) => to.done)) return
    vertex.done = true
    for (const input of vertex.inputs) this.#dismiss(input)
  }

  #feedOf(vertex: Vertex): ReadFeed | undefined {
    return this.#feeds.find((feed): feed is ReadFeed => feed instanceof ReadFeed && feed.vertex === vertex)
  }

  /** `rowsBefore`: how many rows came before the batch that the call takes; null when it takes none. */
  *#drain(
    vertex: Exclude<Vertex, { role: 'read' | 'output' }>,
    call: () => Steps,
    rowsBefore: number | null = null,
  ): Work {
    let steps: Iterator<Step>
    try {
      steps = call()[Symbol.iterator]()
    } catch (error) {
      throw located(error, vertex.path, rowsBefore)
    }
    for (;;) {
      let step: IteratorResult<Step>
      try {
        step = steps.next()
      } catch (error) {
        throw located(error, vertex.path, rowsBefore)
      }
      if (step.done === true) break
      yield* this.#emit(vertex, step.value)
      // What is left of a long answer, such as a join's, serves no one.
      if (vertex.done) break
    }
    const side = vertex.operator.side?.() ?? null
    if (side !== null) yield* this.#aside(vertex, side)
    const sides = vertex.operator.sides?.() ?? []
    for (const [i, batch] of sides.entries()) if (batch !== null) yield* this.#aside(vertex, batch, i)
  }

  *#aside(vertex: Vertex, batch: Batch, side: number = 0): Work {
    vertex.sideRows += batch.length
    for (const edge of vertex.sideEdges) if (edge.side === side) yield* this.#deliver(edge, batch)
  }

  // ---- the end

  async #close(error: Error | null): Promise<void> {
    if (this.#state !== 'running') return
    const stopped = this.#ending !== null && error === null
    this.#state = error !== null ? 'failed' : stopped ? 'stopped' : 'finished'
    this.#work = null
    this.#abort.abort()
    let failure = error
    const attempt = async (path: string, act: () => void | Promise<void>): Promise<void> => {
      try {
        await act()
      } catch (thrown) {
        failure ??= located(thrown, path)
      }
    }
    for (const feed of this.#feeds) await attempt(feed.vertex.path, () => feed.close())
    for (const [vertex, writer] of this.#writers) {
      const path = vertex.role === 'output' ? `${vertex.path} › ${vertex.sink.name}` : vertex.path
      // what a stream gave until its stop is all there is; half of a batch is none of it
      const whole = vertex.done || (vertex.role === 'output' && vertex.node.frameKind !== 'batch')
      const keep = failure === null && whole
      await attempt(path, () => (keep ? writer.close() : writer.abort()))
    }
    this.#memory.spill.remove()
    this.#endedMs = this.#clock.now()
    if (failure === null) this.#resolve(this.progress())
    else {
      this.#state = 'failed'
      this.#reject(failure)
    }
  }
}

/** True when all inputs that have not ended are idle. */
function isIdle({ marks, idles }: Vertex): boolean {
  return idles.includes(1) && marks.every((mark, i) => mark === Infinity || idles[i] === 1)
}

/** True when rows of `from` may come to `to`. */
function feeds(from: Vertex, to: Vertex): boolean {
  return from === to || to.inputs.some(input => feeds(from, input))
}

function interrupted(name: string): InterruptedError {
  return new InterruptedError('interrupted', `${name} was interrupted. Start it again to begin anew.`)
}

/** Whether an input of a vertex is read whole before the first one. */
function comesFirst({ node }: OperatorVertex, input: number): boolean {
  if (node.kind === 'process') return node.broadcasts[input - 1]!.input.frameKind === 'batch'
  return readsRightFirst(node)
}

function wakeOf(vertex: Vertex): number {
  return vertex.role === 'operator' && !vertex.done ? (vertex.operator.wakeMs ?? Infinity) : Infinity
}
