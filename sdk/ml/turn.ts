import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { InterruptedError } from '../data/errors.ts'
import { findHost } from '../frame/host.ts'

/**
 * Lets the event loop turn between two passes over the data, so that a notebook stays responsive while a model is
 * fitted. A turn is a message to oneself: work that continues from a message can be interrupted safely, work that
 * continues inside a timer's callback cannot. Each turn ends with an error once the signal is aborted, or the cell that
 * made it is interrupted.
 */
export class Turns {
  readonly #near: MessagePort
  readonly #far: MessagePort
  readonly #where: string
  readonly #signals: readonly AbortSignal[]
  #resume: (() => void) | null = null

  /** `where` names what is interrupted. */
  constructor(where: string, signal: AbortSignal | undefined) {
    const host = findHost()
    this.#where = where
    this.#signals = [signal, host?.signal(host.cell())].filter(each => each !== undefined)
    const { port1, port2 } = new MessageChannel()
    this.#near = port1
    this.#far = port2
    this.#far.on('message', () => {
      const resume = this.#resume
      this.#resume = null
      resume?.()
    })
  }

  /** Resolves in a later turn of the event loop. */
  async next(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#resume = resolve
      // Without the immediate a port hands over all that is sent while it does so, and the loop never turns.
      setImmediate(() => this.#near.postMessage(0))
    })
    const aborted = this.#signals.find(signal => signal.aborted)
    if (aborted === undefined) return
    throw new InterruptedError('interrupted', `${this.#where} was interrupted`, {}, aborted.reason)
  }

  close(): void {
    this.#far.close()
  }
}

/** Runs work that takes turns, named `where`, and closes them after it. */
export async function withTurns<T>(
  where: string,
  signal: AbortSignal | undefined,
  work: (turns: Turns) => Promise<T>,
): Promise<T> {
  const turns = new Turns(where, signal)
  try {
    return await work(turns)
  } finally {
    turns.close()
  }
}
