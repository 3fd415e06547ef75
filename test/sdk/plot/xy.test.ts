import { expect, test } from 'vitest'
import { Batch } from '../../../sdk/data/batch.ts'
import { bar, line, scatter } from 'millrace/plot'
import { batchOf, Board, columnsOf, draw, frameOf } from './draw.ts'

const days = { day: 'timestamp', origin: 'utf8', delayMinutes: 'float64?' } as const
const at = (day: number): Date => new Date(Date.UTC(2001, 3, day))

test('a line is a trace of points in order of x, with a gap for a null', async () => {
  const { figure } = await draw(
    line(
      frameOf(days, [
        { day: at(2), origin: 'ATL', delayMinutes: null },
        { day: at(1), origin: 'ATL', delayMinutes: 7.5 },
        { day: at(3), origin: 'ATL', delayMinutes: 9 },
      ]),
      { x: 'day', y: 'delayMinutes' },
    ),
  )
  expect(figure.data).toHaveLength(1)
  expect(figure.data[0]).toMatchObject({
    type: 'scatter',
    mode: 'lines+markers',
    x: [at(1).getTime(), at(2).getTime(), at(3).getTime()],
    y: [7.5, null, 9],
  })
  expect(figure.layout).toMatchObject({
    title: { text: 'delay by day' },
    xaxis: { type: 'date', title: { text: 'day (UTC)' } },
    yaxis: { type: 'linear', title: { text: 'delay (min)' } },
    showlegend: false,
  })
})

test('the values of the color column are series in order, whatever the order of the rows', async () => {
  const rows = ['SEA 10', '<b>ATL</b>', 'SEA 9', ''].map((origin, i) => ({ day: at(1), origin, delayMinutes: i }))
  for (const given of [rows, rows.toReversed()]) {
    const { figure } = await draw(line(frameOf(days, given), { x: 'day', y: 'delayMinutes', color: 'origin' }))
    expect(figure.data.map(trace => trace['name'])).toEqual(['(empty)', '&lt;b&gt;ATL&lt;/b&gt;', 'SEA 9', 'SEA 10'])
    expect(figure.layout).toMatchObject({ showlegend: true, legend: { title: { text: 'origin' } } })
  }
})

test('several columns are series with their labels, and share the unit that they have', async () => {
  const frame = frameOf({ t: 'int32', goMs: 'float64', waitMs: 'float64' }, [{ t: 1, goMs: 1, waitMs: 2 }])
  const { figure } = await draw(line(frame, { x: 't', y: ['goMs', 'waitMs'], labels: { waitMs: 'pause (ms)' } }))
  expect(figure.data.map(trace => trace['name'])).toEqual(['go (ms)', 'pause (ms)'])
  expect(figure.layout).toMatchObject({ title: { text: 'go, pause by t' }, yaxis: { title: { text: 'ms' } } })
})

test('of more than 24 lines those with the largest last value are drawn, and the figure says so', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({ k: i % 30, t: i < 30 ? 1 : 2, v: i < 30 ? 100 - i : i % 30 }))
  const frame = frameOf({ k: 'int32', t: 'int32', v: 'int32' }, rows)
  const { figure } = await draw(line(frame, { x: 't', y: 'v', color: 'k' }))
  expect(figure.data.map(trace => trace['name'])).toEqual(Array.from({ length: 24 }, (_, i) => String(i + 6)))
  expect(figure.layout['title'].text).toContain('the 24 of 30 series with the largest last value')
})

test('a long line is thinned and says so; its peak stays', async () => {
  const rows = Array.from({ length: 30_000 }, (_, t) => ({ t, v: t === 12_345 ? 99 : t % 5 }))
  const { figure } = await draw(line(frameOf({ t: 'int32', v: 'int32' }, rows), { x: 't', y: 'v' }))
  expect(figure.data[0]!['x'].length).toBeLessThanOrEqual(6000)
  expect(Math.max(...figure.data[0]!['y'])).toBe(99)
  expect(figure.layout['title'].text).toContain('30,000 rows, thinned to the peaks and gaps that show')
})

test('bars stand in the order of the rows, and rows of one place are added up', async () => {
  const frame = frameOf({ origin: 'utf8?', late: 'bool', flights: 'int64' }, [
    { origin: 'SEA', late: true, flights: 4 },
    { origin: 'ATL', late: false, flights: 9 },
    { origin: null, late: false, flights: 1 },
    { origin: 'SEA', late: true, flights: 2 },
  ])
  const { figure } = await draw(bar(frame, { x: 'origin', y: 'flights', color: 'late', stacked: true }))
  expect(figure.data).toMatchObject([
    { type: 'bar', name: 'false', x: ['ATL', '(missing)'], y: [9, 1] },
    { type: 'bar', name: 'true', x: ['SEA'], y: [6] },
  ])
  expect(figure.layout).toMatchObject({
    barmode: 'relative',
    xaxis: { type: 'category', categoryarray: ['SEA', 'ATL', '(missing)'] },
  })
  expect(figure.layout['title'].text).toContain('rows of one origin added up')
})

const places = { x: 'float64?', y: 'float64', cluster: 'int32', size: 'float32?' } as const

test('few whole numbers close together color markers as categories, others as a scale', async () => {
  const rows = [0, 1, 1].map((cluster, i) => ({ x: i, y: i, cluster, size: i + 0.1 }))
  const few = await draw(scatter(frameOf(places, rows), { x: 'x', y: 'y', color: 'cluster' }))
  expect(few.figure.data.map(trace => [trace['name'], trace['x']])).toEqual([
    ['0', [0]],
    ['1', [1, 2]],
  ])
  const far = rows.map(row => ({ ...row, cluster: row.cluster * 1000 }))
  const scale = await draw(scatter(frameOf(places, far), { x: 'x', y: 'y', color: 'cluster', size: 'size' }))
  expect(scale.figure.data).toHaveLength(1)
  expect(scale.figure.data[0]!['marker']).toMatchObject({
    color: [0, 1000, 1000],
    size: [6.5, 21.7, 30],
  })
  expect(scale.figure.layout['title'].text).toContain('larger with size, up to 2.1')
})

test('of many categories some are named, long names are cut, and the note says so', async () => {
  const rows = Array.from({ length: 1219 }, (_, i) => ({ k: `carrier number ${i} of <all>`, n: i }))
  const many = await draw(bar(frameOf({ k: 'utf8', n: 'int32' }, rows), { x: 'k', y: 'n' }))
  const { tickvals, ticktext, categoryarray } = many.figure.layout['xaxis']
  expect([tickvals.length, categoryarray.length]).toEqual([40, 1219])
  expect([tickvals[1], ticktext[1]]).toEqual(['carrier number 31 of &lt;all&gt;', 'carrier number 31 of &lt;a…'])
  expect(many.figure.layout['title'].text).toContain('1,219 values of x, one in 31 named')
  const few = await draw(bar(frameOf({ k: 'utf8', n: 'int32' }, [{ k: 'a', n: 1 }]), { x: 'k', y: 'n' }))
  expect(few.figure.layout['xaxis']).not.toHaveProperty('tickvals')
})

test('a row without a size is drawn smallest, which is said, and many markers are smaller', async () => {
  const rows = [null, 0, -1, 4, 1].map((size, i) => ({ x: i, y: i, cluster: i % 2, size }))
  const few = await draw(scatter(frameOf(places, rows), { x: 'x', y: 'y', size: 'size' }))
  expect(few.figure.data[0]!['marker'].size).toEqual([4, 4, 4, 30, 15])
  expect(few.figure.layout['title'].text).toContain('larger with size, up to 4 · 3 rows without a size above 0')
  expect(few.figure.layout['legend'].itemsizing).toBe('constant')
  const many = Array.from({ length: 342 }, (_, i) => ({ x: i, y: i, cluster: 0, size: 5000 }))
  const small = await draw(scatter(frameOf(places, many), { x: 'x', y: 'y', size: 'size' }))
  expect(new Set(small.figure.data[0]!['marker'].size)).toEqual(new Set([16]))
})

test('a row without a place is left out of a scatter plot, which says so', async () => {
  const rows = [1, null, Infinity].map(x => ({ x, y: 0, cluster: 0, size: 1 }))
  const { figure } = await draw(scatter(frameOf(places, rows), { x: 'x', y: 'y' }))
  expect(figure.data[0]!['x']).toEqual([1])
  expect(figure.layout['title'].text).toContain('2 without a place left out')
})

test('many markers are an even sample, many categories have the small ones in grey', async () => {
  const rows = Array.from({ length: 40_000 }, (_, i) => ({ x: i, y: i, k: i < 39_990 ? `k${i % 24}` : `rare ${i}` }))
  const frame = frameOf({ x: 'int32', y: 'int32', k: 'utf8' }, rows)
  const { figure } = await draw(scatter(frame, { x: 'x', y: 'y', color: 'k' }))
  expect(figure.data[0]).toMatchObject({ name: '10 others', marker: { color: '#8c8c8c' } })
  expect(figure.data).toHaveLength(25)
  expect(figure.data.reduce((sum, trace) => sum + trace['x'].length, 0)).toBeLessThan(20_100)
  expect(figure.layout['title'].text).toContain('20,000 of 40,000 points, an even sample')
})

test('hover columns and labels cannot break out of the text', async () => {
  const frame = frameOf({ x: 'int32', y: 'int32', name: 'utf8' }, [{ x: 1, y: 2, name: '<a href="x">&' }])
  const { figure } = await draw(scatter(frame, { x: 'x', y: 'y', hover: ['name'], labels: { y: '%{x}<i>' } }))
  expect(figure.data[0]!['text']).toEqual(['name: &lt;a href="x"&gt;&amp;'])
  expect(figure.data[0]!['hovertemplate']).toBe('x: %{x}<br>%\u200b{x}&lt;i&gt;: %{y}<br>%{text}<extra></extra>')
})

test('a stream has no rows yet, then rows, then what it ended with', async () => {
  const schema = { t: 'int32', v: 'float64' } as const
  const board = await Board.open(line(columnsOf(schema, 'stream'), { x: 't', y: 'v', most: 2 }))
  expect((await board.now())?.figure.layout['annotations']).toMatchObject([{ text: 'no rows yet' }])
  expect(await board.now()).toBeNull()
  await board.write(
    await batchOf(
      schema,
      [3, 1, 2].map(t => ({ t, v: t })),
    ),
  )
  expect((await board.now())?.figure.data[0]!['x']).toEqual([1, 2])
  const { figure, text } = await board.end()
  expect(figure.layout['title'].text).toContain('the latest 2 of 3 rows')
  expect(text.split('\n')[0]).toBe('line · v by t · the latest 2 of 3 rows')
})

test('a frame that corrects its rows shows the corrected ones', async () => {
  const schema = { origin: 'utf8', flights: 'int64' } as const
  const board = await Board.open(bar(columnsOf(schema, 'updating'), { x: 'origin', y: 'flights' }))
  const log = await batchOf(schema, [
    { origin: 'ATL', flights: 1 },
    { origin: 'SEA', flights: 5 },
    { origin: 'ATL', flights: 1 },
    { origin: 'ATL', flights: 2 },
  ])
  await board.write(new Batch(log.schema, log.length, log.columns, Uint8Array.of(0, 0, 1, 2)))
  expect((await board.end()).figure.data).toMatchObject([{ x: ['ATL', 'SEA'], y: [2, 5] }])
})

test('no rows at all are said', async () => {
  const { figure, text } = await draw(line(frameOf(days, []), { x: 'day', y: 'delayMinutes', color: 'origin' }))
  expect(figure.layout['annotations']).toMatchObject([{ text: 'no rows' }])
  expect(text).toBe('line · delay by day · 0 rows')
})

test('a plot without a picture is a small text', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({ day: at(i + 1), origin: 'ATL', delayMinutes: i }))
  const curve = await draw(line(frameOf(days, rows), { x: 'day', y: 'delayMinutes', color: 'origin' }))
  expect(curve.text).toBe(
    ['line · delay by day · 8 rows', 'day (UTC): 2001-04-01 … 2001-04-08', 'ATL  ▁▂▃▄▅▆▇█  0 … 7, last 7'].join('\n'),
  )
  const frame = frameOf({ origin: 'utf8', flights: 'int64' }, [
    { origin: 'ATL', flights: 30 },
    { origin: 'SEA', flights: 3 },
  ])
  expect((await draw(bar(frame, { x: 'origin', y: 'flights' }))).text.split('\n').slice(2)).toEqual([
    `ATL  ${'█'.repeat(30)} 30`,
    'SEA  ███ 3',
  ])
})
