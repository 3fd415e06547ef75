import { expect, test } from 'vitest'
import { columnOf } from '../../../sdk/data/builder.ts'
import type { TextColumn } from '../../../sdk/data/column.ts'
import { MemoryMeter } from '../../../sdk/data/memory-meter.ts'
import { scalar } from '../../../sdk/data/type.ts'

const floats = columnOf(scalar('float64'), [1, 2, 3])
const strings = ['one', 'two', 'three']
const text = (codes: number[]): TextColumn => ({
  layout: 'text',
  type: scalar('utf8'),
  length: codes.length,
  valid: null,
  strings,
  codes: Int32Array.from(codes),
})

test('a dictionary counts once, until the last that uses it is taken back', () => {
  const meter = new MemoryMeter()
  const [a, b] = [{ columns: [floats, text([0, 1, 2])] }, { columns: [text([2])] }]
  meter.add(a)
  expect(meter.bytes).toBe(3 * 8 + 3 * 4 + 3 * 24 + 2 * 11)
  meter.add(b)
  expect(meter.bytes).toBe(3 * 8 + 3 * 4 + 3 * 24 + 2 * 11 + 4)
  strings.push('four')
  meter.add(b)
  expect(meter.bytes).toBe(3 * 8 + 3 * 4 + 4 * 24 + 2 * 15 + 2 * 4)
  meter.remove(b)
  meter.remove(a)
  expect(meter.bytes).toBe(4 + 4 * 24 + 2 * 15)
  meter.remove(b)
  expect(meter.bytes).toBe(0)
  meter.add(b)
  expect(meter.bytes).toBe(4 + 4 * 24 + 2 * 15)
})
