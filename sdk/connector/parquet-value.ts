import { flatArray, type Column } from '../data/column.ts'
import { DataError } from '../data/errors.ts'
import type { DataType } from '../data/type.ts'
import type { Leaf } from './parquet-schema.ts'

/**
 * Values as Parquet stores them, and as our columns hold them: the units of times, the two ways to hold 64-bit
 * integers, decimals in four storage forms.
 */

/** Plain stored values. 64-bit integers are pairs of low and high half, the old 96-bit timestamps triples. */
export type Stored =
  | { readonly form: 'bool'; readonly values: Uint8Array }
  | { readonly form: 'int32' | 'int64' | 'int96'; readonly values: Int32Array }
  | { readonly form: 'float32'; readonly values: Float32Array }
  | { readonly form: 'float64'; readonly values: Float64Array }
  | { readonly form: 'bytes'; readonly bytes: Buffer; readonly starts: Int32Array; readonly ends: Int32Array }

/** What was seen while reading and is worth a warning. */
export interface Notes {
  /** A timestamp was finer than a microsecond. */
  truncated: boolean
}

/** Reads `count` values in the plain encoding. */
export function plainValues(page: Uint8Array, leaf: Leaf, count: number): Stored {
  const words = (each: number): ArrayBuffer => {
    if (page.length < count * each) throw new Error('a page ends before its values do')
    return Uint8Array.from(page.subarray(0, count * each)).buffer // a copy, because views need aligned bytes
  }
  switch (leaf.element.type) {
    case 'BOOLEAN': {
      const values = new Uint8Array(count)
      for (let i = 0; i < count; i++) values[i] = (page[i >> 3]! >> (i & 7)) & 1
      return { form: 'bool', values }
    }
    case 'INT32':
      return { form: 'int32', values: new Int32Array(words(4)) }
    case 'INT64':
      return { form: 'int64', values: new Int32Array(words(8)) }
    case 'INT96':
      return { form: 'int96', values: new Int32Array(words(12)) }
    case 'FLOAT':
      return { form: 'float32', values: new Float32Array(words(4)) }
    case 'DOUBLE':
      return { form: 'float64', values: new Float64Array(words(8)) }
    default: {
      const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength)
      const starts = new Int32Array(count)
      const ends = new Int32Array(count)
      const width = leaf.element.type === 'FIXED_LEN_BYTE_ARRAY' ? (leaf.element.type_length ?? 0) : -1
      for (let i = 0, at = 0; i < count; i++) {
        const length = width >= 0 ? width : bytes.readUInt32LE(at)
        if (width < 0) at += 4
        starts[i] = at
        at += length
        ends[i] = at
        if (at > bytes.length) throw new Error('a page ends before its values do')
      }
      return { form: 'bytes', bytes, starts, ends }
    }
  }
}

/** The column of stored values, all of them present. */
export function valuesColumn(stored: Stored, leaf: Leaf, type: DataType, notes: Notes): Column {
  if (stored.form === 'bytes') return bytesColumn(stored, leaf, type)
  const { form, values } = stored
  const length = form === 'int64' ? values.length / 2 : form === 'int96' ? values.length / 3 : values.length
  const flat = (array: ReturnType<typeof flatArray>): Column => ({
    layout: 'flat',
    type,
    length,
    valid: null,
    values: array,
  })
  switch (leaf.reading) {
    case 'bigint':
      return flat(new BigInt64Array(values.buffer, values.byteOffset, length))
    case 'ubigint': {
      const array = new BigInt64Array(values.buffer, values.byteOffset, length)
      for (let i = 0; i < length; i++) {
        if (array[i]! < 0n) throw outOfRange(BigInt.asUintN(64, array[i]!), 'a bigint, which ends at 2^63 − 1')
      }
      return flat(array)
    }
    case 'decimal': {
      if (form === 'int64') return flat(new BigInt64Array(values.buffer, values.byteOffset, length))
      const array = new BigInt64Array(length)
      for (let i = 0; i < length; i++) array[i] = BigInt(values[i]!)
      return flat(array)
    }
    case 'int64':
    case 'uint64':
    case 'micros':
    case 'millis':
    case 'nanos': {
      const array = new Float64Array(length)
      if (form === 'int32') for (let i = 0; i < length; i++) array[i] = values[i]!
      else wide(values as Int32Array, leaf.reading, array, notes)
      if (leaf.reading === 'millis') for (let i = 0; i < length; i++) array[i] = array[i]! * 1000
      return flat(array)
    }
    case 'int96': {
      const array = new Float64Array(length)
      for (let i = 0; i < length; i++) {
        const nanos = (values[3 * i + 1]! >>> 0) * 2 ** 32 + (values[3 * i]! >>> 0)
        array[i] = (values[3 * i + 2]! - 2_440_588) * 86_400e6 + Math.floor(nanos / 1000)
      }
      return flat(array)
    }
    case 'uint32': {
      const array = new Float64Array(length)
      for (let i = 0; i < length; i++) array[i] = values[i]! >>> 0
      return flat(array)
    }
    default:
      return flat(values)
  }
}

/** 64-bit integers, as low and high halves, as numbers. */
function wide(halves: Int32Array, reading: Leaf['reading'], out: Float64Array, notes: Notes): void {
  if (reading === 'nanos') {
    for (let i = 0; i < out.length; i++) {
      const high = Math.floor(halves[2 * i + 1]! / 1000)
      const rest = halves[2 * i + 1]! - high * 1000
      const low = rest * 2 ** 32 + (halves[2 * i]! >>> 0)
      const whole = Math.floor(low / 1000)
      if (whole * 1000 !== low) notes.truncated = true
      out[i] = high * 2 ** 32 + whole
    }
    return
  }
  const unsigned = reading === 'uint64'
  for (let i = 0; i < out.length; i++) {
    const high = halves[2 * i + 1]!
    const value = (unsigned ? high >>> 0 : high) * 2 ** 32 + (halves[2 * i]! >>> 0)
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
      const signed = BigInt(high) * 2n ** 32n + BigInt(halves[2 * i]! >>> 0)
      const exact = unsigned ? BigInt.asUintN(64, signed) : signed
      const time = reading === 'micros' || reading === 'millis'
      if (!time) throw outOfRange(exact, "int64, which ends at ±(2^53 − 1): declare the column as 'bigint'")
      if (BigInt(value) !== exact) throw outOfRange(exact, 'a timestamp, whose microseconds a float64 holds')
    }
    out[i] = value
  }
}

function outOfRange(value: bigint, what: string): DataError {
  return new DataError('out-of-range', `${value} does not fit ${what}`)
}

function bytesColumn(stored: Stored & { form: 'bytes' }, leaf: Leaf, type: DataType): Column {
  const { bytes, starts, ends } = stored
  const length = starts.length
  const rows = { type, length, valid: null } as const
  const each = <T>(value: (from: number, to: number) => T): T[] => {
    const out = new Array<T>(length)
    for (let i = 0; i < length; i++) out[i] = value(starts[i]!, ends[i]!)
    return out
  }
  switch (leaf.reading) {
    case 'utf8':
      return { ...rows, layout: 'text', strings: each((from, to) => bytes.toString('utf8', from, to)), codes: null }
    case 'uuid':
      return {
        ...rows,
        layout: 'text',
        strings: each((from, to) => uuid(bytes.toString('hex', from, to))),
        codes: null,
      }
    case 'decimal':
      return { ...rows, layout: 'flat', values: BigInt64Array.from(each((from, to) => bigEndian(bytes, from, to))) }
    case 'float16':
      return { ...rows, layout: 'flat', values: Float32Array.from(each(from => float16(bytes.readUInt16LE(from)))) }
    default:
      return { ...rows, layout: 'bytes', values: each((from, to) => Uint8Array.from(bytes.subarray(from, to))) }
  }
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function bigEndian(bytes: Buffer, from: number, to: number): bigint {
  if (from === to) return 0n
  let value = BigInt(bytes.readInt8(from))
  for (let i = from + 1; i < to; i++) value = value * 256n + BigInt(bytes[i]!)
  return value
}

function float16(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** A column in a wider type that holds each of its values exactly; null when the type is not one. */
export function widened(column: Column, to: DataType): Column | null {
  const from = column.type.kind
  if (from === to.kind) return column
  if (column.layout === 'bytes' && to.kind === 'utf8') {
    const strings = column.values.map(bytes => Buffer.from(bytes).toString())
    return { layout: 'text', type: to, length: column.length, valid: column.valid, strings, codes: null }
  }
  if (column.layout !== 'flat' || !WIDER[from]?.includes(to.kind)) return null
  const { values, length } = column
  const out = flatArray(to, length)
  if (out instanceof BigInt64Array) for (let i = 0; i < length; i++) out[i] = BigInt(Number(values[i]))
  else if (from === 'date') for (let i = 0; i < length; i++) out[i] = Number(values[i]) * 86_400e6
  else for (let i = 0; i < length; i++) out[i] = Number(values[i])
  return { ...column, type: to, values: out }
}

const WIDER: Readonly<Record<string, readonly string[]>> = {
  int32: ['int64', 'bigint', 'float64'],
  int64: ['bigint', 'float64', 'duration'],
  float32: ['float64'],
  date: ['timestamp'],
}

/** Whether every value of the first type is one of the second. */
export function widens(from: DataType, to: DataType): boolean {
  return WIDER[from.kind]?.includes(to.kind) === true || (from.kind === 'binary' && to.kind === 'utf8')
}
