import type {
  Batch as ArrowBatch,
  Column as ArrowColumn,
  DataType as ArrowType,
  Field as ArrowField,
} from '@uwdata/flechette'
import { CompressionType, getCompressionCodec, setCompressionCodec, tableFromIPC, Type } from '@uwdata/flechette'
import { columnOf } from './builder.ts'
import { concat, flatArray, take, type Column, type FlatArray, type TextColumn } from './column.ts'
import { DataError } from './errors.ts'
import { scalar, sameType, type DataType, type Field, type Nullable } from './type.ts'

/**
 * Columns of the Arrow format as ours, by its columnar specification: bitmaps become a byte a row, times of any unit
 * microseconds, dictionaries of text keep their codes. What no type of ours holds is refused by name.
 */

/** The part of an in-memory Arrow table that is read: what flechette's `tableFromIPC` gives. */
export interface ArrowTableLike {
  readonly schema: { readonly fields: readonly ArrowField[] }
  readonly children: readonly { readonly data: readonly ArrowBatch<unknown>[] }[]
}

/** The key of a field's metadata under which our own files note of which type a 64-bit integer is. */
export const KIND_KEY = 'millrace.kind'

/** What was seen while reading and is worth a warning. */
export interface ArrowNotes {
  /** A timestamp was finer than a microsecond. */
  cut: boolean
}

class Unmapped extends Error {}

/** The field of ours that holds an Arrow field's values; a 64-bit integer is `int64` unless `wide` says otherwise. */
export function fieldFromArrow(field: ArrowField, wide: boolean, where: string): Field {
  try {
    return { name: field.name, ...nullableFrom(field, wide) }
  } catch (problem) {
    if (!(problem instanceof Unmapped)) throw problem
    const text = `${where}: column "${field.name}" cannot be read: ${problem.message}. Leave it out when the file is written, or declare a schema without it.`
    throw new DataError('unreadable-column', text, { column: field.name })
  }
}

function nullableFrom(field: ArrowField, wide: boolean): Nullable {
  const noted = field.metadata?.get(KIND_KEY)
  return {
    type: typeFrom(field.type, noted === undefined ? wide : noted === 'bigint'),
    nullable: field.nullable || field.type.typeId === Type.Null,
  }
}

function typeFrom(type: ArrowType, wide: boolean): DataType {
  switch (type.typeId) {
    case Type.Null:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return scalar('utf8')
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return scalar('binary')
    case Type.Bool:
      return scalar('bool')
    case Type.Int:
      if (type.bitWidth === 64) return scalar(wide ? 'bigint' : 'int64')
      return scalar(type.bitWidth === 32 && !type.signed ? 'int64' : 'int32')
    case Type.Float:
      return scalar(type.precision === 2 ? 'float64' : 'float32')
    case Type.Decimal:
      if (type.precision > 18)
        throw new Unmapped(`it is a decimal of ${type.precision} digits, and decimals have at most 18`)
      if (type.scale < 0 || type.scale > type.precision)
        throw new Unmapped(`it is a decimal with a scale of ${type.scale}`)
      return { kind: 'decimal', precision: type.precision, scale: type.scale }
    case Type.Date:
      return scalar('date')
    case Type.Timestamp:
      return scalar('timestamp')
    case Type.Time:
    case Type.Duration:
      return scalar('duration')
    case Type.List:
    case Type.LargeList:
      return { kind: 'list', item: nullableFrom(type.children[0], wide) }
    case Type.FixedSizeList: {
      const item = nullableFrom(type.children[0]!, wide)
      const float = item.type.kind === 'float32' || item.type.kind === 'float64'
      return float ? { kind: 'vector', size: type.stride, sparse: false } : { kind: 'list', item }
    }
    case Type.Struct:
      return {
        kind: 'struct',
        fields: type.children.map(child => ({ name: child.name, ...nullableFrom(child, wide) })),
      }
    case Type.Map: {
      const [key, value] = (type.children[0].type as { children: [ArrowField, ArrowField] }).children
      return { kind: 'map', key: nullableFrom(key, wide).type, value: nullableFrom(value, wide) }
    }
    case Type.Dictionary:
      return typeFrom(type.dictionary, wide)
    default:
      throw new Unmapped(`its type is ${nameOf(type)}`)
  }
}

function nameOf(type: ArrowType): string {
  const known = Object.entries(Type).find(([, id]) => id === type.typeId)
  return known === undefined ? `of kind ${type.typeId}` : known[0]
}

/** True when a 64-bit integer in a batch lies beyond ±(2^53 − 1). */
export function isWideArrow(batch: ArrowBatch<unknown>): boolean {
  const { type } = batch
  if (type.typeId === Type.Dictionary) {
    return dictionaryOf(batch).data.some(isWideArrow)
  }
  if (type.typeId !== Type.Int || type.bitWidth !== 64) return (batch.children ?? []).some(isWideArrow)
  const values = batch.values as BigInt64Array | BigUint64Array
  for (let i = 0; i < batch.length; i++) {
    const value = values[i]!
    if ((value > MAX || value < -MAX) && present(batch, i)) return true
  }
  return false
}

const MAX = BigInt(Number.MAX_SAFE_INTEGER)

function present(batch: ArrowBatch<unknown>, i: number): boolean {
  return batch.nullCount === 0 || !hasBitmap(batch) || (batch.validity[i >> 3]! & (1 << (i & 7))) !== 0
}

function hasBitmap(batch: ArrowBatch<unknown>): boolean {
  return batch.validity !== undefined && batch.validity.length > 0
}

function dictionaryOf(batch: ArrowBatch<unknown>): ArrowColumn<unknown> {
  return (batch as ArrowBatch<unknown> & { readonly dictionary: ArrowColumn<unknown> }).dictionary
}

/** Turns batches into columns, keeping the dictionaries that batches share. */
export class ArrowReader {
  readonly #notes: ArrowNotes
  readonly #dictionaries = new WeakMap<object, Column>()

  constructor(notes: ArrowNotes) {
    this.#notes = notes
  }

  /** A batch as a column of the type that {@link fieldFromArrow} gave. Fails on a value that the type does not hold. */
  column(batch: ArrowBatch<unknown>, of: Nullable): Column {
    const { type, length } = batch
    const valid = validOf(batch)
    if (valid !== null && !of.nullable) throw new Error(`row ${valid.indexOf(0)} is null, and the type has no nulls`)
    const rows = { type: of.type, length, valid }
    const flat = (values: FlatArray): Column => ({ ...rows, layout: 'flat', values })
    switch (type.typeId) {
      case Type.Null:
        return { ...rows, layout: 'text', strings: [''], codes: new Int32Array(length) }
      case Type.Bool: {
        const values = new Uint8Array(length)
        const bits = batch.values as Uint8Array
        for (let i = 0; i < length; i++) values[i] = (bits[i >> 3]! >> (i & 7)) & 1
        return flat(values)
      }
      case Type.Int:
        if (type.bitWidth === 64) return flat(wideIntegers(batch, valid, of.type, type.signed))
        return flat(copied(batch.values as Int32Array, of.type, length))
      case Type.Float:
        return flat(
          type.precision === 0
            ? halves(batch.values as Uint16Array, of.type, length)
            : copied(batch.values as Float64Array, of.type, length),
        )
      case Type.Decimal:
        return flat(decimals(batch.values, type.bitWidth, length))
      case Type.Date: {
        if (batch.values instanceof Int32Array) return flat(copied(batch.values, of.type, length))
        const values = new Int32Array(length)
        for (let i = 0; i < length; i++) values[i] = Math.floor(Number(batch.values[i]) / 86_400_000)
        return flat(values)
      }
      case Type.Time:
      case Type.Timestamp:
      case Type.Duration:
        return flat(this.#micros(batch, type.unit, valid))
      case Type.Utf8:
      case Type.LargeUtf8: {
        const bytes = bufferOf(batch.values as Uint8Array)
        const strings = spans(batch, valid, (from, to) => bytes.toString('utf8', from, to), '')
        return { ...rows, layout: 'text', strings, codes: null }
      }
      case Type.Utf8View: {
        const strings = Array.from({ length }, (_, i) => (batch.at(i) ?? '') as string)
        return { ...rows, layout: 'text', strings, codes: null }
      }
      case Type.Binary:
      case Type.LargeBinary: {
        const bytes = batch.values as Uint8Array
        const values = spans(batch, valid, (from, to) => new Uint8Array(bytes.subarray(from, to)), NO_BYTES)
        return { ...rows, layout: 'bytes', values }
      }
      case Type.BinaryView:
      case Type.FixedSizeBinary: {
        const values = Array.from({ length }, (_, i) => new Uint8Array((batch.at(i) as Uint8Array | null) ?? NO_BYTES))
        return { ...rows, layout: 'bytes', values }
      }
      case Type.List:
      case Type.LargeList: {
        const items = this.column(batch.children[0]!, (of.type as DataType & { kind: 'list' }).item)
        return { ...rows, layout: 'list', offsets: offsetsOf(batch), items }
      }
      case Type.FixedSizeList:
        return this.#fixed(batch, of.type, valid, type.stride)
      case Type.Struct: {
        const { fields } = of.type as DataType & { kind: 'struct' }
        const children = fields.map((field, i) => this.#below(batch.children[i]!, field, valid))
        return { ...rows, layout: 'struct', children }
      }
      case Type.Map: {
        const map = of.type as DataType & { kind: 'map' }
        const [keys, values] = batch.children[0]!.children
        return {
          ...rows,
          layout: 'map',
          offsets: offsetsOf(batch),
          keys: this.column(keys!, { type: map.key, nullable: false }),
          items: this.column(values!, map.value),
        }
      }
      case Type.Dictionary:
        return this.#coded(batch, of.type, valid)
      default:
        throw new Error(`its type is ${nameOf(type)}`)
    }
  }

  /** A part of a struct, in which a value below a null struct is none. */
  #below(batch: ArrowBatch<unknown>, of: Nullable, above: Uint8Array | null): Column {
    if (above === null || of.nullable) return this.column(batch, of)
    return this.column(batch, { type: of.type, nullable: true })
  }

  #micros(batch: ArrowBatch<unknown>, unit: number, valid: Uint8Array | null): Float64Array {
    const { length } = batch
    const out = new Float64Array(length)
    const values = batch.values as BigInt64Array | Int32Array
    const isDate = batch.type.typeId === Type.Timestamp
    for (let i = 0; i < length; i++) {
      if (valid !== null && valid[i] === 0) continue
      const value = values[i]!
      if (unit === 3) {
        const nanos = BigInt(value)
        const micros = nanos / 1000n - (nanos < 0n && nanos % 1000n !== 0n ? 1n : 0n)
        if (micros * 1000n !== nanos) this.#notes.cut = true
        out[i] = Number(micros)
      } else out[i] = Number(value) * UNITS[unit]!
      if (!Number.isSafeInteger(out[i])) {
        throw new Error(`row ${i}: the ${isDate ? 'time' : 'duration'} ${value} is out of range`)
      }
    }
    return out
  }

  #fixed(batch: ArrowBatch<unknown>, type: DataType, valid: Uint8Array | null, size: number): Column {
    const { length } = batch
    const child = batch.children[0]!
    if (type.kind !== 'vector') {
      const offsets = Int32Array.from({ length: length + 1 }, (_, i) => i * size)
      const items = this.column(child, (type as DataType & { kind: 'list' }).item)
      return { type, length, valid, layout: 'list', offsets, items }
    }
    for (let i = 0; child.nullCount > 0 && i < length * size; i++) {
      if (!present(child, i) && (valid === null || valid[Math.floor(i / size)] === 1)) {
        throw new Error(`row ${Math.floor(i / size)} has a null within its vector`)
      }
    }
    const item = this.column(child, { type: { kind: 'float64' }, nullable: true }) as Column & { layout: 'flat' }
    const values = item.values instanceof Float64Array ? item.values : Float64Array.from(item.values as Float32Array)
    return { type, length, valid, layout: 'vector', size, values: values.subarray(0, length * size) }
  }

  #coded(batch: ArrowBatch<unknown>, type: DataType, valid: Uint8Array | null): Column {
    const { length } = batch
    const dictionary = dictionaryOf(batch)
    const entries = this.#entries(dictionary, type)
    const codes = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      if (valid !== null && valid[i] === 0) continue
      codes[i] = Number(batch.values[i])
      if (codes[i]! < 0 || codes[i]! >= entries.length)
        throw new Error(`row ${i}: there is no entry ${codes[i]} in the dictionary`)
    }
    if (entries.layout === 'text' && entries.codes === null && entries.valid === null) {
      return { type, length, valid, layout: 'text', strings: entries.strings, codes } satisfies TextColumn
    }
    if (entries.length === 0) return nulls(type, length)
    const taken = take(entries, codes, length)
    return valid === null ? taken : { ...taken, valid: both(valid, taken.valid) }
  }

  #entries(dictionary: ArrowColumn<unknown>, type: DataType): Column {
    const known = this.#dictionaries.get(dictionary)
    if (known !== undefined && sameType(known.type, type)) return known
    const parts = dictionary.data.map(batch => this.column(batch, { type, nullable: true }))
    const entries = parts.length === 1 ? parts[0]! : joined(parts)
    this.#dictionaries.set(dictionary, entries)
    return entries
  }
}

function joined(parts: readonly Column[]): Column {
  const batches = parts.filter(part => part.length > 0)
  return concat(batches.length > 0 ? batches : parts)
}

const UNITS = [1e6, 1e3, 1] as const
const NO_BYTES = new Uint8Array(0)

function nulls(type: DataType, length: number): Column {
  return take(columnOf(type, [null]), new Int32Array(length))
}

function both(a: Uint8Array, b: Uint8Array | null): Uint8Array {
  return b === null ? a : a.map((one, i) => one & b[i]!)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function validOf(batch: ArrowBatch<unknown>): Uint8Array | null {
  if (batch.type.typeId === Type.Null) return batch.length === 0 ? null : new Uint8Array(batch.length)
  if (batch.nullCount === 0 || !hasBitmap(batch)) return null
  const valid = new Uint8Array(batch.length)
  for (let i = 0; i < valid.length; i++) valid[i] = (batch.validity[i >> 3]! >> (i & 7)) & 1
  return valid.includes(0) ? valid : null
}

/** The texts or bytes between offsets; one stands in where a row is null. */
function spans<T>(
  batch: ArrowBatch<unknown>,
  valid: Uint8Array | null,
  at: (from: number, to: number) => T,
  none: T,
): T[] {
  const { offsets, length } = batch
  const out = new Array<T>(length)
  for (let i = 0; i < length; i++) {
    out[i] = valid !== null && valid[i] === 0 ? none : at(Number(offsets[i]), Number(offsets[i + 1]))
  }
  return out
}

function offsetsOf({ offsets, length }: ArrowBatch<unknown>): Int32Array {
  if (length === 0) return new Int32Array(1)
  if (offsets instanceof Int32Array) return offsets.subarray(0, length + 1)
  return Int32Array.from({ length: length + 1 }, (_, i) => Number(offsets[i]))
}

function copied(values: Int32Array | Float64Array, type: DataType, length: number): FlatArray {
  const out = flatArray(type, length) as Float64Array
  out.set(values.subarray(0, length))
  return out
}

function wideIntegers(
  batch: ArrowBatch<unknown>,
  valid: Uint8Array | null,
  type: DataType,
  signed: boolean,
): FlatArray {
  const { length } = batch
  const values = batch.values as BigInt64Array
  const out = flatArray(type, length)
  for (let i = 0; i < length; i++) {
    if (valid !== null && valid[i] === 0) continue
    const value = values[i]!
    if (out instanceof BigInt64Array) {
      if (!signed && value > 0x7fff_ffff_ffff_ffffn)
        throw new Error(`row ${i}: ${value} does not fit in a bigint of 64 bits`)
      out[i] = value
    } else {
      const number = Number(value)
      if (!Number.isSafeInteger(number)) throw new Error(`row ${i}: ${value} is beyond 2^53; declare the column bigint`)
      out[i] = number
    }
  }
  return out
}

function halves(values: Uint16Array, type: DataType, length: number): FlatArray {
  const out = flatArray(type, length) as Float32Array
  for (let i = 0; i < length; i++) {
    const bits = values[i]!
    const [exponent, fraction, sign] = [(bits >> 10) & 31, bits & 1023, bits >> 15 === 1 ? -1 : 1]
    if (exponent === 31) out[i] = fraction === 0 ? sign * Infinity : NaN
    else out[i] = exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
  return out
}

/** Unscaled decimals: at most 18 digits, so the low 64 bits say everything. */
function decimals(values: ArrowBatch<unknown>['values'], bitWidth: number, length: number): BigInt64Array {
  if (bitWidth === 32) return BigInt64Array.from({ length }, (_, i) => BigInt(values[i]!))
  const low = new BigInt64Array(values.buffer, values.byteOffset, values.byteLength / 8)
  const stride = bitWidth / 64
  return BigInt64Array.from({ length }, (_, i) => low[i * stride]!)
}

/** Unpacks the buffers of record batches: from packed bytes and their unpacked length. */
/** What packs the buffers of record batches, and unpacks them to so many bytes. */
export interface ArrowCodec {
  readonly encode: (bytes: Uint8Array) => Uint8Array
  readonly decode: (bytes: Uint8Array, length: number) => Uint8Array
}

/** Gives flechette what packs and unpacks buffers, where the program has not given it something already. */
export function installCodecs(lz4: ArrowCodec, zstd: ArrowCodec): void {
  const codecs = [
    [CompressionType.LZ4_FRAME, lz4],
    [CompressionType.ZSTD, zstd],
  ] as const
  for (const [id, codec] of codecs) if (getCompressionCodec(id) === null) setCompressionCodec(id, codec)
}

/** A table from the bytes of Arrow IPC messages; in a list none stands in two of its parts. */
export function arrowFromBytes(bytes: Uint8Array | Uint8Array[]): ArrowTableLike {
  const aligned = (part: Uint8Array): Uint8Array => (part.byteOffset % 8 === 0 ? part : new Uint8Array(part))
  return tableFromIPC(Array.isArray(bytes) ? bytes.map(aligned) : aligned(bytes))
}
