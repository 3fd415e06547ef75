import { meetNotebook } from '../frame/host.ts'
import { TEMPLATE, type Figure } from './figure.ts'
import { writePage } from './page.ts'

/**
 * A plain plotly figure: the way out for whatever the other plots do not draw. Shown in a notebook as it is; in a script
 * `write` makes an HTML file. Traces and layout are those of plotly.js 4.
 *
 * ```ts
 * import { figure } from 'millrace/plot'
 *
 * const pie = figure([{ type: 'pie', labels: ['late', 'on time'], values: [18, 82] }], { title: { text: 'Arrivals' } })
 * pie.data.length // => 1
 * ```
 */
export function figure(data: readonly object[], layout: object = {}, config: object = {}): PlainFigure {
  return new PlainFigure(data, layout, config)
}

/** A plotly figure that a notebook shows. Its text and paper follow the page's theme unless its layout says otherwise. */
export class PlainFigure implements Figure {
  readonly data: readonly object[]
  readonly layout: object
  readonly config: object

  constructor(data: readonly object[], layout: object, config: object) {
    this.data = data
    this.layout = { template: TEMPLATE, ...layout }
    this.config = config
  }

  /** Writes the figure as an HTML file that needs nothing else. */
  async write(file: string): Promise<void> {
    await writePage(file, [this], file)
  }

  /** `figure of 2 traces`. */
  toString(): string {
    return `figure of ${this.data.length} traces`
  }

  static {
    meetNotebook(this.prototype, {
      display() {
        const { data, layout, config } = this
        return { 'application/vnd.plotly.v1+json': { data, layout, config }, 'text/plain': String(this) }
      },
      inspect() {
        return String(this)
      },
    })
  }
}
