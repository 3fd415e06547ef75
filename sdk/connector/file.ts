import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { didYouMean, SinkError, SourceError } from '../data/errors.ts'
import { isUrl, shownUrl, UrlFile } from './http.ts'

/**
 * Files as sources and sinks use them. A file being written stands beside its final name until it is complete, so a
 * reader never sees half of it.
 */

/** What errors call a file: its name, behind the folders above it that are keys, such as `year=2024/a.parquet`. */
export function shownName(path: string): string {
  const parts = (isUrl(path) ? shownUrl(path) : path).split('/')
  let from = parts.length - 1
  while (from > 0 && parts[from - 1]!.includes('=')) from--
  return parts.slice(from).join('/')
}

/** Where a file is: an absolute path, or its address. */
export function placeOf(path: string): string {
  return isUrl(path) ? path : resolve(path)
}

/** Reads some bytes of a file, fewer only at its end. */
type ReadNow = (from: number, length: number) => Uint8Array

/** A file of which any part can be read: at once for the look at its form, and then in passes. */
export interface AnyPlace {
  look<T>(look: (size: number, read: ReadNow) => T): T
  open(signal: AbortSignal): Promise<OpenPlaces>
}

export interface OpenPlaces {
  readonly read: (from: number, length: number) => Promise<Buffer>
  close(): void | Promise<void>
}

export function anyPlaceOf(place: string, name: string): AnyPlace {
  if (isUrl(place)) {
    const file = new UrlFile(place, name)
    return {
      look: look => file.look(look),
      open: signal => Promise.resolve({ read: file.reader(signal), close: () => {} }),
    }
  }
  return {
    look: look => lookAt(place, name, look),
    async open() {
      const handle = await openToRead(place, name)
      return {
        async read(from, length) {
          const bytes = Buffer.allocUnsafeSlow(length)
          const { bytesRead } = await handle.read(bytes, 0, length, from)
          return bytes.subarray(0, bytesRead)
        },
        close: () => handle.close(),
      }
    },
  }
}

/** Runs `look` on an open file, for the one look at its form that a source takes when it is made. */
export function lookAt<T>(path: string, name: string, look: (size: number, read: ReadNow) => T): T {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    throw cannotOpen(path, name, error)
  }
  try {
    const status = fstatSync(fd)
    if (status.isDirectory()) throw new SourceError('not-a-file', `${name}: ${path} is a folder, not a file`, { path })
    return look(status.size, (from, length) => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, from))
    })
  } finally {
    closeSync(fd)
  }
}

/** Opens a file for a pass over it. */
export async function openToRead(path: string, name: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw cannotOpen(path, name, error)
  }
}

function cannotOpen(path: string, name: string, error: unknown): SourceError {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOENT') return new SourceError('cannot-open', `${name}: ${(error as Error).message}`, { path }, error)
  const text = `${name}: there is no file ${path}.${nearFile(path)}`
  return new SourceError('no-such-file', text, { path }, error)
}

function nearFile(path: string): string {
  try {
    return didYouMean(basename(path), readdirSync(dirname(path)))
  } catch {
    return ` There is no folder ${dirname(path)} either.`
  }
}

/** A file under construction: a sibling of `path` with a name of its own until `commit`. */
export class StagedFile {
  readonly #path: string
  readonly #staged: string
  readonly #name: string
  readonly #handle: FileHandle

  private constructor(path: string, staged: string, name: string, handle: FileHandle) {
    this.#path = path
    this.#staged = staged
    this.#name = name
    this.#handle = handle
  }

  static async create(path: string, name: string): Promise<StagedFile> {
    const staged = join(dirname(path), `.${basename(path)}.${process.pid}-${++serial}.part`)
    try {
      await makeFolder(dirname(path), name)
      if ((await stat(path).catch(() => null))?.isDirectory() === true) {
        throw new SinkError('cannot-write', `${name}: ${path} is a folder, not a file`, { path })
      }
      return new StagedFile(path, staged, name, await open(staged, 'wx'))
    } catch (error) {
      throw cannotWrite(path, name, error)
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#handle.writeFile(bytes) // writes on from the end of the last write
    } catch (error) {
      throw cannotWrite(this.#path, this.#name, error)
    }
  }

  /** Makes the bytes durable and gives the file its name. */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync()
      await this.#handle.close()
      await rename(this.#staged, this.#path)
    } catch (error) {
      await this.discard()
      throw cannotWrite(this.#path, this.#name, error)
    }
  }

  async discard(): Promise<void> {
    await this.#handle.close()
    await rm(this.#staged, { force: true })
  }
}

let serial = 0

/** Makes a folder and those above it, one by one: node's own recursion does not end where a file system refuses. */
async function makeFolder(folder: string, name: string): Promise<void> {
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory() === true) return
  if (found !== null) {
    throw new SinkError('cannot-write', `${name}: ${folder} is a file, so nothing can be written in it`, {
      path: folder,
    })
  }
  const above = dirname(folder)
  if (above !== folder) await makeFolder(above, name)
  try {
    await mkdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return // made by someone else meanwhile
    const text = `${name}: the folder ${folder} cannot be made: ${(error as Error).message}`
    throw new SinkError('cannot-write', text, { path: folder }, error)
  }
}

function cannotWrite(path: string, name: string, error: unknown): SinkError {
  if (error instanceof SinkError) return error
  return new SinkError('cannot-write', `${name}: ${(error as Error).message}`, { path }, error)
}
