import type { Field } from '../data/type.ts'
import type { CellColumn } from './cell.ts'

/**
 * Scanners of plain CSV records: each cell has the form that is usual for its type, no quote is doubled, and no line ends
 * within a quote. They are generated for a schema, so that each column has code of its own, and read each byte about
 * once. Whatever else a record is, the parser of all records reads it again from its start.
 */

/**
 * Reads the record at `from`, adding one value to each column, and gives where the next begins; -1 for a record that is
 * not plain or that goes on after `to`, and then some columns may have been added to. The byte at `to` is a line feed.
 */
export type ScanCsv = (bytes: Buffer, from: number, to: number, columns: readonly CellColumn[]) => number

/** Where column `i` of a file goes, if anywhere. */
export interface Cell {
  readonly field: Field
  /** Its place among the columns. */
  readonly column: number
}

/** Other delimiters are parts of numbers or times. */
const DELIMITERS = [...Buffer.from(',;|\t')]

/** The scanner of records of these cells; null where they allow none. */
export function csvScanner(
  cells: readonly (Cell | null)[],
  form: { readonly delimiter: number; readonly emptyIsNull: boolean },
): ScanCsv | null {
  const { delimiter, emptyIsNull } = form
  if (cells.length < 2 || cells.length > 500 || !DELIMITERS.includes(delimiter)) return null
  const toEnd = `while ((c = b[p]) > ${Math.max(delimiter, 34)} || (c !== ${delimiter} && c !== 10 && c !== 13 && c !== 34)) p++`
  const quoted = `q = ++p
      while ((c = b[p]) !== 34 && c !== 10) p++
      if (c !== 34 || b[p + 1] === 34) return -1`
  const wanted = cells.flatMap(cell => (cell === null ? [] : [`const c${cell.column} = columns[${cell.column}]`]))
  const body = cells.map((cell, i) => {
    const last = i === cells.length - 1
    const ends = last ? 'c === 10 || c === 13' : `c === ${delimiter}`
    return `
      c = b[p]
      ${cell === null ? skip(quoted, toEnd) : read(cell, { delimiter, quoted, toEnd, ends, emptyIsNull })}
      ${last ? '' : `if (b[p++] !== ${delimiter}) return -1`}`
  })
  const source = `
    ${wanted.join('\n')}
    let p = from, q = 0, c = 0
    ${body.join('\n')}
    if (b[p] === 13) p++
    return p < to && b[p] === 10 ? p + 1 : -1`
  try {
    // eslint-disable-next-line typescript/no-implied-eval -- made of numbers only: no text of the file or the user is in it
    return new Function('b', 'from', 'to', 'columns', source) as ScanCsv
  } catch (error) {
    if (error instanceof EvalError) return null // where code generation is forbidden
    throw error
  }
}

function skip(quoted: string, toEnd: string): string {
  return `if (c === 34) { ${quoted}; p++ } else { ${toEnd} }`
}

function read(
  { field, column }: Cell,
  form: {
    readonly delimiter: number
    readonly quoted: string
    readonly toEnd: string
    readonly ends: string
    readonly emptyIsNull: boolean
  },
): string {
  const text = field.type.kind === 'utf8'
  const name = `c${column}`
  const parse = `if (!${name}.parse(b, q, p)) return -1`
  const cell = NUMBERS.has(field.type.kind)
    ? `if ((p = ${name}.read(b, p)) < 0) return -1`
    : text
      ? `if ((p = ${name}.readText(b, p, ${form.delimiter}, false)) < 0) return -1`
      : `q = p; ${form.toEnd}; ${parse}`
  const empty = field.nullable && (form.emptyIsNull || !text) ? `${name}.push(null)` : 'return -1'
  const inQuotes = text ? `if (c === 34) { ${form.quoted}; ${parse}; p++ } else` : ''
  return `${inQuotes} if (${form.ends}) { ${empty} } else { ${cell} }`
}

const NUMBERS: ReadonlySet<string> = new Set(['int32', 'int64', 'float32', 'float64', 'duration'])
