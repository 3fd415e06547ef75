import { roundFraction } from '../data/number-text.ts'
import { meetNotebook } from '../frame/host.ts'
import { escapeHtml, htmlTable } from '../frame/show.ts'

/** How models look in a cell and in a console: a sentence and a small table, in a cell with bars. */
export interface Sheet {
  readonly head: string
  readonly names: readonly string[]
  readonly lines: readonly (readonly string[])[]
  /** A number for each line, drawn as a bar beside it; all to one scale. */
  readonly bars?: readonly number[]
  /** What the table leaves out. */
  readonly foot?: string
}

/** Freezes a model and gives it a sheet to be shown by. */
export function shown<T extends object>(model: T, sheet: () => Sheet): T {
  meetNotebook(model, {
    inspect: () => plainOf(sheet()),
    display: () => ({ 'text/html': htmlOf(sheet()), 'text/plain': plainOf(sheet()) }),
  })
  return Object.freeze(model)
}

/** A number to four digits, and of a whole part all. */
export function figure(x: number): string {
  return String(roundFraction(x, 4))
}

/** The first column stands to the left, the others to the right. */
function plainOf({ head, names, lines, foot }: Sheet): string {
  const rows = [names, ...lines]
  const widths = names.map((_, j) => Math.max(...rows.map(row => row[j]!.length)))
  const cell = (text: string, j: number): string => (j === 0 ? text.padEnd(widths[j]!) : text.padStart(widths[j]!))
  const table = rows.map(row => row.map(cell).join('  ').trimEnd())
  return [head, ...table, ...(foot === undefined ? [] : [foot])].join('\n')
}

function htmlOf({ head, names, lines, bars, foot }: Sheet): string {
  const columns = names.map((name, j) => ({ html: escapeHtml(name), right: j > 0 }))
  const largest = Math.max(...(bars ?? []).map(Math.abs))
  const signed = bars?.some(x => x < 0) === true
  const rows = lines.map((line, i) => {
    const cells = line.map(escapeHtml)
    return bars === undefined ? cells : [...cells, bar(largest > 0 ? bars[i]! / largest : 0, signed)]
  })
  const table = htmlTable(
    escapeHtml(head),
    bars === undefined ? columns : [...columns, { html: '', right: false }],
    rows,
  )
  return foot === undefined ? table : `${table}<div style="opacity:.65;font-size:.85em">${escapeHtml(foot)}</div>`
}

/** A bar for a share of the largest: from the left, or to both sides of the middle where some are negative. */
function bar(share: number, signed: boolean): string {
  const width = (Math.abs(share) * (signed ? 50 : 100)).toFixed(1)
  const left = !signed ? '0' : share < 0 ? (50 - Number(width)).toFixed(1) : '50'
  const colour = share < 0 ? '#d55e00' : '#0072b2'
  const style = `position:absolute;left:${left}%;width:${width}%;height:100%;background:${colour}`
  return `<div style="position:relative;width:9em;height:.8em"><div style="${style}"></div></div>`
}
