import { count, read, to, type Frame, type Kind } from 'millrace'
import { LogisticRegression, oneHot, scaled, type ClassifierColumns } from 'millrace/ml'
import { expect, test } from 'vitest'
import { sigmoid } from '../../../sdk/ml/logistic-loss.ts'
import { Random } from '../../../sdk/ml/random.ts'

const schema = { at: 'timestamp', x: 'float64', city: 'utf8?', late: 'bool?' } as const

type Judged = typeof schema & ClassifierColumns

function trips(n: number, seed: number): Frame<typeof schema, 'batch'> {
  const random = new Random(seed)
  const rows = Array.from({ length: n }, (_, i) => {
    const [x, city] = [random.next() * 4 - 2, 'abc'[i % 3]!]
    return { at: new Date(i * 1000), x, city, late: random.next() < sigmoid(x + (city === 'b' ? 1 : 0) - 0.5) }
  })
  return read.rows(rows, { schema }).watermark('at', '0 seconds')
}

/** For each tenth of probability: the number of rows, the mean probability, the share of true labels. */
async function tenths<K extends Kind>(
  frame: Frame<Judged, K>,
): Promise<readonly { n: number; p: number; y: number }[]> {
  const kept = to.memory<Judged>()
  await frame.write(kept).run()
  const groups = Array.from({ length: 10 }, () => ({ n: 0, p: 0, y: 0 }))
  for (const { probability, late } of kept.rows()) {
    const group = groups[Math.floor(probability * 10)]!
    group.n++
    group.p += probability
    if (late === true) group.y++
  }
  return groups.map(({ n, p, y }) => ({ n, p: p / n, y: y / n }))
}

test('of the rows given a probability that share comes true, for a fitted model and a live one', async () => {
  const model = await new LogisticRegression().fit(trips(5000, 1), {
    features: t => [scaled(t.x), oneHot(t.city)],
    label: 'late',
  })
  const later = trips(20_000, 2)
  for (const groups of [await tenths(later.predict(model)), await tenths(model.learn(later.replay()).predictions)]) {
    expect(Math.min(...groups.map(group => group.n))).toBeGreaterThan(100)
    // four standard errors, and what the models differ from the truth
    for (const { n, p, y } of groups) expect(Math.abs(p - y)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n) + 0.02)
  }
})

test('on a stream as on a batch, a level that was not seen and a null are predicted by the rest', async () => {
  const model = await new LogisticRegression().fit(trips(300, 1), {
    features: t => [scaled(t.x), oneHot(t.city)],
    label: 'late',
  })
  const odd = read
    .rows(
      [
        { at: new Date(0), x: 1, city: 'nowhere', late: null },
        { at: new Date(1), x: 1, city: null, late: true },
      ],
      { schema },
    )
    .watermark('at', '0 seconds')
  const batch = (
    await odd
      .predict(model)
      .aggregate(t => ({ n: count(), p: t.probability.max() }))
      .collect()
  ).rows()
  const seen: number[] = []
  for await (const row of odd.replay().predict(model)) seen.push(row.probability)
  expect(batch).toEqual([{ n: 2, p: seen[0] }])
  expect(seen[1]).toBe(seen[0])
})
