import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, constants, gunzipSync } from 'node:zlib'
import { Batch } from '../data/batch.ts'
import { ColumnBuilder } from '../data/builder.ts'
import type { Column } from '../data/column.ts'
import { DataError, didYouMean, PlanError, SourceError } from '../data/errors.ts'
import type { Schema } from '../data/schema.ts'
import { typeText, type Field } from '../data/type.ts'
import type { ReadRequest, SourceReader } from '../plan/port.ts'
import { REJECTED } from '../plan/rejected.ts'
import { lookAt, openToRead } from './file.ts'
import { headOfUrl, isUrl, streamOfUrl } from './http.ts'
import { isWide } from './whole-number.ts'

/**
 * What the text formats share: bytes in windows of about a megabyte, plain or gzipped, batches of the records in them,
 * and what happens to a record that cannot be read.
 */

/**
 * What to do about a value that does not parse: `'fail'` with an error that names file, line, column and value; make it
 * `'null'`; `'skip'` its row; or `'collect'` its row in `frame.rejected`.
 */
export type OnError = 'fail' | 'null' | 'skip' | 'collect'

const MODES: readonly OnError[] = ['fail', 'null', 'skip', 'collect']

/** The mode that was asked for, `'fail'` when none was. */
export function onErrorOf(given: OnError | undefined, name: string): OnError {
  if (given === undefined) return 'fail'
  if (MODES.includes(given)) return given
  const hint = didYouMean(String(given), MODES)
  const text = `${name}: onError is ${JSON.stringify(given)}; it can be ${MODES.join(', ')}.${hint}`
  throw new PlanError('bad-option', text, { option: 'onError' })
}

/** The hint of a source: a whole number that its column would round, and a type that nobody declared. */
export function hintOf(path: string, inferred: 'rows' | 'lines' | null): Hint {
  return (field, value) => {
    if (NUMBERS.has(field.type.kind) && isWide(value)) {
      const told = inferred === null ? '' : ` \`millrace schema ${path}\` writes down the other columns.`
      const rounds = field.type.kind === 'float64' && inferred !== null ? ', or as float64 to round it' : ''
      return ` Declare a schema with "${field.name}" as bigint${rounds}.${told}`
    }
    if (inferred === null) return ''
    return ` The type was inferred from the first ${inferred}: declare a schema to change it; \`millrace schema ${path}\` writes one down.`
  }
}

const NUMBERS: ReadonlySet<string> = new Set(['int32', 'int64', 'float64'])

/** Refuses a file of another format. */
export function checkFormat(bytes: Buffer, path: string, name: string): void {
  if (bytes.toString('latin1', 0, 4) !== 'PAR1') return
  throw new SourceError('bad-file', `${name}: this is a Parquet file. Read it with read.parquet('${path}').`, { path })
}

const WINDOW = 1 << 20
const SAMPLE = 1 << 18

/** The first quarter of a megabyte of a file, unpacked; `whole` when that is all of it. */
export function sampleOf(path: string, name: string, encoding: Encoding = 'utf-8'): { bytes: Buffer; whole: boolean } {
  const { bytes, whole } = unpackedSample(path, name)
  if (encoding === 'utf-8') return { bytes, whole }
  return { bytes: Buffer.from(new TextDecoder(encoding).decode(bytes, { stream: !whole })), whole }
}

/** How the bytes of a text file are characters. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1' | 'windows-1252'

function unpackedSample(path: string, name: string): { bytes: Buffer; whole: boolean } {
  if (isUrl(path)) {
    const { bytes, whole } = headOfUrl(path, SAMPLE, name)
    return { bytes: beginsZipped(bytes) ? unzipped(bytes, path, name) : bytes, whole }
  }
  return lookAt(path, name, (size, read) => {
    const { buffer, byteOffset, length } = read(0, Math.min(size, SAMPLE))
    const bytes = Buffer.from(buffer, byteOffset, length)
    return { bytes: isZipped(path) ? unzipped(bytes, path, name) : bytes, whole: size <= SAMPLE }
  })
}

function unzipped(bytes: Buffer, path: string, name: string): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    throw new SourceError('bad-file', `${name}: it is not a gzip file: ${(error as Error).message}`, { path }, error)
  }
}

/** Whether bytes are packed, whatever the address ends in: a server may have unpacked them already. */
function beginsZipped(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

function isZipped(path: string): boolean {
  return path.endsWith('.gz')
}

/** Turns the bytes of a format into rows, adding them to its columns. */
export interface RecordParser {
  /** Rows that {@link finish} would give. */
  readonly rows: number
  /** The line, from 1, at which the next record begins. */
  line: number
  /** Reads records until there are `rows` rows; gives where it stopped. A record that goes on after `to` is left. */
  parse(bytes: Buffer, from: number, to: number, last: boolean, rows: number): number
  finish(): readonly Column[]
  /** The next bytes are those of the start, or of a record after it. */
  begin?(atStart: boolean): void
}

/** What to do about a bad value, as sentences that follow the one that says what is wrong. */
export type Hint = (field: Field, value: string) => string

/** Decides over bad records, and counts and keeps them. */
export class BadRecords {
  readonly #name: string
  readonly #mode: OnError
  readonly #hint: Hint
  #kept: ColumnBuilder[] | null = null
  skipped = 0

  constructor(name: string, mode: OnError, hint: Hint) {
    this.#name = name
    this.#mode = mode
    this.#hint = hint
  }

  /** A value is bad: true when null shall stand in for it, false when its row is left out. */
  value(line: number, field: Field, value: string, reason: string): boolean {
    if (this.#mode === 'null' && field.nullable) {
      this.skipped++
      return true
    }
    if (this.#mode === 'null' || this.#mode === 'fail') {
      const which = `column "${field.name}" (${typeText(field)})`
      const fields = { line, column: field.name, value }
      throw new DataError(
        'bad-cell',
        `${this.#name}, line ${line}, ${which}: ${reason}.${this.#hint(field, value)}`,
        fields,
      )
    }
    return false
  }

  /** A record has not the form it should have: true when what is `readable` of it shall be read. */
  record(line: number, reason: string, readable: boolean): boolean {
    if (this.#mode === 'fail') {
      throw new DataError('bad-record', `${this.#name}, line ${line}: ${reason}.`, { line })
    }
    if (this.#mode !== 'null' || !readable) return false
    this.skipped++
    return true
  }

  /** The row of a bad value or record is left out. */
  leaveOut(line: number, column: string | null, value: string | null, reason: string, row: string): void {
    if (this.#mode !== 'collect') {
      this.skipped++
      return
    }
    this.#kept ??= REJECTED.fields.map(field => new ColumnBuilder(field.type))
    for (const [i, cell] of [this.#name, line, column, value, reason, row].entries()) this.#kept[i]!.push(cell)
  }

  take(): Batch | null {
    const kept = this.#kept
    this.#kept = null
    return (
      kept &&
      new Batch(
        REJECTED,
        kept[0]!.length,
        kept.map(builder => builder.finish()),
      )
    )
  }
}

/** Where a pass stands: the byte, unpacked, at which the next record begins, and its line. */
interface TextOffset {
  readonly byte: number
  readonly line: number
}

export class TextReader implements SourceReader {
  readonly #path: string
  readonly #name: string
  readonly #encoding: Encoding
  /** The last line may not be whole yet: it is left, and at the end null is given. */
  readonly #grows: boolean
  readonly #schema: Schema
  readonly #request: ReadRequest
  readonly #parser: RecordParser
  readonly #bad: BadRecords
  #bytes: ByteStream | null = null
  readonly #first: number
  #start: TextOffset
  #window: Buffer = Buffer.alloc(0)
  #windowAt: number
  #at = 0
  #to = 0
  #last = false

  constructor(
    source: { path: string; name: string; start: TextOffset; encoding?: Encoding; grows?: boolean },
    schema: Schema,
    request: ReadRequest,
    parser: RecordParser,
    bad: BadRecords,
  ) {
    this.#path = source.path
    this.#name = source.name
    this.#encoding = source.encoding ?? 'utf-8'
    this.#grows = source.grows ?? false
    this.#start = source.start
    this.#first = source.start.byte
    this.#schema = schema
    this.#request = request
    this.#parser = parser
    this.#bad = bad
    this.#windowAt = source.start.byte
    parser.line = source.start.line
  }

  next(): Batch | null | Promise<Batch | null> {
    return this.#parse() ?? this.#next()
  }

  #parse(): Batch | null {
    const rows = this.#request.batchRows
    this.#at = this.#parser.parse(this.#window, this.#at, this.#to, this.#last && !this.#grows, rows)
    return this.#parser.rows >= rows ? this.#batch() : null
  }

  #batch(): Batch {
    const rows = this.#parser.rows
    return new Batch(this.#schema, rows, this.#parser.finish())
  }

  async #next(): Promise<Batch | null> {
    for (;;) {
      if (this.#last && (this.#grows || this.#at === this.#to)) {
        if (this.#grows) this.#last = false // there may be more by the next call
        return this.#parser.rows > 0 ? this.#batch() : null
      }
      this.#request.signal.throwIfAborted()
      await this.#fill()
      const batch = this.#parse()
      if (batch !== null) return batch
    }
  }

  /** Keeps the bytes that are not read yet and adds more; one byte beyond them is a line feed. */
  async #fill(): Promise<void> {
    this.#bytes ??= await ByteStream.open(
      this.#path,
      this.#name,
      this.#start.byte,
      this.#encoding,
      this.#request.signal,
    )
    const rest = this.#to - this.#at
    if (rest * 2 > this.#window.length || this.#window.length === 0) {
      const more = Buffer.allocUnsafeSlow(Math.max(WINDOW, rest * 4))
      this.#window.copy(more, 0, this.#at, this.#to)
      this.#window = more
    } else this.#window.copyWithin(0, this.#at, this.#to)
    this.#windowAt += this.#at
    this.#at = 0
    this.#to = rest
    const read = await this.#bytes.read(this.#window, rest, this.#window.length - 1)
    this.#to += read
    this.#last = read === 0
    this.#window[this.#to] = 10
  }

  rejected(): Batch | null {
    return this.#bad.take()
  }

  get skipped(): number {
    return this.#bad.skipped
  }

  offset(): TextOffset {
    return { byte: this.#windowAt + this.#at, line: this.#parser.line }
  }

  async seek(offset: unknown): Promise<void> {
    await this.close()
    this.#start = offset as TextOffset
    this.#parser.finish()
    this.#parser.begin?.(this.#start.byte === this.#first)
    this.#parser.line = this.#start.line
    this.#windowAt = this.#start.byte
    this.#at = this.#to = 0
    this.#last = false
  }

  async close(): Promise<void> {
    const bytes = this.#bytes
    this.#bytes = null
    await bytes?.close()
  }
}

/** The same text in UTF-8; what is no character of the encoding is an error. */
async function* recoded(stream: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const chunk of stream) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}

/** The bytes of a stream, unpacked when they begin as gzip does. */
async function maybeUnzipped(stream: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const chunks = stream[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  const all = following(head, chunks)
  if (!beginsZipped(head)) return all
  return pipeline(Readable.from(all), createGunzip(), () => {}) // an error comes out of its end
}

async function* following(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (head.length > 0) yield head
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  } finally {
    await chunks.return?.()
  }
}

/** The bytes of a file from some byte on, as UTF-8, unpacked when its name ends in `.gz`. */
class ByteStream {
  readonly #handle: FileHandle | null
  readonly #name: string
  readonly #unpacked: AsyncIterator<Buffer> | null
  #at: number
  #chunk: Buffer = Buffer.alloc(0)
  #pass: number

  private constructor(handle: FileHandle | null, name: string, at: number, unpacked: AsyncIterator<Buffer> | null) {
    this.#handle = handle
    this.#name = name
    this.#at = at
    this.#pass = at
    this.#unpacked = unpacked
  }

  static async open(
    path: string,
    name: string,
    at: number,
    encoding: Encoding,
    signal: AbortSignal,
  ): Promise<ByteStream> {
    if (isUrl(path)) {
      const stream = await maybeUnzipped(await streamOfUrl(path, name, signal))
      const bytes = encoding === 'utf-8' ? stream : recoded(stream, encoding)
      return new ByteStream(null, name, at, bytes[Symbol.asyncIterator]())
    }
    const handle = await openToRead(path, name)
    if (!isZipped(path) && encoding === 'utf-8') return new ByteStream(handle, name, at, null)
    const packed = createReadStream(path, { fd: handle, autoClose: false })
    const stream: AsyncIterable<Buffer> = isZipped(path) ? packed.pipe(createGunzip()) : packed
    const bytes = encoding === 'utf-8' ? stream : recoded(stream, encoding)
    return new ByteStream(handle, name, at, bytes[Symbol.asyncIterator]())
  }

  /** Fills `into` from `from` up to `to`; 0 at the end of the file. */
  async read(into: Buffer, from: number, to: number): Promise<number> {
    if (this.#unpacked !== null) return this.#unpack(this.#unpacked, into, from, to)
    const { bytesRead } = await this.#handle!.read(into, from, to - from, this.#at)
    this.#at += bytesRead
    return bytesRead
  }

  async #unpack(unpacked: AsyncIterator<Buffer>, into: Buffer, from: number, to: number): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await unpacked.next().catch((error: unknown) => {
        if (error instanceof SourceError) throw error
        throw new SourceError('bad-file', `${this.#name}: ${(error as Error).message}`, {}, error)
      })
      if (next.done === true) return 0
      const passed = Math.min(this.#pass, next.value.length) // bytes before the offset are unpacked and left
      this.#pass -= passed
      this.#chunk = next.value.subarray(passed)
    }
    const copied = this.#chunk.copy(into, from, 0, to - from)
    this.#chunk = this.#chunk.subarray(copied)
    return copied
  }

  async close(): Promise<void> {
    await this.#unpacked?.return?.()
    await this.#handle?.close()
  }
}
