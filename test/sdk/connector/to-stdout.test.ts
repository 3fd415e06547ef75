/** Rows as lines of the standard output: values as in JSON lines, corrections with their kinds, a full pipe waited for. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { count, read, type Batch } from 'millrace'
import { toStdout, type ChangelogSink, type ToStdoutOptions } from '../../../sdk/connector/to-stdout.ts'
import { failureOf } from './reading.ts'

function captured(options: ToStdoutOptions = {}): {
  sink: ChangelogSink
  text: () => string
} {
  const pipe = new PassThrough()
  let text = ''
  pipe.on('data', (chunk: Buffer) => (text += String(chunk)))
  return { sink: toStdout(options, pipe), text: () => text }
}

const trips = read.rows([
  { city: 'Oslo', at: new Date(0) },
  { city: null, at: new Date(1) },
])

test('a row is a JSON object, or its values by name', async () => {
  const [json, text] = [captured(), captured({ format: 'text' })]
  await trips.write(json.sink).and(trips.write(text.sink)).run()
  expect(json.text()).toBe(
    '{"city":"Oslo","at":"1970-01-01T00:00:00Z"}\n{"city":null,"at":"1970-01-01T00:00:00.001Z"}\n',
  )
  expect(text.text()).toBe('+I city="Oslo" at="1970-01-01T00:00:00Z"\n+I city=null at="1970-01-01T00:00:00.001Z"\n')
})

test('a correction has its row kind, a first row has none', async () => {
  const { sink, text } = captured()
  const words = read.callback({ word: 'utf8' }, async ({ push }) => {
    await push({ word: 'to' })
    await new Promise(resolve => setTimeout(resolve, 20))
    await push({ word: 'to' })
  })
  await words
    .groupBy('word')
    .aggregate(() => ({ n: count() }))
    .write(sink)
    .run()
  expect(text()).toBe('{"word":"to","n":1}\n{"rowKind":"-U","word":"to","n":1}\n{"rowKind":"+U","word":"to","n":2}\n')
})

test('a full pipe is waited for, and a broken one is an error', async () => {
  const pipe = new PassThrough({ highWaterMark: 16 })
  const writer = await toStdout({}, pipe).open(trips.plan.schema, new AbortController().signal)
  const batches: Batch[] = []
  for await (const batch of trips.batches()) batches.push(batch)
  let isTaken = false
  const taken = Promise.resolve(writer.write(batches[0]!)).then(() => (isTaken = true))
  await new Promise(resolve => setImmediate(resolve))
  expect(isTaken).toBe(false)
  pipe.resume()
  await taken
  pipe.destroy(new Error('write EPIPE'))
  await new Promise(resolve => setImmediate(resolve))
  expect((await failureOf(() => writer.write(batches[0]!))).message).toBe('to.stdout: write EPIPE')
})

test('another format is refused', () => {
  const format = 'csv' as 'json'
  expect(() => toStdout({ format })).toThrow(`to.stdout: format is 'json' or 'text', not "csv"`)
})
