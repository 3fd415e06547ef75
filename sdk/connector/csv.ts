import type { Column } from '../data/column.ts'
import { didYouMean, PlanError, SourceError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { fromJs } from '../data/row.ts'
import { Schema } from '../data/schema.ts'
import { isNested, bareText, scalar, type Columns, type Field } from '../data/type.ts'
import type { Source } from '../plan/port.ts'
import { type CellColumn, cellColumn, LOOSE_FLOAT } from './cell.ts'
import { csvScanner, type ScanCsv } from './csv-scan.ts'
import { placeOf, shownName } from './file.ts'
import { BadRecords, checkFormat, hintOf, onErrorOf, sampleOf, TextReader } from './text-file.ts'
import type { Encoding, OnError, RecordParser } from './text-file.ts'
import { isRounded } from './whole-number.ts'

/**
 * CSV files, scanned as bytes by the rules of RFC 4180: quoted cells may hold delimiters, line ends and doubled quotes.
 * Only the columns that are asked for are parsed. An empty cell is null; in a column that cannot be null, an empty cell
 * is the empty text where the type is `utf8` and a bad cell otherwise.
 */

export interface CsvOptions<C extends Columns = Columns> {
  /**
   * The columns to read and their types, by the names in the header, or by position where there is none. Without it the
   * types are inferred from the first rows, all of them nullable: `int64?`, `bigint?`, `float64?`, `bool?`, `date?`,
   * `timestamp?` or `utf8?`. Whole numbers with leading zeros are text, and so are numbers that no type holds exactly.
   * A duration is a number of milliseconds, and must be declared.
   */
  readonly schema?: C
  /** The types of some columns, by name, where the others are inferred: `{ zip: 'utf8' }`. Not beside a schema. */
  readonly types?: Columns
  /** How bytes are characters: `'utf-8'` if left out. A mark of the byte order at the start is stepped over. */
  readonly encoding?: Encoding
  /** One character between cells: a comma if left out, a tab where the name ends in `.tsv`. */
  readonly delimiter?: string
  /** Lines at the start of the file that are stepped over, whatever is in them: 0 if left out. The header comes after. */
  readonly skipLines?: number
  /** One character, such as `'#'`: lines that begin with it are stepped over. */
  readonly comment?: string
  /** False when the first line is data already; columns are then called `column1`, `column2` and so on. */
  readonly header?: boolean
  /**
   * The cells that are null: `['']`, an empty cell, if left out; write `['', 'NA']` for both. In a column that is not
   * text an empty cell is null whatever is listed. In a column of text a quoted cell is never null.
   */
  readonly nulls?: readonly string[]
  /** What to do about a bad cell or a row with too few or too many cells: `'fail'` if left out. */
  readonly onError?: OnError
  /**
   * Follows files that grow, and folders and patterns that get more files, as a stream without end. Lines are read once
   * they are whole. Needs a schema.
   */
  readonly follow?: boolean
}

const LF = 10
const CR = 13
const QUOTE = 34

/** A source of the rows of a CSV file; a name that ends in `.gz` is unpacked. */
export function csv(path: string, options: CsvOptions = {}): Source {
  const file = placeOf(path)
  const name = `csv ${shownName(path)}`
  checkOptions(name, options, [
    'schema',
    'types',
    'encoding',
    'delimiter',
    'skipLines',
    'comment',
    'header',
    'nulls',
    'onError',
    'follow',
  ])
  const { header = true, nulls = [''], encoding = 'utf-8', types = {}, skipLines = 0 } = options
  if (options.follow === true && encoding !== 'utf-8') {
    const text = `${name}: a file that is followed is read by its bytes, which must be UTF-8, not ${encoding}`
    throw new PlanError('bad-option', text, { option: 'encoding' })
  }
  const onError = onErrorOf(options.onError, name)
  const delimiter = markByte(options.delimiter ?? (/\.tsv(\.gz)?$/i.test(path) ? '\t' : ','), 'delimiter', name)
  const comment = options.comment === undefined ? -1 : markByte(options.comment, 'comment', name)
  if (comment === delimiter) throw new PlanError('bad-option', `${name}: comment and delimiter are the same character`)
  if (!Number.isInteger(skipLines) || skipLines < 0) {
    throw new PlanError(
      'bad-option',
      `${name}: skipLines is ${JSON.stringify(skipLines)}; it must be a whole number from 0`,
    )
  }
  if (typeof header !== 'boolean') {
    throw new PlanError('bad-option', `${name}: header is ${JSON.stringify(header)}; it must be true or false`)
  }
  if (!Array.isArray(nulls) || !nulls.every(word => typeof word === 'string')) {
    throw new PlanError('bad-option', `${name}: nulls must be a list of texts, such as ['', 'NA']`)
  }
  if (!ENCODINGS.includes(encoding)) {
    const text = `${name}: encoding is ${JSON.stringify(encoding)}; it can be ${ENCODINGS.join(', ')}`
    throw new PlanError('bad-option', text, { option: 'encoding' })
  }
  if (options.schema !== undefined && options.types !== undefined) {
    throw new PlanError('bad-option', `${name}: types are for inferred columns, and the schema names all of them`)
  }
  const { bytes, whole } = sampleOf(file, name, encoding)
  checkFormat(bytes, path, name)
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const begin = afterLines(bytes, bom, skipLines, name)
  const sample = sampleRecords(bytes, { byte: begin, line: 1 + skipLines }, whole, delimiter, comment)
  const first = sample.records[0]
  if (first === undefined)
    throw new SourceError('empty-file', `${name}: the file is empty${header ? ': it has no header' : ''}`)
  if (first.length === 1) warnOfDelimiter(first[0]!, delimiter, name)
  const names = header ? headerNames(first, name) : first.map((_, i) => `column${i + 1}`)
  const inferred = options.schema === undefined
  const schema =
    options.schema === undefined
      ? retyped(inferCsv(names, sample.records.slice(header ? 1 : 0), nulls, name), declared(types, names, true, name))
      : declared(options.schema, names, header, name)
  const at = (column: string): number => (header || inferred ? names.indexOf(column) : schema.indexOf(column))
  const start = header ? { byte: sample.second, line: sample.secondLine } : { byte: begin, line: 1 + skipLines }
  const hint = hintOf(path, inferred ? 'rows' : null)
  return {
    name,
    schema,
    bounded: true,
    open: request => {
      const picked = schema.pick(request.columns)
      const bad = new BadRecords(name, onError, hint)
      const form = { width: names.length, delimiter, comment, nulls, exact: inferred }
      const parser = new CsvParser(picked, picked.names.map(at), form, bad)
      return new TextReader(
        { path: file, name, start, encoding, grows: options.follow === true },
        picked,
        request,
        parser,
        bad,
      )
    },
  }
}

const ENCODINGS: readonly Encoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'latin1', 'windows-1252']

/** An inferred schema with the types that were given for some of its columns. */
function retyped(inferred: Schema, given: Schema): Schema {
  return new Schema(
    inferred.fields.map(field => (given.has(field.name) ? given.fields[given.indexOf(field.name)]! : field)),
  )
}

function markByte(mark: string, option: 'delimiter' | 'comment', name: string): number {
  const bytes = Buffer.from(String(mark))
  if (typeof mark === 'string' && bytes.length === 1 && ![LF, CR, QUOTE].includes(bytes[0]!)) return bytes[0]!
  const text = `${name}: ${option} is ${JSON.stringify(mark)}; it must be one ASCII character, no quote and no line end`
  throw new PlanError('bad-option', text)
}

/** Where the line begins that follows so many others. */
function afterLines(bytes: Buffer, from: number, lines: number, name: string): number {
  let at = from
  for (let i = 0; i < lines; i++) {
    const end = bytes.indexOf(LF, at)
    if (end < 0) {
      const text = `${name}: skipLines is ${lines}, and only ${i} lines end in the first ${bytes.length - from} bytes of the file`
      throw new SourceError('empty-file', text)
    }
    at = end + 1
  }
  return at
}

/** A first line that looks as if it had another delimiter, and no row with the one it was read by. */
function warnOfDelimiter(line: string, delimiter: number, name: string): void {
  const other = [';', '\t', '|', ','].find(mark => mark.charCodeAt(0) !== delimiter && line.includes(mark))
  if (other === undefined) return
  const text = `${name}: the first line is one cell, ${JSON.stringify(line)}; if its cells are apart by another character, say so: { delimiter: ${JSON.stringify(other)} }`
  process.emitWarning(text, { code: 'MILLRACE_DELIMITER' })
}

function headerNames(cells: readonly string[], name: string): string[] {
  const names = cells.map((cell, i) => (cell === '' ? `column${i + 1}` : cell))
  const twice = names.find((cell, i) => names.indexOf(cell) !== i)
  if (twice === undefined) return names
  const positions = names.flatMap((cell, i) => (cell === twice ? [i + 1] : [])).join(' and ')
  const text = `${name}: the header names "${twice}" more than once, at ${positions}. Rename one, or pass header: false with a schema.`
  throw new SourceError('duplicate-column', text, { column: twice })
}

function declared(columns: Columns, names: readonly string[], header: boolean, name: string): Schema {
  const schema = Schema.of(columns)
  for (const [i, field] of schema.fields.entries()) {
    if (isNested(field.type) || field.type.kind === 'binary') {
      const text = `${name}: column "${field.name}" is ${bareText(field.type)}, which a CSV cell does not hold. Read it as utf8.`
      throw new PlanError('wrong-type', text, { column: field.name })
    }
    if (header ? names.includes(field.name) : i < names.length) continue
    const hint = header ? didYouMean(field.name, names) : ''
    const has = header ? `The columns are ${names.join(', ')}.` : `The first line has ${names.length} cells.`
    throw new PlanError('unknown-column', `${name}: the file has no column "${field.name}".${hint} ${has}`, {
      column: field.name,
    })
  }
  return schema
}

/** The cells of the complete records at the start of a file, and where the second of them begins. */
function sampleRecords(
  bytes: Buffer,
  from: { readonly byte: number; readonly line: number },
  whole: boolean,
  delimiter: number,
  comment: number,
): { records: string[][]; second: number; secondLine: number } {
  const records: string[][] = []
  const padded = Buffer.concat([bytes, Buffer.of(LF)])
  let [second, secondLine, line] = [from.byte, from.line, from.line]
  for (let at = from.byte; at < bytes.length && records.length < 1000;) {
    if (bytes[at] === comment) {
      at = padded.indexOf(LF, at) + 1
      line++
      continue
    }
    const record = scanCells(padded, at, bytes.length, whole, delimiter)
    if (record === null) break
    at = record.end
    line += record.lines
    if (record.cells.length === 1 && record.cells[0] === '') continue
    records.push(record.cells)
    if (records.length === 1) [second, secondLine] = [at, line]
  }
  return { records, second, secondLine }
}

/** One record as texts: the plain reading, for the sample. Null when the record goes on after `to`. */
function scanCells(
  bytes: Buffer,
  from: number,
  to: number,
  last: boolean,
  delimiter: number,
): { cells: string[]; end: number; lines: number } | null {
  const cells: string[] = []
  let lines = 1
  for (let at = from; ;) {
    let cell: string
    if (bytes[at] === QUOTE && at < to) {
      const close = closingQuote(bytes, at, to)
      if (close < 0) return null
      cell = bytes.toString('utf8', at + 1, close).replaceAll('""', '"')
      lines += cell.split('\n').length - 1
      at = close + 1
    } else {
      const begin = at
      while (at < to && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) at++
      cell = bytes.toString('utf8', begin, at)
    }
    cells.push(cell)
    if (at >= to) return last ? { cells, end: to, lines } : null
    if (bytes[at] === delimiter) at++
    else return { cells, end: bytes[at] === CR && bytes[at + 1] === LF && at + 1 < to ? at + 2 : at + 1, lines }
  }
}

/** Where the quote that closes the one at `from` stands, or -1. */
function closingQuote(bytes: Buffer, from: number, to: number): number {
  for (let at = from + 1; ; at += 2) {
    at = bytes.indexOf(QUOTE, at)
    if (at < 0 || at >= to) return -1
    if (at + 1 >= to || bytes[at + 1] !== QUOTE) return at
  }
}

const CANDIDATES = ['int64', 'bigint', 'float64', 'bool', 'date', 'timestamp'] as const

function inferCsv(
  names: readonly string[],
  records: readonly (readonly string[])[],
  nulls: readonly string[],
  name: string,
): Schema {
  return new Schema(
    names.map((column, i) => {
      const cells = records.map(record => record[i] ?? '').filter(cell => cell !== '' && !nulls.includes(cell))
      const fits = cells.length === 0 ? undefined : CANDIDATES.find(kind => cells.every(fitting(kind)))
      if (fits === undefined && cells.length > 0) warnOfWide(cells, `${name}: column "${column}"`)
      return { name: column, type: scalar(fits ?? 'utf8'), nullable: true }
    }),
  )
}

function fitting(kind: (typeof CANDIDATES)[number]): (cell: string) => boolean {
  const column = cellColumn(scalar(kind), true)
  const parse = (cell: string): boolean => column.parse(Buffer.from(cell), 0, Buffer.byteLength(cell))
  // leading zeros are part of a code, not of a number
  if (kind === 'bigint') return cell => !/^-?0\d/.test(cell) && parse(cell)
  if (kind === 'int64') return parse
  if (kind === 'float64') return cell => parse(cell) || LOOSE_FLOAT.has(cell.toLowerCase())
  return cell => parse(cell) || column.parseText(cell)
}

/** A column that is text only because float64 would round some of its numbers is told of. */
function warnOfWide(cells: readonly string[], where: string): void {
  const floats = cellColumn(scalar('float64'))
  if (!cells.every(cell => floats.parse(Buffer.from(cell), 0, Buffer.byteLength(cell)))) return
  const text = `${where} has ${cells.find(isRounded)!}, which no type of numbers holds beside the others without rounding, so it is utf8; declare it float64 to round`
  process.emitWarning(text, { code: 'MILLRACE_WIDE_NUMBERS' })
}

interface Target {
  readonly field: Field
  readonly column: CellColumn
}

/** How the cells of a file are written. With `exact`, no whole number is rounded. */
interface CsvForm {
  readonly width: number
  readonly delimiter: number
  /** The byte that makes a line a comment, or -1. */
  readonly comment: number
  readonly nulls: readonly string[]
  readonly exact: boolean
}

class CsvParser implements RecordParser {
  readonly #targets: (Target | null)[]
  readonly #columns: readonly CellColumn[]
  readonly #delimiter: number
  readonly #comment: number
  /** What is null beside an empty cell. */
  readonly #words: readonly Buffer[]
  readonly #emptyIsNull: boolean
  readonly #exact: boolean
  readonly #bad: BadRecords
  readonly #scan: ScanCsv | null
  #unquoted: Buffer = Buffer.allocUnsafeSlow(256)
  #problem: { column: string | null; value: string | null; reason: string } | null = null
  rows = 0
  line = 1

  /** `positions` has the position in the file of each column of the schema. */
  constructor(schema: Schema, positions: readonly number[], form: CsvForm, bad: BadRecords) {
    const targets = schema.fields.map(field => ({ field, column: cellColumn(field.type, form.exact) }))
    this.#columns = targets.map(target => target.column)
    this.#targets = Array.from({ length: form.width }, (_, i) => targets[positions.indexOf(i)] ?? null)
    this.#delimiter = form.delimiter
    this.#comment = form.comment
    this.#words = form.nulls.filter(word => word !== '').map(word => Buffer.from(word))
    this.#emptyIsNull = form.nulls.includes('')
    this.#exact = form.exact
    this.#bad = bad
    const cells = this.#targets.map(target => target && { field: target.field, column: targets.indexOf(target) })
    this.#scan = this.#words.length > 0 ? null : csvScanner(cells, { ...form, emptyIsNull: this.#emptyIsNull })
  }

  parse(bytes: Buffer, from: number, to: number, last: boolean, rows: number): number {
    let at = from
    while (this.rows < rows && at < to) {
      if (bytes[at] === this.#comment) {
        const stop = bytes.indexOf(LF, at)
        if ((stop < 0 || stop >= to) && !last) break
        at = stop < 0 ? to : Math.min(stop + 1, to)
        this.line++
        continue
      }
      let end = this.#scan === null ? -1 : this.#scan(bytes, at, to, this.#columns)
      if (end >= 0) {
        this.rows++
        this.line++
        at = end
        continue
      }
      if (this.#scan !== null) this.#takeBack()
      end = this.#record(bytes, at, to, last)
      if (end < 0) {
        this.#takeBack()
        this.#problem = null
        break
      }
      at = end
    }
    return at
  }

  finish(): readonly Column[] {
    this.rows = 0
    return this.#columns.map(column => column.finish())
  }

  /** Removes what the current record has added. */
  #takeBack(): void {
    for (const column of this.#columns) if (column.length > this.rows) column.pop()
  }

  /** Reads the record at `from` and gives where the next begins, or -1 when this one goes on after `to`. */
  #record(bytes: Buffer, from: number, to: number, last: boolean): number {
    const targets = this.#targets
    const delimiter = this.#delimiter
    const width = targets.length
    let at = from
    let lines = 1
    let cells = 0
    for (;;) {
      const target = cells < width ? targets[cells]! : null
      if (bytes[at] === QUOTE && at < to) {
        const close = closingQuote(bytes, at, to)
        if (close < 0 && last) return this.#openQuote(bytes, from, to)
        if (close < 0 || (close + 1 >= to && !last)) return -1
        for (let i = bytes.indexOf(LF, at); i >= 0 && i < close; i = bytes.indexOf(LF, i + 1)) lines++
        if (target !== null && this.#problem === null) this.#quoted(target, bytes, at + 1, close)
        at = close + 1
        const after = bytes[at]
        if (at < to && after !== delimiter && after !== LF && after !== CR) {
          this.#malformed(`there is text after the closing quote of cell ${cells + 1}`)
          while (at < to && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) at++
        }
      } else {
        const begin = at
        let byte = 0
        while (at < to && (byte = bytes[at]!) !== delimiter && byte !== LF && byte !== CR) at++
        if (at >= to && !last) return -1
        if (target !== null && this.#problem === null) {
          if (begin === at) this.#empty(target, this.#emptyIsNull)
          else if (this.#words.length > 0 && this.#isWord(bytes, begin, at)) this.#word(target, bytes, begin, at)
          else if (!target.column.parse(bytes, begin, at)) this.#odd(target, bytes.toString('utf8', begin, at))
        }
      }
      cells++
      if (at < to && bytes[at] === delimiter) {
        at++
        continue
      }
      if (at < to && bytes[at] === CR) {
        if (at + 1 >= to && !last) return -1
        if (at + 1 < to && bytes[at + 1] === LF) at++
      }
      const end = Math.min(at + 1, to)
      if (cells === 1 && at - from <= 1 && width > 1 && (bytes[from] === LF || bytes[from] === CR)) {
        this.#takeBack() // a blank line
        this.#problem = null
      } else this.#end(bytes, from, end, cells)
      this.line += lines
      return end
    }
  }

  #quoted(target: Target, bytes: Buffer, from: number, to: number): void {
    const escape = bytes.indexOf(QUOTE, from)
    let [cell, begin, end] = [bytes, from, to]
    if (escape >= 0 && escape < to) {
      if (this.#unquoted.length < to - from) this.#unquoted = Buffer.allocUnsafeSlow((to - from) * 2)
      ;[cell, begin, end] = [this.#unquoted, 0, 0]
      for (let i = from; i < to; i++) {
        cell[end++] = bytes[i]!
        if (bytes[i] === QUOTE) i++
      }
    }
    const text = target.field.type.kind === 'utf8'
    if (begin === end && !text) this.#empty(target, true)
    else if (!text && this.#isWord(cell, begin, end)) this.#word(target, cell, begin, end)
    else if (!target.column.parse(cell, begin, end)) this.#odd(target, cell.toString('utf8', begin, end))
  }

  #empty(target: Target, isNull: boolean): void {
    const text = target.field.type.kind === 'utf8'
    if (target.field.nullable && (isNull || !text)) target.column.push(null)
    else if (text) target.column.push('')
    else this.#refuse(target, '', 'the cell is empty, and the column is not nullable')
  }

  #isWord(bytes: Buffer, from: number, to: number): boolean {
    for (const word of this.#words) {
      if (word.length === to - from && word.compare(bytes, from, to) === 0) return true
    }
    return false
  }

  /** A cell that says null. */
  #word(target: Target, bytes: Buffer, from: number, to: number): void {
    if (target.field.nullable) target.column.push(null)
    else if (target.field.type.kind === 'utf8') target.column.parse(bytes, from, to)
    else {
      const text = bytes.toString('utf8', from, to)
      this.#refuse(target, text, `${JSON.stringify(text)} is null, and the column is not nullable`)
    }
  }

  /** A cell that is not in the form of JSON. */
  #odd(target: Target, text: string): void {
    if (target.column.parseText(text)) return
    if (this.#exact && target.field.type.kind === 'float64' && isRounded(text.trim())) {
      return this.#refuse(target, text, `${text.trim()} is beyond 2^53, and float64 would round it`)
    }
    const reason = fromJs(text, target.field)
    this.#refuse(target, text, 'problem' in reason ? reason.problem : `${JSON.stringify(text)} cannot be read`)
  }

  #refuse(target: Target, value: string, reason: string): void {
    if (this.#bad.value(this.line, target.field, value, reason)) target.column.push(null)
    else this.#problem = { column: target.field.name, value, reason }
  }

  #malformed(reason: string): void {
    if (!this.#bad.record(this.line, reason, true)) this.#problem ??= { column: null, value: null, reason }
  }

  #openQuote(bytes: Buffer, from: number, to: number): number {
    const reason = 'a quote is never closed, and the file ends'
    this.#bad.record(this.line, reason, false)
    this.#takeBack()
    this.#bad.leaveOut(this.line, null, null, reason, bytes.toString('utf8', from, to))
    this.#problem = null
    return to
  }

  #end(bytes: Buffer, from: number, end: number, cells: number): void {
    const width = this.#targets.length
    if (cells !== width && this.#problem === null) {
      this.#malformed(`the row has ${cells} cells, and there are ${width} columns`)
      if (this.#problem === null) {
        for (const target of this.#targets.slice(cells)) if (target !== null) this.#empty(target, true)
      }
    }
    const problem = this.#problem
    if (problem === null) {
      this.rows++
      return
    }
    this.#problem = null
    this.#takeBack()
    const row = bytes.toString('utf8', from, end).replace(/\r?\n$/, '')
    this.#bad.leaveOut(this.line, problem.column, problem.value, problem.reason, row)
  }
}
