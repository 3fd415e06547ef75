import { read } from 'millrace'
import { KMeans, LogisticRegression } from 'millrace/ml'
import { expect, test } from 'vitest'

const rows = read.rows(Array.from({ length: 50 }, (_, i) => ({ x: i % 7, y: (i * i) % 5 > 2 })))

test('a signal ends a fit between two passes', async () => {
  for (const fit of [
    (signal: AbortSignal, onProgress: () => void) =>
      new LogisticRegression({ tolerance: 0 }).fit(rows, { features: ['x'], label: 'y', signal, onProgress }),
    (signal: AbortSignal, onProgress: () => void) =>
      new KMeans({ k: 5 }).fit(rows, { features: ['x'], signal, onProgress }),
  ]) {
    const controller = new AbortController()
    let calls = 0
    const stop = (): void => {
      calls++
      controller.abort()
    }
    await expect(fit(controller.signal, stop)).rejects.toMatchObject({ name: 'InterruptedError', code: 'interrupted' })
    expect(calls).toBe(1)
  }
})

test('the event loop turns while a model is fitted', async () => {
  let turns = 0
  let passes = 0
  let fitting = true
  const turn = (): void => {
    turns++
    if (fitting) setImmediate(turn)
  }
  setImmediate(turn)
  const many = read.rows(Array.from({ length: 1000 }, (_, i) => ({ x: Math.sin(i), y: (i * i) % 5 > 2 })))
  const onProgress = ({ iteration }: { iteration: number }): void => void (passes = iteration)
  await new LogisticRegression({ tolerance: 0 }).fit(many, { features: ['x'], label: 'y', onProgress })
  fitting = false
  expect(turns).toBeGreaterThanOrEqual(passes)
})
