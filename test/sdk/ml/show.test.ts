import { inspect } from 'node:util'
import { read } from 'millrace'
import { displayed } from '../frame/notebook.ts'
import { KMeans, LogisticRegression, oneHot, scaled } from 'millrace/ml'
import { expect, test } from 'vitest'

test('a clustering shows its clusters with sizes and centres', async () => {
  const rows = read.rows([{ x: 1 }, { x: 3 }, { x: 20.5 }])
  const model = await new KMeans({ k: 2, seed: 1 }).fit(rows, { features: ['x'] })
  expect(inspect(model).split('\n').slice(1)).toEqual([
    'cluster  rows     x',
    '0           2     2',
    '1           1  20.5',
  ])
})

test('the centres of scaled features are shown in the units of their columns', async () => {
  const rows = read.rows([
    { km: 10, city: 'Oslo' },
    { km: 30, city: 'Oslo' },
    { km: 1000, city: '<b>' },
  ])
  const model = await new KMeans({ k: 2 }).fit(rows, { features: t => [scaled(scaled(t.km)), oneHot(t.city)] })
  expect(inspect(model).split('\n').slice(1)).toEqual([
    'cluster  rows    km  city=Oslo  city=<b>',
    '0           2    20          1         0',
    '1           1  1000          0         1',
  ])
  expect((await displayed(model))['text/html']).toContain('city=&lt;b&gt;')
})

test('what is too much to show is counted', async () => {
  const many = Array.from({ length: 30 }, (_, i) => ({ code: `c${i}`, late: i % 2 === 0 }))
  const model = await new LogisticRegression().fit(read.rows(many), { features: t => [oneHot(t.code)], label: 'late' })
  expect(inspect(model).split('\n').at(-1)).toBe('… and 18 smaller coefficients')
  const clusters = await new KMeans({ k: 25 }).fit(read.rows(many), { features: t => [oneHot(t.code)] })
  expect(inspect(clusters).split('\n').at(-1)).toBe('… and 1 smaller cluster and 18 columns')
})

test('a live model shows how it learns and what it gives', async () => {
  const history = read
    .rows([
      { x: 0, y: false, at: new Date(0) },
      { x: 1, y: true, at: new Date(1) },
    ])
    .watermark('at', '0 seconds')
  const model = await new LogisticRegression().fit(history, { features: ['x'], label: 'y' })
  expect(inspect(model.learn(history.replay(), { alpha: 0.5 })).split('\n')).toEqual([
    'LiveModel of "y" from 1 coefficient: predicts each row of a stream, then learns it',
    'option  value',
    'alpha     0.5',
    'beta        1',
    'l1          0',
    'l2          0',
    'predictions: x, y, at, prediction, probability, modelVersion',
  ])
})

test('a classifier shows its coefficients, the largest first', async () => {
  const rows = read.rows([
    { a: true, b: true, y: true },
    { a: true, b: false, y: true },
    { a: false, b: true, y: false },
    { a: false, b: false, y: true },
    { a: false, b: false, y: false },
  ])
  const model = await new LogisticRegression().fit(rows, { features: ['b', 'a'], label: 'y' })
  const lines = inspect(model).split('\n')
  expect(lines[0]).toMatch(/^LogisticRegression of "y" over 5 rows: loss 0\.\d+ after \d+ iterations$/)
  expect(lines.slice(1).map(line => line.split(/\s+/)[0])).toEqual(['feature', 'intercept', 'a', 'b'])
  const { 'text/html': html, 'text/plain': text } = await displayed(model)
  expect(text).toBe(lines.join('\n'))
  const bars = String(html).match(/left:[\d.]+%;width:[\d.]+%/g)
  expect(bars?.length).toBe(3)
  // the largest fills its half, to the right of the middle
  expect(bars?.[1]).toBe('left:50%;width:50.0%')
  expect(bars?.[2]).toMatch(/^left:[1-4]/)
})
