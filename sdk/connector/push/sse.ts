import type { Batch } from '../../data/batch.ts'
import { pause, systemClock } from '../../data/clock.ts'
import { DataError, PlanError, SourceError } from '../../data/errors.ts'
import { checkOptions } from '../../data/options.ts'
import { Schema } from '../../data/schema.ts'
import type { Columns } from '../../data/type.ts'
import type { ReadRequest, Source, SourceReader } from '../../plan/port.ts'
import { isUrl, reasonOf, shownUrl } from '../http.ts'
import { JsonParser } from '../json-lines.ts'
import { BadRecords, hintOf, onErrorOf, type OnError } from '../text-file.ts'
import { Inbox } from './inbox.ts'

/**
 * Server-sent events (the HTML standard, section 9.2): one request whose answer goes on, with a JSON object in each event. A
 * connection that ends is opened again and tells the server the id of the last event, so that it can go on from there.
 */

export interface SseOptions<C extends Columns = Columns> {
  /** The columns and their types; other keys are ignored, and a missing key is null. */
  readonly schema: C
  /** Only events of this name, `message` being those that have none; left out, all events. */
  readonly event?: string
  /** Sent with each request, such as an `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** What to do about an event that is no such object: `'fail'` if left out. */
  readonly onError?: OnError
  /** Connections that may fail one after another before the query does: 5 unless given. */
  readonly attempts?: number
}

const ATTEMPTS = 5
/** Before another connection, unless the server says how long. */
const RETRY_MS = 3000
const CAPACITY = 10_000

export function sse(url: string, options: SseOptions): Source {
  const name = `sse ${shownUrl(url)}`
  if (typeof url !== 'string' || !isUrl(url)) {
    throw new PlanError('bad-path', `sse: the address begins with http:// or https://, not ${JSON.stringify(url)}`)
  }
  checkOptions(name, options, ['schema', 'event', 'headers', 'onError', 'attempts'])
  const { event = null, headers = {}, attempts = ATTEMPTS } = options
  if (options.schema === undefined) {
    throw new PlanError('no-schema', `${name}: declare the columns of its events, { schema: { … } }`)
  }
  if (!(Number.isSafeInteger(attempts) && attempts > 0)) {
    throw new PlanError('bad-option', `${name}: attempts is a whole number from 1 on, not ${attempts}`)
  }
  const schema = Schema.of(options.schema)
  const onError = onErrorOf(options.onError, name)
  return {
    name,
    schema,
    bounded: false,
    replayable: false, // it is for the server to say which events it still has
    open: request => {
      const bad = new BadRecords(name, onError, hintOf(url, null))
      return new SseReader({ url, name, event, headers, attempts }, schema.pick(request.columns), request, bad)
    },
  }
}

interface Feed {
  readonly url: string
  readonly name: string
  readonly event: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attempts: number
}

/** The id of the last event, and how many there have been. */
interface SseOffset {
  readonly id: string
  readonly events: number
}

class SseReader implements SourceReader {
  readonly #feed: Feed
  readonly #request: ReadRequest
  readonly #parser: JsonParser
  readonly #bad: BadRecords
  readonly #inbox: Inbox
  readonly #stop = new AbortController()
  #started = false
  /** The id of the last event that has come, and of the last whose rows were taken. */
  #id = ''
  #at: SseOffset = { id: '', events: 0 }
  /** What is to become the offset once so many rows have been taken. */
  #marks: (SseOffset & { readonly rows: number })[] = []
  #rows = 0
  #retryMs = RETRY_MS

  constructor(feed: Feed, schema: Schema, request: ReadRequest, bad: BadRecords) {
    this.#feed = feed
    this.#request = request
    this.#bad = bad
    this.#parser = new JsonParser(schema, [], null, bad)
    this.#inbox = new Inbox(schema, this.#parser, request.batchRows, CAPACITY)
  }

  next(): Batch | null | Promise<Batch | null> {
    if (!this.#started) {
      this.#started = true
      this.#request.signal.addEventListener('abort', () => this.close(), { once: true })
      void this.#connect().then(
        () => this.#inbox.end(),
        (error: unknown) => this.#inbox.fail(error),
      )
    }
    const next = this.#inbox.next()
    return next instanceof Promise ? next.then(batch => this.#taken(batch)) : this.#taken(next)
  }

  #taken(batch: Batch | null): Batch | null {
    this.#rows += batch?.length ?? 0
    const ahead = this.#marks.findIndex(mark => mark.rows > this.#rows)
    const passed = ahead < 0 ? this.#marks.length : ahead
    if (passed > 0) this.#at = this.#marks[passed - 1]!
    this.#marks = this.#marks.slice(passed)
    return batch
  }

  /** Connection after connection, until the server says that there are no more events. */
  async #connect(): Promise<void> {
    const { attempts } = this.#feed
    const { signal } = this.#stop
    for (let failed = 0; !signal.aborted;) {
      let problem: SourceError
      try {
        const response = await this.#open()
        if (response === null) return
        failed = 0
        problem = await this.#receive(response)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof SourceError) || error.code !== 'no-answer') throw error
        problem = error
      }
      if (++failed >= attempts) throw problem
      await pause(this.#request.clock ?? systemClock, this.#retryMs, signal)
    }
  }

  /** The answer; null when there are no more events. */
  async #open(): Promise<Response | null> {
    const { url, name, headers } = this.#feed
    const own = { accept: 'text/event-stream', 'cache-control': 'no-store' }
    const last = this.#id === '' ? {} : { 'last-event-id': encodeId(this.#id) }
    let response: Response
    try {
      response = await fetch(url, { headers: { ...own, ...headers, ...last }, signal: this.#stop.signal })
    } catch (error) {
      throw lost(this.#feed, reasonOf(error), error)
    }
    if (response.status === 204) return null
    const type = response.headers.get('content-type') ?? 'no type'
    if (response.status === 200 && /^text\/event-stream\b/i.test(type)) return response
    await response.body?.cancel()
    const path = shownUrl(url)
    // a server that is down for a while is asked again
    if (response.status >= 500) throw lost(this.#feed, `it answered ${response.status} ${response.statusText}`.trim())
    const found = response.status === 200 ? type : `${response.status} ${response.statusText}`.trim()
    const text = `${name} answered ${found}, not a stream of events (text/event-stream)`
    throw new SourceError('bad-answer', text, { path, status: response.status })
  }

  /** Takes the events of one connection; gives what ended it. */
  async #receive(response: Response): Promise<SourceError> {
    const lines = new EventLines(
      message => this.#take(message),
      id => (this.#id = id),
      ms => (this.#retryMs = ms),
    )
    const decoder = new TextDecoder()
    const body: AsyncIterable<Uint8Array> | null = response.body
    try {
      for await (const chunk of body ?? []) {
        lines.read(decoder.decode(chunk, { stream: true }))
        const wait = this.#inbox.added()
        if (wait !== undefined) await wait
        if (this.#stop.signal.aborted) break
      }
      return lost(this.#feed, 'the server ended the connection')
    } catch (error) {
      if (error instanceof DataError || error instanceof SourceError) throw error
      return lost(this.#feed, reasonOf(error), error)
    }
  }

  #take({ event, data }: Message): void {
    if (this.#feed.event !== null && event !== this.#feed.event) return
    const bytes = Buffer.from(`${data}\n`)
    this.#parser.item(bytes, 0, bytes.length - 1, new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
    this.#marks.push({ id: this.#id, events: this.#parser.line++, rows: this.#rows + this.#inbox.waiting })
  }

  rejected(): Batch | null {
    return this.#bad.take()
  }

  get skipped(): number {
    return this.#bad.skipped
  }

  offset(): SseOffset {
    const { id, events } = this.#at
    return { id, events }
  }

  /** The server goes on after the event, if it still has those that follow. */
  seek(offset: unknown): void {
    const { id, events } = offset as SseOffset
    this.#id = id
    this.#at = { id, events }
    this.#parser.line = events + 1
  }

  close(): void {
    this.#inbox.end()
    this.#stop.abort()
  }
}

/** A connection that cannot be had or has ended: another is tried. */
function lost({ url, name }: Feed, problem: string, cause?: unknown): SourceError {
  return new SourceError('no-answer', `${name} cannot be read: ${problem}`, { path: shownUrl(url) }, cause)
}

/** A header holds bytes: the id goes as UTF-8. */
const encodeId = (id: string): string => Buffer.from(id).toString('latin1')

interface Message {
  readonly event: string
  readonly data: string
}

/** The lines of a stream of events, which end in `\n`, `\r\n` or `\r`; an empty line ends an event. */
export class EventLines {
  readonly #message: (message: Message) => void
  readonly #lastId: (id: string) => void
  readonly #retry: (ms: number) => void
  #rest = ''
  #first = true
  #event = ''
  #data: string[] = []
  #id: string | null = null

  constructor(message: (message: Message) => void, lastId: (id: string) => void, retry: (ms: number) => void) {
    this.#message = message
    this.#lastId = lastId
    this.#retry = retry
  }

  read(text: string): void {
    let rest = this.#rest + text
    if (this.#first && rest !== '') {
      this.#first = false
      if (rest.startsWith('\ufeff')) rest = rest.slice(1)
    }
    let from = 0
    // a line feed may follow a carriage return that is the last so far
    for (let end = /\r\n|\n|\r(?!$)/g, found = end.exec(rest); found !== null; found = end.exec(rest)) {
      this.#line(rest.slice(from, found.index))
      from = end.lastIndex
    }
    this.#rest = rest.slice(from)
  }

  #line(line: string): void {
    if (line === '') this.#dispatch()
    if (line === '' || line.startsWith(':')) return
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retry(Number(value))
  }

  /** An event without data is none; its id counts all the same. */
  #dispatch(): void {
    if (this.#id !== null) this.#lastId(this.#id)
    if (this.#data.length > 0) this.#message({ event: this.#event || 'message', data: this.#data.join('\n') })
    this.#event = ''
    this.#data = []
  }
}
