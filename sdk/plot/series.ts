import { categoryText, compareValues, isWhole, labelFor, type Words } from './figure.ts'
import { labelText } from './label.ts'
import { MOST_SERIES } from './palette.ts'
import type { PlotColumn } from './plot-column.ts'
import type { Points } from './points.ts'
import { countText } from './text.ts'

/** Rows of a plot split into series, in an order that does not hang on how the rows came. */

export interface Series {
  readonly name: string
  readonly y: PlotColumn
  /** Positions in the points. */
  readonly rows: Int32Array
  /** Made of many series that have no place of their own. */
  readonly others?: boolean
}

export type XYMark = 'line' | 'scatter' | 'bar'

/** A series for each value of the color column and each y; for each y alone when the color is a scale or absent. */
export function seriesOf(
  words: Words,
  mark: XYMark,
  ys: readonly PlotColumn[],
  color: PlotColumn | null,
  points: Points,
  notes: string[],
): Series[] {
  const names = ys.map(y => (ys.length > 1 ? labelText(labelFor(words, y)) : labelFor(words, y).text))
  if (color === null) {
    const rows = Int32Array.from({ length: points.length }, (_, i) => i)
    return ys.map((y, i) => ({ name: names[i]!, y, rows }))
  }
  const groups = groupRows(color, points.length)
  const byValue = compareValues(color)
  const sorted = [...groups].sort(([a], [b]) => byValue(a, b))
  const all = sorted.flatMap(([value, rows]) => {
    const text = categoryText(color, value)
    return ys.map((y, i) => ({ name: ys.length > 1 ? `${text}, ${names[i]}` : text, y, rows }))
  })
  return all.length <= MOST_SERIES ? all : mostOf(mark, all, notes)
}

/** The series that weigh most; the note says by what, and what became of the others. */
function mostOf(mark: XYMark, all: readonly Series[], notes: string[]): Series[] {
  const ranked = all.map(series => ({ series, weight: weightOf(mark, series) }))
  ranked.sort((a, b) => b.weight - a.weight)
  const kept = new Set(ranked.slice(0, MOST_SERIES).map(({ series }) => series))
  const most = all.filter(series => kept.has(series))
  if (mark !== 'scatter') {
    const by = mark === 'line' ? 'last value' : 'sum'
    notes.push(`the ${MOST_SERIES} of ${countText(all.length)} series with the largest ${by}`)
    return most
  }
  const rest = all.filter(series => !kept.has(series))
  notes.push(`the ${MOST_SERIES} of ${countText(all.length)} series with the most rows, the others in grey`)
  const rows = Int32Array.from(new Set(rest.flatMap(series => [...series.rows]))).sort()
  const others = [...new Set(rest.map(({ y }) => y))].map(y => ({
    name: `${countText(rest.length)} others`,
    y,
    rows,
    others: true,
  }))
  return [...others, ...most]
}

function weightOf(mark: XYMark, { y, rows }: Series): number {
  if (mark === 'scatter') return rows.length
  if (mark === 'line') {
    for (let i = rows.length - 1; i >= 0; i--) {
      const value = y.values[rows[i]!]!
      if (!Number.isNaN(value)) return value
    }
    return -Infinity
  }
  let sum = 0
  for (const row of rows) if (!Number.isNaN(y.values[row]!)) sum += y.values[row]!
  return sum
}

/** Positions of the rows of each value, in the order they came. */
function groupRows(column: PlotColumn, length: number): Map<number, Int32Array> {
  const counts = new Map<number, number>()
  const { values } = column
  for (let i = 0; i < length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1)
  const groups = new Map([...counts].map(([value, count]) => [value, { rows: new Int32Array(count), at: 0 }]))
  for (let i = 0; i < length; i++) {
    const group = groups.get(values[i]!)!
    group.rows[group.at++] = i
  }
  return new Map([...groups].map(([value, { rows }]) => [value, rows]))
}

/** Twelve different values at most, and close together: whole numbers that number something, such as clusters. */
const MOST_CODES = 12
const CODE_RANGE = 24

/**
 * Whether a scatter plot's color column is a scale: amounts and times are; whole numbers are not while they are few and
 * close together.
 */
export function isScale(column: PlotColumn, length: number): boolean {
  if (column.kind === 'category') return false
  if (!isWhole(column)) return true
  const seen = new Set<number>()
  for (let i = 0; i < length && seen.size <= MOST_CODES; i++) {
    if (!Number.isNaN(column.values[i]!)) seen.add(column.values[i]!)
  }
  return seen.size > MOST_CODES || Math.max(...seen) - Math.min(...seen) > CODE_RANGE
}
