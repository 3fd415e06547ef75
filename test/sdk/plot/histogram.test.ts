import { expect, test } from 'vitest'
import { histogram, line } from 'millrace/plot'
import { draw, frameOf } from './draw.ts'

test('whole numbers are counted, and the ranges of bins are said', async () => {
  const frame = frameOf(
    { delay: 'int32?' },
    [3, 4, 17, null, 44].map(delay => ({ delay })),
  )
  const { figure, text } = await draw(histogram(frame, { x: 'delay', bins: 5 }))
  expect(figure.data[0]).toMatchObject({
    type: 'bar',
    x: [5, 15, 25, 35, 45],
    y: [2, 1, 0, 0, 1],
    width: 10,
    text: ['0 – 9', '10 – 19', '20 – 29', '30 – 39', '40 – 49'],
  })
  expect(figure.layout['title'].text).toContain('4 rows · 1 without a value left out')
  expect(text).toBe('histogram · delay · 4 rows\n0 – 9 █▅▁▁▅ 40 – 49\nmost in 0 – 9: 2')
})

test('times are counted by hours and days of UTC', async () => {
  const frame = frameOf(
    { at: 'timestamp' },
    ['2001-04-01 01:00', '2001-04-01 07:30'].map(at => ({ at })),
  )
  const { figure } = await draw(histogram(frame, { x: 'at', bins: 8 }))
  expect(figure.data[0]!['text'][0]).toBe('2001-04-01 01:00 – 02:00')
  expect(figure.layout).toMatchObject({ xaxis: { type: 'date', title: { text: 'at (UTC)' } } })
})

test('no rows are said', async () => {
  const { figure } = await draw(histogram(frameOf({ v: 'float64' }, []), { x: 'v' }))
  expect(figure.layout['annotations']).toMatchObject([{ text: 'no rows' }])
})

test('values that are all equal are a thin bar in the middle', async () => {
  const whole = await draw(histogram(frameOf({ v: 'int32' }, [{ v: 7 }, { v: 7 }]), { x: 'v' }))
  expect(whole.figure.data[0]).toMatchObject({ x: [7], y: [2], width: 1 })
  expect(whole.figure.layout['xaxis']).toMatchObject({ range: [2, 12], dtick: 1 })
  const [at] = [Date.UTC(2001, 3, 1)]
  const time = await draw(histogram(frameOf({ at: 'timestamp' }, [{ at: new Date(at) }]), { x: 'at' }))
  const [from, to] = time.figure.layout['xaxis'].range as [number, number]
  expect([from < at, to > at, time.figure.data[0]!['width'] / (to - from)]).toEqual([true, true, 0.1])
})

test('large numbers are said to the last digit of their whole part', async () => {
  const rows = frameOf({ v: 'float64' }, [{ v: 1234567.89 }, { v: 3124414400.25 }])
  const { text } = await draw(line(rows, { x: 'v', y: 'v' }))
  expect(text).toContain('1,234,567.89 … 3,124,414,400.25')
})
