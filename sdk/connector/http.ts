import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { SourceError } from '../data/errors.ts'
import { countOf } from '../data/number-text.ts'

/**
 * Files behind `http:` and `https:` addresses. A pass streams them, or reads ranges of them; the one look that a source
 * takes when it is made is a request by a thread of its own, which this one waits for. A connection that breaks is an
 * error, never a short file.
 */

export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

/** An address as errors show it: without what may be secret in it, a password and the query. */
export function shownUrl(url: string): string {
  try {
    const { origin, pathname } = new URL(url)
    return origin + pathname
  } catch {
    return url.replace(/[?#].*$/s, '')
  }
}

/** What a server answered at once: the file, or the part that was asked for. */
interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  /** The bytes are all that the server sends. */
  readonly whole: boolean
}

type Headers = Readonly<Record<string, string>>

// ---- the look

/** A request for at most `most` bytes, by plain code that needs no module of ours. */
const LOOK = `
const { workerData: { url, headers, most, flag, port } } = require('node:worker_threads')
const look = async () => {
  const answer = await fetch(url, { headers })
  const chunks = []
  let length = 0
  try {
    for await (const chunk of (answer.ok && answer.body) || []) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= most) break
    }
  } catch (error) {
    return { problem: reasonOf(error), received: length }
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  const { status, statusText } = answer
  return { status, statusText, headers: Object.fromEntries(answer.headers), bytes, whole: length < most }
}
const reasonOf = error => error.cause?.message || error.cause?.code || error.message
look()
  .catch(error => ({ problem: reasonOf(error), received: null }))
  .then(found => {
    port.postMessage(found)
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  })
`

const PATIENCE = 300_000

function lookNow(url: string, headers: Headers, most: number, name: string): Answer {
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2 } = new MessageChannel()
  const workerData = { url, headers, most, flag, port: port2 }
  const worker = new Worker(LOOK, { eval: true, workerData, transferList: [port2] })
  try {
    if (Atomics.wait(flag, 0, 0, PATIENCE) === 'timed-out') {
      throw noAnswer(url, `it gave nothing for ${PATIENCE / 1000} s`, name)
    }
    const found = receiveMessageOnPort(port1)!.message as Answer | { problem: string; received: number | null }
    if ('problem' in found) {
      const { problem, received: length } = found
      throw length === null ? noAnswer(url, problem, name) : broken(url, length, problem, name)
    }
    return found
  } finally {
    port1.close()
    void worker.terminate()
  }
}

function noAnswer(url: string, problem: string, name: string, cause?: unknown): SourceError {
  const text = `${name}: ${shownUrl(url)} cannot be read: ${problem}`
  return new SourceError('no-answer', text, { path: shownUrl(url) }, cause)
}

function broken(url: string, length: number, problem: string, name: string, cause?: unknown): SourceError {
  const path = shownUrl(url)
  const text = `${name}: the connection to ${path} broke after ${countOf(length, 'byte')}: ${problem}. Run it again; if it breaks again, download the file and read that.`
  return new SourceError('broken-connection', text, { path, bytes: length }, cause)
}

function checkStatus({ status, statusText }: { status: number; statusText: string }, url: string, name: string): void {
  if (status >= 200 && status < 300) return
  const text = `${name}: ${shownUrl(url)} answered ${`${status} ${statusText}`.trim()}`
  throw new SourceError('bad-answer', text, { path: shownUrl(url), status })
}

/** The first bytes of a file, unpacked where the answer says that it is packed. */
export function headOfUrl(url: string, most: number, name: string): { bytes: Buffer; whole: boolean } {
  const answer = lookNow(url, {}, most, name)
  checkStatus(answer, url, name)
  const { buffer, byteOffset, length } = answer.bytes
  return { bytes: Buffer.from(buffer, byteOffset, length), whole: answer.whole }
}

// ---- a pass from the start to the end

/** The bytes of a file as they come in, unpacked where the answer says that it is packed. */
export async function streamOfUrl(url: string, name: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  const response = await fetched(url, {}, name, signal)
  checkStatus(response, url, name)
  return received(response, url, name, signal)
}

async function fetched(url: string, headers: Headers, name: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw noAnswer(url, reasonOf(error), name, error)
  }
}

async function* received(
  response: Response,
  url: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let length = 0
  const body: AsyncIterable<Uint8Array> | null = response.body
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    }
  } catch (error) {
    signal.throwIfAborted()
    throw broken(url, length, reasonOf(error), name, error)
  }
}

/** What went wrong with a connection. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  if (!(cause instanceof Error)) return message
  return cause.message || String((cause as NodeJS.ErrnoException).code)
}

// ---- any place of a file

/** A file of a server that gives no ranges is held in memory up to this size. */
const MOST = 256 * 2 ** 20
/** What one request asks for at least. */
const BLOCK = 1 << 16

interface Block {
  readonly from: number
  readonly bytes: Uint8Array
}

/** A file of which ranges are read; one that is given only as a whole is kept. */
export class UrlFile {
  readonly #url: string
  readonly #name: string
  /** What tells one version of the file from another. */
  #version: string | null = null
  #size = 0
  #blocks: Block[] = []
  #whole: Uint8Array | null = null

  constructor(url: string, name: string) {
    this.#url = url
    this.#name = name
  }

  /** Runs `look` on the file, with ranges that are read as they are asked for. */
  look<T>(look: (size: number, read: (from: number, length: number) => Uint8Array) => T): T {
    this.#take(this.#ask(`bytes=-${BLOCK}`), null)
    const read = (from: number, length: number): Uint8Array => {
      const to = Math.min(from + length, this.#size)
      const held = this.#held(from, to)
      if (held !== null) return held
      const end = Math.min(Math.max(to, from + BLOCK), this.#size)
      this.#take(this.#ask(`bytes=${from}-${end - 1}`), { from, to: end })
      return this.#held(from, to)!
    }
    const found = look(this.#size, read)
    this.#blocks = []
    return found
  }

  /** A pass: every read asks for a range of its own, unless the last one had it. */
  reader(signal: AbortSignal): (from: number, length: number) => Promise<Buffer> {
    let block: Block = { from: 0, bytes: new Uint8Array(0) }
    return async (from, length) => {
      const to = Math.min(from + length, this.#size)
      const known = this.#held(from, to) ?? within(block, from, to)
      if (known !== null) return Buffer.from(known.buffer, known.byteOffset, known.length)
      const end = Math.min(Math.max(to, from + BLOCK), this.#size)
      const headers = { range: `bytes=${from}-${end - 1}`, 'accept-encoding': 'identity' }
      const response = await fetched(this.#url, headers, this.#name, signal)
      checkStatus(response, this.#url, this.#name)
      const parts: Buffer[] = []
      for await (const part of received(response, this.#url, this.#name, signal)) parts.push(part)
      const { status, statusText } = response
      const bytes = Buffer.concat(parts)
      const answer = { status, statusText, headers: Object.fromEntries(response.headers), bytes, whole: true }
      block = this.#checked(answer, { from, to: end })
      return bytes.subarray(from - block.from, to - block.from)
    }
  }

  #ask(range: string): Answer {
    return lookNow(this.#url, { range, 'accept-encoding': 'identity' }, MOST + 1, this.#name)
  }

  #held(from: number, to: number): Uint8Array | null {
    if (from >= to) return new Uint8Array(0)
    if (this.#whole !== null) return this.#whole.subarray(from, to)
    for (const block of this.#blocks) {
      const found = within(block, from, to)
      if (found !== null) return found
    }
    return null
  }

  #take(answer: Answer, asked: { from: number; to: number } | null): void {
    if (answer.status === 416 && asked === null) return // it is empty: there is no last byte
    checkStatus(answer, this.#url, this.#name)
    if (answer.status === 206) {
      this.#blocks.push(this.#checked(answer, asked))
      return
    }
    if (!answer.whole || Number(answer.headers['content-length']) > MOST) {
      const text = `${this.#name}: the server gives no ranges of ${shownUrl(this.#url)}, and the whole of it is more than the 256 MB that are held in memory. Download it and read the file.`
      throw new SourceError('file-too-large', text, { path: shownUrl(this.#url) })
    }
    this.#whole = answer.bytes
    this.#size = answer.bytes.length
  }

  /** The part that an answer holds: the one asked for, of the file as it was at first. */
  #checked(answer: Answer, asked: { from: number; to: number } | null): Block {
    const { headers, bytes } = answer
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '')
    const version = `${headers['etag'] ?? headers['last-modified'] ?? ''} ${range?.[3] ?? ''}`
    if (this.#version !== null && (answer.status !== 206 || version !== this.#version)) {
      const text = `${this.#name}: ${shownUrl(this.#url)} has changed since its schema was read. Make the frame anew.`
      throw new SourceError('file-changed', text, { path: shownUrl(this.#url) })
    }
    const [from, to, size] = [Number(range?.[1]), Number(range?.[2]) + 1, Number(range?.[3])]
    const fits = asked === null ? to === size : from === asked.from && to === asked.to
    if (range === null || !fits || bytes.length !== to - from) {
      const text = `${this.#name}: ${shownUrl(this.#url)} gave another range than was asked for: ${headers['content-range'] ?? 'it names none'}, in ${countOf(bytes.length, 'byte')}`
      throw new SourceError('bad-answer', text, { path: shownUrl(this.#url) })
    }
    this.#version = version
    this.#size = size
    return { from, bytes }
  }
}

function within({ from: start, bytes }: Block, from: number, to: number): Uint8Array | null {
  return from >= start && to <= start + bytes.length ? bytes.subarray(from - start, to - start) : null
}
