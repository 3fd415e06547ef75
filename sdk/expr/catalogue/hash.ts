import type { Value } from '../../data/column.ts'
import { scalar, type DataType } from '../../data/type.ts'
import type { EagerFunction } from '../function.ts'

/**
 * A hash of values that is the same on every machine: MurmurHash3 (x86, 32 bits) of their bytes with the seeds 0 and 1,
 * of which h₀ · 2²¹ + (h₁ >>> 11) makes 53 bits. Null hashes to 0.
 *
 * The bytes of text are its UTF-8; those of a whole number, a time (microseconds), a date (days), a duration and a
 * decimal (unscaled) are its 64 bits, little-endian; a float is a float64, with one NaN and one zero; a bool is a byte.
 * Of several values each stands behind its length as 32 bits, and null is the length 0xffffffff.
 */

const REFUSED = { refused: 'the hash of another executor is another one' }
const PLAIN = new Set(['bool', 'int32', 'int64', 'bigint', 'float32', 'float64', 'utf8', 'binary'])
const COUNTED = new Set(['decimal', 'timestamp', 'date', 'duration'])

export const hash: EagerFunction = {
  name: 'hash',
  infer: args => {
    const wrong = args.findIndex(({ type }) => !PLAIN.has(type.kind) && !COUNTED.has(type.kind))
    if (wrong >= 0) return `hash takes values that are no lists, structs, maps or vectors, and $${wrong}`
    return { type: scalar('int64'), nullable: false }
  },
  nulls: 'own',
  js: (args, types, _, __, js) => {
    const run = js.bind(hasher(types.map(({ type }) => type)))
    const values = args.map(({ value, valid }, i) => {
      const shown = types[i]!.type.kind === 'bool' ? `${value} === 1` : value
      return valid === null ? shown : `${valid} === 1 ? ${shown} : null`
    })
    return { value: `${run}(${values.join(', ')})`, valid: null }
  },
  evaluate: (args, types) => hasher(types.map(({ type }) => type))(...args),
  duckdb: REFUSED,
  flink: REFUSED,
}

/** The same for several values: `hash(t.a, t.b)`. */
export const hashOf: EagerFunction = { ...hash, form: 'function' }

function hasher(types: readonly DataType[]): (...values: readonly Value[]) => number {
  if (types.length === 1) {
    const float = isFloat(types[0]!)
    return (value = null) => (value === null ? 0 : murmur53(write(value, float, 0)))
  }
  const floats = types.map(isFloat)
  return (...values) => {
    let length = 0
    for (const [i, value] of values.entries()) {
      reserve(length + 4)
      const end = value === null ? length + 4 : write(value, floats[i]!, length + 4)
      view.setUint32(length, value === null ? 0xffffffff : end - length - 4, true)
      length = end
    }
    return murmur53(length)
  }
}

const isFloat = (type: DataType): boolean => type.kind === 'float64' || type.kind === 'float32'

/** The bytes of what is hashed, kept from call to call. */
let bytes = Buffer.alloc(1024)
let view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

function reserve(length: number): void {
  if (length <= bytes.length) return
  const larger = Buffer.alloc(2 * length)
  bytes.copy(larger)
  bytes = larger
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Writes the bytes of a value and gives their end. */
function write(value: Exclude<Value, null>, float: boolean, at: number): number {
  switch (typeof value) {
    case 'string':
      reserve(at + 3 * value.length)
      return at + bytes.write(value, at)
    case 'boolean':
      reserve(at + 1)
      view.setUint8(at, value ? 1 : 0)
      return at + 1
    case 'number':
      reserve(at + 8)
      if (float) view.setFloat64(at, value === 0 ? 0 : value === value ? value : NaN, true)
      else {
        view.setUint32(at, value >>> 0, true)
        view.setInt32(at + 4, Math.floor(value / 2 ** 32), true)
      }
      return at + 8
    case 'bigint':
      reserve(at + 8)
      view.setBigInt64(at, value, true)
      return at + 8
    default:
      if (!(value instanceof Uint8Array)) throw new TypeError('a value without bytes')
      reserve(at + value.length)
      bytes.set(value, at)
      return at + value.length
  }
}

function murmur53(length: number): number {
  return murmur32(length, 0) * 2 ** 21 + (murmur32(length, 1) >>> 11)
}

/** MurmurHash3_x86_32 by Austin Appleby. */
function murmur32(length: number, seed: number): number {
  let h = seed
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    h ^= mixed(view.getInt32(i, true))
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = length - 1; i >= whole; i--) tail = (tail << 8) | bytes[i]!
  if (length > whole) h ^= mixed(tail)
  h ^= length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function mixed(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}
