import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { Batch } from '../../data/batch.ts'
import type { Column, TextColumn } from '../../data/column.ts'
import { StateError } from '../../data/errors.ts'
import type { Schema } from '../../data/schema.ts'

/**
 * What of a job does not fit into its memory: files of batches in a folder that goes with the job. Reading and writing
 * block for the time of one batch. A file is deleted by whoever has read it, the folder at the end whatever happens.
 */
export class SpillFolder {
  readonly #parent: string
  #folder: string | null = null
  #files = 0
  /** Bytes written so far. */
  bytes = 0

  constructor(parent: string) {
    this.#parent = parent
  }

  /** A new file to write to. */
  create(schema: Schema): SpillFile {
    this.#folder ??= this.#attempt('made', () => mkdtempSync(join(this.#parent, 'millrace-spill-')))
    const path = join(this.#folder, `${this.#files++}`)
    return new SpillFile(schema, path, bytes => (this.bytes += bytes), this.#attempt)
  }

  remove(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = null
  }

  readonly #attempt: Attempt = (what, act) => {
    try {
      return act()
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      const advice = `Name a folder with room: embedded({ spill: '/a/folder' }).`
      throw new StateError(
        'spill',
        `a file for what does not fit into memory cannot be ${what}: ${text}. ${advice}`,
        {},
        cause,
      )
    }
  }
}

type Attempt = <T>(what: string, act: () => T) => T

/** Batches of one schema, written one after the other and then read once in that order. */
export class SpillFile {
  readonly schema: Schema
  readonly #path: string
  readonly #wrote: (bytes: number) => void
  readonly #attempt: Attempt
  readonly #file: number
  readonly #sizes: number[] = []
  rows = 0

  /** Made by {@link SpillFolder.create}. */
  constructor(schema: Schema, path: string, wrote: (bytes: number) => void, attempt: Attempt) {
    this.schema = schema
    this.#path = path
    this.#wrote = wrote
    this.#attempt = attempt
    this.#file = attempt('made', () => openSync(path, 'wx+'))
  }

  write({ length, columns, kinds }: Batch): void {
    const data = serialize({ length, columns: columns.map(compact), kinds })
    this.#attempt('written', () => {
      for (let at = 0; at < data.length;) at += writeSync(this.#file, data, at)
    })
    this.#sizes.push(data.length)
    this.rows += length
    this.#wrote(data.length)
  }

  /** All batches in the order they were written. May be called again. */
  *read(): Generator<Batch, void> {
    let position = 0
    for (const size of this.#sizes) {
      const data = Buffer.allocUnsafe(size)
      this.#attempt('read', () => {
        for (let at = 0; at < size;) {
          const got = readSync(this.#file, data, at, size - at, position + at)
          if (got === 0) throw new Error('it is shorter than what was written')
          at += got
        }
      })
      position += size
      const { length, columns, kinds } = deserialize(data) as Pick<Batch, 'length' | 'columns' | 'kinds'>
      yield new Batch(this.schema, length, columns, kinds)
    }
  }

  remove(): void {
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
  }
}

/** Without the entries of a dictionary that no row uses: it may belong to a table of millions of rows. */
function compact(column: Column): Column {
  return column.layout === 'text' && column.codes !== null && column.strings.length > column.length
    ? ownEntries(column, column.codes)
    : column
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
