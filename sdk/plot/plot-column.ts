import { valueAt, type Column, type FlatArray } from '../data/column.ts'
import { toJs } from '../data/row.ts'
import { UNIT_MICROS } from '../data/time.ts'
import type { DataType } from '../data/type.ts'

/**
 * What kind of axis a column makes: amounts, moments (milliseconds since the epoch, UTC), calendar days (the same number
 * at midnight), or categories.
 */
export type AxisKind = 'number' | 'time' | 'date' | 'category'

export function axisKind(type: DataType): AxisKind {
  switch (type.kind) {
    case 'timestamp':
      return 'time'
    case 'date':
      return 'date'
    case 'int32':
    case 'int64':
    case 'bigint':
    case 'float32':
    case 'float64':
    case 'decimal':
    case 'duration':
      return 'number'
    default:
      return 'category'
  }
}

/**
 * The values of one column as a plot keeps them: a number for each row, NaN where there is none (null, NaN or infinite).
 * A category is a number too: its place in `texts`, which are in the order they came. Durations are seconds.
 */
export class PlotColumn {
  readonly name: string
  readonly type: DataType
  readonly kind: AxisKind
  values: Float64Array = new Float64Array(64)
  #texts: string[] = []
  #codes = new Map<string, number>()
  #strings: readonly string[] | null = null
  #mapped = new Int32Array(0)

  constructor(name: string, type: DataType) {
    this.name = name
    this.type = type
    this.kind = axisKind(type)
    if (type.kind === 'bool') for (const text of ['false', 'true']) this.#code(text)
  }

  get texts(): readonly string[] {
    return this.#texts
  }

  /** Writes the rows of a column from position `at` on. */
  put(column: Column, at: number): void {
    this.#reserve(at + column.length)
    const out = this.values
    const { length, valid } = column
    if (column.layout === 'flat') {
      const { values } = column
      if (values instanceof BigInt64Array) putBigs(values, this.type, out, at, length)
      else putNumbers(values, this.type, out, at, length)
    } else if (column.layout === 'text') {
      this.#putTexts(column.strings, column.codes, valid, length, at)
    } else {
      for (let i = 0; i < length; i++) {
        const value = valueAt(column, i)
        out[at + i] = value === null ? NaN : this.#code(nestedText(toJs(value, this.type, 'iso')))
      }
    }
    if (valid !== null) for (let i = 0; i < length; i++) if (valid[i] === 0) out[at + i] = NaN
  }

  /** Keeps only the named rows, in that order, and only the texts that they use. */
  keep(rows: Int32Array): void {
    const { values } = this
    for (let i = 0; i < rows.length; i++) values[i] = values[rows[i]!]!
    if (this.type.kind === 'bool' || this.#texts.length <= 1024 + 2 * rows.length) return
    const old = this.#texts
    this.#texts = []
    this.#codes.clear()
    this.#strings = null
    for (let i = 0; i < rows.length; i++) if (!Number.isNaN(values[i]!)) values[i] = this.#code(old[values[i]!]!)
  }

  #putTexts(
    strings: readonly string[],
    codes: Int32Array | null,
    valid: Uint8Array | null,
    length: number,
    at: number,
  ): void {
    const out = this.values
    if (codes === null) {
      for (let i = 0; i < length; i++) if (valid === null || valid[i] === 1) out[at + i] = this.#code(strings[i]!)
      return
    }
    if (this.#strings !== strings || this.#mapped.length < strings.length) {
      this.#strings = strings
      this.#mapped = new Int32Array(strings.length).fill(-1)
    }
    const mapped = this.#mapped
    for (let i = 0; i < length; i++) {
      if (valid !== null && valid[i] === 0) continue
      const code = codes[i]!
      if (mapped[code]! < 0) mapped[code] = this.#code(strings[code]!)
      out[at + i] = mapped[code]!
    }
  }

  #code(text: string): number {
    let code = this.#codes.get(text)
    if (code === undefined) {
      this.#codes.set(text, (code = this.#texts.length))
      this.#texts.push(text)
    }
    return code
  }

  #reserve(length: number): void {
    if (length <= this.values.length) return
    const grown = new Float64Array(Math.max(length, 2 * this.values.length))
    grown.set(this.values)
    this.values = grown
  }
}

function putBigs(values: BigInt64Array, type: DataType, out: Float64Array, at: number, length: number): void {
  const scale = type.kind === 'decimal' ? 10 ** type.scale : 1
  for (let i = 0; i < length; i++) out[at + i] = Number(values[i]!) / scale
}

function putNumbers(
  values: Exclude<FlatArray, BigInt64Array>,
  type: DataType,
  out: Float64Array,
  at: number,
  length: number,
): void {
  const { times, over } = unitOf(type)
  for (let i = 0; i < length; i++) {
    const value = (values[i]! * times) / over
    out[at + i] = Number.isFinite(value) ? value : NaN
  }
}

/** From physical values to those of the plot. */
function unitOf(type: DataType): { readonly times: number; readonly over: number } {
  switch (type.kind) {
    case 'timestamp':
      return { times: 1, over: 1000 }
    case 'date':
      return { times: UNIT_MICROS.day / 1000, over: 1 }
    case 'duration':
      return { times: 1, over: UNIT_MICROS.second }
    default:
      return { times: 1, over: 1 }
  }
}

function nestedText(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const plain =
    value instanceof Map
      ? Object.fromEntries(value)
      : ArrayBuffer.isView(value)
        ? Array.from(value as Float64Array)
        : value
  return JSON.stringify(plain, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
}
