import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellColumn } from '../../../sdk/connector/cell.ts'
import { TextBuilder } from '../../../sdk/connector/text-builder.ts'
import { valueAt, type Column } from '../../../sdk/data/column.ts'

const valuesOf = (column: Column): unknown[] => Array.from({ length: column.length }, (_, i) => valueAt(column, i))

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', '\\', '\n', '\r', '\t', 'é', '😀', ' ', '\u007f') }),
  fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 80 }),
)

test('a text read up to its end is the one that pushing it gives, wherever it stands in its window', () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 40 }),
      fc.constantFrom(44, 59, 124),
      fc.boolean(),
      (texts, stop, quoted) => {
        const [read, pushed] = [new TextBuilder(), new TextBuilder()]
        const plain = (byte: number): boolean => byte >= 32 && byte !== 34 && byte !== stop
        for (const each of texts) {
          const bytes = Buffer.from(each + (quoted ? '"' : '\n'))
          const end = bytes.findIndex(byte => !plain(byte))
          const ends = quoted ? bytes[end] === 34 : [stop, 10, 13].includes(bytes[end]!)
          expect(read.read(bytes, 0, stop, quoted)).toBe(ends ? end : -1)
          if (ends) pushed.push(bytes, 0, end)
        }
        expect(valuesOf(read.finish())).toEqual(valuesOf(pushed.finish()))
      },
    ),
  )
})

test('columns share a dictionary that grows at its end, until most texts are new', () => {
  const builder = new TextBuilder()
  const column = (from: number, to: number): ReturnType<TextBuilder['finish']> => {
    for (let i = from; i < to; i++) builder.pushText(`text ${i % 150_000}`)
    return builder.finish()
  }
  const first = column(0, 60_000)
  const second = column(30_000, 100_000)
  expect(second.strings).toBe(first.strings)
  expect(second.strings.length).toBe(100_000)
  expect(valueAt(first, 59_999)).toBe('text 59999')
  expect(valueAt(second, 0)).toBe('text 30000')
  expect(column(100_000, 150_000).strings).toBe(first.strings) // all are new, and the next ones are not looked up
  const last = column(0, 10)
  expect(last.codes).toBeNull()
  expect(last.strings.slice(0, 2)).toEqual(['text 0', 'text 1'])
})

const digits = fc.string({
  unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
  minLength: 1,
  maxLength: 25,
})
const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.option(digits),
    fc.option(fc.tuple(fc.constantFrom('e', 'E-', 'e+'), digits)),
  )
  .map(([sign, whole, places, exponent]) => {
    const shortened = exponent === null ? '' : exponent[0] + exponent[1].slice(0, 3)
    return sign + whole + (places === null ? '' : `.${places}`) + shortened
  })

test('numbers read from their digits are those of Number, and fit their type', () => {
  const anyNumber = fc.oneof(number, fc.double().map(String), fc.maxSafeInteger().map(String), fc.bigInt().map(String))
  const near = fc
    .constantFrom('2147483647', '2147483648', '-2147483648', '-2147483649', '9007199254740991')
    .chain(edge => fc.constantFrom(edge, `${edge}0`, `${edge}.0`, `${edge}.5`, `${edge.slice(0, -1)}2`, `-${edge}`))
  const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
  fc.assert(
    fc.property(fc.oneof(anyNumber, near), fc.constantFrom(',', '\n', '}', ' ', 'x'), (written, after) => {
      const bytes = Buffer.from(`;${written}${after}`)
      const value = JSON_NUMBER.test(written) && Number.isFinite(Number(written)) ? Number(written) : null
      for (const [kind, holds] of [
        ['float64', () => true],
        ['int64', Number.isSafeInteger],
        ['int32', (v: number) => (v | 0) === v],
      ] as const) {
        const column = cellColumn({ kind })
        const end = column.read(bytes, 1)
        const fits = value !== null && holds(value)
        const found = { whole: end === 1 + written.length, values: valuesOf(column.finish()) }
        const { values } = found
        expect(found, `${written} as ${kind}`).toEqual(
          fits
            ? { whole: true, values: [kind === 'float64' ? value : value + 0] }
            : { whole: false, values: end < 0 ? [] : values },
        )
      }
    }),
    { numRuns: 3000 },
  )
})
