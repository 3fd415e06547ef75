/**
 * Unpacks LZ4 frames, as Arrow packs its buffers in. Checksums are stepped over; a block may refer to the blocks before it.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
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
