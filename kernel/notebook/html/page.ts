/**
 * Notebook → one HTML file that needs nothing else: styles and scripts are in it, a content security policy keeps it
 * from loading anything, and plotly.js is in it once when some output is a figure. All text of the notebook is
 * escaped; only `text/html` and SVG outputs are taken as markup.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hasTag, type Cell, type CodeCell, type Notebook } from '../model.ts'
import { BEHAVIOUR } from './behaviour.ts'
import { escapeHtml, scriptText } from './escape.ts'
import { highlight } from './highlight.ts'
import { Markdown, type Heading } from './markdown.ts'
import { outputToHtml, PLOTLY, richest } from './output.ts'
import { STYLE } from './style.ts'

export interface PageOptions {
  /** Used when the notebook has no title in its metadata and no first heading. */
  readonly name: string
  /** Where relative pictures of markdown cells are looked for. */
  readonly folder: string
}

export function notebookToHtml(notebook: Notebook, options: PageOptions): string {
  const markdown = new Markdown(options.folder)
  const cells = notebook.cells.filter(cell => !hasTag(cell, 'remove-cell'))
  const body = cells.map(cell => cellToHtml(cell, markdown)).join('\n')
  const { headings } = markdown
  const given = notebook.metadata['title']
  const title = typeof given === 'string' ? given : (headings.find(one => one.level === 1)?.text ?? options.name)
  const failed = cells.filter(cell => cell.kind === 'code').filter(isFailed)
  const figures = cells.some(hasFigure)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<button id="theme" type="button" aria-label="Switch between light and dark" title="Light or dark">◐</button>
${headings.length >= 3 ? contents(headings) : ''}
<main>
${failed.map(banner).join('\n')}
${body}
<footer>${summary(cells)}</footer>
</main>
${figures ? `<script>${scriptText(plotlySource())}</script>` : ''}
<script>${scriptText(BEHAVIOUR)}</script>
</body>
</html>
`
}

/* The policy of a page that works offline: what is in the file runs, and no address is ever asked. */
const POLICY =
  "default-src 'none'; img-src data: blob:; media-src data: blob:; font-src data:; style-src 'unsafe-inline'; " +
  "script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:"

function plotlySource(): string {
  return readFileSync(createRequire(import.meta.url).resolve('plotly.js-dist-min/plotly.min.js'), 'utf8')
}

function hasFigure(cell: Cell): boolean {
  if (cell.kind !== 'code') return false
  return cell.outputs.some(output => 'data' in output && richest(output.data) === PLOTLY)
}

function isFailed(cell: CodeCell): boolean {
  return !hasTag(cell, 'raises-exception') && cell.outputs.some(output => output.kind === 'error')
}

function cellToHtml(cell: Cell, markdown: Markdown): string {
  const id = `id="cell-${escapeHtml(cell.id)}"`
  if (cell.kind === 'code') {
    const outputs = cell.outputs.map(output => `<div class="output">${outputToHtml(output, markdown)}</div>`)
    const parts = [input(cell), ...outputs].join('\n')
    return `<section class="cell code${isFailed(cell) ? ' failed' : ''}" ${id}>\n${parts}</section>`
  }
  return cell.kind === 'markdown'
    ? `<section class="cell prose" ${id}>${markdown.render(cell.source, cell.attachments)}</section>`
    : `<section class="cell" ${id}><pre>${escapeHtml(cell.source)}</pre></section>`
}

function input(cell: CodeCell): string {
  if (cell.source.trim() === '') return ''
  const count = cell.executionCount === null ? '' : `[${cell.executionCount}]`
  const seconds = cellSeconds(cell)
  const time = seconds === null || seconds < 0.1 ? '' : duration(seconds)
  const state = isFailed(cell) ? 'failed' : ''
  const label = [state, time, count].filter(part => part !== '').join(' · ')
  const source = `<pre class="source" tabindex="0"><code class="hljs">${highlight(cell.source, 'typescript')}</code></pre>`
  const shown = `<div class="input"><span class="count">${label}</span>${source}</div>`
  return hasTag(cell, 'hide-input') ? `<details><summary>Code</summary>${shown}</details>` : shown
}

function contents(headings: readonly Heading[]): string {
  const top = Math.min(...headings.map(one => one.level))
  const items = headings
    .filter(one => one.level < top + 3)
    .map(one => `<li class="level-${one.level - top}"><a href="#${one.id}">${escapeHtml(one.text)}</a></li>`)
  return `<nav aria-label="Contents"><details open><summary>Contents</summary><ol>${items.join('')}</ol></details></nav>`
}

function banner(cell: CodeCell): string {
  const error = cell.outputs.find(output => output.kind === 'error')
  const text = error === undefined ? '' : `: ${error.ename}: ${error.evalue.split('\n')[0] ?? ''}`
  const name = cell.executionCount === null ? 'A cell' : `Cell ${cell.executionCount}`
  return `<p class="banner"><a href="#cell-${escapeHtml(cell.id)}">${name} failed</a>${escapeHtml(text)}</p>`
}

function summary(cells: readonly Cell[]): string {
  const times = cells.map(cellTimes).filter(time => time !== null)
  if (times.length === 0) return ''
  const start = Math.min(...times.map(time => time.start))
  const end = Math.max(...times.map(time => time.end))
  const day = new Date(start).toISOString().slice(0, 16).replace('T', ' ')
  return `${times.length} ${times.length === 1 ? 'cell' : 'cells'} executed in ${duration((end - start) / 1000)}, ${day} UTC`
}

function cellSeconds(cell: Cell): number | null {
  const times = cellTimes(cell)
  return times === null ? null : (times.end - times.start) / 1000
}

/** Milliseconds since the epoch at which the cell began and ended, from its metadata. */
function cellTimes(cell: Cell): { start: number; end: number } | null {
  const { execution } = cell.metadata
  if (typeof execution !== 'object' || execution === null) return null
  const times = Object.values(execution).map(text => Date.parse(String(text)))
  if (times.length === 0 || times.some(Number.isNaN)) return null
  return { start: Math.min(...times), end: Math.max(...times) }
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
