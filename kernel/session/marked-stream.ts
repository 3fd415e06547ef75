/**
 * Text from a file descriptor of the user process, with the markers taken out that the controller leaves at the end
 * of each run: when one has passed, all that was written before it has been read.
 */
import type { Readable } from 'node:stream'

export class MarkedStream {
  readonly #marker: string
  readonly #listen: (text: string) => void
  readonly #waiting: (() => void)[] = []
  #held = ''
  #passed = 0

  constructor(stream: Readable, marker: string, listen: (text: string) => void) {
    this.#marker = marker
    this.#listen = listen
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => this.#read(chunk))
    stream.on('close', () => this.#close())
  }

  /** Waits for the next marker that nobody has waited for. */
  passed(): Promise<void> {
    if (this.#passed > 0) {
      this.#passed--
      return Promise.resolve()
    }
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #read(chunk: string): void {
    let text = this.#held + chunk
    for (let at = text.indexOf(this.#marker); at >= 0; at = text.indexOf(this.#marker)) {
      if (at > 0) this.#listen(text.slice(0, at))
      text = text.slice(at + this.#marker.length)
      const resolve = this.#waiting.shift()
      if (resolve) resolve()
      else this.#passed++
    }
    // The end may be the beginning of a marker whose rest is still to come.
    const start = text.lastIndexOf(this.#marker[0]!)
    const split = start >= 0 && this.#marker.startsWith(text.slice(start)) ? start : text.length
    this.#held = text.slice(split)
    if (split > 0) this.#listen(text.slice(0, split))
  }

  #close(): void {
    if (this.#held) this.#listen(this.#held)
    this.#held = ''
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
