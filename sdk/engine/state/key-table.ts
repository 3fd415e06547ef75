import { valueAt, type Column, type FlatColumn, type TextColumn, type Value } from '../../data/column.ts'
import { columnOf } from '../../data/builder.ts'
import { flatArray } from '../../data/column.ts'
import type { DataType, Nullable } from '../../data/type.ts'
import { SLOT_BYTES, valueBytes } from '../../data/value-bytes.ts'
import { DirectSlots, type KeyPlaces } from './direct-slots.ts'
import { PackedWords } from './packed-words.ts'

/**
 * Keys of any columns → dense slots. A key is encoded as a fixed number of 32-bit words, so that hashing and comparing
 * are loops over integers: equal keys have equal words. Null is a value of its own, NaN equals NaN, −0 equals 0. Words of
 * small ranges are packed into fewer. The index is open addressing with the hash beside the slot in one Int32Array; the
 * table owns the words of its keys. A removed slot is given out again. Keys of small ranges find their slots without the
 * index.
 */
export class KeyTable {
  readonly #parts: readonly KeyPart[]
  /** Words of one key: those of the parts, then those of null marks, a bit a part, where a part needs one. */
  readonly #stride: number
  /** Where the words of null marks begin; the stride where there are none. */
  readonly #marks: number
  /** How the words are packed; null where they are not, or not yet. */
  #packing: PackedWords | null = null
  #packs: boolean
  /** Words of one key as they are kept. */
  #width: number
  #mask: number
  /** Pairs: the hash, then the slot + 1, or 0 for an empty place. */
  #index: Int32Array
  /** The words of the keys by slot, as they are kept. */
  #keys: Int32Array
  #size = 0
  /** Slots from here on were never given out. */
  #end = 0
  #free: number[] = []
  #scratch: Int32Array = new Int32Array(0)
  #packed: Int32Array = new Int32Array(0)
  #hashes: Int32Array = new Int32Array(0)
  /** The numbers of the rows in the scratch. */
  #order: Int32Array = new Int32Array(0)
  readonly #direct = new DirectSlots()

  constructor(types: readonly Nullable[]) {
    let at = 0
    this.#parts = types.map(type => {
      const part = keyPart(type, at)
      at += part.words
      return part
    })
    this.#marks = at
    this.#stride = at + (this.#parts.some(part => part.marksNull) ? Math.ceil(types.length / MARKS) : 0)
    this.#packs = this.#stride > 1
    this.#width = this.#stride
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
    if (this.#packs && !this.#pack(length)) this.#repack(length)
    const words = this.#packing === null ? this.#scratch : this.#packed
    hashWords(words, this.#width, length, this.#hashes)
    if (this.#width === 1) this.#insertWord(words, length, out)
    else this.#insertWords(words, length, out)
  }

  /** The slot of each row's key, −1 where there is none or, unless `nulls` is set, where a part of it is null. */
  find(
    columns: readonly Column[],
    length: number,
    out: Int32Array,
    { nulls = false }: { readonly nulls?: boolean } = {},
  ): void {
    this.#encode(columns, length, false)
    const allInRange = this.#packing === null || this.#pack(length)
    const words = this.#packing === null ? this.#scratch : this.#packed
    const [hashes, width, index, mask, keys] = [this.#hashes, this.#width, this.#index, this.#mask, this.#keys]
    hashWords(words, width, length, hashes)
    for (let row = 0; row < length; row++) {
      if (row % TOUCHED === 0) READ[0] = touch(index, mask, hashes, row, Math.min(row + TOUCHED, length))
      const hash = hashes[row]!
      let place = hash & mask
      let slot = index[2 * place + 1]! - 1
      while (slot >= 0 && !(index[2 * place] === hash && same(keys, slot * width, words, row * width, width))) {
        place = (place + 1) & mask
        slot = index[2 * place + 1]! - 1
      }
      out[row] = slot
    }
    if (!allInRange) for (let row = 0; row < length; row++) if (!this.#packing!.packs(this.#scratch, row)) out[row] = -1
    if (nulls) return
    for (const column of columns) {
      if (column.valid !== null) for (let row = 0; row < length; row++) if (column.valid[row] === 0) out[row] = -1
    }
  }

  /** The keys of some slots, as columns of the types that the table was made for. */
  columns(slots: Int32Array, length: number): Column[] {
    const stride = this.#stride
    let [keys, places] = [this.#keys, slots]
    if (this.#packing !== null) {
      this.#makeRoom(length)
      keys = this.#scratch
      places = this.#order
      this.#packing.unpack(this.#keys, slots, length, keys)
    }
    return this.#parts.map((part, i) => {
      let valid: Uint8Array | null = null
      if (part.marksNull) {
        const mark = this.#marks + Math.floor(i / MARKS)
        for (let row = 0; row < length; row++) {
          if (((keys[places[row]! * stride + mark]! >>> (i % MARKS)) & 1) === 0) continue
          valid ??= new Uint8Array(length).fill(1)
          valid[row] = 0
        }
      }
      return part.decode(keys, stride, places, length, valid, this.#size)
    })
  }

  /** Takes keys out. Their slots will be given to other keys. */
  remove(slots: Int32Array, length: number): void {
    this.#direct.turnOff()
    for (let i = 0; i < length; i++) this.#removeSlot(slots[i]!)
    this.#size -= length
    if (!this.#parts.some(part => part.isLoose?.(this.#size))) return
    this.#keep(null)
    for (const part of this.#parts) {
      if (part.isLoose?.(this.#size) === true) part.compact!(this.#keys, this.#stride, this.#live())
    }
    this.#packKeys()
  }

  clear(): void {
    this.#direct.forget()
    this.#index.fill(0)
    this.#size = 0
    this.#end = 0
    this.#free = []
    this.#packing = null
    this.#packs = this.#stride > 1
    this.#width = this.#stride
    this.#keys = new Int32Array(8 * this.#stride)
    for (const part of this.#parts) part.clear?.()
  }

  snapshot(): KeyTableState {
    return {
      keys: this.#words(range(0, this.#end)),
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
    while (isFull(places, this.#end)) places *= 2
    this.#mask = places - 1
    this.#packKeys()
  }

  // ---- words

  #makeRoom(rows: number): void {
    if (this.#hashes.length >= rows) return
    this.#hashes = new Int32Array(rows)
    this.#order = range(0, rows)
    this.#scratch = new Int32Array(rows * this.#stride)
  }

  #encode(columns: readonly Column[], length: number, intern: boolean): void {
    const stride = this.#stride
    this.#makeRoom(length)
    const words = this.#scratch
    for (let mark = this.#marks; mark < stride; mark++) {
      for (let row = 0; row < length; row++) words[row * stride + mark] = 0
    }
    for (const [i, part] of this.#parts.entries()) {
      const column = columns[i]!
      part.encode(column, length, words, stride, intern)
      if (part.marksNull && column.valid !== null) {
        markNulls(column.valid, length, words, stride, part, this.#marks + Math.floor(i / MARKS), 1 << (i % MARKS))
      }
    }
  }

  /** Packs the words of the rows; false where their ranges have been outgrown, or there are none yet. */
  #pack(length: number): boolean {
    if (this.#packing === null) return false
    const { width } = this.#packing
    if (this.#packed.length < length * width) this.#packed = new Int32Array(length * width)
    return this.#packing.pack(this.#scratch, length, this.#packed)
  }

  /** Packs in another way, so that the words of the rows can be packed too. */
  #repack(length: number): void {
    this.#keep(PackedWords.of(this.#scratch, this.#stride, length, this.#packing))
    this.#packs = this.#packing !== null
    this.#pack(length)
  }

  /** Packs keys that are not packed; without keys it is too early to tell how. */
  #packKeys(): void {
    this.#packs = this.#stride > 1
    const packs = this.#packs && this.#end > 0
    this.#keep(packs ? PackedWords.of(this.#keys, this.#stride, this.#end, null) : null)
    if (packs) this.#packs = this.#packing !== null
  }

  /** Keeps the keys packed in another way. */
  #keep(packing: PackedWords | null): void {
    const [end, stride] = [this.#end, this.#stride]
    const width = packing?.width ?? stride
    const keys = new Int32Array(Math.max(8, end) * width)
    for (let from = 0; from < end; from += REPACKED) {
      const slots = range(from, Math.min(REPACKED, end - from))
      const words = this.#words(slots)
      if (packing === null) keys.set(words, from * width)
      else packing.pack(words, slots.length, keys.subarray(from * width))
    }
    this.#keys = keys
    this.#width = width
    this.#packing = packing
    this.#reindex(this.#mask)
  }

  /** The words of some keys, as the parts know them. */
  #words(slots: Int32Array): Int32Array {
    const [keys, stride, packing] = [this.#keys, this.#stride, this.#packing]
    const words = new Int32Array(slots.length * stride)
    if (packing !== null) packing.unpack(keys, slots, slots.length, words)
    else {
      for (let row = 0; row < slots.length; row++) {
        for (let k = 0; k < stride; k++) words[row * stride + k] = keys[slots[row]! * stride + k]!
      }
    }
    return words
  }

  // ---- the index

  /** For one word the hash is one to one, so that equal hashes are equal keys. */
  #insertWord(words: Int32Array, length: number, out: Int32Array): void {
    const hashes = this.#hashes
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

  #insertWords(words: Int32Array, length: number, out: Int32Array): void {
    const [hashes, width] = [this.#hashes, this.#width]
    let [index, mask, keys] = [this.#index, this.#mask, this.#keys]
    for (let row = 0; row < length; row++) {
      if (row % TOUCHED === 0) READ[0] = touch(index, mask, hashes, row, Math.min(row + TOUCHED, length))
      const hash = hashes[row]!
      let place = hash & mask
      let slot = index[2 * place + 1]! - 1
      while (slot >= 0 && !(index[2 * place] === hash && same(keys, slot * width, words, row * width, width))) {
        place = (place + 1) & mask
        slot = index[2 * place + 1]! - 1
      }
      if (slot < 0) {
        slot = this.#newSlot()
        keys = this.#keys
        for (let k = 0; k < width; k++) keys[slot * width + k] = words[row * width + k]!
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
    if ((slot + 1) * this.#width > this.#keys.length) {
      const more = new Int32Array(this.#keys.length * 2)
      more.set(this.#keys)
      this.#keys = more
    }
    return slot
  }

  #grow(): boolean {
    if (!isFull(this.#mask + 1, this.#size)) return false
    const [old, mask] = [this.#index, this.#mask * 2 + 1]
    const index = emptyIndex(mask)
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
    if (this.#free.length === 0) return range(0, this.#end)
    const free = new Set(this.#free)
    return range(0, this.#end).filter(slot => !free.has(slot))
  }

  /** Places every live slot anew from the words of its key. */
  #reindex(mask: number): void {
    const index = emptyIndex(mask)
    for (const slot of this.#live()) {
      const hash = this.#hashOf(slot)
      let place = hash & mask
      while (index[2 * place + 1] !== 0) place = (place + 1) & mask
      index[2 * place] = hash
      index[2 * place + 1] = slot + 1
    }
    this.#index = index
    this.#mask = mask
  }

  /** Removes by shifting back what was pushed on past the place, so that no marks of removal are left. */
  #removeSlot(slot: number): void {
    const [index, mask] = [this.#index, this.#mask]
    let hole = this.#hashOf(slot) & mask
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

  #hashOf(slot: number): number {
    hashWords(this.#keys.subarray(slot * this.#width, (slot + 1) * this.#width), this.#width, 1, ONE)
    return ONE[0]!
  }
}

/** Written, since memory that is read first is made twice: as the page of zeros that all share, then as its own. */
const emptyIndex = (mask: number): Int32Array => new Int32Array(2 * (mask + 1)).fill(0)

/** Whether so many places are too few for so many keys. */
const isFull = (places: number, keys: number): boolean => keys * 8 > places * 5

/** Keys that are packed in another way at a time. */
const REPACKED = 1 << 14

function range(from: number, length: number): Int32Array {
  const out = new Int32Array(length)
  for (let i = 0; i < length; i++) out[i] = from + i
  return out
}

/** Rows whose places in a large index are read all at once before they are looked at one by one. */
const TOUCHED = 128
const LARGE = 1 << 16
/** What was read, so that it is read. */
const READ = new Int32Array(1)

/**
 * Brings the places of some rows' hashes near. The reads do not wait for each other, as those of a search do, whose
 * branches depend on them.
 */
function touch(index: Int32Array, mask: number, hashes: Int32Array, from: number, to: number): number {
  if (mask < LARGE) return 0
  let [sum, row] = [0, from]
  for (; row + 4 <= to; row += 4) {
    const [a, b] = [index[2 * (hashes[row]! & mask)]!, index[2 * (hashes[row + 1]! & mask)]!]
    const [c, d] = [index[2 * (hashes[row + 2]! & mask)]!, index[2 * (hashes[row + 3]! & mask)]!]
    sum ^= a ^ b ^ c ^ d
  }
  for (; row < to; row++) sum ^= index[2 * (hashes[row]! & mask)]!
  return sum
}

/** What a snapshot of a key table holds. */
export interface KeyTableState {
  readonly keys: Int32Array
  readonly free: readonly number[]
  readonly end: number
  readonly values: readonly (readonly Value[] | null)[]
}

/** Null marks in a word. */
const MARKS = 32
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
  part: KeyPart,
  mark: number,
  bit: number,
): void {
  const { at, words: count } = part
  for (let row = 0; row < length; row++) {
    if (valid[row] !== 0) continue
    for (let k = 0; k < count; k++) words[row * stride + at + k] = 0
    words[row * stride + mark]! |= bit
  }
}

/** One column of a key: how its values become words and come back. */
interface KeyPart {
  readonly at: number
  readonly words: number
  /** True when null has no word of its own and is told by a bit of a word of null marks. */
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
  /** Whether it knows many values that no key has, of so many keys. */
  isLoose?(size: number): boolean
  /** Forgets the values that no live key has. The words of live keys change by that. */
  compact?(keys: Int32Array, stride: number, live: Int32Array): void
}

function keyPart({ type, nullable }: Nullable, at: number): KeyPart {
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

  /** Never while the codes of a dictionary are the numbers. */
  isLoose(size: number): boolean {
    return this.#values.length > 4 * size + 1024
  }

  compact(keys: Int32Array, stride: number, live: Int32Array): void {
    const old = this.#values
    this.clear()
    const numbers = new Map<number, number>()
    for (const slot of live) {
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
