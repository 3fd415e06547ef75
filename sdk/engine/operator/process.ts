import { inspect } from 'node:util'
import type { Batch } from '../../data/batch.ts'
import type { Column } from '../../data/column.ts'
import { DataError } from '../../data/errors.ts'
import type { Process as ProcessNode, StateDeclaration } from '../../plan/node.ts'
import { pathOf } from '../../plan/refusal.ts'
import { AggregatingState } from '../state/aggregating-state.ts'
import { BroadcastState } from '../state/broadcast-state.ts'
import { HeldKeys, type HeldKeysState } from '../state/held-keys.ts'
import { KeyTable, type KeyTableState } from '../state/key-table.ts'
import type { Cursor, KeyedState } from '../state/keyed-state.ts'
import { ListState } from '../state/list-state.ts'
import { MapState } from '../state/map-state.ts'
import { ReducingState, ValueState } from '../state/value-state.ts'
import type { Clock } from '../time/clock.ts'
import { Timers, type TimersState } from '../time/timers.ts'
import { compileProject } from '../vector/project.ts'
import { RowObjects, type RowObject } from '../vector/row-objects.ts'
import { EventTimeReader } from './event-time.ts'
import { NOTHING, OUTPUT_ROWS, type Operator, type Step, type Steps } from './operator.ts'
import { dateOf, ProcessContext, type ProcessHost } from './process-context.ts'
import { processTime } from './process-watermark.ts'
import { RowOutput } from './row-output.ts'

/**
 * Calls a user's functions with each row and each timer of a key. Before a row is handled the timers fire that its time
 * makes due, by their times; a timer is due once the watermark is later than it, so that all rows of its own time have
 * been handled. A key whose states are all empty and that has no timer is forgotten.
 */
export class Process implements Operator {
  readonly #node: ProcessNode
  readonly #clock: Clock
  readonly #times: EventTimeReader | null
  /** Whether the rows that come make the watermark, how far it lies behind them, and what an announced one is cut to. */
  readonly #own: boolean
  readonly #boundMicros: number
  readonly #stepMicros: number
  readonly #keys: (batch: Batch) => Column[]
  readonly #table: KeyTable
  readonly #held = new HeldKeys()
  readonly #states: readonly KeyedState[]
  readonly #broadcasts: readonly BroadcastState[]
  readonly #timers = new Timers()
  /** Timers of the clock, in its milliseconds. */
  readonly #later = new Timers()
  readonly #rows: RowObjects
  readonly #keyRows: RowObjects
  readonly #broadcastRows: readonly RowObjects[]
  readonly #output: RowOutput
  readonly #sides: readonly RowOutput[]
  readonly #context: ProcessContext
  readonly #cursor: Cursor
  #slots: Int32Array = new Int32Array(0)
  #largest = -Infinity
  #watermark = -Infinity
  /** How far time has come while timers fire: the last one's, or the watermark. */
  #reached = -Infinity
  /** The time of the timer that fires, NaN for none. */
  #firing = NaN
  /** Once all rows have come: timers that are set for later do not fire. */
  #lastTimer = Infinity
  #ended = false
  /** Makes the key of a row of the batch; the row, −1 where the slot tells the key; and the key once it was asked for. */
  #keyAt: (row: number) => RowObject = () => ({})
  #keyRow = -1
  #key: RowObject | null = null
  #forgot = false
  #warned = false

  constructor(node: ProcessNode, clock: Clock) {
    const { input, keys, states, sides, broadcasts, schema } = node
    this.#node = node
    this.#clock = clock
    this.#times = input.time === null ? null : new EventTimeReader(input.time, input.schema, 'process')
    const { own, grid } = processTime(input)
    this.#own = own && input.time !== null
    this.#boundMicros = input.time?.boundMicros ?? 0
    this.#stepMicros = grid?.stepMicros ?? Infinity
    const exprs = keys.map(key => key.expr)
    this.#keys = compileProject(exprs, input.schema)
    this.#table = new KeyTable(exprs)
    this.#cursor = { slot: -1, time: NaN, now: NaN, describe: () => this.#describe() }
    this.#states = states.map(state => stateOf(state, this.#cursor, this.#held))
    this.#broadcasts = broadcasts.map(each => new BroadcastState(each.name, each.input.schema.fields))
    this.#rows = new RowObjects(input.schema.fields)
    this.#keyRows = new RowObjects(keys.map(({ name, expr }) => ({ name, type: expr.type, nullable: expr.nullable })))
    this.#broadcastRows = broadcasts.map(each => new RowObjects(each.input.schema.fields))
    this.#output = new RowOutput(schema, 'emit')
    this.#sides = sides.map(side => new RowOutput(side.schema, `side.${side.name}.emit`))
    this.#context = new ProcessContext(
      this.#host(),
      Object.fromEntries(this.#states.map(state => [state.name, state])),
      Object.fromEntries(broadcasts.map(({ name }, i) => [name, this.#broadcasts[i]])),
      sides.map(side => side.name),
    )
  }

  get heldBytes(): number {
    let bytes = this.#table.bytes + this.#held.bytes + this.#timers.bytes + this.#later.bytes
    for (const state of this.#states) bytes += state.bytes
    return bytes
  }

  /** All rows have come; what is broadcast from now on serves none. */
  get finished(): boolean {
    return this.#ended
  }

  *process(batch: Batch, input: number): Generator<Step> {
    if (input === 0) yield* this.#each(batch)
    else this.#take(batch, input - 1)
    yield* this.#given()
    this.#forget()
    this.#warn()
  }

  *watermark(time: number): Generator<Step> {
    if (time === Infinity) {
      this.#lastTimer = Math.max(this.#largest, this.#timers.last)
      this.#watermark = Infinity
      yield* this.#fire()
    } else {
      const announced =
        this.#stepMicros === Infinity ? -Infinity : Math.floor(time / this.#stepMicros) * this.#stepMicros
      if (announced > this.#watermark) {
        this.#watermark = announced
        yield* this.#fire()
      }
    }
    yield* this.#given()
    this.#forget()
    yield time
  }

  /** When the first timer of the clock is due, in its milliseconds. */
  get wakeMs(): number {
    return this.#later.next
  }

  /** Fires the timers of the clock that are due. */
  *wake(nowMs: number): Generator<Step> {
    const { onTimer } = this.#node.functions
    while (this.#later.next <= nowMs) {
      const dueMs = this.#later.next
      const slot = this.#later.pop()
      this.#held.remove(slot)
      this.#stand(slot, this.#times === null ? NaN : this.#largest, -1)
      this.#context.domain = 'processing'
      const time = new Date(dueMs + (this.#clock.originMs ?? 0))
      this.#call('onTimer', () => onTimer!(time, this.#context))
      this.#context.domain = 'event'
      this.#held.list(slot)
      if (this.#output.length >= OUTPUT_ROWS) yield this.#output.take()
    }
    yield* this.#fire()
    yield* this.#given()
    this.#forget()
  }

  end(input: number): Steps {
    if (input === 0) this.#ended = true
    return NOTHING
  }

  /** What each side output has been given since the last call. */
  sides(): readonly (Batch | null)[] {
    return this.#sides.map(side => side.take())
  }

  snapshot(): ProcessState {
    const now = this.#clock.now()
    const later = this.#later.snapshot()
    return {
      table: this.#table.snapshot(),
      held: this.#held.snapshot(),
      states: this.#states.map(state => state.snapshot()),
      broadcasts: this.#broadcasts.map(state => state.snapshot()),
      timers: this.#timers.snapshot(),
      later: { times: later.times.map(time => time - now), slots: later.slots },
      largest: this.#largest,
      watermark: this.#watermark,
      reached: this.#reached,
      forgot: this.#forgot,
      ended: this.#ended,
    }
  }

  restore(state: unknown): void {
    const { table, held, states, broadcasts, timers, later, ...rest } = state as ProcessState
    const now = this.#clock.now()
    this.#table.restore(table)
    this.#held.restore(held)
    for (const [i, each] of this.#states.entries()) each.restore(states[i], this.#table.end)
    for (const [i, each] of this.#broadcasts.entries()) each.restore(broadcasts[i]!)
    this.#timers.restore(timers)
    this.#later.restore({ times: later.times.map(time => time + now), slots: later.slots })
    this.#largest = rest.largest
    this.#watermark = rest.watermark
    this.#reached = rest.reached
    this.#forgot = rest.forgot
    this.#ended = rest.ended
  }

  // ---- rows and timers

  *#each(batch: Batch): Generator<Step> {
    const { length } = batch
    const { onRow } = this.#node.functions
    if (this.#slots.length < length) this.#slots = new Int32Array(length)
    const [slots, keys] = [this.#slots, this.#keys(batch)]
    this.#table.slots(keys, length, slots)
    this.#held.grow(this.#table.end)
    for (const state of this.#states) state.grow(this.#table.end)
    const times = this.#times?.of(batch) ?? null
    const rowAt = this.#rows.of(batch.columns)
    this.#keyAt = this.#keyRows.of(keys)
    let at = 0
    const call = (): unknown => onRow(rowAt(at), this.#context)
    for (let row = 0; row < length; row++) {
      const time = times === null ? NaN : times[row]!
      if (time > this.#largest) {
        this.#largest = time
        if (this.#own && time - this.#boundMicros > this.#watermark) {
          this.#watermark = time - this.#boundMicros
          if (this.#timers.next < this.#watermark) yield* this.#fire()
          else this.#reached = this.#watermark
        }
      }
      at = row
      this.#stand(slots[row]!, time, row)
      this.#call('onRow', call)
      this.#held.list(slots[row]!)
      if (this.#timers.next < this.#watermark) yield* this.#fire() // it set one for a time that has passed
      if (this.#output.length >= OUTPUT_ROWS) yield this.#output.take()
      if (row % SOME_ROWS === SOME_ROWS - 1) yield null
    }
  }

  /** Fires all timers that are earlier than the watermark. */
  *#fire(): Generator<Step> {
    const { onTimer } = this.#node.functions
    for (let fired = 0; this.#timers.next < this.#watermark; fired++) {
      const time = this.#timers.next
      const slot = this.#timers.pop()
      this.#held.remove(slot)
      if (time > this.#reached) this.#reached = time
      this.#stand(slot, time, -1)
      this.#firing = time
      this.#call('onTimer', () => onTimer!(dateOf(time), this.#context))
      this.#firing = NaN
      this.#held.list(slot)
      if (this.#output.length >= OUTPUT_ROWS) yield this.#output.take()
      if (fired % SOME_ROWS === SOME_ROWS - 1) yield null
    }
    if (this.#watermark !== Infinity && this.#watermark > this.#reached) this.#reached = this.#watermark
  }

  /** Takes rows that are broadcast. */
  #take(batch: Batch, from: number): void {
    const { onBroadcast } = this.#node.functions
    const rowAt = this.#broadcastRows[from]!.of(batch.columns)
    this.#context.source = this.#node.broadcasts[from]!.name
    for (const state of this.#broadcasts) state.writable = true
    for (let row = 0; row < batch.length; row++) {
      this.#stand(-1, this.#times === null || this.#largest === -Infinity ? NaN : this.#largest, -1)
      this.#call('onBroadcast', () => onBroadcast!(rowAt(row), this.#context))
    }
    for (const state of this.#broadcasts) state.writable = false
    this.#context.source = null
  }

  #stand(slot: number, time: number, row: number): void {
    const cursor = this.#cursor
    cursor.slot = slot
    cursor.time = time
    cursor.now = time > this.#reached ? time : this.#reached
    this.#keyRow = row
    this.#key = null
  }

  #call(name: string, call: () => unknown): void {
    let answer: unknown
    try {
      answer = call()
    } catch (error) {
      if (error instanceof DataError) throw error
      const text = `${name} failed, ${this.#describe()}: ${error instanceof Error ? error.message : String(error)}`
      throw new DataError('user-function', text, this.#keyRow < 0 ? {} : { row: this.#keyRow }, error)
    }
    if (typeof answer === 'object' && answer !== null && 'then' in answer) {
      const text = `${name} gave a promise, and what is to come would meet the state of another key. Await before it, with mapAsync.`
      throw new DataError('user-function', text)
    }
  }

  *#given(): Generator<Step> {
    const batch = this.#output.take()
    if (batch !== null) yield batch
  }

  /** Lets go of what has outlived its time, and of keys that hold nothing. */
  #forget(): void {
    for (const state of this.#states) state.expire(this.#reached)
    const slots = this.#held.take(this.#table.size)
    if (slots.length === 0) return
    this.#table.remove(slots, slots.length)
    this.#forgot = true
  }

  /** Says once that the state of a stream only grows. */
  #warn(): void {
    if (this.#warned || this.#table.size < MANY_KEYS || this.#node.bounded) return
    this.#warned = true
    const { states } = this.#node
    const shrinks = this.#forgot || states.some(state => state.lifetime !== null)
    if (shrinks || states.length === 0 || this.#states.some(state => state.cleared)) return
    const names = states.map(({ name }) => `"${name}"`).join(', ')
    const text = `${pathOf(this.#node)}: ${this.#table.size} keys hold state (${names}), none has been cleared, and the stream has no end, so that it grows for ever. Give it a time to live, { ttl: '1 hour' }, or call clear().`
    process.emitWarning(text, { code: 'MILLRACE_UNBOUNDED_STATE' })
  }

  // ---- what the functions ask for

  #host(): ProcessHost {
    // the context reads what changes with each call, so that these are getters
    const key = (): object => this.#keyOf()
    const time = (): number => this.#cursor.time
    const watermark = (): number => this.#watermark
    return {
      get key() {
        return key()
      },
      get time() {
        return time()
      },
      get watermark() {
        return watermark()
      },
      setTimer: micros => this.#setTimer(micros),
      deleteTimer: micros => {
        if (this.#timers.delete(this.#keyed('ctx.timers.delete'), micros)) this.#held.remove(this.#cursor.slot)
      },
      setLater: micros => this.#setLater(micros),
      emit: row => this.#output.push(row, this.#cursor.describe),
      emitAside: (side, row) => this.#sides[side]!.push(row, this.#cursor.describe),
    }
  }

  #setTimer(micros: number): void {
    const slot = this.#keyed('ctx.timers.at')
    if (this.#times === null) {
      const text = `ctx.timers.at needs an event time: call .watermark('at', '5 seconds') first, or use ctx.timers.after`
      throw new DataError('no-event-time', text)
    }
    if (micros <= this.#firing) {
      const text = `onTimer set a timer for ${dateOf(micros).toISOString()} or earlier than the time that fires, ${this.#describe()}, which would go on for ever. Set a later one.`
      throw new DataError('bad-value', text)
    }
    if (micros <= this.#lastTimer && this.#timers.set(slot, micros)) this.#held.add(slot)
  }

  #setLater(micros: number): void {
    const slot = this.#keyed('ctx.timers.after')
    const dueMs = this.#clock.now() + Math.max(0, micros) / 1000
    if (!this.#ended && this.#later.set(slot, dueMs)) this.#held.add(slot)
  }

  /** The slot of the key, where timers make sense. */
  #keyed(call: string): number {
    if (this.#node.functions.onTimer === null) {
      throw new DataError('no-timer', `${call} is called, and there is no onTimer(time, ctx) to be called back`)
    }
    const { slot } = this.#cursor
    if (slot >= 0) return slot
    throw new DataError('no-key', `${call}: a timer belongs to a key, and there is none in onBroadcast`)
  }

  #keyOf(): RowObject {
    if (this.#key !== null) return this.#key
    const { slot } = this.#cursor
    if (slot < 0) throw new DataError('no-key', 'ctx.key: a row that is broadcast has no key')
    if (this.#keyRow >= 0) this.#key = this.#keyAt(this.#keyRow)
    else {
      ONE[0] = slot
      this.#key = this.#keyRows.of(this.#table.columns(ONE, 1))(0)
    }
    return this.#key
  }

  #describe(): string {
    return this.#cursor.slot < 0
      ? `broadcast ${this.#context.source}`
      : `key ${inspect(this.#keyOf(), { breakLength: Infinity })}`
  }
}

function stateOf(declared: StateDeclaration, cursor: Cursor, held: HeldKeys): KeyedState {
  const { name, lifetime } = declared
  switch (declared.kind) {
    case 'value':
      return new ValueState(name, declared.type, declared.initial, lifetime, cursor, held)
    case 'list':
      return new ListState(name, declared.type, lifetime, cursor, held)
    case 'map':
      return new MapState(name, declared.key, declared.type, lifetime, cursor, held)
    case 'reducing':
      return new ReducingState(name, declared.type, declared.reduce, lifetime, cursor, held)
    case 'aggregating':
      return new AggregatingState(name, declared, lifetime, cursor, held)
  }
}

interface ProcessState {
  readonly table: KeyTableState
  readonly held: HeldKeysState
  readonly states: readonly unknown[]
  readonly broadcasts: readonly (readonly (readonly [unknown, object])[])[]
  readonly timers: TimersState
  readonly later: TimersState
  readonly largest: number
  readonly watermark: number
  readonly reached: number
  readonly forgot: boolean
  readonly ended: boolean
}

const ONE = new Int32Array(1)
/** Rows and timers between two chances to pause. */
const SOME_ROWS = 256
/** So many keys that hold state for ever are worth a warning. */
const MANY_KEYS = 100_000
