import {
  axisOf,
  drawingOf,
  drawnValue,
  isWhole,
  labelFor,
  layoutOf,
  titleOf,
  type Figure,
  type Words,
} from './figure.ts'
import { AMOUNTS } from './palette.ts'
import type { PlotColumn } from './plot-column.ts'
import type { Points } from './points.ts'
import { countText, escapeTemplate, escapeText } from './text.ts'

/** Rows as a grid of coloured cells. Cells that no row fills are holes, and so are whole missing columns and lines. */

export interface HeatmapDrawing extends Words {
  readonly height: number
  readonly x: string
  readonly y: string
  readonly value: string
}

/** Places on one axis. */
const MOST_PLACES = 400

export function heatmapFigure(drawing: HeatmapDrawing, points: Points, ended: boolean): Figure {
  points.settle()
  const notes: string[] = []
  const { length } = points
  if (points.dropped > 0) notes.push(`the latest ${countText(length)} of ${countText(length + points.dropped)} rows`)
  const [x, y, value] = [points.column(drawing.x), points.column(drawing.y), points.column(drawing.value)]
  const xs = placesOf(drawing, x, length, notes)
  const ys = placesOf(drawing, y, length, notes)
  const [across, down] = [xs, ys].map(places => new Map(places.map((place, i) => [place, i])))
  const z = ys.map(() => new Array<number | null>(xs.length).fill(null))
  let twice = false
  const filled = new Uint8Array(xs.length * ys.length)
  for (let row = 0; row < length; row++) {
    const column = across!.get(x.values[row]!)
    const line = down!.get(y.values[row]!)
    if (column === undefined || line === undefined) continue
    const cell = line * xs.length + column
    twice ||= filled[cell] === 1
    filled[cell] = 1
    z[line]![column] = drawnValue(value, value.values[row]!) as number | null
  }
  if (twice) notes.push('of rows in one cell the latest')
  const title = (column: PlotColumn): string => escapeTemplate(titleOf(drawing, column))
  return {
    data: [
      {
        type: 'heatmap',
        x: xs.map(place => drawnValue(x, place)),
        y: ys.map(place => drawnValue(y, place)),
        z,
        colorscale: AMOUNTS,
        hoverongaps: false,
        hovertemplate: `${title(x)}: %{x}<br>${title(y)}: %{y}<br>${title(value)}: %{z}<extra></extra>`,
        xgap: xs.length <= 60 ? 1 : 0,
        ygap: ys.length <= 60 ? 1 : 0,
        colorbar: { title: { text: escapeText(titleOf(drawing, value)) }, outlinewidth: 0 },
      },
    ],
    layout: layoutOf(
      drawing,
      `${labelFor(drawing, value).text} by ${labelFor(drawing, x).text} and ${labelFor(drawing, y).text}`,
      notes,
      length === 0 && !ended ? 'none yet' : length,
      {
        xaxis: { ...axisOf(drawing, x, drawingOf(x, length)), showgrid: false },
        yaxis: {
          ...axisOf(drawing, y, drawingOf(y, length)),
          ...(y.kind === 'category' ? { autorange: 'reversed' } : {}),
          showgrid: false,
        },
      },
    ),
  }
}

/**
 * The places of an axis in order; categories stand in the order of the rows. Numbers and times that stand on a regular grid get the places between them that no row
 * has, so that every cell has the same size.
 */
function placesOf(drawing: HeatmapDrawing, column: PlotColumn, length: number, notes: string[]): number[] {
  const found = new Set<number>()
  for (let row = 0; row < length; row++) found.add(column.values[row]!)
  const there = [...found].filter(value => !Number.isNaN(value)).sort((a, b) => a - b)
  const sorted = column.kind === 'category' && found.has(NaN) ? [...there, NaN] : there
  if (sorted.length < found.size) notes.push(`rows without ${labelFor(drawing, column).text} left out`)
  if (sorted.length > MOST_PLACES) {
    notes.push(`${countText(MOST_PLACES)} of ${countText(sorted.length)} values of ${labelFor(drawing, column).text}`)
    return column.kind === 'category' ? sorted.slice(0, MOST_PLACES) : sorted.slice(-MOST_PLACES)
  }
  return column.kind === 'category' ? sorted : filledUp(sorted, column)
}

function filledUp(sorted: readonly number[], column: PlotColumn): number[] {
  let step = Infinity
  for (let i = 1; i < sorted.length; i++) step = Math.min(step, sorted[i]! - sorted[i - 1]!)
  const [first, last] = [sorted[0]!, sorted.at(-1)!]
  if (isWhole(column) && last - first < 32) step = 1
  const places = Math.round((last - first) / step) + 1
  if (!(places > sorted.length && places <= MOST_PLACES)) return [...sorted]
  const full = Array.from({ length: places }, (_, i) => first + i * step)
  for (const value of sorted) {
    const at = (value - first) / step
    if (Math.abs(at - Math.round(at)) > 1e-6) return [...sorted]
    full[Math.round(at)] = value
  }
  return full
}
