import { roundFraction } from '../data/number-text.ts'

/** Texts in figures: plotly reads a small HTML and templates in them, and people read numbers of any size. */

/** A text that plotly shows as it is. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A text that also stands as it is in a hover template, where `%{x}` would be a value. */
export function escapeTemplate(text: string): string {
  return escapeText(text).replaceAll('%{', '%\u200b{')
}

/** `1,234,567`. */
export function countText(n: number): string {
  return n.toLocaleString('en-US')
}

/** A number with six digits, and of a whole part all: `12.5`, `1,234,567.89`, `1.5e-9`. */
export function amountText(n: number): string {
  const rounded = roundFraction(n, 6)
  const size = Math.abs(rounded)
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return String(Number(rounded.toExponential(5))).replace('e+', 'e')
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 12 })
}

/** Milliseconds since the epoch as `2001-04-01`, `2001-04-01 13:00` or `2001-04-01 13:00:05.250`: what is not zero. */
export function timeText(ms: number): string {
  const at = new Date(ms)
  if (Number.isNaN(at.getTime())) return `${amountText(ms)} ms`
  const [day, clock] = at.toISOString().slice(0, -1).split('T') as [string, string]
  if (clock === '00:00:00.000') return day
  return `${day} ${clock.replace(/:00\.000$/, '').replace(/\.000$/, '')}`
}
