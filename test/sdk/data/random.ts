/** Random types, and random values of a type as the engine holds them. */
import fc from 'fast-check'
import type { Value } from '../../../sdk/data/column.ts'
import { scalar, type DataType, type Nullable, type Scalar } from '../../../sdk/data/type.ts'

const scalars: readonly Scalar[] = [
  'bool',
  'int32',
  'int64',
  'bigint',
  'float32',
  'float64',
  'utf8',
  'binary',
  'timestamp',
  'date',
  'duration',
]

const decimal = fc
  .integer({ min: 1, max: 18 })
  .chain(precision => fc.nat(precision).map(scale => ({ kind: 'decimal', precision, scale }) as const))
const vector = fc.record({
  kind: fc.constant('vector' as const),
  size: fc.integer({ min: 1, max: 5 }),
  sparse: fc.boolean(),
})
const flat: fc.Arbitrary<DataType> = fc.oneof(fc.constantFrom(...scalars.map(scalar)), decimal, vector)

/** Any type, at most three levels deep. */
export const anyType: fc.Arbitrary<DataType> = nested(2)

function nested(depth: number): fc.Arbitrary<DataType> {
  if (depth === 0) return flat
  const inner = nested(depth - 1)
  const item: fc.Arbitrary<Nullable> = fc.record({ type: inner, nullable: fc.boolean() })
  return fc.oneof(
    { arbitrary: flat, weight: 3 },
    { arbitrary: item.map(of => ({ kind: 'list', item: of }) as const), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom(scalar('utf8'), scalar('int32')), item)
        .map(([key, value]) => ({ kind: 'map', key, value }) as const),
      weight: 1,
    },
    {
      arbitrary: fc
        .array(item, { minLength: 1, maxLength: 3 })
        .map(items => ({ kind: 'struct', fields: items.map((of, i) => ({ name: `f${i}`, ...of })) }) as const),
      weight: 1,
    },
  )
}

const SAFE = Number.MAX_SAFE_INTEGER

/** A physical value of a type, never null at the top. */
export function valueOf(type: DataType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean()
    case 'int32':
    case 'date':
      return fc.integer()
    case 'int64':
    case 'timestamp':
      return fc.integer({ min: -SAFE, max: SAFE })
    case 'duration': // beyond, milliseconds do not tell one microsecond from the next
      return fc.integer({ min: -(2 ** 42) * 1000, max: 2 ** 42 * 1000 })
    case 'bigint':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'float32':
      return fc.float()
    case 'float64':
      return fc.double()
    case 'utf8':
      return fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'a', 'b'))
    case 'binary':
      return fc.uint8Array({ maxLength: 4 }).map(bytes => new Uint8Array(bytes))
    case 'decimal':
      return fc.bigInt({ min: -(10n ** BigInt(type.precision)) + 1n, max: 10n ** BigInt(type.precision) - 1n })
    case 'list':
      return fc.array(cellOf(type.item), { maxLength: 3 })
    case 'struct':
      return fc.tuple(...type.fields.map(cellOf))
    case 'map':
      return fc.array(fc.tuple(valueOf(type.key), cellOf(type.value)), { maxLength: 3 })
    case 'vector':
      if (!type.sparse)
        return fc.array(fc.double(), { minLength: type.size, maxLength: type.size }).map(v => Float64Array.from(v))
      return fc.subarray(Array.from({ length: type.size }, (_, i) => i)).chain(indices =>
        fc.array(fc.double(), { minLength: indices.length, maxLength: indices.length }).map(values => ({
          indices: Int32Array.from(indices),
          values: Float64Array.from(values),
        })),
      )
  }
}

export function cellOf(of: Nullable): fc.Arbitrary<Value> {
  return of.nullable ? fc.option(valueOf(of.type), { freq: 3 }) : valueOf(of.type)
}
