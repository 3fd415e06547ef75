import type { Batch } from '../data/batch.ts'
import type { Bundle } from '../frame/host.ts'
import type { QueryProgress } from '../frame/query.ts'
import type { OpenPart, View } from '../frame/view.ts'
import type { Figure } from './figure.ts'
import { writePage } from './page.ts'

/** What a plot does with rows: takes batches in, gives the figure of what it has. */
export interface Canvas {
  add(batch: Batch): void
  /** `ended` when no more rows come. */
  figure(ended: boolean): Figure
  /** A few lines for people who see no picture. */
  text(): string
}

/**
 * A canvas as the sink and the view of an output: rows flow in, and the cell shows the figure of what has come so far.
 * A figure of a batch is drawn once, at its end. The last bundle stays in the notebook and can be read without plotly.
 */
export function openCanvas(name: string, canvas: Canvas, live: boolean, file: () => string): OpenPart {
  let drawn = -1
  let changes = 0
  const add = (batch: Batch): void => {
    canvas.add(batch)
    changes++
  }
  const view: View = {
    bundle() {
      if (!live || drawn === changes) return null
      drawn = changes
      return bundleOf(canvas, false)
    },
    final: () => bundleOf(canvas, true),
    async save(_progress: QueryProgress) {
      const path = file()
      await writePage(path, [canvas.figure(true)], name)
      console.error(`${name}: ${path}`)
    },
  }
  const sink = { name, accepts: 'changelog' as const, open: () => ({ write: add, close: () => {}, abort: () => {} }) }
  return { sink, view }
}

function bundleOf(canvas: Canvas, ended: boolean): Bundle {
  return { 'application/vnd.plotly.v1+json': canvas.figure(ended), 'text/plain': canvas.text() }
}

const taken = new Set<string>()

/** A file named after the plot; a plot of the same words made by this program has a number behind it. */
export function fileFor(words: string): string {
  const stem =
    words
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 80)
      .toLowerCase() || 'plot'
  let path = `${stem}.html`
  for (let n = 2; taken.has(path); n++) path = `${stem}-${n}.html`
  taken.add(path)
  return path
}
