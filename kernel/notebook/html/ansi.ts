/**
 * Terminal text → HTML: SGR colours (ECMA-48 §8.3.117) become spans whose colours follow the theme, carriage returns
 * and backspaces overwrite as on a terminal, and every other escape sequence is dropped.
 */
import { escapeHtml } from './escape.ts'

export function ansiToHtml(text: string): string {
  const style: Style = { bold: false, dim: false, italic: false, underline: false, color: null, background: null }
  let html = ''
  let at = 0
  const typed = overwrite(text)
  for (const match of typed.matchAll(ESCAPE)) {
    html += span(typed.slice(at, match.index), style)
    at = match.index + match[0].length
    if (match[1] !== undefined) applyCodes(match[1], style)
  }
  return html + span(typed.slice(at), style)
}

/* Control sequences (SGR with its codes captured), operating system commands, and two-character escapes. */
// oxlint-disable-next-line no-control-regex
const ESCAPE = /\u001b(?:\[([\d;]*)m|\[[\d;?<=>!]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g

interface Style {
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  color: string | null
  background: string | null
}

/** What is left on the screen of each line. */
function overwrite(text: string): string {
  if (!/[\r\b]/.test(text)) return text
  let typed = text.replace(/\r+\n/g, '\n')
  // oxlint-disable-next-line no-control-regex
  while (/[^\n]\u0008/.test(typed)) typed = typed.replace(/[^\n]\u0008/g, '')
  return typed
    .split('\n')
    .map(line => line.split('\r').reduce((under, over) => over + under.slice(over.length)))
    .join('\n')
}

function span(text: string, style: Style): string {
  if (text === '') return ''
  const classes = (['bold', 'dim', 'italic', 'underline'] as const).filter(name => style[name])
  const colors = [
    style.color === null ? '' : `color:${style.color}`,
    style.background === null ? '' : `background:${style.background}`,
  ].filter(css => css !== '')
  if (classes.length + colors.length === 0) return escapeHtml(text)
  const names = classes.length === 0 ? '' : ` class="${classes.map(name => `ansi-${name}`).join(' ')}"`
  const inline = colors.length === 0 ? '' : ` style="${colors.join(';')}"`
  return `<span${names}${inline}>${escapeHtml(text)}</span>`
}

function applyCodes(codes: string, style: Style): void {
  const list = codes.split(';').map(Number)
  for (let i = 0; i < list.length; i++) {
    const code = list[i]!
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(list.slice(i + 1))
      if (code === 38) style.color = color
      else style.background = color
      i += used
    } else applyCode(code, style)
  }
}

function applyCode(code: number, style: Style): void {
  if (code === 0) {
    Object.assign(style, { bold: false, dim: false, italic: false, underline: false, color: null, background: null })
  } else if (code === 1) style.bold = true
  else if (code === 2) style.dim = true
  else if (code === 3) style.italic = true
  else if (code === 4) style.underline = true
  else if (code === 22) style.bold = style.dim = false
  else if (code === 23) style.italic = false
  else if (code === 24) style.underline = false
  else if (code >= 30 && code <= 37) style.color = themed(code - 30)
  else if (code === 39) style.color = null
  else if (code >= 40 && code <= 47) style.background = themed(code - 40)
  else if (code === 49) style.background = null
  else if (code >= 90 && code <= 97) style.color = themed(code - 90)
  else if (code >= 100 && code <= 107) style.background = themed(code - 100)
}

/** The eight named colours belong to the theme; bright ones are drawn like them. */
function themed(index: number): string {
  return `var(--ansi-${index})`
}

/** `5;n` from the palette of 256, or `2;r;g;b`; with the count of numbers it took. */
function extendedColor(rest: readonly number[]): [string | null, number] {
  const [form, n = 0, g = 0, b = 0] = rest
  if (form === 2) return [`rgb(${n & 255},${g & 255},${b & 255})`, 4]
  if (form !== 5) return [null, 1]
  if (n < 16) return [themed(n & 7), 2]
  if (n >= 232)
    return [
      `rgb(${Array(3)
        .fill(8 + 10 * (n - 232))
        .join(',')})`,
      2,
    ]
  const level = (value: number): number => (value === 0 ? 0 : 55 + 40 * value)
  const cube = n - 16
  return [`rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`, 2]
}
