import { isFlat } from '../../data/type.ts'
import type { Batch } from '../../data/batch.ts'
import { ColumnBuilder } from '../../data/builder.ts'
import { flatArray, type Column, type FlatArray, type Value } from '../../data/column.ts'
import { PlanError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'
import { SLOT_BYTES } from '../../data/value-bytes.ts'
import { failedRow } from '../../expr/failure.ts'
import { RowFailure, type Accumulator, type GroupAccumulator, type JsArg } from '../../expr/function.ts'
import { interpret } from '../../expr/interpret.ts'
import type { JsWriter } from '../../expr/js.ts'
import { operandsOf, type Typed } from '../../expr/node.ts'
import { exprText } from '../../expr/text.ts'
import { mayGenerate, RowLoop, TOGETHER } from './row-loop.ts'

/**
 * The accumulators of some aggregates for many groups at once. A group is a slot; the lanes of its slot lie together in
 * one array, so that adding a row touches them all at once, and one generated loop computes the arguments and adds them.
 */
export interface Accumulators {
  /** Makes the slots from 0 to `groups` − 1 exist; new ones are empty. */
  grow(groups: number): void
  /** Adds row i to slot `slots[i]`, or takes it back where the batch says −U or −D. A negative slot leaves the row out. */
  add(batch: Batch, slots: Int32Array): void
  /**
   * Adds rows, all of them inserts, to the slots found at the places of their keys, up to the first row that has none
   * there or some rows before it. Gives how many rows it has added.
   */
  addAt(batch: Batch, places: Places): number
  /** Whether slots can be merged: the order in which rows come matters to no aggregate. */
  readonly merges: boolean
  /** Adds to each of the first `length` slots what another slot of the same aggregates holds, which stays as it is. */
  merge(slots: Int32Array, from: Accumulators, fromSlots: Int32Array, length: number): void
  /** The value of aggregate `k`. */
  value(k: number, slot: number): Value
  /** The values of aggregate `k` for the first `length` of these slots. */
  column(k: number, slots: Int32Array, length: number): Column
  /** Makes a slot empty again. */
  clear(slot: number): void
  /** About how many bytes all slots take. It looks at each object of each slot, where aggregates have some. */
  readonly bytes: number
  /** About how many bytes the objects of a slot take. */
  bytesOf(slot: number): number
  /** The state of all slots, or of some in their order, as plain data that `structuredClone` takes. */
  snapshot(slots?: Int32Array): unknown
  /** Puts a state into the slots from `from` on, behind the slots there are; from 0 on it takes their place. */
  restore(state: unknown, from?: number): void
}

/** Slots by the places of keys: 0 for null, `1 + value - least` for a value, which has none from `span` on. */
export interface Places {
  /** By the places of all keys, those of the last key next to each other; negative where there is no slot. */
  readonly slots: Int32Array
  readonly keys: readonly {
    readonly values: Int32Array
    readonly valid: Uint8Array | null
    readonly least: number
    readonly span: number
    /** Whether all values have places. */
    readonly safe: boolean
  }[]
}

type Aggregate = Extract<Typed, { kind: 'aggregate' }>

/** An aggregate and where its state is. */
interface Part {
  readonly expr: Aggregate
  readonly accumulator: GroupAccumulator
  /** Its first lane, or its place among the objects. */
  readonly at: number
  /** Where each of its lanes is kept: a place in the lanes of the slot, or −1 − a place among the rare ones. */
  readonly places: readonly number[]
  /** Whether another aggregate counts the same rows, so that this one need not. */
  readonly isCounted: boolean
}

const RARE = (place: number): number => -1 - place

/** Accumulators of typed nodes of kind `aggregate` over batches of a schema; `updates` where rows may be taken back. */
export function compileAccumulators(
  aggregates: readonly Typed[],
  input: Schema,
  generated: boolean = mayGenerate(),
  updates: boolean = true,
): Accumulators {
  let [lanes, near, rare, objects] = [0, 0, 0, 0]
  let counter: number | null = null
  const parts = aggregates.map((expr): Part => {
    if (expr.kind !== 'aggregate') throw new TypeError(`${expr.kind} over ${input.toString()} is no aggregate`)
    const accumulator = accumulatorOf(expr, updates)
    if (accumulator.form === 'object') return { expr, accumulator, at: objects++, places: [], isCounted: false }
    const at = lanes
    lanes += accumulator.init.length
    const shares = generated && !updates && takesAll(expr) ? accumulator.counted?.lane : undefined
    const isCounted = shares !== undefined && counter !== null
    const places = accumulator.init.map((_, j) => {
      if (j === shares) return (counter ??= near++)
      return generated && accumulator.rare?.includes(j) === true ? RARE(rare++) : near++
    })
    return { expr, accumulator, at, places, isCounted }
  })
  return new Slots(parts, { all: lanes, near, rare }, generated)
}

/** Lanes of a slot: of all aggregates, and how many are kept together and apart. */
interface Strides {
  readonly all: number
  readonly near: number
  readonly rare: number
}

function mergeable({ expr, accumulator }: Part): boolean {
  if (accumulator.form === 'lanes') return accumulator.merge !== undefined
  return accumulator.create(expr.args, expr, expr.options).merge !== undefined
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
  readonly #strides: Strides
  readonly #add: Add
  readonly #addAt: AddAt
  #lanes = new Float64Array(0)
  #rare = new Float64Array(0)
  #groups = 0
  #objects: Accumulator[][]
  /** The lanes of one aggregate in one slot, while they are read or changed. */
  readonly #one: Float64Array
  /** Rows that may be added between two settlings, and those that have been. */
  readonly #most: number
  #unsettled = 0

  constructor(parts: readonly Part[], strides: Strides, generated: boolean) {
    this.#parts = parts
    this.#strides = strides
    this.#one = new Float64Array(Math.max(0, ...parts.map(({ places }) => places.length)))
    this.#objects = parts.flatMap(({ accumulator }) => (accumulator.form === 'object' ? [[]] : []))
    this.#add = generated ? generatedAdd(parts, strides) : interpretedAdd(parts, strides)
    this.#addAt = generated ? generatedAddAt(parts, strides) : () => 0
    this.merges = parts.every(mergeable)
    this.#most = Math.min(
      ...parts.map(({ accumulator }) => (accumulator.form === 'lanes' && accumulator.settle?.rows) || Infinity),
    )
  }

  grow(groups: number): void {
    if (groups <= this.#groups) return
    this.#lanes = withRoom(this.#lanes, this.#groups * this.#strides.near, groups * this.#strides.near)
    this.#rare = withRoom(this.#rare, this.#groups * this.#strides.rare, groups * this.#strides.rare)
    const from = this.#groups
    this.#groups = groups
    for (const part of this.#parts) this.#begin(part, from, groups)
  }

  /** New lanes are 0. */
  #begin({ expr, accumulator, at, places }: Part, from: number, groups: number): void {
    if (accumulator.form === 'object') {
      const objects = this.#objects[at]!
      for (let slot = from; slot < groups; slot++) {
        objects.push(accumulator.create(expr.args, expr, expr.options))
      }
      return
    }
    for (const [j, first] of accumulator.init.entries()) {
      if (Object.is(first, 0)) continue
      const place = places[j]!
      const [lanes, stride] = place >= 0 ? [this.#lanes, this.#strides.near] : [this.#rare, this.#strides.rare]
      for (let i = from * stride + (place >= 0 ? place : RARE(place)); i < groups * stride; i += stride)
        lanes[i] = first
    }
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
    this.#add(batch, slots, this.#lanes, this.#rare, this.#objects)
  }

  addAt(batch: Batch, places: Places): number {
    if (batch.kinds !== null || batch.length > this.#most) return 0
    if (this.#unsettled + batch.length > this.#most) this.#settle()
    this.#unsettled += batch.length
    return this.#addAt(batch, places, this.#lanes, this.#rare, this.#objects)
  }

  #settle(): void {
    this.#unsettled = 0
    for (const { accumulator, places } of this.#parts) {
      if (accumulator.form !== 'lanes' || accumulator.settle === undefined) continue
      const { lanes, from } = accumulator.settle
      const [near, stride, all] = [places[0]!, this.#strides.near, this.#lanes] // the first lane is never a rare one
      for (let slot = 0; slot < this.#groups; slot++) {
        if (Math.abs(all[slot * stride + near]!) < from) continue
        this.#load(places, slot, this.#one, 0)
        lanes(this.#one, 0)
        this.#store(places, slot, this.#one, 0)
      }
    }
  }

  readonly merges: boolean

  merge(slots: Int32Array, from: Accumulators, fromSlots: Int32Array, length: number): void {
    const other = from as Slots
    const [own, theirs] = [new Float64Array(this.#strides.all), new Float64Array(this.#strides.all)]
    const parts = this.#parts
    const alone = this.#countsAlone()
    for (let i = 0; i < length; i++) {
      const [slot, source] = [slots[i]!, fromSlots[i]!]
      if (alone) {
        this.#lanes[slot]! += other.#lanes[source]!
        continue
      }
      for (const { places, at } of parts) {
        this.#load(places, slot, own, at)
        other.#load(places, source, theirs, at)
      }
      for (const { accumulator, at } of parts) {
        if (accumulator.form === 'lanes') accumulator.merge!(own, at, theirs, at)
        else this.#objects[at]![slot]!.merge!(other.#objects[at]![source]!)
      }
      // a lane that counts for several aggregates is the same in all of them
      for (const { places, at } of parts) this.#store(places, slot, own, at)
    }
  }

  #countsAlone(): boolean {
    return this.#parts.length === 1 && this.#parts[0]!.expr.fn.name === 'count'
  }

  #load(places: readonly number[], slot: number, to: Float64Array, at: number): void {
    const [near, rare] = [slot * this.#strides.near, slot * this.#strides.rare]
    for (let j = 0; j < places.length; j++) {
      const place = places[j]!
      to[at + j] = place >= 0 ? this.#lanes[near + place]! : this.#rare[rare + RARE(place)]!
    }
  }

  #store(places: readonly number[], slot: number, from: ArrayLike<number>, at: number): void {
    const [near, rare] = [slot * this.#strides.near, slot * this.#strides.rare]
    for (let j = 0; j < places.length; j++) {
      const place = places[j]!
      if (place >= 0) this.#lanes[near + place] = from[at + j]!
      else this.#rare[rare + RARE(place)] = from[at + j]!
    }
  }

  value(k: number, slot: number): Value {
    const { expr, accumulator, at, places } = this.#parts[k]!
    if (accumulator.form === 'object') return this.#objects[at]![slot]!.value()
    this.#load(places, slot, this.#one, 0)
    try {
      return accumulator.value(this.#one, 0, expr.args, expr, expr.options)
    } catch (error) {
      if (error instanceof RowFailure) throw failedRow(expr, error.message, null)
      throw error
    }
  }

  column(k: number, slots: Int32Array, length: number): Column {
    const { type } = this.#parts[k]!.expr
    if (this.#parts[k]!.accumulator.form === 'lanes' && isFlat(type)) {
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
    for (const { expr, accumulator, at, places } of this.#parts) {
      if (accumulator.form === 'lanes') this.#store(places, slot, accumulator.init, 0)
      else this.#objects[at]![slot] = accumulator.create(expr.args, expr, expr.options)
    }
  }

  get bytes(): number {
    let bytes = this.#lanes.byteLength + this.#rare.byteLength
    for (const objects of this.#objects) {
      bytes += objects.length * SLOT_BYTES
      for (const accumulator of objects) bytes += accumulator.bytes
    }
    return bytes
  }

  bytesOf(slot: number): number {
    return this.#objects.reduce((sum, objects) => sum + SLOT_BYTES + objects[slot]!.bytes, 0)
  }

  /** The lanes as each aggregate has them, wherever they are kept. */
  snapshot(slots?: Int32Array): unknown {
    this.#settle()
    const { all } = this.#strides
    const groups = slots?.length ?? this.#groups
    const lanes = new Float64Array(groups * all)
    for (const { places, at } of this.#parts) {
      for (let i = 0; i < groups; i++) this.#load(places, slots?.[i] ?? i, lanes, i * all + at)
    }
    const objects = this.#objects.map(each =>
      Array.from({ length: groups }, (_, i) => each[slots?.[i] ?? i]!.snapshot()),
    )
    return { groups, lanes, objects } satisfies Snapshot
  }

  restore(state: unknown, from = 0): void {
    const { groups, lanes, objects } = state as Snapshot
    if (from === 0) {
      this.#groups = 0
      this.#lanes = new Float64Array(0)
      this.#rare = new Float64Array(0)
      this.#objects = this.#objects.map(() => [])
    }
    this.grow(from + groups)
    for (const { places, at } of this.#parts) {
      for (let i = 0; i < groups; i++) this.#store(places, from + i, lanes, i * this.#strides.all + at)
    }
    for (const [at, states] of objects.entries()) {
      for (const [i, each] of states.entries()) this.#objects[at]![from + i]!.restore(each)
    }
  }
}

function withRoom(lanes: Float64Array<ArrayBuffer>, used: number, needed: number): Float64Array<ArrayBuffer> {
  if (needed <= lanes.length) return lanes
  const more = new Float64Array(Math.max(needed, lanes.length * 2))
  more.set(lanes.subarray(0, used))
  return more
}

type Add = (
  batch: Batch,
  slots: Int32Array,
  lanes: Float64Array,
  rare: Float64Array,
  objects: readonly Accumulator[][],
) => void

type AddAt = (
  batch: Batch,
  places: Places,
  lanes: Float64Array,
  rare: Float64Array,
  objects: readonly Accumulator[][],
) => number

/** Two loops: one for rows that are all inserts, one that looks at each row's kind. */
function generatedAdd(parts: readonly Part[], strides: Strides): Add {
  const loop = (kinds: boolean): RowLoop =>
    addLoop(
      parts,
      strides,
      ['slots', 'kinds'],
      { rows: TOGETHER, before: [], all: rows => rows.map((row, k) => `const slot${k} = slots[${row}]`), after: [] },
      js => {
        js.scope(NOTHING).block('if (slot >= 0)', () => {
          if (kinds) js.scope(NOTHING).run('const back = (kinds[i] & 1) === 1')
          for (const [k, part] of parts.entries()) writePart(js, part, k, kinds)
        })
      },
    )
  const [inserts, changes] = [loop(false), loop(true)]
  return (batch, slots, lanes, rare, objects) => {
    ;(batch.kinds === null ? inserts : changes).run(batch, lanes, rare, objects, slots, batch.kinds)
  }
}

/**
 * Loops that find the slots themselves: one for each shape of keys, which are those that miss values and those that have
 * ranges, and for lanes that are near or far.
 */
function generatedAddAt(parts: readonly Part[], strides: Strides): AddAt {
  const loops = new Map<string, RowLoop>()
  return (batch, places, lanes, rare, objects) => {
    const far = lanes.byteLength > NEAR_BYTES
    const shape = places.keys.map(({ valid, safe }) => (valid === null ? 0 : 1) + (safe ? 2 : 0)).join('') + String(far)
    let loop = loops.get(shape)
    if (loop === undefined) {
      const found = placeCode(places)
      loop = addLoop(parts, strides, ['slots', 'keys'], far ? readingLanes(found, strides) : found, js => {
        for (const [k, part] of parts.entries()) writePart(js, part, k, false)
      })
      loops.set(shape, loop)
    }
    const end = loop.run(batch, lanes, rare, objects, places.slots, places.keys)
    return typeof end === 'number' ? end : batch.length
  }
}

/** Code that finds the slots of so many rows at a time as `slot0`, `slot1`, … */
interface Ahead {
  readonly rows: number
  readonly before: readonly string[]
  readonly all: (rows: readonly string[]) => readonly string[]
  readonly after: readonly string[]
}

/** Lanes of more bytes are outside of the caches that a core has for itself. */
const NEAR_BYTES = 1 << 20

/**
 * Also reads the lanes of all rows before one is added, and of twice as many rows: memory is waited for once, where adding
 * takes so many instructions that the processor would get to the lanes of few rows at a time.
 */
function readingLanes({ rows, before, all, after }: Ahead, { near }: Strides): Ahead {
  return {
    rows: 2 * rows,
    before: [...before, 'let read = 0'],
    all: some => [...all(some), `read += ${some.map((_, k) => `lanes[slot${k} * ${near}]`).join(' + ')}`],
    after: [...after, 'new Float64Array(1)[0] = read'], // what is not used would not be read
  }
}

/** Stops where a row has no slot. */
function placeCode({ keys }: Places): Ahead {
  const before = keys.flatMap((_, k) => [
    `const key${k} = keys[${k}].values, valid${k} = keys[${k}].valid`,
    `const least${k} = keys[${k}].least | 0, span${k} = keys[${k}].span | 0`,
  ])
  const all = (rows: readonly string[]): readonly string[] => {
    const lines: string[] = []
    for (const [k, { valid, safe }] of keys.entries()) {
      const missing = (row: string): string => (valid === null ? '' : `valid${k}[${row}] === 0`)
      for (const [r, row] of rows.entries()) {
        const value = `key${k}[${row}] - least${k} | 0`
        lines.push(`const at${k}_${r} = ${valid === null ? value : `${missing(row)} ? -1 : ${value}`}`)
      }
      if (safe) continue
      const outside = rows.map((row, r) => {
        const test = `at${k}_${r} >>> 0 >= span${k}`
        return valid === null ? test : `(!(${missing(row)}) && ${test})`
      })
      lines.push(`if (${outside.join(' || ')}) return from`)
    }
    const index = (r: number): string =>
      keys.reduce(
        (code, _, k) => (k === 0 ? `at0_${r} + 1` : `Math.imul(${code}, span${k} + 1) + at${k}_${r} + 1`),
        '0',
      )
    lines.push(...rows.map((_, r) => `const slot${r} = slots[${index(r)}]`))
    lines.push(`if ((${rows.map((_, r) => `slot${r}`).join(' | ')}) < 0) return from`)
    return lines
  }
  return { rows: TOGETHER, before, all, after: [] }
}

/** A loop over rows whose slots are found ahead; `write` adds the row whose slot is `slot`. */
function addLoop(
  parts: readonly Part[],
  strides: Strides,
  params: readonly string[],
  { rows, before, all, after }: Ahead,
  write: (js: JsWriter) => void,
): RowLoop {
  const own = parts.flatMap(({ accumulator, expr, at }, k) =>
    accumulator.form === 'object'
      ? [`const objects${k} = objects[${at}], row${k} = [${expr.args.map(() => 'null').join(', ')}]`]
      : [],
  )
  return new RowLoop(
    parts.flatMap(({ expr }) => operandsOf(expr)),
    {
      params: ['lanes', 'rare', 'objects', ...params],
      before: [...before, ...own],
      after,
      ahead: { rows, all, turn: k => `const slot = slot${k}` },
      write: js => {
        const scope = js.scope(NOTHING)
        scope.run(`const at = slot * ${strides.near}`)
        if (strides.rare > 0) scope.run(`const apart = slot * ${strides.rare}`)
        write(js)
      },
    },
  )
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

function writeRow(js: JsWriter, { expr, accumulator, places, isCounted }: Part, k: number, kinds: boolean): void {
  const scope = js.scope(expr)
  const args = expr.args.map(arg => js.emit(arg))
  const step = (sign: 'add' | 'retract'): void => {
    if (accumulator.form === 'object') {
      if (sign === 'retract' && expr.fn.retractable === 'no') scope.run(scope.fail(NO_WAY_BACK))
      for (const [a, arg] of args.entries()) scope.run(`row${k}[${a}] = ${valueJs(arg, expr.args[a]!, expr.fn.nulls)}`)
      scope.run(`objects${k}[slot].${sign}(row${k})`)
      return
    }
    const snippet = isCounted && sign === 'add' ? accumulator.counted!.add : accumulator[sign]
    if (snippet === undefined) scope.run(scope.fail(NO_WAY_BACK))
    else {
      const kept = (j: number): string => {
        const place = places[j]!
        return place >= 0 ? `lanes[at + ${place}]` : `rare[apart + ${RARE(place)}]`
      }
      // The one that counts for all comes first, and has counted the row that is taken back.
      const tally = isCounted && sign === 'retract' ? accumulator.counted!.lane : -1
      const own = tally < 0 ? '' : scope.variable(`${kept(tally)} + 1`)
      const lane = (j: number): string => (j === tally ? own : kept(j))
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

function interpretedAdd(parts: readonly Part[], { all: stride }: Strides): Add {
  for (const { expr, accumulator } of parts) {
    if (accumulator.form === 'lanes' && accumulator.step === undefined) {
      throw new PlanError('needs-code', `${exprText(expr)} runs as generated code only, which this process forbids`)
    }
  }
  return (batch, slots, lanes, _, objects) => {
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
