import { MessageChannel, type MessagePort } from 'node:worker_threads'

/**
 * Lets the event loop turn between two passes over the data, so that a notebook stays responsive while a model is
 * fitted. A turn is a message to oneself: work that continues from a message can be interrupted safely, work that
 * continues inside a timer's callback cannot. An idle turn keeps no process alive.
 */
export class Turns {
  readonly #near: MessagePort
  readonly #far: MessagePort
  #resume: (() => void) | null = null

  constructor() {
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
  next(): Promise<void> {
    return new Promise(resolve => {
      this.#resume = resolve
      this.#near.postMessage(0)
    })
  }

  close(): void {
    this.#far.close()
  }
}
