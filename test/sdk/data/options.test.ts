import { read, to, tumble } from 'millrace'
import { KMeans, LogisticRegression, oneHot } from 'millrace/ml'
import { expect, test } from 'vitest'

/** Options as plain JavaScript gives them, past the type checker. */
const loose = (options: unknown): never => options as never

const rows = read.rows([{ at: '2024-01-01T00:00Z', x: 1, late: true }], {
  schema: { at: 'timestamp', x: 'int32', late: 'bool' },
})
const marked = rows.watermark('at', '0 seconds')

test.each([
  [
    () => marked.replay(loose({ disorders: '1 hour' })),
    'replay: there is no option "disorders". Did you mean "disorder"? The options are speed, disorder, seed.',
  ],
  [() => marked.replay(loose({ disorder: 20 })), 'replay: disorder: "20" is not a duration.'],
  [
    () => marked.window(tumble('1 hour'), loose({ ofset: '1 minute' })),
    'window: there is no option "ofset". Did you mean "offset"?',
  ],
  [
    () => marked.window(tumble('1 hour'), loose('1 minute')),
    'window: options are given as an object, but found a value',
  ],
  [
    () => rows.join(rows, loose({ by: 'x' })),
    'join: there is no option "by". The options are on, within, window, ttl, suffix.',
  ],
  [() => rows.leftJoin(rows, loose(undefined)), 'leftJoin: options are given as an object, but found a value of type'],
  [() => rows.join(rows, loose({})), "join needs at least one key: { on: 'name' }"],
  [
    () => rows.join(rows, loose({ on: 3 })),
    "join: on takes the name of a column, { left: 'user', right: 'id' }, or a list of these",
  ],
  [() => rows.join(rows, loose({ on: 'x', suffix: null })), 'join: suffix must be a text, not null'],
  [() => rows.write(to.memory()).start(loose({ nam: 'a' })), 'start: there is no option "nam". Did you mean "name"?'],
  [() => new KMeans(loose({ k: 2, sed: 1 })), 'KMeans: there is no option "sed". Did you mean "seed"?'],
  [() => new KMeans(loose(3)), 'KMeans: options are given as an object, but found a value of type number.'],
  [() => new LogisticRegression(loose({ L2: 5 })), 'LogisticRegression: there is no option "L2". Did you mean "l2"?'],
  [() => oneHot(loose(null), loose({ most: 5 })), 'oneHot: there is no option "most".'],
])('%s is refused', (make, sentence) => {
  expect(make).toThrow(sentence)
})

test('options of fit, predict and learn are checked too', async () => {
  await expect(new KMeans({ k: 1 }).fit(rows, loose({ feature: ['x'] }))).rejects.toThrow(
    'KMeans.fit: there is no option "feature". Did you mean "features"?',
  )
  const both = read.rows([
    { x: 1, late: true },
    { x: 2, late: false },
  ])
  await expect(new LogisticRegression().fit(both, loose({ features: ['x'] }))).rejects.toThrow(
    "LogisticRegression.fit: label names no column. Write label: 'name'.",
  )
  const model = await new LogisticRegression().fit(both, { features: ['x'], label: 'late' })
  expect(() => both.predict(model, loose({ name: 'p' }))).toThrow(
    'predict: there is no option "name". The options are as.',
  )
  expect(() => model.learn(loose(marked.replay()), loose({ alfa: 1 }))).toThrow(
    'learn: there is no option "alfa". Did you mean "alpha"?',
  )
  await expect(rows.collect(loose({ signl: null }))).rejects.toThrow('collect: there is no option "signl".')
})
