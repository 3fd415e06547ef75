import { expect, test } from 'vitest'
import { scalar } from '../../../sdk/data/type.ts'
import { labelOf, labelText, parseLabel } from '../../../sdk/plot/label.ts'

test.each([
  ['windowStart', 'window start'],
  ['delayMinutes', 'delay (min)'],
  ['speed_kmh', 'speed (km/h)'],
  ['temperature_celsius', 'temperature (°C)'],
  ['minutes', 'minutes'],
  ['HTTPStatus', 'HTTP status'],
  ['AUC', 'AUC'],
  ['Größe', 'größe'],
  ['constructor', 'constructor'],
  ['a.toString', 'a.to string'],
  ['_', '_'],
])('%s reads %s', (column, label) => {
  expect(labelText(labelOf(column))).toBe(label)
})

test('a duration is drawn in seconds, whatever its name says', () => {
  expect(labelText(labelOf('waitMinutes', scalar('duration')))).toBe('wait (s)')
})

test('a written label keeps its unit apart', () => {
  expect(parseLabel('delay (minutes)')).toEqual({ text: 'delay', unit: 'minutes' })
  expect(parseLabel('share')).toEqual({ text: 'share', unit: '' })
})
