import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { Schema } from '../data/schema.ts'
import { durationMicros, type Duration } from '../data/time.ts'
import type { Columns, ColumnType, Field } from '../data/type.ts'
import { typeText } from '../data/type.ts'
import type { Names } from '../frame/columns.ts'
import { axisKind } from './plot-column.ts'

/** What plots are told, and the checks of it when a plot is made. */

type NumberText = 'int32' | 'int64' | 'bigint' | 'float32' | 'float64' | 'duration' | `decimal(${number},${number})`
type TimeText = 'timestamp' | 'date'

/** The names of columns of these types, nullable or not; of a column whose type is not known too. */
type NamesOfType<C extends Columns, T extends string> = string extends keyof C
  ? string
  : { [K in keyof C]: ColumnType extends C[K] ? K : C[K] extends T | `${T}?` ? K : never }[keyof C] & string

/** Column names of numbers. */
export type Amounts<C extends Columns> = NamesOfType<C, NumberText>

/** Options that every plot has. */
export interface Look<C extends Columns> {
  /** Above the plot; made of the column names when absent. */
  readonly title?: string
  /** Axis and legend titles by column, with their units: `{ delay: 'delay (minutes)' }`. */
  readonly labels?: { readonly [K in Names<C>]?: string }
  /** In pixels; when absent 420, and more where a legend is long. */
  readonly height?: number
  /** In a script: the HTML file that is written, named after the plot when absent. */
  readonly file?: string
}

/** Options of plots that keep rows: how many, and how far back. */
export interface Span {
  /** Keeps only rows whose x, a time, is within this duration of the latest. */
  readonly last?: Duration
  /**
   * Keeps at most this many rows, the ones that came last: when absent 100,000 of a stream and 2,000,000 of a batch, of
   * bars 5,000. What is dropped is said below the title.
   */
  readonly most?: number
}

/** Options of `line`, and the part that `bar` and `scatter` share with it. */
export interface XYOptions<C extends Columns> extends Look<C>, Span {
  readonly x: Names<C>
  /** One column of numbers, or several, each a series. */
  readonly y: Amounts<C> | readonly Amounts<C>[]
  /** Splits the rows into a series for each value. */
  readonly color?: Names<C>
  /** Columns shown when the pointer is on a point. */
  readonly hover?: readonly Names<C>[]
}

/** Options of `bar`. */
export interface BarOptions<C extends Columns> extends XYOptions<C> {
  /** Series on top of each other instead of side by side. */
  readonly stacked?: boolean
}

/** Options of `scatter`. */
export interface ScatterOptions<C extends Columns> extends XYOptions<C> {
  /** A column of numbers that makes markers larger, by area. A row without one above 0 is drawn smallest, and it is said. */
  readonly size?: Amounts<C>
}

/** Options of `heatmap`. */
export interface HeatmapOptions<C extends Columns> extends Look<C>, Pick<Span, 'most'> {
  readonly x: Names<C>
  readonly y: Names<C>
  /** The column that gives the colour. Of rows with the same x and y the latest is shown. */
  readonly value: Amounts<C>
}

/** Options of `histogram`. */
export interface HistogramOptions<C extends Columns> extends Look<C> {
  readonly x: NamesOfType<C, NumberText | TimeText>
  /** How many bins at most, 60 when absent. Their bounds are round numbers. */
  readonly bins?: number
}

/** The options of any plot, once its columns are only names. */
export type AnyOptions = { readonly [option: string]: unknown }

/** What an option may name. */
type Use = 'any' | 'axis' | 'amount'

const USES: Readonly<Record<string, Use>> = {
  x: 'axis',
  color: 'axis',
  y: 'amount',
  size: 'amount',
  value: 'amount',
  hover: 'any',
}

/** Checks a plot's options when it is made, where no type checker has; gives the fields that it draws, each once. */
export function checkPlot(
  plot: string,
  schema: Schema,
  options: AnyOptions,
  known: readonly string[],
  uses: Readonly<Record<string, Use>> = {},
): Field[] {
  checkOptions(plot, options, known)
  const fields = new Map<string, Field>()
  for (const [option, use] of Object.entries({ ...USES, ...uses })) {
    if (!known.includes(option)) continue
    for (const name of namesOf(plot, option, options[option])) {
      const field = schema.field(name, `${plot}: ${option}`)
      checkType(plot, option, field, use)
      fields.set(name, field)
    }
  }
  for (const name of Object.keys(options['labels'] ?? {})) schema.field(name, `${plot}: labels`)
  checkNumber(plot, 'height', options['height'])
  checkWhole(plot, 'most', options['most'])
  checkWhole(plot, 'bins', options['bins'])
  return [...fields.values()]
}

const NEEDED: ReadonlySet<string> = new Set(['x', 'y', 'value'])

function namesOf(plot: string, option: string, given: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(given) ? given : given === undefined ? [] : [given]
  if (names.length === 0 && NEEDED.has(option)) {
    throw new PlanError('plot-column', `${plot}: ${option} names no column. Write ${option}: 'name'.`, { option })
  }
  return names.map(name => {
    if (typeof name === 'string') return name
    const text = `${plot}: ${option} takes the name of a column, but is a ${typeof name}. Derive a column first.`
    throw new PlanError('plot-column', text, { option })
  })
}

function checkType(plot: string, option: string, field: Field, use: Use): void {
  const kind = axisKind(field.type)
  const nested = kind === 'category' && field.type.kind !== 'utf8' && field.type.kind !== 'bool'
  if (use === 'any' || (use === 'axis' && !nested) || kind === 'number') return
  const needs = use === 'axis' ? 'a column of numbers, texts, bools or times' : 'a column of numbers'
  const text = `${plot}: ${option} needs ${needs}, but "${field.name}" is ${typeText(field)}.`
  throw new PlanError('plot-column', text, { option, column: field.name })
}

function checkWhole(plot: string, option: string, given: unknown): void {
  if (given === undefined || (Number.isSafeInteger(given) && (given as number) >= 1)) return
  const text = `${plot}: ${option} is ${JSON.stringify(given)}, and must be a whole number of at least 1.`
  throw new PlanError('bad-option', text, { option })
}

function checkNumber(plot: string, option: string, given: unknown): void {
  if (given === undefined || (Number.isFinite(given) && (given as number) > 0)) return
  throw new PlanError('bad-option', `${plot}: ${option} is ${JSON.stringify(given)}, and must be a number above 0.`, {
    option,
  })
}

/** `last` in milliseconds. It needs an x that is a time. */
export function lastMs(plot: string, last: string | undefined, x: Field): number | null {
  if (last === undefined) return null
  if (axisKind(x.type) !== 'time' && axisKind(x.type) !== 'date') {
    const text = `${plot}: last needs an x that is a time, but "${x.name}" is ${typeText(x)}. Use most: 1000 for the latest rows.`
    throw new PlanError('plot-column', text, { option: 'last', column: x.name })
  }
  const micros = durationMicros(last, `${plot}: last`)
  if (micros <= 0)
    throw new PlanError('bad-option', `${plot}: last is "${last}", and must be above 0.`, { option: 'last' })
  return micros / 1000
}
