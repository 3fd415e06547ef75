import { inspect } from 'node:util'
import type { Batch } from '../data/batch.ts'
import { valueAt, type Value } from '../data/column.ts'
import { toJs } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { countOf, roundFraction } from '../data/number-text.ts'
import { formatTimestamp } from '../data/time.ts'
import { isFloat, isNumeric, typeText, type DataType } from '../data/type.ts'
import type { Bundle } from './host.ts'

/**
 * How a table looks: its shape, column types under the names, the first and last rows. As HTML it takes its colours
 * from where it stands and styles nothing but itself; as text it is aligned like a terminal table.
 */
export function bundleOf(schema: Schema, batches: readonly Batch[], shape: string): Bundle {
  const grid = gridOf(schema, batches, shape)
  return { 'text/html': htmlOf(grid), 'text/plain': plainOf(grid) }
}

export function textOf(schema: Schema, batches: readonly Batch[], shape: string): string {
  return plainOf(gridOf(schema, batches, shape))
}

const FIRST_ROWS = 8
const LAST_ROWS = 4
const MAX_TEXT = 48

interface Grid {
  readonly shape: string
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly right: readonly boolean[]
  /** Null stands for the rows that are left out; within a row it is a missing value. */
  readonly rows: readonly (readonly (string | null)[] | null)[]
}

function gridOf(schema: Schema, batches: readonly Batch[], shape: string): Grid {
  const length = batches.reduce((sum, batch) => sum + batch.length, 0)
  const all = length <= FIRST_ROWS + LAST_ROWS
  const row = (i: number): readonly (string | null)[] => cellsAt(schema, batches, i)
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
  const rows = all
    ? range(0, length).map(row)
    : [...range(0, FIRST_ROWS).map(row), null, ...range(length - LAST_ROWS, length).map(row)]
  const columns = schema.fields.length
  return {
    shape: `${shape} × ${countOf(columns, 'column')}`,
    names: schema.names,
    types: schema.fields.map(typeText),
    right: schema.fields.map(field => isNumeric(field.type) || field.type.kind === 'duration'),
    rows,
  }
}

function cellsAt(schema: Schema, batches: readonly Batch[], row: number): readonly (string | null)[] {
  let rest = row
  for (const batch of batches) {
    if (rest < batch.length) return schema.fields.map((field, c) => cell(valueAt(batch.columns[c]!, rest), field.type))
    rest -= batch.length
  }
  return []
}

function cell(value: Value, type: DataType): string | null {
  if (value === null) return null
  const text = cellText(value, type).replace(/\s+/g, ' ')
  const points = Array.from(text)
  return points.length > MAX_TEXT ? `${points.slice(0, MAX_TEXT - 1).join('')}…` : text
}

function cellText(value: Value, type: DataType): string {
  if (type.kind === 'timestamp')
    return formatTimestamp(value as number)
      .replace('T', ' ')
      .replace('Z', '')
  if (type.kind === 'duration') return `${(value as number) / 1e6} s`
  if (isFloat(type)) return floatText(value as number)
  if (value instanceof Float64Array)
    return `[${Array.from(value.slice(0, 4), floatText).join(', ')}${value.length > 4 ? ', …' : ''}]`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const js = toJs(value, type, 'iso')
  return typeof js === 'string' ? js : inspect(js, { breakLength: Infinity, depth: 3 })
}

/** Six digits, fewer where they say the same, and of a whole part all. */
function floatText(x: number): string {
  return String(roundFraction(x, 6))
}

function plainOf({ shape, names, types, right, rows }: Grid): string {
  const shown = rows.map(row => (row ?? names.map(() => '…')).map(text => text ?? 'null'))
  const widths = names.map((name, c) => Math.max(width(name), width(types[c]!), ...shown.map(row => width(row[c]!))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, c) => {
        const space = ' '.repeat(widths[c]! - width(text))
        return right[c] ? space + text : text + space
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map(each => '─'.repeat(each)).join('  ')
  return [shape, line(names), line(types), rule, ...shown.map(line)].join('\n')
}

function width(text: string): number {
  return Array.from(text).length
}

function htmlOf({ shape, names, types, right, rows }: Grid): string {
  const columns = names.map((name, c) => {
    const type = `<div style="font-weight:normal;opacity:.65;font-size:.85em">${escapeHtml(types[c]!)}</div>`
    return { html: escapeHtml(name) + type, right: right[c]! }
  })
  const faint = (text: string): string => `<span style="opacity:.55">${text}</span>`
  const cells = rows.map(row =>
    row === null ? names.map(() => faint('…')) : row.map(text => (text === null ? faint('null') : escapeHtml(text))),
  )
  return htmlTable(escapeHtml(shape), columns, cells)
}

const RULE = 'var(--jp-border-color2, rgba(127,127,127,.4))'

/** A table of HTML: a caption, headings with their side, and cells. */
export function htmlTable(
  caption: string,
  columns: readonly { readonly html: string; readonly right: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const side = (c: number): string => `text-align:${columns[c]!.right ? 'right' : 'left'};padding:.15em .7em`
  const head = columns.map(({ html }, c) => `<th style="${side(c)};border-bottom:1px solid ${RULE}">${html}</th>`)
  const body = rows.map(row => {
    const cells = row.map((html, c) => `<td style="${side(c)};white-space:nowrap">${html}</td>`)
    return `<tr>${cells.join('')}</tr>`
  })
  const style = 'border-collapse:collapse;font-variant-numeric:tabular-nums;color:inherit;background:transparent'
  const table = `<table style="${style}"><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`
  return `<div style="overflow-x:auto;color:inherit"><div style="opacity:.65;font-size:.85em">${caption}</div>${table}</div>`
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
