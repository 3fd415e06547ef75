import { PlanError } from '../data/errors.ts'
import { typeText, type Columns, type Field } from '../data/type.ts'
import type { Frame } from '../frame/frame.ts'
import { Output } from '../frame/output.ts'
import type { OutputPart } from '../frame/view.ts'
import * as plan from '../plan/build.ts'
import type { Kind, Node } from '../plan/node.ts'
import type { Words } from './figure.ts'
import { heatmapFigure, type HeatmapDrawing } from './heatmap.ts'
import { Histogram } from './histogram.ts'
import {
  checkPlot,
  lastMs,
  type BarOptions,
  type HeatmapOptions,
  type HistogramOptions,
  type ScatterOptions,
  type XYOptions,
} from './options.ts'
import { axisKind } from './plot-column.ts'
import { Points } from './points.ts'
import type { XYMark } from './series.ts'
import { heatmapText, histogramText, xyText } from './summary.ts'
import { fileFor, openCanvas, type Canvas } from './view.ts'
import { xyFigure, type XYDrawing } from './xy.ts'

/**
 * The plots. Each call checks its columns at once and makes an output of the frame that draws when it is started; in a
 * notebook it is enough that a cell ends with it. A batch is drawn when all its rows are there, a stream while they come.
 */

const LOOK = ['title', 'labels', 'height', 'file'] as const
const HEIGHT = 420
const XY = ['x', 'y', 'color', 'hover', 'last', 'most', ...LOOK] as const

/**
 * Lines through rows in order of `x`, one for each column of `y` and each value of `color`. A null is a gap. Long lines
 * are thinned to the points that shape them on the screen, so that no peak is lost; of more than 24 series the ones with
 * the largest last value are drawn, and a line below the title says so. Times are UTC.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { line } from 'millrace/plot'
 *
 * const days = read.rows([{ day: 1, delayMinutes: 7.5 }, { day: 2, delayMinutes: 9 }])
 * line(days, { x: 'day', y: 'delayMinutes', title: 'Delays' }).parts[0]?.name // => 'line of delayMinutes'
 * ```
 */
export function line<C extends Columns, K extends Kind>(frame: Frame<C, K>, options: XYOptions<NoInfer<C>>): Output {
  return xyPlot(frame.plan, 'line', options)
}

/**
 * Bars over `x`, one for each column of `y` and each value of `color`, side by side or `stacked`. Categories stand in
 * the order of the rows, so `orderBy` sorts them; rows that would lie on each other are added up, and a line below the
 * title says so. Of more than 24 series the ones with the largest sum are drawn.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { bar } from 'millrace/plot'
 *
 * const airports = read.rows([{ origin: 'ATL', flights: 9 }, { origin: 'SEA', flights: 4 }])
 * bar(airports, { x: 'origin', y: 'flights' }).parts[0]?.name // => 'bar of flights'
 * ```
 */
export function bar<C extends Columns, K extends Kind>(frame: Frame<C, K>, options: BarOptions<NoInfer<C>>): Output {
  return xyPlot(frame.plan, 'bar', options, ['stacked'])
}

/**
 * A marker for each row that has both `x` and `y`. `color` by numbers or times is a scale, by texts and bools a series
 * for each value; whole numbers are categories while they are at most twelve and close together, as those of clusters
 * are: cast the column to `float64` or `utf8` to decide it. `size` makes markers larger, by area. Above 20,000 markers an
 * even sample is drawn, and a line below the title says so.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { scatter } from 'millrace/plot'
 *
 * const places = read.rows([{ longitude: -122.3, latitude: 47.4, flights: 4 }])
 * scatter(places, { x: 'longitude', y: 'latitude', size: 'flights' }).parts[0]?.name // => 'scatter of latitude'
 * ```
 */
export function scatter<C extends Columns, K extends Kind>(
  frame: Frame<C, K>,
  options: ScatterOptions<NoInfer<C>>,
): Output {
  return xyPlot(frame.plan, 'scatter', options, ['size'])
}

/**
 * A cell for each pair of `x` and `y`, coloured by `value`; pairs without a row are holes. Categories stand in
 * the order of the rows, so `orderBy` sorts them. Of rows with the same pair the
 * latest is shown, and a line below the title says so. An axis has at most 400 places.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { heatmap } from 'millrace/plot'
 *
 * const late = read.rows([{ hour: 8, weekday: 1, share: 0.1 }, { hour: 18, weekday: 1, share: 0.3 }])
 * heatmap(late, { x: 'hour', y: 'weekday', value: 'share' }).parts[0]?.name // => 'heatmap of share'
 * ```
 */
export function heatmap<C extends Columns, K extends Kind>(
  frame: Frame<C, K>,
  options: HeatmapOptions<NoInfer<C>>,
): Output {
  const node = frame.plan
  const fields = checkPlot('heatmap', node.schema, { ...options }, ['x', 'y', 'value', 'most', ...LOOK], {
    y: 'axis',
  })
  const { x, y, value } = options
  const drawing: HeatmapDrawing = { ...wordsOf(options), height: options.height ?? HEIGHT, x, y, value }
  const extent = { most: options.most ?? mostOf('heatmap', node), lastMs: null }
  return plotOutput(node, `heatmap of ${value}`, fields, options.file, () => {
    const points = new Points(fields, x, extent)
    return {
      add: batch => points.add(batch),
      figure: ended => heatmapFigure(drawing, points, ended),
      text: () => heatmapText(drawing, points),
    }
  })
}

/**
 * How often values of one column come, in at most `bins` bins of equal width with round bounds. Every row counts, in
 * bounded memory and in any order; rows without a value are left out, and a line below the title says how many. A frame
 * that corrects rows is refused.
 *
 * ```ts
 * import { read } from 'millrace'
 * import { histogram } from 'millrace/plot'
 *
 * const delays = read.rows([{ delay: 3 }, { delay: 4 }, { delay: 40 }])
 * histogram(delays, { x: 'delay', bins: 20 }).parts[0]?.name // => 'histogram of delay'
 * ```
 */
export function histogram<C extends Columns, K extends Kind>(
  frame: Frame<C, K>,
  options: HistogramOptions<NoInfer<C>>,
): Output {
  const node = frame.plan
  const fields = checkPlot('histogram', node.schema, { ...options }, ['x', 'bins', ...LOOK])
  const field = fields[0]!
  if (axisKind(field.type) === 'category') {
    const text = `histogram: x needs a column of numbers or times, but "${field.name}" is ${typeText(field)}. Count its values: frame.groupBy('${field.name}').aggregate(() => ({ rows: count() })), and draw bars.`
    throw new PlanError('plot-column', text, { option: 'x', column: field.name })
  }
  if (node.frameKind === 'updating') {
    const text = `histogram: ${plan.updatingBy(node)} corrects rows it has given. Aggregate in windows: .window(tumble('1 minute')).`
    throw new PlanError('updating', text)
  }
  const words = { ...wordsOf(options), height: options.height ?? HEIGHT }
  return plotOutput(node, `histogram of ${field.name}`, fields, options.file, () => {
    const counted = new Histogram(words, field, options.bins ?? 60)
    return {
      add: batch => counted.add(batch),
      figure: ended => counted.figure(ended),
      text: () => histogramText(words, field.name, counted),
    }
  })
}

function xyPlot<C extends Columns>(
  node: Node,
  mark: XYMark,
  options: XYOptions<C> & { readonly size?: string; readonly stacked?: boolean },
  more: readonly string[] = [],
): Output {
  const fields = checkPlot(mark, node.schema, { ...options }, [...XY, ...more])
  const { x, color, size, hover = [], stacked = false } = options
  const y: readonly string[] = typeof options.y === 'string' ? [options.y] : options.y
  const extent = {
    most: options.most ?? mostOf(mark, node),
    lastMs: lastMs(mark, options.last, node.schema.field(x, mark)),
  }
  const drawing: XYDrawing = {
    ...wordsOf(options),
    mark,
    x,
    y: [...new Set(y)],
    hover,
    stacked,
    height: options.height ?? null,
    ...(color === undefined ? {} : { color }),
    ...(size === undefined ? {} : { size }),
  }
  return plotOutput(node, `${mark} of ${drawing.y.join(', ')}`, fields, options.file, () => {
    const points = new Points(fields, x, extent)
    return {
      add: batch => points.add(batch),
      figure: ended => xyFigure(drawing, points, ended),
      text: () => xyText(drawing, points),
    }
  })
}

/** Rows that a plot keeps unless told: what is drawn four times a second is less than what is drawn once. */
function mostOf(mark: XYMark | 'heatmap', node: Node): number {
  if (mark === 'bar') return 5000
  return node.frameKind === 'batch' ? 2_000_000 : 100_000
}

function wordsOf({ title, labels = {} }: { title?: string; labels?: Words['labels'] }): Words {
  return title === undefined ? { labels } : { title, labels }
}

/** An output of the plot's columns only, so that no source reads more than is drawn. */
function plotOutput(
  input: Node,
  name: string,
  fields: readonly Field[],
  file: string | undefined,
  canvas: () => Canvas,
): Output {
  const node = plan.select(
    input,
    fields.map(field => field.name),
  )
  let path = file
  const pathOf = (): string => (path ??= fileFor(name))
  const live = node.frameKind !== 'batch'
  const part: OutputPart = { name, plan: node, drawn: true, open: () => openCanvas(name, canvas(), live, pathOf) }
  return new Output([part])
}
