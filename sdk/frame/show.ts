import { inspect } from 'node:util'
import type { Batch } from '../data/batch.ts'
import { valueAt, type Value } from '../data/column.ts'
import { toJs } from '../data/row.ts'
import type { Schema } from '../data/schema.ts'
import { countOf, roundFraction } from '../data/number-text.ts'
import { formatTimestamp } from '../data/time.ts'
import { isFloat, isNumeric, typeText, type DataType, type Field } from '../data/type.ts'
import { compareValues } from '../expr/order.ts'
import type { Bundle } from './host.ts'

/**
 * How a table looks: its shape, column types under the names, the first and last rows, of a wide one the first and last
 * columns. As HTML it takes its colours from where it stands and styles nothing but itself, scrolls within its box, and
 * sorts the rows that it shows by a click on a heading; as text it is aligned like a terminal table, and no wider.
 */
export function bundleOf(schema: Schema, batches: readonly Batch[], shape: string): Bundle {
  return { 'text/html': htmlOf(gridOf(schema, batches, shape, PAGE)), 'text/plain': textOf(schema, batches, shape) }
}

export function textOf(schema: Schema, batches: readonly Batch[], shape: string): string {
  return plainOf(gridOf(schema, batches, shape, LINES), process.stdout.columns ?? TEXT_WIDTH)
}

/** How many rows and columns are shown from the beginning and from the end. */
interface Extent {
  readonly firstRows: number
  readonly lastRows: number
  readonly firstColumns: number
  readonly lastColumns: number
}

/** Text leaves out what its line cannot hold when it knows how wide that is. */
const LINES: Extent = { firstRows: 8, lastRows: 4, firstColumns: 40, lastColumns: 10 }
const PAGE: Extent = { firstRows: 40, lastRows: 10, firstColumns: 24, lastColumns: 6 }
const TEXT_WIDTH = 120
const MAX_TEXT = 48

interface Grid {
  readonly shape: string
  readonly columns: readonly GridColumn[]
  /** How many columns are left out, and before which of those shown. */
  readonly gap: { readonly at: number; readonly columns: number } | null
  /** The rows that are left out stand before this one; null where none is. */
  readonly rowGap: number | null
}

interface GridColumn {
  readonly name: string
  readonly type: string
  readonly right: boolean
  /** What is shown, null where a value is missing. */
  readonly cells: readonly (string | null)[]
  /** The rows shown in ascending order, null values last; null for types without an order. */
  readonly order: readonly number[] | null
}

function gridOf(schema: Schema, batches: readonly Batch[], shape: string, extent: Extent): Grid {
  const length = batches.reduce((sum, batch) => sum + batch.length, 0)
  const rows = shown(length, extent.firstRows, extent.lastRows)
  const columns = shown(schema.fields.length, extent.firstColumns, extent.lastColumns)
  const places = rows.numbers.map(row => placeOf(batches, row))
  return {
    shape: `${shape} × ${countOf(schema.fields.length, 'column')}`,
    columns: columns.numbers.map(c =>
      columnOf(
        schema.fields[c]!,
        places.map(([batch, row]) => valueAt(batch.columns[c]!, row)),
      ),
    ),
    gap: columns.gap === null ? null : { at: columns.gap, columns: schema.fields.length - columns.numbers.length },
    rowGap: rows.gap,
  }
}

/** The numbers from 0 to `length` that are shown, and where some are left out. */
function shown(
  length: number,
  first: number,
  last: number,
): { readonly numbers: readonly number[]; readonly gap: number | null } {
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
  if (length <= first + last) return { numbers: range(0, length), gap: null }
  return { numbers: [...range(0, first), ...range(length - last, length)], gap: first }
}

function placeOf(batches: readonly Batch[], row: number): readonly [Batch, number] {
  let rest = row
  for (const batch of batches) {
    if (rest < batch.length) return [batch, rest]
    rest -= batch.length
  }
  throw new RangeError(`there is no row ${row}`)
}

function columnOf({ name, type, nullable }: Field, values: readonly Value[]): GridColumn {
  return {
    name,
    type: typeText({ type, nullable }),
    right: isNumeric(type) || type.kind === 'duration',
    cells: values.map(value => cell(value, type)),
    order: ORDERED.has(type.kind) || isNumeric(type) ? orderOf(values) : null,
  }
}

const ORDERED: ReadonlySet<string> = new Set(['bool', 'utf8', 'timestamp', 'date', 'duration'])

function orderOf(values: readonly Value[]): readonly number[] {
  return values
    .map((value, row) => ({ value, row }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null)
      return compareValues(a.value, b.value)
    })
    .map(each => each.row)
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

function plainOf(grid: Grid, maxWidth: number): string {
  const { columns, left } = fitting(grid, maxWidth)
  const lines = Array.from({ length: columns[0]?.lines.length ?? 0 }, (_, i) =>
    columns
      .map(each => each.lines[i]!)
      .join('  ')
      .trimEnd(),
  )
  const shape = left === 0 ? grid.shape : `${grid.shape}, of which ${left} not shown`
  return [shape, ...lines].join('\n')
}

interface TextColumn {
  readonly width: number
  readonly lines: readonly string[]
}

/** The columns that a line holds: in turn one more of the first and one more of the last. */
function fitting(grid: Grid, maxWidth: number): { readonly columns: readonly TextColumn[]; readonly left: number } {
  const all = grid.columns.map(column => textColumn(column, grid.rowGap))
  const hidden = grid.gap?.columns ?? 0
  const wide = all.reduce((sum, each) => sum + each.width + 2, -2) > maxWidth
  if (!wide && hidden === 0) return { columns: all, left: 0 }
  const gap = textColumn(
    { name: '…', type: '', right: false, cells: grid.columns[0]!.cells.map(() => '…'), order: null },
    grid.rowGap,
  )
  let [first, last, rest] = [1, 0, maxWidth - all[0]!.width - gap.width - 2]
  for (;;) {
    const next = first <= 2 * last ? first : all.length - 1 - last
    if (next < first || next >= all.length - last || all[next]!.width + 2 > rest) break
    rest -= all[next]!.width + 2
    if (next === first) first++
    else last++
  }
  const left = hidden + all.length - first - last
  return { columns: [...all.slice(0, first), ...(left > 0 ? [gap] : []), ...all.slice(all.length - last)], left }
}

function textColumn({ name, type, right, cells }: GridColumn, rowGap: number | null): TextColumn {
  const texts = cells.map(text => text ?? 'null')
  const rows = rowGap === null ? texts : [...texts.slice(0, rowGap), '…', ...texts.slice(rowGap)]
  const size = Math.max(...[name, type, ...rows].map(width))
  const aligned = (text: string): string => {
    const space = ' '.repeat(size - width(text))
    return right ? space + text : text + space
  }
  return { width: size, lines: [aligned(name), aligned(type), '─'.repeat(size), ...rows.map(aligned)] }
}

function width(text: string): number {
  return Array.from(text).length
}

function htmlOf({ shape, columns, gap, rowGap }: Grid): string {
  const faint = (text: string): string => `<span style="opacity:.55">${text}</span>`
  const headings: Heading[] = columns.map(({ name, type, right, order, cells }) => ({
    html: `${escapeHtml(name)}<div style="font-weight:normal;opacity:.65;font-size:.85em">${escapeHtml(type)}</div>`,
    right,
    ...(order !== null && { order, missing: cells.filter(text => text === null).length }),
  }))
  const length = columns[0]?.cells.length ?? 0
  const rows = Array.from({ length }, (_, i) =>
    columns.map(({ cells }) => (cells[i] === null ? faint('null') : escapeHtml(cells[i]!))),
  )
  if (gap !== null) {
    headings.splice(gap.at, 0, { html: faint(`… ${gap.columns} more`), right: false })
    for (const row of rows) row.splice(gap.at, 0, faint('…'))
  }
  const sorts =
    length > 1 ? ` · a click on a heading sorts ${rowGap === null ? 'them' : `the ${length} rows shown`}` : ''
  return htmlTable(escapeHtml(shape + sorts), headings, rows, rowGap)
}

const RULE = 'var(--jp-border-color2, rgba(127,127,127,.4))'

/** A heading of a table: what it says, the side its column stands to, and how a click on it sorts the rows. */
export interface Heading {
  readonly html: string
  readonly right: boolean
  /** The numbers of the rows in ascending order; a heading without them sorts nothing. */
  readonly order?: readonly number[]
  /** How many of the last of them have no value: they stay last in descending order. */
  readonly missing?: number
}

/** A table of HTML in a box that scrolls. `gap`: rows are left out before this one. */
export function htmlTable(
  caption: string,
  columns: readonly Heading[],
  rows: readonly (readonly string[])[],
  gap: number | null = null,
): string {
  const side = (c: number): string => `text-align:${columns[c]!.right ? 'right' : 'left'};padding:.15em .7em`
  const head = columns.map(({ html, order, missing = 0 }, c) => {
    const sticky = `position:sticky;top:0;background:var(--jp-layout-color0, Canvas);border-bottom:1px solid ${RULE}`
    const sorts =
      order === undefined
        ? ''
        : ` tabindex="0" aria-sort="none" data-order="${order.join(' ')}" data-missing="${missing}"`
    return `<th style="${side(c)};${sticky}${order === undefined ? '' : ';cursor:pointer'}"${sorts}>${html}</th>`
  })
  const body = rows.map(row => {
    const cells = row.map((html, c) => `<td style="${side(c)};white-space:nowrap">${html}</td>`)
    return `<tr>${cells.join('')}</tr>`
  })
  if (gap !== null) {
    const cells = columns.map((_, c) => `<td style="${side(c)};opacity:.55">…</td>`)
    body.splice(gap, 0, `<tr data-gap="">${cells.join('')}</tr>`)
  }
  const style = 'border-collapse:collapse;font-variant-numeric:tabular-nums;color:inherit;background:transparent'
  const sorts = columns.some(({ order }) => order !== undefined) ? ` onclick="${SORT}" onkeydown="${SORT}"` : ''
  const table = `<table style="${style}"${sorts}><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`
  return `<div style="color:inherit"><div style="opacity:.65;font-size:.85em">${caption}</div><div style="overflow:auto;max-height:30em">${table}</div></div>`
}

/**
 * Sorts the rows by the heading that was clicked, or that Enter or space was pressed on: up, down, and as they were. It
 * stands in the table itself, since a page may put the table where no script of its own is run.
 */
const SORT = [
  `const th=event.target.closest('th[data-order]')`,
  `if(!th||(event.type==='keydown'&&event.key!=='Enter'&&event.key!==' '))return`,
  `event.preventDefault()`,
  `const body=this.tBodies[0],all=this.rowsAsGiven??=[...body.rows],rows=all.filter(row=>!('gap' in row.dataset))`,
  `const to={none:'ascending',ascending:'descending',descending:'none'}[th.getAttribute('aria-sort')]`,
  `for(const each of this.tHead.rows[0].cells){if(each.dataset.order)each.setAttribute('aria-sort',each===th?to:'none');each.querySelector('[data-mark]')?.remove()}`,
  `const up=th.dataset.order.split(' ').filter(Boolean).map(Number),held=up.length-Number(th.dataset.missing)`,
  `const order=to==='descending'?[...up.slice(0,held).reverse(),...up.slice(held)]:up`,
  `body.replaceChildren(...(to==='none'?all:order.map(i=>rows[i])))`,
  `if(to!=='none'){const mark=document.createElement('span');mark.dataset.mark='';mark.textContent=to==='ascending'?' ↑':' ↓';th.firstChild.after(mark)}`,
].join(';')

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
