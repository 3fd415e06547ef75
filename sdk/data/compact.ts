import type { Column, TextColumn } from './column.ts'

/**
 * A column without the entries of dictionaries that no row uses. Few rows taken out of many otherwise keep, write or
 * merge a dictionary that may belong to a table of millions.
 */
export function compact(column: Column): Column {
  switch (column.layout) {
    case 'text':
      return column.codes !== null && column.strings.length > column.length ? ownEntries(column, column.codes) : column
    case 'list':
      return { ...column, items: compact(column.items) }
    case 'map':
      return { ...column, keys: compact(column.keys), items: compact(column.items) }
    case 'struct':
      return { ...column, children: column.children.map(compact) }
    default:
      return column
  }
}

function ownEntries(column: TextColumn, codes: Int32Array): TextColumn {
  const numbers = new Map<number, number>()
  const strings: string[] = []
  const out = new Int32Array(column.length)
  for (let row = 0; row < column.length; row++) {
    const code = codes[row]!
    let number = numbers.get(code)
    if (number === undefined) {
      number = strings.length
      numbers.set(code, number)
      strings.push(column.strings[code] ?? '')
    }
    out[row] = number
  }
  return { ...column, strings, codes: out }
}
