import { AMOUNTS, CATEGORIES } from './palette.ts'
import type { PlotColumn } from './plot-column.ts'
import { labelOf, labelText, parseLabel, type Label } from './label.ts'
import { amountText, countText, escapeText, timeText } from './text.ts'

/**
 * What all figures share: the look, which stands in the template so that a page can put its theme in its place, axes from
 * columns, and the line of notes below the title. Nothing is left out in silence: what was thinned or dropped is noted.
 */

/** A plotly figure: traces and layout, as plotly's own documentation describes them. */
export interface Figure {
  readonly data: readonly object[]
  readonly layout: object
  readonly config?: object
}

/** The words of a figure. */
export interface Words {
  readonly title?: string
  readonly labels: Readonly<Record<string, string | undefined>>
}

/** A value in a trace. */
export type Drawn = number | string | null

const AXIS = {
  automargin: true,
  gridcolor: 'rgba(128,128,128,0.25)',
  linecolor: 'rgba(128,128,128,0.5)',
  zerolinecolor: 'rgba(128,128,128,0.5)',
  title: { standoff: 12, font: { size: 13 } },
}

/** See-through and mid-grey: readable on a light and on a dark page that knows nothing of it. */
export const TEMPLATE: object = {
  layout: {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: '#7a7a7a', size: 13 },
    colorway: CATEGORIES,
    colorscale: { sequential: AMOUNTS },
    hoverlabel: { bgcolor: '#f6f8fa', bordercolor: '#8c959f', font: { color: '#24292f' } },
    legend: { bgcolor: 'rgba(0,0,0,0)' },
    xaxis: AXIS,
    yaxis: AXIS,
  },
}

/** A layout with title, notes and axes; says in the middle that there are no rows, when there are none. */
export function layoutOf(
  words: Words & { readonly height: number },
  title: string,
  notes: readonly string[],
  rows: number | 'none yet',
  axes: { readonly xaxis: object; readonly yaxis: object },
): object {
  const below = notes.length === 0 ? '' : `<br><span style="font-size:12px">${notes.map(escapeText).join(' · ')}</span>`
  const text = rows === 0 ? 'no rows' : 'no rows yet'
  const empty = rows === 0 || rows === 'none yet'
  const hidden = empty ? { showticklabels: false, showgrid: false, zeroline: false } : {}
  return {
    template: TEMPLATE,
    title: {
      text: escapeText(words.title ?? title) + below,
      x: 0,
      xref: 'paper',
      xanchor: 'left',
      y: 1,
      yref: 'container',
      yanchor: 'top',
      pad: { t: 14 },
      font: { size: 17 },
    },
    height: words.height,
    margin: { l: 64, r: 24, t: notes.length === 0 ? 48 : 66, b: 56 },
    uirevision: 'keep',
    xaxis: { ...axes.xaxis, ...hidden },
    yaxis: { ...axes.yaxis, ...hidden },
    ...(empty
      ? {
          annotations: [{ text, showarrow: false, xref: 'paper', yref: 'paper', x: 0.5, y: 0.5, font: { size: 16 } }],
        }
      : {}),
  }
}

/** The axis of a column: its kind, its title, whole steps where few whole numbers stand, categories in their order. */
export function axisOf(words: Words, column: PlotColumn, drawn: Drawing): object {
  const { kind } = column
  const title = { text: escapeText(titleOf(words, column)) }
  if (kind === 'category') return { title, type: 'category', categoryorder: 'array', categoryarray: drawn.categories }
  if (kind !== 'number') return { title, type: 'date' }
  const few = isWhole(column) && drawn.high - drawn.low <= 12
  return { title, type: 'linear', ...(few ? { dtick: 1 } : {}) }
}

/** Categories with a label of their own, and how long a label is: longer ones would take the place of the plot. */
const MOST_TICKS = 40
const MOST_TEXT = 24

/** Labels of an x axis of many or of long categories: every so many one, cut; the pointer still shows all. */
export function ticksOf({ categories }: Drawing, notes: string[]): object {
  const texts = categories.map(String)
  const step = Math.ceil(texts.length / MOST_TICKS)
  const shown = texts.filter((_, i) => i % step === 0)
  const cut = shown.map(cutText)
  if (step <= 1 && cut.every((text, i) => text === shown[i])) return {}
  if (step > 1) notes.push(`${countText(texts.length)} values of x, one in ${countText(step)} named`)
  return { tickmode: 'array', tickvals: shown, ticktext: cut }
}

/** An escaped text, cut between characters. */
function cutText(text: string): string {
  const characters = text.match(/&(?:amp|lt|gt);|./gsu) ?? []
  return characters.length > MOST_TEXT ? `${characters.slice(0, MOST_TEXT - 1).join('')}…` : text
}

/** What an axis shows: the range of its numbers, or its categories. */
export interface Drawing {
  readonly low: number
  readonly high: number
  readonly categories: readonly Drawn[]
}

export function drawingOf(column: PlotColumn, length: number): Drawing {
  let low = Infinity
  let high = -Infinity
  let missing = false
  const { values } = column
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) missing = true
    if (value < low) low = value
    if (value > high) high = value
  }
  if (column.kind !== 'category') return { low, high, categories: [] }
  const used = new Set<number>()
  for (let i = 0; i < length; i++) used.add(values[i]!)
  const codes = [...used].filter(code => !Number.isNaN(code)).sort((a, b) => a - b)
  return { low, high, categories: [...codes, ...(missing ? [NaN] : [])].map(code => drawnValue(column, code)) }
}

export function labelFor(words: Words, column: PlotColumn): Label {
  const written = words.labels[column.name]
  return written === undefined ? labelOf(column.name, column.type) : parseLabel(written)
}

/** A title with its unit; of moments it says that they are UTC. */
export function titleOf(words: Words, column: PlotColumn): string {
  const text = labelText(labelFor(words, column))
  return column.kind === 'time' ? `${text} (UTC)` : text
}

/** A value as plotly draws it: a number, milliseconds, or an escaped category. */
export function drawnValue(column: PlotColumn, value: number): Drawn {
  if (column.kind === 'category') return escapeText(categoryText(column, value))
  if (Number.isNaN(value)) return null
  return column.type.kind === 'float32' ? Number(value.toPrecision(7)) : value
}

/** How a value reads in a legend. */
export function categoryText(column: PlotColumn, value: number): string {
  if (Number.isNaN(value)) return '(missing)'
  if (column.kind === 'category') return column.texts[value]! === '' ? '(empty)' : column.texts[value]!
  return column.kind === 'number' ? String(drawnValue(column, value)) : timeText(value)
}

/** How a value reads when the pointer is on it. */
export function hoverValue(column: PlotColumn, value: number): string {
  if (Number.isNaN(value)) return '–'
  return column.kind === 'number' ? amountText(value) : categoryText(column, value)
}

export function isWhole(column: PlotColumn): boolean {
  return ['int32', 'int64', 'bigint'].includes(column.type.kind)
}

const collator = new Intl.Collator('en', { numeric: true })

/** Numbers and times by size, texts as in a dictionary with their numbers by size, missing values last. */
export function compareValues(column: PlotColumn): (a: number, b: number) => number {
  const { kind, texts, type } = column
  return (a, b) => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    if (kind !== 'category' || type.kind === 'bool') return a - b
    return collator.compare(texts[a]!, texts[b]!) || a - b
  }
}
