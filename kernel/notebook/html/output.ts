/**
 * One output of a cell → HTML. Of a bundle the richest representation that the page can draw offline is taken, in a
 * fixed order. HTML and SVG of the author stand in a shadow root each, so that their styles and ids meet nothing
 * else on the page.
 */
import type { Bundle } from '../../display/bundle.ts'
import type { Output } from '../model.ts'
import { ansiToHtml } from './ansi.ts'
import { escapeHtml, scriptJson } from './escape.ts'
import { highlight } from './highlight.ts'
import type { Markdown } from './markdown.ts'

export const PLOTLY = 'application/vnd.plotly.v1+json'

export function outputToHtml(output: Output, markdown: Markdown): string {
  switch (output.kind) {
    case 'stream': {
      const name = output.name === 'stderr' ? 'stream stderr' : 'stream'
      return `<pre class="${name}" tabindex="0">${ansiToHtml(output.text)}</pre>`
    }
    case 'display':
    case 'result':
      return bundleToHtml(output.data, markdown)
    case 'error': {
      const { ename, evalue, traceback } = output
      const text = traceback.length > 0 ? traceback.join('\n') : `${ename}: ${evalue}`
      return `<pre class="error" tabindex="0">${ansiToHtml(text)}</pre>`
    }
  }
}

/** The representation that the page draws, or null where it can draw none. */
export function richest(data: Bundle): string | null {
  return ORDER.find(mime => data[mime] !== undefined && data[mime] !== null) ?? null
}

const ORDER: readonly string[] = [
  PLOTLY,
  'text/html',
  'image/svg+xml',
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'text/markdown',
  'text/latex',
  'application/json',
  'text/plain',
]

function bundleToHtml(data: Bundle, markdown: Markdown): string {
  const mime = richest(data)
  if (mime === null) {
    const names = Object.keys(data)
    return names.length === 0 ? '' : `<p class="note">An output of type ${escapeHtml(names.join(', '))}</p>`
  }
  const value = data[mime]
  const text = String(value)
  switch (mime) {
    case PLOTLY:
      return `<div class="figure"><script type="application/json">${scriptJson(value)}</script></div>`
    case 'text/html':
      return isolated(text)
    case 'image/svg+xml':
      return isolated(text.replace(/<\?xml.*?\?>|<!DOCTYPE[^>[]*(\[.*?\])?>/gis, ''))
    case 'text/markdown':
      return `<div class="prose">${markdown.render(text)}</div>`
    case 'text/latex':
      return `<pre>${escapeHtml(text)}</pre>`
    case 'application/json':
      return `<pre tabindex="0">${highlight(JSON.stringify(value, null, 2), 'json')}</pre>`
    case 'text/plain':
      return `<pre tabindex="0">${ansiToHtml(text)}</pre>`
    default:
      return `<img src="data:${mime};base64,${escapeHtml(text.replace(/\s+/g, ''))}" alt="">`
  }
}

/** A template that is closed once more than it is opened would let the rest out: such text is shown as it is. */
function isolated(html: string): string {
  let depth = 0
  for (const [tag] of html.matchAll(/<\/?template(?=[\s/>])/gi)) {
    depth += tag.startsWith('</') ? -1 : 1
    if (depth < 0) break
  }
  if (depth !== 0) return `<pre tabindex="0">${escapeHtml(html)}</pre>`
  return `<div class="html"><template shadowrootmode="open">${html}</template></div>`
}
