import { Bins } from './bins.ts'
import { decimateLine } from './decimate.ts'
import { labelOf } from './label.ts'
import { AMOUNTS, CATEGORIES, DASHES, SYMBOLS } from './palette.ts'
import { categoryText, type AxisKind, type Points, type PlotValue } from './points.ts'

/**
 * Rows to a plotly figure: pure functions, the same for a finished table and for the present state of a stream. Nothing
 * is left out in silence: what was thinned or dropped is said below the title.
 */

/** A plotly figure: traces and layout, as plotly's own documentation describes them. */
export interface Figure {
  readonly data: readonly object[]
  readonly layout: object
  readonly config?: object
}

/** What is drawn, with names of columns; made from the options of `line`, `scatter` and the others. */
export interface Drawing {
  readonly mark: 'line' | 'scatter' | 'bar' | 'heatmap'
  readonly x: string
  readonly y: readonly string[]
  readonly color?: string
  readonly size?: string
  readonly value?: string
  readonly hover: readonly string[]
  readonly title?: string
  readonly labels: Readonly<Record<string, string>>
  readonly stacked: boolean
  readonly height: number
  /** Kinds of the columns by name. */
  readonly kinds: Readonly<Record<string, AxisKind>>
}

/** Points a line keeps in a figure, and markers a scatter plot keeps. */
const LINE_POINTS = 4000
const MARKERS = 20_000

interface Series {
  readonly name: string
  readonly y: string
  readonly rows: readonly (readonly PlotValue[])[]
}

export function drawFigure(drawing: Drawing, points: Points): Figure {
  const notes: string[] = []
  if (points.dropped > 0) notes.push(`the latest ${count(points.length)} of ${count(points.seen)} rows`)
  const data = drawing.mark === 'heatmap' ? [heatmap(drawing, points)] : traces(drawing, points, notes)
  return { data, layout: layout(drawing, points, notes) }
}

function traces(drawing: Drawing, points: Points, notes: string[]): object[] {
  const at = (name: string): number => points.columns.indexOf(name)
  const amount = drawing.color !== undefined && drawing.kinds[drawing.color] === 'number' && drawing.mark === 'scatter'
  const all = seriesOf(drawing, points, amount)
  return all.map((series, s) => {
    const rows = orderedRows(drawing, series, at, all.length, notes)
    const column = (name: string): PlotValue[] => rows.map(row => row[at(name)]!)
    const base = {
      name: series.name,
      x: categories(column(drawing.x), drawing.kinds[drawing.x]!),
      y: column(series.y),
      ...hoverText(drawing, rows, at),
    }
    const color = CATEGORIES[s % CATEGORIES.length]
    const round = Math.floor(s / CATEGORIES.length)
    switch (drawing.mark) {
      case 'line':
        return {
          type: 'scatter',
          mode: 'lines',
          ...base,
          line: { color, width: 1.8, dash: DASHES[round % DASHES.length] },
        }
      case 'bar':
        return { type: 'bar', ...base, marker: { color } }
      default:
        return { type: 'scatter', mode: 'markers', ...base, marker: marker(drawing, column, amount, color!, round) }
    }
  })
}

/** Splits rows by the color column and the y columns, in an order that does not hang on how the rows came. */
function seriesOf(drawing: Drawing, points: Points, amount: boolean): Series[] {
  const several = drawing.y.length > 1
  const color = drawing.color
  if (color === undefined || amount) {
    return drawing.y.map(y => ({ name: title(drawing, y), y, rows: points.rows }))
  }
  const at = points.columns.indexOf(color)
  const groups = new Map<PlotValue, (readonly PlotValue[])[]>()
  for (const row of points.rows) {
    const group = groups.get(row[at]!)
    if (group === undefined) groups.set(row[at]!, [row])
    else group.push(row)
  }
  const ordered = [...groups].sort(([a], [b]) => compare(a, b))
  return ordered.flatMap(([value, rows]) => {
    const group = categoryText(value, drawing.kinds[color]!)
    return drawing.y.map(y => ({ name: several ? `${group}, ${title(drawing, y)}` : group, y, rows }))
  })
}

/** Lines go in order of x and keep their shape when thinned; markers are thinned evenly; bars stay as they came. */
function orderedRows(
  drawing: Drawing,
  series: Series,
  at: (name: string) => number,
  seriesCount: number,
  notes: string[],
): readonly (readonly PlotValue[])[] {
  if (drawing.mark === 'bar') return series.rows
  if (drawing.mark === 'line') {
    const x = at(drawing.x)
    const sorted = series.rows.toSorted((a, b) => compare(a[x]!, b[x]!))
    const y = sorted.map(row => (typeof row[at(series.y)] === 'number' ? (row[at(series.y)] as number) : null))
    return Array.from(decimateLine(y, LINE_POINTS), i => sorted[i]!)
  }
  const most = Math.max(1, Math.floor(MARKERS / seriesCount))
  if (series.rows.length <= most) return series.rows
  notes.push(`${count(most)} of ${count(series.rows.length)} points of ${series.name}`)
  return Array.from({ length: most }, (_, i) => series.rows[Math.floor((i * series.rows.length) / most)]!)
}

function marker(
  drawing: Drawing,
  column: (name: string) => PlotValue[],
  amount: boolean,
  color: string,
  round: number,
): object {
  const values =
    drawing.size === undefined ? null : column(drawing.size).map(v => (typeof v === 'number' && v > 0 ? v : 0))
  const largest = values === null ? 0 : values.reduce((most, v) => Math.max(most, v), 0)
  return {
    color: amount ? column(drawing.color!) : color,
    ...(amount
      ? { colorscale: AMOUNTS, showscale: true, colorbar: { title: { text: title(drawing, drawing.color!) } } }
      : {}),
    symbol: SYMBOLS[round % SYMBOLS.length],
    opacity: 0.8,
    ...(values === null
      ? { size: 7 }
      : { size: values, sizemode: 'area', sizeref: (2 * Math.max(largest, 1e-300)) / 30 ** 2, sizemin: 3 }),
  }
}

function hoverText(drawing: Drawing, rows: readonly (readonly PlotValue[])[], at: (name: string) => number): object {
  const names = [...drawing.hover, ...(drawing.size === undefined ? [] : [drawing.size])]
  if (names.length === 0) return {}
  const text = (row: readonly PlotValue[]): string =>
    names.map(name => `${title(drawing, name)}: ${shown(row[at(name)]!, drawing.kinds[name]!)}`).join('<br>')
  return { text: rows.map(text), hovertemplate: '%{x}, %{y}<br>%{text}' }
}

function shown(value: PlotValue, kind: AxisKind): string {
  if (value === null) return '–'
  if (kind === 'time') return new Date(value as number).toISOString().replace('T', ' ').replace('.000Z', '')
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : escapeText(String(value))
}

/** plotly reads a small HTML in texts. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function heatmap(drawing: Drawing, points: Points): object {
  const [x, y, value] = [drawing.x, drawing.y[0]!, drawing.value!].map(name => points.columns.indexOf(name))
  const unique = (c: number): PlotValue[] => [...new Set(points.rows.map(row => row[c]!))].sort(compare)
  const [xs, ys] = [unique(x!), unique(y!)]
  const [column, row] = [xs, ys].map(values => new Map(values.map((v, i) => [v, i])))
  const z = ys.map(() => new Array<PlotValue>(xs.length).fill(null))
  for (const cells of points.rows) z[row!.get(cells[y!]!)!]![column!.get(cells[x!]!)!] = cells[value!]!
  return {
    type: 'heatmap',
    x: categories(xs, drawing.kinds[drawing.x]!),
    y: categories(ys, drawing.kinds[drawing.y[0]!]!),
    z,
    colorscale: AMOUNTS,
    hoverongaps: false,
    colorbar: { title: { text: title(drawing, drawing.value!) } },
  }
}

/** Bars over the bins of one column's values. */
export function histogramFigure(
  bins: Bins,
  options: { column: string; bins: number; title?: string; label?: string; height: number; kind: AxisKind },
): Figure {
  const { width, edges, counts } = bins.result(options.bins)
  const name = options.label ?? labelOf(options.column)
  const scale = options.kind === 'time' ? 1000 : 1
  const notes = bins.missing === 0 ? [] : [`${count(bins.missing)} rows without a value are left out`]
  return {
    data: [
      {
        type: 'bar',
        name,
        x: edges.map(edge => (edge + width / 2) / scale),
        y: counts,
        width: width / scale,
        marker: { color: CATEGORIES[0], line: { width: 0 } },
        hovertemplate: '%{x}: %{y}<extra></extra>',
      },
    ],
    layout: {
      ...frameOf(options.title ?? `${name}: ${count(bins.total)} rows`, notes, options.height),
      bargap: 0.02,
      showlegend: false,
      xaxis: axis(name, options.kind),
      yaxis: axis('rows', 'number'),
    },
  }
}

function layout(drawing: Drawing, points: Points, notes: readonly string[]): object {
  const y = drawing.y.length === 1 ? title(drawing, drawing.y[0]!) : ''
  const several = drawing.y.length > 1 || drawing.color !== undefined
  const amount = drawing.color !== undefined && drawing.kinds[drawing.color] === 'number' && drawing.mark === 'scatter'
  const yKind = drawing.kinds[drawing.y[0]!]!
  return {
    ...frameOf(drawing.title ?? defaultTitle(drawing), notes, drawing.height),
    ...(drawing.mark === 'bar' ? { barmode: drawing.stacked ? 'stack' : 'group' } : {}),
    hovermode: drawing.mark === 'line' ? 'x unified' : 'closest',
    showlegend: several && !amount && drawing.mark !== 'heatmap' && points.length > 0,
    legend: { title: { text: drawing.color === undefined ? '' : title(drawing, drawing.color) } },
    xaxis: axis(title(drawing, drawing.x), drawing.kinds[drawing.x]!),
    yaxis: axis(y, yKind),
    ...(points.length === 0 ? { annotations: [{ text: 'no rows yet', showarrow: false, font: { size: 16 } }] } : {}),
  }
}

/** The parts of a layout that all figures share: see-through, so that it stands on a light or a dark page. */
function frameOf(text: string, notes: readonly string[], height: number): object {
  const below = notes.length === 0 ? '' : `<br><sub>${notes.join('; ')}</sub>`
  return {
    title: { text: escapeText(text) + below, x: 0, xref: 'paper', font: { size: 16 } },
    height,
    margin: { l: 64, r: 24, t: notes.length === 0 ? 48 : 64, b: 52 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: '#7a7a7a', size: 13 },
    colorway: CATEGORIES,
    uirevision: 'keep',
  }
}

function axis(text: string, kind: AxisKind): object {
  const type = kind === 'time' ? 'date' : kind === 'category' ? 'category' : 'linear'
  const zone = kind === 'time' ? `${text} (UTC)` : text
  return {
    title: { text: escapeText(zone) },
    type,
    automargin: true,
    gridcolor: 'rgba(128,128,128,0.25)',
    zeroline: false,
  }
}

function defaultTitle(drawing: Drawing): string {
  const what =
    drawing.mark === 'heatmap' ? title(drawing, drawing.value!) : drawing.y.map(y => title(drawing, y)).join(', ')
  const by =
    drawing.mark === 'heatmap'
      ? `${title(drawing, drawing.y[0]!)} and ${title(drawing, drawing.x)}`
      : title(drawing, drawing.x)
  return `${what} by ${by}`
}

function title(drawing: Drawing, column: string): string {
  return drawing.labels[column] ?? labelOf(column)
}

/** Category axes take texts, so that 1 and "1" are one place and true is not a number. */
function categories(values: PlotValue[], kind: AxisKind): PlotValue[] {
  return kind === 'category' ? values.map(value => categoryText(value, kind)) : values
}

/** Numbers and times by size, texts by code unit, nulls last. */
function compare(a: PlotValue, b: PlotValue): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -1 : 1
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}
