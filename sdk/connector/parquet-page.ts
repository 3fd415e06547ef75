import { type ColumnMetaData, type Compressors } from 'hyparquet'
import { compressors as allCompressors } from 'hyparquet-compressors'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js'
import * as zlib from 'node:zlib'
import { columnOf } from '../data/builder.ts'
import { concat, take, type Column } from '../data/column.ts'
import type { DataType } from '../data/type.ts'
import { plainValues, valuesColumn, type Notes, type Stored } from './parquet-value.ts'
import type { Leaf } from './parquet-schema.ts'
import type { TextBuilder } from './text-builder.ts'
import { ZstdDecoder } from './zstd.ts'

/**
 * Decodes the column chunks of a Parquet file straight into columns: no value becomes a JavaScript object, and a
 * dictionary page of texts stays the dictionary of the column. One page is decoded in one go; reading the bytes of the
 * next gives way to other work.
 */

/** What a column chunk holds. Levels are null where all are at the highest; `values` has the present values only. */
export interface LeafValues {
  readonly slots: number
  readonly definitions: Uint8Array | null
  readonly repetitions: Uint8Array | null
  readonly values: Column
}

/** Reads bytes of the file; fewer than asked for only at its end. */
export type ReadBytes = (from: number, length: number) => Promise<Buffer>

const zstd = new ZstdDecoder()

/** Since Node 22.15. */
const zstdOfNode: unknown = Reflect.get(zlib, 'zstdDecompressSync')

const compressors: Compressors = {
  ...allCompressors,
  GZIP: input => zlib.gunzipSync(input),
  ZSTD: (input, size) =>
    typeof zstdOfNode === 'function' ? (zstdOfNode(input) as Uint8Array) : zstd.unpack(input, size),
}

/** `texts` is kept from row group to row group, so that all of them share a dictionary. */
export async function readLeaf(
  read: ReadBytes,
  chunk: ColumnMetaData,
  leaf: Leaf,
  type: DataType,
  notes: Notes,
  texts: TextBuilder,
): Promise<LeafValues> {
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset)
  const pages = new PageBytes(read, start, start + Number(chunk.total_compressed_size))
  const total = Number(chunk.num_values)
  const decoder = new LeafDecoder(chunk, leaf, type, total, notes, texts)
  while (decoder.slots < total && !pages.done) await pages.page((header, bytes) => decoder.page(header, bytes))
  return decoder.finish()
}

type Header = ReturnType<typeof parquetHeader>

/** The bytes of a chunk, fetched about a megabyte at a time. */
class PageBytes {
  readonly #read: ReadBytes
  readonly #end: number
  #at: number
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0

  constructor(read: ReadBytes, start: number, end: number) {
    this.#read = read
    this.#at = start
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  async page(decode: (header: Header, bytes: Uint8Array) => void): Promise<void> {
    let ahead = 1 << 13
    for (;;) {
      await this.#ensure(ahead)
      const from = this.#at - this.#windowAt
      const view = new DataView(this.#window.buffer, this.#window.byteOffset + from, this.#window.length - from)
      const reader = { view, offset: 0 }
      let header: Header
      try {
        header = parquetHeader(reader)
      } catch (error) {
        if (!(error instanceof RangeError) || this.#at + view.byteLength >= this.#end) throw error
        ahead = view.byteLength * 2 // the header goes on after the window
        continue
      }
      const length = reader.offset + header.compressed_page_size
      if (this.#at + length > this.#end) throw new Error('a page goes on after the end of its column chunk')
      await this.#ensure(length)
      const begin = this.#at - this.#windowAt + reader.offset
      this.#at += length
      decode(header, this.#window.subarray(begin, begin + header.compressed_page_size))
      return
    }
  }

  async #ensure(length: number): Promise<void> {
    const needed = Math.min(length, this.#end - this.#at)
    if (this.#at >= this.#windowAt && this.#at + needed <= this.#windowAt + this.#window.length) return
    const wanted = Math.min(Math.max(length, 1 << 20), this.#end - this.#at)
    this.#window = await this.#read(this.#at, wanted)
    this.#windowAt = this.#at
    if (this.#window.length < needed) throw new Error('the file ends within a column chunk: it is cut short')
  }
}

class LeafDecoder {
  readonly #chunk: ColumnMetaData
  readonly #leaf: Leaf
  readonly #type: DataType
  readonly #notes: Notes
  readonly #total: number
  /** Null while all values are present; then of the slots up to now. */
  #definitions: Uint8Array | null = null
  readonly #repetitions: Uint8Array | null
  readonly #parts: Column[] = []
  readonly #texts: TextBuilder | null
  #dictionary: Column | null = null
  #codes = new Int32Array(0)
  slots = 0

  constructor(chunk: ColumnMetaData, leaf: Leaf, type: DataType, total: number, notes: Notes, texts: TextBuilder) {
    this.#notes = notes
    this.#chunk = chunk
    this.#leaf = leaf
    this.#type = type
    this.#total = total
    this.#repetitions = leaf.repetition > 0 ? new Uint8Array(total) : null
    this.#texts = leaf.reading === 'utf8' ? texts : null
  }

  page(header: Header, bytes: Uint8Array): void {
    const size = Number(header.uncompressed_page_size)
    if (header.type === 'DICTIONARY_PAGE') {
      const page = this.#open(bytes, size)
      const stored = plainValues(page, this.#leaf, header.dictionary_page_header!.num_values)
      this.#flushTexts()
      const shared =
        stored.form === 'bytes' ? (this.#texts?.entries(stored.bytes, stored.starts, stored.ends) ?? null) : null
      this.#dictionary = shared ?? valuesColumn(stored, this.#leaf, this.#type, this.#notes)
    } else if (header.type === 'DATA_PAGE') {
      const { num_values: slots, encoding } = header.data_page_header!
      let rest = this.#open(bytes, size)
      const levels = (): Uint8Array => {
        const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0, true)
        const found = rest.subarray(4, 4 + length)
        rest = rest.subarray(4 + length)
        return found
      }
      const repetitions = this.#repetitions === null ? null : levels()
      const definitions = this.#leaf.definition === 0 ? null : levels()
      this.#values(rest, encoding, this.#levels(slots, repetitions, definitions))
    } else if (header.type === 'DATA_PAGE_V2') {
      const of = header.data_page_header_v2!
      const [r, d] = [of.repetition_levels_byte_length, of.definition_levels_byte_length]
      const packed = bytes.subarray(r + d)
      const present = this.#levels(of.num_values, bytes.subarray(0, r), bytes.subarray(r, r + d))
      const plain = of.is_compressed === false || packed.length === 0
      this.#values(plain ? packed : this.#open(packed, size - r - d), of.encoding, present)
    }
  }

  #open(bytes: Uint8Array, size: number): Uint8Array {
    return decompressPage(bytes, size, this.#chunk.codec, compressors)
  }

  /** Decodes the levels of a page and gives the number of values present. */
  #levels(slots: number, repetitions: Uint8Array | null, definitions: Uint8Array | null): number {
    const from = this.slots
    this.slots += slots
    const { definition, repetition } = this.#leaf
    if (this.slots > this.#total) throw new Error('it has more values than its footer says')
    if (this.#repetitions !== null)
      hybrid(repetitions!, bitsFor(repetition), this.#repetitions.subarray(from, this.slots))
    if (definition === 0) return slots
    if (this.#definitions === null) {
      if (isRunOf(definitions!, bitsFor(definition), definition, slots)) return slots
      this.#definitions = new Uint8Array(this.#total).fill(definition, 0, from)
    }
    const levels = this.#definitions.subarray(from, this.slots)
    hybrid(definitions!, bitsFor(definition), levels)
    let present = 0
    for (let i = 0; i < levels.length; i++) if (levels[i] === definition) present++
    return present
  }

  #values(page: Uint8Array, encoding: string, present: number): void {
    if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') {
      this.#flushTexts()
      this.#parts.push(this.#fromDictionary(page, present))
      return
    }
    const stored = this.#stored(page, encoding, present)
    if (this.#texts !== null && stored.form === 'bytes') {
      const { bytes, starts, ends } = stored
      for (let i = 0; i < present; i++) this.#texts.push(bytes, starts[i]!, ends[i]!)
    } else this.#parts.push(valuesColumn(stored, this.#leaf, this.#type, this.#notes))
  }

  #fromDictionary(page: Uint8Array, present: number): Column {
    const dictionary = this.#dictionary
    if (dictionary === null) {
      if (present > 0) throw new Error('a page refers to a dictionary that the file does not have')
      return columnOf(this.#type, [])
    }
    const kept = dictionary.layout === 'text'
    if (!kept && this.#codes.length < present) this.#codes = new Int32Array(present)
    const codes = kept ? new Int32Array(present) : this.#codes.subarray(0, present)
    if (present > 0) hybrid(page.subarray(1), page[0]!, codes)
    let highest = 0
    for (let i = 0; i < present; i++) highest = Math.max(highest, codes[i]! >>> 0)
    if (present > 0 && highest >= dictionary.length) {
      throw new Error(`a page refers to entry ${highest} of ${dictionary.length}`)
    }
    if (!kept) return take(dictionary, codes)
    const places = dictionary.codes
    if (places !== null) for (let i = 0; i < present; i++) codes[i] = places[codes[i]!]!
    return { ...dictionary, length: present, codes }
  }

  #stored(page: Uint8Array, encoding: string, present: number): Stored {
    const { type, type_length: width } = this.#leaf.element
    const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 }
    switch (encoding) {
      case 'PLAIN':
        return plainValues(page, this.#leaf, present)
      case 'RLE': {
        const values = new Uint8Array(present)
        hybrid(page.subarray(4), 1, values) // after the length of the run
        return { form: 'bool', values }
      }
      case 'DELTA_BINARY_PACKED': {
        const values = type === 'INT32' ? new Int32Array(present) : new BigInt64Array(present)
        if (present > 0) deltaBinaryUnpack(reader, present, values)
        return values instanceof Int32Array
          ? { form: 'int32', values }
          : { form: 'int64', values: new Int32Array(values.buffer) }
      }
      case 'DELTA_LENGTH_BYTE_ARRAY':
      case 'DELTA_BYTE_ARRAY': {
        const values = new Array<Uint8Array>(present)
        if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, present, values)
        else deltaLengthByteArray(reader, present, values)
        return joined(values)
      }
      case 'BYTE_STREAM_SPLIT': {
        const bytes = new Uint8Array(present * byteWidth(type, width))
        const each = bytes.length / Math.max(1, present)
        for (let b = 0, at = 0; b < each; b++) for (let i = 0; i < present; i++) bytes[i * each + b] = page[at++]!
        return plainValues(bytes, this.#leaf, present)
      }
      default:
        throw new Error(`the encoding ${encoding} cannot be read`)
    }
  }

  #flushTexts(): void {
    if (this.#texts !== null && this.#texts.length > 0) this.#parts.push(this.#texts.finish())
  }

  finish(): LeafValues {
    this.#flushTexts()
    const values = this.#parts.length === 0 ? columnOf(this.#type, []) : concat(this.#parts)
    return { slots: this.slots, definitions: this.#definitions, repetitions: this.#repetitions, values }
  }
}

function bitsFor(highest: number): number {
  return 32 - Math.clz32(highest)
}

function byteWidth(type: string | undefined, width: number | undefined): number {
  if (type === 'FIXED_LEN_BYTE_ARRAY') return width ?? 0
  return type === 'INT32' || type === 'FLOAT' ? 4 : 8
}

/** Whether one run holds `count` values or more, all of them `value`. */
function isRunOf(bytes: Uint8Array, width: number, value: number, count: number): boolean {
  if (width > 8) return false
  let at = 0
  let header = 0
  for (let shift = 0, byte = 128; byte >= 128 && shift < 32; shift += 7) {
    if (at >= bytes.length) return false
    byte = bytes[at++]!
    header |= (byte & 127) << shift
  }
  return (header & 1) === 0 && header >>> 1 >= count && bytes[at] === value
}

/** Fills `out` from runs of repeated and of bit-packed values: the RLE hybrid of the format. */
function hybrid(bytes: Uint8Array, width: number, out: Uint8Array | Int32Array): void {
  if (width === 0) return
  const whole = (width + 7) >> 3
  const mask = width === 32 ? -1 : (1 << width) - 1
  let at = 0
  let filled = 0
  while (filled < out.length) {
    if (at >= bytes.length) throw new Error('a page ends before its values do')
    let header = 0
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
      byte = bytes[at++]!
      header |= (byte & 127) << shift
    }
    if ((header & 1) === 0) {
      let value = 0
      for (let i = 0; i < whole; i++) value |= bytes[at++]! << (8 * i)
      const end = Math.min(out.length, filled + (header >>> 1))
      out.fill(value, filled, end)
      filled = end
      continue
    }
    const end = Math.min(out.length, filled + (header >>> 1) * 8)
    const next = at + (header >>> 1) * width
    if (width === 8) while (filled < end) out[filled++] = bytes[at++]!
    else if (width <= 24) filled = unpack(bytes, at, width, mask, out, filled, end)
    else filled = unpackWide(bytes, at, width, out, filled, end)
    at = next
  }
}

/** Unpacks values of up to 24 bits: four bytes hold one, and the rest of a byte before it. */
function unpack(
  bytes: Uint8Array,
  from: number,
  width: number,
  mask: number,
  out: Uint8Array | Int32Array,
  first: number,
  end: number,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const safe = Math.min(end, first + Math.floor((Math.max(0, bytes.length - from - 4) * 8) / width))
  let bit = from * 8
  let i = first
  for (; i < safe; i++, bit += width) out[i] = (view.getInt32(bit >> 3, true) >>> (bit & 7)) & mask
  for (; i < end; i++, bit += width) {
    const at = bit >> 3
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    out[i] = (word >>> (bit & 7)) & mask
  }
  return end
}

/** More than 24 bits and the rest of a byte before them do not fit into the 32 of an integer. */
function unpackWide(
  bytes: Uint8Array,
  from: number,
  width: number,
  out: Uint8Array | Int32Array,
  first: number,
  end: number,
): number {
  for (let i = first, bit = 0; i < end; i++, bit += width) {
    let value = 0
    for (let b = 0; b < width; b++) value |= ((bytes[from + ((bit + b) >> 3)]! >> ((bit + b) & 7)) & 1) << b
    out[i] = value
  }
  return end
}

function joined(values: readonly Uint8Array[]): Stored {
  const starts = new Int32Array(values.length)
  const ends = new Int32Array(values.length)
  let at = 0
  for (let i = 0; i < values.length; i++) {
    starts[i] = at
    at += values[i]!.length
    ends[i] = at
  }
  return { form: 'bytes', bytes: Buffer.concat(values), starts, ends }
}
