/**
 * The framing of Arrow IPC: messages one after another, each a flatbuffer that says how long its body is. Streams and
 * files share it; a file wraps a stream in marks and a footer that says where its record batches stand.
 */

/** What a message is about, by the numbers of the format. */
export const SCHEMA = 1
export const DICTIONARY_BATCH = 2
export const RECORD_BATCH = 3

export interface MessageHead {
  readonly kind: number
  /** Bytes from the start of the message to its body. */
  readonly headLength: number
  readonly bodyLength: number
}

export const PREFIX = 8

/** The length of the flatbuffer and where it begins, from the first eight bytes; null at the mark of the end. */
export function prefixOf(bytes: Uint8Array): { start: number; length: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = view.getInt32(0, true)
  const [start, length] = first === -1 ? [8, view.getInt32(4, true)] : [4, first]
  if (length === 0) return null
  if (length < 0 || length > 1 << 28) throw new Error(`a message says that its head has ${length} bytes`)
  return { start, length }
}

/** Reads the head of a message from its flatbuffer, which begins at `start` of the message. */
export function headOf(flatbuffer: Uint8Array, start: number): MessageHead {
  const view = new DataView(flatbuffer.buffer, flatbuffer.byteOffset, flatbuffer.byteLength)
  const root = view.getUint32(0, true)
  const kind = fieldAt(view, root, 1)
  const body = fieldAt(view, root, 3)
  const bodyLength = body === 0 ? 0 : Number(view.getBigInt64(body, true))
  if (bodyLength < 0) throw new Error(`a message says that its body has ${bodyLength} bytes`)
  return { kind: kind === 0 ? 0 : view.getUint8(kind), headLength: start + flatbuffer.length, bodyLength }
}

/** Where the value of a field of a flatbuffer's table stands; 0 when it is left out. */
function fieldAt(view: DataView, table: number, field: number): number {
  const vtable = table - view.getInt32(table, true)
  const entry = 4 + 2 * field
  if (entry >= view.getUint16(vtable, true)) return 0
  const offset = view.getUint16(vtable + entry, true)
  return offset === 0 ? 0 : table + offset
}

/** Where a record batch stands in a file. */
export interface Block {
  readonly offset: number
  readonly headLength: number
  readonly bodyLength: number
}

/** Writes the places of record batches into the footer at the end of a file that has as many empty ones. */
export function placeBlocks(tail: Uint8Array, blocks: readonly Block[]): void {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  const length = view.getInt32(tail.length - 10, true)
  const footer = new DataView(tail.buffer, tail.byteOffset + tail.length - 10 - length, length)
  const field = fieldAt(footer, footer.getUint32(0, true), 3)
  const vector = field + footer.getUint32(field, true)
  for (const [i, block] of blocks.entries()) {
    const at = vector + 4 + i * 24
    footer.setBigInt64(at, BigInt(block.offset), true)
    footer.setInt32(at + 8, block.headLength, true)
    footer.setBigInt64(at + 16, BigInt(block.bodyLength), true)
  }
}
