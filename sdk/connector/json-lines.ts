import type { Column } from '../data/column.ts'
import { SourceError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { Schema } from '../data/schema.ts'
import { scalar, type Columns, type DataType, type Field, type Nullable } from '../data/type.ts'
import type { Source } from '../plan/port.ts'
import { type CellColumn, cellColumn, parseNumber } from './cell.ts'
import { placeOf, shownName } from './file.ts'
import { fromJson, parseJson, showJson } from './json-value.ts'
import { inferSchema, shapeOfJs, type Shape } from './rows.ts'
import { BadRecords, checkFormat, hintOf, onErrorOf, sampleOf, TextReader } from './text-file.ts'
import type { OnError, RecordParser } from './text-file.ts'
import { isRounded } from './whole-number.ts'

/**
 * JSON lines: one object a line. A scanner generated from the schema and the order of the keys in the first line reads
 * lines of that form from their bytes, and checks what it reads; nested values and every other line go through
 * `JSON.parse`, which is also what the scanner must agree with.
 */

export interface JsonLinesOptions<C extends Columns = Columns> {
  /**
   * The columns to read and their types; other keys are ignored, and a missing key is null. Without it the schema is
   * inferred from the first lines, everything nullable; texts in the form of ISO 8601 become `timestamp?` or `date?`. A
   * key that comes only later is left out with one warning. A duration is a number of milliseconds, and must be declared.
   */
  readonly schema?: C
  /** What to do about a value of another type or a line that is no JSON object: `'fail'` if left out. */
  readonly onError?: OnError
  /**
   * Follows files that grow, and folders and patterns that get more files, as a stream without end. Lines are read once
   * they are whole. Needs a schema.
   */
  readonly follow?: boolean
}

/** A source of the rows of a JSON lines file; a name that ends in `.gz` is unpacked. */
export function jsonLines(path: string, options: JsonLinesOptions = {}): Source {
  const file = placeOf(path)
  const name = `jsonLines ${shownName(path)}`
  checkOptions(name, options, ['schema', 'onError', 'follow'])
  const onError = onErrorOf(options.onError, name)
  const { bytes, whole } = sampleOf(file, name)
  checkFormat(bytes, path, name)
  const start = { byte: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0, line: 1 }
  const lines = bytes.toString('utf8', start.byte).split('\n')
  if (!whole) lines.pop() // it may be cut
  if (lines[0]!.trimStart().startsWith('[') && (options.schema === undefined || onError === 'fail')) {
    const text = `${name}: this is a JSON array, not one object a line. Read it with read.json('${path}').`
    throw new SourceError('bad-file', text, { path })
  }
  const objects = sampleObjects(lines)
  if (options.schema === undefined && objects.length === 0) {
    const what = bytes.length === 0 ? 'the file is empty' : 'its first lines are no JSON objects'
    throw new SourceError('bad-file', `${name}: ${what}; declare a schema to read it all the same`)
  }
  const inferred = options.schema === undefined
  const schema = options.schema === undefined ? inferFrom(objects, name) : Schema.of(options.schema)
  const hint = hintOf(path, inferred ? 'lines' : null)
  const stray = inferred ? new StrayKeys(schema, name) : null
  return {
    name,
    schema,
    bounded: true,
    open: request => {
      const picked = schema.pick(request.columns)
      const bad = new BadRecords(name, onError, hint)
      const parser = new JsonParser(picked, Object.keys(objects[0] ?? {}), stray, bad)
      return new TextReader({ path: file, name, start, grows: options.follow === true }, picked, request, parser, bad)
    },
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

function sampleObjects(lines: readonly string[]): JsonObject[] {
  const objects: JsonObject[] = []
  for (const line of lines) {
    if (objects.length === 1000) break
    const parsed = parseObject(line)
    if ('object' in parsed) objects.push(parsed.object)
  }
  return objects
}

export function parseObject(line: string): { object: JsonObject } | { problem: string } {
  let value: unknown
  try {
    value = parseJson(line)
  } catch (error) {
    return { problem: `it is not JSON: ${(error as Error).message}` }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { object: value as JsonObject }
  return { problem: 'it is not a JSON object' }
}

/** The schema of parsed objects, with times found in texts and null possible everywhere. */
export function inferFrom(objects: readonly JsonObject[], name: string): Schema {
  const schema = inferSchema(objects, name, shapeOfJson)
  return new Schema(
    schema.fields.map(field => {
      const values = objects.map(object => object[field.name]).filter(value => value !== null && value !== undefined)
      const fits = (kind: 'date' | 'timestamp'): boolean =>
        values.every(value => 'value' in fromJson(value, { type: scalar(kind), nullable: false }))
      const text = field.type.kind === 'utf8' && values.length > 0
      const type = text && fits('date') ? scalar('date') : text && fits('timestamp') ? scalar('timestamp') : field.type
      return { name: field.name, ...nullableAll(type) }
    }),
  )
}

function shapeOfJson(value: unknown): Shape | null {
  if (typeof value !== 'bigint') return shapeOfJs(value)
  if (isRounded(String(value))) return 'bigint'
  return BigInt.asIntN(64, value) === value ? 'wide' : 'number'
}

function nullableAll(type: DataType): Nullable {
  if (type.kind === 'list') return { type: { kind: 'list', item: nullableAll(type.item.type) }, nullable: true }
  if (type.kind !== 'struct') return { type, nullable: true }
  const fields = type.fields.map(field => ({ name: field.name, ...nullableAll(field.type) }))
  return { type: { kind: 'struct', fields }, nullable: true }
}

/** Warns, once, of a key that the first lines do not have, and that an inferred schema therefore leaves out. */
export class StrayKeys {
  readonly #type: DataType
  readonly #name: string
  #warned = false

  constructor(schema: Schema, name: string) {
    this.#type = { kind: 'struct', fields: schema.fields }
    this.#name = name
  }

  /** True when there is something to warn of in a part of a line. */
  lacks(value: unknown, type: DataType): boolean {
    return !this.#warned && strayKey(value, type) !== null
  }

  check(object: JsonObject, line: number): void {
    if (this.#warned) return
    const key = strayKey(object, this.#type)
    if (key === null) return
    this.#warned = true
    const text = `${this.#name}, line ${line}: the key "${key}" is in none of the first lines, from which the columns were inferred, and is left out; declare a schema to read it`
    process.emitWarning(text, { code: 'MILLRACE_UNKNOWN_KEY' })
  }
}

/** The path of a key that the type does not have, or null. */
function strayKey(value: unknown, type: DataType): string | null {
  if (type.kind === 'list' && Array.isArray(value)) {
    for (const item of value) {
      const stray = strayKey(item, type.item.type)
      if (stray !== null) return stray
    }
  }
  if (type.kind !== 'struct' || typeof value !== 'object' || value === null) return null
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields.find(one => one.name === key)
    if (field === undefined) return key
    const stray = strayKey(item, field.type)
    if (stray !== null) return `${key}.${stray}`
  }
  return null
}

export class JsonParser implements RecordParser {
  readonly #fields: readonly Field[]
  readonly #columns: readonly CellColumn[]
  readonly #scan: Scan | null
  /** Null when the schema was declared. */
  readonly #stray: StrayKeys | null
  readonly #bad: BadRecords
  rows = 0
  line = 1

  constructor(schema: Schema, keys: readonly string[], stray: StrayKeys | null, bad: BadRecords) {
    this.#fields = schema.fields
    this.#columns = schema.fields.map(field => cellColumn(field.type, stray !== null))
    this.#scan = scannerOf(schema.fields, keys, stray)
    this.#stray = stray
    this.#bad = bad
  }

  parse(bytes: Buffer, from: number, to: number, last: boolean, rows: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let at = from
    while (this.rows < rows && at < to) {
      let end = bytes.indexOf(10, at)
      if (end < 0 || end >= to) {
        if (!last) break
        end = to // the reader keeps a line feed there
      }
      this.item(bytes, at, end, view)
      at = Math.min(end + 1, to)
      this.line++
    }
    return at
  }

  /** Reads the object between two places; the view is over the same bytes. */
  item(bytes: Buffer, from: number, end: number, view: DataView): void {
    if (this.#scan !== null && this.#scan(bytes, from, end, this.#columns, view)) this.rows++
    else this.#line(bytes, from, end)
  }

  /** A line that the scanner does not take. */
  #line(bytes: Buffer, from: number, end: number): void {
    this.#takeBack()
    const text = bytes.toString('utf8', from, end)
    if (text.trim() === '') return
    const parsed = parseObject(text)
    if ('problem' in parsed) {
      this.#bad.record(this.line, parsed.problem, false)
      this.#bad.leaveOut(this.line, null, null, parsed.problem, text)
      return
    }
    this.#stray?.check(parsed.object, this.line)
    for (const [i, field] of this.#fields.entries()) {
      const value = Object.hasOwn(parsed.object, field.name) ? parsed.object[field.name] : null
      const converted = fromJson(value, field, this.#stray !== null)
      if ('value' in converted) this.#columns[i]!.push(converted.value)
      else {
        const found = showJson(value)
        if (this.#bad.value(this.line, field, found, converted.problem)) this.#columns[i]!.push(null)
        else {
          this.#takeBack()
          this.#bad.leaveOut(this.line, field.name, found, converted.problem, text)
          return
        }
      }
    }
    this.rows++
  }

  #takeBack(): void {
    for (const column of this.#columns) if (column.length > this.rows) column.pop()
  }

  finish(): readonly Column[] {
    this.rows = 0
    return this.#columns.map(column => column.finish())
  }
}

/**
 * Reads the line in `bytes` from `from` up to the line feed at `end`, adding one value to each column; false when the
 * line has another form, and then some columns may have been added to.
 */
type Scan = (bytes: Buffer, from: number, end: number, columns: readonly CellColumn[], view: DataView) => boolean

/** The scanner of lines whose keys are exactly these in this order; null when a type or a key does not allow one. */
function scannerOf(fields: readonly Field[], keys: readonly string[], stray: StrayKeys | null): Scan | null {
  const plainKey = (key: string): boolean => /^[ !#-[\]-~]+$/.test(key)
  const known = fields.every(field => keys.includes(field.name))
  if (keys.length === 0 || !known || !keys.every(plainKey)) return null
  const names = keys.map((key, i) => Buffer.from(`${i === 0 ? '{' : ','}"${key}":`))
  const body = keys.map((_, i) => {
    const c = fields.findIndex(field => field.name === keys[i])
    return `
      ${keyCode(names[i]!, i)}
      if (b[p] <= 32) { ${SPACE} }
      ${c < 0 ? SKIP : valueCode(fields[c]!, c)}`
  })
  const longest = Math.max(...names.map(name => name.length))
  const bindings = fields.map((_, c) => `const c${c} = columns[${c}]`).join('\n')
  const source = `
    ${bindings}
    if (end + ${longest} > v.byteLength) return false
    let p = from, q = 0, c = 0
    ${body.join('\n')}
    ${SPACE}
    if (b[p++] !== 125) return false
    ${SPACE}
    return p === end`
  try {
    // eslint-disable-next-line typescript/no-implied-eval -- keys are the only foreign text, as bytes and lengths
    const make = new Function(
      'isNumber',
      'nested',
      'escaped',
      'fields',
      'stray',
      'spaced',
      'names',
      `return function scan(b, from, end, columns, v) {${source}}`,
    )
    return make(isNumber, nested, escaped, fields, stray, spaced, names) as Scan
  } catch (error) {
    if (error instanceof EvalError) return null // where code generation is forbidden, every line is parsed
    throw error
  }
}

/**
 * Steps over a brace or comma, a key and a colon. Four bytes are compared at once, the last of them perhaps twice; there
 * are at least four.
 */
function keyCode(name: Buffer, i: number): string {
  const starts = [...Array.from({ length: name.length >> 2 }, (_, k) => 4 * k), name.length - 4]
  const same = [...new Set(starts)].map(at => `v.getInt32(p + ${at}, true) === ${name.readInt32LE(at)}`)
  return `if (${same.join(' && ')}) p += ${name.length}
      else if ((p = spaced(b, p, names[${i}])) < 0) return false`
}

/** The same where white space stands between its parts: gives where it ends, or -1. */
function spaced(bytes: Buffer, from: number, name: Buffer): number {
  let at = from
  const space = (): void => {
    while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13) at++
  }
  for (let i = 0; i < name.length; i++) {
    if (i < 2 || i === name.length - 1) space() // before the quote, and on both sides of it and the colon
    if (bytes[at++] !== name[i]) return -1
  }
  space()
  return at
}

const SPACE = `while ((c = b[p]) === 32 || c === 9 || c === 13) p++`

/** To the end of a text without escapes; a control character, such as the line feed at the end, is none of JSON. */
const TEXT = `q = ++p
        while (((c = b[p]) > 34 && c !== 92) || c === 32 || c === 33) p++
        if (c < 32) return false`

/** Reads a text, or the rest of one with escapes, into a column, and steps over its closing quote. */
function textCode(column: string, escapes: boolean = true): string {
  const plain = column === 'null' ? 'p++' : `{ if (!${column}.parse(b, q, p++)) return false }`
  return `${TEXT}
        if (c === 92) { ${escapes ? `if ((p = escaped(b, q, end, ${column})) < 0)` : ''} return false }
        else ${plain}`
}

const TOKEN = `q = p
        while ((c = b[p]) !== 44 && c !== 125 && c > 32) p++`

const NULL = `b[p] === 110 && b[p + 1] === 117 && b[p + 2] === 108 && b[p + 3] === 108`

const TRUE = `b[p] === 116 && b[p + 1] === 114 && b[p + 2] === 117 && b[p + 3] === 101`

const FALSE = `b[p] === 102 && b[p + 1] === 97 && b[p + 2] === 108 && b[p + 3] === 115 && b[p + 4] === 101`

/** A value that no column wants. */
const SKIP = `if (b[p] === 34) { ${textCode('null')} }
      else if (${NULL} || ${TRUE}) p += 4
      else if (${FALSE}) p += 5
      else if (b[p] === 123 || b[p] === 91) { if ((p = nested(b, p, end, null, null, null)) < 0) return false }
      else { ${TOKEN}; if (!isNumber(b, q, p)) return false }`

function valueCode(field: Field, c: number): string {
  let read: string
  switch (field.type.kind) {
    case 'list':
    case 'struct':
    case 'map':
    case 'vector':
      read = `if ((p = nested(b, p, end, c${c}, fields[${c}], stray)) < 0) return false`
      break
    case 'utf8':
      read = `if (b[p] !== 34) return false
        q = ++p
        if ((p = c${c}.readText(b, q, 92, true)) >= 0) p++
        else if ((p = escaped(b, q, end, c${c})) < 0) return false`
      break
    case 'binary':
    case 'timestamp':
    case 'date':
      read = `if (b[p] !== 34) return false
        ${textCode(`c${c}`, false)}`
      break
    case 'decimal':
    case 'bigint':
      read = `${field.type.kind === 'decimal' ? `if (b[p] === 34) { ${textCode(`c${c}`, false)} } else` : ''} {
        ${TOKEN}
        if (!isNumber(b, q, p) || !c${c}.parse(b, q, p)) return false }`
      break
    case 'bool':
      read = `${TOKEN}
        if (!c${c}.parse(b, q, p)) return false`
      break
    default:
      read = `if ((p = c${c}.read(b, p)) < 0) return false`
  }
  return `if (${NULL}) { ${field.nullable ? `c${c}.push(null); p += 4` : 'return false'} }
      else { ${read} }`
}

/** Reads the array or object at `from` into a column, if one wants it; gives where it ends, or -1. */
function nested(
  bytes: Buffer,
  from: number,
  end: number,
  column: CellColumn | null,
  field: Field | null,
  stray: StrayKeys | null,
): number {
  let depth = 0
  let at = from
  do {
    const byte = bytes[at]!
    if (at >= end) return -1
    if (byte === 34) for (at++; at < end && bytes[at] !== 34; at++) if (bytes[at] === 92) at++
    if (byte === 123 || byte === 91) depth++
    else if (byte === 125 || byte === 93) depth--
    at++
  } while (depth > 0)
  const value = parsed(bytes.toString('utf8', from, at))
  if (value === undefined) return -1
  if (column === null || field === null) return at
  if (stray?.lacks(value, field.type) === true) return -1
  const converted = fromJson(value, field, stray !== null)
  if ('problem' in converted) return -1
  column.push(converted.value)
  return at
}

/** Reads the text after the quote before `from`, with its escapes; gives where it ends, or -1. */
function escaped(bytes: Buffer, from: number, end: number, column: CellColumn | null): number {
  let at = from
  for (; at < end && bytes[at] !== 34; at++) if (bytes[at] === 92) at++
  if (at >= end) return -1
  const value = parsed(bytes.toString('utf8', from - 1, at + 1))
  if (typeof value !== 'string' || (column !== null && !column.parseText(value))) return -1
  return at + 1
}

/** The parsed value, or undefined: then the whole line is parsed next, and says what is wrong. */
function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function isNumber(bytes: Buffer, from: number, to: number): boolean {
  return !Number.isNaN(parseNumber(bytes, from, to))
}
