import type { TextColumn } from '../data/column.ts'
import { scalar } from '../data/type.ts'

/**
 * Builds text columns from UTF-8 bytes. A text that has been seen costs a hash over its bytes and no string, and all
 * batches share one dictionary, which only grows at its end, so that what operators learn about it stays valid. Once most
 * texts turn out to be new, they are no longer looked up.
 */
export class TextBuilder {
  #dictionary = new Dictionary()
  /** The entries of the dictionary when the last column was handed on. */
  #known = 0
  /** Set once looking texts up does not pay: then strings holds one entry a row. */
  #plain = false
  #strings: string[] = []
  #codes = new Int32Array(1024)
  #length = 0
  #valid: Uint8Array | null = null

  get length(): number {
    return this.#length
  }

  push(bytes: Buffer, from: number, to: number): void {
    const row = this.#length++
    if (this.#valid !== null) this.#setValid(row, 1)
    if (this.#plain) {
      this.#strings.push(bytes.toString('utf8', from, to))
      return
    }
    this.#dictionary.take(bytes, from, to)
    this.#setCode(row, this.#dictionary.code(bytes, from, to))
  }

  /**
   * Adds the text that begins at `from` and ends before a quote, where `quoted`, else before `stop` or a line end. Gives
   * where it ends; -1, and adds nothing, where another of these, or a control character, comes first.
   */
  read(bytes: Buffer, from: number, stop: number, quoted: boolean): number {
    const to = this.#dictionary.scan(bytes, from, stop)
    const byte = bytes[to]!
    if (quoted ? byte !== QUOTE : byte !== stop && byte !== 10 && byte !== 13) return -1
    if (this.#plain) this.push(bytes, from, to)
    else {
      const row = this.#length++
      if (this.#valid !== null) this.#setValid(row, 1)
      this.#setCode(row, this.#dictionary.code(bytes, from, to))
    }
    return to
  }

  pushText(text: string): void {
    const bytes = Buffer.from(text)
    this.push(bytes, 0, bytes.length)
  }

  pushNull(): void {
    const row = this.#length++
    this.#valid ??= new Uint8Array(Math.max(1024, row + 1)).fill(1, 0, row)
    this.#setValid(row, 0)
    if (this.#plain) this.#strings.push('')
    else this.#setCode(row, 0)
  }

  /** Takes the last row back. */
  pop(): void {
    this.#length--
    if (this.#plain) this.#strings.pop()
  }

  /**
   * The column of some texts, which joins no rows: their codes in the dictionary that the columns share. Null where most
   * of such texts were new, so that looking them up does not pay. No row has been pushed since the last column.
   */
  entries(bytes: Buffer, starts: Int32Array, ends: Int32Array): TextColumn | null {
    if (this.#plain) return null
    if (this.#dictionary.strings.length > MANY) this.#dictionary = new Dictionary()
    const { strings } = this.#dictionary
    const known = strings.length
    const { length } = starts
    const codes = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      this.#dictionary.take(bytes, starts[i]!, ends[i]!)
      codes[i] = this.#dictionary.code(bytes, starts[i]!, ends[i]!)
    }
    this.#plain = strings.length > FEW && (strings.length - known) * 4 > length * 3
    this.#known = strings.length
    return { layout: 'text', type: scalar('utf8'), length, valid: null, strings, codes }
  }

  /** The column of what was pushed since the last call. */
  finish(): TextColumn {
    const length = this.#length
    const valid = this.#valid === null ? null : this.#valid.slice(0, length)
    const rows = { layout: 'text', type: scalar('utf8'), length, valid } as const
    this.#length = 0
    this.#valid = null
    if (this.#plain) {
      const strings = this.#strings
      this.#strings = []
      return { ...rows, strings, codes: null }
    }
    const { strings } = this.#dictionary
    if (strings.length === 0 && length > 0) return { ...rows, strings: [''], codes: new Int32Array(length) }
    const column: TextColumn = { ...rows, strings, codes: this.#codes.slice(0, length) }
    this.#plain = strings.length > FEW && (strings.length - this.#known) * 4 > length * 3
    this.#known = strings.length
    if (this.#plain || strings.length > MANY) {
      this.#dictionary = new Dictionary()
      this.#known = 0
    }
    return column
  }

  #setCode(row: number, code: number): void {
    if (row === this.#codes.length) {
      const more = new Int32Array(row * 2)
      more.set(this.#codes)
      this.#codes = more
    }
    this.#codes[row] = code
  }

  #setValid(row: number, valid: 0 | 1): void {
    if (row === this.#valid!.length) {
      const more = new Uint8Array(row * 2)
      more.set(this.#valid!)
      this.#valid = more
    }
    this.#valid![row] = valid
  }
}

const QUOTE = 34

/** Up to here a dictionary may turn out to have been in vain: three in four of a batch's texts were new. */
const FEW = 65_536

/** Here a new dictionary begins. */
const MANY = 262_144

/**
 * Texts by their bytes: open addressing over hashes. Of each entry there is a record of words: its number, its length and
 * its bytes, four to a word.
 */
class Dictionary {
  readonly strings: string[] = []
  #slots = new Int32Array(512) // pairs of a hash and where the record begins, 0 for none
  #records = new Int32Array(1024)
  #end = 1
  #words = new Int32Array(16) // of the text at hand
  #count = 0
  #hash = 0
  #window: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0)) // of the window

  /** Takes the text from `from` up to `to` in hand. */
  take(bytes: Buffer, from: number, to: number): void {
    this.#hash = this.#count = 0
    let at = from
    for (; at + 4 <= to; at += 4) {
      this.#put(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    }
    if (at < to) this.#putRest(bytes, at, to)
  }

  /**
   * Takes the text in hand that begins at `from` and ends before a quote, a control character or `stop`, of which there is
   * one; gives where it ends. Four bytes are tested at once: the lowest bit of `found` stands in the first byte that ends
   * the text, as in "Determine if a word has a zero byte" of Bit Twiddling Hacks.
   */
  scan(bytes: Buffer, from: number, stop: number): number {
    if (bytes !== this.#window) {
      this.#window = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    const view = this.#view
    const safe = bytes.length - 4
    const stops = Math.imul(stop, 0x01010101)
    let words = this.#words
    let hash = 0
    let count = 0
    let at = from
    while (at <= safe) {
      let word = view.getInt32(at, true)
      const quotes = word ^ 0x22222222
      const others = word ^ stops
      const found =
        (((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((others - 0x01010101) & ~others)) &
        -0x7f7f7f80
      if (found !== 0) {
        const bits = (31 - Math.clz32(found & -found)) & ~7
        if (bits === 0) break
        at += bits >> 3
        word &= (1 << bits) - 1
      } else at += 4
      if (count === words.length) words = this.#words = doubled(words)
      words[count++] = word
      hash = Math.imul(hash ^ word, 0x9e3779b1)
      hash ^= hash >>> 15
      if (found !== 0) break
    }
    this.#hash = hash
    this.#count = count
    if (at <= safe) return at
    const rest = at
    for (let byte = 0; (byte = bytes[at]!) >= 32 && byte !== QUOTE && byte !== stop;) at++
    for (let i = rest; i < at; i += 4) this.#putRest(bytes, i, Math.min(i + 4, at))
    return at
  }

  #put(word: number): void {
    if (this.#count === this.#words.length) this.#words = doubled(this.#words)
    this.#words[this.#count++] = word
    const hash = Math.imul(this.#hash ^ word, 0x9e3779b1)
    this.#hash = hash ^ (hash >>> 15)
  }

  #putRest(bytes: Buffer, from: number, to: number): void {
    let word = 0
    for (let i = from; i < to; i++) word |= bytes[i]! << ((i - from) << 3)
    this.#put(word)
  }

  /** The number of the text in hand, which stands in these bytes. */
  code(bytes: Buffer, from: number, to: number): number {
    const length = to - from
    const count = this.#count
    const words = this.#words
    let hash = Math.imul(this.#hash ^ length, 0x9e3779b1)
    hash ^= hash >>> 15
    const slots = this.#slots
    const records = this.#records
    const mask = slots.length - 1
    let slot = (hash << 1) & mask
    for (let record = slots[slot + 1]!; record !== 0; record = slots[slot + 1]!) {
      if (slots[slot] === hash && records[record + 1] === length) {
        let i = 0
        while (i < count && records[record + 2 + i] === words[i]) i++
        if (i === count) return records[record]!
      }
      slot = (slot + 2) & mask
    }
    slots[slot] = hash
    slots[slot + 1] = this.#end
    return this.#add(length, count, bytes.toString('utf8', from, to))
  }

  #add(length: number, count: number, text: string): number {
    const entry = this.strings.push(text) - 1
    const record = this.#end
    this.#end += 2 + count
    while (this.#end > this.#records.length) this.#records = doubled(this.#records)
    this.#records[record] = entry
    this.#records[record + 1] = length
    for (let i = 0; i < count; i++) this.#records[record + 2 + i] = this.#words[i]!
    if (this.strings.length * 4 >= this.#slots.length) this.#rehash()
    return entry
  }

  #rehash(): void {
    const old = this.#slots
    const slots = new Int32Array(old.length * 4)
    const mask = slots.length - 1
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue
      let slot = (old[i]! << 1) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[i]!
      slots[slot + 1] = old[i + 1]!
    }
    this.#slots = slots
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(array.length * 2)
  more.set(array)
  return more
}
