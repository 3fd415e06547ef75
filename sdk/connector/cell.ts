import { columnOf } from '../data/builder.ts'
import { flatArray, type Column, type Value } from '../data/column.ts'
import { decimalOf } from '../data/row.ts'
import { daysFromCivil, microsOf, parseTimestamp } from '../data/time.ts'
import type { DataType } from '../data/type.ts'
import { fromBase64 } from './json-value.ts'
import { TextBuilder } from './text-builder.ts'
import { isRounded } from './whole-number.ts'

/**
 * Columns under construction from the bytes of text formats. `parse` takes what JSON would write for the type, and adds
 * nothing when the bytes are something else; `parseText` then takes what only CSV writes. Neither makes a string of a
 * number or a time in its usual form.
 */
export abstract class CellColumn {
  abstract readonly length: number
  abstract parse(bytes: Buffer, from: number, to: number): boolean
  abstract parseText(text: string): boolean
  /**
   * Parses a number that begins at `from` and ends before the first byte that no number has; -1 when there is none, else
   * where it ends. Some byte that no number has must follow.
   */
  read(bytes: Buffer, from: number): number {
    let at = from
    while (isOfNumber(bytes[at]!)) at++
    return this.parse(bytes, from, at) ? at : -1
  }
  /** Adds a physical value. */
  abstract push(value: Value): void
  /** Takes the last value back. */
  abstract pop(): void
  /** The column of what was added since the last call. */
  abstract finish(): Column
}

/** With `exact`, a float column takes no whole number that it would round. */
export function cellColumn(type: DataType, exact: boolean = false): CellColumn {
  switch (type.kind) {
    case 'utf8':
      return new TextCells()
    case 'bool':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
    case 'timestamp':
    case 'date':
    case 'duration':
      return new FlatCells(type, exact)
    default:
      return new ValueCells(type)
  }
}

class TextCells extends CellColumn {
  readonly #texts = new TextBuilder()

  /** See the same of {@link TextBuilder}. */
  readText(bytes: Buffer, from: number, stop: number, quoted: boolean): number {
    return this.#texts.read(bytes, from, stop, quoted)
  }

  get length(): number {
    return this.#texts.length
  }

  parse(bytes: Buffer, from: number, to: number): boolean {
    this.#texts.push(bytes, from, to)
    return true
  }

  parseText(text: string): boolean {
    this.#texts.pushText(text)
    return true
  }

  push(value: Value): void {
    if (value === null) this.#texts.pushNull()
    else this.#texts.pushText(value as string)
  }

  pop(): void {
    this.#texts.pop()
  }

  finish(): Column {
    return this.#texts.finish()
  }
}

type Parse = (bytes: Buffer, from: number, to: number) => number

/** Values are gathered as float64, which holds those of every flat type parsed here. */
class FlatCells extends CellColumn {
  readonly #type: DataType
  readonly #exact: boolean
  readonly #parse: Parse
  /** Whether {@link read} may take a number from its digits, and then what is the greatest of them. */
  readonly #greatest: number
  readonly #fractions: boolean
  #values = new Float64Array(1024)
  #valid: Uint8Array | null = null
  length = 0

  constructor(type: DataType, exact: boolean) {
    super()
    this.#type = type
    this.#exact = exact && type.kind === 'float64'
    this.#parse = this.#exact ? parseExact : parserOf(type)
    this.#greatest = GREATEST.get(type.kind) ?? -1
    this.#fractions = type.kind === 'float64' || type.kind === 'float32'
  }

  parse(bytes: Buffer, from: number, to: number): boolean {
    const value = this.#parse(bytes, from, to)
    if (value !== value) return false
    this.#add(value)
    return true
  }

  parseText(text: string): boolean {
    const value = looseValue(text, this.#type)
    if (value === null || (this.#exact && isRounded(text.trim()))) return false
    this.#add(value)
    return true
  }

  /** Digits below 2^53 in all are an exact integer, and nine of them one of 32 bits. */
  override read(bytes: Buffer, from: number): number {
    let at = from
    const negative = bytes[at] === 45
    if (negative) at++
    const first = at
    let byte = 0
    let small = 0
    let stop = first + 9
    while (at < stop && (byte = bytes[at]! - 48) >>> 0 <= 9) {
      small = (Math.imul(small, 10) + byte) | 0
      at++
    }
    let value = small
    if (at === stop) {
      while ((byte = bytes[at]! - 48) >>> 0 <= 9) {
        value = value * 10 + byte
        at++
      }
    }
    const whole = at - first
    if (whole === 0 || (whole > 1 && bytes[first] === 48)) return -1
    let places = 0
    if (bytes[at] === 46) {
      if (!this.#fractions) return super.read(bytes, from)
      const point = ++at
      stop = point + 9 - whole
      while (at < stop && (byte = bytes[at]! - 48) >>> 0 <= 9) {
        small = (Math.imul(small, 10) + byte) | 0
        at++
      }
      if (whole <= 9) value = small
      if (at >= stop) {
        while ((byte = bytes[at]! - 48) >>> 0 <= 9) {
          value = value * 10 + byte
          at++
        }
      }
      places = at - point
      if (places === 0 || places > 22) return super.read(bytes, from)
    }
    if (value > this.#greatest || isOfNumber(bytes[at]!)) return super.read(bytes, from)
    if (places > 0) value /= POWERS[places]!
    this.#add(negative ? (this.#fractions ? -value : 0 - value) : value)
    return at
  }

  push(value: Value): void {
    const row = this.length
    if (value !== null) this.#add(Number(value))
    else {
      this.#valid ??= new Uint8Array(this.#values.length).fill(1)
      this.#add(0)
      this.#valid[row] = 0
    }
  }

  #add(value: number): void {
    const row = this.length++
    if (row === this.#values.length) this.#grow()
    this.#values[row] = value
    if (this.#valid !== null) this.#valid[row] = 1
  }

  #grow(): void {
    const values = new Float64Array(this.length * 2)
    values.set(this.#values)
    this.#values = values
    if (this.#valid === null) return
    const valid = new Uint8Array(values.length)
    valid.set(this.#valid)
    this.#valid = valid
  }

  pop(): void {
    this.length--
  }

  finish(): Column {
    const length = this.length
    const values = flatArray(this.#type, length) as Float64Array
    values.set(this.#values.subarray(0, length))
    const valid = this.#valid?.subarray(0, length) ?? null
    this.length = 0
    this.#valid = null
    return { layout: 'flat', type: this.#type, length, valid: valid?.includes(0) ? valid : null, values }
  }
}

const GREATEST: ReadonlyMap<string, number> = new Map([
  ['int32', 2 ** 31 - 1],
  ['int64', Number.MAX_SAFE_INTEGER],
  ['float32', Number.MAX_SAFE_INTEGER],
  ['float64', Number.MAX_SAFE_INTEGER],
])

/** Whether a byte is one of `0123456789+-.eE`. */
function isOfNumber(byte: number): boolean {
  return (byte - 48) >>> 0 <= 9 || byte === 46 || byte === 45 || byte === 43 || byte === 101 || byte === 69
}

/** Types that have no form of their own in bytes: they come as values, or as short texts. */
class ValueCells extends CellColumn {
  readonly #type: DataType
  #values: Value[] = []

  constructor(type: DataType) {
    super()
    this.#type = type
  }

  get length(): number {
    return this.#values.length
  }

  parse(bytes: Buffer, from: number, to: number): boolean {
    return this.parseText(bytes.toString('latin1', from, to))
  }

  parseText(text: string): boolean {
    const value = exactValue(text, this.#type)
    if (value === undefined) return false
    this.#values.push(value)
    return true
  }

  push(value: Value): void {
    this.#values.push(value)
  }

  pop(): void {
    this.#values.pop()
  }

  finish(): Column {
    const values = this.#values
    this.#values = []
    return columnOf(this.#type, values)
  }
}

function exactValue(text: string, type: DataType): Value | undefined {
  if (type.kind === 'binary') return fromBase64(text)
  if (type.kind === 'decimal') return decimalOf(text, type.precision, type.scale)
  if (type.kind !== 'bigint' || !/^-?\d{1,19}$/.test(text)) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

function parserOf(type: DataType): Parse {
  switch (type.kind) {
    case 'bool':
      return parseBool
    case 'int32':
      return (bytes, from, to) => int32(parseNumber(bytes, from, to))
    case 'int64':
      return (bytes, from, to) => int64(parseNumber(bytes, from, to))
    case 'timestamp':
      return parseTime
    case 'date':
      return parseDate
    case 'duration':
      return (bytes, from, to) => micros(parseNumber(bytes, from, to))
    default:
      return parseNumber
  }
}

const int32 = (value: number): number => ((value | 0) === value ? value : NaN)
const int64 = (value: number): number => (Number.isSafeInteger(value) ? value + 0 : NaN)
/** A duration is written in milliseconds. */
const micros = (value: number): number => int64(Math.round(value * 1000))

const WHOLE: ReadonlyMap<string, (value: number) => number> = new Map([
  ['int32', int32],
  ['int64', int64],
  ['duration', micros],
])

const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)

/**
 * A number as JSON writes it, NaN for anything else. Digits below 2^53 in all are an exact integer, and its quotient by a
 * power of ten up to 10^22 is correctly rounded; others go through `Number`.
 */
export function parseNumber(bytes: Buffer, from: number, to: number): number {
  let at = from
  const negative = bytes[at] === 45
  if (negative) at++
  const first = at
  let digits = 0
  let byte = 0
  while (at < to && (byte = bytes[at]! - 48) >= 0 && byte <= 9) {
    digits = digits * 10 + byte
    at++
  }
  const whole = at - first
  if (whole === 0 || (whole > 1 && bytes[first] === 48)) return NaN
  if (at === to && digits <= Number.MAX_SAFE_INTEGER) return negative ? -digits : digits
  if (at < to && bytes[at] === 46) {
    const point = ++at
    while (at < to && (byte = bytes[at]! - 48) >= 0 && byte <= 9) {
      digits = digits * 10 + byte
      at++
    }
    if (at === point) return NaN
    if (at === to && digits <= Number.MAX_SAFE_INTEGER && at - point <= 22) {
      const value = digits / POWERS[at - point]!
      return negative ? -value : value
    }
  }
  if (at < to) {
    if (bytes[at] !== 101 && bytes[at] !== 69) return NaN
    at++
    if (bytes[at] === 43 || bytes[at] === 45) at++
    const exponent = at
    while (at < to && bytes[at]! >= 48 && bytes[at]! <= 57) at++
    if (at < to || at === exponent) return NaN
  }
  const value = Number(bytes.toString('latin1', from, to))
  return Number.isFinite(value) ? value : NaN
}

function parseExact(bytes: Buffer, from: number, to: number): number {
  const value = parseNumber(bytes, from, to)
  if (to - from < 16 || !Number.isInteger(value) || Number.isSafeInteger(value)) return value
  return isRounded(bytes.toString('latin1', from, to)) ? NaN : value
}

function parseBool(bytes: Buffer, from: number, to: number): number {
  const length = to - from
  if (length === 4 && bytes[from] === 116 && bytes[from + 1] === 114 && bytes[from + 2] === 117) {
    return bytes[from + 3] === 101 ? 1 : NaN
  }
  const fals = length === 5 && bytes[from] === 102 && bytes[from + 1] === 97 && bytes[from + 2] === 108
  return fals && bytes[from + 3] === 115 && bytes[from + 4] === 101 ? 0 : NaN
}

function two(bytes: Buffer, at: number): number {
  const [a, b] = [bytes[at]! - 48, bytes[at + 1]! - 48]
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : NaN
}

/** The days of one `YYYY-MM-DD` are asked for again and again. */
let knownYear = NaN
let knownMonth = NaN
let knownFirst = NaN
let knownLength = 0

function parseDate(bytes: Buffer, from: number, to: number): number {
  if (to - from !== 10 || bytes[from + 4] !== 45 || bytes[from + 7] !== 45) return NaN
  const year = two(bytes, from) * 100 + two(bytes, from + 2)
  const month = two(bytes, from + 5)
  const day = two(bytes, from + 8)
  if (year !== knownYear || month !== knownMonth) {
    const first = daysFromCivil(year, month, 1)
    if (first !== first) return NaN
    knownFirst = first
    knownLength = daysFromCivil(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - first
    knownYear = year
    knownMonth = month
  }
  return day >= 1 && day <= knownLength ? knownFirst + day - 1 : NaN
}

/** `YYYY-MM-DDTHH:MM:SS`, with up to six digits of a fraction and a Z, or any other form of ISO 8601. */
function parseTime(bytes: Buffer, from: number, to: number): number {
  const end = bytes[to - 1] === 90 ? to - 1 : to
  if (end - from >= 19 && (bytes[from + 10] === 84 || bytes[from + 10] === 32)) {
    const days = parseDate(bytes, from, from + 10)
    const [hours, minutes, seconds] = [two(bytes, from + 11), two(bytes, from + 14), two(bytes, from + 17)]
    const formed = bytes[from + 13] === 58 && bytes[from + 16] === 58 && hours < 24 && minutes < 60 && seconds < 60
    const rest = ((hours * 60 + minutes) * 60 + seconds) * 1e6
    if (formed && end - from === 19) return microsOf(days, rest)
    if (formed && end - from > 20 && end - from <= 26 && bytes[from + 19] === 46) {
      let fraction = 0
      let at = from + 20
      for (let byte = 0; at < end && (byte = bytes[at]! - 48) >= 0 && byte <= 9; at++) fraction = fraction * 10 + byte
      if (at === end) return microsOf(days, rest + fraction * POWERS[from + 26 - end]!)
    }
  }
  return parseTimestamp(bytes.toString('latin1', from, to))
}

/** What a cell of CSV may say beside the forms of JSON. */
function looseValue(text: string, type: DataType): number | null {
  const trimmed = text.trim()
  if (type.kind === 'bool') return LOOSE_BOOL.get(trimmed) ?? null
  if (type.kind === 'timestamp' || type.kind === 'date') {
    const bytes = Buffer.from(trimmed)
    const value = parserOf(type)(bytes, 0, bytes.length)
    return Number.isNaN(value) ? null : value
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed)
    const convert = WHOLE.get(type.kind)
    const fits = convert === undefined ? value : convert(value)
    return Number.isFinite(fits) ? fits : null
  }
  if (type.kind !== 'float64' && type.kind !== 'float32') return null
  return LOOSE_FLOAT.get(trimmed.toLowerCase()) ?? null
}

const LOOSE_BOOL: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['True', 1],
  ['TRUE', 1],
  ['false', 0],
  ['False', 0],
  ['FALSE', 0],
])

/** The words for the floats that JSON has no number for. */
export const LOOSE_FLOAT: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
])
