import { expect, test } from 'vitest'
import { count, read } from 'millrace'

const rows = read.rows([
  { shop: 'a', sold: 4, days: 2 },
  { shop: 'b', sold: 3, days: 1 },
])

test('an expression over aggregates computes on their values, each group by itself', async () => {
  const rates = rows
    .groupBy('shop')
    .aggregate(t => ({ rate: t.sold.sum().div(t.days.sum()), rest: t.sold.sum().mod(3) }))
  expect((await rates.orderBy('shop').collect()).rows()).toEqual([
    { shop: 'a', rate: 2, rest: 1 },
    { shop: 'b', rate: 3, rest: 0 },
  ])
})

test('a failure in an expression over aggregates shows it as it was written', async () => {
  const failing = rows.groupBy('shop').aggregate(t => ({ rest: count().mod(t.days.sum().sub(1)) }))
  await expect(failing.collect()).rejects.toThrow('count().mod(t.days.sum().sub(1)): division by zero')
})
