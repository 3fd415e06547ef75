import { countOf } from '../data/number-text.ts'
import { decimateLine } from './decimate.ts'
import {
  axisOf,
  drawingOf,
  drawnValue,
  hoverValue,
  labelFor,
  layoutOf,
  ticksOf,
  titleOf,
  type Drawing,
  type Drawn,
  type Figure,
  type Words,
} from './figure.ts'
import { AMOUNTS, CATEGORIES, DASHES, OTHERS, PATTERNS, SYMBOLS } from './palette.ts'
import type { PlotColumn } from './plot-column.ts'
import type { Points } from './points.ts'
import { isScale, seriesOf, type Series, type XYMark } from './series.ts'
import { amountText, countText, escapeTemplate, escapeText, timeText } from './text.ts'

/** Lines, bars and markers: rows to traces. Pure functions, the same for a finished frame and for a stream's present. */

/** What is drawn, by names of columns; made from the options of `line`, `bar` and `scatter`. */
export interface XYDrawing extends Words {
  /** Null where the legend decides. */
  readonly height: number | null
  readonly mark: XYMark
  readonly x: string
  readonly y: readonly string[]
  readonly color?: string
  readonly size?: string
  readonly hover: readonly string[]
  readonly stacked: boolean
}

/** Points of all lines together, and of all markers. A line has ten at least for each column of a wide screen's third. */
const LINE_POINTS = 60_000
const MOST_OF_LINE = 6000
const MARKERS = 20_000

/** Diameters of markers that have a size, in pixels. The largest is smaller where many markers share the plane. */
const SMALLEST = 4
const LARGEST = 30

export function xyFigure(drawing: XYDrawing, points: Points, ended: boolean): Figure {
  points.settle()
  const notes: string[] = []
  if (points.dropped > 0) {
    notes.push(`the latest ${countText(points.length)} of ${countText(points.length + points.dropped)} rows`)
  }
  const plot = new XYPlot(drawing, points, notes)
  const data = plot.traces()
  return { data, layout: plot.layout(ended) }
}

/** One drawing of the present rows. */
class XYPlot {
  readonly #drawing: XYDrawing
  readonly #points: Points
  readonly #notes: string[]
  readonly #x: PlotColumn
  readonly #ys: readonly PlotColumn[]
  readonly #color: PlotColumn | null
  readonly #size: PlotColumn | null
  readonly #scale: boolean
  readonly #several: boolean
  /** How many series there are, once they are drawn. */
  series = 0

  constructor(drawing: XYDrawing, points: Points, notes: string[]) {
    this.#drawing = drawing
    this.#points = points
    this.#notes = notes
    this.#x = points.column(drawing.x)
    this.#ys = drawing.y.map(name => points.column(name))
    this.#color = drawing.color === undefined ? null : points.column(drawing.color)
    this.#size = drawing.size === undefined ? null : points.column(drawing.size)
    this.#scale = drawing.mark === 'scatter' && this.#color !== null && isScale(this.#color, points.length)
    this.#several = this.#ys.length > 1 || (this.#color !== null && !this.#scale)
  }

  traces(): object[] {
    const { mark } = this.#drawing
    const color = this.#scale ? null : this.#color
    const all = seriesOf(this.#drawing, mark, this.#ys, color, this.#points, this.#notes)
    const drawn = this.#rowsOf(all)
    const diameter = this.#diameters(drawn.reduce((sum, { length }) => sum + length, 0))
    this.series = all.length
    let own = 0
    return all.map((series, s) => {
      const place = series.others === true ? -1 : own++
      switch (mark) {
        case 'line':
          return this.#line(series, drawn[s]!, place)
        case 'bar':
          return this.#bars(series, drawn[s]!, place)
        case 'scatter':
          return this.#markers(series, drawn[s]!, place, diameter)
      }
    })
  }

  layout(ended: boolean): object {
    const { mark, stacked } = this.#drawing
    const { length } = this.#points
    const { series } = this
    const shared = new Set(this.#ys.map(y => labelFor(this.#drawing, y).unit))
    const yaxis = axisOf(this.#drawing, this.#ys[0]!, this.#heights())
    const places = drawingOf(this.#x, length)
    const xaxis = { ...axisOf(this.#drawing, this.#x, places), ...ticksOf(places, this.#notes) }
    return {
      ...layoutOf(
        { ...this.#drawing, height: this.#drawing.height ?? heightFor(this.#several ? series : 1) },
        this.#title(),
        this.#notes,
        length === 0 && !ended ? 'none yet' : length,
        {
          xaxis,
          yaxis:
            this.#ys.length === 1 ? yaxis : { ...yaxis, title: { text: shared.size === 1 ? [...shared][0]! : '' } },
        },
      ),
      ...(mark === 'bar' ? { barmode: stacked ? 'relative' : 'group', bargap: 0.15 } : {}),
      hovermode: mark === 'line' && series <= 12 ? 'x unified' : 'closest',
      showlegend: this.#several && length > 0,
      legend: {
        title: { text: this.#color === null ? '' : escapeText(titleOf(this.#drawing, this.#color)) },
        itemsizing: 'constant', // else as large as the first marker
      },
    }
  }

  /** The range of the y axis, where it is known: bars begin at 0, and stacks add up. */
  #heights(): Drawing {
    const { mark, stacked } = this.#drawing
    const ranges = this.#ys.map(y => drawingOf(y, this.#points.length))
    const low = Math.min(...ranges.map(range => range.low), mark === 'bar' ? 0 : Infinity)
    const high = mark === 'bar' && stacked ? Infinity : Math.max(...ranges.map(range => range.high))
    return { low, high, categories: [] }
  }

  #title(): string {
    const ys = this.#ys.map(y => labelFor(this.#drawing, y).text)
    return `${ys.join(', ')} by ${labelFor(this.#drawing, this.#x).text}`
  }

  /** The rows that each series draws: lines in order of x and thinned to their shape, markers evenly, bars one for each x. */
  #rowsOf(all: readonly Series[]): Int32Array[] {
    switch (this.#drawing.mark) {
      case 'line':
        return this.#lineRows(all)
      case 'bar':
        return all.map(({ rows }) => this.#placed(rows))
      case 'scatter':
        return this.#markerRows(all)
    }
  }

  #lineRows(all: readonly Series[]): Int32Array[] {
    const x = this.#placeable()
    const most = Math.min(MOST_OF_LINE, Math.floor(LINE_POINTS / all.length))
    const kept = all.map(({ y, rows }) => decimateLine(x, y.values, this.#placed(rows), most))
    const thinned = all.some(({ rows }, s) => rows.length > most && kept[s]!.length < rows.length)
    if (thinned) this.#notes.push(`${countText(this.#points.length)} rows, thinned to the peaks and gaps that show`)
    return kept
  }

  #markerRows(all: readonly Series[]): Int32Array[] {
    const placed = all.map(({ y, rows }) => this.#placed(rows).filter(row => !Number.isNaN(y.values[row]!)))
    const total = placed.reduce((sum, { length }) => sum + length, 0)
    const came = all.reduce((sum, { rows }) => sum + rows.length, 0)
    if (came > total) this.#notes.push(`${countText(came - total)} without a place left out`)
    if (total <= MARKERS) return placed
    this.#notes.push(`${countText(MARKERS)} of ${countText(total)} points, an even sample`)
    const step = total / MARKERS
    return placed.map(rows =>
      Int32Array.from({ length: Math.ceil(rows.length / step) }, (_, i) => rows[Math.floor(i * step)]!),
    )
  }

  /** Rows that have a place on the x axis. A missing category has one. */
  #placed(rows: Int32Array): Int32Array {
    if (this.#x.kind === 'category') return rows
    const { values } = this.#x
    const placed = rows.filter(row => !Number.isNaN(values[row]!))
    if (placed.length < rows.length && this.#drawing.mark !== 'scatter') {
      this.#note(`rows without ${labelFor(this.#drawing, this.#x).text} left out`)
    }
    return placed
  }

  #note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text)
  }

  /** The x values, with missing categories at their end. */
  #placeable(): Float64Array {
    const { kind, texts, values } = this.#x
    return kind === 'category' ? values.map(value => (Number.isNaN(value) ? texts.length : value)) : values
  }

  #base(series: Series, rows: Int32Array): { name: string; x: Drawn[]; y: Drawn[] } {
    const x = Array.from(rows, row => drawnValue(this.#x, this.#x.values[row]!))
    const y = Array.from(rows, row => drawnValue(series.y, series.y.values[row]!))
    return { name: escapeText(series.name), x, y }
  }

  #line(series: Series, rows: Int32Array, place: number): object {
    const { color, round } = lookOf(place)
    const base = this.#base(series, rows)
    const alone = base.y.map(
      (y, i) => y !== null && (base.y[i - 1] ?? null) === null && (base.y[i + 1] ?? null) === null,
    )
    const dots = base.y.length <= 40 ? 5 : alone.includes(true) ? alone.map(is => (is ? 5 : 0)) : null
    return {
      type: 'scatter',
      mode: dots === null ? 'lines' : 'lines+markers',
      ...base,
      line: { color, width: 2, dash: DASHES[round]! },
      ...(dots === null ? {} : { marker: { color, size: dots } }),
      connectgaps: false,
      ...this.#hover(series, rows),
    }
  }

  /** A bar for each x: rows that would lie on each other are added up. */
  #bars(series: Series, rows: Int32Array, place: number): object {
    const { color, round } = lookOf(place)
    const last = new Map<number, number>()
    const sums = new Map<number, number>()
    for (const row of rows) {
      const x = this.#x.values[row]!
      const y = series.y.values[row]!
      const sum = sums.get(x)
      sums.set(x, sum === undefined || Number.isNaN(sum) ? y : Number.isNaN(y) ? sum : sum + y)
      last.set(x, row)
    }
    if (last.size < rows.length) {
      this.#note(`rows of one ${labelFor(this.#drawing, this.#x).text} added up`)
    }
    const one = Int32Array.from(last.values())
    return {
      type: 'bar',
      ...this.#base(series, one),
      y: Array.from(sums.values(), sum => drawnValue(series.y, sum)),
      marker: { color, ...(round === 0 ? {} : { pattern: { shape: PATTERNS[round]!, size: 6, solidity: 0.4 } }) },
      ...this.#hover(series, one),
    }
  }

  #markers(series: Series, rows: Int32Array, place: number, diameter: ((row: number) => number) | null): object {
    const { color, round } = lookOf(place)
    const scale = this.#scale ? this.#color! : null
    return {
      type: 'scatter',
      mode: 'markers',
      ...this.#base(series, rows),
      marker: {
        ...(scale === null ? { color } : { color: Array.from(rows, row => drawnValue(scale, scale.values[row]!)) }),
        ...(scale === null ? {} : { colorscale: AMOUNTS, showscale: true, colorbar: this.#colorbar(scale) }),
        symbol: SYMBOLS[round]!,
        opacity: rows.length > 2000 ? 0.5 : 0.8,
        line: { width: rows.length > 2000 ? 0 : 0.5, color: 'rgba(128,128,128,0.8)' },
        size: diameter === null ? (rows.length > 2000 ? 4 : 8) : Array.from(rows, diameter),
      },
      ...this.#hover(series, rows),
    }
  }

  /** The diameter of the marker of a row, by area; null without a size column. A row without a size is still seen. */
  #diameters(markers: number): ((row: number) => number) | null {
    const size = this.#size
    if (size === null) return null
    const { values } = size
    const { high } = drawingOf(size, this.#points.length)
    if (high > 0) this.#note(`larger with ${titleOf(this.#drawing, size)}, up to ${amountText(high)}`)
    let without = 0
    for (let row = 0; row < this.#points.length; row++) if (!(values[row]! > 0)) without++
    if (without > 0) this.#note(`${countOf(without, 'row')} without a size above 0, drawn smallest`)
    const largest = Math.min(LARGEST, Math.max(2 * SMALLEST, Math.round(300 / Math.sqrt(markers))))
    return row => {
      const value = values[row]!
      return value > 0 ? Math.max(SMALLEST, Number((largest * Math.sqrt(value / high)).toFixed(1))) : SMALLEST
    }
  }

  #colorbar(scale: PlotColumn): object {
    const title = { text: escapeText(titleOf(this.#drawing, scale)) }
    const { low, high } = drawingOf(scale, this.#points.length)
    if (scale.kind === 'number' || !(low <= high)) return { title, outlinewidth: 0 }
    const ticks = Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4)
    const text = (ms: number): string => timeText(ms).slice(0, high - low < 5 * 86_400_000 ? 16 : 10)
    return { title, outlinewidth: 0, tickvals: ticks, ticktext: ticks.map(text) }
  }

  /** What is shown under the pointer: the series, x and y with their titles, then the columns asked for. */
  #hover(series: Series, rows: Int32Array): object {
    const { mark, color, size, hover } = this.#drawing
    const names = new Set([...(this.#scale ? [color!] : []), ...(size === undefined ? [] : [size]), ...hover])
    const columns = [...names].map(name => this.#points.column(name))
    const titles = columns.map(column => escapeText(titleOf(this.#drawing, column)))
    const line = (row: number): string =>
      columns.map((column, c) => `${titles[c]!}: ${escapeText(hoverValue(column, column.values[row]!))}`).join('<br>')
    const title = (column: PlotColumn): string => escapeTemplate(titleOf(this.#drawing, column))
    const name = escapeTemplate(series.name)
    const unified = mark === 'line' && this.series <= 12
    const head = unified
      ? `${name}: %{y}`
      : `${this.#several ? `<b>${name}</b><br>` : ''}${title(this.#x)}: %{x}<br>${title(series.y)}: %{y}`
    if (columns.length === 0) return { hovertemplate: `${head}<extra></extra>` }
    return { text: Array.from(rows, line), hovertemplate: `${head}<br>%{text}<extra></extra>` }
  }
}

const MOST_IN_LEGEND = 15

/** Higher where the legend would not fit. */
function heightFor(series: number): number {
  return 420 + 19 * Math.max(0, series - MOST_IN_LEGEND)
}

/** The colour of a series by its place, and the round of colours that it is in; grey for the others. */
function lookOf(place: number): { readonly color: string; readonly round: number } {
  if (place < 0) return { color: OTHERS, round: 0 }
  return {
    color: CATEGORIES[place % CATEGORIES.length]!,
    round: Math.floor(place / CATEGORIES.length) % DASHES.length,
  }
}
