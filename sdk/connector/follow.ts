import { closeSync, openSync, readSync, statSync, type Stats } from 'node:fs'
import type { Batch } from '../data/batch.ts'
import { pause, systemClock } from '../data/clock.ts'
import { PlanError, SourceError } from '../data/errors.ts'
import { Schema } from '../data/schema.ts'
import type { Columns } from '../data/type.ts'
import type { ReadRequest, Source, SourceReader } from '../plan/port.ts'
import { baseOf, filesBelow, glob, isGlob } from './glob.ts'
import { isUrl } from './http.ts'

/**
 * Files that grow, and folders that get more of them, as a stream without end. Each file is a partition: its records come in
 * order, as soon as their lines are whole, and the offset of each is kept, so that a pass can go on where another ended.
 * What was read must stay: a file that became shorter or was replaced is an error.
 */

/** What a format must take to be followed. */
interface FollowedFormat<O extends { readonly schema?: Columns }> {
  readonly name: string
  readonly endings: readonly string[]
  /** Opens a file whose last line may not be whole yet. */
  open(path: string, options: O): Source
}

/** How long until files are looked at again when none had more. */
const LOOK_MS = 100

export function follow<O extends { readonly schema?: Columns }>(
  format: FollowedFormat<O>,
  path: string | readonly string[],
  options: O,
): Source {
  const paths = typeof path === 'string' ? [path] : path
  const name = `${format.name} ${paths.join(', ')}, followed`
  const fixed = paths.find(one => isUrl(one) || one.endsWith('.gz'))
  if (fixed !== undefined) {
    const what = isUrl(fixed) ? 'an address' : 'a packed file'
    throw new PlanError('bad-path', `${name}: ${what} does not grow: ${fixed}. Read it without follow.`, {
      path: fixed,
    })
  }
  if (options.schema === undefined) {
    throw new PlanError(
      'no-schema',
      `${name}: declare its columns, { schema: { … } }: the first lines may not be there yet`,
    )
  }
  const schema = Schema.of(options.schema)
  const find = (): string[] => [...new Set(paths.flatMap(one => filesOf(one, format.endings)))].sort()
  return {
    name,
    schema,
    bounded: false,
    partitions: Math.max(1, find().length),
    open: request => new FollowReader(name, one => format.open(one, options), find, request),
  }
}

/** The files there are now; none where a path does not exist yet. */
function filesOf(path: string, endings: readonly string[]): string[] {
  const status = statusOf(path)
  if (status?.isDirectory() === true) {
    return filesBelow(path).filter(one => endings.some(ending => one.toLowerCase().endsWith(ending)))
  }
  if (status !== null) return [path]
  if (!isGlob(path)) return []
  return statusOf(baseOf(path)) === null ? [] : glob(path)
}

function statusOf(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null
}

/** How far a file has been read; `within` is null before its first record. */
interface FileOffset {
  readonly file: number
  readonly within: { readonly byte: number } | null
}

type FollowOffset = Readonly<Record<string, FileOffset>>

class FollowReader implements SourceReader {
  readonly #name: string
  readonly #open: (path: string) => Source
  readonly #find: () => string[]
  readonly #request: ReadRequest
  readonly #files = new Map<string, FollowedFile>()
  /** Files that may have more, in turn: one batch of each. */
  #turn: FollowedFile[] = []
  readonly #rejected: Batch[] = []

  constructor(name: string, open: (path: string) => Source, find: () => string[], request: ReadRequest) {
    this.#name = name
    this.#open = open
    this.#find = find
    this.#request = request
  }

  async next(): Promise<Batch | null> {
    const { signal, clock = systemClock } = this.#request
    while (!signal.aborted) {
      if (this.#turn.length === 0) this.#turn = this.#look()
      const file = this.#turn.shift()
      if (file === undefined) {
        await pause(clock, LOOK_MS, signal)
        continue
      }
      const batch = await file.next()
      const rejected = file.rejected()
      if (rejected !== null) this.#rejected.push(rejected)
      if (batch === null) continue
      this.#turn.push(file)
      return batch
    }
    return null
  }

  /** The files that have grown, new ones among them. */
  #look(): FollowedFile[] {
    return this.#find()
      .map(path => this.#fileAt(path))
      .filter(file => file.hasMore())
  }

  #fileAt(path: string): FollowedFile {
    const known = this.#files.get(path)
    if (known !== undefined) return known
    const file = new FollowedFile(this.#name, path, this.#open, this.#request)
    this.#files.set(path, file)
    return file
  }

  rejected(): Batch | null {
    return this.#rejected.shift() ?? null
  }

  get skipped(): number {
    let skipped = 0
    for (const file of this.#files.values()) skipped += file.skipped
    return skipped
  }

  offset(): FollowOffset {
    return Object.fromEntries([...this.#files].map(([path, file]) => [path, file.offset()]))
  }

  seek(offset: unknown): void {
    this.#turn = []
    this.#files.clear()
    for (const [path, at] of Object.entries(offset as FollowOffset)) this.#fileAt(path).seek(at)
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close()
  }
}

/** One file, of which the whole records there are have been read up to some byte. */
class FollowedFile {
  readonly #name: string
  readonly #path: string
  readonly #open: (path: string) => Source
  readonly #request: ReadRequest
  /** What tells it from another file of the same name; 0 before it was seen. */
  #file = 0
  #within: FileOffset['within'] = null
  #reader: SourceReader | null = null
  /** Its size when nothing more could be read of it. */
  #spent = 0

  constructor(name: string, path: string, open: (path: string) => Source, request: ReadRequest) {
    this.#name = name
    this.#path = path
    this.#open = open
    this.#request = request
  }

  /** True when it is longer than when it was read last. */
  hasMore(): boolean {
    const status = statusOf(this.#path)
    if (status === null) return false // it was removed after it was found
    const { ino, size } = status
    if (this.#file !== 0 && ino !== this.#file) {
      throw this.#failed('file-replaced', 'another file has taken its name. Write to files with new names, or append')
    }
    this.#file = ino
    const read = this.#within?.byte ?? 0
    if (size < Math.max(read, this.#spent)) {
      throw this.#failed('file-truncated', `${read} bytes of it were read, and it has become ${size} bytes long`)
    }
    return size > this.#spent && (this.#reader !== null || hasLine(this.#path))
  }

  #failed(code: string, problem: string): SourceError {
    return new SourceError(code, `${this.#name}: ${this.#path}: ${problem}.`, { path: this.#path })
  }

  /** The next whole records, or null when there are none yet. */
  async next(): Promise<Batch | null> {
    this.#reader ??= await this.#opened()
    const { size } = statusOf(this.#path) ?? { size: this.#spent } // before it is read: it may grow meanwhile
    const batch = await this.#reader.next()
    this.#within = this.#reader.offset() as { byte: number }
    if (batch === null) {
      this.#spent = size
      await this.#reader.seek(this.#within) // and lets go of the file
    }
    return batch
  }

  async #opened(): Promise<SourceReader> {
    const source = this.#open(this.#path)
    const reader = source.open(this.#request)
    if (this.#within !== null) await reader.seek(this.#within)
    return reader
  }

  rejected(): Batch | null {
    return this.#reader?.rejected?.() ?? null
  }

  get skipped(): number {
    return this.#reader?.skipped ?? 0
  }

  offset(): FileOffset {
    return { file: this.#file, within: this.#within }
  }

  seek({ file, within }: FileOffset): void {
    this.#file = file
    this.#within = within
  }

  async close(): Promise<void> {
    await this.#reader?.close()
  }
}

/** Whether the first line of a file is whole: the order of its keys, or its header, is read from it. */
function hasLine(path: string): boolean {
  const bytes = Buffer.alloc(1 << 16)
  const fd = openSync(path, 'r')
  try {
    for (let read = readSync(fd, bytes); read > 0; read = readSync(fd, bytes)) {
      if (bytes.subarray(0, read).includes(10)) return true
    }
    return false
  } finally {
    closeSync(fd)
  }
}
