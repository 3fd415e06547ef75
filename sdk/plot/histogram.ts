import type { Batch } from '../data/batch.ts'
import type { Field } from '../data/type.ts'
import { countOf } from '../data/number-text.ts'
import { Bins, type BinCounts, type BinKind } from './bins.ts'
import { isWhole, labelFor, layoutOf, titleOf, type Figure, type Words } from './figure.ts'
import { CATEGORIES } from './palette.ts'
import { PlotColumn } from './plot-column.ts'
import { amountText, countText, escapeTemplate, escapeText, timeText } from './text.ts'

/** How often the values of one column come. Keeps counts, not rows. */
export class Histogram {
  readonly #words: Words & { readonly height: number }
  readonly #wanted: number
  readonly #column: PlotColumn
  readonly #kind: BinKind
  readonly #bins: Bins

  constructor(words: Words & { readonly height: number }, field: Field, wanted: number) {
    this.#words = words
    this.#wanted = wanted
    this.#column = new PlotColumn(field.name, field.type)
    this.#kind = this.#column.kind !== 'number' ? 'time' : isWhole(this.#column) ? 'whole' : 'real'
    this.#bins = new Bins(this.#kind)
  }

  get rows(): number {
    return this.#bins.total
  }

  get counts(): BinCounts {
    return this.#bins.result(this.#wanted)
  }

  add(batch: Batch): void {
    this.#column.put(batch.column(this.#column.name), 0)
    const { values } = this.#column
    for (let i = 0; i < batch.length; i++) this.#bins.add(values[i]!)
  }

  figure(ended: boolean): Figure {
    const { width, edges, counts } = this.counts
    const { total, missing } = this.#bins
    const label = labelFor(this.#words, this.#column)
    const title = titleOf(this.#words, this.#column)
    const notes = [
      ...(total === 0 ? [] : [countOf(total, 'row')]),
      ...(missing === 0 ? [] : [`${countText(missing)} without a value left out`]),
    ]
    const single = this.#kind === 'whole' && width === 1
    const shift = single ? 0 : width / 2
    return {
      data: [
        {
          type: 'bar',
          name: escapeText(label.text),
          x: counts.map((_, i) => edges[i]! + shift),
          y: counts,
          width,
          text: counts.map((_, i) => this.rangeText(edges, width, i)),
          textposition: 'none',
          marker: { color: CATEGORIES[0], line: { width: 0 } },
          hovertemplate: `${escapeTemplate(title)}: %{text}<br>rows: %{y:,}<extra></extra>`,
        },
      ],
      layout: {
        ...layoutOf(this.#words, `distribution of ${label.text}`, notes, total === 0 && !ended ? 'none yet' : total, {
          xaxis: {
            title: { text: escapeText(title) },
            type: this.#kind === 'time' ? 'date' : 'linear',
            ...(single && counts.length <= 25 ? { dtick: 1 } : {}),
            // a bar that fills the plot reads as a spread
            ...(counts.length === 1 ? { range: [edges[0]! + shift - 5 * width, edges[0]! + shift + 5 * width] } : {}),
          },
          yaxis: { title: { text: 'rows' }, type: 'linear' },
        }),
        bargap: counts.length > 80 ? 0 : 0.04,
        showlegend: false,
      },
    }
  }

  /** What a bin holds: `7`, `10 – 19`, `0.5 – 0.75`, `2001-04-01 06:00 – 12:00`. */
  rangeText(edges: readonly number[], width: number, bin: number): string {
    const [from, to] = [edges[bin]!, edges[bin + 1]!]
    if (this.#kind === 'time') {
      const [a, b] = [timeText(from), timeText(to)]
      return width === 86_400_000 ? a : `${a} – ${b.slice(0, 10) === a.slice(0, 10) ? b.slice(11) : b}`
    }
    if (this.#kind !== 'whole') return `${amountText(from)} – ${amountText(to)}`
    return width === 1 ? amountText(from) : `${amountText(from)} – ${amountText(to - 1)}`
  }
}
