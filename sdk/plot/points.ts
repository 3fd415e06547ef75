import { DELETE, UPDATE_BEFORE, type Batch } from '../data/batch.ts'
import { valueAt, type Value } from '../data/column.ts'
import { decimalText } from '../data/row.ts'
import { formatDate, UNIT_MICROS } from '../data/time.ts'
import type { DataType } from '../data/type.ts'

/** A value as plotly takes it: numbers, texts, and times as milliseconds since the epoch. */
export type PlotValue = number | string | boolean | null

/** What kind of axis a type makes. */
export type AxisKind = 'number' | 'time' | 'category'

export function axisKind(type: DataType): AxisKind {
  if (type.kind === 'timestamp' || type.kind === 'date') return 'time'
  const number = ['int32', 'int64', 'bigint', 'float32', 'float64', 'decimal', 'duration'].includes(type.kind)
  return number ? 'number' : 'category'
}

/**
 * The rows that a plot shows: those of a bounded window. A retracted row is taken out again. When there are more than
 * `most`, or they lie before the `last` of time, the oldest go, and `dropped` counts them, so that a figure can say so.
 */
export class Points {
  readonly columns: readonly string[]
  readonly #most: number
  readonly #lastMs: number | null
  readonly #x: number
  #rows: PlotValue[][] = []
  #latest = -Infinity
  seen = 0
  dropped = 0

  /** `x` is the position of the column that `lastMs` counts on. */
  constructor(columns: readonly string[], x: number, most: number, lastMs: number | null) {
    this.columns = columns
    this.#x = x
    this.#most = most
    this.#lastMs = lastMs
  }

  get length(): number {
    return this.#rows.length
  }

  /** Rows in the order they came, a value for each column. */
  get rows(): readonly (readonly PlotValue[])[] {
    return this.#rows
  }

  add(batch: Batch): void {
    const columns = this.columns.map(name => batch.column(name))
    const types = columns.map(column => column.type)
    for (let i = 0; i < batch.length; i++) {
      const row = columns.map((column, c) => plotValue(valueAt(column, i), types[c]!))
      const kind = batch.kinds === null ? 0 : batch.kinds[i]!
      if (kind === UPDATE_BEFORE || kind === DELETE) this.#remove(row)
      else this.#insert(row)
    }
    this.#trim()
  }

  #insert(row: PlotValue[]): void {
    this.#rows.push(row)
    this.seen++
    const x = row[this.#x]
    if (typeof x === 'number' && x > this.#latest) this.#latest = x
  }

  #remove(row: readonly PlotValue[]): void {
    const at = this.#rows.findLastIndex(other => other.every((value, c) => Object.is(value, row[c])))
    if (at < 0) return
    this.#rows.splice(at, 1)
    this.seen--
  }

  #trim(): void {
    if (this.#lastMs !== null) {
      const from = this.#latest - this.#lastMs
      const before = this.#rows.length
      this.#rows = this.#rows.filter(row => !(typeof row[this.#x] === 'number' && (row[this.#x] as number) < from))
      this.dropped += before - this.#rows.length
    }
    const over = this.#rows.length - this.#most
    if (over > 0) {
      this.#rows.splice(0, over)
      this.dropped += over
    }
  }
}

function plotValue(value: Value, type: DataType): PlotValue {
  if (value === null) return null
  switch (type.kind) {
    case 'timestamp':
      return (value as number) / 1000
    case 'date':
      return ((value as number) * UNIT_MICROS.day) / 1000
    case 'duration':
      return (value as number) / 1e6
    case 'bigint':
      return Number(value as bigint)
    case 'decimal':
      return Number(decimalText(value as bigint, type.scale))
    case 'float32':
    case 'float64':
      return Number.isFinite(value) ? (value as number) : null
    case 'bool':
    case 'int32':
    case 'int64':
    case 'utf8':
      return value as PlotValue
    default:
      return String(value)
  }
}

/** How a category reads in a legend or on an axis. */
export function categoryText(value: PlotValue, kind: AxisKind): string {
  if (value === null) return '(missing)'
  return kind === 'time' ? formatDate(Math.floor((value as number) / 86_400_000)) : String(value)
}
