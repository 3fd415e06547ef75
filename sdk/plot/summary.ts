import { countOf } from '../data/number-text.ts'
import { categoryText, drawingOf, hoverValue, labelFor, titleOf, type Words } from './figure.ts'
import type { HeatmapDrawing } from './heatmap.ts'
import type { Histogram } from './histogram.ts'
import type { PlotColumn } from './plot-column.ts'
import type { Points } from './points.ts'
import { isScale, seriesOf, type Series } from './series.ts'
import { amountText, countText } from './text.ts'
import type { XYDrawing } from './xy.ts'

/** Plots for people who see no picture: a few lines of text with a small curve for each series. */

const WIDTH = 40
const MOST_LINES = 8
const NAME_WIDTH = 24

export function xyText(drawing: XYDrawing, points: Points): string {
  points.settle()
  const { mark } = drawing
  const x = points.column(drawing.x)
  const ys = drawing.y.map(name => points.column(name))
  const title = `${drawing.title ?? `${ys.map(y => labelFor(drawing, y).text).join(', ')} by ${labelFor(drawing, x).text}`}`
  const head = `${mark} · ${title} · ${rowsText(points)}`
  if (points.length === 0) return head
  const color = drawing.color === undefined ? null : points.column(drawing.color)
  const split = mark === 'scatter' && color !== null && isScale(color, points.length) ? null : color
  const all = seriesOf(drawing, mark, ys, split, points, [])
  const shown = all.slice(0, MOST_LINES)
  const lines = [head, rangeLine(drawing, x, points.length)]
  if (mark === 'scatter') {
    for (const y of ys) lines.push(rangeLine(drawing, y, points.length))
    if (split !== null)
      lines.push(...shown.map(({ name, rows }) => `${named(name, shown)}  ${countOf(rows.length, 'row')}`))
  } else if (mark === 'bar' && all.length === 1 && points.length <= 12 && x.kind === 'category') {
    lines.push(...barLines(x, all[0]!))
  } else lines.push(...shown.map(series => curveLine(series, x, shown)))
  if (shown.length < all.length && !(mark === 'scatter' && split === null)) {
    lines.push(`… and ${countText(all.length - shown.length)} more series`)
  }
  return lines.join('\n')
}

export function heatmapText(drawing: HeatmapDrawing, points: Points): string {
  points.settle()
  const columns = [drawing.x, drawing.y, drawing.value].map(name => points.column(name))
  const [x, y, value] = columns.map(column => labelFor(drawing, column).text)
  const head = `heatmap · ${drawing.title ?? `${value!} by ${x!} and ${y!}`} · ${rowsText(points)}`
  if (points.length === 0) return head
  return [head, ...columns.map(column => rangeLine(drawing, column, points.length))].join('\n')
}

export function histogramText(words: Words, column: string, histogram: Histogram): string {
  const { edges, counts, width } = histogram.counts
  const head = `histogram · ${words.title ?? column} · ${countOf(histogram.rows, 'row')}`
  if (counts.length === 0) return head
  const most = counts.indexOf(Math.max(...counts))
  const peak = `most in ${histogram.rangeText(edges, width, most)}: ${countText(counts[most]!)}`
  const [first, last] = [0, counts.length - 1].map(bin => histogram.rangeText(edges, width, bin))
  return `${head}\n${first!} ${sparkline(counts)} ${last!}\n${peak}`
}

/** `▁▂▅█`: amounts as heights, a blank for a missing one; longer rows are cut to the means of neighbours. */
function sparkline(amounts: readonly number[]): string {
  const means = new Means(Math.min(WIDTH, amounts.length))
  for (const [i, amount] of amounts.entries()) means.add(i / amounts.length, amount)
  return means.text()
}

/** Means of amounts in places from 0 to 1. */
class Means {
  readonly #sums: Float64Array
  readonly #counts: Float64Array

  constructor(places: number) {
    this.#sums = new Float64Array(places)
    this.#counts = new Float64Array(places)
  }

  add(place: number, amount: number): void {
    if (Number.isNaN(amount)) return
    const at = Math.min(this.#sums.length - 1, Math.floor(place * this.#sums.length))
    this.#sums[at]! += amount
    this.#counts[at]!++
  }

  text(): string {
    const means = Array.from(this.#sums, (sum, i) => sum / this.#counts[i]!)
    const there = means.filter(mean => !Number.isNaN(mean))
    const [low, high] = [Math.min(...there), Math.max(...there)]
    const height = (mean: number): number => (high > low ? Math.round(((mean - low) / (high - low)) * 7) : 3)
    return means.map(mean => (Number.isNaN(mean) ? ' ' : '▁▂▃▄▅▆▇█'[height(mean)]!)).join('')
  }
}

/** A small curve over the range of x, and what it ranges over. */
function curveLine({ name, y, rows }: Series, x: PlotColumn, all: readonly Series[]): string {
  const places = x.kind === 'category' ? null : x.values
  let [from, to, low, high, latest, last] = [Infinity, -Infinity, Infinity, -Infinity, -Infinity, NaN]
  for (const [i, row] of rows.entries()) {
    const amount = y.values[row]!
    const place = places === null ? i : places[row]!
    if (place < from) from = place
    if (place > to) to = place
    if (amount < low) low = amount
    if (amount > high) high = amount
    if (place >= latest && !Number.isNaN(amount)) [latest, last] = [place, amount]
  }
  if (Number.isNaN(last)) return `${named(name, all)}  no values`
  const means = new Means(Math.min(WIDTH, rows.length))
  for (const [i, row] of rows.entries()) {
    const place = places === null ? i : places[row]!
    if (!Number.isNaN(place)) means.add(to > from ? (place - from) / (to - from) : 0, y.values[row]!)
  }
  return `${named(name, all)}  ${means.text()}  ${amountText(low)} … ${amountText(high)}, last ${amountText(last)}`
}

function barLines(x: PlotColumn, { y, rows }: Series): string[] {
  const names = Array.from(rows, row => categoryText(x, x.values[row]!))
  const width = Math.min(NAME_WIDTH, Math.max(...names.map(name => name.length)))
  const most = Math.max(...Array.from(rows, row => Math.abs(y.values[row]!) || 0))
  return Array.from(rows, (row, i) => {
    const amount = y.values[row]!
    const bar = '█'.repeat(most > 0 && amount > 0 ? Math.round((amount / most) * 30) : 0)
    return `${fit(names[i]!, width)}  ${bar}${bar === '' ? '' : ' '}${hoverValue(y, amount)}`
  })
}

function rangeLine(words: Words, column: PlotColumn, length: number): string {
  const title = titleOf(words, column)
  const { low, high, categories } = drawingOf(column, length)
  if (column.kind === 'category') return `${title}: ${countText(categories.length)} values`
  if (!(low <= high)) return `${title}: no values`
  return `${title}: ${hoverValue(column, low)} … ${hoverValue(column, high)}`
}

function rowsText(points: Points): string {
  if (points.dropped === 0) return countOf(points.length, 'row')
  return `the latest ${countText(points.length)} of ${countText(points.length + points.dropped)} rows`
}

function named(name: string, all: readonly Series[]): string {
  return fit(name, Math.min(NAME_WIDTH, Math.max(...all.map(each => each.name.length))))
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}
