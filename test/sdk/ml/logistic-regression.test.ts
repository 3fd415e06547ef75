import { read, type Frame } from 'millrace'
import { LogisticRegression, oneHot, scaled } from 'millrace/ml'
import { expect, test } from 'vitest'
import { Random } from '../../../sdk/ml/random.ts'
import { sigmoid } from '../../../sdk/ml/logistic-loss.ts'

/** Counts of rows by a bool feature and label. */
function table(counts: readonly (readonly [x: boolean, y: boolean, n: number])[]) {
  return read.rows(counts.flatMap(([x, y, n]) => Array.from({ length: n }, () => ({ x, y }))))
}

const logit = (p: number): number => Math.log(p / (1 - p))

test('without a penalty a bool feature gives the odds of the table', async () => {
  const rows = table([
    [false, false, 30],
    [false, true, 10],
    [true, false, 5],
    [true, true, 20],
  ])
  const model = await new LogisticRegression({ l2: 0, tolerance: 1e-10 }).fit(rows, { features: ['x'], label: 'y' })
  expect(model.intercept).toBeCloseTo(logit(10 / 40), 8)
  expect(model.coefficients['x']).toBeCloseTo(logit(20 / 25) - logit(10 / 40), 8)
  expect(model).toMatchObject({ label: 'y', rows: 65, skippedRows: 0, converged: true, featureNames: ['x'] })
  expect(model.predictOne({ x: true })).toEqual({
    prediction: true,
    probability: expect.closeTo(0.8, 8),
    modelVersion: 0,
  })
})

interface Flight {
  km: number
  hour: number
  origin: string
  late: boolean
}

function flights(n: number, seed: number): Flight[] {
  const random = new Random(seed)
  return Array.from({ length: n }, () => {
    const km = Math.floor(random.next() * 3000)
    const hour = Math.floor(random.next() * 24)
    const origin = 'ABCD'[Math.floor(random.next() ** 2 * 4)]!
    const z = -1.5 + hour / 12 + (origin === 'A' ? 0.7 : 0) - km / 3000
    return { km, hour, origin, late: random.next() < sigmoid(z) }
  })
}

test('at the minimum the gradient is zero: residuals balance the penalty feature by feature', async () => {
  const rows = flights(3000, 1)
  const l2 = 2
  const model = await new LogisticRegression({ l2, tolerance: 1e-9 }).fit(read.rows(rows), {
    features: t => [scaled(t.km), oneHot(t.hour), oneHot(t.origin)],
    label: 'late',
  })
  const mean = rows.reduce((sum, row) => sum + row.km, 0) / rows.length
  const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row.km - mean) ** 2, 0) / rows.length)
  const residual = rows.map(row => model.predictOne({ ...row }).probability - (row.late ? 1 : 0))
  const gradient = (x: (row: Flight) => number): number => rows.reduce((sum, row, i) => sum + x(row) * residual[i]!, 0)
  expect(gradient(() => 1)).toBeCloseTo(0, 4)
  expect(gradient(row => (row.km - mean) / deviation) + l2 * model.coefficients['scaled(km)']!).toBeCloseTo(0, 4)
  for (const hour of [0, 7, 23]) {
    expect(gradient(row => Number(row.hour === hour)) + l2 * model.coefficients[`hour=${hour}`]!).toBeCloseTo(0, 4)
  }
  expect(gradient(row => Number(row.origin === 'A')) + l2 * model.coefficients['origin=A']!).toBeCloseTo(0, 4)
})

test('predictions of a batch, of single rows and of any batching agree', async () => {
  const rows = flights(500, 2)
  const model = await new LogisticRegression().fit(read.rows(rows), {
    features: t => [t.hour, scaled(t.km), oneHot(t.origin)],
    label: 'late',
  })
  const table = await read.rows(rows).predict(model, { as: 'frozen' }).collect()
  expect(Object.keys(table.schema).slice(4)).toEqual(['frozen', 'frozenProbability', 'frozenModelVersion'])
  const probabilities = table.column('frozenProbability')
  rows.forEach((row, i) => expect(probabilities[i]).toBe(model.predictOne({ ...row }).probability))
  expect(table.column('frozen')).toEqual(probabilities.map(p => p > 0.5))
})

test('the order of features does not matter, and the input stays as it is', async () => {
  const rows = flights(1000, 3)
  const frame = await read.rows(rows).collect()
  const before = structuredClone(frame.rows())
  const fit = (features: readonly ('km' | 'hour')[]): Promise<{ coefficients: { [name: string]: number } }> =>
    new LogisticRegression({ tolerance: 1e-10 }).fit(frame, { features, label: 'late' })
  const [one, other] = [await fit(['km', 'hour']), await fit(['hour', 'km'])]
  expect(one.coefficients['hour']).toBeCloseTo(other.coefficients['hour']!, 6)
  expect(one.coefficients['km']).toBeCloseTo(other.coefficients['km']!, 8)
  expect(frame.rows()).toEqual(before)
})

test('a row whose label is null is left out and counted, or refused', async () => {
  const schema = { x: 'int32', y: 'bool?' } as const
  const rows = read.rows(
    [
      { x: 1, y: true },
      { x: 2, y: null },
      { x: 3, y: false },
    ],
    { schema },
  )
  const model = await new LogisticRegression().fit(rows, { features: t => [scaled(t.x)], label: 'y' })
  expect(model).toMatchObject({ rows: 2, skippedRows: 1 })
  await expect(
    new LogisticRegression({ nullLabels: 'error' }).fit(rows, { features: ['x'], label: 'y' }),
  ).rejects.toThrow('the label "y" is null in 1 of 3 rows')
})

test('a missing feature is an error, or filled as the model was told', async () => {
  const schema = { x: 'float64?', y: 'bool' } as const
  const rows = read.rows(
    [
      { x: 1, y: true },
      { x: null, y: false },
      { x: 3, y: false },
    ],
    { schema },
  )
  await expect(new LogisticRegression().fit(rows, { features: ['x'], label: 'y' })).rejects.toThrow(
    'feature "x" is null in 1 of 3 rows',
  )
  const model = await new LogisticRegression({ missing: 'mean' }).fit(rows, { features: ['x'], label: 'y' })
  expect(model.predictOne({ x: null })).toEqual(model.predictOne({ x: 2 }))
})

test('labels that are all equal, that are not bool, and columns that are not there are refused', async () => {
  const rows: Frame<{ x: 'int32'; y: 'bool' }, 'batch'> = read.rows([{ x: 1, y: true }], {
    schema: { x: 'int32', y: 'bool' },
  })
  await expect(new LogisticRegression().fit(rows, { features: ['x'], label: 'y' })).rejects.toThrow(
    'the label "y" is true in all 1 rows',
  )
  await expect(new LogisticRegression().fit(rows, { features: ['x'], label: 'x' as 'y' })).rejects.toThrow(
    'the label "x" is int32, and it must be bool',
  )
  await expect(new LogisticRegression().fit(rows, { features: ['x'], label: 'z' as 'y' })).rejects.toThrow(
    'there is no column "z"',
  )
  expect(() => new LogisticRegression({ l2: -1 })).toThrow('LogisticRegression: l2 must be a number from 0 on, not -1')
})

test('a frame that lacks a column of the model is refused by the verb', async () => {
  const rows = read.rows(flights(200, 4))
  const model = await new LogisticRegression().fit(rows, {
    features: t => [scaled(t.km), oneHot(t.origin)],
    label: 'late',
  })
  expect(() => rows.drop('km').predict(model)).toThrow('there is no column "km"')
  expect(() => model.predictOne({ km: 5 })).toThrow("the model needs column 'origin', which this row lacks")
})
