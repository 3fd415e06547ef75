import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { didYouMean } from '../../../sdk/data/errors.ts'
import { Schema } from '../../../sdk/data/schema.ts'
import {
  bareText,
  isFloat,
  isInteger,
  isNumeric,
  parseType,
  sameType,
  scalar,
  typeText,
  type DataType,
  type Nullable,
  type TypeText,
} from '../../../sdk/data/type.ts'
import { anyType } from './random.ts'

const parse = (text: string): Nullable => parseType(text as TypeText)

describe('a type text', () => {
  test('prints as it was read, for every type without structs', () => {
    const hasStruct = (type: DataType): boolean =>
      type.kind === 'struct' ||
      (type.kind === 'list' && hasStruct(type.item.type)) ||
      (type.kind === 'map' && (hasStruct(type.key) || hasStruct(type.value.type)))
    fc.assert(
      fc.property(
        anyType.filter(type => !hasStruct(type)),
        fc.boolean(),
        (type, nullable) => {
          const text = typeText({ type, nullable })
          expect(parse(text)).toEqual({ type, nullable })
          expect(sameType(parse(text).type, type)).toBe(true)
        },
      ),
    )
  })

  test.each([
    ['float64?', { type: { kind: 'float64' }, nullable: true }],
    ['utf8?[]', { type: { kind: 'list', item: { type: { kind: 'utf8' }, nullable: true } }, nullable: false }],
    ['decimal(18,2)', { type: { kind: 'decimal', precision: 18, scale: 2 }, nullable: false }],
    ['sparse(3)?', { type: { kind: 'vector', size: 3, sparse: true }, nullable: true }],
    [
      'map(utf8,map(int32,float64?))',
      {
        type: {
          kind: 'map',
          key: { kind: 'utf8' },
          value: {
            type: { kind: 'map', key: { kind: 'int32' }, value: { type: { kind: 'float64' }, nullable: true } },
            nullable: false,
          },
        },
        nullable: false,
      },
    ],
  ])('%s is a tree', (text, tree) => {
    expect(parse(text)).toEqual(tree)
  })

  test.each([
    ['int', '"int" is not a column type. Types are bool, int32'],
    ['decimal(19,2)', '"decimal(19,2)" is not a column type: decimal(p,s) needs 1 ≤ p ≤ 18 and 0 ≤ s ≤ p.'],
    ['decimal(2,3)', 'decimal(p,s) needs'],
    ['vector(0)', 'is not a column type'],
    ['vector(1.5)', 'is not a column type'],
    ['map(utf8)', 'is not a column type'],
    ['map(utf8?,int32)', 'the key of a map cannot be null'],
    ['int32??', 'is not a column type'],
    ['', 'is not a column type'],
  ])('%j is refused', (text, why) => {
    expect(() => parse(text)).toThrow(why)
  })

  test('of scalars is one object, and kinds of numbers are told apart', () => {
    expect(parse('int32').type).toBe(scalar('int32'))
    const kinds = ['bool', 'int32', 'int64', 'bigint', 'float32', 'float64', 'decimal(3,1)', 'timestamp']
    expect(
      kinds.map(kind => [isNumeric, isInteger, isFloat].map(is => (is(parse(kind).type) ? 1 : 0)).join('')),
    ).toEqual(['000', '110', '110', '110', '101', '101', '100', '000'])
  })
})

describe('a schema', () => {
  const schema = Schema.of({ delay: 'float64?', origin: 'utf8', place: { lat: 'float64', names: 'utf8[]' } })

  test('prints as the literal that declares it', () => {
    expect(String(schema)).toBe(`{ delay: 'float64?', origin: 'utf8', place: { lat: 'float64', names: 'utf8[]' } }`)
    expect(String(Schema.of({ 'two words': 'int32' }))).toBe(`{ "two words": 'int32' }`)
    expect(String(Schema.of({}))).toBe('{}')
    expect(bareText(schema.fields[2]!.type)).toBe('{ lat: float64, names: utf8[] }')
  })

  test('finds fields by name, and picks some in another order', () => {
    expect([schema.indexOf('origin'), schema.indexOf('nothing'), schema.has('delay')]).toEqual([1, -1, true])
    expect(schema.pick(['origin', 'delay']).toObject()).toEqual({ origin: 'utf8', delay: 'float64?' })
  })

  test('names the columns when one is unknown, and refuses two of one name', () => {
    expect(() => schema.field('dealy', 'filter')).toThrow(
      'filter: there is no column "dealy". Did you mean "delay"? The columns are delay, origin, place.',
    )
    const field = schema.fields[0]!
    expect(() => new Schema([field, field])).toThrow('there are two columns named "delay"')
  })
})

test.each([
  ['dealy', ' Did you mean "delay"?'],
  ['DELAY', ' Did you mean "delay"?'],
  ['orgin', ' Did you mean "origin"?'],
  ['zzzzzz', ''],
  ['destinaton', ' Did you mean "destination"?'],
])('the name nearest to %s', (found, hint) => {
  expect(didYouMean(found, ['delay', 'origin', 'destination'])).toBe(hint)
})
