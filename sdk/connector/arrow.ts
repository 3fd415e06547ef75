import { Batch } from '../data/batch.ts'
import type { Column } from '../data/column.ts'
import { DataError, didYouMean, PlanError, SourceError } from '../data/errors.ts'
import {
  arrowFromBytes,
  ArrowReader,
  fieldFromArrow,
  isWideArrow,
  type ArrowNotes,
  type ArrowTableLike,
} from '../data/from-arrow.ts'
import { checkOptions } from '../data/options.ts'
import { Schema } from '../data/schema.ts'
import { parseType, sameType, typeText, type Columns, type Field } from '../data/type.ts'
import { memory } from '../plan/memory-source.ts'
import type { ReadRequest, Source, SourceReader } from '../plan/port.ts'
import { DICTIONARY_BATCH, headOf, PREFIX, prefixOf, RECORD_BATCH, SCHEMA, type MessageHead } from './arrow-message.ts'
import { installArrowCodecs } from './arrow-codec.ts'
import { anyPlaceOf, placeOf, shownName, type AnyPlace, type OpenPlaces } from './file.ts'
import { widened, widens } from './parquet-value.ts'

/**
 * Arrow IPC, read one record batch after another from a stream or a file, whichever it is: a file is a stream between
 * two marks. The schema is read when the source is made, and so is the first batch, which tells `int64` from `bigint`.
 */

export interface ArrowOptions<C extends Columns = Columns> {
  /**
   * The columns to read and their types, checked against the file when the source is made; others are left out. A type
   * may be wider than the file's. A 64-bit integer may be declared `int64` or `bigint`; without a schema it is `int64`,
   * unless the first record batch has one beyond ±(2^53 − 1).
   */
  readonly schema?: C
}

/** A source of the rows of an Arrow IPC file or stream, named `.arrow`, `.arrows`, `.ipc` or `.feather` (version 2). */
export function arrow(path: string, options: ArrowOptions = {}): Source {
  const name = `arrow ${shownName(path)}`
  checkOptions(name, options, ['schema'])
  installArrowCodecs()
  const file = anyPlaceOf(placeOf(path), name)
  const { start, messages } = file.look((size, read) => firstMessages(size, read, name))
  const sample = decoded(messages.parts, name)
  const columns = columnsOf(sample, options.schema, name)
  const schema = new Schema(columns.map(column => column.field))
  const form = { file, name, start, columns, schema, notes: { cut: false, warned: false } }
  return {
    name,
    schema,
    bounded: true,
    open: request => new ArrowFileReader(form, request),
  }
}

/** A source of the rows of an in-memory Arrow table, or of the bytes of a file or stream. */
export function arrowTableSource(table: ArrowTableLike | Uint8Array, options: ArrowOptions = {}): Source {
  const name = 'arrowTable'
  checkOptions(name, options, ['schema'])
  installArrowCodecs()
  const whole = table instanceof Uint8Array ? decoded([table], name) : table
  if (!isArrowTable(whole)) {
    const text = `${name}: this is no Arrow table. Give the table that flechette makes, or the bytes of any other: tableToIPC(table).`
    throw new PlanError('bad-table', text)
  }
  const columns = columnsOf(whole, options.schema, name)
  const schema = new Schema(columns.map(column => column.field))
  const notes = { cut: false, warned: false }
  const reader = new ArrowReader(notes)
  const count = whole.children[0]?.data.length ?? 0
  const batches = Array.from({ length: count }, (_, b) => batchOf(whole, b, columns, schema, reader, name))
  warnOfCut(notes, name)
  return memory(schema, batches, 'arrow table')
}

function isArrowTable(value: unknown): value is ArrowTableLike {
  if (typeof value !== 'object' || value === null) return false
  const { schema, children } = value as { schema?: { fields?: unknown }; children?: unknown }
  return Array.isArray(schema?.fields) && Array.isArray(children)
}

/** One column that is read: where it stands, its type in the file, and the type that it shall have. */
interface ArrowPlan {
  readonly index: number
  readonly stored: Field
  readonly field: Field
}

function columnsOf(table: ArrowTableLike, declared: Columns | undefined, name: string): readonly ArrowPlan[] {
  const { fields } = table.schema
  const wide = table.children.map(column => column.data.some(isWideArrow))
  if (declared === undefined) {
    return fields.map((field, index) => {
      const stored = fieldFromArrow(field, wide[index]!, name)
      return { index, stored, field: stored }
    })
  }
  return Object.entries(declared).map(([column, text]) => {
    const index = fields.findIndex(field => field.name === column)
    if (index < 0) {
      const names = fields.map(field => field.name)
      const message = `${name}: there is no column "${column}".${didYouMean(column, names)} The columns are ${names.join(', ')}.`
      throw new PlanError('unknown-column', message, { column })
    }
    const to = { name: column, ...parseType(text) }
    const found = [false, true].map(as => fieldFromArrow(fields[index]!, as, name))
    const stored =
      found.find(field => sameType(field.type, to.type)) ?? found.find(field => widens(field.type, to.type))
    if (stored === undefined) {
      const message = `${name}: column "${column}" is ${typeText(found[0]!)} in the file and ${typeText(to)} in the declared schema`
      throw new PlanError('wrong-type', message, { column })
    }
    return { index, stored: { ...stored, nullable: to.nullable }, field: to }
  })
}

type ArrowBatches = ArrowTableLike['children'][number]['data']

function batchOf(
  table: ArrowTableLike,
  b: number,
  columns: readonly ArrowPlan[],
  schema: Schema,
  reader: ArrowReader,
  where: string,
): Batch {
  const parts: ArrowBatches = table.children.map(column => column.data[b]!)
  const out = columns.map(({ index, stored, field }): Column => {
    try {
      const column = reader.column(parts[index]!, stored)
      return column.layout === 'flat' || column.layout === 'bytes' ? widened(column, field.type)! : column
    } catch (error) {
      const text = `${where}, record batch ${b}, column "${field.name}" (${typeText(field)}): ${(error as Error).message}`
      throw new DataError('bad-value', text, { column: field.name }, error)
    }
  })
  return new Batch(schema, parts[0]?.length ?? 0, out)
}

function warnOfCut(notes: ArrowNotes & { warned: boolean }, name: string): void {
  if (!notes.cut || notes.warned) return
  notes.warned = true
  process.emitWarning(`${name} has timestamps finer than a microsecond; they are cut`, { code: 'MILLRACE_NANOSECONDS' })
}

function decoded(parts: Uint8Array[], name: string): ArrowTableLike {
  try {
    return arrowFromBytes(parts.length === 1 ? parts[0]! : parts)
  } catch (error) {
    throw new SourceError('bad-file', `${name}: ${(error as Error).message}`, {}, error)
  }
}

const MAGIC = 'ARROW1'

/** The messages from the schema to the first record batch, and where the first message begins. */
function firstMessages(
  size: number,
  readAt: (from: number, length: number) => Uint8Array,
  name: string,
): { start: number; messages: Messages } {
  const text = (from: number): string => Buffer.from(readAt(from, 6)).toString('latin1')
  if (size === 0) throw new SourceError('bad-file', `${name}: the file is empty`)
  if (text(0).startsWith('FEA1')) {
    throw new SourceError(
      'bad-file',
      `${name}: this is a Feather file of version 1; write it anew in version 2, which is Arrow IPC`,
    )
  }
  const start = text(0) === MAGIC ? 8 : 0
  if (start > 0 && (size < 20 || text(size - 6) !== MAGIC)) {
    throw new SourceError('bad-file', `${name}: it is cut short: it begins as an Arrow file and has no footer`)
  }
  const messages = new Messages(name)
  for (let at = start; !messages.isFull;) {
    const head = messageAt(at, readAt, name)
    if (head === null) break
    const { headLength, bodyLength } = head
    const bytes = readAt(at, headLength + bodyLength)
    messages.add(head, bytes, at)
    at += headLength + bodyLength
  }
  if (messages.schema === null) {
    throw new SourceError('bad-file', `${name}: this is not Arrow IPC: it has no schema at its start`)
  }
  return { start, messages }
}

/** The head of the message at a place; null at the end. */
function messageAt(at: number, readAt: (from: number, length: number) => Uint8Array, name: string): MessageHead | null {
  const prefix = checked(at, name, () => framed(readAt(at, PREFIX)))
  if (prefix === null) return null
  const bytes = readAt(at + prefix.start, prefix.length)
  return checked(at, name, () => headFrom(bytes, prefix))
}

function framed(bytes: Uint8Array): ReturnType<typeof prefixOf> {
  if (bytes.length === 0) return null
  if (bytes.length < PREFIX) throw new Error('it ends within a message')
  return prefixOf(bytes)
}

function headFrom(bytes: Uint8Array, prefix: { start: number; length: number }): MessageHead {
  if (bytes.length < prefix.length) throw new Error('it ends within a message')
  return headOf(bytes, prefix.start)
}

function checked<T>(at: number, name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    const text = `${name}: at byte ${at}: ${(error as Error).message}; it is damaged, cut short, or no Arrow IPC`
    throw new SourceError('bad-file', text, { offset: at }, error)
  }
}

/** What a record batch needs to be decoded: the schema, and the dictionaries as they are. */
class Messages {
  readonly #name: string
  readonly #dictionaries: Uint8Array[] = []
  schema: Uint8Array | null = null
  #record: Uint8Array | null = null

  constructor(name: string) {
    this.#name = name
  }

  get isFull(): boolean {
    return this.#record !== null
  }

  get parts(): Uint8Array[] {
    const record = this.#record === null ? [] : [this.#record]
    return [this.schema!, ...this.#dictionaries, ...record]
  }

  add({ kind, headLength, bodyLength }: MessageHead, bytes: Uint8Array, at: number): void {
    if (bytes.length < headLength + bodyLength) {
      const text = `${this.#name}: at byte ${at}: the message has ${headLength + bodyLength} bytes, and the file ends after ${bytes.length}`
      throw new SourceError('bad-file', text, { offset: at })
    }
    if (kind === SCHEMA) this.schema = bytes
    else if (kind === DICTIONARY_BATCH) this.#dictionaries.push(bytes)
    else if (kind === RECORD_BATCH) this.#record = bytes
  }
}

interface ArrowForm {
  readonly file: AnyPlace
  readonly name: string
  readonly start: number
  readonly columns: readonly ArrowPlan[]
  readonly schema: Schema
  readonly notes: ArrowNotes & { warned: boolean }
}

/** The message that a batch came from, and how many of its rows were given. */
interface ArrowOffset {
  readonly byte: number
  readonly row: number
}

class ArrowFileReader implements SourceReader {
  readonly #form: ArrowForm
  readonly #schema: Schema
  readonly #columns: readonly ArrowPlan[]
  readonly #request: ReadRequest
  #open: OpenPlaces | null = null
  #messages: Messages
  #reader: ArrowReader
  #byte: number
  #next: number
  #batch: Batch | null = null
  #row = 0

  constructor(form: ArrowForm, request: ReadRequest) {
    this.#form = form
    this.#schema = form.schema.pick(request.columns)
    this.#columns = request.columns.map(column => form.columns[form.schema.indexOf(column)]!)
    this.#request = request
    this.#messages = new Messages(form.name)
    this.#reader = new ArrowReader(form.notes)
    this.#byte = this.#next = form.start
  }

  next(): Batch | null | Promise<Batch | null> {
    return this.#slice() ?? this.#read()
  }

  #slice(): Batch | null {
    const batch = this.#batch
    if (batch === null || this.#row >= batch.length) return null
    const from = this.#row
    this.#row = Math.min(batch.length, from + this.#request.batchRows)
    return batch.slice(from, this.#row)
  }

  async #read(): Promise<Batch | null> {
    for (;;) {
      this.#request.signal.throwIfAborted()
      this.#byte = this.#next
      this.#row = 0
      this.#batch = await this.#nextBatch(0)
      if (this.#batch === null) return null
      const slice = this.#slice()
      if (slice !== null) return slice
    }
  }

  /** Reads up to the next record batch at or after a place; the dictionaries before it are kept. */
  async #nextBatch(from: number): Promise<Batch | null> {
    const { name, file } = this.#form
    this.#open ??= await file.open(this.#request.signal)
    const { read } = this.#open
    for (;;) {
      const at = this.#next
      const prefix = await read(at, PREFIX)
      const found = checked(at, name, () => framed(prefix))
      if (found === null) return null
      const flatbuffer = await read(at + found.start, found.length)
      const head = checked(at, name, () => headFrom(flatbuffer, found))
      this.#next = at + head.headLength + head.bodyLength
      if (head.kind === RECORD_BATCH && at < from) continue
      const bytes = await read(at, head.headLength + head.bodyLength)
      this.#messages.add(head, bytes, at)
      if (head.kind !== RECORD_BATCH) continue
      this.#byte = at
      const batch = batchOf(
        decoded(this.#messages.parts, name),
        0,
        this.#columns,
        this.#schema,
        this.#reader,
        `${name}, byte ${at}`,
      )
      warnOfCut(this.#form.notes, name)
      return batch
    }
  }

  offset(): ArrowOffset {
    return { byte: this.#byte, row: this.#row }
  }

  async seek(offset: unknown): Promise<void> {
    const { byte, row } = offset as ArrowOffset
    await this.close()
    this.#messages = new Messages(this.#form.name)
    this.#reader = new ArrowReader(this.#form.notes)
    this.#next = this.#form.start
    this.#batch = await this.#nextBatch(byte)
    this.#byte = byte
    this.#row = row
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.close()
  }
}
