/**
 * LZ4 frames, as Arrow packs its buffers in. In those that are read checksums are stepped over, and a block may refer to
 * the blocks before it; those that are written have neither.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */

/** The bytes that a frame holds, of which there are so many. */
export function lz4Frame(bytes: Uint8Array, length: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw new Error('a buffer is no LZ4 frame')
  const flags = bytes[4]!
  const blockChecksums = (flags & 16) !== 0
  let at = 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0)
  const out = new Uint8Array(length)
  let to = 0
  for (;;) {
    const size = view.getUint32(at, true)
    at += 4
    if (size === 0) break
    const end = at + (size & 0x7fff_ffff)
    if (end > bytes.length) throw new Error('an LZ4 block ends before its bytes do')
    if (size >>> 31 === 1) {
      if (to + end - at > length) throw new Error('an LZ4 frame holds more than it says')
      out.set(bytes.subarray(at, end), to)
      to += end - at
    } else to = block(bytes, at, end, out, to)
    at = end + (blockChecksums ? 4 : 0)
  }
  if (to !== length) throw new Error(`an LZ4 frame holds ${to} bytes and says ${length}`)
  return out
}

/** Unpacks one block and gives where the output then ends. */
function block(bytes: Uint8Array, from: number, end: number, out: Uint8Array, start: number): number {
  let at = from
  let to = start
  const more = (length: number): number => {
    let sum = length
    if (length < 15) return sum
    for (let byte = 255; byte === 255; sum += byte) byte = bytes[at++] ?? 0
    return sum
  }
  while (at < end) {
    const token = bytes[at++]!
    const literals = more(token >> 4)
    if (at + literals > end || to + literals > out.length) throw new Error('an LZ4 block is damaged')
    out.set(bytes.subarray(at, at + literals), to)
    at += literals
    to += literals
    if (at >= end) return to
    const back = bytes[at]! | (bytes[at + 1]! << 8)
    at += 2
    const length = more(token & 15) + 4
    if (back === 0 || back > to || to + length > out.length) throw new Error('an LZ4 block is damaged')
    for (let i = 0; i < length; i++, to++) out[to] = out[to - back]!
  }
  return to
}

/** The mark, blocks of up to 4 MB that stand alone, no checksums but that of these two bytes. */
const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73)
const BLOCK = 1 << 22
const HASH_BITS = 15
/** How far back a match may lie. */
const FAR = 65_535
const SHORTEST = 4
/** A block ends in so many literals at least. */
const LAST = 5
/** No match begins among so many bytes at the end of a block. */
const END = 12
/** After so many places without a match, places are left out. */
const PATIENCE_BITS = 6

/** Packs bytes; a block that would not be smaller stands as it is. */
export function toLz4Frame(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK)
  const out = new Uint8Array(HEADER.length + bytes.length + Math.ceil(bytes.length / 255) + blocks * 20 + 4)
  const view = new DataView(out.buffer)
  const places = new Int32Array(1 << HASH_BITS)
  out.set(HEADER)
  let at = HEADER.length
  for (let from = 0; from < bytes.length; from += BLOCK) {
    const block = bytes.subarray(from, from + BLOCK)
    let size = packBlock(block, out, at + 4, places) - at - 4
    const asItIs = size >= block.length
    if (asItIs) {
      out.set(block, at + 4)
      size = block.length
    }
    view.setUint32(at, asItIs ? size | 0x8000_0000 : size, true)
    at += 4 + size
  }
  view.setUint32(at, 0, true)
  return out.subarray(0, at + 4)
}

/** Packs a block by the last place of each four bytes, and gives where the output then ends. */
function packBlock(bytes: Uint8Array, out: Uint8Array, start: number, places: Int32Array): number {
  const { length } = bytes
  const word = (at: number): number =>
    bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  places.fill(-1)
  let to = start
  let literals = 0
  const more = (count: number): void => {
    let rest = count - 15
    for (; rest >= 255; rest -= 255) out[to++] = 255
    out[to++] = rest
  }
  const sequence = (end: number, back: number, match: number): void => {
    const count = end - literals
    const extra = back === 0 ? 0 : match - SHORTEST
    out[to++] = (Math.min(count, 15) << 4) | Math.min(extra, 15)
    if (count >= 15) more(count)
    out.set(bytes.subarray(literals, end), to)
    to += count
    if (back === 0) return
    out[to++] = back & 255
    out[to++] = back >> 8
    if (extra >= 15) more(extra)
  }
  let misses = 0
  for (let at = 0; at < length - END;) {
    const four = word(at)
    const hash = Math.imul(four, -1_640_531_535) >>> (32 - HASH_BITS)
    const found = places[hash]!
    places[hash] = at
    if (found < 0 || at - found > FAR || word(found) !== four) {
      at += 1 + (misses++ >> PATIENCE_BITS)
      continue
    }
    let match = SHORTEST
    while (at + match < length - LAST && bytes[found + match] === bytes[at + match]) match++
    sequence(at, at - found, match)
    at += match
    literals = at
    misses = 0
  }
  sequence(length, 0, 0)
  return to
}
