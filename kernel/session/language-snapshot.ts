/**
 * The start-up snapshot of the language process, in the user's cache folder: with it the first cell is checked in
 * half a second instead of one and a half. Its name holds all that it depends on, so a stale one is never found. It
 * is built by a session that misses it, with the lowest priority, and given up when that session ends.
 * `MILLRACE_SNAPSHOT=off` neither uses nor builds one.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { constants, homedir, setPriority } from 'node:os'
import path from 'node:path'
import type { LanguageSetup } from '../language/messages.ts'
import { compiled } from './installation.ts'
import { killGroup } from './kill-group.ts'

const MOST_KEPT = 3
/** A lock this old was left by a builder that was killed. */
const LOCK_MS = 120_000

export interface SnapshotBuild {
  /** Resolves when the builder has ended, well or not. */
  readonly ended: Promise<void>
  giveUp(): void
}

const NO_BUILD: SnapshotBuild = { ended: Promise.resolve(), giveUp: () => undefined }

export class LanguageSnapshot {
  readonly #blob: string
  readonly #setup: LanguageSetup

  /** Null where snapshots are turned off. */
  static of(setup: LanguageSetup): LanguageSnapshot | null {
    return process.env.MILLRACE_SNAPSHOT === 'off' ? null : new LanguageSnapshot(setup)
  }

  private constructor(setup: LanguageSetup) {
    // The folder of a notebook is given when the process has started; a snapshot serves all.
    this.#setup = { ...setup, cwd: setup.packageRoot }
    this.#blob = path.join(cacheFolder(), `language-${keyOf(this.#setup)}.blob`)
  }

  /** The file to start from, if it is there. */
  file(): string | null {
    if (!existsSync(this.#blob)) return null
    const now = new Date()
    utimesSync(this.#blob, now, now)
    return this.#blob
  }

  /** Removes a file that did not start. */
  discard(): void {
    rmSync(this.#blob, { force: true })
  }

  /** Builds the file unless it is there or another session is at it. */
  build(): SnapshotBuild {
    const folder = path.dirname(this.#blob)
    const lock = `${this.#blob}.lock`
    try {
      mkdirSync(folder, { recursive: true })
      if (existsSync(this.#blob) || !takeLock(lock)) return NO_BUILD
    } catch {
      // A cache folder that cannot be written is no reason to fail: the session started without it.
      return NO_BUILD
    }
    const builder = spawn(
      process.execPath,
      [compiled('language/build-snapshot'), this.#blob, JSON.stringify(this.#setup)],
      { detached: true, stdio: 'ignore', env: { ...process.env, NODE_OPTIONS: '' } },
    )
    const ended = new Promise<void>(resolve => {
      const end = (): void => {
        rmSync(lock, { force: true })
        removeOld(folder)
        resolve()
      }
      builder.on('error', end)
      builder.on('exit', end)
    })
    builder.unref()
    const { pid } = builder
    if (pid === undefined) return { ...NO_BUILD, ended }
    setPriority(pid, constants.priority.PRIORITY_LOW)
    const giveUp = (): void => {
      if (builder.exitCode !== null || builder.signalCode !== null) return
      // The builder and the process that it freezes.
      killGroup(pid)
      for (const ending of [`.${pid}`, `.${pid}.cjs`]) rmSync(`${this.#blob}${ending}`, { force: true })
      rmSync(lock, { force: true })
    }
    return { ended, giveUp }
  }
}

function cacheFolder(): string {
  const base =
    process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local'))
      : (process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'))
  return path.join(base, 'millrace')
}

function keyOf(setup: LanguageSetup): string {
  const require = createRequire(import.meta.url)
  const program = path.dirname(compiled('language/main'))
  const hash = createHash('sha256')
  hash.update(JSON.stringify([process.version, process.arch, process.execPath, setup]))
  for (const file of readdirSync(program).sort()) {
    if (file.endsWith('.js')) hash.update(file).update(readFileSync(path.join(program, file)))
  }
  // It holds the declarations of these packages, which are not read again.
  const packages = ['typescript', '@types/node'].map(name => require.resolve(`${name}/package.json`))
  for (const file of [...packages, path.join(setup.packageRoot, 'package.json')]) {
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 20)
}

function takeLock(lock: string): boolean {
  if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > LOCK_MS) rmSync(lock, { force: true })
  try {
    closeSync(openSync(lock, 'wx'))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Keeps the snapshots that were used last. */
function removeOld(folder: string): void {
  const blobs = readdirSync(folder)
    .filter(name => /^language-\w+\.blob$/.test(name))
    .map(name => path.join(folder, name))
    .map(file => ({ file, usedAt: statSync(file).mtimeMs }))
    .sort((a, b) => b.usedAt - a.usedAt)
  for (const { file } of blobs.slice(MOST_KEPT)) rmSync(file, { force: true })
}
