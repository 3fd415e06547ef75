/** LZ4 frames: what is packed is unpacked, and what is in a frame is as the format says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lz4Frame, toLz4Frame } from '../../../sdk/connector/lz4-frame.ts'

const back = (bytes: Uint8Array): Uint8Array => lz4Frame(toLz4Frame(bytes), bytes.length)

test('bytes that are packed are unpacked equal, with runs, repeats and neither', () => {
  const run = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(400))
  fc.assert(
    fc.property(fc.array(fc.oneof(run, fc.tuple(fc.uint8Array({ maxLength: 400 }), fc.constant(1)))), parts => {
      const bytes = Buffer.concat(parts.flatMap(([part, times]) => Array.from({ length: times }, () => part)))
      expect(Buffer.compare(back(bytes), bytes)).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('a run is a literal, a match one back, and five literals at the end', () => {
  const packed = toLz4Frame(new Uint8Array(300).fill(7))
  // 300 = 1 literal + a match of 294 = 4 + 15 + 255 + 20, and 5 literals
  expect([...packed.subarray(7)]).toEqual([12, 0, 0, 0, 0x1f, 7, 1, 0, 255, 20, 0x50, 7, 7, 7, 7, 7, 0, 0, 0, 0])
})

test('bytes without repeats stand as they are, in blocks of 4 MB', () => {
  let x = 1
  const bytes = Uint8Array.from({ length: (1 << 22) + 100 }, () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return x
  })
  const packed = toLz4Frame(bytes)
  expect(packed.length).toBe(7 + 4 + (1 << 22) + 4 + 100 + 4)
  expect(Buffer.compare(lz4Frame(packed, bytes.length), bytes)).toBe(0)
  expect(toLz4Frame(new Uint8Array(0))).toEqual(Uint8Array.of(4, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73, 0, 0, 0, 0))
})
