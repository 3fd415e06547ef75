/** The main thread's way out: everything it says goes through one port to the controller thread, so order is kept. */
import type { MessagePort } from 'node:worker_threads'
import type { CellError, CellEvent } from '../session/contract.ts'
import { MOST_CHARACTERS_UNDER_WAY, type Report } from './messages.ts'

const PATIENCE_MS = 100
const MOST_LEAVING_MS = 1000

export class Reporter {
  readonly #port: MessagePort
  readonly #control: Int32Array

  constructor(port: MessagePort, control: Int32Array) {
    this.#port = port
    this.#control = control
  }

  report(report: Report): void {
    this.#port.postMessage(report)
  }

  event(event: CellEvent): void {
    this.#port.postMessage({ kind: 'event', event } satisfies Report)
  }

  /** Waits while too much output is under way, so that a loop that prints cannot fill the memory. */
  stream(cell: string, name: 'stdout' | 'stderr', text: string): void {
    if (text === '') return
    let underWay = Atomics.add(this.#control, 1, text.length)
    while (underWay > MOST_CHARACTERS_UNDER_WAY) {
      Atomics.wait(this.#control, 1, underWay, PATIENCE_MS)
      underWay = Atomics.load(this.#control, 1)
    }
    this.event({ kind: 'stream', cell, name, text })
  }

  /** At the exit of the process: waits until all that was said has left. */
  leave(): void {
    this.report({ kind: 'leaving' })
    Atomics.wait(this.#control, 2, 0, MOST_LEAVING_MS)
  }

  error(cell: string, error: CellError): void {
    this.event({ kind: 'error', cell, error, background: true })
  }
}
