import * as zlib from 'node:zlib'

/**
 * Unpacks Zstandard (RFC 8878) whose unpacked size is known, as in the pages of a Parquet file. Bits are taken by loads of
 * four bytes wherever they stand, Huffman codes are decoded two at a time from four streams at once, and texts are copied
 * four bytes at a time, so buffers have room on both sides. Checksums are not checked; dictionaries are refused.
 */

/** What packs: newer than the oldest Node.js that we run on. */
export const zstdCompressSync: Pack | undefined = (zlib as { readonly zstdCompressSync?: Pack }).zstdCompressSync

type Pack = (bytes: Uint8Array) => Uint8Array

const ROOM = 32

function damaged(): Error {
  return new Error('its ZSTD data are damaged')
}

/** Entries have the number of a symbol, the bits to read for the next state at 8, and what to add to them at 16. */
interface States {
  readonly log: number
  readonly table: Int32Array
}

interface Huffman {
  readonly log: number
  /** Entries have a symbol and, at 8, the bits of its code. */
  readonly one: Uint16Array
  /** Entries have up to two symbols, at 16 the bits of their codes, and at 24 how many they are. */
  readonly two: Int32Array
}

const LITERAL_BITS = [
  ...new Array<number>(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]
const MATCH_BITS = [
  ...new Array<number>(32).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]

const bases = (bits: readonly number[], first: number): Int32Array => {
  let base = first
  return Int32Array.from(bits, width => (base += 1 << width) - (1 << width))
}

const LITERAL_BIT = Int32Array.from(LITERAL_BITS)
const MATCH_BIT = Int32Array.from(MATCH_BITS)
const LITERAL_BASE = bases(LITERAL_BITS, 0)
const MATCH_BASE = bases(MATCH_BITS, 3)

const twice = (n: number, length: number): number[] => new Array<number>(length).fill(n)

const DEFAULT_LITERALS = statesOf(
  [4, 3, ...twice(2, 11), 1, 1, 1, ...twice(2, 9), 3, 2, ...twice(1, 5), ...twice(-1, 4)],
  6,
)
const DEFAULT_MATCHES = statesOf([1, 4, 3, ...twice(2, 6), ...twice(1, 37), ...twice(-1, 7)], 6)
const DEFAULT_OFFSETS = statesOf([...twice(1, 6), 2, 2, 2, ...twice(1, 15), ...twice(-1, 5)], 5)

/** The table of a distribution, in which −1 stands for "less than one". */
function statesOf(counts: ArrayLike<number>, log: number): States {
  const size = 1 << log
  const symbols = new Uint8Array(size)
  const next = new Int32Array(counts.length)
  let high = size
  for (let s = 0; s < counts.length; s++) {
    if (counts[s] === -1) symbols[--high] = s
    next[s] = Math.abs(counts[s]!)
  }
  const step = (size >> 1) + (size >> 3) + 3
  let at = 0
  for (let s = 0; s < counts.length; s++) {
    for (let i = 0; i < counts[s]!; i++) {
      symbols[at] = s
      do at = (at + step) & (size - 1)
      while (at >= high)
    }
  }
  const table = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const state = next[symbols[i]!]!++
    const bits = log - 31 + Math.clz32(state)
    table[i] = (((state << bits) - size) << 16) | (bits << 8) | symbols[i]!
  }
  return { log, table }
}

function huffmanOf(weights: Uint8Array, count: number): Huffman {
  let sum = 0
  for (let i = 0; i < count; i++) {
    if (weights[i]! > 11) throw damaged()
    if (weights[i]! > 0) sum += 1 << (weights[i]! - 1)
  }
  if (sum === 0) throw damaged()
  const log = 32 - Math.clz32(sum)
  const size = 1 << log
  const rest = size - sum
  if (log > 11 || (rest & (rest - 1)) !== 0 || count > 255) throw damaged()
  weights[count] = 32 - Math.clz32(rest) // the last weight is the one that makes the sum a power of two
  const starts = new Int32Array(13)
  for (let i = 0; i <= count; i++) if (weights[i]! > 0) starts[weights[i]! + 1]! += 1 << (weights[i]! - 1)
  for (let w = 1; w < 13; w++) starts[w]! += starts[w - 1]!
  const one = new Uint16Array(size)
  for (let i = 0; i <= count; i++) {
    const weight = weights[i]!
    if (weight === 0) continue
    const from = starts[weight]!
    starts[weight] = from + (1 << (weight - 1))
    one.fill(i | ((log + 1 - weight) << 8), from, starts[weight])
  }
  const two = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const [first, firstBits] = [one[i]! & 255, one[i]! >> 8]
    const then = one[(i << firstBits) & (size - 1)]!
    const bits = firstBits + (then >> 8)
    two[i] =
      bits <= log ? first | ((then & 255) << 8) | (bits << 16) | (2 << 24) : first | (firstBits << 16) | (1 << 24)
  }
  return { log, one, two }
}

export class ZstdDecoder {
  #in = new Uint8Array(1 << 16)
  #bits: DataView = new DataView(this.#in.buffer)
  #end = 0
  #at = 0
  #out = new Uint8Array(1 << 16)
  #outView: DataView = new DataView(this.#out.buffer)
  #size = 0
  #filled = 0
  #literals = new Uint8Array((1 << 17) + ROOM)
  #literalView: DataView = new DataView(this.#literals.buffer)
  readonly #weights = new Uint8Array(260)
  readonly #counts = new Int16Array(256)
  #huffman: Huffman | null = null
  #literalStates: States | null = null
  #offsetStates: States | null = null
  #matchStates: States | null = null
  readonly #recent = new Int32Array(3)

  /** The unpacked bytes, of which there are `size`. They stand in a buffer that the next call writes. */
  unpack(packed: Uint8Array, size: number): Uint8Array {
    if (packed.length + 2 * ROOM > this.#in.length) {
      this.#in = new Uint8Array(2 * packed.length + 2 * ROOM)
      this.#bits = new DataView(this.#in.buffer)
    }
    if (size + ROOM > this.#out.length) {
      this.#out = new Uint8Array(size + (size >> 2) + ROOM)
      this.#outView = new DataView(this.#out.buffer)
    }
    this.#in.set(packed, ROOM)
    this.#at = ROOM
    this.#end = ROOM + packed.length
    this.#in.fill(0, this.#end, this.#end + ROOM)
    this.#size = size
    this.#filled = 0
    while (this.#at < this.#end) this.#frame()
    if (this.#filled !== size) throw damaged()
    return this.#out.subarray(0, size)
  }

  /** Steps over bytes and gives where they begin. */
  #skip(length: number): number {
    const at = this.#at
    this.#at = at + length
    if (this.#at > this.#end) throw damaged()
    return at
  }

  #frame(): void {
    const bytes = this.#in
    const magic = this.#bits.getUint32(this.#skip(4), true)
    if (magic >>> 4 === 0x184d2a5) {
      this.#skip(this.#bits.getUint32(this.#skip(4), true))
      return
    }
    if (magic !== 0xfd2fb528) throw damaged()
    const flags = bytes[this.#skip(1)]!
    const single = (flags >> 5) & 1
    if ((flags & 8) !== 0) throw damaged()
    if ((flags & 3) !== 0) throw new Error('its ZSTD data need a dictionary')
    const sizeBytes = flags >> 6 === 0 ? single : 1 << (flags >> 6)
    this.#skip(1 - single + sizeBytes) // the window and the size, which are not needed
    this.#huffman = this.#literalStates = this.#offsetStates = this.#matchStates = null
    this.#recent.set([1, 4, 8])
    const start = this.#filled
    for (let last = false; !last;) {
      const at = this.#skip(3)
      const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
      last = (header & 1) === 1
      const size = header >>> 3
      const kind = (header >> 1) & 3
      if (kind === 2) {
        const from = this.#skip(size)
        this.#block(from, this.#at, start)
      } else if (kind < 2) {
        const to = this.#filled + size
        if (to > this.#size) throw damaged()
        if (kind === 1) this.#out.fill(bytes[this.#skip(1)]!, this.#filled, to)
        else {
          const from = this.#skip(size)
          this.#out.set(bytes.subarray(from, from + size), this.#filled)
        }
        this.#filled = to
      } else throw damaged()
    }
    if ((flags & 4) !== 0) this.#skip(4)
  }

  #block(from: number, to: number, start: number): void {
    const bytes = this.#in
    this.#at = from
    const literals = this.#readLiterals(to)
    if (this.#at >= to) throw damaged()
    let count = bytes[this.#at++]!
    if (count === 255) {
      count = bytes[this.#at]! + (bytes[this.#at + 1]! << 8) + 0x7f00
      this.#at += 2
    } else if (count > 127) count = ((count - 128) << 8) | bytes[this.#at++]!
    let used = 0
    if (count > 0) {
      const modes = bytes[this.#at++]!
      if ((modes & 3) !== 0) throw damaged()
      this.#literalStates = this.#states(modes >> 6, this.#literalStates, DEFAULT_LITERALS, 9, 35)
      this.#offsetStates = this.#states((modes >> 4) & 3, this.#offsetStates, DEFAULT_OFFSETS, 8, 31)
      this.#matchStates = this.#states((modes >> 2) & 3, this.#matchStates, DEFAULT_MATCHES, 9, 52)
      if (this.#at >= to) throw damaged()
      used = this.#sequences(count, to, start, literals)
    }
    const rest = literals - used
    if (this.#filled + rest > this.#size) throw damaged()
    this.#out.set(this.#literals.subarray(used, literals), this.#filled)
    this.#filled += rest
    this.#at = to
  }

  /** Reads literals and gives how many they are. */
  #readLiterals(to: number): number {
    const bytes = this.#in
    const first = bytes[this.#at]!
    const kind = first & 3
    const form = (first >> 2) & 3
    const word = this.#bits.getUint32(this.#at, true)
    if (kind < 2) {
      const length = form === 1 ? 2 : form === 3 ? 3 : 1
      const size = length === 1 ? first >> 3 : length === 2 ? (word & 0xffff) >> 4 : (word & 0xffffff) >> 4
      this.#at += length
      this.#holdLiterals(size)
      if (kind === 1) this.#literals.fill(bytes[this.#at++]!, 0, size)
      else {
        if (this.#at + size > to) throw damaged()
        this.#literals.set(bytes.subarray(this.#at, this.#at + size))
        this.#at += size
      }
      return size
    }
    const width = form < 2 ? 10 : form === 2 ? 14 : 18
    const size = (word >>> 4) & ((1 << width) - 1)
    const packed =
      width === 10 ? (word >>> 14) & 1023 : width === 14 ? word >>> 18 : (word >>> 22) | (bytes[this.#at + 4]! << 10)
    this.#at += width === 10 ? 3 : width === 14 ? 4 : 5
    const end = this.#at + packed
    if (end > to) throw damaged()
    this.#holdLiterals(size)
    if (kind === 2) this.#huffman = this.#readHuffman(end)
    if (this.#huffman === null || this.#at >= end) throw damaged()
    if (form === 0) this.#stream(this.#huffman, this.#at, end, 0, size)
    else this.#streams(this.#huffman, this.#at, end, size)
    this.#at = end
    return size
  }

  #holdLiterals(size: number): void {
    if (size > 1 << 17) throw damaged() // the greatest block
  }

  #readHuffman(to: number): Huffman {
    const bytes = this.#in
    const weights = this.#weights
    const header = bytes[this.#at++]!
    let count = 0
    if (header >= 128) {
      count = header - 127
      const end = this.#at + ((count + 1) >> 1)
      if (end > to) throw damaged()
      for (let i = 0; i < count; i++) {
        const byte = bytes[this.#at + (i >> 1)]!
        weights[i] = (i & 1) === 0 ? byte >> 4 : byte & 15
      }
      this.#at = end
      return huffmanOf(weights, count)
    }
    const end = this.#at + header
    if (end > to || header === 0) throw damaged()
    const { log, table } = this.#readStates(6, 255)
    if (this.#at >= end) throw damaged()
    const start = this.#at << 3
    let pos = this.#top(end)
    let [a, b, aBits, bBits] = [0, 0, log, log]
    for (;;) {
      pos -= aBits
      if (pos < start || count > 255) break
      a += (this.#bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << aBits) - 1)
      weights[count++] = table[a]! & 255
      pos -= bBits
      if (pos < start) break
      b += (this.#bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << bBits) - 1)
      weights[count++] = table[b]! & 255
      aBits = (table[a]! >> 8) & 255
      a = table[a]! >> 16
      bBits = (table[b]! >> 8) & 255
      b = table[b]! >> 16
    }
    if (pos >= start) throw damaged()
    this.#at = end
    return huffmanOf(weights, count)
  }

  /** The bit at which the stream that ends at a byte begins, to be read downwards. */
  #top(end: number): number {
    const last = this.#in[end - 1]!
    if (last === 0) throw damaged()
    return (end << 3) - 8 + 31 - Math.clz32(last)
  }

  #states(mode: number, before: States | null, usual: States, log: number, highest: number): States {
    if (mode === 0) return usual
    if (mode === 2) return this.#readStates(log, highest)
    if (mode === 3) {
      if (before === null) throw damaged()
      return before
    }
    const symbol = this.#in[this.#at++]!
    if (symbol > highest) throw damaged()
    return { log: 0, table: Int32Array.of(symbol) }
  }

  #readStates(most: number, highest: number): States {
    const counts = this.#counts.fill(0)
    const log = (this.#in[this.#at]! & 15) + 5
    if (log > most) throw damaged()
    let bit = (this.#at << 3) + 4
    let left = 1 << log
    let symbol = 0
    const peek = (): number => this.#bits.getUint32(bit >> 3, true) >>> (bit & 7)
    while (left > 0 && symbol <= highest) {
      const bits = 31 - Math.clz32(left + 1)
      const low = (1 << bits) - 1
      const less = 2 * low - left // so many values take a bit less
      let value = peek() & (2 * low + 1)
      if ((value & low) < less) {
        value &= low
        bit += bits
      } else {
        if (value > low) value -= less
        bit += bits + 1
      }
      counts[symbol++] = --value
      left -= Math.abs(value)
      if (value !== 0) continue
      for (let repeat = 3; repeat === 3;) {
        repeat = peek() & 3
        bit += 2
        symbol += repeat
        if (symbol > 255) throw damaged()
      }
    }
    if (left !== 0 || symbol > highest + 1) throw damaged()
    this.#at = (bit + 7) >> 3
    if (this.#at > this.#end) throw damaged()
    return statesOf(counts.subarray(0, symbol), log)
  }

  #streams(huffman: Huffman, from: number, end: number, size: number): void {
    if (from + 6 > end) throw damaged()
    const bits = this.#bits
    const each = (size + 3) >> 2
    const a = from + 6
    const b = a + bits.getUint16(from, true)
    const c = b + bits.getUint16(from + 2, true)
    const d = c + bits.getUint16(from + 4, true)
    if (d >= end || b === a || c === b || d === c || 3 * each > size) throw damaged()
    const { log, two } = huffman
    const out = this.#literals
    const mask = (1 << log) - 1
    const high = 24 - log
    let [p, q, r, s] = [this.#top(b) - 24, this.#top(c) - 24, this.#top(d) - 24, this.#top(end) - 24]
    let [i, j, k, l] = [0, each, 2 * each, 3 * each]
    const [pEnd, qEnd, rEnd, sEnd] = [a << 3, b << 3, c << 3, d << 3]
    const [iEnd, jEnd, kEnd, lEnd] = [each - 4, 2 * each - 4, 3 * each - 4, size - 4]
    while (p >= pEnd && q >= qEnd && r >= rEnd && s >= sEnd && i <= iEnd && j <= jEnd && k <= kEnd && l <= lEnd) {
      let word = bits.getUint32(p >> 3, true) >>> (p & 7)
      let entry = two[(word >>> high) & mask]!
      let taken = (entry >> 16) & 255
      out[i] = entry
      out[i + 1] = entry >> 8
      i += entry >> 24
      entry = two[(word >>> (high - taken)) & mask]!
      out[i] = entry
      out[i + 1] = entry >> 8
      i += entry >> 24
      p -= taken + ((entry >> 16) & 255)

      word = bits.getUint32(q >> 3, true) >>> (q & 7)
      entry = two[(word >>> high) & mask]!
      taken = (entry >> 16) & 255
      out[j] = entry
      out[j + 1] = entry >> 8
      j += entry >> 24
      entry = two[(word >>> (high - taken)) & mask]!
      out[j] = entry
      out[j + 1] = entry >> 8
      j += entry >> 24
      q -= taken + ((entry >> 16) & 255)

      word = bits.getUint32(r >> 3, true) >>> (r & 7)
      entry = two[(word >>> high) & mask]!
      taken = (entry >> 16) & 255
      out[k] = entry
      out[k + 1] = entry >> 8
      k += entry >> 24
      entry = two[(word >>> (high - taken)) & mask]!
      out[k] = entry
      out[k + 1] = entry >> 8
      k += entry >> 24
      r -= taken + ((entry >> 16) & 255)

      word = bits.getUint32(s >> 3, true) >>> (s & 7)
      entry = two[(word >>> high) & mask]!
      taken = (entry >> 16) & 255
      out[l] = entry
      out[l + 1] = entry >> 8
      l += entry >> 24
      entry = two[(word >>> (high - taken)) & mask]!
      out[l] = entry
      out[l + 1] = entry >> 8
      l += entry >> 24
      s -= taken + ((entry >> 16) & 255)
    }
    this.#codes(huffman, p + 24, a << 3, i, each)
    this.#codes(huffman, q + 24, b << 3, j, 2 * each)
    this.#codes(huffman, r + 24, c << 3, k, 3 * each)
    this.#codes(huffman, s + 24, d << 3, l, size)
  }

  #stream(huffman: Huffman, from: number, end: number, first: number, to: number): void {
    this.#codes(huffman, this.#top(end), from << 3, first, to)
  }

  /** Fills literals from the codes below the bit `top`; the last of them begins at the bit `bottom`. */
  #codes({ log, one }: Huffman, top: number, bottom: number, first: number, to: number): void {
    const bits = this.#bits
    const out = this.#literals
    const mask = (1 << log) - 1
    let pos = top - log
    for (let i = first; i < to; i++) {
      const entry = one[(bits.getUint32(pos >> 3, true) >>> (pos & 7)) & mask]!
      out[i] = entry
      pos -= entry >> 8
      if (pos + log < bottom) throw damaged()
    }
    if (pos + log !== bottom) throw damaged()
  }

  /** Runs the sequences of a block and gives how many literals they took. */
  #sequences(count: number, to: number, start: number, literals: number): number {
    const bits = this.#bits
    const bottom = this.#at << 3
    const recent = this.#recent
    const size = this.#size
    const [out, view, from] = [this.#out, this.#outView, this.#literalView]
    const { log: literalLog, table: literalTable } = this.#literalStates!
    const { log: offsetLog, table: offsetTable } = this.#offsetStates!
    const { log: matchLog, table: matchTable } = this.#matchStates!
    let pos = this.#top(to) - literalLog
    let literal = literalTable[(bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << literalLog) - 1)]!
    pos -= offsetLog
    let offset = offsetTable[(bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << offsetLog) - 1)]!
    pos -= matchLog
    let match = matchTable[(bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << matchLog) - 1)]!
    let [r0, r1, r2] = [recent[0]!, recent[1]!, recent[2]!]
    let at = this.#filled
    let taken = 0
    for (let left = count; left > 0; left--) {
      let wide = offset & 255
      let distance = 1 << wide
      if (wide > 24) {
        wide -= 16
        pos -= wide
        distance += ((bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << wide) - 1)) * 65_536
        wide = 16
      }
      pos -= wide
      distance += (bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << wide) - 1)
      const matchCode = match & 255
      const matchBits = MATCH_BIT[matchCode]!
      pos -= matchBits
      const length = MATCH_BASE[matchCode]! + ((bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << matchBits) - 1))
      const literalCode = literal & 255
      const literalBits = LITERAL_BIT[literalCode]!
      pos -= literalBits
      const run =
        LITERAL_BASE[literalCode]! + ((bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << literalBits) - 1))
      if (left > 1) {
        let width = (literal >> 8) & 255
        pos -= width
        if (pos < bottom) throw damaged()
        literal = literalTable[(literal >> 16) + ((bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << width) - 1))]!
        width = (match >> 8) & 255
        pos -= width
        match = matchTable[(match >> 16) + ((bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << width) - 1))]!
        width = (offset >> 8) & 255
        pos -= width
        offset = offsetTable[(offset >> 16) + ((bits.getUint32(pos >> 3, true) >>> (pos & 7)) & ((1 << width) - 1))]!
      }
      if (distance > 3) {
        distance -= 3
        r2 = r1
        r1 = r0
        r0 = distance
      } else {
        const which = run === 0 ? distance : distance - 1
        if (which === 0) distance = r0
        else {
          distance = which === 1 ? r1 : which === 2 ? r2 : r0 - 1
          if (which > 1) r2 = r1
          r1 = r0
          r0 = distance
        }
      }
      if (taken + run > literals || at + run + length > size) throw damaged()
      const copied = at + run
      for (let source = taken; at < copied; at += 4, source += 4) view.setInt32(at, from.getInt32(source, true), true)
      taken += run
      at = copied
      if (distance <= 0 || distance > at - start) throw damaged()
      const end = at + length
      if (distance >= 4) for (; at < end; at += 4) view.setInt32(at, view.getInt32(at - distance, true), true)
      else for (; at < end; at++) out[at] = out[at - distance]!
      at = end
    }
    if (pos !== bottom) throw damaged()
    recent[0] = r0
    recent[1] = r1
    recent[2] = r2
    this.#filled = at
    return taken
  }
}
