import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Batch } from '../data/batch.ts'
import { take, valueAt, type Value } from '../data/column.ts'
import { compact } from '../data/compact.ts'
import { didYouMean, PlanError, SinkError } from '../data/errors.ts'
import type { Schema } from '../data/schema.ts'
import { formatDate } from '../data/time.ts'
import { bareText, type DataType } from '../data/type.ts'
import type { SinkWriter } from '../plan/port.ts'
import { NO_VALUE } from './files.ts'

/**
 * A folder of files as a sink, one for each combination of values of some columns, which stand in the names of folders:
 * `year=2024/month=1/part-0.parquet`. The folder gets its name when all rows are in.
 */

export interface Partitions {
  /** What errors call the sink. */
  readonly name: string
  readonly path: string
  readonly by: readonly string[]
  /** What to do about a folder that is there already. */
  readonly existing: 'fail' | 'replace'
  /** What the names of its files end in. */
  readonly ending: string
}

/** A writer of one of the files, which can be told to put its rows down. */
export interface PartWriter extends SinkWriter {
  /** Rows that it holds in memory. */
  readonly held: number
  flush(): Promise<void>
}

/** Rows that wait to be cut, and those that all files together may hold in memory. */
const MOST_WAITING = 1 << 18
const MOST_HELD = 1 << 20

/** Opens the folder for one pass of writing; `open` opens one of its files for the columns that are left. */
export async function openPartitions(
  partitions: Partitions,
  schema: Schema,
  open: (path: string, schema: Schema) => Promise<PartWriter>,
): Promise<SinkWriter> {
  const { name, path, by } = partitions
  checkColumns(partitions, schema)
  await checkFolder(partitions)
  const left = schema.pick(schema.names.filter(column => !by.includes(column)))
  const staged = join(dirname(path), `.${basename(path)}.${process.pid}-${++serial}.part`)
  const keys = by.map(column => schema.indexOf(column))
  const kept = left.names.map(column => schema.indexOf(column))
  const parts = new Map<string, PartWriter>()
  let waiting: Batch[] = []
  let rows = 0

  const partOf = async (folder: string): Promise<PartWriter> => {
    const known = parts.get(folder)
    if (known !== undefined) return known
    const made = await open(join(staged, folder, `part-0${partitions.ending}`), left)
    parts.set(folder, made)
    return made
  }
  // Many batches are cut at once, since the pieces of one are small where there are many folders.
  const cut = async (): Promise<void> => {
    const batch = Batch.concat(schema, waiting)
    waiting = []
    rows = 0
    for (const [folder, indices] of byFolder(batch, keys, name)) {
      const part = await partOf(folder)
      await part.write(
        new Batch(
          left,
          indices.length,
          kept.map(c => compact(take(batch.columns[c]!, indices))),
        ),
      )
    }
    let held = 0
    for (const part of parts.values()) {
      held += part.held
      if (held < MOST_HELD) continue
      held -= part.held
      await part.flush()
    }
  }
  const discard = async (): Promise<void> => {
    for (const part of parts.values()) await part.abort()
    await rm(staged, { recursive: true, force: true })
  }
  return {
    async write(batch) {
      if (batch.length > 0) waiting.push(batch)
      rows += batch.length
      if (rows >= MOST_WAITING) await cut()
    },
    async close() {
      if (rows > 0) await cut()
      if (parts.size === 0) await partOf(emptyFolder(by))
      for (const part of parts.values()) await part.close()
      parts.clear()
      await replaceFolder(staged, partitions).catch(async error => {
        await discard()
        throw error
      })
    },
    abort: discard,
  }
}

let serial = 0

/** Without rows there is one empty file, so that the columns can be read. */
const emptyFolder = (by: readonly string[]): string => by.map(column => `${encoded(column)}=${NO_VALUE}`).join('/')

function checkColumns({ name, by }: Partitions, schema: Schema): void {
  for (const column of by) {
    if (!schema.has(column)) {
      const text = `${name}: partitionBy names "${column}", which is no column.${didYouMean(column, schema.names)} The columns are ${schema.names.join(', ')}.`
      throw new PlanError('unknown-column', text, { column })
    }
    const { type } = schema.fields[schema.indexOf(column)]!
    if (KEYS.has(type.kind)) continue
    const text = `${name}: partitionBy names "${column}", which is ${bareText(type)}; a folder's name holds ${[...KEYS].join(', ')}. Truncate or format it first.`
    throw new PlanError('wrong-type', text, { column })
  }
  if (by.length === schema.fields.length) {
    throw new PlanError('bad-option', `${name}: partitionBy names all columns, and a file needs one of its own`)
  }
}

const KEYS: ReadonlySet<string> = new Set(['utf8', 'int32', 'int64', 'bigint', 'bool', 'date'])

async function checkFolder({ name, path, existing, ending }: Partitions): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found === null) return
  if (!found.isDirectory()) throw new SinkError('cannot-write', `${name}: ${path} is a file, not a folder`, { path })
  const files = await readdir(path, { recursive: true, withFileTypes: true })
  if (files.length === 0) return
  if (existing === 'fail') {
    const text = `${name}: the folder ${path} is there already, with ${files.length} entries. Write to another, remove it, or replace it: { existing: 'replace' }`
    throw new SinkError('cannot-write', text, { path })
  }
  const foreign = files.find(file => !file.isDirectory() && !file.name.endsWith(ending))
  if (foreign === undefined) return
  const text = `${name}: the folder ${path} cannot be replaced: it has ${join(foreign.parentPath, foreign.name)}, which is no ${ending} file`
  throw new SinkError('cannot-write', text, { path })
}

/** Gives the folder its name; one that has it is moved aside before, and removed after. */
async function replaceFolder(staged: string, { name, path }: Partitions): Promise<void> {
  const aside = `${staged}.old`
  try {
    const isThere = (await stat(path).catch(() => null)) !== null
    if (isThere) await rename(path, aside)
    await rename(staged, path)
    if (isThere) await rm(aside, { recursive: true, force: true })
  } catch (error) {
    if ((await stat(path).catch(() => null)) === null) await rename(aside, path).catch(() => {})
    throw new SinkError('cannot-write', `${name}: ${(error as Error).message}`, { path }, error)
  }
}

/** The rows of a batch by the folder they go to, in their order. */
function byFolder(batch: Batch, keys: readonly number[], name: string): Map<string, Int32Array> {
  const texts = keys.map(k => keyTexts(batch, k, name))
  const rows = new Map<string, number[]>()
  for (let i = 0; i < batch.length; i++) {
    let folder = texts[0]![i]!
    for (let k = 1; k < texts.length; k++) folder += `/${texts[k]![i]!}`
    const found = rows.get(folder)
    if (found === undefined) rows.set(folder, [i])
    else found.push(i)
  }
  return new Map([...rows].map(([folder, indices]) => [folder, Int32Array.from(indices)]))
}

/** `column=value` for each row; equal values are written down once. */
function keyTexts(batch: Batch, k: number, name: string): string[] {
  const { name: column, type } = batch.schema.fields[k]!
  const known = new Map<Value, string>()
  return Array.from({ length: batch.length }, (_, i) => {
    const value = valueAt(batch.columns[k]!, i)
    const found = known.get(value)
    if (found !== undefined) return found
    const text = `${encoded(column)}=${value === null ? NO_VALUE : folderOf(value, type, `${name}: "${column}"`)}`
    known.set(value, text)
    return text
  })
}

function folderOf(value: NonNullable<Value>, type: DataType, where: string): string {
  if (value === NO_VALUE) {
    throw new SinkError('bad-partition', `${where} is "${NO_VALUE}", which stands for null in a folder's name`)
  }
  try {
    return encoded(
      type.kind === 'date' ? formatDate(value as number) : `${value as string | number | bigint | boolean}`,
    )
  } catch (cause) {
    const text = `${where} is ${JSON.stringify(value)}, which has half of a character and no UTF-8. Replace it first.`
    throw new SinkError('bad-partition', text, {}, cause)
  }
}

/** As in an address, so that a value may hold any character. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[.*'()]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}
