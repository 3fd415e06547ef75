import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { StateError } from '../../data/errors.ts'

/**
 * What of a job does not fit into its memory: files of records in a folder that goes with the job. Reading and writing
 * block for the time of one record. A file is deleted by whoever has read it, all at the end whatever happens.
 */
export class SpillFolder {
  readonly #parent: string
  #folder: string | null = null
  #made = 0
  readonly #open = new Set<{ readonly remove: () => void }>()
  /** Bytes written so far. */
  bytes = 0

  constructor(parent: string) {
    this.#parent = parent
  }

  /** A new file to write to. */
  create<T>(): SpillFile<T> {
    this.#folder ??= this.#attempt('made', () => mkdtempSync(join(this.#parent, 'millrace-spill-')))
    const path = join(this.#folder, `${this.#made++}`)
    const file = new SpillFile<T>(path, {
      attempt: this.#attempt,
      wrote: bytes => (this.bytes += bytes),
      removed: () => this.#open.delete(file),
    })
    this.#open.add(file)
    return file
  }

  remove(): void {
    for (const file of this.#open) file.remove()
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

/** What a file has of its folder. */
interface Place {
  readonly attempt: Attempt
  readonly wrote: (bytes: number) => void
  readonly removed: () => void
}

/** Records of plain data, written one after the other and then read in that order. */
export class SpillFile<T> {
  readonly #path: string
  readonly #place: Place
  readonly #file: number
  readonly #sizes: number[] = []

  /** Made by {@link SpillFolder.create}. */
  constructor(path: string, place: Place) {
    this.#path = path
    this.#place = place
    this.#file = place.attempt('made', () => openSync(path, 'wx+'))
  }

  write(record: T): void {
    const data = serialize(record)
    this.#place.attempt('written', () => {
      for (let at = 0; at < data.length;) at += writeSync(this.#file, data, at)
    })
    this.#sizes.push(data.length)
    this.#place.wrote(data.length)
  }

  /** All records in the order they were written. May be called again. */
  *read(): Generator<T, void> {
    let position = 0
    for (const size of this.#sizes) {
      const data = Buffer.allocUnsafe(size)
      this.#place.attempt('read', () => {
        for (let at = 0; at < size;) {
          const got = readSync(this.#file, data, at, size - at, position + at)
          if (got === 0) throw new Error('it is shorter than what was written')
          at += got
        }
      })
      position += size
      yield deserialize(data) as T
    }
  }

  remove(): void {
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
    this.#place.removed()
  }
}
