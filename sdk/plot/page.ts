import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { SinkError } from '../data/errors.ts'
import type { Figure } from './figure.ts'

/**
 * A figure as one HTML file that needs nothing else: plotly is inside. It follows the reader's light or dark theme. What
 * a plot becomes in a script, where no notebook shows it.
 */
export async function writePage(path: string, figures: readonly Figure[], title: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const library = await readFile(createRequire(import.meta.url).resolve('plotly.js-dist-min'), 'utf8')
    await writeFile(`${path}.part`, page(figures, title, library))
    await rename(`${path}.part`, path)
  } catch (cause) {
    throw new SinkError('plot-not-written', `plot: cannot write ${path}: ${String(cause)}`, { file: path }, cause)
  }
}

function page(figures: readonly Figure[], title: string, library: string): string {
  const slots = figures.map((_, i) => `<div id="figure-${i}" class="figure"></div>`).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; --paper: #ffffff; --ink: #24292f; --line: #8c959f }
@media (prefers-color-scheme: dark) { :root { --paper: #16181d; --ink: #d7dae0; --line: #6b7280 } }
body { margin: 1.5rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
</style>
<script>${library.replaceAll('</script', '<\\/script')}</script>
</head>
<body>
${slots}
<script>
const figures = ${JSON.stringify(figures).replaceAll('<', '\\u003c')}
const dark = matchMedia('(prefers-color-scheme: dark)')
const merge = (under, over) => {
  const merged = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const both = [value, merged[key]].every(each => each && typeof each === 'object' && !Array.isArray(each))
    merged[key] = both ? merge(merged[key], value) : value
  }
  return merged
}
function draw() {
  const style = getComputedStyle(document.documentElement)
  const [ink, paper, line] = ['--ink', '--paper', '--line'].map(name => style.getPropertyValue(name).trim())
  const theme = {
    layout: {
      font: { color: ink, family: getComputedStyle(document.body).fontFamily },
      hoverlabel: { bgcolor: paper, bordercolor: line, font: { color: ink } },
      modebar: { bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: ink },
    },
  }
  figures.forEach(({ data, layout, config }, i) => {
    const place = document.getElementById('figure-' + i)
    if (layout.height) place.style.height = layout.height + 'px'
    const themed = { autosize: true, ...layout, template: merge(layout.template ?? {}, theme) }
    Plotly.react(place, data, themed, { displaylogo: false, ...config, responsive: true })
  })
  document.documentElement.dataset.drawn = String(figures.length)
}
dark.addEventListener('change', draw)
draw()
</script>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
