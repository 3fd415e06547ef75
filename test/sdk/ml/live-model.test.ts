import { read, type Frame } from 'millrace'
import { LogisticRegression, oneHot, scaled, type ClassifierModel } from 'millrace/ml'
import { expect, test } from 'vitest'
import { columnOf } from '../../../sdk/data/builder.ts'
import { slice, valueAt, type Column } from '../../../sdk/data/column.ts'
import { scalar } from '../../../sdk/data/type.ts'
import type { Learn } from '../../../sdk/plan/node.ts'
import type { Processor } from '../../../sdk/plan/port.ts'
import { Random } from '../../../sdk/ml/random.ts'

const schema = { x: 'float64', city: 'utf8', late: 'bool?', at: 'timestamp' } as const

type Rows = { x: number; city: string; late: boolean | null; at: Date }[]

function rows(n: number, seed: number): Rows {
  const random = new Random(seed)
  return Array.from({ length: n }, (_, i) => {
    const x = random.next() * 10
    const late = random.next() < 0.1 ? null : random.next() < x / 12
    return { x, city: 'ABC'[Math.floor(random.next() * 3)]!, late, at: new Date(i * 1000) }
  })
}

type Columns = typeof schema
const frame = (data: Rows): Frame<Columns, 'batch'> => read.rows(data, { schema }).watermark('at', '0 seconds')

const fit = (data: Rows): Promise<ClassifierModel<Record<never, never>, 'late'>> =>
  new LogisticRegression().fit(frame(data), { features: t => [scaled(t.x), oneHot(t.city)], label: 'late' })

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const row of stream) out.push(row)
  return out
}

test('the first prediction is the fitted model’s, and each row is predicted before it is learnt', async () => {
  const model = await fit(rows(300, 1))
  const later = rows(50, 2)
  const live = model.learn(frame(later).replay(), { alpha: 0.5, beta: 0.1 })
  const seen = await collect(live.predictions)
  expect(Object.keys(seen[0]!)).toEqual(['x', 'city', 'late', 'at', 'prediction', 'probability', 'modelVersion'])
  expect(seen[0]!.probability).toBe(model.predictOne({ ...later[0]! }).probability)

  // The same by single rows.
  const single = model.learn(frame(later).replay(), { alpha: 0.5, beta: 0.1 })
  later.forEach((row, i) => {
    const { probability, prediction, modelVersion } = seen[i]!
    expect(single.predictOne({ ...row })).toEqual({ probability, prediction, modelVersion })
    single.learnOne({ ...row })
  })
})

test('the version counts learnt rows: a row without a label is predicted only', async () => {
  const model = await fit(rows(300, 1))
  const data = rows(30, 3)
  const seen = await collect(model.learn(frame(data).replay()).predictions)
  let learnt = 0
  for (const [i, row] of data.entries()) {
    expect(seen[i]!.modelVersion).toBe(learnt)
    if (row.late !== null) learnt++
  }
  expect(learnt).toBeLessThan(30)
})

test('predictOne teaches nothing, and each query trains a model of its own', async () => {
  const model = await fit(rows(300, 1))
  const live = model.learn(frame(rows(40, 4)).replay())
  const first = await collect(live.predictions)
  live.predictOne({ x: 1, city: 'A' })
  expect(live.modelVersion).toBe(0)
  live.learnOne({ x: 1, city: 'A', late: true })
  live.learnOne({ x: 1, city: 'A', late: null })
  live.learnOne({ x: 1, city: 'A' })
  expect(live.modelVersion).toBe(1)
  expect(await collect(live.predictions)).toEqual(first)
})

test('a live model follows a label that turns, and a frozen one does not', async () => {
  const model = await fit(rows(500, 5))
  const turned = rows(2000, 6).map(row => ({ ...row, late: row.late === null ? null : !row.late }))
  const live = model.learn(frame(turned).replay(), { alpha: 0.5 })
  const seen = await collect(live.predictions.predict(model, { as: 'frozen' }))
  const hits = (wins: (row: (typeof seen)[number]) => boolean): number =>
    seen.slice(1000).filter(row => row.late !== null && wins(row)).length
  expect(hits(row => row.prediction === row.late)).toBeGreaterThan(2 * hits(row => row.frozen === row.late))
})

function processorOf(stream: { readonly plan: unknown }): Processor {
  return (stream.plan as Learn).factory.create()
}

function inputsOf(data: Rows): Column[] {
  return [
    columnOf(scalar('float64'), data.map(row => row.x)),
    columnOf(scalar('utf8'), data.map(row => row.city)),
    columnOf(scalar('bool'), data.map(row => row.late)),
  ] // prettier-ignore
}

test('any batching gives the same rows, and a snapshot in mid-stream continues equally', async () => {
  const model = await fit(rows(300, 1))
  const data = rows(100, 7)
  const live = model.learn(frame(data).replay(), { l1: 0.01, l2: 0.1 })
  const inputs = inputsOf(data)
  const run = (processor: Processor, from: number, to: number): unknown[] => {
    const columns = processor.process(
      inputs.map(column => slice(column, from, to)),
      to - from,
    )
    return Array.from({ length: to - from }, (_, i) => columns.map(column => valueAt(column, i)))
  }
  const whole = run(processorOf(live.predictions), 0, 100)
  const cut = processorOf(live.predictions)
  const pieces = [run(cut, 0, 1), run(cut, 1, 37)].flat()
  const restored = processorOf(live.predictions)
  restored.restore(structuredClone(cut.snapshot()))
  expect([...pieces, ...run(restored, 37, 100)]).toEqual(whole)
})

test('learn refuses a batch, a stream without the label, and bad options', async () => {
  const model = await fit(rows(100, 1))
  const batch = frame(rows(10, 2))
  // @ts-expect-error a batch has no order
  expect(() => model.learn(batch)).toThrow('learn needs a stream, and a batch has no order: call .replay() first')
  // @ts-expect-error the stream lacks the label
  expect(() => model.learn(batch.drop('late').replay())).toThrow('there is no column "late"')
  expect(() => model.learn(batch.replay(), { alpha: 0 })).toThrow('learn: alpha must be a number above 0, not 0')
})
