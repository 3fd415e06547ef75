/** An action that fails points at the line that called it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DataError, read, to, udf } from 'millrace'
import { KMeans } from 'millrace/ml'

const frame = read.rows([{ a: 1, b: 0 }])
const bad = frame.derive(t => ({ c: t.a.mod(t.b) }))
const source = readFileSync(import.meta.filename, 'utf8').split('\n')

async function failureOf(act: () => Promise<unknown>): Promise<DataError> {
  const failure = await act().then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(DataError)
  return failure as DataError
}

/** The line of this file that the first call of a stack stands on. */
function firstLine({ stack }: Error): string {
  const first = stack!.split('\n').find(line => /^\s+at /.test(line))!
  const [, line] = /call-site\.test\.ts:(\d+):\d+\)?$/.exec(first) ?? []
  return line === undefined ? first : source[Number(line) - 1]!.trim()
}

async function overBatches(): Promise<void> {
  for await (const batch of bad.batches()) expect(batch).toBe(null)
}

async function overRows(): Promise<void> {
  for await (const row of bad) expect(row).toBe(null)
}

const actions: [string, () => Promise<unknown>][] = [
  ['bad.collect()', () => bad.collect()],
  ['of bad.batches()', overBatches],
  ['of bad)', overRows],
  ['.run()', () => bad.write(to.memory()).run()],
  ['.start().done', () => bad.write(to.memory()).start().done],
  ['.fit(bad', () => new KMeans({ k: 1 }).fit(bad, { features: ['c'] })],
]

test.each(actions)('the stack of what fails in %s begins with that line', async (call, act) => {
  const failure = await failureOf(act)
  expect(firstLine(failure)).toContain(call)
  expect(failure.stack).not.toMatch(/\/sdk\/(engine|frame)\/(?!call-site\.test)/)
})

test('the calls around the action follow it, and class, code, fields and text are kept', async () => {
  const inner = async (): Promise<void> => {
    await bad.collect()
  }
  const failure = await failureOf(inner)
  expect(failure.stack).toMatch(
    /^DataError: read › project, input row 0 \(from 0\): t\.a\.mod\(t\.b\): division by zero.*\n\s+at inner .*\n\s+at failureOf /,
  )
  expect([failure.name, failure.code, failure.fields]).toEqual([
    'DataError',
    'division-by-zero',
    { expr: 't.a.mod(t.b)', row: 0, plan: 'read › project' },
  ])
})

test('only what a function of the user threw is a cause', async () => {
  expect((await failureOf(() => bad.collect())).cause).toBe(undefined)
  const mine = new Error('mine')
  const throws = frame.derive(t => ({
    c: udf([t.a], 'int32', (): number => {
      throw mine
    }),
  }))
  expect((await failureOf(() => throws.collect())).cause).toBe(mine)
})

test('the row of what fails is counted over all batches of the input, and the text found is shown', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({ text: i === 19_999 ? 'drizzle' : '1' }))
  const failure = await failureOf(() =>
    read
      .rows(rows)
      .derive(t => ({ n: t.text.cast('int32') }))
      .collect(),
  )
  expect(failure.message).toMatch(
    /^read › project, input row 19999 \(from 0\): t\.text\.cast\('int32'\): "drizzle" is no int32\./,
  )
  expect(failure.fields).toEqual({ expr: "t.text.cast('int32')", row: 19_999, plan: 'read › project' })
})

test('what fails on values of groups names no row', async () => {
  const rows = read.rows([
    { k: 'a', n: 0 },
    { k: 'b', n: 0 },
  ])
  const failure = await failureOf(() =>
    rows
      .groupBy('k')
      .aggregate(t => ({ m: t.n.sum().mod(t.n.sum()) }))
      .collect(),
  )
  expect(failure.message).toMatch(/^read › aggregate: .*: division by zero\./)
  expect(failure.fields).not.toHaveProperty('row')
})
