import type { CompressionCodec, SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { basename, resolve } from 'node:path'
import * as zlib from 'node:zlib'
import { Batch } from '../data/batch.ts'
import { valueAt, type Column, type Value } from '../data/column.ts'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { Schema } from '../data/schema.ts'
import { bareText, type DataType, type Field, type Nullable } from '../data/type.ts'
import type { Sink } from '../plan/port.ts'
import { StagedFile } from './file.ts'
import { KINDS_KEY, leafKinds } from './parquet-schema.ts'
import { openPartitions, type PartWriter } from './partitioned.ts'
import { zstdCompressSync } from './zstd.ts'

/**
 * Parquet files as sinks, a row group at a time. Every type keeps its meaning for other readers: timestamps are UTC in
 * microseconds, durations a 64-bit number of microseconds, vectors lists of doubles. What Parquet has no type for is noted
 * in the metadata of the file, so that durations and bigints are what they were when we read it again.
 */

export interface ToParquetOptions {
  /** How pages are packed: `'snappy'` if left out. `'zstd'` needs a Node.js that has it: 22.15 or later. */
  readonly compression?: 'none' | 'snappy' | 'gzip' | 'brotli' | 'zstd'
  /** Rows in a row group, the last one excepted: 100,000 if left out. */
  readonly rowGroupRows?: number
  /**
   * Columns of text, whole numbers, bools or dates whose values stand in the names of folders instead of the files: the
   * path is then a folder, as `year=2024/month=1/part-0.parquet` in it, which `read.parquet(path)` reads back. Reading
   * infers the types of such columns from the names; a schema says otherwise.
   */
  readonly partitionBy?: readonly string[]
  /** With `partitionBy`, what to do about a folder that has files: `'fail'` if left out. Files of other kinds are kept. */
  readonly existing?: 'fail' | 'replace'
}

/** A Parquet file, or a folder of them; it gets its name when all rows are in. */
export function toParquet(path: string, options: ToParquetOptions = {}): Sink {
  const name = `to.parquet ${basename(path)}`
  checkOptions(name, options, ['compression', 'rowGroupRows', 'partitionBy', 'existing'])
  const { compression = 'snappy', rowGroupRows = 100_000 } = options
  const codec = Object.hasOwn(CODECS, compression) ? CODECS[compression] : undefined
  if (codec === undefined) {
    const text = `${name}: compression is "${compression}"; it can be ${Object.keys(CODECS).join(', ')}`
    throw new PlanError('bad-option', text)
  }
  if (!Number.isInteger(rowGroupRows) || rowGroupRows < 1) {
    throw new PlanError('bad-option', `${name}: rowGroupRows is ${rowGroupRows}; it must be a whole number above 0`)
  }
  if (codec === 'ZSTD' && zstdCompressSync === undefined) {
    const text = `${name}: this Node.js (${process.version}) does not write zstd; 22.15 and later do. Use 'brotli', 'gzip' or 'snappy'.`
    throw new PlanError('bad-option', text)
  }
  const by = partitionBy(options, name)
  const open = async (file: string, schema: Schema): Promise<ParquetFileWriter> => {
    const elements = schemaElements(schema, name)
    return new ParquetFileWriter(await StagedFile.create(file, name), schema, elements, codec, rowGroupRows)
  }
  const partitions = {
    name,
    path: resolve(path),
    by: by ?? [],
    existing: options.existing ?? 'fail',
    ending: '.parquet',
  }
  return {
    name,
    accepts: 'append',
    open: schema => (by === null ? open(resolve(path), schema) : openPartitions(partitions, schema, open)),
  }
}

function partitionBy({ partitionBy: by, existing }: ToParquetOptions, name: string): readonly string[] | null {
  const refused = (text: string): never => {
    throw new PlanError('bad-option', `${name}: ${text}`)
  }
  if (existing !== undefined && !['fail', 'replace'].includes(existing)) {
    refused(`existing is ${JSON.stringify(existing)}; it can be fail, replace`)
  }
  if (by === undefined) return existing === undefined ? null : refused('existing is for folders, beside partitionBy')
  if (!Array.isArray(by) || by.length === 0 || !by.every(column => typeof column === 'string')) {
    refused(`partitionBy is a list of at least one column, such as ['year']`)
  }
  const twice = by.find((column, i) => by.indexOf(column) !== i)
  return twice === undefined ? by : refused(`partitionBy names "${twice}" twice`)
}

const CODECS: Readonly<Record<string, CompressionCodec>> = {
  none: 'UNCOMPRESSED',
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  brotli: 'BROTLI',
  zstd: 'ZSTD',
}

const packZstd = zstdCompressSync

const compressors = {
  ...(packZstd !== undefined && { ZSTD: (bytes: Uint8Array): Uint8Array => packZstd(bytes) }),
  GZIP: (bytes: Uint8Array): Uint8Array => zlib.gzipSync(bytes),
  BROTLI: (bytes: Uint8Array): Uint8Array => zlib.brotliCompressSync(bytes),
}

class ParquetFileWriter implements PartWriter {
  readonly #file: StagedFile
  readonly #schema: Schema
  readonly #rowGroupRows: number
  readonly #bytes = new ByteWriter()
  readonly #writer: ParquetWriter
  #held: Batch[] = []
  #rows = 0

  constructor(
    file: StagedFile,
    schema: Schema,
    elements: SchemaElement[],
    codec: CompressionCodec,
    rowGroupRows: number,
  ) {
    this.#file = file
    this.#schema = schema
    this.#rowGroupRows = rowGroupRows
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: elements,
      codec,
      compressors,
      createdBy: 'millrace',
      kvMetadata: [{ key: KINDS_KEY, value: JSON.stringify(schema.fields.flatMap(field => leafKinds(field.type))) }],
    })
  }

  write(batch: Batch): void | Promise<void> {
    if (batch.length === 0) return
    this.#held.push(batch)
    this.#rows += batch.length
    if (this.#rows >= this.#rowGroupRows) return this.#groups(false)
  }

  get held(): number {
    return this.#rows
  }

  /** Makes a row group of what is held. */
  flush(): Promise<void> {
    return this.#groups(true)
  }

  /** Writes the row groups that are full, and with `all` the rest. */
  async #groups(all: boolean): Promise<void> {
    const rows = Batch.concat(this.#schema, this.#held)
    let at = 0
    while (at < rows.length && (all || rows.length - at >= this.#rowGroupRows)) {
      const group = rows.slice(at, Math.min(rows.length, at + this.#rowGroupRows))
      const columnData = this.#schema.fields.map((field, i) => ({
        name: field.name,
        data: storedValues(group.columns[i]!, field),
      }))
      await this.#writer.write({ columnData, rowGroupSize: this.#rowGroupRows })
      at += group.length
      await this.#put()
    }
    this.#held = at < rows.length ? [rows.slice(at, rows.length)] : []
    this.#rows = rows.length - at
  }

  async #put(): Promise<void> {
    await this.#file.write(new Uint8Array(this.#bytes.buffer, 0, this.#bytes.index))
    this.#bytes.index = 0
  }

  async close(): Promise<void> {
    await this.#groups(true)
    await this.#writer.finish()
    await this.#put()
    await this.#file.commit()
  }

  abort(): Promise<void> {
    return this.#file.discard()
  }
}

function schemaElements(schema: Schema, name: string): SchemaElement[] {
  const root: SchemaElement = { name: 'schema', num_children: schema.fields.length }
  return [root, ...schema.fields.flatMap(field => elements(field.name, field, `${name}: column "${field.name}"`))]
}

function elements(name: string, of: Nullable, where: string): SchemaElement[] {
  const { type } = of
  const repetition_type = of.nullable ? 'OPTIONAL' : 'REQUIRED'
  const leaf = (element: Omit<SchemaElement, 'name'>): SchemaElement[] => [{ name, repetition_type, ...element }]
  switch (type.kind) {
    case 'bool':
      return leaf({ type: 'BOOLEAN' })
    case 'int32':
      return leaf({ type: 'INT32' })
    case 'int64':
    case 'bigint':
    case 'duration':
      return leaf({ type: 'INT64' })
    case 'float32':
      return leaf({ type: 'FLOAT' })
    case 'float64':
      return leaf({ type: 'DOUBLE' })
    case 'utf8':
      return leaf({ type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } })
    case 'binary':
      return leaf({ type: 'BYTE_ARRAY' })
    case 'timestamp':
      return leaf({
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      })
    case 'date':
      return leaf({ type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } })
    case 'decimal': {
      const { precision, scale } = type
      return leaf({
        type: 'INT64',
        converted_type: 'DECIMAL',
        precision,
        scale,
        logical_type: { type: 'DECIMAL', precision, scale },
      })
    }
    case 'vector':
      if (!type.sparse) return listElements(name, repetition_type, { type: DOUBLE, nullable: false }, where)
      throw new PlanError('wrong-type', `${where} is ${bareText(type)}, which Parquet does not hold. Write JSON lines.`)
    case 'list':
      return listElements(name, repetition_type, type.item, where)
    case 'struct': {
      const children = type.fields.flatMap(field => elements(field.name, field, where))
      return [{ name, repetition_type, num_children: type.fields.length }, ...children]
    }
    case 'map':
      return [
        { name, repetition_type, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        ...elements('key', { type: type.key, nullable: false }, where),
        ...elements('value', type.value, where),
      ]
  }
}

const DOUBLE: DataType = { kind: 'float64' }

function listElements(
  name: string,
  repetition_type: 'OPTIONAL' | 'REQUIRED',
  item: Nullable,
  where: string,
): SchemaElement[] {
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...elements('element', item, where),
  ]
}

/** The values of a column as the writer takes them: typed arrays where it can use them as they are. */
function storedValues(column: Column, field: Field): unknown[] | Int32Array | Float32Array | Float64Array {
  if (column.layout === 'flat' && column.valid === null) {
    const { values } = column
    if (values instanceof Float32Array || values instanceof Int32Array) return values
    if (values instanceof Float64Array && field.type.kind === 'float64') return values
  }
  return Array.from({ length: column.length }, (_, i) => storedValue(valueAt(column, i), field.type))
}

function storedValue(value: Value, type: DataType): unknown {
  if (value === null) return null
  switch (type.kind) {
    case 'int64':
    case 'timestamp':
    case 'duration':
      return BigInt(value as number)
    case 'vector':
      return [...(value as Float64Array)]
    case 'list':
      return (value as readonly Value[]).map(item => storedValue(item, type.item.type))
    case 'struct': {
      const items = value as readonly Value[]
      return Object.fromEntries(type.fields.map((field, i) => [field.name, storedValue(items[i]!, field.type)]))
    }
    case 'map': {
      const pairs = value as readonly (readonly [Value, Value])[]
      return pairs.map(([k, v]) => ({ key: storedValue(k, type.key), value: storedValue(v, type.value.type) }))
    }
    default:
      return value
  }
}
