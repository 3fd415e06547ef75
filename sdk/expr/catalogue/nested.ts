import type { SparseVector, Value } from '../../data/column.ts'
import { didYouMean } from '../../data/errors.ts'
import { scalar, type DataType } from '../../data/type.ts'
import type { EagerFunction, JsScope } from '../function.ts'
import { anyNull } from './number.ts'

/** Lists, structs and vectors: what reaches into a value. */

export const size: EagerFunction = {
  name: 'size',
  infer: ([a]) => {
    if (a!.type.kind !== 'list' && a!.type.kind !== 'map') return `size takes a list, and $0`
    return { type: scalar('int32'), nullable: a!.nullable }
  },
  nulls: 'propagate',
  js: ([a]) => ({ value: `${a!.value}.length`, valid: null }),
  evaluate: ([a]) => (a as readonly Value[]).length,
  duckdb: ([a]) => `CAST(len(${a}) AS INTEGER)`,
  flink: ([a]) => `CARDINALITY(${a})`,
}

export const field: EagerFunction = {
  name: 'field',
  infer: ([a], options) => {
    const name = options['name'] as string
    if (a!.type.kind !== 'struct') return `field takes a struct, and $0`
    const found = a!.type.fields.find(each => each.name === name)
    if (found !== undefined) return { type: found.type, nullable: found.nullable || a!.nullable }
    const names = a!.type.fields.map(each => each.name)
    return `there is no field "${name}".${didYouMean(name, names)} $0`
  },
  nulls: 'own',
  js: ([a], types, result, options, js) => {
    const at = position(types[0]!.type, options['name'] as string)
    const whole = js.local(a!.valid === null ? `${a!.value}[${at}]` : `${a!.valid} === 1 ? ${a!.value}[${at}] : null`)
    return { value: physical(whole, result.type, js), valid: result.nullable ? `(${whole} === null ? 0 : 1)` : null }
  },
  evaluate: ([a], types, _, options) =>
    a === null ? null : (a as readonly Value[])[position(types[0]!.type, options['name'] as string)]!,
  duckdb: ([a], _, options) => `struct_extract(${a}, '${String(options['name']).replaceAll(`'`, `''`)}')`,
  flink: ([a], _, options) => `${a}.\`${String(options['name'])}\``,
}

function position(type: DataType, name: string): number {
  return type.kind === 'struct' ? type.fields.findIndex(each => each.name === name) : -1
}

function physical(value: string, type: DataType, js: JsScope): string {
  return type.kind === 'bool' ? js.local(`${value} === true ? 1 : 0`) : value
}

export const dot: EagerFunction = {
  name: 'dot',
  infer: args => {
    const [a, b] = args.map(arg => arg.type)
    if (a!.kind !== 'vector') return `dot takes vectors, and $0`
    if (b!.kind !== 'vector') return `dot takes vectors, and $1`
    if (a!.size !== b!.size) return `dot takes vectors of one size: $0, $1`
    return { type: scalar('float64'), nullable: anyNull(args) }
  },
  nulls: 'propagate',
  js: ([a, b], _, __, ___, js) => ({ value: `${js.bind(dotProduct)}(${a!.value}, ${b!.value})`, valid: null }),
  evaluate: ([a, b]) => dotProduct(a as Float64Array | SparseVector, b as Float64Array | SparseVector),
  duckdb: { refused: 'DuckDB sums a scalar product in another order' },
  flink: { refused: 'Flink SQL has no vectors' },
}

function dotProduct(a: Float64Array | SparseVector, b: Float64Array | SparseVector): number {
  if (a instanceof Float64Array) return b instanceof Float64Array ? denseDot(a, b) : sparseDot(b, index => a[index]!)
  if (b instanceof Float64Array) return sparseDot(a, index => b[index]!)
  const other = new Map([...b.indices].map((index, i) => [index, b.values[i]!]))
  return sparseDot(a, index => other.get(index) ?? 0)
}

function denseDot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function sparseDot(a: SparseVector, other: (index: number) => number): number {
  let sum = 0
  for (let i = 0; i < a.indices.length; i++) sum += a.values[i]! * other(a.indices[i]!)
  return sum
}
