import type { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { flatArray, type Column, type FlatArray, type Value } from '../../data/column.ts'
import { PlanError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'
import { failedRow } from '../../expr/failure.ts'
import { RowFailure, type Accumulator, type GroupAccumulator, type JsArg } from '../../expr/function.ts'
import { interpret } from '../../expr/interpret.ts'
import type { JsWriter } from '../../expr/js.ts'
import { operandsOf, type Typed } from '../../expr/node.ts'
import { exprText } from '../../expr/text.ts'
import { mayGenerate, RowLoop } from './row-loop.ts'

/**
 * The accumulators of some aggregates for many groups at once. A group is a slot; the lanes of its slot lie together in
 * one array, so that adding a row touches them all at once, and one generated loop computes the arguments and adds them.
 */
export interface Accumulators {
  /** Makes the slots from 0 to `groups` − 1 exist; new ones are empty. */
  grow(groups: number): void
  /** Adds row i to slot `slots[i]`, or takes it back where the batch says −U or −D. A negative slot leaves the row out. */
  add(batch: Batch, slots: Int32Array): void
  /** The value of aggregate `k`. */
  value(k: number, slot: number): Value
  /** The values of aggregate `k` for the first `length` of these slots. */
  column(k: number, slots: Int32Array, length: number): Column
  /** Makes a slot empty again. */
  clear(slot: number): void
  /** The state of all slots as plain data that `structuredClone` takes. */
  snapshot(): unknown
  restore(state: unknown): void
}

type Aggregate = Extract<Typed, { kind: 'aggregate' }>

/** An aggregate and where its state is. */
interface Part {
  readonly expr: Aggregate
  readonly accumulator: GroupAccumulator
  /** Its first lane, or its place among the objects. */
  readonly at: number
  /** The lane of another aggregate that counts the same rows, so that this one need not. */
  readonly counter: number | null
}

/** Accumulators of typed nodes of kind `aggregate` over batches of a schema; `updates` where rows may be taken back. */
export function compileAccumulators(
  aggregates: readonly Typed[],
  input: Schema,
  generated: boolean = mayGenerate(),
  updates: boolean = true,
): Accumulators {
  let [lanes, objects] = [0, 0]
  let counter: number | null = null
  const parts = aggregates.map((expr): Part => {
    if (expr.kind !== 'aggregate') throw new TypeError(`${expr.kind} over ${input.toString()} is no aggregate`)
    const accumulator = accumulatorOf(expr, updates)
    if (accumulator.form === 'object') return { expr, accumulator, at: objects++, counter: null }
    const at = lanes
    lanes += accumulator.init.length
    const { counted } = accumulator
    if (!generated || updates || counted === undefined || !takesAll(expr))
      return { expr, accumulator, at, counter: null }
    const first = counter
    counter ??= at + counted.lane
    return { expr, accumulator, at, counter: first }
  })
  return new Slots(parts, lanes, generated)
}

/** Whether an aggregate adds every row. */
const takesAll = ({ args, filter }: Aggregate): boolean =>
  filter === undefined && args.every(({ nullable }) => !nullable)

function accumulatorOf({ fn, args, options }: Aggregate, updates: boolean): GroupAccumulator {
  const found = typeof fn.accumulator === 'function' ? fn.accumulator(args, options) : fn.accumulator
  return updates && found.form === 'lanes' ? (found.overUpdates ?? found) : found
}

interface Snapshot {
  readonly groups: number
  readonly lanes: Float64Array
  readonly objects: readonly (readonly unknown[])[]
}

class Slots implements Accumulators {
  readonly #parts: readonly Part[]
  readonly #stride: number
  readonly #empty: Float64Array
  readonly #add: (batch: Batch, slots: Int32Array, lanes: Float64Array, objects: readonly Accumulator[][]) => void
  #lanes = new Float64Array(0)
  #groups = 0
  #objects: Accumulator[][]
  /** Rows that may be added between two settlings, and those that have been. */
  readonly #most: number
  #unsettled = 0

  constructor(parts: readonly Part[], stride: number, generated: boolean) {
    this.#parts = parts
    this.#stride = stride
    const lanes = parts.flatMap(({ accumulator }) => (accumulator.form === 'lanes' ? accumulator.init : []))
    this.#empty = Float64Array.from(lanes)
    this.#objects = parts.flatMap(({ accumulator }) => (accumulator.form === 'object' ? [[]] : []))
    this.#add = generated ? generatedAdd(parts, stride) : interpretedAdd(parts, stride)
    this.#most = Math.min(
      ...parts.map(({ accumulator }) => (accumulator.form === 'lanes' && accumulator.settle?.rows) || Infinity),
    )
  }

  grow(groups: number): void {
    if (groups <= this.#groups) return
    const needed = groups * this.#stride
    if (needed > this.#lanes.length) {
      const more = new Float64Array(Math.max(needed, this.#lanes.length * 2))
      more.set(this.#lanes.subarray(0, this.#groups * this.#stride))
      this.#lanes = more
    }
    const from = this.#groups
    this.#groups = groups
    for (let slot = from; slot < groups; slot++) this.clear(slot)
  }

  add(batch: Batch, slots: Int32Array): void {
    if (batch.length > this.#most) {
      const half = batch.length >> 1
      this.add(batch.slice(0, half), slots.subarray(0, half))
      this.add(batch.slice(half, batch.length), slots.subarray(half))
      return
    }
    if (this.#unsettled + batch.length > this.#most) this.#settle()
    this.#unsettled += batch.length
    this.#add(batch, slots, this.#lanes, this.#objects)
  }

  #settle(): void {
    this.#unsettled = 0
    for (const { accumulator, at } of this.#parts) {
      if (accumulator.form !== 'lanes' || accumulator.settle === undefined) continue
      const { lanes } = accumulator.settle
      for (let slot = 0; slot < this.#groups; slot++) lanes(this.#lanes, slot * this.#stride + at)
    }
  }

  value(k: number, slot: number): Value {
    const { expr, accumulator, at, counter } = this.#parts[k]!
    if (accumulator.form === 'object') return this.#objects[at]![slot]!.value()
    if (counter !== null) this.#count(slot, at + accumulator.counted!.lane, counter)
    try {
      return accumulator.value(this.#lanes, slot * this.#stride + at, expr.args, expr, expr.options)
    } catch (error) {
      if (error instanceof RowFailure) throw failedRow(expr, error.message, null)
      throw error
    }
  }

  #count(slot: number, lane: number, counter: number): void {
    this.#lanes[slot * this.#stride + lane] = this.#lanes[slot * this.#stride + counter]!
  }

  column(k: number, slots: Int32Array, length: number): Column {
    const { type } = this.#parts[k]!.expr
    if (this.#parts[k]!.accumulator.form === 'lanes' && !NOT_NUMBERS.has(type.kind)) {
      const values = flatArray(type, length)
      if (!(values instanceof BigInt64Array)) return this.#numbers(k, slots, length, values)
    }
    const builder = new ColumnBuilder(type)
    for (let i = 0; i < length; i++) builder.push(this.value(k, slots[i]!))
    return builder.finish()
  }

  #numbers(k: number, slots: Int32Array, length: number, values: Exclude<FlatArray, BigInt64Array>): Column {
    let valid: Uint8Array | null = null
    for (let i = 0; i < length; i++) {
      const value = this.value(k, slots[i]!)
      if (value !== null) values[i] = Number(value)
      else (valid ??= new Uint8Array(length).fill(1))[i] = 0
    }
    return { layout: 'flat', type: this.#parts[k]!.expr.type, length, valid, values }
  }

  clear(slot: number): void {
    const [lanes, empty, at] = [this.#lanes, this.#empty, slot * this.#stride]
    for (let k = 0; k < empty.length; k++) lanes[at + k] = empty[k]!
    if (this.#objects.length === 0) return
    for (const { expr, accumulator, at } of this.#parts) {
      if (accumulator.form !== 'object') continue
      this.#objects[at]![slot] = accumulator.create(expr.args, expr, expr.options)
    }
  }

  snapshot(): unknown {
    this.#settle()
    for (const { accumulator, at, counter } of this.#parts) {
      if (accumulator.form !== 'lanes' || counter === null) continue
      for (let slot = 0; slot < this.#groups; slot++) this.#count(slot, at + accumulator.counted!.lane, counter)
    }
    const lanes = this.#lanes.slice(0, this.#groups * this.#stride)
    const objects = this.#objects.map(slots => slots.map(accumulator => accumulator.snapshot()))
    return { groups: this.#groups, lanes, objects } satisfies Snapshot
  }

  restore(state: unknown): void {
    const { groups, lanes, objects } = state as Snapshot
    this.#groups = 0
    this.#lanes = new Float64Array(0)
    this.#objects = this.#objects.map(() => [])
    this.grow(groups)
    this.#lanes.set(lanes)
    for (const [at, states] of objects.entries()) {
      for (const [slot, each] of states.entries()) this.#objects[at]![slot]!.restore(each)
    }
  }
}

const NOT_NUMBERS: ReadonlySet<string> = new Set(['utf8', 'binary', 'list', 'map', 'struct', 'vector'])

type Add = (batch: Batch, slots: Int32Array, lanes: Float64Array, objects: readonly Accumulator[][]) => void

/** Two loops: one for rows that are all inserts, one that looks at each row's kind. */
function generatedAdd(parts: readonly Part[], stride: number): Add {
  const roots = parts.flatMap(({ expr }) => operandsOf(expr))
  const loop = (kinds: boolean): RowLoop =>
    new RowLoop(roots, {
      params: ['slots', 'lanes', 'objects', 'kinds'],
      before: parts.flatMap(({ accumulator, expr, at }, k) =>
        accumulator.form === 'object'
          ? [`const objects${k} = objects[${at}], row${k} = [${expr.args.map(() => 'null').join(', ')}]`]
          : [],
      ),
      after: [],
      write: js => {
        const scope = js.scope(parts[0]?.expr ?? NOTHING)
        scope.run('const slot = slots[i]')
        scope.run('if (slot < 0) continue')
        scope.run(`const at = slot * ${stride}`)
        if (kinds) scope.run('const back = (kinds[i] & 1) === 1')
        for (const [k, part] of parts.entries()) writePart(js, part, k, kinds)
      },
    })
  const [inserts, changes] = [loop(false), loop(true)]
  return (batch, slots, lanes, objects) => {
    ;(batch.kinds === null ? inserts : changes).run(batch, slots, lanes, objects, batch.kinds)
  }
}

const NOTHING: Typed = { kind: 'literal', value: null, type: { kind: 'bool' }, nullable: true, grain: 'constant' }

function writePart(js: JsWriter, part: Part, k: number, kinds: boolean): void {
  const { filter } = part.expr
  if (filter === undefined) {
    writeRow(js, part, k, kinds)
    return
  }
  const { value, valid } = js.emit(filter)
  const holds = valid === null ? value : `(${value} & ${valid})`
  js.scope(part.expr).block(`if (${holds} === 1)`, () => writeRow(js, part, k, kinds))
}

function writeRow(js: JsWriter, { expr, accumulator, at, counter }: Part, k: number, kinds: boolean): void {
  const scope = js.scope(expr)
  const args = expr.args.map(arg => js.emit(arg))
  const step = (sign: 'add' | 'retract'): void => {
    if (accumulator.form === 'object') {
      if (sign === 'retract' && expr.fn.retractable === 'no') scope.run(scope.fail(NO_WAY_BACK))
      for (const [a, arg] of args.entries()) scope.run(`row${k}[${a}] = ${valueJs(arg, expr.args[a]!, expr.fn.nulls)}`)
      scope.run(`objects${k}[slot].${sign}(row${k})`)
      return
    }
    const snippet = counter !== null && sign === 'add' ? accumulator.counted!.add : accumulator[sign]
    if (snippet === undefined) scope.run(scope.fail(NO_WAY_BACK))
    else {
      const lane = (j: number): string => `lanes[at + ${at + j}]`
      scope.run(
        snippet(
          lane,
          args.map(({ value }) => value),
          expr.args,
          scope,
        ),
      )
    }
  }
  const steps = (): void => {
    if (!kinds) {
      step('add')
      return
    }
    scope.block('if (back)', () => step('retract'))
    scope.block('else', () => step('add'))
  }
  const valids = expr.fn.nulls === 'own' ? [] : [...new Set(args.flatMap(({ valid }) => valid ?? []))]
  if (valids.length === 0) scope.block('', steps)
  else scope.block(`if ((${valids.join(' & ')}) === 1)`, steps)
}

const NO_WAY_BACK = 'the aggregate cannot take a row back'

function valueJs({ value, valid }: JsArg, { type }: Typed, nulls: 'skip' | 'own'): string {
  const plain = type.kind === 'bool' ? `${value} === 1` : value
  return nulls === 'skip' || valid === null ? plain : `${valid} === 1 ? ${plain} : null`
}

function interpretedAdd(parts: readonly Part[], stride: number): Add {
  for (const { expr, accumulator } of parts) {
    if (accumulator.form === 'lanes' && accumulator.step === undefined) {
      throw new PlanError('needs-code', `${exprText(expr)} runs as generated code only, which this process forbids`)
    }
  }
  return (batch, slots, lanes, objects) => {
    for (let i = 0; i < batch.length; i++) {
      const slot = slots[i]!
      if (slot < 0) continue
      const sign = batch.kinds !== null && (batch.kinds[i]! & 1) === 1 ? -1 : 1
      for (const { expr, accumulator, at } of parts) {
        if (expr.filter !== undefined && interpret(expr.filter, batch, i) !== true) continue
        const values = expr.args.map(arg => interpret(arg, batch, i))
        if (expr.fn.nulls === 'skip' && values.includes(null)) continue
        if (sign === -1 && expr.fn.retractable === 'no') throw failedRow(expr, NO_WAY_BACK, i)
        if (accumulator.form === 'lanes') accumulator.step!(lanes, slot * stride + at, values, sign, expr.args)
        else if (sign === 1) objects[at]![slot]!.add(values)
        else objects[at]![slot]!.retract!(values)
      }
    }
  }
}
