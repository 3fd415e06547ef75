import { statSync } from 'node:fs'
import { relative } from 'node:path'
import type { Batch } from '../data/batch.ts'
import { columnOf } from '../data/builder.ts'
import { take, valueAt, type Column, type Value } from '../data/column.ts'
import { PlanError, SourceError } from '../data/errors.ts'
import { countOf } from '../data/number-text.ts'
import { Schema } from '../data/schema.ts'
import {
  bareText,
  parseType,
  sameType,
  scalar,
  typeText,
  type Columns,
  type ColumnType,
  type Field,
} from '../data/type.ts'
import type { Condition, ReadRequest, Source, SourceReader } from '../plan/port.ts'
import { cellColumn } from './cell.ts'
import { baseOf, filesBelow, glob, isGlob } from './glob.ts'
import { order } from './parquet-statistics.ts'
import { follow } from './follow.ts'
import { isUrl } from './http.ts'
import { widened, widens } from './parquet-value.ts'

/**
 * Several files as one source: a list, a pattern, or a folder with the files below it, read one after another in the
 * order of their paths. Folders named `key=value` add columns. Columns are matched by name; one that a file does not
 * have is null there.
 */

/** How the files of one format are opened, and what their names end in. */
export interface FileFormat<O extends { readonly schema?: Columns }> {
  readonly name: string
  readonly endings: readonly string[]
  open(path: string, options: O): Source
  /** Files of it can be followed while they grow: its options have `follow`. */
  readonly grows?: true
}

/** The files that a path stands for as one source; a single file is opened as it is. */
export function files<O extends { readonly schema?: Columns }>(
  format: FileFormat<O>,
  path: string | readonly string[],
  options: O,
): Source {
  if (format.grows === true && 'follow' in options && options.follow === true) return follow(format, path, options)
  const found = find(format, path)
  return found === null ? format.open(path as string, options) : filesSource(format, found, options)
}

interface Found {
  readonly shown: string
  /** Folders below this one may be keys; empty where there is none. */
  readonly base: string
  readonly paths: readonly string[]
}

/** Null when the path is one file, or none that can be seen to be more. */
function find(
  { name, endings }: { name: string; endings: readonly string[] },
  path: string | readonly string[],
): Found | null {
  if (typeof path !== 'string') {
    if (!Array.isArray(path) || path.length === 0 || !path.every(one => typeof one === 'string')) {
      throw new PlanError('bad-path', `${name}: a path is a text, or a list of at least one`)
    }
    const lists = path.map(one => find({ name, endings }, one)?.paths ?? [one])
    return { shown: `${path[0]} and ${path.length - 1} more`, base: '', paths: lists.flat() }
  }
  if (isUrl(path)) return null
  if (isGlob(path)) {
    const paths = glob(path)
    if (paths.length === 0) throw new SourceError('no-such-file', `${name}: no file matches ${path}`, { path })
    return { shown: path, base: baseOf(path), paths }
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return null
  const paths = filesBelow(path).filter(one => endings.some(ending => one.toLowerCase().endsWith(ending)))
  if (paths.length === 0) {
    const text = `${name}: the folder ${path} has no file whose name ends in ${endings.join(' or ')}`
    throw new SourceError('no-such-file', text, { path })
  }
  return { shown: path, base: path, paths }
}

/** One file: its source, and what its folders say about its rows. */
interface Part {
  readonly path: string
  readonly source: Source
  readonly keys: ReadonlyMap<string, Value>
}

function filesSource<O extends { readonly schema?: Columns }>(
  format: FileFormat<O>,
  { base, shown, paths }: Found,
  options: O,
): Source {
  const name = `${format.name} ${shown} (${countOf(paths.length, 'file')})`
  const texts = paths.map(path => folderKeys(base, path))
  const keys = keyFields(texts, paths, options.schema, name)
  const opened = paths.map(path => format.open(path, withoutKeys(options, keys)))
  const schema = unified(opened, paths, keys, options.schema, name)
  const parts = paths.map((path, i): Part => {
    const values = keys.map(field => [field.name, keyValue(texts[i]!.get(field.name)!, field, path, name)] as const)
    return { path, source: opened[i]!, keys: new Map(values) }
  })
  const rows = opened.every(source => source.rows !== undefined)
  return {
    name,
    schema,
    bounded: true,
    ...(rows && { rows: opened.reduce((sum, source) => sum + source.rows!, 0) }),
    open: request => new FilesReader(parts, schema, request),
  }
}

// ---- what folders say: `year=2024/month=1`

/** What stands for null in the name of a folder. */
export const NO_VALUE = '__HIVE_DEFAULT_PARTITION__'

function folderKeys(base: string, path: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  if (base === '') return keys
  for (const folder of relative(base, path).split('/').slice(0, -1)) {
    const equals = folder.indexOf('=')
    if (equals > 0) keys.set(decoded(folder.slice(0, equals)), decoded(folder.slice(equals + 1)))
  }
  return keys
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The columns that all files have by their folders. Their types are declared, or inferred from all values. */
function keyFields(
  texts: readonly ReadonlyMap<string, string>[],
  paths: readonly string[],
  declared: Columns | undefined,
  name: string,
): Field[] {
  const names = [...texts[0]!.keys()]
  const other = texts.findIndex(keys => [...keys.keys()].join('/') !== names.join('/'))
  if (other >= 0) {
    const list = (keys: readonly string[]): string => (keys.length === 0 ? 'none' : keys.join(', '))
    const text = `${name}: the folders of ${paths[other]} name ${list([...texts[other]!.keys()])}, and those of ${paths[0]} ${list(names)}; all files need the same keys`
    throw new SourceError('bad-partition', text, { path: paths[other]! })
  }
  return names.flatMap(key => {
    const values = texts.map(keys => keys.get(key)!)
    if (declared === undefined) return [{ name: key, ...inferredKey(values) }]
    const type = declared[key]
    return type === undefined ? [] : [{ name: key, ...parseType(type) }]
  })
}

function inferredKey(values: readonly string[]): Pick<Field, 'type' | 'nullable'> {
  const present = values.filter(value => value !== NO_VALUE)
  const fits = (kind: 'int64' | 'date'): boolean => {
    const column = cellColumn(scalar(kind))
    return present.length > 0 && present.every(text => column.parse(Buffer.from(text), 0, Buffer.byteLength(text)))
  }
  const kind = fits('int64') ? 'int64' : fits('date') ? 'date' : 'utf8'
  return { type: scalar(kind), nullable: present.length < values.length }
}

function keyValue(text: string, field: Field, path: string, name: string): Value {
  if (text === NO_VALUE) {
    if (field.nullable) return null
    throw new SourceError('bad-partition', `${name}: ${field.name} is null in ${path}, and the column is not nullable`)
  }
  if (field.type.kind === 'utf8') return text
  const column = cellColumn(field.type)
  if (column.parse(Buffer.from(text), 0, Buffer.byteLength(text)) || column.parseText(text)) {
    return valueAt(column.finish(), 0)
  }
  const message = `${name}: ${JSON.stringify(text)} in ${path} cannot be read as ${bareText(field.type)}, the type of "${field.name}"`
  throw new SourceError('bad-partition', message, { path, column: field.name })
}

function withoutKeys<O extends { readonly schema?: Columns }>(options: O, keys: readonly Field[]): O {
  if (options.schema === undefined || keys.length === 0) return options
  const own = Object.entries(options.schema).filter(([column]) => keys.every(key => key.name !== column))
  return { ...options, schema: Object.fromEntries<ColumnType>(own) }
}

// ---- one schema for all

/** All columns by name, each in the widest of its types; then those of the folders, unless the files have them too. */
function unified(
  sources: readonly Source[],
  paths: readonly string[],
  keys: readonly Field[],
  declared: Columns | undefined,
  name: string,
): Schema {
  const fields = new Map<string, { field: Field; path: string }>()
  for (const [i, { schema }] of sources.entries()) {
    const path = paths[i]!
    for (const field of schema.fields) {
      const known = fields.get(field.name)
      const type = known === undefined ? field.type : wider(known.field, field)
      if (type === null) {
        const text = `${name}: column "${field.name}" is ${typeText(known!.field)} in ${known!.path} and ${typeText(field)} in ${path}. Declare a schema that both can be read by, or read them apart.`
        throw new SourceError('schemas-differ', text, { column: field.name, path })
      }
      const nullable = field.nullable || (known?.field.nullable ?? i > 0)
      fields.set(field.name, { field: { name: field.name, type, nullable }, path: known?.path ?? path })
    }
    for (const [column, { field, path: first }] of fields) {
      if (!schema.has(column)) fields.set(column, { field: { ...field, nullable: true }, path: first })
    }
  }
  for (const field of keys) {
    if (fields.has(field.name)) {
      const text = `${name}: the column "${field.name}" stands both in the folders' names and in ${fields.get(field.name)!.path}`
      throw new SourceError('schemas-differ', text, { column: field.name })
    }
    fields.set(field.name, { field, path: '' })
  }
  const all = [...fields.values()].map(({ field }) => field)
  if (declared === undefined) return new Schema(all)
  return new Schema(Object.keys(declared).map(column => fields.get(column)!.field))
}

function wider(a: Field, b: Field): Field['type'] | null {
  if (sameType(a.type, b.type)) return a.type
  if (UNIFIED.has(b.type.kind) && widens(a.type, b.type)) return b.type
  if (UNIFIED.has(a.type.kind) && widens(b.type, a.type)) return a.type
  return null
}

/** What columns of several files widen to by themselves. */
const UNIFIED: ReadonlySet<string> = new Set(['int64', 'bigint', 'float64', 'timestamp'])

// ---- reading

interface FilesOffset {
  readonly file: number
  readonly within: unknown
}

class FilesReader implements SourceReader {
  readonly #parts: readonly Part[]
  readonly #whole: Schema
  readonly #schema: Schema
  readonly #request: ReadRequest
  #file = 0
  #reader: SourceReader | null = null
  #skipped = 0
  readonly #rejected: Batch[] = []

  constructor(parts: readonly Part[], schema: Schema, request: ReadRequest) {
    this.#parts = parts
    this.#whole = schema
    this.#schema = schema.pick(request.columns)
    this.#request = request
  }

  next(): Batch | null | Promise<Batch | null> {
    const next = this.#reader?.next() ?? null
    if (next === null || next instanceof Promise) return this.#next(next)
    return this.#completed(next)
  }

  async #next(waits: Promise<Batch | null> | null): Promise<Batch | null> {
    let batch = await waits
    while (batch === null) {
      if (this.#reader !== null) {
        const rest = this.#reader.rejected?.() ?? null
        if (rest !== null) this.#rejected.push(rest)
        await this.close()
        this.#file++
      }
      while (this.#file < this.#parts.length && !this.#isWanted(this.#parts[this.#file]!)) this.#file++
      if (this.#file >= this.#parts.length) return null
      this.#open()
      batch = await this.#reader!.next()
    }
    return this.#completed(batch)
  }

  #open(): void {
    const { source } = this.#parts[this.#file]!
    const columns = this.#schema.names.filter(column => source.schema.has(column))
    const where = (this.#request.where ?? []).filter(condition => this.#sameUnits(source.schema, condition.column))
    // a file of which only its folders are wanted must give its number of rows
    this.#reader = source.open({
      ...this.#request,
      columns: columns.length > 0 ? columns : source.schema.names.slice(0, 1),
      where,
    })
  }

  #sameUnits(schema: Schema, column: string): boolean {
    if (!schema.has(column)) return false
    const [own, all] = [schema, this.#whole].map(one => one.fields[one.indexOf(column)]!.type)
    return sameType(own!, all!) || all!.kind !== 'timestamp'
  }

  /** False when a folder's name shows that no row of the file meets a condition. */
  #isWanted(part: Part): boolean {
    return (this.#request.where ?? []).every(condition => {
      if (part.keys.has(condition.column)) return meets(part.keys.get(condition.column)!, condition)
      return true
    })
  }

  /** A batch of a file with the columns that it does not have, in the types of all. */
  #completed(batch: Batch): Batch {
    const { keys } = this.#parts[this.#file]!
    const columns = this.#schema.fields.map(field => {
      const own = batch.schema.indexOf(field.name)
      if (own < 0) return repeated(keys.get(field.name) ?? null, field, batch.length)
      return widened(batch.columns[own]!, field.type) ?? batch.columns[own]!
    })
    return batch.with(this.#schema, columns)
  }

  rejected(): Batch | null {
    const batch = this.#rejected.pop() ?? null
    return batch ?? this.#reader?.rejected?.() ?? null
  }

  get skipped(): number {
    return this.#skipped + (this.#reader?.skipped ?? 0)
  }

  offset(): FilesOffset {
    return { file: this.#file, within: this.#reader?.offset() ?? null }
  }

  async seek(offset: unknown): Promise<void> {
    const { file, within } = offset as FilesOffset
    await this.close()
    this.#file = file
    if (within === null) return
    this.#open()
    await this.#reader!.seek(within)
  }

  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = null
    this.#skipped += reader?.skipped ?? 0
    await reader?.close()
  }
}

function repeated(value: Value, field: Field, length: number): Column {
  return take(columnOf(field.type, [value]), new Int32Array(length))
}

/** Whether the one value of all rows meets a condition. */
function meets(value: Value, { is, values }: Condition): boolean {
  if (is === 'isNull') return value === null
  if (value === null) return false
  if (is === 'isNotNull') return true
  const orders = values.map(other => order(value, other))
  switch (is) {
    case 'eq':
    case 'isIn':
      return orders.includes(0)
    case 'lt':
      return orders[0]! < 0
    case 'le':
      return orders[0]! <= 0
    case 'gt':
      return orders[0]! > 0
    case 'ge':
      return orders[0]! >= 0
  }
}
