import type { TextColumn } from '../data/column.ts'
import { scalar } from '../data/type.ts'

/**
 * Builds text columns from UTF-8 bytes. A text that has been seen costs a hash over its bytes and no string, and the
 * dictionary stays the same array from batch to batch while it does not grow, so that what operators learn about it
 * stays valid. Once most texts turn out to be new, they are no longer looked up. Handed-on arrays are never written.
 */
export class TextBuilder {
  #dictionary = new Dictionary()
  #lookups = 0
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
    this.#lookups++
    this.#setCode(row, this.#dictionary.code(bytes, from, to))
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
    const strings = this.#dictionary.strings()
    if (strings.length === 0 && length > 0) return { ...rows, strings: [''], codes: new Int32Array(length) }
    const column: TextColumn = { ...rows, strings, codes: this.#codes.slice(0, length) }
    if (strings.length > 4096 && strings.length * 2 > this.#lookups) this.#plain = true
    else if (strings.length > 65_536) this.#dictionary = new Dictionary()
    if (this.#plain) this.#dictionary = new Dictionary()
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

/** Texts by their bytes: open addressing over hashes, with the bytes of all entries in one buffer. */
class Dictionary {
  #strings: string[] = []
  #handed = false
  #slots = new Int32Array(256) // entry + 1, or 0
  #hashes = new Int32Array(128)
  #ends = new Int32Array(128) // where the bytes of an entry end; they begin where the entry before ends
  #bytes: Buffer = Buffer.allocUnsafeSlow(1024)

  strings(): readonly string[] {
    this.#handed = true
    return this.#strings
  }

  code(bytes: Buffer, from: number, to: number): number {
    let hash = to - from
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    const mask = this.#slots.length - 1
    let slot = (hash ^ (hash >>> 15)) & mask
    for (let entry = this.#slots[slot]!; entry !== 0; entry = this.#slots[slot]!) {
      if (this.#hashes[entry - 1] === hash && this.#equals(entry - 1, bytes, from, to)) return entry - 1
      slot = (slot + 1) & mask
    }
    return this.#add(hash, slot, bytes, from, to)
  }

  #equals(entry: number, bytes: Buffer, from: number, to: number): boolean {
    const begin = entry === 0 ? 0 : this.#ends[entry - 1]!
    if (this.#ends[entry]! - begin !== to - from) return false
    for (let i = from, j = begin; i < to; i++, j++) if (this.#bytes[j] !== bytes[i]) return false
    return true
  }

  #add(hash: number, slot: number, bytes: Buffer, from: number, to: number): number {
    if (this.#handed) {
      this.#strings = this.#strings.slice()
      this.#handed = false
    }
    const entry = this.#strings.push(bytes.toString('utf8', from, to)) - 1
    if (entry === this.#hashes.length) {
      this.#hashes = doubled(this.#hashes)
      this.#ends = doubled(this.#ends)
    }
    const begin = entry === 0 ? 0 : this.#ends[entry - 1]!
    const end = begin + to - from
    if (end > this.#bytes.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(end, this.#bytes.length * 2))
      this.#bytes.copy(more)
      this.#bytes = more
    }
    bytes.copy(this.#bytes, begin, from, to)
    this.#hashes[entry] = hash
    this.#ends[entry] = end
    this.#slots[slot] = entry + 1
    if (entry * 2 >= this.#slots.length) this.#rehash()
    return entry
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4)
    const mask = slots.length - 1
    for (let entry = 0; entry < this.#strings.length; entry++) {
      const hash = this.#hashes[entry]!
      let slot = (hash ^ (hash >>> 15)) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry + 1
    }
    this.#slots = slots
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(array.length * 2)
  more.set(array)
  return more
}
