import { valueAt, type Column, type FlatColumn, type TextColumn, type Value } from '../../data/column.ts'
import { columnOf } from '../../data/builder.ts'
import { flatArray } from '../../data/column.ts'
import type { DataType, Nullable } from '../../data/type.ts'
import { SLOT_BYTES, valueBytes } from '../../data/value-bytes.ts'
import { DirectSlots, type KeyPlaces } from './direct-slots.ts'

/**
 * Keys of any columns → dense slots. A key is encoded as a fixed number of 32-bit words, so that hashing and comparing
 * are loops over integers: equal keys have equal words. Null is a value of its own, NaN equals NaN, −0 equals 0. The
 * index is open addressing with the hash beside the slot in one Int32Array; the table owns the words of its keys.
 * A removed slot is given out again. Keys of small ranges find their slots without the index.
 */
export class KeyTable {
  readonly #parts: readonly KeyPart[]
  /** Words of one key: those of the parts, then one of null marks where a part needs it. */
  readonly #stride: number
  readonly #marks: boolean
  #mask: number
  /** Pairs: the hash, then the slot + 1, or 0 for an empty place. */
  #index: Int32Array
  /** The words of the keys by slot. */
  #keys: Int32Array
  #size = 0
  /** Slots from here on were never given out. */
  #end = 0
  #free: number[] = []
  #scratch: Int32Array = new Int32Array(0)
  #hashes: Int32Array = new Int32Array(0)
  readonly #direct = new DirectSlots()

  constructor(types: readonly Nullable[]) {
    let at = 0
    this.#parts = types.map((type, i) => {
      const part = keyPart(type, at, i)
      at += part.words
      return part
    })
    this.#marks = this.#parts.some(part => part.marksNull)
    this.#stride = at + (this.#marks ? 1 : 0)
    this.#mask = 15
    this.#index = new Int32Array(32)
    this.#keys = new Int32Array(8 * this.#stride)
  }

  /** Keys held now. */
  get size(): number {
    return this.#size
  }

  /** Every slot is below this. */
  get end(): number {
    return this.#end
  }

  /** About how many bytes the keys and their index take; a few megabytes that only speed it up are not in it. */
  get bytes(): number {
    return this.#parts.reduce(
      (sum, part) => sum + (part.bytes ?? 0),
      this.#index.byteLength + this.#keys.byteLength + this.#free.length * SLOT_BYTES,
    )
  }

  /** The slot of each row's key, a new one where the key is new. */
  slots(columns: readonly Column[], length: number, out: Int32Array): void {
    if (!this.#direct.find(columns, length, out, this.#ask)) this.#hashed(columns, length, out)
  }

  /** Where the slots of keys that have been met are found by place, or null where their rows must be looked up. */
  places(columns: readonly Column[]): KeyPlaces | null {
    if (columns.length === 0 && this.#size > 0) return { slots: FIRST, keys: [] }
    return this.#direct.places(columns)
  }

  readonly #ask = (columns: readonly Column[], length: number): Int32Array => {
    const out = new Int32Array(length)
    this.#hashed(columns, length, out)
    return out
  }

  #hashed(columns: readonly Column[], length: number, out: Int32Array): void {
    this.#encode(columns, length, true)
    if (this.#stride === 1) this.#insertWord(length, out)
    else this.#insertWords(length, out)
  }

  /** The slot of each row's key, −1 where there is none or, unless `nulls` is set, where a part of it is null. */
  find(
    columns: readonly Column[],
    length: number,
    out: Int32Array,
    { nulls = false }: { readonly nulls?: boolean } = {},
  ): void {
    this.#encode(columns, length, false)
    const [words, hashes, stride, index] = [this.#scratch, this.#hashes, this.#stride, this.#index]
    for (let row = 0; row < length; row++) {
      const hash = hashes[row]!
      let place = hash & this.#mask
      let slot = index[2 * place + 1]! - 1
      while (
        slot >= 0 &&
        !(index[2 * place] === hash && same(this.#keys, slot * stride, words, row * stride, stride))
      ) {
        place = (place + 1) & this.#mask
        slot = index[2 * place + 1]! - 1
      }
      out[row] = slot
    }
    if (nulls) return
    for (const column of columns) {
      if (column.valid !== null) for (let row = 0; row < length; row++) if (column.valid[row] === 0) out[row] = -1
    }
  }

  /** The keys of some slots, as columns of the types that the table was made for. */
  columns(slots: Int32Array, length: number): Column[] {
    const marks = this.#stride - 1
    return this.#parts.map((part, i) => {
      let valid: Uint8Array | null = null
      if (part.marksNull) {
        for (let row = 0; row < length; row++) {
          if (((this.#keys[slots[row]! * this.#stride + marks]! >>> (i & 31)) & 1) === 0) continue
          valid ??= new Uint8Array(length).fill(1)
          valid[row] = 0
        }
      }
      return part.decode(this.#keys, this.#stride, slots, length, valid, this.#size)
    })
  }

  /** Takes keys out. Their slots will be given to other keys. */
  remove(slots: Int32Array, length: number): void {
    this.#direct.turnOff()
    for (let i = 0; i < length; i++) this.#removeSlot(slots[i]!)
    this.#size -= length
    let moved = false
    for (const part of this.#parts) {
      if (part.compact?.(this.#keys, this.#stride, () => this.#live(), this.#size) === true) moved = true
    }
    if (moved) this.#reindex(this.#mask)
  }

  clear(): void {
    this.#direct.forget()
    this.#index.fill(0)
    this.#size = 0
    this.#end = 0
    this.#free = []
    for (const part of this.#parts) part.clear?.()
  }

  snapshot(): KeyTableState {
    return {
      keys: this.#keys.slice(0, this.#end * this.#stride),
      free: [...this.#free],
      end: this.#end,
      values: this.#parts.map(part => part.snapshot?.() ?? null),
    }
  }

  restore(state: KeyTableState): void {
    this.clear()
    this.#keys = new Int32Array(Math.max(8, state.end) * this.#stride)
    this.#keys.set(state.keys)
    this.#end = state.end
    this.#free = [...state.free]
    this.#size = state.end - state.free.length
    for (const [i, part] of this.#parts.entries()) part.restore?.(state.values[i] ?? null)
    let places = 16
    while (places < this.#size * 2) places *= 2
    this.#reindex(places - 1)
  }

  // ---- words

  #encode(columns: readonly Column[], length: number, intern: boolean): void {
    const stride = this.#stride
    if (this.#hashes.length < length) this.#hashes = new Int32Array(length)
    if (this.#scratch.length < length * stride) this.#scratch = new Int32Array(length * stride)
    const [words, hashes] = [this.#scratch, this.#hashes]
    if (this.#marks) {
      for (let row = 0; row < length; row++) words[row * stride + stride - 1] = 0
    }
    for (const [i, part] of this.#parts.entries()) {
      const column = columns[i]!
      part.encode(column, length, words, stride, intern)
      if (part.marksNull && column.valid !== null)
        markNulls(column.valid, length, words, stride, part.at, part.words, i)
    }
    hashWords(words, stride, length, hashes)
  }

  // ---- the index

  /** For one word the hash is one to one, so that equal hashes are equal keys. */
  #insertWord(length: number, out: Int32Array): void {
    const [words, hashes] = [this.#scratch, this.#hashes]
    let [index, mask] = [this.#index, this.#mask]
    for (let row = 0; row < length; row++) {
      if (row % TOUCHED === 0) READ[0] = touch(index, mask, hashes, row, Math.min(row + TOUCHED, length))
      const hash = hashes[row]!
      let place = hash & mask
      let slot = index[2 * place + 1]! - 1
      while (slot >= 0 && index[2 * place] !== hash) {
        place = (place + 1) & mask
        slot = index[2 * place + 1]! - 1
      }
      if (slot < 0) {
        slot = this.#newSlot()
        this.#keys[slot] = words[row]!
        index[2 * place] = hash
        index[2 * place + 1] = slot + 1
        if (this.#grow()) {
          index = this.#index
          mask = this.#mask
        }
      }
      out[row] = slot
    }
  }

  #insertWords(length: number, out: Int32Array): void {
    const [words, hashes, stride] = [this.#scratch, this.#hashes, this.#stride]
    let [index, mask, keys] = [this.#index, this.#mask, this.#keys]
    for (let row = 0; row < length; row++) {
      if (row % TOUCHED === 0) READ[0] = touch(index, mask, hashes, row, Math.min(row + TOUCHED, length))
      const hash = hashes[row]!
      let place = hash & mask
      let slot = index[2 * place + 1]! - 1
      while (slot >= 0 && !(index[2 * place] === hash && same(keys, slot * stride, words, row * stride, stride))) {
        place = (place + 1) & mask
        slot = index[2 * place + 1]! - 1
      }
      if (slot < 0) {
        slot = this.#newSlot()
        keys = this.#keys
        for (let k = 0; k < stride; k++) keys[slot * stride + k] = words[row * stride + k]!
        index[2 * place] = hash
        index[2 * place + 1] = slot + 1
        if (this.#grow()) {
          index = this.#index
          mask = this.#mask
        }
      }
      out[row] = slot
    }
  }

  #newSlot(): number {
    this.#size++
    const slot = this.#free.pop() ?? this.#end++
    if ((slot + 1) * this.#stride > this.#keys.length) {
      const more = new Int32Array(this.#keys.length * 2)
      more.set(this.#keys)
      this.#keys = more
    }
    return slot
  }

  #grow(): boolean {
    if (this.#size * 2 <= this.#mask) return false
    const [old, mask] = [this.#index, this.#mask * 2 + 1]
    const index = new Int32Array(2 * (mask + 1))
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue
      let place = old[i]! & mask
      while (index[2 * place + 1] !== 0) place = (place + 1) & mask
      index[2 * place] = old[i]!
      index[2 * place + 1] = old[i + 1]!
    }
    this.#index = index
    this.#mask = mask
    return true
  }

  #live(): Int32Array {
    const free = new Set(this.#free)
    const out = new Int32Array(this.#size)
    let n = 0
    for (let slot = 0; slot < this.#end; slot++) if (!free.has(slot)) out[n++] = slot
    return out
  }

  /** Places every live slot anew from the words of its key. */
  #reindex(mask: number): void {
    const [live, stride] = [this.#live(), this.#stride]
    const index = new Int32Array(2 * (mask + 1))
    const hash = new Int32Array(1)
    for (const slot of live) {
      hashWords(this.#keys.subarray(slot * stride, (slot + 1) * stride), stride, 1, hash)
      let place = hash[0]! & mask
      while (index[2 * place + 1] !== 0) place = (place + 1) & mask
      index[2 * place] = hash[0]!
      index[2 * place + 1] = slot + 1
    }
    this.#index = index
    this.#mask = mask
  }

  /** Removes by shifting back what was pushed on past the place, so that no marks of removal are left. */
  #removeSlot(slot: number): void {
    const [index, mask, stride] = [this.#index, this.#mask, this.#stride]
    hashWords(this.#keys.subarray(slot * stride, (slot + 1) * stride), stride, 1, ONE)
    let hole = ONE[0]! & mask
    while (index[2 * hole + 1] !== slot + 1) hole = (hole + 1) & mask
    let place = hole
    for (;;) {
      place = (place + 1) & mask
      if (index[2 * place + 1] === 0) break
      const home = index[2 * place]! & mask
      if (((place - home) & mask) < ((place - hole) & mask)) continue
      index[2 * hole] = index[2 * place]!
      index[2 * hole + 1] = index[2 * place + 1]!
      hole = place
    }
    index[2 * hole] = 0
    index[2 * hole + 1] = 0
    this.#free.push(slot)
  }
}

/** Rows whose places in a large index are read all at once before they are looked at one by one. */
const TOUCHED = 512
const LARGE = 1 << 16
/** What was read, so that it is read. */
const READ = new Int32Array(1)

/**
 * Brings the places of some rows' hashes near. The reads do not wait for each other, as those of a search do, whose
 * branches depend on them.
 */
function touch(index: Int32Array, mask: number, hashes: Int32Array, from: number, to: number): number {
  let sum = 0
  if (mask >= LARGE) for (let row = from; row < to; row++) sum = (sum + index[2 * (hashes[row]! & mask)]!) | 0
  return sum
}

/** What a snapshot of a key table holds. */
export interface KeyTableState {
  readonly keys: Int32Array
  readonly free: readonly number[]
  readonly end: number
  readonly values: readonly (readonly Value[] | null)[]
}

const FIRST = new Int32Array(1)
const ONE = new Int32Array(1)

function same(a: Int32Array, i: number, b: Int32Array, j: number, length: number): boolean {
  for (let k = 0; k < length; k++) if (a[i + k] !== b[j + k]) return false
  return true
}

/** The 32-bit finalizer of MurmurHash3 over each word: one to one for a single word. */
function hashWords(words: Int32Array, stride: number, length: number, out: Int32Array): void {
  if (stride === 1) {
    for (let row = 0; row < length; row++) out[row] = mix(words[row]!)
    return
  }
  for (let row = 0; row < length; row++) {
    let hash = 0
    for (let k = row * stride; k < (row + 1) * stride; k++) hash = mix(Math.imul(hash, 31) ^ words[k]!)
    out[row] = hash
  }
}

function mix(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function markNulls(
  valid: Uint8Array,
  length: number,
  words: Int32Array,
  stride: number,
  at: number,
  count: number,
  bit: number,
): void {
  for (let row = 0; row < length; row++) {
    if (valid[row] !== 0) continue
    for (let k = 0; k < count; k++) words[row * stride + at + k] = 0
    words[row * stride + stride - 1]! |= 1 << (bit & 31)
  }
}

/** One column of a key: how its values become words and come back. */
interface KeyPart {
  readonly at: number
  readonly words: number
  /** True when null has no word of its own and is told by a bit of the last word. */
  readonly marksNull: boolean
  /** Writes the words of each row. An unknown value gets a new number only when `intern` says so. */
  encode(column: Column, length: number, words: Int32Array, stride: number, intern: boolean): void
  /** `size` keys are in the table, whatever is asked for. */
  decode(
    keys: Int32Array,
    stride: number,
    slots: Int32Array,
    length: number,
    valid: Uint8Array | null,
    size: number,
  ): Column
  clear?(): void
  /** About how many bytes it holds beside the words. */
  readonly bytes?: number
  snapshot?(): readonly Value[]
  restore?(values: readonly Value[] | null): void
  /** Forgets values that no live key has, when they are many. True when the words of live keys changed by that. */
  compact?(keys: Int32Array, stride: number, live: () => Int32Array, size: number): boolean
}

function keyPart({ type, nullable }: Nullable, at: number, position: number): KeyPart {
  if (position >= 32) throw new RangeError('a key has at most 32 columns')
  switch (type.kind) {
    case 'bool':
    case 'int32':
    case 'date':
      return new WordPart(type, at, nullable)
    case 'int64':
    case 'float32':
    case 'float64':
    case 'timestamp':
    case 'duration':
      return new FloatPart(type, at, nullable)
    case 'bigint':
    case 'decimal':
      return new LongPart(type, at, nullable)
    default:
      return new ValuePart(type, at)
  }
}

class WordPart implements KeyPart {
  readonly words = 1
  readonly marksNull: boolean
  readonly at: number
  readonly #type: DataType

  constructor(type: DataType, at: number, nullable: boolean) {
    this.#type = type
    this.at = at
    this.marksNull = nullable
  }

  encode(column: Column, length: number, words: Int32Array, stride: number): void {
    const values = (column as FlatColumn).values as Int32Array
    for (let row = 0, to = this.at; row < length; row++, to += stride) words[to] = values[row]!
  }

  decode(keys: Int32Array, stride: number, slots: Int32Array, length: number, valid: Uint8Array | null): Column {
    const values = flatArray(this.#type, length) as Int32Array
    for (let row = 0; row < length; row++) values[row] = keys[slots[row]! * stride + this.at]!
    return { layout: 'flat', type: this.#type, length, valid, values }
  }
}

const FLOAT = new Float64Array(1)
const FLOAT_WORDS = new Int32Array(FLOAT.buffer)

/** The two halves of a float64, with one form of zero and one of NaN. */
class FloatPart implements KeyPart {
  readonly words = 2
  readonly marksNull: boolean
  readonly at: number
  readonly #type: DataType

  constructor(type: DataType, at: number, nullable: boolean) {
    this.#type = type
    this.at = at
    this.marksNull = nullable
  }

  encode(column: Column, length: number, words: Int32Array, stride: number): void {
    const values = (column as FlatColumn).values as Float64Array
    for (let row = 0, to = this.at; row < length; row++, to += stride) {
      const value = values[row]!
      FLOAT[0] = value === value ? value + 0 : NaN
      words[to] = FLOAT_WORDS[0]!
      words[to + 1] = FLOAT_WORDS[1]!
    }
  }

  decode(keys: Int32Array, stride: number, slots: Int32Array, length: number, valid: Uint8Array | null): Column {
    const values = flatArray(this.#type, length) as Float64Array
    for (let row = 0; row < length; row++) {
      const from = slots[row]! * stride + this.at
      FLOAT_WORDS[0] = keys[from]!
      FLOAT_WORDS[1] = keys[from + 1]!
      values[row] = FLOAT[0]!
    }
    return { layout: 'flat', type: this.#type, length, valid, values }
  }
}

/** The two halves of a 64-bit integer. */
class LongPart implements KeyPart {
  readonly words = 2
  readonly marksNull: boolean
  readonly at: number
  readonly #type: DataType

  constructor(type: DataType, at: number, nullable: boolean) {
    this.#type = type
    this.at = at
    this.marksNull = nullable
  }

  encode(column: Column, length: number, words: Int32Array, stride: number): void {
    const values = (column as FlatColumn).values as BigInt64Array
    const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
    for (let row = 0, to = this.at; row < length; row++, to += stride) {
      words[to] = halves[2 * row]!
      words[to + 1] = halves[2 * row + 1]!
    }
  }

  decode(keys: Int32Array, stride: number, slots: Int32Array, length: number, valid: Uint8Array | null): Column {
    const values = new BigInt64Array(length)
    const halves = new Int32Array(values.buffer)
    for (let row = 0; row < length; row++) {
      const from = slots[row]! * stride + this.at
      halves[2 * row] = keys[from]!
      halves[2 * row + 1] = keys[from + 1]!
    }
    return { layout: 'flat', type: this.#type, length, valid, values }
  }
}

/** An entry of a map beside its value, and the value's place in a list. */
const ENTRY_BYTES = 5 * SLOT_BYTES
const NULL = -1
/** The number of a value that was looked for and is not there. */
const UNKNOWN = -2

/** Entries for each key, at most, for keys that are given to have the whole dictionary that they came with. */
const BASE_ENTRIES = 8

/** The rows of a batch for each entry of its dictionary, at least, for the dictionary to be looked through as a whole. */
const ROWS_PER_ENTRY = 1 / 8

/** What is known of a dictionary when it had so many entries: whether all of them differ, and what they take. */
interface Known {
  readonly length: number
  readonly differ: boolean
  readonly bytes: number
}

const NONE: Known = { length: 0, differ: true, bytes: 0 }
const dictionaries = new WeakMap<readonly string[], Known>()

function lookedThrough(strings: readonly string[]): Known {
  let known = dictionaries.get(strings)
  if (known?.length !== strings.length) {
    const { length } = strings
    const bytes = strings.reduce((sum, text) => sum + valueBytes(text), 0)
    known = { length, differ: new Set(strings).size === length, bytes }
    dictionaries.set(strings, known)
  }
  return known
}

/**
 * Values that are numbered: text, once per entry of a dictionary, and what else is no number. As long as all rows have
 * the same dictionary and its entries differ, their codes are the numbers; else values are numbered as they come.
 */
class ValuePart implements KeyPart {
  readonly words = 1
  readonly marksNull = false
  readonly at: number
  readonly #type: DataType
  #numbers = new Map<string, number>()
  #values: Value[] = []
  #textBytes = 0
  /** The numbers of a dictionary's entries + 1, 0 where the entry was not met yet. */
  #dictionaries = new WeakMap<readonly string[], Int32Array>()
  /** The dictionary whose codes are the numbers, and what was known of it then. */
  #base: readonly string[] | null = null
  #known: Known = NONE

  constructor(type: DataType, at: number) {
    this.#type = type
    this.at = at
  }

  encode(column: Column, length: number, words: Int32Array, stride: number, intern: boolean): void {
    if (column.layout === 'text' && column.codes !== null && this.#isBase(column.strings, length, intern)) {
      for (let row = 0, to = this.at; row < length; row++, to += stride) words[to] = column.codes[row]!
    } else if (column.layout === 'text' && column.codes !== null) {
      this.#encodeCodes(column, column.codes, length, words, stride, intern)
    } else {
      this.#leaveBase()
      for (let row = 0, to = this.at; row < length; row++, to += stride) {
        words[to] =
          column.layout === 'text' ? this.#number(column.strings[row]!, intern) : this.#other(column, row, intern)
      }
    }
    const { valid } = column
    if (valid === null) return
    for (let row = 0, to = this.at; row < length; row++, to += stride) if (valid[row] === 0) words[to] = NULL
  }

  /** Whether the codes of this dictionary are the numbers; if not, then those of no other either from now on. */
  #isBase(strings: readonly string[], rows: number, intern: boolean): boolean {
    if (strings === this.#base && strings.length === this.#known.length) return true
    this.#leaveBase()
    if (!intern || this.#values.length > 0 || strings.length * ROWS_PER_ENTRY > rows) return false
    const known = lookedThrough(strings)
    if (!known.differ) return false
    this.#base = strings
    this.#known = known
    return true
  }

  #leaveBase(): void {
    const base = this.#base
    if (base === null) return
    this.#base = null
    for (let i = 0; i < this.#known.length; i++) this.#number(base[i]!, true)
  }

  #encodeCodes(
    column: TextColumn,
    codes: Int32Array,
    length: number,
    words: Int32Array,
    stride: number,
    intern: boolean,
  ): void {
    const { strings, valid } = column
    let known = this.#dictionaries.get(strings)
    if (known === undefined || known.length < strings.length) {
      const more = new Int32Array(strings.length)
      if (known !== undefined) more.set(known)
      known = more
      this.#dictionaries.set(strings, known)
    }
    for (let row = 0, to = this.at; row < length; row++, to += stride) {
      const code = codes[row]!
      let number = known[code]!
      if (number === 0) {
        if (valid !== null && valid[row] === 0) continue
        number = this.#number(strings[code]!, intern) + 1
        if (number > 0) known[code] = number
      }
      words[to] = number - 1
    }
  }

  #number(text: string, intern: boolean): number {
    let number = this.#numbers.get(text)
    if (number === undefined) {
      if (!intern) return UNKNOWN
      number = this.#values.length
      this.#numbers.set(text, number)
      this.#values.push(text)
      this.#textBytes += valueBytes(text)
    }
    return number
  }

  #other(column: Column, row: number, intern: boolean): number {
    const value = valueAt(column, row)
    if (value === null) return NULL
    const text = canonical(value)
    const number = this.#number(text, intern)
    if (number >= 0) this.#values[number] = value
    return number
  }

  decode(
    keys: Int32Array,
    stride: number,
    slots: Int32Array,
    length: number,
    _: Uint8Array | null,
    size: number,
  ): Column {
    if (this.#type.kind === 'utf8') return this.#decodeText(keys, stride, slots, length, size)
    const values: Value[] = []
    for (let row = 0; row < length; row++) {
      const number = keys[slots[row]! * stride + this.at]!
      values.push(number === NULL ? null : this.#values[number]!)
    }
    return columnOf(this.#type, values)
  }

  /** With a dictionary of its own, for the table's may be compacted and holds what these rows do not. */
  #decodeText(keys: Int32Array, stride: number, slots: Int32Array, length: number, size: number): Column {
    const base = this.#base
    if (base !== null && base.length <= size * BASE_ENTRIES) return this.#codes(base, keys, stride, slots, length)
    const values = base ?? this.#values
    const codes = new Int32Array(length)
    const strings: string[] = []
    const places = new Map<number, number>()
    let valid: Uint8Array | null = null
    for (let row = 0; row < length; row++) {
      const number = keys[slots[row]! * stride + this.at]!
      if (number === NULL) {
        valid ??= new Uint8Array(length).fill(1)
        valid[row] = 0
        continue
      }
      let place = places.get(number)
      if (place === undefined) {
        place = strings.length
        places.set(number, place)
        strings.push(values[number] as string)
      }
      codes[row] = place
    }
    if (strings.length === 0) strings.push('')
    return { layout: 'text', type: this.#type, length, valid, strings, codes }
  }

  #codes(strings: readonly string[], keys: Int32Array, stride: number, slots: Int32Array, length: number): Column {
    const codes = new Int32Array(length)
    let valid: Uint8Array | null = null
    for (let row = 0; row < length; row++) {
      const number = keys[slots[row]! * stride + this.at]!
      if (number !== NULL) codes[row] = number
      else (valid ??= new Uint8Array(length).fill(1))[row] = 0
    }
    return { layout: 'text', type: this.#type, length, valid, strings, codes }
  }

  /** A value beside its text is counted as the text is. */
  get bytes(): number {
    if (this.#base !== null) return this.#known.bytes
    const times = this.#type.kind === 'utf8' ? 1 : 2
    return times * this.#textBytes + this.#values.length * ENTRY_BYTES
  }

  clear(): void {
    this.#numbers = new Map()
    this.#values = []
    this.#textBytes = 0
    this.#dictionaries = new WeakMap()
    this.#base = null
  }

  snapshot(): readonly Value[] {
    return this.#base === null ? [...this.#values] : this.#base.slice(0, this.#known.length)
  }

  restore(values: readonly Value[] | null): void {
    this.clear()
    for (const value of values ?? []) {
      const text = typeof value === 'string' ? value : canonical(value)
      this.#numbers.set(text, this.#values.length)
      this.#values.push(value)
      this.#textBytes += valueBytes(text)
    }
  }

  compact(keys: Int32Array, stride: number, live: () => Int32Array, size: number): boolean {
    if (this.#values.length <= 4 * size + 1024) return false // never while the codes of a dictionary are the numbers
    const old = this.#values
    this.clear()
    const numbers = new Map<number, number>()
    for (const slot of live()) {
      const from = slot * stride + this.at
      const number = keys[from]!
      if (number === NULL) continue
      let now = numbers.get(number)
      if (now === undefined) {
        const value = old[number]!
        now = this.#values.length
        numbers.set(number, now)
        const text = typeof value === 'string' ? value : canonical(value)
        this.#numbers.set(text, now)
        this.#values.push(value)
        this.#textBytes += valueBytes(text)
      }
      keys[from] = now
    }
    return true
  }
}

/** A text that two values of one type share only when they are equal. */
export function canonical(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array || value instanceof Float64Array)
    return `[${Array.from(value, v => String(v)).join(',')}]`
  if ('indices' in value) return `{${value.indices.join(',')}:${Array.from(value.values, v => String(v)).join(',')}}`
  return `[${value.map(canonical).join(',')}]`
}
