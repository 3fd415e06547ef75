/** A session for tests: cells run one after the other, and each gives back all that was heard of it. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CellError, CellEvent, CellSession } from '../../../kernel/session/contract.ts'
import { startSession } from '../../../kernel/session/session.ts'

export interface Ran {
  readonly cell: string
  readonly error: CellError | null
  /** Events of this cell that came before its reply. */
  readonly events: readonly CellEvent[]
  readonly stdout: string
  /** `text/plain` of the result. */
  readonly result: unknown
}

export class TestNotebook {
  readonly folder: string
  readonly session: CellSession
  readonly events: CellEvent[]
  readonly #waiting: Set<() => void>
  #count = 0

  private constructor(folder: string, session: CellSession, events: CellEvent[], waiting: Set<() => void>) {
    this.folder = folder
    this.session = session
    this.events = events
    this.#waiting = waiting
  }

  static async open(files: Readonly<Record<string, string>> = {}): Promise<TestNotebook> {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-cells-')))
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
    const events: CellEvent[] = []
    const waiting = new Set<() => void>()
    const session = await startSession({
      cwd: folder,
      frontEnd: 'runner',
      listen: event => {
        events.push(event)
        for (const look of waiting) look()
      },
    })
    return new TestNotebook(folder, session, events, waiting)
  }

  async run(
    code: string,
    options: { cell?: string; input?: (prompt: string, password: boolean) => Promise<string> } = {},
  ): Promise<Ran> {
    const count = ++this.#count
    const cell = options.cell ?? `cell-${count}`
    const from = this.events.length
    const { input } = options
    const reply = await this.session.execute({ cell, code, count, ...(input ? { input } : {}) })
    const events = this.events.slice(from).filter(event => event.cell === cell)
    return {
      cell,
      error: reply.status === 'error' ? reply.error : null,
      events,
      stdout: printed(events),
      result: events.flatMap(event => (event.kind === 'result' ? [event.data['text/plain']] : []))[0],
    }
  }

  /** The number that the next cell gets. */
  get nextCount(): number {
    return this.#count + 1
  }

  /** Resolves with the first event that fits, one that came already included. */
  heard<T extends CellEvent>(fits: (event: CellEvent) => event is T): Promise<T>
  heard(fits: (event: CellEvent) => boolean): Promise<CellEvent>
  heard(fits: (event: CellEvent) => boolean): Promise<CellEvent> {
    return new Promise(resolve => {
      const look = (): void => {
        const found = this.events.find(fits)
        if (!found) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Runs a cell that says `ready` when it is where it shall be interrupted, and interrupts it there. */
  async interrupted(code: string): Promise<Ran> {
    const cell = `cell-${this.nextCount}`
    const ran = this.run(code)
    const ready = this.heard(event => event.kind === 'stream' && event.cell === cell && event.text.includes('ready'))
    const early = await Promise.race([ready.then(() => null), ran])
    if (early) return early
    await this.session.interrupt()
    return await ran
  }

  async close(): Promise<void> {
    await this.session.shutdown()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function printed(events: readonly CellEvent[], name: 'stdout' | 'stderr' = 'stdout'): string {
  return events.flatMap(event => (event.kind === 'stream' && event.name === name ? [event.text] : [])).join('')
}
