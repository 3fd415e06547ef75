/**
 * The framing of the pipe between a session and its user process: the length of a JSON header, the number of binary
 * buffers, their lengths, all 32-bit little-endian; then the header and the buffers.
 */
export interface Frame<Header> {
  readonly header: Header
  readonly buffers: readonly Uint8Array[]
}

export function encodeFrame(header: object, buffers: readonly Uint8Array[] = []): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const head = Buffer.alloc(8 + 4 * buffers.length)
  head.writeUInt32LE(json.length, 0)
  head.writeUInt32LE(buffers.length, 4)
  buffers.forEach((buffer, i) => head.writeUInt32LE(buffer.byteLength, 8 + 4 * i))
  return Buffer.concat([head, json, ...buffers])
}

/** Puts frames together from the chunks of a pipe. The header's type is what the other side is known to send. */
export class FrameReader<Header> {
  readonly #listen: (frame: Frame<Header>) => void
  #chunks: Buffer[] = []
  #length = 0
  #wanted = 8

  constructor(listen: (frame: Frame<Header>) => void) {
    this.#listen = listen
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#wanted) return
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    for (;;) {
      this.#wanted = frameLength(bytes)
      if (bytes.length < this.#wanted || this.#wanted === 8) break
      const frame = this.#parse(bytes)
      bytes = bytes.subarray(this.#wanted)
      this.#listen(frame)
    }
    this.#chunks = bytes.length ? [bytes] : []
    this.#length = bytes.length
  }

  #parse(bytes: Buffer): Frame<Header> {
    const count = bytes.readUInt32LE(4)
    let at = 8 + 4 * count
    const jsonEnd = at + bytes.readUInt32LE(0)
    const header = JSON.parse(bytes.toString('utf8', at, jsonEnd)) as Header
    at = jsonEnd
    const buffers: Uint8Array[] = []
    for (let i = 0; i < count; i++) {
      const end = at + bytes.readUInt32LE(8 + 4 * i)
      buffers.push(bytes.subarray(at, end))
      at = end
    }
    return { header, buffers }
  }
}

/** The length of the frame at the start of `bytes`, as far as it can be told. A whole frame is longer than 8. */
function frameLength(bytes: Buffer): number {
  if (bytes.length < 8) return 8
  const count = bytes.readUInt32LE(4)
  const head = 8 + 4 * count
  if (bytes.length < head) return head
  let length = head + bytes.readUInt32LE(0)
  for (let i = 0; i < count; i++) length += bytes.readUInt32LE(8 + 4 * i)
  return length
}
