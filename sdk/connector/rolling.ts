import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../data/clock.ts'
import { PlanError } from '../data/errors.ts'
import { checkOptions } from '../data/options.ts'
import { durationMicros, type Duration } from '../data/time.ts'
import { StagedFile } from './file.ts'

/**
 * A folder that gets file after file while rows come: each takes its name once it is whole, so that a reader never sees a
 * part of one. When a query fails, the files that have their names stay, and the one under construction goes.
 */

/** When a file is whole and the next one begins: whichever comes first. */
export interface Roll {
  /** So long after its first row. */
  readonly every?: Duration
  /** Once it has so many bytes; it ends with the rows that were written together. */
  readonly bytes?: number
}

interface RollAt {
  readonly ms: number
  readonly bytes: number
}

export function rollAt(roll: Roll, name: string): RollAt {
  const where = `${name}: roll`
  checkOptions(where, roll, ['every', 'bytes'])
  const { every, bytes } = roll
  if (every === undefined && bytes === undefined) {
    throw new PlanError('bad-option', `${where}: say when a file is whole: { every: '1 hour' } or { bytes: 64e6 }`)
  }
  const ms = every === undefined ? Infinity : durationMicros(every, where) / 1000
  if (!(ms > 0)) throw new PlanError('bad-option', `${where}: every is more than 0, not "${every}"`)
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0)) {
    throw new PlanError('bad-option', `${where}: bytes is a whole number from 1 on, not ${JSON.stringify(bytes)}`)
  }
  return { ms, bytes: bytes ?? Infinity }
}

/** What its files are called, and what each begins with. */
interface RollingForm {
  readonly ending: string
  readonly name: string
  readonly head: Uint8Array
}

/** The file that is written now. */
interface Part {
  readonly file: StagedFile
  bytes: number
  readonly cancel: () => void
}

export class RollingFiles {
  readonly #folder: string
  readonly #form: RollingForm
  readonly #at: RollAt
  readonly #clock: Clock
  #number: number
  #part: Part | null = null
  /** What is written or finished one after another. */
  #work: Promise<void> = Promise.resolve()

  /** Numbers go on after those of the files that are there. */
  constructor(folder: string, form: RollingForm, at: RollAt, clock: Clock) {
    this.#folder = folder
    this.#form = form
    this.#at = at
    this.#clock = clock
    this.#number = 1 + Math.max(-1, ...numbersIn(folder))
  }

  /** Adds bytes to the file of now. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#next(async () => {
      const part = (this.#part ??= await this.#begin())
      await part.file.write(bytes)
      part.bytes += bytes.length
      if (part.bytes >= this.#at.bytes) await this.#finish()
    })
  }

  commit(): Promise<void> {
    return this.#next(() => this.#finish())
  }

  /** The file of now goes. */
  async discard(): Promise<void> {
    await this.#work.catch(() => undefined) // who wrote has been told
    const part = this.#part
    this.#part = null
    part?.cancel()
    await part?.file.discard()
  }

  /** Once work has failed, all that follows does. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work)
    return this.#work
  }

  async #begin(): Promise<Part> {
    const { ending, name, head } = this.#form
    const path = join(this.#folder, `part-${String(this.#number++).padStart(5, '0')}${ending}`)
    const file = await StagedFile.create(path, name)
    await file.write(head)
    const due = (): void => {
      // a failure is that of the next write
      this.#next(async () => {
        if (this.#part === part) await this.#finish()
      }).catch(() => undefined)
    }
    const cancel = this.#at.ms === Infinity ? (): void => undefined : this.#clock.after(this.#at.ms, due)
    const part: Part = { file, bytes: head.length, cancel }
    return part
  }

  async #finish(): Promise<void> {
    const part = this.#part
    this.#part = null
    part?.cancel()
    await part?.file.commit()
  }
}

function numbersIn(folder: string): number[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return [] // it is made with the first file
  }
  return names.flatMap(name => {
    const number = /^part-(\d+)\./.exec(name)?.[1]
    return number === undefined ? [] : [Number(number)]
  })
}
