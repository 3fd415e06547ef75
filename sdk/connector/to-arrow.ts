import { basename, resolve } from 'node:path'
import { Batch } from '../data/batch.ts'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import type { Schema } from '../data/schema.ts'
import { arrowBytes, arrowTable, type ArrowCompression } from '../data/to-arrow.ts'
import type { Sink, SinkWriter } from '../plan/port.ts'
import { installArrowCodecs } from './arrow-codec.ts'
import { headOf, placeBlocks, prefixOf, type Block } from './arrow-message.ts'
import { StagedFile } from './file.ts'
import { zstdCompressSync } from './zstd.ts'

/** Arrow IPC as a sink: a record batch for each batch that comes, as a file with a footer or as a stream without. */

export interface ToArrowOptions {
  /** `'file'`, which others can read at random, if left out; a `'stream'` has no footer. */
  readonly format?: 'file' | 'stream'
  /**
   * How the buffers of each record batch are packed: `'none'` if left out. `'lz4'` is quick to read; `'zstd'` is smaller
   * and needs a Node.js that has it: 22.15 or later.
   */
  readonly compression?: ArrowCompression
}

/** An Arrow IPC file or stream; it gets its name when all rows are in. */
export function toArrow(path: string, options: ToArrowOptions = {}): Sink {
  const name = `to.arrow ${basename(path)}`
  checkOptions(name, options, ['format', 'compression'])
  const { format = 'file', compression = 'none' } = options
  if (format !== 'file' && format !== 'stream') {
    throw new PlanError('bad-option', `${name}: format is ${JSON.stringify(format)}; it can be file or stream`)
  }
  if (!COMPRESSIONS.includes(compression)) {
    const text = `${name}: compression is ${JSON.stringify(compression)}; it can be ${COMPRESSIONS.join(', ')}`
    throw new PlanError('bad-option', text, { option: 'compression' })
  }
  if (compression === 'zstd' && zstdCompressSync === undefined) {
    const text = `${name}: this Node.js (${process.version}) does not write zstd; 22.15 and later do. Use 'lz4'.`
    throw new PlanError('bad-option', text, { option: 'compression' })
  }
  installArrowCodecs()
  return {
    name,
    accepts: 'append',
    async open(schema): Promise<SinkWriter> {
      const head = messagesOf(schema, [], name)
      const file = await StagedFile.create(resolve(path), name)
      const writer = new ArrowWriter(file, schema, { format, compression }, name)
      await writer.begin(head.schema)
      return writer
    },
  }
}

const COMPRESSIONS: readonly ArrowCompression[] = ['none', 'lz4', 'zstd']
const MAGIC = Buffer.from('ARROW1\0\0')
const END = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0)

class ArrowWriter implements SinkWriter {
  readonly #file: StagedFile
  readonly #schema: Schema
  readonly #format: 'file' | 'stream'
  readonly #compression: ArrowCompression
  readonly #name: string
  readonly #blocks: Block[] = []
  #at = 0

  constructor(file: StagedFile, schema: Schema, { format, compression }: Required<ToArrowOptions>, name: string) {
    this.#file = file
    this.#schema = schema
    this.#format = format
    this.#compression = compression
    this.#name = name
  }

  async begin(schema: Uint8Array): Promise<void> {
    if (this.#format === 'file') await this.#put(MAGIC)
    await this.#put(schema)
  }

  async write(batch: Batch): Promise<void> {
    if (batch.length === 0) return
    const { rest } = messagesOf(this.#schema, [batch], this.#name, this.#compression)
    const { headLength, bodyLength } = messageOf(rest)
    this.#blocks.push({ offset: this.#at, headLength, bodyLength })
    await this.#put(rest.subarray(0, headLength + bodyLength))
  }

  async close(): Promise<void> {
    await this.#put(END)
    if (this.#format === 'file') await this.#put(this.#footer())
    await this.#file.commit()
  }

  /** The footer of a file with as many empty batches, in which the places of ours are then written. */
  #footer(): Uint8Array {
    const empty = this.#blocks.map(() => Batch.empty(this.#schema))
    const bytes = arrowBytes(arrowTable(this.#schema, empty, this.#name), 'file')
    const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(bytes.length - 10, true)
    const footer = bytes.slice(bytes.length - 10 - length)
    placeBlocks(footer, this.#blocks)
    return footer
  }

  async #put(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes)
    this.#at += bytes.length
  }

  abort(): Promise<void> {
    return this.#file.discard()
  }
}

/** The schema's message, and the messages after it. */
function messagesOf(
  schema: Schema,
  batches: readonly Batch[],
  name: string,
  compression: ArrowCompression = 'none',
): { schema: Uint8Array; rest: Uint8Array } {
  const bytes = arrowBytes(arrowTable(schema, batches, name), 'stream', compression)
  const { headLength } = messageOf(bytes)
  return { schema: bytes.subarray(0, headLength), rest: bytes.subarray(headLength) }
}

function messageOf(bytes: Uint8Array): { headLength: number; bodyLength: number } {
  const prefix = prefixOf(bytes)!
  return headOf(bytes.subarray(prefix.start, prefix.start + prefix.length), prefix.start)
}
