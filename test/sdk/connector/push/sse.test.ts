/** Server-sent events from a real server on loopback: the form of events, reconnection, errors. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { read, to } from 'millrace'
import { EventLines, sse } from '../../../../sdk/connector/push/sse.ts'
import { failureOf, open, rowsOf } from '../reading.ts'

let server: Server | null = null

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** The address of a server that answers so. */
async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(answer)
  await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/trips?key=secret`
}

const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })

const KM = { km: 'int32' } as const

async function kmOf(url: string, options: object = {}): Promise<number[]> {
  const seen: number[] = []
  for await (const { km } of read.sse(url, { schema: KM, ...options })) seen.push(km)
  return seen
}

describe('events', () => {
  const messagesOf = (chunks: readonly string[]): { messages: string[][]; id: string; retry: number } => {
    const found = { messages: [] as string[][], id: '', retry: 0 }
    const lines = new EventLines(
      ({ event, data }) => found.messages.push([event, data]),
      id => (found.id = id),
      ms => (found.retry = ms),
    )
    for (const chunk of chunks) lines.read(chunk)
    return found
  }

  const TEXT = [
    '\ufeff: a comment\n',
    'data: one\r\n\r\n',
    'event: trip\rdata:two\rdata\rdata:  three\r\r',
    'id: 7\nretry: 250\nretry: soon\ndata: 😀\n\n',
    'id: 8\n\n',
    'id: \0\nunknown: x\ndata: last\n\ndata: never ended\n',
  ].join('')
  const expected = {
    messages: [
      ['message', 'one'],
      ['trip', 'two\n\n three'],
      ['message', '😀'],
      ['message', 'last'],
    ],
    id: '8',
    retry: 250,
  }

  test('have the fields and line ends of the standard', () => {
    expect(messagesOf([TEXT])).toEqual(expected)
  })

  test('may be cut anywhere', () => {
    expect(messagesOf(TEXT.split(''))).toEqual(expected)
    for (let at = 1; at < TEXT.length; at++) expect(messagesOf([TEXT.slice(0, at), TEXT.slice(at)])).toEqual(expected)
  })
})

describe('read.sse', () => {
  test('opens a connection that ended again, after the last event, until the server has no more', async () => {
    const asked: unknown[] = []
    const url = await serving((request, response) => {
      asked.push([request.headers['last-event-id'], request.headers.accept, request.headers['x-key']])
      const last = Number(request.headers['last-event-id'] ?? 0)
      if (last >= 4) response.writeHead(204).end()
      else
        events(response).end(
          `retry: 1\nid: ${last + 1}\ndata: {"km":${last + 1}}\n\nid: ${last + 2}\ndata: {"km":${last + 2}}\n\n`,
        )
    })
    expect(await kmOf(url, { headers: { 'x-key': 'k' } })).toEqual([1, 2, 3, 4])
    expect(asked).toEqual([undefined, '2', '4'].map(id => [id, 'text/event-stream', 'k']))
  })

  test('goes on after a connection that broke in the middle of an event, which is not taken twice', async () => {
    let connections = 0
    const url = await serving((request, response) => {
      connections++
      if (request.headers['last-event-id'] === '2') response.writeHead(204).end()
      else if (connections === 1) {
        events(response).write('retry: 1\nid: 1\ndata: {"km":1}\n\nid: 2\ndata: {"km"')
        setTimeout(() => response.destroy(), 20)
      } else events(response).end('id: 2\ndata: {"km":2}\n\n')
    })
    expect(await kmOf(url)).toEqual([1, 2])
    expect(connections).toBe(3)
  })

  test('takes the events of one name', async () => {
    const url = await serving((request, response) => {
      if (request.headers['last-event-id'] === '9') response.writeHead(204).end()
      else
        events(response).end(
          'retry: 1\nevent: trip\ndata: {"km":1}\n\nevent: ping\ndata: now\n\nid: 9\ndata: {"km":2}\n\n',
        )
    })
    expect(await kmOf(url, { event: 'trip' })).toEqual([1])
    expect(await kmOf(url, { event: 'message' })).toEqual([2])
  })

  test('an event that is no such object is an error, or left out, by onError', async () => {
    const url = await serving((request, response) => {
      if (request.headers['last-event-id'] === '3') response.writeHead(204).end()
      else events(response).end('retry: 1\ndata: {"km":1}\n\ndata: {"km":"far"}\n\nid: 3\ndata: {"km":3}\n\n')
    })
    expect((await failureOf(() => kmOf(url))).message).toMatch(
      /^.*sse http:\/\/127.0.0.1:\d+\/trips, line 2, column "km" \(int32\): .*far/,
    )
    expect(await kmOf(url, { onError: 'skip' })).toEqual([1, 3])
  })

  test('an answer that is no stream of events is an error at once; a server that is down is one after some attempts', async () => {
    let connections = 0
    const url = await serving((request, response) => {
      connections++
      if (request.headers['x-how'] === 'down') response.writeHead(503).end()
      else
        response.writeHead(request.headers['x-how'] === 'none' ? 404 : 200, { 'content-type': 'text/html' }).end('<p>')
    })
    expect((await failureOf(() => kmOf(url))).message).toContain('answered text/html, not a stream of events')
    expect((await failureOf(() => kmOf(url, { headers: { 'x-how': 'none' } }))).message).toContain(
      'answered 404 Not Found',
    )
    expect(connections).toBe(2)
    const source = sse(url, { schema: KM, headers: { 'x-how': 'down' }, attempts: 3 })
    const signal = new AbortController().signal
    const clock = { now: () => 0, after: (_: number, callback: () => void) => (setImmediate(callback), () => {}) }
    const reader = source.open({ columns: ['km'], batchRows: 10, signal, clock })
    expect((await failureOf(() => reader.next())).message).toMatch(
      /^sse http:\/\/[^ ]*\/trips cannot be read: it answered 503/m,
    )
    expect(connections).toBe(5)
  })

  test('its offset is that of the rows that were taken', async () => {
    const asked: unknown[] = []
    const url = await serving((request, response) => {
      asked.push(request.headers['last-event-id'])
      events(response).write('id: a\ndata: {"km":1}\n\nid: b\ndata: {"km":2}\n\nid: c\ndata: {"km":3}\n\n')
    })
    const first = open(sse(url, { schema: KM }), { batchRows: 1000 })
    expect(first.offset()).toEqual({ id: '', events: 0 })
    expect(rowsOf([(await first.next())!])).toEqual([{ km: 1 }, { km: 2 }, { km: 3 }])
    expect(first.offset()).toEqual({ id: 'c', events: 3 })
    await first.close()
    const second = open(sse(url, { schema: KM }))
    await second.seek({ id: 'b', events: 2 })
    await second.next()
    await second.close()
    expect(asked).toEqual([undefined, 'b'])
  })

  test('stopping the query closes the connection', async () => {
    let isClosed = false
    const url = await serving((request, response) => {
      request.on('close', () => (isClosed = true))
      events(response).write('data: {"km":1}\n\n')
    })
    const kept = to.memory<typeof KM>()
    const query = read.sse(url, { schema: KM }).write(kept).start()
    while (query.progress().rowsOut === 0) await new Promise(resolve => setTimeout(resolve, 2))
    await query.stop()
    while (!isClosed) await new Promise(resolve => setTimeout(resolve, 2))
    expect(kept.rows()).toEqual([{ km: 1 }])
  })

  test('needs an address and a schema', () => {
    expect(() => read.sse('trips.txt', { schema: KM })).toThrow('the address begins with http:// or https://')
    const none = {} as { schema: typeof KM }
    expect(() => read.sse('http://x/', none)).toThrow('declare the columns of its events')
  })
})
