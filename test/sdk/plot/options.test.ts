import { expect, test } from 'vitest'
import type { Columns } from '../../../sdk/data/type.ts'
import type { Frame } from '../../../sdk/frame/frame.ts'
import type { Output } from '../../../sdk/frame/output.ts'
import type { Kind } from '../../../sdk/plan/node.ts'
import { bar, heatmap, histogram, line, scatter, type XYOptions } from 'millrace/plot'
import { columnsOf, frameOf } from './draw.ts'

const schema = { at: 'timestamp', origin: 'utf8', delay: 'float64?', tags: 'utf8[]' } as const
const typed = frameOf(schema, [])
const loose: Frame<Columns, Kind> = frameOf<Columns>(schema, [])

test.each([
  [
    () => line(loose, { x: 'att', y: 'delay' }),
    'line: x: there is no column "att". Did you mean "at"? The columns are at, origin, delay, tags.',
  ],
  [() => line(loose, { x: 'at', y: 'origin' }), 'line: y needs a column of numbers, but "origin" is utf8.'],
  [
    () => bar(loose, { x: 'tags', y: 'delay' }),
    'bar: x needs a column of numbers, texts, bools or times, but "tags" is utf8[].',
  ],
  [() => line(loose, { x: 'at', y: [] }), "line: y names no column. Write y: 'name'."],
  [
    () => scatter(loose, { x: 'at', y: 'delay', size: 'at' }),
    'scatter: size needs a column of numbers, but "at" is timestamp.',
  ],
  [
    () => heatmap(loose, { x: 'at', y: 'origin', value: 'origin' }),
    'heatmap: value needs a column of numbers, but "origin" is utf8.',
  ],
  [
    () => histogram(loose, { x: 'origin' }),
    'histogram: x needs a column of numbers or times, but "origin" is utf8. Count its values: frame.groupBy(\'origin\').aggregate(() => ({ rows: count() })), and draw bars.',
  ],
  [
    () => histogram(loose, { x: 'delay', bins: 0.5 }),
    'histogram: bins is 0.5, and must be a whole number of at least 1.',
  ],
  [() => line(loose, { x: 'at', y: 'delay', height: 0 }), 'line: height is 0, and must be a number above 0.'],
  [
    () => line(loose, { x: 'delay', y: 'delay', last: '1 hour' }),
    'line: last needs an x that is a time, but "delay" is float64?. Use most: 1000 for the latest rows.',
  ],
  [
    () => line(loose, { x: 'at', y: 'delay', labels: { dely: 'x' } }),
    'line: labels: there is no column "dely". Did you mean "delay"? The columns are at, origin, delay, tags.',
  ],
  [
    () => line(loose, Object.assign({ x: 'at', y: 'delay' }, { colour: 'origin' })),
    'line: there is no option "colour". Did you mean "color"? The options are x, y, color, hover, last, most, title, labels, height, file.',
  ],
  [
    () => histogram(columnsOf(schema, 'updating'), { x: 'delay' }),
    "histogram: the read corrects rows it has given. Aggregate in windows: .window(tumble('1 minute')).",
  ],
])('%o is refused', (make, sentence) => {
  expect(make).toThrow(sentence)
})

test('the type checker knows which columns an option takes', () => {
  const generic = <C extends Columns, K extends Kind>(frame: Frame<C, K>, options: XYOptions<C>): Output =>
    line(frame, options)
  generic(typed, { x: 'at', y: ['delay'], color: 'origin', hover: ['tags'], labels: { delay: 'delay (min)' } })
  // @ts-expect-error -- text is not a number
  expect(() => line(typed, { x: 'at', y: 'origin' })).toThrow('needs a column of numbers')
  // @ts-expect-error -- there is no such column
  expect(() => line(typed, { x: 'att', y: 'delay' })).toThrow('there is no column')
  // @ts-expect-error -- a time is not a number
  expect(() => scatter(typed, { x: 'at', y: 'delay', size: 'at' })).toThrow('needs a column of numbers')
  // @ts-expect-error -- a text has no bins
  expect(() => histogram(typed, { x: 'origin' })).toThrow('needs a column of numbers or times')
  // @ts-expect-error -- lines do not stack
  expect(() => line(typed, { x: 'at', y: 'delay', stacked: true })).toThrow('there is no option')
})
