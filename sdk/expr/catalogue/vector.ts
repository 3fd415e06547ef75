import type { SparseVector, Value } from '../../data/column.ts'
import { isNumeric, scalar, type DataType, type Nullable } from '../../data/type.ts'
import type { EagerFunction, FunctionOptions, JsArg, Sql } from '../function.ts'
import { scaleOf } from '../promote.ts'
import { itemOf } from './list.ts'
import { anyNull } from './number.ts'
import { valueFunction } from './value-function.ts'

/**
 * Vectors of float64, dense and sparse. What a sparse vector does not hold is zero. Sums run by ascending index, plain
 * and uncompensated; between dense columns they read the arrays where they are.
 */

type Vector = Float64Array | SparseVector
type VectorType = Extract<DataType, { kind: 'vector' }>

const FLOAT64 = scalar('float64')
const NO_FLINK = { refused: 'Flink SQL has no vectors' }
const OTHER_ORDER = { refused: 'DuckDB sums vectors in another order' }

const vectorOf = (size: number, sparse: boolean): DataType => ({ kind: 'vector', size, sparse })
const sizeOf = (of: Nullable): number => (of.type.kind === 'vector' ? of.type.size : 0)

function two(name: string, result: (a: VectorType, b: VectorType) => DataType): EagerFunction['infer'] {
  return args => {
    const [a, b] = args.map(arg => arg.type)
    if (a!.kind !== 'vector') return `${name} takes vectors, and $0`
    if (b!.kind !== 'vector') return `${name} takes vectors, and $1`
    if (a!.size !== b!.size) return `${name} takes vectors of one size: $0, $1`
    return { type: result(a!, b!), nullable: anyNull(args) }
  }
}

function one(name: string, result: (a: VectorType) => DataType): EagerFunction['infer'] {
  return ([a]) =>
    a!.type.kind === 'vector' ? { type: result(a!.type), nullable: a!.nullable } : `${name} takes a vector, and $0`
}

/** A sum over `n` numbers of each of two arrays, from where they start. */
type PairSum = (a: Float64Array, from: number, b: Float64Array, start: number, n: number) => number

/** The values of two vectors at the indices that either holds. */
interface Pairs {
  readonly a: Float64Array
  readonly b: Float64Array
}

function pairsOf(a: Vector, b: Vector): Pairs {
  if (a instanceof Float64Array || b instanceof Float64Array) {
    const size = a instanceof Float64Array ? a.length : (b as Float64Array).length
    return { a: densified(a, size), b: densified(b, size) }
  }
  const [left, right] = [
    new Float64Array(a.indices.length + b.indices.length),
    new Float64Array(a.indices.length + b.indices.length),
  ]
  let [i, j, k] = [0, 0, 0]
  while (i < a.indices.length || j < b.indices.length) {
    const [x, y] = [a.indices[i] ?? Infinity, b.indices[j] ?? Infinity]
    if (x <= y) left[k] = a.values[i++]!
    if (y <= x) right[k] = b.values[j++]!
    k++
  }
  return { a: left.subarray(0, k), b: right.subarray(0, k) }
}

function densified(of: Vector, size: number): Float64Array {
  if (of instanceof Float64Array) return of
  const out = new Float64Array(size)
  for (let i = 0; i < of.indices.length; i++) out[of.indices[i]!] = of.values[i]!
  return out
}

function sparsified(of: Vector): SparseVector {
  if (!(of instanceof Float64Array)) return of
  const indices: number[] = []
  for (let i = 0; i < of.length; i++) if (of[i] !== 0) indices.push(i)
  return { indices: Int32Array.from(indices), values: Float64Array.from(indices, i => of[i]!) }
}

function pairSum(
  name: string,
  sum: (options: FunctionOptions) => PairSum,
  mixed: (options: FunctionOptions) => ((a: Vector, b: Vector) => number) | undefined = () => undefined,
): EagerFunction {
  const anyForm = (options: FunctionOptions): ((a: Vector, b: Vector) => number) => {
    const dense = sum(options)
    const sparse = mixed(options)
    return (a, b) => {
      if (a instanceof Float64Array && b instanceof Float64Array) return dense(a, 0, b, 0, a.length)
      if (sparse !== undefined) return sparse(a, b)
      const pairs = pairsOf(a, b)
      return dense(pairs.a, 0, pairs.b, 0, pairs.a.length)
    }
  }
  return {
    name,
    infer: two(name, () => FLOAT64),
    nulls: 'propagate',
    js: ([a, b], types, _, options, js) => {
      const dense = types.every(({ type }) => type.kind === 'vector' && !type.sparse)
      if (!dense) return { value: `${js.bind(anyForm(options))}(${a!.value}, ${b!.value})`, valid: null }
      return { value: `${js.bind(sum(options))}(${place(a!)}, ${place(b!)}, ${sizeOf(types[0]!)})`, valid: null }
    },
    evaluate: ([a, b], _, __, options) => anyForm(options)(a as Vector, b as Vector),
    duckdb: OTHER_ORDER,
    flink: NO_FLINK,
  }
}

/** The array of a dense vector and where it starts in it. */
function place(arg: JsArg): string {
  return arg.within === undefined ? `${arg.value}, 0` : `${arg.within.values}, ${arg.within.from}`
}

function denseDot(a: Float64Array, from: number, b: Float64Array, start: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += a[from + i]! * b[start + i]!
  return sum
}

/** Over what the sparse side holds alone, so that an infinity beside a zero that is not written adds nothing. */
function sparseDot(a: Vector, b: Vector): number {
  if (a instanceof Float64Array) return sparseDot(b, a)
  let sum = 0
  if (b instanceof Float64Array) {
    for (let i = 0; i < a.indices.length; i++) sum += a.values[i]! * b[a.indices[i]!]!
    return sum
  }
  let j = 0
  for (let i = 0; i < a.indices.length; i++) {
    while (j < b.indices.length && b.indices[j]! < a.indices[i]!) j++
    if (b.indices[j] === a.indices[i]) sum += a.values[i]! * b.values[j]!
  }
  return sum
}

function squared(a: Float64Array, from: number, b: Float64Array, start: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) {
    const gap = a[from + i]! - b[start + i]!
    sum += gap * gap
  }
  return sum
}

function manhattan(a: Float64Array, from: number, b: Float64Array, start: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += Math.abs(a[from + i]! - b[start + i]!)
  return sum
}

function cosineOf(a: Float64Array, from: number, b: Float64Array, start: number, n: number): number {
  let [product, left, right] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[from + i]!, b[start + i]!]
    product += x * y
    left += x * x
    right += y * y
  }
  const cosine = product / (Math.sqrt(left) * Math.sqrt(right))
  return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine
}

const DISTANCES: { readonly [kind: string]: PairSum } = {
  euclidean: (...args) => Math.sqrt(squared(...args)),
  squared,
  manhattan,
  cosine: (...args) => 1 - cosineOf(...args),
}

export const dot: EagerFunction = pairSum(
  'dot',
  () => denseDot,
  () => sparseDot,
)
export const cosine: EagerFunction = pairSum('cosine', () => cosineOf)

const distances = pairSum('distance', options => DISTANCES[options['kind'] as string]!)
export const distance: EagerFunction = {
  ...distances,
  infer: (args, options) =>
    Object.hasOwn(DISTANCES, options['kind'] as string)
      ? distances.infer(args, options)
      : `distance is one of ${Object.keys(DISTANCES).join(', ')}`,
}

const NORMS: { readonly [order: string]: (values: Float64Array, from: number, n: number) => number } = {
  1: (values, from, n) => {
    let sum = 0
    for (let i = from; i < from + n; i++) sum += Math.abs(values[i]!)
    return sum
  },
  2: (values, from, n) => {
    let sum = 0
    for (let i = from; i < from + n; i++) sum += values[i]! * values[i]!
    return Math.sqrt(sum)
  },
  Infinity: (values, from, n) => {
    let most = 0
    for (let i = from; i < from + n; i++) most = Math.max(most, Math.abs(values[i]!))
    return most
  },
}

const held = (of: Vector): Float64Array => (of instanceof Float64Array ? of : of.values)

export const norm: EagerFunction = {
  name: 'norm',
  infer: (args, options) =>
    Object.hasOwn(NORMS, String(options['order']))
      ? one('norm', () => FLOAT64)(args, options)
      : `norm is of order 1, 2 or Infinity`,
  nulls: 'propagate',
  js: ([a], types, _, options, js) => {
    const of = NORMS[String(options['order'])]!
    const { type } = types[0]!
    if (type.kind === 'vector' && type.sparse) {
      return { value: `${js.bind((v: Vector) => of(held(v), 0, held(v).length))}(${a!.value})`, valid: null }
    }
    return { value: `${js.bind(of)}(${place(a!)}, ${sizeOf(types[0]!)})`, valid: null }
  },
  evaluate: ([a], _, __, options) => NORMS[String(options['order'])]!(held(a as Vector), 0, held(a as Vector).length),
  duckdb: OTHER_ORDER,
  flink: NO_FLINK,
}

/** An operation element by element; sparse only where both are. */
function elementwise(name: string, sign: 1 | -1): EagerFunction {
  return valueFunction({
    name,
    infer: two(name, (a, b) => vectorOf(a.size, a.sparse && b.sparse)),
    make: ([a]) => {
      const size = sizeOf(a!)
      return (left: Vector, right: Vector) => {
        if (left instanceof Float64Array || right instanceof Float64Array) {
          const [x, y] = [densified(left, size), densified(right, size)]
          const out = new Float64Array(size)
          for (let i = 0; i < size; i++) out[i] = x[i]! + sign * y[i]!
          return out
        }
        const x = densified(left, size)
        for (let i = 0; i < right.indices.length; i++) x[right.indices[i]!]! += sign * right.values[i]!
        return sparsified(x)
      }
    },
    duckdb: { refused: 'DuckDB has no arithmetic on arrays' },
    flink: NO_FLINK,
  })
}

export const addVectors: EagerFunction = elementwise('add', 1)
export const subVectors: EagerFunction = elementwise('sub', -1)

export const scale: EagerFunction = valueFunction({
  name: 'scale',
  infer: args => {
    const { type } = args[0]!
    if (type.kind !== 'vector') return `scale takes a vector and a number, and $0`
    if (!isNumeric(args[1]!.type)) return `scale takes a vector and a number, and $1`
    return { type, nullable: anyNull(args), cast: [undefined, FLOAT64] }
  },
  make: () => (of: Vector, factor: number) =>
    of instanceof Float64Array
      ? of.map(x => x * factor)
      : { indices: of.indices, values: of.values.map(x => x * factor) },
  duckdb: { refused: 'DuckDB has no arithmetic on arrays' },
  flink: NO_FLINK,
})

const cells = ([a]: readonly Nullable[], sql: string): ReturnType<Extract<Sql, (...args: never[]) => unknown>> =>
  a!.type.kind === 'vector' && a!.type.sparse ? { refused: 'DuckDB has no sparse vectors' } : sql

export const at: EagerFunction = valueFunction({
  name: 'at',
  infer: (args, options) => {
    const { type, nullable } = args[0]!
    if (type.kind !== 'vector') return `at takes a vector, and $0`
    const i = options['i'] as number
    if (!Number.isInteger(i) || i >= type.size || i < -type.size) return `there is no element ${i}: $0`
    return { type: FLOAT64, nullable }
  },
  make: ([a], _, options) => {
    const i = (options['i'] as number) + ((options['i'] as number) < 0 ? sizeOf(a!) : 0)
    return (of: Vector) => {
      if (of instanceof Float64Array) return of[i]!
      const k = of.indices.indexOf(i)
      return k < 0 ? 0 : of.values[k]!
    }
  },
  duckdb: ([a], types, options) => {
    const i = options['i'] as number
    return cells(types, `${a}[${i < 0 ? i : i + 1}]`)
  },
  flink: NO_FLINK,
})

export const toList: EagerFunction = valueFunction({
  name: 'toList',
  infer: one('toList', () => ({ kind: 'list', item: { type: FLOAT64, nullable: false } })),
  make:
    ([a]) =>
    (of: Vector) => [...densified(of, sizeOf(a!))],
  duckdb: ([a], types) => cells(types, `CAST(${a} AS DOUBLE[])`),
  flink: NO_FLINK,
})

export const toDense: EagerFunction = valueFunction({
  name: 'toDense',
  infer: one('toDense', ({ size }) => vectorOf(size, false)),
  make:
    ([a]) =>
    (of: Vector) =>
      densified(of, sizeOf(a!)),
  duckdb: ([a], types) => cells(types, a!),
  flink: NO_FLINK,
})

export const toSparse: EagerFunction = valueFunction({
  name: 'toSparse',
  infer: one('toSparse', ({ size }) => vectorOf(size, true)),
  make: () => sparsified,
  duckdb: { refused: 'DuckDB has no sparse vectors' },
  flink: NO_FLINK,
})

export const toVector: EagerFunction = valueFunction({
  name: 'toVector',
  infer: ([a], options) => {
    const size = options['size'] as number
    if (!Number.isInteger(size) || size < 1)
      return `toVector takes how many numbers a vector has, a whole number from 1 on`
    if (a!.type.kind !== 'list' || !isNumeric(a!.type.item.type)) return `toVector takes a list of numbers, and $0`
    return { type: vectorOf(size, false), nullable: a!.nullable }
  },
  make: ([a], _, options) => {
    const unit = 10 ** scaleOf(itemOf(a!.type).type)
    return (list: readonly Value[]) =>
      list.length === options['size'] && !list.includes(null)
        ? Float64Array.from(list, item => Number(item) / unit)
        : undefined
  },
  failure: (_, options) => `its list has another size than ${String(options['size'])}, or a null in it`,
  duckdb: ([a], _, options) =>
    `CASE WHEN list_count(${a}) <> len(${a}) THEN error('null in a vector') ELSE CAST(${a} AS DOUBLE[${String(options['size'])}]) END`,
  flink: NO_FLINK,
})

export const vector: EagerFunction = valueFunction({
  name: 'vector',
  form: 'function',
  infer: args => {
    if (args.length === 0) return 'vector takes at least one number'
    const wrong = args.findIndex(({ type }) => !isNumeric(type))
    if (wrong >= 0) return `vector takes numbers, and $${wrong}`
    return { type: vectorOf(args.length, false), nullable: anyNull(args), cast: args.map(() => FLOAT64) }
  },
  make:
    () =>
    (...numbers: readonly number[]) =>
      Float64Array.from(numbers),
  duckdb: args =>
    `CASE WHEN ${args.map(arg => `${arg} IS NULL`).join(' OR ')} THEN NULL ELSE array_value(${args.join(', ')}) END`,
  flink: NO_FLINK,
})
