import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, encodeFrame } from '../../../kernel/cell/frame.ts'

test('frames come out as they went in, however the pipe cuts them', () => {
  const frame = fc.record({ header: fc.dictionary(fc.string(), fc.string()), buffers: fc.array(fc.uint8Array()) })
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ header, buffers }) => encodeFrame(header, buffers)))
      const read: unknown[] = []
      const reader = new FrameReader(({ header, buffers }) =>
        read.push({ header, buffers: buffers.map(buffer => Uint8Array.from(buffer)) }),
      )
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = at + cuts[i % cuts.length]!
        reader.push(bytes.subarray(at, end))
        at = end
      }
      expect(read).toEqual(frames.map(({ header, buffers }) => ({ header: { ...header }, buffers })))
    }),
  )
})
