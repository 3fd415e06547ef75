/**
 * How far a run is, on standard error: one line that is drawn again on a terminal, plain lines elsewhere. It names the
 * cell, the time it has taken, and the background work that goes on.
 */
import type { BackgroundStatus } from '../session/contract.ts'

/** The part of a stream that is needed, so that a test can give one. */
export interface ProgressTarget {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const REDRAW_MS = 100
const PLAIN_EVERY_MS = 10_000

export class Progress {
  readonly #target: ProgressTarget
  readonly #works = new Map<string, readonly BackgroundStatus[]>()
  #total = 0
  #count = 0
  #cellStarted = 0
  #spoken = 0
  #isWaiting = false
  #timer: NodeJS.Timeout | undefined

  constructor(target: ProgressTarget) {
    this.#target = target
  }

  open(total: number): void {
    this.#total = total
    this.#cellStarted = this.#spoken = performance.now()
    const terminal = this.#target.isTTY === true
    this.#timer = setInterval(() => (terminal ? this.#draw() : this.#speak()), REDRAW_MS)
    this.#timer.unref()
  }

  cell(count: number): void {
    this.#count = count
    this.#cellStarted = this.#spoken = performance.now()
    this.#draw()
  }

  cellEnded(good: boolean): void {
    const seconds = elapsed(this.#cellStarted)
    this.#line(`cell ${this.#count} of ${this.#total}: ${good ? seconds : `failed after ${seconds}`}`)
  }

  works(cell: string, works: readonly BackgroundStatus[]): void {
    this.#works.set(cell, works)
  }

  /** All cells have run; what is left is background work. */
  waiting(works: readonly BackgroundStatus[]): void {
    this.#works.clear()
    for (const work of works) this.#works.set(work.cell, [...(this.#works.get(work.cell) ?? []), work])
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#cellStarted = this.#spoken = performance.now()
    this.#line(`waiting for ${works.map(work => work.name).join(', ')}`)
  }

  close(): void {
    clearInterval(this.#timer)
    if (this.#target.isTTY === true) this.#target.write('\r\u001b[K')
    else if (this.#isWaiting) this.#line(`waited ${elapsed(this.#cellStarted)}`)
  }

  /** A line of its own where there is no terminal, every ten seconds. */
  #speak(): void {
    if (performance.now() - this.#spoken < PLAIN_EVERY_MS) return
    this.#spoken = performance.now()
    const what = this.#isWaiting ? 'waiting' : `cell ${this.#count} of ${this.#total}: running`
    this.#line([`${what}, ${elapsed(this.#cellStarted)}`, ...this.#streams()].join(' · '))
  }

  #line(text: string): void {
    if (this.#target.isTTY !== true) this.#target.write(`${text}\n`)
  }

  #draw(): void {
    if (this.#target.isTTY !== true) return
    const width = 20
    const ended = this.#isWaiting ? this.#total : Math.max(0, this.#count - 1)
    const full = this.#total === 0 ? width : Math.round((width * ended) / this.#total)
    const bar = '━'.repeat(full) + '─'.repeat(width - full)
    const what = this.#count === 0 ? 'starting' : this.#isWaiting ? 'waiting' : `cell ${this.#count} of ${this.#total}`
    const text = [`${bar} ${what}`, elapsed(this.#cellStarted), ...this.#streams()].join(' · ')
    const columns = this.#target.columns || 80
    this.#target.write(`\r\u001b[K${text.length < columns ? text : `${text.slice(0, columns - 2)}…`}`)
  }

  #streams(): string[] {
    return [...this.#works.values()].flat().map(work => `${work.name}: ${work.progress}`)
  }
}

function elapsed(since: number): string {
  const seconds = (performance.now() - since) / 1000
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
}
