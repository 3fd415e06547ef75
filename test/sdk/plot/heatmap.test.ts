import { expect, test } from 'vitest'
import { heatmap } from 'millrace/plot'
import { draw, frameOf } from './draw.ts'

const schema = { hour: 'int32', weekday: 'utf8', share: 'float64?' } as const

test('rows fill a grid; a pair and an hour without a row are holes', async () => {
  const frame = frameOf(schema, [
    { hour: 10, weekday: 'Mon', share: 0.1 },
    { hour: 8, weekday: 'Mon', share: 0.2 },
    { hour: 8, weekday: 'Fri', share: null },
  ])
  const { figure, text } = await draw(heatmap(frame, { x: 'hour', y: 'weekday', value: 'share' }))
  expect(figure.data[0]).toMatchObject({
    type: 'heatmap',
    x: [8, 9, 10],
    y: ['Mon', 'Fri'],
    z: [
      [0.2, null, 0.1],
      [null, null, null],
    ],
  })
  expect(figure.layout).toMatchObject({
    title: { text: 'share by hour and weekday' },
    yaxis: { type: 'category', autorange: 'reversed' },
  })
  expect(text).toBe('heatmap · share by hour and weekday · 3 rows\nhour: 8 … 10\nweekday: 2 values\nshare: 0.1 … 0.2')
})

test('of rows in one cell the latest is shown, and the figure says so', async () => {
  const frame = frameOf(
    schema,
    [1, 2].map(share => ({ hour: 1, weekday: 'Mon', share })),
  )
  const { figure } = await draw(heatmap(frame, { x: 'hour', y: 'weekday', value: 'share' }))
  expect(figure.data[0]!['z']).toEqual([[2]])
  expect(figure.layout['title'].text).toContain('of rows in one cell the latest')
})

test('an axis of too many places keeps the highest and says so', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ x: i * i, y: i, v: i }))
  const { figure } = await draw(
    heatmap(frameOf({ x: 'int32', y: 'int32', v: 'int32' }, rows), { x: 'x', y: 'y', value: 'v' }),
  )
  expect([figure.data[0]!['x'].length, figure.data[0]!['z'].length]).toEqual([400, 400])
  expect(figure.layout['title'].text).toContain('400 of 1,000 values of x')
})
