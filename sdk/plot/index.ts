/** The door `millrace/plot`: frames as pictures, still or moving. */
export { bar, heatmap, histogram, line, scatter } from './marks.ts'
export { figure, PlainFigure } from './plain.ts'
export type { Figure } from './figure.ts'
export type { BarOptions, HeatmapOptions, HistogramOptions, Look, ScatterOptions, Span, XYOptions } from './options.ts'
