import { inspect } from 'node:util'
import { read } from 'millrace'
import { KMeans, LogisticRegression } from 'millrace/ml'
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
  expect(lines.slice(1).map(line => line.split(/\s+/)[0])).toEqual(['intercept', 'a', 'b'])
})
